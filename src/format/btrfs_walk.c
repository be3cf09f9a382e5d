/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The traversal of btrfs: from the root directory of the first tree of files, through its subvolumes. */
#include "format/btrfs_image.h"
#include "format/name_chain.h"
#include "format/unix_mode.h"

#define DEPTH_MAX 500u
#define NAME_MAX_BYTES 255u
#define SUBVOLUMES_MAX 256u
#define LINK_MAX_BYTES 65536u

/* Where a tree of files is. */
struct root {
	uint64_t id, at;
	unsigned level;
	uint64_t parent; /* the tree in which a directory names it; 0: not told */
	bool elsewhere;  /* an entry of another tree leads to it, too */
};

struct level {
	const struct btrfs_files *files;
	const struct btrfs_inode *directory;
	const struct name_chain *name;
	size_t i, path_n;
};

struct traversal {
	struct btrfs *fs;
	struct root roots[SUBVOLUMES_MAX];
	unsigned nroots;
	struct root sums; /* the tree of checksums of the data */
	struct level levels[DEPTH_MAX];
	unsigned depth;
	bool stopped;
	struct error error;
	char path[DEPTH_MAX * (NAME_MAX_BYTES + 1)], target[DEPTH_MAX * (NAME_MAX_BYTES + 1)];
};

/* A tree that is read, or read already, is not read again: snapshots of itself make no cycle. */
static bool take_root(void *context, const struct btrfs_item *item)
{
	struct traversal *t = context;
	bool sums = item->key.object == BTRFS_CSUM_TREE;
	if (item->key.type == BTRFS_ROOT_BACKREF && t->nroots && t->roots[t->nroots - 1].id == item->key.object)
		t->roots[t->nroots - 1].parent = item->key.offset;
	if (item->key.type != BTRFS_ROOT_ITEM ||
		(!sums && item->key.object != BTRFS_FS_TREE && item->key.object < BTRFS_ROOT_INODE) || item->key.object >> 62)
		return true;
	if (t->nroots == SUBVOLUMES_MAX) {
		btrfs_damage(t->fs, ERR_BUDGET, UINT64_MAX, "more than %u subvolumes are not read", SUBVOLUMES_MAX);
		return false;
	}
	struct reader r = reader_le(item->data);
	rd_seek(&r, 176);
	struct root root = { .id = item->key.object, .at = rd_u64(&r) };
	rd_seek(&r, 238);
	root.level = rd_u8(&r);
	if (rd_ok(&r) && sums)
		t->sums = root;
	else if (rd_ok(&r))
		t->roots[t->nroots++] = root;
	return true;
}

static struct root *find_root(struct traversal *t, uint64_t id)
{
	for (unsigned i = 0; i < t->nroots; i++)
		if (t->roots[i].id == id && t->roots[i].at)
			return &t->roots[i];
	return NULL;
}

static const struct name_chain *name_new(struct traversal *t, const struct name_chain *parent, struct text text)
{
	struct name_chain *name = ARENA_NEW(t->fs->walk->arena, struct name_chain);
	if (name)
		*name = (struct name_chain){ parent, text };
	else
		t->error = error_at(ERR_BUDGET, 0, "more files than are kept of one image");
	return name;
}

static void descend(struct traversal *t, const struct btrfs_files *files, const struct btrfs_inode *directory,
					const struct name_chain *name, size_t path_n)
{
	if (t->depth == DEPTH_MAX)
		btrfs_damage(t->fs, ERR_BUDGET, UINT64_MAX, "directories nested deeper than %u are not read", DEPTH_MAX);
	else
		t->levels[t->depth++] = (struct level){ files, directory, name, 0, path_n };
}

/* The target is an inline extent. */
static void set_link(struct traversal *t, const struct btrfs_files *files, const struct btrfs_inode *inode,
					 struct entry *e)
{
	const struct btrfs_extent *x = inode->extents ? &files->extents[inode->first_extent] : NULL;
	if (x && x->inlined.p && !x->compression && inode->size <= LINK_MAX_BYTES)
		e->link_target = text_from_span(span_clip(x->inlined, 0, inode->size));
	else
		btrfs_damage(t->fs, ERR_CORRUPT, UINT64_MAX, "the target of the link %llu can not be read",
					 (unsigned long long)inode->number);
}

/* The inode that an entry leads to, in its own tree, or a subvolume's root. */
static struct btrfs_inode *follow(struct traversal *t, const struct btrfs_key *location,
								  const struct btrfs_files **files)
{
	if (location->type == BTRFS_INODE_ITEM)
		return btrfs_inode_find(*files, location->object);
	struct root *root = location->type == BTRFS_ROOT_ITEM ? find_root(t, location->object) : NULL;
	if (!root)
		return NULL;
	uint64_t at = root->at;
	root->at = 0;
	*files = btrfs_files_load(t->fs, root->id, at, root->level);
	return *files ? btrfs_inode_find(*files, BTRFS_ROOT_INODE) : NULL;
}

