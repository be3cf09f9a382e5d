/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSMan's configuration ("CS"): numbered values, in either byte order, which zlib may have compressed.
 *
 * Specification: binwalk src/structures/csman.rs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/codec.h"
#include "format/region.h"

#define HEADER 16u
#define VALUE 6u
#define VALUES_MAX 65536u
#define DATA_MAX (1u << 20)

struct csman {
	bool big;
	uint32_t packed, unpacked;
	struct span data;
	uint8_t *made; /* to be freed, when they were compressed */
};

/* Values up to a number 0; `n` counts them. */
static bool values_end(const struct csman *c, uint64_t *at, unsigned *n)
{
	for (*at = 0, *n = 0; *n < VALUES_MAX; ++*n) {
		struct reader r = reader_of(span_from(c->data, *at), c->big);
		uint32_t number = rd_u32(&r);
		if (!rd_ok(&r) || !number)
			return rd_ok(&r);
		rd_skip(&r, rd_u16(&r));
		if (!rd_ok(&r))
			return false;
		*at += r.at;
	}
	return false;
}

static bool csman_read(struct span bytes, struct csman *c)
{
	*c = (struct csman){ .big = span_starts(bytes, "SC", 2) };
	struct reader r = reader_of(span_from(bytes, 4), c->big);
	c->packed = rd_u32(&r);
	rd_skip(&r, 4);
	c->unpacked = rd_u32(&r);
	c->data = span_sub(bytes, HEADER, c->packed);
	if (!rd_ok(&r) || (!c->big && !span_starts(bytes, "CS", 2)) || !c->data.p || c->unpacked > DATA_MAX ||
		c->packed > DATA_MAX || c->packed < VALUE)
		return false;
	if (c->packed == c->unpacked)
		return true;
	size_t got = 0;
	if (c->data.p[0] != 0x78 || !(c->made = malloc((size_t)c->unpacked + 1)))
		return false;
	enum error_code code = codec_block(CODEC_ZLIB, c->data, c->made, c->unpacked, &got);
	c->data = span_of(c->made, got);
	return !code && got == c->unpacked;
}

static bool csman_probe(struct span at, struct format_match *match)
{
	struct csman c;
	uint64_t end;
	unsigned n = 0;
	bool ok = csman_read(at, &c) && values_end(&c, &end, &n) && n >= 2 && end + 4 == c.data.n;
	free(c.made);
	match->size = HEADER + (uint64_t)c.packed;
	match->confidence = 80;
	return ok;
}

static struct error csman_walk(struct span bytes, struct walk *w)
{
	struct csman c;
	bool ok = csman_read(bytes, &c);
	if (c.made && !arena_defer(w->arena, free, c.made)) {
		free(c.made);
		return error_at(ERR_MEMORY, 0, "no memory for the values");
	}
	if (!ok)
		return error_at(ERR_CORRUPT, 0, "no CSMan file");
	uint64_t at = 0;
	for (unsigned i = 0; i < VALUES_MAX; i++) {
		struct reader r = reader_of(span_from(c.data, at), c.big);
		uint32_t number = rd_u32(&r);
		uint16_t n = rd_u16(&r);
		char name[32];
		snprintf(name, sizeof name, "%u-%08x", i, number);
		if (!number || !rd_ok(&r))
			break;
		bool go = c.made ? region_emit_made(w, name, span_clip(c.data, at + VALUE, n), NULL)
						 : region_emit(w, name, bytes, HEADER + at + VALUE, n, NULL);
		if (!go)
			break;
		at += VALUE + (uint64_t)n;
	}
	return error_none();
}

const struct format csman_format = {
	.name = "csman",
	.kind = FORMAT_CONTAINER,
	.title = "CSMan DAT file",
	.spec = "binwalk src/structures/csman.rs",
	.at_start = true,
	.probe = csman_probe,
	.walk = csman_walk,
};
