/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole case as JSON, described by docs/report.schema.json. Rows stand in the order of their ids. Times and
 * absolute paths stand in `header` only: the rest is the same for the same input, packs and data. */
#ifndef ASSAY_REPORT_JSON_H
#define ASSAY_REPORT_JSON_H

#include <sqlite3.h>
#include <stdio.h>

#include "base/error.h"
#include "report/view.h"

/* Version of the layout; raised when a key changes its meaning or goes away. */
#define REPORT_JSON_VERSION 1

/* The whole case as one JSON object; its schema is docs/report.schema.json. `db` is an open case. ERR_IO when it can
 * not be read, ERR_MEMORY: what was written by then is no whole document. Whether `out` took it is the caller's to
 * ask. */
struct error report_json(sqlite3 *db, FILE *out) MUST_USE;

/* What stands in it before the lists of rows, from the header to the verdicts, as an object of its own that may stand
 * inside of a script element. */
struct error report_json_head(struct view *v, FILE *out) MUST_USE;

#endif
