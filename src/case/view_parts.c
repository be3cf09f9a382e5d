/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which views a view is made of, and asking one by way of tables in their place. */
#include <ctype.h>
#include <string.h>

#include "case/case.h"

/* Whether the SQL names the view as a word of its own. */
bool case_view_is_named(const char *sql, const char *view)
{
	size_t n = strlen(view);
	for (const char *p = sql; (p = strstr(p, view)); p += n)
		if ((p == sql || !(isalnum((unsigned char)p[-1]) || p[-1] == '_')) && !(isalnum((unsigned char)p[n]) || p[n] == '_'))
			return true;
	return false;
}

size_t case_view_number(const char *view)
{
	size_t i = 0;
	while (i < CASE_VIEWS_MAX && case_views[i].name && strcmp(case_views[i].name, view) != 0)
		i++;
	return i < CASE_VIEWS_MAX && case_views[i].name ? i : CASE_VIEWS_MAX;
}

/* Views name only those before them. */
void case_view_add_parts(bool wanted[CASE_VIEWS_MAX])
{
	size_t n = 0;
	while (n < CASE_VIEWS_MAX && case_views[n].name)
		n++;
	for (size_t i = n; i > 0; i--)
		for (size_t k = 0; wanted[i - 1] && k + 1 < i; k++)
			wanted[k] |= case_view_is_named(case_views[i - 1].sql, case_views[k].name);
}

/* Another reader over this connection may have made it. */
bool case_view_is_kept(sqlite3 *db, const char *view)
{
	return sqlite3_table_column_metadata(db, "temp", view, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

bool case_ask_view(sqlite3 *db, const char *view, const char *sql)
{
	bool wanted[CASE_VIEWS_MAX] = { false }, kept[CASE_VIEWS_MAX] = { false }, temporary[CASE_VIEWS_MAX];
	const struct case_keep limits = { .rows_max = SIZE_MAX };
	size_t which = case_view_number(view);
	if (which < CASE_VIEWS_MAX)
		wanted[which] = true;
	case_view_add_parts(wanted);
	for (size_t i = 0; i < CASE_VIEWS_MAX && case_views[i].name; i++)
		kept[i] = wanted[i] && case_view_is_costly(case_views[i].name) && !case_view_is_kept(db, case_views[i].name) &&
				  case_keep_view(db, &case_views[i], &limits, &temporary[i]);
	bool ok = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
	for (size_t i = 0; i < CASE_VIEWS_MAX; i++)
		if (kept[i])
			case_release_view(db, &case_views[i], temporary[i]);
	return ok;
}
