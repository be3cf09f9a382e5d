/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Temporary tables in the place of views that would be evaluated time and again, and prepared: SQLite writes a view's text into each
 * query that names it, so that one made of others that are made of others takes seconds to prepare. */
#include <string.h>

#include "case/case.h"
#include "sql/sql.h"

/* Standard views that are made of others and cost much. */
static const char *const costly[] = {
	"by_inittab",        "open_condition", "masked_unit",   "held_back",         "not_executable",
	"startable",         "unsettled",      "started",       "started_there",     "rewriting",
	"telnet",            "serves_itself",
	"effective_setting", "service",       "exposed_service", "service_setting",   "reached_file",
	"weak_binary",       "used_endpoint", "declared_host",   "datum_kind",        "built_day",
	"maintained_until",  "clear_store",   "foreign_document", "lonely_absence",
	"document_said",     "active_tracker", "declared_days",
	"contradiction",     "contradiction_evidence", "certificate_claim", "asking_client",
};

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
		sqlite3_value **v = sqlite3_realloc64(rows->v, rows->room * sizeof(sqlite3_value *));
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
static bool read_rows(sqlite3 *db, sqlite3_stmt *from, const struct case_keep *limits, struct rows *rows)
{
	size_t max = limits->rows_max;
	int r;
	bool ok = true;
	if (limits->stop)
		sqlite3_progress_handler(db, CASE_KEEP_STEPS, limits->stop, limits->context);
	for (; (r = sqlite3_step(from)) == SQLITE_ROW && max > 0 && ok; max--)
		ok = add_row(rows, from);
	if (limits->stop)
		sqlite3_progress_handler(db, 0, NULL, NULL);
	return ok && r == SQLITE_DONE;
}

char *case_columns_of(sqlite3_stmt *from)
{
	sqlite3_str *columns = sqlite3_str_new(NULL);
	for (int i = 0; i < sqlite3_column_count(from); i++) {
		const char *type = sqlite3_column_decltype(from, i);
		sqlite3_str_appendf(columns, "%s\"%w\" %s", i ? "," : "", sqlite3_column_name(from, i), type ? type : "");
	}
	return sqlite3_str_finish(columns);
}

static bool create_table(sqlite3 *db, const char *name, const char *columns)
{
	return columns && sql_run(db, sqlite3_mprintf("CREATE TEMP TABLE \"%w\"(%s)", name, columns));
}

/* A temporary table with the columns of the statement. */
static bool create_like(sqlite3 *db, const char *name, sqlite3_stmt *from)
{
	char *columns = case_columns_of(from);
	bool ok = create_table(db, name, columns);
	sqlite3_free(columns);
	return ok;
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

bool case_keep_rows(sqlite3 *db, const char *name, sqlite3_stmt *from, const struct case_keep *limits)
{
	struct rows rows = { .columns = (size_t)sqlite3_column_count(from) };
	bool ok = read_rows(db, from, limits, &rows);
	sqlite3_reset(from); /* a table cannot be made beside a statement that is running */
	ok = ok && create_like(db, name, from);
	sqlite3_finalize(from);
	if (ok && rows.n > 0 && !insert_rows(db, name, &rows)) {
		(void)sql_run(db, sqlite3_mprintf("DROP TABLE IF EXISTS temp.\"%w\"", name));
		ok = false;
	}
	free_rows(&rows);
	return ok;
}

bool case_view_is_costly(const char *view)
{
	for (size_t i = 0; i < sizeof costly / sizeof costly[0]; i++)
		if (strcmp(costly[i], view) == 0)
			return true;
	return strncmp(view, "refuted_", 8) == 0;
}

/* Before the views of a case that are not all this program's, these stand as temporary ones. */
static bool is_temporary(sqlite3 *db, const char *view)
{
	sqlite3_stmt *s = NULL;
	sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_temp_schema WHERE type = 'view' AND name = ?", -1, &s, NULL);
	sqlite3_bind_text(s, 1, view, -1, SQLITE_STATIC);
	bool is = sqlite3_step(s) == SQLITE_ROW;
	sqlite3_finalize(s);
	return is;
}

void case_release_view(sqlite3 *db, const struct case_view *v, bool temporary)
{
	(void)sql_run(db, sqlite3_mprintf("DROP TABLE IF EXISTS temp.\"%w\"", v->name));
	if (temporary)
		(void)sql_run(db, sqlite3_mprintf("CREATE TEMP VIEW \"%w\" AS %s", v->name, v->sql));
}

static bool clear_place(sqlite3 *db, const struct case_view *v, bool *temporary)
{
	*temporary = is_temporary(db, v->name);
	return !*temporary || sql_run(db, sqlite3_mprintf("DROP VIEW temp.\"%w\"", v->name));
}

bool case_keep_empty(sqlite3 *db, const struct case_view *v, const char *columns, bool *temporary)
{
	if (!clear_place(db, v, temporary))
		return false;
	if (create_table(db, v->name, columns))
		return true;
	case_release_view(db, v, *temporary);
	return false;
}

bool case_keep_view(sqlite3 *db, const struct case_view *v, const struct case_keep *limits, bool *temporary)
{
	sqlite3_stmt *from = NULL;
	if (!clear_place(db, v, temporary))
		return false;
	if (sqlite3_prepare_v2(db, v->sql, -1, &from, NULL) == SQLITE_OK && case_keep_rows(db, v->name, from, limits))
		return true;
	case_release_view(db, v, *temporary);
	return false;
}
