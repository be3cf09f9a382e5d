/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constraints as they are written: trees of comparisons of parameters with values and with each other. */
#ifndef ASSAY_COMBOS_EXPRESSION_H
#define ASSAY_COMBOS_EXPRESSION_H

#include "combos/combos.h"

enum expression_kind {
	/* These hold or do not. */
	EXPR_AND, /* all of its parts; of none: true */
	EXPR_OR,  /* one of its parts; of none: false */
	EXPR_NOT,
	EXPR_IMPLIES,
	EXPR_SAME,
	EXPR_EQUAL,
	EXPR_DIFFERENT,
	EXPR_LESS,
	EXPR_LESS_EQUAL,
	EXPR_GREATER,
	EXPR_GREATER_EQUAL,
	EXPR_LIKE, /* the second part is a string with * and ? */
	EXPR_IN,   /* the first part is among the others */
	/* These are values. */
	EXPR_PARAMETER,
	EXPR_NUMBER,
	EXPR_STRING,
	EXPR_ADD,
	EXPR_SUBTRACT,
	EXPR_MULTIPLY,
	EXPR_DIVIDE,
	EXPR_REMAINDER,
};

struct expression {
	enum expression_kind kind;
	uint32_t line, column;
	uint32_t depth;           /* of the tree below it */
	struct expression *parts; /* the first one */
	struct expression *next;  /* among the parts of what it is in */
	uint32_t parameter;
	double number;
	const char *string; /* of EXPR_STRING, and how EXPR_NUMBER was written */
};

/* What a value is in a comparison. */
struct operand {
	enum { OPERAND_UNKNOWN, OPERAND_NUMBER, OPERAND_STRING } type;
	double number;
	const char *string;
};

enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_OPEN };

/* What an expression is about. */
struct domain {
	const uint32_t *levels;
	const uint32_t *first;          /* of each parameter its first symbol */
	const struct operand *operands; /* of the symbols */
	bool case_sensitive;
	uint32_t nparameters;
};

/* Whether it stands for a value (a parameter, a constant, arithmetic), and not for something that holds or does not. */
static inline bool expression_is_value(const struct expression *e)
{
	return e->kind >= EXPR_PARAMETER;
}

/* Whether it holds when each parameter has that value (counted from 0 within it), or is open where that is -1. What divides
 * by zero, and what compares a number with a string, is different and neither less nor greater. `work` counts the steps. */
enum truth expression_holds(const struct expression *e, const struct domain *domain, const int32_t *values,
							uint64_t *work);

/* Appends clauses that say that it holds. False when it would take more than `most`, or too much time, or memory. */
struct clause_list {
	struct arena *arena;
	struct combos_clause *clauses;
	uint32_t n, capacity, nliterals;
};

/* Adds to `out` the clauses that hold exactly where `e` does, over the domain's parameters. ERR_BUDGET when they
 * would be more than the limits, in both ways of making them; the text tells the line. ERR_MEMORY. `out` keeps what
 * came before. */
struct error expression_clauses(const struct expression *e, const struct domain *domain,
								struct clause_list *out) MUST_USE;

/* Appends a clause of n literals, which are copied. */
struct error clause_list_add(struct clause_list *list, const struct combos_literal *literals, uint32_t n,
							 uint32_t line) MUST_USE;

#endif
