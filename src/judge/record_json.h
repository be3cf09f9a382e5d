/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What columns of `verdict` and `measure` hold as JSON. Not for other floors. */
#ifndef ASSAY_JUDGE_RECORD_JSON_H
#define ASSAY_JUDGE_RECORD_JSON_H

#include <sqlite3.h>

#include "judge/judge.h"

/* Where other standards ask the same; malloc'ed, NULL when out of memory. */
char *record_references(const struct requirement *r);

/* What the requirement asks the case, in the order in which it is asked; of sqlite3_malloc(), NULL when out of memory. */
char *record_queries(sqlite3 *db, const struct requirement *r);

/* The thresholds of a measure; malloc'ed, NULL when out of memory. */
char *record_thresholds(const struct judge_measure *m);

#endif