static struct entry describe(const struct btrfs_inode *inode, enum entry_kind kind, struct text path)
{
	struct entry e = entry_new(kind, path);
	e.mode = inode->mode & 07777;
	e.uid = inode->uid;
	e.gid = inode->gid;
	e.mtime = inode->mtime;
	if (kind == ENTRY_CHAR_DEVICE || kind == ENTRY_BLOCK_DEVICE)
		e.device = (int64_t)((inode->device >> 20 & 0xfff) << 32 | (inode->device & 0xfffff));
	if (kind == ENTRY_FILE || kind == ENTRY_SYMLINK)
		e.size = inode->size;
	return e;
}

/* What a snapshot has in place of a subvolume that was in what it was taken of: an entry that leads to that one, which another
 * tree names. Linux shows an empty directory (fs/btrfs/inode.c, new_simple_dir()).
 */
static bool is_elsewhere(struct traversal *t, const struct btrfs_files *files, const struct btrfs_key *location)
{
	for (unsigned i = 0; location->type == BTRFS_ROOT_ITEM && i < t->nroots; i++)
		if (t->roots[i].id == location->object) {
			bool elsewhere = t->roots[i].parent && t->roots[i].parent != files->id;
			t->roots[i].elsewhere |= elsewhere;
			return elsewhere;
		}
	return false;
}

/* Nor may it hide what no entry of the tree that is said to name it leads to. */
static void tell_hidden(const struct traversal *t)
{
	for (unsigned i = 0; i < t->nroots; i++)
		if (t->roots[i].elsewhere && t->roots[i].at)
			btrfs_damage(t->fs, ERR_CORRUPT, UINT64_MAX, "the subvolume %llu is not where it is said to be, in the tree %llu: it is not shown",
						 (unsigned long long)t->roots[i].id, (unsigned long long)t->roots[i].parent);
}

static void show_elsewhere(struct traversal *t, const struct level *dir, const struct btrfs_entry *entry)
{
	size_t path_n = dir->path_n;
	t->path[path_n++] = '/';
	memcpy(t->path + path_n, entry->name.p, entry->name.n);
	struct entry e = entry_new(ENTRY_DIRECTORY, text_of(t->path, path_n + entry->name.n));
	e.mode = 0755;
	t->stopped = !t->fs->walk->child(t->fs->walk, &e);
}

static void visit(struct traversal *t, const struct level *dir, const struct btrfs_entry *entry)
{
	if (is_elsewhere(t, dir->files, &entry->location)) {
		show_elsewhere(t, dir, entry);
		return;
	}
	const struct btrfs_files *files = dir->files;
	struct btrfs_inode *inode = follow(t, &entry->location, &files);
	enum entry_kind kind;
	if (!inode || !inode->described || inode->mode > 0xffff || !entry_kind_read(inode->mode, &kind)) {
		btrfs_damage(t->fs, ERR_CORRUPT, UINT64_MAX, "the inode %llu of an entry can not be read",
					 (unsigned long long)entry->location.object);
		return;
	}
	if (inode->name && kind == ENTRY_DIRECTORY) {
		btrfs_damage(t->fs, ERR_CORRUPT, UINT64_MAX, "the directory %llu is entered twice",
					 (unsigned long long)inode->number);
		return;
	}
	size_t path_n = dir->path_n;
	t->path[path_n++] = '/';
	memcpy(t->path + path_n, entry->name.p, entry->name.n);
	path_n += entry->name.n;
	struct entry e = describe(inode, kind, text_of(t->path, path_n));
	bool again = inode->name;
	if (!again && !(inode->name = name_new(t, dir->name, entry->name)))
		return;
	if (kind == ENTRY_SYMLINK)
		set_link(t, files, inode, &e);
	if (again)
		e.same_as = name_chain_path(inode->name, t->target, sizeof t->target);
	else if (kind == ENTRY_FILE && !btrfs_content_set(t->fs, files, inode, &e))
		t->error = error_at(ERR_BUDGET, 0, "more files than are kept of one image");
	t->stopped = error_is(&t->error) || !t->fs->walk->child(t->fs->walk, &e);
	if (!t->stopped && kind == ENTRY_DIRECTORY)
		descend(t, files, inode, inode->name, path_n);
}

static void step(struct traversal *t)
{
	struct level *l = &t->levels[t->depth - 1];
	if (l->i == l->directory->entries)
		t->depth--;
	else
		visit(t, l, &l->files->entries[l->directory->first_entry + l->i++]);
}

struct error btrfs_traverse(struct btrfs *fs)
{
	struct traversal *t = ARENA_NEW(fs->walk->arena, struct traversal);
	if (!t)
		return error_at(ERR_BUDGET, 0, "no memory to walk");
	t->fs = fs;
	btrfs_tree_walk(fs, fs->super.root, fs->super.root_level, take_root, t);
	btrfs_sums_load(fs, t->sums.at, t->sums.level);
	const struct btrfs_key first = { BTRFS_FS_TREE, BTRFS_ROOT_ITEM, 0 };
	const struct btrfs_files *files = NULL;
	struct btrfs_inode *root = follow(t, &first, &files);
	if (!root)
		return error_at(ERR_CORRUPT, BTRFS_SUPER_AT, "there is no root directory");
	root->name = name_new(t, NULL, TEXT_NONE);
	if (root->name)
		descend(t, files, root, root->name, 0);
	while (t->depth > 0 && !t->stopped && !error_is(&t->error))
		step(t);
	if (!t->stopped)
		tell_hidden(t);
	return t->error;
}
