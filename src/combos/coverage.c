/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of what is possible rows cover, combination of parameters by combination of parameters.
 *
 * As the combinatorial coverage measurement of Kuhn, Dominguez Mendoza, Kacker, Lei (2013) has it: of each combination of
 * parameters the part of its tuples that occurs, and how many combinations reach which part.
 */
#include <stdlib.h>
#include <string.h>

#include "combos/feasible.h"
#include "combos/suite.h"

struct counting {
	struct space space;
	struct feasible *feasible;
	const uint16_t *rows;
	uint32_t nrows;
	uint32_t strength, columns[COMBOS_STRENGTH_MAX];
	uint8_t *seen;
	size_t capacity;
	struct combos_coverage *out;
};

static bool row_holds(const struct space *s, const uint16_t *row)
{
	for (uint32_t i = 0; i < s->nclauses; i++) {
		const struct combos_clause *c = &s->model->clauses[i];
		bool holds = false;
		for (uint32_t j = 0; j < c->n && !holds; j++) {
			uint32_t symbol = c->literals[j].symbol, p = s->owner[symbol];
			holds = (s->first[p] + row[p] == symbol) != c->literals[j].negated;
		}
		if (!holds)
			return false;
	}
	return true;
}

static bool is_possible(struct counting *c, size_t number)
{
	uint32_t symbols[COMBOS_STRENGTH_MAX] = { 0 };
	bool minded = false;
	for (uint32_t i = c->strength; i-- > 0;) {
		uint32_t p = c->columns[i], levels = c->space.model->levels[p];
		symbols[i] = c->space.first[p] + (uint32_t)(number % levels);
		number /= levels;
		minded |= feasible_minds(c->feasible, p);
	}
	return !minded || feasible_ask(c->feasible, symbols, c->strength);
}

static void count_columns(struct counting *c)
{
	size_t n = 1, possible = 0, covered = 0;
	for (uint32_t i = 0; i < c->strength; i++)
		n *= c->space.model->levels[c->columns[i]];
	memset(c->seen, 0, n);
	for (uint32_t r = 0; r < c->nrows; r++) {
		size_t number = 0;
		for (uint32_t i = 0; i < c->strength; i++)
			number = number * c->space.model->levels[c->columns[i]] + c->rows[(size_t)r * c->space.k + c->columns[i]];
		c->seen[number] = 1;
	}
	for (size_t i = 0; i < n; i++) {
		bool seen = c->seen[i];
		covered += seen;
		possible += seen || is_possible(c, i);
	}
	uint32_t hundredths = possible ? (uint32_t)(covered * 100 / possible) : 100;
	c->out->tuples += possible;
	c->out->covered += covered;
	c->out->combinations++;
	c->out->complete += covered == possible;
	for (uint32_t i = 0; i <= hundredths; i++)
		c->out->at_least[i]++;
}

static void choose_columns(struct counting *c, uint32_t depth, uint32_t from)
{
	if (depth == c->strength) {
		count_columns(c);
		return;
	}
	for (uint32_t p = from; p + (c->strength - depth) <= c->space.k; p++) {
		c->columns[depth] = p;
		choose_columns(c, depth + 1, p + 1);
	}
}

/* The tuples of `strength` parameters, or `most` + 1 when there are more; *widest is the most that one combination has. */
static uint64_t count_tuples(const struct combos_model *m, uint32_t strength, uint64_t most, size_t *widest)
{
	uint64_t sums[COMBOS_STRENGTH_MAX + 1] = { 1 };
	uint32_t largest[COMBOS_STRENGTH_MAX] = { 0 };
	for (uint32_t p = 0; p < m->nparameters; p++) {
		uint32_t levels = m->levels[p];
		for (uint32_t t = strength; t > 0; t--) {
			sums[t] += sums[t - 1] * levels;
			if (sums[t] > most)
				sums[t] = most + 1;
		}
		for (uint32_t j = 0; j < strength; j++)
			if (levels > largest[j]) {
				uint32_t swap = largest[j];
				largest[j] = levels;
				levels = swap;
			}
	}
	*widest = 1;
	for (uint32_t j = 0; j < strength && *widest <= most; j++)
		*widest *= largest[j];
	return sums[strength];
}

struct error combos_cover_count(const struct combos_model *model, uint32_t strength, const uint16_t *rows,
								uint32_t nrows, uint64_t most, struct combos_coverage *out)
{
	*out = (struct combos_coverage){ 0 };
	if (strength > model->nparameters)
		return error_at(ERR_USAGE, 0, "a strength of %u needs as many parameters", strength);
	struct counting c = { .strength = strength, .out = out };
	uint64_t tuples = count_tuples(model, strength, most, &c.capacity);
	if (tuples > most)
		return error_at(ERR_BUDGET, 0, "strength %u has more than %llu tuples", strength, (unsigned long long)most);
	struct arena *arena = arena_new(1u << 30);
	struct combos_model plain = *model;
	plain.ngroups = 0;
	struct error e = arena ? space_new(&plain, 1, arena, &c.space) : error_at(ERR_MEMORY, 0, "no memory to count");
	if (!error_is(&e)) {
		c.feasible = feasible_new(&c.space);
		c.seen = malloc(c.capacity + 1);
		uint16_t *good = calloc(((size_t)nrows + 1) * model->nparameters, sizeof *good);
		for (uint32_t r = 0; r < nrows && good; r++)
			if (row_holds(&c.space, rows + (size_t)r * model->nparameters))
				memcpy(good + (size_t)c.nrows++ * model->nparameters, rows + (size_t)r * model->nparameters,
					   model->nparameters * sizeof *good);
		c.rows = good;
		if (c.feasible && c.seen && good)
			choose_columns(&c, 0, 0);
		else
			e = error_at(ERR_MEMORY, 0, "no memory to count");
		out->counted = !error_is(&e);
		free(good);
	}
	free(c.seen);
	feasible_free(c.feasible);
	arena_free(arena);
	return e;
}
