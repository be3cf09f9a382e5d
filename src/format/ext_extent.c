/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees of extents. Specification: Linux Documentation/filesystems/ext4/ifork.rst. */
#include "base/crc32c.h"
#include "format/ext_image.h"

#define EXTENT_SIZE 12u /* of an extent, of an index, and of the header before them */
#define EXTENT_DEPTH_MAX 5u
#define WRITTEN_MAX 32768u /* longer ones are reserved and not written: they read as zeros */
#define BLOCKS_END ((uint64_t)1 << 32)

/* What is wrong with the nodes of a file. */
struct faults {
	unsigned sums, disorder;
};

struct node {
	struct span bytes;
	unsigned entries, room, depth;
};

static bool node_read(struct span bytes, struct node *node)
{
	struct reader r = reader_le(bytes);
	uint16_t magic = rd_u16(&r);
	*node = (struct node){ .bytes = bytes };
	node->entries = rd_u16(&r);
	node->room = rd_u16(&r);
	node->depth = rd_u16(&r);
	return rd_ok(&r) && magic == EXT_EXTENT_MAGIC && node->depth <= EXTENT_DEPTH_MAX && node->entries <= node->room &&
		   ((uint64_t)node->room + 1) * EXTENT_SIZE <= bytes.n;
}

static uint32_t first_block(const struct node *node, unsigned i)
{
	return span_u32le(node->bytes, (i + 1) * EXTENT_SIZE);
}

/* How many entries begin at or before the block. */
static unsigned entries_until(const struct node *node, uint64_t block)
{
	unsigned low = 0, high = node->entries;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (first_block(node, middle) <= block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint64_t child_block(const struct node *node, unsigned i)
{
	uint64_t at = (i + 1) * EXTENT_SIZE;
	return span_u32le(node->bytes, at + 4) | (uint64_t)span_u16le(node->bytes, at + 8) << 32;
}

static void hole(uint64_t from, uint64_t end, uint64_t offset, uint32_t block_size, struct run *run)
{
	*run = (struct run){ RUN_HOLE, (end > from ? end - from : 1) * block_size - offset % block_size };
}

/* The run in a leaf: `i` entries begin at or before the block, `end` is where what the leaf covers ends. */
static struct error leaf_run(const struct ext *fs, const struct node *leaf, unsigned i, uint64_t block, uint64_t end,
							 uint64_t offset, bool directory, struct run *run)
{
	uint32_t size = fs->s.block_size;
	if (i < leaf->entries && first_block(leaf, i) < end)
		end = first_block(leaf, i);
	if (i == 0) {
		hole(block, end, offset, size, run);
		return error_none();
	}
	uint64_t at = i * EXTENT_SIZE, within = block - first_block(leaf, i - 1), n = span_u16le(leaf->bytes, at + 4);
	uint64_t start = span_u32le(leaf->bytes, at + 8) | (uint64_t)span_u16le(leaf->bytes, at + 6) << 32;
	bool written = n <= WRITTEN_MAX;
	n -= written ? 0 : WRITTEN_MAX;
	written = written || directory;
	uint64_t behind = start + n;
	if (within >= n) {
		hole(block, end, offset, size, run);
	} else if (!written) {
		hole(block, block + n - within, offset, size, run);
	} else if (behind > fs->s.blocks) {
		return error_at(ERR_CORRUPT, offset, "an extent to block %llu of %llu", (unsigned long long)behind,
						(unsigned long long)fs->s.blocks);
	} else {
		run->at = (start + within) * size + offset % size;
		run->n = (n - within) * size - offset % size;
	}
	return error_none();
}

static struct error extent_run(const struct ext *fs, const struct ext_file *file, uint64_t offset, struct run *run)
{
	uint64_t block = offset / fs->s.block_size, end = BLOCKS_END;
	struct span bytes = file->pointers;
	if (block >= BLOCKS_END)
		return error_at(ERR_CORRUPT, offset, "more bytes than extents can lead to");
	for (unsigned depth = EXTENT_DEPTH_MAX + 1;;) {
		struct node node;
		if (!bytes.p)
			return error_at(ERR_TRUNCATED, offset, "a node of its extents stands beyond the end of the image");
		if (!node_read(bytes, &node) || node.depth >= depth)
			return error_at(ERR_CORRUPT, offset, "a node of its extents is damaged");
		depth = node.depth;
		unsigned i = entries_until(&node, block);
		if (depth == 0)
			return leaf_run(fs, &node, i, block, end, offset, file->directory, run);
		if (i < node.entries && first_block(&node, i) < end)
			end = first_block(&node, i);
		if (i == 0) {
			hole(block, end, offset, fs->s.block_size, run);
			return error_none();
		}
		uint64_t child = child_block(&node, i - 1);
		if (child >= fs->s.blocks)
			return error_at(ERR_CORRUPT, offset, "a node of extents at block %llu of %llu", (unsigned long long)child,
							(unsigned long long)fs->s.blocks);
		bytes = ext_block(fs, child);
	}
}

struct error ext_find_run(const void *image, const void *of, uint64_t offset, struct run *run)
{
	const struct ext *fs = image;
	const struct ext_file *file = of;
	struct error e = file->flags & FLAG_EXTENTS ? extent_run(fs, file, offset, run)
												: indirect_map_find(&fs->indirect, file->pointers, offset, run);
	if (!error_is(&e))
		ext_run_newest(fs, run);
	return e;
}

/* Extents that do not ascend, or that overlap, hide each other's blocks. */
static bool is_in_order(const struct node *node)
{
	for (unsigned i = 1; i < node->entries; i++) {
		uint64_t n = node->depth ? 1 : span_u16le(node->bytes, i * EXTENT_SIZE + 4);
		n -= n > WRITTEN_MAX ? WRITTEN_MAX : 0;
		if (first_block(node, i - 1) + n > first_block(node, i))
			return false;
	}
	return true;
}

/* Checks the order of the entries, and the checksums of the nodes below one. False: no more are to be. */
static bool nodes_check(const struct ext *fs, struct tree *t, const struct ext_file *file, struct span bytes,
						unsigned depth, struct faults *faults)
{
	struct node node, child;
	if (!node_read(bytes, &node) || node.depth >= depth)
		return true; /* which reading will tell */
	faults->disorder += !is_in_order(&node);
	for (unsigned i = 0; i < node.entries && node.depth; i++) {
		struct span below = ext_block(fs, child_block(&node, i));
		if (!node_read(below, &child))
			continue;
		if (!tree_listed(t, fs->s.block_size))
			return false;
		uint64_t tail = ((uint64_t)child.room + 1) * EXTENT_SIZE;
		faults->sums += fs->s.ro_compat & RO_COMPAT_METADATA_CSUM && span_sub(below, tail, 4).p &&
				crc32c_update(file->seed, span_clip(below, 0, tail)) != span_u32le(below, tail);
		if (!nodes_check(fs, t, file, below, node.depth, faults))
			return false;
	}
	return true;
}

void ext_extents_check(const struct ext *fs, struct tree *t, const struct ext_file *file, uint64_t at)
{
	struct faults faults = { 0 };
	if (!(file->flags & FLAG_EXTENTS))
		return;
	(void)nodes_check(fs, t, file, file->pointers, EXTENT_DEPTH_MAX + 1, &faults);
	if (faults.disorder)
		tree_damage(t, ERR_CORRUPT, at, "extents of a file overlap or are out of order: what it holds may be wrong");
	if (faults.sums)
		tree_damage(t, ERR_CORRUPT, at, "%u nodes of a file's extents do not have the checksum that they say", faults.sums);
}
