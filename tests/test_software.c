/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The software of an image, put together from rows of `component`; applets with their links. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "case/case.h"
#include "make_case.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define BASE                                                                                                             \
	"INSERT INTO input(id, kind, location) VALUES(1, 'firmware', 'x');"                                                  \
	"INSERT INTO blob(id, input_id, parent_id, path, kind) VALUES(1, 1, NULL, 'x', 'input'), (2, 1, 1, 'fs', 'region')," \
	" (3, 1, 2, '/a', 'file'), (4, 1, 2, '/b', 'file'), (5, 1, 2, '/db', 'file');"
#define COMPONENTS "INSERT INTO component(blob_id, name, version, package_version, evidence_kind, confidence) VALUES"
#define PACKAGES                                                                                                       \
	"INSERT INTO component(blob_id, name, version, package_version, source_package, distribution, evidence_kind,"      \
	" confidence) VALUES"
#define QUERY                                                                                                               \
	"SELECT group_concat(line, char(10)) FROM (SELECT s.name || ' ' || coalesce(version, '-') || ' ' ||"                    \
	" coalesce(package_version, '-') || ' ' || evidence_kind || ' ' || confidence || ' ' || path || ' ' || count || ' ' ||" \
	" (SELECT group_concat(component_id) FROM (SELECT component_id FROM software_evidence e WHERE e.software_id = s.id"     \
	"  ORDER BY e.id)) AS line FROM software s ORDER BY s.id)"

static const struct {
	const char *rows, *query, *expected;
} cases[] = {
	/* the same in two files is one; two versions are two */
	{ COMPONENTS "(3, 'dnsmasq', '2.80', NULL, 'banner', 'likely'), (4, 'dnsmasq', '2.80', NULL, 'banner', 'proven'),"
				 "(4, 'dnsmasq', '2.90', NULL, 'banner', 'proven')",
	  QUERY, "dnsmasq 2.80 - banner likely /a 2 1,2\ndnsmasq 2.90 - banner proven /b 1 3" },
	/* the better evidence counts, and a revision that is known holds for the banner too */
	{ COMPONENTS "(3, 'openssl', '1.1.1w', NULL, 'banner', 'proven');" PACKAGES
				 "(5, 'libssl1.1', '1.1.1w', '1.1.1w-0+deb11u1', 'openssl', 'debian', 'package', 'proven'),"
				 "(5, 'openssl', '1.1.1w', '1.1.1w-0+deb11u1', 'openssl', 'debian', 'package', 'proven')",
	  QUERY, "openssl 1.1.1w 1.1.1w-0+deb11u1 package proven /db 3 2,3,1" },
	/* two revisions: a banner belongs to neither */
	{ COMPONENTS "(3, 'zlib', '1.2.13', NULL, 'banner', 'proven');" PACKAGES
				 "(5, 'zlib1g', '1.2.13', '1.2.13-1', 'zlib', 'debian', 'package', 'proven'),"
				 "(5, 'zlib1g', '1.2.13', '1.2.13-2', 'zlib', 'debian', 'package', 'proven')",
	  QUERY,
	  "zlib 1.2.13 - banner proven /a 1 1\nzlib 1.2.13 1.2.13-1 package proven /db 1 2\n"
	  "zlib 1.2.13 1.2.13-2 package proven /db 1 3" },
	/* an unknown version only where no other is known */
	{ COMPONENTS "(3, 'swupdate', NULL, NULL, 'banner', 'proven'), (4, 'libmnl', NULL, NULL, 'filename', 'likely'),"
				 "(3, 'libmnl', '1.0.4', NULL, 'path', 'possible')",
	  QUERY, "libmnl 1.0.4 - path possible /a 1 3,2\nswupdate - - banner proven /a 1 1" },
	/* a package that nobody knows keeps its name */
	{ PACKAGES "(5, 'zzz-tool', '1.0', '1.0-1', 'zzz', 'debian', 'package', 'proven')", QUERY,
	  "zzz-tool 1.0 1.0-1 package proven /db 1 1" },
	/* the release of the distribution, where the image tells one */
	{ "INSERT INTO setting(blob_id, program, key, value) VALUES(3, 'os-release', 'ID', 'debian'),"
	  " (3, 'os-release', 'VERSION_ID', '12');" PACKAGES
	  "(5, 'zlib1g', '1.2.13', '1.2.13-1', 'zlib', 'debian', 'package', 'proven')",
	  "SELECT title || '|' || distribution || '|' || source_package || '|' || substr(cpe, 1, 9) FROM software",
	  "zlib|debian 12|zlib|zlib:zlib" },
	/* applets */
	{ "INSERT INTO blob(id, input_id, parent_id, path, kind, link_target) VALUES(6, 1, 2, '/bin/sh', 'symlink', '/a');"
	  "INSERT INTO applet(blob_id, program, name) VALUES(3, 'busybox', 'sh'), (3, 'busybox', 'telnetd')",
	  "SELECT group_concat(name || linked) FROM applet", "sh1,telnetd0" },
};

static void test_software(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		sqlite3 *db = make_case_empty(NULL);
		make_rows(db, "%s", BASE);
		make_rows(db, "%s", cases[i].rows);
		struct error e = case_derive(db);
		if (error_is(&e))
			fail_msg("case %zu: %s", i, e.text);
		sqlite3_stmt *s;
		assert_int_equal(sqlite3_prepare_v2(db, cases[i].query, -1, &s, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(s), SQLITE_ROW);
		const char *got = (const char *)sqlite3_column_text(s, 0);
		assert_string_equal(got ? got : "(nothing)", cases[i].expected);
		sqlite3_finalize(s);
		sqlite3_close(db);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_software),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
