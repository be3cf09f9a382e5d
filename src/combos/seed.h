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

/* How long a search for starter rows may take: it ends when it has looked at `effort` tuples, or when on(context), asked every
 * now and then, is false. What it finds by its effort depends on nothing else. */
struct seed_budget {
	uint64_t effort;
	bool (*on)(void *context); /* NULL: nobody is asked */
	void *context;
};

/* Each of these: false when there is none for k columns, or no memory; the rows are in the arena. */

/* Orthogonal array: q^t rows for up to q + 1 columns of q values, q a power of a prime (Bush: Orthogonal arrays of index
 * unity, 1952). */
bool seed_bush(struct seed *seed, uint32_t k, uint32_t q, uint32_t t, struct arena *arena) MUST_USE;

/* Pairs of two values: C(n - 1, ceil(n / 2)) columns in n rows, which is optimal (Kleitman, Spencer: Families of
 * k-independent sets, 1973; Katona 1973). */
bool seed_binary(struct seed *seed, uint32_t k, struct arena *arena) MUST_USE;

/* How many rows these are, for up to COMBOS_PARAMETERS_MAX columns: no array has fewer whatever more values its columns have. */
uint32_t seed_binary_rows(uint32_t k);

/* Pairs of v values in q^2 - c rows for up to q + 1 + c columns, where q = v + c is a power of a prime: of the orthogonal array
 * of q values c rows go, whose values then are no longer needed, and make room for c more columns (Colbourn: Strength two
 * covering arrays: existence tables and projection, 2008). */
bool seed_projection(struct seed *seed, uint32_t k, uint32_t v, uint32_t q, struct arena *arena) MUST_USE;

/* Pairs of q values in 2 q^2 - q rows for up to q^2 + 2 q columns, q a power of a prime: two orthogonal arrays, one below the
 * other, that share q rows (Colbourn, Martirosyan, Mullen, Shasha, Sherwood, Yucas: Products of mixed covering arrays of
 * strength two, 2006). */
bool seed_product(struct seed *seed, uint32_t k, uint32_t q, struct arena *arena) MUST_USE;

/* Triples of q values in 2 q^3 - 1 rows for up to q^2 + q + 1 columns, q a power of a prime (Raaphorst, Moura, Stevens: A
 * construction for strength-3 covering arrays from linear feedback shift register sequences, 2014). */
bool seed_register(struct seed *seed, uint32_t k, uint32_t q, struct arena *arena) MUST_USE;

/* Triples for k columns from an array of triples and one of pairs, of half the columns each (k odd: of one more), with the
 * former's rows and v - 1 times the latter's (Chateauneuf, Kreher: On the state of strength-three covering arrays, 2002). */
bool seed_double(struct seed *seed, uint32_t k, const struct seed *triples, const struct seed *pairs,
				 struct arena *arena) MUST_USE;

/* Triples of two values in 33 rows for up to 121 columns (after Colbourn, Torres-Jimenez: Heterogeneous hash families and
 * covering arrays, 2010). */
bool seed_plane(struct seed *seed, uint32_t k, struct arena *arena) MUST_USE;

/* Pairs or triples from what a search has found before, with fewer rows than `below`. */
bool seed_table(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t below, struct arena *arena) MUST_USE;

/* The smallest of all of these with fewer rows than `below`; values from v on may occur and mean nothing. */
bool seed_without_search(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t below,
						 struct arena *arena) MUST_USE;

/* v^t: no array has fewer rows; UINT32_MAX when it is more than that. */
uint32_t seed_least(uint32_t v, uint32_t t);

/* Values from seed->v on become 0. */
void seed_fill(struct seed *seed);

/* Empty rows for one of them. */
bool seed_room(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t nrows, struct arena *arena) MUST_USE;

/* Arrays that permutations of values and of columns leave as they are, from starter rows that a search finds (Chateauneuf,
 * Colbourn, Kreher 1999; Meagher, Stevens 2005). Only arrays with fewer rows than `below` are sought. */
bool seed_starter(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t below, struct seed_budget budget,
				  uint64_t random, struct arena *arena) MUST_USE;

/* Strength three and more of q values in 2 q^t - q rows or so, from vectors over the field that a search finds (Sherwood,
 * Martirosyan, Colbourn: Covering arrays of higher strength from permutation vectors, 2006). */
bool seed_hash(struct seed *seed, uint32_t k, uint32_t q, uint32_t t, uint32_t below, struct seed_budget budget,
			   uint64_t random, struct arena *arena) MUST_USE;

/* The best of these for the model with its first group's strength, in the model's columns, with fewer rows than `below` as far
 * as values are not open. No effort: only what needs no search. */
bool seed_for(struct seed *seed, const struct space *space, uint32_t below, struct seed_budget budget, uint64_t random,
			  struct arena *arena) MUST_USE;

#endif
