/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs that no row covers yet: for each symbol the set of symbols it is still to meet. All parameters of a row are looked at
 * at once, which is what makes models of ten thousand parameters possible. */
#ifndef ASSAY_COMBOS_OPEN_PAIRS_H
#define ASSAY_COMBOS_OPEN_PAIRS_H

#include "combos/space.h"

struct open_pairs {
	uint32_t words;
	uint64_t *open;   /* symbol * words: the symbols of other parameters */
	uint64_t *chosen; /* symbols of the row at hand */
};

/* All pairs are open. False when out of memory. */
bool open_pairs_new(struct open_pairs *o, const struct space *space) MUST_USE;
void open_pairs_free(struct open_pairs *o);

/* Bytes that open_pairs_new() takes. */
uint64_t open_pairs_bytes(const struct space *space);

/* Pairs of the symbol and what is chosen that are open. */
uint32_t open_pairs_gain(const struct open_pairs *o, uint32_t symbol);

/* Whether the row, of symbols, has open pairs; closes them. */
bool open_pairs_needs(struct open_pairs *o, const uint16_t *row, uint32_t k);
void open_pairs_cover(struct open_pairs *o, const uint16_t *row, uint32_t k);

/* Closes one. */
void open_pairs_close(struct open_pairs *o, uint32_t a, uint32_t b);

/* The first symbol from `from` on that is open with that one; UINT32_MAX when there is none. */
uint32_t open_pairs_next(const struct open_pairs *o, uint32_t symbol, uint32_t from);

#endif
