/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row at a time, as AETG does (Cohen, Dalal, Fredman, Patton 1997): it begins with a tuple that is missing still, and each
 * further parameter takes the value that covers most of what is missing together with what the row has. On the way unit
 * propagation rules values out; the solver mends the row where that was not enough.
 */
#include "combos/start.h"

#include <stdlib.h>
#include <string.h>

#include "combos/open_pairs.h"
#include "combos/open_tuples.h"
#include "combos/propagate.h"
#include "combos/random.h"

/* Rows made, or tuples found to be in no row, between two questions whether to go on. */
#define WATCH_EVERY 16u

struct build {
	struct start *start;
	const struct space *space;
	struct feasible *feasible;
	const struct start_watch *watch; /* NULL: nobody is asked */
	uint32_t asked;                  /* tuples since the last question */
	uint64_t random;
	uint16_t *row; /* symbol of each parameter, where `set` */
	bool *set;
	struct propagate *propagate;
	uint32_t *order; /* parameters */
	uint32_t *gain;  /* of each value */
	struct open_pairs
		pairs; /* of the first group, when it is the only one and of strength 2: then this is what `covered` is else */
	bool in_pairs;
	uint32_t *before; /* positions within the group that are set, ascending */
};

static uint32_t positions_set(const struct build *b, const struct group *g)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < g->n; i++)
		if (b->set[g->parameters[i]])
			b->before[n++] = i;
	return n;
}

static void fix(struct build *b, uint32_t p, uint32_t symbol)
{
	b->row[p] = (uint16_t)symbol;
	b->set[p] = true;
	if (b->in_pairs)
		b->pairs.chosen[symbol / 64] |= 1ull << symbol % 64;
	propagate_choose(b->propagate, symbol);
}

static void gains_of(struct build *b, uint32_t p)
{
	uint32_t first = b->space->first[p], levels = b->space->first[p + 1] - first;
	memset(b->gain, 0, levels * sizeof *b->gain);
	for (uint32_t v = 0; b->in_pairs && v < levels; v++)
		b->gain[v] = open_pairs_gain(&b->pairs, first + v);
	if (b->in_pairs)
		return;
	for (uint32_t i = 0; i < b->space->ngroups; i++) {
		const struct group *g = &b->space->groups[i];
		if (g->position[p] < 0)
			continue;
		uint32_t n = positions_set(b, g);
		if (n + 1 < g->strength)
			continue;
		for (uint32_t v = 0; v < levels; v++)
			b->gain[v] += open_tuples_gain(b->row, g, b->start->covered[i], b->before, n, (uint32_t)g->position[p], first + v);
	}
}

/* The value of most gain that is not ruled out; among equal ones any. */
static void choose(struct build *b, uint32_t p)
{
	uint32_t first = b->space->first[p], levels = b->space->first[p + 1] - first, best = 0, equal = 0, open = 0;
	for (uint32_t v = 0; v < levels; v++)
		if (b->propagate->value[first + v] >= 0) {
			open++;
			best = v;
		}
	if (open == 1) {
		fix(b, p, first + best);
		return;
	}
	gains_of(b, p);
	for (uint32_t v = 0; v < levels; v++) {
		if (open && b->propagate->value[first + v] < 0)
			continue;
		if (equal == 0 || b->gain[v] > b->gain[best]) {
			best = v;
			equal = 1;
		} else if (b->gain[v] == b->gain[best] && random_below(&b->random, ++equal) == 0) {
			best = v;
		}
	}
	fix(b, p, first + best);
}

static bool clause_holds(const struct build *b, const struct combos_clause *clause)
{
	for (uint32_t i = 0; i < clause->n; i++) {
		uint32_t symbol = clause->literals[i].symbol;
		if ((b->row[b->space->owner[symbol]] == symbol) != clause->literals[i].negated)
			return true;
	}
	return false;
}

/* Changes what breaks a constraint, and not the tuple. */
static bool mend(struct build *b, const uint32_t *symbols, uint32_t n)
{
	uint32_t c = 0;
	while (c < b->space->nclauses && clause_holds(b, &b->space->model->clauses[c]))
		c++;
	if (c == b->space->nclauses)
		return true;
	for (uint32_t p = 0; p < b->space->k; p++)
		feasible_prefer(b->feasible, p, b->row[p]);
	if (!feasible_ask(b->feasible, symbols, n))
		return false;
	for (uint32_t p = 0; p < b->space->k; p++)
		if (feasible_minds(b->feasible, p))
			b->row[p] = (uint16_t)feasible_symbol(b->feasible, p);
	return true;
}

