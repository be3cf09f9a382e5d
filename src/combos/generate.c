/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "combos/open_pairs.h"
#include "combos/propagate.h"
#include "combos/seed.h"
#include "combos/start.h"
#include "combos/walk.h"

#define MEMORY_DEFAULT (2ull << 30)
/* Steps between exchanges of walks: so many over the number of tuples, within these. */
#define EPOCH_TUPLES 1000000000u
#define EPOCH_MIN 256u
#define EPOCH_MAX 16384u

struct generation {
	struct space space;
	const struct combos_options *options;
	struct feasible *feasible;
	struct start start;
	struct walk *walks;
	uint32_t nwalks, nthreads, lower;
	atomic_uint best; /* rows of the smallest array of any walk */
	atomic_bool stop, interrupted; /* the time is over, or the caller has had enough: then it has stopped, too */
	atomic_uint next; /* walk of this epoch */
	uint64_t epoch;   /* steps */
	double began;
};

static bool searches(const struct combos_options *o)
{
	return o->seconds > 0 || o->steps > 0;
}

/* Bytes for the first array, and for the searches on it when it has so many rows; 0: for the first array alone. */
static struct error check_memory(const struct generation *g, uint32_t rows)
{
	const struct space *s = &g->space;
	uint64_t limit = g->options->memory ? g->options->memory : MEMORY_DEFAULT;
	uint64_t walk =
		cover_bytes(s, rows, g->options->nrows) + (uint64_t)rows * s->k * (sizeof(uint64_t) + sizeof(uint16_t));
	bool pairs = s->ngroups == 1 && s->groups[0].strength == 2;
	uint64_t tuples = pairs ? s->ntuples / 8 + open_pairs_bytes(s) : s->ntuples / 4;
	uint64_t need =
		tuples + propagate_bytes(s) + 2ull * rows * s->k + (rows && searches(g->options) ? g->nwalks * walk : 0);
	if (need <= limit)
		return error_none();
	return error_at(
		ERR_BUDGET, 0,
		"%llu tuples and %u walks need %llu MiB of memory, %llu are allowed: a lower strength, fewer parameters, fewer walks or a higher limit",
		(unsigned long long)s->ntuples, g->nwalks, (unsigned long long)(need >> 20), (unsigned long long)(limit >> 20));
}

/* As many rows as the combinations of values of the largest parameters of each group, when these are not constrained, and as so
 * many columns of two values need. */
