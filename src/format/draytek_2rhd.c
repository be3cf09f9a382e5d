/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DrayTek Vigor 167 and its kin ("2RHD"): a header, a kernel, a squashfs.
 *
 * Specification: FACT_extractor plugins/unpacking/draytek_vigor_167.
 */
#include "format/region.h"

#define HEADER 256u

#define SIZE_MAX_IMAGE (256u << 20)

static bool vigor_probe(struct span at, struct format_match *match)
{
	uint64_t size = span_u32be(at, 8), kernel = span_u32be(at, 80), rootfs = span_u32be(at, 84);
	struct span file_system = span_from(at, HEADER + kernel);
	if (!span_starts(at, "2RHD", 4) || span_u32be(at, 4) != HEADER || !kernel || !rootfs || size > SIZE_MAX_IMAGE ||
		HEADER + kernel + rootfs > size || (file_system.n >= 4 && !span_starts(file_system, "hsqs", 4)))
		return false;
	match->size = size;
	match->confidence = 85;
	return true;
}

static struct error vigor_walk(struct span bytes, struct walk *w)
{
	uint32_t kernel = span_u32be(bytes, 80), rootfs = span_u32be(bytes, 84);
	emit_header_field(w->sink, 12, "crc32", "0x%08x (not checked)", span_u32be(bytes, 12));
	if (region_emit(w, "kernel", bytes, HEADER, kernel, NULL))
		region_emit(w, "rootfs", bytes, HEADER + (uint64_t)kernel, rootfs, "squashfs");
	return error_none();
}

static const struct format_magic vigor_magics[] = { MAGIC("2RHD\0\0\1\0", 0), MAGIC_END };

const struct format draytek_2rhd_format = {
	.name = "draytek_2rhd",
	.kind = FORMAT_CONTAINER,
	.title = "DrayTek Vigor image (2RHD)",
	.spec = "FACT_extractor plugins/unpacking/draytek_vigor_167",
	.magics = vigor_magics,
	.probe = vigor_probe,
	.walk = vigor_walk,
};
