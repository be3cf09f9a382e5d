/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict on one requirement. */
#include "judge/judge.h"

#include <string.h>

#include "base/escape.h"
#include "fact/fact.h"

/* A sentence of evidence is for a person; a longer one is cut. */
#define SAYS_MAX 400u
/* Reasons why a requirement stays open. */
#define MISSING_TOLD 5u

enum outcome { NO_ROWS, ROWS, BROKEN };

/* The rows of one query. */
struct answer {
	enum outcome outcome;
	struct judge_evidence *first, *last;
	size_t kept, total;
	const char *why; /* BROKEN */
};

struct bench {
	sqlite3 *db;
	const struct requirement *r;
	const struct query_limits *limits;
	struct arena *arena;
	sqlite3_stmt *row_exists[FACT_TYPES + 2]; /* prepared when needed, in the order of pointable() */
};

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
	if (a->kept == b->limits->rows)
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

static struct answer ask(struct bench *b, const char *sql, bool evidence)
{
	struct answer a = { .outcome = NO_ROWS };
	if (!sql)
		return a;
	struct query_guard g;
	query_guard_begin(&g, b->db, b->limits, b->r->home->views, b->r->home->nviews);
	run_guarded(b, &g, sql, evidence, &a);
	query_guard_end(&g);
	check_rows(b, &a);
	return a;
}

/* Adds to *missing when a run of that probe is not complete, or there is none. */
static int check_probe(struct bench *b, sqlite3_stmt *runs, const char *probe, const char **missing)
{
	bool any = false;
	int r;
	sqlite3_bind_text(runs, 1, probe, -1, SQLITE_STATIC);
	while ((r = sqlite3_step(runs)) == SQLITE_ROW) {
		const char *status = (const char *)sqlite3_column_text(runs, 0),
				   *detail = (const char *)sqlite3_column_text(runs, 1);
		any = true;
		if (status && strcmp(status, "complete") == 0)
			continue;
		bool more = detail && *detail;
		*missing =
			arena_printf(b->arena, "%s%s%s is %s%s%s%s", *missing ? *missing : "", *missing ? "; " : "", probe,
						 status ? status : "without status", more ? " (" : "", more ? detail : "", more ? ")" : "");
	}
	sqlite3_reset(runs);
	if (!any)
		*missing = arena_printf(b->arena, "%s%s%s has not run", *missing ? *missing : "", *missing ? "; " : "", probe);
	return r == SQLITE_DONE ? SQLITE_OK : r;
}

static struct error check_needs(struct bench *b, const char **missing)
{
	sqlite3_stmt *runs = NULL;
	int r = sqlite3_prepare_v2(b->db, "SELECT status, detail FROM main.probe_run WHERE probe = ? ORDER BY id", -1,
							   &runs, NULL);
	for (size_t i = 0; r == SQLITE_OK && i < b->r->nneeds; i++)
		r = check_probe(b, runs, b->r->needs[i], missing);
	sqlite3_finalize(runs);
	return r ? error_at(ERR_IO, 0, "reading the probe runs: %s", sqlite3_errmsg(b->db)) : error_none();
}

static void give_rows(struct bench *b, struct judgement *j, enum verdict verdict, const char *role,
					  const struct answer *a)
{
	*j = (struct judgement){
		.verdict = verdict, .role = role, .evidence = a->first, .nevidence = a->kept, .total = a->total
	};
	if (a->total == 1)
		j->summary = a->first->says;
	else
		j->summary = arena_printf(b->arena, "%s; and %zu more", a->first->says, a->total - 1);
}

static void give_broken(struct bench *b, struct judgement *j, const char *query, const struct answer *a)
{
	j->verdict = VERDICT_INCONCLUSIVE;
	j->missing = arena_printf(b->arena, "the query `%s` gave no answer: %s", query, a->why ? a->why : "out of memory");
	j->summary = arena_printf(b->arena, "Not decided: %s.", j->missing ? j->missing : "out of memory");
}

static void give_open(struct bench *b, struct judgement *j, const char *missing)
{
	j->verdict = VERDICT_INCONCLUSIVE;
	if (missing) {
		j->missing = missing;
		j->summary = arena_printf(b->arena, "Not everything was looked at: %s.", missing);
	} else if (requirement_is_open(b->r)) {
		j->summary = "The facts of this case do not decide it.";
	} else {
		j->summary = "Nothing that was found shows that it is met, and nothing that it is not.";
	}
}

