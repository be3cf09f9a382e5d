/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every pack in guidelines/ loads, and gives the verdicts that its own tests ask for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "judge/judge.h"
#include "probe_names.h"

enum { PROBES = sizeof probes / sizeof probes[0] - 1 };

static const char *folder(void)
{
	const char *dir = getenv("ASSAY_GUIDELINES");
	return dir ? dir : "guidelines";
}

static size_t test_one(const struct pack *p)
{
	size_t run, wrong = pack_run_tests(p, NULL, stderr, &run);
	print_message("%s: %zu requirements, %zu tests\n", p->file, p->nrequirements, run);
	assert_true(run > 0 || p->nrequirements > 0);
	return wrong;
}

static void test_all_packs(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error error = { 0 };
	assert_non_null(packs);
	if (!packs_check_builtins(packs, &error))
		fail_msg("%s", error.text);
	size_t wrong = 0;
	for (size_t i = 0; i < packs_count(packs); i++)
		wrong += test_one(packs_get(packs, i));
	packs_free(packs);
	assert_int_equal(wrong, 0);
}

static void assert_same(const char *a, const char *b, const char *id)
{
	if (strcmp(a ? a : "", b ? b : "") != 0)
		fail_msg("%s: %s, expected %s", id, a ? a : "(none)", b ? b : "(none)");
}

static void assert_same_requirement(const struct requirement *a, const struct requirement *b)
{
	const char *const texts[][2] = {
		{ a->id, b->id }, { a->title, b->title }, { a->severity, b->severity }, { a->because, b->because }, { a->fails, b->fails },
		{ a->applies, b->applies }, { a->declared, b->declared }, { a->missing, b->missing }, { a->settles, b->settles },
		{ a->remedy, b->remedy }, { a->origin->id, b->origin->id }, { a->home->id, b->home->id },
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_same(texts[i][0], texts[i][1], b->id);
	assert_int_equal(a->about, b->about);
	assert_int_equal(a->nneeds, b->nneeds);
	assert_int_equal(a->nways, b->nways);
	assert_int_equal(a->nparts, b->nparts);
	assert_int_equal(a->nmeasures, b->nmeasures);
	assert_int_equal(a->nreferences, b->nreferences);
	for (size_t i = 0; i < a->nways; i++)
		assert_same(a->ways[i].query, b->ways[i].query, b->id);
	for (size_t i = 0; i < a->nmeasures; i++)
		assert_same(a->measures[i].value, b->measures[i].value, b->id);
	assert_int_equal(a->ntests, 0);
	assert_int_equal(a->line, b->line);
}

/* What judges is what was tested: the packs without their tests are the same packs. */
static void test_without_tests(void **state)
{
	(void)state;
	struct packs *bare = packs_new(probes), *whole = packs_new(probes);
	struct pack_error error = { 0 };
	if (!packs_load_builtins(bare, &error) || !packs_check_builtins(whole, &error))
		fail_msg("%s", error.text);
	assert_int_equal(packs_count(bare), packs_count(whole));
	for (size_t i = 0; i < packs_count(whole); i++) {
		const struct pack *a = packs_get(bare, i), *b = packs_get(whole, i);
		assert_same(a->id, b->id, b->id);
		assert_int_equal(a->nviews, b->nviews);
		assert_int_equal(a->nrequirements, b->nrequirements);
		for (size_t k = 0; k < a->nviews; k++)
			assert_same(a->views[k].sql, b->views[k].sql, b->views[k].name);
		for (size_t k = 0; k < a->nrequirements; k++)
			assert_same_requirement(&a->requirements[k], &b->requirements[k]);
	}
	packs_free(bare);
	packs_free(whole);
}

/* A file in guidelines/ that is not in the list of meson.build would be judged by nobody. */
static void test_all_are_built_in(void **state)
{
	(void)state;
	char pattern[4096];
	glob_t found;
	snprintf(pattern, sizeof pattern, "%s/*.yaml", folder());
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + 1;
		const struct pack_builtin *b = pack_builtins;
		while (b->name && !strstr(b->name, name))
			b++;
		if (!b->name)
			fail_msg("%s is not built in: add it to meson.build", found.gl_pathv[i]);
	}
	globfree(&found);
}

