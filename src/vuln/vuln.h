/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which known vulnerabilities apply to the software of a case, and why.
 *
 * Reads `software` and the facts of a case and a feed database (src/feed/feed.h); writes `vulnerability`,
 * `vulnerability_rejected` and `feed_source`, and the probe run `feeds.match`. docs/vulnerabilities.md tells the rules.
 */
#ifndef ASSAY_VULN_VULN_H
#define ASSAY_VULN_VULN_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct vuln_options {
	/* A table of statements: TSV with the columns package, version, cve, comment, as a build system's list of CVEs
	 * that it has patched or that do not apply; NULL: none. */
	const char *statements;
	/* The time now as YYYY-MM-DDThh:mm:ssZ, from which sources get their age; NULL: it stays unknown. */
	const char *now;
	/* NULL, or called now and then with how many of all software rows are done. */
	void (*progress)(void *context, size_t done, size_t all);
	void *progress_context;
};

struct vuln_summary {
	size_t software; /* rows that were looked at */
	size_t affected, fixed, not_affected, under_investigation, rejected;
	double
		chance; /* that at least one is exploited within 30 days, somewhere; docs/vulnerabilities.md: its assumptions */
};

/* Matches anew: what was there from another run is replaced, in one transaction. `summary` may be NULL.
 * ERR_UNSUPPORTED: the case has no `software`; ERR_IO with SQLite's words; ERR_USAGE: the statements can not be read. */
struct error vuln_match(sqlite3 *db, sqlite3 *feeds, const struct vuln_options *options,
						struct vuln_summary *summary) MUST_USE;

/* Whether the case holds the results of a match. */
bool vuln_matched(sqlite3 *db);

#endif
