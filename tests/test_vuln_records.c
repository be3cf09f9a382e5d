/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matching against published records (../shared/feeds): what each says was read there, record by record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "case/case.h"
#include "feed_fixture.h"
#include "make_case.h"
#include "vuln/vuln.h"
#include "vuln_case.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FEEDS "../shared/feeds"

static sqlite3 *feeds;

static int set_up(void **state)
{
	(void)state;
	feeds = fixture_feeds(FEEDS);
	if (!feeds)
		print_message(FEEDS " is not there: no published records to match against\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sqlite3_close(feeds);
	return 0;
}

#define SSL "openssl:openssl"
#define SSH "openbsd:openssh"
#define NTP "ntp:ntp"
#define DNS "thekelleys:dnsmasq dnsmasq:dnsmasq"
#define BUSY "busybox:busybox"
#define UPNP "miniupnp_project:miniupnpd miniupnp.free:miniupnpd"
#define MBED "arm:mbed_tls polarssl:polarssl"
#define NGINX "f5:nginx nginx:nginx f5:nginx_open_source"
#define LINUX "o:linux:linux_kernel"

static const struct {
	const char *cpe, *version, *cve, *result;
	const char *record; /* what the record says */
} cases[] = {
	{ SSL, "1.0.1f", "CVE-2014-0160", "affected", "NVD: 1.0.1 to 1.0.1f one by one; OpenSSL: 1.0.1 before 1.0.1g" },
	{ SSL, "1.0.1", "CVE-2014-0160", "affected", "the same" },
	{ SSL, "1.0.1g", "CVE-2014-0160", "rejected", "the same" },
	{ SSL, "1.0.0l", "CVE-2014-0160", "rejected", "the same" },
	{ SSL, "1.0.2k-fips", "CVE-2014-0160", "rejected", "the same" },
	{ SSL, "1.0.1h", "CVE-2014-0224", "rejected", "NVD: from 1.0.1 before 1.0.1h" },
	{ SSL, "1.0.1g", "CVE-2014-0224", "affected", "the same" },
	{ SSL, "0.9.8y", "CVE-2014-0224", "affected", "NVD: before 0.9.8za" },
	{ SSL, "0.9.8za", "CVE-2014-0224", "rejected", "the same" },
	{ SSL, "0.9.8zb", "CVE-2014-0224", "rejected", "the same" },
	{ SSL, "1.1.1", "CVE-2018-12433", "rejected no version", "NVD: openssl:-" },
	{ SSH, "7.7p1", "CVE-2018-20685", "affected", "NVD: up to 7.9" },
	{ SSH, "7.9p1", "CVE-2018-20685", "affected", "the same: 7.9p1 is 7.9" },
	{ SSH, "8.0p1", "CVE-2018-20685", "rejected", "the same" },
	{ SSH, "8.5p1", "CVE-2024-6387", "affected", "from 8.5p1 before 9.8" },
	{ SSH, "8.4p1", "CVE-2024-6387", "rejected", "the same" },
	{ SSH, "9.7p1", "CVE-2024-6387", "affected", "the same" },
	{ SSH, "9.8p1", "CVE-2024-6387", "rejected", "the same" },
	{ SSH, "9.9p1", "CVE-2025-26466", "affected", "from 9.5p1 before 9.9p2" },
	{ SSH, "9.9p2", "CVE-2025-26466", "rejected", "the same" },
	{ SSH, "9.4p1", "CVE-2025-26466", "rejected", "the same" },
	{ NTP, "4.2.8p11", "CVE-2018-12327", "affected", "4.2.8:p11 alone" },
	{ NTP, "4.2.8p18", "CVE-2018-12327", "rejected", "the same" },
	{ NTP, "4.2.8p10", "CVE-2018-7183", "affected", "4.2.8:p6 to p10" },
	{ NTP, "4.2.8p5", "CVE-2018-7183", "rejected", "the same" },
	{ NTP, "4.2.8p4", "CVE-2018-7170", "affected", "4.2.8:p1 to p6, and 4.2.0 to 4.2.8" },
	{ NTP, "4.2.6", "CVE-2018-7170", "affected", "the same" },
	{ NTP, "4.3.91", "CVE-2018-7170", "affected", "from 4.3.0 before 4.3.92" },
	{ NTP, "4.3.92", "CVE-2018-7170", "rejected", "the same" },
	{ NTP, "4.2.8p18", "CVE-2018-7170", "rejected", "the same" },
	{ NTP, "4.3.50", "CVE-2017-6460", "affected", "4.3.0 to 4.3.93 one by one" },
	{ DNS, "2.77", "CVE-2017-14491", "affected", "thekelleys: up to 2.77" },
	{ DNS, "2.78", "CVE-2017-14491", "rejected", "the same" },
	{ DNS, "2.73rc3", "CVE-2015-3294", "affected", "up to 2.73:rc3" },
	{ DNS, "2.73", "CVE-2015-3294", "rejected", "the same" },
	{ DNS, "2.92", "CVE-2026-4892", "affected", "dnsmasq:dnsmasq: before 2.93rc1" },
	{ DNS, "2.93rc1", "CVE-2026-4892", "rejected", "the same" },
	{ DNS, "2.89", "CVE-2023-50868", "affected", "thekelleys: before 2.90" },
	{ DNS, "2.80", "CVE-2013-0198", "rejected no version", "dnsmasq:-, and versions to 2.64" },
	{ "pi-hole:ftldns", "6.1", "CVE-2026-4892", "affected", "from 6.0 before 6.6.2" },
	{ BUSY, "1.27.2", "CVE-2017-16544", "affected", "up to 1.27.2" },
	{ BUSY, "1.28.0", "CVE-2017-16544", "rejected", "the same" },
	{ BUSY, "1.30.0", "CVE-2019-5747", "affected", "up to 1.30.0" },
	{ BUSY, "1.30.1", "CVE-2019-5747", "rejected", "the same" },
	{ BUSY, "1.36.1", "CVE-2018-1000517", "rejected no version", "busybox:-" },
	{ BUSY, "1.36.1", "CVE-2017-3209", "rejected no version", "busybox:- in a drone" },
	{ UPNP, "2.1", "CVE-2019-12109", "affected", "up to 2.1" },
	{ UPNP, "2.2.0", "CVE-2019-12109", "rejected", "the same" },
	{ UPNP, "1.0", "CVE-2013-0230", "affected", "1.0" },
	{ MBED, "2.16.0", "CVE-2018-19608", "rejected",
	  "from 2.1.0 before 2.1.17, from 2.7.0 before 2.7.8, from 2.14.0 before 2.14.1" },
	{ MBED, "2.1.16", "CVE-2018-19608", "affected", "the same" },
	{ MBED, "1.3.8", "CVE-2014-8627", "affected", "polarssl 1.3.8" },
	{ MBED, "3.6.3", "CVE-2025-52496", "affected", "before 3.6.4" },
	{ MBED, "3.6.4", "CVE-2025-52496", "rejected", "the same" },
	{ NGINX, "1.26.1", "CVE-2024-7347", "affected", "from 1.5.13 before 1.26.2" },
	{ NGINX, "1.26.2", "CVE-2024-7347", "rejected", "the same" },
	{ NGINX, "1.27.0", "CVE-2024-7347", "affected", "from 1.27 before 1.27.1" },
	{ NGINX, "1.5.12", "CVE-2024-7347", "rejected", "the same" },
	{ NGINX, "1.25.3", "CVE-2024-24989", "affected", "from 1.25.3 before 1.25.4" },
	{ NGINX, "1.25.2", "CVE-2024-24989", "rejected", "the same" },
	/* platforms that are flagged as not vulnerable: Adobe Flash Player on Linux and others */
	{ LINUX, "1.3.3", "CVE-2011-0609", "rejected platform", "linux_kernel: vulnerable false" },
	{ LINUX, "1.3.3", "CVE-2015-5119", "rejected platform", "the same" },
	{ LINUX, "1.3.3", "CVE-2018-15982", "rejected platform", "the same" },
	{ LINUX, "1.3.3", "CVE-2016-7855", "rejected platform", "the same" },
	/* linux_kernel called vulnerable beside miniupnpd 1.9 */
	{ LINUX, "4.9", "CVE-2014-3985", "rejected platform", "AND of linux_kernel and miniupnpd 1.9" },
	/* ESP-IDF on the ESP32: hardware that the image does not tell */
	{ "espressif:esp-idf", "4.1", "CVE-2020-13595", "rejected platform", "AND of esp-idf and h:espressif:esp32" },
	{ LINUX, "2.6.36", "CVE-2010-3904", "rejected", "up to 2.6.35.9" },

	{ LINUX, "2.6.35.9", "CVE-2010-3904", "affected", "the same" },
	{ LINUX, "5.1.16", "CVE-2019-13272", "affected", "before 5.1.17" },
	{ LINUX, "5.1.17", "CVE-2019-13272", "rejected", "the same" },
};

static void test_records(void **state)
{
	(void)state;
	if (!feeds)
		skip();
	for (size_t i = 0; i < COUNT(cases); i++) {
		sqlite3 *db = vuln_case("p", cases[i].version, cases[i].cpe);
		char got[VULN_RESULT_MAX];
		struct error e = vuln_match(db, feeds, NULL, NULL);
		if (error_is(&e))
			fail_msg("%s", e.text);
		vuln_result(db, 1, cases[i].cve, got);
		/* those out of range are listed up to a limit only */
		bool missing = !got[0] && strcmp(cases[i].result, "rejected") == 0;
		if (!missing && strncmp(got, cases[i].result, strlen(cases[i].result)) != 0)
			fail_msg("%s %s, %s (%s): not %s but %s", cases[i].cpe, cases[i].version, cases[i].cve, cases[i].record,
					 cases[i].result, got);
		sqlite3_close(db);
	}
}

/* Alpine's packages by its own database, upstream's versions notwithstanding. */
static void test_alpine(void **state)
{
	static const struct {
		const char *version, *package_version, *distribution, *cve, *result;
	} packages[] = {
		{ "1.30.1", "1.30.1-r2", "alpine 3.10.5", "CVE-2019-5747", "fixed" },
		{ "1.30.0", "1.30.0-r0", "alpine 3.10.5", "CVE-2019-5747", "affected" },
		{ "1.29.3", "1.29.3-r10", "alpine 3.10.5", "CVE-2018-20679", "fixed" },
		{ "1.29.3", "1.29.3-r9", "alpine 3.10.5", "CVE-2018-20679", "affected" },
		{ "1.29.3", "1.29.3-r10", "openwrt 19.07", "CVE-2018-20679", "affected" },
	};
	(void)state;
	if (!feeds)
		skip();
	for (size_t i = 0; i < COUNT(packages); i++) {
		sqlite3 *db = vuln_case("busybox", packages[i].version, BUSY);
		char got[VULN_RESULT_MAX];
		make_rows(db, "UPDATE software SET distribution = %Q, source_package = 'busybox', package_version = %Q",
				  packages[i].distribution, packages[i].package_version);
		struct error e = vuln_match(db, feeds, NULL, NULL);
		assert_false(error_is(&e));
		vuln_result(db, 1, packages[i].cve, got);
		if (strncmp(got, packages[i].result, strlen(packages[i].result)) != 0)
			fail_msg("%s %s: not %s but %s", packages[i].package_version, packages[i].cve, packages[i].result, got);
		sqlite3_close(db);
	}
}

/* Of 4.2.8p18 nothing in the feed is true. */
static void test_ntp(void **state)
{
	(void)state;
	if (!feeds)
		skip();
	sqlite3 *db = vuln_case("ntp", "4.2.8p18", NTP);
	struct error e = vuln_match(db, feeds, NULL, NULL);
	assert_false(error_is(&e));
	assert_int_equal(vuln_number(db, "SELECT count(*) FROM vulnerability"), 0);
	assert_true(vuln_number(db, "SELECT count(*) FROM vulnerability_rejected") > 0);
	sqlite3_close(db);
}

/* ---- curl: its own list of first and last vulnerable releases against what is matched ---- */

#define RELEASES_MAX 600
#define CURL_MAX 400

struct row {
	char cve[32], first[32], last[32];
};

static long part(const char **p)
{
	long n = strtol(*p, (char **)p, 10);
	if (**p == '.')
		(*p)++;
	return n;
}

/* Three dotted numbers. */
static int compare(const char *a, const char *b)
{
	for (int i = 0; i < 4; i++) {
		long x = *a ? part(&a) : 0, y = *b ? part(&b) : 0;
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

static size_t read_curl(struct row *rows)
{
	FILE *f = fopen(FEEDS "/curl/curl-vulns.tsv", "r");
	char line[4096];
	size_t n = 0;
	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, "CVE-", 4) == 0 && n < CURL_MAX &&
			sscanf(line, "%31[^\t]\t%31[^\t]\t%31[^\t]", rows[n].cve, rows[n].first, rows[n].last) == 3)
			n++;
	if (f)
		fclose(f);
	return n;
}

static size_t add_release(char releases[][32], size_t n, const char *version)
{
	if (!version[0] || strspn(version, "0123456789.") != strlen(version))
		return n;
	for (size_t i = 0; i < n; i++)
		if (strcmp(releases[i], version) == 0)
			return n;
	if (n < RELEASES_MAX)
		snprintf(releases[n++], 32, "%s", version);
	return n;
}

/* Where NVD's record and curl's own list differ, by record, with what NVD says. Everything else must agree. */
static const struct {
	const char *cve, *why;
} differences[] = {
	{ "CVE-2018-14618", "NVD: before 7.61.1, without a beginning; curl: since 7.15.4" },
	{ "CVE-2019-5443", "NVD: on Windows only; curl's list has no platforms" },
	{ "CVE-2024-2398", "the override says 7.4.4 where curl says 7.44.0" },
	{ "CVE-2025-9086", "the override says since 7.31.0, curl since 8.13.0" },
	{ "CVE-2025-10966", "the override says before 8.16.0, curl 8.16.0 included" },
	{ NULL, NULL },
};

static bool explained(const char *cve)
{
	for (size_t i = 0; differences[i].cve; i++)
		if (strcmp(differences[i].cve, cve) == 0)
			return true;
	return false;
}

static void test_curl(void **state)
{
	static struct row rows[CURL_MAX];
	static char releases[RELEASES_MAX][32];
	(void)state;
	if (!feeds)
		skip();
	size_t nrows = read_curl(rows), n = 0, checked = 0, wrong = 0, different = 0;
	for (size_t i = 0; i < nrows; i++) {
		n = add_release(releases, n, rows[i].first);
		n = add_release(releases, n, rows[i].last);
	}
	sqlite3_stmt *s = NULL;
	assert_int_equal(
		sqlite3_prepare_v2(
			feeds,
			"SELECT DISTINCT version FROM criterion WHERE product IN ('cpe:a:haxx:curl', 'cpe:a:haxx:libcurl')"
			" UNION SELECT start FROM criterion WHERE product IN ('cpe:a:haxx:curl', 'cpe:a:haxx:libcurl')"
			" UNION SELECT end FROM criterion WHERE product IN ('cpe:a:haxx:curl', 'cpe:a:haxx:libcurl')",
			-1, &s, NULL),
		SQLITE_OK);
	while (sqlite3_step(s) == SQLITE_ROW)
		if (sqlite3_column_text(s, 0))
			n = add_release(releases, n, (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	assert_true(nrows > 100 && n > 100);
	for (size_t i = 0; i < n; i++) {
		sqlite3 *db = vuln_case("curl", releases[i], "haxx:curl haxx:libcurl");
		struct error e = vuln_match(db, feeds, NULL, NULL);
		assert_false(error_is(&e));
		for (size_t k = 0; k < nrows; k++) {
			char sql[512], got[VULN_RESULT_MAX];
			snprintf(
				sql, sizeof sql,
				"SELECT count(*) FROM criterion c JOIN vulnerability v ON v.id = c.vulnerability_id WHERE v.name = '%s'"
				" AND c.product IN ('cpe:a:haxx:curl', 'cpe:a:haxx:libcurl')",
				rows[k].cve);
			if (i == 0 && vuln_number(feeds, sql) == 0)
				rows[k].first[0] = '\0';
			if (!rows[k].first[0])
				continue;
			bool expected = compare(releases[i], rows[k].first) >= 0 && compare(releases[i], rows[k].last) <= 0;
			vuln_result(db, 1, rows[k].cve, got);
			bool is = strncmp(got, "affected", 8) == 0;
			checked++;
			if (is != expected && explained(rows[k].cve)) {
				different++;
			} else if (is != expected) {
				print_message("curl %s, %s: curl says %s to %s; matched: %s\n", releases[i], rows[k].cve, rows[k].first,
							  rows[k].last, got);
				wrong++;
			}
		}
		sqlite3_close(db);
	}
	print_message("curl: %zu verdicts compared, %zu differ as the records do, %zu are wrong\n", checked, different,
				  wrong);
	assert_int_equal(wrong, 0);
	assert_true(checked > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_alpine),
		cmocka_unit_test(test_ntp),
		cmocka_unit_test(test_curl),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
