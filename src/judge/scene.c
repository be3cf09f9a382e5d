/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each test's facts go into an empty case, which is judged. */
#include "judge/scene.h"

#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "judge/bench.h"
#include "judge/internal.h"

struct scene {
	sqlite3 *db;
	char *clear; /* SQL that empties every table */
	struct query_limits limits;
};

/* Every test case has an input and a file system in it; the files of a test lie in the latter. It is assessed on the same day. */
#define INPUT_ID 1
#define FILE_SYSTEM_ID 2

static const char scene[] =
	"INSERT INTO meta(name, value) VALUES('started_at', '2026-01-01T00:00:00Z');"
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

/* The kind of input that facts of a table come from, when it is not the firmware image. */
static const char *kind_of(const char *table)
{
	static const struct {
		const char *table, *kind;
	} kinds[] = {
		{ "declaration", "product" },	 { "release", "product" },		  { "release_component", "product" },
		{ "document", "document" },		 { "document_section", "document" }, { "document_date", "document" },
		{ "document_contact", "document" }, { "document_link", "document" }, { "document_element", "document" },
		{ "listener", "device" },		 { "login_attempt", "device" },	  { "tls_peer", "device" },
		{ "site_answer", "site" },		 { "site_header", "site" },		  { "flow", "capture" },
		{ "mud_file", "mud" },			 { "app", "app" },				  { "app_trait", "app" },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].table, table) == 0)
			return kinds[i].kind;
	return NULL;
}

/* Every input has a blob of its own, as in a case. */
static int add_input_blobs(sqlite3 *db)
{
	return sqlite3_exec(db,
						"INSERT INTO blob(input_id, parent_id, path, kind, format)"
						" SELECT id, NULL, location, 'input', 'data' FROM input WHERE id NOT IN (SELECT input_id FROM blob)",
						NULL, NULL, NULL);
}

static int add_input(sqlite3 *db, const struct pack_row *row)
{
	sqlite3_str *sql = sqlite3_str_new(db);
	sqlite3_str_appendall(sql, "INSERT INTO input(");
	for (size_t i = 0; i < row->ncells; i++)
		sqlite3_str_appendf(sql, "%s\"%w\"", i ? ", " : "", row->cells[i].column);
	sqlite3_str_appendall(sql, ") VALUES(");
	for (size_t i = 0; i < row->ncells; i++)
		sqlite3_str_appendall(sql, i ? ", ?" : "?");
	sqlite3_str_appendall(sql, ")");
	int r = run_sql(db, sql, row);
	return r ? r : add_input_blobs(db);
}

/* The blob that a fact of the test is from: the file that it names, else the first input of its kind. */
static int64_t place_of(sqlite3 *db, const struct pack_row *row)
{
	const char *kind = row->file ? NULL : kind_of(row->table);
	if (kind) {
		char *sql = sqlite3_mprintf("INSERT INTO input(kind, location) SELECT %Q, 'test-%s'"
									" WHERE NOT EXISTS (SELECT 1 FROM input WHERE kind = %Q)",
									kind, kind, kind);
		if (!sql || sqlite3_exec(db, sql, NULL, NULL, NULL) || add_input_blobs(db))
			kind = NULL;
		sqlite3_free(sql);
	}
	sqlite3_stmt *s = NULL;
	int64_t id = -1;
	if (kind && sqlite3_prepare_v2(db, "SELECT min(b.id) FROM blob b JOIN input i ON i.id = b.input_id WHERE i.kind = ?", -1,
								   &s, NULL) == SQLITE_OK) {
		sqlite3_bind_text(s, 1, kind, -1, SQLITE_STATIC);
		if (sqlite3_step(s) == SQLITE_ROW)
			id = sqlite3_column_int64(s, 0);
	}
	sqlite3_finalize(s);
	return id >= 0 ? id : file_id(db, row->file ? row->file : "/test");
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
		sqlite3_str_appendf(sql, "%lld)", run ? INPUT_ID : (long long)place_of(db, row));
	return run_sql(db, sql, row);
}

