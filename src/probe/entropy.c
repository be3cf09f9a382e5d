/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <pthread.h>

#include "base/holes.h"
#include "probe/tree.h"

#define BLOCK 4096u
/* A block of n random bytes shows about 8 - 255 / (2 n ln 2) bits a byte (Miller-Madow bias): 7.955 for 4 KiB. Code of
 * any processor stays below 7.0; deflate, LZMA and ciphers above 7.9. */
#define DENSE_BITS 7.8

/* All bytes equal the first one, when each equals its neighbour. */
static bool is_filled(struct span s, uint8_t fill)
{
	return s.p[0] == fill && (s.n == 1 || memcmp(s.p, s.p + 1, s.n - 1) == 0);
}

bool entropy_is_padding(struct span s)
{
	uint64_t stored = 0;
	if (s.n == 0)
		return true;
	uint8_t fill = s.p[0];
	bool same = fill == 0x00 || fill == 0xff;
	for (uint64_t at = 0, end; same && (at = holes_next(s, at, &end)) < s.n; at = end) {
		same = is_filled(span_sub(s, at, end - at), fill);
		stored += end - at;
	}
	return same && (fill == 0x00 || stored == s.n);
}

/* n times its logarithm, for what most bytes of a block are counted to. */
#define SMALL 128u
static double small[SMALL];
static pthread_once_t small_once = PTHREAD_ONCE_INIT;

static void make_small(void)
{
	for (unsigned n = 1; n < SMALL; n++)
		small[n] = n * log2(n);
}

double entropy_bits(struct span s)
{
	uint32_t count[4][256] = { { 0 } }; /* four tables, so that equal neighbours do not wait for one another */
	size_t i = 0;
	for (; i + 4 <= s.n; i += 4)
		for (unsigned k = 0; k < 4; k++)
			count[k][s.p[i + k]]++;
	for (; i < s.n; i++)
		count[0][s.p[i]]++;
	if (!s.n)
		return 0;
	pthread_once(&small_once, make_small);
	double sum = 0;
	for (unsigned b = 0; b < 256; b++) {
		uint32_t c = count[0][b] + count[1][b] + count[2][b] + count[3][b];
		sum += c < SMALL ? small[c] : c * log2((double)c);
	}
	return log2((double)s.n) - sum / (double)s.n;
}

bool entropy_is_dense(struct span block, double bits)
{
	/* a short last block can not reach the bound of a whole one */
	return block.n >= BLOCK / 4 && bits >= (block.n >= BLOCK ? DENSE_BITS : 7.2);
}

enum texture entropy_texture(struct span bytes, double *bits, uint64_t *dense, uint64_t *longest)
{
	double sum = 0;
	uint64_t looked = 0, run = 0, end = 0;
	*dense = *longest = 0;
	for (uint64_t at = 0; at < bytes.n; at += BLOCK) {
		if (at >= end) { /* a hole is padding */
			uint64_t next = holes_next(bytes, at, &end) / BLOCK * BLOCK;
			at = next > at ? next : at;
		}
		struct span block = span_clip(bytes, at, BLOCK);
		if (block.n < BLOCK / 4 || entropy_is_padding(block))
			continue;
		double b = entropy_bits(block);
		bool is_dense = entropy_is_dense(block, b);
		run = is_dense ? run + block.n : 0;
		*dense += is_dense ? block.n : 0;
		*longest = run > *longest ? run : *longest;
		sum += b * (double)block.n;
		looked += block.n;
	}
	*bits = looked ? sum / (double)looked : 0;
	if (looked == 0)
		return entropy_is_padding(bytes) || bytes.n >= BLOCK / 4 ? TEXTURE_PADDING : TEXTURE_PLAIN;
	return *dense * 2 >= looked ? TEXTURE_DENSE : TEXTURE_PLAIN;
}
