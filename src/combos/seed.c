/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/seed.h"

#include "combos/seed_field.h"

/* A construction with more rows than this many times the bound from the largest parameters is no good begin. */
#define WASTE 4u

static uint64_t power(uint32_t q, uint32_t t)
{
	uint64_t n = 1;
	for (uint32_t i = 0; i < t; i++)
		n *= q;
	return n;
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

bool seed_for(struct seed *seed, const struct space *space, uint32_t below, uint64_t effort, uint64_t random,
			  struct arena *arena)
{
	uint32_t v = largest_level(space), t = space->groups[0].strength, q = v;
	uint64_t least = least_rows(space, t);
	struct seed other;
	bool found = false;
	if (t < 2 || v < 2)
		return false;
	if (t == 2 && v == 2)
		found = seed_binary(seed, space->k, arena);
	while (q <= FIELD_MAX && !(field_exists(q) && space->k <= q + 1 + (t == 3 && q % 2 == 0)))
		q++;
	if (!found && q <= FIELD_MAX && power(q, t) <= WASTE * least)
		found = seed_bush(seed, space->k, q, t, arena);
	/* Nothing is to be won where the orthogonal array has as many values as the model, or where values differ much. */
	bool optimal = found && (seed->nrows == least || v == 2);
	if (effort && !optimal && below > least && 3 * with_levels(space, v) >= 2 * space->k) {
		if (found && seed->nrows < below)
			below = seed->nrows;
		if (seed_starter(&other, space->k, v, t, below, effort, random, arena)) {
			*seed = other;
			found = true;
		}
	}
	if (found)
		fit(seed, space);
	return found;
}
