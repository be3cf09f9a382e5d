/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model language: all of PICT's, and a little more.
 *
 * Specification: microsoft/pict, doc/pict.md ("Model File", "Constraints", "Advanced Modelling Features").
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "combos/builder.h"

#define ALIASES_MAX 100u

struct place {
	struct text text;
	uint32_t line, column; /* of its first character */
};

static struct place trim(struct place t)
{
	while (t.text.n && isspace((unsigned char)t.text.p[t.text.n - 1]))
		t.text.n--;
	while (t.text.n && isspace((unsigned char)t.text.p[0])) {
		t.text.p++;
		t.text.n--;
		t.column++;
	}
	return t;
}

/* What stands before the next `mark`, which is taken; the rest stays in *rest. */
static struct place cut(struct place *rest, char mark)
{
	const char *end = rest->text.n ? memchr(rest->text.p, mark, rest->text.n) : NULL;
	size_t n = end ? (size_t)(end - rest->text.p) : rest->text.n, taken = n + (end != NULL);
	struct place t = { text_of(rest->text.p, n), rest->line, rest->column };
	rest->text.p += taken;
	rest->text.n -= taken;
	rest->column += (uint32_t)taken;
	return t;
}

static struct place line_at(const struct source *s)
{
	const uint8_t *from = s->text.p + s->at, *end = memchr(from, '\n', s->text.n - s->at);
	return (struct place){ text_of((const char *)from, end ? (size_t)(end - from) : s->text.n - s->at), s->line,
						   s->column };
}

/* ` (10)` at the end is a weight. */
static uint32_t take_weight(struct text *t)
{
	if (!t->n || t->p[t->n - 1] != ')')
		return 1;
	size_t i = t->n - 1;
	while (i > 0 && isdigit((unsigned char)t->p[i - 1]))
		i--;
	if (i == t->n - 1 || i < 1 || t->p[i - 1] != '(' || t->n - 1 - i > 6)
		return 1;
	uint32_t weight = 0;
	for (size_t j = i; j < t->n - 1; j++)
		weight = weight * 10 + (uint32_t)(t->p[j] - '0');
	t->n = i - 1;
	return weight ? weight : 1;
}

static const char *join_aliases(struct builder *b, struct place rest)
{
	struct place names[ALIASES_MAX];
	size_t n = 0, bytes = 1;
	while (rest.text.n && n < ALIASES_MAX) {
		names[n] = trim(cut(&rest, '|'));
		if (names[n].text.n == 0 || memchr(names[n].text.p, 0, names[n].text.n))
			builder_fail(b, names[n].line, names[n].column, "a name is expected behind |");
		bytes += names[n++].text.n + 1;
	}
	char *out = ARENA_ARRAY(b->arena, char, bytes), *at = out;
	if (!out) {
		builder_no_memory(b);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		memcpy(at, names[i].text.p, names[i].text.n);
		at += names[i].text.n + 1;
	}
	return out;
}

/* <NAME>: the values of a parameter that came before. */
static void reuse(struct builder *b, struct place t)
{
	struct place name = trim((struct place){ text_of(t.text.p + 1, t.text.n - 2), t.line, t.column + 1 });
	uint32_t found = builder_find(b, name.text);
	if (found == UINT32_MAX || found + 1 == b->nparameters) {
		const char *near = builder_nearest(b, name.text);
		builder_fail(b, name.line, name.column, "no parameter \"%.*s\" comes before this line%s%.40s%s",
					 (int)(name.text.n < 40 ? name.text.n : 40), name.text.p, near ? "; is \"" : "", near ? near : "",
					 near ? "\" meant?" : "");
		return;
	}
	for (uint32_t v = 0; v < b->parameters[found].nvalues; v++) {
		const struct builder_value *from = &b->parameters[found].values[v];
		builder_value(b, text_c(from->name), from->aliases, from->negative, from->weight, t.line, t.column);
	}
}

static void take_value(struct builder *b, struct place t)
{
	t = trim(t);
	if (t.text.n > 2 && t.text.p[0] == '<' && t.text.p[t.text.n - 1] == '>') {
		reuse(b, t);
		return;
	}
	uint32_t weight = take_weight(&t.text);
	struct place name = trim(cut(&t, '|'));
	const char *aliases = t.text.n ? join_aliases(b, t) : NULL;
	bool negative = name.text.n > 0 && name.text.p[0] == '~';
	if (negative) {
		name.text.p++;
		name.text.n--;
		name.column++;
	}
	name = trim(name);
	builder_value(b, name.text, aliases, negative, weight, name.line, name.column);
}

