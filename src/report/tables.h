/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables for a terminal: columns as wide as they need, long cells wrapped so that a row stays within the width. */
#ifndef ASSAY_REPORT_TABLES_H
#define ASSAY_REPORT_TABLES_H

#include <stdio.h>

#include "base/error.h"
#include "report/style.h"

#define REPORT_COLUMNS_MAX 8

struct report_column {
	const char *title;  /* NULL in all columns: no head line */
	bool is_right;      /* numbers */
	unsigned max_width; /* wrapped from here on; 0: as the room allows */
};

struct report_table;

/* NULL when out of memory. `columns` must live as long as the table; n is at most REPORT_COLUMNS_MAX. */
struct report_table *report_table_new(const struct report_style *style, const struct report_column *columns,
									  size_t n) MUST_USE;
void report_table_free(struct report_table *table);

/* Adds a row of n cells, which are copied and made safe for the terminal; an absent text is an empty cell. */
void report_table_row(struct report_table *table, const struct text *cells);

/* The same with terminated strings; NULL is an empty cell. */
void report_table_strings(struct report_table *table, const char *const *cells);

/* Prints it, every line behind `indent` spaces. ERR_MEMORY when a row was lost. */
struct error report_table_print(const struct report_table *table, FILE *out, unsigned indent) MUST_USE;

#endif
