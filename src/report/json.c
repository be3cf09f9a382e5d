/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/json.h"

#include "report/json_facts.h"
#include "report/json_software.h"
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
		e = write_notes(w);
	json_close(&w->j, '}');
	return e;
}

static struct error write_inputs(struct writer *w)
{
	static const char *const columns[] = { "id", "kind", "location", "size", "sha256" };
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

static void write_counts(struct json *j, const struct view_counts *counts)
{
	static const char *const keys[VIEW_VERDICTS] = { "fail", "inconclusive", "pass", "not_applicable" };
	for (int i = 0; i < VIEW_VERDICTS; i++)
		json_key_int(j, keys[i], counts->n[i]);
}

/* The packs in the order of their first verdict, each with its counts. */
static struct error write_packs(struct writer *w)
{
	static const char *const columns[] = { "pack", "pack_title", "pack_version", "id", "verdict" };
	sqlite3_stmt *s = NULL;
	struct error e = view_select(view_db(w->v), "verdict", columns, COUNT(columns), "ORDER BY pack, id", &s);
	struct view_counts counts = { { 0 } };
	char *pack = NULL;
	json_key(&w->j, "packs");
	json_open(&w->j, '[');
	while (!error_is(&e) && view_step(s, &e)) {
		struct text name = view_text(s, 0);
		if (!pack || !text_is(name, pack)) {
			if (pack) {
				write_counts(&w->j, &counts);
				json_close(&w->j, '}');
			}
			arena_reset(w->scratch);
			pack = arena_strdup(w->scratch, name);
			counts = (struct view_counts){ { 0 } };
			json_open(&w->j, '{');
			json_key_text(&w->j, "pack", name);
			json_key_text(&w->j, "title", view_text(s, 1));
			json_key_text(&w->j, "version", view_text(s, 2));
		}
		counts.n[view_verdict_of(view_text(s, 4))]++;
	}
	if (pack) {
		write_counts(&w->j, &counts);
		json_close(&w->j, '}');
	}
	json_close(&w->j, ']');
	sqlite3_finalize(s);
	return e;
}

static struct error write_summary(struct writer *w)
{
	struct view_counts counts;
	json_key(&w->j, "summary");
	json_open(&w->j, '{');
	struct error e = view_count_verdicts(w->v, &counts);
	write_counts(&w->j, &counts);
	json_software_summary(&w->j, w->v);
	if (!error_is(&e))
		e = write_packs(w);
	json_close(&w->j, '}');
	return e;
}

/* The references of a verdict: [{"standard": ..., "id": ...}]. What is no JSON of that kind is left out. */
static void write_references(struct writer *w, struct text references)
{
	static const char sql[] = "SELECT json_extract(value, '$.standard'), json_extract(value, '$.id') FROM json_each("
							  "CASE WHEN json_valid(?1) THEN ?1 ELSE '[]' END) WHERE type = 'object'";
	sqlite3_stmt *s = NULL;
	json_key(&w->j, "references");
	json_open(&w->j, '[');
	if (references.n && sqlite3_prepare_v2(view_db(w->v), sql, -1, &s, NULL) == SQLITE_OK) {
		sqlite3_bind_text64(s, 1, references.p, references.n, SQLITE_TRANSIENT, SQLITE_UTF8);
		while (sqlite3_step(s) == SQLITE_ROW) {
			json_open(&w->j, '{');
			json_key_text(&w->j, "standard", view_text(s, 0));
			json_key_text(&w->j, "id", view_text(s, 1));
			json_close(&w->j, '}');
		}
	}
	sqlite3_finalize(s);
	json_close(&w->j, ']');
}

static struct error write_evidence(struct writer *w, int64_t verdict_id)
{
	struct view_evidence ev;
	sqlite3_stmt *s = NULL;
	struct error e = error_none();
	json_key(&w->j, "evidence");
	json_open(&w->j, '[');
	while (view_next_evidence(w->v, verdict_id, &s, &ev, &e)) {
		arena_reset(w->scratch);
		json_open(&w->j, '{');
		json_key_text(&w->j, "role", ev.role);
		json_key_text(&w->j, "table", ev.table);
		json_key_int(&w->j, "row_id", ev.row_id);
		json_key_text(&w->j, "says", ev.says);
		json_key_int(&w->j, "blob_id", ev.blob_id);
		json_key_text(&w->j, "path", text_c(ev.blob_id == FACT_NULL ? NULL : view_path(w->v, ev.blob_id, w->scratch)));
		json_key_int(&w->j, "line", ev.line);
		json_key_int(&w->j, "offset", ev.offset);
		json_close(&w->j, '}');
	}
	json_close(&w->j, ']');
	return e;
}

static struct error write_verdict(struct writer *w, sqlite3_stmt *s)
{
	static const struct {
		const char *key;
		enum verdict_column column;
	} texts[] = {
		{ "pack", VERDICT_PACK },
		{ "requirement", VERDICT_REQUIREMENT },
		{ "title", VERDICT_TITLE },
		{ "section", VERDICT_SECTION },
		{ "because", VERDICT_BECAUSE },
		{ "severity", VERDICT_SEVERITY },
		{ "summary", VERDICT_SUMMARY },
		{ "missing", VERDICT_MISSING },
		{ "settles", VERDICT_SETTLES },
		{ "remedy", VERDICT_REMEDY },
		{ "remedy_command", VERDICT_REMEDY_COMMAND },
		{ "excluded", VERDICT_EXCLUDED },
		{ "severity_was", VERDICT_SEVERITY_WAS },
		{ "severity_reason", VERDICT_SEVERITY_REASON },
	};
	json_open(&w->j, '{');
	json_key_int(&w->j, "id", view_int(s, VERDICT_ID));
	const char *word = view_verdict_words[view_verdict_of(view_text(s, VERDICT_VERDICT))];
	json_key_text(&w->j, "verdict", text_c(word));
	for (size_t i = 0; i < COUNT(texts); i++)
		json_key_text(&w->j, texts[i].key, view_text(s, (int)texts[i].column));
	write_references(w, view_text(s, VERDICT_REFERENCES));
	json_key_int(&w->j, "evidence_total", view_int(s, VERDICT_EVIDENCE_TOTAL));
	struct error e = write_evidence(w, view_int(s, VERDICT_ID));
	json_close(&w->j, '}');
	return e;
}

static struct error write_verdicts(struct writer *w)
{
	sqlite3_stmt *s = NULL;
	struct error e = view_verdicts_by_id(w->v, &s);
	json_key(&w->j, "verdicts");
	json_open(&w->j, '[');
	w->j.broken_lines = 4; /* verdicts are read by people too: a key a line, evidence a row a line */
	while (!error_is(&e) && view_step(s, &e))
		e = write_verdict(w, s);
	w->j.broken_lines = 3;
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
		e = json_facts(&w->j, w->v, (enum fact_type)type);
	}
	json_close(&w->j, '}');
	if (error_is(&e))
		return e;
	w->j.broken_lines = 2;
	json_key(&w->j, "blobs");
	return json_facts(&w->j, w->v, FACT_blob);
}

