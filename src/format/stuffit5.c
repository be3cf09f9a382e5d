/* SPDX-License-Identifier: GPL-3.0-or-later */
/* StuffIt 5 archives of Macintosh: a chain of entries in two blocks, with both forks behind each.
 *
 * Facts: XADMaster, XADStuffIt5Parser.m.
 */
#include "base/hash.h"
#include "format/stuffit.h"

#define HEADER_5 100u
#define TEXT_5 "StuffIt (c)1997-"
#define TEXT_5_REST " Aladdin Systems, Inc., http://www.aladdinsys.com/StuffIt/\r\n"
#define ENTRY_5 48u
#define ENTRY_5_MARK "\xa5\xa5\xa5\xa5"
#define FLAG_5_FOLDER 0x40u
#define FLAG_5_ENCRYPTED 0x20u

static bool stuffit5_probe(struct span at, struct format_match *match)
{
	match->size = span_u32be(at, 84);
	match->confidence = 90;
	return at.n >= HEADER_5 && span_starts(at, TEXT_5, sizeof TEXT_5 - 1) &&
		   span_has(at, sizeof TEXT_5 - 1 + 4, TEXT_5_REST, sizeof TEXT_5_REST - 1) && at.p[82] == 5 && match->size >= HEADER_5;
}

struct entry_5 {
	struct text name;
	uint64_t at, behind; /* behind the header of both blocks */
	uint32_t folder;     /* where the entry of its folder is */
	int64_t mtime;
	unsigned files; /* of a folder */
	bool is_folder, is_end; /* what stands behind a folder and has no meaning */
	struct stuffit_fork data, resource;
};

static bool crc_holds(struct span h)
{
	uint16_t crc = hash_crc16(STUFFIT_CRC, 0, span_sub(h, 0, 32));
	crc = hash_crc16(STUFFIT_CRC, crc, span_of("\0", 2));
	return hash_crc16(STUFFIT_CRC, crc, span_from(h, 34)) == span_u16be(h, 32);
}

/* The second block: a resource fork, where there is one. */
static bool read_second(struct span bytes, uint64_t at, unsigned version, struct entry_5 *e)
{
	struct reader r = reader_be(span_from(bytes, at));
	bool has_resource = rd_u16(&r) & 1;
	rd_skip(&r, 12 + (version == 1 ? 22 : 18));
	if (has_resource) {
		e->resource.size = rd_u32(&r);
		e->resource.packed = rd_u32(&r);
		e->resource.crc = rd_u16(&r);
		rd_skip(&r, 2);
		e->resource.method = rd_u8(&r) & STUFFIT_METHOD;
		rd_skip(&r, rd_u8(&r));
	}
	e->resource.at = at + r.at;
	e->data.at = e->resource.at + e->resource.packed;
	e->behind = e->is_folder ? e->resource.at : e->data.at + e->data.packed;
	return rd_ok(&r);
}

static bool read_entry_5(struct stuffit *s, uint64_t at, struct entry_5 *e)
{
	struct reader r = reader_be(span_sub(s->bytes, at, ENTRY_5));
	uint16_t size = span_u16be(s->bytes, at + 6), name_n = span_u16be(s->bytes, at + 30);
	struct span h = span_sub(s->bytes, at, size);
	*e = (struct entry_5){ .at = at };
	if (size < ENTRY_5 || !h.p || !span_starts(h, ENTRY_5_MARK, 4))
		return false;
	if (!crc_holds(h))
		emit_damage_at(s->w->sink, ERR_CORRUPT, at, "the header of an entry has another CRC than it says");
	unsigned version = h.p[4], flags = h.p[9];
	e->is_folder = flags & FLAG_5_FOLDER;
	rd_skip(&r, 14);
	e->mtime = stuffit_time(rd_u32(&r));
	rd_skip(&r, 8);
	e->folder = rd_u32(&r);
	rd_skip(&r, 4);
	e->data.size = rd_u32(&r);
	e->data.packed = rd_u32(&r);
	e->data.crc = rd_u16(&r);
	e->is_end = e->is_folder && e->data.size == UINT32_MAX;
	e->files = span_u16be(h, 46);
	e->data.method = h.p[46] & STUFFIT_METHOD;
	e->data.encrypted = e->resource.encrypted = !e->is_folder && flags & FLAG_5_ENCRYPTED;
	e->name = text_from_span(span_sub(h, ENTRY_5 + (e->is_folder ? 0u : h.p[47]), name_n));
	if (e->is_end) {
		e->behind = at + ENTRY_5;
		return true;
	}
	return e->name.p && rd_ok(&r) && read_second(s->bytes, at + size, version, e);
}

struct folder_5 {
	uint64_t at;
	struct text path;
};

/* Folders come in the order of their places, and before what is in them. */
static struct text folder_at(const struct folder_5 *v, size_t n, uint32_t at)
{
	size_t from = 0, to = n;
	while (from < to) {
		size_t mid = from + (to - from) / 2;
		if (v[mid].at < at)
			from = mid + 1;
		else
			to = mid;
	}
	return from < n && v[from].at == at ? v[from].path : TEXT_LIT("");
}

static struct error stuffit5_walk(struct span bytes, struct walk *w)
{
	struct stuffit s = { .bytes = bytes, .w = w, .buffer = { .arena = w->arena } };
	struct folder_5 *folders = ARENA_ARRAY(w->arena, struct folder_5, STUFFIT_ENTRIES_MAX);
	uint64_t at = span_u32be(bytes, 94), left = span_u16be(bytes, 92);
	size_t n = 0;
	for (unsigned i = 0; folders && left && i < STUFFIT_ENTRIES_MAX; i++) {
		struct entry_5 e;
		if (!read_entry_5(&s, at, &e))
			return error_at(at + ENTRY_5 > bytes.n ? ERR_TRUNCATED : ERR_CORRUPT, at, "no entry where one is due");
		at = e.behind;
		if (e.is_end)
			continue;
		left--;
		struct text path = stuffit_path(&s, folder_at(folders, n, e.folder), e.name);
		if (!path.p)
			return error_at(ERR_BUDGET, e.at, "no memory for a name, or a path that is too long");
		if (e.is_folder) {
			folders[n++] = (struct folder_5){ e.at, path };
			left += e.files;
		}
		if (e.is_folder ? !stuffit_emit_folder(&s, path, e.mtime) : !stuffit_emit_file(&s, path, e.mtime, &e.resource, &e.data))
			return error_none();
	}
	return left ? error_at(ERR_BUDGET, at, "more entries than are read, or no memory for them") : error_none();
}

static const struct format_magic stuffit5_magics[] = { MAGIC(TEXT_5, 0), MAGIC_END };

const struct format stuffit5_format = {
	.name = "stuffit5",
	.kind = FORMAT_ARCHIVE,
	.title = "StuffIt 5 archive",
	.spec = "XADMaster, XADStuffIt5Parser.m",
	.magics = stuffit5_magics,
	.probe = stuffit5_probe,
	.walk = stuffit5_walk,
};
