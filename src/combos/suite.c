/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/suite.h"

#include <string.h>

#include "combos/cover.h"
#include "combos/random.h"

/* Of the time, what the rows without negative values get. */
#define POSITIVE_SHARE 0.6

struct making {
	const struct combos_description *d;
	struct arena *arena;
	struct combos_model model;    /* without sub-models that are covered anyway */
	struct combos_model positive; /* without negative values */
};

static struct error no_memory(void)
{
	return error_at(ERR_MEMORY, 0, "no memory for the plan");
}

static struct error take_model(struct making *m, uint32_t strength)
{
	const struct combos_model *from = &m->d->model;
	m->model = *from;
	struct combos_group *groups = ARENA_ARRAY(m->arena, struct combos_group, from->ngroups);
	if (!groups)
		return no_memory();
	m->model.groups = groups;
	m->model.ngroups = 0;
	for (uint32_t i = 0; i < from->ngroups; i++)
		if (from->groups[i].strength > strength)
			groups[m->model.ngroups++] = from->groups[i];
	return error_none();
}

/* The same model, in which no negative value may be. */
static struct error forbid_negatives(struct making *m)
{
	uint32_t nsymbols = 0, n = m->model.nclauses;
	m->positive = m->model;
	for (uint32_t p = 0; p < m->model.nparameters; p++)
		nsymbols += m->model.levels[p];
	struct combos_clause *clauses = ARENA_ARRAY(m->arena, struct combos_clause, (size_t)n + nsymbols);
	struct combos_literal *literals = ARENA_ARRAY(m->arena, struct combos_literal, nsymbols);
	if (!clauses || !literals)
		return no_memory();
	if (n)
		memcpy(clauses, m->model.clauses, n * sizeof *clauses);
	for (uint32_t s = 0; s < nsymbols; s++)
		if (m->model.negative[s]) {
			literals[s] = (struct combos_literal){ s, true };
			clauses[n++] = (struct combos_clause){ &literals[s], 1, 0 };
		}
	m->positive.clauses = clauses;
	m->positive.nclauses = n;
	return error_none();
}

static bool row_is_negative(const struct combos_model *m, const uint16_t *row)
{
	for (uint32_t p = 0, first = 0; p < m->nparameters; first += m->levels[p++])
		if (m->negative[first + row[p]])
			return true;
	return false;
}

/* Rows with a negative value or without one, as `negative` says; appends them. */
static void pick_rows(const struct combos_model *m, const uint16_t *rows, uint32_t nrows, bool negative, uint16_t *out,
					  uint32_t *n)
{
	uint32_t k = m->nparameters;
	for (uint32_t r = 0; r < nrows; r++)
		if (row_is_negative(m, rows + (size_t)r * k) == negative)
			memcpy(out + (size_t)(*n)++ * k, rows + (size_t)r * k, k * sizeof *out);
}

static bool has_positive_row(const struct combos_model *m)
{
	for (uint32_t p = 0, s = 0; p < m->nparameters; p++) {
		bool some = false;
		for (uint32_t v = 0; v < m->levels[p]; v++, s++)
			some |= !m->negative[s];
		if (!some)
			return false;
	}
	return true;
}

static struct error with_negatives(struct making *m, const struct combos_options *options, struct combos_array *array)
{
	struct combos_options o = *options;
	struct combos_array first = { 0 };
	uint32_t k = m->model.nparameters;
	struct error e = forbid_negatives(m);
	uint16_t *kept = ARENA_ARRAY(m->arena, uint16_t, (size_t)options->nrows * k);
	if (!error_is(&e) && !kept)
		e = no_memory();
	if (error_is(&e))
		return e;
	o.nrows = 0;
	o.rows = kept;
	pick_rows(&m->model, options->rows, options->nrows, false, kept, &o.nrows);
	o.seconds = options->seconds * POSITIVE_SHARE;
	if (has_positive_row(&m->model))
		e = combos_generate(&m->positive, &o, m->arena, &first);
	/* Constraints may ask for a negative value in every row. */
	if (error_is(&e) && e.code != ERR_USAGE)
		return e;
	if (error_is(&e))
		first.nrows = 0;
	uint32_t n = options->nrows;
	uint16_t *rows = ARENA_ARRAY(m->arena, uint16_t, ((size_t)n + first.nrows) * k);
	if (!rows)
		return no_memory();
	if (n)
		memcpy(rows, options->rows, (size_t)n * k * sizeof *rows);
	for (uint32_t r = o.nrows; r < first.nrows; r++)
		memcpy(rows + (size_t)n++ * k, first.values + (size_t)r * k, k * sizeof *rows);
	o.rows = rows;
	o.nrows = n;
	o.seconds = options->seconds * (1 - POSITIVE_SHARE);
	return combos_generate(&m->model, &o, m->arena, array);
}

static uint32_t draw(const struct combos_model *m, uint32_t first, uint32_t levels, uint64_t *random)
{
	uint64_t total = 0;
	for (uint32_t v = 0; v < levels; v++)
		total += m->weights[first + v];
	uint64_t at = random_next(random) % (total ? total : 1);
	for (uint32_t v = 0; v < levels; v++) {
		if (at < m->weights[first + v])
			return first + v;
		at -= m->weights[first + v];
	}
	return first;
}

