/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees as log-structured file systems keep them: a heap of names, each saying the number of the directory that it is in
 * and the number of what it names. Hostile ones have cycles, directories of two names, names in directories that are not
 * there. */
#ifndef ASSAY_FORMAT_OBJECT_TREE_H
#define ASSAY_FORMAT_OBJECT_TREE_H

#include "format/format.h"

struct object_name {
	struct text name;
	uint32_t parent, id;
	uint32_t version; /* of names that are equal in one directory the one of the highest version counts */
	bool directory;
	bool entered; /* used by object_tree_walk() */
	uint64_t at;  /* of what stores it */
};

struct object_tree {
	struct object_name *names;
	size_t n;
	uint32_t root;
	/* Takes one name. False: stop. */
	bool (*visit)(struct object_tree *tree, const struct object_name *name, struct text path);
	void *context;
	bool removed_leave_names; /* names in a directory that nothing names are no damage: it was removed */
	unsigned removed;         /* how many such directories the walk has come to */
};

/* Sorts the names by directory and name, and keeps the newest of equal ones; `spare` has room for as many. To be called
 * once, before what lives on is decided (a newest name may say that there is none). */
void object_tree_sort(struct object_tree *tree, struct object_name *spare);

/* Visits the names from the root on, each directory before what is in it, in order of their bytes. What is in a directory
 * that nothing names is visited last, as "/#NUMBER/name". Damage goes to the walk's sink. */
enum error_code object_tree_walk(struct object_tree *tree, struct walk *w) MUST_USE;

#endif
