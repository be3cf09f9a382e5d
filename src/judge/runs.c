/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runs of probes, which stand behind every verdict that needs one of them: read once, before the first is asked for. */
#include <stdlib.h>
#include <string.h>

#include "judge/bench.h"

struct probe_run {
	const char *probe, *status, *detail; /* NULL as in the table */
	int64_t input;						 /* 0: of none */
	struct probe_run *next;
};

struct probe_input {
	int64_t id;
	const char *kind, *location; /* NULL as in the table */
	unsigned round;				 /* of the last probe that was found to have looked at it */
};

struct probe_runs {
	struct arena *arena;
	struct probe_run *first;
	struct probe_input *inputs; /* by id */
	size_t ninputs;
	unsigned round; /* a number for each time that a probe is asked for */
};

/* Of what is missing, so much is named. */
#define NAMED_MAX 8u

struct missing {
	struct arena *arena;
	const char *text; /* NULL: nothing is */
	unsigned named, more;
};

void probe_runs_free(struct probe_runs *runs)
{
	if (runs)
		arena_free(runs->arena); /* which they live in themselves */
}

static const char *column(struct arena *a, sqlite3_stmt *s, int i, bool *ok)
{
	const char *text = (const char *)sqlite3_column_text(s, i), *copy = text ? arena_strdup(a, text_c(text)) : NULL;
	*ok &= copy || sqlite3_column_type(s, i) == SQLITE_NULL;
	return copy;
}

/* A result code of SQLite. */
static int read_runs(sqlite3 *db, struct probe_runs *runs)
{
	sqlite3_stmt *s = NULL;
	struct probe_run **end = &runs->first;
	/* Of several documents it is told which. */
	int r = sqlite3_prepare_v2(db, "SELECT r.probe, r.status, CASE WHEN i.kind = 'document' THEN"
								   " i.location || coalesce(': ' || nullif(r.detail, ''), '') ELSE r.detail END, r.input_id"
								   " FROM main.probe_run r LEFT JOIN main.input i ON i.id = r.input_id ORDER BY r.id", -1, &s, NULL);
	bool ok = r == SQLITE_OK;
	while (ok && (r = sqlite3_step(s)) == SQLITE_ROW) {
		struct probe_run *run = ARENA_NEW(runs->arena, struct probe_run);
		ok = run != NULL;
		if (!ok)
			break;
		run->probe = column(runs->arena, s, 0, &ok);
		run->status = column(runs->arena, s, 1, &ok);
		run->detail = column(runs->arena, s, 2, &ok);
		run->input = sqlite3_column_int64(s, 3);
		*end = run;
		end = &run->next;
	}
	sqlite3_finalize(s);
	return ok ? r : r == SQLITE_ROW ? SQLITE_NOMEM : r;
}

