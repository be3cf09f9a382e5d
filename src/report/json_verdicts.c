/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/json_verdicts.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct writer {
	struct json *j;
	struct view *v;
	struct arena *scratch;
	sqlite3_stmt *pairs, *thresholds; /* NULL until they are needed */
};

/* The statement, prepared once for all verdicts. */
static sqlite3_stmt *ready(struct writer *w, sqlite3_stmt **stmt, const char *sql)
{
	if (!*stmt && sqlite3_prepare_v2(view_db(w->v), sql, -1, stmt, NULL) != SQLITE_OK)
		*stmt = NULL;
	return *stmt;
}

/* A list of objects with two texts each, kept as JSON. What is no JSON of that kind is left out. */
static void write_pairs(struct writer *w, const char *key, const char *const names[2], struct text list)
{
	static const char sql[] = "SELECT json_extract(value, '$.' || ?2), json_extract(value, '$.' || ?3) FROM json_each("
							  "CASE WHEN json_valid(?1) THEN ?1 ELSE '[]' END) WHERE type = 'object'";
	struct json *j = w->j;
	sqlite3_stmt *s = ready(w, &w->pairs, sql);
	json_key(j, key);
	json_open(j, '[');
	if (list.n && s) {
		sqlite3_bind_text64(s, 1, list.p, list.n, SQLITE_TRANSIENT, SQLITE_UTF8);
		for (int i = 0; i < 2; i++)
			sqlite3_bind_text(s, 2 + i, names[i], -1, SQLITE_STATIC);
		while (sqlite3_step(s) == SQLITE_ROW) {
			json_open(j, '{');
			for (int i = 0; i < 2; i++)
				json_key_text(j, names[i], view_text(s, i));
			json_close(j, '}');
		}
		sqlite3_reset(s);
	}
	json_close(j, ']');
}

typedef bool next_evidence(struct view *, int64_t, sqlite3_stmt **, struct view_evidence *, struct error *);

/* What stands behind a verdict, or behind one of its measures. */
static struct error write_evidence(struct writer *w, next_evidence *next, int64_t id)
{
	struct json *j = w->j;
	struct view_evidence ev;
	sqlite3_stmt *s = NULL;
	struct error e = error_none();
	json_key(j, "evidence");
	json_open(j, '[');
	while (next(w->v, id, &s, &ev, &e)) {
		arena_reset(w->scratch);
		json_open(j, '{');
		json_key_text(j, "role", ev.role);
		json_key_text(j, "table", ev.table);
		json_key_int(j, "row_id", ev.row_id);
		json_key_text(j, "says", ev.says);
		json_key_int(j, "blob_id", ev.blob_id);
		json_key_text(j, "path", text_c(ev.blob_id == FACT_NULL ? NULL : view_path(w->v, ev.blob_id, w->scratch)));
		json_key_int(j, "line", ev.line);
		json_key_int(j, "offset", ev.offset);
		json_close(j, '}');
	}
	json_close(j, ']');
	return e;
}

/* The thresholds of a measure: [{"gives": ..., "above" or "below": ..., "source": ..., "crossed": ...}]. */
static void write_thresholds(struct writer *w, struct text thresholds)
{
	static const char sql[] =
		"SELECT json_extract(value, '$.gives'), json_extract(value, '$.above'), json_extract(value, '$.below'),"
		" json_extract(value, '$.source'), json_extract(value, '$.crossed') IS 1 FROM json_each("
		"CASE WHEN json_valid(?1) THEN ?1 ELSE '[]' END) WHERE type = 'object'";
	struct json *j = w->j;
	sqlite3_stmt *s = ready(w, &w->thresholds, sql);
	json_key(j, "thresholds");
	json_open(j, '[');
	if (thresholds.n && s) {
		sqlite3_bind_text64(s, 1, thresholds.p, thresholds.n, SQLITE_TRANSIENT, SQLITE_UTF8);
		while (sqlite3_step(s) == SQLITE_ROW) {
			json_open(j, '{');
			json_key_text(j, "gives", view_text(s, 0));
			json_key(j, "above");
			json_value(j, s, 1);
			json_key(j, "below");
			json_value(j, s, 2);
			json_key_text(j, "source", view_text(s, 3));
			json_key(j, "crossed");
			json_bool(j, view_int(s, 4));
			json_close(j, '}');
		}
		sqlite3_reset(s);
	}
	json_close(j, ']');
}

