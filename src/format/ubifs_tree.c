/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The traversal of UBIFS: from the root directory through the entries, in the order of their keys.
 *
 * Specification: Linux fs/ubifs/ubifs-media.h (struct ubifs_ino_node, struct ubifs_dent_node), dir.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "format/name_chain.h"
#include "format/ubifs_image.h"
#include "format/unix_mode.h"

/* With names of at most 255 bytes, written as hex where they are encrypted, paths stay below FACT_TEXT_MAX. */
#define DEPTH_MAX 250u
#define SHOWN_NAME_MAX (2 * UBIFS_NAME_MAX)
#define INODE_HEADER 160u
#define ENTRY_HEADER 56u

#define FLAG_XATTR 0x20u
#define FLAG_ENCRYPTED 0x40u

struct inode {
	bool found;
	uint32_t number;
	struct ubifs_leaf *leaf; /* NULL: there is none */
	uint64_t sqnum, size;
	int64_t uid, gid, mtime;
	uint32_t mode, flags;
	struct span data;
};

/* A directory whose entries are being shown. */
struct level {
	size_t next, end; /* among the leaves */
	const struct name_chain *name;
	size_t path_n;
	bool encrypted; /* so are the names in it */
};

struct traversal {
	struct ubifs *fs;
	struct level levels[DEPTH_MAX];
	unsigned depth;
	char path[(DEPTH_MAX + 1) * (SHOWN_NAME_MAX + 1)];
	char target[(DEPTH_MAX + 1) * (SHOWN_NAME_MAX + 1)]; /* path of the first name of an inode */
	bool lost;                                           /* entries could not be read, or may not be there */
	struct error error;                                  /* what ends the walk */
};

static bool inode_read(const struct ubifs *fs, uint32_t number, struct inode *inode)
{
	size_t i = ubifs_find(fs, ubifs_key(number, UBIFS_INODE));
	*inode = (struct inode){ .number = number, .uid = FACT_NULL, .gid = FACT_NULL, .mtime = FACT_NULL };
	if (i == fs->nleaves || fs->leaves[i].key != ubifs_key(number, UBIFS_INODE))
		return false;
	inode->leaf = &fs->leaves[i];
	struct span node = ubifs_node(fs->image, inode->leaf->at, UBIFS_INODE);
	if (node.n < INODE_HEADER || span_u32le(node, UBIFS_HEADER) != number)
		return false;
	struct reader r = reader_le(node);
	rd_seek(&r, 8);
	inode->sqnum = rd_u64(&r);
	rd_seek(&r, 48);
	inode->size = rd_u64(&r);
	rd_skip(&r, 16);
	inode->mtime = (int64_t)rd_u64(&r);
	rd_skip(&r, 16);
	inode->uid = rd_u32(&r);
	inode->gid = rd_u32(&r);
	inode->mode = rd_u32(&r);
	inode->flags = rd_u32(&r);
	inode->data = span_clip(node, INODE_HEADER, rd_u32(&r));
	return inode->found = true;
}

static enum entry_kind kind_of_type(uint8_t type)
{
	static const enum entry_kind kinds[] = { ENTRY_FILE,        ENTRY_DIRECTORY, ENTRY_SYMLINK, ENTRY_BLOCK_DEVICE,
											 ENTRY_CHAR_DEVICE, ENTRY_FIFO,      ENTRY_SOCKET };
	return type < sizeof kinds / sizeof kinds[0] ? kinds[type] : ENTRY_FILE;
}

/* The kernel's encodings of 32 and of 64 bits, which agree in what they have in common. */
static int64_t device_of(struct span data)
{
	uint32_t device = span_u32le(data, 0);
	if (data.n != 4 && data.n != 8)
		return FACT_NULL;
	return device_new(device);
}

static const struct name_chain *remember(struct traversal *t, const struct name_chain *parent, struct text text)
{
	struct arena *arena = t->fs->walk->arena;
	struct name_chain *name = ARENA_NEW(arena, struct name_chain);
	char *copy = name ? arena_strdup(arena, text) : NULL;
	if (!copy) {
		t->error = error_at(ERR_BUDGET, 0, "more files than are kept of one image");
		return NULL;
	}
	*name = (struct name_chain){ parent, text_of(copy, text.n) };
	return name;
}