static uint32_t lower_bound(const struct space *space)
{
	uint64_t most = 1;
	for (uint32_t i = 0; i < space->ngroups; i++) {
		const struct group *g = &space->groups[i];
		uint32_t largest[COMBOS_STRENGTH_MAX] = { 0 }, several = 0;
		for (uint32_t q = 0; q < g->n; q++) {
			uint32_t levels = space->model->levels[g->parameters[q]];
			several += levels > 1;
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
		if (g->strength == 2 && several > 1 && seed_binary_rows(several) > product)
			product = seed_binary_rows(several);
		if (product > most)
			most = product;
	}
	return space->nclauses ? 1 : (uint32_t)most;
}

/* Tells the caller how far it has come. */
static void tell(struct generation *g, double passed)
{
	const struct combos_options *o = g->options;
	if (!o->progress || o->progress(o->context, atomic_load(&g->best), passed))
		return;
	atomic_store(&g->interrupted, true);
	atomic_store(&g->stop, true);
}

static bool go_on(void *context, const struct walk *w)
{
	struct generation *g = context;
	const struct combos_options *o = g->options;
	double passed = clock_seconds() - g->began;
	unsigned best = atomic_load(&g->best);
	while (w->nbest < best && !atomic_compare_exchange_weak(&g->best, &best, w->nbest))
		;
	/* Only the walk of the thread that called tells. */
	if (w == g->walks)
		tell(g, passed);
	if (!o->steps && passed >= o->seconds)
		atomic_store(&g->stop, true);
	return !atomic_load(&g->stop);
}

/* Walks of this epoch, as long as there are some. */
static void *run_walks(void *context)
{
	struct generation *g = context;
	for (;;) {
		uint32_t i = atomic_fetch_add(&g->next, 1);
		if (i >= g->nwalks)
			return NULL;
		walk_run(&g->walks[i], g->epoch, go_on, g);
	}
}

/* One epoch of every walk. Where a thread cannot be had the others do its walks. */
static void run_epoch(struct generation *g)
{
	pthread_t threads[COMBOS_WALKS_MAX];
	uint32_t n = 0;
	atomic_store(&g->next, 1);
	while (n + 1 < g->nthreads && n + 1 < g->nwalks && pthread_create(&threads[n], NULL, run_walks, g) == 0)
		n++;
	walk_run(&g->walks[0], g->epoch, go_on, g);
	run_walks(g);
	while (n > 0)
		pthread_join(threads[--n], NULL);
}

static const struct walk *best_walk(const struct generation *g)
{
	const struct walk *best = &g->walks[0];
	for (uint32_t i = 1; i < g->nwalks; i++)
		if (g->walks[i].nbest < best->nbest)
			best = &g->walks[i];
	return best;
}

/* Epochs take about the same time for any model: a step does more where there are more tuples. */
static uint64_t epoch_of(const struct space *space)
{
	uint64_t steps = EPOCH_TUPLES / (space->ntuples + 1);
	return steps < EPOCH_MIN ? EPOCH_MIN : steps > EPOCH_MAX ? EPOCH_MAX : steps;
}

static void improve(struct generation *g)
{
	uint64_t left = g->options->steps ? g->options->steps : UINT64_MAX;
	uint64_t epoch = epoch_of(&g->space);
	while (left > 0 && !atomic_load(&g->stop)) {
		g->epoch = left < epoch ? left : epoch;
		left -= g->epoch;
		run_epoch(g);
		const struct walk *best = best_walk(g);
		if (best->done)
			return;
		for (uint32_t i = 0; i < g->nwalks; i++)
			if (g->walks[i].nbest > best->nbest || g->walks[i].failed)
				walk_adopt(&g->walks[i], best->best, best->nbest);
		if (best->failed)
			return;
	}
}

static struct error give(const struct generation *g, struct arena *arena, struct combos_array *array)
{
	uint32_t k = g->space.k, nrows = g->nwalks && g->walks ? best_walk(g)->nbest : g->start.nrows;
	const uint16_t *rows = g->nwalks && g->walks ? best_walk(g)->best : g->start.rows;
	*array = (struct combos_array){ .nrows = nrows,
									.nparameters = k,
									.lower = g->lower,
									.tuples = g->space.ntuples - g->start.ninvalid,
									.invalid = g->start.ninvalid };
	array->values = ARENA_ARRAY(arena, uint16_t, (size_t)nrows * k);
	if (!array->values)
		return error_at(ERR_MEMORY, 0, "no memory for the result");
	for (size_t i = 0; i < (size_t)nrows * k; i++)
		array->values[i] = (uint16_t)(rows[i] - g->space.first[i % k]);
	return error_none();
}

/* Looks of the search for starter rows in a second's time and in a step's, about. */
#define EFFORT_SECOND 2e8
#define EFFORT_STEP 1e3
#define EFFORT_MAX 4e9
/* Steps of the first walk, so that no construction is sought that it beats. */
#define STEPS_BEFORE 2000u

/* A walk's question to the solver ends with the time. */
static bool solve_on(void *context)
{
	struct generation *g = context;
	return !atomic_load(&g->stop) && (g->options->steps || clock_seconds() - g->began < g->options->seconds);
}

/* Walks up to the n-th begin with these rows. */
static struct error start_walks(struct generation *g, uint32_t n, const uint16_t *rows, uint32_t nrows)
{
	const struct combos_options *o = g->options;
	for (uint32_t i = g->nwalks; i < n; g->nwalks = ++i) {
		uint64_t random = o->seed ^ 0x5851f42d4c957f2du ^ (uint64_t)i << 32;
		struct walk *w = &g->walks[i];
		if (!walk_new(w, &g->space, g->start.invalid, rows, nrows, o->nrows, g->lower, random))
			return error_at(ERR_MEMORY, 0, "no memory for %u walks over %u rows", n, nrows);
		feasible_watch(w->feasible, solve_on, g);
	}
	atomic_store(&g->best, nrows);
	return error_none();
}

static void end_walks(struct generation *g)
{
	for (uint32_t i = 0; g->walks && i < g->nwalks; i++)
		walk_free(&g->walks[i]);
	g->nwalks = 0;
}

/* The part of the time that constructions get. */
#define SEED_PART 0.6

static bool seek_on(void *context)
{
	struct generation *g = context;
	const struct combos_options *o = g->options;
	double passed = clock_seconds() - g->began;
	tell(g, passed);
	return !atomic_load(&g->stop) && (o->steps || passed < SEED_PART * o->seconds);
}

/* Replaces the first array by one that begins with a construction, when that is smaller. */
static struct error improve_start(struct generation *g, uint32_t below)
{
	const struct combos_options *o = g->options;
	struct arena *own = arena_new(1u << 30);
	struct seed seed;
	struct start other = { 0 };
	struct error e = error_none();
	double effort = o->steps ? (double)o->steps * EFFORT_STEP : o->seconds * EFFORT_SECOND;
	struct seed_budget budget = { (uint64_t)(effort < EFFORT_MAX ? effort : EFFORT_MAX), seek_on, g };
	if (own && seed_for(&seed, &g->space, below, budget, o->seed, own)) {
		e = start_new(&other, &g->space, g->feasible, o->rows, o->nrows, &seed, o->seed, NULL);
		if (!error_is(&e) && other.nrows < below) {
			struct start smaller = other;
			other = g->start;
			g->start = smaller;
		}
		start_free(&other, &g->space);
		if (feasible_given_up(g->feasible)) /* what there is is there */
			e = error_none();
	}
	arena_free(own);
	return e;
}

static struct error search_on(struct generation *g)
{
	uint32_t n = g->nwalks, before = g->start.nrows;
	g->nwalks = 0;
	g->walks = calloc(n, sizeof *g->walks);
	struct error e =
		g->walks ? start_walks(g, 1, g->start.rows, before) : error_at(ERR_MEMORY, 0, "no memory for %u walks", n);
	if (error_is(&e))
		return e;
	walk_run(&g->walks[0], STEPS_BEFORE, go_on, g);
	/* What needs no search is owed even when the time is over: without any time it would be had. */
	if (!g->walks[0].done && !atomic_load(&g->interrupted))
		e = improve_start(g, g->walks[0].nbest);
	if (error_is(&e) || g->walks[0].done)
		return e;
	if (g->start.nrows < before) {
		end_walks(g);
		if (atomic_load(&g->stop))
			return e;
		e = start_walks(g, n, g->start.rows, g->start.nrows);
	} else {
		e = start_walks(g, n, g->walks[0].best, g->walks[0].nbest);
	}
	if (!error_is(&e))
		improve(g);
	return e;
}

/* While the first array is made only the caller can end it: the time does not, as some array is owed. */
static bool start_on(void *context, uint32_t rows)
{
	const struct generation *g = context;
	return g->options->progress(g->options->context, rows, clock_seconds() - g->began);
}

/* So long as the solver seeks an answer, too. */
static bool asked_on(void *context)
{
	struct generation *g = context;
	if (!g->walks)
		atomic_store(&g->best, g->start.nrows);
	tell(g, clock_seconds() - g->began);
	return !atomic_load(&g->interrupted);
}

/* The first array. Where a construction has as few rows as there can be it is that at once. */
static struct error begin(struct generation *g)
{
	const struct combos_options *o = g->options;
	struct start_watch watch = { start_on, g };
	struct arena *own = arena_new(1u << 30);
	struct seed seed;
	bool optimal = own && g->space.nclauses == 0 && g->space.ngroups == 1 && o->nrows == 0 &&
				   seed_for(&seed, &g->space, g->lower + 1, (struct seed_budget){ 0 }, o->seed, own);
	struct error e = optimal ? error_none() : check_memory(g, 64);
	if (!error_is(&e))
		e = start_new(&g->start, &g->space, g->feasible, o->rows, o->nrows, optimal ? &seed : NULL, o->seed,
					  o->progress ? &watch : NULL);
	arena_free(own);
	return e;
}

static struct error generate(struct generation *g, struct arena *arena, struct combos_array *array)
{
	const struct combos_options *o = g->options;
	struct error e = check_memory(g, 0);
	if (error_is(&e))
		return e;
	g->lower = lower_bound(&g->space);
	g->feasible = feasible_new(&g->space);
	if (!g->feasible)
		return error_at(ERR_MEMORY, 0, "no memory for the solver");
	feasible_watch(g->feasible, asked_on, g);
	if (g->lower > START_ROWS_MAX)
		return error_at(ERR_BUDGET, 0, "at least %u rows are needed: %u are possible", g->lower, START_ROWS_MAX);
	e = begin(g);
	if (!error_is(&e) && !searches(o) && g->start.nrows > g->lower)
		e = improve_start(g, g->start.nrows);
	if (!error_is(&e) && searches(o) && g->start.nrows > g->lower) {
		e = check_memory(g, g->start.nrows);
		if (!error_is(&e))
			e = search_on(g);
	}
	return error_is(&e) ? e : give(g, arena, array);
}

static uint32_t at_least_one(uint32_t n, uint32_t most)
{
	return n == 0 ? 1 : n < most ? n : most;
}

struct error combos_generate(const struct combos_model *model, const struct combos_options *options,
							 struct arena *arena, struct combos_array *array)
{
	struct generation g = { .options = options, .began = clock_seconds() };
	g.nthreads = at_least_one(options->threads, COMBOS_WALKS_MAX);
	g.nwalks = options->walks ? at_least_one(options->walks, COMBOS_WALKS_MAX) : options->steps ? 1 : g.nthreads;
	struct arena *own = arena_new(1u << 30);
	struct error e = own ? space_new(model, options->strength, own, &g.space) : error_at(ERR_MEMORY, 0, "no memory");
	if (!error_is(&e))
		e = generate(&g, arena, array);
	end_walks(&g);
	free(g.walks);
	start_free(&g.start, &g.space);
	feasible_free(g.feasible);
	arena_free(own);
	return e;
}
