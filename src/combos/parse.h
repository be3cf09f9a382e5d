/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the parser of constraints. Each gives NULL after an error, which the builder keeps. */
#ifndef ASSAY_COMBOS_PARSE_H
#define ASSAY_COMBOS_PARSE_H

#include "combos/builder.h"

struct parser {
	struct builder *b;
	struct source *s;
	uint32_t depth; /* of parentheses and implications */
};

/* Letters, digits, _ and what is no ASCII. */
bool is_word_byte(uint8_t c);

/* "EXPECTED is expected before ..." */
struct expression *parse_fail(struct parser *p, const char *expected);
/* "there is no parameter NAME", with the one that is written most like it. */
struct expression *parse_no_parameter(struct parser *p, struct text name, uint32_t line, uint32_t column);

/* A node without parts in the builder's arena. NULL after an error, or with one: too many nodes, no memory. */
struct expression *parse_node(struct parser *p, enum expression_kind kind, uint32_t line, uint32_t column);
/* A node of two parts; NULL when one of them is. */
struct expression *parse_pair(struct parser *p, enum expression_kind kind, struct expression *a, struct expression *b);
/* A constant string, which is not copied. */
struct expression *parse_string(struct parser *p, const char *string, uint32_t line, uint32_t column);
/* Tells the node that it has that part: trees are walked by recursion, so that none may be deep. */
struct expression *parse_deepen(struct parser *p, struct expression *e, const struct expression *part);
/* Whether it is a word that may be a value, or a parameter that is not there. */
bool parse_is_bare(const struct expression *e);
/* The expression itself, when it stands for a value; else an error and NULL. */
struct expression *parse_must_be_value(struct parser *p, struct expression *e);

/* A whole expression, which may be a value or a condition. */
struct expression *parse_any(struct parser *p);
/* A parameter, a constant, or what stands in parentheses; parse_sum(): what operators join of these. */
struct expression *parse_primary(struct parser *p);
struct expression *parse_sum(struct parser *p);

/* Takes =, <>, < ... */
bool parse_relation(struct parser *p, enum expression_kind *kind);
/* A comparison of two values; a constant is made the type of what it is compared with. NULL after an error: they are
 * not of one type. A value that the parameter has not is only noted. */
struct expression *parse_compared(struct parser *p, enum expression_kind kind, struct expression *a,
								  struct expression *b);
/* What stands behind IN. */
struct expression *parse_in(struct parser *p, struct expression *a);

#endif
