/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What squashfs 1.x to 4.0 share: metadata tables, compression, file contents, the traversal. Only the layouts of
 * superblock, inodes and listings differ. Not for other formats. */
#ifndef ASSAY_FORMAT_SQUASHFS_IMAGE_H
#define ASSAY_FORMAT_SQUASHFS_IMAGE_H

#include "base/lzma.h"
#include "format/format.h"

#define SQUASHFS_METADATA 8192u /* unpacked size of a metadata block */
#define SQUASHFS_NO_FRAGMENT UINT32_MAX
#define SQUASHFS_STORED_BLOCK (1u << 24) /* in a data block's size: it is not compressed */

/* The magic numbers of mksquashfs in both byte orders, and those that vendors' LZMA patches made of them. */
#define SQUASHFS_MAGICS                                                                                                \
	MAGIC("hsqs", 0), MAGIC("sqsh", 0), MAGIC("shsq", 0), MAGIC("qshs", 0), MAGIC("hsqt", 0), MAGIC("tqsh", 0),        \
		MAGIC("zlqs", 0), MAGIC("sqlz", 0), MAGIC_END

/* What the superblocks of all versions say. Absent tables are OFFSET_NONE. */
struct squashfs_super {
	uint16_t major, minor;
	bool big;
	uint16_t flags, compression; /* compression: the identifier of 4.0; zlib before */
	uint32_t inodes, fragments, block_size, mkfs_time;
	uint64_t root; /* reference of its inode: block in the table << 16 | offset in the unpacked block */
	uint64_t bytes_used;
	uint64_t inode_table, directory_table, fragment_table, lookup_table, xattr_table;
	uint64_t uid_table, gid_table; /* 4.0 has one table for both */
	uint32_t uids, gids;
	bool mended, hopeless; /* 4.0: fields were replaced that contradicted the others; and nothing helped */
};

/* How blocks are compressed: the compressors of 4.0 and what vendors put in their place. */
enum squashfs_packing {
	SQUASHFS_ZLIB,
	SQUASHFS_LZMA, /* LZMA_alone: properties, dictionary size, unpacked size */
	SQUASHFS_LZO,
	SQUASHFS_XZ,
	SQUASHFS_LZ4,
	SQUASHFS_ZSTD,
	SQUASHFS_LZMA_UNSIZED, /* properties and dictionary size, then the stream; `skip` bytes stand before */
	SQUASHFS_LZMA_DDWRT,   /* bytes pb, lc, lp and one more, then the stream */
	SQUASHFS_LZMA_RAW,     /* the stream after `skip` bytes, with fixed properties */
};

struct squashfs_codec {
	enum squashfs_packing packing;
	uint8_t skip;
	struct lzma_props props;
};

/* A table of metadata blocks, unpacked one after the other. */
struct squashfs_table_block {
	uint32_t at;       /* in the table on disk */
	uint32_t position; /* in the unpacked table */
	uint32_t good_end; /* where the run of readable blocks that it belongs to ends; `position` for an unreadable one */
};
struct squashfs_table {
	uint8_t *bytes;
	size_t n;
	struct squashfs_table_block *blocks;
	size_t nblocks;
};

struct squashfs_inode {
	enum entry_kind kind;
	uint16_t mode;
	int64_t uid, gid, mtime, device;
	uint64_t size;     /* of the file, of the directory's listing, of the link's target */
	uint64_t start;    /* file: its first block in the image; directory: the listing's block in its table */
	uint32_t offset;   /* file: in the fragment; directory: of the listing in the unpacked block */
	uint32_t fragment; /* SQUASHFS_NO_FRAGMENT: the tail is a block of its own */
	struct span block_sizes, target;
};

/* Entries of a listing that share a block of the inode table. */
struct squashfs_run {
	uint32_t block, left;
};
struct squashfs_dirent {
	uint32_t offset;
	struct text name;
};

struct squashfs;

/* What differs from version to version. The readers give false for what can not be valid; the reader's own error tells
 * that the bytes ended. */
struct squashfs_layout {
	unsigned size_width; /* bytes of an entry of a file's list of block sizes */
	/* Also moves the reader to the next inode. */
	bool (*read_inode)(const struct squashfs *fs, struct reader *r, struct squashfs_inode *inode);
	bool (*read_run)(const struct squashfs *fs, struct reader *r, struct squashfs_run *run);
	bool (*read_dirent)(const struct squashfs *fs, struct reader *r, struct squashfs_dirent *entry);
	struct error (*load_ids)(struct squashfs *fs);
	unsigned fragment_width; /* bytes of an entry of the fragment table, half of them the block's place */
	unsigned index_width;    /* bytes of a block's place in the index of such a table */
};

struct squashfs_cache;

