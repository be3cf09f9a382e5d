/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summary on a terminal: what was assessed, what fails and how it is mended, what stays open, what was not
 * looked at. */
#ifndef ASSAY_REPORT_TERMINAL_H
#define ASSAY_REPORT_TERMINAL_H

#include <sqlite3.h>
#include <stdio.h>

#include "base/error.h"
#include "report/style.h"

/* The summary that `assay assess` ends with. `db` is an open case; `style` says width and colours. ERR_IO when it can
 * not be read, ERR_MEMORY. Whether `out` took everything is the caller's to ask. */
struct error report_terminal(sqlite3 *db, FILE *out, const struct report_style *style) MUST_USE;

#endif
