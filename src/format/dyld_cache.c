/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shared cache of macOS' and iOS' dynamic linker: all libraries of a system in one file, whose segments lie mixed in it. Its
 * mappings are shown, as they lie in the file.
 *
 * Specification: dyld cache-builder/dyld_cache_format.h.
 */
#include <stdio.h>

#include "format/parts.h"

#define HEADER 56u
#define MAPPING 32u
#define MAPPINGS_MAX 64u

struct cache {
	struct text architecture;
	uint32_t mappings_at, mappings;
	uint64_t signature_at, signature_n;
};

/* "dyld_v1", blanks, the architecture, a NUL: sixteen bytes. */
static bool cache_read(struct span at, struct cache *c)
{
	struct span name = span_sub(at, 7, 9);
	*c = (struct cache){ .mappings_at = span_u32le(at, 16),
						 .mappings = span_u32le(at, 20),
						 .signature_at = span_u64le(at, 40),
						 .signature_n = span_u64le(at, 48),
						 .architecture = text_terminated(name) };
	while (c->architecture.n && c->architecture.p[0] == ' ') {
		c->architecture.p++;
		c->architecture.n--;
	}
	if (!span_starts(at, "dyld_v1", 7) || at.n < HEADER || c->architecture.n < 3 || c->mappings < 1 || c->mappings > MAPPINGS_MAX ||
		c->mappings_at < HEADER || c->mappings_at > 0x4000 || c->signature_at > INT64_MAX || c->signature_n > INT64_MAX)
		return false;
	for (size_t i = 0; i < c->architecture.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", c->architecture.p[i]))
			return false;
	return true;
}

/* Address, size and place of one; the first one begins with the header, and they follow each other in memory. */
static bool mapping_read(struct span bytes, const struct cache *c, uint32_t i, uint64_t *at, uint64_t *n)
{
	struct span m = span_sub(bytes, c->mappings_at + (uint64_t)i * MAPPING, MAPPING);
	*n = span_u64le(m, 8);
	*at = span_u64le(m, 16);
	return m.p && *n > 0 && *n % 4096 == 0 && *at % 4096 == 0 && span_u64le(m, 0) % 4096 == 0 && *n <= INT64_MAX && *at <= INT64_MAX &&
		   span_u32le(m, 24) <= 7 && span_u32le(m, 28) <= 7 && (i > 0 || *at == 0);
}

static bool cache_probe(struct span at, struct format_match *match)
{
	struct cache c;
	uint64_t place, n;
	if (!cache_read(at, &c))
		return false;
	match->size = c.signature_at + c.signature_n;
	match->confidence = 90;
	for (uint32_t i = 0; i < c.mappings; i++) {
		if (!mapping_read(at, &c, i, &place, &n))
			return false;
		match->size = place + n > match->size ? place + n : match->size;
	}
	return true;
}

static struct error cache_walk(struct span bytes, struct walk *w)
{
	struct parts p = { .bytes = bytes, .w = w };
	struct cache c;
	uint64_t at, n;
	char name[32];
	if (!cache_read(bytes, &c))
		return error_at(ERR_CORRUPT, 0, "no header of a shared cache");
	emit_header_field(w->sink, 7, "architecture", "%.*s", (int)c.architecture.n, c.architecture.p);
	for (uint32_t i = 0; i < c.mappings; i++) {
		if (!mapping_read(bytes, &c, i, &at, &n))
			return error_at(ERR_CORRUPT, c.mappings_at + (uint64_t)i * MAPPING, "a mapping is none");
		snprintf(name, sizeof name, "mapping-%lu", (unsigned long)i);
		if (!parts_emit(&p, text_c(name), at, n, NULL))
			return error_none();
	}
	if (c.signature_n)
		(void)parts_emit(&p, TEXT_LIT("code_signature"), c.signature_at, c.signature_n, NULL);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("dyld_v1", 0), MAGIC_END };

const struct format dyld_cache_format = {
	.name = "dyld_cache",
	.kind = FORMAT_CONTAINER,
	.title = "Shared cache of Apple's dynamic linker",
	.spec = "dyld cache-builder/dyld_cache_format.h",
	.magics = magics,
	.probe = cache_probe,
	.walk = cache_walk,
};
