/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report as one HTML file: what is essential as plain HTML, and the viewer of viewer/ with the same data that
 * --json writes. No network, no other files. Its Content-Security-Policy allows its own style sheet and its own script,
 * by their digests, and nothing else, so that a string that slipped through unescaped could still not do anything. */
#ifndef ASSAY_REPORT_HTML_H
#define ASSAY_REPORT_HTML_H

#include <sqlite3.h>
#include <stdio.h>

#include "base/error.h"

/* One file that needs nothing else, of a case that has been judged. */
struct error report_html(sqlite3 *db, FILE *out) MUST_USE;

#endif
