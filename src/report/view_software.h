/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The software of a case and its known vulnerabilities, counted: what all reports say of them. */
#ifndef ASSAY_REPORT_VIEW_SOFTWARE_H
#define ASSAY_REPORT_VIEW_SOFTWARE_H

#include "report/view.h"

struct view_software {
	bool is_there;    /* the case has the table; an early version's has not */
	bool was_matched; /* with a feed database */
	int64_t components, versioned;
	int64_t declared; /* of the components: by a bill of materials that is all there is */
	int64_t nameless; /* of these: with neither a package URL nor a CPE name, by which alone they could be matched */
	int64_t unmatched_bill; /* components that a bill in the input declares, where no component was found and other things are there */
	int64_t vulnerabilities; /* that apply, one for each component */
	int64_t exploited;       /* of these: in CISA's catalogue */
	int64_t severe;          /* critical or high, of what boot starts, what that loads, and the kernel */
	int64_t doubted;         /* those of which somebody states something else */
	int64_t fixed, not_affected, investigated;
	double chance; /* that one is exploited within 30 days, somewhere (docs/vulnerabilities.md); negative: unknown */
};

/* Counts the software of a case and its vulnerabilities. What can not be read counts as absent: `is_there` is false
 * where there is no view of it; numbers of vulnerabilities are 0 where no feeds were matched (`was_matched`). */
struct view_software view_software(struct view *v);

/* A source of the feeds. Texts live until the next row. */
struct view_feed {
	struct text name, kind, newest, imported;
	int64_t records, age; /* in days when it was matched; FACT_NULL: unknown */
};

enum view_feed_order { VIEW_FEEDS_BY_ID, VIEW_FEEDS_OLDEST_FIRST };

/* The sources that have records. */
struct error view_feeds(struct view *v, enum view_feed_order order, sqlite3_stmt **stmt) MUST_USE;
/* The current row of that statement; its texts live until the next step. */
struct view_feed view_feed(sqlite3_stmt *stmt);

/* "0 days old", "1 day old", "457 days old", "of unknown age". */
const char *view_age(int64_t days, char out[VIEW_NUMBER_MAX]);

/* The columns that both lists of vulnerabilities show, of view_vulnerabilities(). */
enum vulnerability_column {
	VULNERABILITY_NAME,
	VULNERABILITY_STATE,
	VULNERABILITY_PRIORITY,
	VULNERABILITY_CVSS,
	VULNERABILITY_SEVERITY,
	VULNERABILITY_KEV,
	VULNERABILITY_EPSS,
	VULNERABILITY_EXPOSURE,
	VULNERABILITY_EXPOSED_BY,
	VULNERABILITY_STATED_STATE,
	VULNERABILITY_STATED_BY,
	VULNERABILITY_COMPONENT,
	VULNERABILITY_VERSION,
	VULNERABILITY_REASON,
	VULNERABILITY_CRITERIA,
	VULNERABILITY_SOURCE,
	VULNERABILITY_CONFIDENCE,
	VULNERABILITY_CVSS_VERSION,
	VULNERABILITY_CVSS_VECTOR,
	VULNERABILITY_EPSS_PERCENTILE,
	VULNERABILITY_PUBLISHED,
	VULNERABILITY_SUMMARY,
	VULNERABILITY_JUSTIFICATION,
	VULNERABILITY_NOTE,
	VULNERABILITY_STATED_ON,
	VULNERABILITY_COLUMNS
};

/* Those that apply come first, the most urgent ahead; then the others. Columns are enum vulnerability_column. No row
 * where the case has none of the tables. */
struct error view_vulnerabilities(struct view *v, sqlite3_stmt **stmt) MUST_USE;

#endif
