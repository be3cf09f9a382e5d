/* SPDX-License-Identifier: GPL-3.0-or-later */
/* D-Link's images with a board like "fw-f2_dkbs_dap2695": a board, a version, a boot device, then the image.
 *
 * Specification: binwalk src/structures/dkbs.rs.
 */
#include "format/region.h"
#include "format/wrapper.h"

#define HEADER 0xa0u

static uint32_t image_size(struct span bytes)
{
	uint32_t big = span_u32be(bytes, 0x68);
	return big >> 24 ? span_u32le(bytes, 0x68) : big;
}

static bool dkbs_probe_whole(struct span all, struct format_match *match)
{
	if (!span_has(all, 7, "_dkbs_", 6) || all.n < HEADER || !wrapper_is_text(span_sub(all, 0, 0x20)) ||
		!wrapper_is_text(span_sub(all, 0x28, 0x20)) || !wrapper_is_text(span_sub(all, 0x70, 0x20)) || !image_size(all))
		return false;
	match->size = HEADER + (uint64_t)image_size(all);
	match->confidence = 80;
	return true;
}

/* Within other bytes it may be a text of a program, whose neighbours seem to be the other fields: the device and all of the image
 * have to be there. */
static bool dkbs_probe(struct span at, struct format_match *match)
{
	return dkbs_probe_whole(at, match) && match->size <= at.n && span_has(at, 0x70, "/dev/", 5);
}

static struct error dkbs_walk(struct span bytes, struct walk *w)
{
	wrapper_field(w, 0, "board id", span_sub(bytes, 0, 0x20));
	wrapper_field(w, 0x28, "version", span_sub(bytes, 0x28, 0x20));
	wrapper_field(w, 0x70, "boot device", span_sub(bytes, 0x70, 0x20));
	region_emit(w, "image", bytes, HEADER, image_size(bytes), NULL);
	return error_none();
}

static const struct format_magic dkbs_magics[] = { MAGIC("_dkbs_", 7), MAGIC_END };

const struct format dlink_dkbs_format = {
	.name = "dlink_dkbs",
	.kind = FORMAT_CONTAINER,
	.title = "D-Link image with a DKBS board",
	.spec = "binwalk src/structures/dkbs.rs",
	.magics = dkbs_magics,
	.probe = dkbs_probe,
	.probe_whole = dkbs_probe_whole,
	.walk = dkbs_walk,
};
