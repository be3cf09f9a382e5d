/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows as text: comma-separated values (RFC 4180), one row a line under the names of the parameters. */
#ifndef ASSAY_COMBOS_ROWS_H
#define ASSAY_COMBOS_ROWS_H

#include "combos/description.h"

/* Writes the array. A parameter without a name is p1, p2 ...; a value without one is its symbol's number. */
void combos_write_csv(FILE *out, const struct combos_model *model, const struct combos_array *array);

/* What the value is called in the row of that number: names take turns. NULL: it has only one, which combos_value_name() gives. */
const char *combos_alias(const struct combos_model *model, uint32_t symbol, uint32_t turn);

/* Reads such rows: the columns in any order, all of them there. *rows, of values counted from 0 within the parameter, live in
 * the arena. ERR_USAGE with the line and the column that it is about. */
struct error combos_read_csv(struct span text, const struct combos_model *model, struct arena *arena, uint16_t **rows,
							 uint32_t *nrows) MUST_USE;

/* Reads rows that others wrote, comma-separated or, when its first line has a tab, separated by tabs: columns may be missing,
 * cells may be empty, and are COMBOS_OPEN then; columns of no parameter are left out, and named in *unknown (NULL: none). */
struct error combos_read_partial(struct span text, const struct combos_model *model, struct arena *arena,
								 uint16_t **rows, uint32_t *nrows, const char **unknown) MUST_USE;

#endif
