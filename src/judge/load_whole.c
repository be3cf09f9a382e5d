/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a requirement only makes sense together, and that its tests show every verdict that it can give. */
#include <string.h>

#include "judge/internal.h"

/* `needs` that nothing would ask. */
static bool check_needs(struct loader *l, const yaml_node_t *map, const struct requirement *r)
{
	struct doc *d = &l->doc;
	const yaml_node_t *passes = doc_get(d, map, "passes"), *needs = doc_get(d, map, "needs");
	bool list = passes && passes->type == YAML_SEQUENCE_NODE;
	if ((r->applies || (passes && !list)) && r->nneeds == 0)
		return doc_fail(d, map, "%s: `%s` without `needs`, expected the probes that must be complete for it", r->id,
						passes && !list ? "passes" : "applies");
	if (r->missing && r->nneeds == 0)
		return doc_fail(d, map, "%s: `missing` without `needs`, expected the probes that it tells more than", r->id);
	if (needs && list && !r->applies && !r->missing)
		return doc_fail(d, needs, "`needs` beside a list of ways, expected it within each: only `applies` and `missing` rest on this one");
	if (needs && !passes && !r->applies && !r->missing && !r->fails)
		return doc_fail(d, map, "%s: `needs` without a query, expected `fails` or `passes`", r->id);
	return true;
}

bool check_whole(struct loader *l, const yaml_node_t *map, const struct requirement *r)
{
	struct doc *d = &l->doc;
	if (l->own)
		return true;
	if (!r->applies != !r->not_applicable)
		return doc_fail(d, map, "%s: one of `applies` and `not_applicable`, expected both or none", r->id);
	if (r->missing && requirement_is_open(r))
		return doc_fail(d, map, "%s: `missing` without another query, expected `fails` or `passes`", r->id);
	if (!check_needs(l, map, r))
		return false;
	if (!requirement_has_queries(r) || r->ntests > 0)
		return true;
	return doc_fail(d, map, "%s: no `tests`, expected at least one per verdict that it can give", r->id);
}

static bool tests_measure(const struct requirement *r, const struct pack_measure *m)
{
	for (size_t i = 0; i < r->ntests; i++)
		for (size_t k = 0; k < r->tests[i].nexpected; k++)
			if (r->tests[i].expected[k].is_measured && strcmp(r->tests[i].expected[k].measure, m->name) == 0)
				return true;
	return false;
}

/* What of a requirement that asks for others its own queries decide; the others are tested where they are defined. */
static bool own_can_give(const struct requirement *r, enum verdict v)
{
	if (r->nparts == 0)
		return requirement_can_give(r, v);
	return v == VERDICT_FAIL ? r->fails != NULL : v == VERDICT_NOT_APPLICABLE ? r->applies != NULL : v == VERDICT_INCONCLUSIVE;
}

bool check_tested(struct loader *l, const yaml_node_t *map, const struct requirement *r)
{
	bool tested[VERDICTS] = { false }, declared = false;
	if (l->own)
		return true;
	for (size_t i = 0; i < r->ntests; i++) {
		tested[r->tests[i].gives] = true;
		declared |= r->tests[i].says_basis && r->tests[i].basis == BASIS_DECLARED;
	}
	for (int v = 0; v < VERDICTS && requirement_has_queries(r); v++)
		if (own_can_give(r, (enum verdict)v) && !tested[v])
			return doc_fail(&l->doc, map, "%s: no test that gives %s, expected one per verdict that it can give", r->id,
							verdict_name((enum verdict)v));
	if (r->declared && r->about == ABOUT_PRODUCT && !declared)
		return doc_fail(&l->doc, map, "%s: no test with `basis: declared`, expected one that shows what `declared` finds", r->id);
	for (size_t i = 0; i < r->nmeasures; i++)
		if (!tests_measure(r, &r->measures[i]))
			return doc_fail(&l->doc, map, "%s: no test that says the value of the measure `%s`, expected one", r->id,
							r->measures[i].name);
	return true;
}
