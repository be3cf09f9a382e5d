/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Column by column, value by value. It shares nothing with what makes arrays but the numbers of symbols and the solver, which is
 * asked about the tuples that no row has. Columns of few values are looked at as sets of rows, 64 at once; columns of many
 * values row by row, as most of their combinations are in few rows.
 */
#include <stdlib.h>
#include <string.h>

#include "combos/feasible.h"

struct count {
	const struct space *space;
	struct feasible *feasible;
	const uint16_t *rows;
	uint32_t nrows;
	const bool *good;     /* rows that break nothing */
	struct combos_check *check;
	const struct combos_group *group;
	uint8_t *seen;        /* of the combinations of values of the columns at hand */
	size_t seen_size;
	uint64_t *has;        /* of each symbol the set of good rows that have it */
	uint64_t *sets;       /* for each column at hand, the rows that have its value and those of the columns before */
	uint32_t words;       /* of a set of rows */
	uint32_t columns[COMBOS_STRENGTH_MAX];
	uint32_t symbols[COMBOS_STRENGTH_MAX]; /* of these columns */
};

static bool clause_holds(const struct space *space, const struct combos_clause *clause, const uint16_t *row)
{
	for (uint32_t i = 0; i < clause->n; i++) {
		uint32_t symbol = clause->literals[i].symbol, p = space->owner[symbol];
		if ((space->first[p] + row[p] == symbol) != clause->literals[i].negated)
			return true;
	}
	return false;
}

static bool check_row(struct count *c, uint32_t r)
{
	bool good = true;
	for (uint32_t i = 0; i < c->space->nclauses; i++) {
		if (clause_holds(c->space, &c->space->model->clauses[i], c->rows + (size_t)r * c->space->k))
			continue;
		good = false;
		c->check->violations++;
		if (c->check->nbroken < COMBOS_LISTED_MAX) {
			c->check->broken[2 * c->check->nbroken] = r;
			c->check->broken[2 * c->check->nbroken++ + 1] = i;
		}
	}
	return good;
}

/* Whether the symbols at hand can be together, and are missing then. */
static void not_seen(struct count *c)
{
	struct combos_missing m = { .n = c->group->strength };
	memcpy(m.symbols, c->symbols, m.n * sizeof *m.symbols);
	if (!feasible_ask(c->feasible, m.symbols, m.n)) {
		c->check->invalid++;
		return;
	}
	c->check->tuples++;
	if (c->check->nmissing < COMBOS_LISTED_MAX)
		c->check->missing[c->check->nmissing++] = m;
}

static void tell(struct count *c, bool seen)
{
	if (!seen) {
		not_seen(c);
		return;
	}
	c->check->tuples++;
	c->check->covered++;
}

/* Each value of the column of that place with those that are chosen before it, by sets of rows. */
static void check_sets(struct count *c, uint32_t place)
{
	uint32_t p = c->columns[place];
	const uint64_t *before = c->sets + (size_t)place * c->words;
	uint64_t *with = c->sets + (size_t)(place + 1) * c->words;
	for (uint32_t s = c->space->first[p]; s < c->space->first[p + 1]; s++) {
		const uint64_t *has = c->has + (size_t)s * c->words;
		uint64_t some = 0;
		for (uint32_t w = 0; w < c->words; w++)
			some |= with[w] = has[w] & before[w];
		c->symbols[place] = s;
		if (place + 1 < c->group->strength)
			check_sets(c, place + 1);
		else
			tell(c, some != 0);
	}
}

/* The symbols of the columns' values of that number. */
static void take_symbols(struct count *c, size_t number)
{
	for (uint32_t i = c->group->strength; i-- > 0;) {
		uint32_t levels = c->space->model->levels[c->columns[i]];
		c->symbols[i] = c->space->first[c->columns[i]] + (uint32_t)(number % levels);
		number /= levels;
	}
}

