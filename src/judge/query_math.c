/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions of SQL that measures need: logarithms, powers, days.
 *
 * SQLite has the mathematical ones only when it was built so. What has no finite value is NULL.
 */
#include <math.h>

#include "judge/query.h"

static void give(sqlite3_context *context, double value)
{
	if (isfinite(value))
		sqlite3_result_double(context, value);
}

static bool is_number(sqlite3_value *v)
{
	int type = sqlite3_value_numeric_type(v);
	return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

static void sql_unary(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n;
	double (*const *function)(double) = sqlite3_user_data(context);
	if (is_number(values[0]))
		give(context, (*function)(sqlite3_value_double(values[0])));
}

static void sql_pow(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n;
	if (is_number(values[0]) && is_number(values[1]))
		give(context, pow(sqlite3_value_double(values[0]), sqlite3_value_double(values[1])));
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01 to that day of the Gregorian calendar; false when there is no such day. */
static bool days_of(int year, int month, int day, sqlite3_int64 *days)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1] + (month == 2 && is_leap(year)))
		return false;
	int y = year - 1, before = 0;
	for (int m = 1; m < month; m++)
		before += lengths[m - 1] + (m == 2 && is_leap(year));
	*days = 365LL * y + y / 4 - y / 100 + y / 400 + before + day - 1 - 719162;
	return true;
}

static void sql_iso_days(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n;
	const char *p = (const char *)sqlite3_value_text(values[0]);
	static const char form[] = "0000-00-00";
	if (!p || sqlite3_value_bytes(values[0]) != (int)sizeof form - 1)
		return;
	for (size_t i = 0; i < sizeof form - 1; i++)
		if (form[i] == '-' ? p[i] != '-' : p[i] < '0' || p[i] > '9')
			return;
	int year = (p[0] - '0') * 1000 + (p[1] - '0') * 100 + (p[2] - '0') * 10 + (p[3] - '0');
	sqlite3_int64 days;
	if (days_of(year, (p[5] - '0') * 10 + (p[6] - '0'), (p[8] - '0') * 10 + (p[9] - '0'), &days))
		sqlite3_result_int64(context, days);
}

int query_add_math(sqlite3 *db, int flags)
{
	static const struct {
		const char *name;
		double (*function)(double);
	} unary[] = { { "exp", exp }, { "ln", log }, { "log2", log2 }, { "sqrt", sqrt } };
	int r = SQLITE_OK;
	for (size_t i = 0; r == SQLITE_OK && i < sizeof unary / sizeof unary[0]; i++)
		r = sqlite3_create_function(db, unary[i].name, 1, flags, (void *)&unary[i].function, sql_unary, NULL, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_create_function(db, "pow", 2, flags, NULL, sql_pow, NULL, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_create_function(db, "iso_days", 1, flags, NULL, sql_iso_days, NULL, NULL);
	return r;
}