static size_t count_inputs(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	size_t n = 0;
	if (sqlite3_prepare_v2(db, "SELECT count(*) FROM main.input", -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		n = (size_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

/* A result code of SQLite. */
static int read_inputs(sqlite3 *db, struct probe_runs *runs)
{
	sqlite3_stmt *s = NULL;
	size_t room = count_inputs(db);
	runs->inputs = ARENA_ARRAY(runs->arena, struct probe_input, room);
	int r = sqlite3_prepare_v2(db, "SELECT id, kind, location FROM main.input ORDER BY id", -1, &s, NULL);
	bool ok = runs->inputs && r == SQLITE_OK;
	while (ok && (r = sqlite3_step(s)) == SQLITE_ROW && runs->ninputs < room) {
		struct probe_input *input = &runs->inputs[runs->ninputs++];
		*input = (struct probe_input){ .id = sqlite3_column_int64(s, 0) };
		input->kind = column(runs->arena, s, 1, &ok);
		input->location = column(runs->arena, s, 2, &ok);
	}
	sqlite3_finalize(s);
	return ok ? r : r == SQLITE_ROW || r == SQLITE_OK ? SQLITE_NOMEM : r;
}

/* NULL when they cannot be read; b->db_error says why. */
static struct probe_runs *runs_of(struct bench *b)
{
	if (b->set->runs)
		return b->set->runs;
	struct arena *arena = arena_new(0);
	struct probe_runs *runs = arena ? ARENA_NEW(arena, struct probe_runs) : NULL;
	int r = SQLITE_NOMEM;
	if (runs) {
		runs->arena = arena;
		r = read_runs(b->db, runs);
		r = r == SQLITE_DONE ? read_inputs(b->db, runs) : r;
	}
	if (r == SQLITE_DONE)
		return b->set->runs = runs;
	if (!b->db_error)
		b->db_error = r == SQLITE_NOMEM ? "out of memory" : arena_printf(b->arena, "reading the probe runs: %s", sqlite3_errmsg(b->db));
	arena_free(arena);
	return NULL;
}

static bool is_of(const struct probe_run *r, const char *probe)
{
	return r->probe && strcmp(r->probe, probe) == 0;
}

static bool is_complete(const struct probe_run *r)
{
	return r->status && strcmp(r->status, "complete") == 0;
}

/* Whether one more is named. */
static bool name_one(struct missing *m)
{
	bool named = m->named < NAMED_MAX;
	m->named += named;
	m->more += !named;
	return named;
}

static const char *before(const struct missing *m)
{
	return m->text ? m->text : "";
}

static const char *joint(const struct missing *m)
{
	return m->text ? "; " : "";
}

/* Adds the runs of that probe that are not complete, or that there is none. */
static void check_probe(const struct probe_runs *runs, const char *probe, struct missing *m)
{
	bool any = false;
	for (const struct probe_run *r = runs->first; r; r = r->next) {
		any |= is_of(r, probe);
		if (!is_of(r, probe) || is_complete(r) || !name_one(m))
			continue;
		bool more = r->detail && *r->detail;
		m->text = arena_printf(m->arena, "%s%s%s is %s%s%s%s", before(m), joint(m), probe, r->status ? r->status : "without status",
							   more ? " (" : "", more ? r->detail : "", more ? ")" : "");
	}
	if (!any && name_one(m))
		m->text = arena_printf(m->arena, "%s%s%s has not run", before(m), joint(m), probe);
}

/* Whether the input is of the kind that the probe looks at, which its name begins with: "capture.flows". */
static bool is_for(const struct probe_input *input, const char *probe)
{
	size_t n = input->kind ? strlen(input->kind) : 0;
	return n && strncmp(probe, input->kind, n) == 0 && probe[n] == '.';
}

static int by_id(const void *id, const void *input)
{
	int64_t a = *(const int64_t *)id, b = ((const struct probe_input *)input)->id;
	return (a > b) - (a < b);
}

/* Marks the inputs of its kind that the probe looked at; false: none. */
static bool mark_seen(struct probe_runs *runs, const char *probe)
{
	bool any = false;
	runs->round++;
	for (const struct probe_run *r = runs->first; r; r = r->next) {
		struct probe_input *input =
			is_of(r, probe) ? bsearch(&r->input, runs->inputs, runs->ninputs, sizeof *input, by_id) : NULL;
		if (input && is_for(input, probe)) {
			input->round = runs->round;
			any = true;
		}
	}
	return any;
}

/* Adds the inputs of the probe's kind that it left out: where it looked at one of them, what it says is about that one alone. Where
 * it looked at none, it is known already that it has not run. */
static void check_inputs(struct probe_runs *runs, const char *probe, struct missing *m)
{
	bool any = mark_seen(runs, probe);
	for (const struct probe_input *i = runs->inputs; any && i < runs->inputs + runs->ninputs; i++)
		if (is_for(i, probe) && i->round != runs->round && name_one(m))
			m->text = arena_printf(m->arena, "%s%s%s has not run on %.200s", before(m), joint(m), probe,
								   i->location ? i->location : "an input");
}

const char *bench_needs(struct bench *b, const char *const *needs, size_t n)
{
	struct missing m = { .arena = b->arena };
	if (n == 0)
		return NULL;
	struct probe_runs *runs = runs_of(b);
	if (!runs)
		return "the probe runs cannot be read";
	for (size_t i = 0; i < n; i++) {
		check_probe(runs, needs[i], &m);
		check_inputs(runs, needs[i], &m);
	}
	return m.more ? arena_printf(b->arena, "%s; and %u more", before(&m), m.more) : m.text;
}

const char *bench_documents_unread(struct bench *b)
{
	static const char *const probe = "document.read";
	const struct probe_runs *runs = runs_of(b);
	for (const struct probe_run *r = runs ? runs->first : NULL; r; r = r->next)
		if (is_of(r, probe) && !is_complete(r))
			return bench_needs(b, &probe, 1);
	return NULL;
}
