/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables, indices and views of a case file. */
#include <string.h>

#include "case/internal.h"

/* What a run is known by, from its beginning on. */
const char case_run_tables[] =
	"CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
	"CREATE TABLE input(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, location TEXT NOT NULL, size INTEGER, sha256 TEXT, role TEXT);";

static const char case_tables[] =
	"CREATE TABLE probe_run(id INTEGER PRIMARY KEY, input_id INTEGER REFERENCES input(id), probe TEXT NOT NULL,"
	" status TEXT NOT NULL, detail TEXT, seconds REAL);"
	"CREATE TABLE verdict(id INTEGER PRIMARY KEY, pack TEXT NOT NULL, pack_title TEXT, pack_version TEXT,"
	" requirement TEXT NOT NULL, title TEXT, section TEXT, because TEXT, verdict TEXT NOT NULL, severity TEXT, summary TEXT,"
	" missing TEXT, settles TEXT, remedy TEXT, remedy_command TEXT, references_json TEXT, excluded TEXT, severity_was TEXT,"
	" severity_reason TEXT, evidence_total INTEGER, position INTEGER, about TEXT, basis TEXT, origin TEXT,"
	" queries_json TEXT);"
	"CREATE TABLE evidence(id INTEGER PRIMARY KEY, verdict_id INTEGER NOT NULL REFERENCES verdict(id), role TEXT,"
	" table_name TEXT NOT NULL, row_id INTEGER NOT NULL, says TEXT, measure_id INTEGER);"
	"CREATE TABLE measure(" CASE_MEASURE_COLUMNS ");"
	"CREATE TABLE blob_key(blob_id INTEGER PRIMARY KEY REFERENCES blob(id), key INTEGER NOT NULL);";

const char case_indices[] =
	"CREATE INDEX IF NOT EXISTS blob_by_parent ON blob(parent_id);"
	"CREATE INDEX IF NOT EXISTS blob_by_path ON blob(path, parent_id);"
	"CREATE INDEX IF NOT EXISTS blob_by_file_name ON blob(file_name, parent_id);"
	"CREATE INDEX IF NOT EXISTS excerpt_by_row ON excerpt(row_id, table_name);"
	"CREATE INDEX IF NOT EXISTS statement_by_vulnerability ON statement(vulnerability, software_id);";

const struct case_derived case_derived[] = {
	{ "target", "Where a symbolic link ends, over all the links in between; of a further hard link, the first name's row",
	  "blob_id INTEGER PRIMARY KEY REFERENCES blob(id), target_id INTEGER NOT NULL REFERENCES blob(id)" },
	{ "startup_program",
	  "Which file a line of `startup` runs: file_id is the name that it is run by, blob_id the file that it leads to over links",
	  "startup_id INTEGER PRIMARY KEY REFERENCES startup(id), file_id INTEGER NOT NULL REFERENCES blob(id),"
	  " blob_id INTEGER NOT NULL REFERENCES blob(id)" },
	{ "software",
	  "The software of the image: one row for each product and version (and revision of a package), from all rows of"
	  " `component`. cpe: vendor:product, with a space between two; evidence_kind: the best (package, note, banner, soname,"
	  " filename, path); path: of the first file that shows it; count: of the rows that do. Where the input is a bill of materials and"
	  " nothing else, what it declares (evidence_kind: declared), of which nothing shows that it is in a product",
	  "id INTEGER PRIMARY KEY, name TEXT NOT NULL, title TEXT, version TEXT, package_version TEXT, source_package TEXT,"
	  " distribution TEXT, architecture TEXT, purl TEXT, cpe TEXT, licence TEXT, confidence TEXT, evidence_kind TEXT,"
	  " path TEXT, count INTEGER" },
	{ "software_evidence", "The rows of `component` that show a row of `software`, the best first",
	  "id INTEGER PRIMARY KEY, software_id INTEGER NOT NULL REFERENCES software(id),"
	  " component_id INTEGER NOT NULL REFERENCES component(id)" },
	{ "software_declaration",
	  "The rows of `declared_component` that declare a row of `software`, where bills of materials are all that there is",
	  "id INTEGER PRIMARY KEY, software_id INTEGER NOT NULL REFERENCES software(id),"
	  " declared_id INTEGER NOT NULL REFERENCES declared_component(id)" },
	{ "vulnerability",
	  "A known vulnerability of the software in the image, with what decided it; made by matching (assay vulns), empty before."
	  " state: affected, not_affected, fixed, under_investigation. criteria: what matched, in words. exposure: listens, kernel,"
	  " started, present, unused, and by which file; declared: a bill of materials alone names it. docs/vulnerabilities.md tells the rules, and what"
	  " priority means",
	  "id INTEGER PRIMARY KEY, software_id INTEGER NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, reason TEXT,"
	  " criteria TEXT, source TEXT, confidence TEXT, cvss_version TEXT, cvss_vector TEXT, cvss REAL, severity TEXT, epss REAL,"
	  " epss_percentile REAL, kev INTEGER, exposure TEXT, exposed_by TEXT, priority REAL, published TEXT, summary TEXT" },
	{ "vulnerability_rejected",
	  "A vulnerability of a product in the image that does not apply to what is there, and why; of each kind not all",
	  "id INTEGER PRIMARY KEY, software_id INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT, kev INTEGER" },
	{ "feed_source",
	  "A source of the feed database that was matched against, and how new it was. age: days from its newest record (where it"
	  " names none, from its import) to the day of the matching",
	  "id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT, newest TEXT, imported TEXT, records INTEGER, age INTEGER" },
	{ "software_exposure", "Who uses the files that software was found in; made by matching, as vulnerability.exposure is",
	  "software_id INTEGER PRIMARY KEY, exposure TEXT NOT NULL, exposed_by TEXT" },
	{ "sbom_difference",
	  "Where a bill of materials and the image say something else. kind: missing_in_sbom (it is in the image), not_in_image"
	  " (declared, of a kind that would be seen), version_differs. Bills beside the image go before those in it",
	  "id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, declared_version TEXT, found_version TEXT,"
	  " software_id INTEGER, declared_id INTEGER REFERENCES declared_component(id)" },
	{ "statement",
	  "What a document beside the image states about a vulnerability, for each software row that it means; software_id is unknown"
	  " where it means none that is in the image",
	  "id INTEGER PRIMARY KEY, declared_id INTEGER NOT NULL REFERENCES declared_statement(id), software_id INTEGER,"
	  " vulnerability TEXT NOT NULL, component TEXT, version TEXT, status TEXT NOT NULL, justification TEXT, note TEXT,"
	  " author TEXT, date TEXT, source TEXT, line INTEGER" },
	{ "conformance_conflict",
	  "A provision that the conformance statement of the product file says is met, and whose requirement fails; made by judging."
	  " declared_id: the row of `declaration` that names the provision; table_name, row_id, says: the first of what refutes it",
	  CASE_CONFLICT_COLUMNS },
	{ NULL, NULL, NULL },
};

