/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For the tests of file systems: a tree of files on this machine that reference tools make images from, and the comparison
 * of what was walked with it. */
#ifndef ASSAY_TESTS_HOST_TREE_H
#define ASSAY_TESTS_HOST_TREE_H

#include "walked.h"

/* What a file system can hold, and so what its tree has and what is compared. */
enum {
	KEEPS_MODE = 1,  /* permission bits */
	KEEPS_OWNER = 2, /* uid and gid */
	KEEPS_MTIME = 4,
	KEEPS_LINKS = 8,  /* symbolic links and hard links */
	KEEPS_NAMES = 16, /* names of any bytes but '/' and NUL, told by case */
	KEEPS_FIFOS = 32,
	KEEPS_SPARSE = 64, /* large files with holes */
	KEEPS_ALL = 127,
};

/* Makes a temporary directory with "files" in it: files of many sizes, empty, sparse, many small ones, deep directories, and
 * what else the file system keeps. */
void host_tree_make(char dir[TEMP_MAX], unsigned keeps);

/* Everything below host directory `path` was walked, as it is there, and nothing else was; without damage. Missing
 * symbolic links and the like are left out by what `keeps` says. */
void host_tree_expect(const struct walked *t, const char *path, unsigned keeps);

/* The same without the demand that nothing else was walked and nothing damaged; gives how many entries were compared. */
size_t host_tree_compare(const struct walked *t, const char *path, const char *name, unsigned keeps);

#endif
