/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "combos/search.h"
#include "combos/start.h"

#define MEMORY_DEFAULT (2ull << 30)
/* Steps between looks at the clock. */
#define STEPS 64u

struct generation {
	struct space space;
	const struct combos_options *options;
	struct feasible *feasible;
	struct start start;
	struct cover cover;
	struct search search;
	uint16_t *best;
	uint32_t nbest, lower;
	double began;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Bytes for the first array and the search on it, when it has so many rows. */
static struct error check_memory(const struct generation *g, uint32_t rows)
{
	uint64_t limit = g->options->memory ? g->options->memory : MEMORY_DEFAULT;
	uint64_t need = g->space.ntuples / 4 + cover_bytes(&g->space, rows);
	if (need <= limit)
		return error_none();
	return error_at(
		ERR_BUDGET, 0,
		"%llu tuples need %llu MiB of memory, %llu are allowed: a lower strength, fewer parameters or a higher limit",
		(unsigned long long)g->space.ntuples, (unsigned long long)(need >> 20), (unsigned long long)(limit >> 20));
}

/* As many rows as the combinations of values of the largest parameters of each group, when these are not constrained. */
static uint32_t lower_bound(const struct space *space)
{
	uint64_t most = 1;
	for (uint32_t i = 0; i < space->ngroups; i++) {
		const struct group *g = &space->groups[i];
		uint32_t largest[COMBOS_STRENGTH_MAX] = { 0 };
		for (uint32_t q = 0; q < g->n; q++) {
			uint32_t levels = space->model->levels[g->parameters[q]];
			for (uint32_t j = 0; j < g->strength; j++)
				if (levels > largest[j]) {
					uint32_t t = largest[j];
					largest[j] = levels;
					levels = t;
				}
		}
		uint64_t product = 1;
		for (uint32_t j = 0; j < g->strength; j++)
			product *= largest[j];
		if (product > most)
			most = product;
	}
	return space->nclauses ? 1 : (uint32_t)most;
}

static void keep_best(struct generation *g)
{
	uint32_t k = g->space.k;
	g->nbest = g->cover.nrows;
	for (uint32_t r = 0; r < g->nbest; r++)
		memcpy(g->best + (size_t)r * k, g->cover.cell + (size_t)r * g->cover.stride, k * sizeof *g->best);
}

static struct error fill_cover(struct generation *g)
{
	const struct start *s = &g->start;
	if (!cover_new(&g->cover, &g->space, s->nrows, s->invalid))
		return error_at(ERR_MEMORY, 0, "no memory for %u rows", s->nrows);
	for (uint32_t r = 0; r < s->nrows; r++)
		if (!cover_add(&g->cover, s->rows + (size_t)r * g->space.k))
			return error_at(ERR_MEMORY, 0, "no room for %u rows", s->nrows);
	g->best = malloc((size_t)s->nrows * g->space.k * sizeof *g->best);
	if (!g->best)
		return error_at(ERR_MEMORY, 0, "no memory for %u rows", s->nrows);
	keep_best(g);
	return error_none();
}

static bool go_on(const struct generation *g)
{
	double passed = now() - g->began;
	if (g->options->progress && !g->options->progress(g->options->context, g->nbest, passed))
		return false;
	return passed < g->options->seconds;
}

static void improve(struct generation *g)
{
	uint64_t steps = 0;
	while (!g->cover.failed) {
		if (g->cover.nmissing == 0) {
			if (g->cover.nrows < g->nbest)
				keep_best(g);
			if (g->nbest <= g->lower || !search_shrink(&g->search))
				return;
			continue;
		}
		if (++steps % STEPS == 0 && !go_on(g))
			break;
		search_step(&g->search);
	}
}

static struct error give(const struct generation *g, struct arena *arena, struct combos_array *array)
{
	uint32_t k = g->space.k;
	*array = (struct combos_array){ .nrows = g->nbest,
									.nparameters = k,
									.lower = g->lower,
									.tuples = g->space.ntuples - g->start.ninvalid,
									.invalid = g->start.ninvalid };
	array->values = ARENA_ARRAY(arena, uint16_t, (size_t)g->nbest * k);
	if (!array->values)
		return error_at(ERR_MEMORY, 0, "no memory for the result");
	for (size_t i = 0; i < (size_t)g->nbest * k; i++)
		array->values[i] = (uint16_t)(g->best[i] - g->space.first[i % k]);
	return error_none();
}

/* Looks of the search for starter rows in a second's time, about. */
#define EFFORT_SECOND 5e7
#define EFFORT_MAX 1e9

/* The first array, or that from a construction when it is smaller. */
static struct error make_start(struct generation *g)
{
	const struct combos_options *o = g->options;
	struct arena *own = arena_new(1u << 30);
	struct seed seed;
	struct start other = { 0 };
	struct error e = start_new(&g->start, &g->space, g->feasible, o->rows, o->nrows, NULL, o->seed);
	double effort = o->seconds * EFFORT_SECOND;
	if (!error_is(&e) && own &&
		seed_for(&seed, &g->space, (uint64_t)(effort < EFFORT_MAX ? effort : EFFORT_MAX), o->seed, own)) {
		e = start_new(&other, &g->space, g->feasible, o->rows, o->nrows, &seed, o->seed);
		if (!error_is(&e) && other.nrows < g->start.nrows) {
			struct start smaller = other;
			other = g->start;
			g->start = smaller;
		}
		start_free(&other, &g->space);
	}
	arena_free(own);
	return e;
}

static struct error generate(struct generation *g, struct arena *arena, struct combos_array *array)
{
	const struct combos_options *o = g->options;
	struct error e = check_memory(g, 64);
	if (error_is(&e))
		return e;
	g->feasible = feasible_new(&g->space);
	if (!g->feasible)
		return error_at(ERR_MEMORY, 0, "no memory for the solver");
	e = make_start(g);
	if (!error_is(&e))
		e = check_memory(g, g->start.nrows);
	if (!error_is(&e))
		e = fill_cover(g);
	if (!error_is(&e) && !search_new(&g->search, &g->cover, g->feasible, o->nrows, o->seed ^ 0x5851f42d4c957f2du))
		e = error_at(ERR_MEMORY, 0, "no memory for the search");
	if (error_is(&e))
		return e;
	g->lower = lower_bound(&g->space);
	if (o->seconds > 0)
		improve(g);
	return give(g, arena, array);
}

struct error combos_generate(const struct combos_model *model, const struct combos_options *options,
							 struct arena *arena, struct combos_array *array)
{
	struct generation g = { .options = options, .began = now() };
	struct arena *own = arena_new(1u << 30);
	struct error e = own ? space_new(model, options->strength, own, &g.space) : error_at(ERR_MEMORY, 0, "no memory");
	if (!error_is(&e))
		e = generate(&g, arena, array);
	search_free(&g.search);
	if (g.cover.space)
		cover_free(&g.cover);
	start_free(&g.start, &g.space);
	feasible_free(g.feasible);
	free(g.best);
	arena_free(own);
	return e;
}
