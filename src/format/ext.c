/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ext2, ext3, ext4. Specification: Linux Documentation/filesystems/ext4/super.rst. */
#include "format/format.h"

#define SUPERBLOCK_AT 1024u
#define SUPERBLOCK_SIZE 1024u
#define INCOMPAT_64BIT 0x80u

static bool ext_probe(struct span at, struct format_match *match)
{
	struct span s = span_sub(at, SUPERBLOCK_AT, SUPERBLOCK_SIZE);
	uint32_t inodes = span_u32le(s, 0), free_inodes = span_u32le(s, 16), first = span_u32le(s, 20);
	uint32_t log_size = span_u32le(s, 24), blocks_per_group = span_u32le(s, 32), inodes_per_group = span_u32le(s, 40);
	uint64_t blocks = span_u32le(s, 4);
	if (!span_has(s, 56, "\x53\xef", 2) || log_size > 6 || !blocks_per_group || !inodes_per_group ||
		free_inodes > inodes || first != (log_size == 0) || blocks_per_group > 8u << (10 + log_size))
		return false;
	if (span_u32le(s, 76) >= 1 && span_u32le(s, 96) & INCOMPAT_64BIT)
		blocks |= (uint64_t)span_u32le(s, 0x150) << 32;
	if (blocks <= first || blocks >> 40)
		return false;
	/* Every group has the same number of inodes: that ties four fields together. */
	uint64_t groups = (blocks - first + blocks_per_group - 1) / blocks_per_group;
	match->size = blocks << (10 + log_size);
	match->confidence = 85;
	return groups * inodes_per_group == inodes;
}

static const struct format_magic ext_magics[] = { MAGIC("\x53\xef", SUPERBLOCK_AT + 56), MAGIC_END };

const struct format ext_format = {
	.name = "ext",
	.kind = FORMAT_FILESYSTEM,
	.title = "ext2, ext3 or ext4 file system",
	.spec = "Linux Documentation/filesystems/ext4/super.rst",
	.magics = ext_magics,
	.probe = ext_probe,
};
