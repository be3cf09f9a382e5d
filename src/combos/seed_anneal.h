/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starters: few rows that stand for all their images under permutations of values and of columns. */
#ifndef ASSAY_COMBOS_SEED_ANNEAL_H
#define ASSAY_COMBOS_SEED_ANNEAL_H

#include "combos/seed.h"
#include "combos/seed_group.h"

/* How an array is made from starters. */
struct plan {
	enum values_group kind;
	uint32_t fixed;          /* values */
	uint32_t cycles;         /* of the others, under the cyclic group */
	uint32_t length, blocks; /* columns rotate within each block */
	bool elementary;         /* not the cyclic group: the field's of that many elements */
	bool still;              /* one more column that does not */
	bool mirrored;           /* columns at the same distance from a block's first one are equal in starters */
	uint32_t starters;
	uint32_t nclasses;
	uint32_t rows;
	double ease;      /* logarithm of how many random starters would do, for each cell */
	uint32_t missing; /* classes, in the last round */
};

/* A search for the starters of one plan. */
struct anneal {
	uint32_t k, v, t;
	const struct seed *beside; /* rows for the fixed values */
	struct seed_budget budget;
	uint64_t random;
	uint64_t spent; /* effort, added up over searches */
	bool stopped;   /* by the budget's question */
};

/* Columns of the array, and its sets of t of them. */
uint32_t plan_columns(const struct plan *p);
uint64_t plan_sets(const struct plan *p, uint32_t t);

/* Whether starters were found: then the array's first k columns are in the arena. The plan remembers what was missing; one
 * that does not fit into memory gets UINT32_MAX rows. */
bool anneal_plan(struct anneal *task, struct plan *plan, struct seed *seed, struct arena *arena) MUST_USE;

#endif
