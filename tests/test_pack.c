/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pack loader refuses, and where it says that it is wrong. Lines and columns are counted by hand. */
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

static const char *const probes[] = { "firmware.unpack", "firmware.accounts", "product.read", NULL };

#define HEAD                                                                                                           \
	"pack: p\n"                                                                                                        \
	"title: A pack\n"                                                                                                  \
	"version: 1\n"                                                                                                     \
	"source: {name: N}\n" /* line 4 */

#define REQUIREMENT                                                                                                    \
	"requirements:\n"                                                                                                  \
	"  - id: p.a\n"                                                                                                    \
	"    title: T\n"                                                                                                   \
	"    severity: low\n"                                                                                              \
	"    because: B\n"                                                                                                 \
	"    settles: S\n" /* lines 5 to 10 */

#define FAILS                                                                                                          \
	"    fails: SELECT 'account' AS table_name, id AS row_id, user AS says FROM account WHERE password IS NOT NULL\n"
#define TESTS                                                                                                          \
	"    tests:\n"                                                                                                     \
	"      - gives: FAIL\n"                                                                                            \
	"        facts: {account: [{user: root, password: x}]}\n"                                                          \
	"      - gives: INCONCLUSIVE\n"

/* Line 11, and 12 on */
#define ROWS "SELECT 'account' AS table_name, id AS row_id, user AS says FROM account"
#define WAYS(ways) HEAD REQUIREMENT "    passes: " ways "\n"
#define MEASURE(more) HEAD REQUIREMENT "    measures:\n      - {name: n, title: T, unit: u, formula: F, " more "}\n"
#define COUNTS "value: SELECT count(*) AS value FROM account"
#define COUNTED(more) MEASURE(COUNTS ", rows: \"" ROWS "\"" more)
/* Line 11 */
#define SQL(sql) HEAD REQUIREMENT "    fails: " sql "\n" TESTS
/* Line 14, column 17 */
#define FACTS(facts) HEAD REQUIREMENT FAILS "    tests:\n      - gives: FAIL\n        facts: " facts "\n"
/* From line 5: id in line 6, column 9; severity in line 8, column 15 */
#define ONLY(id, severity)                                                                                             \
	HEAD "requirements:\n  - id: " id "\n    title: T\n    severity: " severity "\n    because: B\n    settles: S\n"

