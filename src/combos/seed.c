/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/seed.h"

#include "combos/seed_field.h"

/* A construction with more rows than this many times the bound from the largest parameters is no good begin. */
#define WASTE 4u

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

bool seed_without_search(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t below, struct arena *arena)
{
	struct seed other;
	bool found = false;
	if (t == 2 && v == 2)
		return seed_binary(&other, k, arena) && take(seed, false, &other, below);
	for (uint32_t q = v; q <= FIELD_MAX && seed_least(q, t) <= (uint64_t)below + q && !found; q++) {
		if (seed_bush(&other, k, q, t, arena))
			found = take(seed, found, &other, below);
		if (t == 2 && seed_projection(&other, k, v, q, arena))
			found = take(seed, found, &other, below);
	}
	for (uint32_t q = v, done = 0; t == 2 && q <= FIELD_MAX && !done; q++)
		if (seed_product(&other, k, q, arena)) {
			found = take(seed, found, &other, below);
			done = 1;
		}
	if (t == 2 && seed_table(&other, k, v, found ? seed->nrows : below, arena))
		found = take(seed, found, &other, below);
	seed->v = v;
	return found;
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

bool seed_for(struct seed *seed, const struct space *space, uint32_t below, struct seed_budget budget, uint64_t random,
			  struct arena *arena)
{
	uint32_t v = largest_level(space), t = space->groups[0].strength;
	uint64_t least = least_rows(space, t);
	struct seed other;
	if (t < 2 || v < 2)
		return false;
	if (below > WASTE * least)
		below = (uint32_t)(WASTE * least + 1);
	bool found = seed_without_search(seed, space->k, v, t, below, arena);
	/* Nothing is to be won where the array has as few rows as any can, or where values differ much. */
	bool optimal = found && (seed->nrows == least || (v == 2 && t == 2));
	if (budget.effort && !optimal && below > least && 3 * with_levels(space, v) >= 2 * space->k) {
		if (found)
			below = seed->nrows;
		if (seed_starter(&other, space->k, v, t, below, budget, random, arena)) {
			*seed = other;
			found = true;
		}
	}
	if (found)
		fit(seed, space);
	return found;
}