static int add_facts(sqlite3 *db, const struct pack_test *test)
{
	int r = SQLITE_OK;
	for (size_t i = 0; r == SQLITE_OK && i < test->nrows; i++)
		if (strcmp(test->rows[i].table, "input") == 0)
			r = add_input(db, &test->rows[i]);
	/* Blobs that are spelt out come before those that are made up for their path. */
	for (int blobs = 1; blobs >= 0; blobs--)
		for (size_t i = 0; r == SQLITE_OK && i < test->nrows; i++)
			if ((strcmp(test->rows[i].table, "blob") == 0) == blobs && !test_table_is_derived(test->rows[i].table) &&
				strcmp(test->rows[i].table, "input") != 0)
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

/* On each input of the kind that the name of the probe begins with; on the image where there is none. */
static int add_run(sqlite3 *db, const char *const *needs, size_t n)
{
	int result = SQLITE_OK;
	for (size_t i = 0; result == SQLITE_OK && i < n; i++) {
		sqlite3_str *sql = sqlite3_str_new(db);
		sqlite3_str_appendf(sql,
							"INSERT INTO probe_run(input_id, probe, status) SELECT id, %Q, 'complete' FROM input"
							" WHERE (%Q GLOB kind || '.*' OR (id = %d AND NOT EXISTS (SELECT 1 FROM input WHERE %Q GLOB kind || '.*')))"
							" AND NOT EXISTS (SELECT 1 FROM probe_run WHERE probe = %Q)",
							needs[i], needs[i], INPUT_ID, needs[i], needs[i]);
		result = run_sql(db, sql, NULL);
	}
	return result;
}

/* What the test does not say about a needed probe: it is complete. */
static int add_runs(sqlite3 *db, const struct requirement *r)
{
	static const char *const declared[] = { "product.read", "document.read" };
	int result = add_run(db, r->needs, r->nneeds);
	for (size_t i = 0; result == SQLITE_OK && i < r->nways; i++)
		result = add_run(db, r->ways[i].needs, r->ways[i].nneeds);
	for (size_t i = 0; result == SQLITE_OK && i < r->nmeasures; i++)
		result = add_run(db, r->measures[i].needs, r->measures[i].nneeds);
	return result == SQLITE_OK && r->declared ? add_run(db, declared, 2) : result;
}

/* Everything that an earlier test left. Indices that were made behind its facts are made anew behind these. */
static struct error clear(struct scene *s)
{
	char *drop = NULL;
	sqlite3_stmt *indices = NULL;
	int r = sqlite3_exec(s->db, s->clear, NULL, NULL, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_prepare_v2(s->db, "SELECT group_concat('DROP INDEX \"' || name || '\";', '') FROM sqlite_schema"
									  " WHERE type = 'index' AND sql IS NOT NULL", -1, &indices, NULL);
	if (r == SQLITE_OK && sqlite3_step(indices) == SQLITE_ROW && sqlite3_column_text(indices, 0))
		drop = strdup((const char *)sqlite3_column_text(indices, 0));
	sqlite3_finalize(indices);
	if (r == SQLITE_OK && drop)
		r = sqlite3_exec(s->db, drop, NULL, NULL, NULL);
	free(drop);
	if (r == SQLITE_OK)
		r = sqlite3_exec(s->db, scene, NULL, NULL, NULL);
	if (r == SQLITE_OK)
		r = query_add_day(s->db);
	return r ? error_at(ERR_IO, 0, "the case cannot be emptied: %s", sqlite3_errmsg(s->db)) : error_none();
}

static char *clearing_sql(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	char *sql = NULL;
	if (sqlite3_prepare_v2(db, "SELECT group_concat('DELETE FROM \"' || name || '\";', '') FROM sqlite_schema"
							   " WHERE type = 'table'", -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		sql = strdup((const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	return sql;
}

struct scene *scene_new(struct query_budget *all, struct error *error)
{
	struct scene *s = calloc(1, sizeof *s);
	if (s) {
		s->limits = query_default_limits;
		s->limits.all = all;
	}
	*error = error_at(ERR_MEMORY, 0, "out of memory");
	if (s && sqlite3_open(":memory:", &s->db) == SQLITE_OK)
		*error = query_setup(s->db);
	if (s && !error_is(error))
		*error = case_create_schema(s->db);
	if (s && !error_is(error) && !(s->clear = clearing_sql(s->db)))
		*error = error_at(ERR_MEMORY, 0, "out of memory");
	if (s && !error_is(error))
		return s;
	scene_free(s);
	return NULL;
}

void scene_free(struct scene *s)
{
	if (!s)
		return;
	sqlite3_close(s->db);
	free(s->clear);
	free(s);
}

/* The probe looked at one input of the kind that its name begins with, and there is a second one. */
static void leave_out(sqlite3_str *sql, const char *probe)
{
	int n = (int)strcspn(probe, ".");
	sqlite3_str_appendf(sql,
						"INSERT INTO input(kind, location) SELECT %.*Q, 'looked at' WHERE NOT EXISTS (SELECT 1 FROM input WHERE kind = %.*Q);"
						"UPDATE probe_run SET input_id = (SELECT min(id) FROM input WHERE kind = %.*Q) WHERE probe = %Q"
						" AND input_id NOT IN (SELECT id FROM input WHERE kind = %.*Q);"
						"INSERT INTO input(kind, location) VALUES(%.*Q, 'left out');",
						n, probe, n, probe, n, probe, probe, n, probe, n, probe);
}

/* Rows of derived tables go when these are filled, the others before anything follows from them. */
static int take_away(sqlite3 *db, const struct scene_change *changes, size_t n, bool derived)
{
	int r = SQLITE_OK;
	for (size_t i = 0; r == SQLITE_OK && i < n; i++) {
		const struct scene_change *c = &changes[i];
		sqlite3_str *sql = sqlite3_str_new(db);
		if (c->table && case_is_derived(c->table) == derived)
			sqlite3_str_appendf(sql, "DELETE FROM \"%w\" WHERE id = %lld;", c->table, (long long)c->row);
		if (c->probe && c->left_out && !derived)
			leave_out(sql, c->probe);
		else if (c->probe && !derived && c->status)
			sqlite3_str_appendf(sql, "UPDATE probe_run SET status = %Q WHERE probe = %Q;", c->status, c->probe);
		else if (c->probe && !derived)
			sqlite3_str_appendf(sql, "DELETE FROM probe_run WHERE probe = %Q;", c->probe);
		char *text = sqlite3_str_finish(sql);
		r = text ? sqlite3_exec(db, text, NULL, NULL, NULL) : SQLITE_OK;
		sqlite3_free(text);
	}
	return r;
}

static struct error set(struct scene *s, const struct requirement *r, const struct pack_test *test,
						const struct scene_change *changes, size_t n)
{
	struct error e = clear(s);
	if (!error_is(&e) && (query_add_day(s->db) || add_facts(s->db, test) || add_runs(s->db, r) || take_away(s->db, changes, n, false)))
		e = error_at(ERR_IO, 0, "the facts cannot be put into a case: %s", sqlite3_errmsg(s->db));
	if (!error_is(&e))
		e = case_derive(s->db);
	if (!error_is(&e) && (add_derived(s->db, test) || take_away(s->db, changes, n, true)))
		e = error_at(ERR_IO, 0, "the facts cannot be put into a case: %s", sqlite3_errmsg(s->db));
	return e;
}

struct error scene_judge(struct scene *s, const struct requirement *r, const struct pack_test *test,
						 const struct scene_change *changes, size_t nchanges, struct arena *arena, struct judgement *j)
{
	struct error e = set(s, r, test, changes, nchanges);
	return error_is(&e) ? e : judge_kept(s->db, r, &s->limits, arena, j);
}

bool scene_budget_spent(const struct query_budget *all, const struct pack *pack, const struct requirement *r,
						const struct pack_test *test, FILE *out)
{
	if (!query_budget_spent(all))
		return false;
	fprintf(out, "%s:%u: %s: the tests of the pack take more work than all of them may together; this one and those behind it were not run,"
				 " expected fewer tests, or queries that do less\n", pack->file, test->line, r->id);
	return true;
}
