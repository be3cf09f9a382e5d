/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/propagate.h"

#include <stdlib.h>
#include <string.h>

/* Symbols for which it is kept what each implies: 256 MiB. */
#define IMPLIED_MAX 32768u

static bool minded(const struct space *space, uint32_t p)
{
	return space->link_of[p] != space->link_of[p + 1];
}

/* How many clauses and literals say that each parameter has one value. */
static void count_values(const struct space *space, size_t *nclauses, size_t *nliterals)
{
	for (uint32_t p = 0; p < space->k; p++) {
		size_t n = minded(space, p) ? space->model->levels[p] : 0;
		*nclauses += n ? 1 + n * (n - 1) / 2 : 0;
		*nliterals += n ? n + n * (n - 1) : 0;
	}
}

static void put(struct propagate *u, size_t *n, uint32_t literal)
{
	u->literals[(*n)++] = literal;
}

static void end_clause(struct propagate *u, size_t n)
{
	u->first[++u->nclauses] = (uint32_t)n;
}

static void fill_clauses(struct propagate *u)
{
	const struct space *space = u->space;
	size_t n = 0;
	for (uint32_t c = 0; c < space->nclauses; c++) {
		const struct combos_clause *clause = &space->model->clauses[c];
		for (uint32_t i = 0; i < clause->n; i++)
			put(u, &n, 2 * clause->literals[i].symbol + clause->literals[i].negated);
		end_clause(u, n);
	}
	for (uint32_t p = 0; p < space->k; p++) {
		if (!minded(space, p))
			continue;
		for (uint32_t s = space->first[p]; s < space->first[p + 1]; s++)
			put(u, &n, 2 * s);
		end_clause(u, n);
		for (uint32_t s = space->first[p]; s < space->first[p + 1]; s++)
			for (uint32_t r = s + 1; r < space->first[p + 1]; r++) {
				put(u, &n, 2 * s + 1);
				put(u, &n, 2 * r + 1);
				end_clause(u, n);
			}
	}
}

/* The clauses of each literal. */
static void fill_index(struct propagate *u)
{
	uint32_t nliterals = 2 * u->space->nsymbols;
	for (uint32_t i = 0; i < u->first[u->nclauses]; i++)
		u->in[u->literals[i] + 1]++;
	for (uint32_t l = 0; l < nliterals; l++)
		u->in[l + 1] += u->in[l];
	for (uint32_t c = u->nclauses; c-- > 0;)
		for (uint32_t i = u->first[c + 1]; i-- > u->first[c];)
			u->clauses[--u->in[u->literals[i] + 1]] = c;
	/* Each entry has moved from its literal's end to its beginning: one place down. */
	memmove(u->in, u->in + 1, nliterals * sizeof *u->in);
	u->in[nliterals] = u->first[u->nclauses];
}

static bool is_true(const struct propagate *u, uint32_t literal)
{
	return u->value[literal / 2] == (literal % 2 ? -1 : 1);
}

static bool is_false(const struct propagate *u, uint32_t literal)
{
	return u->value[literal / 2] == (literal % 2 ? 1 : -1);
}

uint64_t propagate_bytes(const struct space *space)
{
	bool keep = space->nclauses && space->nsymbols <= IMPLIED_MAX;
	size_t nclauses = 0, nliterals = 0;
	count_values(space, &nclauses, &nliterals);
	return (keep ? 2ull * space->nsymbols * ((space->nsymbols + 63) / 64) * sizeof(uint64_t) : 0) + nclauses * 8ull +
		   nliterals * 8ull;
}

/* False: the literal is false already. */
static bool assume(struct propagate *u, uint32_t literal)
{
	if (is_true(u, literal))
		return true;
	if (is_false(u, literal))
		return false;
	u->value[literal / 2] = literal % 2 ? -1 : 1;
	u->trail[u->ntrail++] = literal;
	return true;
}

/* What the clause still says once all of its literals but one are false. */
static bool last_of(struct propagate *u, uint32_t clause)
{
	for (uint32_t i = u->first[clause]; i < u->first[clause + 1]; i++)
		if (!is_false(u, u->literals[i]))
			return assume(u, u->literals[i]);
	return false;
}

/* From the trail's place `from` on. Counts go on after a conflict, so that a reset can take them back. */
static void follow(struct propagate *u, uint32_t from)
{
	for (; from < u->ntrail; from++) {
		uint32_t literal = u->trail[from] ^ 1;
		for (uint32_t i = u->in[literal]; i < u->in[literal + 1]; i++) {
			uint32_t clause = u->clauses[i], n = u->first[clause + 1] - u->first[clause];
			if (++u->falsified[clause] + 1 >= n && !u->conflict && !last_of(u, clause))
				u->conflict = true;
		}
	}
}