static const struct {
	const char *text;
	unsigned line, column;
	const char *says; /* part of the complaint */
} refused[] = {
	/* YAML */
	{ "", 0, 0, "nothing in it, expected a pack" },
	{ "pack: [\n", 2, 1, "expected YAML" },
	{ "pack: p\n\ttitle: x\n", 2, 1, "expected YAML" },
	{ "- a\n", 1, 1, "`a pack` is a list, expected a mapping" },
	{ HEAD REQUIREMENT "---\n" HEAD, 11, 1, "a second document" },
	{ "pack: &a p\ntitle: *a\n", 1, 7, "an anchor" },
	{ "pack: p\ntitle: *a\n", 2, 8, "an alias" },
	{ "pack: !!str p\n", 1, 7, "a tag" },
	{ "a: [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]\n", 1, 15, "nested too deeply" },
	{ "pack: \xff\n", 0, 0, "expected UTF-8" },
	/* Keys and types */
	{ HEAD "fails: x\n", 5, 1, "unknown key `fails` in a pack, expected one of pack, title" },
	{ "pack: p\ntitle: T\nversion: 1\n", 1, 1, "a pack without `source`" },
	{ "pack: p\npack: q\n", 2, 1, "`pack` for the second time" },
	{ "pack: [p]\n", 1, 7, "`pack` is a list, expected a text" },
	{ "pack: ''\n", 1, 7, "`pack` is empty" },
	{ "pack: \"a\\0b\"\n", 1, 7, "a NUL character" },
	{ "pack: Big\ntitle: T\nversion: 1\nsource: {name: N}\n", 1, 7, "the pack's id `Big`" },
	{ HEAD "requirements: x\n", 5, 15, "`requirements` is a text, expected a list" },
	{ HEAD "requirements: []\n", 1, 1, "no requirements" },
	{ HEAD "source: {nam: N}\n", 5, 1, "`source` for the second time" },
	{ "pack: p\ntitle: T\nversion: 1\nsource: {nam: N}\n", 4, 10, "unknown key `nam` in source" },
	{ HEAD "requirements:\n  - id: p.a\n    titel: T\n", 7, 5, "unknown key `titel` in a requirement" },
	{ HEAD "requirements:\n  - id: p.a\n    title: T\n", 6, 5, "a requirement without `severity`" },
	{ HEAD REQUIREMENT "    needs: [1, firmware.acounts]\n", 11, 13, "unknown probe `1`" },
	{ HEAD REQUIREMENT "    needs: [firmware.acounts]\n", 11, 13,
	  "unknown probe `firmware.acounts`, expected one of firmware.unpack, firmware.accounts, product.read" },
	{ HEAD REQUIREMENT "    remedy: {text: T, commando: x}\n", 11, 23, "unknown key `commando` in remedy" },
	{ HEAD REQUIREMENT "    references: [{standard: X}]\n", 11, 18, "a reference without `id`" },
	/* Ids and severities */
	{ ONLY("q.a", "low"), 6, 9, "the id `q.a`" },
	{ ONLY("p.", "low"), 6, 9, "the id `p.`" },
	{ HEAD REQUIREMENT "  - id: p.a\n    title: T\n    severity: low\n    because: B\n    settles: S\n", 11, 9,
	  "the id `p.a` for the second time (first in line 6)" },
	{ ONLY("p.a", "terrible"), 8, 15, "the severity `terrible`, expected critical, high, medium or low" },
	/* SQL: place and complaint */
	{ SQL("SELEC 1"), 11, 12, "syntax error" },
	{ SQL("|\n      SELECT 'a' AS table_name,\n        nonsense AS row_id"), 13, 9, "no such column: nonsense" },
	{ SQL("|\n      SELECT 1 FROM nowhere"), 12, 7, "no such table: nowhere" },
	{ SQL("SELECT id AS row_id, user AS says FROM account"), 11, 12, "fails gives no column `table_name`" },
	{ SQL("SELECT 'account' AS table_name, user AS says FROM account"), 11, 12, "no column `row_id`" },
	{ SQL("SELECT 'account' AS table_name, id AS row_id FROM account"), 11, 12, "no column `says`" },
	{ SQL("SELECT 1; SELECT 2"), 11, 12, "a second statement" },
	{ SQL("|\n      SELECT 1;\n      DELETE FROM account"), 12, 16, "a second statement" },
	{ SQL("-- nothing"), 11, 12, "no statement" },
	{ SQL("DELETE FROM account"), 11, 12, "not allowed" },
	{ SQL("INSERT INTO account(blob_id) VALUES(1)"), 11, 12, "anything but SELECT is not allowed" },
	{ SQL("ATTACH '/etc/passwd' AS x"), 11, 12, "ATTACH and DETACH is not allowed" },
	{ SQL("PRAGMA writable_schema = 1"), 11, 12, "PRAGMA writable_schema is not allowed" },
	{ SQL("SELECT load_extension('x')"), 11, 12, "the function load_extension is not allowed" },
	{ SQL("SELECT randomblob(9)"), 11, 12, "the function randomblob is not allowed" },
	{ SQL("SELECT date('now')"), 11, 12, "the function date is not allowed" },
	{ SQL("SELECT sql FROM sqlite_master"), 11, 12, "reading the table sqlite_master is not allowed" },
	{ SQL("SELECT verdict FROM verdict"), 11, 12, "reading the table verdict is not allowed" },
	{ SQL("SELECT * FROM pragma_table_info('account')"), 11, 12, "not allowed" },
	{ SQL("SELECT 'account' AS table_name, id AS row_id, ? AS says FROM account"), 11, 12, "a parameter" },
	/* Keys that belong together */
	{ HEAD REQUIREMENT FAILS, 6, 5, "p.a: no `tests`" },
	{ HEAD REQUIREMENT FAILS "    tests: []\n", 6, 5, "p.a: no `tests`" },
	{ HEAD REQUIREMENT FAILS "    tests: [{gives: FAIL, facts: {}}]\n", 6, 5, "no test that gives INCONCLUSIVE" },
	{ HEAD REQUIREMENT "    passes: SELECT 'account' AS table_name, id AS row_id, user AS says FROM account\n" TESTS, 6,
	  5, "p.a: `passes` without `needs`" },
	{ HEAD REQUIREMENT "    needs: [firmware.unpack]\n", 6, 5, "`needs` without a query" },
	{ HEAD REQUIREMENT "    applies: SELECT 1 FROM account\n    needs: [firmware.unpack]\n" TESTS, 6, 5,
	  "one of `applies` and `not_applicable`" },
	{ HEAD REQUIREMENT "    not_applicable: N\n" FAILS TESTS, 6, 5, "one of `applies` and `not_applicable`" },
	{ HEAD REQUIREMENT
	  "    missing: SELECT 'account' AS table_name, id AS row_id, user AS says FROM account\n" FAILS TESTS,
	  6, 5, "p.a: `missing` without `needs`" },
	{ HEAD REQUIREMENT "    needs: [firmware.unpack]\n"
					   "    missing: SELECT 'account' AS table_name, id AS row_id, user AS says FROM account\n",
	  6, 5, "p.a: `missing` without another query" },
	{ HEAD REQUIREMENT "    missing: SELECT user AS says FROM account\n", 11, 14,
	  "missing gives no column `table_name`" },
	/* What it is about, and what is declared */
	{ HEAD REQUIREMENT "    about: produkt\n", 11, 12, "`about` is `produkt`, expected product or declaration" },
	{ HEAD REQUIREMENT "    declared: SELECT 1\n", 11, 15, "declared gives no column `table_name`" },
	{ HEAD REQUIREMENT "    declared: DELETE FROM declaration\n", 11, 15, "not allowed" },
	{ HEAD REQUIREMENT "    declared: PRAGMA user_version\n", 11, 15, "PRAGMA user_version is not allowed" },
	{ HEAD REQUIREMENT "    declared: " ROWS "\n", 6, 5, "p.a: no `tests`" },
	{ HEAD REQUIREMENT "    declared: " ROWS "\n    tests: [{gives: INCONCLUSIVE}]\n", 6, 5,
	  "p.a: no test with `basis: declared`" },
	{ HEAD REQUIREMENT "    about: declaration\n    declared: " ROWS "\n    tests: [{gives: INCONCLUSIVE}]\n", 6, 5,
	  "p.a: no test that gives PASS" },
	/* Ways */
	{ WAYS("{a: b}"), 11, 13, "`passes` is a mapping, expected a text" },
	{ WAYS("[]"), 11, 13, "`passes` is a list of 0 ways, expected 1 to 16" },
	{ WAYS("[x]"), 11, 14, "`a way of `passes`` is a text, expected a mapping" },
	{ WAYS("[{query: SELECT 1}]"), 11, 14, "a way of `passes` without `needs`" },
	{ WAYS("[{needs: [], query: SELECT 1}]"), 11, 22, "`needs` is empty" },
	{ WAYS("[{needs: [firmware.x], query: SELECT 1}]"), 11, 23, "unknown probe `firmware.x`" },
	{ WAYS("[{needs: [product.read], query: SELECT 1}]"), 11, 45, "query gives no column `table_name`" },
	{ WAYS("[{needs: [product.read], query: ATTACH 'x' AS y}]"), 11, 45, "ATTACH and DETACH is not allowed" },
	{ WAYS("[{needs: [product.read], query: \"" ROWS "\", passes: x}]"), 11, 120, "unknown key `passes` in a way" },
	{ WAYS("[{needs: [product.read], query: \"" ROWS "\"}]\n    needs: [product.read]"), 12, 12,
	  "`needs` beside a list of ways" },
	/* Measures */
	{ HEAD REQUIREMENT "    measures: []\n", 11, 15, "0 measures, expected 1 to 16" },
	{ HEAD REQUIREMENT "    measures: [x]\n", 11, 16, "`a measure` is a text, expected a mapping" },
	{ HEAD REQUIREMENT "    measures: [{name: n}]\n", 11, 16, "a measure without `title`" },
	{ HEAD REQUIREMENT "    measures:\n      - {name: N, title: T, unit: u, formula: F, " COUNTS "}\n", 12, 16,
	  "the measure `N`" },
	{ MEASURE("value: SELECT count(*) FROM account"), 12, 57, "value gives no column `value`" },
	{ MEASURE("value: SELEC"), 12, 57, "value: near" },
	{ MEASURE("value: DELETE FROM account"), 12, 57, "not allowed" },
	{ MEASURE("value: PRAGMA user_version"), 12, 57, "PRAGMA user_version is not allowed" },
	{ MEASURE("value: SELECT random() AS value"), 12, 57, "the function random is not allowed" },
	{ MEASURE("value: SELECT 1 AS value; SELECT 2"), 12, 57, "a second statement" },
	{ MEASURE("value: 'SELECT ? AS value'"), 12, 57, "a parameter" },
	{ MEASURE(COUNTS ", rows: SELECT 1"), 12, 102, "rows gives no column `table_name`" },
	{ MEASURE(COUNTS ", better: bigger"), 12, 104, "`better` is `bigger`, expected lower or higher" },
	{ MEASURE(COUNTS ", thresholds: [{gives: FAIL, above: 1}]"), 12, 109, "a threshold without `source`" },
	{ MEASURE(COUNTS ", thresholds: [{gives: FAIL, above: 1, source: S}]"), 12, 109,
	  "a threshold of a measure without `rows`" },
	{ COUNTED(", thresholds: [{gives: FAIL, above: 1, below: 0, source: S}]"), 12, 190,
	  "expected one of `above` and `below`" },
	{ COUNTED(", thresholds: [{gives: FAIL, source: S}]"), 12, 190, "expected one of `above` and `below`" },
	{ COUNTED(", thresholds: [{gives: MAYBE, above: 1, source: S}]"), 12, 198, "a threshold that gives `MAYBE`" },
	{ COUNTED(", thresholds: [{gives: PASS, above: 1, source: S}]"), 12, 190, "without `needs` of the measure" },
	{ COUNTED(", thresholds: [{gives: FAIL, above: nan, source: S}]"), 12, 211, "`above` is `nan`, expected a number" },
	{ COUNTED(", thresholds: [{gives: FAIL, above: 1e999, source: S}]"), 12, 211,
	  "`above` is `1e999`, expected a number" },
	{ COUNTED(", thresholds: [{gives: FAIL, above: 0x10, source: S}]"), 12, 211, "expected a number" },
	{ COUNTED("") "    tests: [{gives: INCONCLUSIVE}]\n", 6, 5, "no test that says the value of the measure `n`" },
	{ COUNTED("") "    tests: [{gives: INCONCLUSIVE, measures: {m: 1}}]\n", 13, 46,
	  "the measure `m`, expected one of" },
	{ COUNTED("") "    tests: [{gives: INCONCLUSIVE, measures: {n: x}}]\n", 13, 49, "`n` is `x`, expected a number" },
	{ COUNTED("") "    tests: [{gives: INCONCLUSIVE, measures: {n: 1, n: 2}}]\n", 13, 52, "`n` for the second time" },
	/* Tests of requirements */
	{ HEAD REQUIREMENT FAILS "    tests: [{gives: FAIL, basis: word}]\n", 12, 34,
	  "the basis `word`, expected evidence" },
	{ FACTS("{input: [{kind: document}]}"), 14, 25, "an input, expected a `kind` and a `location`" },
	{ FACTS("{input: [{kind: document, location: x, id: 2}]}"), 14, 55, "the table input has no column `id`" },
	{ HEAD REQUIREMENT FAILS "    tests:\n      - gives: MAYBE\n", 13, 16, "the verdict `MAYBE`" },
	{ HEAD REQUIREMENT FAILS "    tests:\n      - facts: {}\n", 13, 9, "a test without `gives`" },
	{ FACTS("{acount: []}"), 14, 17, "unknown table `acount`" },
	{ FACTS("{account: [{usr: x}]}"), 14, 28, "the table account has no column `usr`" },
	{ FACTS("{account: [{uid: root}]}"), 14, 33, "`uid` is `root`, expected a decimal number" },
	{ FACTS("{account: [{user: a, user: b}]}"), 14, 37, "`user` for the second time" },
	{ FACTS("{elf: [{pie: maybe}]}"), 14, 29, "expected true, false or null" },
	{ FACTS("{software: []}"), 14, 17, "unknown table `software`" },
	{ FACTS("{vulnerability: [{id: 1}]}"), 14, 34, "the table vulnerability has no column `id`" },
	{ FACTS("{vulnerability: [{file: /x}]}"), 14, 34, "the table vulnerability has no column `file`" },
	{ FACTS("{vulnerability: [{kev: yes}]}"), 14, 39, "`kev` is `yes`, expected a decimal number" },
	{ FACTS("{feed_source: [{name: nvd, record: 1}]}"), 14, 43, "the table feed_source has no column `record`" },
	{ FACTS("{probe_run: [{probe: firmware.x, status: partial}]}"), 14, 29, "a probe_run, expected a known `probe`" },
	/* Views */
	{ HEAD "views: {account: SELECT 1}\n" REQUIREMENT, 5, 9, "the view `account`" },
	{ HEAD "views: {Bad: SELECT 1}\n" REQUIREMENT, 5, 9, "the view `Bad`" },
	{ HEAD "views: {v: SELECT 1, v: SELECT 2}\n" REQUIREMENT, 5, 22, "the view `v` for the second time" },
	{ HEAD "views: {v: SELECT 1 FROM w, w: SELECT 2}\n" REQUIREMENT, 5, 12, "no such table: w" },
	{ HEAD "views: {v: DELETE FROM account}\n" REQUIREMENT, 5, 12, "not allowed" },
	/* Composition */
	{ HEAD "include: [q]\n", 5, 11, "no pack `q` is loaded" },
	{ HEAD "exclude: [{id: p.a, reason: R}]\n" REQUIREMENT, 5, 16, "`p.a` is not included" },
	{ HEAD "exclude: [{id: p.a}]\n" REQUIREMENT, 5, 11, "exclude without `reason`" },
	{ HEAD "requirements: [{id: p.b, use: q.a}]\n", 5, 31, "no requirement `q.a` is loaded" },
	{ HEAD "requirements: [{id: p.b, use: q.a, fails: SELECT 1}]\n", 5, 31, "no requirement `q.a` is loaded" },
};

