/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last part of a split zip archive, by itself. It begins within an entry, so that only its end tells what it is: the record
 * there has the number of the part, and where in it the central directory stands. The first part is a zip archive that breaks
 * off; those between them hold nothing but entries.
 *
 * Specification: PKWARE APPNOTE.TXT 6.3.10, 4.3.16 and 8.
 */
#include "format/zip.h"

#define END_SIZE 22u
#define COMMENT_MAX 65535u

struct part {
	uint64_t central, end; /* of the central directory, and behind it the record of the end */
	unsigned disk, entries;
};

/* The record at `at`, behind which nothing but its comment stands. Both are in the last part: its number is not the first's. */
static bool record_read(struct span all, uint64_t at, uint64_t *start, struct part *p)
{
	struct span s = span_sub(all, at, END_SIZE);
	if (!span_starts(s, "PK\5\6", 4) || all.n - at != END_SIZE + span_u16le(s, 20))
		return false;
	uint64_t size = span_u32le(s, 12), offset = span_u32le(s, 16);
	unsigned here = span_u16le(s, 8);
	p->entries = span_u16le(s, 10);
	p->disk = span_u16le(s, 4);
	if (p->disk == 0 || p->disk == UINT16_MAX || span_u16le(s, 6) != p->disk || here != p->entries || here == 0 ||
		size + offset > at)
		return false;
	*start = at - size - offset;
	p->central = offset;
	p->end = offset + size;
	return true;
}

/* The central directory fills what the record says, with as many entries. */
static bool directory_is_there(struct span at, const struct part *p)
{
	struct zip_entry z;
	uint64_t next = p->central;
	for (unsigned i = 0; i < p->entries; i++) {
		if (next >= p->end || !zip_central_read(at, next, &z) || z.disk > p->disk)
			return false;
		next = z.next;
	}
	return next == p->end;
}

static bool zip_part_locate(struct span all, uint64_t hit, uint64_t *start)
{
	struct part p;
	return record_read(all, hit, start, &p) && span_has(all, *start + p.central, "PK\1\2", 4);
}

static bool part_read(struct span at, struct part *p)
{
	uint64_t start, least = at.n > END_SIZE + COMMENT_MAX ? at.n - END_SIZE - COMMENT_MAX : 0;
	for (uint64_t i = at.n < END_SIZE ? 0 : at.n - END_SIZE + 1; i-- > least;)
		if (at.p[i] == 'P' && record_read(at, i, &start, p) && start == 0)
			return directory_is_there(at, p);
	return false;
}

unsigned zip_last_part(struct span bytes, uint64_t *central)
{
	struct part p;
	if (!part_read(bytes, &p))
		return 0;
	*central = p.central;
	return p.disk;
}

static bool zip_part_probe(struct span at, struct format_match *match)
{
	struct part p;
	if (!part_read(at, &p))
		return false;
	match->size = at.n;
	match->confidence = 80;
	return true;
}

static struct error zip_part_walk(struct span bytes, struct walk *w)
{
	struct part p;
	if (!part_read(bytes, &p))
		return error_at(ERR_CORRUPT, 0, "no end of a central directory");
	emit_header_field(w->sink, p.end + 4, "part", "%u, the last one of a split zip archive", p.disk + 1);
	return zip_walk_part(bytes, p.central, p.end, p.disk, w);
}

static const struct format_magic magics[] = { MAGIC("PK\5\6", 0), MAGIC_END };

const struct format zip_part_format = {
	.name = "zip_part",
	.kind = FORMAT_ARCHIVE,
	.title = "last part of a split zip archive",
	.spec = "PKWARE APPNOTE.TXT 6.3.10, 8",
	.magics = magics,
	.probe = zip_part_probe,
	.walk = zip_part_walk,
	.locate = zip_part_locate,
};
