/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/inodes.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct first_name {
	dev_t device;
	ino_t inode;
	char *path;
};

static int by_inode(const void *a, const void *b)
{
	const struct first_name *x = a, *y = b;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static void free_name(void *p)
{
	if (p)
		free(((struct first_name *)p)->path);
	free(p);
}

bool inodes_meet(struct inodes *inodes, const struct stat *st, const char *path, size_t n, const char **first)
{
	struct first_name wanted = { st->st_dev, st->st_ino, NULL }, *name;
	struct first_name **found = tfind(&wanted, &inodes->tree, by_inode);
	*first = found ? (*found)->path : NULL;
	if (found)
		return true;
	name = malloc(sizeof *name);
	if (name)
		*name = (struct first_name){ st->st_dev, st->st_ino, strndup(path, n) };
	if (name && name->path && tsearch(name, &inodes->tree, by_inode))
		return true;
	free_name(name);
	return false;
}

void inodes_free(struct inodes *inodes)
{
	tdestroy(inodes->tree, free_name);
	inodes->tree = NULL;
}
