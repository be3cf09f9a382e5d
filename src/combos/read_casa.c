/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The benchmark format of CASA: numbers in ASCII.
 *
 * Model: the strength, the number of parameters, the number of values of each. Constraints: the number of clauses, and of
 * each the number of its literals and these, `+ s` or `- s`, symbols counted from 0 over all parameters.
 */
#include <string.h>

#include "combos/column.h"
#include "combos/combos.h"

struct reading {
	struct span text;
	size_t at;
	uint32_t line;
	struct error error;
};

static void skip_space(struct reading *r)
{
	for (; r->at < r->text.n && strchr(" \t\r\n", r->text.p[r->at]) && r->text.p[r->at]; r->at++)
		r->line += r->text.p[r->at] == '\n';
}

static void fail(struct reading *r, const char *what)
{
	if (!error_is(&r->error))
		r->error = error_at(ERR_USAGE, r->at, "line %u, column %u: %s", r->line, column_of(r->text, r->at), what);
}

static uint32_t number(struct reading *r, uint32_t most, const char *what)
{
	skip_space(r);
	uint64_t v = 0;
	size_t from = r->at;
	while (r->at < r->text.n && r->text.p[r->at] >= '0' && r->text.p[r->at] <= '9' && v <= most)
		v = v * 10 + (uint64_t)(r->text.p[r->at++] - '0');
	if (r->at == from || v > most) {
		r->at = from;
		fail(r, what);
		return 0;
	}
	return (uint32_t)v;
}

static void read_levels(struct reading *r, struct arena *arena, struct combos_model *m, uint32_t *strength)
{
	*strength = number(r, COMBOS_STRENGTH_MAX, "the strength, 1 to 6, is expected");
	m->nparameters = number(r, COMBOS_PARAMETERS_MAX, "the number of parameters is expected");
	uint32_t *levels = ARENA_ARRAY(arena, uint32_t, m->nparameters);
	if (!levels) {
		r->error = error_at(ERR_MEMORY, 0, "no memory for the model");
		return;
	}
	for (uint32_t p = 0; p < m->nparameters && !error_is(&r->error); p++)
		levels[p] = number(r, COMBOS_VALUES_MAX, "the number of values of each parameter is expected");
	m->levels = levels;
	skip_space(r);
	if (r->at < r->text.n)
		fail(r, "nothing is expected behind the values of the last parameter");
}

static void read_clause(struct reading *r, struct arena *arena, struct combos_clause *c, uint32_t nsymbols, uint32_t *total)
{
	c->n = number(r, COMBOS_LITERALS_MAX - *total, "the number of literals of a constraint is expected");
	c->line = r->line;
	*total += c->n;
	struct combos_literal *l = ARENA_ARRAY(arena, struct combos_literal, c->n);
	c->literals = l;
	if (!l) {
		r->error = error_at(ERR_MEMORY, 0, "no memory for the constraints");
		return;
	}
	for (uint32_t i = 0; i < c->n && !error_is(&r->error); i++) {
		skip_space(r);
		uint8_t sign = r->at < r->text.n ? r->text.p[r->at] : 0;
		if (sign != '+' && sign != '-') {
			fail(r, "+ or - is expected before a value");
			return;
		}
		r->at++;
		l[i] = (struct combos_literal){ number(r, nsymbols ? nsymbols - 1 : 0, "the number of a value is expected"), sign == '-' };
	}
}

static void read_clauses(struct reading *r, struct arena *arena, struct combos_model *m)
{
	uint32_t nsymbols = 0, total = 0;
	for (uint32_t p = 0; p < m->nparameters; p++)
		nsymbols += m->levels[p];
	skip_space(r);
	if (r->at == r->text.n)
		return;
	m->nclauses = number(r, COMBOS_CLAUSES_MAX, "the number of constraints is expected");
	struct combos_clause *c = ARENA_ARRAY(arena, struct combos_clause, m->nclauses);
	m->clauses = c;
	if (!c) {
		r->error = error_at(ERR_MEMORY, 0, "no memory for the constraints");
		return;
	}
	for (uint32_t i = 0; i < m->nclauses && !error_is(&r->error); i++)
		read_clause(r, arena, &c[i], nsymbols, &total);
	skip_space(r);
	if (r->at < r->text.n)
		fail(r, "nothing is expected behind the last constraint");
}

struct error combos_read_casa(struct span model, struct span constraints, struct arena *arena, struct combos_model *out,
							  uint32_t *strength)
{
	*out = (struct combos_model){ 0 };
	struct reading r = { .text = model, .line = 1 };
	read_levels(&r, arena, out, strength);
	if (error_is(&r.error))
		return r.error;
	r = (struct reading){ .text = constraints, .line = 1 };
	read_clauses(&r, arena, out);
	return r.error;
}
