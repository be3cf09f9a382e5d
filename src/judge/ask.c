/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the queries of a requirement answer. */
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "judge/bench.h"

/* A sentence of evidence is for a person; a longer one is cut. */
#define SAYS_MAX 400u
/* The tables that evidence may point at, by number; NULL at the end. */
static const char *pointable(size_t i)
{
	static const char *const others[] = { "input", "probe_run", NULL };
	return i < FACT_TYPES ? fact_tables[i].name : others[i - FACT_TYPES];
}

static const char *cut(struct arena *arena, const char *says, size_t n)
{
	size_t end = 0;
	while (end < n && end < SAYS_MAX) {
		unsigned len = escape_utf8_len((const unsigned char *)says + end, n - end);
		end += len ? len : 1;
	}
	if (end == n)
		return arena_strdup(arena, text_of(says, n));
	return arena_printf(arena, "%.*s...", (int)end, says);
}

static bool row_exists(struct bench *b, const char *table, int64_t id)
{
	size_t i = 0;
	while (pointable(i) && strcmp(pointable(i), table) != 0)
		i++;
	if (!pointable(i))
		return false;
	sqlite3_stmt **s = &b->row_exists[i];
	if (!*s) {
		char *sql = sqlite3_mprintf("SELECT 1 FROM main.\"%w\" WHERE id = ?", table);
		int r = sql ? sqlite3_prepare_v2(b->db, sql, -1, s, NULL) : SQLITE_NOMEM;
		sqlite3_free(sql);
		if (r)
			return false;
	}
	sqlite3_bind_int64(*s, 1, id);
	bool there = sqlite3_step(*s) == SQLITE_ROW;
	sqlite3_reset(*s);
	return there;
}

static int column_named(sqlite3_stmt *s, const char *name)
{
	int i = 0;
	while (i < sqlite3_column_count(s) && strcmp(sqlite3_column_name(s, i), name) != 0)
		i++;
	return i;
}

/* Takes one row as evidence; NULL, or what is wrong with it. */
static const char *take_row(struct bench *b, sqlite3_stmt *s, const int column[3], struct answer *a)
{
	a->total++;
	if (a->kept == a->keep)
		return NULL;
	struct judge_evidence *e = ARENA_NEW(b->arena, struct judge_evidence);
	const char *table = (const char *)sqlite3_column_text(s, column[0]);
	const char *says = (const char *)sqlite3_column_text(s, column[2]);
	if (!table || !says || sqlite3_column_type(s, column[1]) != SQLITE_INTEGER)
		return "it gives a row without table_name, row_id or says";
	if (!e)
		return "out of memory";
	e->row = sqlite3_column_int64(s, column[1]);
	e->table = arena_strdup(b->arena, text_c(table));
	e->says = cut(b->arena, says, (size_t)sqlite3_column_bytes(s, column[2]));
	if (!e->table || !e->says)
		return "out of memory";
	if (a->last)
		a->last->next = e;
	else
		a->first = e;
	a->last = e;
	a->kept++;
	return NULL;
}

static void run_guarded(struct bench *b, struct query_guard *g, const char *sql, bool evidence, struct answer *a)
{
	char why[256];
	size_t at;
	sqlite3_stmt *s = query_prepare(g, sql, why, &at);
	if (!s) {
		*a = (struct answer){ .outcome = BROKEN, .why = arena_strdup(b->arena, text_c(why)) };
		return;
	}
	const int column[3] = { column_named(s, "table_name"), column_named(s, "row_id"), column_named(s, "says") };
	const char *wrong = NULL;
	int r = SQLITE_DONE;
	while (!wrong && (r = sqlite3_step(s)) == SQLITE_ROW) {
		if (evidence) {
			wrong = take_row(b, s, column, a);
			continue;
		}
		a->total++;
		break; /* one row is enough to know that there is one */
	}
	if (!wrong && r != SQLITE_DONE && r != SQLITE_ROW)
		wrong = query_failure(g);
	a->outcome = wrong ? BROKEN : a->total > 0 ? ROWS : NO_ROWS;
	a->why = wrong ? arena_strdup(b->arena, text_c(wrong)) : NULL;
	sqlite3_finalize(s);
}

/* Evidence that points at nothing is no evidence. */
static void check_rows(struct bench *b, struct answer *a)
{
	for (const struct judge_evidence *e = a->first; e && a->outcome == ROWS; e = e->next) {
		if (row_exists(b, e->table, e->row))
			continue;
		a->outcome = BROKEN;
		a->why = arena_printf(b->arena, "it points at row %lld of %.60s, which is not in the case", (long long)e->row,
							  e->table);
	}
}

/* Makes what the query names. */
static bool ready(struct bench *b, const char *sql)
{
	struct error e = view_set_ready(b->set, sql);
	if (error_is(&e) && !b->db_error)
		b->db_error = arena_strdup(b->arena, text_c(e.text));
	return !error_is(&e);
}

static void guard(struct bench *b, struct query_guard *g)
{
	query_guard_begin(g, b->db, b->limits, b->r->home->views, b->r->home->nviews);
}

struct answer bench_ask(struct bench *b, const char *sql, enum ask what)
{
	struct answer a = { .outcome = NO_ROWS, .keep = b->limits->rows };
	if (!sql || view_set_is_empty(b->set, sql) || !ready(b, sql))
		return a;
	if (what == ASK_BEHIND_MEASURE && a.keep > MEASURE_ROWS)
		a.keep = MEASURE_ROWS;
	struct query_guard g;
	guard(b, &g);
	run_guarded(b, &g, sql, what != ASK_ANY, &a);
	query_guard_end(&g);
	check_rows(b, &a);
	return a;
}

/* NULL, or why the statement gave no number. */
static const char *take_value(sqlite3_stmt *s, const struct query_guard *g, double *value, bool *measured)
{
	int column = column_named(s, "value"), r = sqlite3_step(s);
	if (r == SQLITE_DONE)
		return NULL;
	if (r != SQLITE_ROW)
		return query_failure(g);
	int type = sqlite3_column_type(s, column);
	if (type != SQLITE_INTEGER && type != SQLITE_FLOAT && type != SQLITE_NULL)
		return "its value is no number";
	*measured = type != SQLITE_NULL;
	*value = sqlite3_column_double(s, column);
	if (!isfinite(*value))
		return "its value is not finite";
	r = sqlite3_step(s);
	return r == SQLITE_DONE ? NULL : r == SQLITE_ROW ? "it gives more than one row" : query_failure(g);
}

const char *bench_value(struct bench *b, const char *sql, double *value, bool *measured)
{
	char text[256];
	size_t at;
	struct query_guard g;
	*measured = false;
	if (view_set_is_empty(b->set, sql) || !ready(b, sql))
		return NULL;
	guard(b, &g);
	sqlite3_stmt *s = query_prepare(&g, sql, text, &at);
	const char *why = s ? take_value(s, &g, value, measured) : text;
	if (why) {
		*measured = false;
		why = arena_strdup(b->arena, text_c(why));
		why = why ? why : "out of memory";
	}
	sqlite3_finalize(s);
	query_guard_end(&g);
	return why;
}

void bench_close(struct bench *b)
{
	for (size_t i = 0; i < sizeof b->row_exists / sizeof b->row_exists[0]; i++)
		sqlite3_finalize(b->row_exists[i]);
}
