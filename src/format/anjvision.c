/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The firmware of ANJVision's cameras: a header, the boot loader with the kernel, the root file system.
 *
 * Specification: binaryanalysis-ng anjvision.ksy.
 */
#include "format/parts.h"

#define HEADER_MIN 32u

static bool anjvision_probe(struct span at, struct format_match *match)
{
	uint32_t size = span_u32le(at, 12), header = span_u32le(at, 20), first = span_u32le(at, 24);
	match->size = size;
	match->confidence = 85;
	return span_starts(at, "ANJOY888", 8) && span_u32le(at, 16) == 3 && header >= HEADER_MIN && header <= 0x10000 && first &&
		   (uint64_t)header + first < size;
}

static struct error anjvision_walk(struct span bytes, struct walk *w)
{
	struct parts p = { bytes, w, 0, false };
	uint32_t size = span_u32le(bytes, 12), header = span_u32le(bytes, 20), first = span_u32le(bytes, 24);
	if (parts_emit(&p, TEXT_LIT("uboot"), header, first, NULL))
		(void)parts_emit(&p, TEXT_LIT("rootfs"), (uint64_t)header + first, size - header - first, NULL);
	return error_none();
}

static const struct format_magic anjvision_magics[] = { MAGIC("ANJOY888", 0), MAGIC_END };

const struct format anjvision_format = {
	.name = "anjvision",
	.kind = FORMAT_CONTAINER,
	.title = "firmware of ANJVision's cameras",
	.spec = "binaryanalysis-ng anjvision.ksy",
	.magics = anjvision_magics,
	.probe = anjvision_probe,
	.walk = anjvision_walk,
};
