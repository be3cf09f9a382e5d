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

/* How many bytes are counted in one byte, so that compilers count with vectors. */
#define COUNTED_AT_ONCE 128u

/* Whether a whole block can not be dense, by few counts, as most of a program tells. Where k of the 256 values have the share p of the bytes,
 * at most -p ln p - (1 - p) ln (1 - p) + p ln k + (1 - p) ln (256 - k) are left for its entropy (the rest is spread evenly): in bits, for zeros
 * (k = 1) 7.78 at 7.5 %, for them and what x86-64 and erased flash have most of (k = 4) 7.78 at 12.5 %, for printable bytes (k = 95) 7.76 at
 * 66 %; and less for more. */
static bool is_plain_by_counts(const uint8_t *p)
{
	unsigned zeros = 0, usual = 0, printable = 0;
	for (const uint8_t *end = p + BLOCK; p < end; p += COUNTED_AT_ONCE) {
		uint8_t z = 0, u = 0, c = 0;
		for (unsigned i = 0; i < COUNTED_AT_ONCE; i++) {
			z += p[i] == 0;
			u += (p[i] == 0) | (p[i] == 0xff) | (p[i] == 0x48) | (p[i] == 0x8b);
			c += (uint8_t)(p[i] - 0x20) < 95;
		}
		zeros += z;
		usual += u;
		printable += c;
	}
	return zeros * 1000 >= BLOCK * 75 || usual * 1000 >= BLOCK * 125 || printable * 100 >= BLOCK * 66;
}

static bool is_dense(struct span block)
{
	return !(block.n == BLOCK && is_plain_by_counts(block.p)) && entropy_is_dense(block, entropy_bits(block));
}

/* The next block at `*at` or behind it that is no padding, `*end` being that of what is stored; a hole is padding. */
static struct span next_block(struct span bytes, uint64_t *at, uint64_t *end)
{
	for (; *at < bytes.n; *at += BLOCK) {
		if (*at >= *end) {
			uint64_t next = holes_next(bytes, *at, end) / BLOCK * BLOCK;
			*at = next > *at ? next : *at;
		}
		struct span block = span_clip(bytes, *at, BLOCK);
		if (block.n >= BLOCK / 4 && !entropy_is_padding(block))
			return block;
	}
	return SPAN_NONE;
}

double entropy_mean(struct span bytes)
{
	double sum = 0;
	uint64_t looked = 0, end = 0;
	struct span block;
	for (uint64_t at = 0; (block = next_block(bytes, &at, &end)).n; at += BLOCK) {
		sum += entropy_bits(block) * (double)block.n;
		looked += block.n;
	}
	return looked ? sum / (double)looked : 0;
}

enum texture entropy_texture(struct span bytes, uint64_t *dense, uint64_t *longest)
{
	uint64_t looked = 0, run = 0, end = 0;
	struct span block;
	*dense = *longest = 0;
	for (uint64_t at = 0; (block = next_block(bytes, &at, &end)).n; at += BLOCK) {
		bool one = is_dense(block);
		run = one ? run + block.n : 0;
		*dense += one ? block.n : 0;
		*longest = run > *longest ? run : *longest;
		looked += block.n;
	}
	if (looked == 0)
		return entropy_is_padding(bytes) || bytes.n >= BLOCK / 4 ? TEXTURE_PADDING : TEXTURE_PLAIN;
	return *dense * 2 >= looked ? TEXTURE_DENSE : TEXTURE_PLAIN;
}
