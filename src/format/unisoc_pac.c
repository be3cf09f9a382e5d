/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PAC: the packages that Spreadtrum's and Unisoc's loaders write to phones and to LTE modules: a header of 2124 bytes, files with heads of
 * 2580 bytes, names in UTF-16. A file may be an order alone, without data.
 *
 * Specification: github.com/divinebird/pacextractor; unisoc-dloader include/BinPack.h.
 */
#include "format/parts.h"

#define HEADER_SIZE 2124u
#define FILE_SIZE 2580u
#define FILES_MAX 512u
#define MAGIC_AT 2116u
#define NAME_UNITS 256u

struct pac {
	uint64_t size;
	uint32_t files, table;
};

static bool pac_read(struct span bytes, struct pac *k)
{
	struct span h = span_sub(bytes, 0, HEADER_SIZE);
	bool wide = span_has(h, 0, "B\0P\0_\0R\0002\0.\0000\0.\0001\0\0\0", 20); /* BP_R2.0.1 */
	if (!wide && !span_has(h, 0, "B\0P\0_\0R\0001\0.\0000\0.\0000\0\0\0", 20))
		return false;
	k->size = span_u32le(h, 48) | (wide ? (uint64_t)span_u32le(h, 44) << 32 : 0);
	k->files = span_u32le(h, 1076);
	k->table = span_u32le(h, 1080);
	return span_u32le(h, MAGIC_AT) == 0xfffafffa && k->files && k->files <= FILES_MAX && k->table >= HEADER_SIZE &&
		   k->size >= k->table + (uint64_t)k->files * FILE_SIZE;
}

static bool pac_probe(struct span at, struct format_match *match)
{
	struct pac k;
	if (!pac_read(at, &k))
		return false;
	struct span first = span_sub(at, k.table, 4);
	match->size = k.size;
	match->confidence = 95;
	return !first.p || span_u32le(first, 0) == FILE_SIZE;
}

/* UTF-16 as ASCII; what is not, as a question mark. */
static struct text narrow(struct arena *arena, struct span wide)
{
	char *out = ARENA_ARRAY(arena, char, NAME_UNITS);
	size_t n = 0;
	for (; out && n < NAME_UNITS && n * 2 + 1 < wide.n && span_u16le(wide, n * 2); n++) {
		uint16_t unit = span_u16le(wide, n * 2);
		out[n] = unit >= ' ' && unit <= '~' ? (char)unit : '?';
	}
	return text_of(out, out ? n : 0);
}

static void emit_text(struct walk *w, struct span bytes, uint64_t at, const char *name)
{
	struct text t = narrow(w->arena, span_sub(bytes, at, (size_t)NAME_UNITS * 2));
	if (t.n)
		emit_header_field(w->sink, at, name, "%.*s", (int)t.n, t.p);
}

static bool emit_file(struct parts *p, uint64_t at)
{
	struct span head = span_sub(p->bytes, at, FILE_SIZE);
	struct text id = narrow(p->w->arena, span_sub(head, 4, 512)), name = narrow(p->w->arena, span_sub(head, 516, 512));
	uint64_t size = span_u32le(head, 1540) | (uint64_t)span_u32le(head, 1532) << 32;
	uint64_t from = span_u32le(head, 1552) | (uint64_t)span_u32le(head, 1536) << 32;
	if (name.n)
		emit_header_field(p->w->sink, at, "file", "%.*s: %.*s", (int)id.n, id.p, (int)name.n, name.p);
	return !size || parts_emit(p, name.n ? name : id.n ? id : TEXT_LIT("file"), from, size, NULL);
}

static struct error pac_walk(struct span bytes, struct walk *w)
{
	struct pac k;
	if (!pac_read(bytes, &k))
		return error_at(ERR_CORRUPT, 0, "no PAC header");
	struct parts p = { bytes, w, 0, false };
	emit_text(w, bytes, 52, "product");
	emit_text(w, bytes, 564, "version");
	for (uint32_t i = 0; i < k.files; i++) {
		uint64_t at = k.table + (uint64_t)i * FILE_SIZE;
		if (bytes.n < at + FILE_SIZE)
			return error_at(ERR_TRUNCATED, bytes.n, "the table has %u files, %u are there", k.files, i);
		if (span_u32le(bytes, at) != FILE_SIZE)
			return error_at(ERR_CORRUPT, at, "the head of a file has another size");
		if (!emit_file(&p, at))
			break;
	}
	return error_none();
}

static const struct format_magic pac_magics[] = { MAGIC("B\0P\0_\0R\0", 0), MAGIC_END };

const struct format unisoc_pac_format = {
	.name = "unisoc_pac",
	.kind = FORMAT_CONTAINER,
	.title = "PAC package of Spreadtrum's and Unisoc's chips",
	.spec = "unisoc-dloader include/BinPack.h",
	.magics = pac_magics,
	.probe = pac_probe,
	.walk = pac_walk,
	.own_bytes = true, /* the heads of the files */
};
