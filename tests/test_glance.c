/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows read from pages are those that SQLite reads: with all page sizes, long rows, deep trees; and of broken files nothing
 * worse comes than "ask SQLite". */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "case/glance.h"
#include "make_case.h"

static char path[64];

static void begin(void)
{
	snprintf(path, sizeof path, "/tmp/assay-glance-%d", (int)getpid());
}

/* A case in a file with that size of pages. */
static void make(int page_size, int rows, int length)
{
	sqlite3 *db = make_case_empty(NULL);
	make_rows(db, "INSERT INTO meta VALUES('state', 'finished'), ('feeds_import', '7'); COMMIT");
	make_rows(
		db,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
		" INSERT INTO software(id, name, title, version, cpe, count) SELECT i * 3, 'name' || i, NULL,"
		" printf('%%.*c', (i * 997) %% %d, 'v'), '', CASE i %% 7 WHEN 0 THEN 0 WHEN 1 THEN 1 WHEN 2 THEN -1 WHEN 3 THEN 300"
		" WHEN 4 THEN -8000000 WHEN 5 THEN 5000000000 ELSE -9000000000000000000 END FROM n",
		rows, length);
	make_rows(
		db, "INSERT INTO vulnerability(software_id, name, state, cvss, epss, kev) SELECT id, 'CVE-' || id, 'affected',"
			" id %% 10, id / 7.0, id %% 2 FROM software");
	unlink(path);
	make_rows(db, "VACUUM INTO %Q", path);
	sqlite3_close(db);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	make_rows(db, "PRAGMA page_size = %d; VACUUM", page_size);
	sqlite3_close(db);
}

struct seen {
	sqlite3_stmt *s;
	unsigned rows;
	uint64_t sum;
};

static bool compare(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	struct seen *seen = context;
	sqlite3_stmt *s = seen->s;
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_int_equal(n, sqlite3_column_count(s));
	assert_int_equal(id, sqlite3_column_int64(s, 0));
	for (int i = 1; i < (int)n; i++) {
		int type = sqlite3_column_type(s, i);
		if (type == SQLITE_TEXT) {
			assert_int_equal(v[i].type, GLANCE_TEXT);
			assert_true(text_is(v[i].text, (const char *)sqlite3_column_text(s, i)));
		} else if (type == SQLITE_INTEGER) {
			assert_int_equal(v[i].type, GLANCE_INTEGER);
			assert_true(v[i].integer == sqlite3_column_int64(s, i));
		} else if (type == SQLITE_FLOAT) { /* a whole number is stored as one */
			assert_true((v[i].type == GLANCE_REAL ? v[i].real : (double)v[i].integer) == sqlite3_column_double(s, i));
		} else {
			assert_int_equal(v[i].type, GLANCE_NULL);
		}
	}
	seen->rows++;
	return true;
}

static void check(unsigned rows, int page_size)
{
	static const char *const tables[] = { "software", "vulnerability" };
	struct glance g = { 0 };
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_true(glance_begin(&g, path));
	assert_int_equal(g.page_size, page_size);
	assert_true(glance_has(&g, "software_exposure"));
	assert_false(glance_has(&g, "blob"));
	for (size_t i = 0; i < 2; i++) {
		struct seen seen = { 0 };
		char *sql = sqlite3_mprintf("SELECT * FROM %s ORDER BY id", tables[i]);
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &seen.s, NULL), SQLITE_OK);
		assert_true(glance_rows(&g, tables[i], NULL, compare, &seen));
		assert_int_equal(sqlite3_step(seen.s), SQLITE_DONE);
		assert_int_equal(seen.rows, rows);
		sqlite3_finalize(seen.s);
		sqlite3_free(sql);
	}
	assert_true(glance_end(&g));
	glance_free(&g);
	sqlite3_close(db);
}

static void test_rows_as_sqlite(void **state)
{
	static const int sizes[] = { 512, 1024, 4096, 65536 };
	(void)state;
	begin();
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		make(sizes[i], 3000, 60);
		check(3000, sizes[i]);
		make(sizes[i], 40, 20000); /* over many pages */
		check(40, sizes[i]);
		make(sizes[i], 1, 1);
		check(1, sizes[i]);
	}
	unlink(path);
}

static bool meta(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	unsigned *found = context;
	(void)id;
	assert_int_equal(n, 2);
	*found |= text_is(v[0].text, "state") && text_is(v[1].text, "finished") ? 1 : 0;
	*found |= text_is(v[0].text, "feeds_import") && text_is(v[1].text, "7") ? 2 : 0;
	return true;
}

