/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes squashfs images of 1.x to 4.0 in both byte orders, with zlib and with the LZMA streams that vendors put in its
 * place: no mksquashfs of today does. Written from squashfs_fs.h and squashfs_compat.h of squashfs-tools and from
 * sasquatch's list of variants. */
#ifndef ASSAY_TESTS_MAKE_SQUASHFS_H
#define ASSAY_TESTS_MAKE_SQUASHFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum make_packing {
	PACKED_ZLIB,
	PACKED_LZMA,       /* LZMA_alone with the size */
	PACKED_LZMA_ENDED, /* LZMA_alone with size -1 and an end marker */
	PACKED_SHORT,      /* properties and dictionary size only */
	PACKED_DDWRT,      /* pb, lc, lp, fast bytes; the properties change from block to block */
	PACKED_RAW,        /* a stream with lc 3, lp 0, pb 2 */
	PACKED_RAW_OPEN,   /* the same without end marker */
	PACKED_RAW_E2100,  /* lc 0, lp 0, pb 2, as in Linksys' */
	PACKED_RAW_ODD,    /* lc 1, lp 1, pb 1: known to nobody */
	PACKED_7ZIP,       /* the word "7zip", then a raw stream */
	PACKED_SQUASHFS7Z, /* the size in four bytes, then properties and dictionary size */
	PACKED_MIXED,      /* sqlzma: LZMA_alone or zlib, by block */
	PACKINGS
};

struct make_options {
	unsigned major;
	bool big;
	enum make_packing packing;
	uint32_t block_size;
	bool check; /* before 4.0: a marker byte in each metadata block's header */
	bool no_fragments;
	bool store_metadata;  /* not compressed */
	bool extended;        /* inodes of directories (2.x on), of files (3.x on) and of all (4.0) in their long form */
	uint16_t compression; /* identifier in a 4.0 superblock */
	const char *magic;    /* four bytes; NULL: that of mksquashfs */
};

struct make_node {
	const char *name;
	size_t name_n;
	uint16_t mode; /* with its type bits */
	uint32_t uid, gid, mtime;
	struct span data; /* content or link target */
	uint16_t rdev;
	struct make_node *children; /* sorted by name */
	size_t nchildren;
	const struct make_node *link;       /* a further name of this node, which comes before */
	const struct make_node *listing_of; /* hostile: a directory that shows this earlier one's listing */
	/* the writer's */
	uint32_t block, offset, serial;
	struct make_listing {
		uint32_t start, offset;
		size_t size;
	} listing;
};

/* The writer appends the image to `out`, which must be empty. */
void make_squashfs(const struct make_options *options, struct make_node *root, struct buf *out);

#endif
