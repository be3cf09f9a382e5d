/* SPDX-License-Identifier: GPL-3.0-or-later */
/* splitmix64 (Steele, Lea, Flood 2014): small, and good enough to choose among moves. */
#ifndef ASSAY_COMBOS_RANDOM_H
#define ASSAY_COMBOS_RANDOM_H

#include <stdint.h>

/* The next number of the sequence that *state is at: SplitMix64. */
static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* Below n, which is not 0. */
static inline uint32_t random_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)((random_next(state) >> 32) * n >> 32);
}

#endif
