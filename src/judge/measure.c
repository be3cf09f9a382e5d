/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers with a definition. */
#include "judge/bench.h"

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
