/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths of an image on the host's file system, never outside of a folder. */
#ifndef ASSAY_CLI_EXTRACT_PATH_H
#define ASSAY_CLI_EXTRACT_PATH_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

#define EXTRACT_NAME_MAX 255u
/* A folder of ours in the folder that is written to: no path of an image has a part of that name, in capitals or not. */
#define EXTRACT_PARTIAL ".assay-partial"

/* Folders within each other that are made for one path. A few bytes of an image, packed, could else have millions made. */
#define EXTRACT_DEPTH_MAX 128u

/* A folder in `dir`, without following a link. Its descriptor, or -1. */
int extract_open_beneath(int dir, const char *name);

/* Opens (making it where needed) the folder of `path` under `root`; gives the last component, made safe. -1 when refused, as what
 * lies deeper than EXTRACT_DEPTH_MAX is. */
int extract_parent(int root, struct text path, char last[EXTRACT_NAME_MAX + 1]);

/* How many folders the path has before its last component. */
unsigned extract_depth(struct text path);

/* A link is safe when it climbs no higher than its own (real) folder lies deep, and climbs only at its beginning: then
 * it ends inside whatever the links are that it passes. An absolute one is made relative to its file system's root. The
 * target that may be made goes to `out`, terminated. */
bool extract_safe_link(struct text target, unsigned depth, struct buf *out);

/* The folder that was wanted last: mostly the next file lies there, too. */
struct extract_folder {
	int fd; /* -1: none */
	struct buf path;
};

/* As extract_parent(); the folder stays f's. All paths lie under one root until extract_folder_close(). */
int extract_folder_of(struct extract_folder *f, int root, struct text path, char last[EXTRACT_NAME_MAX + 1]);
void extract_folder_close(struct extract_folder *f);

#endif