static bool keep_row(struct build *b)
{
	struct start *s = b->start;
	if (s->nrows == s->capacity) {
		uint32_t cap = s->capacity ? 2 * s->capacity : 64;
		uint16_t *v = cap > 2 * START_ROWS_MAX ? NULL : realloc(s->rows, (size_t)cap * b->space->k * sizeof *v);
		if (!v)
			return false;
		s->rows = v;
		s->capacity = cap;
	}
	memcpy(s->rows + (size_t)s->nrows++ * b->space->k, b->row, b->space->k * sizeof *b->row);
	if (b->in_pairs) {
		open_pairs_cover(&b->pairs, b->row, b->space->k);
		return true;
	}
	for (uint32_t i = 0; i < b->space->ngroups; i++) {
		const struct group *g = &b->space->groups[i];
		for (uint32_t q = 0; q < g->n; q++)
			b->before[q] = q;
		open_tuples_cover(b->row, g, s->covered[i], b->before);
	}
	return true;
}

static void clear_row(struct build *b)
{
	memset(b->set, 0, b->space->k * sizeof *b->set);
	if (b->in_pairs)
		memset(b->pairs.chosen, 0, b->pairs.words * sizeof *b->pairs.chosen);
	propagate_reset(b->propagate);
}

/* All parameters that are not set yet, in any order. */
static void complete_row(struct build *b)
{
	for (uint32_t i = b->space->k; i > 1; i--) {
		uint32_t j = random_below(&b->random, i), t = b->order[i - 1];
		b->order[i - 1] = b->order[j];
		b->order[j] = t;
	}
	for (uint32_t i = 0; i < b->space->k; i++)
		if (!b->set[b->order[i]])
			choose(b, b->order[i]);
}

/* A row that holds the tuple. */
static void make_row(struct build *b, const uint32_t *symbols, uint32_t n)
{
	clear_row(b);
	for (uint32_t i = 0; i < n; i++)
		fix(b, b->space->owner[symbols[i]], symbols[i]);
	complete_row(b);
}

/* Whether the row covers what no other does. */
static bool is_needed(struct build *b)
{
	if (b->in_pairs)
		return open_pairs_needs(&b->pairs, b->row, b->space->k);
	for (uint32_t i = 0; i < b->space->ngroups; i++) {
		const struct group *g = &b->space->groups[i];
		for (uint32_t q = 0; q < g->n; q++)
			b->before[q] = q;
		if (open_tuples_need(b->row, g, b->start->covered[i], b->before))
			return true;
	}
	return false;
}

/* The seed's rows, as far as the constraints let them be. */
static bool make_seeded(struct build *b, const struct seed *seed)
{
	for (uint32_t r = 0; r < seed->nrows; r++) {
		clear_row(b);
		for (uint32_t p = 0; p < b->space->k; p++) {
			uint32_t value = seed->rows[(size_t)r * seed->k + p], symbol = b->space->first[p] + value;
			if (value != SEED_OPEN && b->propagate->value[symbol] >= 0)
				fix(b, p, symbol);
		}
		complete_row(b);
		if (mend(b, NULL, 0) && is_needed(b) && !keep_row(b))
			return false;
	}
	return true;
}

static struct error interrupted(const struct start *s)
{
	return error_at(ERR_BUDGET, 0, "interrupted before the first array was complete, after %u rows", s->nrows);
}

/* A row for the tuple, unless no valid row holds it. */
static struct error complete_tuple(struct build *b, uint32_t group, uint32_t number, const uint32_t *symbols)
{
	struct start *s = b->start;
	uint32_t t = b->space->groups[group].strength;
	if (b->watch && ++b->asked >= WATCH_EVERY) {
		b->asked = 0;
		if (!b->watch->on(b->watch->context, s->nrows))
			return interrupted(s);
	}
	bool valid = !propagate_refutes(b->propagate, symbols, t);
	if (valid) {
		make_row(b, symbols, t);
		valid = mend(b, symbols, t);
	}
	if (!valid && feasible_given_up(b->feasible))
		return interrupted(s);
	if (!valid) {
		if (b->in_pairs)
			open_pairs_close(&b->pairs, symbols[0], symbols[1]);
		else
			tuple_mark(s->covered[group], number); /* nothing is to be won there */
		tuple_mark(s->invalid[group], number);
		s->ninvalid++;
	} else if (!keep_row(b)) {
		return error_at(ERR_BUDGET, 0, "more than %u rows, or no memory for them", START_ROWS_MAX);
	}
	return error_none();
}

