/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One section of a case on a terminal: accounts, components, what boot starts, the tree of all pieces ... */
#ifndef ASSAY_REPORT_SHOW_H
#define ASSAY_REPORT_SHOW_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "report/style.h"
#include "report/tables.h"

enum show_kind {
	SHOW_TEXT,
	SHOW_NUMBER,
	SHOW_MODE,  /* permission bits, octal */
	SHOW_SIZE,  /* bytes */
	SHOW_DAY,   /* seconds since 1970 */
	SHOW_YES,   /* "yes" or nothing */
	SHOW_PATH,  /* of a blob, by its id: its shortest name that is not ambiguous */
};

struct show_column {
	const char *name; /* of the table's column */
	const char *title;
	enum show_kind kind;
};

struct show_section {
	const char *name, *what; /* as the command line names it; one line of help */
	const char *table;       /* a fact table or a standard view */
	const struct show_column *columns; /* ended by a name that is NULL */
	const char *rest;        /* WHERE and ORDER BY */
};

/* Ended by a name that is NULL. */
extern const struct show_section show_sections[];

struct show_filter {
	const char *text;     /* rows that have it in one of their cells, whatever their case; NULL: all */
	const char *verdict;  /* findings: only these ("FAIL" ...); NULL: all but PASS and NOT APPLICABLE */
	const char *requirement; /* findings: this one alone */
	unsigned depth;       /* tree: levels shown; 0: all */
	size_t limit;         /* rows shown at most; 0: all */
	bool tabs;            /* cells parted by tabs and not cut, without a head line: for other programs */
};

/* Prints a section, or any fact table by its name. ERR_USAGE-like errors say which sections there are. *rows gets the number
 * that is shown. */
struct error show_table(sqlite3 *db, const struct show_section *section, const struct show_filter *filter, FILE *out,
						const struct report_style *style, size_t *rows) MUST_USE;

/* A section that shows all columns of that fact table; false when there is none of that name. */
bool show_fact_table(const char *name, struct show_section *section, struct show_column columns[REPORT_COLUMNS_MAX + 1]);

/* Requirements with verdict, evidence, what is missing and what fixes it. */
struct error show_findings(sqlite3 *db, const struct show_filter *filter, FILE *out, const struct report_style *style,
						   size_t *rows) MUST_USE;

/* Everything that was unpacked, as a tree. */
struct error show_tree(sqlite3 *db, const struct show_filter *filter, FILE *out, const struct report_style *style,
					   size_t *rows) MUST_USE;

#endif
