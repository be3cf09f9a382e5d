/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local search: a covering array loses a row, and what is then missing is won back by changing cells. */
#ifndef ASSAY_COMBOS_SEARCH_H
#define ASSAY_COMBOS_SEARCH_H

#include "combos/cover.h"
#include "combos/feasible.h"

struct search {
	struct cover *cover;
	struct feasible *feasible;
	uint64_t random;
	uint32_t kept;     /* the first rows, which are not changed */
	uint64_t step;
	uint64_t *changed; /* row * k + parameter: the step of its last change */
	uint16_t *repaired; /* scratch: two rows */
	uint32_t *gain;    /* scratch, of each row */
	uint64_t *rows;    /* scratch: a set of rows */
};

/* Prepares a search over a cover whose first `kept` rows may not change. False when out of memory; it is freed then. */
bool search_new(struct search *s, struct cover *cover, struct feasible *feasible, uint32_t kept, uint64_t seed) MUST_USE;
void search_free(struct search *s);

/* Takes a row out of an array that misses nothing. False when none may go. */
bool search_shrink(struct search *s);

/* Makes one move; something must be missing. */
void search_step(struct search *s);

#endif
