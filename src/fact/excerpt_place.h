/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a row points, which of its texts stand there, and what in it is a credential. For excerpt.c alone. */
#ifndef ASSAY_FACT_EXCERPT_PLACE_H
#define ASSAY_FACT_EXCERPT_PLACE_H

#include "fact/excerpt.h"

/* How rows of a table are quoted. */
struct excerpt_rule {
	enum fact_type type;
	size_t line, offset;    /* the columns in the row's struct; SIZE_MAX: it has none */
	size_t quoted[2];       /* texts that stand there to the letter, in this order; SIZE_MAX: none */
	bool without_context;   /* what is around it may be of the same kind, and must not be shown */
	bool is_quoted_or_none; /* the line may be of the text that the reader made, not of the blob */
};

/* NULL: rows of that table have no excerpt. */
const struct excerpt_rule *excerpt_rule_of(enum fact_type type);
/* The line and the offset that a row of that table names; FACT_NULL where it names none. */
int64_t excerpt_row_line(const struct excerpt_rule *rule, const void *row);
int64_t excerpt_row_offset(const struct excerpt_rule *rule, const void *row);

/* What in the line, or in a part of one (from `from` to `to` of the blob), the row quotes: narrows the two. It is looked for from `near` on
 * first, then from the beginning. A bit for each of its two texts that is there. */
unsigned excerpt_row_in_line(const struct excerpt_rule *rule, const void *row, struct span bytes, size_t near, size_t *from, size_t *to);
/* How many bytes at its offset are what the row is about; 0: not known. */
uint64_t excerpt_row_length(const struct excerpt_rule *rule, const void *row, struct span bytes);

/* A credential of the blob. */
struct excerpt_credential {
	struct text value; /* may be absent */
	int64_t line, offset; /* FACT_NULL: unknown */
	bool is_key;       /* private, as bytes from the offset on */
	bool is_looked_for, stands_there; /* whether the value stands in its line as it was read, once that was looked up */
};
/* False when the row is none. */
bool excerpt_row_credential(enum fact_type type, const void *row, struct excerpt_credential *c);

#endif
