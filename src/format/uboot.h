/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What U-Boot's names for compressions, types and architectures promise about an image's bytes. They are the same in
 * legacy images and in FIT (U-Boot boot/image.c, uimage_comp[] and its neighbours). */
#ifndef ASSAY_FORMAT_UBOOT_H
#define ASSAY_FORMAT_UBOOT_H

#include "base/span.h"

/* The name of the format to try first, or NULL. */
static inline const char *uboot_promised_format(struct text compression, struct text type, struct text arch)
{
	static const char *const compressions[][2] = {
		{ "gzip", "gzip" }, { "bzip2", "bzip2" }, { "lzma", "lzma" },
		{ "lzo", "lzop" },  { "lz4", "lz4" },     { "zstd", "zstd" },
	};
	for (size_t i = 0; i < sizeof compressions / sizeof compressions[0]; i++)
		if (text_is(compression, compressions[i][0]))
			return compressions[i][1];
	if (text_is(type, "flat_dt"))
		return "dtb";
	if (!text_starts(type, "kernel"))
		return NULL;
	return text_is(arch, "arm")     ? "zimage"
		   : text_is(arch, "arm64") ? "arm64image"
		   : text_is(arch, "x86")   ? "bzimage"
									: NULL;
}

#endif
