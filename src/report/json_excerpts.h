/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table `excerpt` in the JSON report: what is marked and what stands around it, not the columns that the case keeps. */
#ifndef ASSAY_REPORT_JSON_EXCERPTS_H
#define ASSAY_REPORT_JSON_EXCERPTS_H

#include "report/json_writer.h"
#include "report/view.h"

struct json_excerpt_column {
	struct json_head head;
	enum fact_column_type type; /* for docs/report.schema.json */
};

#define JSON_EXCERPT_COLUMNS 14
extern const struct json_excerpt_column json_excerpt_columns[JSON_EXCERPT_COLUMNS];

/* All rows in the order of their ids. */
struct error json_excerpts(struct json *j, struct view *v) MUST_USE;

#endif
