/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sessions of an ISO 9660 image that was written in several goes. Each has descriptors of its own 16 sectors from its
 * start, which count blocks from the start of the image, and whose tree tells of the files of the earlier ones that it keeps:
 * the last one is what a drive shows. The size in a descriptor is that of its session.
 *
 * An image of a medium that can be overwritten has the last one's descriptors at its beginning, made to tell of the whole;
 * xorriso keeps the first one's at sector 32 of it. Specification: ECMA-119 8.4; Linux fs/isofs/inode.c
 * (isofs_get_last_session); xorriso(1), "multi-session".
 */
#include <stdio.h>

#include "format/iso9660.h"

/* Between two sessions of a CD are 11,400 sectors: the lead-out of the first (6,750), the lead-in of the second (4,500), a pregap
 * (150); a writer may round up. On other media they are fewer than 32. */
#define GAP_MAX 16384u
#define SESSIONS_MAX 1000u
#define FIRST_KEPT 32u /* where xorriso keeps the first session's descriptors */

/* Whether the root that the descriptor tells of is there: its first record is its own, at the block that it names. */
static bool root_is_there(struct span image, const struct iso_primary *p)
{
	uint32_t root = span_u32le(p->descriptor, 158);
	struct span self = span_sub(image, (uint64_t)root * p->block, 34);
	return self.p && self.p[0] >= 34 && span_u32le(self, 2) == root && self.p[25] & ISO_FLAG_DIRECTORY &&
		   self.p[32] == 1 && self.p[33] == 0;
}

/* An image that merely stands behind another one counts its blocks from its own start: its root is not where it says. */
static bool session_read(struct span image, uint64_t start, struct iso_session *s)
{
	struct span at = span_from(image, start * ISO_SECTOR);
	if (!span_has(at, ISO_FIRST_DESCRIPTOR * ISO_SECTOR, "\1CD001\1", 7) || !iso_primary_read(at, &s->primary))
		return false;
	s->start = start;
	return s->primary.block == ISO_SECTOR && span_u32le(s->primary.descriptor, 158) > start &&
		   root_is_there(image, &s->primary);
}

uint64_t iso_session_end(const struct iso_session *s)
{
	return s->start * ISO_SECTOR + (uint64_t)s->primary.blocks * s->primary.block;
}

bool iso_session_next(struct span image, const struct iso_session *s, struct iso_session *next)
{
	uint64_t from = (iso_session_end(s) + ISO_SECTOR - 1) / ISO_SECTOR, sectors = image.n / ISO_SECTOR;
	if (s->primary.block != ISO_SECTOR)
		return false;
	for (uint64_t start = from; start < from + GAP_MAX && start + ISO_FIRST_DESCRIPTOR < sectors; start++)
		if (session_read(image, start, next))
			return true;
	return false;
}

struct iso_session iso_session_last(struct span image, const struct iso_primary *first)
{
	struct iso_session last = { 0, *first }, next;
	for (unsigned i = 0; i < SESSIONS_MAX && iso_session_next(image, &last, &next); i++)
		last = next;
	return last;
}

static void tell(struct walk *w, const struct iso_session *s, unsigned number, bool opened)
{
	char name[32];
	struct text volume = text_from_span(span_sub(s->primary.descriptor, 40, 32));
	while (volume.n && (volume.p[volume.n - 1] == ' ' || !volume.p[volume.n - 1]))
		volume.n--;
	snprintf(name, sizeof name, "session-%u", number);
	emit_header_field(w->sink, s->start * ISO_SECTOR, name, "block %llu, %u blocks, volume %.*s%s",
					  (unsigned long long)s->start, s->primary.blocks, (int)volume.n, volume.p,
					  opened ? "" : ", of which only what the last one keeps is shown");
}

void iso_sessions_tell(struct span image, const struct iso_primary *first, const struct iso_session *last,
					   struct walk *w)
{
	struct iso_session s = { 0, *first }, next;
	uint32_t root = span_u32le(last->primary.descriptor, 158);
	if (last->start == 0 && !session_read(image, FIRST_KEPT, &s))
		return;
	for (unsigned i = 1; i < SESSIONS_MAX; i++) {
		bool more = iso_session_next(image, &s, &next) && (last->start || iso_session_end(&next) <= image.n);
		if (i > 1 || more)
			tell(w, &s, i, span_u32le(s.primary.descriptor, 158) == root);
		if (!more)
			return;
		s = next;
	}
}
