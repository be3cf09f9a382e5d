/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/open_pairs.h"

#include <stdlib.h>
#include <string.h>

static uint32_t words_of(const struct space *space)
{
	return (space->nsymbols + 63) / 64;
}

static uint64_t *of(const struct open_pairs *o, uint32_t symbol)
{
	return o->open + (size_t)symbol * o->words;
}

uint64_t open_pairs_bytes(const struct space *space)
{
	return ((uint64_t)space->nsymbols + 1) * words_of(space) * sizeof(uint64_t);
}

bool open_pairs_new(struct open_pairs *o, const struct space *space)
{
	*o = (struct open_pairs){ .words = words_of(space) };
	o->open = malloc((size_t)space->nsymbols * o->words * sizeof *o->open);
	o->chosen = calloc(o->words, sizeof *o->chosen);
	if (!o->open || !o->chosen) {
		open_pairs_free(o);
		return false;
	}
	for (uint32_t s = 0; s < space->nsymbols; s++) {
		uint64_t *open = of(o, s);
		uint32_t p = space->owner[s];
		memset(open, 0xff, o->words * sizeof *open);
		if (space->nsymbols % 64)
			open[o->words - 1] = (1ull << space->nsymbols % 64) - 1;
		for (uint32_t own = space->first[p]; own < space->first[p + 1]; own++)
			open[own / 64] &= ~(1ull << own % 64);
	}
	return true;
}

void open_pairs_free(struct open_pairs *o)
{
	free(o->open);
	free(o->chosen);
	*o = (struct open_pairs){ 0 };
}

/* Bits, two at a time, four at a time and so on (Warren, Hacker's Delight, 5-1): the builtin is a call where the processor may
 * not have the instruction. */
static inline uint64_t bits_of(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return x * 0x0101010101010101u >> 56;
}

uint32_t open_pairs_gain(const struct open_pairs *o, uint32_t symbol)
{
	const uint64_t *open = of(o, symbol);
	uint64_t n = 0;
	for (uint32_t w = 0; w < o->words; w++)
		n += bits_of(open[w] & o->chosen[w]);
	return (uint32_t)n;
}

static void choose_row(struct open_pairs *o, const uint16_t *row, uint32_t k)
{
	memset(o->chosen, 0, o->words * sizeof *o->chosen);
	for (uint32_t p = 0; p < k; p++)
		o->chosen[row[p] / 64] |= 1ull << row[p] % 64;
}

bool open_pairs_needs(struct open_pairs *o, const uint16_t *row, uint32_t k)
{
	choose_row(o, row, k);
	for (uint32_t p = 0; p < k; p++)
		for (uint32_t w = 0; w < o->words; w++)
			if (of(o, row[p])[w] & o->chosen[w])
				return true;
	return false;
}

void open_pairs_cover(struct open_pairs *o, const uint16_t *row, uint32_t k)
{
	choose_row(o, row, k);
	for (uint32_t p = 0; p < k; p++)
		for (uint32_t w = 0; w < o->words; w++)
			of(o, row[p])[w] &= ~o->chosen[w];
}

void open_pairs_close(struct open_pairs *o, uint32_t a, uint32_t b)
{
	of(o, a)[b / 64] &= ~(1ull << b % 64);
	of(o, b)[a / 64] &= ~(1ull << a % 64);
}

uint32_t open_pairs_next(const struct open_pairs *o, uint32_t symbol, uint32_t from)
{
	const uint64_t *open = of(o, symbol);
	for (uint32_t w = from / 64; w < o->words; w++) {
		uint64_t bits = open[w] & (w == from / 64 ? ~0ull << from % 64 : ~0ull);
		if (bits)
			return w * 64 + (uint32_t)__builtin_ctzll(bits);
	}
	return UINT32_MAX;
}
