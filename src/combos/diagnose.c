/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What constraints come to: whether they can hold together, which follow from others, which values they leave to no row.
 *
 * A set of constraints that explains an answer begins with what the solver used; then each is left out in turn, and stays
 * out when the answer is the same without it. What is left has no part that could be left out.
 */
#include <string.h>

#include "combos/reason.h"

/* What all questions together may cost, and how many constraints are looked at for being redundant: counted, so that the same
 * model gets the same answer. */
#define PROPAGATIONS_MAX (60ull << 20)
#define REDUNDANT_MAX 2000u
#define FINDINGS_MAX 200u

struct diagnosing {
	const struct combos_description *d;
	struct arena *arena;
	struct reason *r;
	struct combos_diagnosis *out;
	bool *off; /* constraints that are left out */
	uint32_t *set, nset;
	bool failed;
};

struct question {
	const struct combos_literal *literals; /* that must be */
	uint32_t n;
	bool opposite; /* the opposite of each literal */
};

static enum reason_answer ask(struct diagnosing *g, const struct question *q, const uint32_t *set, uint32_t nset,
							  uint32_t without)
{
	for (uint32_t i = 0; i < nset; i++)
		if (set[i] != without)
			reason_constraint(g->r, set[i]);
	for (uint32_t i = 0; i < q->n; i++)
		reason_symbol(g->r, q->literals[i].symbol, q->literals[i].negated != q->opposite);
	return reason_ask(g->r, PROPAGATIONS_MAX);
}

/* After a NO with the constraints of `set`: those that were needed stay. */
static uint32_t keep_needed(struct diagnosing *g, uint32_t *set, uint32_t n, uint32_t without)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < n; i++)
		if (set[i] != without && reason_needed(g->r, set[i]))
			set[kept++] = set[i];
	return kept;
}

/* Makes g->set, with which the answer was NO just now, as small as can be. */
static void minimise(struct diagnosing *g, const struct question *q)
{
	g->nset = keep_needed(g, g->set, g->nset, UINT32_MAX);
	for (uint32_t i = 0; i < g->nset;) {
		uint32_t without = g->set[i];
		enum reason_answer answer = ask(g, q, g->set, g->nset, without);
		g->out->complete &= answer != REASON_UNKNOWN;
		if (answer == REASON_NO)
			g->nset = keep_needed(g, g->set, g->nset, without); /* those before i are needed, and stay */
		else
			i++;
	}
}

static const uint32_t *copy_set(struct diagnosing *g)
{
	uint32_t *copy = ARENA_ARRAY(g->arena, uint32_t, g->nset);
	g->failed |= !copy;
	if (copy && g->nset)
		memcpy(copy, g->set, g->nset * sizeof *copy);
	return copy;
}

static void all_that_are_on(struct diagnosing *g, uint32_t without)
{
	g->nset = 0;
	for (uint32_t i = 0; i < g->d->nconstraints; i++)
		if (!g->off[i] && i != without)
			g->set[g->nset++] = i;
}

static void check_satisfiable(struct diagnosing *g)
{
	const struct question q = { 0 };
	all_that_are_on(g, UINT32_MAX);
	enum reason_answer answer = ask(g, &q, g->set, g->nset, UINT32_MAX);
	g->out->satisfiable = answer != REASON_NO;
	g->out->complete &= answer != REASON_UNKNOWN;
	if (answer != REASON_NO)
		return;
	minimise(g, &q);
	g->out->core = copy_set(g);
	g->out->ncore = g->nset;
}

static bool add_to(struct diagnosing *g, uint32_t *all, uint32_t *n)
{
	for (uint32_t i = 0; i < g->nset; i++) {
		uint32_t j = 0;
		while (j < *n && all[j] != g->set[i])
			j++;
		if (j == *n)
			all[(*n)++] = g->set[i];
	}
	return true;
}

