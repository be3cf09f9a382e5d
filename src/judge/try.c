/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine of `assay pack test`: each test's facts go into an empty case, which is judged. */
#include <string.h>

#include "case/case.h"
#include "judge/internal.h"
#include "judge/judge.h"

/* Every test case has an input and a file system in it; the files of a test lie in the latter. */
#define INPUT_ID 1
#define FILE_SYSTEM_ID 2

static const char scene[] =
	"INSERT INTO input(id, kind, location, size) VALUES(1, 'firmware', 'test', 0);"
	"INSERT INTO blob(id, input_id, parent_id, path, kind, format) VALUES(1, 1, NULL, 'test', 'input', 'data'),"
	" (2, 1, 1, 'root', 'region', 'squashfs');";

static int run_sql(sqlite3 *db, sqlite3_str *text, const struct pack_row *row)
{
	char *sql = sqlite3_str_finish(text);
	sqlite3_stmt *s = NULL;
	int r = sql ? sqlite3_prepare_v2(db, sql, -1, &s, NULL) : SQLITE_NOMEM;
	for (size_t i = 0; r == SQLITE_OK && row && i < row->ncells; i++) {
		const struct pack_cell *c = &row->cells[i];
		r = c->is_integer ? sqlite3_bind_int64(s, (int)i + 1, c->integer)
						  : sqlite3_bind_text(s, (int)i + 1, c->text, -1, SQLITE_STATIC);
	}
	if (r == SQLITE_OK)
		r = sqlite3_step(s);
	sqlite3_finalize(s);
	sqlite3_free(sql);
	return r == SQLITE_DONE ? SQLITE_OK : r;
}

/* The file of that path, made up when the test has none. */
static int64_t file_id(sqlite3 *db, const char *path)
{
	char *sql =
		sqlite3_mprintf("INSERT INTO blob(input_id, parent_id, path, kind, format) SELECT %d, %d, %Q, 'file', 'data'"
						" WHERE NOT EXISTS (SELECT 1 FROM blob WHERE path = %Q)",
						INPUT_ID, FILE_SYSTEM_ID, path, path);
	if (sql)
		sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_free(sql);
	sqlite3_stmt *s = NULL;
	int64_t id = -1;
	if (sqlite3_prepare_v2(db, "SELECT id FROM blob WHERE path = ?", -1, &s, NULL) == SQLITE_OK) {
		sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
		if (sqlite3_step(s) == SQLITE_ROW)
			id = sqlite3_column_int64(s, 0);
	}
	sqlite3_finalize(s);
	return id;
}

static bool sets(const struct pack_row *row, const char *column)
{
	for (size_t i = 0; i < row->ncells; i++)
		if (strcmp(row->cells[i].column, column) == 0)
			return true;
	return false;
}

static int add_row(sqlite3 *db, const struct pack_row *row)
{
	bool blob = strcmp(row->table, "blob") == 0, run = strcmp(row->table, "probe_run") == 0;
	sqlite3_str *sql = sqlite3_str_new(db);
	sqlite3_str_appendf(sql, "INSERT INTO \"%w\"(", row->table);
	for (size_t i = 0; i < row->ncells; i++)
		sqlite3_str_appendf(sql, "\"%w\", ", row->cells[i].column);
	if (test_table_is_derived(row->table)) { /* of no file; id stands for itself */
		sqlite3_str_appendall(sql, "id) VALUES(");
		for (size_t i = 0; i < row->ncells; i++)
			sqlite3_str_appendall(sql, "?, ");
		sqlite3_str_appendall(sql, "NULL)");
		return run_sql(db, sql, row);
	}
	const char *kind = blob && !sets(row, "kind") ? ", kind" : "";
	sqlite3_str_appendf(sql, "%s%s) VALUES(", blob ? "input_id, parent_id" : run ? "input_id" : "blob_id", kind);
	for (size_t i = 0; i < row->ncells; i++)
		sqlite3_str_appendall(sql, "?, ");
	if (blob)
		sqlite3_str_appendf(sql, "%d, %d%s)", INPUT_ID, FILE_SYSTEM_ID, *kind ? ", 'file'" : "");
	else
		sqlite3_str_appendf(sql, "%lld)", run ? INPUT_ID : (long long)file_id(db, row->file ? row->file : "/test"));
	return run_sql(db, sql, row);
}

