/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of 64 bytes go to the lanes in turn. As long as each lane has one more block to come, all eight take theirs at once, as vectors of
 * eight words.
 * Specification: RFC 7693 (BLAKE2s); "BLAKE2: simpler, smaller, fast as MD5", 2.10 (its tree) and 2.11 (BLAKE2sp). */
#include "base/blake2sp.h"

#include <stdbool.h>
#include <string.h>

#include "base/cpu.h"

#define LANES 8u
#define BLOCK 64u
#define STRIPE (LANES * BLOCK)
#define ROUNDS 10u

typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

static const uint32_t iv[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
								0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

static const uint8_t sigma[ROUNDS][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }, { 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 }, { 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 }, { 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 }, { 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 }, { 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

/* G, whether of one word in each place or of a vector of them. */
#define ROTATED(x, n) ((x) >> (n) | (x) << (32 - (n)))
#define MIX(v, a, b, c, d, x, y)                                                                                       \
	do {                                                                                                               \
		v[a] += v[b] + (x);                                                                                            \
		v[d] = ROTATED(v[d] ^ v[a], 16);                                                                               \
		v[c] += v[d];                                                                                                  \
		v[b] = ROTATED(v[b] ^ v[c], 12);                                                                               \
		v[a] += v[b] + (y);                                                                                            \
		v[d] = ROTATED(v[d] ^ v[a], 8);                                                                                \
		v[c] += v[d];                                                                                                  \
		v[b] = ROTATED(v[b] ^ v[c], 7);                                                                                \
	} while (0)
#define MIX_ALL(v, m, s)                                                                                               \
	do {                                                                                                               \
		MIX(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);                                                                         \
		MIX(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);                                                                         \
		MIX(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);                                                                        \
		MIX(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);                                                                        \
		MIX(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);                                                                        \
		MIX(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);                                                                      \
		MIX(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);                                                                       \
		MIX(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);                                                                       \
	} while (0)

/* ---- one ---- */

struct state {
	uint32_t h[8];
	uint64_t n;     /* bytes by now */
	bool last_node; /* of its depth */
};

/* Of the tree's parameters: its number at its depth, and this. */
static struct state begin(uint32_t number, uint32_t depth)
{
	struct state s = { .n = 0 };
	memcpy(s.h, iv, sizeof iv);
	s.h[0] ^= 0x02080020; /* 32 bytes of digest, no key, eight lanes, depth 2 */
	s.h[2] ^= number;
	s.h[3] ^= depth << 16 | 32u << 24; /* what the lanes give has 32 bytes */
	return s;
}

/* A block, of which `n` bytes are there. */
static void one_block(struct state *s, const uint8_t *p, size_t n, bool last)
{
	uint32_t v[16], m[16];
	uint8_t block[BLOCK] = { 0 };
	if (n)
		memcpy(block, p, n);
	s->n += n;
	for (unsigned i = 0; i < 16; i++)
		m[i] = span_u32le(span_of(block, BLOCK), 4 * (size_t)i);
	memcpy(v, s->h, sizeof s->h);
	memcpy(v + 8, iv, sizeof iv);
	v[12] ^= (uint32_t)s->n;
	v[13] ^= (uint32_t)(s->n >> 32);
	v[14] ^= last ? UINT32_MAX : 0;
	v[15] ^= last && s->last_node ? UINT32_MAX : 0;
	for (unsigned r = 0; r < ROUNDS; r++)
		MIX_ALL(v, m, sigma[r]);
	for (unsigned i = 0; i < 8; i++)
		s->h[i] ^= v[i] ^ v[i + 8];
}

static void digest_put(const struct state *s, uint8_t *out)
{
	for (unsigned i = 0; i < BLAKE2SP_SIZE; i++)
		out[i] = (uint8_t)(s->h[i / 4] >> i % 4 * 8);
}

/* ---- all lanes ---- */

/* A stripe of which no lane's block is its last one. `n` bytes of each are taken then. */
static inline __attribute__((always_inline)) void all_blocks(lanes h[8], const uint8_t *p, uint64_t n)
{
	lanes v[16] = { { 0 } }, m[16] = { { 0 } };
	struct span stripe = span_of(p, STRIPE);
	for (unsigned i = 0; i < 16; i++)
		for (unsigned k = 0; k < LANES; k++)
			m[i][k] = span_u32le(stripe, BLOCK * (size_t)k + 4 * (size_t)i);
	for (unsigned i = 0; i < 8; i++) {
		v[i] = h[i];
		v[i + 8] += iv[i];
	}
	v[12] ^= (uint32_t)n;
	v[13] ^= (uint32_t)(n >> 32);
	for (unsigned r = 0; r < ROUNDS; r++)
		MIX_ALL(v, m, sigma[r]);
	for (unsigned i = 0; i < 8; i++)
		h[i] ^= v[i] ^ v[i + 8];
}

static inline __attribute__((always_inline)) size_t all_stripes(lanes h[8], struct span bytes)
{
	size_t at = 0;
	for (; bytes.n - at >= 2 * STRIPE; at += STRIPE)
		all_blocks(h, bytes.p + at, at / LANES + BLOCK);
	return at;
}

static size_t stripes_plain(lanes h[8], struct span bytes)
{
	return all_stripes(h, bytes);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static size_t stripes_avx2(lanes h[8], struct span bytes)
{
	return all_stripes(h, bytes);
}
#endif

static size_t stripes_widest(lanes h[8], struct span bytes)
{
#ifdef __x86_64__
	if (CPU_HAS(AVX2))
		return stripes_avx2(h, bytes);
#endif
	return stripes_plain(h, bytes);
}

/* As many stripes as leave a block for each lane at least; gives how many bytes these are. */
static size_t stripes(struct state s[LANES], struct span bytes)
{
	lanes h[8];
	for (unsigned i = 0; i < 8; i++)
		for (unsigned k = 0; k < LANES; k++)
			h[i][k] = s[k].h[i];
	size_t at = stripes_widest(h, bytes);
	for (unsigned k = 0; k < LANES; k++) {
		for (unsigned i = 0; i < 8; i++)
			s[k].h[i] = h[i][k];
		s[k].n = at / LANES;
	}
	return at;
}

void blake2sp(struct span bytes, uint8_t digest[BLAKE2SP_SIZE])
{
	struct state lane[LANES], root = begin(0, 1);
	uint8_t given[LANES * BLAKE2SP_SIZE];
	for (unsigned k = 0; k < LANES; k++)
		lane[k] = begin(k, 0);
	lane[LANES - 1].last_node = root.last_node = true;
	size_t done = stripes(lane, bytes);
	for (unsigned k = 0; k < LANES; k++) {
		struct span first = span_clip(bytes, done + k * BLOCK, BLOCK),
					second = span_clip(bytes, done + STRIPE + k * BLOCK, BLOCK);
		one_block(&lane[k], first.p, first.n, !second.n);
		if (second.n)
			one_block(&lane[k], second.p, second.n, true);
		digest_put(&lane[k], given + k * BLAKE2SP_SIZE);
	}
	for (unsigned at = 0; at < sizeof given; at += BLOCK)
		one_block(&root, given + at, BLOCK, at + BLOCK == sizeof given);
	digest_put(&root, digest);
}
