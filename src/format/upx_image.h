/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ELF programs and libraries that UPX packed: their headers and blocks. */
#ifndef ASSAY_FORMAT_UPX_IMAGE_H
#define ASSAY_FORMAT_UPX_IMAGE_H

#include "base/error.h"
#include "base/span.h"

#define UPX_HEAD_MAX 16384u /* of the original's ELF header and program headers */
#define UPX_INFO_SIZE 12u   /* of l_info, p_info and b_info each */

/* One of the two layouts of ELF, with what the file begins with. */
struct upx_elf {
	struct span head;
	bool is64, big;
	uint16_t machine;
	unsigned segments;
	uint64_t entry;
	uint32_t size; /* of the ELF header and of the program headers behind it */
};

struct upx_segment {
	uint32_t type, flags;
	uint64_t offset, address, size; /* in the file */
};

/* PackHeader, which stands at the end. */
struct upx_trailer {
	uint64_t at, end;
	uint8_t version, format, method, level;
	uint32_t sum_unpacked, sum_packed, file_size;
};

struct upx {
	struct span bytes;
	struct upx_elf elf; /* the packed file's own */
	bool library;       /* what the dynamic linker reads of it is not packed */
	uint64_t info;      /* where p_info stands */
	uint32_t file_size, block_size; /* of the original; 0: not told */
	bool has_trailer;
	struct upx_trailer trailer;
	uint8_t head[UPX_HEAD_MAX]; /* of the original */
	struct upx_elf original;
};

struct upx_block {
	uint32_t unpacked, packed;
	uint8_t method, filter, mark;
	struct span bytes; /* what there is of the packed ones */
	uint64_t next;
};

/* Recognises a packed file at the beginning of the bytes, by its structure: the blocks begin with the headers of a like ELF file. The
 * marks "UPX!" and the sizes in p_info may be erased. */
bool upx_open(struct span bytes, struct upx *u);

/* The program header at i, from 0; false: there is none. */
bool upx_segment(const struct upx_elf *elf, unsigned i, struct upx_segment *segment);

/* The block at that place; ERR_TRUNCATED when not all of it is there: then bytes.p is NULL where not even its header is. */
enum error_code upx_block(const struct upx *u, uint64_t at, struct upx_block *block);

/* The first bytes of the block, up to out_max. ERR_BUDGET when there are more. */
enum error_code upx_decode(const struct upx_block *block, uint8_t *out, size_t out_max, size_t *out_n);

/* Looks for the trailer in bytes[from..to); it has to fit the file's size where that is known, and its own checksum. */
bool upx_find_trailer(struct upx *u, uint64_t from, uint64_t to);

/* The word of a method (M_NRV2B_LE32 to M_DEFLATE of UPX's conf.h) for what is reported; NULL: none that is known. */
const char *upx_method(uint8_t method);

#endif
