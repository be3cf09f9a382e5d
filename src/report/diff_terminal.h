/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What changed between two cases, for a person at a terminal. */
#ifndef ASSAY_REPORT_DIFF_TERMINAL_H
#define ASSAY_REPORT_DIFF_TERMINAL_H

#include <stdio.h>

#include "report/diff.h"
#include "report/style.h"

struct diff_request {
	sqlite3 *old, *new;
	const char *old_name, *new_name; /* paths of the case files, as they are to be shown */
	bool wanted[32];                 /* by number of the topic */
	bool all;                        /* every row; else the first ones of each topic */
};

/* Regressions first, then each topic with what changed in it. *regressions gets their number. */
struct error diff_terminal(const struct diff_request *r, FILE *out, const struct report_style *style,
						   uint64_t *regressions) MUST_USE;

/* The same as JSON, with every row: docs/diff.schema.json. `version` of the program that writes it. */
struct error diff_json(const struct diff_request *r, FILE *out, const char *version, uint64_t *regressions) MUST_USE;

/* The same inside of a script element of HTML. */
struct error diff_json_embedded(const struct diff_request *r, FILE *out, const char *version) MUST_USE;

/* One HTML file that holds the JSON, and all that shows it. */
struct error diff_html(const struct diff_request *r, FILE *out, const char *version, uint64_t *regressions) MUST_USE;

#endif
