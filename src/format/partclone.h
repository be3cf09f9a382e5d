/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ASSAY_FORMAT_PARTCLONE_H
#define ASSAY_FORMAT_PARTCLONE_H

#include "format/format.h"

#define PARTCLONE_GROUP 128u

enum { PARTCLONE_NO_SUM, PARTCLONE_CRC32 = 0x20, PARTCLONE_XXH64 = 0x30 };
enum { PARTCLONE_BITS = 1, PARTCLONE_BYTES = 8 };

struct partclone {
	struct span bytes, map; /* `map`: what of it is there */
	unsigned version, map_mode, sum, sum_size;
	bool big, reseed;
	struct text fs;
	uint64_t size, device_size, blocks, used; /* `size`: of what is shown; both in bytes */
	uint32_t block, stripe;                   /* bytes of a block; blocks before each sum */
	uint64_t map_at, map_size, data_at;
	uint64_t *groups, mapped, stored; /* blocks in use before each group; blocks that the map tells of, and those in use among them */
	uint64_t strange;                 /* bytes of a map of bytes that are no 0 or 1 */
};

#endif
