/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trees of btrfs: nodes of one size, each with its checksum and its own address. */
#include "format/btrfs_image.h"

#define HEADER_SIZE 101u
#define ITEM_SIZE 25u
#define POINTER_SIZE 33u

struct btrfs_key btrfs_key_read(struct reader *r)
{
	struct btrfs_key k = { .object = rd_u64(r) };
	k.type = rd_u8(r);
	k.offset = rd_u64(r);
	return k;
}

static bool node_ok(const struct btrfs *fs, struct span node, uint64_t logical, unsigned level)
{
	struct reader r = reader_le(node);
	rd_seek(&r, 48);
	uint64_t place = rd_u64(&r);
	rd_seek(&r, 96);
	uint32_t count = rd_u32(&r);
	unsigned own_level = rd_u8(&r);
	return rd_ok(&r) && place == logical && own_level == level &&
		   count <= (node.n - HEADER_SIZE) / (level ? POINTER_SIZE : ITEM_SIZE) && btrfs_checksum_ok(&fs->super, node);
}

/* The node at that address: the first copy of it that is sound. */
static struct span node_read(struct btrfs *fs, uint64_t logical, unsigned level)
{
	if (!fs->nodes) {
		btrfs_damage(fs, ERR_BUDGET, UINT64_MAX, "the trees have more nodes than there can be");
		return SPAN_NONE;
	}
	fs->nodes--;
	for (unsigned copy = 0; copy < 2; copy++) {
		struct span node = btrfs_map(fs, logical, fs->super.node_size, copy);
		if (node.p && node_ok(fs, node, logical, level))
			return node;
	}
	btrfs_damage(fs, ERR_CORRUPT, UINT64_MAX, "the tree's node at the logical address 0x%llx can not be read",
				 (unsigned long long)logical);
	return SPAN_NONE;
}

static bool take_leaf(struct span node, bool (*take)(void *, const struct btrfs_item *), void *context)
{
	uint32_t count = span_u32le(node, 96);
	struct reader r = reader_le(node);
	rd_seek(&r, HEADER_SIZE);
	for (uint32_t i = 0; i < count; i++) {
		struct btrfs_item item = { .key = btrfs_key_read(&r) };
		uint32_t at = rd_u32(&r), size = rd_u32(&r);
		item.data = span_sub(node, HEADER_SIZE + (uint64_t)at, size);
		if (item.data.p && !take(context, &item))
			return false;
	}
	return true;
}

static bool walk_node(struct btrfs *fs, uint64_t logical, unsigned level,
					  bool (*take)(void *, const struct btrfs_item *), void *context)
{
	struct span node = node_read(fs, logical, level);
	if (!node.p)
		return fs->nodes > 0;
	if (level == 0)
		return take_leaf(node, take, context);
	uint32_t count = span_u32le(node, 96);
	struct reader r = reader_le(node);
	rd_seek(&r, HEADER_SIZE);
	for (uint32_t i = 0; i < count; i++) {
		rd_skip(&r, 17);
		uint64_t child = rd_u64(&r);
		rd_skip(&r, 8);
		if (!walk_node(fs, child, level - 1, take, context)) /* the level bounds the depth */
			return false;
	}
	return true;
}

void btrfs_tree_walk(struct btrfs *fs, uint64_t root, unsigned level, bool (*take)(void *, const struct btrfs_item *),
					 void *context)
{
	if (level < BTRFS_LEVELS)
		(void)walk_node(fs, root, level, take, context);
}
