/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside `assay vulns`. */
#ifndef ASSAY_CLI_VULNS_H
#define ASSAY_CLI_VULNS_H

#include <sqlite3.h>
#include <stdbool.h>

/* The whole result as JSON on standard output; with the rejected ones when wanted. False after an error of the case. */
bool vulns_json(sqlite3 *db, bool rejected);

#endif
