/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The case file: order, journal, continuation, what it refuses. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "case/case.h"

static char path[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(path, sizeof path, "/tmp/assay-test-case-%d", (int)getpid());
	unlink(path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static const struct case_input input = { "firmware", "dir/image.bin", 1234, "identity 1" };
static const char *const inspectors[] = { "accounts", "elf", NULL };

static struct case_run run_complete(void)
{
	return (struct case_run){ true, "complete", "", 1.5, "00ff", inspectors };
}

static struct case_file *begin(const struct case_input *in, size_t *resumed)
{
	struct error e;
	struct case_file *c = case_begin(path, in, resumed, &e);
	if (!c)
		fail_msg("%s", e.text);
	return c;
}

/* Takes a batch with one blob and one damage row. */
static void take_as(struct case_file *c, uint64_t key, uint64_t parent, uint32_t ordinal, const char *name, const char *kind,
                    int64_t offset, const char *damage, const char *format)
{
	struct buf b = { 0 };
	struct fact_blob blob = { .path = text_c(name), .kind = text_c(kind), .format = text_c(format), .offset = offset, .mode = FACT_NULL };
	struct fact_damage d = { .offset = FACT_NULL, .kind = TEXT_LIT("corrupt"), .what = text_c(damage) };
	struct batch_header h = { key, parent, ordinal, 0 };
	assert_int_equal(batch_begin(&b), 0);
	assert_int_equal(batch_add(&b, FACT_blob, &blob), 0);
	if (damage)
		assert_int_equal(batch_add(&b, FACT_damage, &d), 0);
	assert_int_equal(batch_finish(&b, &h), 0);
	assert_true(case_take_batch(c, buf_span(&b)));
	buf_free(&b);
}

static void take(struct case_file *c, uint64_t key, uint64_t parent, uint32_t ordinal, const char *name, const char *kind,
                 int64_t offset, const char *damage)
{
	take_as(c, key, parent, ordinal, name, kind, offset, damage, NULL);
}

/* All rows of a query, columns by '|', rows by ' '. */
static const char *query(struct case_file *c, const char *sql)
{
	static char out[4096];
	sqlite3_stmt *s = NULL;
	size_t n = 0;
	if (sqlite3_prepare_v2(case_db(c), sql, -1, &s, NULL))
		fail_msg("%s: %s", sql, sqlite3_errmsg(case_db(c)));
	while (sqlite3_step(s) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(s); i++) {
			const char *v = (const char *)sqlite3_column_text(s, i);
			n += (size_t)snprintf(out + n, sizeof out - n, "%s%s", i ? "|" : n ? " " : "", v ? v : "NULL");
		}
	}
	out[n] = '\0';
	sqlite3_finalize(s);
	return out;
}

static void finish(struct case_file *c)
{
	struct case_run run = run_complete();
	struct error e = case_finish(c, &run);
	if (error_is(&e))
		fail_msg("%s", e.text);
}

/* Batches arrive in whatever order threads finish; rows stand in the order of the tree. */
static void rows_in_tree_order(void **state)
{
	(void)state;
	static const int orders[][6] = { { 0, 1, 2, 3, 4, 5 }, { 5, 4, 3, 2, 1, 0 }, { 3, 0, 5, 1, 4, 2 } };
	for (size_t o = 0; o < 3; o++) {
		struct case_file *c = begin(&input, NULL);
		for (size_t i = 0; i < 6; i++)
			switch (orders[o][i]) {
			case 0: take(c, 1, 0, 0, "image.bin", "input", 0, NULL); break;
			case 1: take(c, 20, 1, 0, "late", "region", 4096, NULL); break; /* found first, lies behind */
			case 2: take(c, 10, 1, 1, "early", "region", 64, "broken"); break;
			case 3: take(c, 21, 20, 0, "/a", "file", FACT_NULL, NULL); break;
			case 4: take(c, 22, 20, 1, "/b", "file", FACT_NULL, "bad block"); break;
			case 5: take(c, 11, 10, 0, "stream", "stream", FACT_NULL, NULL); break;
			}
		finish(c);
		assert_string_equal(query(c, "SELECT id, parent_id, path FROM blob ORDER BY id"),
		                    "1|NULL|image.bin 2|1|early 3|2|stream 4|1|late 5|4|/a 6|4|/b");
		assert_string_equal(query(c, "SELECT id, blob_id, what FROM damage ORDER BY id"), "1|2|broken 2|6|bad block");
		assert_string_equal(query(c, "SELECT location, size, sha256 FROM input"), "dir/image.bin|1234|00ff");
		assert_string_equal(query(c, "SELECT sha256 FROM blob WHERE id = 1"), "00ff");
		case_close(c);
	}
}

/* What a compromised worker may claim about the tree. */
static void impossible_trees(void **state)
{
	(void)state;
	struct case_file *c = begin(&input, NULL);
	take(c, 5, 6, 0, "a", "file", FACT_NULL, NULL); /* a cycle */
	take(c, 6, 5, 0, "b", "file", FACT_NULL, NULL);
	take(c, 7, 99, 0, "orphan", "file", FACT_NULL, NULL);
	take(c, 1, 0, 0, "image.bin", "input", 0, NULL);
	take(c, 7, 1, 0, "again", "file", FACT_NULL, NULL); /* the same key: the first one stays */
	finish(c);
	assert_string_equal(query(c, "SELECT count(*), sum(parent_id = 1) FROM blob"), "4|3");
	assert_string_equal(query(c, "SELECT count(*) FROM blob WHERE path = 'again'"), "0");
	case_close(c);
}

static void coverage(void **state)
{
	(void)state;
	static const struct {
		bool damage;
		const char *file, *status;
	} rows[] = { { false, "/etc/passwd", "complete" }, { true, "/etc/passwd", "partial" }, { false, NULL, "partial" },
	             { false, "/README", "partial" } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct case_file *c = begin(&input, NULL);
		take(c, 1, 0, 0, "image.bin", "input", 0, rows[i].damage ? "broken" : NULL);
		if (rows[i].file)
			take(c, 2, 1, 0, rows[i].file, "file", FACT_NULL, NULL);
		finish(c);
		char expected[128];
		snprintf(expected, sizeof expected, "firmware.unpack|%s firmware.accounts|%s firmware.elf|%s", rows[i].status,
		         rows[i].status, rows[i].status);
		assert_string_equal(query(c, "SELECT probe, status FROM probe_run ORDER BY id"), expected);
		case_close(c);
	}
}

/* Nobody looks into a program of another system as into an ELF file: how such programs are built is not known then. */
static void coverage_of_foreign_programs(void **state)
{
	(void)state;
	static const struct {
		const char *path, *format, *status;
	} rows[] = { { "/usr/bin/tool", "mach-o", "partial" }, { "/usr/bin/tool", "macho_fat", "partial" },
				 { "/Windows/System32/ntoskrnl.exe", "pe", "partial" }, { "/EFI/BOOT/BOOTX64.EFI", "pe", "complete" },
				 { "/www/setup.exe", "pe", "complete" },                { "/usr/bin/tool", "elf", "complete" } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct case_file *c = begin(&input, NULL);
		take(c, 1, 0, 0, "image.bin", "input", 0, NULL);
		take(c, 2, 1, 0, "/etc/passwd", "file", FACT_NULL, NULL);
		take_as(c, 3, 1, 1, rows[i].path, "file", FACT_NULL, NULL, rows[i].format);
		finish(c);
		assert_string_equal(query(c, "SELECT status FROM probe_run WHERE probe = 'firmware.elf'"), rows[i].status);
		assert_string_equal(query(c, "SELECT status FROM probe_run WHERE probe = 'firmware.accounts'"), "complete");
		case_close(c);
	}
}

static void tick_until_journaled(struct case_file *c)
{
	assert_true(case_tick(c));
	usleep(600 * 1000);
	assert_true(case_tick(c));
}

static void an_unfinished_run_is_continued(void **state)
{
	(void)state;
	struct case_file *c = begin(&input, NULL);
	take(c, 1, 0, 0, "image.bin", "input", 0, NULL);
	take(c, 2, 1, 0, "/a", "file", FACT_NULL, NULL);
	tick_until_journaled(c);
	take(c, 3, 1, 1, "/lost", "file", FACT_NULL, NULL); /* not in the journal yet */
	case_close(c);                                     /* as good as killed: nothing was finished */

	struct error e;
	c = case_open(path, false, &e); /* readable in between */
	assert_non_null(c);
	assert_string_equal(query(c, "SELECT path FROM blob ORDER BY id"), "image.bin /a");
	assert_string_equal(query(c, "SELECT status FROM probe_run"), "partial");
	case_close(c);
	assert_null(case_open(path, true, &e));

	size_t resumed, n;
	c = begin(&input, &resumed);
	assert_int_equal(resumed, 2);
	const uint64_t *keys = case_done_keys(c, &n);
	assert_int_equal(n, 2);
	assert_true(keys[0] == 1 && keys[1] == 2);
	take(c, 3, 1, 1, "/b", "file", FACT_NULL, NULL);
	finish(c);
	assert_string_equal(query(c, "SELECT id, path FROM blob ORDER BY id"), "1|image.bin 2|/a 3|/b");
	case_close(c);
}

static void another_input_begins_anew(void **state)
{
	(void)state;
	struct case_input other = input;
	size_t resumed;
	struct case_file *c = begin(&input, NULL);
	take(c, 1, 0, 0, "image.bin", "input", 0, NULL);
	tick_until_journaled(c);
	case_close(c);
	other.identity = "identity 2";
	c = begin(&other, &resumed);
	assert_int_equal(resumed, 0);
	finish(c);
	assert_string_equal(query(c, "SELECT count(*) FROM blob"), "0");
	case_close(c);
}

static void write_file(const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

/* Never overwrites what is not its own. */
static void foreign_files_are_left_alone(void **state)
{
	(void)state;
	struct error e;
	char back[16] = "";
	write_file("precious", 8);
	assert_null(case_begin(path, &input, NULL, &e));
	assert_int_equal(e.code == ERR_NONE, 0);
	assert_null(case_open(path, false, &e));
	int fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, back, 15), 8);
	close(fd);
	assert_string_equal(back, "precious");

	unlink(path);
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), 0);
	sqlite3_exec(db, "CREATE TABLE mine(x)", NULL, NULL, NULL);
	sqlite3_close(db);
	assert_null(case_begin(path, &input, NULL, &e));
	assert_null(case_open(path, false, &e));
	unlink(path);
	write_file("", 0); /* an empty file is nobody's */
	struct case_file *c = begin(&input, NULL);
	case_close(c);
}

