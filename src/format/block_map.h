/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the bytes of a file lie in an image of blocks: looked up when they are read, so that no file costs memory, and a
 * hole of a terabyte costs none either. */
#ifndef ASSAY_FORMAT_BLOCK_MAP_H
#define ASSAY_FORMAT_BLOCK_MAP_H

#include "format/format.h"

/* Bytes that lie together, from the place in the file that was asked for on. */
struct run {
	uint64_t at; /* in the image; RUN_HOLE: they are zeros */
	uint64_t n;  /* at least 1 */
};
#define RUN_HOLE UINT64_MAX

/* Finds the run that `offset` of a file lies in. run->n says before how many bytes are wanted: no more need be looked for,
 * more may be found. */
typedef struct error (*run_finder)(const void *fs, const void *file, uint64_t offset, struct run *run);

/* content_ops.read for such files: fills out[0 .. n) from `offset` on. */
struct error block_map_read(struct span image, run_finder find, const void *fs, const void *file, uint64_t offset,
							uint8_t *out, size_t n) MUST_USE;

/* content_ops.next for them, of a file of so many bytes in blocks of that size. */
struct stored_run block_map_next(run_finder find, const void *fs, const void *file, uint64_t size, uint32_t block_size, uint64_t offset);

/* Fills in the content of a file of entry->size bytes: a span when they lie together, blocks otherwise. `ops` reads by
 * `find`. */
void block_map_content(struct span image, run_finder find, const struct content_ops *ops, const void *fs,
					   const void *file, uint32_t block_size, struct entry *entry);

/* The pointers of an inode of the Unix kind: direct ones, then one each to a block of pointers, of pointers to such, ... */
struct indirect_map {
	struct span image;
	uint32_t block_size; /* a power of two */
	uint64_t blocks;     /* of the file system: pointers are below */
	unsigned width;      /* of a pointer in bytes: 2 or 4 */
	unsigned direct;     /* how many are direct */
	unsigned levels;     /* how many follow these */
	bool big;
	struct span (*read)(const void *fs, uint64_t block); /* a block of pointers; NULL: as it stands in the image */
	const void *fs;
};

/* The run at `offset`, as above, as long as one block of pointers tells. `pointers` holds those of the inode. */
struct error indirect_map_find(const struct indirect_map *map, struct span pointers, uint64_t offset,
							   struct run *run) MUST_USE;

#endif
