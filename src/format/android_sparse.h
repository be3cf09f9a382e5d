/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sparse images that are parts of one: each has its own blocks, and what is before and behind them is nothing. */
#ifndef ASSAY_FORMAT_ANDROID_SPARSE_H
#define ASSAY_FORMAT_ANDROID_SPARSE_H

#include "base/error.h"
#include "base/span.h"

/* What its header says of the whole image; false: there is none. */
bool android_sparse_size(struct span part, uint32_t *block_size, uint32_t *blocks) MUST_USE;

struct android_sparse_whole {
	uint8_t *image;   /* blocks * block_size bytes */
	uint8_t *written; /* a bit each block */
	uint64_t blocks, twice; /* blocks that another part had written: what was there first is lost */
	uint32_t block_size;
};

/* Lays the blocks of a part where they belong. An error is one at its offset in the part: what comes before it is there. */
struct error android_sparse_lay(struct span part, struct android_sparse_whole *whole) MUST_USE;

#endif