static void take_parameter(struct builder *b, struct place line)
{
	struct place name = trim(cut(&line, ':'));
	if (!builder_parameter(b, name.text, name.line, name.column))
		return;
	do
		take_value(b, cut(&line, ','));
	while (line.text.n && !error_is(&b->error));
}

/* { A, B } @ 3; without a number the strength is what is asked for anyway. */
static void take_group(struct builder *b, struct place line)
{
	line = trim(line);
	line.text.p++;
	line.text.n--;
	line.column++;
	uint32_t *members = ARENA_ARRAY(b->arena, uint32_t, line.text.n + 1), n = 0;
	if (!members)
		builder_no_memory(b);
	if (!memchr(line.text.p, '}', line.text.n))
		builder_fail(b, line.line, line.column,
					 "a } is expected behind the parameters of a sub-model, in the same line");
	if (error_is(&b->error))
		return;
	struct place list = cut(&line, '}');
	while (list.text.n && !error_is(&b->error)) {
		struct place name = trim(cut(&list, ','));
		members[n] = builder_find(b, name.text);
		if (members[n++] != UINT32_MAX)
			continue;
		const char *near = builder_nearest(b, name.text);
		builder_fail(b, name.line, name.column, "there is no parameter \"%.*s\"%s%.40s%s",
					 (int)(name.text.n < 40 ? name.text.n : 40), name.text.p, near ? "; is \"" : "", near ? near : "",
					 near ? "\" meant?" : "");
	}
	line = trim(line);
	if (error_is(&b->error) || line.text.n == 0)
		return;
	double strength;
	struct place number = { text_of(line.text.p + 1, line.text.n - 1), line.line, line.column + 1 };
	number = trim(number);
	if (line.text.p[0] != '@' || !text_number(number.text, &strength) || strength < 1 || strength > COMBOS_STRENGTH_MAX)
		builder_fail(b, line.line, line.column, "@ and a strength of 1 to %u are expected behind }",
					 COMBOS_STRENGTH_MAX);
	else
		builder_group(b, members, n, (uint32_t)strength, line.line, line.column);
}

static bool begins_with(struct text t, const char *word)
{
	size_t n = strlen(word);
	return t.n > n && strncasecmp(t.p, word, n) == 0 &&
		   (isspace((unsigned char)t.p[n]) || t.p[n] == '[' || t.p[n] == '(');
}

/* Constraints begin with IF, NOT, a parenthesis or a parameter in brackets. Names of parameters may do so too, but then a
 * colon comes before any bracket. */
static bool is_constraint(struct text t)
{
	if (t.p[0] == '[' || t.p[0] == '(')
		return true;
	const char *bracket = memchr(t.p, '[', t.n), *colon = memchr(t.p, ':', t.n);
	return (begins_with(t, "IF") || begins_with(t, "NOT")) && (!colon || (bracket && bracket < colon));
}

static void take_constraints(struct builder *b, struct source *s)
{
	builder_types(b);
	for (source_skip(s); !source_ended(s) && !error_is(&b->error); source_skip(s)) {
		uint32_t line = s->line, column = s->column;
		if (source_take(s, ";"))
			continue;
		struct expression *e = parse_constraint(b, s);
		if (e && !source_take(s, ";")) {
			source_skip(s);
			builder_fail(b, s->line, s->column,
						 source_ended(s) ? "a ; is expected at the end of a constraint"
										 : "AND, OR, a comparison or a ; is expected");
		}
		builder_constraint(b, e, line, column);
	}
}

void read_pict(struct builder *b)
{
	struct source s = { .text = b->text, .line = 1, .column = 1, .brackets = true };
	if (span_starts(s.text, "\xEF\xBB\xBF", 3))
		s.at = 3;
	for (source_skip(&s); !source_ended(&s) && !error_is(&b->error); source_skip(&s)) {
		struct place line = trim(line_at(&s));
		if (line.text.p[0] == '{') {
			take_group(b, line);
		} else if (is_constraint(line.text)) {
			take_constraints(b, &s);
			return;
		} else if (!memchr(line.text.p, ':', line.text.n)) {
			builder_fail(b, line.line, line.column, "a parameter is expected, as NAME: VALUE, VALUE ...");
		} else if (b->ngroups) {
			builder_fail(b, line.line, line.column, "parameters come before sub-models and constraints");
		} else {
			take_parameter(b, line);
		}
		source_step(&s, line.text.n);
	}
	builder_types(b);
}
