/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One search on one array, which owns all that it changes: several go on at the same time. */
#ifndef ASSAY_COMBOS_WALK_H
#define ASSAY_COMBOS_WALK_H

#include "combos/search.h"

struct walk {
	const struct space *space;
	uint64_t *const *invalid;
	struct feasible *feasible;
	struct cover cover;
	struct search search;
	uint32_t kept;
	uint16_t *best;      /* rows of symbols */
	uint32_t nbest, lower;
	uint64_t random;
	bool done;           /* nothing is to be won any more */
	bool failed;         /* lost too much, or out of memory */
};

/* Asked every few steps whether to go on. */
typedef bool walk_on(void *context, const struct walk *walk);

/* Begins with these rows of symbols, of which the first `kept` stay as they are, and which cover everything. `invalid` as for
 * cover_new(). False when out of memory. */
bool walk_new(struct walk *w, const struct space *space, uint64_t *const *invalid, const uint16_t *rows, uint32_t nrows, uint32_t kept,
			  uint32_t lower, uint64_t random) MUST_USE;
void walk_free(struct walk *w);

/* Goes on from these rows, which are its best or fewer than that, even if it has failed. */
void walk_adopt(struct walk *w, const uint16_t *rows, uint32_t nrows);

/* At most so many steps. */
void walk_run(struct walk *w, uint64_t steps, walk_on *on, void *context);

#endif