bool case_is_derived(const char *name)
{
	for (const struct case_derived *t = case_derived; t->name; t++)
		if (sqlite3_stricmp(t->name, name) == 0)
			return true;
	for (const struct case_view *v = case_views; v->name; v++)
		if (sqlite3_stricmp(v->name, name) == 0)
			return true;
	return false;
}

const char *case_name_column(enum fact_type type, const char **of)
{
	*of = type == FACT_blob ? "path" : type == FACT_startup ? "program" : NULL;
	return type == FACT_blob ? "file_name" : type == FACT_startup ? "program_name" : NULL;
}

/* The text of the statement that makes a view, as SQLite keeps it. */
static char *view_text(const char *where, const struct case_view *v)
{
	size_t n = strlen(v->sql);
	while (n > 0 && strchr(" \t\r\n", v->sql[n - 1]))
		n--;
	return sqlite3_mprintf("CREATE %s VIEW %s AS %.*s", where, v->name, (int)n, v->sql);
}

static int add_view_rows(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(db, "INSERT INTO main.sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES('view', ?1, ?1, 0, ?2)", -1,
							   &s, NULL);
	for (const struct case_view *v = case_views; r == SQLITE_OK && v->name; v++) {
		char *sql = view_text("", v);
		sqlite3_bind_text(s, 1, v->name, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 2, sql, -1, sqlite3_free);
		r = sql ? sqlite3_step(s) : SQLITE_NOMEM;
		r = r == SQLITE_DONE ? sqlite3_reset(s) : r; /* what failed stays so: its reason is asked for */
	}
	sqlite3_finalize(s);
	return r;
}

static struct error making_error(sqlite3 *db)
{
	return error_at(ERR_IO, 0, "creating the tables: %s", sqlite3_errmsg(db));
}

/* The rows of the schema that CREATE VIEW would make, as VACUUM has them: each CREATE VIEW would read its text twice, and the whole
 * schema once, which took longer than all else of a small image. The tables were made just before, so that the schema has a new
 * number. */
static struct error create_views(sqlite3 *db)
{
	int defensive = 0;
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, -1, &defensive);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, NULL);
	struct error e = add_view_rows(db) ? making_error(db) : error_none(); /* before what follows clears the reason */
	if (sqlite3_exec(db, "PRAGMA writable_schema = RESET", NULL, NULL, NULL) && !error_is(&e)) /* reads the schema anew */
		e = making_error(db);
	sqlite3_db_config(db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, defensive, NULL);
	return e;
}

/* Whether the file's own views are those of this program to the byte: then nothing is gained by others before them. */
static bool has_all_views(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	const struct case_view *v = case_views;
	int r = sqlite3_prepare_v2(db, "SELECT sql FROM main.sqlite_schema WHERE type = 'view' ORDER BY rowid", -1, &s, NULL);
	while (r == SQLITE_OK && (r = sqlite3_step(s)) == SQLITE_ROW && v->name) {
		char *sql = view_text("", v);
		const char *own = (const char *)sqlite3_column_text(s, 0);
		r = sql && own && strcmp(sql, own) == 0 ? SQLITE_OK : SQLITE_MISMATCH;
		sqlite3_free(sql);
		v++;
	}
	sqlite3_finalize(s);
	return r == SQLITE_DONE && !v->name; /* one step behind the last would begin anew */
}

