/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An F2FS image while it is walked and read. Words and offsets are those of Linux include/linux/f2fs_fs.h. */
#ifndef ASSAY_FORMAT_F2FS_IMAGE_H
#define ASSAY_FORMAT_F2FS_IMAGE_H

#include "format/block_map.h"
#include "format/inode_tree.h"

#define F2FS_INODE_HEAD 360u /* bytes before the addresses in an inode */
#define F2FS_FOOTER 24u      /* bytes at the end of every node */
#define F2FS_CHECKPOINT_UMOUNT 0x1u /* flag of a checkpoint */
#define F2FS_NODE_IDS 5u     /* in an inode, between its addresses and the footer */

/* Addresses of blocks that are none. */
#define F2FS_NULL_ADDRESS 0u
#define F2FS_NEW_ADDRESS 0xffffffffu
#define F2FS_COMPRESS_ADDRESS 0xfffffffeu

enum {
	F2FS_FEATURE_INODE_CHECKSUM = 0x20,
	F2FS_FEATURE_FLEXIBLE_INLINE_XATTR = 0x40,
	F2FS_FEATURE_SUPERBLOCK_CHECKSUM = 0x800,
	F2FS_FEATURE_COMPRESSION = 0x2000,
};

struct f2fs_super {
	uint64_t at; /* where it was read */
	uint64_t blocks;
	uint32_t log_block, log_segment, checkpoint, nat, main, root, payload, features;
	uint32_t nat_segments, main_segments;
};

struct f2fs_checkpoint {
	uint64_t block, version; /* where its pack begins */
	uint32_t flags, blocks, summaries;
	struct span nat_bitmap;
};

/* A node that was written after the last checkpoint and counts. */
struct f2fs_synced {
	uint32_t inode, offset; /* which node of the file it is; 0: the inode */
	uint32_t number, address, flags, order;
};

/* A name that such an inode gives its file. */
struct f2fs_synced_name {
	uint32_t parent, number, order;
	struct text text;
};

struct f2fs {
	struct span image;
	struct f2fs_super s;
	struct f2fs_checkpoint c;
	struct span journal;                /* entries of the NAT that are newer than the NAT */
	uint32_t block_size, node_pointers; /* in a node that is no inode */
	uint32_t checksum_seed;
	struct f2fs_synced *synced;         /* by inode and offset */
	struct f2fs_synced_name *names;     /* by parent and name */
	size_t nsynced, nnames;
};

/* What a file, a directory or a link needs to be read. */
struct f2fs_file {
	uint32_t number;
	uint32_t addresses, per_node; /* how many addresses are in the inode, and in each node below it */
	uint32_t addresses_at;        /* in the inode */
	uint32_t inline_n;            /* bytes of inline data at most; 0: none are inline */
	bool exists, encrypted, compressed;
	uint8_t algorithm, log_cluster;
	uint64_t size;
	struct span inode;
};

/* f2fs_super_find(): the superblock of the image that begins with `at`: the first one, or the second where that is
 * broken and a checkpoint tells that it belongs here. *c is then filled in the second case alone.
 * f2fs_checkpoint_find(): the newer one of the two checkpoint packs that are whole (their heads and ends agree and
 * have the right CRC). False: there is none. */
bool f2fs_super_find(struct span at, struct f2fs_super *s, struct f2fs_checkpoint *c);
bool f2fs_checkpoint_find(struct span image, const struct f2fs_super *s, struct f2fs_checkpoint *c);
/* The entries of the NAT's journal in the summary blocks of the checkpoint. */
struct span f2fs_journal_find(const struct f2fs *fs);
/* What the superblock and the checkpoint say of the image, as rows of `header`; damage where one is not as it should be. */
void f2fs_show(const struct f2fs *fs, struct sink *sink);

/* Finds what was synced after the last checkpoint of a file system that was not unmounted. */
void f2fs_synced_find(struct f2fs *fs, struct walk *w);
/* Where the newer block of a node of a file stands; F2FS_NULL_ADDRESS: there is none. */
uint32_t f2fs_synced_address(const struct f2fs *fs, uint32_t inode, uint32_t offset);
/* The names that a directory may not have yet: from the returned one on, *n of them. */
const struct f2fs_synced_name *f2fs_synced_names(const struct f2fs *fs, uint32_t parent, size_t *n);
/* Whether one of them is this. */
bool f2fs_synced_has_name(const struct f2fs *fs, uint32_t parent, struct text name);

/* Whether the address of a block lies in the main area, where nodes and data are. */
bool f2fs_is_in_main(const struct f2fs *fs, uint32_t address);
/* The block of a node; empty when there is none, `why` then says it. */
struct span f2fs_node(const struct f2fs *fs, uint32_t number, struct error *why);
/* The run of a file's bytes from `offset` on, for a struct block_map: `fs` is a struct f2fs, `file` a struct
 * f2fs_file. What has no address is a hole. ERR_CORRUPT, ERR_TRUNCATED, ERR_UNSUPPORTED otherwise. */
struct error f2fs_find_run(const void *fs, const void *file, uint64_t offset, struct run *run);

/* Bytes of inline data. */
struct span f2fs_inline(const struct f2fs_file *file);
bool f2fs_content(struct tree *t, const struct inode *inode, struct entry *entry);
/* Reads any part of what is not compressed. */
struct error f2fs_read(const struct f2fs *fs, const struct f2fs_file *file, uint64_t offset, uint8_t *out, size_t n);

extern const struct tree_ops f2fs_tree;

#endif
