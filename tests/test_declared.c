/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What documents declare beside what is in the image: sbom_difference, statement, vulnerability_shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "case/case.h"
#include "make_case.h"

/* The software of an image: an OpenWrt's packages, a Debian's, programs with a banner. */
static sqlite3 *make(void)
{
	sqlite3 *db = make_case_empty(NULL);
	make_rows(db,
			  "CREATE TABLE IF NOT EXISTS software(id INTEGER PRIMARY KEY, name TEXT, title TEXT, version TEXT,"
			  " package_version TEXT, source_package TEXT, distribution TEXT, architecture TEXT, purl TEXT, cpe TEXT,"
			  " licence TEXT, confidence TEXT, evidence_kind TEXT, path TEXT, count INTEGER)");
	make_rows(
		db,
		"INSERT INTO software(id, name, version, package_version, source_package, distribution, purl, cpe, confidence) VALUES"
		"(1, 'dnsmasq', '2.80', NULL, NULL, NULL, 'pkg:generic/dnsmasq', 'thekelleys:dnsmasq', 'proven'),"
		"(2, 'openssl', '1.1.1n', '1.1.1n-0+deb11u5', 'openssl', 'debian 11', NULL, 'openssl:openssl', 'proven'),"
		"(3, 'busybox', '1.28.4', '1.28.4-r3', NULL, 'alpine 3.8', NULL, 'busybox:busybox', 'proven'),"
		"(4, 'zlib', NULL, NULL, NULL, NULL, NULL, 'zlib:zlib', 'likely'),"
		"(5, 'dropbear', '2019.78', NULL, NULL, NULL, NULL, 'dropbear_ssh_project:dropbear_ssh', 'possible'),"
		"(6, 'linux', '4.14.95', NULL, NULL, NULL, NULL, 'o:linux:linux_kernel', 'proven'),"
		"(7, 'busybox', '1.36.1', NULL, NULL, NULL, NULL, 'busybox:busybox', 'proven')");
	make_rows(db, "INSERT INTO input(id, kind, location, size, sha256) VALUES(1, 'firmware', 'router.bin', 1, 'aa')");
	make_rows(db, "INSERT INTO blob(id, input_id, path, kind) VALUES(1, 1, 'router.bin', 'input')");
	make_rows(db,
			  "INSERT INTO blob(id, input_id, parent_id, path, kind) VALUES(2, 1, 1, '/usr/share/sbom.json', 'file')");
	make_rows(db, "INSERT INTO input(id, kind, location, size, sha256) VALUES(2, 'sbom', 'bill.json', 1, 'bb'), (3, 'vex', 'vex.json', 1, 'cc')");
	make_rows(
		db,
		"INSERT INTO blob(id, input_id, path, kind) VALUES(3, 2, 'bill.json', 'input'), (4, 3, 'vex.json', 'input')");
	return db;
}

static void derive(sqlite3 *db)
{
	struct error e = case_derive_declared(db);
	if (error_is(&e))
		fail_msg("%s", e.text);
}

/* The rows of a query as "a|b" lines. */
static const char *rows(sqlite3 *db, const char *sql)
{
	static char out[8192];
	sqlite3_stmt *s = NULL;
	size_t n = 0;
	out[0] = '\0';
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL))
		fail_msg("%s", sqlite3_errmsg(db));
	while (sqlite3_step(s) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(s); i++) {
			const char *text = (const char *)sqlite3_column_text(s, i);
			n += (size_t)snprintf(out + n, sizeof out - n, "%s%s", text ? text : "-",
								  i + 1 < sqlite3_column_count(s) ? "|" : "\n");
		}
	sqlite3_finalize(s);
	return out;
}

static const char difference[] =
	"SELECT kind, name, declared_version, found_version, software_id FROM sbom_difference ORDER BY id";

