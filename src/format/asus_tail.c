/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tail of ASUS images: build numbers, and sums over what follows the uImage's own data.
 *
 * Specification: OpenWrt firmware-utils src/mkasustrx.c (TRX version 3).
 */
#include "format/wrapper.h"

#define UIMAGE_HEADER 64u
#define CONTENT_SIZE 12u
#define FOOTER_SIZE 12u

struct tail {
	struct span footer, content; /* content: what the sum covers, build numbers last */
	uint32_t content_size;
};

static bool tail_read(struct span bytes, struct tail *t)
{
	if (bytes.n < UIMAGE_HEADER + CONTENT_SIZE + FOOTER_SIZE || !span_starts(bytes, "\x27\x05\x19\x56", 4))
		return false;
	uint64_t at = bytes.n - FOOTER_SIZE;
	t->footer = span_from(bytes, at);
	t->content_size = span_u32be(t->footer, 0) & 0xffffff;
	t->content = t->content_size <= at ? span_sub(bytes, at - t->content_size, t->content_size) : SPAN_NONE;
	return span_has(t->footer, 8, "\x2a\xfe\xd4\x14", 4) && t->content.n >= CONTENT_SIZE;
}

/* It stands at the end, so that a file is asked for it where it begins. */
static bool tail_probe(struct span at, struct format_match *match)
{
	struct tail t;
	match->size = at.n;
	match->confidence = 98; /* before the uImage, which is the child */
	return tail_read(at, &t);
}

/* All 16-bit words, xored and inverted; the makers ran it on little-endian machines and stored it big-endian. */
static uint16_t xor16(struct span bytes, uint64_t skip)
{
	uint16_t sum = 0;
	for (size_t i = 0; i + 1 < bytes.n; i += 2)
		if (i != skip)
			sum ^= (uint16_t)(bytes.p[i + 1] << 8 | bytes.p[i]);
	return (uint16_t)~sum;
}

static struct error tail_walk(struct span bytes, struct walk *w)
{
	struct tail t;
	if (!tail_read(bytes, &t))
		return error_at(ERR_CORRUPT, 0, "no tail of ASUS's");
	uint64_t footer = bytes.n - FOOTER_SIZE;
	struct span builds = span_from(t.content, t.content.n - CONTENT_SIZE);
	emit_header_field(w->sink, footer - CONTENT_SIZE, "extendno", "%u", span_u32be(builds, 0));
	emit_header_field(w->sink, footer - CONTENT_SIZE + 4, "buildno", "%u", span_u16be(builds, 4));
	wrapper_field(w, 36, "prod_name", span_sub(bytes, 36, 23));
	wrapper_check_u32(w, footer + 4, "fcrc", true, span_u16be(t.footer, 4), xor16(t.footer, 4));
	wrapper_check_u32(w, footer + 6, "checksum", true, span_u16be(t.footer, 6), xor16(t.content, UINT64_MAX));
	/* The uImage counts the tail as its own; promised, so that the child is not asked for the tail again. */
	(void)wrapper_region(w, bytes, 0, bytes.n, TEXT_LIT("firmware"), "uimage");
	return error_none();
}

const struct format asus_tail_format = {
	.name = "asus_tail",
	.kind = FORMAT_CONTAINER,
	.title = "ASUS image with a tail",
	.spec = "OpenWrt firmware-utils src/mkasustrx.c",
	.at_start = true,
	.probe = tail_probe,
	.walk = tail_walk,
};
