/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which queries are known to give no row: that it is told of those that it is to save, and of none that gives one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "case/case.h"
#include "fact/fact.h"
#include "judge/query.h"

/* A case in which `blob` and `startup` have a row each and no other table has any; the views likewise. */
static sqlite3 *db;
static struct query_empty empty;

static const struct query_view views[] = {
	{ "nobody", "SELECT id FROM account WHERE user = 'nobody'" },
	{ "nobody_too", "SELECT id FROM nobody" },
	{ "somebody", "SELECT 1 AS id" },
};
#define NVIEWS (sizeof views / sizeof views[0])

static int begin(void **state)
{
	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	struct error e = query_setup(db);
	assert_false(error_is(&e));
	e = case_create_schema(db);
	assert_false(error_is(&e));
	assert_int_equal(sqlite3_exec(db, "INSERT INTO input(id, kind, location) VALUES(1, 'firmware', 'x');"
									  "INSERT INTO blob(id, input_id, path) VALUES(1, 1, 'x'); INSERT INTO startup(blob_id) VALUES(1)",
								  NULL, NULL, NULL), SQLITE_OK);
	query_empty_find(db, &empty);
	query_empty_views(&empty, views, NVIEWS);
	for (size_t i = 0; i < NVIEWS; i++) {
		e = query_create_view(db, &views[i]);
		assert_false(error_is(&e));
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	return sqlite3_close(db);
}

static size_t rows(const char *sql)
{
	sqlite3_stmt *s = NULL;
	size_t n = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sqlite3_errmsg(db), sql);
	while (sqlite3_step(s) == SQLITE_ROW)
		n++;
	sqlite3_finalize(s);
	return n;
}

static const char *const known[] = {
	"SELECT * FROM account",
	"select id from ACCOUNT where 1 order by id limit 3;",
	"SELECT b.id FROM blob b JOIN account a ON a.blob_id = b.id",
	"SELECT b.id FROM blob b, startup s, account a",
	"SELECT a.id FROM account a LEFT JOIN blob b ON b.id = a.blob_id",
	"SELECT b.id FROM blob b LEFT JOIN startup s ON s.blob_id = b.id JOIN account a",
	"SELECT b.id FROM blob b CROSS JOIN (SELECT id FROM account) a",
	"SELECT user, count(*) FROM account GROUP BY user HAVING count(*) > 0",
	"SELECT row_number() OVER (ORDER BY id) FROM account",
	"SELECT id FROM account WHERE id = (SELECT max(id) FROM blob)",
	"SELECT 'FROM (blob', \"id\" /* FROM blob */ FROM account -- UNION SELECT 1\n",
	"SELECT id FROM account UNION ALL SELECT id FROM secret",
	"SELECT id FROM account EXCEPT SELECT id FROM blob",
	"SELECT id FROM blob INTERSECT SELECT id FROM account",
	"WITH a AS (SELECT id FROM account) SELECT * FROM a JOIN blob",
	"WITH a(x) AS MATERIALIZED (SELECT id FROM account), b AS NOT MATERIALIZED (SELECT x FROM a) SELECT * FROM b",
	"WITH RECURSIVE r AS (SELECT id FROM account UNION SELECT r.id + 1 FROM r JOIN blob WHERE r.id < 9) SELECT * FROM r",
	"SELECT id IS NOT DISTINCT FROM 2 FROM account",
	"SELECT * FROM nobody",
	"SELECT * FROM nobody_too t, somebody",
	"SELECT * FROM login",
	"SELECT id FROM (SELECT id FROM (SELECT id FROM account))",
};

static const char *const unknown[] = {
	"SELECT * FROM blob",
	"SELECT 1",
	"VALUES (1)",
	"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM account)",
	"SELECT count(*) FROM account",
	"SELECT COUNT (*) FROM account",
	"SELECT coalesce(max(id), 0) AS id FROM account",
	"SELECT \"count\"(*) FROM account",
	"SELECT [max](id) FROM account",
	"SELECT `count` /* of all */ (*) FROM account",
	"SELECT row_number() OVER w FROM account WINDOW w AS (ORDER BY count(*))",
	"SELECT count(*) AS n FROM account HAVING n = 0",
	"SELECT b.id FROM blob b LEFT JOIN account a ON a.blob_id = b.id",
	"SELECT b.id FROM blob b LEFT OUTER JOIN account a ON a.blob_id = b.id LEFT JOIN secret s",
	"SELECT b.id FROM blob b NATURAL LEFT JOIN account a",
	"SELECT b.id FROM account a RIGHT JOIN blob b ON a.blob_id = b.id",
	"SELECT b.id FROM account a FULL JOIN blob b ON a.blob_id = b.id",
	"SELECT b.id FROM account window RIGHT JOIN blob b",
	"SELECT * FROM (SELECT count(*) FROM account)",
	"SELECT * FROM (SELECT 1 UNION SELECT id FROM account)",
	"SELECT id FROM account UNION SELECT id FROM blob",
	"SELECT id FROM blob EXCEPT SELECT id FROM account",
	"SELECT id FROM account INTERSECT SELECT id FROM account UNION SELECT 1",
	"SELECT id IS DISTINCT FROM account FROM (SELECT 1 AS id, 2 AS account)",
	"WITH account AS (SELECT 1) SELECT * FROM account",
	"WITH \"account\" AS (SELECT 1) SELECT * FROM account",
	"WITH a AS (SELECT * FROM account), account AS (SELECT 1) SELECT * FROM a",
	"WITH secret(x) AS (VALUES (1)) SELECT * FROM (WITH y AS (SELECT * FROM secret) SELECT * FROM y)",
	"WITH x AS (SELECT id FROM account) SELECT * FROM (WITH a AS (SELECT * FROM x), x AS (SELECT 1) SELECT * FROM a)",
	"WITH RECURSIVE r AS (SELECT 1 AS id UNION SELECT id + 1 FROM r WHERE id < 3) SELECT * FROM r",
	"SELECT * FROM (blob LEFT JOIN account)",
	"SELECT * FROM (VALUES (1))",
	"SELECT * FROM somebody",
	"SELECT b.id FROM blob b WHERE b.id NOT IN (SELECT blob_id FROM account)",
};

