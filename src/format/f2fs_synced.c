/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was synced to an F2FS after its last checkpoint: nodes that follow each other in the log of warm nodes, each of which says
 * where the next one will be. They are read in place of the older ones, and new files get their names, as Linux does when it mounts.
 * Specification: Linux fs/f2fs/recovery.c, node.h, include/linux/f2fs_fs.h. */
#include "base/plural.h"
#include "base/sort.h"
#include "format/f2fs_image.h"

#define CHECKPOINT_CRC_RECOVERY 0x40u
#define CHECKPOINT_NO_CRC_RECOVERY 0x200u
#define NAME_MAX_BYTES 255u
#define WARM_NODES 1u /* of the logs */
#define FLAG_FSYNC 2u
#define FLAG_DENTRY 4u
#define FLAGS_OFFSET 3u /* above them: which node of its file it is */
#define NODES_MAX (1u << 22)

struct footer {
	uint32_t number, inode, flags, next;
	uint64_t version;
};

static bool footer_read(const struct f2fs *fs, uint32_t address, struct footer *f)
{
	struct span node = span_sub(fs->image, (uint64_t)address << fs->s.log_block, fs->block_size);
	struct reader r = reader_le(span_from(node, fs->block_size - F2FS_FOOTER));
	*f = (struct footer){ .number = rd_u32(&r) };
	f->inode = rd_u32(&r);
	f->flags = rd_u32(&r);
	f->version = rd_u64(&r);
	f->next = rd_u32(&r);
	return node.p && rd_ok(&r);
}

/* Nodes of this checkpoint bear its version, and with it its checksum, unless fsck.f2fs wrote it. */
static bool is_of_checkpoint(const struct f2fs *fs, uint64_t version)
{
	struct span c = span_sub(fs->image, fs->c.block << fs->s.log_block, fs->block_size);
	uint64_t crc = fs->c.flags & CHECKPOINT_CRC_RECOVERY ? span_u32le(c, span_u32le(c, 164)) : 0;
	if (fs->c.flags & CHECKPOINT_NO_CRC_RECOVERY)
		return (uint32_t)version == (uint32_t)fs->c.version;
	return version == (fs->c.version | crc << 32);
}

/* Where the next warm node would have been written. */
static uint32_t first_address(const struct f2fs *fs)
{
	struct span c = span_sub(fs->image, fs->c.block << fs->s.log_block, fs->block_size);
	uint64_t segment = span_u32le(c, 36 + 4 * WARM_NODES), block = span_u16le(c, 68 + 2 * WARM_NODES);
	uint64_t address = fs->s.main + (segment << fs->s.log_segment) + block;
	return address <= UINT32_MAX ? (uint32_t)address : F2FS_NULL_ADDRESS;
}

/* Follows the chain; takes each node, or counts them. As many as there are blocks: it leads in a circle. */
static size_t chain(const struct f2fs *fs, struct f2fs_synced *nodes, size_t most)
{
	struct footer f;
	size_t n = 0;
	for (uint32_t at = first_address(fs); n < most && f2fs_is_in_main(fs, at); at = f.next, n++) {
		if (!footer_read(fs, at, &f) || !is_of_checkpoint(fs, f.version))
			break;
		if (nodes)
			nodes[n] = (struct f2fs_synced){ .inode = f.inode,
											 .offset = f.number == f.inode ? 0 : f.flags >> FLAGS_OFFSET,
											 .number = f.number,
											 .address = at,
											 .flags = f.flags,
											 .order = (uint32_t)n };
	}
	return n;
}

static int compare(uint32_t x, uint32_t y)
{
	return x < y ? -1 : x > y;
}

static int by_inode(const void *a, const void *b)
{
	return compare(((const struct f2fs_synced *)a)->inode, ((const struct f2fs_synced *)b)->inode);
}

static int by_node(const void *a, const void *b)
{
	const struct f2fs_synced *x = a, *y = b;
	return x->inode != y->inode ? compare(x->inode, y->inode) : compare(x->offset, y->offset);
}

static int by_name(const void *a, const void *b)
{
	const struct f2fs_synced_name *x = a, *y = b;
	size_t n = x->text.n < y->text.n ? x->text.n : y->text.n;
	int order = x->parent != y->parent ? compare(x->parent, y->parent) : memcmp(x->text.p, y->text.p, n);
	return order ? order : compare((uint32_t)x->text.n, (uint32_t)y->text.n);
}

static int by_name_and_order(const void *a, const void *b)
{
	const struct f2fs_synced_name *x = a, *y = b;
	int order = by_name(a, b);
	return order ? order : compare(x->order, y->order);
}

static bool is_inode_synced(const struct f2fs_synced *node)
{
	return node->number == node->inode && node->flags & FLAG_FSYNC && node->flags & FLAG_DENTRY;
}

