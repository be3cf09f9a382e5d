/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all who read SQLite databases ask of a statement. */
#ifndef ASSAY_SQL_SQL_H
#define ASSAY_SQL_SQL_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/span.h"

/* The text of a column, which the statement owns: it is gone with the next step. TEXT_NONE where it is NULL. */
static inline struct text sql_text(sqlite3_stmt *s, int column)
{
	const char *p = (const char *)sqlite3_column_text(s, column);
	return text_of(p, p ? (size_t)sqlite3_column_bytes(s, column) : 0);
}

/* The first number of the first row of a query; `otherwise` when it has none, or is refused. */
static inline int64_t sql_number(sqlite3 *db, const char *query, int64_t otherwise)
{
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(db, query, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		otherwise = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return otherwise;
}

/* Runs what sqlite3_mprintf() made, and frees it; false when it failed, or there was no memory for it (NULL). */
static inline bool sql_run(sqlite3 *db, char *made)
{
	bool ok = made && sqlite3_exec(db, made, NULL, NULL, NULL) == SQLITE_OK;
	sqlite3_free(made);
	return ok;
}

#endif