int case_ready_views(sqlite3 *db)
{
	int r = SQLITE_OK;
	for (const struct case_view *v = has_all_views(db) ? NULL : case_views; r == SQLITE_OK && v && v->name; v++) {
		char *sql = view_text("TEMP", v);
		r = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
		sqlite3_free(sql);
	}
	return r;
}

static void append_table(sqlite3_str *sql, enum fact_type type)
{
	const struct fact_table *t = &fact_tables[type];
	sqlite3_str_appendf(sql, "CREATE TABLE %s(id INTEGER PRIMARY KEY, ", t->name);
	if (type == FACT_blob)
		sqlite3_str_appendall(sql, "input_id INTEGER NOT NULL REFERENCES input(id), parent_id INTEGER REFERENCES blob(id)");
	else
		sqlite3_str_appendall(sql, "blob_id INTEGER NOT NULL REFERENCES blob(id)");
	for (size_t i = 0; i < t->ncolumns; i++)
		sqlite3_str_appendf(sql, ", %s %s", t->columns[i].name, t->columns[i].type == FACT_TEXT ? "TEXT" : "INTEGER");
	const char *of, *name = case_name_column(type, &of);
	if (name)
		sqlite3_str_appendf(sql, ", %s TEXT", name);
	sqlite3_str_appendall(sql, ");");
}

static bool has_column(sqlite3 *db, const char *table, const char *column)
{
	return sqlite3_table_column_metadata(db, "main", table, column, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

static void append_lacking(sqlite3_str *sql, sqlite3 *db, enum fact_type type)
{
	const struct fact_table *t = &fact_tables[type];
	if (!has_column(db, t->name, "id")) {
		append_table(sql, type);
		return;
	}
	for (size_t i = 0; i < t->ncolumns; i++)
		if (!has_column(db, t->name, t->columns[i].name))
			sqlite3_str_appendf(sql, "ALTER TABLE main.%s ADD COLUMN %s %s;", t->name, t->columns[i].name,
								t->columns[i].type == FACT_TEXT ? "TEXT" : "INTEGER");
	const char *of, *name = case_name_column(type, &of);
	if (name && !has_column(db, t->name, name))
		sqlite3_str_appendf(sql, "ALTER TABLE main.%s ADD COLUMN %s TEXT; UPDATE main.%s SET %s = base_name(%s);", t->name, name, t->name,
							name, of);
}

struct error case_add_lacking(struct case_file *c)
{
	if (!has_column(c->db, "verdict", "id"))
		return error_none(); /* a new one, whose tables are still to be made */
	sqlite3_str *sql = sqlite3_str_new(c->db);
	bool ok = derive_functions(c->db);
	for (int type = 0; type < FACT_TYPES; type++)
		append_lacking(sql, c->db, (enum fact_type)type);
	for (const struct case_derived *t = case_derived; t->name; t++)
		sqlite3_str_appendf(sql, "CREATE TABLE IF NOT EXISTS main.%s(%s);", t->name, t->columns);
	char *text = sqlite3_str_finish(sql);
	struct error e = ok && text ? case_exec(c, text, "bringing the case file up to this version") : error_at(ERR_MEMORY, 0, "no memory");
	sqlite3_free(text);
	return e;
}

/* All but those of the run. */
static struct error create_tables(sqlite3 *db, bool views)
{
	sqlite3_str *sql = sqlite3_str_new(db);
	sqlite3_str_appendall(sql, case_tables);
	for (int type = 0; type < FACT_TYPES; type++)
		append_table(sql, (enum fact_type)type);
	for (const struct case_derived *t = case_derived; t->name; t++)
		sqlite3_str_appendf(sql, "CREATE TABLE %s(%s);", t->name, t->columns);
	char *text = sqlite3_str_finish(sql);
	int r = text ? sqlite3_exec(db, text, NULL, NULL, NULL) : SQLITE_NOMEM;
	sqlite3_free(text);
	if (r)
		return making_error(db);
	return views ? create_views(db) : error_none();
}

struct error case_create_schema(sqlite3 *db)
{
	if (sqlite3_exec(db, case_run_tables, NULL, NULL, NULL))
		return making_error(db);
	return create_tables(db, true);
}

struct error case_make_tables(struct case_file *c, bool views)
{
	if (sqlite3_table_column_metadata(c->db, "main", "verdict", "id", NULL, NULL, NULL, NULL, NULL) == SQLITE_OK)
		return error_none();
	struct error e = case_exec(c, "SAVEPOINT tables", "creating the tables");
	if (error_is(&e))
		return e;
	e = create_tables(c->db, views);
	if (!error_is(&e))
		return case_exec(c, "RELEASE tables", "creating the tables");
	sqlite3_exec(c->db, "ROLLBACK TO tables; RELEASE tables", NULL, NULL, NULL);
	return e;
}
