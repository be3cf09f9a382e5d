/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows to begin with, by construction: for models whose parameters have the same number of values, or nearly so. */
#ifndef ASSAY_COMBOS_SEED_H
#define ASSAY_COMBOS_SEED_H

#include "combos/space.h"

/* A cell that may be anything. */
#define SEED_OPEN UINT16_MAX

/* Rows that cover all tuples of t of the k columns, each of v values (or fewer where cells are open). */
struct seed {
	uint32_t k, v, t;
	uint32_t nrows;
	uint16_t *rows; /* row by row, values from 0 on */
};

/* Each of these: false when there is none for k columns, or no memory; the rows are in the arena. */

/* Orthogonal array: q^t rows for up to q + 1 columns of q values, q a power of a prime (Bush: Orthogonal arrays of index
 * unity, 1952). */
bool seed_bush(struct seed *seed, uint32_t k, uint32_t q, uint32_t t, struct arena *arena) MUST_USE;

/* Pairs of two values: C(n - 1, ceil(n / 2)) columns in n rows, which is optimal (Kleitman, Spencer: Families of
 * k-independent sets, 1973; Katona 1973). */
bool seed_binary(struct seed *seed, uint32_t k, struct arena *arena) MUST_USE;

/* Arrays that permutations of values and of columns leave as they are, from starter rows that a search finds (Chateauneuf,
 * Colbourn, Kreher 1999; Meagher, Stevens 2005). `effort` counts looks at a tuple: the result depends on nothing else. Only
 * arrays with fewer rows than `below` are sought. */
bool seed_starter(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t below, uint64_t effort,
				  uint64_t random, struct arena *arena) MUST_USE;

/* The best of these for the model with its first group's strength, in the model's columns, with fewer rows than `below` as far
 * as values are not open. `effort` 0: only what needs no search. */
bool seed_for(struct seed *seed, const struct space *space, uint32_t below, uint64_t effort, uint64_t random,
			  struct arena *arena) MUST_USE;

#endif
