/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For the tests that write images by hand: numbers, CRCs bit by bit, and noise. */
#ifndef ASSAY_TESTS_UPDATE_WRITER_H
#define ASSAY_TESTS_UPDATE_WRITER_H

#include "format/format.h"

static inline void put_le(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline void put_be(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

static inline void put_u16(uint8_t *p, uint16_t v)
{
	put_le(p, v, 2);
}

static inline void put_u32(uint8_t *p, uint32_t v)
{
	put_le(p, v, 4);
}

/* Bit by bit after the polynomial, without the final inversion: a CRC that shares nothing with the one under test. */
static inline uint32_t crc32_bitwise(uint32_t crc, const uint8_t *p, size_t n)
{
	for (; n; n--, p++) {
		crc ^= *p;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc;
}

/* Four million random bytes hold none of the format, neither where its magic stands nor, for what is asked at the
 * start, at any of many starts; nor when the magic is put there. */
void assert_no_noise(const struct format *format);

/* Both formats give the same entries for the bytes, in the same order. */
void assert_same_tree(const struct format *format, const struct format *base, struct span bytes);

#endif
