/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case file may come from somebody else. What it holds is read as data; nothing in its schema may run: no view in the
 * place of a table, no trigger, no virtual table, no column or index that is computed ("Defense Against The Dark Arts",
 * sqlite.org/security.html). */
#include <string.h>

#include "case/internal.h"

static bool has_row(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	bool has = sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_DONE;
	sqlite3_finalize(s);
	return has;
}

/* Its views are used when all of them are those of this program, to the byte; else this program's stand before them
 * (case_ready_views()). But none may stand for a table. */
static bool has_only_our_views(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	bool ok = sqlite3_prepare_v2(db, "SELECT type, name FROM sqlite_schema WHERE type IN ('view', 'trigger')", -1, &s,
								 NULL) == SQLITE_OK;
	int r = SQLITE_DONE;
	while (ok && (r = sqlite3_step(s)) == SQLITE_ROW) {
		const char *type = (const char *)sqlite3_column_text(s, 0), *name = (const char *)sqlite3_column_text(s, 1);
		bool ours = false;
		for (const struct case_view *v = case_views; v->name; v++)
			ours |= name && sqlite3_stricmp(v->name, name) == 0;
		ok = type && strcmp(type, "view") == 0 && ours;
	}
	sqlite3_finalize(s);
	return ok && r == SQLITE_DONE;
}

const char *case_foreign(sqlite3 *db)
{
	if (!has_only_our_views(db))
		return "views or triggers";
	if (has_row(db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND (rootpage IS NULL OR rootpage = 0)"))
		return "virtual tables";
	if (has_row(db,
				"SELECT 1 FROM sqlite_schema s, pragma_table_xinfo(s.name) x WHERE s.type = 'table' AND x.hidden > 1"))
		return "computed columns";
	if (has_row(db,
				"SELECT 1 FROM sqlite_schema s, pragma_index_xinfo(s.name) x WHERE s.type = 'index' AND x.cid = -2") ||
		has_row(db,
				"SELECT 1 FROM sqlite_schema s, pragma_index_list(s.tbl_name) x WHERE s.type = 'index' AND x.partial"))
		return "computed indices";
	return NULL;
}