static void test_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (!query_is_empty(&empty, known[i]))
			fail_msg("not known to be empty: %s", known[i]);
		assert_int_equal(rows(known[i]), 0);
	}
}

static void test_unknown(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
		if (query_is_empty(&empty, unknown[i]))
			fail_msg("taken to be empty: %s", unknown[i]);
		assert_true(rows(unknown[i]) > 0); /* so that to skip it would be wrong */
	}
}

static void test_not_sql(void **state)
{
	static const char *const texts[] = { "", "(", "SELECT", "SELECT * FROM", "SELECT * FROM (", "SELECT * FROM account)", "WITH",
										 "WITH a AS (", "SELECT 1 FROM account; SELECT 1", "SELECT * FROM account UNION", "'", "[", "/*",
										 "DELETE FROM account", "WITH a AS (SELECT 1 FROM account" };
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (query_is_empty(&empty, texts[i]))
			fail_msg("taken to be empty: %s", texts[i]);
	assert_false(query_is_empty(NULL, "SELECT * FROM account"));
}

/* Deeper than anybody nests: neither followed nor believed. */
static void test_depth(void **state)
{
	static char sql[40000];
	(void)state;
	for (int i = 0; i < 2000; i++)
		strcat(sql, "SELECT * FROM (");
	strcat(sql, "SELECT * FROM account");
	for (int i = 0; i < 2000; i++)
		strcat(sql, ")");
	assert_false(query_is_empty(&empty, sql));
}

/* What is told of the standard views holds: of a case with nothing in it, and of one with a row in each table. */
static void test_standard_views(void **state)
{
	(void)state;
	size_t n = 0;
	for (const struct case_view *v = case_views; v->name; v++) {
		if (!query_is_empty(&empty, v->sql))
			continue;
		n++;
		if (rows(v->sql) > 0)
			fail_msg("the view %s has rows", v->name);
	}
	assert_true(n > 20);
	for (size_t i = 0; i < FACT_TYPES; i++) {
		char *sql = sqlite3_mprintf("INSERT INTO %s(%s) VALUES(1)", fact_tables[i].name, i == FACT_blob ? "input_id" : "blob_id");
		(void)sqlite3_exec(db, sql, NULL, NULL, NULL);
		sqlite3_free(sql);
	}
	struct query_empty full;
	query_empty_find(db, &full);
	assert_false(query_is_empty(&full, "SELECT * FROM account"));
	assert_false(query_is_empty(&full, "SELECT * FROM login"));
	assert_true(query_is_empty(&full, "SELECT * FROM statement"));
}

static char *columns_of_table(const char *name)
{
	sqlite3_stmt *s = NULL;
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT group_concat(name || ' ' || type, ',') FROM pragma_table_info(?, 'temp')", -1, &s, NULL), SQLITE_OK);
	sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	char *columns = sqlite3_mprintf("%s", sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	assert_non_null(columns);
	return columns;
}

/* The table that stands for a view without rows is the one that its rows would be put into: that was known when the program was built. */
static void test_columns(void **state)
{
	(void)state;
	const struct case_keep limits = { .rows_max = SIZE_MAX };
	bool temporary[QUERY_STANDARD_MAX];
	size_t n = 0;
	for (; case_views[n].name; n++) {
		assert_non_null(query_view_columns[n]);
		assert_true(case_keep_empty(db, &case_views[n], query_view_columns[n], &temporary[n]));
		char *told = columns_of_table(case_views[n].name);
		case_release_view(db, &case_views[n], temporary[n]);
		assert_true(case_keep_view(db, &case_views[n], &limits, &temporary[n]));
		char *right = columns_of_table(case_views[n].name);
		assert_string_equal(told, right);
		if (!case_view_is_costly(case_views[n].name)) /* the others stay for those made of them, as when judging */
			case_release_view(db, &case_views[n], temporary[n]);
		sqlite3_free(told);
		sqlite3_free(right);
	}
	assert_true(n > 50);
	while (n-- > 0)
		case_release_view(db, &case_views[n], temporary[n]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known), cmocka_unit_test(test_unknown),		  cmocka_unit_test(test_not_sql),
		cmocka_unit_test(test_depth), cmocka_unit_test(test_columns), cmocka_unit_test(test_standard_views),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
