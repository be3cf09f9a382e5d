/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which format a model is in, and its reader. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "combos/builder.h"

static const char *const names[COMBOS_FORMATS] = { "any", "pict", "acts", "acts-xml", "ctwedge", "casa", "dimacs" };

const char *combos_format_name(enum combos_format format)
{
	return names[format];
}

bool combos_format_named(const char *name, enum combos_format *format)
{
	for (int i = 1; i < COMBOS_FORMATS; i++)
		if (strcmp(name, names[i]) == 0) {
			*format = (enum combos_format)i;
			return true;
		}
	return false;
}

static bool starts_with(struct span s, const char *word)
{
	size_t n = strlen(word);
	return s.n >= n && strncasecmp((const char *)s.p, word, n) == 0;
}

/* The first thing that is no comment of its format. */
static struct span significant(struct span s)
{
	while (s.n) {
		const uint8_t *end = memchr(s.p, '\n', s.n);
		size_t n = end ? (size_t)(end - s.p) + 1 : s.n;
		if (isspace(*s.p))
			n = 1;
		else if (span_starts(s, "\xEF\xBB\xBF", 3))
			n = 3;
		else if (*s.p != '#' && !starts_with(s, "--") && !starts_with(s, "//"))
			return s;
		s = span_from(s, n);
	}
	return s;
}

/* Only digits and white space: the strength, the parameters, their values. */
static bool is_numbers(struct span s)
{
	size_t n = s.n < 4096 ? s.n : 4096;
	for (size_t i = 0; i < n; i++)
		if (!isdigit(s.p[i]) && !isspace(s.p[i]))
			return false;
	return n > 0;
}

/* `c ...` and `p cnf` at the beginning of lines. */
static bool is_dimacs(struct span s)
{
	while (s.n && (s.p[0] == 'c' && (s.n == 1 || isspace(s.p[1])))) {
		const uint8_t *end = memchr(s.p, '\n', s.n);
		s = significant(span_from(s, end ? (size_t)(end - s.p) + 1 : s.n));
	}
	return starts_with(s, "p cnf");
}

static enum combos_format recognise(struct span text)
{
	struct span s = significant(text);
	if (s.n && *s.p == '<')
		return COMBOS_FORMAT_ACTS_XML;
	if (starts_with(s, "[system]") || starts_with(s, "[parameter]"))
		return COMBOS_FORMAT_ACTS;
	if (starts_with(s, "model") && s.n > 5 && isspace(s.p[5]) && memmem(s.p, s.n, "Parameters", 10))
		return COMBOS_FORMAT_CTWEDGE;
	if (is_dimacs(s))
		return COMBOS_FORMAT_DIMACS;
	return is_numbers(s) ? COMBOS_FORMAT_CASA : COMBOS_FORMAT_PICT;
}

/* Of the formats that have clauses, each clause is a constraint. */
static struct error take_clauses(struct arena *arena, struct combos_description *out)
{
	struct combos_constraint *c = ARENA_ARRAY(arena, struct combos_constraint, out->model.nclauses);
	if (!c)
		return error_at(ERR_MEMORY, 0, "no memory for the constraints");
	for (uint32_t i = 0; i < out->model.nclauses; i++)
		c[i] = (struct combos_constraint){ NULL, out->model.clauses[i].line, 1, i, 1 };
	out->constraints = c;
	out->nconstraints = out->model.nclauses;
	return error_none();
}

static struct error read_clauses(struct span text, struct span constraints, struct arena *arena,
								 struct combos_description *out)
{
	struct error e;
	if (out->format == COMBOS_FORMAT_CASA)
		e = combos_read_casa(text, constraints, arena, &out->model, &out->strength);
	else
		e = combos_read_dimacs(text, arena, &out->model);
	return error_is(&e) ? e : take_clauses(arena, out);
}

struct error combos_describe(struct span text, const struct combos_reading *reading, struct arena *arena,
							 struct combos_description *out)
{
	static void (*const readers[COMBOS_FORMATS])(struct builder *) = { [COMBOS_FORMAT_PICT] = read_pict,
																	   [COMBOS_FORMAT_ACTS] = read_acts,
																	   [COMBOS_FORMAT_ACTS_XML] = read_acts_xml,
																	   [COMBOS_FORMAT_CTWEDGE] = read_ctwedge };
	enum combos_format format = reading->format == COMBOS_FORMAT_ANY ? recognise(text) : reading->format;
	*out = (struct combos_description){ .format = format, .name = "" };
	if (significant(text).n == 0)
		return error_at(ERR_USAGE, 0, "line 1, column 1: the model is empty");
	if (reading->constraints.n && format != COMBOS_FORMAT_CASA)
		return error_at(ERR_USAGE, 0,
						"constraints in a file of their own go with the benchmark format; this model is %s",
						names[format]);
	if (!readers[format])
		return read_clauses(text, reading->constraints, arena, out);
	struct builder b = { .text = text, .arena = arena, .out = out };
	b.case_sensitive = format != COMBOS_FORMAT_PICT || reading->case_sensitive;
	readers[format](&b);
	builder_finish(&b);
	if (!out->name)
		out->name = "";
	return b.error;
}
