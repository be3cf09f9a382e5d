/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in packs as a whole: each row of the mission's list is answered, and the mapping between the packs agrees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/probes.h"
#include "judge/mapping.h"

#define ROWS_MAX 256u

struct row {
	char id[96], answers[512];
};

static struct row rows[ROWS_MAX];
static size_t nrows;
static struct packs *packs;

static int load(void **state)
{
	(void)state;
	struct pack_error e = { 0 };
	const char *folder = getenv("ASSAY_GUIDELINES");
	char path[4096], line[1024];
	packs = packs_new(probe_names());
	if (!packs || !packs_load_builtins(packs, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return -1;
	}
	snprintf(path, sizeof path, "%s/mission.tsv", folder ? folder : "guidelines");
	FILE *f = fopen(path, "r");
	if (!f)
		return -1;
	while (nrows < ROWS_MAX && fgets(line, sizeof line, f))
		if (*line != '#' && sscanf(line, "%95[^\t]\t%511[^\n]", rows[nrows].id, rows[nrows].answers) == 2)
			nrows++;
	fclose(f);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	packs_free(packs);
	return 0;
}

/* Whether something can be found about it: for, against, or a number. */
static bool decides(const struct requirement *r)
{
	if (requirement_can_give(r, VERDICT_FAIL) || requirement_can_give(r, VERDICT_PASS) || r->nmeasures > 0)
		return true;
	for (size_t i = 0; i < r->nparts; i++)
		if (decides(r->parts[i]))
			return true;
	return false;
}

static void test_rows_are_answered(void **state)
{
	(void)state;
	size_t unanswered = 0;
	assert_true(nrows > 80);
	for (size_t i = 0; i < nrows; i++) {
		char answers[512], *rest = NULL;
		bool decided = false;
		snprintf(answers, sizeof answers, "%s", rows[i].answers);
		for (char *id = strtok_r(answers, " ", &rest); id; id = strtok_r(NULL, " ", &rest)) {
			const struct requirement *r = packs_requirement(packs, id, NULL);
			if (!r)
				fail_msg("%s: no requirement %s is in the packs", rows[i].id, id);
			decided |= decides(r);
		}
		if (!decided)
			print_error("%s: neither a query nor a number decides anything of it\n", rows[i].id);
		unanswered += !decided;
	}
	assert_int_equal(unanswered, 0);
}

static bool is_row(const char *id)
{
	for (size_t i = 0; i < nrows; i++)
		if (strcmp(rows[i].id, id) == 0)
			return true;
	return false;
}

/* The list itself lies beside the project, where it does. */
static void test_rows_are_the_list(void **state)
{
	(void)state;
	const char *shared = getenv("ASSAY_SHARED");
	char path[4096], line[8192];
	size_t n = 0;
	snprintf(path, sizeof path, "%s/guidelines/requirements.tsv", shared ? shared : "../shared");
	FILE *f = fopen(path, "r");
	if (!f) {
		print_message("skipped: %s is not here\n", path);
		skip();
	}
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\t\n")] = 0;
		if (!*line || strcmp(line, "id") == 0)
			continue;
		if (!is_row(line))
			fail_msg("%s: %s is not in guidelines/mission.tsv", path, line);
		n++;
	}
	fclose(f);
	assert_int_equal(n, nrows);
}

static void test_mapping_agrees(void **state)
{
	(void)state;
	assert_int_equal(mapping_faults(packs, stderr), 0);
}

#define HEAD(id, name) "pack: " id "\ntitle: T\nversion: 1\nsource: {name: " name "}\nrequirements:\n"
#define REQUIREMENT(id, refs) "  - {id: " id ", title: T, severity: low, because: B, settles: S, references: [" refs "]}\n"

/* What a reference names, and what is wrong with one. */
static void test_mapping(void **state)
{
	(void)state;
	struct packs *two = packs_new(probe_names());
	struct pack_error e = { 0 };
	assert_non_null(packs_load_text(two, "a",
									text_c(HEAD("a", "Law") REQUIREMENT("a.1-2a", "{standard: Rule, id: X}, {standard: T, id: b.y}, {standard: Wrong, id: b.y}")
											   REQUIREMENT("a.1-2b", "{standard: Other, id: 7}") REQUIREMENT("a.1-20", "")),
									&e));
	assert_non_null(packs_load_text(two, "b",
									text_c(HEAD("b", "Rule") REQUIREMENT("b.x", "{standard: Law, id: 1-2}")
											   REQUIREMENT("b.y", "{standard: Law, id: 1-2A}, {standard: Law, id: 1-3}")),
									&e));
	const struct requirement *found[REFERENCED_MAX], *x = packs_requirement(two, "b.x", NULL);
	/* A number that was split names its parts, and no other. */
	assert_int_equal(mapping_referenced(two, &x->references[0], found), 2);
	assert_string_equal(found[0]->id, "a.1-2a");
	assert_string_equal(found[1]->id, "a.1-2b");
	assert_true(mapping_refers(two, x, packs_requirement(two, "a.1-2a", NULL)));
	assert_false(mapping_refers(two, x, packs_requirement(two, "a.1-20", NULL)));
	/* b.x names a.1-2b, which does not name it; b.y names what is not there; a.1-2a gives b.y a name that is none. */
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	assert_int_equal(mapping_faults(two, out), 3);
	fclose(out);
	assert_non_null(strstr(text, "b.x refers to a.1-2b, which does not refer back"));
	assert_non_null(strstr(text, "b.y refers to Law, 1-3, which is not there"));
	assert_non_null(strstr(text, "a.1-2a refers to b.y of `Wrong`, expected `T`"));
	free(text);
	packs_free(two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mapping),
		cmocka_unit_test(test_rows_are_answered),
		cmocka_unit_test(test_rows_are_the_list),
		cmocka_unit_test(test_mapping_agrees),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