/* A case from somebody else: nothing in its schema may run. */
static void foreign_schemas_are_not_read(void **state)
{
	(void)state;
	static const struct {
		const char *sql, *words;
	} rows[] = {
		{ "CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM meta; END", "triggers" },
		{ "CREATE VIEW mine AS SELECT 1", "views" },
		{ "DROP TABLE elf; CREATE VIEW elf AS SELECT 1 AS id", "views" },
		{ "DROP TABLE elf; CREATE VIRTUAL TABLE elf USING fts4(id)", "virtual tables" },
		{ "DROP TABLE elf; CREATE TABLE elf(id INTEGER PRIMARY KEY, blob_id INTEGER, machine AS (hex(zeroblob(1 << 29))))",
		  "computed columns" },
		{ "DROP TABLE elf; CREATE TABLE elf(id INTEGER PRIMARY KEY, machine AS (hex(zeroblob(1 << 29))) STORED)",
		  "computed columns" },
		{ "CREATE INDEX i ON meta(hex(value))", "computed indices" },
		{ "CREATE INDEX i ON meta(value) WHERE hex(value) = 'a'", "computed indices" },
	};
	struct error e;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sqlite3 *db;
		unlink(path);
		struct case_file *c = begin(&input, NULL);
		finish(c);
		case_close(c);
		c = case_open(path, false, &e);
		assert_non_null(c);
		case_close(c);
		assert_int_equal(sqlite3_open(path, &db), 0);
		assert_int_equal(sqlite3_exec(db, rows[i].sql, NULL, NULL, NULL), 0);
		sqlite3_close(db);
		assert_null(case_open(path, false, &e));
		if (!strstr(e.text, rows[i].words))
			fail_msg("%s: %s", rows[i].sql, e.text);
	}
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(case_open(path, false, &e)); /* and does not wait for who writes it */
}

