/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What newer feeds change in stored cases: which vulnerabilities are new for which of them, which changed, which went away.
 *
 * The result is the difference of what the case holds and what vuln_match() would give now. It is reached without most of the
 * work: the case names the import that it was matched with, the feed database tells which vulnerabilities changed since
 * (feed.h), and of these most are decided once for all cases that have the same software. A case that does not name an import
 * of this database is matched as a whole.
 */
#ifndef ASSAY_VULN_WATCH_H
#define ASSAY_VULN_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/span.h"

enum watch_kind {
	WATCH_NEW,     /* applies, and did not */
	WATCH_CHANGED, /* `what` tells */
	WATCH_GONE,    /* applied, and no record says so any more */
	WATCH_KNOWN,   /* applies as before; told only when one vulnerability was asked for */
};

/* What changed. */
enum watch_what {
	WATCH_STATE = 1,    /* applied, and is fixed, not affected or under investigation */
	WATCH_KEV = 2,      /* whether it is known to be exploited */
	WATCH_EPSS = 4,     /* its EPSS reached the threshold */
	WATCH_SEVERITY = 8, /* in words: medium, high ... */
};

struct watch_change {
	enum watch_kind kind;
	unsigned what;
	struct text name, component, version, package_version, purl;
	struct text state, state_was; /* absent: no record, no row */
	struct text severity, severity_was, exposure, exposed_by, confidence, reason, criteria, published;
	double priority, cvss; /* cvss < 0: unknown */
	double epss, epss_was; /* < 0: unknown */
	bool kev, kev_was;
};

struct watch_case {
	const char *path;
	struct error error; /* the case could not be read, or not be updated */
	bool first;         /* it was never matched before: all is new */
	bool whole;         /* it was matched as a whole */
	bool updated;
	struct watch_change *changes; /* by priority, then name and component */
	size_t n;
};

struct watch_options {
	const char *feeds;      /* path */
	const char *since;      /* NULL: what the case was matched with; else UTC, "2026-08-22" or longer */
	const char *cve;        /* NULL: all */
	const char *product;    /* NULL: all; else the name of software */
	const char *statements; /* as in vuln_options, and so is `now`: for updates */
	const char *now;
	double epss_threshold; /* 0 to 1 */
	double min_priority;
	unsigned threads; /* at least 1 */
	bool update;
	void (*progress)(void *context, size_t done, size_t all);
	void *progress_context;
};

struct watch;

/* Looks at the cases; cases[].path is given. One that can not be read has an error, and the others go on. *watch owns the
 * results, and is NULL after an error: ERR_IO, ERR_CORRUPT, ERR_UNSUPPORTED of the feed database, ERR_USAGE: it does not know
 * the vulnerability that was asked for, or the statements can not be read. */
struct error watch_run(const struct watch_options *options, struct watch_case *cases, size_t n,
					   struct watch **watch) MUST_USE;
void watch_free(struct watch *w);

#endif
