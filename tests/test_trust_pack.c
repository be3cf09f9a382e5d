/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pack of NIST's concerns: nothing is missing, nothing passes for nothing, every number is documented. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "judge/judge.h"
#include "probe_names.h"

enum { PROBES = sizeof probes / sizeof probes[0] - 1 };

/* The rows of the mission that are NIST's, and the two about an assessment as a whole. */
static const char *const rows[] = {
	"nist.01.scalability",
	"nist.02.heterogeneity",
	"nist.03.ownership-control",
	"nist.04.composability",
	"nist.05.ilities",
	"nist.06.synchronization",
	"nist.07.measurement",
	"nist.08.predictability",
	"nist.09.testing-assurance",
	"nist.10.certification",
	"nist.11.reliability",
	"nist.12.data-integrity",
	"nist.13.excessive-data",
	"nist.14.performance",
	"nist.15.usability",
	"nist.16.visibility-discovery",
	"nist.17.security",
	"nist.17.default-credentials",
	"nist.17.mud",
	"nist.17.secure-update",
	"nist.17.update-hijack",
	"nist.17.sensor-tampering",
	"nist.17.channel-tampering",
	"nist.17.timing-tampering",
	"nist.17.unique-identifiers",
	"nist.17.pki-limits",
	"nist.17.credential-ui",
	"nist.18.insurability",
	"nist.18.life-critical",
	"ecosystem.inputs",
	"ecosystem.label",
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static struct packs *load(void)
{
	struct packs *packs = packs_new(probes);
	struct pack_error error = { 0 };
	assert_non_null(packs);
	if (!packs_check_builtins(packs, &error))
		fail_msg("%s", error.text);
	return packs;
}

static const struct requirement *row(const struct packs *packs, size_t i)
{
	const struct requirement *r = packs_requirement(packs, rows[i], NULL);
	if (!r)
		fail_msg("%s is in no pack", rows[i]);
	return r;
}

/* Each has something that decides it, or a number. */
static void test_rows_are_there(void **state)
{
	(void)state;
	struct packs *packs = load();
	for (size_t i = 0; i < ROWS; i++) {
		const struct requirement *r = row(packs, i);
		if (r->owner == r->home && requirement_is_open(r))
			fail_msg("%s has neither a query nor a measure", rows[i]);
	}
	assert_int_equal(packs_find(packs, "nist-trust")->nrequirements, ROWS - 2);
	packs_free(packs);
}

/* Whether the requirement gives that verdict for these facts. */
static bool gives(const struct packs *packs, const struct requirement *r, const struct pack_test *test)
{
	const struct pack *home = packs_find(packs, r->owner->id);
	struct requirement one = *r;
	struct pack alone = *home;
	char *text = NULL;
	size_t size, run;
	FILE *out = open_memstream(&text, &size);
	one.tests = test;
	one.ntests = 1;
	alone.requirements = &one;
	alone.nrequirements = 1;
	bool does = pack_run_tests(&alone, NULL, out, &run) == 0;
	fclose(out);
	free(text);
	return does;
}

static struct pack_row run_of(struct pack_cell cells[2], const char *probe, const char *status)
{
	cells[0] = (struct pack_cell){ .column = "probe", .text = probe };
	cells[1] = (struct pack_cell){ .column = "status", .text = status };
	return (struct pack_row){ .table = "probe_run", .cells = cells, .ncells = 2 };
}

/* Silence is never consent: without any fact nothing is decided, whether all probes were complete or none. What was looked at
 * is the one thing that complete probes alone tell. */
static void test_nothing_gives_nothing(void **state)
{
	(void)state;
	struct packs *packs = load();
	for (int complete = 0; complete <= 1; complete++)
		for (size_t i = 0; i < ROWS; i++) {
			struct pack_row runs[PROBES];
			struct pack_cell cells[PROBES][2];
			for (size_t k = 0; k < PROBES; k++)
				runs[k] = run_of(cells[k], probes[k], complete ? "complete" : "partial");
			struct pack_test test = { .gives = VERDICT_INCONCLUSIVE, .rows = runs, .nrows = PROBES };
			if (complete && strcmp(rows[i], "ecosystem.inputs") == 0)
				test.gives = VERDICT_PASS;
			if (!gives(packs, row(packs, i), &test))
				fail_msg("%s decides something of nothing", rows[i]);
		}
	packs_free(packs);
}

/* docs/measures.md has every measure, in a table of its own words. */
static void test_measures_are_documented(void **state)
{
	(void)state;
	const char *folder = getenv("ASSAY_DOCS");
	char path[4096], cell[120];
	static char page[65536];
	snprintf(path, sizeof path, "%s/measures.md", folder ? folder : "docs");
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	page[fread(page, 1, sizeof page - 1, f)] = 0;
	fclose(f);
	struct packs *packs = load();
	const struct pack *p = packs_find(packs, "nist-trust");
	size_t n = 0;
	for (size_t i = 0; i < p->nrequirements; i++)
		for (size_t k = 0; k < p->requirements[i].nmeasures; k++, n++) {
			snprintf(cell, sizeof cell, "| `%s` |", p->requirements[i].measures[k].name);
			if (!strstr(page, cell))
				fail_msg("%s of %s is not in %s", p->requirements[i].measures[k].name, p->requirements[i].id, path);
		}
	assert_true(n > 50);
	packs_free(packs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_there),
		cmocka_unit_test(test_nothing_gives_nothing),
		cmocka_unit_test(test_measures_are_documented),
	};
	case_one_thread();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