/* A disk that is full before the last row of the schema stands there: the reason is told, nothing of it stays, and with more room the
 * file is as any other. */
static void tables_on_a_full_disk(void **state)
{
	(void)state;
	struct case_file *c = begin(&input, NULL);
	struct error e = error_at(ERR_IO, 0, "none");
	unsigned failed = 0;
	char limit[64];
	for (unsigned pages = 1; error_is(&e); pages++) {
		snprintf(limit, sizeof limit, "PRAGMA max_page_count = %u", pages); /* no less than there are */
		(void)query(c, limit);
		e = case_make_tables(c, true);
		if (!error_is(&e))
			break;
		failed++;
		if (!strstr(e.text, "full"))
			fail_msg("%u pages: %s", pages, e.text);
		assert_string_equal(query(c, "SELECT name FROM sqlite_schema WHERE name IN ('verdict', 'elf') OR type = 'view'"), "");
		assert_true(sqlite3_get_autocommit(case_db(c)));
		assert_true(sqlite3_exec(case_db(c), "DELETE FROM sqlite_schema", NULL, NULL, NULL) != SQLITE_OK);
	}
	assert_true(failed > 20);
	(void)query(c, "PRAGMA max_page_count = 100000");
	take(c, 1, 0, 0, "image.bin", "input", 0, NULL);
	finish(c);
	assert_string_equal(query(c, "PRAGMA integrity_check"), "ok");
	case_close(c);
	c = case_open(path, false, &e);
	assert_non_null(c);
	assert_string_equal(query(c, "SELECT count(*) FROM sqlite_temp_schema"), "0");
	case_close(c);
}

