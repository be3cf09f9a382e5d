/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a PASS ends when what it rests on is taken away: the tests of a pack, with rows and runs of probes left out. And
 * whether none comes about by an input at which nobody looked. */
#include <string.h>

#include "judge/scene.h"

/* Rows of evidence that are taken away one by one; and how often all of them are, while others take their place. */
#define ROWS_TRIED 20u
#define ROUNDS 8u
#define CHANGES_MAX 4096u

struct mutation {
	struct scene *scene;
	const struct pack *pack;
	const struct requirement *r;
	const struct pack_test *test;
	FILE *out;
	struct arena *arena; /* of the verdict that is shaken */
	size_t run, wrong;
};

static void tell(struct mutation *m, const char *what, const char *which, const struct judgement *j)
{
	m->wrong++;
	fprintf(m->out, "%s:%u: %s: %s%s, and the verdict is still %s: %s\n", m->pack->file, m->test->line, m->r->id, what, which,
			verdict_name(j->verdict), j->summary ? j->summary : "");
}

/* The verdict with these changes. False, with a complaint, when it cannot be had. */
static bool judge(struct mutation *m, const struct scene_change *changes, size_t n, struct arena *arena, struct judgement *j)
{
	struct error e = scene_judge(m->scene, m->r, m->test, changes, n, arena, j);
	m->run++;
	if (!error_is(&e))
		return true;
	m->wrong++;
	fprintf(m->out, "%s:%u: %s: %s\n", m->pack->file, m->test->line, m->r->id, e.text);
	return false;
}

static bool holds(const struct scene_change *changes, size_t n, const struct judge_evidence *e)
{
	for (size_t i = 0; i < n; i++)
		if (changes[i].row == e->row && strcmp(changes[i].table, e->table) == 0)
			return true;
	return false;
}

/* Adds the evidence of a verdict to what is taken away; false: it names what was away already, or there is too much. */
static bool add_evidence(struct scene_change *changes, size_t *n, const struct judgement *j)
{
	size_t before = *n;
	for (const struct judge_evidence *e = j->evidence; e; e = e->next) {
		if (holds(changes, before, e) || *n == CHANGES_MAX)
			return false;
		if (!holds(changes, *n, e))
			changes[(*n)++] = (struct scene_change){ .table = e->table, .row = e->row };
	}
	return true;
}

/* Without all of its evidence a PASS ends, at the latest when what may take its place is away too. */
static void without_all(struct mutation *m, const struct judgement *pass)
{
	struct scene_change *changes = ARENA_ARRAY(m->arena, struct scene_change, CHANGES_MAX);
	size_t n = 0;
	struct judgement j = *pass;
	for (size_t i = 0; changes && i < ROUNDS && j.verdict == VERDICT_PASS; i++) {
		if (!add_evidence(changes, &n, &j))
			return tell(m, "its evidence is away", "", &j);
		if (!judge(m, changes, n, m->arena, &j))
			return;
	}
	if (j.verdict == VERDICT_PASS)
		tell(m, "its evidence is away, again and again", "", &j);
}

/* Without one row of evidence a PASS ends or rests on others. */
static void without_one(struct mutation *m, const struct judgement *pass)
{
	size_t i = 0;
	for (const struct judge_evidence *e = pass->evidence; e && i < ROWS_TRIED; e = e->next, i++) {
		const struct scene_change change = { .table = e->table, .row = e->row };
		struct judgement j;
		if (!judge(m, &change, 1, m->arena, &j) || j.verdict != VERDICT_PASS)
			continue;
		for (const struct judge_evidence *k = j.evidence; k; k = k->next)
			if (holds(&change, 1, k))
				tell(m, "evidence is away: ", e->says, &j);
	}
}

/* Whether the verdict `j` rests on a run of that probe by what the pack says. */
static bool rests_on(const struct mutation *m, const struct judgement *j, const char *probe)
{
	const struct pack_way *w = j->verdict == VERDICT_PASS && j->way > 0 ? &m->r->ways[j->way - 1] : NULL;
	const char *const *needs = w ? w->needs : j->verdict == VERDICT_NOT_APPLICABLE ? m->r->needs : NULL;
	size_t n = w ? w->nneeds : j->verdict == VERDICT_NOT_APPLICABLE ? m->r->nneeds : 0;
	for (size_t i = 0; i < n; i++)
		if (strcmp(needs[i], probe) == 0)
			return true;
	for (size_t i = 0; j->verdict == VERDICT_PASS && i < j->nmeasures; i++) {
		const struct pack_measure *p = j->measures[i].measure;
		for (size_t k = 0; j->measures[i].crossed && k < p->nneeds; k++)
			if (strcmp(p->needs[k], probe) == 0)
				return true;
	}
	return j->verdict == VERDICT_PASS && j->role && strcmp(j->role, "declared") == 0 &&
		   ((strcmp(probe, "product.read") == 0 && strcmp(j->evidence->table, "declaration") == 0) ||
			(strcmp(probe, "document.read") == 0 && strncmp(j->evidence->table, "document", 8) == 0));
}

