/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bits of a compressed stream from the most significant of each byte on, as LHA and ARJ count them. Sticky: behind the end all
 * bits are 0, and `past` says so. */
#ifndef ASSAY_FORMAT_MSB_BITS_H
#define ASSAY_FORMAT_MSB_BITS_H

#include <stdbool.h>

#include "base/span.h"

struct msb_bits {
	struct span in;
	uint64_t at; /* in bits */
	bool past;
};

/* The next n (at most 32) bits as a number, the first one its highest. */
static inline uint32_t msb_take(struct msb_bits *b, unsigned n)
{
	uint32_t v = 0;
	for (; n; n--, b->at++) {
		if (b->at / 8 >= b->in.n) {
			b->past = true;
			return 0;
		}
		v = v << 1 | (b->in.p[b->at / 8] >> (7 - b->at % 8) & 1);
	}
	return v;
}

#endif
