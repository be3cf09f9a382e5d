/* SPDX-License-Identifier: GPL-3.0-or-later */
/* romfs. Specification: Linux Documentation/filesystems/romfs.rst: the words of the first 512 bytes sum to zero. */
#include "format/format.h"

#define SUMMED 512u
#define BLOCK 1024u

static bool romfs_probe(struct span at, struct format_match *match)
{
	uint32_t size = span_u32be(at, 8), sum = 0;
	struct span summed = span_sub(at, 0, size < SUMMED ? size : SUMMED);
	if (!span_starts(at, "-rom1fs-", 8) || size < 32 || !summed.p)
		return false;
	for (size_t i = 0; i + 4 <= summed.n; i += 4)
		sum += span_u32be(summed, i);
	uint64_t padded = ((uint64_t)size + BLOCK - 1) / BLOCK * BLOCK;
	match->size = padded <= at.n ? padded : size;
	match->confidence = 95;
	return sum == 0;
}

static const struct format_magic romfs_magics[] = { MAGIC("-rom1fs-", 0), MAGIC_END };

const struct format romfs_format = {
	.name = "romfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "romfs file system",
	.spec = "Linux Documentation/filesystems/romfs.rst",
	.magics = romfs_magics,
	.probe = romfs_probe,
};
