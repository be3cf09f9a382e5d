/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A JFS image while it is walked and read. Words and offsets are those of Linux fs/jfs/jfs_superblock.h, jfs_dinode.h,
 * jfs_imap.h, jfs_xtree.h and jfs_dtree.h; numbers are little-endian. */
#ifndef ASSAY_FORMAT_JFS_IMAGE_H
#define ASSAY_FORMAT_JFS_IMAGE_H

#include "format/block_map.h"
#include "format/inode_tree.h"

#define JFS_PAGE 4096u
#define JFS_INODE_SIZE 512u
#define JFS_ROOT 2u
#define JFS_FILESET 16u  /* the inode of the aggregate that maps the inodes of the files */
#define JFS_TREE_AT 224u /* in an inode: the root of a directory or of extents */
#define JFS_HEIGHT_MAX 8u

enum {
	JFS_FLAG_DIR_INDEX = 0x200000,
	JFS_FLAG_OS2 = 0x40000000,
};

/* Blocks that lie together. */
struct jfs_extent {
	uint64_t block;
	uint32_t n;
};

struct jfs_super {
	uint64_t at; /* where it was read */
	uint64_t blocks;
	uint32_t block_size, version, flags, state;
	struct jfs_extent second_inodes, log, work;
	struct text label;
	struct span uuid;
};

/* What a file, a directory or a link needs to be read. */
struct jfs_file {
	uint64_t size;
	struct span inode;
};

struct jfs {
	struct span image;
	struct jfs_super s;
	struct jfs_file map; /* of inodes: pages of 4096 inodes each, behind a first one */
};

/* A physical extent descriptor (pxd_t, Linux fs/jfs/jfs_types.h) at `at`: 24 bits of length and 40 of address, in
 * blocks. Zeros beyond the end. */
static inline struct jfs_extent jfs_extent_read(struct span s, uint64_t at)
{
	uint32_t high = span_u32le(s, at);
	return (struct jfs_extent){ .block = (uint64_t)(high >> 24) << 32 | span_u32le(s, at + 4), .n = high & 0xffffff };
}

/* The bytes of an extent; empty when they do not all lie in the image. */
static inline struct span jfs_extent_bytes(const struct jfs *fs, struct jfs_extent e)
{
	return span_sub(fs->image, e.block * fs->s.block_size, (uint64_t)e.n * fs->s.block_size);
}

/* The run of a file's bytes from `offset` on, for a struct block_map: `fs` is a struct jfs, `file` a struct jfs_file.
 * What no extent has is a hole. ERR_CORRUPT, ERR_TRUNCATED where the nodes that lead there are broken or not in the
 * image. */
struct error jfs_find_run(const void *fs, const void *file, uint64_t offset, struct run *run);
/* Tells of the names in a directory. */
void jfs_list(struct tree *t, const struct inode *directory);

extern const struct tree_ops jfs_tree;

#endif
