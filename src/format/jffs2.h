/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Within jffs2*.c: nodes of the log, fragments of files, the codecs that only JFFS2 has. */
#ifndef ASSAY_FORMAT_JFFS2_H
#define ASSAY_FORMAT_JFFS2_H

#include "format/format.h"

/* Node types with the bit that says "not obsolete". */
#define JFFS2_ACCURATE 0x2000u
#define JFFS2_DIRENT 0xe001u
#define JFFS2_INODE 0xe002u
#define JFFS2_CLEANMARKER 0x2003u
#define JFFS2_SUMMARY 0x2006u
#define JFFS2_XATTR 0xe008u

#define JFFS2_ROOT 1u /* inode */
#define JFFS2_HEADER_SIZE 12u
#define JFFS2_DIRENT_SIZE 40u
#define JFFS2_INODE_SIZE 68u

#define JFFS2_DSIZE_MAX (1u << 20) /* unpacked bytes of a packed node: a page in each file system there is */
#define JFFS2_BLOCK 4096u          /* files are read in multiples of this: the usual page, which is what a node holds */

enum jffs2_compression {
	JFFS2_NONE = 0,
	JFFS2_ZERO = 1,
	JFFS2_RTIME = 2,
	JFFS2_RUBINMIPS = 3,
	JFFS2_DYNRUBIN = 5,
	JFFS2_ZLIB = 6,
	JFFS2_LZO = 7,
	JFFS2_LZMA = 8,
};

/* What a node's header says, and what lies before it that is no node. */
struct jffs2_node {
	uint64_t at, size; /* size: as announced, not more than a node may have */
	uint16_t type;     /* with JFFS2_ACCURATE, also when obsolete */
	bool obsolete;
	uint64_t dirt; /* where bytes that are neither a node nor erased begin, or `at` */
};

/* What tells one directory entry of the root from another of the same version. */
struct jffs2_mark {
	uint32_t version, node_crc, name_crc;
};

#define JFFS2_MARKS 8u

/* Goes through the nodes of a log. */
struct jffs2_log {
	struct span bytes;
	bool big;
	uint64_t next;
	uint64_t block;  /* size of the erase blocks; 0: not known */
	uint64_t looked_back; /* bytes that were read again to tell whether the log goes on */
	struct jffs2_mark marks[JFFS2_MARKS]; /* of the first entries of the root */
	unsigned nmarks;
	uint64_t marker; /* of the cleanmarkers and summaries so far, their places' greatest common divisor */
};

/* Before the first node of the bytes; their first byte tells the order of theirs (the magic 0x1985). */
struct jffs2_log jffs2_log_of(struct span bytes);
/* Whether a node stands where the log begins: jffs2_next() would look on behind what is none. */
bool jffs2_begins(const struct jffs2_log *log);
bool jffs2_next(struct jffs2_log *log, struct jffs2_node *node);
/* The end of the erased bytes from `at` on. */
uint64_t jffs2_erased_end(struct span bytes, uint64_t at);

/* Set in a node's place when its data are broken: what it held is lost where no other node has it. */
#define JFFS2_LOST (1ull << 63)

/* A node of an inode, in short. */
struct jffs2_data {
	uint64_t at; /* may be marked as JFFS2_LOST */
	uint32_t ino, version;
	uint32_t offset, size; /* of the file's bytes that it holds */
};

/* And in full. */
struct jffs2_inode {
	uint32_t mode, uid, gid, isize, mtime;
	uint32_t offset, csize, dsize;
	uint8_t compression;
	uint32_t data_crc, node_crc;
	struct span data; /* packed; shorter than csize when the image is cut */
};

/* The struct jffs2_raw_inode at `at` (Linux include/uapi/linux/jffs2.h) and the packed data behind it. No checksum is
 * looked at. False: it is not there whole. */
bool jffs2_inode_read(struct span bytes, bool big, uint64_t at, struct jffs2_inode *inode);

/* Bytes of a file that one node gives. */
struct jffs2_fragment {
	uint64_t at; /* of the node; may be marked as JFFS2_LOST */
	uint32_t start, end;
};

struct jffs2_file {
	const struct jffs2_fragment *fragments; /* in order, without overlap; holes between them */
	size_t n;
	uint32_t size;
};

/* What jffs2_file_content() needs room for: as many as the inode with most nodes has. */
struct jffs2_scratch {
	struct jffs2_data *spare;
	uint32_t *heap;
};

struct jffs2_files {
	struct span bytes;
	bool big;
	struct jffs2_scratch scratch;
};

/* Lays the nodes (of one inode, by version) over each other, up to isize, and sets content and offset. Reorders
 * them. */
enum error_code jffs2_file_content(struct jffs2_files *files, struct jffs2_data *nodes, size_t n, uint32_t isize,
								   struct arena *arena, struct entry *e) MUST_USE;

/* The places of those nodes whose data are broken, up to isize, and which no newer one is laid over: what is there of the file's
 * is older. Reorders the nodes. SIZE_MAX: no memory. */
size_t jffs2_broken_visible(struct jffs2_files *files, struct jffs2_data *nodes, size_t n, uint32_t isize,
							struct arena *arena, uint64_t **at) MUST_USE;

/* The bytes of one node into out[0..dsize). */
enum error_code jffs2_node_unpack(const struct jffs2_inode *inode, uint8_t *out) MUST_USE;

#endif