static struct error write_software(struct writer *w)
{
	return json_software(&w->j, w->v);
}

typedef struct error (*json_part)(struct writer *);

static struct error write_parts(struct writer *w, const json_part *parts, size_t n)
{
	struct error e = error_none();
	json_open(&w->j, '{');
	json_key_int(&w->j, "schema_version", REPORT_JSON_VERSION);
	for (size_t i = 0; i < n && !error_is(&e); i++) {
		/* Lists of rows take a line a row; what is nested deeper, a line for each of its rows. */
		w->j.broken_lines = parts[i] == write_inputs || parts[i] == write_probe_runs || parts[i] == write_software ? 2 : 3;
		e = parts[i](w);
	}
	w->j.broken_lines = 2;
	json_close(&w->j, '}');
	return e;
}

struct error report_json_head(struct view *v, FILE *out)
{
	static const json_part parts[] = { write_header, write_inputs, write_probe_runs, write_summary, write_verdicts };
	struct writer w = { .j = { .out = out, .broken_lines = 1, .in_html = true }, .v = v, .scratch = arena_new(0) };
	struct error e = error_at(ERR_MEMORY, 0, "no memory for the report");
	if (w.scratch)
		e = write_parts(&w, parts, COUNT(parts));
	arena_free(w.scratch);
	return e;
}

static struct error write_case(struct writer *w)
{
	static const json_part parts[] = {
		write_header, write_inputs, write_probe_runs, write_summary, write_verdicts,
		write_software, write_all_facts,
	};
	struct error e = write_parts(w, parts, COUNT(parts));
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