/* Enters a directory. Its first entry remembers that it was: there may be no inode that could. */
static void descend(struct traversal *t, const struct inode *inode, const struct name_chain *name, size_t path_n)
{
	struct ubifs *fs = t->fs;
	size_t first = ubifs_find(fs, ubifs_key(inode->number, UBIFS_ENTRY));
	size_t end = ubifs_find(fs, ubifs_key(inode->number, UBIFS_XATTR));
	if (first == end)
		return;
	struct ubifs_leaf *mark = &fs->leaves[first];
	if (mark->deletes) {
		ubifs_damage(fs, ERR_CORRUPT, mark->at, "directory %" PRIu32 " is entered twice", inode->number);
		return;
	}
	if (t->depth == DEPTH_MAX) {
		ubifs_damage(fs, ERR_BUDGET, mark->at, "directories nested deeper than %u are not read", DEPTH_MAX);
		return;
	}
	mark->deletes = true; /* of those that are left none deletes */
	t->levels[t->depth++] = (struct level){ first, end, name, path_n, inode->flags & FLAG_ENCRYPTED };
}

static void set_target(struct traversal *t, const struct inode *inode, struct entry *e)
{
	e->size = inode->size;
	if (!(inode->flags & FLAG_ENCRYPTED))
		e->link_target = text_from_span(inode->data);
	else
		ubifs_damage(t->fs, ERR_ENCRYPTED, inode->leaf->at, "the target of a symbolic link is encrypted (fscrypt)");
}

/* Shows an inode under a name to the visitor; enters it when it is a directory. False ends the walk. */
static bool show(struct traversal *t, const struct name_chain *dir, size_t path_n, struct text text,
				 struct inode *inode, enum entry_kind kind)
{
	struct ubifs *fs = t->fs;
	t->path[path_n++] = '/';
	memcpy(t->path + path_n, text.p, text.n);
	path_n += text.n;
	struct entry e = entry_new(inode->found ? entry_kind_of_mode(inode->mode) : kind, text_of(t->path, path_n));
	e.mode = inode->found ? inode->mode & 07777 : FACT_NULL;
	e.uid = inode->uid;
	e.gid = inode->gid;
	e.mtime = inode->mtime;
	const struct name_chain *first = inode->leaf ? inode->leaf->name : NULL;
	if (first && e.kind != ENTRY_DIRECTORY) {
		e.same_as = name_chain_path(first, t->target, sizeof t->target);
		e.size = inode->size;
		return fs->walk->child(fs->walk, &e);
	}
	first = remember(t, dir, text);
	if (!first)
		return false;
	if (inode->leaf)
		inode->leaf->name = first;
	bool encrypted = inode->flags & FLAG_ENCRYPTED;
	uint64_t sqnum = inode->found ? inode->sqnum : UBIFS_UNKNOWN;
	if (e.kind == ENTRY_FILE && !ubifs_file_open(fs, inode->number, inode->size, sqnum, encrypted, &e)) {
		t->error = error_at(ERR_BUDGET, 0, "more files than are kept of one image");
		return false;
	}
	if (e.kind == ENTRY_SYMLINK)
		set_target(t, inode, &e);
	if (e.kind == ENTRY_CHAR_DEVICE || e.kind == ENTRY_BLOCK_DEVICE)
		e.device = device_of(inode->data);
	if (!fs->walk->child(fs->walk, &e))
		return false;
	if (e.kind == ENTRY_DIRECTORY)
		descend(t, inode, first, path_n);
	return true;
}

/* An encrypted name may hold any byte, '/' too: it is written as hex. */
static struct text shown_name(struct text name, bool encrypted, char hex[SHOWN_NAME_MAX + 1])
{
	if (!encrypted)
		return name;
	hash_hex((const uint8_t *)name.p, name.n, hex);
	return text_of(hex, 2 * name.n);
}

static bool visit(struct traversal *t, const struct level *dir, const struct ubifs_leaf *leaf)
{
	struct ubifs *fs = t->fs;
	struct span node = ubifs_node(fs->image, leaf->at, UBIFS_ENTRY);
	struct text name = text_from_span(span_sub(node, ENTRY_HEADER, span_u16le(node, 50)));
	if (name.n == 0 || name.n > UBIFS_NAME_MAX || span_u32le(node, UBIFS_HEADER) != leaf->key >> 32) {
		ubifs_damage(fs, leaf->at < fs->image.n ? ERR_CORRUPT : ERR_TRUNCATED, leaf->at,
					 "an entry of directory %" PRIu64 " can not be read", leaf->key >> 32);
		t->lost = true;
		return true;
	}
	uint64_t number = ubifs_u64(node, 40);
	struct inode inode;
	char hex[SHOWN_NAME_MAX + 1];
	if (!inode_read(fs, number <= UINT32_MAX ? (uint32_t)number : 0, &inode))
		ubifs_damage(fs, ERR_CORRUPT, inode.leaf ? inode.leaf->at : leaf->at,
					 "inode %" PRIu64 " can not be read: what is known is that an entry refers to it", number);
	return show(t, dir->name, dir->path_n, shown_name(name, dir->encrypted, hex), &inode, kind_of_type(node.p[49]));
}

