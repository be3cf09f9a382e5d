/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/redact.h"
#include "case/case.h"

void case_sql_redact(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n;
	char out[REDACTED_MAX];
	const char *p = (const char *)sqlite3_value_text(values[0]);
	if (!p)
		return;
	size_t length = redact(text_of(p, (size_t)sqlite3_value_bytes(values[0])), out);
	sqlite3_result_text64(context, out, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void case_sql_basename(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n;
	const char *p = (const char *)sqlite3_value_text(values[0]);
	if (!p)
		return;
	struct text base = text_base(text_of(p, (size_t)sqlite3_value_bytes(values[0])));
	sqlite3_result_text64(context, base.p, base.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}
