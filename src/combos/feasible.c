/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two values are one variable of the solver, more are one each, of which exactly one holds. Only what clauses name is known
 * to the solver at all. PicoSAT: small, incremental, and an assumption costs next to nothing; on the models of this field,
 * hundreds of variables and short clauses, a solver with inprocessing gains nothing.
 */
#include "combos/feasible.h"

#include <picosat/picosat.h>
#include <stdlib.h>

struct feasible {
	const struct space *space;
	PicoSAT *solver; /* NULL: there are no clauses, and everything is feasible */
	int *literal;    /* of each symbol; 0: no clause names its parameter */
	uint32_t *found; /* of each parameter its symbol in the last row */
	bool (*on)(void *context);
	void *context;
	bool given_up;
};

static bool is_two(const struct space *space, uint32_t p)
{
	return space->model->levels[p] == 2;
}

static void number_literals(struct feasible *f)
{
	const struct space *space = f->space;
	int next = 0;
	for (uint32_t p = 0; p < space->k; p++) {
		if (space->link_of[p] == space->link_of[p + 1])
			continue;
		uint32_t first = space->first[p];
		if (is_two(space, p)) {
			f->literal[first + 1] = ++next;
			f->literal[first] = -next;
			continue;
		}
		for (uint32_t s = first; s < space->first[p + 1]; s++)
			f->literal[s] = ++next;
	}
}

static void add_values(struct feasible *f, uint32_t p)
{
	uint32_t first = f->space->first[p], end = f->space->first[p + 1];
	if (is_two(f->space, p))
		return;
	for (uint32_t s = first; s < end; s++)
		picosat_add(f->solver, f->literal[s]);
	picosat_add(f->solver, 0);
	for (uint32_t s = first; s < end; s++)
		for (uint32_t r = s + 1; r < end; r++) {
			picosat_add(f->solver, -f->literal[s]);
			picosat_add(f->solver, -f->literal[r]);
			picosat_add(f->solver, 0);
		}
}

struct feasible *feasible_new(const struct space *space)
{
	struct feasible *f = calloc(1, sizeof *f);
	if (!f)
		return NULL;
	f->space = space;
	f->literal = calloc(space->nsymbols, sizeof *f->literal);
	f->found = calloc(space->k, sizeof *f->found);
	if (space->nclauses)
		f->solver = picosat_init();
	if (!f->literal || !f->found || (space->nclauses && !f->solver)) {
		feasible_free(f);
		return NULL;
	}
	number_literals(f);
	for (uint32_t p = 0; p < space->k; p++) {
		f->found[p] = space->first[p];
		if (feasible_minds(f, p))
			add_values(f, p);
	}
	for (uint32_t c = 0; c < space->nclauses; c++) {
		const struct combos_clause *clause = &space->model->clauses[c];
		for (uint32_t i = 0; i < clause->n; i++)
			picosat_add(f->solver, clause->literals[i].negated ? -f->literal[clause->literals[i].symbol] : f->literal[clause->literals[i].symbol]);
		picosat_add(f->solver, 0);
	}
	return f;
}

void feasible_free(struct feasible *f)
{
	if (!f)
		return;
	if (f->solver)
		picosat_reset(f->solver);
	free(f->literal);
	free(f->found);
	free(f);
}

bool feasible_minds(const struct feasible *f, uint32_t p)
{
	return f->space->link_of[p] != f->space->link_of[p + 1];
}

static int is_over(void *state)
{
	struct feasible *f = state;
	f->given_up = f->given_up || !f->on(f->context);
	return f->given_up;
}

void feasible_watch(struct feasible *f, bool (*on)(void *context), void *context)
{
	f->on = on;
	f->context = context;
	f->given_up = false;
	if (f->solver)
		picosat_set_interrupt(f->solver, f, is_over);
}

bool feasible_given_up(const struct feasible *f)
{
	return f->given_up;
}

bool feasible_ask(struct feasible *f, const uint32_t *symbols, uint32_t n)
{
	if (!f->solver) /* found has the first value of each parameter, which nobody minds */
		return true;
	for (uint32_t i = 0; i < n; i++)
		if (f->literal[symbols[i]])
			picosat_assume(f->solver, f->literal[symbols[i]]);
	if (picosat_sat(f->solver, -1) != PICOSAT_SATISFIABLE)
		return false;
	for (uint32_t p = 0; p < f->space->k; p++) {
		if (!feasible_minds(f, p))
			continue;
		uint32_t s = f->space->first[p];
		while (s + 1 < f->space->first[p + 1] && picosat_deref(f->solver, f->literal[s]) != 1)
			s++;
		f->found[p] = s;
	}
	return true;
}

uint32_t feasible_symbol(const struct feasible *f, uint32_t p)
{
	return f->found[p];
}

void feasible_prefer(struct feasible *f, uint32_t p, uint32_t symbol)
{
	if (!feasible_minds(f, p))
		return;
	for (uint32_t s = f->space->first[p]; s < f->space->first[p + 1]; s++)
		picosat_set_default_phase_lit(f->solver, f->literal[s], s == symbol ? 1 : -1);
}