/* A row that is not wanted comes with what lies on its page. */
static bool no(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	(void)context, (void)id, (void)v, (void)n;
	return false;
}

static bool count_cut(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	(void)id;
	assert_true(n >= 2 && text_starts(v[1].text, "name"));
	*(unsigned *)context += n < 15;
	return true;
}

static void test_meta_and_unwanted_rows(void **state)
{
	struct glance g = { 0 };
	unsigned found = 0, cut = 0;
	(void)state;
	begin();
	make(4096, 40, 20000);
	assert_true(glance_begin(&g, path));
	assert_true(glance_rows(&g, "meta", NULL, meta, &found));
	assert_int_equal(found, 3);
	assert_true(glance_rows(&g, "software", no, count_cut, &cut));
	assert_true(cut > 0);
	assert_true(glance_end(&g));
	glance_free(&g);
	unlink(path);
}

/* Statements that somebody else wrote, and files that are not at rest. */
static void test_what_is_for_sqlite(void **state)
{
	static const char *const changes[] = {
		"CREATE TRIGGER t AFTER DELETE ON software BEGIN DELETE FROM blob; END",
		"CREATE VIEW other AS SELECT 1",
		"PRAGMA journal_mode = WAL",
		"PRAGMA user_version = 2",
		"PRAGMA application_id = 1",
	};
	struct glance g = { 0 };
	char journal[80];
	sqlite3 *db = NULL;
	(void)state;
	begin();
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		make(4096, 3, 10);
		assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
		make_rows(db, changes[i]);
		sqlite3_close(db);
		assert_false(glance_begin(&g, path));
	}
	make(4096, 3, 10);
	snprintf(journal, sizeof journal, "%s-journal", path);
	close(open(journal, O_CREAT | O_WRONLY, 0600));
	assert_false(glance_begin(&g, path));
	unlink(journal);
	assert_true(glance_begin(&g, path));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	make_rows(db, "UPDATE software SET name = 'other'");
	sqlite3_close(db);
	assert_false(glance_end(&g)); /* what was read meanwhile is worth nothing */
	make(4096, 3, 10);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	make_rows(db, "ALTER TABLE software ADD COLUMN x");
	sqlite3_close(db);
	assert_true(glance_begin(&g, path));
	assert_false(glance_has(&g, "software"));
	assert_true(glance_end(&g));
	assert_false(glance_begin(&g, "/nowhere"));
	assert_false(glance_begin(&g, "/dev/null"));
	glance_free(&g);
	unlink(path);
}

static bool touch(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	struct seen *seen = context;
	seen->sum += (uint64_t)id;
	for (unsigned i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].text.n; k++)
			seen->sum += (uint8_t)v[i].text.p[k];
	return ++seen->rows < 10000000;
}

static void read_all(struct glance *g, struct seen *seen)
{
	static const char *const tables[] = { "software", "vulnerability", "meta", "software_exposure" };
	if (!glance_begin(g, path))
		return;
	for (size_t i = 0; i < 4; i++)
		(void)glance_rows(g, tables[i], NULL, touch, seen);
	(void)glance_end(g);
}

static void put(const uint8_t *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

static void test_broken_files(void **state)
{
	struct glance g = { 0 };
	struct seen seen = { 0 };
	(void)state;
	begin();
	make(512, 200, 900);
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = malloc((size_t)4 << 20);
	size_t n = fread(bytes, 1, (size_t)4 << 20, f);
	uint32_t random = 1;
	fclose(f);
	for (size_t cut = 0; cut < n; cut += n / 60 + 1) {
		put(bytes, cut);
		read_all(&g, &seen);
	}
	for (int i = 0; i < 600; i++) { /* in the schema and in the tables' roots most of the time */
		uint8_t was[8];
		size_t at[8];
		for (int k = 0; k < 8; k++) {
			random = random * 1103515245 + 12345;
			at[k] = (random >> 8) % (i % 3 ? n : 8192);
			was[k] = bytes[at[k]];
			bytes[at[k]] = (uint8_t)(random >> 24);
		}
		put(bytes, n);
		read_all(&g, &seen);
		for (int k = 7; k >= 0; k--)
			bytes[at[k]] = was[k];
	}
	put(bytes, n);
	seen.rows = 0;
	read_all(&g, &seen);
	assert_int_equal(seen.rows, 402);
	glance_free(&g);
	free(bytes);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_as_sqlite),
		cmocka_unit_test(test_meta_and_unwanted_rows),
		cmocka_unit_test(test_what_is_for_sqlite),
		cmocka_unit_test(test_broken_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