static struct error check_columns(struct count *c)
{
	uint32_t t = c->group->strength;
	size_t n = 1;
	for (uint32_t i = 0; i < t; i++)
		if (__builtin_mul_overflow(n, (size_t)c->space->model->levels[c->columns[i]], &n))
			return error_at(ERR_BUDGET, 0, "more combinations of values than can be counted");
	if (n <= (size_t)c->nrows * t / (c->words + 1)) {
		check_sets(c, 0);
		return error_none();
	}
	if (n > c->seen_size) {
		uint8_t *seen = n > (1ull << 30) ? NULL : realloc(c->seen, n);
		if (!seen)
			return error_at(ERR_BUDGET, 0, "%zu combinations of the values of %u parameters are more than can be counted", n, t);
		c->seen = seen;
		c->seen_size = n;
	}
	memset(c->seen, 0, n);
	for (uint32_t r = 0; r < c->nrows; r++) {
		const uint16_t *row = c->rows + (size_t)r * c->space->k;
		size_t number = 0;
		for (uint32_t i = 0; i < t; i++)
			number = number * c->space->model->levels[c->columns[i]] + row[c->columns[i]];
		c->seen[number] |= c->good[r];
	}
	for (size_t i = 0; i < n; i++) {
		take_symbols(c, i);
		tell(c, c->seen[i]);
	}
	return error_none();
}

/* Every choice of `more` further columns of the group from position `from` on. */
static struct error choose_columns(struct count *c, uint32_t from, uint32_t more)
{
	if (more == 0)
		return check_columns(c);
	for (uint32_t i = from; i + more <= c->group->n; i++) {
		c->columns[c->group->strength - more] = c->group->parameters[i];
		struct error e = choose_columns(c, i + 1, more - 1);
		if (error_is(&e))
			return e;
	}
	return error_none();
}

static struct error check_rows(struct count *c, bool *good)
{
	for (uint32_t r = 0; r < c->nrows; r++) {
		for (uint32_t p = 0; p < c->space->k; p++)
			if (c->rows[(size_t)r * c->space->k + p] >= c->space->model->levels[p])
				return error_at(ERR_USAGE, 0, "row %u: parameter %u has no value %u", r + 1, p + 1, c->rows[(size_t)r * c->space->k + p]);
		good[r] = check_row(c, r);
	}
	c->good = good;
	return error_none();
}

static bool fill_sets(struct count *c)
{
	const struct space *space = c->space;
	c->words = (c->nrows + 63) / 64;
	c->has = calloc((size_t)space->nsymbols * c->words + 1, sizeof *c->has);
	c->sets = malloc(((size_t)(COMBOS_STRENGTH_MAX + 1) * c->words + 1) * sizeof *c->sets);
	if (!c->has || !c->sets)
		return false;
	memset(c->sets, 0xff, c->words * sizeof *c->sets);
	for (uint32_t r = 0; r < c->nrows; r++)
		for (uint32_t p = 0; c->good[r] && p < space->k; p++)
			c->has[(size_t)(space->first[p] + c->rows[(size_t)r * space->k + p]) * c->words + r / 64] |= 1ull << r % 64;
	return true;
}

static struct error check_groups(struct count *c)
{
	for (uint32_t i = 0; i < c->space->ngroups; i++) {
		struct combos_group group = { c->space->groups[i].parameters, c->space->groups[i].n, c->space->groups[i].strength };
		c->group = &group;
		struct error e = choose_columns(c, 0, group.strength);
		c->group = NULL;
		if (error_is(&e))
			return e;
	}
	return error_none();
}

struct error combos_verify(const struct combos_model *model, uint32_t strength, const uint16_t *rows, uint32_t nrows,
						   struct arena *arena, struct combos_check *check)
{
	struct space space;
	*check = (struct combos_check){ .missing = ARENA_ARRAY(arena, struct combos_missing, COMBOS_LISTED_MAX),
									.broken = ARENA_ARRAY(arena, uint32_t, 2 * COMBOS_LISTED_MAX) };
	bool *good = ARENA_ARRAY(arena, bool, nrows);
	if (!check->missing || !check->broken || !good)
		return error_at(ERR_MEMORY, 0, "no memory for the check");
	struct error e = space_new(model, strength, arena, &space);
	if (error_is(&e))
		return e;
	struct count c = { .space = &space, .feasible = feasible_new(&space), .rows = rows, .nrows = nrows, .check = check };
	e = c.feasible ? check_rows(&c, good) : error_at(ERR_MEMORY, 0, "no memory for the solver");
	if (!error_is(&e) && !fill_sets(&c))
		e = error_at(ERR_MEMORY, 0, "no memory for sets of rows");
	if (!error_is(&e))
		e = check_groups(&c);
	free(c.has);
	free(c.sets);
	feasible_free(c.feasible);
	free(c.seen);
	return e;
}
