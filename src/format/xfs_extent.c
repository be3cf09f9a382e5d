/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the bytes of XFS files lie. Specification: "XFS Algorithms & Data Structures", Data Extents. */
#include "format/xfs_image.h"

#define EXTENT_SIZE 16u
#define LEVEL_MAX 9u /* XFS_BM_MAXLEVELS of the largest */
#define CRC_AT 64u
#define UNWRITTEN ((uint64_t)1 << 63)
#define BYTES_END ((uint64_t)1 << 63)

struct extent {
	uint64_t first, block, n;
	bool unwritten;
};

static struct extent extent_read(struct span records, uint64_t i)
{
	uint64_t high = span_u64be(records, i * EXTENT_SIZE), low = span_u64be(records, i * EXTENT_SIZE + 8);
	return (struct extent){ .first = (high & ~UNWRITTEN) >> 9,
							.block = (high & 0x1ff) << 43 | low >> 21,
							.n = low & 0x1fffff,
							.unwritten = high & UNWRITTEN };
}

/* A level of the tree: keys that lead to pointers, or records of extents. */
struct node {
	unsigned level;
	uint64_t n;
	struct span keys, pointers; /* keys of the lowest level are its records */
};

static bool root_read(const struct xfs_file *file, struct node *node)
{
	uint64_t room = file->fork.n < 4 ? 0 : (file->fork.n - 4) / 16;
	*node = (struct node){ .level = span_u16be(file->fork, 0), .n = span_u16be(file->fork, 2) };
	node->keys = span_sub(file->fork, 4, node->n * 8);
	node->pointers = span_sub(file->fork, 4 + room * 8, node->n * 8);
	return node->level && node->level <= LEVEL_MAX && node->n && node->n <= room;
}

static bool block_read(const struct xfs *fs, struct span block, unsigned level, struct node *node)
{
	uint64_t head = fs->s.v5 ? 72 : 24, room = block.n > head ? (block.n - head) / 16 : 0;
	*node = (struct node){ .level = span_u16be(block, 4), .n = span_u16be(block, 6) };
	if (!span_starts(block, fs->s.v5 ? "BMA3" : "BMAP", 4) || node->level != level || node->n > room)
		return false;
	node->keys = span_sub(block, head, node->n * (level ? 8 : EXTENT_SIZE));
	node->pointers = level ? span_sub(block, head + room * 8, node->n * 8) : SPAN_NONE;
	return true;
}

static uint64_t first_block(const struct node *node, uint64_t i)
{
	return node->level ? span_u64be(node->keys, i * 8) : extent_read(node->keys, i).first;
}

/* How many entries begin at or before the block. */
static uint64_t entries_until(const struct node *node, uint64_t block)
{
	uint64_t low = 0, high = node->n;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		if (first_block(node, middle) <= block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct error leaf_run(const struct xfs *fs, const struct node *leaf, uint64_t end, uint64_t offset,
							 struct run *run)
{
	uint32_t size = fs->s.block_size;
	uint64_t block = offset / size, i = entries_until(leaf, block);
	if (i < leaf->n && first_block(leaf, i) < end)
		end = first_block(leaf, i);
	struct extent e = i ? extent_read(leaf->keys, i - 1) : (struct extent){ 0 };
	uint64_t within = block - e.first;
	if (i == 0 || within >= e.n) {
		*run = (struct run){ RUN_HOLE, (end > block ? end - block : 1) * size - offset % size };
		return error_none();
	}
	run->n = (e.n - within) * size - offset % size;
	run->at = RUN_HOLE;
	if (e.unwritten)
		return error_none();
	/* No extent goes beyond its group. */
	uint64_t at = xfs_block_at(fs, e.block);
	if (at == OFFSET_NONE || xfs_block_at(fs, e.block + e.n - 1) != at + (e.n - 1) * size)
		return error_at(ERR_CORRUPT, offset, "an extent of %llu blocks at 0x%llx, where the file system has none",
						(unsigned long long)e.n, (unsigned long long)e.block);
	run->at = at + within * size + offset % size;
	return error_none();
}

struct error xfs_find_run(const void *image, const void *of, uint64_t offset, struct run *run)
{
	const struct xfs *fs = image;
	const struct xfs_file *file = of;
	struct node node = { .n = file->extents, .keys = file->fork };
	uint64_t block = offset / fs->s.block_size, end = BYTES_END >> fs->s.block_log;
	if (block >= end)
		return error_at(ERR_CORRUPT, offset, "more bytes than extents can lead to");
	if (file->format == XFS_EXTENTS)
		return leaf_run(fs, &node, end, offset, run);
	if (file->format != XFS_BTREE || !root_read(file, &node))
		return error_at(ERR_CORRUPT, offset, "the root of its extents is damaged");
	while (node.level) {
		uint64_t i = entries_until(&node, block);
		if (i < node.n && first_block(&node, i) < end)
			end = first_block(&node, i);
		if (i == 0) {
			*run = (struct run){ RUN_HOLE,
								 (end > block ? end - block : 1) * fs->s.block_size - offset % fs->s.block_size };
			return error_none();
		}
		uint64_t at = xfs_block_at(fs, span_u64be(node.pointers, (i - 1) * 8));
		struct span below = span_sub(fs->image, at, fs->s.block_size);
		if (at != OFFSET_NONE && !below.p)
			return error_at(ERR_TRUNCATED, offset, "a block of its extents stands beyond the end of the image");
		if (!block_read(fs, below, node.level - 1, &node))
			return error_at(ERR_CORRUPT, offset, "a block of its extents is damaged");
	}
	return leaf_run(fs, &node, end, offset, run);
}

/* Checks the blocks below a node, each level deeper by one. False: no more are to be. */
static bool blocks_check(const struct xfs *fs, struct tree *t, const struct node *node, unsigned *bad)
{
	for (uint64_t i = 0; node->level && i < node->n; i++) {
		uint64_t at = xfs_block_at(fs, span_u64be(node->pointers, i * 8));
		struct span below = span_sub(fs->image, at, fs->s.block_size);
		struct node child;
		if (!tree_listed(t, fs->s.block_size))
			return false;
		if (!block_read(fs, below, node->level - 1, &child))
			continue; /* which reading will tell */
		*bad += !xfs_sums(below, CRC_AT);
		if (!blocks_check(fs, t, &child, bad))
			return false;
	}
	return true;
}

void xfs_extents_check(const struct xfs *fs, struct tree *t, const struct xfs_file *file, uint64_t at)
{
	struct node root;
	unsigned bad = 0;
	if (!fs->s.v5 || file->format != XFS_BTREE || !root_read(file, &root))
		return;
	(void)blocks_check(fs, t, &root, &bad);
	if (bad)
		tree_damage(t, ERR_CORRUPT, at, "%u blocks of a file's extents do not have the checksum that they say", bad);
}
