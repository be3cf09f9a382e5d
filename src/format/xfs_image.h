/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An XFS image while it is walked and read. Words and offsets are those of "XFS Algorithms & Data Structures" (the xfs
 * documentation of kernel.org) and of Linux fs/xfs/libxfs/xfs_format.h; numbers are big-endian, checksums are not. */
#ifndef ASSAY_FORMAT_XFS_IMAGE_H
#define ASSAY_FORMAT_XFS_IMAGE_H

#include "format/block_map.h"
#include "format/inode_tree.h"

enum {
	/* sb_versionnum */
	XFS_VERSION_LOGV2 = 0x400,
	XFS_VERSION_DIRV2 = 0x2000,
	XFS_VERSION_MORE = 0x8000,
	/* sb_features2 */
	XFS_FEATURES2_FTYPE = 0x200,
	/* sb_features_incompat */
	XFS_INCOMPAT_FTYPE = 0x1,
	XFS_INCOMPAT_META_UUID = 0x4,
	XFS_INCOMPAT_NEEDSREPAIR = 0x10,
	XFS_INCOMPAT_KNOWN = 0xff, /* with sparse inodes, times of 64 bits, counts of extents, exchanged ranges, parents */
};

struct xfs_super {
	uint32_t block_size, sector_size, inode_size, directory_block; /* bytes */
	uint32_t group_blocks, groups, log_blocks;
	uint64_t blocks, realtime_blocks, log_start, root;
	unsigned block_log, inode_log, inodes_per_block_log, group_block_log;
	uint32_t version, features2, ro_compat, incompat, log_incompat;
	struct span bytes; /* the sector */
	uint64_t at;       /* of it */
	bool v5, ftype, sound;
};

struct xfs {
	struct span image;
	struct xfs_super s;
};

enum xfs_format { XFS_DEVICE, XFS_LOCAL, XFS_EXTENTS, XFS_BTREE };

/* What a file, a directory or a link needs to be read. */
struct xfs_file {
	uint64_t number, size;
	enum xfs_format format;
	uint64_t extents; /* XFS_EXTENTS: how many */
	struct span fork; /* of the data: what stands in the inode */
	bool realtime;
};

/* Whether version 5 metadata has the CRC-32C that it says, little-endian at `at`, taken as zeros. */
bool xfs_sums(struct span bytes, size_t at);
/* Says when the log holds changes that are not replayed. */
void xfs_log_check(const struct xfs *fs, struct sink *sink);

/* Where a block stands in the image, by a number that holds its group; OFFSET_NONE when it can be none. */
uint64_t xfs_block_at(const struct xfs *fs, uint64_t block);

/* The run of a file's bytes from `offset` on, for a struct block_map: `fs` is a struct xfs, `file` a struct xfs_file.
 * What no extent has is a hole. ERR_CORRUPT, ERR_TRUNCATED where the blocks that lead there are broken or not in the
 * image. */
struct error xfs_find_run(const void *fs, const void *file, uint64_t offset, struct run *run);
/* Reports how many blocks of a file's extents do not have the checksum that they should. */
void xfs_extents_check(const struct xfs *fs, struct tree *t, const struct xfs_file *file, uint64_t at);
/* Tells of the names in a directory. */
void xfs_list(struct tree *t, const struct inode *directory);

extern const struct tree_ops xfs_tree;

#endif
