/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows as text: comma-separated values (RFC 4180), one row a line under the names of the parameters. */
#ifndef ASSAY_COMBOS_ROWS_H
#define ASSAY_COMBOS_ROWS_H

#include "combos/combos.h"

/* Writes the array. A parameter without a name is p1, p2 ...; a value without one is its symbol's number. */
void combos_write_csv(FILE *out, const struct combos_model *model, const struct combos_array *array);

/* Reads such rows: the columns in any order, all of them there. *rows, of values counted from 0 within the parameter, live in
 * the arena. ERR_USAGE with the line and the column that it is about. */
struct error combos_read_csv(struct span text, const struct combos_model *model, struct arena *arena, uint16_t **rows,
							 uint32_t *nrows) MUST_USE;

#endif
