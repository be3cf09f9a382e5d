/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reports say of guidelines: how much is decided, by what, and which input would decide most; of numbers; and of what
 * several guidelines ask alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "make_case.h"
#include "case/case.h"
#include "report/json.h"
#include "report/terminal.h"

/* Two guidelines, one of them with a requirement of the other. */
static sqlite3 *new_case(void)
{
	sqlite3 *db = make_case_empty(NULL);
	make_rows(db, "INSERT INTO input(id, kind, location, size) VALUES(1, 'firmware', 'x.bin', 1);"
				  "INSERT INTO blob(id, input_id, path, kind) VALUES(1, 1, 'x.bin', 'input');"
				  "INSERT INTO declaration(id, blob_id, line, section, key, value) VALUES(1, 1, 3, 'support', 'end', '2030')");
	make_rows(db, "INSERT INTO verdict(id, pack, pack_title, pack_version, requirement, origin, title, verdict, basis, about, severity,"
				  " settles, evidence_total) VALUES"
				  "(1, 'zz', 'Second by name', '1', 'zz.a', 'zz.a', 'Doors are shut', 'FAIL', 'evidence', 'product', 'high', 'A photo.', 1),"
				  "(2, 'zz', 'Second by name', '1', 'zz.b', 'zz.b', 'A date is told', 'PASS', 'declaration', 'declaration', 'low', 'A file.', 1),"
				  "(3, 'zz', 'Second by name', '1', 'zz.c', 'zz.c', 'Data is encrypted', 'INCONCLUSIVE', 'declared', 'product', 'low',"
				  " 'A capture.', 1),"
				  "(4, 'zz', 'Second by name', '1', 'zz.d', 'zz.d', 'Ports are few', 'INCONCLUSIVE', NULL, 'product', 'low', 'A capture.', 0),"
				  "(5, 'zz', 'Second by name', '1', 'zz.e', 'zz.e', 'Nothing leaks', 'INCONCLUSIVE', NULL, 'product', 'critical', 'A device.', 0),"
				  "(6, 'zz', 'Second by name', '1', 'zz.f', 'zz.f', 'Radio is off', 'NOT APPLICABLE', NULL, 'product', 'low', 'A radio.', 0),"
				  "(7, 'aa', 'First by name', '2', 'aa.a', 'zz.a', 'Doors are closed', 'FAIL', 'evidence', 'product', 'low', 'A photo.', 1),"
				  "(8, 'aa', 'First by name', '2', 'aa.n', 'aa.n', 'No radio', 'NOT APPLICABLE', NULL, 'product', 'low', 'A radio.', 0)");
	make_rows(db, "INSERT INTO measure(id, verdict_id, position, name, title, unit, formula, better, value, missing, thresholds_json,"
				  " evidence_total) VALUES(1, 4, 0, 'ports', 'Open ports', 'ports', 'how many listen', 'lower', 2.5, NULL,"
				  " '[{\"gives\":\"FAIL\",\"above\":10.0,\"source\":\"Book\",\"crossed\":false}]', 1),"
				  "(2, 4, 1, 'flows', 'Flows', 'flows', 'how many', NULL, NULL, 'capture.flows has not run', 'no JSON', 0)");
	make_rows(db, "INSERT INTO evidence(verdict_id, role, table_name, row_id, says, measure_id) VALUES"
				  "(1, 'fails', 'blob', 1, 'the door is open', NULL), (2, 'declared', 'declaration', 1, 'until 2030', NULL),"
				  "(3, 'declared', 'declaration', 1, 'says so', NULL), (4, 'measure', 'blob', 1, 'port 22', 1),"
				  "(7, 'fails', 'blob', 1, 'the door is open', NULL); COMMIT");
	return db;
}

static char *render(sqlite3 *db, bool json)
{
	const struct report_style style = { .width = 100, .seconds = -1 };
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	struct error e = json ? report_json(db, out) : report_terminal(db, out, &style);
	fclose(out);
	if (error_is(&e))
		fail_msg("%s", e.text);
	return text;
}

