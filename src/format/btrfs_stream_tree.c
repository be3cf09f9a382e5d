/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/btrfs_stream.h"

#define DEPTH_MAX 500u
#define BUCKETS_FIRST 256u
#define NODES_FIRST 256u

static uint64_t hash(const struct bs_node *parent, struct text name)
{
	uint64_t h = 0xcbf29ce484222325u ^ (uintptr_t)parent; /* FNV-1a */
	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (uint8_t)name.p[i]) * 0x100000001b3u;
	return h ^ h >> 32;
}

static struct bs_node **bucket(const struct bs *s, const struct bs_node *parent, struct text name)
{
	return &s->buckets[hash(parent, name) & (s->nbuckets - 1)];
}

static struct bs_node *child_of(const struct bs *s, const struct bs_node *parent, struct text name)
{
	struct bs_node *n = s->nbuckets ? *bucket(s, parent, name) : NULL;
	while (n && (n->parent != parent || !text_eq(n->name, name)))
		n = n->next_in_bucket;
	return n;
}

static void enter(struct bs *s, struct bs_node *n)
{
	struct bs_node **b = bucket(s, n->parent, n->name);
	n->next_in_bucket = *b;
	*b = n;
	n->parent->children++;
}

static void leave(struct bs *s, struct bs_node *n)
{
	struct bs_node **b = bucket(s, n->parent, n->name);
	while (*b && *b != n)
		b = &(*b)->next_in_bucket;
	if (*b)
		*b = n->next_in_bucket;
	n->parent->children--;
}

/* As many buckets as nodes. */
static bool grow_buckets(struct bs *s)
{
	size_t n = s->nbuckets ? 4 * s->nbuckets : BUCKETS_FIRST;
	struct bs_node **v = ARENA_ARRAY(s->w->arena, struct bs_node *, n);
	if (!v)
		return false;
	s->buckets = v;
	s->nbuckets = n;
	for (size_t i = 0; i < s->nnodes; i++) {
		struct bs_node *node = s->nodes[i], **b = bucket(s, node->parent, node->name);
		if (node->removed)
			continue;
		node->next_in_bucket = *b;
		*b = node;
	}
	return true;
}

static bool grow_nodes(struct bs *s)
{
	size_t room = s->nodes_room ? 2 * s->nodes_room : NODES_FIRST;
	struct bs_node **v = ARENA_ARRAY(s->w->arena, struct bs_node *, room);
	if (!v)
		return false;
	if (s->nnodes)
		memcpy(v, s->nodes, s->nnodes * sizeof(struct bs_node *));
	s->nodes = v;
	s->nodes_room = room;
	return true;
}

static struct bs_node *add(struct bs *s, struct bs_node *parent, struct text name, struct bs_inode *inode)
{
	bool room = (s->nnodes < s->nodes_room || grow_nodes(s)) && (s->nnodes < s->nbuckets || grow_buckets(s));
	struct bs_node *n = room ? ARENA_NEW(s->w->arena, struct bs_node) : NULL;
	if (!n) {
		s->out_of_memory = true;
		return NULL;
	}
	*n = (struct bs_node){ .parent = parent, .name = name, .inode = inode };
	inode->links++;
	s->nodes[s->nnodes++] = n;
	enter(s, n);
	return n;
}

static struct bs_inode *new_inode(struct bs *s, enum entry_kind kind)
{
	struct bs_inode *i = ARENA_NEW(s->w->arena, struct bs_inode);
	s->out_of_memory |= !i;
	if (i)
		*i = (struct bs_inode){ .kind = kind, .mode = FACT_NULL, .uid = FACT_NULL, .gid = FACT_NULL, .mtime = FACT_NULL, .device = FACT_NULL };
	return i;
}

/* The next name of a path; false at its end. Names that are empty are passed over. */
static bool next_name(struct text *path, struct text *name)
{
	while (path->n && *path->p == '/')
		*path = text_of(path->p + 1, path->n - 1);
	size_t n = 0;
	while (n < path->n && path->p[n] != '/')
		n++;
	*name = text_of(path->p, n);
	if (n) /* at its end it may be no text at all */
		*path = text_of(path->p + n, path->n - n);
	return n > 0;
}

static bool is_last(struct text path)
{
	struct text name;
	return !next_name(&path, &name);
}

struct bs_node *bs_find(const struct bs *s, struct bs_node *root, struct text path)
{
	struct text name;
	while (root && next_name(&path, &name))
		root = child_of(s, root, name);
	return root;
}

/* The directory that the path's last name is in, made where it is missing, and that name. NULL: too deep, no name, no memory. */
static struct bs_node *parent_of(struct bs *s, struct bs_node *root, struct text path, struct text *last)
{
	struct text name;
	unsigned depth = 0;
	while (next_name(&path, &name)) {
		*last = name;
		if (is_last(path))
			return root;
		if (++depth > DEPTH_MAX)
			return NULL;
		struct bs_node *n = child_of(s, root, name);
		struct bs_inode *i = n ? n->inode : new_inode(s, ENTRY_DIRECTORY);
		s->implied += !n;
		n = n ? n : i ? add(s, root, name, i) : NULL;
		if (!n || n->inode->kind != ENTRY_DIRECTORY)
			return NULL;
		root = n;
	}
	return NULL;
}

