/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The traversal of an EROFS image: from the root inode through the directories, in their order. */
#include "format/erofs_image.h"
#include "format/name_chain.h"
#include "format/unix_mode.h"

#define DEPTH_MAX 500u
#define NAME_MAX_BYTES 255u
#define DIRENT_SIZE 12u
#define LINK_MAX_BYTES 65536u
/* No block of a directory belongs to two, but inodes may overlap in a broken image. */
#define LISTED_MAX 4u
/* Files are read in blocks of at least this size, and of at most that of what one extent may unpack to. */
#define CONTENT_BLOCK_MIN (64u << 10)
#define CONTENT_BLOCK_MAX (16u << 20)

/* The first name of an inode. */
struct name {
	struct name_chain chain;
	uint64_t nid;
};

/* First names by the inode's number: open addressing, never full. */
struct names {
	const struct name **slots;
	size_t n, size; /* size: a power of two */
};

/* A directory whose listing is being read. */
struct level {
	struct span listing, block;
	uint64_t at; /* of the block in the listing */
	unsigned i, count;
	const struct name *name;
	uint64_t inode_at;
	size_t path_n;
};

struct traversal {
	struct erofs *fs;
	struct names names;
	struct level levels[DEPTH_MAX];
	unsigned depth;
	uint64_t listed;
	char path[DEPTH_MAX * (NAME_MAX_BYTES + 1)];
	char target[DEPTH_MAX * (NAME_MAX_BYTES + 1)]; /* path of the first name of an inode */
	struct error error;                            /* what ends the walk */
};

