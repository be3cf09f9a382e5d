/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/inode_tree.h"
#include "format/name_chain.h"

#include <stdio.h>

#define DEPTH_MAX 500u
#define TARGET_MAX 4096u    /* bytes of a symbolic link */
#define NAME_MAX_BYTES 765u /* in UTF-8, of the 255 characters of JFS: more than any other file system's */
/* No byte of a listing belongs to two directories, but one broken size may run through many. */
#define LISTED_MAX 4u
#define LISTED_FREE (64u << 10)
/* As many places are looked at for a number before the table grows: numbers that an attacker chose so that they collide
 * cost memory, which is limited, and no time. */
#define PROBES_MAX 32u

struct name {
	struct name_chain chain;
	struct name *next; /* in the same directory */
	uint64_t number;   /* of its inode */
};

/* A number that was met, and by which name first. */
struct seen {
	uint64_t number;
	const struct name *first; /* NULL: a free place */
};

struct level {
	struct name *next;
	size_t path_n;
};

struct tree_private {
	struct seen *seen;
	size_t mask;                /* of places in `seen`, less one */
	const struct name *listing; /* the directory that is being listed */
	struct name **tail;         /* where its next name goes */
	const struct name *root;
	struct level levels[DEPTH_MAX];
	unsigned depth;
	bool overlap;
	char path[FACT_TEXT_MAX];
	char first[FACT_TEXT_MAX]; /* path of the first name of an inode */
};

bool tree_listed(struct tree *t, uint64_t bytes)
{
	t->listed += bytes;
	if (bytes <= t->image.n + LISTED_FREE && t->listed <= (uint64_t)t->image.n * LISTED_MAX + LISTED_FREE)
		return true;
	t->private->overlap = true;
	return false;
}

void tree_list_runs(struct tree *t, const struct inode *directory, run_finder find, uint32_t block_size,
					bool (*list)(struct tree *t, const struct inode *directory, struct run run))
{
	for (uint64_t at = 0; at < directory->size;) {
		struct run run = { RUN_HOLE, directory->size - at };
		struct error e = find(t->fs, directory->own, at, &run);
		if (error_is(&e)) {
			tree_damage(t, e.code, directory->at, "a directory can not be read beyond %llu of %llu bytes: %s",
						(unsigned long long)at, (unsigned long long)directory->size, e.text);
			return;
		}
		if (run.n > directory->size - at)
			run.n = directory->size - at;
		if (!tree_listed(t, run.at == RUN_HOLE ? block_size : run.n))
			return;
		if (run.at != RUN_HOLE && !list(t, directory, run))
			return;
		at += run.n;
	}
}

void tree_read_target(struct tree *t, struct inode *inode, const struct content_ops *ops, const void *file,
					  uint64_t size)
{
	uint8_t *target = size <= TARGET_MAX ? arena_alloc(t->walk->arena, (size_t)size, 1) : NULL;
	struct error e = error_at(ERR_CORRUPT, 0, "it would be %llu bytes long", (unsigned long long)size);
	if (target)
		e = ops->read(t->fs, file, 0, target, (size_t)size);
	if (error_is(&e))
		tree_damage(t, e.code, inode->at, "a symbolic link can not be read: %s", e.text);
	else
		inode->target = text_of((char *)target, (size_t)size);
}

static struct error unpack_encrypted(const void *fs, const void *file, struct buf *out)
{
	(void)fs;
	(void)file;
	(void)out;
	return error_at(ERR_ENCRYPTED, 0, "its content is encrypted (fscrypt), and the key is not here");
}

const struct content_ops content_encrypted = { .unpack = unpack_encrypted };

/* Spreads the bits, so that numbers in sequence do not crowd together. */
static size_t place_of(uint64_t number)
{
	number = (number ^ number >> 33) * 0xff51afd7ed558ccd;
	number = (number ^ number >> 33) * 0xc4ceb9fe1a85ec53;
	return (size_t)(number ^ number >> 33);
}

