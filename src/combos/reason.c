/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/reason.h"

#include <picosat/picosat.h>
#include <stdlib.h>

/* Up to so many values each pair is excluded; more are counted along a chain of further variables. */
#define PAIRS_MAX 6u

struct reason {
	PicoSAT *solver;
	int nsymbols, next;
};

static void add_two(struct reason *r, int a, int b)
{
	picosat_add(r->solver, a);
	picosat_add(r->solver, b);
	picosat_add(r->solver, 0);
}

/* At most one of n variables from `first` on (sequential counter: Sinz, Towards an optimal CNF encoding, 2005). */
static void at_most_one(struct reason *r, int first, uint32_t n)
{
	if (n <= PAIRS_MAX) {
		for (uint32_t i = 0; i < n; i++)
			for (uint32_t j = i + 1; j < n; j++)
				add_two(r, -(first + (int)i), -(first + (int)j));
		return;
	}
	for (uint32_t i = 0; i + 1 < n; i++) {
		int seen = ++r->next;
		add_two(r, -(first + (int)i), seen);
		add_two(r, -(first + (int)i + 1), -seen);
		if (i + 2 < n)
			add_two(r, -seen, seen + 1);
	}
}

static void add_clause(struct reason *r, const struct combos_clause *c, int selector)
{
	if (selector)
		picosat_add(r->solver, -selector);
	for (uint32_t i = 0; i < c->n; i++)
		picosat_add(r->solver,
					c->literals[i].negated ? -(int)c->literals[i].symbol - 1 : (int)c->literals[i].symbol + 1);
	picosat_add(r->solver, 0);
}

struct reason *reason_new(const struct combos_description *d)
{
	const struct combos_model *m = &d->model;
	struct reason *r = calloc(1, sizeof *r);
	if (!r || !(r->solver = picosat_init())) {
		free(r);
		return NULL;
	}
	for (uint32_t p = 0; p < m->nparameters; p++)
		r->nsymbols += (int)m->levels[p];
	r->next = r->nsymbols + (int)d->nconstraints;
	picosat_adjust(r->solver, r->next);
	for (uint32_t p = 0, first = 1; p < m->nparameters; first += m->levels[p++]) {
		for (uint32_t v = 0; v < m->levels[p]; v++)
			picosat_add(r->solver, (int)(first + v));
		picosat_add(r->solver, 0);
		at_most_one(r, (int)first, m->levels[p]);
	}
	uint32_t next = 0;
	for (uint32_t i = 0; i < d->nconstraints; i++)
		for (uint32_t c = 0; c < d->constraints[i].nclauses; c++, next++)
			add_clause(r, &m->clauses[d->constraints[i].first + c], r->nsymbols + (int)i + 1);
	for (; next < m->nclauses; next++) /* those of negative values */
		add_clause(r, &m->clauses[next], 0);
	return r;
}

void reason_free(struct reason *r)
{
	if (r)
		picosat_reset(r->solver);
	free(r);
}

void reason_constraint(struct reason *r, uint32_t constraint)
{
	picosat_assume(r->solver, r->nsymbols + (int)constraint + 1);
}

void reason_symbol(struct reason *r, uint32_t symbol, bool negated)
{
	picosat_assume(r->solver, negated ? -(int)symbol - 1 : (int)symbol + 1);
}

enum reason_answer reason_ask(struct reason *r, uint64_t propagations)
{
	uint64_t done = picosat_propagations(r->solver);
	picosat_set_propagation_limit(r->solver, done < propagations ? propagations - done : 1);
	int answer = picosat_sat(r->solver, -1);
	return answer == PICOSAT_SATISFIABLE ? REASON_YES : answer == PICOSAT_UNSATISFIABLE ? REASON_NO : REASON_UNKNOWN;
}

bool reason_has(struct reason *r, uint32_t symbol)
{
	return picosat_deref(r->solver, (int)symbol + 1) > 0;
}

bool reason_needed(struct reason *r, uint32_t constraint)
{
	return picosat_failed_assumption(r->solver, r->nsymbols + (int)constraint + 1);
}