static void test_refused(void **state)
{
	(void)state;
	size_t wrong = 0;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct packs *packs = packs_new(probes);
		assert_non_null(packs);
		struct pack_error e;
		const struct pack *p = packs_load_text(packs, "x.yaml", text_c(refused[i].text), &e);
		char place[64] = "x.yaml: ";
		if (refused[i].line)
			snprintf(place, sizeof place, "x.yaml:%u:%u: ", refused[i].line, refused[i].column);
		if (p || strncmp(e.text, place, strlen(place)) != 0 || !strstr(e.text, refused[i].says)) {
			print_error("row %zu: %s\nexpected %s...%s...\n", i, p ? "(loaded)" : e.text, place, refused[i].says);
			wrong++;
		}
		assert_int_equal(packs_count(packs), 0);
		packs_free(packs);
	}
	assert_int_equal(wrong, 0);
}

/* A refused pack leaves nothing behind: the same set takes a good one with the same names. */
static void test_after_refusal(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	assert_null(
		packs_load_text(packs, "bad", text_c(HEAD "views: {v: SELECT 1 AS x}\n" REQUIREMENT "    fails: SELEC\n"), &e));
	assert_non_null(packs_load_text(packs, "good", text_c(HEAD "views: {v: SELECT 1 AS x}\n" REQUIREMENT), &e));
	assert_null(packs_load_text(packs, "again", text_c(HEAD REQUIREMENT), &e));
	assert_non_null(strstr(e.text, "again:1:7: the pack `p` is already loaded from good"));
	packs_free(packs);
}