/* The place of a number, or the free one where it goes; NULL when neither is near. */
static struct seen *find(struct seen *seen, size_t mask, uint64_t number)
{
	size_t at = place_of(number);
	for (unsigned i = 0; i < PROBES_MAX; i++, at++)
		if (!seen[at & mask].first || seen[at & mask].number == number)
			return &seen[at & mask];
	return NULL;
}

static bool move_all(const struct seen *from, size_t n, struct seen *to, size_t mask)
{
	for (size_t i = 0; i < n; i++) {
		struct seen *s = from[i].first ? find(to, mask, from[i].number) : NULL;
		if (s)
			*s = from[i];
		else if (from[i].first)
			return false;
	}
	return true;
}

static bool grow(struct tree *t)
{
	struct tree_private *p = t->private;
	size_t n = p->seen ? p->mask + 1 : 0;
	for (size_t larger = n ? n * 2 : 1024;; larger *= 2) {
		struct seen *seen = ARENA_ARRAY(t->walk->arena, struct seen, larger);
		if (!seen)
			return false;
		if (!move_all(p->seen, n, seen, larger - 1))
			continue;
		p->seen = seen;
		p->mask = larger - 1;
		return true;
	}
}

/* The place of a number in the table, made free when it was not met before; NULL: out of memory. */
static struct seen *slot(struct tree *t, uint64_t number)
{
	struct tree_private *p = t->private;
	for (struct seen *s;;) {
		if (p->seen && (s = find(p->seen, p->mask, number)))
			return s;
		if (!grow(t)) {
			t->out_of_memory = true;
			return NULL;
		}
	}
}

bool tree_name(struct tree *t, struct text text, uint64_t number)
{
	struct tree_private *p = t->private;
	if (text_is(text, ".") || text_is(text, ".."))
		return true;
	if (text.n == 0 || text.n > NAME_MAX_BYTES) {
		tree_damage(t, ERR_CORRUPT, OFFSET_NONE, "a directory has a name of %zu bytes", text.n);
		t->unfollowed++;
		return true;
	}
	/* nobody can open it, and its path may look like that of another file; what it holds is shown all the same */
	if (memchr(text.p, '/', text.n) || memchr(text.p, '\0', text.n))
		tree_damage(t, ERR_CORRUPT, OFFSET_NONE, "a directory has a name with a slash or a NUL in it");
	struct name *name = ARENA_NEW(t->walk->arena, struct name);
	if (!name) {
		t->out_of_memory = true;
		return false;
	}
	*name = (struct name){ { &p->listing->chain, text }, NULL, number };
	*p->tail = name;
	p->tail = &name->next;
	return true;
}

static void descend(struct tree *t, const struct inode *directory, const struct name *name, size_t path_n)
{
	struct tree_private *p = t->private;
	struct name *first = NULL;
	if (p->depth == DEPTH_MAX) {
		tree_damage(t, ERR_BUDGET, directory->at, "directories nested deeper than %u are not read", DEPTH_MAX);
		t->unfollowed++;
		return;
	}
	p->listing = name;
	p->tail = &first;
	t->ops->list(t, directory);
	p->levels[p->depth++] = (struct level){ first, path_n };
}

static struct entry describe(const struct inode *inode, struct text path)
{
	struct entry e = entry_new(inode->kind, path);
	e.mode = inode->mode;
	e.uid = inode->uid;
	e.gid = inode->gid;
	e.mtime = inode->mtime;
	e.device = inode->device;
	if (inode->kind == ENTRY_FILE)
		e.size = inode->size;
	else if (inode->kind == ENTRY_SYMLINK)
		e.size = inode->target.p ? inode->target.n : inode->size;
	if (inode->kind == ENTRY_SYMLINK)
		e.link_target = inode->target;
	return e;
}

