/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that macOS compresses within a file system (decmpfs): an extended attribute says how, and holds the packed bytes or says that
 * they are in the resource fork.
 *
 * Specification: xnu bsd/sys/decmpfs.h; "Apple File System Reference", INODE_NAME of compressed files; the layout of forks as in
 * libfsapfs' documentation, "Compressed data". */
#ifndef ASSAY_FORMAT_DECMPFS_H
#define ASSAY_FORMAT_DECMPFS_H

#include "format/format.h"

#define DECMPFS_ATTRIBUTE "com.apple.decmpfs"
#define DECMPFS_FORK_ATTRIBUTE "com.apple.ResourceFork"

struct decmpfs {
	uint32_t type;
	uint64_t size;     /* unpacked */
	struct span inner; /* what the attribute holds behind its header */
	/* Reads of the resource fork; called from several threads. */
	struct error (*read)(const void *fs, const void *fork, uint64_t offset, uint8_t *out, size_t n);
	const void *fs, *fork;
	uint64_t fork_size;
};

/* Reads the attribute; false when it is none of the kind. */
bool decmpfs_read(struct span attribute, struct decmpfs *d);
/* Whether the packed bytes are in the resource fork. */
bool decmpfs_in_fork(const struct decmpfs *d);
/* What the file holds; `d` lives in the walk's arena. */
struct content decmpfs_content(const struct decmpfs *d);

#endif