static void test_loaded(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	const struct pack *p = packs_load_text(
		packs, "good",
		text_c(
			"pack: p\ntitle: A pack\nversion: 1.2\nsource: {name: N, publisher: P, year: 2018, url: 'https://example.com'}\n" REQUIREMENT
			"    section: Sec\n    needs: [firmware.accounts]\n" FAILS
			"    remedy: {text: R, command: C}\n    references: [{standard: X, id: 5.1-1}]\n" TESTS),
		&e);
	if (!p)
		fail_msg("%s", e.text);
	assert_string_equal(p->version, "1.2");
	assert_string_equal(p->source_year, "2018");
	assert_int_equal(p->nrequirements, 1);
	const struct requirement *r = &p->requirements[0];
	assert_string_equal(r->section, "Sec");
	assert_string_equal(r->needs[0], "firmware.accounts");
	assert_string_equal(r->remedy_command, "C");
	assert_string_equal(r->references[0].id, "5.1-1");
	assert_int_equal(r->ntests, 2);
	assert_int_equal(r->line, 6);
	size_t run;
	assert_int_equal(pack_run_tests(p, NULL, stderr, &run), 0);
	assert_int_equal(run, 2);
	packs_free(packs);
}

#define BASE                                                                                                              \
	HEAD REQUIREMENT                                                                                                      \
		"    about: declaration\n"                                                                                        \
		"    declared: SELECT 'declaration' AS table_name, id AS row_id, value AS says FROM declaration\n"                \
		"    passes:\n"                                                                                                   \
		"      - needs: [firmware.unpack]\n"                                                                              \
		"        query: SELECT 'blob' AS table_name, id AS row_id, path AS says FROM blob WHERE format = 'x'\n"           \
		"      - needs: [firmware.accounts]\n"                                                                            \
		"        query: SELECT 'account' AS table_name, id AS row_id, user AS says FROM account\n"                        \
		"    measures:\n"                                                                                                 \
		"      - name: documents\n"                                                                                       \
		"        title: Documents\n"                                                                                      \
		"        unit: documents\n"                                                                                       \
		"        formula: rows of document\n"                                                                             \
		"        needs: [product.read]\n"                                                                                 \
		"        value: SELECT nullif(count(*), 0) AS value FROM document d JOIN blob b ON b.id = d.blob_id JOIN input i" \
		" ON i.id = b.input_id WHERE i.role = 'manual' OR i.location = 'test-document'\n"                                 \
		"        rows: SELECT 'document' AS table_name, id AS row_id, coalesce(title, '-') AS says FROM document\n"       \
		"        better: higher\n"                                                                                        \
		"        thresholds: [{gives: FAIL, above: 2.5, source: S}, {gives: PASS, above: 1, source: S}]\n"
