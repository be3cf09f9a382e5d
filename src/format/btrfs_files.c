/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tree of files: inodes, directories and extents, which its keys bring in that order. */
#include "format/btrfs_image.h"

enum { EXTENT_INLINE, EXTENT_REGULAR, EXTENT_PREALLOCATED };
#define INLINE_AT 21u

struct loading {
	struct btrfs *fs;
	struct btrfs_files *files;
};

/* Room for one more in an array of the arena; false at its limit. */
static bool grow(struct arena *arena, void *array, size_t n, size_t *cap, size_t size)
{
	void **v = array;
	if (n < *cap)
		return true;
	size_t bigger = *cap ? *cap * 2 : 256;
	void *copy = arena_alloc(arena, bigger, size);
	if (!copy)
		return false;
	if (n)
		memcpy(copy, *v, n * size);
	*v = copy;
	*cap = bigger;
	return true;
}

/* The inode that an item belongs to: the last one, or a new one. Numbers that do not ascend are none. */
static struct btrfs_inode *inode_of(struct loading *l, uint64_t number)
{
	struct btrfs_files *f = l->files;
	struct btrfs_inode *last = f->ninodes ? &f->inodes[f->ninodes - 1] : NULL;
	if (last && last->number == number)
		return last;
	if (last && last->number > number)
		return NULL;
	if (!grow(l->fs->walk->arena, &f->inodes, f->ninodes, &f->inodes_cap, sizeof *f->inodes)) {
		f->full = true;
		return NULL;
	}
	f->inodes[f->ninodes] =
		(struct btrfs_inode){ .number = number, .first_entry = f->nentries, .first_extent = f->nextents };
	return &f->inodes[f->ninodes++];
}

static void take_inode(struct btrfs_inode *inode, struct span data)
{
	struct reader r = reader_le(data);
	rd_skip(&r, 16);
	inode->size = rd_u64(&r);
	rd_skip(&r, 20);
	inode->uid = rd_u32(&r);
	inode->gid = rd_u32(&r);
	inode->mode = rd_u32(&r);
	inode->device = rd_u64(&r);
	rd_seek(&r, 136);
	inode->mtime = (int64_t)rd_u64(&r);
	inode->described = rd_ok(&r);
}

static void take_entry(struct loading *l, struct btrfs_inode *inode, struct span data)
{
	struct btrfs_files *f = l->files;
	struct reader r = reader_le(data);
	struct btrfs_entry e = { .location = btrfs_key_read(&r) };
	rd_skip(&r, 8);
	uint16_t data_n = rd_u16(&r), name_n = rd_u16(&r);
	rd_skip(&r, 1);
	e.name = text_from_span(rd_bytes(&r, name_n));
	(void)data_n; /* of extended attributes only */
	if (!rd_ok(&r) || name_n == 0 || name_n > 255)
		return;
	f->full |= !grow(l->fs->walk->arena, &f->entries, f->nentries, &f->entries_cap, sizeof e);
	if (f->full)
		return;
	f->entries[f->nentries++] = e;
	inode->entries++;
}

static void take_extent(struct loading *l, struct btrfs_inode *inode, uint64_t at, struct span data)
{
	struct btrfs_files *f = l->files;
	struct reader r = reader_le(data);
	struct btrfs_extent e = { .at = at };
	rd_skip(&r, 8);
	e.unpacked = rd_u64(&r);
	e.compression = rd_u8(&r);
	rd_skip(&r, 3);
	uint8_t kind = rd_u8(&r);
	if (kind == EXTENT_INLINE) {
		e.inlined = span_from(data, INLINE_AT);
		e.packed = e.inlined.n;
		e.size = e.compression ? e.unpacked : e.inlined.n;
	} else {
		e.from = rd_u64(&r);
		e.packed = rd_u64(&r);
		e.skip = rd_u64(&r);
		e.size = rd_u64(&r);
		if (kind == EXTENT_PREALLOCATED)
			e.from = 0;
		if (e.size % l->fs->super.sector_size) /* each is unpacked for itself: they may not be many and small */
			return;
	}
	const struct btrfs_extent *before = inode->extents ? &f->extents[f->nextents - 1] : NULL;
	if (!rd_ok(&r) || kind > EXTENT_PREALLOCATED || e.size == 0 || e.size >> 62 || at >> 62 ||
		(before && before->at + before->size > at))
		return;
	f->full |= !grow(l->fs->walk->arena, &f->extents, f->nextents, &f->extents_cap, sizeof e);
	if (f->full)
		return;
	f->extents[f->nextents++] = e;
	inode->extents++;
}

static bool take_item(void *context, const struct btrfs_item *item)
{
	struct loading *l = context;
	uint8_t type = item->key.type;
	if (type != BTRFS_INODE_ITEM && type != BTRFS_DIR_INDEX && type != BTRFS_EXTENT_DATA)
		return true;
	struct btrfs_inode *inode = inode_of(l, item->key.object);
	if (inode && type == BTRFS_INODE_ITEM)
		take_inode(inode, item->data);
	else if (inode && type == BTRFS_DIR_INDEX)
		take_entry(l, inode, item->data);
	else if (inode)
		take_extent(l, inode, item->key.offset, item->data);
	return !l->files->full;
}

struct btrfs_files *btrfs_files_load(struct btrfs *fs, uint64_t id, uint64_t root, unsigned level)
{
	struct loading l = { fs, ARENA_NEW(fs->walk->arena, struct btrfs_files) };
	if (!l.files)
		return NULL;
	l.files->id = id;
	btrfs_tree_walk(fs, root, level, take_item, &l);
	if (l.files->full)
		btrfs_damage(fs, ERR_BUDGET, UINT64_MAX, "more files than are kept of one image");
	return l.files;
}

struct btrfs_inode *btrfs_inode_find(const struct btrfs_files *files, uint64_t number)
{
	size_t lo = 0, hi = files->ninodes;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (files->inodes[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < files->ninodes && files->inodes[lo].number == number ? &files->inodes[lo] : NULL;
}
