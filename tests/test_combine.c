/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requirements that ask for others: `use` with a list, and `use` beside queries of one's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "judge/judge.h"

static const char *const probes[] = { "firmware.accounts", "product.read", NULL };

#define TEXTS ", severity: low, because: B, settles: S"
#define ROW(id, says) "SELECT 'account' AS table_name, " id " AS row_id, '" says "' AS says"

/* One that passes, one that fails, one that does not apply, one that is open, one that rests on the maker's word. */
static const char parts_text[] =
	"pack: p\ntitle: P\nversion: 1\nsource: {name: N}\nrequirements:\n"
	"  - {id: p.good, title: T" TEXTS ", needs: [firmware.accounts], passes: \"" ROW("1", "good") "\", tests: [{gives: INCONCLUSIVE},"
	" {gives: PASS, facts: {account: [{user: root}]}}]}\n"
	"  - {id: p.better, title: T" TEXTS ", needs: [firmware.accounts], passes: \"" ROW("2", "better") "\", tests: [{gives: INCONCLUSIVE},"
	" {gives: PASS, facts: {account: [{user: root}, {user: a}]}}]}\n"
	"  - {id: p.bad, title: T" TEXTS ", fails: \"" ROW("2", "bad") "\", tests: [{gives: INCONCLUSIVE}, {gives: FAIL, facts: {account: [{user: a}]}}]}\n"
	"  - {id: p.out, title: T" TEXTS ", needs: [firmware.accounts], applies: SELECT 1 WHERE 0, not_applicable: No such thing.,"
	" tests: [{gives: NOT APPLICABLE}, {gives: INCONCLUSIVE}]}\n"
	"  - {id: p.open, title: T" TEXTS "}\n"
	"  - {id: p.word, title: T" TEXTS ", declared: \"SELECT 'declaration' AS table_name, id AS row_id, value AS says FROM declaration\","
	" tests: [{gives: INCONCLUSIVE, basis: declared, facts: {declaration: [{section: s, key: k, value: v}]}}]}\n";

#define ASKS(id, list) "  - {id: q." id ", use: [" list "], title: T, severity: low, because: B}\n"

static const char whole_text[] =
	"pack: q\ntitle: Q\nversion: 1\nsource: {name: N}\nviews: {v: SELECT 1 AS one}\nrequirements:\n"
	ASKS("pass", "p.good, p.better")
	ASKS("pass-or-out", "p.good, p.out")
	ASKS("out", "p.out")
	ASKS("fail", "p.good, p.bad, p.open")
	ASKS("open", "p.good, p.open")
	ASKS("word", "p.word, p.open")
	ASKS("nested", "q.pass, p.better")
	ASKS("nested-fail", "q.fail, p.good")
	"  - {id: q.own-fail, use: p.good, title: T, severity: low, because: B, fails: \"" ROW("1", "own") "\","
	" tests: [{gives: INCONCLUSIVE}, {gives: FAIL, facts: {account: [{user: a}]}}]}\n"
	"  - {id: q.own-silent, use: p.good, title: T, severity: low, because: B, fails: \"" ROW("1", "x") " WHERE 0\","
	" tests: [{gives: INCONCLUSIVE}, {gives: FAIL}]}\n"
	"  - {id: q.own-out, use: p.good, title: T, severity: low, because: B, needs: [firmware.accounts], applies: SELECT 1 FROM v WHERE 0,"
	" not_applicable: Not this one., tests: [{gives: INCONCLUSIVE}, {gives: NOT APPLICABLE}]}\n"
	"  - {id: q.own-in, use: p.good, title: T, severity: low, because: B, needs: [firmware.accounts], applies: SELECT 1 FROM v,"
	" not_applicable: Not this one., tests: [{gives: INCONCLUSIVE}, {gives: NOT APPLICABLE}]}\n";