/* Shows one name to the visitor; enters it when it is a directory. False ends the walk. */
static bool visit(struct tree *t, const struct level *level, const struct name *name)
{
	struct tree_private *p = t->private;
	struct inode inode = {
		.mode = FACT_NULL, .uid = FACT_NULL, .gid = FACT_NULL, .mtime = FACT_NULL, .device = FACT_NULL
	};
	size_t path_n = level->path_n;
	if (name->chain.text.n + 1 > sizeof p->path - path_n) {
		tree_damage(t, ERR_BUDGET, OFFSET_NONE, "a path is longer than %zu bytes", sizeof p->path);
		t->unfollowed++;
		return true;
	}
	if (!t->ops->inode(t, name->number, &inode))
		return !t->out_of_memory;
	struct seen *seen = inode.alone ? NULL : slot(t, name->number);
	if (!seen && !inode.alone)
		return false;
	if (seen && seen->first && inode.kind == ENTRY_DIRECTORY) {
		tree_damage(t, ERR_CORRUPT, inode.at, "a directory is entered twice");
		return true;
	}
	p->path[path_n++] = '/';
	memcpy(p->path + path_n, name->chain.text.p, name->chain.text.n);
	path_n += name->chain.text.n;
	struct entry e = describe(&inode, text_of(p->path, path_n));
	if (seen && seen->first)
		e.same_as = name_chain_path(&seen->first->chain, p->first, sizeof p->first);
	else if (inode.kind == ENTRY_FILE && inode.size && !t->ops->content(t, &inode, &e))
		e.content = (struct content){ .kind = CONTENT_NONE };
	if (seen && !seen->first)
		*seen = (struct seen){ name->number, name };
	t->stopped = !t->out_of_memory && !t->walk->child(t->walk, &e);
	if (t->out_of_memory || t->stopped)
		return false;
	if (inode.kind == ENTRY_DIRECTORY)
		descend(t, &inode, name, path_n);
	return true;
}

static bool step(struct tree *t)
{
	struct level *level = &t->private->levels[t->private->depth - 1];
	struct name *name = level->next;
	if (!name) {
		t->private->depth--;
		return true;
	}
	level->next = name->next;
	return visit(t, level, name) && !t->out_of_memory && !t->private->overlap;
}

static struct error walk_from(struct tree *t, uint64_t number)
{
	struct tree_private *p = t->private;
	struct inode root = { .kind = ENTRY_FILE };
	struct name *name = ARENA_NEW(t->walk->arena, struct name);
	if (!name)
		return error_at(ERR_BUDGET, 0, "no memory for the root");
	p->root = name;
	t->rootless = !t->ops->inode(t, number, &root) || root.kind != ENTRY_DIRECTORY;
	if (t->rootless)
		return error_at(ERR_CORRUPT, root.at, "there is no root directory");
	struct seen *seen = slot(t, number);
	if (seen)
		*seen = (struct seen){ number, name };
	descend(t, &root, name, 0);
	while (p->depth > 0 && step(t))
		;
	if (t->out_of_memory)
		return error_at(ERR_BUDGET, OFFSET_NONE, "more files than are kept of one image");
	if (p->overlap)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "the listings of directories overlap");
	return error_none();
}

void tree_lost(struct tree *t, uint64_t number)
{
	struct tree_private *p = t->private;
	char text[32];
	if (!p || !p->root || p->overlap || t->stopped || t->out_of_memory)
		return;
	struct seen *seen = slot(t, number);
	if (!seen || seen->first)
		return;
	snprintf(text, sizeof text, "inode-%llu", (unsigned long long)number);
	struct name *name = ARENA_NEW(t->walk->arena, struct name);
	char *copy = name ? arena_strdup(t->walk->arena, text_c(text)) : NULL;
	if (!copy) {
		t->out_of_memory = true;
		return;
	}
	*name = (struct name){ { &p->root->chain, text_c(copy) }, NULL, number };
	p->depth = 0;
	if (visit(t, &(struct level){ .path_n = 0 }, name))
		while (p->depth > 0 && step(t))
			;
	if (p->overlap)
		tree_damage(t, ERR_CORRUPT, OFFSET_NONE, "the listings of directories overlap: what else is lost is not shown");
}

struct error tree_walk(struct tree *t, uint64_t root)
{
	t->private = ARENA_NEW(t->walk->arena, struct tree_private);
	if (!t->private)
		return error_at(ERR_BUDGET, 0, "no memory for paths");
	struct error e = walk_from(t, root);
	emit_damage_further(t->walk->sink, t->damages);
	return e;
}
