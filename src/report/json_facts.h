/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fact tables in the JSON report. */
#ifndef ASSAY_REPORT_JSON_FACTS_H
#define ASSAY_REPORT_JSON_FACTS_H

#include "report/json_writer.h"
#include "report/view.h"

/* All rows of a fact table in the order of their ids. The input's own blob is named by the input: its path may tell
 * where it lay. */
struct error json_facts(struct json *j, struct view *v, enum fact_type type) MUST_USE;

#endif
