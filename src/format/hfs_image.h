/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HFS and HFS+ as their readers share them: hfs_volume.c (what the header says), hfs_tree.c (B-trees), hfs_catalog.c (files and their
 * names), hfs_fork.c (where the bytes of a file are), hfs_compressed.c (files that are packed).
 */
#ifndef ASSAY_FORMAT_HFS_IMAGE_H
#define ASSAY_FORMAT_HFS_IMAGE_H

#include "format/volume.h"

#define HFS_HEADER_AT 1024u
#define HFS_ROOT_PARENT 1u
#define HFS_ROOT 2u
#define HFS_EXTENTS_FILE 3u
#define HFS_CATALOG_FILE 4u
#define HFS_ATTRIBUTES_FILE 8u
#define HFS_EXTENTS 8u /* of one record; HFS has three */

struct hfs_extent {
	uint32_t start, blocks;
};

struct hfs_fork {
	uint64_t size;
	struct hfs_extent extents[HFS_EXTENTS];
};

/* Further extents of a fork, from a block of it on. */
struct hfs_overflow {
	uint32_t file, first;
	bool resource;
	struct hfs_extent extents[HFS_EXTENTS];
};

/* What the attribute com.apple.decmpfs of a file holds. */
struct hfs_packed {
	uint32_t file;
	struct span bytes;
};

struct hfs_record {
	uint32_t id;
	uint64_t at; /* of it in the catalog */
	bool directory;
	uint32_t uid, gid, mode, special, mtime, type, creator;
	uint8_t flags; /* of the owner */
	struct hfs_fork data, resource;
	const char *shown; /* the path of the first link to it */
};

struct object_name;

struct hfs {
	struct volume v;
	bool plus, case_sensitive;
	uint32_t block, blocks;
	uint64_t first; /* byte of block 0 */
	uint32_t attributes, journal;
	struct hfs_fork extents_file, catalog_file, attributes_file;
	struct hfs_overflow *overflow; /* sorted */
	struct hfs_packed *packed;     /* sorted */
	struct hfs_record *records;    /* sorted by id */
	struct object_name *names;
	size_t noverflow, npacked, nrecords, nnames, overflow_room, packed_room, records_room, names_room;
	size_t attributes_seen;
	uint32_t private_directory; /* where files of several links are */
	uint64_t claimed;           /* bytes of all files */
};

/* Walks the volume whose header has been read. */
struct error hfs_walk_volume(struct hfs *fs);

/* Calls take() for each record of the leaves of a B-tree: its key, behind the length, and what follows it. `at` is its place in the
 * file. False from take() ends it. Damage is reported. */
typedef bool (*hfs_take)(struct hfs *fs, struct span key, struct span data, uint64_t at);
void hfs_tree_read(struct hfs *fs, const struct hfs_fork *file, uint32_t id, hfs_take take);

/* Whether a B-tree's header stands there. */
bool hfs_tree_begins(struct span at);

/* Collects the runs of a fork, with those that overflowed, in fs->v; gives how many of its bytes are there. `what` is for reports. */
uint64_t hfs_fork_runs(struct hfs *fs, const struct hfs_fork *fork, uint32_t file, bool resource, uint64_t at);

/* The content of a packed file; not packed when that can not be told, which was reported. */
enum hfs_packing { HFS_NOT_PACKED, HFS_PACKED, HFS_PACKED_FORK };
enum hfs_packing hfs_set_packed(struct hfs *fs, const struct hfs_record *r, struct entry *e);

/* Reads an HFSPlusForkData (TN1150, "Fork Data Structure"): its logical size and its first eight extents. A reader
 * that ends before leaves zeros, and has failed. */
void hfs_fork_read(struct reader *r, struct hfs_fork *fork);

/* A larger array, of at least n + 1; NULL when the arena is exhausted, and the walk stopped. */
void *hfs_grown(struct hfs *fs, void *v, size_t n, size_t *room, size_t size);

#endif
