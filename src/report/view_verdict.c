/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>

#include "report/view_internal.h"

const char *const view_verdict_words[VIEW_VERDICTS] = { "FAIL", "INCONCLUSIVE", "PASS", "NOT APPLICABLE" };

static const char *const verdict_columns[VERDICT_COLUMNS] = {
	"id",
	"pack",
	"pack_title",
	"pack_version",
	"requirement",
	"title",
	"section",
	"because",
	"verdict",
	"severity",
	"summary",
	"missing",
	"settles",
	"remedy",
	"remedy_command",
	"references_json",
	"position",
	"excluded",
	"severity_was",
	"severity_reason",
	"evidence_total",
	"about",
	"basis",
	"origin",
	"queries_json",
};

/* Whether the two are the same word; "not_applicable" and "NOT APPLICABLE" are. */
static bool same_word(struct text a, const char *b)
{
	size_t i = 0;
	for (; i < a.n && b[i]; i++) {
		char c = a.p[i] == '_' || a.p[i] == '-' ? ' ' : (char)toupper((unsigned char)a.p[i]);
		if (c != b[i])
			return false;
	}
	return i == a.n && !b[i];
}

enum view_verdict view_verdict_of(struct text word)
{
	for (int i = 0; i < VIEW_VERDICTS; i++)
		if (same_word(word, view_verdict_words[i]))
			return (enum view_verdict)i;
	return VIEW_INCONCLUSIVE;
}

struct error view_verdicts(struct view *v, sqlite3_stmt **stmt)
{
	return view_select(v->db, "verdict", verdict_columns, VERDICT_COLUMNS,
					   "ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2"
					   " WHEN 'low' THEN 3 ELSE 4 END, position, id",
					   stmt);
}

struct error view_verdicts_by_id(struct view *v, sqlite3_stmt **stmt)
{
	return view_select(v->db, "verdict", verdict_columns, VERDICT_COLUMNS, "ORDER BY id", stmt);
}

struct error view_count_verdicts(struct view *v, struct view_counts *counts)
{
	sqlite3_stmt *s = NULL;
	*counts = (struct view_counts){ { 0 } };
	struct error e = view_verdicts_by_id(v, &s);
	while (!error_is(&e) && view_step(s, &e))
		counts->n[view_verdict_of(view_text(s, VERDICT_VERDICT))]++;
	sqlite3_finalize(s);
	return e;
}

static int fact_type_of(struct text table)
{
	int type = 0;
	while (type < FACT_TYPES && !text_is(table, fact_tables[type].name))
		type++;
	return type;
}

/* Fills in where the row of evidence stands. A row that is not there leaves it unknown. */
static void locate(struct view *v, struct view_evidence *ev, struct error *e)
{
	static const char *const columns[] = { "blob_id", "line", "offset" };
	ev->blob_id = ev->line = ev->offset = FACT_NULL;
	int type = fact_type_of(ev->table);
	if (type == FACT_blob)
		ev->blob_id = ev->row_id;
	if (type == FACT_blob || type == FACT_TYPES)
		return;
	if (!v->place[type])
		*e = view_select(v->db, fact_tables[type].name, columns, 3, "WHERE id = ?1", &v->place[type]);
	if (error_is(e))
		return;
	sqlite3_stmt *s = v->place[type];
	sqlite3_bind_int64(s, 1, ev->row_id);
	if (view_step(s, e)) {
		ev->blob_id = view_int(s, 0);
		ev->line = view_int(s, 1);
		ev->offset = view_int(s, 2);
	}
	sqlite3_reset(s);
}

/* What evidence says may quote the row that it is about. */
static struct text hide(struct view *v, int64_t blob_id, struct text says, struct error *e)
{
	if (!says.n || v->shows_secrets)
		return says;
	sqlite3_reset(v->hide);
	if (blob_id == FACT_NULL)
		sqlite3_bind_null(v->hide, 1);
	else
		sqlite3_bind_int64(v->hide, 1, blob_id);
	sqlite3_bind_text64(v->hide, 2, says.p, says.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	return view_step(v->hide, e) ? view_text(v->hide, 0) : TEXT_NONE;
}

/* Whose rows are read: of a verdict, or of a measure. An older case has no measures, and its evidence no column for them. */
enum rows_of { OF_VERDICT, OF_MEASURE };

/* The statement that the last one left, or a new one. */
static struct error begin_rows(struct view *v, enum rows_of of, int64_t id, sqlite3_stmt **stmt)
{
	static const char *const columns[] = { "role", "table_name", "row_id", "says", "verdict_id", "id", "measure_id" };
	static const char *const which[] = { "WHERE verdict_id = ?1 AND role IS NOT 'measure' ORDER BY id",
										 "WHERE measure_id = ?1 AND role = 'measure' ORDER BY id" };
	struct error e = error_none();
	*stmt = v->rows[of];
	v->rows[of] = NULL;
	if (!*stmt)
		e = view_select(v->db, "evidence", columns, 7, which[of], stmt);
	if (!error_is(&e))
		sqlite3_bind_int64(*stmt, 1, id);
	return e;
}

static void end_rows(struct view *v, enum rows_of of, sqlite3_stmt **stmt)
{
	if (v->rows[of] || sqlite3_reset(*stmt) != SQLITE_OK)
		sqlite3_finalize(*stmt);
	else
		v->rows[of] = *stmt;
	*stmt = NULL;
}

static bool next_row(struct view *v, enum rows_of of, int64_t id, sqlite3_stmt **stmt, struct view_evidence *evidence,
					 struct error *e)
{
	if (!*stmt)
		*e = begin_rows(v, of, id, stmt);
	if (!error_is(e) && view_step(*stmt, e)) {
		*evidence = (struct view_evidence){
			.role = view_text(*stmt, 0),
			.table = view_text(*stmt, 1),
			.row_id = view_int(*stmt, 2),
			.says = view_text(*stmt, 3),
		};
		locate(v, evidence, e);
		evidence->says = hide(v, evidence->blob_id, evidence->says, e);
		return true;
	}
	end_rows(v, of, stmt);
	return false;
}

bool view_next_evidence(struct view *v, int64_t verdict_id, sqlite3_stmt **stmt, struct view_evidence *evidence,
						struct error *e)
{
	return next_row(v, OF_VERDICT, verdict_id, stmt, evidence, e);
}

bool view_next_measured(struct view *v, int64_t measure_id, sqlite3_stmt **stmt, struct view_evidence *evidence,
						struct error *e)
{
	return next_row(v, OF_MEASURE, measure_id, stmt, evidence, e);
}
