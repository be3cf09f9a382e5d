/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a report lists of views that are made of most others, looked up once. */
#include <string.h>

#include "case/case.h"
#include "report/view.h"

/* Beyond so many rows a view is read row by row. */
#define NAMED_ROWS_MAX 20000u

static bool has_rows(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	bool has = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
	sqlite3_finalize(s);
	return has;
}

/* Keeps the views, by the costly ones that they are made of. No step of this may fail the report: what is not kept stays a view. */
static void keep(sqlite3 *db, const bool views[CASE_VIEWS_MAX], size_t rows_max)
{
	bool wanted[CASE_VIEWS_MAX], kept[CASE_VIEWS_MAX] = { false }, temporary[CASE_VIEWS_MAX];
	const struct case_keep limits = { .rows_max = rows_max };
	memcpy(wanted, views, sizeof wanted);
	case_view_add_parts(wanted);
	for (size_t i = 0; i < CASE_VIEWS_MAX && case_views[i].name; i++)
		kept[i] = wanted[i] && (views[i] || case_view_is_costly(case_views[i].name)) && !case_view_is_kept(db, case_views[i].name) &&
				  case_keep_view(db, &case_views[i], &limits, &temporary[i]);
	for (size_t i = 0; i < CASE_VIEWS_MAX; i++)
		if (kept[i] && !views[i])
			case_release_view(db, &case_views[i], temporary[i]);
}

static void keep_one(sqlite3 *db, const char *view)
{
	bool views[CASE_VIEWS_MAX] = { false };
	size_t i = case_view_number(view);
	if (i == CASE_VIEWS_MAX || case_view_is_kept(db, view))
		return;
	views[i] = true;
	keep(db, views, SIZE_MAX);
}

void view_keep_named(sqlite3 *db, const char *sql)
{
	bool views[CASE_VIEWS_MAX] = { false }, some = false;
	for (size_t i = 0; i < CASE_VIEWS_MAX && case_views[i].name; i++) {
		const char *view = case_views[i].name;
		views[i] = case_view_is_costly(view) && case_view_is_named(sql, view) && !case_view_is_kept(db, view);
		some |= views[i];
	}
	if (some)
		keep(db, views, NAMED_ROWS_MAX);
}

void view_keep_services(struct view *v)
{
	keep_one(view_db(v), "service_shown");
}

void view_keep_contradictions(struct view *v)
{
	static const char none[] = "DROP VIEW IF EXISTS temp.contradiction_shown;"
							   "CREATE TEMP TABLE contradiction_shown(id INT, topic TEXT, declared_in TEXT, declaration_id INT,"
							   " table_name TEXT, row_id INT, says TEXT, blob_id INT)";
	sqlite3 *db = view_db(v);
	if (case_view_is_kept(db, "contradiction_shown"))
		return;
	/* A case may be older than either table. */
	if (has_rows(db, "SELECT 1 FROM main.declaration") || has_rows(db, "SELECT 1 FROM main.document_element"))
		keep_one(db, "contradiction_shown");
	else
		(void)sqlite3_exec(db, none, NULL, NULL, NULL);
}