static void assert_json(json_t *value, const char *expected)
{
	json_t *e = json_loads(expected, JSON_DECODE_ANY, NULL);
	assert_non_null(e);
	char *told = json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS);
	if (!json_equal(value, e))
		fail_msg("%s, expected %s", told, expected);
	free(told);
	json_decref(e);
}

static void test_json(void **state)
{
	(void)state;
	sqlite3 *db = new_case();
	char *text = render(db, true);
	json_t *report = json_loads(text, 0, NULL), *packs = json_object_get(json_object_get(report, "summary"), "packs");
	assert_int_equal(json_array_size(packs), 2);
	/* In the order of their verdicts. */
	assert_json(json_object_get(json_array_get(packs, 0), "pack"), "\"zz\"");
	assert_json(json_object_get(json_array_get(packs, 0), "coverage"),
				"{\"requirements\": 6, \"by_evidence\": 1, \"by_declaration\": 1, \"declared_only\": 1, \"not_decided\": 2,"
				" \"not_applicable\": 1, \"evidence_share\": 0.2, \"word_share\": 0.4, \"next_inputs\": ["
				"{\"settles\": \"A device.\", \"requirements\": 1, \"weight\": 8},"
				"{\"settles\": \"A capture.\", \"requirements\": 2, \"weight\": 2}]}");
	assert_json(json_object_get(json_array_get(packs, 1), "coverage"),
				"{\"requirements\": 2, \"by_evidence\": 1, \"by_declaration\": 0, \"declared_only\": 0, \"not_decided\": 0,"
				" \"not_applicable\": 1, \"evidence_share\": 1, \"word_share\": 0, \"next_inputs\": []}");
	json_t *verdicts = json_object_get(report, "verdicts"), *v = json_array_get(verdicts, 3);
	assert_json(json_object_get(json_array_get(verdicts, 2), "basis"), "\"declared\"");
	assert_json(json_object_get(json_array_get(verdicts, 1), "about"), "\"declaration\"");
	assert_json(json_object_get(json_array_get(verdicts, 6), "origin"), "\"zz.a\"");
	assert_json(json_object_get(v, "basis"), "null");
	assert_json(json_object_get(v, "evidence"), "[]"); /* that of the measure is the measure's */
	assert_json(json_object_get(v, "measures"),
				"[{\"id\": 1, \"name\": \"ports\", \"title\": \"Open ports\", \"unit\": \"ports\", \"formula\": \"how many listen\","
				" \"better\": \"lower\", \"missing\": null, \"value\": 2.5, \"thresholds\": [{\"gives\": \"FAIL\", \"above\": 10,"
				" \"below\": null, \"source\": \"Book\", \"crossed\": false}], \"evidence_total\": 1, \"evidence\": [{\"role\": \"measure\","
				" \"table\": \"blob\", \"row_id\": 1, \"says\": \"port 22\", \"blob_id\": 1, \"path\": \"x.bin\", \"line\": null,"
				" \"offset\": null}]},"
				"{\"id\": 2, \"name\": \"flows\", \"title\": \"Flows\", \"unit\": \"flows\", \"formula\": \"how many\", \"better\": null,"
				" \"missing\": \"capture.flows has not run\", \"value\": null, \"thresholds\": [], \"evidence_total\": 0, \"evidence\": []}]");
	assert_json(json_object_get(json_object_get(report, "header"), "standing"), "[]");
	json_decref(report);
	free(text);
	sqlite3_close(db);
}