/* The mission names 46 requirements of Mozilla; none may get lost. */
static void test_mozilla_is_whole(void **state)
{
	(void)state;
	char path[4096];
	snprintf(path, sizeof path, "%s/mozilla.yaml", folder());
	struct packs *packs = packs_new(probes);
	struct pack_error error;
	const struct pack *p = packs_load_file(packs, path, &error);
	if (!p)
		fail_msg("%s", error.text);
	assert_int_equal(p->nrequirements, 46);
	size_t sections[5] = { 0 };
	static const char *const prefixes[5] = { "mozilla.encryption.", "mozilla.updates.", "mozilla.vulnerability.",
											 "mozilla.passwords.", "mozilla.privacy." };
	for (size_t i = 0; i < p->nrequirements; i++)
		for (size_t k = 0; k < 5; k++)
			sections[k] += strncmp(p->requirements[i].id, prefixes[k], strlen(prefixes[k])) == 0;
	static const size_t expected[5] = { 10, 9, 5, 10, 11 };
	assert_memory_equal(sections, expected, sizeof expected);
	packs_free(packs);
}

/* GSMA's six steps are nine requirements, each of which can fail and pass. */
static void test_gsma_is_whole(void **state)
{
	(void)state;
	static const char *const ids[] = { "gsma.1.data-inventory", "gsma.1.consent",   "gsma.2.legal",
									   "gsma.3.secure-flows",   "gsma.3.contracts", "gsma.4.pia",
									   "gsma.5.awareness",      "gsma.6.combination", "gsma.6.change" };
	enum { N = sizeof ids / sizeof ids[0] };
	char path[4096];
	snprintf(path, sizeof path, "%s/gsma-privacy.yaml", folder());
	struct packs *packs = packs_new(probes);
	struct pack_error error;
	const struct pack *p = packs_load_file(packs, path, &error);
	if (!p)
		fail_msg("%s", error.text);
	assert_int_equal(p->nrequirements, N);
	for (size_t i = 0; i < N; i++) {
		const struct requirement *r = pack_requirement(p, ids[i]);
		assert_non_null(r);
		bool gives[VERDICTS] = { false };
		for (size_t k = 0; k < r->ntests; k++)
			gives[r->tests[k].gives] = true;
		assert_true(gives[VERDICT_PASS] && gives[VERDICT_FAIL] && gives[VERDICT_INCONCLUSIVE]);
	}
	packs_free(packs);
}

/* An image of which nothing could be opened is INCONCLUSIVE in every point: neither passed nor not applicable. */
static void test_opaque_image(void **state)
{
	(void)state;
	char path[4096];
	snprintf(path, sizeof path, "%s/mozilla.yaml", folder());
	struct packs *packs = packs_new(probes);
	struct pack_error error;
	const struct pack *p = packs_load_file(packs, path, &error);
	assert_non_null(p);
	for (size_t i = 0; i < p->nrequirements; i++) {
		struct pack_row rows[PROBES];
		struct pack_cell cells[PROBES][2];
		for (size_t k = 0; k < PROBES; k++) {
			cells[k][0] = (struct pack_cell){ .column = "probe", .text = probes[k] };
			cells[k][1] = (struct pack_cell){ .column = "status", .text = "partial" };
			rows[k] = (struct pack_row){ .table = "probe_run", .cells = cells[k], .ncells = 2 };
		}
		struct pack_test test = { .gives = VERDICT_INCONCLUSIVE, .rows = rows, .nrows = PROBES };
		struct requirement r = p->requirements[i];
		r.tests = &test;
		r.ntests = 1;
		struct pack alone = *p;
		alone.requirements = &r;
		alone.nrequirements = 1;
		size_t run;
		assert_int_equal(pack_run_tests(&alone, NULL, stderr, &run), 0);
	}
	packs_free(packs);
}

/* The worked example of the documentation loads after the built-in packs and passes its own tests. */
static void test_documented_example(void **state)
{
	(void)state;
	const char *page = getenv("ASSAY_DOCS");
	char path[4096];
	snprintf(path, sizeof path, "%s/pack-format.md", page ? page : "docs");
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	char text[65536];
	size_t n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = 0;
	char *begin = strstr(text, "\n```yaml\n"), *end = begin ? strstr(begin + 9, "\n```\n") : NULL;
	assert_non_null(end);

	struct packs *packs = packs_new(probes);
	struct pack_error error;
	snprintf(path, sizeof path, "%s/mozilla.yaml", folder());
	assert_non_null(packs_load_file(packs, path, &error));
	const struct pack *p = packs_load_text(packs, "example", text_of(begin + 9, (size_t)(end - begin) - 8), &error);
	if (!p)
		fail_msg("%s", error.text);
	size_t run;
	assert_int_equal(pack_run_tests(p, NULL, stderr, &run), 0);
	assert_int_equal(run, 9);
	assert_int_equal(p->nrequirements, 46 + 5);
	packs_free(packs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_packs),
		cmocka_unit_test(test_all_are_built_in),
		cmocka_unit_test(test_without_tests),
		cmocka_unit_test(test_mozilla_is_whole),
		cmocka_unit_test(test_gsma_is_whole),
		cmocka_unit_test(test_opaque_image),
		cmocka_unit_test(test_documented_example),
	};
	case_one_thread();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
