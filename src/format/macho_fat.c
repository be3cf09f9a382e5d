/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Universal ("fat") binaries: a program for each of several processors. Java's class files begin with the same magic, followed by their
 * version: what counts is where the table leads.
 *
 * Specification: XNU EXTERNAL_HEADERS/mach-o/fat.h.
 */
#include "format/macho.h"
#include "format/parts.h"

#define SLICES_MAX 32u /* versions of Java's class files begin at 45 */
#define ALIGN_MAX 15u

struct slice {
	uint32_t cpu, subtype;
	uint64_t at, n;
	uint32_t align;
};

static bool fat_read(struct span at, bool *wide, uint32_t *n)
{
	uint32_t magic = span_u32be(at, 0);
	*wide = magic == 0xcafebabf;
	*n = span_u32be(at, 4);
	return (magic == 0xcafebabe || *wide) && *n >= 1 && *n <= SLICES_MAX;
}

static bool slice_read(struct span bytes, bool wide, uint32_t n, uint32_t i, struct slice *s)
{
	struct reader r = reader_be(span_sub(bytes, 8 + (uint64_t)i * (wide ? 32 : 20), wide ? 32 : 20));
	*s = (struct slice){ .cpu = rd_u32(&r), .subtype = rd_u32(&r) };
	s->at = rd_uint(&r, wide ? 8 : 4);
	s->n = rd_uint(&r, wide ? 8 : 4);
	s->align = rd_u32(&r);
	return rd_ok(&r) && macho_cpu(s->cpu, s->subtype) && s->align <= ALIGN_MAX && s->at % ((uint64_t)1 << s->align) == 0 && s->n >= 28 &&
		   s->at >= 8 + (uint64_t)n * (wide ? 32 : 20) && s->at <= INT64_MAX && s->n <= INT64_MAX;
}

/* What a slice may be: a program for the same processor, a library of objects, bitcode. */
static bool is_slice(struct span bytes, const struct slice *s)
{
	struct macho m;
	struct span slice = span_clip(bytes, s->at, s->n);
	return (macho_read(slice, &m) && m.cpu == s->cpu) || span_starts(slice, "!<arch>\n", 8) || span_starts(slice, "BC\xc0\xde", 4);
}

static bool fat_probe(struct span at, struct format_match *match)
{
	bool wide;
	uint32_t n;
	if (!fat_read(at, &wide, &n))
		return false;
	match->size = 0;
	match->confidence = 90;
	for (uint32_t i = 0; i < n; i++) {
		struct slice s;
		/* those behind the end were cut off, but for the first one */
		if (!slice_read(at, wide, n, i, &s) || ((i == 0 || s.at + 28 <= at.n) && !is_slice(at, &s)))
			return false;
		if (s.at + s.n > match->size)
			match->size = s.at + s.n;
	}
	return true;
}

static struct error fat_walk(struct span bytes, struct walk *w)
{
	struct parts p = { .bytes = bytes, .w = w };
	bool wide;
	uint32_t n;
	if (!fat_read(bytes, &wide, &n))
		return error_at(ERR_CORRUPT, 0, "no header of a universal binary");
	for (uint32_t i = 0; i < n; i++) {
		struct slice s;
		if (!slice_read(bytes, wide, n, i, &s))
			return error_at(ERR_CORRUPT, 8 + (uint64_t)i * (wide ? 32 : 20), "the place of slice %lu is none", (unsigned long)i);
		if (!parts_emit(&p, text_c(macho_cpu(s.cpu, s.subtype)), s.at, s.n, NULL))
			break;
	}
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("\xca\xfe\xba\xbe\0\0\0", 0), MAGIC("\xca\xfe\xba\xbf\0\0\0", 0), MAGIC_END };

const struct format macho_fat_format = {
	.name = "macho_fat",
	.kind = FORMAT_CONTAINER,
	.title = "Universal binary of macOS and iOS",
	.spec = "XNU EXTERNAL_HEADERS/mach-o/fat.h",
	.magics = magics,
	.probe = fat_probe,
	.walk = fat_walk,
};
