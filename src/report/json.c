/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/json.h"

#include "report/json_software.h"
#include "report/json_verdicts.h"
#include "report/json_writer.h"
#include "report/view.h"

struct writer {
	struct json j;
	struct view *v;
	struct arena *scratch;
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What is in `meta` but not in `header`'s own keys: notes of the run. The bookkeeping of the case file is no news. */
static bool is_note(struct text name)
{
	static const char *const others[] = { "tool", "version", "started_at", "finished_at", "state", "identity" };
	for (size_t i = 0; i < COUNT(others); i++)
		if (text_is(name, others[i]))
			return false;
	return true;
}

static struct error write_notes(struct writer *w)
{
	static const char *const columns[] = { "name", "value" };
	sqlite3_stmt *s = NULL;
	struct error e = view_select(view_db(w->v), "meta", columns, COUNT(columns), "ORDER BY name", &s);
	json_key(&w->j, "notes");
	json_open(&w->j, '{');
	while (!error_is(&e) && view_step(s, &e)) {
		struct text name = view_text(s, 0);
		if (!name.n || !is_note(name))
			continue;
		json_key_text(&w->j, name.p, view_text(s, 1));
	}
	json_close(&w->j, '}');
	sqlite3_finalize(s);
	return e;
}

static struct error write_locations(struct writer *w)
{
	static const char *const columns[] = { "id", "location" };
	sqlite3_stmt *s = NULL;
	struct error e = view_select(view_db(w->v), "input", columns, COUNT(columns), "ORDER BY id", &s);
	json_key(&w->j, "locations");
	json_open(&w->j, '[');
	while (!error_is(&e) && view_step(s, &e)) {
		json_open(&w->j, '{');
		json_key_int(&w->j, "input_id", view_int(s, 0));
		json_key_text(&w->j, "location", view_text(s, 1));
		json_close(&w->j, '}');
	}
	json_close(&w->j, ']');
	sqlite3_finalize(s);
	return e;
}

static struct error write_times(struct writer *w)
{
	static const char *const columns[] = { "id", "seconds" };
	sqlite3_stmt *s = NULL;
	struct error e = view_select(view_db(w->v), "probe_run", columns, COUNT(columns), "ORDER BY id", &s);
	json_key(&w->j, "times");
	json_open(&w->j, '[');
	while (!error_is(&e) && view_step(s, &e)) {
		json_open(&w->j, '{');
		json_key_int(&w->j, "probe_run_id", view_int(s, 0));
		json_key(&w->j, "seconds");
		json_seconds(&w->j, sqlite3_column_double(s, 1));
		json_close(&w->j, '}');
	}
	json_close(&w->j, ']');
	sqlite3_finalize(s);
	return e;
}

static struct error write_header(struct writer *w)
{
	static const char *const names[] = { "version", "started_at", "finished_at" };
	json_key(&w->j, "header");
	json_open(&w->j, '{');
	json_key_text(&w->j, "tool", TEXT_LIT("assay"));
	for (size_t i = 0; i < COUNT(names); i++)
		json_key_text(&w->j, names[i], text_c(view_meta(w->v, names[i], w->scratch)));
	struct error e = write_locations(w);
	if (!error_is(&e))
		e = write_times(w);
	if (!error_is(&e))
		e = json_feed_ages(&w->j, w->v);
	if (!error_is(&e))
		e = json_standing(&w->j, w->v);
	if (!error_is(&e))
		e = write_notes(w);
	json_close(&w->j, '}');
	return e;
}

static struct error write_inputs(struct writer *w)
{
	static const char *const columns[] = { "id", "kind", "location", "size", "sha256", "role" };
	sqlite3_stmt *s = NULL;
	struct error e = view_select(view_db(w->v), "input", columns, COUNT(columns), "ORDER BY id", &s);
	json_key(&w->j, "inputs");
	json_open(&w->j, '[');
	while (!error_is(&e) && view_step(s, &e)) {
		int64_t id = view_int(s, 0), root = view_root(w->v, id);
		arena_reset(w->scratch);
		json_open(&w->j, '{');
		json_key_int(&w->j, "id", id);
		json_key_text(&w->j, "kind", view_text(s, 1));
		json_key_text(&w->j, "name", text_base(view_text(s, 2)));
		json_key_int(&w->j, "size", view_int(s, 3));
		json_key_text(&w->j, "sha256", view_text(s, 4));
		json_key_text(&w->j, "role", view_text(s, 5));
		json_key_text(&w->j, "description", text_c(root ? view_describe(w->v, root, w->scratch) : NULL));
		json_close(&w->j, '}');
	}
	json_close(&w->j, ']');
	sqlite3_finalize(s);
	return e;
}

static struct error write_probe_runs(struct writer *w)
{
	static const char *const columns[] = { "id", "input_id", "probe", "status", "detail" };
	sqlite3_stmt *s = NULL;
	struct error e = view_select(view_db(w->v), "probe_run", columns, COUNT(columns), "ORDER BY id", &s);
	json_key(&w->j, "probe_runs");
	json_open(&w->j, '[');
	while (!error_is(&e) && view_step(s, &e)) {
		json_open(&w->j, '{');
		for (int i = 0; i < 2; i++)
			json_key_int(&w->j, columns[i], view_int(s, i));
		for (int i = 2; i < 5; i++)
			json_key_text(&w->j, columns[i], view_text(s, i));
		json_close(&w->j, '}');
	}
	json_close(&w->j, ']');
	sqlite3_finalize(s);
	return e;
}

static struct error write_summary(struct writer *w)
{
	json_key(&w->j, "summary");
	json_open(&w->j, '{');
	struct error e = json_counts(&w->j, w->v);
	json_software_summary(&w->j, w->v);
	if (!error_is(&e))
		e = json_packs(&w->j, w->v);
	json_close(&w->j, '}');
	return e;
}

static struct error write_verdicts(struct writer *w)
{
	return json_verdicts(&w->j, w->v, w->scratch);
}

static void write_value(struct json *j, sqlite3_stmt *s, int at, enum fact_column_type type)
{
	if (type == FACT_TEXT)
		json_text(j, view_text(s, at));
	else if (type == FACT_BOOL)
		json_bool(j, view_int(s, at));
	else
		json_int(j, view_int(s, at));
}

/* All rows of a fact table. The input's own blob is named by the input: its path may tell where it lay. */
static struct error write_facts(struct writer *w, enum fact_type type)
{
	static const char *const blob_ids[] = { "id", "input_id", "parent_id" }, *const fact_ids[] = { "id", "blob_id" };
	const struct fact_table *t = &fact_tables[type];
	const char *const *ids = type == FACT_blob ? blob_ids : fact_ids;
	size_t nids = type == FACT_blob ? COUNT(blob_ids) : COUNT(fact_ids);
	const char *columns[64];
	size_t n = 0;
	for (size_t i = 0; i < nids; i++)
		columns[n++] = ids[i];
	for (size_t i = 0; i < t->ncolumns && n < COUNT(columns); i++)
		columns[n++] = t->columns[i].name;
	sqlite3_stmt *s = NULL;
	struct error e = view_select(view_db(w->v), t->name, columns, n, "ORDER BY id", &s);
	json_open(&w->j, '[');
	while (!error_is(&e) && view_step(s, &e)) {
		bool is_root = type == FACT_blob && view_int(s, 2) == FACT_NULL;
		json_open(&w->j, '{');
		for (size_t i = 0; i < n; i++) {
			json_key(&w->j, columns[i]);
			if (is_root && i >= nids && strcmp(columns[i], "path") == 0)
				json_text(&w->j, text_base(view_text(s, (int)i)));
			else
				write_value(&w->j, s, (int)i, i < nids ? FACT_INT : t->columns[i - nids].type);
		}
		json_close(&w->j, '}');
	}
	json_close(&w->j, ']');
	sqlite3_finalize(s);
	return e;
}

static struct error write_all_facts(struct writer *w)
{
	struct error e = error_none();
	json_key(&w->j, "facts");
	json_open(&w->j, '{');
	for (int type = 0; type < FACT_TYPES && !error_is(&e); type++) {
		if (type == FACT_blob)
			continue;
		json_key(&w->j, fact_tables[type].name);
		e = write_facts(w, (enum fact_type)type);
	}
	json_close(&w->j, '}');
	if (error_is(&e))
		return e;
	w->j.broken_lines = 2;
	json_key(&w->j, "blobs");
	return write_facts(w, FACT_blob);
}

static struct error write_software(struct writer *w)
{
	return json_software(&w->j, w->v);
}

static struct error write_case(struct writer *w)
{
	static struct error (*const parts[])(struct writer *) = {
		write_header, write_inputs, write_probe_runs, write_summary, write_verdicts,
		write_software, write_all_facts,
	};
	struct error e = error_none();
	json_open(&w->j, '{');
	json_key_int(&w->j, "schema_version", REPORT_JSON_VERSION);
	for (size_t i = 0; i < COUNT(parts) && !error_is(&e); i++) {
		/* Lists of rows take a line a row; what is nested deeper, a line for each of its rows. */
		w->j.broken_lines = parts[i] == write_inputs || parts[i] == write_probe_runs || parts[i] == write_software ? 2 : 3;
		e = parts[i](w);
	}
	w->j.broken_lines = 2;
	json_close(&w->j, '}');
	if (!error_is(&e))
		e = view_failure(w->v);
	if (!error_is(&e) && (fflush(w->j.out) || ferror(w->j.out)))
		e = error_at(ERR_IO, 0, "writing the JSON report: %m");
	return e;
}

struct error report_json(sqlite3 *db, FILE *out)
{
	struct error e = error_none();
	struct writer w = { .j = { .out = out, .broken_lines = 1 }, .v = view_open(db, &e), .scratch = arena_new(0) };
	if (!error_is(&e) && !w.scratch)
		e = error_at(ERR_MEMORY, 0, "no memory for the report");
	if (!error_is(&e))
		e = write_case(&w);
	arena_free(w.scratch);
	view_close(w.v);
	return e;
}