/* The name that a node says its file has. */
static bool name_read(const struct f2fs *fs, const struct f2fs_synced *node, struct f2fs_synced_name *name)
{
	struct span b = span_sub(fs->image, (uint64_t)node->address << fs->s.log_block, fs->block_size);
	uint32_t n = span_u32le(b, 88);
	*name = (struct f2fs_synced_name){ span_u32le(b, 84), node->inode, node->order, TEXT_NONE };
	if (b.p && n > 0 && n <= NAME_MAX_BYTES)
		name->text = text_from_span(span_sub(b, 92, n));
	return name->text.p != NULL;
}

/* Of the nodes of an inode those until the last one with which it was synced count, and of these the last name. */
static void keep_synced(struct f2fs *fs, struct f2fs_synced *v, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0, end; i < n; i = end) {
		size_t behind = i;
		const struct f2fs_synced *named = NULL;
		for (end = i; end < n && v[end].inode == v[i].inode; end++) {
			behind = v[end].flags & FLAG_FSYNC ? end + 1 : behind;
			named = is_inode_synced(&v[end]) ? &v[end] : named;
		}
		fs->nnames += named && name_read(fs, named, &fs->names[fs->nnames]);
		for (size_t k = i; k < behind; k++)
			if (v[k].number == v[k].inode || v[k].offset)
				v[kept++] = v[k];
	}
	fs->nsynced = kept;
}

/* Of each node the latest, and of the files that were given the same name the last. */
static void keep_latest(struct f2fs *fs)
{
	size_t nodes = 0, names = 0;
	for (size_t i = 0; i < fs->nsynced; i++)
		if (i + 1 == fs->nsynced || by_node(&fs->synced[i], &fs->synced[i + 1]) != 0)
			fs->synced[nodes++] = fs->synced[i];
	for (size_t i = 0; i < fs->nnames; i++)
		if (i + 1 == fs->nnames || by_name(&fs->names[i], &fs->names[i + 1]) != 0)
			fs->names[names++] = fs->names[i];
	fs->nsynced = nodes;
	fs->nnames = names;
}

/* False: there is no memory for so many. */
static bool collect(struct f2fs *fs, size_t n, struct arena *arena)
{
	struct f2fs_synced *v = ARENA_ARRAY(arena, struct f2fs_synced, 2 * n + 1);
	fs->names = ARENA_ARRAY(arena, struct f2fs_synced_name, 2 * n + 1);
	if (!v || !fs->names)
		return false;
	n = chain(fs, v, n);
	sort_stable(v, v + n, n, sizeof *v, by_inode);
	fs->synced = v;
	keep_synced(fs, v, n);
	sort_stable(v, v + n, fs->nsynced, sizeof *v, by_node);
	sort_stable(fs->names, fs->names + n, fs->nnames, sizeof *fs->names, by_name_and_order);
	keep_latest(fs);
	return true;
}

void f2fs_synced_find(struct f2fs *fs, struct walk *w)
{
	uint64_t at = fs->c.block << fs->s.log_block, blocks = fs->image.n >> fs->s.log_block;
	size_t most = blocks < NODES_MAX ? (size_t)blocks : NODES_MAX, n = chain(fs, NULL, most);
	if (n == most)
		emit_damage_at(w->sink, ERR_CORRUPT, at,
					   "it was not unmounted, and what was synced after the last checkpoint is not read: it leads in a circle");
	else if (!collect(fs, n, w->arena))
		emit_damage_at(w->sink, ERR_BUDGET, at,
					   "it was not unmounted, and there is no memory for what was synced after the last checkpoint");
	emit_header_field(w->sink, at, "synced", "%zu %s after the last checkpoint", fs->nsynced,
					  plural(fs->nsynced, "node", "nodes"));
}

uint32_t f2fs_synced_address(const struct f2fs *fs, uint32_t inode, uint32_t offset)
{
	const struct f2fs_synced wanted = { .inode = inode, .offset = offset };
	size_t low = 0, high = fs->nsynced;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = by_node(&fs->synced[middle], &wanted);
		if (order == 0)
			return fs->synced[middle].address;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return F2FS_NULL_ADDRESS;
}

/* How many names stand before this one; an empty one stands before all of its parent. */
static size_t names_before(const struct f2fs *fs, uint64_t parent, struct text text)
{
	const struct f2fs_synced_name wanted = { .parent = (uint32_t)parent, .text = text };
	size_t low = 0, high = fs->nnames;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (parent > UINT32_MAX || by_name(&fs->names[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct f2fs_synced_name *f2fs_synced_names(const struct f2fs *fs, uint32_t parent, size_t *n)
{
	size_t first = names_before(fs, parent, text_of("", 0));
	*n = names_before(fs, (uint64_t)parent + 1, text_of("", 0)) - first;
	return *n ? fs->names + first : NULL;
}

bool f2fs_synced_has_name(const struct f2fs *fs, uint32_t parent, struct text name)
{
	size_t i = names_before(fs, parent, name);
	return i < fs->nnames && fs->names[i].parent == parent && text_eq(fs->names[i].text, name);
}
