/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LZW as compress has it and what took it from there: codes from 9 bits on, the low ones first; a code that forgets all others. */
#ifndef ASSAY_FORMAT_LZW_H
#define ASSAY_FORMAT_LZW_H

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

#define LZW_BITS_MIN 9u
#define LZW_BITS_MAX 16u
#define LZW_CLEAR 256u

struct lzw {
	struct span bytes;
	uint64_t bit, group; /* where the next code is; where the codes of this width began */
	unsigned bits, max_bits, next;
	unsigned first; /* the first code that is made */
	bool blocks;    /* code 256 forgets */
	bool ends;      /* code 257 ends it: ZOO's */
	bool eights;    /* codes are written eight at a time */
	bool past;      /* past the end */
};

/* The next code; 0 and `past` behind the last one. */
unsigned lzw_code(struct lzw *z);

/* Unpacks up to the end, appending to `out` within its limit. Where a code has not been made before: ERR_CORRUPT with the place in the
 * bytes. */
struct error lzw_decode(struct lzw *z, struct buf *out);

#endif
