/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the UDF reader share: the volume (udf_volume.c), its partition maps
 * (udf_map.c), what of it is shifted (udf_shift.c), the tree (udf.c). */
#ifndef ASSAY_FORMAT_UDF_H
#define ASSAY_FORMAT_UDF_H

#include "format/shift.h"
#include "format/volume.h"

#define UDF_MAPS_MAX 8u
#define UDF_PARTITIONS_MAX 8u
#define UDF_NOWHERE UINT64_MAX

/* Descriptor tags of ECMA-167. */
enum {
	TAG_PRIMARY = 1,
	TAG_ANCHOR = 2,
	TAG_POINTER = 3,
	TAG_PARTITION = 5,
	TAG_LOGICAL = 6,
	TAG_TERMINATING = 8,
	TAG_FILE_SET = 256,
	TAG_FILE_IDENTIFIER = 257,
	TAG_ALLOCATION_EXTENT = 258,
	TAG_INDIRECT = 259,
	TAG_FILE_ENTRY = 261,
	TAG_EXTENDED_FILE_ENTRY = 266,
};

/* Types of files. */
enum {
	FILE_UNSPECIFIED = 0,
	FILE_DIRECTORY = 4,
	FILE_REGULAR = 5,
	FILE_BLOCK_DEVICE = 6,
	FILE_CHAR_DEVICE = 7,
	FILE_FIFO = 9,
	FILE_SOCKET = 10,
	FILE_SYMLINK = 12,
	FILE_VAT = 248,
	FILE_REAL_TIME = 249,
	FILE_METADATA = 250,
};

struct udf_partition {
	uint16_t number;
	uint32_t start, length; /* blocks */
};

enum udf_map_kind { MAP_PHYSICAL, MAP_VIRTUAL, MAP_SPARABLE, MAP_METADATA, MAP_UNKNOWN };

/* How block numbers that refer to it become places of the image. */
struct udf_map {
	enum udf_map_kind kind;
	uint16_t number;
	const struct udf_partition *partition; /* NULL: not described */
	uint32_t places[3];                    /* metadata: file and its mirror; sparable: the first sparing table */
	uint32_t packet;                       /* sparable: blocks that move together */
	struct span table;                     /* virtual: the blocks; sparable: pairs of packets */
	struct runs *runs;                     /* metadata */
};

/* A place in a partition. */
struct udf_place {
	uint32_t length; /* bytes */
	unsigned type;   /* of the extent */
	uint32_t block;
	uint16_t map;
};

struct udf_layout {
	uint32_t block; /* bytes */
	uint64_t end;   /* of the volume, bytes */
	int64_t last_by; /* how far the anchor at the end of the image is from where it says it is; 0: not at all, or there is none */
	struct udf_partition partitions[UDF_PARTITIONS_MAX];
	unsigned npartitions;
	struct udf_map maps[UDF_MAPS_MAX];
	unsigned nmaps;
	struct udf_place file_set;
	struct span logical, primary; /* descriptors */
};

struct udf {
	struct volume v;
	struct udf_layout l;
	uint64_t work; /* bytes of directories and of lists of extents that may still be read */
	struct shift shift;
	unsigned searches; /* for descriptors that are shifted */
};

/* A file entry, of the plain or the extended kind. */
struct udf_file {
	uint64_t at; /* in the image */
	unsigned type, flags, strategy;
	uint32_t uid, gid, permissions, links;
	uint64_t size;
	int64_t mtime;
	struct span extents, attributes;
};

/* The descriptor with that tag at a place of the image: checksum, CRC and, unless UDF_NOWHERE, the block number are right. */
struct span udf_descriptor(struct span image, uint64_t at, uint32_t size, unsigned tag, uint64_t location);

/* The volume's description; false when there is none. */
bool udf_layout_read(struct span image, struct udf_layout *l);

/* Prepares the maps that lie in files of their own. */
void udf_maps_open(struct udf *u);

/* The place of a block in the image, or UDF_NOWHERE. */
uint64_t udf_map_block(const struct udf *u, uint16_t map, uint32_t block);

/* The place that 16 bytes tell: a long allocation descriptor. */
struct udf_place udf_long_place(struct span s, uint64_t at);

/* Finds out whether files are shifted, and says so. */
void udf_shift_find(struct udf *u);
/* Whether a descriptor of one of two kinds, which is not at the place of its block, is near by. Then what is behind it is shifted. */
bool udf_find_shifted(struct udf *u, uint64_t at, uint32_t block, unsigned tag, unsigned other);

/* The file entry at a place of the image. */
bool udf_file_at(const struct udf *u, uint64_t at, struct udf_file *f);

/* The file entry at a place. */
bool udf_file_read(struct udf *u, struct udf_place place, struct udf_file *f);

/* Collects the runs of a file in the scratch of the volume; gives how many bytes they hold. Not for embedded contents. */
uint64_t udf_runs(struct udf *u, const struct udf_file *f, uint16_t map);

/* The contents of a file of at most `most` bytes in one piece, or an empty span. */
struct span udf_small_file(struct udf *u, const struct udf_file *f, uint16_t map, uint64_t most);

/* Takes `n` bytes from the work that is allowed; false (and the walk ends) when there is none left. */
bool udf_work(struct udf *u, uint64_t n) MUST_USE;

/* Characters of OSTA CS0 as UTF-8; out holds 3 bytes for each of them. */
size_t udf_text(struct span s, char *out);

#endif