static struct error write_measures(struct writer *w, int64_t verdict_id)
{
	struct json *j = w->j;
	sqlite3_stmt *s = NULL;
	struct error e = view_measures(w->v, verdict_id, &s);
	json_key(j, "measures");
	json_open(j, '[');
	while (!error_is(&e) && view_step(s, &e)) {
		static const struct {
			const char *key;
			enum measure_column column;
		} texts[] = { { "name", MEASURE_NAME },		{ "title", MEASURE_TITLE },	  { "unit", MEASURE_UNIT },
					  { "formula", MEASURE_FORMULA }, { "better", MEASURE_BETTER }, { "missing", MEASURE_MISSING } };
		json_open(j, '{');
		json_key_int(j, "id", view_int(s, MEASURE_ID));
		for (size_t i = 0; i < COUNT(texts); i++)
			json_key_text(j, texts[i].key, view_text(s, (int)texts[i].column));
		json_key(j, "value");
		json_value(j, s, MEASURE_VALUE);
		write_thresholds(w, view_text(s, MEASURE_THRESHOLDS));
		json_key_int(j, "evidence_total", view_int(s, MEASURE_EVIDENCE_TOTAL));
		e = write_evidence(w, view_next_measured, view_int(s, MEASURE_ID));
		json_close(j, '}');
	}
	json_close(j, ']');
	return e;
}

static struct error write_verdict(struct writer *w, sqlite3_stmt *s)
{
	static const struct {
		const char *key;
		enum verdict_column column;
	} texts[] = {
		{ "basis", VERDICT_BASIS },
		{ "about", VERDICT_ABOUT },
		{ "pack", VERDICT_PACK },
		{ "requirement", VERDICT_REQUIREMENT },
		{ "origin", VERDICT_ORIGIN },
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
	static const char *const references[] = { "standard", "id" }, *const queries[] = { "role", "sql" };
	struct json *j = w->j;
	int64_t id = view_int(s, VERDICT_ID);
	json_open(j, '{');
	json_key_int(j, "id", id);
	const char *word = view_verdict_words[view_verdict_of(view_text(s, VERDICT_VERDICT))];
	json_key_text(j, "verdict", text_c(word));
	for (size_t i = 0; i < COUNT(texts); i++)
		json_key_text(j, texts[i].key, view_text(s, (int)texts[i].column));
	write_pairs(w, "references", references, view_text(s, VERDICT_REFERENCES));
	write_pairs(w, "queries", queries, view_text(s, VERDICT_QUERIES));
	json_key_int(j, "evidence_total", view_int(s, VERDICT_EVIDENCE_TOTAL));
	struct error e = write_evidence(w, view_next_evidence, id);
	if (!error_is(&e))
		e = write_measures(w, id);
	json_close(j, '}');
	return e;
}

struct error json_verdicts(struct json *j, struct view *v, struct arena *scratch)
{
	struct writer w = { .j = j, .v = v, .scratch = scratch };
	sqlite3_stmt *s = NULL;
	struct error e = view_verdicts_by_id(v, &s);
	json_key(j, "verdicts");
	json_open(j, '[');
	j->broken_lines = 4; /* verdicts are read by people too: a key a line, evidence a row a line */
	while (!error_is(&e) && view_step(s, &e))
		e = write_verdict(&w, s);
	j->broken_lines = 3;
	json_close(j, ']');
	sqlite3_finalize(s);
	sqlite3_finalize(w.pairs);
	sqlite3_finalize(w.thresholds);
	return e;
}