static const struct {
	const char *id;
	enum verdict verdict;
	enum basis basis;
	size_t evidence;
	const char *summary; /* a part of it */
} expected[] = {
	{ "q.pass", VERDICT_PASS, BASIS_EVIDENCE, 2, "good; and 1 more" },
	{ "q.pass-or-out", VERDICT_PASS, BASIS_EVIDENCE, 1, "good" },
	{ "q.out", VERDICT_NOT_APPLICABLE, BASIS_NONE, 0, "No such thing." },
	{ "q.fail", VERDICT_FAIL, BASIS_EVIDENCE, 1, "bad" },
	{ "q.open", VERDICT_INCONCLUSIVE, BASIS_NONE, 0, "1 of the 2 requirements that it asks are met. p.open: The facts" },
	{ "q.word", VERDICT_INCONCLUSIVE, BASIS_DECLARED, 1, "0 of the 2 requirements that it asks are met. p.word: Declared" },
	{ "q.nested", VERDICT_PASS, BASIS_EVIDENCE, 2, "good; and 1 more" }, /* a row that two parts rest on is there once */
	{ "q.nested-fail", VERDICT_FAIL, BASIS_EVIDENCE, 1, "bad" },
	{ "q.own-fail", VERDICT_FAIL, BASIS_EVIDENCE, 1, "own" },
	/* What its own query looks for nothing shows to be absent. */
	{ "q.own-silent", VERDICT_INCONCLUSIVE, BASIS_NONE, 0, "1 of the 1 requirements that it asks are met. of its own: " },
	{ "q.own-out", VERDICT_NOT_APPLICABLE, BASIS_NONE, 0, "Not this one." },
	{ "q.own-in", VERDICT_PASS, BASIS_EVIDENCE, 1, "good" },
};

static sqlite3 *new_case(const char *runs)
{
	static const char facts[] =
		"INSERT INTO input(id, kind, location, size) VALUES(1, 'firmware', 'x', 1);"
		"INSERT INTO blob(id, input_id, parent_id, path, kind) VALUES(1, 1, NULL, 'x', 'input'), (2, 1, 1, '/etc/shadow', 'file');"
		"INSERT INTO account(id, blob_id, line, user, state) VALUES(1, 2, 1, 'root', 'set'), (2, 2, 2, 'nobody', 'locked');"
		"INSERT INTO declaration(id, blob_id, line, section, key, value) VALUES(1, 1, 1, 's', 'k', 'v');";
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	struct error e = case_create_schema(db);
	assert_false(error_is(&e));
	assert_int_equal(sqlite3_exec(db, facts, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, runs, NULL, NULL, NULL), SQLITE_OK);
	return db;
}

#define COMPLETE "INSERT INTO probe_run(input_id, probe, status) VALUES(1, 'firmware.accounts', 'complete')"
#define PARTIAL "INSERT INTO probe_run(input_id, probe, status) VALUES(1, 'firmware.accounts', 'partial')"

static struct packs *load(void)
{
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	assert_non_null(packs);
	if (!packs_load_text(packs, "p", text_c(parts_text), &e) || !packs_load_text(packs, "q", text_c(whole_text), &e))
		fail_msg("%s", e.text);
	return packs;
}

static void judge(sqlite3 *db, const struct packs *packs)
{
	const struct pack *list[2] = { packs_get(packs, 0), packs_get(packs, 1) };
	struct error e = judge_case(db, list, 2, NULL);
	if (error_is(&e))
		fail_msg("%s", e.text);
}

/* One by one, and all of a case, where what is asked twice is judged once. */
static void test_verdicts(void **state)
{
	(void)state;
	struct packs *packs = load();
	sqlite3 *db = new_case(COMPLETE);
	judge(db, packs);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		struct arena *arena = arena_new(0);
		struct judgement j;
		const struct requirement *r = packs_requirement(packs, expected[i].id, NULL);
		assert_non_null(r);
		struct error e = judge_requirement(db, r, NULL, arena, &j);
		assert_false(error_is(&e));
		if (j.verdict != expected[i].verdict || j.basis != expected[i].basis || j.nevidence != expected[i].evidence ||
			j.total != expected[i].evidence || !strstr(j.summary, expected[i].summary))
			fail_msg("%s: %s, %s, %zu rows: %s", r->id, verdict_name(j.verdict), basis_name(j.basis), j.nevidence, j.summary);
		char *sql = sqlite3_mprintf("SELECT count(*) FROM verdict v WHERE requirement = %Q AND verdict = %Q AND summary = %Q AND %d ="
									" (SELECT count(*) FROM evidence WHERE verdict_id = v.id)",
									r->id, verdict_name(j.verdict), j.summary, (int)expected[i].evidence);
		sqlite3_stmt *s = NULL;
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(s), SQLITE_ROW);
		assert_int_equal(sqlite3_column_int(s, 0), 1);
		sqlite3_finalize(s);
		sqlite3_free(sql);
		arena_free(arena);
	}
	sqlite3_close(db);
	packs_free(packs);
}

