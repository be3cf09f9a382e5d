/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constraints in words, for all languages at once: they differ in how parameters are named and comments begin.
 *
 * From the loosest to the tightest: <=>, =>, OR, AND, NOT, comparisons, + and -, * / %. What stands in parentheses may be
 * either a condition or a value; what it is used as decides.
 */
#include <string.h>
#include <strings.h>

#include "combos/parse.h"

#define DEPTH_MAX 200u

static struct expression *negate(struct parser *p, struct expression *e)
{
	struct expression *n = e ? parse_node(p, EXPR_NOT, e->line, e->column) : NULL;
	if (n)
		n->parts = e;
	return n ? parse_deepen(p, n, e) : NULL;
}

static struct expression *parse_comparison(struct parser *p)
{
	struct expression *e = parse_sum(p);
	enum expression_kind kind;
	while (e && parse_relation(p, &kind)) {
		/* (a > 1) == (b > 1): conditions can be compared too. */
		struct expression *other = parse_sum(p);
		if (e && other && !expression_is_value(e) && !expression_is_value(other) &&
			(kind == EXPR_EQUAL || kind == EXPR_DIFFERENT))
			e = kind == EXPR_EQUAL ? parse_pair(p, EXPR_SAME, e, other) : negate(p, parse_pair(p, EXPR_SAME, e, other));
		else
			e = parse_compared(p, kind, e, other);
	}
	if (!e || !p->s->brackets)
		return e;
	bool negated = expression_is_value(e) && source_take(p->s, "NOT");
	if (source_take(p->s, "LIKE")) {
		struct expression *pattern = parse_primary(p);
		if (pattern && (pattern->kind != EXPR_STRING || e->kind != EXPR_PARAMETER)) {
			builder_fail(p->b, pattern->line, pattern->column, "LIKE stands between a parameter and a \"string\"");
			return NULL;
		}
		e = parse_pair(p, EXPR_LIKE, e, pattern);
	} else if (source_take(p->s, "IN")) {
		e = parse_in(p, e);
	} else if (negated) {
		return parse_fail(p, "LIKE or IN");
	}
	return negated ? negate(p, e) : e;
}

/* What stands alone where a condition is expected: a Boolean parameter, TRUE or FALSE. */
static struct expression *must_be_condition(struct parser *p, struct expression *e)
{
	if (!e || !expression_is_value(e))
		return e;
	if (e->kind == EXPR_STRING && !p->s->brackets &&
		(strcasecmp(e->string, "true") == 0 || strcasecmp(e->string, "false") == 0))
		return parse_node(p, strcasecmp(e->string, "true") == 0 ? EXPR_AND : EXPR_OR, e->line, e->column);
	if (e->kind == EXPR_PARAMETER) {
		struct expression *truth = parse_string(p, "true", e->line, e->column);
		const struct builder_parameter *q = &p->b->parameters[e->parameter];
		for (uint32_t v = 0; truth && v < q->nvalues; v++)
			if (strcasecmp(q->values[v].name, "true") == 0) {
				truth->string = q->values[v].name;
				return parse_pair(p, EXPR_EQUAL, e, truth);
			}
	}
	const char *near = e->kind == EXPR_STRING ? builder_nearest(p->b, text_c(e->string)) : NULL;
	builder_fail(p->b, e->line, e->column, "a condition is expected here, as A = B, and not a value alone%s%.40s%s",
				 near ? "; is \"" : "", near ? near : "", near ? "\" meant?" : "");
	return NULL;
}

static struct expression *parse_not(struct parser *p)
{
	uint32_t times = 0;
	for (;;) {
		source_skip(p->s);
		bool sign = span_has(p->s->text, p->s->at, "!", 1) && !span_has(p->s->text, p->s->at, "!=", 2);
		if (sign)
			source_step(p->s, 1);
		if (!sign && !source_take(p->s, "NOT"))
			break;
		times++;
	}
	struct expression *e = parse_comparison(p);
	if (times == 0)
		return e;
	e = must_be_condition(p, e);
	return times % 2 ? negate(p, e) : e;
}

