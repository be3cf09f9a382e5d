/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cramfs. Specification: Linux include/uapi/linux/cramfs_fs.h (struct cramfs_super). */
#include "format/format.h"

#define SUPERBLOCK_SIZE 76u

static bool cramfs_probe(struct span at, struct format_match *match)
{
	struct reader r = reader_of(at, span_starts(at, "\x28\xcd\x3d\x45", 4));
	uint32_t magic = rd_u32(&r), size = rd_u32(&r);
	if (!span_sub(at, 0, SUPERBLOCK_SIZE).p || magic != 0x28cd3d45 || !span_has(at, 16, "Compressed ROMFS", 16) ||
		size < SUPERBLOCK_SIZE)
		return false;
	match->size = size;
	match->confidence = 90;
	return true;
}

static const struct format_magic cramfs_magics[] = { MAGIC("\x45\x3d\xcd\x28", 0), MAGIC("\x28\xcd\x3d\x45", 0),
													 MAGIC_END };

const struct format cramfs_format = {
	.name = "cramfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "cramfs file system, both byte orders",
	.spec = "Linux include/uapi/linux/cramfs_fs.h",
	.magics = cramfs_magics,
	.probe = cramfs_probe,
};