#define BASE_TESTS                                                                                                      \
	"    tests:\n"                                                                                                      \
	"      - {gives: PASS, basis: declaration, measures: {documents: null}, facts: {declaration: [{value: x}]}}\n"      \
	"      - {gives: PASS, basis: evidence, facts: {blob: [{path: /a, format: x}]}}\n"                                  \
	"      - {gives: PASS, basis: evidence, facts: {account: [{user: root}]}}\n"                                        \
	"      - {gives: INCONCLUSIVE, basis: none, measures: {documents: 1}, facts: {document: [{title: A}]}}\n"           \
	"      - {gives: FAIL, measures: {documents: 3}, facts: {document: [{title: A}, {}, {}]}}\n"                        \
	"      - {gives: PASS, measures: {documents: 2}, facts: {input: [{kind: document, location: m.pdf, role: manual}]," \
	" document: [{file: m.pdf}, {file: m.pdf}]}}\n"

/* What tests may say, about verdicts by word, by several ways and by numbers; a pack with all of it may be used by others. */
static void test_word_ways_and_numbers(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	const struct pack *p = packs_load_text(packs, "base", text_c(BASE BASE_TESTS), &e);
	if (!p)
		fail_msg("%s", e.text);
	size_t run;
	assert_int_equal(pack_run_tests(p, NULL, stderr, &run), 0);
	assert_int_equal(run, 6);
	const struct pack *q = packs_load_text(packs, "user",
										   text_c("pack: q\ntitle: Q\nversion: 1\nsource: {name: N}\nrequirements:\n"
												  "  - {id: q.c, use: p.a}\n"),
										   &e);
	if (!q)
		fail_msg("%s", e.text);
	assert_ptr_equal(q->requirements[0].origin, &p->requirements[0]);
	assert_int_equal(q->requirements[0].about, ABOUT_DECLARATION);
	assert_int_equal(q->requirements[0].nways, 2);
	assert_int_equal(q->requirements[0].nmeasures, 1);
	packs_free(packs);
}

/* Tests that say something else, and a way that none takes. */
static void test_word_ways_and_numbers_fail(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	const struct pack *p = packs_load_text(
		packs, "wrong",
		text_c(BASE
			   "    tests:\n"
			   "      - {gives: PASS, basis: evidence, measures: {documents: 1}, facts: {declaration: [{value: x}]}}\n"
			   "      - {gives: PASS, measures: {documents: null}, facts: {document: [{}, {}]}}\n"
			   "      - {gives: FAIL, facts: {document: [{}, {}, {}]}}\n"
			   "      - {gives: INCONCLUSIVE}\n"),
		&e);
	if (!p)
		fail_msg("%s", e.text);
	char *text = NULL;
	size_t size, run;
	FILE *out = open_memstream(&text, &size);
	assert_int_equal(pack_run_tests(p, NULL, out, &run), 4);
	fclose(out);
	assert_non_null(strstr(text, "p.a: gives PASS with the basis declaration, expected evidence: x"));
	assert_non_null(strstr(text, "p.a: measures documents not (there is nothing to measure), expected 1"));
	assert_non_null(strstr(text, "p.a: measures documents as 2, expected null"));
	assert_non_null(strstr(text, "wrong:6: p.a: no test gives PASS by way 1 of `passes`"));
	assert_non_null(strstr(text, "wrong:6: p.a: no test gives PASS by way 2 of `passes`"));
	free(text);
	packs_free(packs);
}