/* The place among other products stands in the header, which alone may differ from run to run. */
static void test_standing(void **state)
{
	(void)state;
	sqlite3 *db = new_case();
	char *before = render(db, true);
	make_rows(db, "CREATE TEMP TABLE standing(id INTEGER PRIMARY KEY, requirement TEXT, measure TEXT, products INTEGER, lower INTEGER,"
				  " equal INTEGER, higher INTEGER); INSERT INTO standing VALUES(1, 'zz.d', 'ports', 12, 4, 0, 7)");
	char *after = render(db, true), *terminal = render(db, false);
	json_t *a = json_loads(before, 0, NULL), *b = json_loads(after, 0, NULL);
	assert_json(json_object_get(json_object_get(b, "header"), "standing"),
				"[{\"requirement\": \"zz.d\", \"measure\": \"ports\", \"products\": 12, \"lower\": 4, \"equal\": 0, \"higher\": 7}]");
	json_object_del(a, "header");
	json_object_del(b, "header");
	assert_true(json_equal(a, b));
	assert_non_null(strstr(terminal, "Open ports: 2.5 ports (lower than 7 of 12 products measured here)"));
	json_decref(a);
	json_decref(b);
	free(before);
	free(after);
	free(terminal);
	sqlite3_close(db);
}

static size_t count_of(const char *text, const char *what)
{
	size_t n = 0;
	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void test_terminal(void **state)
{
	static const char *const said[] = {
		"2 FAIL - 1 PASS - 3 INCONCLUSIVE (1 declared) - 2 NOT APPLICABLE",
		"GUIDELINE       PASS  FAIL  OPEN  N/A   SEEN  WORD  DECIDES MOST NEXT",
		"Second by name     1     1     3    1   20 %  40 %  A device.",
		"First by name      0     1     0    1  100 %   0 %",
		"SEEN: decided by evidence.",
		"\nFAIL\n",
		"high      Doors are shut",
		"\nMEASURED\n",
		"  Open ports: 2.5 ports\n",
		"\nINCONCLUSIVE, declared: the maker says so, nothing shows it\n",
		"  Data is encrypted\n",
		"\nINCONCLUSIVE\n",
		"Data is encrypted (declared); Ports are few",
	};
	(void)state;
	sqlite3 *db = new_case();
	char *text = render(db, false);
	const char *at = text;
	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
		const char *found = strstr(at, said[i]);
		if (!found)
			fail_msg("not in the summary, or not in its place: %s\n%s", said[i], text);
		at = found;
	}
	/* What two guidelines ask alike fails once. */
	assert_int_equal(count_of(text, "the door is open"), 1);
	assert_null(strstr(text, "Flows"));
	free(text);
	sqlite3_close(db);
}

/* The table as it was before it had those columns, which commas part. ALTER TABLE has SQLite compile every view for each of them. */
static void drop_columns(sqlite3 *db, const char *table, const char *columns)
{
	sqlite3_stmt *s = NULL;
	static const char others[] = "SELECT group_concat(name) FROM pragma_table_info(?1) WHERE instr(',' || ?2 || ',', ',' || name || ',') = 0";
	assert_int_equal(sqlite3_prepare_v2(db, others, -1, &s, NULL), SQLITE_OK);
	sqlite3_bind_text(s, 1, table, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 2, columns, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	char *sql = sqlite3_mprintf("CREATE TABLE kept AS SELECT %s FROM %s; DROP TABLE %s; CREATE TABLE %s AS SELECT * FROM kept; DROP TABLE kept",
	                            (const char *)sqlite3_column_text(s, 0), table, table, table);
	sqlite3_finalize(s);
	make_rows(db, sql);
	sqlite3_free(sql);
}

/* A case of before there were measures, and what else a verdict rests on. */
static void test_old_case(void **state)
{
	(void)state;
	sqlite3 *db = new_case();
	make_rows(db, "DROP TABLE measure");
	drop_columns(db, "evidence", "measure_id");
	drop_columns(db, "verdict", "basis,about,origin");
	char *json = render(db, true), *terminal = render(db, false);
	json_t *report = json_loads(json, 0, NULL), *packs = json_object_get(json_object_get(report, "summary"), "packs");
	json_t *coverage = json_object_get(json_array_get(packs, 0), "coverage");
	assert_json(json_object_get(coverage, "by_evidence"), "2");
	assert_json(json_object_get(coverage, "declared_only"), "0");
	assert_int_equal(count_of(terminal, "the door is open"), 1); /* the same row fails both: one finding */
	json_decref(report);
	free(json);
	free(terminal);
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_standing),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_old_case),
	};
	case_one_thread();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