static struct error complete_pairs(struct build *b)
{
	for (uint32_t s = 0; s < b->space->nsymbols; s++)
		for (uint32_t other = s; (other = open_pairs_next(&b->pairs, s, other)) != UINT32_MAX;) {
			uint32_t symbols[COMBOS_STRENGTH_MAX] = { s, other };
			struct error e = complete_tuple(b, 0, group_number(b->space->groups, symbols), symbols);
			if (error_is(&e))
				return e;
		}
	return error_none();
}

static struct error complete_group(struct build *b, uint32_t group)
{
	const struct group *g = &b->space->groups[group];
	struct start *s = b->start;
	uint32_t symbols[COMBOS_STRENGTH_MAX];
	for (uint32_t n = 0; n < g->ntuples; n++) {
		if (tuple_bit(s->covered[group], n))
			continue;
		group_tuple(b->space, g, n, symbols);
		struct error e = complete_tuple(b, group, n, symbols);
		if (error_is(&e))
			return e;
	}
	return error_none();
}

static bool build_new(struct build *b, struct arena *arena)
{
	uint32_t k = b->space->k, levels = 0;
	for (uint32_t p = 0; p < k; p++)
		if (b->space->model->levels[p] > levels)
			levels = b->space->model->levels[p];
	b->row = ARENA_ARRAY(arena, uint16_t, k);
	b->set = ARENA_ARRAY(arena, bool, k);
	b->order = ARENA_ARRAY(arena, uint32_t, k);
	b->gain = ARENA_ARRAY(arena, uint32_t, levels);
	b->before = ARENA_ARRAY(arena, uint32_t, k);
	for (uint32_t p = 0; b->order && p < k; p++)
		b->order[p] = p;
	b->in_pairs = b->space->ngroups == 1 && b->space->groups[0].strength == 2;
	return b->row && b->set && b->order && b->gain && b->before &&
		   (!b->in_pairs || open_pairs_new(&b->pairs, b->space));
}

static bool start_room(struct start *s, const struct space *space)
{
	s->covered = calloc(space->ngroups, sizeof *s->covered);
	s->invalid = calloc(space->ngroups, sizeof *s->invalid);
	bool ok = s->covered && s->invalid;
	for (uint32_t i = 0; ok && i < space->ngroups; i++) {
		size_t words = (size_t)space->groups[i].ntuples / 64 + 1;
		bool in_pairs = space->ngroups == 1 && space->groups[i].strength == 2;
		s->covered[i] = in_pairs ? NULL : calloc(words, sizeof **s->covered);
		s->invalid[i] = calloc(words, sizeof **s->invalid);
		ok = (in_pairs || s->covered[i]) && s->invalid[i];
	}
	return ok;
}

static struct error make_rows(struct build *b, const uint16_t *rows, uint32_t nrows, const struct seed *seed)
{
	for (uint32_t r = 0; r < nrows; r++) {
		for (uint32_t p = 0; p < b->space->k; p++)
			b->row[p] = (uint16_t)(b->space->first[p] + rows[(size_t)r * b->space->k + p]);
		if (!keep_row(b))
			return error_at(ERR_BUDGET, 0, "no memory for the rows");
	}
	if (seed && !make_seeded(b, seed))
		return error_at(ERR_BUDGET, 0, "no memory for the rows");
	for (uint32_t i = 0; i < b->space->ngroups; i++) {
		struct error e = b->in_pairs ? complete_pairs(b) : complete_group(b, i);
		if (error_is(&e))
			return e;
	}
	return error_none();
}

struct error start_new(struct start *start, const struct space *space, struct feasible *feasible, const uint16_t *rows,
					   uint32_t nrows, const struct seed *seed, uint64_t random,
					   const struct start_watch *watch)
{
	*start = (struct start){ 0 };
	struct arena *arena = arena_new(0);
	struct propagate propagate = { 0 };
	struct build b = {
		.start = start, .space = space, .feasible = feasible, .watch = watch, .random = random, .propagate = &propagate
	};
	struct error e = error_at(ERR_MEMORY, 0, "no memory for the first array");
	if (arena && propagate_new(&propagate, space) && build_new(&b, arena) && start_room(start, space))
		e = feasible_ask(feasible, NULL, 0)	   ? make_rows(&b, rows, nrows, seed)
			: feasible_given_up(feasible) ? interrupted(start)
										  : error_at(ERR_USAGE, 0, "no row satisfies all constraints");
	open_pairs_free(&b.pairs);
	propagate_free(&propagate);
	arena_free(arena);
	return e;
}

void start_free(struct start *s, const struct space *space)
{
	for (uint32_t i = 0; i < space->ngroups; i++) {
		if (s->covered)
			free(s->covered[i]);
		if (s->invalid)
			free(s->invalid[i]);
	}
	free(s->covered);
	free(s->invalid);
	free(s->rows);
	*s = (struct start){ 0 };
}