static bool take_one(struct parser *p, const char *const *words)
{
	for (; *words; words++)
		if (source_take(p->s, *words))
			return true;
	return false;
}

/* Parts joined by one operator, side by side, so that a long list is no deep tree. */
static struct expression *parse_list(struct parser *p, enum expression_kind kind)
{
	static const char *const ands[] = { "AND", "&&", "&", NULL }, *const ors[] = { "OR", "||", "|", NULL };
	struct expression *e = kind == EXPR_AND ? parse_not(p) : parse_list(p, EXPR_AND), *list = NULL, *last = NULL;
	while (e && take_one(p, kind == EXPR_AND ? ands : ors)) {
		if (!list) {
			last = must_be_condition(p, e);
			list = last ? parse_node(p, kind, e->line, e->column) : NULL;
			if (!list)
				return NULL;
			list->parts = last;
			e = parse_deepen(p, list, last);
		}
		last->next = must_be_condition(p, kind == EXPR_AND ? parse_not(p) : parse_list(p, EXPR_AND));
		last = last->next;
		if (!e || !last || !parse_deepen(p, list, last))
			return NULL;
	}
	return e;
}

static struct expression *parse_implication(struct parser *p)
{
	static const char *const arrows[] = { "=>", "->", NULL };
	struct expression *e = parse_list(p, EXPR_OR);
	if (!e || !take_one(p, arrows))
		return e;
	if (++p->depth > DEPTH_MAX) {
		builder_fail(p->b, p->s->line, p->s->column, "more than %u levels of parentheses and implications", DEPTH_MAX);
		return NULL;
	}
	struct expression *a = must_be_condition(p, e), *b = must_be_condition(p, a ? parse_implication(p) : NULL);
	p->depth--;
	return parse_pair(p, EXPR_IMPLIES, a, b);
}

struct expression *parse_any(struct parser *p)
{
	static const char *const arrows[] = { "<=>", "<->", NULL };
	if (++p->depth > DEPTH_MAX) {
		builder_fail(p->b, p->s->line, p->s->column, "more than %u levels of parentheses and implications", DEPTH_MAX);
		return NULL;
	}
	struct expression *e = parse_implication(p);
	for (uint32_t n = 0; e && take_one(p, arrows); n++) {
		if (n == DEPTH_MAX) {
			builder_fail(p->b, p->s->line, p->s->column, "more than %u equivalences in a row", DEPTH_MAX);
			return NULL;
		}
		struct expression *a = must_be_condition(p, e);
		e = parse_pair(p, EXPR_SAME, a, must_be_condition(p, a ? parse_implication(p) : NULL));
	}
	p->depth--;
	return e;
}

struct expression *parse_expression(struct builder *b, struct source *s)
{
	struct parser p = { b, s, 0 };
	return must_be_condition(&p, parse_any(&p));
}

/* IF a THEN b ELSE c is: a => b, and not a => c. Both have the same a. */
static struct expression *with_else(struct parser *p, struct expression *a, struct expression *b)
{
	struct expression *copy = ARENA_NEW(p->b->arena, struct expression), *c = parse_expression(p->b, p->s);
	if (!copy) {
		builder_no_memory(p->b);
		return NULL;
	}
	*copy = *a;
	struct expression *x = parse_pair(p, EXPR_IMPLIES, a, b),
					  *y = c ? parse_pair(p, EXPR_IMPLIES, negate(p, copy), c) : NULL;
	return parse_pair(p, EXPR_AND, x, y);
}

struct expression *parse_constraint(struct builder *b, struct source *s)
{
	struct parser p = { b, s, 0 };
	if (!source_take(s, "IF"))
		return parse_expression(b, s);
	struct expression *a = parse_expression(b, s);
	if (a && !source_take(s, "THEN"))
		return parse_fail(&p, "AND, OR or THEN");
	struct expression *then = a ? parse_expression(b, s) : NULL;
	if (!then)
		return NULL;
	return source_take(s, "ELSE") ? with_else(&p, a, then) : parse_pair(&p, EXPR_IMPLIES, a, then);
}