static void test_bill_that_agrees(void **state)
{
	(void)state;
	sqlite3 *db = make();
	make_rows(
		db,
		"INSERT INTO declared_component(blob_id, name, version, purl, cpe, kind) VALUES"
		"(3, 'Router', '1.0', NULL, NULL, 'product'),"
		"(3, 'dnsmasq', '2.80', NULL, NULL, NULL),"
		"(3, 'libssl', NULL, 'pkg:deb/debian/openssl@1.1.1n-0%%2Bdeb11u5?arch=armhf', NULL, NULL)," /* by purl alone */
		"(3, 'BusyBox', 'v1.28.4', NULL, NULL, NULL),"                                              /* case, and a v */
		"(3, 'zlib', '1.2.11', NULL, NULL, NULL)," /* found without version */
		"(3, 'kernel', NULL, NULL, 'cpe:2.3:o:linux:linux_kernel:4.14.95:*:*:*:*:*:*:*', NULL),"
		"(3, 'gcc', '9.3.0', NULL, NULL, NULL),"        /* a tool of the build */
		"(3, 'our-own-daemon', '3', NULL, NULL, NULL)," /* that nobody could have seen */
		"(3, 'openvpn', NULL, NULL, NULL, NULL)");      /* without version */
	derive(db);
	/* Two versions are in the image; one of them is declared. */
	assert_string_equal(rows(db, difference), "missing_in_sbom|busybox|-|1.36.1|7\n");
	sqlite3_close(db);
}

/* A file's name tells "7.6", its package "7.6.q-32"; a kernel has a zstd of its own. */
static void test_bill_and_lesser_evidence(void **state)
{
	(void)state;
	sqlite3 *db = make();
	make_rows(db, "DELETE FROM software; INSERT INTO software(id, name, version, package_version, confidence) VALUES"
				  "(1, 'tcp_wrappers', '7.6', NULL, 'likely'), (2, 'tcp_wrappers', '7.6.q', '7.6.q-32', 'proven'),"
				  "(3, 'zstd', '1.4.10', NULL, 'proven'), (4, 'zlib', '1.2.3', NULL, 'proven'), (5, 'zlib', '1.2.38', NULL, 'proven')");
	make_rows(db, "INSERT INTO kernel(id, blob_id, version) VALUES(1, 1, '6.1.0');"
				  "INSERT INTO component(id, blob_id, name) VALUES(1, 1, 'zstd'), (2, 1, 'zlib'), (3, 2, 'zlib');"
				  "INSERT INTO software_evidence(id, software_id, component_id) VALUES(1, 3, 1), (2, 4, 2), (3, 4, 3)");
	make_rows(db, "INSERT INTO declared_component(blob_id, name, version) VALUES(3, 'libwrap0', '7.6.q-32'), (3, 'zlib', '1.2.38')");
	derive(db);
	/* Of zlib the other version is in a file as well, and is no beginning of what is declared: another number. */
	assert_string_equal(rows(db, difference), "missing_in_sbom|zlib|-|1.2.3|4\n");
	sqlite3_close(db);
}

static void test_bill_that_differs(void **state)
{
	(void)state;
	sqlite3 *db = make();
	make_rows(db, "INSERT INTO declared_component(id, blob_id, name, version, purl) VALUES"
				  "(1, 3, 'dnsmasq', '2.86', NULL),"                           /* another version */
				  "(2, 3, 'org.busybox/busybox', '1.31.1', NULL),"             /* neither of two */
				  "(3, 3, 'openssl', NULL, 'pkg:deb/debian/openssl@3.0.2-1')," /* version in the purl alone */
				  "(4, 3, 'openvpn', '2.5.1', NULL)");                         /* not there */
	derive(db);
	assert_string_equal(rows(db, difference),
						"version_differs|dnsmasq|2.86|2.80|1\n"
						"version_differs|org.busybox/busybox|1.31.1|1.28.4-r3|3\n"
						"version_differs|openssl|3.0.2-1|1.1.1n-0+deb11u5|2\n"
						"not_in_image|openvpn|2.5.1|-|-\n"
						"missing_in_sbom|zlib|-|-|4\n"
						"missing_in_sbom|linux|-|4.14.95|6\n"); /* not dropbear, which is only possible */
	derive(db);                                                 /* once more: the same */
	assert_string_equal(rows(db, "SELECT count(*) FROM sbom_difference"), "6\n");
	sqlite3_close(db);
}

/* A bill in the image is compared where none lies beside it. */
static void test_bill_in_image(void **state)
{
	(void)state;
	sqlite3 *db = make();
	derive(db);
	assert_string_equal(rows(db, difference), ""); /* no bill: no difference */
	make_rows(db, "INSERT INTO declared_component(blob_id, name, version) VALUES(2, 'dnsmasq', '1')");
	derive(db);
	assert_string_equal(rows(db, "SELECT kind, name FROM sbom_difference ORDER BY id LIMIT 1"),
						"version_differs|dnsmasq\n");
	make_rows(db, "INSERT INTO declared_component(blob_id, name, version) VALUES(3, 'dnsmasq', '2.80')");
	derive(db);
	assert_string_equal(rows(db, "SELECT count(*) FROM sbom_difference WHERE name = 'dnsmasq'"), "0\n");
	sqlite3_close(db);
}