/* The views as they stand in the schema, with their texts. */
static char *schema_of(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	char *all = NULL;
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT group_concat(type || name || tbl_name || rootpage || sql, char(10)) FROM"
											" (SELECT * FROM sqlite_schema WHERE type = 'view' ORDER BY rowid)", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	all = strdup((const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	assert_non_null(all);
	return all;
}

static void assert_views_answer(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	for (const struct case_view *v = case_views; v < case_views + 15; v++) { /* those made of many others take seconds to prepare */
		char *sql = sqlite3_mprintf("SELECT * FROM %s", v->name);
		int r = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
		if (r || (r = sqlite3_step(s)) != SQLITE_DONE)
			assert_int_equal(r, SQLITE_ROW);
		sqlite3_finalize(s);
		sqlite3_free(sql);
	}
}

/* The schema is written past CREATE VIEW: for SQLite alone it is a file like any other, and VACUUM changes nothing of it. */
static void any_shell_reads_the_views(void **state)
{
	(void)state;
	struct error e;
	struct case_file *c = begin(&input, NULL);
	finish(c);
	assert_views_answer(case_db(c));
	case_close(c);
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_views_answer(db);
	char *before = schema_of(db);
	assert_int_equal(sqlite3_exec(db, "ALTER TABLE elf ADD COLUMN more; VACUUM; PRAGMA integrity_check", NULL, NULL, NULL), SQLITE_OK);
	assert_views_answer(db);
	char *after = schema_of(db);
	assert_string_equal(before, after);
	free(before);
	free(after);
	sqlite3_close(db);
	c = case_open(path, false, &e);
	assert_non_null(c);
	assert_string_equal(query(c, "SELECT count(*) FROM sqlite_temp_schema"), "0");
	assert_views_answer(case_db(c));
	case_close(c);
}

/* One view that is another, one that is gone, one whose text is the same up to where another begins: then none of the file's is used. */
static void other_views_are_not_used(void **state)
{
	(void)state;
	static const char *const changes[] = {
		"DROP VIEW login; CREATE VIEW login AS SELECT 'theirs' AS user",
		"DROP VIEW login",
		"DROP VIEW login; CREATE VIEW login AS SELECT 'theirs' AS user; DROP VIEW started; CREATE VIEW started AS SELECT 1",
		"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || ' LIMIT 0' WHERE name = 'login'",
		"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE VIEW login AS SELECT ''theirs'' AS user' WHERE name = 'login'",
	};
	struct error e;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		sqlite3 *db;
		unlink(path);
		struct case_file *c = begin(&input, NULL);
		take(c, 1, 0, 0, "image.bin", "input", 0, NULL);
		finish(c);
		case_close(c);
		assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, changes[i], NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, "INSERT INTO account(blob_id, user, uid, password) VALUES(1, 'root', 0, 'x')", NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		c = case_open(path, false, &e);
		assert_non_null(c);
		unsigned nviews = 0;
		while (case_views[nviews].name)
			nviews++;
		assert_int_equal(atoi(query(c, "SELECT count(*) FROM sqlite_temp_schema WHERE type = 'view'")), nviews);
		assert_null(strstr(query(c, "SELECT * FROM login"), "theirs"));
		case_close(c);
	}
}

/* A copy of the file and of its journal as a writer that is killed leaves them: half of a transaction is in the file. */
static void cut_off_writing(const char *copy)
{
	char command[512];
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
	                              "PRAGMA cache_size = 2; PRAGMA cache_spill = 1; BEGIN; DELETE FROM blob;"
	                              "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
	                              " INSERT INTO meta SELECT 'half ' || i, hex(randomblob(500)) FROM n",
	                              NULL, NULL, NULL),
	                 SQLITE_OK);
	snprintf(command, sizeof command, "cp %s %s && cp %s-journal %s-journal", path, copy, path, copy);
	assert_int_equal(system(command), 0);
	sqlite3_close(db);
}