/* Tests that are each within what one query may take are not more than all of them may take together. */
static void test_all_tests_have_a_budget(void **state)
{
	(void)state;
	static const char endless[] = HEAD REQUIREMENT
		"    fails: |\n"
		"      WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000)\n"
		"      SELECT 'account' AS table_name, id AS row_id, user AS says FROM account WHERE (SELECT count(*) FROM c) = 20000\n"
		"    tests:\n"
		"      - {gives: INCONCLUSIVE}\n"
		"      - {gives: FAIL, facts: {account: [{user: a}]}}\n"
		"      - {gives: FAIL, facts: {account: [{user: b}]}}\n"
		"      - {gives: FAIL, facts: {account: [{user: c}]}}\n"
		"      - {gives: FAIL, facts: {account: [{user: d}]}}\n";
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	const struct pack *p = packs_load_text(packs, "slow", text_c(endless), &e);
	if (!p)
		fail_msg("%s", e.text);
	size_t size, run;
	struct query_budget all = query_budget_of_tests();
	assert_int_equal(pack_run_tests(p, &all, stderr, &run), 0);
	assert_int_equal(run, 5);
	assert_false(query_budget_spent(&all));
	struct query_budget whole = query_budget_of_tests();
	all.steps = (whole.steps - all.steps) / 2;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);
	assert_true(pack_run_tests(p, &all, out, &run) > 0);
	assert_in_range(run, 2, 4);
	assert_true(query_budget_spent(&all));
	assert_int_equal(pack_run_mutations(p, &all, out, &run), 1);
	assert_int_equal(run, 0);
	fclose(out);
	assert_non_null(strstr(text, ": p.a: the tests of the pack take more work than all of them may together"));
	free(text);
	all.steps = whole.steps; /* the clock is the last resort */
	all.ends = query_clock() - 1;
	out = open_memstream(&text, &size);
	assert_int_equal(pack_run_tests(p, &all, out, &run), 1);
	assert_int_equal(run, 0);
	fclose(out);
	free(text);
	packs_free(packs);
}

/* A test of a pack that is not met is told with its line. */
static void test_pack_test_fails(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	const struct pack *p =
		packs_load_text(packs, "wrong",
						text_c(HEAD REQUIREMENT FAILS "    tests:\n"
													  "      - gives: FAIL\n"
													  "        facts: {account: [{user: root}]}\n"
													  "      - gives: INCONCLUSIVE\n"
													  "        facts: {account: [{user: root, password: x}]}\n"),
						&e);
	assert_non_null(p);
	char *text = NULL;
	size_t size, run;
	FILE *out = open_memstream(&text, &size);
	assert_int_equal(pack_run_tests(p, NULL, out, &run), 2);
	fclose(out);
	assert_non_null(strstr(text, "wrong:13: p.a: gives INCONCLUSIVE, expected FAIL"));
	assert_non_null(strstr(text, "wrong:15: p.a: gives FAIL, expected INCONCLUSIVE: root"));
	free(text);
	packs_free(packs);
}

#define NAMED(id, prefix, requirement)                                                                                 \
	"pack: " id "\nprefix: " prefix "\ntitle: T\nversion: 1\nsource: {name: N}\nrequirements:\n"                       \
	"  - {id: " requirement ", title: T, severity: low, because: B, settles: S}\n"

/* Ids begin with the prefix where there is one, and no other pack may have it: an id means one requirement. */
static void test_prefix(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	const struct pack *p = packs_load_text(packs, "named", text_c(NAMED("trust-rules", "trust", "trust.a")), &e);
	if (!p)
		fail_msg("%s", e.text);
	assert_string_equal(p->prefix, "trust");
	assert_ptr_equal(packs_requirement(packs, "trust.a", NULL), &p->requirements[0]);
	assert_null(packs_load_text(packs, "own", text_c(NAMED("x-rules", "x", "x-rules.a")), &e));
	assert_non_null(strstr(e.text, "own:7:10: the id `x-rules.a`, expected `x.`"));
	assert_null(packs_load_text(packs, "again", text_c(NAMED("other", "trust", "trust.b")), &e));
	assert_non_null(strstr(e.text, "again:2:9: ids of the pack `trust-rules` begin with `trust.` already"));
	assert_null(packs_load_text(packs, "same", text_c("pack: trust\ntitle: T\nversion: 1\nsource: {name: N}\n"), &e));
	assert_non_null(strstr(e.text, "same:1:7: ids of the pack `trust-rules` begin with `trust.` already"));
	assert_null(packs_load_text(packs, "dots", text_c(NAMED("d", "d.e", "d.e.f")), &e));
	assert_non_null(strstr(e.text, "dots:2:9: the prefix `d.e`"));
	packs_free(packs);
}

