/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judge/query.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/span.h"
#include "case/case.h"
#include "fact/fact.h"

#define STEPS_PER_CALL 1000u
/* The longest text a query may build: enough for any column (FACT_TEXT_MAX) and a sentence around it. */
#define MAX_LENGTH (4 * (int)FACT_TEXT_MAX)
#define MAX_PATTERN 1000
/* The longest SQL of a query: what names ten thousand common tables after another takes minutes to prepare. */
#define MAX_SQL (64 * 1024)
/* What preparing a query may take: views and common tables that name each other twice grow without bound, and nothing but
 * memory ends that. */
#define MAX_PREPARING (64 << 20)

const struct query_limits query_default_limits = {
	.steps = 50u * 1000 * 1000,
	.memory = 256 << 20,
	.seconds = 60,
	.rows = 1000,
	.all_seconds = 600,
};

bool query_may_read(const char *table)
{
	for (size_t i = 0; i < FACT_TYPES; i++) /* of excerpts a case has not all, and they quote more than facts do */
		if (i != FACT_excerpt && sqlite3_stricmp(fact_tables[i].name, table) == 0)
			return true;
	return case_is_derived(table) || sqlite3_stricmp(table, "input") == 0 || sqlite3_stricmp(table, "probe_run") == 0;
}

/* Pure functions of their arguments, and of the case. The date functions are not among them: they know 'now'. */
static bool may_call(const char *function)
{
	static const char *const functions[] = {
		"abs",         "assessed_day", "avg",  "basename", "char",         "coalesce",  "count",   "dense_rank", "exp",
		"first_value", "format",   "glob",     "group_concat", "hex",       "ifnull",  "iif",        "instr",
		"iso_date",    "iso_days", "lag",      "last_value",   "lead",      "length",  "like",       "likelihood",
		"likely",      "ln",       "log2",     "lower",        "ltrim",     "max",     "min",        "nullif",
		"pow",         "printf",   "quote",    "rank",         "redact",    "replace", "round",      "row_number",
		"rtrim",       "sign",     "sqrt",     "substr",       "substring", "sum",     "total",      "trim",
		"typeof",      "unicode",  "unlikely", "upper",
	};
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
		if (sqlite3_stricmp(functions[i], function) == 0)
			return true;
	return false;
}

static bool is_view(const struct query_guard *g, const char *name)
{
	for (size_t i = 0; i < g->nviews; i++)
		if (sqlite3_stricmp(g->views[i].name, name) == 0)
			return true;
	return false;
}

/* Tables of the case that are no facts. */
static bool is_internal(const char *table)
{
	static const char *const tables[] = { "blob_key", "evidence", "excerpt", "journal", "measure", "meta", "verdict" };
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (sqlite3_stricmp(tables[i], table) == 0)
			return true;
	return sqlite3_strnicmp(table, "sqlite_", 7) == 0 || sqlite3_strnicmp(table, "pragma_", 7) == 0;
}

static bool may_read(const struct query_guard *g, const char *table, const char *database)
{
	/* Where no column is read (SELECT count(*) FROM t), SQLite gives the name as written, be it that of a common table
	 * expression, and no database. */
	if (!database)
		return !is_internal(table);
	if (strcmp(database, "temp") == 0 && is_view(g, table))
		return true;
	return (strcmp(database, "main") == 0 || strcmp(database, "temp") == 0) && query_may_read(table);
}

static int refuse(struct query_guard *g, const char *what, const char *name)
{
	if (!g->denied[0])
		snprintf(g->denied, sizeof g->denied, "%s%s%.60s", what, name ? " " : "", name ? name : "");
	return SQLITE_DENY;
}

static int authorize(void *context, int action, const char *a, const char *b, const char *database, const char *inside)
{
	struct query_guard *g = context;
	(void)inside;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_READ:
		return may_read(g, a, database) ? SQLITE_OK : refuse(g, "reading the table", a);
	case SQLITE_FUNCTION:
		return may_call(b) ? SQLITE_OK : refuse(g, "calling the function", b);
	case SQLITE_PRAGMA:
		return refuse(g, "PRAGMA", a);
	case SQLITE_ATTACH:
	case SQLITE_DETACH:
		return refuse(g, "ATTACH and DETACH", NULL);
	default:
		return refuse(g, "anything but SELECT", NULL);
	}
}

int64_t query_clock(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* The tests of the largest built-in pack, shaken, take a fiftieth of it. */
#define TESTS_STEPS (500ull * 1000 * 1000)
#define TESTS_SECONDS 600

struct query_budget query_budget_of_tests(void)
{
	return (struct query_budget){ TESTS_STEPS, query_clock() + TESTS_SECONDS };
}

bool query_budget_spent(const struct query_budget *b)
{
	return b->steps == 0 || query_clock() > b->ends;
}

bool query_budget_take(struct query_budget *b, uint64_t steps)
{
	if (!b)
		return true;
	bool within = b->steps > steps;
	b->steps = within ? b->steps - steps : 0;
	return within && query_clock() <= b->ends;
}

static int on_progress(void *context)
{
	struct query_guard *g = context;
	if (!query_budget_take(g->all, STEPS_PER_CALL) || g->steps_left < STEPS_PER_CALL || query_clock() > g->ends)
		g->limit = "work";
	else if (sqlite3_memory_used() > g->memory_max)
		g->limit = "memory";
	else
		g->steps_left -= STEPS_PER_CALL;
	return g->limit != NULL;
}

void query_guard_begin(struct query_guard *g, sqlite3 *db, const struct query_limits *limits,
					   const struct query_view *views, size_t nviews)
{
	*g = (struct query_guard){
		.db = db,
		.views = views,
		.nviews = nviews,
		.steps_left = limits->steps,
		.all = limits->all,
		.memory_max = sqlite3_memory_used() + limits->memory,
		.ends = query_clock() + limits->seconds,
	};
	if (limits->ends && g->ends > limits->ends)
		g->ends = limits->ends;
	g->old_length = sqlite3_limit(db, SQLITE_LIMIT_LENGTH, MAX_LENGTH);
	g->old_pattern = sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_PATTERN);
	g->old_sql = sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, MAX_SQL);
	sqlite3_set_authorizer(db, authorize, g);
	sqlite3_progress_handler(db, STEPS_PER_CALL, on_progress, g);
}

