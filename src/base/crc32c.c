/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/crc32c.h"

#include <pthread.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

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
/* The processor's own instruction. */
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *p, size_t n)
{
	uint64_t wide = crc, word;
	for (; n >= sizeof word; n -= sizeof word, p += sizeof word) {
		memcpy(&word, p, sizeof word);
		wide = __builtin_ia32_crc32di(wide, word);
	}
	return by_nibbles((uint32_t)wide, p, n);
}

/* Folding (Intel, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction"): 16 bytes times what x to the power of their
 * distance from 16 others leaves are added to those, without a carry; four such run side by side. What is left in the end has the same CRC. */
#define FOLD_MIN 256u
static uint64_t fold_by_64[2], fold_by_16[2]; /* of the lower and of the upper half */
static pthread_once_t fold_once = PTHREAD_ONCE_INIT;

/* x to the power of n, modulo the polynomial: with its bits reflected, one further on, as the product of reflected factors is one short. */
static uint64_t power_of_x(unsigned n)
{
	uint32_t r = 0x80000000;
	while (n--)
		r = r >> 1 ^ (r & 1 ? 0x82f63b78 : 0);
	return (uint64_t)r << 1;
}

static void make_fold(void)
{
	fold_by_64[0] = power_of_x(8 * 64 + 32);
	fold_by_64[1] = power_of_x(8 * 64 - 32);
	fold_by_16[0] = power_of_x(8 * 16 + 32);
	fold_by_16[1] = power_of_x(8 * 16 - 32);
}

__attribute__((target("pclmul,sse4.2"))) static inline __m128i fold(__m128i from, __m128i by, __m128i to)
{
	return _mm_xor_si128(to, _mm_xor_si128(_mm_clmulepi64_si128(from, by, 0x00), _mm_clmulepi64_si128(from, by, 0x11)));
}

static inline __m128i load(const void *p)
{
	return _mm_loadu_si128(p);
}

__attribute__((target("pclmul,sse4.2"))) static uint32_t by_folding(uint32_t crc, const uint8_t *p, size_t n)
{
	pthread_once(&fold_once, make_fold);
	__m128i a = _mm_xor_si128(load(p), _mm_cvtsi32_si128((int)crc)), b = load(p + 16), c = load(p + 32), d = load(p + 48);
	__m128i by = load(fold_by_64);
	for (p += 64, n -= 64; n >= 64; p += 64, n -= 64) {
		a = fold(a, by, load(p));
		b = fold(b, by, load(p + 16));
		c = fold(c, by, load(p + 32));
		d = fold(d, by, load(p + 48));
	}
	by = load(fold_by_16);
	uint8_t left[16];
	_mm_storeu_si128((__m128i *)(void *)left, fold(fold(fold(a, by, b), by, c), by, d));
	return by_instruction(by_instruction(0, left, sizeof left), p, n);
}
#endif

uint32_t crc32c_update(uint32_t crc, struct span bytes)
{
#ifdef __x86_64__
	if (bytes.n >= FOLD_MIN && CPU_HAS(PCLMULQDQ) && CPU_HAS(SSE4_2))
		return by_folding(crc, bytes.p, bytes.n);
	if (CPU_HAS(SSE4_2))
		return by_instruction(crc, bytes.p, bytes.n);
#endif
	return by_nibbles(crc, bytes.p, bytes.n);
}