static void test_compose(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	assert_non_null(
		packs_load_text(packs, "base",
						text_c(HEAD REQUIREMENT FAILS TESTS
							   "  - id: p.b\n    title: T\n    severity: high\n    because: B\n    settles: S\n"),
						&e));
	const struct pack *q =
		packs_load_text(packs, "derived",
						text_c("pack: q\ntitle: Q\nversion: 1\nsource: {name: N}\ninclude: [p]\n"
							   "exclude: [{id: p.b, reason: not for us}]\n"
							   "override: [{id: p.a, severity: critical, reason: we sell locks}]\n"
							   "requirements:\n"
							   "  - {id: q.c, use: p.a, title: Ours, references: [{standard: S, id: 7}]}\n"),
						&e);
	if (!q)
		fail_msg("%s", e.text);
	assert_int_equal(q->nrequirements, 3);
	const struct requirement *a = pack_requirement(q, "p.a"), *b = pack_requirement(q, "p.b"),
							 *c = pack_requirement(q, "q.c");
	assert_string_equal(a->severity, "critical");
	assert_string_equal(a->severity_was, "low");
	assert_string_equal(a->severity_reason, "we sell locks");
	assert_string_equal(b->excluded, "not for us");
	assert_string_equal(c->title, "Ours");
	assert_string_equal(c->because, "B");
	assert_string_equal(c->fails, a->fails);
	assert_string_equal(c->references[0].id, "7");
	/* The pack that defines it is not touched. */
	const struct pack *owner;
	assert_string_equal(packs_requirement(packs, "p.a", &owner)->severity, "low");
	assert_string_equal(owner->id, "p");
	assert_null(packs_requirement(packs, "p.b", NULL)->excluded);
	packs_free(packs);
}

static void test_suggest(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	assert_non_null(
		packs_load_text(packs, "base",
						text_c("pack: moz\ntitle: T\nversion: 1\nsource: {name: N}\nrequirements:\n"
							   "  - {id: moz.passwords.unique, title: T, severity: low, because: B, settles: S}\n"
							   "  - {id: moz.passwords.hashed, title: T, severity: low, because: B, settles: S}\n"
							   "  - {id: moz.updates.unique, title: T, severity: low, because: B, settles: S}\n"),
						&e));
	static const struct {
		const char *typed;
		size_t n;
		const char *first;
	} rows[] = {
		{ "moz.passwords", 2, "moz.passwords.unique" },
		{ "hashed", 1, "moz.passwords.hashed" },
		{ "moz.pasword.hashed", 1, "moz.passwords.hashed" },
		{ "unique", 2, "moz.passwords.unique" },
		{ "zzzzzz", 0, NULL },
		{ "", 0, NULL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *ids[4];
		assert_int_equal(packs_suggest(packs, rows[i].typed, ids, 4), rows[i].n);
		if (rows[i].n)
			assert_string_equal(ids[0], rows[i].first);
	}
	packs_free(packs);
}

static void test_explain(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	const struct pack *p = packs_load_text(
		packs, "base",
		text_c(
			HEAD REQUIREMENT FAILS
			"    remedy: {text: 'a long remedy that does not fit into one line of eighty columns and so has to be wrapped by words'}\n" TESTS),
		&e);
	assert_non_null(p);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	explain_requirement(out, &p->requirements[0]);
	fclose(out);
	assert_non_null(strstr(text, "p.a (low)\n  T\n"));
	assert_non_null(strstr(text, "What settles it\n  S\n"));
	assert_non_null(strstr(text, "    SELECT 'account' AS table_name"));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strncmp(line, "    ", 4) != 0)
			assert_true(strlen(line) <= 80);
	free(text);
	packs_free(packs);
}

static void test_files(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	assert_null(packs_load_file(packs, "/nonexistent/pack.yaml", &e));
	assert_string_equal(e.text, "/nonexistent/pack.yaml: No such file or directory");
	assert_null(packs_load_file(packs, "/dev/zero", &e));
	assert_non_null(strstr(e.text, "larger than 1 MiB"));
	packs_free(packs);
}

/* A text that grows: `begin`, then `step` n times, in which # stands for 1, 2, 3 ... and @ for the one before, then `end`. */
static char *grow(const char *begin, const char *step, unsigned n, const char *end)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	fputs(begin, out);
	for (unsigned i = 1; i <= n; i++)
		for (const char *p = step; *p; p++) {
			if (*p == '#' || *p == '@')
				fprintf(out, "%u", *p == '#' ? i : i - 1);
			else
				putc(*p, out);
		}
	fputs(end, out);
	fclose(out);
	return text;
}

