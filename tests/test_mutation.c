/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No PASS survives the removal of its evidence or a probe that did not run to its end: every requirement of every built-in
 * pack, by the tests that the packs carry. And the engine finds what would survive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "judge/judge.h"
#include "judge/query.h"
#include "probe_names.h"

static void test_built_in_packs(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error error = { 0 };
	assert_non_null(packs);
	if (!packs_check_builtins(packs, &error))
		fail_msg("%s", error.text);
	size_t wrong = 0, run;
	for (size_t i = 0; i < packs_count(packs); i++) {
		struct query_budget all = query_budget_of_tests(), whole = all;
		wrong += pack_run_mutations(packs_get(packs, i), &all, stderr, &run);
		/* An honest pack of this size is far from it. */
		print_message("%s: judged %zu times, %.1f %% of the work that may be\n", packs_get(packs, i)->file, run,
					  100.0 * (double)(whole.steps - all.steps) / (double)whole.steps);
		assert_true(whole.steps - all.steps < whole.steps / 5);
	}
	packs_free(packs);
	assert_int_equal(wrong, 0);
}

#define HEAD                                                                                                           \
	"pack: p\ntitle: A pack\nversion: 1\nsource: {name: N}\nrequirements:\n  - id: p.a\n    title: T\n"              \
	"    severity: low\n    because: B\n    settles: S\n"

static size_t shaken(const char *text, char **told, size_t *run)
{
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	const struct pack *p = packs_load_text(packs, "x", text_c(text), &e);
	if (!p)
		fail_msg("%s", e.text);
	size_t size;
	FILE *out = open_memstream(told, &size);
	size_t wrong = pack_run_mutations(p, NULL, out, run);
	fclose(out);
	packs_free(packs);
	return wrong;
}

/* Evidence that stands for itself, by two ways, by word and by a number: all of it falls. */
static void test_honest(void **state)
{
	(void)state;
	char *told = NULL;
	size_t run;
	assert_int_equal(shaken(HEAD
		"    about: declaration\n"
		"    needs: [firmware.unpack]\n"
		"    applies: SELECT 1 FROM account WHERE user = 'root'\n"
		"    not_applicable: N\n"
		"    declared: SELECT 'declaration' AS table_name, id AS row_id, value AS says FROM declaration\n"
		"    passes:\n"
		"      - needs: [firmware.accounts]\n"
		"        query: SELECT 'account' AS table_name, id AS row_id, user AS says FROM account WHERE state = 'locked'\n"
		"      - needs: [firmware.elf]\n"
		"        query: SELECT 'elf' AS table_name, id AS row_id, machine AS says FROM elf\n"
		"    measures:\n"
		"      - {name: n, title: T, unit: u, formula: F, needs: [firmware.keys], value: SELECT count(*) AS value FROM private_key,\n"
		"         rows: \"SELECT 'private_key' AS table_name, id AS row_id, type AS says FROM private_key\",\n"
		"         thresholds: [{gives: PASS, below: 3, source: S}]}\n"
		"    tests:\n"
		"      - {gives: NOT APPLICABLE, measures: {n: 0}}\n"
		"      - {gives: INCONCLUSIVE, facts: {account: [{user: root}]}}\n"
		"      - {gives: PASS, facts: {account: [{user: root, state: locked}, {user: b, state: locked}], elf: [{machine: arm}]}}\n"
		"      - {gives: PASS, facts: {account: [{user: root}], elf: [{machine: arm}]}}\n"
		"      - {gives: PASS, basis: evidence, facts: {account: [{user: root}], private_key: [{type: rsa}]}}\n"
		"      - {gives: PASS, basis: declaration, facts: {account: [{user: root}], declaration: [{value: x}]}}\n",
		&told, &run), 0);
	assert_string_equal(told, "");
	assert_true(run > 30);
	free(told);
}

/* A PASS that points at something else for each row that is taken away never ends by its evidence: it is told. */
static void test_laundered(void **state)
{
	(void)state;
	char *told = NULL;
	size_t run;
	/* Whatever is there, the first blob that is left is "evidence": a case always has one more. */
	assert_true(shaken(HEAD
		"    needs: [firmware.unpack]\n"
		"    passes: SELECT 'blob' AS table_name, min(id) AS row_id, 'no bad one' AS says FROM blob HAVING min(id) IS NOT NULL\n"
		"    tests:\n"
		"      - {gives: PASS, facts: {blob: [{path: /a}, {path: /b}, {path: /c}, {path: /d}, {path: /e}, {path: /f}, {path: /g},"
		" {path: /h}, {path: /i}]}}\n"
		"      - {gives: INCONCLUSIVE, facts: {probe_run: [{probe: firmware.unpack, status: partial}]}}\n",
		&told, &run) > 0);
	assert_non_null(strstr(told, "x:14: p.a: its evidence is away, again and again, and the verdict is still PASS: no bad one"));
	free(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_honest),
		cmocka_unit_test(test_laundered),
		cmocka_unit_test(test_built_in_packs),
	};
	case_one_thread();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
