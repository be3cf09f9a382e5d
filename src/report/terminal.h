/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summary on a terminal: what was assessed, what fails and how it is mended, what stays open, what was not
 * looked at. */
#ifndef ASSAY_REPORT_TERMINAL_H
#define ASSAY_REPORT_TERMINAL_H

#include <sqlite3.h>
#include <stdio.h>

#include "base/error.h"
#include "report/style.h"

struct error report_terminal(sqlite3 *db, FILE *out, const struct report_style *style) MUST_USE;

#endif
