/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells of the starters are changed one by one, and what a change makes worse is kept the less often the longer the search
 * lasts. How often each class is found is counted as the cells change. */
#include "combos/seed_anneal.h"

#include <string.h>

#include "combos/random.h"
#include "combos/seed_field.h"

/* A set of columns that holds a column, and what a value there counts in the tuple's number. */
struct place {
	uint32_t set, weight;
};

struct annealing {
	const struct plan *plan;
	const struct field *field; /* NULL: columns rotate */
	struct values values;
	uint32_t columns, t;
	uint32_t nsets;
	uint32_t *class_of; /* of each set of columns: its class, times the number of classes of tuples */
	uint32_t *place_of; /* of each column the first of its places; behind the last one the number of all */
	struct place *places;
	uint16_t *cells;  /* starter * columns + column */
	uint16_t *tuples; /* starter * nsets + set: number of the tuple there */
	uint16_t *count;  /* class of columns and tuples: how often it is found */
	uint32_t missing;
	uint64_t random, effort;
	struct seed_budget budget;
	bool stopped;
};

uint32_t plan_columns(const struct plan *p)
{
	return p->length * p->blocks + p->still;
}

uint64_t plan_sets(const struct plan *p, uint32_t t)
{
	uint64_t c = 1;
	for (uint32_t i = 0; i < t; i++)
		c = c * (plan_columns(p) - i) / (i + 1);
	return c;
}

/* Where the column comes to when that element is added to its place within its block. */
static uint32_t shifted(const struct annealing *a, uint32_t column, uint32_t by)
{
	uint32_t n = a->plan->length, at = column % n;
	if (column >= n * a->plan->blocks)
		return column;
	return column - at + (a->field ? a->field->add[at][by] : (at + by) % n);
}

static bool next_set(uint32_t *set, uint32_t t, uint32_t n)
{
	uint32_t i = t;
	while (i > 0 && set[i - 1] == n - t + i - 1)
		i--;
	if (i == 0)
		return false;
	set[i - 1]++;
	for (; i < t; i++)
		set[i] = set[i - 1] + 1;
	return true;
}

