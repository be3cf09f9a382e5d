/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Test plans for people and for what runs tests. */
#ifndef ASSAY_COMBOS_WRITE_ROWS_H
#define ASSAY_COMBOS_WRITE_ROWS_H

#include "combos/suite.h"

/* What a plan says about itself. */
struct combos_plan {
	const struct combos_description *description;
	const struct combos_array *array;
	const char *title;
	uint32_t strength;
	uint32_t kept; /* the first rows, which were there already */
};

/* What stands in a cell: a value's name, or its alias that has its turn. `first` is the symbol of the parameter's first value; a
 * name that must be made is written to text, of COMBOS_NAME_MAX bytes. */
const char *combos_cell(const struct combos_plan *plan, uint32_t row, uint32_t p, uint32_t first, char *text);

/* Columns side by side, for a terminal: what would do harm there is escaped. */
void combos_write_table(FILE *out, const struct combos_plan *plan);
/* { "title", "strength", "parameters": [{ "name", "values" }], "rows": [[...]], "tuples", "lower_bound" ... } */
void combos_write_json(FILE *out, const struct combos_plan *plan);
/* Rows as steps to tick. */
void combos_write_markdown(FILE *out, const struct combos_plan *plan);
void combos_write_html(FILE *out, const struct combos_plan *plan);
/* A test suite of JUnit's XML in which each row is a test case that has not been run, with its values as properties. */
void combos_write_junit(FILE *out, const struct combos_plan *plan);
/* A Python module with NAMES and ROWS for pytest.mark.parametrize. */
void combos_write_pytest(FILE *out, const struct combos_plan *plan);

/* JSON: the string with its quotation marks. */
void combos_write_json_string(FILE *out, const char *text);

/* HTML and XML: the text with what is markup escaped. */
void combos_write_markup_text(FILE *out, const char *text);

/* The curves of strengths 1 to `n` as a picture (SVG 1.1), for light and dark pages. */
void combos_write_svg(FILE *out, const struct combos_coverage *coverage, uint32_t n, const char *title);

#endif
