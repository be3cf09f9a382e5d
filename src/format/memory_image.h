/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For formats that say which bytes belong at which address of a memory (Intel HEX, S-records, UF2, DfuSe): collects pieces
 * in the order in which they come, and gives each range without a gap as one region. */
#ifndef ASSAY_FORMAT_MEMORY_IMAGE_H
#define ASSAY_FORMAT_MEMORY_IMAGE_H

#include "format/format.h"

struct memory_piece {
	uint64_t address;
	size_t at, n; /* in `bytes` */
	uint32_t order;
	uint32_t space; /* of several memories (UF2 families): which */
};

struct memory_image {
	struct walk *walk;
	uint8_t *bytes;
	size_t nbytes, bytes_cap;
	struct memory_piece *pieces;
	size_t npieces, pieces_cap;
};

/* Room for at most `bytes` bytes in at most `pieces` pieces, in the walk's arena. False at its limit. */
bool memory_image_begin(struct memory_image *m, struct walk *w, size_t bytes, size_t pieces) MUST_USE;

/* Adds a piece; what follows the one before it directly becomes part of that. False when there is no room left. */
bool memory_image_put(struct memory_image *m, uint32_t space, uint64_t address, struct span bytes) MUST_USE;

/* Emits a region "0x08000000" for each range, by space and address; `prefix` (may be NULL) gives what stands before the
 * address of a space. Of bytes that were put twice the later ones count, which is damage where they differ. */
struct error memory_image_emit(struct memory_image *m, const char *(*prefix)(uint32_t space)) MUST_USE;

#endif
