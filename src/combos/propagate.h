/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unit propagation: what the constraints say at once, without a search, when some symbols are chosen. */
#ifndef ASSAY_COMBOS_PROPAGATE_H
#define ASSAY_COMBOS_PROPAGATE_H

#include "combos/space.h"

struct propagate {
	const struct space *space;
	uint32_t nclauses;         /* the model's, and those that make a parameter have one value */
	uint32_t *literals;        /* of all clauses: 2 * symbol, and 1 more when negated */
	uint32_t *first;           /* of each clause; of nclauses the number of all */
	uint32_t *clauses;         /* that a literal is in, one literal after another */
	uint32_t *in;              /* of each literal its first; behind the last one the number of all */
	uint32_t *falsified;       /* of each clause: literals that are false now */
	int8_t *value;             /* of each symbol: 1 chosen or implied, -1 ruled out, 0 open */
	uint32_t *trail, ntrail;   /* literals that are true */
	bool conflict;
	uint64_t *implied;         /* of each symbol two sets of symbols: what it implies, what it rules out; NULL: not kept */
	uint32_t words;
};

/* False when out of memory. */
bool propagate_new(struct propagate *u, const struct space *space) MUST_USE;
void propagate_free(struct propagate *u);

/* Bytes that propagate_new() takes most of all. */
uint64_t propagate_bytes(const struct space *space);

/* Nothing is chosen any more. */
void propagate_reset(struct propagate *u);

/* Chooses the symbol. False when that contradicts what was chosen: then nothing more follows until the next reset. */
bool propagate_choose(struct propagate *u, uint32_t symbol);

/* True: no valid row holds all of these symbols, as two of them show. False says nothing. */
bool propagate_refutes(const struct propagate *u, const uint32_t *symbols, uint32_t n);

#endif
