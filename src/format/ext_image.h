/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An ext2, ext3 or ext4 image while it is walked and read. Words and offsets are those of the Linux kernel's
 * Documentation/filesystems/ext4. */
#ifndef ASSAY_FORMAT_EXT_IMAGE_H
#define ASSAY_FORMAT_EXT_IMAGE_H

#include "format/block_map.h"
#include "format/inode_tree.h"

#define EXT_ROOT 2u
#define EXT_BLOCK_POINTERS 60u /* bytes of i_block */
#define EXT_EXTENT_MAGIC 0xf30au

enum {
	COMPAT_HAS_JOURNAL = 0x4,
	COMPAT_SPARSE_SUPER2 = 0x200,
	INCOMPAT_COMPRESSION = 0x1,
	INCOMPAT_FILETYPE = 0x2,
	INCOMPAT_RECOVER = 0x4,
	INCOMPAT_META_BG = 0x10,
	INCOMPAT_EXTENTS = 0x40,
	INCOMPAT_64BIT = 0x80,
	INCOMPAT_FLEX_BG = 0x200,
	INCOMPAT_CSUM_SEED = 0x2000,
	INCOMPAT_LARGEDIR = 0x4000,
	RO_COMPAT_SPARSE_SUPER = 0x1,
	RO_COMPAT_GDT_CSUM = 0x10,
	RO_COMPAT_BIGALLOC = 0x200,
	RO_COMPAT_METADATA_CSUM = 0x400,

	FLAG_COMPRBLK = 0x200,
	FLAG_ENCRYPT = 0x800,
	FLAG_EXTENTS = 0x80000,
	FLAG_VERITY = 0x100000,
	FLAG_INLINE_DATA = 0x10000000,
};

struct ext_super {
	uint64_t at; /* where it was read */
	uint64_t blocks, groups;
	uint32_t inodes, inodes_per_group, blocks_per_group, first_data_block, block_size, first_meta_bg;
	uint32_t compat, incompat, ro_compat, revision, block_group, backup_groups[2];
	uint32_t inode_size, descriptor_size;
	bool checksum_ok; /* or there is none */
};

/* Where the newest bytes of a block stand: in the journal. */
struct ext_home {
	uint64_t block, at;
	bool escaped; /* its first four bytes are the journal's magic, and zeros where it stands */
};

struct ext {
	struct ext_super s;
	struct span image;
	struct indirect_map indirect;
	uint32_t seed; /* of the checksums of metadata */
	unsigned verity_files;
	struct ext_home *homes; /* of blocks that the journal holds, ascending */
	size_t nhomes;
	uint64_t journal_magic_at; /* of its superblock in the image */
	uint8_t *reached; /* a bit for every inode that a name leads to; NULL: not kept */
	size_t reached_n; /* bytes */
};

/* What a file, a directory or a link needs to be read. */
struct ext_file {
	uint32_t flags, seed;
	bool directory; /* blocks that are marked as not written are read as e2fsck reads them */
	uint64_t size;
	struct span pointers; /* i_block */
	struct span inode;    /* whole */
};

/* The superblock of the file system that begins at `at`: the first one or, when that is damaged, a backup. */
bool ext_super_find(struct span at, struct ext_super *s);
/* Whether the inode of the root directory is where the superblock leads in a file system that begins at at.p. Only for revision 0,
 * whose superblocks do not say of which group they are. */
bool ext_root_is_there(struct span at, const struct ext_super *s);
/* A superblock that begins at s->at of `all`, of whatever group. */
bool ext_super_read(struct span all, uint64_t at, struct ext_super *s);
/* What the superblock says of the image, as rows of `header`; damage where its
 * checksum does not fit. */
void ext_super_show(const struct ext *fs, struct sink *sink);

/* Where the inode table of a group begins; false when no descriptor tells. */
bool ext_group_inodes(const struct ext *fs, uint64_t group, uint64_t *block);
/* The bits of a group's inodes that are in use; empty when none has to be looked at. */
struct span ext_group_inode_bitmap(const struct ext *fs, uint64_t group);
/* Reports how many descriptors do not have the checksum that they should. */
void ext_groups_check(const struct ext *fs, struct sink *sink);

/* Takes what the journal of a file system holds that was not unmounted for what is there; reports what of it can not be. */
void ext_journal_replay(struct ext *fs, struct walk *w);
/* What the fast commits at the end of a journal change that belong to the transaction behind the last whole one. */
struct ext_fast_commits {
	uint32_t sequence; /* of that transaction */
	unsigned commits, inodes, ranges, names;
	struct {
		unsigned inodes, ranges, names;
		uint32_t sum;
		bool begun;
	} open; /* those behind the last tail */
};
/* Takes the next of their blocks; false when there is none behind it. */
bool ext_fast_commits_read(struct ext_fast_commits *f, struct span block);
/* A block of metadata as it is after that. */
struct span ext_block(const struct ext *fs, uint64_t block);
/* The part of a run from its beginning on that lies together after that. */
void ext_run_newest(const struct ext *fs, struct run *run);

/* The file of an inode; false when there is none that can be read. */
bool ext_file_of(const struct ext *fs, uint32_t number, struct ext_file *file);
/* The run of a file's bytes from `offset` on, for a struct block_map: `fs` is a struct ext, `file` a struct ext_file.
 * What no block or extent has is a hole. ERR_CORRUPT, ERR_TRUNCATED where the blocks that lead there are broken or
 * not in the image. */
struct error ext_find_run(const void *fs, const void *file, uint64_t offset, struct run *run);
void ext_extents_check(const struct ext *fs, struct tree *t, const struct ext_file *file, uint64_t at);

/* Keeps account of the inodes that are reached; tells whether one was before. */
void ext_reached_begin(struct ext *fs, struct arena *arena);
bool ext_reached(struct ext *fs, uint64_t number);
/* Report what no listing shows: inodes without a name, blocks beyond a file's end, holes in a directory. */
void ext_lost_check(struct ext *fs, struct tree *t);
/* Whether the bitmap of inodes says what every one says of those that are reserved. */
bool ext_reserves_inodes(const struct ext *fs);
void ext_beyond_check(const struct ext *fs, struct tree *t, const struct ext_file *file, uint64_t at);
void ext_directory_check(const struct ext *fs, struct tree *t, const struct inode *directory);

extern const struct tree_ops ext_tree;

#endif
