/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The range coder that RAR has for PPMd: carries are cut off (Dmitry Subbotin's). Not for other formats. */
#ifndef ASSAY_FORMAT_RAR_PPMD_RANGE_H
#define ASSAY_FORMAT_RAR_PPMD_RANGE_H

#include "base/span.h"

#define TOP (1u << 24)
#define BOTTOM 0x8000u

struct rar_range {
	struct span in;
	size_t at;
	unsigned missing; /* bytes that were taken as zeros behind the end */
	uint32_t range, code, low;
};

static inline uint8_t byte_take(struct rar_range *r)
{
	if (r->at < r->in.n)
		return r->in.p[r->at++];
	r->missing++;
	return 0;
}

static inline uint32_t threshold(struct rar_range *r, uint32_t total)
{
	r->range /= total ? total : 1;
	return r->range ? (r->code - r->low) / r->range : UINT32_MAX;
}

static inline void take(struct rar_range *r, uint32_t start, uint32_t size)
{
	r->low += start * r->range;
	r->range *= size;
	for (unsigned i = 0; i < 8; i++) {
		if ((r->low ^ (r->low + r->range)) >= TOP) {
			if (r->range >= BOTTOM)
				return;
			r->range = (0u - r->low) & (BOTTOM - 1);
		}
		r->code = r->code << 8 | byte_take(r);
		r->range <<= 8;
		r->low <<= 8;
	}
}

#endif