static const struct name **names_slot(struct names *names, uint64_t nid)
{
	size_t i = (size_t)(nid * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (names->size - 1);
	while (names->slots[i] && names->slots[i]->nid != nid)
		i = (i + 1) & (names->size - 1);
	return &names->slots[i];
}

static bool names_grow(struct names *names, struct arena *arena)
{
	struct names bigger = { .n = names->n, .size = names->size ? names->size * 2 : 1024 };
	bigger.slots = ARENA_ARRAY(arena, const struct name *, bigger.size);
	for (size_t i = 0; bigger.slots && i < names->size; i++)
		if (names->slots[i])
			*names_slot(&bigger, names->slots[i]->nid) = names->slots[i];
	if (!bigger.slots)
		return false;
	*names = bigger;
	return true;
}

/* The inode's first name: this one, when it had none before (*again is false then). NULL at the arena's limit. */
static const struct name *names_add(struct traversal *t, const struct name *parent, struct text text, uint64_t nid,
									bool *again)
{
	struct arena *arena = t->fs->walk->arena;
	struct names *names = &t->names;
	const struct name **slot = NULL;
	struct name *name = NULL;
	if (names->n * 2 < names->size || names_grow(names, arena))
		slot = names_slot(names, nid);
	*again = slot && *slot;
	if (*again)
		return *slot;
	if (slot)
		name = ARENA_NEW(arena, struct name);
	if (!name) {
		t->error = error_at(ERR_BUDGET, 0, "more files than are kept of one image");
		return NULL;
	}
	*name = (struct name){ { parent ? &parent->chain : NULL, text }, nid };
	names->n++;
	return *slot = name;
}

/* The bytes of a directory or of a link: where they lie, or a copy. Empty with damage reported, or with t->error
 * set. */
static struct span load(struct traversal *t, const struct erofs_inode *inode)
{
	struct erofs *fs = t->fs;
	struct span bytes = SPAN_NONE;
	if (inode->size == 0)
		return bytes;
	if (inode->size > (inode->kind == ENTRY_SYMLINK ? LINK_MAX_BYTES : fs->image.n)) {
		erofs_damage(fs, ERR_CORRUPT, inode->at, "a directory or link of %llu bytes", (unsigned long long)inode->size);
		return bytes;
	}
	const struct erofs_file *file = erofs_file_open(fs, inode);
	if (file && file->n == 1 && file->extents[0].source == EROFS_STORED) {
		bytes = span_clip(fs->image, file->extents[0].from, inode->size);
		if (bytes.n < inode->size)
			erofs_damage(fs, ERR_TRUNCATED, inode->at, "a directory or link of %llu bytes is there for %zu",
						 (unsigned long long)inode->size, bytes.n);
		return bytes;
	}
	uint8_t *copy = file ? ARENA_ARRAY(fs->walk->arena, uint8_t, inode->size) : NULL;
	if (!copy) {
		t->error = error_at(ERR_BUDGET, inode->at, "more directories than are kept of one image");
		return bytes;
	}
	/* Block by block, so that a broken one spoils nothing but itself: its entries are all zero. */
	for (uint64_t at = 0; at < inode->size; at += fs->block_size) {
		uint64_t left = inode->size - at;
		size_t n = left < fs->block_size ? (size_t)left : (size_t)fs->block_size;
		struct error e = erofs_file_ops.read(fs, file, at, copy + at, n);
		if (error_is(&e)) {
			memset(copy + at, 0, n);
			erofs_damage(fs, e.code, inode->at, "%s", e.text);
		}
	}
	return span_of(copy, inode->size);
}

static bool descend(struct traversal *t, const struct erofs_inode *inode, const struct name *name, size_t path_n)
{
	struct erofs *fs = t->fs;
	if (t->depth == DEPTH_MAX) {
		erofs_damage(fs, ERR_BUDGET, inode->at, "directories nested deeper than %u are not read", DEPTH_MAX);
		return true;
	}
	struct span listing = load(t, inode);
	t->listed += listing.n;
	if (t->listed > LISTED_MAX * (uint64_t)fs->image.n)
		t->error = error_at(ERR_CORRUPT, inode->at, "the listings of directories overlap");
	if (error_is(&t->error))
		return false;
	t->levels[t->depth++] = (struct level){ .listing = listing, .name = name, .inode_at = inode->at, .path_n = path_n };
	return true;
}

/* A directory's block: entries, then their names. The first name's place tells how many entries there are. */
static void enter_block(struct traversal *t, struct level *l)
{
	uint64_t size = t->fs->block_size << t->fs->super.dir_block_bits;
	l->block = span_clip(l->listing, l->at, size);
	l->at += l->block.n;
	uint16_t names_at = span_u16le(l->block, 8);
	l->i = 0;
	l->count = names_at % DIRENT_SIZE || names_at >= l->block.n ? 0 : names_at / DIRENT_SIZE;
	if (l->count == 0)
		erofs_damage(t->fs, ERR_CORRUPT, l->inode_at, "a block of a directory is broken");
}

/* The next entry's name and inode; false for one that can not be valid. */
static bool read_dirent(struct level *l, struct text *text, uint64_t *nid)
{
	struct reader r = reader_le(span_from(l->block, (uint64_t)l->i * DIRENT_SIZE));
	*nid = rd_u64(&r);
	uint16_t from = rd_u16(&r);
	rd_skip(&r, 2);
	bool last = ++l->i == l->count;
	uint64_t to = last ? l->block.n : span_u16le(l->block, (uint64_t)l->i * DIRENT_SIZE + 8);
	if (!rd_ok(&r) || from < l->count * DIRENT_SIZE || to <= from)
		return false;
	*text = text_until_nul(span_sub(l->block, from, to - from));
	return text->n > 0 && text->n <= NAME_MAX_BYTES;
}

/* No smaller than the largest packed extent, which has to be unpacked for each block that it is in. */
static uint32_t content_block(const struct erofs_file *file)
{
	uint32_t block = CONTENT_BLOCK_MIN;
	for (size_t i = 0; i < file->n; i++) {
		const struct erofs_extent *e = &file->extents[i];
		bool packed = e->source >= EROFS_LZ4 && e->source < EROFS_FRAGMENT;
		while (packed && e[1].at - e->at > block && block < CONTENT_BLOCK_MAX)
			block *= 2;
	}
	return block;
}

static bool set_content(struct traversal *t, const struct erofs_inode *inode, struct entry *e)
{
	struct erofs *fs = t->fs;
	e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_of("", 0) };
	if (inode->size == 0)
		return true;
	const struct erofs_file *file = erofs_file_open(fs, inode);
	if (!file) {
		t->error = error_at(ERR_BUDGET, inode->at, "more extents of files than are kept of one image");
		return false;
	}
	const struct erofs_extent *first = &file->extents[0];
	if (first->source != EROFS_HOLE && first->source < EROFS_FRAGMENT)
		e->offset = first->from;
	struct span bytes = span_sub(fs->image, first->from, inode->size);
	if (file->n == 1 && first->source == EROFS_STORED && bytes.p)
		e->content.bytes = bytes;
	else
		e->content = (struct content){ CONTENT_BLOCKS, SPAN_NONE, &erofs_file_ops, fs, file, content_block(file) };
	return true;
}

