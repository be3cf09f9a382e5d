/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ReiserFS image while it is walked and read: one tree holds everything, in the order of its keys. Words and offsets are
 * those of Linux fs/reiserfs/reiserfs.h; numbers are little-endian. */
#ifndef ASSAY_FORMAT_REISERFS_IMAGE_H
#define ASSAY_FORMAT_REISERFS_IMAGE_H

#include "format/block_map.h"
#include "format/inode_tree.h"

#define REISERFS_HEIGHT_MAX 7u

struct reiserfs_super {
	uint64_t at; /* where it was read */
	uint32_t blocks, root, block_size, hash;
	unsigned height, version, state;
	struct text label;
	struct span uuid;
	bool journal_apart;
	uint32_t journal, journal_blocks, journal_device; /* its first block, its ring's size; on which device, 0: this one */
};

struct reiserfs {
	struct span image;
	struct reiserfs_super s;
};

enum reiserfs_type { REISERFS_STAT, REISERFS_INDIRECT, REISERFS_DIRECT, REISERFS_DIRENTRY, REISERFS_ANY = 15 };

/* Keys are ordered by these four, in this order. */
struct reiserfs_key {
	uint32_t directory, object;
	uint64_t offset; /* bytes of a file, from 1 on */
	unsigned type;
};

struct reiserfs_item {
	struct reiserfs_key key;
	unsigned version, count; /* of the key; of entries in a directory's */
	struct span body;
	uint64_t at; /* of the body in the image */
};

/* A place in the tree: an item of a leaf. */
struct reiserfs_place {
	struct span leaf;
	uint64_t at; /* of the leaf in the image */
	unsigned items, i;
	bool before;              /* even the leaf's first item comes behind what was looked for: i is 0 and not it */
	bool has_next;            /* leaves follow: */
	struct reiserfs_key next; /* none of their keys is smaller */
};

struct reiserfs_file {
	struct reiserfs_key key; /* of its stat data */
	uint64_t size;
};

/* reiserfs_key_compare(): the order of items in a tree, by directory, object, offset and type: less than, equal to or
 * greater than 0. reiserfs_same_object(): whether both are of one file or directory. */
int reiserfs_key_compare(const struct reiserfs_key *a, const struct reiserfs_key *b);
static inline bool reiserfs_same_object(const struct reiserfs_key *a, const struct reiserfs_key *b)
{
	return a->directory == b->directory && a->object == b->object;
}

/* The last item that is not behind the key. */
struct error reiserfs_search(const struct reiserfs *fs, const struct reiserfs_key *key,
							 struct reiserfs_place *p) MUST_USE;
/* An item of the place's leaf; false when it lies outside of it. */
bool reiserfs_item_read(const struct reiserfs_place *p, unsigned i, struct reiserfs_item *item);

/* The run of a file's bytes from `offset` on, for a struct block_map: `fs` is a struct reiserfs, `file` a struct
 * reiserfs_file. What no item has is a hole. ERR_CORRUPT, ERR_TRUNCATED where the nodes that lead there are broken or
 * not in the image. */
struct error reiserfs_find_run(const void *fs, const void *file, uint64_t offset, struct run *run);

/* How many transactions the journal holds that were not written in place, and where the first one begins. */
uint32_t reiserfs_journal_pending(const struct reiserfs *fs, uint64_t *first);

#endif