/* A probe that is not complete takes every PASS, and no FAIL. */
static void test_partial(void **state)
{
	(void)state;
	struct packs *packs = load();
	sqlite3 *db = new_case(PARTIAL);
	judge(db, packs);
	sqlite3_stmt *s = NULL;
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT sum(verdict = 'PASS'), sum(verdict = 'FAIL'), sum(verdict = 'NOT APPLICABLE'),"
											" sum(missing LIKE '%firmware.accounts is partial%') FROM verdict WHERE pack = 'q'",
										-1, &s, NULL),
					 SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(s, 0), 0);
	assert_int_equal(sqlite3_column_int(s, 1), 3);
	assert_int_equal(sqlite3_column_int(s, 2), 0);
	assert_true(sqlite3_column_int(s, 3) >= 6);
	sqlite3_finalize(s);
	sqlite3_close(db);
	packs_free(packs);
}

static void test_can_give(void **state)
{
	(void)state;
	struct packs *packs = load();
	static const struct {
		const char *id;
		bool pass, fail, out;
	} can[] = {
		{ "q.pass", true, false, false },	 { "q.pass-or-out", true, false, false }, { "q.out", false, false, true },
		{ "q.fail", false, true, false },	 { "q.open", false, false, false },		  { "q.nested", true, false, false },
		{ "q.own-fail", false, true, false }, { "q.own-out", true, false, true },
	};
	for (size_t i = 0; i < sizeof can / sizeof can[0]; i++) {
		const struct requirement *r = packs_requirement(packs, can[i].id, NULL);
		assert_int_equal(requirement_can_give(r, VERDICT_PASS), can[i].pass);
		assert_int_equal(requirement_can_give(r, VERDICT_FAIL), can[i].fail);
		assert_int_equal(requirement_can_give(r, VERDICT_NOT_APPLICABLE), can[i].out);
		assert_false(requirement_is_open(r));
	}
	packs_free(packs);
}

#define Q "pack: q\ntitle: Q\nversion: 1\nsource: {name: N}\nrequirements:\n"

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ Q "  - {id: q.a, use: [], title: T, severity: low, because: B}\n", "q:6:20: `use` is a list of 0 requirements" },
		{ Q "  - {id: q.a, use: {a: b}, title: T, severity: low, because: B}\n", "expected a text" },
		{ Q "  - {id: q.a, use: [p.good, p.none], title: T, severity: low, because: B}\n", "no requirement `p.none` is loaded" },
		{ Q "  - {id: q.a, use: [q.a], title: T, severity: low, because: B}\n", "`use` goes in a circle: q.a -> q.a" },
		{ Q "  - {id: q.a, use: [p.good, q.b], title: T, severity: low, because: B}\n"
			"  - {id: q.b, use: [q.c], title: T, severity: low, because: B}\n"
			"  - {id: q.c, use: [p.good, q.a], title: T, severity: low, because: B}\n",
		  "q:6:29: `use` goes in a circle: q.b -> q.c -> q.a -> q.b; expected one of them" },
		{ Q "  - {id: q.a, use: q.b}\n  - {id: q.b, use: p.good}\n", "`q.b` stands below, in line 7, expected it above" },
		{ Q "  - {id: q.a, use: [p.good, p.good], title: T, severity: low, because: B}\n", "`p.good` asks the queries that are asked already" },
		{ Q "  - {id: q.a, use: [p.good], severity: low, because: B}\n", "without `title`" },
		{ Q "  - {id: q.a, use: [p.good], title: T, severity: low, because: B, passes: SELECT 1}\n", "unknown key `passes`" },
		{ Q "  - {id: q.a, use: [p.good], title: T, severity: low, because: B, fails: \"" ROW("1", "x") "\"}\n", "q.a: no `tests`" },
		{ Q "  - {id: q.a, use: [p.good], title: T, severity: low, because: B, applies: SELECT 1, not_applicable: N,"
			" tests: [{gives: INCONCLUSIVE}]}\n", "`applies` without `needs`" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct packs *packs = packs_new(probes);
		struct pack_error e;
		assert_non_null(packs_load_text(packs, "p", text_c(parts_text), &e));
		assert_null(packs_load_text(packs, "q", text_c(bad[i].text), &e));
		if (!strstr(e.text, bad[i].says))
			fail_msg("%zu: %s, expected %s", i, e.text, bad[i].says);
		packs_free(packs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_partial),
		cmocka_unit_test(test_can_give),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
