/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tuples of a group that no row covers yet, as a bit for each: a set bit is a tuple that is covered. For pairs alone
 * combos/open_pairs.h does the same faster. */
#ifndef ASSAY_COMBOS_OPEN_TUPLES_H
#define ASSAY_COMBOS_OPEN_TUPLES_H

#include "combos/space.h"

/* Whether the tuple of that number is in the set. */
static inline bool tuple_bit(const uint64_t *set, uint32_t number)
{
	return set[number / 64] >> number % 64 & 1;
}

/* Puts it in. */
static inline void tuple_mark(uint64_t *set, uint32_t number)
{
	set[number / 64] |= 1ull << number % 64;
}

/* Whether the row, of symbols, has open tuples; marks all of its tuples as covered. `positions` are all of the group, 0 on. */
bool open_tuples_need(const uint16_t *row, const struct group *g, uint64_t *covered, const uint32_t *positions);
void open_tuples_cover(const uint16_t *row, const struct group *g, uint64_t *covered, const uint32_t *positions);

/* How many tuples of the symbol, at position `at` of the group, and of the row's symbols at the n positions (ascending, `at` not
 * among them) are open. */
uint32_t open_tuples_gain(const uint16_t *row, const struct group *g, const uint64_t *covered, const uint32_t *positions, uint32_t n,
						  uint32_t at, uint32_t symbol);

#endif
