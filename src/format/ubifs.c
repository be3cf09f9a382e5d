/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UBIFS, as an image of its own: it begins with its superblock node.
 *
 * Specification: Linux fs/ubifs/ubifs-media.h (struct ubifs_ch, struct ubifs_sb_node).
 */
#include "base/hash.h"
#include "format/format.h"

#define SUPERBLOCK_NODE 6u
#define SUPERBLOCK_SIZE 4096u

static bool ubifs_probe(struct span at, struct format_match *match)
{
	struct span node = span_sub(at, 0, SUPERBLOCK_SIZE);
	if (!span_starts(node, "\x31\x18\x10\x06", 4) || span_u32le(node, 16) != SUPERBLOCK_SIZE ||
		node.p[20] != SUPERBLOCK_NODE || ~hash_crc32(0, span_from(node, 8)) != span_u32le(node, 4))
		return false;
	uint32_t leb_size = span_u32le(node, 36), leb_count = span_u32le(node, 40);
	match->size = (uint64_t)leb_size * leb_count;
	match->confidence = 95;
	return match->size >= SUPERBLOCK_SIZE;
}

static const struct format_magic ubifs_magics[] = { MAGIC("\x31\x18\x10\x06", 0), MAGIC_END };

const struct format ubifs_format = {
	.name = "ubifs",
	.kind = FORMAT_FILESYSTEM,
	.title = "UBIFS file system",
	.spec = "Linux fs/ubifs/ubifs-media.h",
	.magics = ubifs_magics,
	.probe = ubifs_probe,
};