/* What the pack knows to be missing, beyond probes: the first sentences of its query. A query that gives no answer tells
 * nothing, and takes nothing away. */
static const char *ask_missing(struct bench *b)
{
	struct answer a = ask(b, b->r->missing, true);
	const char *told = NULL;
	size_t n = 0;
	for (const struct judge_evidence *e = a.outcome == ROWS ? a.first : NULL; e && n < MISSING_TOLD; e = e->next, n++)
		told = arena_printf(b->arena, "%s%s%s", told ? told : "", told ? "; " : "", e->says);
	if (told && a.total > n)
		told = arena_printf(b->arena, "%s; and %zu more", told, a.total - n);
	return told;
}

static void decide(struct bench *b, const char *missing, struct judgement *j)
{
	struct answer fails = ask(b, b->r->fails, true);
	if (fails.outcome == ROWS)
		return give_rows(b, j, VERDICT_FAIL, "fails", &fails);
	if (fails.outcome == BROKEN)
		return give_broken(b, j, "fails", &fails);
	if (b->r->applies && !missing) {
		struct answer applies = ask(b, b->r->applies, false);
		if (applies.outcome == BROKEN)
			return give_broken(b, j, "applies", &applies);
		if (applies.outcome == NO_ROWS) {
			*j = (struct judgement){ .verdict = VERDICT_NOT_APPLICABLE, .summary = b->r->not_applicable };
			return;
		}
	}
	if (missing)
		return give_open(b, j, missing);
	struct answer passes = ask(b, b->r->passes, true);
	if (passes.outcome == ROWS)
		return give_rows(b, j, VERDICT_PASS, "passes", &passes);
	if (passes.outcome == BROKEN)
		return give_broken(b, j, "passes", &passes);
	give_open(b, j, NULL);
	const char *told = ask_missing(b);
	if (told) {
		j->missing = told;
		j->summary = arena_printf(b->arena, "It stays open: %s.", told);
	}
}

static bool names(const char *sql, const char *view)
{
	return sql && strcasestr(sql, view);
}

/* Whether the requirement's queries may name the view, or one of the later views that are wanted does: to make them all
 * for each requirement costs more than the queries. */
static bool wants_view(const struct requirement *r, const bool *wanted, size_t view)
{
	const struct query_view *views = r->home->views;
	const char *name = views[view].name;
	for (size_t later = view + 1; later < r->home->nviews; later++)
		if (wanted[later] && names(views[later].sql, name))
			return true;
	return names(r->fails, name) || names(r->applies, name) || names(r->passes, name) || names(r->missing, name);
}

static struct error with_views(struct bench *b, const char *missing, struct judgement *j)
{
	const struct pack *home = b->r->home;
	bool *wanted = ARENA_ARRAY(b->arena, bool, home->nviews);
	if (!wanted)
		return error_at(ERR_MEMORY, 0, "out of memory while judging %s", b->r->id);
	for (size_t i = home->nviews; i > 0; i--)
		wanted[i - 1] = wants_view(b->r, wanted, i - 1);
	struct error e = error_none();
	size_t made = 0;
	for (; !error_is(&e) && made < home->nviews; made += !error_is(&e))
		if (wanted[made])
			e = query_create_view(b->db, &home->views[made]);
	if (!error_is(&e))
		decide(b, missing, j);
	while (made > 0)
		if (wanted[--made])
			query_drop_view(b->db, &home->views[made]);
	return e;
}

struct error judge_requirement(sqlite3 *db, const struct requirement *r, const struct query_limits *limits,
							   struct arena *arena, struct judgement *j)
{
	struct bench b = { .db = db, .r = r, .limits = limits ? limits : &query_default_limits, .arena = arena };
	*j = (struct judgement){ .verdict = VERDICT_INCONCLUSIVE };
	if (r->excluded) {
		j->verdict = VERDICT_NOT_APPLICABLE;
		j->summary = arena_printf(arena, "Excluded by the pack: %s", r->excluded);
		return j->summary ? error_none() : error_at(ERR_MEMORY, 0, "out of memory");
	}
	const char *missing = NULL;
	struct error e = check_needs(&b, &missing);
	if (!error_is(&e))
		e = with_views(&b, missing, j);
	for (size_t i = 0; i < sizeof b.row_exists / sizeof b.row_exists[0]; i++)
		sqlite3_finalize(b.row_exists[i]);
	if (!error_is(&e) && !j->summary)
		e = error_at(ERR_MEMORY, 0, "out of memory while judging %s", r->id);
	return e;
}
