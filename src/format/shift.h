/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images whose later part stands some bytes from where it is to be, since bytes are missing or too many. Files of file systems that are
 * written in one go (ISO 9660, UDF) are padded with zeros to the end of their last block: where the zeros stand elsewhere, by
 * as much behind each file from one on, the files do.
 */
#ifndef ASSAY_FORMAT_SHIFT_H
#define ASSAY_FORMAT_SHIFT_H

#include "base/arena.h"
#include "base/span.h"

#define SHIFT_MAX 4096 /* bytes */

/* A file: its bytes from `from` to `to`, padded to a whole block. */
struct shift_file {
	uint64_t from, to;
};

/* What begins at `from` or behind it stands `by` bytes further on (or back). by == 0: nothing is shifted. */
struct shift {
	uint64_t from;
	int64_t by;
};

/* Of `n` files, which are sorted. `spare` has room for as many. */
struct shift shift_find(struct span image, struct shift_file *files, struct shift_file *spare, size_t n, uint32_t block);

/* Where what is said to stand at `place` stands in truth. */
static inline uint64_t shift_place(const struct shift *s, uint64_t place)
{
	return s->by && place >= s->from ? place + (uint64_t)s->by : place;
}

#endif
