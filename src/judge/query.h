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
#include "base/span.h"

/* What many queries may take together. */
struct query_budget {
	uint64_t steps; /* instructions that are left */
	int64_t ends;   /* of query_clock(): a last resort against a machine that is slow */
};

struct query_limits {
	uint64_t steps;   /* instructions of SQLite's virtual machine, per query */
	int64_t memory;   /* bytes that SQLite may hold more than before */
	unsigned seconds; /* a last resort against a pack that makes single steps slow; no honest query comes near it */
	size_t rows;      /* rows of evidence kept; further ones are only counted */
	unsigned all_seconds; /* for all queries of judge_case() together */
	int64_t ends;     /* of query_clock(): when none goes on any more; 0: never. judge_case() fills it in */
	struct query_budget *all; /* counted down by each query; NULL: there is none */
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
	struct query_budget *all;
	int64_t memory_max;
	int64_t ends;      /* seconds of the monotonic clock */
	const char *limit; /* "work" or "memory" when it was hit */
	char denied[120];  /* what the authorizer refused first */
	int old_length, old_pattern, old_sql;
};

/* exp(), ln(), log2(), pow(), sqrt() and iso_days() of SQL, with these flags; SQLite's result code. */
int query_add_math(sqlite3 *db, int flags);

/* Readies a connection for guarded queries: adds the functions basename(path) and iso_date(seconds), keeps temporary
 * tables in memory. To be called outside a transaction; once is enough, more often does no harm. */
/* printf() and format() of SQL, with bounded fields. */
void query_printf(sqlite3_context *context, int n, sqlite3_value **values);

/* Adds the functions that queries of packs may call to a database. */
struct error query_setup(sqlite3 *db) MUST_USE;

/* Seconds of the monotonic clock. */
int64_t query_clock(void);

/* A budget for all that is asked of a pack's tests. Whether it is spent. And, before so many instructions, whether they are
 * within it (NULL: always); they are taken from it. */
struct query_budget query_budget_of_tests(void);
bool query_budget_spent(const struct query_budget *b);
bool query_budget_take(struct query_budget *b, uint64_t steps);

/* assessed_day() of SQL: the day on which the case was begun, by its `meta` as it is now; NULL when that tells none.
 * query_setup() does it too: only whoever writes `meta` later calls it again. SQLite's result code. */
int query_add_day(sqlite3 *db) MUST_USE;

/* Between these two calls the connection serves a pack. */
void query_guard_begin(struct query_guard *g, sqlite3 *db, const struct query_limits *limits,
					   const struct query_view *views, size_t nviews);
/* Undoes what the first has set: hooks and limits. */
void query_guard_end(struct query_guard *g);

/* Prepares exactly one SELECT under the guard. NULL: why[] says what is wrong, *at is the byte in sql where, or 0. */
sqlite3_stmt *query_prepare(struct query_guard *g, const char *sql, char why[256], size_t *at) MUST_USE;

/* Why a step of a guarded statement failed, for a person. */
const char *query_failure(const struct query_guard *g);

/* Makes the views of a pack known as temporary views, and takes them away. The SQL must have passed query_prepare(). */
struct error query_create_view(sqlite3 *db, const struct query_view *view) MUST_USE;
void query_drop_view(sqlite3 *db, const struct query_view *view);

/* Evaluates a view of a pack once and puts a temporary table of its name in its place; false, with nothing changed, when it
 * hits the limits or has more rows than a table is worth. query_drop_table() takes it away. */
bool query_keep_view(sqlite3 *db, const struct query_view *views, size_t nviews, size_t which,
					 const struct query_limits *limits);
void query_drop_table(sqlite3 *db, const struct query_view *view);

/* Whether the SQL holds the name as a word of its own. */
bool query_names(const char *sql, const char *name);

/* Standard views that there may be, and the views of one pack. */
#define QUERY_STANDARD_MAX 160u
#define QUERY_VIEWS_MAX 64u
#define QUERY_WORDS_MAX (QUERY_STANDARD_MAX + QUERY_VIEWS_MAX)
#define QUERY_WORD_SLOTS 1024u
#define QUERY_WORDS_ROOM (QUERY_WORD_SLOTS / 2)

/* Names to look for, each with a number below QUERY_WORDS_MAX: a hash table, so that one pass over a text finds all. Starts
 * as zeroes, and takes QUERY_WORDS_ROOM names. */
struct query_words {
	struct {
		const char *name;
		size_t length;
		unsigned number;
	} slots[QUERY_WORD_SLOTS];
	unsigned n;
};
/* The name is not copied; one that is there already keeps its number. */
void query_words_add(struct query_words *w, const char *name, unsigned number);
/* Sets found[number] for each of the names that the SQL holds as a word of its own. */
void query_words_find(const struct query_words *w, const char *sql, bool found[QUERY_WORDS_MAX]);

/* Whether the name is one of them. */
bool query_words_hold(const struct query_words *w, struct text name);

/* What has no rows: tables of a case, and the views of which that is proved (empty.c). */
struct query_empty {
	struct query_words names;
};
/* Which tables of the case, and standard views, have none; they stay so as long as it does not change. What cannot be read
 * counts as having rows. */
void query_empty_find(sqlite3 *db, struct query_empty *e);
/* Adds those of a pack's views, each of which may name those before it. */
void query_empty_views(struct query_empty *e, const struct query_view *views, size_t n);
/* Whether it is proved that the SELECT gives no row; false where it is not known, or `e` is NULL. */
bool query_is_empty(const struct query_empty *e, const char *sql);

/* How many texts name each standard view, by its number, and whether one that is asked does. */
struct query_mentions {
	unsigned n[QUERY_STANDARD_MAX];
	bool asked[QUERY_STANDARD_MAX];
};

/* Of each standard view, by its number, its columns as CREATE TABLE has them (tools/view_columns.c). */
extern const char *const query_view_columns[];

/* Evaluates standard views and puts temporary tables in their place, since a query that names one twice, and each query
 * that names it, would do its work anew: those that are known to be costly and are asked for, and what many texts name
 * (`mentions` NULL: all that are costly). Of one that is known to have no rows (`empty` NULL: it is found out) not even the text
 * is read. And takes the tables away. One that hits the limits stays a view. */
struct query_kept {
	bool table[QUERY_STANDARD_MAX], temporary[QUERY_STANDARD_MAX]; /* it is a table now; it was a temporary view */
};
void query_keep_views(sqlite3 *db, const struct query_limits *limits, const struct query_mentions *mentions,
					  const struct query_empty *empty, struct query_kept *kept);
/* Takes the tables away again, so that the views are views. */
void query_release_views(sqlite3 *db, const struct query_kept *kept);

/* What a pack may read: the fact tables, input, probe_run, and what is derived from them. */
bool query_may_read(const char *table);

#endif