/* Number of a set of columns in any order, for the table of those that were seen. */
static size_t number_of(const uint32_t *set, uint32_t t, uint32_t n)
{
	uint32_t sorted[COMBOS_STRENGTH_MAX];
	size_t number = 0;
	for (uint32_t i = 0; i < t; i++) {
		uint32_t j = i;
		for (; j > 0 && sorted[j - 1] > set[i]; j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = set[i];
	}
	for (uint32_t i = 0; i < t; i++)
		number = number * n + sorted[i];
	return number;
}

/* All images of the first set of each class of sets of columns, some of them more than once: what a shifted starter has in the
 * set's columns the starter has in the image's. `order` gets t columns an image. */
static bool class_sets(struct annealing *a, uint32_t *order, uint32_t room, struct arena *arena)
{
	uint32_t n = a->columns, t = a->t, set[COMBOS_STRENGTH_MAX], classes = 0, found = 0;
	size_t all = 1;
	for (uint32_t i = 0; i < t; i++) {
		set[i] = i;
		all *= n;
	}
	uint8_t *seen = all < (1u << 28) ? ARENA_ARRAY(arena, uint8_t, all) : NULL;
	if (!seen)
		return false;
	do {
		if (seen[number_of(set, t, n)])
			continue;
		for (uint32_t by = 0; by < a->plan->length && found < room; by++) {
			uint32_t *image = order + (size_t)found * t;
			for (uint32_t i = 0; i < t; i++)
				image[i] = shifted(a, set[i], by);
			seen[number_of(image, t, n)] = 1;
			a->class_of[found++] = classes * a->values.nclasses;
		}
		classes++;
	} while (next_set(set, t, n));
	a->nsets = found;
	a->count = ARENA_ARRAY(arena, uint16_t, (size_t)classes * a->values.nclasses);
	a->missing = classes * a->values.nclasses;
	return a->count;
}

static bool index_places(struct annealing *a, const uint32_t *order, struct arena *arena)
{
	uint32_t total = a->nsets * a->t, n = 0;
	a->place_of = ARENA_ARRAY(arena, uint32_t, (size_t)a->columns + 1);
	a->places = ARENA_ARRAY(arena, struct place, total);
	if (!a->place_of || !a->places)
		return false;
	for (uint32_t i = 0; i < total; i++)
		a->place_of[order[i] + 1]++;
	for (uint32_t c = 0; c < a->columns; c++)
		a->place_of[c + 1] += a->place_of[c];
	uint32_t *at = ARENA_ARRAY(arena, uint32_t, a->columns);
	a->tuples = ARENA_ARRAY(arena, uint16_t, (size_t)a->plan->starters * a->nsets);
	if (!at || !a->tuples)
		return false;
	memcpy(at, a->place_of, a->columns * sizeof *at);
	for (uint32_t s = 0; s < a->nsets; s++)
		for (uint32_t i = 0, weight = 1; i < a->t; i++, weight *= a->values.v)
			a->places[at[order[n++]]++] = (struct place){ s, weight };
	return true;
}

static bool annealing_new(struct annealing *a, const struct plan *plan, uint32_t v, uint32_t t, struct arena *arena)
{
	*a = (struct annealing){ .plan = plan, .columns = plan_columns(plan), .t = t };
	uint32_t room = (uint32_t)plan_sets(plan, t) * t;
	a->class_of = ARENA_ARRAY(arena, uint32_t, room);
	uint32_t *order = ARENA_ARRAY(arena, uint32_t, (size_t)room * t);
	a->cells = ARENA_ARRAY(arena, uint16_t, (size_t)plan->starters * a->columns);
	a->field = plan->elementary ? field_new(plan->length, arena) : NULL;
	return a->class_of && order && (a->field || !plan->elementary) && a->cells &&
		   values_new(&a->values, plan->kind, v, plan->fixed, plan->cycles, t, arena) &&
		   class_sets(a, order, room, arena) && index_places(a, order, arena);
}

static void count_all(struct annealing *a)
{
	for (uint32_t i = 0; i < a->plan->starters; i++)
		for (uint32_t s = 0; s < a->nsets; s++) {
			uint16_t class = a->values.class_of[0];
			a->tuples[(size_t)i * a->nsets + s] = 0;
			if (class != CLASS_NONE && a->count[a->class_of[s] + class]++ == 0)
				a->missing--;
		}
}

/* The starter's cell becomes that value: by how many classes more are missing then. */
static int32_t put(struct annealing *a, uint32_t starter, uint32_t column, uint32_t value)
{
	uint16_t *cell = &a->cells[(size_t)starter * a->columns + column];
	uint32_t difference = value - *cell;
	uint16_t *tuples = a->tuples + (size_t)starter * a->nsets;
	int32_t more = 0;
	for (uint32_t i = a->place_of[column]; i < a->place_of[column + 1]; i++) {
		struct place p = a->places[i];
		uint32_t before = a->values.class_of[tuples[p.set]];
		tuples[p.set] = (uint16_t)(tuples[p.set] + difference * p.weight);
		uint32_t after = a->values.class_of[tuples[p.set]];
		uint16_t *count = a->count + a->class_of[p.set];
		if (before != CLASS_NONE)
			more += --count[before] == 0;
		if (after != CLASS_NONE)
			more -= count[after]++ == 0;
	}
	*cell = (uint16_t)value;
	a->effort += a->place_of[column + 1] - a->place_of[column];
	return more;
}

/* The column at the opposite place. */
static uint32_t mirror_of(const struct annealing *a, uint32_t column)
{
	const struct plan *p = a->plan;
	uint32_t at = column % p->length, opposite = (p->length - at) % p->length;
	if (!p->mirrored || column >= p->length * p->blocks)
		return column;
	for (uint32_t x = 0; a->field && x < p->length; x++)
		if (a->field->add[x][at] == 0)
			opposite = x;
	return column - at + opposite;
}

static int32_t change(struct annealing *a, uint32_t starter, uint32_t column, uint32_t value)
{
	uint32_t mirror = mirror_of(a, column);
	int32_t more = put(a, starter, column, value);
	return mirror == column ? more : more + put(a, starter, mirror, value);
}

/* Cools down once: the chance that a change for the worse by one is kept falls from one in 5 to one in 50 (measured). */
static bool cool(struct annealing *a, uint64_t until, double fall)
{
	double chance = 0.2;
	uint32_t cells = a->plan->starters * a->columns, v = a->values.v;
	while (a->missing && chance > 0.02 && a->effort < until) {
		a->stopped = a->budget.on && !a->budget.on(a->budget.context);
		if (a->stopped)
			return false;
		for (uint32_t i = 0; i < cells * v && a->missing; i++) {
			uint32_t at = random_below(&a->random, cells), starter = at / a->columns, column = at % a->columns;
			uint32_t old = a->cells[at], value = random_below(&a->random, v - 1);
			int32_t more = change(a, starter, column, value + (value >= old));
			double keep = 1;
			for (int32_t j = 0; j < more && keep > 1e-6; j++)
				keep *= chance;
			if (more > 0 && (double)(random_next(&a->random) >> 11) * 0x1p-53 >= keep)
				change(a, starter, column, old);
			else
				a->missing += (uint32_t)more;
		}
		chance *= fall;
	}
	return a->missing == 0;
}

static bool anneal(struct annealing *a, uint64_t effort)
{
	count_all(a);
	for (double fall = 0.9; a->effort < effort && !a->stopped; fall = fall < 0.98 ? 1 - (1 - fall) / 2 : fall)
		if (cool(a, effort, fall))
			return true;
	return a->missing == 0;
}

/* All images of the starters, and the rows beside them. */
static bool expand(const struct annealing *a, const struct seed *beside, uint32_t k, struct seed *seed,
				   struct arena *arena)
{
	const struct plan *p = a->plan;
	const struct values *g = &a->values;
	uint32_t same = p->kind != GROUP_CYCLIC ? g->v : p->fixed == 1, n = 0;
	*seed = (struct seed){
		.k = k, .v = g->v, .t = a->t, .nrows = p->rows, .rows = ARENA_ARRAY(arena, uint16_t, (size_t)p->rows * k)
	};
	if (!seed->rows)
		return false;
	for (uint32_t by = 0; by < p->length; by++)
		for (uint32_t i = 0; i < p->starters * g->order; i++, n++)
			for (uint32_t c = 0; c < k; c++)
				seed->rows[(size_t)n * k + c] =
					g->images[i / p->starters * g->v +
							  a->cells[(size_t)(i % p->starters) * a->columns + shifted(a, c, by)]];
	for (uint32_t i = 0; i < same; i++, n++)
		for (uint32_t c = 0; c < k; c++)
			seed->rows[(size_t)n * k + c] = (uint16_t)(p->kind != GROUP_CYCLIC ? i : g->v - 1);
	for (uint32_t i = 0; i < beside->nrows * k; i++)
		seed->rows[(size_t)n * k + i] = (uint16_t)(beside->rows[i] + g->v - p->fixed);
	return true;
}

bool anneal_plan(struct anneal *task, struct plan *plan, struct seed *seed, struct arena *arena)
{
	struct arena *own = arena_new(256u << 20);
	struct annealing a;
	bool found = false;
	if (own && annealing_new(&a, plan, task->v, task->t, own)) {
		a.random = task->random;
		a.budget = task->budget;
		found = anneal(&a, task->budget.effort) && expand(&a, task->beside, task->k, seed, arena);
		plan->missing = a.missing;
		task->stopped = a.stopped;
		task->spent += a.effort + (uint64_t)a.nsets * a.t;
	} else {
		plan->rows = UINT32_MAX;
	}
	arena_free(own);
	return found;
}
