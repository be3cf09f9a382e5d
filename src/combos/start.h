/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A first covering array, made row by row. */
#ifndef ASSAY_COMBOS_START_H
#define ASSAY_COMBOS_START_H

#include "combos/feasible.h"
#include "combos/seed.h"

/* Rows of an array at most. */
#define START_ROWS_MAX 65000u

struct start {
	uint16_t *rows; /* of symbols */
	uint32_t nrows, capacity;
	uint64_t **covered; /* of each group a bit for each tuple that a row covers */
	uint64_t **invalid; /* of each group a bit for each tuple that no valid row holds; as far as was asked */
	uint64_t ninvalid;
};

/* Asked every now and then with the rows so far: false when the array is not wanted any more. */
struct start_watch {
	bool (*on)(void *context, uint32_t rows);
	void *context;
};

/* Makes rows until every tuple is covered or known to be in no valid row. `rows` (values within the parameter) come first,
 * and must be valid; then those of `seed` (NULL: there is none), in which what is open, or breaks a constraint, is chosen.
 * `watch` may be NULL; ERR_BUDGET when it says that nobody waits any more. */
struct error start_new(struct start *start, const struct space *space, struct feasible *feasible, const uint16_t *rows,
					   uint32_t nrows, const struct seed *seed, uint64_t random,
					   const struct start_watch *watch) MUST_USE;
void start_free(struct start *start, const struct space *space);

#endif
