/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Views: those of packs as temporary views, and tables in the place of views that would be evaluated time and again. */
#include <string.h>

#include "case/case.h"
#include "judge/query.h"

#define STEPS_PER_CALL 1000u
/* Texts that name a view from which on it is evaluated once, and the rows that are worth it. */
#define MANY 3u
#define ROWS_MAX 20000u

/* Standard views that are made of others and cost much. */
static const char *const costly[] = {
	"by_inittab",        "open_condition", "held_back",      "startable",         "unsettled",
	"started",           "started_there", "telnet",          "serves_itself",
	"effective_setting", "service",       "exposed_service", "service_setting",   "reached_file",
	"weak_binary",       "used_endpoint", "declared_host",   "datum_kind",        "built_day",
	"maintained_until",  "clear_store",   "foreign_document", "lonely_absence",
	"document_said",     "active_tracker", "declared_days",
	"contradiction",     "contradiction_evidence", "certificate_claim",
};

static bool run(sqlite3 *db, char *sql)
{
	bool ok = sql && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
	sqlite3_free(sql);
	return ok;
}

struct error query_create_view(sqlite3 *db, const struct query_view *view)
{
	char *sql = sqlite3_mprintf("CREATE TEMP VIEW \"%w\" AS %s", view->name, view->sql);
	sqlite3_stmt *s = NULL;
	int r = sql ? sqlite3_prepare_v2(db, sql, -1, &s, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	if (r == SQLITE_OK)
		r = sqlite3_step(s);
	sqlite3_finalize(s);
	return r == SQLITE_DONE ? error_none()
							: error_at(ERR_IO, 0, "creating the view %s: %s", view->name, sqlite3_errmsg(db));
}

void query_drop_view(sqlite3 *db, const struct query_view *view)
{
	(void)run(db, sqlite3_mprintf("DROP VIEW IF EXISTS temp.\"%w\"", view->name));
}

void query_drop_table(sqlite3 *db, const struct query_view *view)
{
	(void)run(db, sqlite3_mprintf("DROP TABLE IF EXISTS temp.\"%w\"", view->name));
}

struct keeping {
	uint64_t steps_left;
	struct query_budget *all;
	int64_t memory_max;
};

static int on_keeping(void *context)
{
	struct keeping *k = context;
	bool ends = !query_budget_take(k->all, STEPS_PER_CALL) || k->steps_left < STEPS_PER_CALL || sqlite3_memory_used() > k->memory_max;
	k->steps_left -= ends ? 0 : STEPS_PER_CALL;
	return ends;
}

/* The rows of a statement, one value after another. */
struct rows {
	sqlite3_value **v;
	size_t n, room, columns;
};

static void free_rows(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		sqlite3_value_free(rows->v[i]);
	sqlite3_free(rows->v);
}

static bool add_row(struct rows *rows, sqlite3_stmt *from)
{
	if (rows->room - rows->n < rows->columns) {
		rows->room = 2 * rows->room + 16 * rows->columns;
		sqlite3_value **v = sqlite3_realloc64(rows->v, rows->room * sizeof *v);
		if (!v)
			return false;
		rows->v = v;
	}
	for (size_t i = 0; i < rows->columns; i++)
		if (!(rows->v[rows->n++] = sqlite3_value_dup(sqlite3_column_value(from, (int)i))))
			return false;
	return true;
}

/* All rows, before anything is written: a new table would have the statement prepared once more, and a statement that writes
 * and is ended takes the caller's transaction with it. False when they are too many, or cannot be had within the limits. */
static bool read_rows(sqlite3 *db, sqlite3_stmt *from, const struct query_limits *limits, size_t max, struct rows *rows)
{
	struct keeping k = { .steps_left = limits->steps, .all = limits->all, .memory_max = sqlite3_memory_used() + limits->memory };
	int r;
	bool ok = true;
	sqlite3_progress_handler(db, STEPS_PER_CALL, on_keeping, &k);
	for (; (r = sqlite3_step(from)) == SQLITE_ROW && max > 0 && ok; max--)
		ok = add_row(rows, from);
	sqlite3_progress_handler(db, 0, NULL, NULL);
	return ok && r == SQLITE_DONE;
}

/* A temporary table with the columns of the statement. */
static bool create_like(sqlite3 *db, const char *name, sqlite3_stmt *from)
{
	sqlite3_str *create = sqlite3_str_new(db);
	sqlite3_str_appendf(create, "CREATE TEMP TABLE \"%w\"(", name);
	for (int i = 0; i < sqlite3_column_count(from); i++) {
		const char *type = sqlite3_column_decltype(from, i);
		sqlite3_str_appendf(create, "%s\"%w\" %s", i ? "," : "", sqlite3_column_name(from, i), type ? type : "");
	}
	sqlite3_str_appendall(create, ")");
	return run(db, sqlite3_str_finish(create));
}

static bool insert_rows(sqlite3 *db, const char *name, const struct rows *rows)
{
	sqlite3_str *insert = sqlite3_str_new(db);
	sqlite3_stmt *s = NULL;
	sqlite3_str_appendf(insert, "INSERT INTO temp.\"%w\" VALUES(?", name);
	for (size_t i = 1; i < rows->columns; i++)
		sqlite3_str_appendall(insert, ",?");
	sqlite3_str_appendall(insert, ")");
	char *text = sqlite3_str_finish(insert);
	int r = text && sqlite3_prepare_v2(db, text, -1, &s, NULL) == SQLITE_OK ? SQLITE_DONE : SQLITE_ERROR;
	for (size_t at = 0; r == SQLITE_DONE && at < rows->n; at += rows->columns) {
		for (size_t i = 0; i < rows->columns; i++)
			sqlite3_bind_value(s, (int)i + 1, rows->v[at + i]);
		r = sqlite3_step(s);
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
	sqlite3_free(text);
	return r == SQLITE_DONE;
}

/* Fills a table of that name with the rows; without it when they are too many, or cannot be had. Ends the statement. */
static bool keep_rows(sqlite3 *db, const char *name, sqlite3_stmt *from, const struct query_limits *limits, size_t max)
{
	struct rows rows = { .columns = (size_t)sqlite3_column_count(from) };
	bool ok = read_rows(db, from, limits, max, &rows);
	sqlite3_reset(from); /* a table cannot be made beside a statement that is running */
	ok = ok && create_like(db, name, from);
	sqlite3_finalize(from);
	if (ok && rows.n > 0 && !insert_rows(db, name, &rows)) {
		(void)run(db, sqlite3_mprintf("DROP TABLE IF EXISTS temp.\"%w\"", name));
		ok = false;
	}
	free_rows(&rows);
	return ok;
}

bool query_keep_view(sqlite3 *db, const struct query_view *views, size_t nviews, size_t which,
					 const struct query_limits *limits)
{
	struct query_guard g;
	char why[256];
	size_t at;
	query_guard_begin(&g, db, limits, views, nviews);
	sqlite3_stmt *from = query_prepare(&g, views[which].sql, why, &at);
	sqlite3_set_authorizer(db, NULL, NULL); /* what follows is ours */
	bool ok = from && keep_rows(db, views[which].name, from, limits, ROWS_MAX);
	query_guard_end(&g);
	return ok;
}

/* ---- standard views ---- */

static bool is_costly(const char *view)
{
	for (size_t i = 0; i < sizeof costly / sizeof costly[0]; i++)
		if (strcmp(costly[i], view) == 0)
			return true;
	return strncmp(view, "refuted_", 8) == 0;
}

/* Of a case from elsewhere this program's views stand before its own as temporary ones. */
static bool is_temporary(sqlite3 *db, const char *view)
{
	sqlite3_stmt *s = NULL;
	sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_temp_schema WHERE type = 'view' AND name = ?", -1, &s, NULL);
	sqlite3_bind_text(s, 1, view, -1, SQLITE_STATIC);
	bool is = sqlite3_step(s) == SQLITE_ROW;
	sqlite3_finalize(s);
	return is;
}

static void restore_view(sqlite3 *db, const struct case_view *v, bool temporary)
{
	(void)run(db, sqlite3_mprintf("DROP TABLE IF EXISTS temp.\"%w\"", v->name));
	if (temporary)
		(void)run(db, sqlite3_mprintf("CREATE TEMP VIEW \"%w\" AS %s", v->name, v->sql));
}

static bool keep_standard(sqlite3 *db, const struct case_view *v, const struct query_limits *limits)
{
	sqlite3_stmt *from = NULL;
	if (sqlite3_prepare_v2(db, v->sql, -1, &from, NULL) != SQLITE_OK)
		return false;
	return keep_rows(db, v->name, from, limits, is_costly(v->name) ? SIZE_MAX : ROWS_MAX);
}

/* A view is wanted when a text names it, or a later one that is wanted does; it pays when it is costly, or many do. That must
 * not hang on what is in the case, as a table and a view may give their rows in another order; but what nobody asks in this
 * case need not be made. */
static void choose(const struct query_mentions *mentions, bool pays[QUERY_STANDARD_MAX])
{
	unsigned n[QUERY_STANDARD_MAX] = { 0 };
	bool asked[QUERY_STANDARD_MAX] = { false };
	struct query_words words = { 0 };
	size_t count = 0;
	for (; case_views[count].name && count < QUERY_STANDARD_MAX; count++)
		query_words_add(&words, case_views[count].name, (unsigned)count);
	for (size_t i = count; i > 0; i--) {
		const struct case_view *v = &case_views[i - 1];
		bool found[QUERY_WORDS_MAX] = { false };
		n[i - 1] += mentions ? mentions->n[i - 1] : is_costly(v->name);
		pays[i - 1] = n[i - 1] >= MANY || (n[i - 1] > 0 && is_costly(v->name));
		asked[i - 1] |= !mentions || mentions->asked[i - 1];
		if (n[i - 1] > 0)
			query_words_find(&words, v->sql, found);
		for (size_t k = 0; k + 1 < i; k++)
			n[k] += found[k] * (pays[i - 1] ? 1 : n[i - 1]);
		for (size_t k = 0; asked[i - 1] && k + 1 < i; k++)
			asked[k] |= found[k];
		pays[i - 1] &= asked[i - 1];
	}
}

void query_keep_views(sqlite3 *db, const struct query_limits *limits, const struct query_mentions *mentions,
					  struct query_kept *kept)
{
	bool pays[QUERY_STANDARD_MAX] = { false };
	*kept = (struct query_kept){ 0 };
	choose(mentions, pays);
	for (size_t i = 0; i < QUERY_STANDARD_MAX && case_views[i].name; i++) {
		const struct case_view *v = &case_views[i];
		if (!pays[i])
			continue;
		bool temporary = is_temporary(db, v->name);
		if (temporary && !run(db, sqlite3_mprintf("DROP VIEW temp.\"%w\"", v->name)))
			continue;
		if (keep_standard(db, v, limits)) {
			kept->table[i] = true;
			kept->temporary[i] = temporary;
		} else {
			restore_view(db, v, temporary);
		}
	}
}

void query_release_views(sqlite3 *db, const struct query_kept *kept)
{
	for (size_t i = 0; i < QUERY_STANDARD_MAX && case_views[i].name; i++)
		if (kept->table[i])
			restore_view(db, &case_views[i], kept->temporary[i]);
}