/* What is small to write and large to hold, wherever a pack has a place for it. */
static void test_bombs(void **state)
{
	(void)state;
#define ASKS(id, list)                                                                                                 \
	"  - {id: p." id ", use: [" list "], title: T, severity: low, because: B, settles: S, tests: [{gives: FAIL, facts:"     \
	" {account: [{user: root, password: x}]}}, {gives: INCONCLUSIVE}]}\n"
#define SELECT_END " SELECT 'account' AS table_name, 1 AS row_id, x AS says FROM c"
	static const struct {
		const char *begin, *step;
		unsigned n;
		const char *end;
		unsigned line;
		const char *says;
	} bombs[] = {
		/* YAML */
		{ "a: &a0 [x]\n", "b#: &b# [*a@]\n", 9, "", 1, "an anchor" },
		{ "a: ", "[", 100000, "", 1, "nested too deeply" },
		{ "", "{a#: ", 100000, "", 1, "nested too deeply" },
		{ "a: [", "#,", 80000, "]\n", 1, "too many values" },
		{ "<<: *a\n", "", 0, "", 1, "an alias" },
		{ HEAD "# ", "########", 200000, "\n", 0, "expected at most 1048576" },
		/* common tables that name each other twice */
		{ HEAD REQUIREMENT "    fails: WITH c0(x) AS (SELECT 1)", ", c#(x) AS (SELECT a.x FROM c@ a, c@ b)", 60,
		  "" SELECT_END "60\n", 11, "it takes too much memory: views or common tables name one another many times" },
		{ HEAD REQUIREMENT "    declared: WITH c0(x) AS (SELECT 1)",
		  ", c#(x) AS (SELECT x FROM c@ UNION ALL SELECT x FROM c@)", 60, "" SELECT_END "60\n", 11,
		  "it takes too much memory" },
		{ HEAD REQUIREMENT
		  "    measures:\n      - {name: n, title: T, unit: u, formula: F, value: 'WITH c0(x) AS (SELECT 1)",
		  ", c#(x) AS (SELECT a.x FROM c@ a, c@ b)", 60, " SELECT x AS value FROM c60'}\n", 12,
		  "it takes too much memory" },
		/* and without end after one another */
		{ HEAD REQUIREMENT "    fails: WITH c0(x) AS (SELECT 1)", ", c#(x) AS (SELECT x FROM c@)", 5000,
		  "" SELECT_END "5000\n", 11, "it is longer than 64 KiB" },
		{ HEAD REQUIREMENT "    fails: SELECT 'account' AS table_name, 1 AS row_id, 1", "+1", 3000, " AS says\n", 11,
		  "too large" },
		{ HEAD REQUIREMENT "    fails: SELECT ", "(", 3000, "\n", 11, "fails: " },
		{ HEAD REQUIREMENT "    fails: SELECT 1 AS x", " UNION ALL SELECT 1", 900, "\n", 11, "too many terms" },
		/* requirements that ask for each other twice */
		{ HEAD REQUIREMENT FAILS TESTS ASKS("u0", "p.a") ASKS("v0", "p.a"),
		  ASKS("u#", "p.u@, p.v@") ASKS("v#", "p.v@, p.u@"), 40, "", 0,
		  "requirements with those that these ask for, expected at most 64" },
		/* views that name each other twice */
		{ HEAD "views:\n  v0: SELECT 1 AS x\n", "  v#: SELECT a.x FROM v@ a, v@ b\n", 40, REQUIREMENT, 13,
		  "at most 64 tables in a join" },
		{ HEAD "views:\n  v0: SELECT 1 AS x\n",
		  "  v#: SELECT count(*) AS x FROM (SELECT x FROM v@ UNION SELECT x FROM v@)\n", 40, REQUIREMENT, 0,
		  "it takes too much memory" },
	};
	for (size_t i = 0; i < sizeof bombs / sizeof bombs[0]; i++) {
		struct packs *packs = packs_new(probes);
		struct pack_error e;
		char place[32], *text = grow(bombs[i].begin, bombs[i].step, bombs[i].n, bombs[i].end);
		snprintf(place, sizeof place, "x.yaml:%u:", bombs[i].line);
		if (packs_load_text(packs, "x.yaml", text_c(text), &e))
			fail_msg("bomb %zu is loaded", i);
		/* a machine that is slow, or watched by a sanitizer, gets to the other limit first */
		bool slow = bombs[i].line == 0 && strstr(e.text, "more than 30 seconds to check");
		if ((!slow && !strstr(e.text, bombs[i].says)) || (bombs[i].line && strncmp(e.text, place, strlen(place)) != 0))
			fail_msg("bomb %zu: %s", i, e.text);
		free(text);
		packs_free(packs);
	}
}

/* Whatever a pack is cut to or turned into, it loads or is refused with a place; the sanitizers watch. */
static void test_hostile(void **state)
{
	(void)state;
	static const char good[] = HEAD "views: {v: SELECT id FROM account}\n" REQUIREMENT FAILS TESTS;
	char text[sizeof good];
	uint32_t seed = 1;
	struct packs *packs = packs_new(probes);
	for (size_t i = 0; i < sizeof good + 1500; i++) {
		struct pack_error e;
		size_t n = i < sizeof good ? i : sizeof good - 1;
		memcpy(text, good, sizeof good);
		for (int k = 0; i >= sizeof good && k < 3; k++) {
			seed = seed * 1664525u + 1013904223u;
			text[(seed >> 8) % n] ^= (char)(1u << (seed >> 29));
		}
		if (!packs_load_text(packs, "hostile", text_of(text, n), &e)) {
			assert_true(strncmp(e.text, "hostile:", 8) == 0);
			continue;
		}
		packs_free(packs);
		packs = packs_new(probes);
	}
	packs_free(packs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_after_refusal),
		cmocka_unit_test(test_loaded),
		cmocka_unit_test(test_pack_test_fails),
		cmocka_unit_test(test_all_tests_have_a_budget),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_compose),
		cmocka_unit_test(test_word_ways_and_numbers),
		cmocka_unit_test(test_word_ways_and_numbers_fail),
		cmocka_unit_test(test_suggest),
		cmocka_unit_test(test_explain),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_bombs),
	};
	case_one_thread();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
