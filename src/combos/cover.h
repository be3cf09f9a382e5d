/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An array in the making: its rows, how often each tuple is covered, and what each row alone covers.
 *
 * To change one cell costs time in the tuples that it is part of; what a change would be worth is then known at once:
 * `loss` says for each cell how many tuples no other row covers, and what would be won is among the uncovered tuples, of
 * which there are few. (TCA and FastCA count both anew for each change that they think of.)
 */
#ifndef ASSAY_COMBOS_COVER_H
#define ASSAY_COMBOS_COVER_H

#include "combos/space.h"

/* In `count`: no valid row holds the tuple. A valid row never touches it. */
#define COUNT_INVALID UINT16_MAX

struct missing {
	uint32_t group, number;
	uint32_t symbols[COMBOS_STRENGTH_MAX];
};

struct cover {
	const struct space *space;
	uint32_t nrows, capacity;
	uint32_t words;      /* of a set of rows */
	uint16_t *cell;      /* row * k + parameter: symbol */
	uint64_t *has;       /* symbol * words: the rows that have it */
	int32_t *loss;       /* row * k + parameter: tuples with this cell that only this row covers */
	uint32_t *alone;     /* row: tuples that only it covers */
	uint16_t *met;       /* row * nclauses + clause: how many parameters make it hold */
	uint16_t **count;    /* group, tuple: rows that cover it */

	bool listing;        /* `missing` is kept: there are few */
	struct missing *missing;
	uint32_t nmissing, missing_capacity;
	uint32_t *slot;      /* hash table of places in `missing`, plus 1 */
	uint32_t slot_mask;
	bool failed;         /* no memory for `missing` */
};

/* An empty array with room for so many rows. False when out of memory. */
bool cover_new(struct cover *c, const struct space *space, uint32_t capacity) MUST_USE;
void cover_free(struct cover *c);

/* Bytes that cover_new() would take. */
uint64_t cover_bytes(const struct space *space, uint32_t capacity);

/* Takes over rows and counts of another one of the same space, which has no more capacity. */
void cover_copy(struct cover *to, const struct cover *from);

/* Appends a row of symbols, which breaks no constraint. */
bool cover_add(struct cover *c, const uint16_t *symbols) MUST_USE;

/* Takes a row out; the last one gets its number. */
void cover_remove(struct cover *c, uint32_t row);

/* Makes parameter p of the row that symbol. */
void cover_set(struct cover *c, uint32_t row, uint32_t p, uint32_t symbol);

/* Lists what is missing. The tuples that no valid row holds must have been marked. */
bool cover_list(struct cover *c) MUST_USE;

/* Whether that change breaks no constraint. */
bool cover_allows(const struct cover *c, uint32_t row, uint32_t p, uint32_t symbol);

/* Whether the row would break no constraint with all of these symbols (of different parameters). */
bool cover_allows_all(const struct cover *c, uint32_t row, const uint32_t *symbols, uint32_t n);

static inline const uint64_t *rows_with(const struct cover *c, uint32_t symbol)
{
	return c->has + (size_t)symbol * c->words;
}

static inline uint16_t cell_at(const struct cover *c, uint32_t row, uint32_t p)
{
	return c->cell[(size_t)row * c->space->k + p];
}

#endif
