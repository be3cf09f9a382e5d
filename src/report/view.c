/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/view.h"

#include <stdio.h>
#include <stdlib.h>

#include "case/case.h"
#include "report/view_internal.h"

struct error view_error(sqlite3 *db, const char *doing)
{
	return error_at(ERR_IO, 0, "%s: %s", doing, sqlite3_errmsg(db));
}

/* A table or view as the case at hand has it, which an earlier version of this program may have written. */
struct shape {
	const char *table;
	char *columns; /* each between line feeds; NULL: there is no such table */
	bool secrets_shown;
};

/* Asked once for all columns: to tell those of a view SQLite compiles it with all that it is made of. */
static char *columns_of(sqlite3 *db, const char *table)
{
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(db, "SELECT name FROM pragma_table_info(?1)", -1, &s, NULL))
		return NULL;
	sqlite3_str *names = sqlite3_str_new(db);
	sqlite3_bind_text(s, 1, table, -1, SQLITE_STATIC);
	while (sqlite3_step(s) == SQLITE_ROW)
		sqlite3_str_appendf(names, "\n%s\n", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	return sqlite3_str_finish(names);
}

static bool has(const struct shape *t, const char *column)
{
	size_t n = strlen(column);
	for (const char *p = t->columns; p && (p = strstr(p, column)); p += n)
		if (p[-1] == '\n' && p[n] == '\n')
			return true;
	return false;
}

static bool table_exists(sqlite3 *db, const char *name)
{
	sqlite3_stmt *s = NULL;
	const char *sql = "SELECT 1 FROM (SELECT name FROM sqlite_schema UNION ALL SELECT name FROM sqlite_temp_schema) WHERE name = ?1";
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL))
		return false;
	sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	bool found = sqlite3_step(s) == SQLITE_ROW;
	sqlite3_finalize(s);
	return found;
}

#define SHOWN "report_secrets_shown"

static void sql_one(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n;
	(void)values;
	sqlite3_result_int(context, 1);
}

struct error view_show_secrets(sqlite3 *db)
{
	int r = sqlite3_create_function(db, SHOWN, 0, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, sql_one, NULL, NULL);
	return r ? view_error(db, "preparing the report") : error_none();
}

static bool secrets_are_shown(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	bool shown = sqlite3_prepare_v2(db, "SELECT " SHOWN "()", -1, &s, NULL) == SQLITE_OK;
	sqlite3_finalize(s);
	return shown;
}

/* Columns that quote the blob as it is: what is a credential elsewhere may stand within. */
static const struct {
	const char *table, *column;
} quoting[] = {
	{ "startup", "command" },    { "startup", "expanded" }, { "setting", "value" },        { "endpoint", "text" },
	{ "updater", "value" },      { "updater", "evidence" }, { "weakness", "code" },        { "weakness", "source" },
	{ "boot_setting", "value" }, { "radio", "value" },      { "kernel_option", "value" },  { "data_store", "evidence" },
	{ "leftover", "detail" },    { "rule_match", "data" },  { "advertisement", "detail" },
	{ "contradiction_shown", "says" }, { "service_shown", "command" },
	{ "declaration", "value" },  { "header", "value" },     { "document_section", "heading" }, { "document_date", "sentence" },
	{ "document_contact", "value" }, { "document_contact", "sentence" }, { "document_link", "url" }, { "document_link", "text" },
	{ "document_element", "sentence" }, { "component", "evidence" }, { "kernel", "banner" }, { "listener", "banner" },
};

static bool is_quoting(const char *table, const char *column)
{
	bool found = false;
	for (size_t i = 0; i < sizeof quoting / sizeof quoting[0]; i++)
		found |= strcmp(quoting[i].table, table) == 0 && strcmp(quoting[i].column, column) == 0;
	return found;
}