/* Probes of which each input of their kind has a run: of the product file there is one, feeds are no input. */
static bool has_kind(const char *probe)
{
	return strncmp(probe, "product.", 8) != 0 && strncmp(probe, "feeds.", 6) != 0;
}

/* A verdict that rests on a probe ends when that probe has not run, or not to its end, or not on all inputs of its kind. */
static void without_probe(struct mutation *m, const struct judgement *before, const char *probe)
{
	static const char *const ends[] = { "partial", "crashed", NULL };
	struct judgement more;
	if (!rests_on(m, before, probe))
		return;
	const struct scene_change one_more = { .probe = probe, .left_out = true };
	if (has_kind(probe) && judge(m, &one_more, 1, m->arena, &more) && more.verdict == before->verdict && rests_on(m, &more, probe))
		tell(m, probe, " left out an input of its kind", &more);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		const struct scene_change change = { .probe = probe, .status = ends[i] };
		struct judgement j;
		if (judge(m, &change, 1, m->arena, &j) && j.verdict == before->verdict && rests_on(m, &j, probe))
			tell(m, probe, ends[i] ? " is not complete" : " has not run", &j);
	}
}

static void without_probes(struct mutation *m, const struct judgement *before)
{
	static const char *const word[] = { "product.read", "document.read" };
	for (size_t i = 0; i < m->r->nneeds; i++)
		without_probe(m, before, m->r->needs[i]);
	for (size_t w = 0; w < m->r->nways; w++)
		for (size_t i = 0; m->r->ways[w].needs != m->r->needs && i < m->r->ways[w].nneeds; i++)
			without_probe(m, before, m->r->ways[w].needs[i]);
	for (size_t k = 0; k < m->r->nmeasures; k++)
		for (size_t i = 0; i < m->r->measures[k].nneeds; i++)
			without_probe(m, before, m->r->measures[k].needs[i]);
	for (size_t i = 0; m->r->declared && i < 2; i++)
		without_probe(m, before, word[i]);
}

/* What is not a PASS does not become one by an input at which nobody looked. */
static void with_another(struct mutation *m, const char *probe)
{
	const struct scene_change change = { .probe = probe, .left_out = true };
	struct judgement j;
	if (has_kind(probe) && judge(m, &change, 1, m->arena, &j) && j.verdict == VERDICT_PASS)
		tell(m, "with an input more at which nobody looked: ", probe, &j);
}

static void with_others(struct mutation *m)
{
	if (m->r->nneeds > 0)
		with_another(m, m->r->needs[0]);
	for (size_t w = 0; w < m->r->nways; w++)
		if (m->r->ways[w].needs != m->r->needs && m->r->ways[w].nneeds > 0)
			with_another(m, m->r->ways[w].needs[0]);
	if (m->r->declared)
		with_another(m, "document.read");
}

static void shake(struct mutation *m)
{
	struct judgement j;
	if (!judge(m, NULL, 0, m->arena, &j))
		return;
	if (j.verdict == VERDICT_PASS) {
		if (!j.evidence)
			tell(m, "nothing is its evidence", "", &j);
		without_all(m, &j);
		without_one(m, &j);
	}
	if (j.verdict == VERDICT_PASS || j.verdict == VERDICT_NOT_APPLICABLE)
		without_probes(m, &j);
	else
		with_others(m);
}

size_t pack_run_mutations(const struct pack *pack, struct query_budget *all, FILE *out, size_t *run)
{
	struct error e;
	struct query_budget own = query_budget_of_tests();
	bool spent = false;
	all = all ? all : &own;
	struct mutation m = { .scene = scene_new(all, &e), .pack = pack, .out = out, .arena = arena_new(0) };
	if (!m.scene || !m.arena) {
		fprintf(out, "%s: %s\n", pack->file, m.scene ? "out of memory" : e.text);
		m.wrong++;
	}
	for (size_t i = 0; m.scene && m.arena && i < pack->nrequirements && !spent; i++) {
		m.r = &pack->requirements[i];
		for (size_t k = 0; k < m.r->ntests && !spent; k++) {
			m.test = &m.r->tests[k];
			arena_reset(m.arena);
			spent = scene_budget_spent(all, pack, m.r, m.test, out);
			if (!spent)
				shake(&m);
		}
	}
	m.wrong += spent;
	*run = m.run;
	scene_free(m.scene);
	arena_free(m.arena);
	return m.wrong;
}
