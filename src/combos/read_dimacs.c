/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feature models in DIMACS CNF: every variable is a parameter with the values 0 and 1.
 *
 * Specification: DIMACS, Satisfiability: Suggested Format (1993). Feature models name their variables in comments, `c 3 NAME`.
 */
#include <stdlib.h>
#include <string.h>

#include "combos/column.h"
#include "combos/combos.h"

#define NAME_BYTES 200u

struct dimacs {
	struct span text;
	size_t at;
	uint32_t line;
	struct arena *arena;
	struct combos_model *m;
	struct combos_literal *literals;
	struct combos_clause *clauses;
	char **names;
	uint32_t nliterals, nclauses, declared;
	struct error error;
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void fail(struct dimacs *d, const char *what)
{
	if (!error_is(&d->error))
		d->error = error_at(ERR_USAGE, d->at, "line %u, column %u: %s", d->line, column_of(d->text, d->at), what);
}

static void skip_blanks(struct dimacs *d)
{
	while (d->at < d->text.n && is_blank(d->text.p[d->at]))
		d->at++;
}

static void skip_line(struct dimacs *d)
{
	while (d->at < d->text.n && d->text.p[d->at] != '\n')
		d->at++;
}

/* A number of at most `most`, with a sign where that may be. */
static int64_t number(struct dimacs *d, uint32_t most, const char *what)
{
	skip_blanks(d);
	size_t begin = d->at;
	bool negative = d->at < d->text.n && d->text.p[d->at] == '-';
	d->at += negative;
	size_t from = d->at;
	int64_t v = 0;
	while (d->at < d->text.n && d->text.p[d->at] >= '0' && d->text.p[d->at] <= '9' && v <= most)
		v = v * 10 + (d->text.p[d->at++] - '0');
	if (d->at == from || v > most) {
		d->at = begin;
		fail(d, what);
	}
	return negative ? -v : v;
}

static bool make_room(struct dimacs *d)
{
	uint32_t *levels = ARENA_ARRAY(d->arena, uint32_t, d->m->nparameters);
	d->clauses = ARENA_ARRAY(d->arena, struct combos_clause, d->declared);
	d->literals = ARENA_ARRAY(d->arena, struct combos_literal, COMBOS_LITERALS_MAX);
	d->names = ARENA_ARRAY(d->arena, char *, d->m->nparameters);
	for (uint32_t p = 0; levels && p < d->m->nparameters; p++)
		levels[p] = 2;
	d->m->levels = levels;
	d->m->clauses = d->clauses;
	return levels && d->clauses && d->literals && d->names;
}

static void read_header(struct dimacs *d)
{
	static const char word[] = "p cnf";
	if (d->declared || d->m->nparameters || !span_has(d->text, d->at, word, sizeof word - 1)) {
		fail(d, "`p cnf VARIABLES CLAUSES` is expected, once");
		return;
	}
	d->at += sizeof word - 1;
	int64_t variables = number(d, COMBOS_PARAMETERS_MAX, "the number of variables is expected, 16384 at most");
	int64_t clauses = number(d, COMBOS_CLAUSES_MAX, "the number of clauses is expected, 65536 at most");
	if (variables < 1 || clauses < 0)
		fail(d, "a model has one variable at least");
	if (error_is(&d->error))
		return;
	d->m->nparameters = (uint32_t)variables;
	d->declared = (uint32_t)clauses;
	if (!make_room(d))
		d->error = error_at(ERR_MEMORY, 0, "no memory for the model");
}

/* Literals up to the 0 that ends the clause, over as many lines as it takes. */
static void read_clause(struct dimacs *d)
{
	if (d->nclauses == d->declared) {
		fail(d, d->m->nparameters ? "more clauses than the header says" : "`p cnf VARIABLES CLAUSES` comes first");
		return;
	}
	struct combos_clause *c = &d->clauses[d->nclauses++];
	*c = (struct combos_clause){ d->literals + d->nliterals, 0, d->line };
	for (;;) {
		while (d->at < d->text.n && (is_blank(d->text.p[d->at]) || d->text.p[d->at] == '\n'))
			d->line += d->text.p[d->at++] == '\n';
		int64_t v = number(d, d->m->nparameters, "the number of a variable is expected, or 0");
		if (v == 0 || error_is(&d->error))
			return;
		if (d->nliterals == COMBOS_LITERALS_MAX) {
			fail(d, "more than 1048576 literals in all");
			return;
		}
		uint32_t symbol = 2 * (uint32_t)((v < 0 ? -v : v) - 1) + 1;
		d->literals[d->nliterals++] = (struct combos_literal){ symbol, v < 0 };
		c->n++;
	}
}

/* `c 3 NAME ...`: what variable 3 is called. A name that another variable has already is not taken. */
static void take_name(struct dimacs *d, struct text line)
{
	size_t i = 1, from;
	uint64_t v = 0;
	while (i < line.n && is_blank((uint8_t)line.p[i]))
		i++;
	for (from = i; i < line.n && line.p[i] >= '0' && line.p[i] <= '9' && v <= COMBOS_PARAMETERS_MAX; i++)
		v = v * 10 + (uint64_t)(line.p[i] - '0');
	if (i == from || v < 1 || v > d->m->nparameters || d->names[v - 1] || i >= line.n || !is_blank((uint8_t)line.p[i]))
		return;
	while (i < line.n && is_blank((uint8_t)line.p[i]))
		i++;
	for (from = i; i < line.n && (uint8_t)line.p[i] > ' ';)
		i++;
	if (i == from || i - from > NAME_BYTES)
		return;
	d->names[v - 1] = arena_strdup(d->arena, text_of(line.p + from, i - from));
	if (!d->names[v - 1])
		d->error = error_at(ERR_MEMORY, 0, "no memory for the names");
}

static int by_name(const void *a, const void *b)
{
	char **const *x = a, **const *y = b;
	return strcmp(**x, **y);
}

/* Of variables that are called the same none is. */
static void part_names(struct dimacs *d)
{
	uint32_t n = 0;
	char ***sorted = ARENA_ARRAY(d->arena, char **, d->m->nparameters);
	if (!sorted) {
		d->error = error_at(ERR_MEMORY, 0, "no memory for the names");
		return;
	}
	for (uint32_t p = 0; p < d->m->nparameters; p++)
		if (d->names[p])
			sorted[n++] = &d->names[p];
	qsort(sorted, n, sizeof *sorted, by_name);
	for (uint32_t i = 0, same; i < n; i = same) {
		for (same = i + 1; same < n && strcmp(*sorted[i], *sorted[same]) == 0;)
			same++;
		for (uint32_t j = i; j < same && same > i + 1; j++)
			*sorted[j] = NULL;
	}
	if (n)
		d->m->names = (const char *const *)d->names;
}

/* Comments may come before the header, so they are looked at when the number of variables is known. */
static void take_names(struct dimacs *d)
{
	for (size_t at = 0; at < d->text.n && !error_is(&d->error);) {
		const uint8_t *end = memchr(d->text.p + at, '\n', d->text.n - at);
		size_t n = end ? (size_t)(end - d->text.p) - at : d->text.n - at;
		if (d->text.p[at] == 'c')
			take_name(d, text_of((const char *)d->text.p + at, n));
		at += n + 1;
	}
	if (!error_is(&d->error))
		part_names(d);
}

struct error combos_read_dimacs(struct span text, struct arena *arena, struct combos_model *out)
{
	*out = (struct combos_model){ 0 };
	struct dimacs d = { .text = text, .line = 1, .arena = arena, .m = out };
	while (!error_is(&d.error)) {
		skip_blanks(&d);
		if (d.at == text.n)
			break;
		if (text.p[d.at] == '\n') {
			d.line++;
			d.at++;
		} else if (text.p[d.at] == 'c') {
			skip_line(&d);
		} else if (text.p[d.at] == 'p') {
			read_header(&d);
		} else if (text.p[d.at] == '%') {
			break; /* SATLIB's end mark */
		} else {
			read_clause(&d);
		}
	}
	if (!error_is(&d.error) && (out->nparameters == 0 || d.nclauses < d.declared))
		fail(&d, out->nparameters ? "fewer clauses than the header says" : "`p cnf VARIABLES CLAUSES` is missing");
	out->nclauses = d.nclauses;
	if (!error_is(&d.error))
		take_names(&d);
	return d.error;
}
