/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/seed.h"

#include "combos/seed_field.h"

uint32_t seed_least(uint32_t v, uint32_t t)
{
	uint64_t n = 1;
	for (uint32_t i = 0; i < t && n < UINT32_MAX; i++)
		n *= v;
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

void seed_fill(struct seed *seed)
{
	for (size_t i = 0; i < (size_t)seed->nrows * seed->k; i++)
		if (seed->rows[i] >= seed->v)
			seed->rows[i] = 0;
}

/* The smaller of the two. */
static bool take(struct seed *best, bool found, const struct seed *other, uint32_t below)
{
	if (other->nrows >= (found ? best->nrows : below))
		return found;
	*best = *other;
	return true;
}

static bool pairs_without_search(struct seed *seed, uint32_t k, uint32_t v, uint32_t below, struct arena *arena)
{
	struct seed other;
	bool found = false, made = false;
	if (v == 2)
		return seed_binary(&other, k, arena) && take(seed, false, &other, below);
	for (uint32_t q = v; q <= FIELD_MAX && q * q <= (uint64_t)below + q && !found; q++)
		if (seed_projection(&other, k, v, q, arena))
			found = take(seed, found, &other, below);
	for (uint32_t q = v; q <= FIELD_MAX && !made; q++) {
		made = seed_product(&other, k, q, arena);
		found = made ? take(seed, found, &other, below) : found;
	}
	if (seed_table(&other, k, v, 2, found ? seed->nrows : below, arena))
		found = take(seed, found, &other, below);
	return found;
}

static bool doubled_without_search(struct seed *seed, uint32_t k, uint32_t v, uint32_t below, struct arena *arena)
{
	struct seed triples, pairs;
	uint32_t half = (k + 1) / 2;
	if (half < 3 || !seed_without_search(&triples, half, v, 3, below, arena) ||
		!seed_without_search(&pairs, half, v, 2, below, arena))
		return false;
	seed_fill(&triples);
	seed_fill(&pairs);
	return seed_double(seed, k, &triples, &pairs, arena);
}

static bool triples_without_search(struct seed *seed, uint32_t k, uint32_t v, uint32_t below, struct arena *arena)
{
	struct seed other;
	bool found = false, made = false;
	if (v == 2 && seed_plane(&other, k, arena))
		found = take(seed, found, &other, below);
	for (uint32_t q = v; q <= FIELD_MAX && seed_least(q, 3) < below && !made; q++) {
		made = seed_register(&other, k, q, arena);
		found = made ? take(seed, found, &other, below) : found;
	}
	if (seed_table(&other, k, v, 3, found ? seed->nrows : below, arena))
		found = take(seed, found, &other, below);
	if (doubled_without_search(&other, k, v, found ? seed->nrows : below, arena))
		found = take(seed, found, &other, below);
	return found;
}

bool seed_without_search(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t below, struct arena *arena)
{
	struct seed other;
	bool found = false, more;
	for (uint32_t q = v; q <= FIELD_MAX && seed_least(q, t) < below && !found; q++)
		if (seed_bush(&other, k, q, t, arena))
			found = take(seed, found, &other, below);
	if (found)
		below = seed->nrows;
	more = t == 2   ? pairs_without_search(&other, k, v, below, arena)
		   : t == 3 ? triples_without_search(&other, k, v, below, arena)
					: false;
	if (more)
		*seed = other;
	seed->v = v;
	return found || more;
}

/* By search where that gives fewer rows. */
static bool seed_best(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t below, struct seed_budget budget,
					  uint64_t random, struct arena *arena)
{
	struct seed other;
	bool found = seed_without_search(seed, k, v, t, below, arena);
	if ((!found || seed->nrows > seed_least(v, t)) && (v > 2 || t > 2) &&
		seed_starter(&other, k, v, t, found ? seed->nrows : below, budget, random, arena))
		found = take(seed, found, &other, below);
	if (found)
		seed_fill(seed);
	return found;
}

/* Twice the columns of arrays that are sought. */
static bool seek_double(struct seed *seed, uint32_t k, uint32_t v, uint32_t below, struct seed_budget budget,
						uint64_t random, struct arena *arena)
{
	struct seed triples, pairs, other;
	uint32_t half = (k + 1) / 2;
	budget.effort /= 2;
	return half > 3 && seed_best(&triples, half, v, 3, below, budget, random, arena) &&
		   seed_best(&pairs, half, v, 2, below, budget, random, arena) &&
		   seed_double(&other, k, &triples, &pairs, arena) && take(seed, false, &other, below);
}

/* Rows that cannot be saved: all combinations of the t largest parameters. */
static uint64_t least_rows(const struct space *space, uint32_t t)
{
	uint64_t least = 1;
	uint32_t above = UINT32_MAX;
	for (uint32_t left = t; left > 0;) {
		uint32_t largest = 0, n = 0;
		for (uint32_t p = 0; p < space->k; p++) {
			uint32_t levels = space->model->levels[p];
			if (levels > largest && levels < above)
				largest = levels;
		}
		for (uint32_t p = 0; p < space->k; p++)
			n += space->model->levels[p] == largest;
		above = largest;
		for (; n > 0 && left > 0; n--, left--)
			least *= largest;
		if (largest == 0)
			break;
	}
	return least;
}

static uint32_t largest_level(const struct space *space)
{
	uint32_t v = 0;
	for (uint32_t p = 0; p < space->k; p++)
		if (space->model->levels[p] > v)
			v = space->model->levels[p];
	return v;
}

static uint32_t with_levels(const struct space *space, uint32_t v)
{
	uint32_t n = 0;
	for (uint32_t p = 0; p < space->k; p++)
		n += space->model->levels[p] == v;
	return n;
}

/* Values that a parameter has not are open. */
static void fit(struct seed *seed, const struct space *space)
{
	for (size_t i = 0; i < (size_t)seed->nrows * seed->k; i++)
		if (seed->rows[i] >= space->model->levels[i % seed->k])
			seed->rows[i] = SEED_OPEN;
}

/* Starters for all columns, and where triples could be had so, for half of them. */
static bool seek(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t below, struct seed_budget budget,
				 uint64_t random, struct arena *arena)
{
	struct seed other;
	bool found = false, doubles = t == 3 && v * v * (2 * v - 1) < below;
	struct seed_budget part = budget;
	uint32_t q = v;
	while (q < FIELD_MAX && !field_exists(q))
		q++;
	part.effort /= 4;
	if (t > 2 && seed_hash(&other, k, q, t, below, part, random, arena)) {
		found = take(seed, found, &other, below);
		below = seed->nrows;
	}
	budget.effort /= doubles ? 2 : 1;
	if (seed_starter(&other, k, v, t, below, budget, random, arena))
		found = take(seed, found, &other, below);
	if (doubles && seek_double(&other, k, v, found ? seed->nrows : below, budget, random, arena))
		found = take(seed, found, &other, below);
	return found;
}

bool seed_for(struct seed *seed, const struct space *space, uint32_t below, struct seed_budget budget, uint64_t random,
			  struct arena *arena)
{
	uint32_t v = largest_level(space), t = space->groups[0].strength;
	uint64_t least = least_rows(space, t);
	if (t < 2 || v < 2)
		return false;
	bool found = seed_without_search(seed, space->k, v, t, below, arena);
	/* Nothing is to be won where the array has as few rows as any can, or where values differ much. */
	bool optimal = found && (seed->nrows == least || (v == 2 && t == 2));
	if (budget.effort && !optimal && below > least && 3 * with_levels(space, v) >= 2 * space->k)
		found |= seek(seed, space->k, v, t, found ? seed->nrows : below, budget, random, arena);
	if (found)
		fit(seed, space);
	return found;
}
