/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of the standard views, as a table in the place of one has them: known when the program is built, so that for a view
 * without rows none of its text need be read.
 *
 *   view_columns OUTPUT
 */
#include <sqlite3.h>
#include <stdio.h>

#include "case/case.h"
#include "judge/query.h"

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "view_columns: %s: %s\n", what, why);
	return 1;
}

/* Those made of costly ones are read when these are tables, as the judge does: through a view a column may lose its type. */
static int write_view(FILE *out, sqlite3 *db, const struct case_view *v)
{
	bool temporary;
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(db, v->sql, -1, &s, NULL) != SQLITE_OK)
		return fail(v->name, sqlite3_errmsg(db));
	char *columns = case_columns_of(s);
	sqlite3_finalize(s);
	if (!columns)
		return fail(v->name, "no memory");
	fputs("\t\"", out);
	for (const char *p = columns; *p; p++)
		fprintf(out, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
	fputs("\",\n", out);
	bool kept = !case_view_is_costly(v->name) || case_keep_empty(db, v, columns, &temporary);
	sqlite3_free(columns);
	return kept ? 0 : fail(v->name, sqlite3_errmsg(db));
}

int main(int argc, char **argv)
{
	sqlite3 *db = NULL;
	FILE *out = argc == 2 ? fopen(argv[1], "w") : NULL;
	if (!out || sqlite3_open(":memory:", &db) != SQLITE_OK)
		return fail(argc == 2 ? argv[1] : "usage", "view_columns OUTPUT");
	struct error e = query_setup(db);
	if (!error_is(&e))
		e = case_create_schema(db);
	if (error_is(&e))
		return fail("the schema", e.text);
	fputs("/* Made by tools/view_columns.c. */\n#include \"judge/query.h\"\n\nconst char *const query_view_columns[] = {\n", out);
	int code = 0;
	for (const struct case_view *v = case_views; code == 0 && v->name; v++)
		code = write_view(out, db, v);
	fputs("};\n", out);
	sqlite3_close(db);
	return fclose(out) ? fail(argv[1], "cannot be written") : code;
}