static struct entry describe(const struct erofs_inode *inode, struct text path)
{
	struct entry e = entry_new(inode->kind, path);
	e.mode = inode->mode & 07777;
	e.uid = inode->uid;
	e.gid = inode->gid;
	e.mtime = inode->mtime;
	if (inode->kind == ENTRY_FILE || inode->kind == ENTRY_SYMLINK)
		e.size = inode->size;
	if (inode->kind == ENTRY_CHAR_DEVICE || inode->kind == ENTRY_BLOCK_DEVICE)
		e.device = device_new(inode->value);
	return e;
}

/* Shows an entry to the visitor; enters it when it is a directory. False ends the walk. */
static bool visit(struct traversal *t, const struct level *dir, struct text text, uint64_t nid)
{
	struct erofs *fs = t->fs;
	struct erofs_inode inode;
	bool again;
	if (!erofs_inode_read(fs->image, &fs->super, nid, &inode)) {
		erofs_damage(fs, ERR_CORRUPT, dir->inode_at, "the inode %llu of an entry can not be read",
					 (unsigned long long)nid);
		return true;
	}
	const struct name *first = names_add(t, dir->name, text, nid, &again);
	if (!first)
		return false;
	if (again && inode.kind == ENTRY_DIRECTORY) {
		erofs_damage(fs, ERR_CORRUPT, inode.at, "a directory is entered twice");
		return true;
	}
	size_t path_n = dir->path_n;
	t->path[path_n++] = '/';
	memcpy(t->path + path_n, text.p, text.n);
	path_n += text.n;
	struct entry e = describe(&inode, text_of(t->path, path_n));
	if (inode.kind == ENTRY_SYMLINK)
		e.link_target = text_from_span(load(t, &inode));
	if (again)
		e.same_as = name_chain_path(&first->chain, t->target, sizeof t->target);
	else if (inode.kind == ENTRY_FILE && !set_content(t, &inode, &e))
		return false;
	return !error_is(&t->error) && fs->walk->child(fs->walk, &e) &&
		   (inode.kind != ENTRY_DIRECTORY || descend(t, &inode, first, path_n));
}

/* The next entry of the innermost directory. False ends the walk. */
static bool step(struct traversal *t)
{
	struct level *l = &t->levels[t->depth - 1];
	if (l->i == l->count) {
		if (l->at < l->listing.n)
			enter_block(t, l);
		else
			t->depth--;
		return true;
	}
	struct text text;
	uint64_t nid;
	if (!read_dirent(l, &text, &nid)) {
		erofs_damage(t->fs, ERR_CORRUPT, l->inode_at, "an entry of a directory is broken");
		return true;
	}
	return text_is(text, ".") || text_is(text, "..") || visit(t, l, text, nid);
}

struct error erofs_traverse(struct erofs *fs)
{
	struct traversal *t = ARENA_NEW(fs->walk->arena, struct traversal);
	struct erofs_inode root;
	bool again;
	if (!t)
		return error_at(ERR_BUDGET, 0, "no memory to walk");
	t->fs = fs;
	if (!erofs_inode_read(fs->image, &fs->super, fs->super.root_nid, &root) || root.kind != ENTRY_DIRECTORY)
		return error_at(ERR_CORRUPT, EROFS_SUPER_AT + 14, "there is no root directory");
	const struct name *name = names_add(t, NULL, TEXT_NONE, root.nid, &again);
	bool going = name && descend(t, &root, name, 0);
	while (going && t->depth > 0)
		going = step(t);
	return t->error;
}
