/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LogFS, a flash file system that Linux had from 2.6.34 to 4.9: named.
 *
 * Specification: Linux 4.9 fs/logfs/logfs_abi.h, struct logfs_disk_super, behind the header of a segment.
 */
#include "format/format.h"

#define MAGIC_AT 24u /* behind a segment's header */
#define SUPER_SIZE 256u
#define SEGMENT_SHIFT_MAX 30u
#define SIZE_MAX_SANE ((uint64_t)1 << 44)

static bool logfs_probe(struct span at, struct format_match *match)
{
	struct reader r = reader_be(span_from(span_sub(at, 0, SUPER_SIZE), MAGIC_AT));
	bool ok = rd_u64(&r) == 0x7a3a8e5cb9d5bf67u;
	rd_skip(&r, 4); /* CRC */
	uint32_t inode_levels = rd_u8(&r), indirect_levels = rd_u8(&r), levels = rd_u8(&r), segment = rd_u8(&r), block = rd_u8(&r), page = rd_u8(&r);
	rd_skip(&r, 6);
	uint64_t size = rd_u64(&r);
	*match = (struct format_match){ .size = size, .confidence = 90 };
	return rd_ok(&r) && ok && inode_levels < 16 && indirect_levels < 16 && levels < 16 && block >= 9 && block < segment &&
		   segment <= SEGMENT_SHIFT_MAX && page < segment && size >= (uint64_t)1 << segment && size <= SIZE_MAX_SANE;
}

static const struct format_magic logfs_magics[] = { MAGIC("\x7a\x3a\x8e\x5c\xb9\xd5\xbf\x67", MAGIC_AT), MAGIC_END };

const struct format logfs_format = {
	.name = "logfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "LogFS (named)",
	.spec = "Linux 4.9 fs/logfs/logfs_abi.h",
	.magics = logfs_magics,
	.probe = logfs_probe,
};