struct bs_node *bs_link(struct bs *s, struct bs_node *root, struct text path, struct bs_inode *inode)
{
	struct text name;
	struct bs_node *parent = inode ? parent_of(s, root, path, &name) : NULL;
	return parent && !child_of(s, parent, name) ? add(s, parent, name, inode) : NULL;
}

struct bs_node *bs_make(struct bs *s, struct bs_node *root, struct text path, enum entry_kind kind)
{
	struct bs_node *n = bs_find(s, root, path);
	if (n)
		return n->inode->kind == kind ? n : NULL;
	return bs_link(s, root, path, new_inode(s, kind));
}

static bool is_within(const struct bs_node *n, const struct bs_node *of)
{
	unsigned depth = 0;
	for (; n && depth < 2 * DEPTH_MAX; n = n->parent, depth++)
		if (n == of)
			return true;
	return n != NULL; /* deeper than anything that is shown */
}

bool bs_rename(struct bs *s, struct bs_node *root, struct bs_node *node, struct text path)
{
	struct text name;
	struct bs_node *parent = parent_of(s, root, path, &name);
	struct bs_node *there = parent ? child_of(s, parent, name) : NULL;
	if (!parent || node == root || !node->parent || is_within(parent, node) || (there && there != node && !bs_remove(s, there)))
		return false;
	leave(s, node);
	node->parent = parent;
	node->name = name;
	enter(s, node);
	return true;
}

bool bs_remove(struct bs *s, struct bs_node *node)
{
	if (node->children || !node->parent)
		return false;
	leave(s, node);
	node->removed = true;
	node->inode->links--;
	return true;
}

/* ---- showing ---- */

static void make_lists(struct bs *s)
{
	for (size_t i = 0; i < s->nnodes; i++) {
		struct bs_node *n = s->nodes[i];
		if (n->removed)
			continue;
		if (n->parent->last)
			n->parent->last->next = n;
		else
			n->parent->first = n;
		n->parent->last = n;
	}
}

static void fill(struct bs *s, struct bs_inode *i, struct entry *e)
{
	e->mode = i->mode;
	e->uid = i->uid;
	e->gid = i->gid;
	e->mtime = i->mtime;
	e->device = i->device;
	e->link_target = i->target;
	if (i->first_path)
		e->same_as = text_c(i->first_path);
	else if (i->kind == ENTRY_FILE)
		bs_set_content(s, i, e);
	if (i->partial && !i->first_path)
		bs_damage(s, ERR_UNSUPPORTED, UINT64_MAX, "of the file %.*s not all is in this stream", (int)(e->path.n < 80 ? e->path.n : 80), e->path.p);
	if (i->links > 1 && !i->first_path && i->kind != ENTRY_DIRECTORY) {
		i->first_path = arena_strdup(s->w->arena, e->path);
		s->out_of_memory |= !i->first_path;
	}
}

/* False: no more are wanted. */
static bool show(struct bs *s, struct bs_node *n, struct text path)
{
	struct entry e = entry_new(n->inode->kind, path);
	fill(s, n->inode, &e);
	return s->w->child(s->w, &e);
}

/* From a node to the next one in the order of the tree; *path_n follows. */
static struct bs_node *next_node(const struct bs *s, struct bs_node *n, bool down, size_t *path_n)
{
	if (down && n->first)
		return n->first;
	while (n != s->top && !n->next) {
		*path_n -= n->name.n + 1;
		n = n->parent;
	}
	if (n == s->top)
		return NULL;
	*path_n -= n->name.n + 1;
	return n->next;
}

void bs_show(struct bs *s)
{
	char *path = ARENA_ARRAY(s->w->arena, char, FACT_TEXT_MAX + 1);
	size_t path_n = 0;
	uint64_t deep = 0;
	s->out_of_memory |= !path;
	if (!path)
		return;
	make_lists(s);
	for (struct bs_node *n = s->top->first, *next; n; n = next) {
		bool fits = n->name.n < FACT_TEXT_MAX - path_n;
		if (fits) {
			path[path_n] = '/';
			memcpy(path + path_n + 1, n->name.p, n->name.n);
		}
		path_n += n->name.n + 1; /* next_node() takes it away again */
		deep += !fits;
		if (fits && !show(s, n, text_of(path, path_n)))
			return;
		next = next_node(s, n, fits, &path_n);
	}
	if (deep)
		bs_damage(s, ERR_BUDGET, UINT64_MAX, "%llu names have too long a path, and what is below them is not shown", (unsigned long long)deep);
}
