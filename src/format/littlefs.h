/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Within littlefs*.c: metadata pairs and what is in them. */
#ifndef ASSAY_FORMAT_LITTLEFS_H
#define ASSAY_FORMAT_LITTLEFS_H

#include "format/format.h"

#define LITTLEFS_NULL 0xffffffffu
#define LITTLEFS_IDS 1023u /* a pair has no more; 0x3ff stands for none */

enum littlefs_type { LITTLEFS_NONE, LITTLEFS_FILE, LITTLEFS_DIRECTORY, LITTLEFS_SUPERBLOCK };
enum littlefs_struct { LITTLEFS_NO_STRUCT, LITTLEFS_DIR, LITTLEFS_INLINE, LITTLEFS_CTZ };

struct littlefs_entry {
	enum littlefs_type type;
	enum littlefs_struct structure;
	struct text name;
	struct span data; /* of the structure */
	uint16_t id;      /* version 2 */
	bool moved;       /* version 1: if it is elsewhere too, it is there */
};

struct littlefs_pair {
	uint32_t block; /* that of the two which counts */
	uint32_t tail[2];
	bool has_tail, hard; /* hard: the tail goes on with the same directory */
	uint32_t move[3];    /* version 2: its part of the global state */
	struct littlefs_entry *entries;
	size_t n;
};

struct littlefs_room;

struct littlefs {
	struct span bytes;
	uint32_t version, block_size, block_count, name_max;
	uint32_t root[2];
	struct arena *arena;
	struct littlefs_room *room; /* for one pair at a time */
};

/* What stands in the superblock of the file system that begins at at.p. */
bool littlefs_superblock(struct span at, struct littlefs *fs);

/* Reads a metadata pair; its entries live in fs->arena. */
enum error_code littlefs_pair_read(struct littlefs *fs, const uint32_t blocks[2], struct littlefs_pair *pair) MUST_USE;

/* A file in a list of blocks, each of which points back. */
struct littlefs_ctz {
	uint32_t head, size;
};

extern const struct content_ops littlefs_ctz_ops;

/* The bytes of a block; SPAN_NONE for a number that is no block's, and for one that the image has not whole. */
static inline struct span littlefs_block(const struct littlefs *fs, uint32_t block)
{
	return block < fs->block_count ? span_sub(fs->bytes, (uint64_t)block * fs->block_size, fs->block_size) : SPAN_NONE;
}

#endif
