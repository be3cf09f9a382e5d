/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdicts in the JSON report: each with its evidence and measures, and how much of each guideline is decided. */
#ifndef ASSAY_REPORT_JSON_VERDICTS_H
#define ASSAY_REPORT_JSON_VERDICTS_H

#include "report/json_writer.h"
#include "report/view.h"

/* "verdicts": in the order of their ids. `scratch` is emptied now and then. */
struct error json_verdicts(struct json *j, struct view *v, struct arena *scratch) MUST_USE;

/* How many verdicts of each kind there are: keys of the summary. */
struct error json_counts(struct json *j, struct view *v) MUST_USE;

/* "packs": the same by guideline, with "coverage". */
struct error json_packs(struct json *j, struct view *v) MUST_USE;

/* "standing": where the measures stand among the products measured on this machine, a key of the header. */
struct error json_standing(struct json *j, struct view *v) MUST_USE;

#endif
