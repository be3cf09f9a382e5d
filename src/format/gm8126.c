/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grain Media's GM8126: a mark, a size, and from 256 bytes on a kernel.
 *
 * Specification: FACT_extractor plugins/unpacking/grain_media and generic_carver.
 */
#include "format/region.h"

#define HEADER 256u
#define KERNEL_MIN (16u << 10) /* what is less is a number of a table */

static bool gm_probe(struct span at, struct format_match *match)
{
	uint32_t size = span_u32be(at, 8);
	if (!span_starts(at, "\x80\x5aGM\0\0\0\0", 8) || at.n <= HEADER || size < KERNEL_MIN || size > at.n - HEADER)
		return false;
	match->size = HEADER + (uint64_t)size;
	match->confidence = 80;
	return true;
}

static struct error gm_walk(struct span bytes, struct walk *w)
{
	emit_header_field(w->sink, 8, "size", "%u", span_u32be(bytes, 8));
	region_emit(w, "kernel", bytes, HEADER, span_u32be(bytes, 8), NULL);
	return error_none();
}

static const struct format_magic gm_magics[] = { MAGIC("\x80\x5aGM\0\0\0\0", 0), MAGIC_END };

const struct format gm8126_format = {
	.name = "gm8126",
	.kind = FORMAT_CONTAINER,
	.title = "Grain Media GM8126 image",
	.spec = "FACT_extractor plugins/unpacking/grain_media",
	.magics = gm_magics,
	.probe = gm_probe,
	.walk = gm_walk,
};
