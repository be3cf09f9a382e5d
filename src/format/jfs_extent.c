/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the bytes of JFS files lie. Specification: Linux fs/jfs/jfs_xtree.h. */
#include "format/jfs_image.h"

#define ROOT_SIZE 288u
#define ENTRY_SIZE 16u /* its first two places are the header */
#define FIRST 2u
#define LEAF 2u
#define INTERNAL 4u
#define COMPRESSED 4u
#define NOT_RECORDED 8u
#define BLOCKS_END ((uint64_t)1 << 40) /* of numbers in extents */

struct node {
	struct span bytes;
	unsigned flags, end; /* of its entries */
};

static bool node_read(struct span bytes, struct node *node)
{
	*node = (struct node){ .bytes = bytes, .end = span_u16le(bytes, 18) };
	node->flags = bytes.n > 16 ? bytes.p[16] : 0;
	return (node->flags & (LEAF | INTERNAL)) && node->end >= FIRST && (uint64_t)node->end * ENTRY_SIZE <= bytes.n;
}

static uint64_t first_block(const struct node *node, unsigned i)
{
	uint32_t high = span_u32le(node->bytes, (uint64_t)i * ENTRY_SIZE) >> 24;
	return (uint64_t)high << 32 | span_u32le(node->bytes, (uint64_t)i * ENTRY_SIZE + 4);
}

/* Behind the last entry that begins at or before the block. */
static unsigned entries_until(const struct node *node, uint64_t block)
{
	unsigned low = FIRST, high = node->end;
	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		if (first_block(node, middle) <= block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void hole(const struct jfs *fs, uint64_t end, uint64_t offset, struct run *run)
{
	uint64_t size = fs->s.block_size, block = offset / size;
	*run = (struct run){ RUN_HOLE, (end > block ? end - block : 1) * size - offset % size };
}

static struct error leaf_run(const struct jfs *fs, const struct node *leaf, unsigned i, uint64_t end, uint64_t offset,
							 struct run *run)
{
	uint64_t size = fs->s.block_size, within = i > FIRST ? offset / size - first_block(leaf, i - 1) : 0;
	struct jfs_extent e = jfs_extent_read(leaf->bytes, (uint64_t)(i - 1) * ENTRY_SIZE + 8);
	if (i == FIRST || within >= e.n) {
		hole(fs, end, offset, run);
		return error_none();
	}
	unsigned flags = leaf->bytes.p[(uint64_t)(i - 1) * ENTRY_SIZE];
	if (flags & COMPRESSED)
		return error_at(ERR_UNSUPPORTED, offset, "an extent is compressed, which no released JFS does");
	run->n = (e.n - within) * size - offset % size;
	run->at = RUN_HOLE;
	if (flags & NOT_RECORDED)
		return error_none();
	if (e.block >= fs->s.blocks || e.n > fs->s.blocks - e.block)
		return error_at(ERR_CORRUPT, offset, "an extent of %lu blocks at %llu of %llu", (unsigned long)e.n,
						(unsigned long long)e.block, (unsigned long long)fs->s.blocks);
	run->at = (e.block + within) * size + offset % size;
	return error_none();
}

struct error jfs_find_run(const void *image, const void *of, uint64_t offset, struct run *run)
{
	const struct jfs *fs = image;
	const struct jfs_file *file = of;
	struct span bytes = span_sub(file->inode, JFS_TREE_AT, ROOT_SIZE);
	uint64_t block = offset / fs->s.block_size, end = BLOCKS_END;
	if (block >= BLOCKS_END)
		return error_at(ERR_CORRUPT, offset, "more bytes than extents can lead to");
	for (unsigned height = 0; height < JFS_HEIGHT_MAX; height++) {
		struct node node;
		if (!bytes.p)
			return error_at(ERR_TRUNCATED, offset, "a node of its extents stands beyond the end of the image");
		if (!node_read(bytes, &node))
			return error_at(ERR_CORRUPT, offset, "a node of its extents is damaged");
		unsigned i = entries_until(&node, block);
		if (i < node.end && first_block(&node, i) < end)
			end = first_block(&node, i);
		if (node.flags & LEAF)
			return leaf_run(fs, &node, i, end, offset, run);
		if (i == FIRST) {
			hole(fs, end, offset, run);
			return error_none();
		}
		struct jfs_extent child = jfs_extent_read(node.bytes, (uint64_t)(i - 1) * ENTRY_SIZE + 8);
		if (child.block >= fs->s.blocks)
			return error_at(ERR_CORRUPT, offset, "a node of extents at block %llu of %llu",
							(unsigned long long)child.block, (unsigned long long)fs->s.blocks);
		bytes = span_sub(fs->image, child.block * fs->s.block_size, JFS_PAGE);
	}
	return error_at(ERR_CORRUPT, offset, "the tree of its extents is too high");
}
