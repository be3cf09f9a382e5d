/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What changed between two cases of one product: verdicts, components, files, accounts, listeners, hardening ...
 *
 * A topic is one query that gives the rows of a case by key; the two cases are walked side by side in the order of the
 * keys, so that the memory that it takes does not depend on their size.
 */
#ifndef ASSAY_REPORT_DIFF_H
#define ASSAY_REPORT_DIFF_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

enum diff_kind { DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED, DIFF_KINDS };

/* "added", "removed", "changed". */
extern const char *const diff_kind_words[DIFF_KINDS];

struct diff_topic {
	const char *name;  /* for --topic and JSON: "listeners" */
	const char *title; /* for people */
	const char *const *probes; /* whose rows it is made of, ended by NULL: one that is not complete makes it uncertain */
	/* SELECT key, label, value, rank ORDER BY key, value. rank: how bad the row is, 0 for what is harmless. */
	const char *sql;
	bool added_counts;     /* a row of a rank above 0 that was not there is a regression, not only one that got worse */
	bool only_changed;     /* rows that only one of the cases has are no news */
	bool declared;         /* a bill of materials declares its rows: between two bills they are whole */
};

/* All topics, ended by a name that is NULL. */
extern const struct diff_topic diff_topics[];

/* One difference. Texts live until the next one. */
struct diff_row {
	const struct diff_topic *topic;
	enum diff_kind kind;
	struct text label;
	struct text old_value, new_value; /* absent for what is added or removed */
	bool regression; /* it got worse */
	bool uncertain;  /* a case was not looked at whole: what seems new may have been there, what seems gone may be */
};

struct diff_counts {
	uint64_t n[DIFF_KINDS], regressions, uncertain;
};

/* Whether both cases are made of bills of materials alone, all of which was read: what is new in one of them was not declared before,
 * though nobody looked at an image. */
bool diff_of_bills(sqlite3 *old, sqlite3 *new);

/* Calls row() for each difference of the topic, in the order of the keys, and counts. row() may be NULL; it ends the walk
 * with false. */
struct error diff_walk(sqlite3 *old, sqlite3 *new, const struct diff_topic *topic, struct diff_counts *counts,
					   bool (*row)(void *context, const struct diff_row *row), void *context) MUST_USE;

#endif
