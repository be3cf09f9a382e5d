/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HP IPKG: a package in a BDL; a table of files with names.
 *
 * Specification: github.com/tylerwhall/hpbdl; unblob handlers/archive/hp/ipkg.py.
 */
#include "format/path.h"
#include "format/wrapper.h"

#define ENTRIES_MAX 65536u
#define DECIDING 16u /* entries that tell it from noise: a bad one behind them is damage */
#define ENTRY_SIZE 276u
#define STRINGS_AT 32u
#define HEADER_SIZE 1056u

struct ipkg {
	uint32_t table_at, entries;
	uint64_t end;
};

struct ipkg_entry {
	struct span name;
	uint64_t at, size;
};

static bool entry_read(struct span bytes, const struct ipkg *p, unsigned i, struct ipkg_entry *e)
{
	struct reader r = reader_le(span_from(bytes, p->table_at + (uint64_t)ENTRY_SIZE * i));
	e->name = rd_bytes(&r, 256);
	e->at = rd_u64(&r);
	e->size = rd_u64(&r);
	rd_skip(&r, 4); /* a CRC whose making is not published */
	return rd_ok(&r);
}

static bool ipkg_read(struct span bytes, struct ipkg *p)
{
	struct reader r = reader_le(bytes);
	struct ipkg_entry e;
	rd_skip(&r, 8);
	p->table_at = rd_u32(&r);
	rd_skip(&r, 4);
	p->entries = rd_u32(&r);
	p->end = 0;
	if (!rd_ok(&r) || !span_starts(bytes, "ipkg\1\0\3\0", 8) || p->table_at < HEADER_SIZE || !p->entries ||
		p->entries > ENTRIES_MAX || !wrapper_is_text(span_sub(bytes, STRINGS_AT, 256)))
		return false;
	for (unsigned i = 0; i < p->entries && entry_read(bytes, p, i, &e); i++) {
		uint64_t end;
		bool bad = __builtin_add_overflow(e.at, e.size, &end) || e.at < HEADER_SIZE || !wrapper_is_text(e.name);
		if (bad && i < DECIDING)
			return false;
		p->end = !bad && end > p->end ? end : p->end;
	}
	return p->end != 0;
}

static bool ipkg_probe(struct span at, struct format_match *match)
{
	struct ipkg p;
	if (!ipkg_read(at, &p))
		return false;
	match->size = p.end;
	match->confidence = 95;
	return true;
}

static struct error ipkg_walk(struct span bytes, struct walk *w)
{
	static const char *const strings[] = { "file_version", "product_name", "ipkg_name", "signature" };
	struct path_buffer buffer = { .arena = w->arena };
	struct ipkg p;
	struct ipkg_entry e;
	if (!ipkg_read(bytes, &p))
		return error_at(ERR_CORRUPT, 0, "no IPKG header");
	for (unsigned i = 0; i < 4; i++)
		if (wrapper_is_text(span_sub(bytes, STRINGS_AT + 256 * i, 256)))
			wrapper_field(w, STRINGS_AT + 256 * i, strings[i], span_sub(bytes, STRINGS_AT + 256 * i, 256));
	for (unsigned i = 0; i < p.entries; i++) {
		if (!entry_read(bytes, &p, i, &e))
			return error_at(ERR_TRUNCATED, bytes.n, "the table of files breaks off");
		struct text path = path_from_root(&buffer, wrapper_text(e.name));
		struct span data = span_clip(bytes, e.at, e.size);
		if (!path.p)
			return error_at(ERR_BUDGET, e.at, "no memory for a path");
		if (data.n < e.size)
			emit_damage_at(w->sink, ERR_TRUNCATED, e.at, "a file has %llu bytes, %zu are there",
						   (unsigned long long)e.size, data.n);
		struct entry f = entry_new(ENTRY_FILE, path);
		f.offset = e.at;
		f.size = e.size;
		f.content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
		if (!entry_is_root(&f) && !w->child(w, &f))
			break;
	}
	return error_none();
}

static const struct format_magic ipkg_magics[] = { MAGIC("ipkg\1\0\3\0", 0), MAGIC_END };

const struct format hp_ipkg_format = {
	.name = "hp_ipkg",
	.kind = FORMAT_ARCHIVE,
	.title = "HP IPKG package",
	.spec = "github.com/tylerwhall/hpbdl",
	.magics = ipkg_magics,
	.probe = ipkg_probe,
	.walk = ipkg_walk,
};