/* A constraint is redundant when the others break with the opposite of each of its clauses. */
static void check_redundant(struct diagnosing *g, uint32_t constraint)
{
	const struct combos_constraint *c = &g->d->constraints[constraint];
	uint32_t *because = ARENA_ARRAY(g->arena, uint32_t, g->d->nconstraints), n = 0;
	g->failed |= !because;
	for (uint32_t i = 0; i < c->nclauses && because; i++) {
		const struct combos_clause *clause = &g->d->model.clauses[c->first + i];
		const struct question q = { clause->literals, clause->n, true };
		all_that_are_on(g, constraint);
		enum reason_answer answer = ask(g, &q, g->set, g->nset, UINT32_MAX);
		g->out->complete &= answer != REASON_UNKNOWN;
		if (answer != REASON_NO)
			return;
		minimise(g, &q);
		(void)add_to(g, because, &n);
	}
	g->off[constraint] = true;
	if (because && g->out->nredundant < FINDINGS_MAX)
		g->out->redundant[g->out->nredundant++] = (struct combos_finding){ constraint, because, n };
}

/* Rows that were found show for most symbols that they are alive. */
static void mark_alive(struct diagnosing *g, bool *alive, uint32_t nsymbols)
{
	for (uint32_t s = 0; s < nsymbols; s++)
		alive[s] = alive[s] || reason_has(g->r, s);
}

static void check_dead(struct diagnosing *g)
{
	uint32_t nsymbols = 0;
	for (uint32_t p = 0; p < g->d->model.nparameters; p++)
		nsymbols += g->d->model.levels[p];
	bool *alive = ARENA_ARRAY(g->arena, bool, nsymbols);
	g->failed |= !alive;
	memset(g->off, 0, g->d->nconstraints * sizeof *g->off);
	for (uint32_t s = 0; alive && s < nsymbols && g->out->complete; s++) {
		const struct combos_literal literal = { s, false };
		const struct question q = { &literal, 1, false };
		if (alive[s])
			continue;
		all_that_are_on(g, UINT32_MAX);
		enum reason_answer answer = ask(g, &q, g->set, g->nset, UINT32_MAX);
		g->out->complete &= answer != REASON_UNKNOWN;
		if (answer == REASON_YES)
			mark_alive(g, alive, nsymbols);
		if (answer != REASON_NO || g->out->ndead == FINDINGS_MAX)
			continue;
		minimise(g, &q);
		g->out->dead[g->out->ndead] = (struct combos_finding){ s, copy_set(g), g->nset };
		g->out->ndead++;
	}
}

struct error combos_diagnose(const struct combos_description *d, struct arena *arena, struct combos_diagnosis *out)
{
	*out = (struct combos_diagnosis){ .satisfiable = true, .complete = true };
	struct diagnosing g = { .d = d, .arena = arena, .out = out };
	g.off = ARENA_ARRAY(arena, bool, d->nconstraints);
	g.set = ARENA_ARRAY(arena, uint32_t, d->nconstraints);
	out->redundant = ARENA_ARRAY(arena, struct combos_finding, FINDINGS_MAX);
	out->dead = ARENA_ARRAY(arena, struct combos_finding, FINDINGS_MAX);
	g.r = reason_new(d);
	if (!g.off || !g.set || !out->redundant || !out->dead || !g.r) {
		reason_free(g.r);
		return error_at(ERR_MEMORY, 0, "no memory to look at the constraints");
	}
	check_satisfiable(&g);
	/* Clauses of benchmarks follow from each other in numbers, which is no news. */
	bool written = d->nconstraints && d->constraints[0].expression && d->nconstraints <= REDUNDANT_MAX;
	for (uint32_t i = 0; out->satisfiable && written && i < d->nconstraints && out->complete && !g.failed; i++)
		check_redundant(&g, i);
	if (out->satisfiable && !g.failed)
		check_dead(&g);
	reason_free(g.r);
	return g.failed ? error_at(ERR_MEMORY, 0, "no memory to look at the constraints") : error_none();
}
