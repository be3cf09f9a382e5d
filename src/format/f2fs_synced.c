/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was synced to an F2FS after its last checkpoint: nodes that follow each other in the log of warm nodes, each of which says
 * where the next one will be. They are read in place of the older ones, and new files get their names, as Linux does when it mounts.
 * Specification: Linux fs/f2fs/recovery.c, node.h, include/linux/f2fs_fs.h. */
#include "base/sort.h"
#include "format/f2fs_image.h"

#define CHECKPOINT_CRC_RECOVERY 0x40u
#define WARM_NODES 1u /* of the logs */
#define FLAG_FSYNC 2u
#define FLAG_DENTRY 4u
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

/* Nodes of this checkpoint bear its version, and with it its checksum. */
static uint64_t version_of(const struct f2fs *fs)
{
	struct span c = span_sub(fs->image, fs->c.block << fs->s.log_block, fs->block_size);
	uint64_t crc = fs->c.flags & CHECKPOINT_CRC_RECOVERY ? span_u32le(c, span_u32le(c, 164)) : 0;
	return fs->c.version | crc << 32;
}

/* Where the next warm node would have been written. */
static uint32_t first_address(const struct f2fs *fs)
{
	struct span c = span_sub(fs->image, fs->c.block << fs->s.log_block, fs->block_size);
	uint64_t segment = span_u32le(c, 36 + 4 * WARM_NODES), block = span_u16le(c, 68 + 2 * WARM_NODES);
	uint64_t address = fs->s.main + (segment << fs->s.log_segment) + block;
	return address <= UINT32_MAX ? (uint32_t)address : F2FS_NULL_ADDRESS;
}

/* Follows the chain; takes each node, or counts them. */
static size_t chain(struct f2fs *fs, struct f2fs_synced *nodes)
{
	uint64_t version = version_of(fs), most = fs->image.n >> fs->s.log_block;
	struct footer f;
	size_t n = 0;
	for (uint32_t at = first_address(fs); n < most && n < NODES_MAX && f2fs_is_in_main(fs, at); at = f.next, n++) {
		if (!footer_read(fs, at, &f) || f.version != version)
			break;
		if (nodes)
			nodes[n] = (struct f2fs_synced){ .number = f.number, .inode = f.inode, .address = at, .flags = f.flags };
	}
	return n;
}

static int by_inode(const void *a, const void *b)
{
	const struct f2fs_synced *x = a, *y = b;
	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static int by_number(const void *a, const void *b)
{
	const struct f2fs_synced *x = a, *y = b;
	return x->number < y->number ? -1 : x->number > y->number;
}

static int by_parent(const void *a, const void *b)
{
	const struct f2fs_synced *x = a, *y = b;
	return x->parent < y->parent ? -1 : x->parent > y->parent;
}

/* Of the nodes of an inode those until the last one with which it was synced count. */
static size_t keep_synced(struct f2fs_synced *v, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0, end; i < n; i = end) {
		size_t last = i;
		for (end = i; end < n && v[end].inode == v[i].inode; end++)
			if (v[end].flags & FLAG_FSYNC)
				last = end + 1;
		for (size_t k = i; k < last; k++)
			if (last > i && (v[last - 1].flags & FLAG_FSYNC))
				v[kept++] = v[k];
	}
	return kept;
}

/* Of each node the latest, and whether any of them was to give its file a name. */
static size_t keep_latest(struct f2fs_synced *v, size_t n)
{
	size_t kept = 0;
	bool named = false;
	for (size_t i = 0; i < n; i++) {
		named |= v[i].number == v[i].inode && v[i].flags & FLAG_DENTRY;
		if (i + 1 < n && v[i + 1].number == v[i].number)
			continue;
		v[kept] = v[i];
		v[kept++].named = named;
		named = false;
	}
	return kept;
}

/* The names of files that their directories do not have yet, in the order of the directories. */
static bool collect_names(struct f2fs *fs, struct arena *arena)
{
	fs->names = ARENA_ARRAY(arena, struct f2fs_synced, 2 * fs->nsynced + 1);
	for (size_t i = 0; fs->names && i < fs->nsynced; i++) {
		struct span node = span_sub(fs->image, (uint64_t)fs->synced[i].address << fs->s.log_block, fs->block_size);
		struct f2fs_synced *name = &fs->names[fs->nnames];
		*name = fs->synced[i];
		name->parent = span_u32le(node, 84);
		name->name = text_from_span(span_sub(node, 92, span_u32le(node, 88)));
		fs->nnames += name->named && name->name.n && name->name.n <= 255;
	}
	if (fs->names)
		sort_stable(fs->names, fs->names + fs->nsynced, fs->nnames, sizeof *fs->names, by_parent);
	return fs->names != NULL;
}

void f2fs_synced_find(struct f2fs *fs, struct walk *w)
{
	uint64_t at = fs->c.block << fs->s.log_block;
	size_t n = chain(fs, NULL);
	struct f2fs_synced *v = ARENA_ARRAY(w->arena, struct f2fs_synced, 2 * n + 1);
	bool ok = v != NULL;
	if (ok) {
		(void)chain(fs, v);
		sort_stable(v, v + n, n, sizeof *v, by_inode);
		n = keep_synced(v, n);
		sort_stable(v, v + n, n, sizeof *v, by_number);
		fs->nsynced = keep_latest(v, n);
		fs->synced = v;
		ok = collect_names(fs, w->arena);
	}
	if (!ok)
		emit_damage_at(w->sink, ERR_BUDGET, at,
					   "it was not unmounted, and there is no memory for what was synced after the last checkpoint");
	emit_header_field(w->sink, at, "synced", "%zu nodes after the last checkpoint", fs->nsynced);
}

uint32_t f2fs_synced_address(const struct f2fs *fs, uint32_t number)
{
	size_t low = 0, high = fs->nsynced;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (fs->synced[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < fs->nsynced && fs->synced[low].number == number ? fs->synced[low].address : F2FS_NULL_ADDRESS;
}

struct f2fs_synced *f2fs_synced_names(const struct f2fs *fs, uint32_t parent, size_t *n)
{
	size_t low = 0, high = fs->nnames;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (fs->names[middle].parent < parent)
			low = middle + 1;
		else
			high = middle;
	}
	for (*n = 0; low + *n < fs->nnames && fs->names[low + *n].parent == parent;)
		++*n;
	return fs->names + low;
}
