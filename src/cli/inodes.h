/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first name of every file that has several. */
#ifndef ASSAY_CLI_INODES_H
#define ASSAY_CLI_INODES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct inodes {
	void *tree; /* zero at first */
};

/* Gives in *first the path under which the file was met before, or NULL when this is the first time: then `path` (n bytes)
 * is kept. False when out of memory. */
bool inodes_meet(struct inodes *inodes, const struct stat *st, const char *path, size_t n, const char **first);
void inodes_free(struct inodes *inodes);

#endif
