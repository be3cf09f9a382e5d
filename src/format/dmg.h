/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apple's disk images: what dmg.c reads of the trailer and the tables, and dmg_content.c unpacks by it. */
#ifndef ASSAY_FORMAT_DMG_H
#define ASSAY_FORMAT_DMG_H

#include "format/format.h"

#define DMG_SECTOR 512u
#define DMG_CRC32 2u /* the kind of a checksum */
#define DMG_TABLES_MAX 4096u

enum dmg_chunk_type {
	DMG_ZEROS = 0,
	DMG_RAW = 1,
	DMG_IGNORED = 2, /* nobody wrote there: zeros */
	DMG_COMMENT = 0x7ffffffe,
	DMG_ADC = 0x80000004,
	DMG_ZLIB = 0x80000005,
	DMG_BZIP2 = 0x80000006,
	DMG_LZFSE = 0x80000007,
	DMG_LZMA = 0x80000008,
	DMG_END = 0xffffffff,
};

struct dmg_chunk {
	uint64_t sector, sectors; /* of the disk */
	uint64_t at, size;        /* of its bytes in the image */
	uint32_t type, table;
};

/* A table of chunks: a partition, or what lies before and between them. */
struct dmg_table {
	uint64_t sector, sectors;
	uint32_t checksum_type, checksum;
};

struct dmg {
	struct span bytes;
	struct dmg_table *tables;
	struct dmg_chunk *chunks; /* in the order of the disk */
	size_t ntables, nchunks, room;
	uint64_t sectors; /* up to where chunks tell */
};

/* Collects the tables of the property list, or of the resource fork. Damage is reported. False: no memory. */
bool dmg_tables_of_plist(struct dmg *d, struct span plist, uint64_t at, uint64_t data_at, struct walk *w);
bool dmg_tables_of_fork(struct dmg *d, struct span fork, uint64_t at, uint64_t data_at, struct walk *w);

/* The content of the disk: fs is a struct dmg. */
extern const struct content_ops dmg_ops;

#endif
