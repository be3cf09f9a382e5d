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
#define ROOT_MAX 1024u   /* sectors of a session before its root directory */
#define FIRST_KEPT 32u /* where xorriso keeps the first session's descriptors */

/* A directory's first record is its own. */
static bool is_directory(struct span image, uint64_t sector)
{
	struct span self = span_sub(image, sector * ISO_SECTOR, 34);
	return self.p && self.p[0] >= 34 && span_u32le(self, 2) == span_u32be(self, 6) && self.p[25] & ISO_FLAG_DIRECTORY &&
		   self.p[32] == 1 && self.p[33] == 0;
}

static uint32_t directory_block(struct span image, uint64_t sector)
{
	return span_u32le(image, sector * ISO_SECTOR + 2);
}

/* Whether the root that the descriptor tells of is there, and names the block that it stands at. */
static bool root_is_there(struct span image, const struct iso_primary *p, uint64_t before)
{
	uint32_t root = span_u32le(p->descriptor, 158);
	if (root < before)
		return false;
	if (p->block == ISO_SECTOR)
		return is_directory(image, root - before) && directory_block(image, root - before) == root;
	return true;
}

/* The first directory of the path table is the root, ECMA-119 9.4. */
static bool path_table_is_there(struct span image, const struct iso_primary *p, uint64_t before)
{
	uint32_t table = span_u32le(p->descriptor, 140), root = span_u32le(p->descriptor, 158);
	struct span first = table < before ? SPAN_NONE : span_sub(image, (table - before) * ISO_SECTOR, 10);
	return first.p && first.p[0] == 1 && span_u32le(first, 2) == root && span_u16le(first, 6) == 1;
}

/* Sessions count blocks from the start of the medium. Where the image begins with a later one its root is found by the record that
 * says which block it is, and the path table, which must then be where the descriptor says, by as much. A path table that is
 * where it says tells that it is the first, whatever the root's record says: Linux does not look at that. */
bool iso_session_first(struct span image, const struct iso_primary *first, struct iso_session *s)
{
	uint32_t root = span_u32le(first->descriptor, 158);
	*s = (struct iso_session){ .primary = *first };
	if (first->block != ISO_SECTOR || root_is_there(image, first, 0))
		return true;
	for (uint64_t at = ISO_FIRST_DESCRIPTOR + 1; at < ROOT_MAX && at < root; at++) {
		s->before = root - at;
		if (root_is_there(image, first, s->before) && path_table_is_there(image, first, s->before))
			return true;
	}
	s->before = 0;
	return !is_directory(image, root) || path_table_is_there(image, first, 0);
}

/* An image that merely stands behind another one counts its blocks from its own start: its root is not where it says. */
static bool session_read(struct span image, uint64_t start, uint64_t before, struct iso_session *s)
{
	struct span at = span_from(image, start * ISO_SECTOR);
	if (!span_has(at, ISO_FIRST_DESCRIPTOR * ISO_SECTOR, "\1CD001\1", 7) || !iso_primary_read(at, &s->primary))
		return false;
	s->start = start;
	s->before = before;
	return s->primary.block == ISO_SECTOR && span_u32le(s->primary.descriptor, 158) > start + before &&
		   root_is_there(image, &s->primary, before);
}

uint64_t iso_session_end(const struct iso_session *s)
{
	return s->start * ISO_SECTOR + (uint64_t)s->primary.blocks * s->primary.block;
}

/* The session behind `s`; false when there is none. */
static bool iso_session_next(struct span image, const struct iso_session *s, struct iso_session *next)
{
	uint64_t from = (iso_session_end(s) + ISO_SECTOR - 1) / ISO_SECTOR, sectors = image.n / ISO_SECTOR;
	if (s->primary.block != ISO_SECTOR)
		return false;
	for (uint64_t start = from; start < from + GAP_MAX && start + ISO_FIRST_DESCRIPTOR < sectors; start++)
		if (session_read(image, start, s->before, next))
			return true;
	return false;
}

struct iso_session iso_session_last(struct span image, const struct iso_session *first)
{
	struct iso_session last = *first, next;
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
					  (unsigned long long)s->before + s->start, s->primary.blocks, (int)volume.n, volume.p,
					  opened ? "" : ", of which only what the last one keeps is shown");
}

void iso_sessions_tell(struct span image, const struct iso_session *first, const struct iso_session *last,
					   struct walk *w)
{
	struct iso_session s = *first, next;
	uint32_t root = span_u32le(last->primary.descriptor, 158);
	if (s.before)
		emit_header_field(w->sink, ISO_FIRST_DESCRIPTOR * ISO_SECTOR, "session_start",
						  "block %llu of its medium: what was written before is not in the image", (unsigned long long)s.before);
	if (last->start == 0 && !session_read(image, FIRST_KEPT, s.before, &s))
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
