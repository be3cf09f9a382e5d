/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/expression.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

static bool same_char(char a, char b, bool case_sensitive)
{
	return case_sensitive ? a == b : tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* The last star that was met can take one character more whenever what follows it does not fit. */
static bool expression_like(const char *pattern, const char *text, bool case_sensitive)
{
	const char *star = NULL, *again = NULL;
	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			again = text;
		} else if (*pattern && (*pattern == '?' || same_char(*pattern, *text, case_sensitive))) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++again;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static double arithmetic(enum expression_kind kind, double a, double b)
{
	switch (kind) {
	case EXPR_ADD:
		return a + b;
	case EXPR_SUBTRACT:
		return a - b;
	case EXPR_MULTIPLY:
		return a * b;
	case EXPR_DIVIDE:
		return b != 0 ? a / b : NAN;
	default:
		return b != 0 ? fmod(a, b) : NAN;
	}
}

static struct operand value_of(const struct expression *e, const struct domain *d, const int32_t *values,
							   uint64_t *work)
{
	++*work;
	if (e->kind == EXPR_NUMBER)
		return (struct operand){ OPERAND_NUMBER, e->number, e->string };
	if (e->kind == EXPR_STRING)
		return (struct operand){ OPERAND_STRING, 0, e->string };
	if (e->kind == EXPR_PARAMETER) {
		int32_t v = values[e->parameter];
		return v < 0 ? (struct operand){ OPERAND_UNKNOWN, 0, NULL } : d->operands[d->first[e->parameter] + (uint32_t)v];
	}
	struct operand a = value_of(e->parts, d, values, work), b = value_of(e->parts->next, d, values, work);
	if (a.type == OPERAND_UNKNOWN || b.type == OPERAND_UNKNOWN)
		return (struct operand){ OPERAND_UNKNOWN, 0, NULL };
	if (a.type == OPERAND_STRING || b.type == OPERAND_STRING)
		return (struct operand){ OPERAND_NUMBER, NAN, NULL };
	return (struct operand){ OPERAND_NUMBER, arithmetic(e->kind, a.number, b.number), NULL };
}

static enum truth truth_of(bool b)
{
	return b ? TRUTH_TRUE : TRUTH_FALSE;
}

static enum truth compare(enum expression_kind kind, struct operand a, struct operand b, bool case_sensitive)
{
	if (a.type == OPERAND_UNKNOWN || b.type == OPERAND_UNKNOWN)
		return TRUTH_OPEN;
	if (a.type != b.type || (a.type == OPERAND_NUMBER && (isnan(a.number) || isnan(b.number))))
		return truth_of(kind == EXPR_DIFFERENT);
	int order;
	if (a.type == OPERAND_NUMBER)
		order = a.number < b.number ? -1 : a.number > b.number;
	else
		order = case_sensitive ? strcmp(a.string, b.string) : strcasecmp(a.string, b.string);
	switch (kind) {
	case EXPR_EQUAL:
		return truth_of(order == 0);
	case EXPR_DIFFERENT:
		return truth_of(order != 0);
	case EXPR_LESS:
		return truth_of(order < 0);
	case EXPR_LESS_EQUAL:
		return truth_of(order <= 0);
	case EXPR_GREATER:
		return truth_of(order > 0);
	default:
		return truth_of(order >= 0);
	}
}

static enum truth is_in(const struct expression *e, const struct domain *d, const int32_t *values, uint64_t *work)
{
	struct operand a = value_of(e->parts, d, values, work);
	bool open = false;
	for (const struct expression *part = e->parts->next; part; part = part->next) {
		enum truth t = compare(EXPR_EQUAL, a, value_of(part, d, values, work), d->case_sensitive);
		if (t == TRUTH_TRUE)
			return t;
		open |= t == TRUTH_OPEN;
	}
	return open ? TRUTH_OPEN : TRUTH_FALSE;
}

/* All of the parts hold, or one, as `all` says. */
static enum truth join(const struct expression *e, bool all, const struct domain *d, const int32_t *values,
					   uint64_t *work)
{
	bool open = false;
	for (const struct expression *part = e->parts; part; part = part->next) {
		enum truth t = expression_holds(part, d, values, work);
		if (t == (all ? TRUTH_FALSE : TRUTH_TRUE))
			return t;
		open |= t == TRUTH_OPEN;
	}
	return open ? TRUTH_OPEN : truth_of(all);
}

static enum truth negation(enum truth t)
{
	return t == TRUTH_OPEN ? t : truth_of(t == TRUTH_FALSE);
}

static enum truth is_like(const struct expression *e, const struct domain *d, const int32_t *values, uint64_t *work)
{
	struct operand a = value_of(e->parts, d, values, work);
	if (a.type == OPERAND_UNKNOWN)
		return TRUTH_OPEN;
	return truth_of(a.string && expression_like(e->parts->next->string, a.string, d->case_sensitive));
}

enum truth expression_holds(const struct expression *e, const struct domain *d, const int32_t *values, uint64_t *work)
{
	++*work;
	switch (e->kind) {
	case EXPR_AND:
		return join(e, true, d, values, work);
	case EXPR_OR:
		return join(e, false, d, values, work);
	case EXPR_NOT:
		return negation(expression_holds(e->parts, d, values, work));
	case EXPR_IMPLIES: {
		enum truth a = expression_holds(e->parts, d, values, work);
		if (a == TRUTH_FALSE)
			return TRUTH_TRUE;
		enum truth b = expression_holds(e->parts->next, d, values, work);
		return a == TRUTH_TRUE || b == TRUTH_TRUE ? b : TRUTH_OPEN;
	}
	case EXPR_SAME: {
		enum truth a = expression_holds(e->parts, d, values, work),
				   b = expression_holds(e->parts->next, d, values, work);
		return a == TRUTH_OPEN || b == TRUTH_OPEN ? TRUTH_OPEN : truth_of(a == b);
	}
	case EXPR_LIKE:
		return is_like(e, d, values, work);
	case EXPR_IN:
		return is_in(e, d, values, work);
	default: {
		struct operand a = value_of(e->parts, d, values, work), b = value_of(e->parts->next, d, values, work);
		return compare(e->kind, a, b, d->case_sensitive);
	}
	}
}
