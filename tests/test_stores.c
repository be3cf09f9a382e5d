/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stores: databases that SQLite itself writes, with the rows that it counts; files by their magic, their name, their text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "inspected.h"

extern const struct inspector stores_inspector;

/* The bytes of a database made by these statements; malloc'ed. */
static struct span database(const char *sql)
{
	char path[] = "/tmp/stores-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_close(db);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	size_t n = (size_t)ftell(f);
	uint8_t *p = malloc(n + 1);
	rewind(f);
	assert_int_equal(fread(p, 1, n, f), n);
	fclose(f);
	unlink(path);
	return span_of(p, n);
}

static void expect(const char *path, struct span bytes, const char *rows)
{
	struct inspected out;
	inspected_file(&out, &stores_inspector, path, bytes);
	const char *printed = inspected_print(&out, FACT_data_store);
	if (strcmp(printed, rows) != 0)
		print_message("%s\n", path);
	assert_string_equal(printed, rows);
	inspected_free(&out);
}

static void test_sqlite(void **state)
{
	(void)state;
	static const struct {
		const char *sql, *rows;
	} cases[] = {
		{ "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, password TEXT); INSERT INTO users VALUES(1,'a','b'),(2,'c','d')",
		  "kind=sqlite | content=credentials identity | evidence=users(id, email, password) | records=2 | encrypted=0\n" },
		{ "CREATE TABLE t(a, b)", "kind=sqlite | content= | evidence=t | encrypted=0\n" },
		/* several pages of rows, a small page, a long text */
		{ "PRAGMA page_size=512; CREATE TABLE \"track log\"([gpsLatitude] REAL, lon REAL, note VARCHAR(10) DEFAULT 'x,y', PRIMARY KEY(lon)); "
		  "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO \"track log\" SELECT i, i, 'abcdefgh' FROM n",
		  "kind=sqlite | content=location | evidence=track log(gpsLatitude, lon, note) | records=3000 | encrypted=0\n" },
		{ "PRAGMA page_size=512; CREATE TABLE contacts(c1, c2, c3, /* "
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		  "*/ d)",
		  "kind=sqlite | content=contacts | evidence=contacts(c1, c2, c3) | records=0 | encrypted=0\n" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct span bytes = database(cases[i].sql);
		expect("/data/x.db", bytes, cases[i].rows);
		free((void *)(uintptr_t)bytes.p);
	}
}

static void test_others(void **state)
{
	(void)state;
#define BYTES(s)                                                                                                       \
	{                                                                                                                  \
		s, sizeof(s) - 1                                                                                               \
	}
	static const struct {
		const char *path;
		struct {
			const char *p;
			size_t n;
		} bytes;
		const char *rows;
	} cases[] = {
		{ "/var/log/messages", BYTES("Jan 1 a\nJan 1 b\n"),
		  "kind=log | content=usage | evidence=a log with entries | records=2 | encrypted=0\n" },
		{ "/etc/ks.jks", BYTES("\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1"),
		  "kind=keystore | content=credentials | evidence=Java key store (JKS)\n" },
		{ "/root/me.vcf", BYTES("BEGIN:VCARD\nEND:VCARD\nBEGIN:VCARD\n"),
		  "kind=contacts | content=contacts identity | evidence=vCard | records=2 | encrypted=0\n" },
		{ "/mnt/recordings/a.wav", BYTES("RIFF"), "kind=media | content=audio | evidence=a recording | encrypted=0\n" },
		{ "/data/db/CURRENT", BYTES("MANIFEST-000001\n"),
		  "kind=key-value | content= | evidence=LevelDB or RocksDB | encrypted=0\n" },
		{ "/data/user.json", BYTES("{\"lastName\": \"x\", \"gps\": 1, \"size\": 2}"),
		  "kind=json | content=location identity | evidence=lastName, gps | encrypted=0\n" },
		{ "/etc/crypttab", BYTES("# c\ndata /dev/mmcblk0p3 /etc/key luks\n"),
		  "kind=volume | content= | evidence=data /dev/mmcblk0p3 /etc/key luks | encrypted=1\n" },
		{ "/bin/m.sh", BYTES("#!/bin/sh\ncryptsetup luksOpen /dev/x y\n# cryptsetup luksOpen no\n"),
		  "kind=volume | content= | evidence=cryptsetup luksOpen /dev/x y | encrypted=1\n" },
		{ "/bin/app",
		  BYTES(
			  "\x7f"
			  "ELF\0\0create table if not exists visits(id integer, user_name text, lat real);\0CREATE TABLE %s(a)\0CREATE TABLE a(b,c)\0"),
		  "kind=sql | content=location identity usage | evidence=creates visits(id, user_name, lat)\n" },
		/* how much there is of it, how it looks and whether it is wanted is not the data itself */
		{ "/srv/a.sql",
		  BYTES("CREATE TABLE a(image_format_id, user_count, history_entries, location_enabled, label_location);\n"
				"CREATE TABLE b(steps, weight, tag_user_defined, location);\nCREATE TABLE d(alarm_input, alarm_rgb, MinAlarmPixels);\nCREATE TABLE c(daily_steps, bpm);\n"),
		  "kind=sql | content=health | evidence=creates c(daily_steps, bpm)\n" },
		/* none of these */
		{ "/etc/cacerts", BYTES("\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1\0\0\0\2"), "" },
		{ "/var/log/empty", BYTES(""), "" },
		{ "/data/plain.json", BYTES("{\"width\": 1}"), "" },
		{ "/www/snapshot/a.jpg", BYTES("x"), "" },
		{ "/usr/share/doc/x/schema", BYTES("CREATE TABLE users(email, password)"), "" },
		{ "/usr/lib/libsqlite3.so.0",
		  BYTES("\x7f"
				"ELF\0CREATE TABLE x(name, email)\0"),
		  "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect(cases[i].path, span_of(cases[i].bytes.p, cases[i].bytes.n), cases[i].rows);
}

static void test_survives(void **state)
{
	(void)state;
	struct span bytes = database(
		"PRAGMA page_size=512; CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT); WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL "
		"SELECT i + 1 FROM n WHERE i < 300) INSERT INTO users SELECT i, 'abcdefgh' FROM n");
	inspected_survives(&stores_inspector, "/x.db", bytes, 3000);
	free((void *)(uintptr_t)bytes.p);
	static const char text[] =
		"{\"lastName\": 1} create table a(\"b c\", d int, primary key(b)) cryptsetup open x\nBEGIN:VCARD <gps>";
	inspected_survives(&stores_inspector, "/data/x.json", span_of(text, sizeof text), 500);
	inspected_survives(&stores_inspector, "/data/x.xml", span_of(text, sizeof text), 500);
	inspected_survives(&stores_inspector, "/etc/crypttab", span_of(text, sizeof text), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sqlite), cmocka_unit_test(test_others),
										cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("stores", tests, NULL, NULL);
}
