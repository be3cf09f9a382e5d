/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a report lists of views that are made of most others, looked up once. */
#include <ctype.h>
#include <string.h>

#include "case/case.h"
#include "report/view.h"

/* Standard views that there may be. */
#define VIEWS_MAX 256u
/* Beyond so many rows a view is read row by row. */
#define NAMED_ROWS_MAX 20000u

/* Whether the SQL names the view as a word of its own. */
static bool names(const char *sql, const char *view)
{
	size_t n = strlen(view);
	for (const char *p = sql; (p = strstr(p, view)); p += n)
		if ((p == sql || !(isalnum((unsigned char)p[-1]) || p[-1] == '_')) && !(isalnum((unsigned char)p[n]) || p[n] == '_'))
			return true;
	return false;
}

/* The number of the view; VIEWS_MAX if there is none. */
static size_t number_of(const char *view)
{
	size_t i = 0;
	while (i < VIEWS_MAX && case_views[i].name && strcmp(case_views[i].name, view) != 0)
		i++;
	return i < VIEWS_MAX && case_views[i].name ? i : VIEWS_MAX;
}

/* Adds what the wanted views are made of: views name only those before them. */
static void add_parts(bool wanted[VIEWS_MAX])
{
	size_t n = 0;
	while (n < VIEWS_MAX && case_views[n].name)
		n++;
	for (size_t i = n; i > 0; i--)
		for (size_t k = 0; wanted[i - 1] && k + 1 < i; k++)
			wanted[k] |= names(case_views[i - 1].sql, case_views[k].name);
}

static bool has_rows(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	bool has = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
	sqlite3_finalize(s);
	return has;
}

/* A table stands in the view's place: another report over this connection has made it. */
static bool is_kept(sqlite3 *db, const char *view)
{
	return sqlite3_table_column_metadata(db, "temp", view, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

/* Keeps the views, by the costly ones that they are made of. No step of this may fail the report: what is not kept stays a view. */
static void keep(sqlite3 *db, const bool views[VIEWS_MAX], size_t rows_max)
{
	bool wanted[VIEWS_MAX], kept[VIEWS_MAX] = { false }, temporary[VIEWS_MAX];
	const struct case_keep limits = { .rows_max = rows_max };
	memcpy(wanted, views, sizeof wanted);
	add_parts(wanted);
	for (size_t i = 0; i < VIEWS_MAX && case_views[i].name; i++)
		kept[i] = wanted[i] && (views[i] || case_view_is_costly(case_views[i].name)) && !is_kept(db, case_views[i].name) &&
				  case_keep_view(db, &case_views[i], &limits, &temporary[i]);
	for (size_t i = 0; i < VIEWS_MAX; i++)
		if (kept[i] && !views[i])
			case_release_view(db, &case_views[i], temporary[i]);
}

static void keep_one(sqlite3 *db, const char *view)
{
	bool views[VIEWS_MAX] = { false };
	size_t i = number_of(view);
	if (i == VIEWS_MAX || is_kept(db, view))
		return;
	views[i] = true;
	keep(db, views, SIZE_MAX);
}

void view_keep_named(sqlite3 *db, const char *sql)
{
	bool views[VIEWS_MAX] = { false }, some = false;
	for (size_t i = 0; i < VIEWS_MAX && case_views[i].name; i++) {
		const char *view = case_views[i].name;
		views[i] = case_view_is_costly(view) && names(sql, view) && !is_kept(db, view);
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
	if (is_kept(db, "contradiction_shown"))
		return;
	/* A case may be older than either table. */
	if (has_rows(db, "SELECT 1 FROM main.declaration") || has_rows(db, "SELECT 1 FROM main.document_element"))
		keep_one(db, "contradiction_shown");
	else
		(void)sqlite3_exec(db, none, NULL, NULL, NULL);
}