bool propagate_choose(struct propagate *u, uint32_t symbol)
{
	if (u->conflict || !minded(u->space, u->space->owner[symbol]))
		return !u->conflict;
	uint32_t from = u->ntrail;
	if (!assume(u, 2 * symbol))
		u->conflict = true;
	else
		follow(u, from);
	return !u->conflict;
}

void propagate_reset(struct propagate *u)
{
	for (uint32_t t = 0; t < u->ntrail; t++) {
		uint32_t literal = u->trail[t] ^ 1;
		for (uint32_t i = u->in[literal]; i < u->in[literal + 1]; i++)
			u->falsified[u->clauses[i]]--;
		u->value[literal / 2] = 0;
	}
	u->ntrail = 0;
	u->conflict = false;
	/* Clauses of one literal hold from the beginning. */
	for (uint32_t c = 0; c < u->space->nclauses; c++)
		if (u->first[c + 1] - u->first[c] == 1 && !assume(u, u->literals[u->first[c]]))
			u->conflict = true;
	follow(u, 0);
}

static uint64_t *implied_by(const struct propagate *u, uint32_t symbol, bool ruled_out)
{
	return u->implied + ((size_t)2 * symbol + ruled_out) * u->words;
}

/* What each symbol implies. One that contradicts itself rules itself out. */
static void fill_implied(struct propagate *u)
{
	for (uint32_t s = 0; s < u->space->nsymbols; s++) {
		propagate_reset(u);
		implied_by(u, s, false)[s / 64] |= 1ull << s % 64;
		if (!propagate_choose(u, s))
			implied_by(u, s, true)[s / 64] |= 1ull << s % 64;
		for (uint32_t t = 0; t < u->ntrail; t++) {
			uint32_t literal = u->trail[t];
			implied_by(u, s, literal % 2)[literal / 128] |= 1ull << literal / 2 % 64;
		}
	}
}

static bool meet(const uint64_t *a, const uint64_t *b, uint32_t words)
{
	for (uint32_t i = 0; i < words; i++)
		if (a[i] & b[i])
			return true;
	return false;
}

bool propagate_refutes(const struct propagate *u, const uint32_t *symbols, uint32_t n)
{
	/* Most are ruled out directly. */
	for (uint32_t i = 0; u->implied && i < n; i++)
		for (uint32_t j = 0; j < n; j++)
			if (implied_by(u, symbols[i], true)[symbols[j] / 64] >> symbols[j] % 64 & 1)
				return true;
	for (uint32_t i = 0; u->implied && i < n; i++)
		for (uint32_t j = 0; j < n; j++)
			if (meet(implied_by(u, symbols[i], false), implied_by(u, symbols[j], true), u->words))
				return true;
	return false;
}

bool propagate_new(struct propagate *u, const struct space *space)
{
	size_t nclauses = space->nclauses, nliterals = 0;
	for (uint32_t c = 0; c < space->nclauses; c++)
		nliterals += space->model->clauses[c].n;
	count_values(space, &nclauses, &nliterals);
	*u = (struct propagate){ .space = space, .words = (space->nsymbols + 63) / 64 };
	u->literals = calloc(nliterals + 1, sizeof *u->literals);
	u->first = calloc(nclauses + 1, sizeof *u->first);
	u->clauses = calloc(nliterals + 1, sizeof *u->clauses);
	u->in = calloc((size_t)2 * space->nsymbols + 2, sizeof *u->in);
	u->falsified = calloc(nclauses + 1, sizeof *u->falsified);
	u->value = calloc(space->nsymbols, sizeof *u->value);
	u->trail = calloc(space->nsymbols, sizeof *u->trail);
	bool keep = space->nclauses && space->nsymbols <= IMPLIED_MAX;
	u->implied = keep ? calloc((size_t)2 * space->nsymbols * u->words, sizeof *u->implied) : NULL;
	if (!u->literals || !u->first || !u->clauses || !u->in || !u->falsified || !u->value || !u->trail ||
		(keep && !u->implied)) {
		propagate_free(u);
		return false;
	}
	fill_clauses(u);
	fill_index(u);
	if (keep)
		fill_implied(u);
	return true;
}

void propagate_free(struct propagate *u)
{
	free(u->literals);
	free(u->first);
	free(u->clauses);
	free(u->in);
	free(u->falsified);
	free(u->value);
	free(u->trail);
	free(u->implied);
	*u = (struct propagate){ 0 };
}
