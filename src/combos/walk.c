/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/walk.h"

#include <stdlib.h>
#include <string.h>

#include "combos/random.h"

/* Steps between questions whether to go on. */
#define STEPS 64u

static void keep_best(struct walk *w)
{
	uint32_t k = w->space->k;
	w->nbest = w->cover.nrows;
	for (uint32_t r = 0; r < w->nbest; r++)
		memcpy(w->best + (size_t)r * k, w->cover.cell + (size_t)r * w->cover.stride, k * sizeof *w->best);
	w->done = w->nbest <= w->lower;
}

static bool begin(struct walk *w, const uint16_t *rows, uint32_t nrows)
{
	if (!cover_new(&w->cover, w->space, nrows, w->kept, w->invalid))
		return false;
	for (uint32_t r = 0; r < nrows; r++)
		if (!cover_add(&w->cover, rows + (size_t)r * w->space->k))
			return false;
	if (!search_new(&w->search, &w->cover, w->feasible, w->kept, random_next(&w->random)))
		return false;
	keep_best(w);
	return true;
}

bool walk_new(struct walk *w, const struct space *space, uint64_t *const *invalid, const uint16_t *rows, uint32_t nrows,
			  uint32_t kept, uint32_t lower, uint64_t random)
{
	*w = (struct walk){ .space = space, .invalid = invalid, .kept = kept, .lower = lower, .random = random };
	w->feasible = feasible_new(space);
	w->best = malloc((size_t)nrows * space->k * sizeof *w->best);
	if (w->feasible && w->best && begin(w, rows, nrows))
		return true;
	walk_free(w);
	return false;
}

void walk_free(struct walk *w)
{
	search_free(&w->search);
	if (w->cover.space)
		cover_free(&w->cover);
	feasible_free(w->feasible);
	free(w->best);
	*w = (struct walk){ 0 };
}

void walk_adopt(struct walk *w, const uint16_t *rows, uint32_t nrows)
{
	search_free(&w->search);
	cover_free(&w->cover);
	w->failed = !begin(w, rows, nrows);
}

void walk_run(struct walk *w, uint64_t steps, walk_on *on, void *context)
{
	for (uint64_t i = 0; i < steps && !w->done && !w->failed;) {
		if (w->cover.nmissing == 0) {
			if (w->cover.nrows < w->nbest)
				keep_best(w);
			if (!w->done && !search_shrink(&w->search))
				w->done = true;
			continue;
		}
		if (++i % STEPS == 0 && !on(context, w))
			return;
		search_step(&w->search);
		w->failed = w->cover.failed;
	}
}
