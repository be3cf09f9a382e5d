/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine of `assay pack test`. */
#include <math.h>
#include <string.h>

#include "judge/scene.h"

static const struct judge_measure *measured(const struct judgement *j, const char *name)
{
	for (size_t i = 0; i < j->nmeasures; i++)
		if (strcmp(j->measures[i].measure->name, name) == 0)
			return &j->measures[i];
	return NULL;
}

/* Whether the measures have the values that the test says, but for rounding. */
static bool check_expected(const struct pack *pack, const struct requirement *r, const struct pack_test *test,
						   const struct judgement *j, FILE *out)
{
	bool ok = true;
	for (size_t i = 0; i < test->nexpected; i++) {
		const struct pack_expected *e = &test->expected[i];
		const struct judge_measure *m = measured(j, e->measure);
		double tolerance = 1e-9 * (1 + fabs(e->value));
		if (m && m->is_measured == e->is_measured && (!e->is_measured || fabs(m->value - e->value) <= tolerance))
			continue;
		ok = false;
		fprintf(out, "%s:%u: %s: measures %s ", pack->file, e->line, r->id, e->measure);
		if (m && m->is_measured)
			fprintf(out, "as %.10g, expected ", m->value);
		else
			fprintf(out, "not (%s), expected ", m && m->missing ? m->missing : "there is nothing to measure");
		if (e->is_measured)
			fprintf(out, "%.10g\n", e->value);
		else
			fprintf(out, "null\n");
	}
	return ok;
}

static bool check_test(const struct pack *pack, const struct requirement *r, const struct pack_test *test,
					   const struct judgement *j, FILE *out)
{
	bool ok = j->verdict == test->gives;
	if (!ok)
		fprintf(out, "%s:%u: %s: gives %s, expected %s: %s\n", pack->file, test->line, r->id, verdict_name(j->verdict),
				verdict_name(test->gives), j->summary);
	if (ok && test->says_basis && j->basis != test->basis) {
		ok = false;
		fprintf(out, "%s:%u: %s: gives %s with the basis %s, expected %s: %s\n", pack->file, test->line, r->id,
				verdict_name(j->verdict), basis_name(j->basis), basis_name(test->basis), j->summary);
	}
	return check_expected(pack, r, test, j, out) && ok;
}

/* *way: the way of `passes` that gave PASS, from 1, or 0. */
static bool run_test(struct scene *s, const struct pack *pack, const struct requirement *r, const struct pack_test *test, FILE *out,
					 size_t *way)
{
	_cleanup_(arena_cleanup) struct arena *arena = arena_new(0);
	struct judgement j = { .verdict = VERDICTS };
	struct error e = arena ? scene_judge(s, r, test, NULL, 0, arena, &j) : error_at(ERR_MEMORY, 0, "out of memory");
	*way = j.way;
	if (!error_is(&e))
		return check_test(pack, r, test, &j, out);
	fprintf(out, "%s:%u: %s: %s\n", pack->file, test->line, r->id, e.text);
	return false;
}

/* All tests of a requirement; a way to PASS that none of them takes is not tested. */
static size_t run_tests(struct scene *s, const struct query_budget *all, const struct pack *pack, const struct requirement *r, FILE *out,
						size_t *run)
{
	bool taken[WAYS_MAX + 1] = { false };
	size_t wrong = 0, way;
	for (size_t k = 0; k < r->ntests; k++) {
		if (scene_budget_spent(all, pack, r, &r->tests[k], out))
			return wrong + 1;
		++*run;
		wrong += !run_test(s, pack, r, &r->tests[k], out, &way);
		taken[way] = true;
	}
	for (size_t i = 1; r->nways > 1 && r->ntests > 1 && i <= r->nways; i++) {
		if (taken[i])
			continue;
		wrong++;
		fprintf(out, "%s:%u: %s: no test gives PASS by way %zu of `passes`, expected one\n", pack->file, r->line, r->id, i);
	}
	return wrong;
}

size_t pack_run_tests(const struct pack *pack, struct query_budget *all, FILE *out, size_t *run)
{
	struct error e;
	struct query_budget own = query_budget_of_tests();
	size_t wrong = 0;
	*run = 0;
	all = all ? all : &own;
	struct scene *s = scene_new(all, &e);
	if (!s) {
		fprintf(out, "%s: %s\n", pack->file, e.text);
		return 1;
	}
	for (size_t i = 0; i < pack->nrequirements && !(wrong && query_budget_spent(all)); i++)
		wrong += run_tests(s, all, pack, &pack->requirements[i], out, run);
	scene_free(s);
	return wrong;
}
