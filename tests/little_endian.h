/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of little-endian images that a test writes and reads, apart from the readers that it is about. */
#ifndef ASSAY_TESTS_LITTLE_ENDIAN_H
#define ASSAY_TESTS_LITTLE_ENDIAN_H

#include <stdint.h>

/* `width` bytes of v, at most eight. */
static inline void put(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline uint64_t get(const uint8_t *p, unsigned width)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < width; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

#endif