static int add_facts(sqlite3 *db, const struct pack_test *test)
{
	int r = SQLITE_OK;
	/* Blobs that are spelt out come before those that are made up for their path. */
	for (int blobs = 1; blobs >= 0; blobs--)
		for (size_t i = 0; r == SQLITE_OK && i < test->nrows; i++)
			if ((strcmp(test->rows[i].table, "blob") == 0) == blobs && !test_table_is_derived(test->rows[i].table))
				r = add_row(db, &test->rows[i]);
	return r;
}

/* What matching and documents add once the facts are there: `software` is made of `component` by then. */
static int add_derived(sqlite3 *db, const struct pack_test *test)
{
	int r = SQLITE_OK;
	for (size_t i = 0; r == SQLITE_OK && i < test->nrows; i++)
		if (test_table_is_derived(test->rows[i].table))
			r = add_row(db, &test->rows[i]);
	return r;
}

/* What the test does not say about a needed probe: it is complete. */
static int add_runs(sqlite3 *db, const struct requirement *r)
{
	int result = SQLITE_OK;
	for (size_t i = 0; result == SQLITE_OK && i < r->nneeds; i++) {
		sqlite3_str *sql = sqlite3_str_new(db);
		sqlite3_str_appendf(sql,
							"INSERT INTO probe_run(input_id, probe, status) SELECT %d, %Q, 'complete'"
							" WHERE NOT EXISTS (SELECT 1 FROM probe_run WHERE probe = %Q)",
							INPUT_ID, r->needs[i], r->needs[i]);
		result = run_sql(db, sql, NULL);
	}
	return result;
}

static struct error set_scene(sqlite3 *db, const struct requirement *r, const struct pack_test *test)
{
	struct query_kept kept;
	struct error e = query_setup(db);
	if (!error_is(&e))
		e = case_create_schema(db);
	if (error_is(&e))
		return e;
	if (sqlite3_exec(db, scene, NULL, NULL, NULL) || add_facts(db, test) || add_runs(db, r))
		return error_at(ERR_IO, 0, "the facts cannot be put into a case: %s", sqlite3_errmsg(db));
	e = case_derive(db);
	if (!error_is(&e) && add_derived(db, test))
		e = error_at(ERR_IO, 0, "the facts cannot be put into a case: %s", sqlite3_errmsg(db));
	if (!error_is(&e))
		query_keep_views(db, &query_default_limits, &kept);
	return e;
}

static bool run_test(const struct pack *pack, const struct requirement *r, const struct pack_test *test, FILE *out)
{
	_cleanup_(arena_cleanup) struct arena *arena = arena_new(0);
	sqlite3 *db = NULL;
	struct judgement j = { .verdict = VERDICTS };
	struct error e = error_at(ERR_MEMORY, 0, "out of memory");
	if (arena && sqlite3_open(":memory:", &db) == SQLITE_OK)
		e = set_scene(db, r, test);
	if (!error_is(&e))
		e = judge_requirement(db, r, NULL, arena, &j);
	sqlite3_close(db);
	bool ok = !error_is(&e) && j.verdict == test->gives;
	if (error_is(&e))
		fprintf(out, "%s:%u: %s: %s\n", pack->file, test->line, r->id, e.text);
	else if (!ok)
		fprintf(out, "%s:%u: %s: gives %s, expected %s: %s\n", pack->file, test->line, r->id, verdict_name(j.verdict),
				verdict_name(test->gives), j.summary);
	return ok;
}

size_t pack_run_tests(const struct pack *pack, FILE *out, size_t *run)
{
	size_t wrong = 0;
	*run = 0;
	for (size_t i = 0; i < pack->nrequirements; i++) {
		const struct requirement *r = &pack->requirements[i];
		for (size_t k = 0; k < r->ntests; k++, ++*run)
			wrong += !run_test(pack, r, &r->tests[k], out);
	}
	return wrong;
}