void query_guard_end(struct query_guard *g)
{
	sqlite3_progress_handler(g->db, 0, NULL, NULL);
	sqlite3_set_authorizer(g->db, NULL, NULL);
	sqlite3_limit(g->db, SQLITE_LIMIT_LENGTH, g->old_length);
	sqlite3_limit(g->db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, g->old_pattern);
	sqlite3_limit(g->db, SQLITE_LIMIT_SQL_LENGTH, g->old_sql);
}

/* Prepares within the limit of memory, which SQLite has for the whole process only. */
static int prepare_within(struct query_guard *g, const char *sql, sqlite3_stmt **s, const char **tail)
{
	int64_t used = sqlite3_memory_used(), old = sqlite3_hard_heap_limit64(-1);
	bool ours = old == 0 || old > used + MAX_PREPARING;
	if (ours)
		sqlite3_hard_heap_limit64(used + MAX_PREPARING);
	int r = sqlite3_prepare_v2(g->db, sql, -1, s, tail);
	if (ours)
		sqlite3_hard_heap_limit64(old);
	return r;
}

/* In words of ours where SQLite's own would lead astray. */
static const char *preparing_failure(const struct query_guard *g, int result)
{
	return result == SQLITE_NOMEM	 ? "it takes too much memory: views or common tables name one another many times"
		   : result == SQLITE_TOOBIG ? "it is longer than 64 KiB"
									 : sqlite3_errmsg(g->db);
}

sqlite3_stmt *query_prepare(struct query_guard *g, const char *sql, char why[256], size_t *at)
{
	sqlite3_stmt *s = NULL, *second = NULL;
	const char *tail = sql;
	*at = 0;
	int result = prepare_within(g, sql, &s, &tail);
	if (result != SQLITE_OK) {
		int offset = sqlite3_error_offset(g->db);
		*at = offset > 0 ? (size_t)offset : 0;
		if (g->denied[0])
			snprintf(why, 256, "%s is not allowed", g->denied);
		else
			snprintf(why, 256, "%s", preparing_failure(g, result));
		return NULL;
	}
	if (!s) {
		snprintf(why, 256, "no statement");
		return NULL;
	}
	/* White space and comments give no second statement. */
	if (sqlite3_prepare_v2(g->db, tail, -1, &second, NULL) == SQLITE_OK && !second)
		return s;
	*at = (size_t)(tail - sql);
	snprintf(why, 256, "a second statement");
	sqlite3_finalize(second);
	sqlite3_finalize(s);
	return NULL;
}

const char *query_failure(const struct query_guard *g)
{
	if (!g->limit)
		return sqlite3_errmsg(g->db);
	return strcmp(g->limit, "work") == 0 ? "it hit its limit of work" : "it hit its limit of memory";
}

static void sql_iso_date(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n;
	if (sqlite3_value_type(values[0]) != SQLITE_INTEGER)
		return;
	time_t t = (time_t)sqlite3_value_int64(values[0]);
	struct tm tm;
	char day[64];
	if (gmtime_r(&t, &tm) && strftime(day, sizeof day, "%Y-%m-%d", &tm) > 0)
		sqlite3_result_text(context, day, -1, SQLITE_TRANSIENT);
}

struct error query_setup(sqlite3 *db)
{
	/* Innocuous: callable from views although the schema of a case file from elsewhere is not trusted. */
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
	int r = sqlite3_create_function(db, "basename", 1, flags, NULL, case_sql_basename, NULL, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_create_function(db, "iso_date", 1, flags, NULL, sql_iso_date, NULL, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_create_function(db, "redact", 1, flags, NULL, case_sql_redact, NULL, NULL);
	if (r == SQLITE_OK)
		r = query_add_math(db, flags);
	if (r == SQLITE_OK)
		r = query_add_day(db);
	if (r == SQLITE_OK)
		r = sqlite3_create_function(db, "printf", -1, flags, NULL, query_printf, NULL, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_create_function(db, "format", -1, flags, NULL, query_printf, NULL, NULL);
	/* What spills to a file escapes the limit of memory. Within a transaction this cannot be changed, and need not be
	 * when it was set before. */
	if (r == SQLITE_OK && sqlite3_get_autocommit(db))
		r = sqlite3_exec(db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
	return r ? error_at(ERR_IO, 0, "preparing the case for queries: %s", sqlite3_errmsg(db)) : error_none();
}
