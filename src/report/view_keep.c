/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a report lists of views that are made of most others, looked up once. */
#include <ctype.h>
#include <string.h>

#include "case/case.h"
#include "report/view.h"

/* Standard views that there may be. */
#define VIEWS_MAX 256u

/* Whether the SQL names the view as a word of its own. */
static bool names(const char *sql, const char *view)
{
	size_t n = strlen(view);
	for (const char *p = sql; (p = strstr(p, view)); p += n)
		if ((p == sql || !(isalnum((unsigned char)p[-1]) || p[-1] == '_')) && !(isalnum((unsigned char)p[n]) || p[n] == '_'))
			return true;
	return false;
}

/* What the view is made of: views name only those before them. Its own number; 0 if there is none. */
static size_t find_made_of(const char *view, bool wanted[VIEWS_MAX])
{
	size_t last = 0;
	while (case_views[last].name && strcmp(case_views[last].name, view) != 0)
		last++;
	if (!case_views[last].name || last >= VIEWS_MAX)
		return 0;
	wanted[last] = true;
	for (size_t i = last; i > 0; i--)
		for (size_t k = 0; wanted[i] && k < i; k++)
			wanted[k] |= names(case_views[i].sql, case_views[k].name);
	return last;
}

static bool has_rows(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	bool has = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
	sqlite3_finalize(s);
	return has;
}

/* No step of this may fail the report: what is not kept stays a view. */
static void keep(sqlite3 *db, const char *view)
{
	bool wanted[VIEWS_MAX] = { false }, kept[VIEWS_MAX] = { false }, temporary[VIEWS_MAX];
	const struct case_keep limits = { .rows_max = SIZE_MAX };
	size_t last = find_made_of(view, wanted);
	for (size_t i = 0; i < last; i++)
		kept[i] = wanted[i] && case_view_is_costly(case_views[i].name) && case_keep_view(db, &case_views[i], &limits, &temporary[i]);
	if (last)
		(void)case_keep_view(db, &case_views[last], &limits, &temporary[last]);
	for (size_t i = 0; i < last; i++)
		if (kept[i])
			case_release_view(db, &case_views[i], temporary[i]);
}

/* A table has columns of its own, a view has none: another report over this connection has made it. */
static bool is_kept(sqlite3 *db, const char *view, const char *column)
{
	return sqlite3_table_column_metadata(db, "temp", view, column, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

void view_keep_services(struct view *v)
{
	sqlite3 *db = view_db(v);
	if (!is_kept(db, "service_shown", "startup_id"))
		keep(db, "service_shown");
}

void view_keep_contradictions(struct view *v)
{
	static const char none[] = "DROP VIEW IF EXISTS temp.contradiction_shown;"
							   "CREATE TEMP TABLE contradiction_shown(id INT, topic TEXT, declared_in TEXT, declaration_id INT,"
							   " table_name TEXT, row_id INT, says TEXT, blob_id INT)";
	sqlite3 *db = view_db(v);
	if (is_kept(db, "contradiction_shown", "says"))
		return;
	/* A case may be older than either table. */
	if (has_rows(db, "SELECT 1 FROM main.declaration") || has_rows(db, "SELECT 1 FROM main.document_element"))
		keep(db, "contradiction_shown");
	else
		(void)sqlite3_exec(db, none, NULL, NULL, NULL);
}
