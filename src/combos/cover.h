/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An array in the making: its rows, what each of them alone covers, and what is missing.
 *
 * What a change would be worth is known at once: `loss` says for each cell how many tuples no other row covers, and what
 * would be won is among the missing tuples, of which there are few. (TCA and FastCA count both anew for each change that they
 * think of.) To make a change, what counts is which tuples one other row covers, or none. How often a tuple is covered is
 * kept nowhere: all parameters that rows agree in are one set of bits, so that a few rows with the cell's symbol show for
 * all parameters at once that nothing changes.
 */
#ifndef ASSAY_COMBOS_COVER_H
#define ASSAY_COMBOS_COVER_H

#include "combos/space.h"

/* Of these there may be millions: symbols have 16 bits. */
struct missing {
	uint32_t group, number;
	uint16_t weight;
	uint16_t symbols[COMBOS_STRENGTH_MAX];
};

struct cover {
	const struct space *space;
	uint32_t nrows, capacity;
	uint32_t words;      /* of a set of rows */
	uint32_t stride;     /* cells of a row, with what fills it up */
	uint32_t masks;      /* words of a set of parameters */
	uint16_t *cell;      /* row * stride + parameter: symbol */
	uint64_t *has;       /* symbol * words: the rows that have it */
	uint8_t **weight;    /* of each group, of each tuple, what it counts beyond 1; NULL: each counts 1 */
	int32_t *loss;       /* row * k + parameter: weight of the tuples with this cell that only this row covers */
	uint32_t *alone;     /* row: weight of the tuples that only it covers */
	uint16_t *met;       /* row * nclauses + clause: how many parameters make it hold */
	uint64_t *member;    /* group * masks: its parameters */
	uint64_t *agree;     /* scratch, row * masks: the parameters in which it is as the row at hand */
	uint64_t *sets;      /* scratch: a set of rows for each level of a loop */
	uint64_t *seen;      /* scratch, 3 * masks for each level */

	uint64_t *const *invalid; /* of each group a bit for each tuple that no valid row holds; NULL: there is none */
	struct missing *missing;
	uint32_t nmissing, missing_capacity, missing_limit;
	uint32_t *slot;      /* hash table of places in `missing`, plus 1 */
	uint32_t slot_mask;
	bool failed;         /* more are missing than there may be, or no memory for them */
};

/* An empty array with room for so many rows, the first `kept` of which stay. `invalid` must outlive it. False when out of
 * memory. */
bool cover_new(struct cover *c, const struct space *space, uint32_t capacity, uint32_t kept, uint64_t *const *invalid) MUST_USE;
void cover_free(struct cover *c);

/* Bytes that it takes at most. */
uint64_t cover_bytes(const struct space *space, uint32_t capacity, uint32_t kept);

/* Appends a row of symbols, which breaks no constraint. What it covers that no row did must not be needed: `missing` is for
 * what rows have covered. */
bool cover_add(struct cover *c, const uint16_t *symbols) MUST_USE;

/* Takes a row out; the last one gets its number. */
void cover_remove(struct cover *c, uint32_t row);

/* Makes parameter p of the row that symbol. */
void cover_set(struct cover *c, uint32_t row, uint32_t p, uint32_t symbol);

/* The missing tuple of that place counts one more from now on, up to a limit. */
void cover_weigh(struct cover *c, uint32_t place);

/* Whether that change breaks no constraint. */
bool cover_allows(const struct cover *c, uint32_t row, uint32_t p, uint32_t symbol);

/* Whether the row would break no constraint with all of these symbols (of different parameters). */
bool cover_allows_all(const struct cover *c, uint32_t row, const uint32_t *symbols, uint32_t n);

/* The rows that hold a symbol, a bit for each. */
static inline const uint64_t *rows_with(const struct cover *c, uint32_t symbol)
{
	return c->has + (size_t)symbol * c->words;
}

/* The value of a parameter in a row. */
static inline uint16_t cell_at(const struct cover *c, uint32_t row, uint32_t p)
{
	return c->cell[(size_t)row * c->stride + p];
}

#endif
