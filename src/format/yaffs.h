/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Within yaffs*.c: how chunks and their tags lie in an image. */
#ifndef ASSAY_FORMAT_YAFFS_H
#define ASSAY_FORMAT_YAFFS_H

#include "format/format.h"

#define YAFFS_ROOT 1u
#define YAFFS_UNLINKED 3u
#define YAFFS_DELETED 4u
#define YAFFS_FIRST_OBJECT 257u /* what mkyaffs2image numbers from */
#define YAFFS_OBJECT_MAX 0x3ffffu
#define YAFFS_HEADER_SIZE 512u
#define YAFFS_TAGS2_SIZE 16u

enum yaffs_type { YAFFS_FILE = 1, YAFFS_SYMLINK, YAFFS_DIRECTORY, YAFFS_HARDLINK, YAFFS_SPECIAL };

enum yaffs_tagging {
	YAFFS_UNTAGGED,  /* the spare areas are not in the image: order tells what belongs together */
	YAFFS_TAGS1,     /* eight bytes in one piece */
	YAFFS_TAGS1_MTD, /* the same between the bad-block marker and the ECC of 512-byte pages */
	YAFFS_TAGS2,
};

struct yaffs_layout {
	bool big;
	enum yaffs_tagging tagging;
	uint32_t chunk; /* bytes of data */
	uint32_t spare; /* and behind them */
	uint32_t tags;  /* where in the spare bytes the tags begin */
};

enum yaffs_state {
	YAFFS_END, /* the image ends before the chunk does */
	YAFFS_ERASED,
	YAFFS_INVALID, /* no tags are there */
	YAFFS_IGNORED, /* deleted, or of a checkpoint */
	YAFFS_HEADER,
	YAFFS_DATA,
};

/* A chunk that is in use. */
struct yaffs_chunk {
	uint64_t at;
	uint32_t object, chunk; /* chunk: 0 for a header, else from 1 on */
	uint32_t bytes;
	uint32_t sequence; /* YAFFS2: of its block; YAFFS1: the serial number of two bits */
};

struct yaffs_header {
	uint32_t type, parent;
	struct text name;
	uint32_t mode, uid, gid, mtime;
	uint64_t size;
	uint32_t equivalent;
	struct text alias;
	uint32_t rdev;
	bool shrinks;
};

/* How the image is laid out that begins with the header of an object, or with data; false when it is none. */
bool yaffs_layout_find(struct span at, struct yaffs_layout *layout);
/* Where the log begins that the header at `hit` is in. */
bool yaffs_locate(struct span all, uint64_t hit, uint64_t *start);

enum yaffs_state yaffs_chunk_read(struct span bytes, const struct yaffs_layout *layout, uint64_t at,
								  struct yaffs_chunk *chunk);
/* The yaffs_obj_hdr at `at` (yaffs_guts.h). False: it is not there whole, or no type, parent or name of an object. */
bool yaffs_header_read(struct span bytes, bool big, uint64_t at, struct yaffs_header *header);
/* Whether so many chunks in use follow each other; of version 2 with sequence numbers that are near. */
bool yaffs_chunks_follow(struct span at, const struct yaffs_layout *layout, unsigned wanted);

/* From one chunk to the next, spare area included. */
static inline uint64_t yaffs_stride(const struct yaffs_layout *layout)
{
	return (uint64_t)layout->chunk + layout->spare;
}

/* Goes through the chunks. Of untagged ones it numbers the objects. */
struct yaffs_cursor {
	struct span bytes;
	struct yaffs_layout layout;
	uint64_t next;
	uint32_t object, chunk, chunks; /* untagged: of the last header */
	uint32_t left;                  /* bytes of it that are still to come */
	uint32_t sequence;              /* of the last chunk; 0: there was none */
	unsigned looks;                 /* how often it was looked whether the chunks are shifted */
	bool shifted;                   /* the last chunk stands at no whole number of chunks from the one before it */
};

/* The next chunk that is in use. *skipped (may be NULL) counts chunks before it that are neither that nor erased. */
bool yaffs_next(struct yaffs_cursor *cursor, struct yaffs_chunk *chunk, uint64_t *skipped);

/* After the last one: whether the image ends within the chunk of a header. */
bool yaffs_ends_in_header(const struct yaffs_cursor *c);

/* Emits the files of the image to `w`, and what is broken in it as damage. ERR_CORRUPT: nothing tells the layout of
 * its chunks; ERR_BUDGET: the arena is used up, or the walk has ended. */
struct error yaffs_walk(struct span bytes, struct walk *w);

#endif
