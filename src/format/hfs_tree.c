/* SPDX-License-Identifier: GPL-3.0-or-later */
/* B-trees of HFS and HFS+: their leaves, which follow one another, and those that the chain does not come to because it is broken. */
#include "format/hfs_image.h"

#define NODE_HEADER 14u
#define LEAF (-1)
#define HEADER_NODE 1
#define TREE_TIMES 2u /* as large as the image */

bool hfs_tree_begins(struct span at)
{
	uint16_t node = span_u16be(at, NODE_HEADER + 18);
	return at.n >= 106 && (int8_t)at.p[8] == HEADER_NODE && at.p[9] == 0 && span_u16be(at, 10) == 3 && node >= 512 && node <= 32768 &&
	       (node & (node - 1)) == 0 && span_u32be(at, 4) == 0 && span_u16be(at, NODE_HEADER) <= 16;
}

struct leaves {
	struct hfs *fs;
	struct runs *file;
	uint32_t node_size, nodes;
	uint8_t *seen; /* a bit for each node */
	uint8_t *node;
	bool (*take)(struct hfs *fs, struct span key, struct span data, uint64_t at);
	uint64_t records; /* so far */
	bool stopped;
};

static void take_record(struct leaves *l, uint64_t node_at, uint32_t from, uint32_t to)
{
	struct span record = span_sub(span_of(l->node, l->node_size), from, to - from);
	unsigned width = l->fs->plus ? 2 : 1;
	uint32_t key = record.n < width ? 0 : l->fs->plus ? span_u16be(record, 0) : record.p[0];
	uint64_t data_at = width + (uint64_t)key;
	data_at += data_at % 2;
	if (!key || data_at >= record.n) {
		if (key || record.n > 4) /* HFS leaves the length of a removed key as 0 */
			volume_damage(&l->fs->v, ERR_CORRUPT, OFFSET_NONE, "a record of a B-tree at %llu can not be read", (unsigned long long)(node_at + from));
		return;
	}
	l->stopped = !l->take(l->fs, span_sub(record, width, key), span_from(record, data_at), node_at + from) || l->fs->v.stopped;
}

/* Reads a node; false when it is no leaf. *next is the one behind it. */
static bool read_leaf(struct leaves *l, uint32_t number, uint32_t *next)
{
	uint64_t at = (uint64_t)number * l->node_size;
	struct error e = runs_read(l->file, at, l->node, l->node_size);
	struct span node = span_of(l->node, l->node_size);
	l->seen[number / 8] |= (uint8_t)(1u << number % 8);
	if (error_is(&e) || (int8_t)l->node[8] != LEAF || l->node[9] != 1)
		return false;
	*next = span_u32be(node, 0);
	uint32_t n = span_u16be(node, 10), from = NODE_HEADER;
	l->records += n;
	for (uint32_t i = 0; i < n && !l->stopped; i++) {
		uint32_t begin = span_u16be(node, l->node_size - 2ull * (i + 1)), end = 0;
		if (2 * (i + 2) <= l->node_size)
			end = span_u16be(node, l->node_size - 2ull * (i + 2));
		if (begin < from || end <= begin || end > l->node_size) {
			volume_damage(&l->fs->v, ERR_CORRUPT, OFFSET_NONE, "a node of a B-tree has %lu records, of which %lu can be read", (unsigned long)n,
			              (unsigned long)i);
			break;
		}
		take_record(l, at, begin, end);
		from = end;
	}
	return true;
}

static bool is_seen(const struct leaves *l, uint32_t number)
{
	return l->seen[number / 8] >> number % 8 & 1;
}

/* Along the chain. False when it is broken. */
static bool follow(struct leaves *l, uint32_t first, uint32_t last)
{
	uint32_t node = first, next = 0;
	while (node && !l->stopped) {
		if (node >= l->nodes || is_seen(l, node) || !read_leaf(l, node, &next))
			return false;
		if (!next && last && node != last)
			return false;
		node = next;
	}
	return true;
}

static void read_leaves(struct leaves *l, const struct span header, uint64_t size)
{
	uint32_t first = span_u32be(header, NODE_HEADER + 10), last = span_u32be(header, NODE_HEADER + 14), next;
	uint32_t told = span_u32be(header, NODE_HEADER + 6);
	uint64_t nodes = size / l->node_size;
	l->nodes = nodes < UINT32_MAX ? (uint32_t)nodes : UINT32_MAX;
	l->seen = ARENA_ARRAY(l->fs->v.w->arena, uint8_t, l->nodes / 8 + 1);
	l->node = ARENA_ARRAY(l->fs->v.w->arena, uint8_t, l->node_size);
	if (!l->seen || !l->node) {
		volume_exhausted(&l->fs->v, OFFSET_NONE);
		return;
	}
	if (follow(l, first, last) && (l->records == told || l->stopped))
		return;
	volume_damage(&l->fs->v, ERR_CORRUPT, OFFSET_NONE,
	              "the chain of a B-tree's leaves is broken, or has not the %lu records that it should: all that are found are read",
	              (unsigned long)told);
	for (uint32_t i = 1; i < l->nodes && !l->stopped; i++)
		if (!is_seen(l, i))
			(void)read_leaf(l, i, &next);
}

void hfs_tree_read(struct hfs *fs, const struct hfs_fork *file, uint32_t id, hfs_take take)
{
	uint8_t header[512];
	struct leaves l = { .fs = fs, .take = take };
	uint64_t size = hfs_fork_runs(fs, file, id, false, HFS_HEADER_AT);
	if (size > TREE_TIMES * (uint64_t)fs->v.image.n) /* of a volume that is cut off, or of extents that are one */
		size = TREE_TIMES * (uint64_t)fs->v.image.n;
	l.file = size >= sizeof header ? volume_runs_end(&fs->v, size) : NULL;
	if (!l.file) {
		if (!fs->v.stopped)
			volume_damage(&fs->v, ERR_CORRUPT, HFS_HEADER_AT, "the B-tree of file %lu is not there", (unsigned long)id);
		return;
	}
	struct error e = runs_read(l.file, 0, header, sizeof header);
	if (error_is(&e) || !hfs_tree_begins(span_of(header, sizeof header))) {
		volume_damage(&fs->v, error_is(&e) ? e.code : ERR_CORRUPT, HFS_HEADER_AT, "the B-tree of file %lu has no header", (unsigned long)id);
		return;
	}
	l.node_size = span_u16be(span_of(header, sizeof header), NODE_HEADER + 18);
	read_leaves(&l, span_of(header, sizeof header), size);
}
