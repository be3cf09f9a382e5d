/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the btrfs reader share. Not for other formats. */
#ifndef ASSAY_FORMAT_BTRFS_IMAGE_H
#define ASSAY_FORMAT_BTRFS_IMAGE_H

#include "format/format.h"

#define BTRFS_SUPER_AT 0x10000u
#define BTRFS_SUPER_SIZE 4096u
#define BTRFS_LEVELS 8u
#define BTRFS_FS_TREE 5u
#define BTRFS_CSUM_TREE 7u
#define BTRFS_ROOT_INODE 256u

enum btrfs_type {
	BTRFS_INODE_ITEM = 1,
	BTRFS_DIR_INDEX = 96,
	BTRFS_EXTENT_DATA = 108,
	BTRFS_EXTENT_CSUM = 128,
	BTRFS_ROOT_ITEM = 132,
	BTRFS_ROOT_BACKREF = 144,
	BTRFS_CHUNK_ITEM = 228,
};

struct btrfs_super {
	uint64_t root, chunk_root, log_root, total_bytes, bytes_used, generation, device_id, device_bytes, devices, incompat;
	uint32_t sector_size, node_size;
	uint16_t checksum_type;
	uint8_t root_level, chunk_level;
	struct span uuid, system_chunks;
	struct text label;
};

/* A range of logical addresses, and where it lies on this device: up to two copies. */
struct btrfs_chunk {
	uint64_t logical, size;
	uint64_t places[2];
	unsigned copies; /* 0: on other devices, or spread over several */
};

struct btrfs_key {
	uint64_t object;
	uint8_t type;
	uint64_t offset;
};

struct btrfs_item {
	struct btrfs_key key;
	struct span data;
};

struct btrfs_extent {
	uint64_t at, size;     /* in the file */
	uint64_t from, packed; /* logical place and size on disk; from == 0: a hole */
	uint64_t skip;         /* in what is unpacked */
	uint64_t unpacked;
	uint8_t compression;
	struct span inlined; /* p != NULL: the bytes themselves */
};

struct name_chain; /* a directory's entry */
struct btrfs_sums;

struct btrfs_inode {
	uint64_t number, size;
	uint32_t mode, uid, gid;
	int64_t mtime;
	uint64_t device;
	size_t first_entry, entries, first_extent, extents;
	const struct name_chain *name; /* the first one that was walked */
	bool described;                /* it has an inode item */
};

struct btrfs_entry {
	struct btrfs_key location; /* an inode, or the tree of a subvolume */
	struct text name;
};

/* All of a tree of files. */
struct btrfs_files {
	uint64_t id;
	struct btrfs_inode *inodes; /* by number */
	struct btrfs_entry *entries;
	struct btrfs_extent *extents;
	size_t ninodes, nentries, nextents, inodes_cap, entries_cap, extents_cap;
	bool full; /* of what the arena gives */
	struct btrfs_files *next;
};

struct btrfs {
	struct span image;
	struct btrfs_super super;
	struct btrfs_chunk *chunks; /* by address */
	size_t nchunks, chunks_cap;
	struct btrfs_sums *sums; /* of the data, by address */
	size_t nsums, sums_cap;
	uint64_t ahead; /* bytes that may still be held against their checksums before they are read */
	struct walk *walk; /* only while walking */
	unsigned damages;
	uint64_t nodes; /* that may yet be read */
};

/* The first damages are reported one by one, the others counted. */
#define btrfs_damage(fs, ...) emit_damage_capped((fs)->walk->sink, &(fs)->damages, __VA_ARGS__)

/* btrfs_checksum.c */
/* NULL: there is no such kind. */
const char *btrfs_checksum_name(uint16_t type);
/* Whether it can be verified. */
bool btrfs_checksum_known(const struct btrfs_super *s);
/* Whether the bytes behind the first 32 have the checksum that stands there; true for kinds that are not known. */
bool btrfs_checksum_ok(const struct btrfs_super *s, struct span block);
/* Notes where the checksums of the data are, which the tree has. */
void btrfs_sums_load(struct btrfs *fs, uint64_t root, unsigned level);
/* The n bytes of a file at a logical address: of the first copy whose checksums hold. Else *code says why not. */
struct span btrfs_data(const struct btrfs *fs, uint64_t logical, uint64_t n, enum error_code *code);

/* btrfs.c */
/* The n bytes at a logical address, by copy number. */
struct span btrfs_map(const struct btrfs *fs, uint64_t logical, uint64_t n, unsigned copy);

/* btrfs_tree.c: calls take() for all items of the tree in order, until it gives false. */
void btrfs_tree_walk(struct btrfs *fs, uint64_t root, unsigned level, bool (*take)(void *, const struct btrfs_item *),
					 void *context);
/* A key of 17 bytes: object, type, offset; a reader that ends has failed. */
struct btrfs_key btrfs_key_read(struct reader *r);

/* btrfs_files.c: reads a tree of files; what does not fit the arena is left out, with damage reported. NULL: not even
 * it. */
struct btrfs_files *btrfs_files_load(struct btrfs *fs, uint64_t id, uint64_t root, unsigned level);
/* NULL: the tree has no such inode. */
struct btrfs_inode *btrfs_inode_find(const struct btrfs_files *files, uint64_t number);

/* btrfs_content.c: false at the arena's limit. */
bool btrfs_content_set(struct btrfs *fs, const struct btrfs_files *files, const struct btrfs_inode *inode,
					   struct entry *e);

/* btrfs_walk.c */
struct error btrfs_traverse(struct btrfs *fs);

/* LZO as btrfs packs it: segments of one sector each, none of whose lengths lies across two sectors. */
enum error_code btrfs_unpack_lzo(struct span in, uint32_t sector, uint8_t *out, size_t out_n, size_t *got) MUST_USE;

#endif
