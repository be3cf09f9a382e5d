/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of UBIFS share. Not for other formats.
 *
 * Specification: Linux fs/ubifs/ubifs-media.h. All numbers are little-endian. Everything is a node: a header with a
 * CRC, a sequence number, a length and a type; nodes of the tree have a key. The newest node of a key is what counts.
 */
#ifndef ASSAY_FORMAT_UBIFS_IMAGE_H
#define ASSAY_FORMAT_UBIFS_IMAGE_H

#include "format/format.h"

#define UBIFS_MAGIC "\x31\x18\x10\x06"
#define UBIFS_HEADER 24u /* of every node */
#define UBIFS_BLOCK 4096u
#define UBIFS_NODE_MAX (160u + UBIFS_BLOCK) /* of those that have a key */
#define UBIFS_NAME_MAX 255u
#define UBIFS_ROOT 1u
#define UBIFS_SUPERBLOCK_SIZE 4096u
#define UBIFS_DATA_HEADER 48u

#define UBIFS_AUTHENTICATION 0x20u /* a flag of the superblock */

enum ubifs_type {
	UBIFS_INODE,
	UBIFS_DATA,
	UBIFS_ENTRY,
	UBIFS_XATTR,
	UBIFS_TRUNCATION,
	UBIFS_PADDING,
	UBIFS_SUPERBLOCK,
	UBIFS_MASTER,
	UBIFS_REFERENCE,
	UBIFS_INDEX,
	UBIFS_COMMIT,
	UBIFS_ORPHAN,
	UBIFS_AUTH,
};

struct ubifs_super {
	uint8_t key_hash, key_format;
	uint32_t flags, min_io_size, leb_size, leb_count, leb_count_max, log_lebs, lpt_lebs, orphan_lebs, fanout, version;
	uint16_t compression, hash_algorithm;
	uint8_t uuid[16];
};

struct ubifs_master {
	uint64_t at, sqnum, commit;
	uint32_t flags, log_lnum, root_lnum, root_offset, root_size;
};

/* A node of the tree. Sorted by key, all leaves of an inode follow each other: itself, its data by block, its entries
 * if it is a directory, its extended attributes. */
struct ubifs_leaf {
	uint64_t key; /* inode number << 32 | type << 29 | block, or hash of the name */
	uint64_t at;  /* in the image */
	union {
		uint64_t sqnum;                /* 0: from the index, older than all of the journal */
		const struct name_chain *name; /* traversal: the first name of an inode, or of the directory of an entry */
	};
	uint32_t size;
	bool deletes; /* the node says that what it stands for is no more */
};

struct ubifs_truncation {
	uint32_t inode;
	uint32_t first_block; /* that is cut off; once sorted, also by later truncations */
	uint64_t sqnum;
};

struct ubifs {
	struct span image;
	struct walk *walk;
	struct ubifs_super super;
	struct ubifs_master master;
	struct ubifs_leaf *leaves;
	size_t nleaves;
	bool scanned; /* the index could not be read: the leaves are all nodes that were found */
	unsigned damages;
};

/* The first damages are reported one by one, the others counted. */
#define ubifs_damage(fs, ...) emit_damage_capped((fs)->walk->sink, &(fs)->damages, __VA_ARGS__)

/* Where the block begins that a node stands in, and how far it may reach. */
static inline uint64_t ubifs_place(const struct ubifs *fs, uint32_t lnum, uint32_t offset)
{
	return (uint64_t)lnum * fs->super.leb_size + offset;
}

/* The node of that type at `at`, if there is one that is whole and has the right CRC. */
struct span ubifs_node(struct span image, uint64_t at, enum ubifs_type type);

/* A little-endian number of 64 bits, zeros where the bytes end. */
static inline uint64_t ubifs_u64(struct span s, uint64_t at)
{
	return (uint64_t)span_u32le(s, at + 4) << 32 | span_u32le(s, at);
}

/* ubifs_key(): the smallest key of a type of nodes of an inode in the simple format (Linux fs/ubifs/key.h): the
 * inode, 3 bits of type, 29 bits of a hash or a block's number. ubifs_key_type(): the type in a key. */
static inline uint64_t ubifs_key(uint32_t inode, enum ubifs_type type)
{
	return (uint64_t)inode << 32 | (uint64_t)type << 29;
}

static inline enum ubifs_type ubifs_key_type(uint64_t key)
{
	return (enum ubifs_type)(key >> 29 & 7);
}

/* Finds the leaves: through the index and the journal or, when the index is damaged, by looking at everything. */
struct error ubifs_collect(struct ubifs *fs) MUST_USE;

/* The first leaf with that key or a higher one. */
size_t ubifs_find(const struct ubifs *fs, uint64_t key);

/* Shows the tree to the visitor. */
struct error ubifs_traverse(struct ubifs *fs) MUST_USE;

/* Gives the entry of a file its size and content. False at the arena's limit. `sqnum` is that of its inode, or that there is none:
 * then the data tell the size. */
#define UBIFS_UNKNOWN UINT64_MAX
bool ubifs_file_open(struct ubifs *fs, uint32_t inode, uint64_t size, uint64_t sqnum, bool encrypted,
					 struct entry *entry) MUST_USE;

#endif
