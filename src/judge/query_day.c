/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Days in the queries of a pack: the day of the assessment, which the case keeps, and days as numbers. */
#include <stdio.h>
#include <string.h>

#include "base/span.h"
#include "judge/query.h"

#define DAY_LENGTH 10 /* YYYY-MM-DD */

/* Two or four digits; -1 when they are none. */
static int digits(const char *p, size_t n)
{
	int v = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

bool query_day_number(struct text text, int64_t *number)
{
	if (text.n < DAY_LENGTH || (text.n > DAY_LENGTH && text.p[DAY_LENGTH] != 'T'))
		return false;
	int y = digits(text.p, 4), m = digits(text.p + 5, 2), d = digits(text.p + 8, 2);
	if (text.p[4] != '-' || text.p[7] != '-' || y < 0 || m < 1 || m > 12 || d < 1 || d > days_of(y, m))
		return false;
	/* Years that begin in March, so that a leap day is the last of its year. */
	int64_t year = y - (m <= 2), month = (m + 9) % 12;
	*number = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + d - 719469;
	return true;
}

static void sql_day_number(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n;
	int64_t number;
	const char *p = (const char *)sqlite3_value_text(values[0]);
	if (p && query_day_number(text_of(p, (size_t)sqlite3_value_bytes(values[0])), &number))
		sqlite3_result_int64(context, number);
}

static void sql_assessed_day(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n, (void)values;
	const char *day = sqlite3_user_data(context);
	if (day)
		sqlite3_result_text(context, day, -1, SQLITE_TRANSIENT);
}

/* The day on which the case was begun; NULL when it does not tell (an empty schema), or tells none. */
static char *day_of_case(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	char *day = NULL;
	int64_t number;
	if (sqlite3_prepare_v2(db, "SELECT value FROM main.meta WHERE name = 'started_at'", -1, &s, NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW) {
		const char *p = (const char *)sqlite3_column_text(s, 0);
		if (p && query_day_number(text_of(p, (size_t)sqlite3_column_bytes(s, 0)), &number))
			day = sqlite3_mprintf("%.*s", DAY_LENGTH, p);
	}
	sqlite3_finalize(s);
	return day;
}

int query_day_setup(sqlite3 *db)
{
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
	int r = sqlite3_create_function(db, "day_number", 1, flags, NULL, sql_day_number, NULL, NULL);
	return r ? r
			 : sqlite3_create_function_v2(db, "assessed_day", 0, flags, day_of_case(db), sql_assessed_day, NULL, NULL,
										  sqlite3_free);
}
