/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Software, vulnerabilities and what documents say of them in the JSON report. */
#ifndef ASSAY_REPORT_JSON_SOFTWARE_H
#define ASSAY_REPORT_JSON_SOFTWARE_H

#include "report/json_writer.h"
#include "report/view.h"

enum json_column_type { JSON_COLUMN_TEXT, JSON_COLUMN_INT, JSON_COLUMN_BOOL, JSON_COLUMN_NUMBER };

struct json_column {
	const char *name;
	enum json_column_type type;
	const char *doc; /* for docs/report.schema.json */
};

/* A list of the report: a row of it is a row of the table or view. */
struct json_table {
	const char *key, *table, *row, *doc; /* row: what the schema calls one */
	const struct json_column *columns;
	size_t ncolumns;
};

extern const struct json_table json_tables[]; /* ended by a key that is NULL */

/* The rows of one list. */
struct error json_software_rows(struct json *j, struct view *v, const struct json_table *t) MUST_USE;

/* Each list under its key. */
struct error json_software(struct json *j, struct view *v) MUST_USE;

/* "software": {...}, how many of everything there are. */
void json_software_summary(struct json *j, struct view *v);

/* "feed_ages": [...], which depend on the day of the matching, and so stand in the header. */
struct error json_feed_ages(struct json *j, struct view *v) MUST_USE;

#endif