/* How the column is read: a credential as reports show it. */
static const char *column_format(const struct shape *t, const char *column)
{
	const char *table = t->table;
	if (!has(t, column))
		return "%sNULL AS %s";
	if (t->secrets_shown)
		return "%s%s";
	if ((strcmp(table, "secret") == 0 && strcmp(column, "value") == 0) ||
		(strcmp(table, "login_attempt") == 0 && strcmp(column, "password") == 0))
		return "%sreport_redact(%s)";
	if (strcmp(table, "excerpt") == 0 && strcmp(column, "bytes") == 0) /* view_excerpt.h shows them */
		return "%sNULL AS %s";
	if (strcmp(table, "verdict") == 0 && (strcmp(column, "summary") == 0 || strcmp(column, "missing") == 0))
		return "%sreport_hide_cited(id, %s)";
	if (strcmp(table, "account") == 0 && strcmp(column, "hash") == 0 && has(t, "source") && has(t, "state"))
		return "%sCASE WHEN source = 'authorized_keys' OR (state IN ('locked', 'shadowed', 'empty') AND length(hash) < 8)"
			   " THEN hash ELSE report_redact(%s) END";
	if ((strcmp(table, "setting") == 0 || strcmp(table, "effective_setting") == 0) && strcmp(column, "value") == 0 && has(t, "secret"))
		return "%sCASE WHEN secret THEN report_redact(%s) ELSE report_hide(blob_id, value) END";
	if (strcmp(table, "radio") == 0 && strcmp(column, "value") == 0 &&
		has(t, "key")) /* zigbee2mqtt's; its other value is none */
		return "%sCASE WHEN key = 'network_key' AND value <> 'GENERATE' THEN report_redact(%s)"
			   " ELSE report_hide(blob_id, value) END";
	return is_quoting(table, column) ? "%sreport_hide(blob_id, %s)" : "%s%s";
}

/* What column_format() calls; view_open() made it, but a difference is of cases that have no view. */
static struct error add_functions(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	bool there = sqlite3_prepare_v2(db, "SELECT report_hide(NULL, ''), report_redact('')", -1, &s, NULL) == SQLITE_OK;
	sqlite3_finalize(s);
	if (there)
		return error_none();
	int r = sqlite3_create_function(db, "report_redact", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, case_sql_redact, NULL, NULL);
	return r ? view_error(db, "preparing the report") : view_hide(db);
}

struct error view_select(sqlite3 *db, const char *table, const char *const *columns, size_t n, const char *rest,
						 sqlite3_stmt **stmt)
{
	struct error e = add_functions(db);
	if (error_is(&e))
		return e;
	const struct shape shape = { table, columns_of(db, table), secrets_are_shown(db) };
	sqlite3_str *sql = sqlite3_str_new(db);
	sqlite3_str_appendall(sql, "SELECT ");
	for (size_t i = 0; i < n; i++)
		sqlite3_str_appendf(sql, column_format(&shape, columns[i]), i ? ", " : "", columns[i]);
	if (shape.columns)
		sqlite3_str_appendf(sql, " FROM %s %s", table, rest);
	else
		sqlite3_str_appendall(sql, " WHERE 0");
	char *text = sqlite3_str_finish(sql);
	int r = text ? sqlite3_prepare_v2(db, text, -1, stmt, NULL) : SQLITE_NOMEM;
	sqlite3_free(text);
	sqlite3_free(shape.columns);
	if (r == SQLITE_OK)
		return error_none();
	return error_at(ERR_IO, 0, "reading %s: %s", table, text ? sqlite3_errmsg(db) : "no memory");
}

bool view_step(sqlite3_stmt *stmt, struct error *e)
{
	int r = sqlite3_step(stmt);
	if (r != SQLITE_ROW && r != SQLITE_DONE)
		*e = view_error(sqlite3_db_handle(stmt), "reading the case file");
	return r == SQLITE_ROW;
}

struct text view_text(sqlite3_stmt *stmt, int column)
{
	const char *p = (const char *)sqlite3_column_text(stmt, column);
	return text_of(p, p ? (size_t)sqlite3_column_bytes(stmt, column) : 0);
}

int64_t view_int(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt, column) == SQLITE_NULL ? FACT_NULL : sqlite3_column_int64(stmt, column);
}

void view_note_failure(struct view *v, int result)
{
	if (result != SQLITE_ROW && result != SQLITE_DONE && !error_is(&v->failure))
		v->failure = view_error(v->db, "reading the case file");
}

struct error view_failure(const struct view *v)
{
	return v->failure;
}

