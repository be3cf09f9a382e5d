/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bits of a compressed stream from the most significant of each byte on, as LHA and ARJ count them. Sticky: behind the end all
 * bits are 0, and `past` says so. */
#ifndef ASSAY_FORMAT_MSB_BITS_H
#define ASSAY_FORMAT_MSB_BITS_H

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "base/span.h"

struct msb_bits {
	struct span in;
	uint64_t at; /* in bits */
	bool past;
};

/* The next n (at most 32) bits as a number, the first one its highest; they stay. */
static inline uint32_t msb_peek(const struct msb_bits *b, unsigned n)
{
	uint64_t from = b->at / 8, v = 0;
	if (b->in.n >= 8 && from <= b->in.n - 8) {
		memcpy(&v, b->in.p + from, 8);
		v = be64toh(v);
	} else {
		for (unsigned i = 0; i < 8; i++)
			v = v << 8 | (from + i < b->in.n ? b->in.p[from + i] : 0);
	}
	return n ? (uint32_t)(v << b->at % 8 >> (64 - n)) : 0;
}

/* Passes over n bits. */
static inline void msb_skip(struct msb_bits *b, unsigned n)
{
	uint64_t left = 8 * (uint64_t)b->in.n - b->at;
	b->past |= n > left;
	b->at += n > left ? left : n;
}

/* The next n bits, the first one highest. */
static inline uint32_t msb_take(struct msb_bits *b, unsigned n)
{
	uint32_t v = msb_peek(b, n);
	msb_skip(b, n);
	return b->past && n ? 0 : v;
}

#endif
