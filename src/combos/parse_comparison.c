/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparisons. A parameter is compared with what can be one of its values. */
#include <string.h>
#include <strings.h>

#include "combos/parse.h"

bool parse_relation(struct parser *p, enum expression_kind *kind)
{
	static const struct {
		const char *sign;
		enum expression_kind kind;
	} relations[] = { { "<=", EXPR_LESS_EQUAL }, { ">=", EXPR_GREATER_EQUAL }, { "<>", EXPR_DIFFERENT },
					  { "!=", EXPR_DIFFERENT },  { "==", EXPR_EQUAL },         { "<", EXPR_LESS },
					  { ">", EXPR_GREATER },     { "=", EXPR_EQUAL } };
	struct source *s = p->s;
	source_skip(s);
	if (span_has(s->text, s->at, "=>", 2) || span_has(s->text, s->at, "<=>", 3) || span_has(s->text, s->at, "<->", 3))
		return false;
	for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++)
		if (source_take(s, relations[i].sign)) {
			*kind = relations[i].kind;
			return true;
		}
	return false;
}

/* Whether all that the parameter can be compared with is a number, or a string. */
static int type_of(const struct parser *p, const struct expression *e)
{
	if (e->kind == EXPR_PARAMETER)
		return p->b->parameters[e->parameter].numeric ? OPERAND_NUMBER : OPERAND_STRING;
	return e->kind == EXPR_STRING ? OPERAND_STRING : OPERAND_NUMBER;
}

/* A constant takes on the type of what it is compared with where it can be written so, but in the model language, whose
 * numbers stand without quotation marks and strings in them. */
static void adapt(struct parser *p, const struct expression *to, struct expression *e)
{
	double number;
	if (p->s->brackets || to->kind != EXPR_PARAMETER)
		return;
	if (type_of(p, to) == OPERAND_NUMBER && e->kind == EXPR_STRING && text_number(text_c(e->string), &number)) {
		e->kind = EXPR_NUMBER;
		e->number = number;
	} else if (type_of(p, to) == OPERAND_STRING && e->kind == EXPR_NUMBER) {
		e->kind = EXPR_STRING;
	}
}

static bool has_value(const struct parser *p, const struct expression *parameter, const struct expression *value)
{
	const struct builder_parameter *q = &p->b->parameters[parameter->parameter];
	for (uint32_t v = 0; v < q->nvalues; v++) {
		const struct operand *o = &q->values[v].operand;
		if (value->kind == EXPR_NUMBER ? o->number == value->number
			: p->b->case_sensitive     ? strcmp(o->string, value->string) == 0
									   : strcasecmp(o->string, value->string) == 0)
			return true;
	}
	return false;
}

/* A misspelt value makes a comparison that is never true, or always: worth a word. */
static void check_value(struct parser *p, const struct expression *a, const struct expression *b)
{
	if (a->kind != EXPR_PARAMETER || (b->kind != EXPR_STRING && b->kind != EXPR_NUMBER) || has_value(p, a, b))
		return;
	const char *near = builder_nearest_value(p->b, a->parameter, b->string);
	builder_note(p->b, b->line, b->column, "\"%.60s\" has no value \"%.60s\"%s%.60s%s",
				 p->b->parameters[a->parameter].name, b->string, near ? "; is \"" : "", near ? near : "",
				 near ? "\" meant?" : "");
}

struct expression *parse_compared(struct parser *p, enum expression_kind kind, struct expression *a,
								  struct expression *b)
{
	if (!parse_must_be_value(p, a) || !parse_must_be_value(p, b))
		return NULL;
	bool constants =
		(a->kind == EXPR_STRING || a->kind == EXPR_NUMBER) && (b->kind == EXPR_STRING || b->kind == EXPR_NUMBER);
	if (constants && (parse_is_bare(a) || parse_is_bare(b)))
		return parse_no_parameter(p, text_c(parse_is_bare(a) ? a->string : b->string), a->line, a->column);
	adapt(p, a, b);
	adapt(p, b, a);
	if (type_of(p, a) != type_of(p, b)) {
		builder_fail(p->b, b->line, b->column, "a %s is compared with a %s%s",
					 type_of(p, a) == OPERAND_NUMBER ? "number" : "string",
					 type_of(p, b) == OPERAND_NUMBER ? "number" : "string",
					 p->s->brackets ? ": a parameter is numeric when all of its values are numbers" : "");
		return NULL;
	}
	if (kind == EXPR_EQUAL || kind == EXPR_DIFFERENT) {
		check_value(p, a, b);
		check_value(p, b, a);
	}
	return parse_pair(p, kind, a, b);
}

struct expression *parse_in(struct parser *p, struct expression *a)
{
	if (!parse_must_be_value(p, a))
		return NULL;
	if (!source_take(p->s, "{"))
		return parse_fail(p, "{ and values behind IN");
	struct expression *e = parse_node(p, EXPR_IN, a->line, a->column), *last = a;
	if (e)
		e->parts = a;
	while (e) {
		struct expression *v = parse_must_be_value(p, parse_sum(p));
		if (!v)
			return NULL;
		adapt(p, a, v);
		if (type_of(p, a) != type_of(p, v)) {
			builder_fail(
				p->b, v->line, v->column,
				"a number and a string are compared: a parameter is numeric when all of its values are numbers");
			return NULL;
		}
		check_value(p, a, v);
		last->next = v;
		last = v;
		if (source_take(p->s, "}"))
			return e;
		if (!source_take(p->s, ","))
			return parse_fail(p, "a comma or }");
	}
	return NULL;
}