int64_t view_number(struct view *v, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *s = NULL;
	int64_t value = otherwise;
	if (sqlite3_prepare_v2(v->db, sql, -1, &s, NULL))
		return otherwise;
	int r = sqlite3_step(s);
	view_note_failure(v, r);
	if (r == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return value;
}

const char *view_meta(struct view *v, const char *name, struct arena *a)
{
	sqlite3_stmt *s = NULL;
	const char *value = NULL;
	if (sqlite3_prepare_v2(v->db, "SELECT value FROM meta WHERE name = ?", -1, &s, NULL) == SQLITE_OK) {
		sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
		if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL)
			value = arena_strdup(a, view_text(s, 0));
	}
	sqlite3_finalize(s);
	return value;
}

/* A case file of an earlier version may lack the view `service_shown`, though it has what that is made of: without it a
 * report would tell that nothing is started. This connection gets it as a temporary one. */
static struct error add_service_shown(sqlite3 *db)
{
	const struct case_view *view = case_views;
	while (view->name && strcmp(view->name, "service_shown") != 0)
		view++;
	if (!view->name || table_exists(db, view->name) || !table_exists(db, "exposed_service"))
		return error_none();
	char *sql = sqlite3_mprintf("CREATE TEMP VIEW %s AS %s", view->name, view->sql);
	int r = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	return r ? view_error(db, "preparing the report") : error_none();
}

struct view *view_open(sqlite3 *db, struct error *error)
{
	static const char *const blob_columns[] = { "id", "parent_id", "input_id", "kind", "path", "format" };
	static const char *const input_columns[] = { "id", "location" };
	struct view *v = calloc(1, sizeof *v);
	if (!v) {
		*error = error_at(ERR_MEMORY, 0, "no memory for the report");
		return NULL;
	}
	v->db = db;
	v->shows_secrets = secrets_are_shown(db);
	int r = sqlite3_create_function(db, "report_redact", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, case_sql_redact, NULL,
									NULL);
	*error = r ? view_error(db, "preparing the report") : error_none();
	if (!error_is(error))
		*error = add_service_shown(db);
	if (!error_is(error))
		*error = view_hide(db);
	if (!error_is(error))
		*error = view_select(db, "blob", blob_columns, 6, "WHERE id = ?1", &v->blob);
	if (!error_is(error))
		*error = view_select(db, "input", input_columns, 2, "WHERE id = ?1", &v->input);
	for (int i = 0; i < 2 && !error_is(error); i++)
		if (sqlite3_prepare_v2(db, "SELECT report_hide(?1, ?2)", -1, i ? &v->hide_quoted : &v->hide, NULL))
			*error = view_error(db, "preparing the report");
	if (error_is(error)) {
		view_close(v);
		return NULL;
	}
	v->trees = view_number(v, "SELECT count(DISTINCT parent_id) FROM blob WHERE kind = 'file'", 0);
	v->inputs = view_number(v, "SELECT count(*) FROM input", 0);
	return v;
}

void view_close(struct view *v)
{
	if (!v)
		return;
	sqlite3_finalize(v->blob);
	sqlite3_finalize(v->input);
	sqlite3_finalize(v->hide);
	sqlite3_finalize(v->hide_quoted);
	sqlite3_finalize(v->excerpt);
	sqlite3_finalize(v->measures);
	sqlite3_finalize(v->rows[0]);
	sqlite3_finalize(v->rows[1]);
	for (size_t i = 0; i < FACT_TYPES; i++)
		sqlite3_finalize(v->place[i]);
	free(v);
}

sqlite3 *view_db(struct view *v)
{
	return v->db;
}

/* Containers beyond this depth are a cycle that somebody put into the file; the probe stops much earlier. */
#define DEPTH_MAX 64

struct step {
	int64_t parent;
	bool is_file;
	const char *name;
};

static const char *input_name(struct view *v, int64_t input_id, struct arena *a)
{
	sqlite3_bind_int64(v->input, 1, input_id);
	struct text location = sqlite3_step(v->input) == SQLITE_ROW ? view_text(v->input, 1) : TEXT_NONE;
	const char *name = arena_strdup(a, location.n ? text_base(location) : TEXT_LIT("input"));
	sqlite3_reset(v->input);
	return name;
}