struct squashfs {
	struct span image;
	struct squashfs_super super;
	const struct squashfs_layout *layout;
	struct squashfs_codec codec;
	unsigned block_header; /* bytes before a metadata block */
	struct squashfs_table inodes, listings;
	uint64_t listings_end;
	uint32_t *uids, *gids;
	struct squashfs_cache *cache; /* of fragments */
	struct walk *walk;            /* only while walking */
	bool entered;                 /* the root directory was found */
	int64_t shift;                /* what is behind some place stands so far from where it should; 0: all is in its place */
	uint64_t whole_until, shifted_from; /* of the places that inodes say: that place is between the two */
	unsigned damages;
};

/* Superblock fields that every version has make sense. */
bool squashfs_super_is_sane(const struct squashfs_super *s, uint64_t header_size);
/* Whether one of the magic numbers stands at the beginning. */
bool squashfs_has_magic(struct span at);

/* squashfs_tree.c: the whole walk() for an image whose superblock has been read. */
struct error squashfs_walk_image(const struct squashfs_super *super, const struct squashfs_layout *layout,
								 struct span image, struct walk *w);
/* The first damages are reported one by one, the others counted. */
#define squashfs_damage(fs, ...) emit_damage_capped((fs)->walk->sink, &(fs)->damages, __VA_ARGS__)

/* squashfs_packing.c */
const char *squashfs_packing_name(enum squashfs_packing packing);
/* The codec that 4.0 numbers so; zlib for what is no number. */
struct squashfs_codec squashfs_codec_declared(uint16_t compression);
/* Unpacks one block. ERR_NONE does not mean that it filled `out`. */
enum error_code squashfs_unpack(const struct squashfs_codec *codec, struct span in, uint8_t *out, size_t out_max,
								size_t *out_n) MUST_USE;
/* Finds what unpacks this block to something that accepts() takes, the declared codec first. */
bool squashfs_codec_find(const struct squashfs *fs, struct span in, uint8_t *scratch, size_t max,
						 bool (*accepts)(const struct squashfs *fs, struct span unpacked),
						 struct squashfs_codec *found);

/* squashfs_shift.c */
/* How far the tables of 4.0 stand from where they should; 0: they do not, or are not found. */
int64_t squashfs_shift_find(struct span image, const struct squashfs_super *s);
/* Whether the ids and their index, the last of what every image of 4.0 has, stand where the superblock says. */
bool squashfs_ids_in_place(struct span image, const struct squashfs_super *s);
/* Moves the superblock's tables to where they are. */
void squashfs_shift_tables(struct squashfs *fs);
/* Learns, once the inodes are there, between which blocks of data the shift begins. */
void squashfs_shift_narrow(struct squashfs *fs);
/* A block of data, as inodes and fragments tell of it. */
struct squashfs_packed {
	uint64_t at, size;
	bool stored;
	bool fills; /* what it is read into */
};
/* Reads it into out[0..max), wherever it stands now. */
enum error_code squashfs_block_read(const struct squashfs *fs, const struct squashfs_packed *b, uint8_t *out, size_t max,
									size_t *n) MUST_USE;

/* squashfs_table.c */
/* The bytes of the metadata block at `at`, whether they are stored, and where the next block stands. ERR_TRUNCATED when
 * they do not lie inside the image. */
enum error_code squashfs_block_at(const struct squashfs *fs, uint64_t at, struct span *bytes, bool *stored,
								  uint64_t *next);
/* Unpacks all metadata blocks in [from, to) of the image. Unreadable ones are reported and left out. */
struct error squashfs_table_load(struct squashfs *fs, const char *name, uint64_t from, uint64_t to,
								 struct squashfs_table *table);
/* The readable bytes from a reference on, or an empty span. */
struct span squashfs_table_at(const struct squashfs_table *table, uint32_t block, uint32_t offset);
/* Unpacks a table of `size` bytes whose blocks are found through an index of places at `index`. Unreadable blocks are
 * reported and zero. NULL, and reported, without an index or at the arena's limit. */
uint8_t *squashfs_indexed_load(struct squashfs *fs, const char *name, uint64_t index, uint64_t size);

/* squashfs_content.c */
struct error squashfs_cache_open(struct squashfs *fs);
/* Describes a file's content to the visitor. False at the arena's limit. */
bool squashfs_file_open(struct squashfs *fs, const struct squashfs_inode *inode, struct entry *entry) MUST_USE;
/* From now on the number of files that use a fragment is final. */
void squashfs_cache_settle(struct squashfs_cache *cache);

/* How many blocks of its own a file of that size has: its end is in a fragment, or, with SQUASHFS_NO_FRAGMENT, a
 * short block. */
static inline uint64_t squashfs_block_count(const struct squashfs *fs, uint64_t size, uint32_t fragment)
{
	uint64_t whole = size / fs->super.block_size;
	return whole + (fragment == SQUASHFS_NO_FRAGMENT && size % fs->super.block_size);
}

#endif
