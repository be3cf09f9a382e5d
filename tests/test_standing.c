/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database of measures: what it keeps, what is told of it, and that it never stands in the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case/case.h"
#include "judge/standing.h"

static char folder[64], path[128];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/assay-standing-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/deep/er/measures.db", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static void run(sqlite3 *db, const char *sql)
{
	char *message = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &message))
		fail_msg("%s: %s", sql, message);
}

/* A judged case of the product `digit`, whose surface is so large; its other number could not be taken. */
static sqlite3 *new_case(int digit, const char *surface)
{
	sqlite3 *db = NULL;
	char sql[1024];
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	struct error e = case_create_schema(db);
	assert_false(error_is(&e));
	snprintf(sql, sizeof sql,
			 "INSERT INTO input(id, kind, location, size, sha256) VALUES(1, 'document', 'x', 1, '%064d'), (2, 'firmware', 'x', 1, '%064d');"
			 "INSERT INTO verdict(id, pack, requirement, verdict, origin) VALUES(1, 'p', 'p.a', 'INCONCLUSIVE', 'p.a'),"
			 " (2, 'q', 'q.a', 'INCONCLUSIVE', 'p.a');"
			 "INSERT INTO measure(verdict_id, position, name, unit, formula, value) VALUES(1, 0, 'surface', 'ports', 'F', %s),"
			 " (1, 1, 'other', 'u', 'F', NULL), (2, 0, 'surface', 'ports', 'F', %s)",
			 9, digit, surface, surface);
	run(db, sql);
	return db;
}

/* "requirement measure products lower equal higher" of what is told; "" for nothing. */
static const char *told(sqlite3 *db)
{
	static char line[200];
	sqlite3_stmt *s = NULL;
	line[0] = 0;
	if (sqlite3_prepare_v2(db, "SELECT group_concat(requirement || ' ' || measure || ' ' || products || ' ' || lower || ' ' || equal"
							   " || ' ' || higher, '; ') FROM temp.standing", -1, &s, NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW && sqlite3_column_text(s, 0))
		snprintf(line, sizeof line, "%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	return line;
}

static void assert_told(int digit, const char *surface, const char *expected, bool fails)
{
	sqlite3 *db = new_case(digit, surface);
	struct error e = standing_update(db, path, true);
	if (error_is(&e) != fails)
		fail_msg("product %d: %s", digit, error_is(&e) ? e.text : "no error");
	assert_string_equal(told(db), expected);
	sqlite3_close(db);
}

static void test_compared(void **state)
{
	(void)state;
	struct stat st;
	assert_told(1, "7", "p.a surface 1 0 0 0", false);
	assert_told(2, "3.5", "p.a surface 2 0 0 1", false);
	assert_told(3, "7", "p.a surface 3 1 1 0", false);
	assert_told(1, "9", "p.a surface 3 2 0 0", false); /* assessed again: one product still */
	assert_told(3, "7", "p.a surface 3 1 0 1", false);
	assert_told(4, "NULL", "", false);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* Read only: compared, not kept. */
	sqlite3 *db = new_case(5, "1");
	struct error e = standing_update(db, path, false);
	assert_false(error_is(&e));
	assert_string_equal(told(db), "p.a surface 4 0 0 3");
	run(db, "UPDATE measure SET formula = 'another'"); /* another number under the same name */
	e = standing_update(db, path, false);
	assert_false(error_is(&e));
	assert_string_equal(told(db), "p.a surface 1 0 0 0");
	sqlite3_close(db);
	assert_told(6, "8", "p.a surface 4 2 0 1", false);
}

/* Whoever holds it does not hold us up. */
static void test_locked(void **state)
{
	(void)state;
	sqlite3 *other = NULL;
	assert_told(1, "7", "p.a surface 1 0 0 0", false);
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	run(other, "BEGIN EXCLUSIVE");
	assert_told(2, "7", "", true);
	run(other, "ROLLBACK");
	assert_told(2, "7", "p.a surface 2 0 1 0", false);
	sqlite3_close(other);
}

static void write_text(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* What is something else is left as it is. */
static void test_foreign(void **state)
{
	(void)state;
	static const char *const schemas[] = {
		"CREATE TABLE measured(a)",
		("PRAGMA application_id = 1095979853; CREATE TABLE measured(product, requirement, measure, definition, value);"
		 "CREATE TRIGGER t AFTER INSERT ON measured BEGIN DELETE FROM measured; END"),
		"PRAGMA application_id = 1095979853; CREATE VIEW measured AS SELECT 1 AS product",
		"PRAGMA application_id = 1095979853; CREATE TABLE x(a)",
	};
	for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++) {
		sqlite3 *db = NULL;
		snprintf(path, sizeof path, "%s/foreign-%zu.db", folder, i);
		assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
		run(db, schemas[i]);
		sqlite3_close(db);
		assert_told(1, "7", "", true);
	}
	snprintf(path, sizeof path, "%s/text.db", folder);
	write_text(path, "this is a text of mine, and no database of anything at all, for longer than a header is long ........");
	assert_told(1, "7", "", true);
	snprintf(path, sizeof path, "%s/text.db/x", folder); /* below a file there is no folder */
	assert_told(1, "7", "", true);
	snprintf(path, sizeof path, "%s", folder);
	assert_told(1, "7", "", true);
}

static void test_default_path(void **state)
{
	(void)state;
	char usual[64];
	setenv("HOME", "/home/x", 1);
	setenv("XDG_DATA_HOME", "/data", 1);
	assert_true(standing_default_path(usual, sizeof usual));
	assert_string_equal(usual, "/data/assay/measures.db");
	setenv("XDG_DATA_HOME", "relative", 1);
	assert_true(standing_default_path(usual, sizeof usual));
	assert_string_equal(usual, "/home/x/.local/share/assay/measures.db");
	assert_false(standing_default_path(usual, 10));
	unsetenv("HOME");
	assert_false(standing_default_path(usual, sizeof usual));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_compared, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_locked, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_foreign, make_folder, remove_folder),
		cmocka_unit_test(test_default_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
