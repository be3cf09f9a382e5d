/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that are to be kept: what is open in them is filled in, what breaks a constraint is refused. */
#include <stdlib.h>

#include "combos/reason.h"

#define PROPAGATIONS_MAX (1ull << 30)

static char *in_words(const struct combos_description *d, uint32_t constraint)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	if (!f)
		return NULL;
	combos_write_constraint(f, d, constraint);
	fclose(f);
	return text;
}

/* The first constraint that the answer needed. */
static struct error broken(const struct combos_description *d, struct reason *r, uint32_t row)
{
	for (uint32_t i = 0; i < d->nconstraints; i++)
		if (reason_needed(r, i)) {
			char *words = in_words(d, i);
			struct error e = error_at(ERR_USAGE, 0, "row %u breaks the constraint in line %u: %.90s", row + 1,
									  d->constraints[i].line, words ? words : "");
			free(words);
			return e;
		}
	return error_at(ERR_USAGE, 0, "row %u has more than one negative value", row + 1);
}

static struct error complete_row(const struct combos_description *d, struct reason *r, uint16_t *row, uint32_t number)
{
	const struct combos_model *m = &d->model;
	for (uint32_t i = 0; i < d->nconstraints; i++)
		reason_constraint(r, i);
	for (uint32_t p = 0, first = 0; p < m->nparameters; first += m->levels[p++])
		if (row[p] != COMBOS_OPEN)
			reason_symbol(r, first + row[p], false);
	enum reason_answer answer = reason_ask(r, PROPAGATIONS_MAX);
	if (answer == REASON_NO)
		return broken(d, r, number);
	if (answer == REASON_UNKNOWN)
		return error_at(ERR_BUDGET, 0, "row %u: the constraints are too hard to tell whether it breaks one",
						number + 1);
	for (uint32_t p = 0, first = 0; p < m->nparameters; first += m->levels[p++])
		for (uint32_t v = 0; v < m->levels[p] && row[p] == COMBOS_OPEN; v++)
			if (reason_has(r, first + v))
				row[p] = (uint16_t)v;
	return error_none();
}

struct error combos_complete(const struct combos_description *d, uint16_t *rows, uint32_t nrows)
{
	struct reason *r = reason_new(d);
	if (!r)
		return error_at(ERR_MEMORY, 0, "no memory for the solver");
	struct error e = error_none();
	for (uint32_t i = 0; i < nrows && !error_is(&e); i++)
		e = complete_row(d, r, rows + (size_t)i * d->model.nparameters, i);
	reason_free(r);
	return e;
}
