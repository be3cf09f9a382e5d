/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the EROFS reader share: superblock, inodes, and the extents that a file's bytes come from. Not for
 * other formats. */
#ifndef ASSAY_FORMAT_EROFS_IMAGE_H
#define ASSAY_FORMAT_EROFS_IMAGE_H

#include "format/format.h"

#define EROFS_SUPER_AT 1024u
#define EROFS_SUPER_SIZE 128u

enum {
	EROFS_COMPAT_SB_CHKSUM = 1,
};
enum {
	EROFS_INCOMPAT_ZERO_PADDING = 1, /* packed bytes stand at the end of their blocks, zeros before them */
	EROFS_INCOMPAT_BIG_PCLUSTER = 2, /* and compression configurations behind the superblock */
	EROFS_INCOMPAT_DEVICE_TABLE = 8, /* and a second compression algorithm */
	EROFS_INCOMPAT_ZTAILPACKING = 0x10,
	EROFS_INCOMPAT_FRAGMENTS = 0x20, /* and blocks that several files share */
	EROFS_INCOMPAT_48BIT = 0x80,     /* numbers of blocks of 48 bits, and extents in place of indexes */
	EROFS_INCOMPAT_KNOWN = 0xff,
};

struct erofs_super {
	uint32_t checksum, compat, incompat;
	unsigned block_bits, dir_block_bits;
	uint64_t root_nid, packed_nid, inodes, blocks;
	uint64_t epoch; /* the seconds that compact inodes count from, which was all of their time before they counted */
	uint32_t epoch_nsec, meta_block, xattr_block;
	uint16_t algorithms; /* a bit for each, or LZ4's distance in the oldest images */
	uint16_t extra_devices, device_slot;
	struct span uuid;
	struct text name;
};

#define EROFS_NOWHERE UINT64_MAX /* the block of what is nothing but zeros */

enum erofs_layout {
	EROFS_FLAT_PLAIN,
	EROFS_COMPRESSED_FULL,
	EROFS_FLAT_INLINE, /* the last block stands behind the inode */
	EROFS_COMPRESSED_COMPACT,
	EROFS_CHUNK_BASED,
	EROFS_LAYOUTS
};

struct erofs_inode {
	uint64_t nid, at; /* at: in the image */
	enum entry_kind kind;
	enum erofs_layout layout;
	uint16_t mode;
	uint32_t uid, gid;
	int64_t mtime;
	uint64_t size;
	uint32_t value;   /* device number, or format of chunks */
	uint64_t start;   /* of flat ones: the first block, or EROFS_NOWHERE */
	uint64_t body_at; /* behind inode and extended attributes: indexes, or the last bytes */
};

/* Where a run of a file's bytes comes from. */
enum erofs_source {
	EROFS_HOLE,
	EROFS_STORED,
	EROFS_ROTATED, /* stored so that all but the bytes up to the next block of the file begin at a block: those come last */
	EROFS_LZ4,     /* algorithms in the order of their numbers on disk */
	EROFS_LZMA,
	EROFS_DEFLATE,
	EROFS_ZSTD,
	EROFS_FRAGMENT,  /* of the packed inode's file; `from` is the offset in it */
	EROFS_ELSEWHERE, /* on another device; `from` is its number */
	EROFS_BROKEN,    /* the index that would tell is damaged */
};
#define EROFS_ALGORITHMS 4u

struct erofs_extent {
	uint64_t at;     /* in the file; it ends where the next one begins */
	uint64_t from;   /* in the image */
	uint32_t packed; /* bytes in the image */
	uint8_t source;
	bool partial; /* the packed bytes hold more than is taken of them */
};

struct erofs_file {
	uint64_t size;
	struct erofs_extent *extents; /* n + 1: the last one only ends the one before it */
	size_t n, cap;
};

struct erofs_cache;

struct erofs {
	struct span image;
	struct erofs_super super;
	uint64_t block_size;
	struct walk *walk; /* only while walking */
	unsigned damages;
	uint64_t indexed;                /* bytes of indexes that were read so far */
	const struct erofs_file *packed; /* the file of fragments, or NULL */
	struct erofs_cache *cache;       /* of its extents */
};

/* The first damages are reported one by one, the others counted. */
#define erofs_damage(fs, ...) emit_damage_capped((fs)->walk->sink, &(fs)->damages, __VA_ARGS__)

/* erofs_inode.c: reads the inode of that number; false when it can not be one. */
bool erofs_inode_read(const struct span image, const struct erofs_super *s, uint64_t nid,
					  struct erofs_inode *inode) MUST_USE;

/* erofs_map.c: the extents of a file; NULL at the arena's limit. Damage is reported. */
struct erofs_file *erofs_file_open(struct erofs *fs, const struct erofs_inode *inode) MUST_USE;

/* erofs_index.c: the extents of a compressed file. False at the arena's limit. */
bool erofs_index_read(struct erofs *fs, const struct erofs_inode *inode, struct erofs_file *file) MUST_USE;
/* Appends an extent behind those that are there, or makes the last one longer. False at the arena's limit. */
bool erofs_extent_add(struct erofs *fs, struct erofs_file *file, const struct erofs_extent *extent) MUST_USE;

/* erofs_content.c */
extern const struct content_ops erofs_file_ops;
/* What was unpacked last, for files that share it; freed with the arena. False at its limit. */
bool erofs_cache_open(struct erofs *fs) MUST_USE;

/* erofs_tree.c */
struct error erofs_traverse(struct erofs *fs);

#endif
