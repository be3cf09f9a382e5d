/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdicts of a case as JUnit XML, the form that CI servers show test results from: a suite a guideline, a test case a
 * requirement. FAIL is a failure with its evidence; INCONCLUSIVE and NOT APPLICABLE are skipped, with the reason. */
#ifndef ASSAY_REPORT_JUNIT_H
#define ASSAY_REPORT_JUNIT_H

#include <sqlite3.h>
#include <stdio.h>

#include "base/error.h"

/* `db` is an open case. ERR_IO when it can not be read, ERR_MEMORY: the document is closed all the same, and is not
 * whole. Whether `out` took everything is the caller's to ask. */
struct error report_junit(sqlite3 *db, FILE *out) MUST_USE;

#endif