static bool step_through(struct traversal *t)
{
	while (t->depth > 0) {
		struct level *dir = &t->levels[t->depth - 1];
		if (dir->next == dir->end)
			t->depth--;
		else if (!visit(t, dir, &t->fs->leaves[dir->next++]))
			return false;
	}
	return true;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* The inodes that entries refer to, in order. */
static uint32_t *referred(const struct ubifs *fs, size_t *n)
{
	uint32_t *numbers = ARENA_ARRAY(fs->walk->arena, uint32_t, fs->nleaves);
	*n = 0;
	for (size_t i = 0; numbers && i < fs->nleaves; i++)
		if (ubifs_key_type(fs->leaves[i].key) == UBIFS_ENTRY)
			numbers[(*n)++] = span_u32le(ubifs_node(fs->image, fs->leaves[i].at, UBIFS_ENTRY), 40);
	if (*n > 1)
		qsort(numbers, *n, sizeof *numbers, by_number);
	return numbers;
}

/* What is left of an inode that no entry refers to, its leaves being from `i` on: itself, or without it data of a file, entries of a
 * directory. False: nothing that is to be shown. */
static bool lost_inode(const struct ubifs *fs, size_t i, struct inode *inode, enum entry_kind *kind)
{
	uint32_t number = (uint32_t)(fs->leaves[i].key >> 32);
	if (number == UBIFS_ROOT)
		return false;
	if (inode_read(fs, number, inode)) {
		*kind = ENTRY_FILE;
		return !(inode->flags & FLAG_XATTR);
	}
	if (inode->leaf)
		i++;
	enum ubifs_type type = i < fs->nleaves && fs->leaves[i].key >> 32 == number ? ubifs_key_type(fs->leaves[i].key) : UBIFS_XATTR;
	*kind = type == UBIFS_ENTRY ? ENTRY_DIRECTORY : ENTRY_FILE;
	return type == UBIFS_DATA || type == UBIFS_ENTRY;
}

/* Where entries are lost, the files may be there, and so may all that is in a directory: names know the number of theirs. They are
 * shown by number. */
static bool show_lost(struct traversal *t, const struct name_chain *root)
{
	struct ubifs *fs = t->fs;
	size_t n;
	const uint32_t *numbers = referred(fs, &n);
	for (size_t i = 0; numbers && i < fs->nleaves; i++) {
		const struct ubifs_leaf *leaf = &fs->leaves[i];
		uint32_t number = (uint32_t)(leaf->key >> 32);
		struct inode inode;
		enum entry_kind kind;
		char text[32];
		if ((i > 0 && leaf[-1].key >> 32 == number) || bsearch(&number, numbers, n, sizeof number, by_number) ||
			!lost_inode(fs, i, &inode, &kind))
			continue;
		snprintf(text, sizeof text, "inode-%" PRIu32, number);
		ubifs_damage(fs, ERR_CORRUPT, leaf->at, "the entry of inode %" PRIu32 " is lost%s", number,
					 inode.found ? "" : kind == ENTRY_FILE ? ", and it itself: its data are there"
														: ", and it itself: its entries are there");
		if (inode.leaf)
			inode.leaf->name = NULL;
		if (!show(t, root, 0, text_c(text), &inode, kind) || !step_through(t))
			return false;
	}
	return true;
}

/* From here on, the leaves of inodes tell their names. */
static void forget_times(struct ubifs *fs)
{
	for (size_t i = 0; i < fs->nleaves; i++)
		if (ubifs_key_type(fs->leaves[i].key) == UBIFS_INODE)
			fs->leaves[i].name = NULL;
}

struct error ubifs_traverse(struct ubifs *fs)
{
	struct traversal *t = ARENA_NEW(fs->walk->arena, struct traversal);
	if (!t)
		return error_at(ERR_BUDGET, 0, "no memory for the paths");
	t->fs = fs;
	forget_times(fs);
	struct inode root;
	if (!inode_read(fs, UBIFS_ROOT, &root))
		ubifs_damage(fs, ERR_CORRUPT, root.leaf ? root.leaf->at : UINT64_MAX, "the inode of the root can not be read");
	const struct name_chain *name = remember(t, NULL, TEXT_LIT(""));
	if (!name)
		return t->error;
	if (root.leaf)
		root.leaf->name = name;
	descend(t, &root, name, 0);
	t->lost = fs->scanned;
	if (step_through(t) && t->lost)
		(void)show_lost(t, name);
	return t->error;
}