/* Reads one blob. Its name is NULL when out of memory. */
static struct step read_step(struct view *v, int64_t id, struct arena *a)
{
	struct step step = { 0 };
	sqlite3_bind_int64(v->blob, 1, id);
	if (sqlite3_step(v->blob) != SQLITE_ROW) {
		step.name = arena_printf(a, "blob %lld", (long long)id);
		sqlite3_reset(v->blob);
		return step;
	}
	struct text kind = view_text(v->blob, 3), path = view_text(v->blob, 4), format = view_text(v->blob, 5);
	int64_t input_id = view_int(v->blob, 2);
	step.parent = sqlite3_column_int64(v->blob, 1);
	step.is_file = !text_is(kind, "region") && !text_is(kind, "stream") && !text_is(kind, "input");
	if (step.parent == 0)
		step.name = input_name(v, input_id, a);
	else
		step.name = arena_strdup(a, path.n ? path : format.n ? format : TEXT_LIT("?"));
	sqlite3_reset(v->blob);
	return step;
}

char *view_name(struct view *v, int64_t blob_id, struct arena *a)
{
	return (char *)read_step(v, blob_id, a).name;
}

/* Joins from the outermost on; steps[0] is the innermost. */
static char *join_steps(const struct step *steps, size_t n, struct arena *a)
{
	size_t total = 1;
	for (size_t i = 0; i < n; i++) {
		if (!steps[i].name)
			return NULL;
		total += strlen(steps[i].name) + 3;
	}
	char *path = arena_alloc(a, total, 1), *end = path;
	for (size_t i = n; path && i-- > 0;)
		end = stpcpy(stpcpy(end, steps[i].name), i ? " > " : "");
	return path;
}

enum path_length { PATH_WHOLE, PATH_INNER, PATH_SHORT };

static char *path_from(struct view *v, int64_t blob_id, struct arena *a, enum path_length length)
{
	struct step steps[DEPTH_MAX];
	size_t n = 0;
	for (int64_t id = blob_id; n < DEPTH_MAX; id = steps[n - 1].parent) {
		steps[n++] = read_step(v, id, a);
		if (steps[n - 1].parent == 0 || (length == PATH_SHORT && steps[n - 1].is_file && v->trees <= 1))
			break;
	}
	bool can_drop_input = length != PATH_WHOLE && v->inputs <= 1 && steps[n - 1].parent == 0 && n > 1;
	return join_steps(steps, can_drop_input ? n - 1 : n, a);
}

char *view_path(struct view *v, int64_t blob_id, struct arena *a)
{
	return path_from(v, blob_id, a, PATH_WHOLE);
}

char *view_inner_path(struct view *v, int64_t blob_id, struct arena *a)
{
	return path_from(v, blob_id, a, PATH_INNER);
}

char *view_short_path(struct view *v, int64_t blob_id, struct arena *a)
{
	return path_from(v, blob_id, a, PATH_SHORT);
}

int64_t view_root(struct view *v, int64_t input_id)
{
	char sql[128];
	snprintf(sql, sizeof sql, "SELECT min(id) FROM blob WHERE input_id = %lld AND parent_id IS NULL",
			 (long long)input_id);
	return view_number(v, sql, 0);
}

const char *view_size(int64_t bytes, char out[VIEW_NUMBER_MAX])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	if (bytes < 1024) {
		snprintf(out, VIEW_NUMBER_MAX, "%lld byte%s", (long long)bytes, bytes == 1 ? "" : "s");
		return out;
	}
	double value = (double)bytes / 1024;
	size_t unit = 0;
	for (; value >= 1023.95 && unit + 1 < sizeof units / sizeof units[0]; unit++)
		value /= 1024;
	snprintf(out, VIEW_NUMBER_MAX, value < 99.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
	return out;
}

const char *view_count(int64_t n, char out[VIEW_NUMBER_MAX])
{
	char digits[VIEW_NUMBER_MAX];
	int len = snprintf(digits, sizeof digits, "%lld", (long long)n);
	size_t used = 0;
	for (int i = 0; i < len && used + 2 < VIEW_NUMBER_MAX; i++) {
		out[used++] = digits[i];
		if (digits[i] != '-' && i + 1 < len && (len - i - 1) % 3 == 0)
			out[used++] = ',';
	}
	out[used] = '\0';
	return out;
}
