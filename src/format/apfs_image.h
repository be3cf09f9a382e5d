/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An APFS container while it is walked and read. Words and offsets are those of "Apple File System Reference" (Apple,
 * 2020-06-22); numbers are little-endian. */
#ifndef ASSAY_FORMAT_APFS_IMAGE_H
#define ASSAY_FORMAT_APFS_IMAGE_H

#include "format/block_map.h"
#include "format/inode_tree.h"

#define APFS_LEVELS 16u /* of a B-tree, at most */

/* Object types: the lower half of o_type. */
enum { APFS_SUPER = 1, APFS_BTREE = 2, APFS_BTREE_NODE = 3, APFS_OMAP = 11, APFS_CHECKPOINT_MAP = 12, APFS_FS = 13 };

/* Types of file-system records (j_obj_types). */
enum { APFS_INODE = 3, APFS_XATTR = 4, APFS_FILE_EXTENT = 8, APFS_DIR_REC = 9 };

struct apfs {
	struct span image;
	uint32_t block_size;
	uint8_t *checked; /* of each block of the image: whether its checksum was found right; read and written by several threads */
};

/* Whose keys a B-tree has. */
enum apfs_keys {
	APFS_KEYS_OMAP,    /* object and transaction */
	APFS_KEYS_CATALOG, /* of file-system records */
	APFS_KEYS_FEXT,    /* of the extents of a sealed volume */
};

struct apfs_btree {
	const struct apfs *fs;
	enum apfs_keys keys;
	uint64_t root;                 /* its object */
	const struct apfs_btree *omap; /* that tells where its nodes are; NULL: their numbers are those of blocks */
	uint64_t xid;                  /* what the map says behind this transaction does not count */
	bool hashed;                   /* numbers of nodes count from that of the root, and a hash stands behind them */
};

/* A key as it is compared: number and type of an object, then what is in it. */
struct apfs_key {
	uint64_t first, second;
	struct text name;
};

/* The key of a record of the object `id` in a file system's tree, of that j_obj_types (Apple File System Reference,
 * "File-System Objects"). `second` and `name` tell records of one type and object apart; the name is not copied. */
static inline struct apfs_key apfs_record_key(uint64_t id, unsigned type, uint64_t second, struct text name)
{
	return (struct apfs_key){ id << 4 | type, second, name };
}

struct apfs_record {
	struct apfs_key key;
	struct span raw, value;
};

struct apfs_node {
	struct span bytes;
	uint64_t at; /* in the image */
	unsigned flags, level;
	uint32_t n, next; /* records, and which of them comes next */
};

struct apfs_cursor {
	const struct apfs_btree *tree;
	struct apfs_node nodes[APFS_LEVELS]; /* from the root to a leaf */
	unsigned depth;
	uint64_t visited; /* nodes so far */
};

/* A file-system's volume. */
struct apfs_volume {
	const struct apfs *fs;
	struct apfs_btree omap, catalog, extents;
	bool sealed, hashed_names;
};

/* A data stream: where it is told of by extents of that number. */
struct apfs_stream {
	uint64_t id, size;
};

/* A block of the image that is an object of one of two types, its checksum verified; of object `oid`. */
struct error apfs_object(const struct apfs *fs, uint64_t block, uint64_t oid, unsigned type, unsigned other, struct span *bytes) MUST_USE;
/* Fletcher-64 over all that is behind the sum (o_cksum of "Objects"); the block has a multiple of four bytes. */
bool apfs_checksum_fits(struct span block);

/* What the object map says: the block of an object. */
struct error apfs_omap_find(const struct apfs_btree *omap, uint64_t oid, uint64_t xid, uint64_t *block, bool *headerless) MUST_USE;

/* Goes before the first record whose key is larger. */
struct error apfs_seek(const struct apfs_btree *tree, const struct apfs_key *key, struct apfs_cursor *c) MUST_USE;
/* The record that the cursor stands behind. False: it stands at the beginning. */
bool apfs_behind(const struct apfs_cursor *c, struct apfs_record *record);
/* The next one. False with an error: a node can not be read, and the next call goes on behind it. Without one: the end. */
bool apfs_next(struct apfs_cursor *c, struct apfs_record *record, struct error *error);

extern const struct tree_ops apfs_tree;
/* Shows the inodes that no name leads to. */
void apfs_lost(struct tree *t);

#endif
