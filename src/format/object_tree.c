/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/object_tree.h"

#include <stdio.h>

#include "base/sort.h"

#define DEPTH_MAX 500u
#define NAME_MAX_BYTES 765u /* in UTF-8, of the 255 units of HFS+ */
#define ROOT_NAME_MAX 16u
#define DAMAGE_SHOWN 32u

struct level {
	size_t next, end; /* names that are still to be visited */
	size_t path_n;
};

struct visitor {
	struct object_tree *tree;
	struct walk *w;
	uint32_t *ids; /* of all directories that have a name, sorted */
	size_t nids;
	struct level levels[DEPTH_MAX];
	unsigned depth, damage;
	size_t path_n;
	char path[FACT_TEXT_MAX];
};

static int name_compare(const struct object_name *a, const struct object_name *b)
{
	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
	int order = n ? memcmp(a->name.p, b->name.p, n) : 0;
	return order ? order : a->name.n < b->name.n ? -1 : a->name.n > b->name.n;
}

static int by_name_and_version(const void *a, const void *b)
{
	const struct object_name *x = a, *y = b;
	int order = name_compare(x, y);
	return order ? order : x->version < y->version ? -1 : x->version > y->version;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

void object_tree_sort(struct object_tree *tree, struct object_name *spare)
{
	size_t kept = 0;
	sort_stable(tree->names, spare, tree->n, sizeof *tree->names, by_name_and_version);
	for (size_t i = 0; i < tree->n; i++)
		if (i + 1 == tree->n || name_compare(&tree->names[i], &tree->names[i + 1]) != 0)
			tree->names[kept++] = tree->names[i];
	tree->n = kept;
}

/* The first name in a directory of that number or a higher one. */
static size_t first_in(const struct object_tree *tree, uint64_t parent)
{
	size_t low = 0, high = tree->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (tree->names[middle].parent < parent)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_named(const struct visitor *v, uint32_t id)
{
	size_t low = 0, high = v->nids;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (v->ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < v->nids && v->ids[low] == id;
}

static bool collect_ids(struct visitor *v)
{
	struct object_tree *tree = v->tree;
	v->ids = ARENA_ARRAY(v->w->arena, uint32_t, tree->n);
	uint32_t *spare = ARENA_ARRAY(v->w->arena, uint32_t, tree->n);
	if (!v->ids || !spare)
		return false;
	for (size_t i = 0; i < tree->n; i++)
		if (tree->names[i].directory)
			v->ids[v->nids++] = tree->names[i].id;
	sort_stable(v->ids, spare, v->nids, sizeof *spare, by_number);
	return true;
}

static void damage(struct visitor *v, enum error_code code, uint64_t at, const char *text, uint32_t id)
{
	if (v->damage++ < DAMAGE_SHOWN)
		emit_damage_at(v->w->sink, code, at, "directory %u %s", id, text);
}

static void enter(struct visitor *v, uint32_t id, uint64_t at)
{
	struct object_tree *tree = v->tree;
	size_t first = first_in(tree, id), end = first_in(tree, (uint64_t)id + 1);
	if (first == end)
		return;
	if (tree->names[first].entered) {
		damage(v, ERR_CORRUPT, at, "is reached by a second name: a cycle, or a directory of two names", id);
		return;
	}
	if (v->depth == DEPTH_MAX) {
		damage(v, ERR_BUDGET, at, "is nested deeper than is read", id);
		return;
	}
	tree->names[first].entered = true;
	v->levels[v->depth++] = (struct level){ first, end, v->path_n };
}

static bool visit_next(struct visitor *v)
{
	struct level *l = &v->levels[v->depth - 1];
	v->path_n = l->path_n;
	if (l->next == l->end) {
		v->depth--;
		return true;
	}
	const struct object_name *name = &v->tree->names[l->next++];
	size_t n = name->name.n < NAME_MAX_BYTES ? name->name.n : NAME_MAX_BYTES;
	if (n + 1 > sizeof v->path - v->path_n) { /* what is in it is visited as what is lost is */
		damage(v, ERR_BUDGET, name->at, "has a name in it whose path is longer than is kept", name->parent);
		return true;
	}
	v->path[v->path_n++] = '/';
	if (n)
		memcpy(v->path + v->path_n, name->name.p, n);
	v->path_n += n;
	if (!v->tree->visit(v->tree, name, text_of(v->path, v->path_n)))
		return false;
	if (name->directory)
		enter(v, name->id, name->at);
	return true;
}

static bool visit_below(struct visitor *v, uint32_t id)
{
	enter(v, id, UINT64_MAX);
	while (v->depth > 0)
		if (!visit_next(v))
			return false;
	return true;
}

/* First the tops of what is lost, then what is only reached by itself. */
static bool visit_lost(struct visitor *v, bool tops)
{
	struct object_tree *tree = v->tree;
	for (size_t i = 0; i < tree->n; i = first_in(tree, (uint64_t)tree->names[i].parent + 1)) {
		uint32_t id = tree->names[i].parent;
		if (tree->names[i].entered || (tops && is_named(v, id)))
			continue;
		if (tree->removed_leave_names)
			tree->removed++;
		else
			damage(v, ERR_CORRUPT, tree->names[i].at, "has no name of its own, but there are names in it", id);
		int n = snprintf(v->path, ROOT_NAME_MAX, "/#%u", id);
		v->path_n = n > 0 ? (size_t)n : 0;
		if (!visit_below(v, id))
			return false;
	}
	return true;
}

enum error_code object_tree_walk(struct object_tree *tree, struct walk *w)
{
	struct visitor *v = ARENA_NEW(w->arena, struct visitor);
	if (!v)
		return ERR_BUDGET;
	v->tree = tree;
	v->w = w;
	if (!collect_ids(v))
		return ERR_BUDGET;
	if (visit_below(v, tree->root) && visit_lost(v, true))
		(void)visit_lost(v, false);
	return ERR_NONE;
}
