/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of Realtek's and Edimax' devices: parts with a signature of four letters (cs6c, cr6c, r6cr, csys, CSYS
 * ...), an address, a length, and data whose 16-bit words add up to nothing. The headers are so short that only the
 * sum tells them from noise, so that only the beginning of a blob is asked.
 *
 * Specification: Realtek bootcode rtk.h; OpenWrt firmware-utils src/cvimg.c, src/mkedimaximg.c.
 */
#include <stdio.h>

#include "format/wrapper.h"

#define PARTS_MAX 16u
#define SIZE_LIMIT (128u << 20)

struct part {
	uint32_t header_size, size, start, burn;
	bool big;
};

static const char *const realtek[] = { "cs6c", "cr6c", "r6cr", "w6cp", "w6cg", "cs6b", "cr6b",
									   "r6br", "w6bp", "csys", "csro", "root", "webp", "boot" };

static bool sum_is_zero(struct span bytes, uint64_t at, const struct part *p)
{
	struct span data = span_sub(bytes, at + p->header_size, p->size);
	return data.p && wrapper_sum16(data, p->big, false) == 0;
}

static bool sizes_ok(const struct part *p)
{
	return p->size >= 4 && p->size % 2 == 0 && p->size < SIZE_LIMIT;
}

static bool realtek_read(struct span bytes, uint64_t at, struct part *p)
{
	struct span h = span_sub(bytes, at, 16);
	bool known = false;
	for (size_t i = 0; i < sizeof realtek / sizeof realtek[0]; i++)
		known |= span_starts(h, realtek[i], 4);
	*p = (struct part){ 16, span_u32be(h, 12), span_u32be(h, 4), span_u32be(h, 8), true };
	return known && sizes_ok(p) && sum_is_zero(bytes, at, p);
}

/* Edimax' has the model between, in either byte order. */
static bool edimax_read(struct span bytes, uint64_t at, struct part *p)
{
	struct span h = span_sub(bytes, at, 20);
	if (!span_starts(h, "CSYS", 4))
		return false;
	for (int big = 0; big < 2; big++) {
		struct reader r = reader_of(span_from(h, 4), big);
		uint32_t start = rd_u32(&r), burn = rd_u32(&r);
		rd_skip(&r, 4);
		*p = (struct part){ 20, rd_u32(&r), start, burn, big };
		if (sizes_ok(p) && sum_is_zero(bytes, at, p))
			return true;
	}
	return false;
}

static bool part_read(struct span bytes, uint64_t at, struct part *p)
{
	return realtek_read(bytes, at, p) || edimax_read(bytes, at, p);
}

static bool csys_probe(struct span at, struct format_match *match)
{
	struct part p;
	uint64_t end = 0;
	for (unsigned i = 0; i < PARTS_MAX && part_read(at, end, &p); i++)
		end += (uint64_t)p.header_size + p.size;
	match->size = end;
	match->confidence = 80;
	return end != 0;
}

static struct error csys_walk(struct span bytes, struct walk *w)
{
	struct part p;
	uint64_t at = 0;
	for (unsigned i = 0; i < PARTS_MAX && part_read(bytes, at, &p); i++) {
		char name[16];
		snprintf(name, sizeof name, "%u-%.4s", i, (const char *)span_sub(bytes, at, 4).p);
		emit_header_field(w->sink, at, name, "start 0x%08x, burn 0x%08x, checksum ok", p.start, p.burn);
		if (p.header_size == 20)
			wrapper_field(w, at + 12, "model", span_sub(bytes, at + 12, 4));
		if (!wrapper_region(w, bytes, at + p.header_size, p.size - 2, text_c(name), NULL))
			break;
		at += (uint64_t)p.header_size + p.size;
	}
	return error_none();
}

const struct format csys_format = {
	.name = "csys",
	.kind = FORMAT_CONTAINER,
	.title = "Realtek and Edimax image (cs6c, cr6c, r6cr, CSYS)",
	.spec = "Realtek bootcode rtk.h; OpenWrt firmware-utils src/mkedimaximg.c",
	.at_start = true,
	.probe = csys_probe,
	.walk = csys_walk,
};
