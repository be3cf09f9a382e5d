/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQL of a pack, run so that it can do nothing but read facts.
 *
 * A pack may come from anybody. While one of its statements is prepared or run, an authorizer refuses everything but
 * SELECT over the fact tables with a short list of functions, and a progress handler ends it after a number of virtual
 * machine steps (not after a time: the same pack on the same case must give the same verdict on every machine) or when
 * it holds too much memory. Only a query that is slow beyond reason is ended by the clock.
 */
#ifndef ASSAY_JUDGE_QUERY_H
#define ASSAY_JUDGE_QUERY_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "case/case.h"

struct query_limits {
	uint64_t steps;   /* instructions of SQLite's virtual machine, per query */
	int64_t memory;   /* bytes that SQLite may hold more than before */
	unsigned seconds; /* a last resort against a pack that makes single steps slow; no honest query comes near it */
	size_t rows;      /* rows of evidence kept; further ones are only counted */
};
extern const struct query_limits query_default_limits;

/* A SELECT that other queries of the pack may name like a table. */
struct query_view {
	const char *name;
	const char *sql;
};

struct query_guard {
	sqlite3 *db;
	const struct query_view *views;
	size_t nviews;
	uint64_t steps_left;
	int64_t memory_max;
	int64_t ends;      /* seconds of the monotonic clock */
	const char *limit; /* "work" or "memory" when it was hit */
	char denied[120];  /* what the authorizer refused first */
	int old_length, old_pattern;
};

/* exp(), ln(), log2(), pow(), sqrt() and iso_days() of SQL, with these flags; SQLite's result code. */
int query_add_math(sqlite3 *db, int flags);

/* Readies a connection for guarded queries: adds the functions basename(path) and iso_date(seconds), keeps temporary
 * tables in memory. To be called outside a transaction; once is enough, more often does no harm. */
/* printf() and format() of SQL, with bounded fields. */
void query_printf(sqlite3_context *context, int n, sqlite3_value **values);

struct error query_setup(sqlite3 *db) MUST_USE;

/* assessed_day() of SQL: the day on which the case was begun, by its `meta` as it is now; NULL when that tells none.
 * query_setup() does it too: only whoever writes `meta` later calls it again. SQLite's result code. */
int query_add_day(sqlite3 *db) MUST_USE;

/* Between these two calls the connection serves a pack. */
void query_guard_begin(struct query_guard *g, sqlite3 *db, const struct query_limits *limits,
					   const struct query_view *views, size_t nviews);
void query_guard_end(struct query_guard *g);

/* Prepares exactly one SELECT under the guard. NULL: why[] says what is wrong, *at is the byte in sql where, or 0. */
sqlite3_stmt *query_prepare(struct query_guard *g, const char *sql, char why[256], size_t *at) MUST_USE;

/* Why a step of a guarded statement failed, for a person. */
const char *query_failure(const struct query_guard *g);

/* Makes the views of a pack known as temporary views, and takes them away. The SQL must have passed query_prepare(). */
struct error query_create_view(sqlite3 *db, const struct query_view *view) MUST_USE;
void query_drop_view(sqlite3 *db, const struct query_view *view);

/* Evaluates the standard views that are made of others and puts temporary tables in their place, since a query that names one
 * twice would do its work twice; and takes them away. One that hits the limits stays a view. */
struct query_kept {
	bool table[CASE_VIEWS_MAX], temporary[CASE_VIEWS_MAX]; /* by number of the view: it is a table now; it was a temporary view */
};
void query_keep_views(sqlite3 *db, const struct query_limits *limits, struct query_kept *kept);
void query_release_views(sqlite3 *db, const struct query_kept *kept);

/* What a pack may read: the fact tables, input, probe_run, and what is derived from them. */
bool query_may_read(const char *table);

#endif
