/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/crc32c.h"

#include <pthread.h>

#include "base/cpu.h"

/* What the four bits at the low end of the register do to it, for the reflected polynomial 0x82f63b78. */
static const uint32_t nibbles[16] = { 0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
									  0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
									  0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75 };

static uint32_t by_nibbles(uint32_t crc, const uint8_t *p, size_t n)
{
	for (; n; n--, p++) {
		crc = crc >> 4 ^ nibbles[(crc ^ *p) & 15];
		crc = crc >> 4 ^ nibbles[(crc ^ *p >> 4) & 15];
	}
	return crc;
}

#ifdef __x86_64__
/* The processor's own instruction gives its result three cycles later, and can begin another in each: three lanes, side by side, take no
 * longer than one. What is before a lane goes through as many zeros as the lane has bytes, which is linear: a table for each byte of the
 * register. */
#define LANE 336u /* three times four are nearly a page */
static uint32_t through_lane[4][256];
static pthread_once_t lane_once = PTHREAD_ONCE_INIT;

static void make_lane(void)
{
	for (unsigned bit = 0; bit < 32; bit++) {
		uint32_t crc = (uint32_t)1 << bit, *table = through_lane[bit / 8], step = 1u << bit % 8;
		for (unsigned i = 0; i < 2 * LANE; i++)
			crc = crc >> 4 ^ nibbles[crc & 15];
		for (unsigned i = 0; i < step; i++)
			table[step + i] = table[i] ^ crc;
	}
}

static uint64_t zeros_behind(uint64_t crc)
{
	return through_lane[0][crc & 255] ^ through_lane[1][crc >> 8 & 255] ^ through_lane[2][crc >> 16 & 255] ^ through_lane[3][crc >> 24 & 255];
}

static uint64_t word_at(const uint8_t *p)
{
	uint64_t word;
	memcpy(&word, p, sizeof word);
	return word;
}

__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *p, size_t n)
{
	uint64_t wide = crc, word;
	if (n >= (size_t)3 * LANE)
		pthread_once(&lane_once, make_lane);
	for (; n >= (size_t)3 * LANE; n -= (size_t)3 * LANE, p += (size_t)3 * LANE) {
		uint64_t second = 0, third = 0;
		for (size_t i = 0; i < LANE; i += sizeof word) {
			wide = __builtin_ia32_crc32di(wide, word_at(p + i));
			second = __builtin_ia32_crc32di(second, word_at(p + LANE + i));
			third = __builtin_ia32_crc32di(third, word_at(p + (size_t)2 * LANE + i));
		}
		wide = zeros_behind(zeros_behind(wide) ^ second) ^ third;
	}
	for (; n >= sizeof word; n -= sizeof word, p += sizeof word) {
		memcpy(&word, p, sizeof word);
		wide = __builtin_ia32_crc32di(wide, word);
	}
	return by_nibbles((uint32_t)wide, p, n);
}
#endif

uint32_t crc32c_update(uint32_t crc, struct span bytes)
{
#ifdef __x86_64__
	if (CPU_HAS(SSE4_2))
		return by_instruction(crc, bytes.p, bytes.n);
#endif
	return by_nibbles(crc, bytes.p, bytes.n);
}
