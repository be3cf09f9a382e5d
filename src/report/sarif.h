/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdicts of a case as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), for what shows findings
 * beside the code: GitHub, GitLab, editors.
 *
 * A requirement is a rule, each piece of evidence of a FAIL a result. What stays INCONCLUSIVE is a notification of the run:
 * readers take every result for a finding, whatever its kind. */
#ifndef ASSAY_REPORT_SARIF_H
#define ASSAY_REPORT_SARIF_H

#include <sqlite3.h>
#include <stdio.h>

#include "base/error.h"

/* The case as a SARIF 2.1.0 log of one run: requirements are rules, verdicts results, places of evidence locations.
 * `db` is an open case. ERR_IO when it can not be read, ERR_MEMORY. Whether `out` took everything is the caller's to
 * ask. */
struct error report_sarif(sqlite3 *db, FILE *out) MUST_USE;

#endif
