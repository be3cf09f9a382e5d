/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints docs/facts.md: the tables of a case file as the fact table defines them. */
#include <stdio.h>

#include "case/case.h"
#include "fact/fact.h"

static const char intro[] =
	"# The tables of a case file\n"
	"\n"
	"<!-- Made by tools/fact_docs from src/fact/facts.def: change that one. -->\n"
	"\n"
	"A case file is an SQLite database. These are its fact tables, which are what the queries of a guideline pack are"
	" about.\n"
	"Every table has `id`, and `blob_id`, the row of `blob` that the fact was found in. `blob` has `input_id` and"
	" `parent_id`\n"
	"instead: the container or file system that holds it. What is unknown is NULL. Text is UTF-8; bytes of an input"
	" that are\n"
	"not stand as `\\xHH`.\n"
	"\n"
	"Beside them are `input(id, kind, location, size, sha256, role)`, `probe_run(id, input_id, probe, status, detail,"
	" seconds)`,\n"
	"`meta(name, value)`, and, once judged, `verdict` and `evidence(id, verdict_id, role, table_name, row_id,"
	" says)`.\n"
	"\n"
	"The table `excerpt` is for reports, and no query of a pack may read it: what it holds depends on what is cited.\n";

static const char *type_name(enum fact_column_type type)
{
	static const char *const names[] = { [FACT_INT] = "integer", [FACT_BOOL] = "0 or 1", [FACT_TEXT] = "text" };
	return names[type];
}

static void print_cell(const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

static void print_table(const struct fact_table *t)
{
	printf("\n## %s\n\n%s.\n\n| column | type | what it holds |\n| --- | --- | --- |\n", t->name, t->doc);
	for (size_t i = 0; i < t->ncolumns; i++) {
		printf("| `%s` | %s | ", t->columns[i].name, type_name(t->columns[i].type));
		print_cell(t->columns[i].doc);
		printf(" |\n");
	}
}

static const char derived_intro[] =
	"\n## Derived tables and columns\n\n"
	"Filled when all facts are there. `blob.file_name` and `startup.program_name` are what follows the last slash of `path` and"
	" `program`.\n";

static const char views_intro[] =
	"\n## Standard views\n\n"
	"Every case file has them, so that a plain SQLite shell can ask (`sqlite3 product.assay 'SELECT * FROM exposed_service'`), and"
	" packs may name them\nlike tables. They are defined in `src/case/views/`.\n";

static void print_columns(sqlite3 *db, const char *view)
{
	sqlite3_stmt *s = NULL;
	const char *before = "\nColumns: ";
	if (sqlite3_prepare_v2(db, "SELECT name FROM pragma_table_info(?)", -1, &s, NULL) == SQLITE_OK)
		sqlite3_bind_text(s, 1, view, -1, SQLITE_STATIC);
	for (; s && sqlite3_step(s) == SQLITE_ROW; before = ", ")
		printf("%s`%s`", before, (const char *)sqlite3_column_text(s, 0));
	puts(".");
	sqlite3_finalize(s);
}

static void print_derived(void)
{
	sqlite3 *db = NULL;
	struct error e = error_at(ERR_MEMORY, 0, "out of memory");
	if (sqlite3_open(":memory:", &db) == SQLITE_OK)
		e = case_create_schema(db);
	if (error_is(&e))
		fprintf(stderr, "%s\n", e.text);
	fputs(derived_intro, stdout);
	for (const struct case_derived *t = case_derived; t->name; t++)
		printf("\n### %s\n\n%s.\n\n    %s\n", t->name, t->doc, t->columns);
	fputs(views_intro, stdout);
	for (const struct case_view *v = case_views; v->name; v++) {
		printf("\n### %s\n\n%s\n", v->name, v->doc);
		print_columns(db, v->name);
	}
	sqlite3_close(db);
}

int main(void)
{
	fputs(intro, stdout);
	for (int i = 0; i < FACT_TYPES; i++)
		print_table(&fact_tables[i]);
	print_derived();
	return fflush(stdout) || ferror(stdout);
}
