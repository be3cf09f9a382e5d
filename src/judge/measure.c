/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands behind a verdict besides queries: the runs of probes, and numbers with a definition. */
#include <stdio.h>
#include <string.h>

#include "judge/bench.h"

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

/* The kind of input that a probe looks at; NULL: none of its own. */
static const char *kind_of_probe(const char *probe)
{
	static const char *const kinds[] = { "firmware", "document", "device", "capture", "site", "app", "mud", "sbom", "vex" };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t n = strlen(kinds[i]);
		if (strncmp(probe, kinds[i], n) == 0 && probe[n] == '.')
			return kinds[i];
	}
	return NULL;
}

/* Adds to *missing the inputs of the probe's kind that it left out: where it looked at one of them, what it says is about that one
 * alone. Where it looked at none, it is known already that it has not run. */
static int check_inputs(struct bench *b, const char *probe, const char **missing)
{
	const char *kind = kind_of_probe(probe);
	sqlite3_stmt *s = NULL;
	if (!kind)
		return SQLITE_OK;
	int r = sqlite3_prepare_v2(b->db, "WITH seen(id) AS (SELECT input_id FROM main.probe_run WHERE probe = ?1 AND input_id IS NOT NULL)"
									  " SELECT location FROM main.input WHERE kind = ?2 AND id NOT IN (SELECT id FROM seen)"
									  " AND EXISTS (SELECT 1 FROM main.input i JOIN seen ON seen.id = i.id WHERE i.kind = ?2) ORDER BY id", -1,
							   &s, NULL);
	if (r == SQLITE_OK) {
		sqlite3_bind_text(s, 1, probe, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 2, kind, -1, SQLITE_STATIC);
		while ((r = sqlite3_step(s)) == SQLITE_ROW) {
			const char *location = (const char *)sqlite3_column_text(s, 0);
			*missing = arena_printf(b->arena, "%s%s%s has not run on %.200s", *missing ? *missing : "", *missing ? "; " : "", probe,
									location ? location : "an input");
		}
	}
	sqlite3_finalize(s);
	return r == SQLITE_DONE ? SQLITE_OK : r;
}

const char *bench_needs(struct bench *b, const char *const *needs, size_t n)
{
	sqlite3_stmt *runs = NULL;
	const char *missing = NULL;
	if (n == 0)
		return NULL;
	/* Of several documents it is told which. */
	int r = sqlite3_prepare_v2(b->db, "SELECT r.status, CASE WHEN i.kind = 'document' THEN"
									  " i.location || coalesce(': ' || nullif(r.detail, ''), '') ELSE r.detail END"
									  " FROM main.probe_run r LEFT JOIN main.input i ON i.id = r.input_id WHERE r.probe = ? ORDER BY r.id", -1,
							   &runs, NULL);
	for (size_t i = 0; r == SQLITE_OK && i < n; i++) {
		r = check_probe(b, runs, needs[i], &missing);
		r = r == SQLITE_OK ? check_inputs(b, needs[i], &missing) : r;
	}
	sqlite3_finalize(runs);
	if (r && !b->db_error)
		b->db_error = arena_strdup(b->arena, text_c(sqlite3_errmsg(b->db)));
	return r ? "the probe runs cannot be read" : missing;
}

const char *bench_documents_unread(struct bench *b)
{
	static const char *const probe = "document.read";
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(b->db, "SELECT 1 FROM main.probe_run WHERE probe = 'document.read' AND status IS NOT 'complete' LIMIT 1", -1,
							   &s, NULL);
	r = r == SQLITE_OK ? sqlite3_step(s) : r;
	sqlite3_finalize(s);
	if (r != SQLITE_ROW && r != SQLITE_DONE && !b->db_error)
		b->db_error = arena_strdup(b->arena, text_c(sqlite3_errmsg(b->db)));
	return r == SQLITE_ROW ? bench_needs(b, &probe, 1) : NULL;
}

const char *measure_number(struct arena *arena, double value)
{
	if (value >= -1e15 && value <= 1e15 && value == (double)(long long)value)
		return arena_printf(arena, "%lld", (long long)value);
	return arena_printf(arena, "%.6g", value);
}

/* The first threshold that the value is beyond; one that gives FAIL goes before one that gives PASS. */
static const struct pack_threshold *crossed(const struct pack_measure *m, double value)
{
	const struct pack_threshold *found = NULL;
	for (size_t i = 0; i < m->nthresholds; i++) {
		const struct pack_threshold *t = &m->thresholds[i];
		bool beyond = t->above ? value > t->number : value < t->number;
		if (beyond && (!found || (found->gives == VERDICT_PASS && t->gives == VERDICT_FAIL)))
			found = t;
	}
	return found;
}

static void measure(struct bench *b, struct judge_measure *m)
{
	const struct pack_measure *p = m->measure;
	m->missing = bench_needs(b, p->needs, p->nneeds);
	if (m->missing)
		return;
	const char *why = bench_value(b, p->value, &m->value, &m->is_measured);
	if (why) {
		m->missing = arena_printf(b->arena, "the measure `%s` gave no answer: %s", p->name, why);
		return;
	}
	struct answer a = m->is_measured ? bench_ask(b, p->rows, ASK_BEHIND_MEASURE) : (struct answer){ .outcome = NO_ROWS };
	if (a.outcome == BROKEN) { /* a number whose rows are unknown is not shown as measured */
		m->is_measured = false;
		m->missing = arena_printf(b->arena, "the rows of the measure `%s` gave no answer: %s", p->name, a.why ? a.why : "out of memory");
		return;
	}
	m->rows = a.first;
	m->kept = a.kept;
	m->total = a.total;
	m->crossed = m->is_measured ? crossed(p, m->value) : NULL;
}

void bench_measure(struct bench *b, struct judgement *j)
{
	size_t n = b->r->nmeasures;
	j->measures = n ? ARENA_ARRAY(b->arena, struct judge_measure, n) : NULL;
	j->nmeasures = j->measures ? n : 0;
	if (n && !j->measures)
		b->db_error = "out of memory";
	for (size_t i = 0; i < j->nmeasures; i++) {
		j->measures[i] = (struct judge_measure){ .measure = &b->r->measures[i] };
		measure(b, &j->measures[i]);
	}
}
