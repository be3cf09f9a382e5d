/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/examine.h"

#include <string.h>

unsigned task_depth(const struct task *t)
{
	return t->parent ? t->parent->depth + 1 : 0;
}

bool task_in_file(const struct task *t)
{
	return t->entry.kind == ENTRY_FILE || (t->parent && t->parent->in_file);
}

bool task_is_unpacked(const struct task *t)
{
	return t->entry.kind == ENTRY_STREAM || (t->parent && t->parent->unpacked);
}

struct node *task_node(struct lane *l, struct task *t, struct span bytes, struct buf *owned)
{
	struct node *n = node_new(l, t->parent, t->key, task_depth(t), bytes, owned);
	if (n) {
		n->in_file = task_in_file(t);
		n->unpacked = task_is_unpacked(t);
		n->in_program = t->parent && t->parent->in_program;
		n->has_parts = part_holds_others(t);
	}
	if (n && t->entry.kind == ENTRY_FILE)
		n->file = t->entry.path;
	return n;
}

struct entry task_inspected(const struct task *t)
{
	struct entry e = t->entry;
	struct text file = t->parent ? t->parent->file : TEXT_NONE;
	size_t n = file.n;
	if (e.kind != ENTRY_STREAM || !file.n)
		return e;
	while (n > 1 && file.p[n - 1] != '.' && file.p[n - 1] != '/')
		n--;
	bool suffix = n > 2 && file.p[n - 1] == '.' && file.p[n - 2] != '/';
	e.path = text_of(file.p, suffix ? n - 1 : file.n);
	return e;
}

bool task_is_mapped(const struct task *t)
{
	if (task_in_file(t) || (t->entry.format && strcmp(t->entry.format, "directory") == 0))
		return false;
	return !t->parent || t->entry.kind == ENTRY_STREAM;
}
