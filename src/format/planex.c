/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Planex: a SHA-1 over a number of the device and the data, a version, a length.
 *
 * Specification: OpenWrt firmware-utils src/mkplanexfw.c.
 */
#include "format/wrapper.h"

#define HEADER_SIZE 34u
#define SIZE_MIN 4096u

/* "1.00.00" */
static bool is_version(struct span s)
{
	for (unsigned i = 0; s.p && i < 7; i++)
		if (i == 1 || i == 4 ? s.p[i] != '.' : s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.p && s.p[7] == 0;
}

static uint32_t seed_of(struct span bytes, uint32_t size)
{
	static const uint8_t seeds[][4] = { { 0, 0, 0, 2 }, { 0, 0, 0, 4 } };
	for (unsigned i = 0; i < 2; i++) {
		uint8_t digest[DIGEST_SHA1_SIZE];
		const struct span parts[] = { span_of(seeds[i], 4), span_sub(bytes, HEADER_SIZE, size) };
		digest_of_parts(DIGEST_SHA1, parts, 2, digest);
		if (span_starts(bytes, digest, sizeof digest))
			return seeds[i][3];
	}
	return 0;
}

/* It has no magic, but the version's form is narrow, and what it is made of follows whole. */
static bool planex_probe(struct span at, struct format_match *match)
{
	uint32_t size = span_u32be(at, 30);
	match->size = (uint64_t)HEADER_SIZE + size;
	match->confidence = 80;
	return is_version(span_sub(at, 20, 8)) && size >= SIZE_MIN && match->size <= at.n && seed_of(at, size);
}

static struct error planex_walk(struct span bytes, struct walk *w)
{
	uint32_t size = span_u32be(bytes, 30), seed = seed_of(bytes, size);
	wrapper_field(w, 20, "version", span_sub(bytes, 20, 8));
	emit_header_field(w->sink, 0, "device", "%s", seed == 2 ? "MZK-W04NU" : "MZK-W300NH");
	wrapper_check(w, 0, "sha1sum", true, seed != 0);
	(void)wrapper_region(w, bytes, HEADER_SIZE, size, TEXT_LIT("firmware"), NULL);
	return error_none();
}

const struct format planex_format = {
	.name = "planex",
	.kind = FORMAT_CONTAINER,
	.title = "Planex image",
	.spec = "OpenWrt firmware-utils src/mkplanexfw.c",
	.at_start = true,
	.probe = planex_probe,
	.walk = planex_walk,
};
