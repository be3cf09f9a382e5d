/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last part of a split zip archive, by itself. It begins within an entry, so that only its end tells what it is: the record
 * there has the number of the part, and where in it the central directory stands. The first part is a zip archive that breaks
 * off; those between them hold nothing but entries.
 *
 * Specification: PKWARE APPNOTE.TXT 6.3.10, 4.3.14 to 4.3.16 and 8.
 */
#include "format/zip.h"

#define END_SIZE 22u
#define COMMENT_MAX 65535u
#define LOCATOR64_SIZE 20u
#define END64_SIZE 56u

struct part {
	uint64_t central, end; /* of the central directory, and behind it the record of the end */
	unsigned disk, entries;
};

/* What a record of the end says, or that of zip64. */
struct end {
	uint64_t size, offset, here, entries, disk, central_disk;
};

/* The record of zip64 and its locator stand before the other one where a field of that is all ones; 4.3.14 and 4.3.15. True: *at is
 * where the first of them stands. */
static bool end64_read(struct span all, uint64_t *at, struct end *e)
{
	uint64_t before = LOCATOR64_SIZE + END64_SIZE;
	struct reader r = reader_le(*at < before ? SPAN_NONE : span_sub(all, *at - before, before));
	if (!span_has(r.bytes, 0, "PK\6\6", 4) || !span_has(r.bytes, END64_SIZE, "PK\6\7", 4))
		return false;
	rd_skip(&r, 16);
	e->disk = rd_u32(&r);
	e->central_disk = rd_u32(&r);
	e->here = rd_u64(&r);
	e->entries = rd_u64(&r);
	e->size = rd_u64(&r);
	e->offset = rd_u64(&r);
	*at -= before;
	return rd_ok(&r);
}

/* The record at `at`, behind which nothing but its comment stands. Both are in the last part: its number is not the first's. */
static bool record_read(struct span all, uint64_t at, uint64_t *start, struct part *p)
{
	struct span s = span_sub(all, at, END_SIZE);
	if (!span_starts(s, "PK\5\6", 4) || all.n - at != END_SIZE + span_u16le(s, 20))
		return false;
	struct end e = { span_u32le(s, 12), span_u32le(s, 16), span_u16le(s, 8), span_u16le(s, 10), span_u16le(s, 4), span_u16le(s, 6) };
	bool open = e.size == UINT32_MAX || e.offset == UINT32_MAX || e.entries == UINT16_MAX || e.disk == UINT16_MAX;
	if (open && !end64_read(all, &at, &e))
		return false;
	if (e.disk == 0 || e.disk >= UINT16_MAX || e.central_disk != e.disk || e.here != e.entries || e.here == 0 || e.here > at ||
		e.size > at || e.offset > at - e.size)
		return false;
	*start = at - e.size - e.offset;
	*p = (struct part){ e.offset, e.offset + e.size, (unsigned)e.disk, (unsigned)e.entries };
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