static void what_was_half_written_is_undone(void **state)
{
	(void)state;
	char copy[80], journal[96];
	snprintf(copy, sizeof copy, "%s-copy", path);
	snprintf(journal, sizeof journal, "%s-journal", copy);
	size_t resumed;
	struct case_file *c = begin(&input, &resumed);
	take(c, 1, 0, 0, "image.bin", "input", 0, NULL);
	finish(c);
	case_close(c);
	cut_off_writing(copy);
	struct stat st;
	assert_int_equal(stat(journal, &st), 0);
	struct error e;
	c = case_open(copy, false, &e);
	if (!c)
		fail_msg("%s", e.text);
	assert_string_equal(query(c, "SELECT count(*), (SELECT count(*) FROM meta WHERE name LIKE 'half %') FROM blob"), "1|0");
	case_close(c);
	assert_int_equal(stat(journal, &st), -1);
	unlink(copy);
}

static void any_bytes_in_names(void **state)
{
	(void)state;
	struct case_file *c = begin(&input, NULL);
	struct buf b = { 0 };
	struct fact_blob blob = { .path = { "/a\xff\n\x1b[31m\0z", 11 }, .kind = TEXT_LIT("input") };
	struct batch_header h = { 1, 0, 0, 0 };
	assert_int_equal(batch_begin(&b), 0);
	assert_int_equal(batch_add(&b, FACT_blob, &blob), 0);
	assert_int_equal(batch_finish(&b, &h), 0);
	assert_true(case_take_batch(c, buf_span(&b)));
	buf_free(&b);
	finish(c);
	assert_string_equal(query(c, "SELECT path FROM blob"), "/a\\xff\n\x1b[31m\\x00z");
	case_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_in_tree_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(impossible_trees, set_up, tear_down),
		cmocka_unit_test_setup_teardown(coverage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(coverage_of_foreign_programs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_unfinished_run_is_continued, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_input_begins_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(foreign_files_are_left_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(foreign_schemas_are_not_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tables_on_a_full_disk, set_up, tear_down),
		cmocka_unit_test_setup_teardown(any_shell_reads_the_views, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_views_are_not_used, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_half_written_is_undone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(any_bytes_in_names, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