/* A cell whose tuples other rows cover as well may have any value that the constraints allow. */
static void draw_cells(struct cover *c, const struct combos_model *m, uint32_t kept, uint64_t seed)
{
	for (uint32_t r = kept; r < c->nrows; r++)
		for (uint32_t p = 0; p < c->space->k; p++) {
			if (c->loss[(size_t)r * c->space->k + p])
				continue;
			uint32_t symbol = draw(m, c->space->first[p], m->levels[p], &seed);
			bool negative = m->negative && m->negative[symbol] != m->negative[cell_at(c, r, p)];
			if (!negative && symbol != cell_at(c, r, p) && cover_allows(c, r, p, symbol))
				cover_set(c, r, p, symbol);
		}
}

static struct error use_weights(struct making *m, const struct combos_options *o, struct combos_array *a)
{
	struct space space;
	struct cover c = { 0 };
	struct error e = space_new(&m->model, o->strength, m->arena, &space);
	uint16_t *row = ARENA_ARRAY(m->arena, uint16_t, m->model.nparameters);
	uint64_t allowed = o->memory ? o->memory : 2ull << 30;
	if (error_is(&e) || cover_bytes(&space, a->nrows, 0) > allowed)
		return e;
	if (!row || !cover_new(&c, &space, a->nrows, 0, NULL))
		return no_memory();
	bool ok = true;
	for (uint32_t r = 0; r < a->nrows && ok; r++) {
		for (uint32_t p = 0; p < space.k; p++)
			row[p] = (uint16_t)(space.first[p] + a->values[(size_t)r * space.k + p]);
		ok = cover_add(&c, row);
	}
	if (ok) {
		draw_cells(&c, &m->model, o->nrows, o->seed);
		for (uint32_t r = 0; r < a->nrows; r++)
			for (uint32_t p = 0; p < space.k; p++)
				a->values[(size_t)r * space.k + p] = (uint16_t)(cell_at(&c, r, p) - space.first[p]);
	}
	cover_free(&c);
	return ok ? error_none() : no_memory();
}

struct error combos_suite(const struct combos_description *d, const struct combos_options *options, struct arena *arena,
						  struct combos_array *array)
{
	struct making m = { .d = d, .arena = arena };
	struct error e = take_model(&m, options->strength);
	if (error_is(&e))
		return e;
	if (d->model.negative)
		e = with_negatives(&m, options, array);
	else
		e = combos_generate(&m.model, options, arena, array);
	/* With negative values a cell may be needed in a row without any, which counting all rows alike does not show. */
	return !error_is(&e) && d->model.weights && !d->model.negative ? use_weights(&m, options, array) : e;
}

static bool is_listed(const struct combos_check *c, const struct combos_missing *m)
{
	for (uint32_t i = 0; i < c->nmissing; i++)
		if (c->missing[i].n == m->n && memcmp(c->missing[i].symbols, m->symbols, m->n * sizeof *m->symbols) == 0)
			return true;
	return false;
}

/* What the rows that are in range cover of what is in range counts beside what all rows cover of everything. */
static struct error verify_negatives(struct making *m, uint32_t strength, const uint16_t *rows, uint32_t nrows,
									 struct combos_check *check)
{
	struct combos_check whole;
	uint32_t n = 0, k = m->model.nparameters;
	uint16_t *in_range = ARENA_ARRAY(m->arena, uint16_t, (size_t)nrows * k);
	struct error e = in_range ? forbid_negatives(m) : no_memory();
	if (!error_is(&e))
		e = combos_verify(&m->model, strength, rows, nrows, m->arena, &whole);
	if (error_is(&e))
		return e;
	pick_rows(&m->model, rows, nrows, false, in_range, &n);
	*check = whole;
	if (!has_positive_row(&m->model))
		return e;
	e = combos_verify(&m->positive, strength, in_range, n, m->arena, check);
	if (error_is(&e)) {
		*check = whole;
		return e.code == ERR_USAGE ? error_none()
								   : e; /* no row is in range: the constraints ask for a negative value */
	}
	for (uint32_t i = 0; i < whole.nmissing && check->nmissing < COMBOS_LISTED_MAX; i++)
		if (!is_listed(check, &whole.missing[i]))
			check->missing[check->nmissing++] = whole.missing[i];
	check->tuples += whole.tuples;
	check->covered += whole.covered;
	check->invalid = whole.invalid;
	check->violations = whole.violations;
	check->broken = whole.broken;
	check->nbroken = whole.nbroken;
	return e;
}

struct error combos_suite_verify(const struct combos_description *d, uint32_t strength, const uint16_t *rows,
								 uint32_t nrows, struct arena *arena, struct combos_check *check)
{
	struct making m = { .d = d, .arena = arena };
	struct error e = take_model(&m, strength);
	if (error_is(&e))
		return e;
	if (d->model.negative)
		return verify_negatives(&m, strength, rows, nrows, check);
	return combos_verify(&m.model, strength, rows, nrows, arena, check);
}
