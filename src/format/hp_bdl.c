/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HP BDL: the firmware of printers; a table of packages (hp_ipkg).
 *
 * Specification: github.com/tylerwhall/hpbdl; unblob handlers/archive/hp/bdl.py.
 */
#include <stdio.h>

#include "format/wrapper.h"

#define ENTRIES_MAX 4096u
#define DECIDING 16u /* entries that tell it from noise: a bad one behind them is damage */
#define STRINGS_AT 32u
#define VERSION_AT 809u /* three names of 256 bytes and nine bytes before it */
#define HEADER_SIZE 1321u
#define END_MAX UINT32_MAX

struct bdl {
	uint32_t table_at, entries;
	uint64_t end;
};

static bool bdl_read(struct span bytes, struct bdl *b)
{
	struct reader r = reader_le(bytes);
	rd_skip(&r, 8);
	b->table_at = rd_u32(&r);
	rd_skip(&r, 4);
	b->entries = rd_u32(&r);
	b->end = 0;
	if (!rd_ok(&r) || !span_starts(bytes, "ibdl\1\0\1\0", 8) || b->table_at < HEADER_SIZE || !b->entries ||
		b->entries > ENTRIES_MAX || !wrapper_is_text(span_sub(bytes, STRINGS_AT, 256)))
		return false;
	for (unsigned i = 0; i < b->entries; i++) {
		struct reader e = reader_le(span_from(bytes, b->table_at + 16 * (uint64_t)i));
		uint64_t at = rd_u64(&e), size = rd_u64(&e), end;
		if (!rd_ok(&e))
			break;
		bool bad = __builtin_add_overflow(at, size, &end) || at < HEADER_SIZE || end > END_MAX;
		if (bad && i < DECIDING)
			return false;
		b->end = !bad && end > b->end ? end : b->end;
	}
	return b->end != 0;
}

static bool bdl_probe(struct span at, struct format_match *match)
{
	struct bdl b;
	if (!bdl_read(at, &b))
		return false;
	match->size = b.end;
	match->confidence = 95;
	return true;
}

static struct error bdl_walk(struct span bytes, struct walk *w)
{
	static const struct {
		const char *name;
		uint16_t at;
	} strings[] = {
		{ "release", STRINGS_AT }, { "brand", STRINGS_AT + 256 },    { "device_id", STRINGS_AT + 512 },
		{ "version", VERSION_AT }, { "revision", VERSION_AT + 256 },
	};
	struct bdl b;
	if (!bdl_read(bytes, &b))
		return error_at(ERR_CORRUPT, 0, "no BDL header");
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
		wrapper_field(w, strings[i].at, strings[i].name, span_sub(bytes, strings[i].at, 256));
	for (unsigned i = 0; i < b.entries; i++) {
		struct reader e = reader_le(span_from(bytes, b.table_at + 16 * (uint64_t)i));
		uint64_t at = rd_u64(&e), size = rd_u64(&e);
		char name[32];
		snprintf(name, sizeof name, "ipkg-%03u", i);
		if (!rd_ok(&e))
			return error_at(ERR_TRUNCATED, bytes.n, "the table of packages breaks off");
		if (!wrapper_region(w, bytes, at, size, text_c(name), "hp_ipkg"))
			break;
	}
	return error_none();
}

static const struct format_magic bdl_magics[] = { MAGIC("ibdl\1\0\1\0", 0), MAGIC_END };

const struct format hp_bdl_format = {
	.name = "hp_bdl",
	.kind = FORMAT_CONTAINER,
	.title = "HP BDL printer firmware",
	.spec = "github.com/tylerwhall/hpbdl",
	.magics = bdl_magics,
	.probe = bdl_probe,
	.walk = bdl_walk,
};