static void test_statements(void **state)
{
	(void)state;
	sqlite3 *db = make();
	make_rows(
		db,
		"INSERT INTO declared_statement(id, blob_id, line, vulnerability, name, version, purl, cpe, status, author) VALUES"
		"(1, 4, 1, 'CVE-1', 'dnsmasq', '2.80', NULL, NULL, 'not_affected', 'A'),"
		"(2, 4, 2, 'CVE-2', 'dnsmasq', '2.79', NULL, NULL, 'not_affected', 'A')," /* another version */
		"(3, 4, 3, 'CVE-3', 'busybox', NULL, NULL, NULL, 'fixed', 'A'),"          /* any version: both */
		"(4, 4, 4, 'CVE-4', NULL, NULL, 'pkg:apk/alpine/busybox@1.28.4-r3', NULL, 'fixed', 'A')," /* that of the distribution */
		"(5, 4, 5, 'CVE-5', NULL, NULL, 'pkg:deb/debian/busybox', NULL, 'fixed', 'A'),"           /* of another */
		"(6, 4, 6, 'CVE-6', NULL, NULL, NULL, 'cpe:2.3:o:linux:linux_kernel:4.14.95:*:*:*:*:*:*:*', 'affected', 'A'),"
		"(7, 4, 7, 'CVE-7', NULL, NULL, NULL, 'cpe:/o:linux:linux_kernel', 'affected', 'A'),"
		"(8, 2, 8, 'CVE-8', 'dnsmasq', NULL, NULL, NULL, 'fixed', 'A')," /* in the image: a fact, not a statement of ours */
		"(9, 4, 9, 'CVE-9', NULL, NULL, NULL, NULL, 'fixed', 'A')");     /* of nothing */
	derive(db);
	assert_string_equal(rows(db, "SELECT vulnerability, software_id, status, source, line FROM statement ORDER BY id"),
						"CVE-1|1|not_affected|vex.json|1\n"
						"CVE-2|-|not_affected|vex.json|2\n"
						"CVE-3|3|fixed|vex.json|3\n"
						"CVE-3|7|fixed|vex.json|3\n"
						"CVE-4|3|fixed|vex.json|4\n"
						"CVE-5|-|fixed|vex.json|5\n"
						"CVE-6|6|affected|vex.json|6\n"
						"CVE-7|6|affected|vex.json|7\n"
						"CVE-9|-|fixed|vex.json|9\n");
	sqlite3_close(db);
}

/* The match's state stays; the last statement is shown beside it, with whose word it is. */
static void test_shown(void **state)
{
	(void)state;
	sqlite3 *db = make();
	make_rows(
		db,
		"INSERT INTO vulnerability(id, software_id, name, state) VALUES(1, 1, 'CVE-1', 'affected'), (2, 2, 'CVE-1', 'affected')");
	make_rows(db, "INSERT INTO declared_statement(blob_id, vulnerability, name, status, author, note) VALUES"
				  "(4, 'CVE-1', 'dnsmasq', 'under_investigation', 'A', NULL),"
				  "(4, 'CVE-1', 'dnsmasq', 'not_affected', NULL, 'why')");
	derive(db);
	assert_string_equal(
		rows(db, "SELECT id, state, stated_state, stated_by, note FROM vulnerability_shown ORDER BY id"),
		"1|affected|not_affected|vex.json|why\n"
		"2|affected|-|-|-\n");
	sqlite3_close(db);
}

/* A case of a version that had no software has no differences, whatever is declared. */
static void test_without_software(void **state)
{
	(void)state;
	sqlite3 *db = make();
	make_rows(db, "DROP TABLE software");
	make_rows(db, "INSERT INTO declared_component(blob_id, name, version) VALUES(3, 'dnsmasq', '1')");
	make_rows(
		db,
		"INSERT INTO declared_statement(blob_id, vulnerability, name, status) VALUES(4, 'CVE-1', 'dnsmasq', 'fixed')");
	derive(db);
	assert_string_equal(rows(db, difference), "");
	assert_string_equal(rows(db, "SELECT vulnerability, software_id FROM statement"), "CVE-1|-\n");
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bill_that_agrees),
		cmocka_unit_test(test_bill_and_lesser_evidence), cmocka_unit_test(test_bill_that_differs),
		cmocka_unit_test(test_bill_in_image),
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_without_software),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
