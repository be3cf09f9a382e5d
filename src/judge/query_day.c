/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The day of the assessment, for what is judged against it: ends of support, ages of tests. The case keeps it, so that judging
 * the case again gives the same verdict. */
#include "judge/query.h"

static void sql_assessed_day(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n, (void)values;
	const char *day = sqlite3_user_data(context);
	if (day)
		sqlite3_result_text(context, day, -1, SQLITE_TRANSIENT);
}

/* NULL when the case does not tell (an empty schema has no meta), or tells no day. */
static char *day_of_case(sqlite3 *db)
{
	static const char sql[] = "SELECT substr(value, 1, 10) FROM main.meta WHERE name = 'started_at'"
							  " AND value GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]*'";
	sqlite3_stmt *s = NULL;
	char *day = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		day = sqlite3_mprintf("%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	return day;
}

int query_add_day(sqlite3 *db)
{
	/* Within a run it does not change: SQLite may evaluate it once. */
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
	return sqlite3_create_function_v2(db, "assessed_day", 0, flags, day_of_case(db), sql_assessed_day, NULL, NULL, sqlite3_free);
}
