/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matching: small records that each hold one trap. What published records say is in test_vuln_records.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "case/case.h"
#include "feed_fixture.h"
#include "make_case.h"
#include "vuln/internal.h"
#include "vuln/vuln.h"
#include "vuln_case.h"
#include "vuln_trap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A statement about versions of a package of Debian's, and the package. */
#define PACKAGE_VEX(range)                                                                                              \
	ROOT RANGE(                                                                                                         \
		P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",                                                              \
		0) "INSERT INTO vex(product, vulnerability_id, source_id, status, justification, statement, version) VALUES('purl:deb/debian/p', 1, 1, 'not_affected', 'vulnerable_code_not_present', NULL, '" range "')"
#define PACKAGE "UPDATE software SET purl = 'pkg:deb/debian/p', distribution = 'debian 12', package_version = '1.2-3'"

static const struct trap traps[] = {
	{ "in a range", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "'1.0'", 1, "'1.5'", 0), "", "1.2", "affected",
	  "cpe:2.3:a:v:p:*, 1.0 <= 1.2 < 1.5; node 0 of configuration 0" },
	{ "its beginning, including", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "'1.0'", 1, "'1.5'", 0), "", "1.0",
	  "affected", "" },
	{ "its beginning, excluding", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "'1.0'", 0, "'1.5'", 0), "", "1.0",
	  "rejected range", "" },
	{ "its end, excluding", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "'1.0'", 1, "'1.5'", 0), "", "1.5",
	  "rejected range", "" },
	{ "its end, including", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'1.5'", 1), "", "1.5.0", "affected",
	  "1.5.0 <= 1.5" },
	{ "another vendor's product", ROOT RANGE("cpe:a:other:p", CPE("a:other:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
	  "", "1", "", "" },
	{ "all versions", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "NULL", 0), "", "1.2", "affected",
	  "all are meant" },
	{ "a record without a version",
	  ROOT ROW(P, 0, "'cpe:2.3:a:v:p:-:*:*:*:*:*:*:*'", 1, "'-'", "NULL", 0, "NULL", 0, "", "affected"), "", "1.2",
	  "rejected no version", "the record has no version" },
	{ "an unknown version", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0), "", NULL,
	  "rejected version unknown", "version unknown" },
	{ "an unknown version, all meant", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "NULL", 0), "", NULL,
	  "rejected version unknown", "" },
	{ "exact", ROOT EXACT(P, CPE("a:v:p:1.2:*:*:*:*:*:*:*"), "1.2"), "", "1.2", "affected", "cpe:2.3:a:v:p:1.2 = 1.2" },
	{ "exact, another", ROOT EXACT(P, CPE("a:v:p:1.2:*:*:*:*:*:*:*"), "1.2"), "", "1.2.1", "rejected range", "1.2.1" },
	{ "version and update", ROOT EXACT(P, CPE("a:v:p:4.2.8:p10:*:*:*:*:*:*"), "4.2.8"), "", "4.2.8p10", "affected",
	  "4.2.8:p10 = 4.2.8p10" },
	{ "another update", ROOT EXACT(P, CPE("a:v:p:4.2.8:p10:*:*:*:*:*:*"), "4.2.8"), "", "4.2.8p18", "rejected range",
	  "" },
	{ "a patch of the version that is named", ROOT EXACT(P, CPE("a:v:p:4.2.8:*:*:*:*:*:*:*"), "4.2.8"), "", "4.2.8p18",
	  "rejected incomparable", "4.2.8p18 is a patch of it" },
	{ "a release candidate", ROOT EXACT(P, CPE("a:v:p:2.0:rc1:*:*:*:*:*:*"), "2.0"), "", "2.0", "rejected range", "" },
	{ "up to a release candidate", ROOT RANGE(P, CPE("a:v:p:*:rc3:*:*:*:*:*:*"), "NULL", 0, "'2.73'", 1), "", "2.73",
	  "rejected range", "" },
	{ "up to a release candidate, that", ROOT RANGE(P, CPE("a:v:p:*:rc3:*:*:*:*:*:*"), "NULL", 0, "'2.73'", 1), "",
	  "2.73rc3", "affected", "" },
	{ "a wildcard in the version", ROOT EXACT(P, CPE("a:v:p:8.*:*:*:*:*:*:*:*"), "8.*"), "", "8.1", "affected", "" },
	{ "a wildcard, another", ROOT EXACT(P, CPE("a:v:p:8.*:*:*:*:*:*:*:*"), "8.*"), "", "9.1", "rejected range", "" },
	{ "not comparable", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'20190101'", 0), "", "1.2",
	  "rejected incomparable", "can not be compared" },
	{ "excluded by the bound that can be compared",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "'2.0'", 1, "'20190101'", 0), "", "1.2", "rejected range", "" },
	/* what the program runs in or on */
	{ "for WordPress", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:wordpress:*:*"), "NULL", 0, "'9'", 0), "", "1.2",
	  "rejected edition", "is for wordpress" },
	{ "for Node.js", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:node.js:*:*"), "NULL", 0, "'9'", 0), "", "1.2",
	  "rejected edition", "node.js" },
	{ "for Node.js, a package of it", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:node.js:*:*"), "NULL", 0, "'9'", 0),
	  "UPDATE software SET purl = 'pkg:npm/p@1.2'", "1.2", "affected", "" },
	{ "for Windows", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:windows:*:*"), "NULL", 0, "'9'", 0), "", "1.2",
	  "rejected edition", "windows" },
	{ "for Android", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:android:*:*"), "NULL", 0, "'9'", 0), "", "1.2",
	  "rejected edition", "android" },
	{ "for Linux", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:linux:*:*"), "NULL", 0, "'9'", 0), "", "1.2", "affected", "" },
	{ "for what is there", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:nginx:*:*"), "NULL", 0, "'9'", 0),
	  "INSERT INTO software(id, name) VALUES(2, 'nginx')", "1.2", "affected", "" },
	{ "for another machine", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:x86:*"), "NULL", 0, "'9'", 0),
	  "INSERT INTO elf(blob_id, machine, type) VALUES(3, 'arm', 'executable')", "1.2", "rejected edition", "x86" },
	{ "for this machine", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:arm64:*"), "NULL", 0, "'9'", 0),
	  "INSERT INTO elf(blob_id, machine, type) VALUES(3, 'aarch64', 'executable')", "1.2", "affected", "" },
	{ "the enterprise edition", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:enterprise:*:*:*"), "NULL", 0, "'9'", 0), "", "1.2",
	  "rejected edition", "edition enterprise" },
	{ "the community edition", ROOT RANGE(P, CPE("a:v:p:*:*:*:*:community:*:*:*"), "NULL", 0, "'9'", 0), "", "1.2",
	  "affected", "" },
	/* configurations */
	{ "running on hardware that nobody knows",
	  AND_ROOT ROW(P, 1, "'cpe:2.3:a:v:p" X ":*'", 1, "NULL", "NULL", 0, "'9'", 0, "", "affected")
		  PLATFORM("cpe:h:v:box", CPE("h:v:box:-:*:*:*:*:*:*:*"), "'-'"),
	  "", "1.2", "rejected platform", "needs the hardware cpe:2.3:h:v:box:-: unknown" },
	{ "running on Windows",
	  AND_ROOT ROW(P, 1, "'cpe:2.3:a:v:p" X ":*'", 1, "NULL", "NULL", 0, "'9'", 0, "", "affected")
		  PLATFORM("cpe:o:microsoft:windows", CPE("o:microsoft:windows:-:*:*:*:*:*:*:*"), "'-'"),
	  "INSERT INTO kernel(blob_id, version) VALUES(3, '5.10')", "1.2", "rejected platform", "the image is Linux" },
	{ "running on Linux",
	  AND_ROOT ROW(P, 1, "'cpe:2.3:a:v:p" X ":*'", 1, "NULL", "NULL", 0, "'9'", 0, "", "affected")
		  PLATFORM("cpe:o:linux:linux_kernel", CPE("o:linux:linux_kernel:-:*:*:*:*:*:*:*"), "'-'"),
	  "INSERT INTO kernel(blob_id, version) VALUES(3, '5.10')", "1.2", "affected", "" },
	{ "running on Debian, which it is",
	  AND_ROOT ROW(P, 1, "'cpe:2.3:a:v:p" X ":*'", 1, "NULL", "NULL", 0, "'9'", 0, "", "affected")
		  PLATFORM("cpe:o:debian:debian_linux", CPE("o:debian:debian_linux:12.0:*:*:*:*:*:*:*"), "'12.0'"),
	  "UPDATE software SET distribution = 'debian 12'", "1.2", "affected", "" },
	{ "running on Debian, which it is not",
	  AND_ROOT ROW(P, 1, "'cpe:2.3:a:v:p" X ":*'", 1, "NULL", "NULL", 0, "'9'", 0, "", "affected")
		  PLATFORM("cpe:o:debian:debian_linux", CPE("o:debian:debian_linux:12.0:*:*:*:*:*:*:*"), "'12.0'"),
	  "UPDATE software SET distribution = 'openwrt 23.05'", "1.2", "rejected platform", "the image is openwrt 23.05" },
	{ "with a program that is not there",
	  AND_ROOT ROW(P, 1, "'cpe:2.3:a:v:p" X ":*'", 1, "NULL", "NULL", 0, "'9'", 0, "", "affected")
		  PLATFORM("cpe:a:x:y", CPE("a:x:y:*:*:*:*:*:*:*:*"), "NULL"),
	  "", "1.2", "rejected platform", "not in the image" },
	{ "with a program that is there",
	  AND_ROOT ROW(P, 1, "'cpe:2.3:a:v:p" X ":*'", 1, "NULL", "NULL", 0, "'9'", 0, "", "affected")
		  PLATFORM("cpe:a:x:y", CPE("a:x:y:*:*:*:*:*:*:*:*"), "NULL"),
	  "INSERT INTO software(id, name, version, cpe) VALUES(2, 'y', '3', 'x:y')", "1.2", "affected", "" },
	{ "with one in another version",
	  AND_ROOT ROW(P, 1, "'cpe:2.3:a:v:p" X ":*'", 1, "NULL", "NULL", 0, "'9'", 0, "", "affected")
		  PLATFORM("cpe:a:x:y", CPE("a:x:y:2:*:*:*:*:*:*:*"), "'2'"),
	  "INSERT INTO software(id, name, version, cpe) VALUES(2, 'y', '3', 'x:y')", "1.2", "rejected platform",
	  "the image has y 3" },
	{ "not on Windows",
	  "INSERT INTO node VALUES(1, 1, 1, 0, 0, NULL, 'AND', 0),(1, 1, 1, 0, 1, 0, 'OR', 0),(1, 1, 1, 0, 2, 0, 'OR', 1);" ROW(
		  P, 1, "'cpe:2.3:a:v:p" X ":*'", 1, "NULL", "NULL", 0, "'9'", 0, "", "affected")
		  PLATFORM("cpe:o:microsoft:windows", CPE("o:microsoft:windows:-:*:*:*:*:*:*:*"), "'-'"),
	  "INSERT INTO kernel(blob_id, version) VALUES(3, '5.10')", "1.2", "affected", "" },
	{ "named as the platform only",
	  ROOT ROW(P, 0, "'cpe:2.3:a:v:p" X ":*'", 0, "NULL", "NULL", 0, "NULL", 0, "", "affected"), "", "1.2",
	  "rejected platform", "named as the platform only" },
	/* a system beside a product, called vulnerable: it is the platform all the same */
	{ "a system without versions beside a product",
	  AND_ROOT ROW("cpe:o:v:p", 1, "'cpe:2.3:o:v:p" X ":*'", 1, "NULL", "NULL", 0, "NULL", 0, "", "affected")
		  PLATFORM("cpe:a:x:y", CPE("a:x:y:*:*:*:*:*:*:*:*"), "NULL"),
	  "UPDATE software SET cpe = 'o:v:p'; INSERT INTO software(id, name, version, cpe) VALUES(2, 'y', '3', 'x:y')",
	  "1.2", "rejected platform", "its platform" },
	/* CVE records */
	{ "affected before, unaffected by default",
	  "UPDATE source SET kind = 'cve';" ROOT ROW(P, 0, "NULL", 1, "NULL", "'1.0'", 1, "'1.5'", 0, "", "affected")
		  ROW(P, 0, "NULL", 1, "NULL", "NULL", 0, "NULL", 0, "", "unaffected"),
	  "", "1.2", "affected", "1.0 <= 1.2 < 1.5" },
	{ "unaffected by default",
	  "UPDATE source SET kind = 'cve';" ROOT ROW(P, 0, "NULL", 1, "NULL", "'1.0'", 1, "'1.5'", 0, "", "affected")
		  ROW(P, 0, "NULL", 1, "NULL", "NULL", 0, "NULL", 0, "", "unaffected"),
	  "", "1.6", "rejected range", "unaffected, as all versions that the record does not list" },
	{ "affected by default, this one not",
	  "UPDATE source SET kind = 'cve';" ROOT ROW(P, 0, "NULL", 1, "NULL", "'1.6'", 1, "'*'", 1, "", "unaffected")
		  ROW(P, 0, "NULL", 1, "NULL", "NULL", 0, "NULL", 0, "", "affected"),
	  "", "1.7", "rejected unaffected", "" },
	{ "affected by default",
	  "UPDATE source SET kind = 'cve';" ROOT ROW(P, 0, "NULL", 1, "NULL", "'1.6'", 1, "'*'", 1, "", "unaffected")
		  ROW(P, 0, "NULL", 1, "NULL", "NULL", 0, "NULL", 0, "", "affected"),
	  "", "1.5", "affected", "" },
	{ "a branch that is fixed",
	  "UPDATE source SET kind = 'cve';" ROOT ROW(P, 0, "NULL", 1, "NULL", "'5.10.100'", 1, "'5.10.*'", 1, "semver",
												 "unaffected")
		  ROW(P, 0, "NULL", 1, "NULL", "NULL", 0, "NULL", 0, "", "affected"),
	  "", "5.10.168", "rejected unaffected", "" },
	{ "a branch that is not fixed yet",
	  "UPDATE source SET kind = 'cve';" ROOT ROW(P, 0, "NULL", 1, "NULL", "'5.10.100'", 1, "'5.10.*'", 1, "semver",
												 "unaffected")
		  ROW(P, 0, "NULL", 1, "NULL", "NULL", 0, "NULL", 0, "", "affected"),
	  "", "5.11", "affected", "" },
	{ "object names say nothing of releases",
	  "UPDATE source SET kind = 'cve';" ROOT ROW(P, 0, "NULL", 1, "NULL", "'1da177e4c3f4'", 1, "'5b64d64f8844'", 0,
												 "git", "affected")
		  ROW(P, 0, "NULL", 1, "NULL", "NULL", 0, "NULL", 0, "", "unaffected"),
	  "", "5.11", "", "" },
	/* OSV */
	{ "a range of semantic versions",
	  "UPDATE source SET kind = 'osv';" ROOT ROW("purl:generic/p", 0, "NULL", 1, "NULL", "'0'", 1, "'2.0.31'", 0,
												 "semver", "affected"),
	  "UPDATE software SET purl = 'pkg:generic/p@1.2?arch=arm'", "2.0.30", "affected", "2.0.30 < 2.0.31" },
	{ "a tag",
	  "UPDATE source SET kind = 'osv';" ROOT ROW("purl:generic/p", 0, "NULL", 1, "'p-7_64_0'", "NULL", 0, "NULL", 0, "",
												 "affected"),
	  "UPDATE software SET purl = 'pkg:generic/p'", "7.64.0", "affected", "p-7_64_0 = 7.64.0" },
	{ "a tag of a product with a number in its name",
	  "UPDATE source SET kind = 'osv';" ROOT ROW("purl:generic/p", 0, "NULL", 1, "'bzip2-1.0.8'", "NULL", 0, "NULL", 0,
												 "", "affected"),
	  "UPDATE software SET purl = 'pkg:generic/p'", "1.0.8", "affected", "bzip2-1.0.8 = 1.0.8" },
	{ "a tag with a v",
	  "UPDATE source SET kind = 'osv';" ROOT ROW("purl:generic/p", 0, "NULL", 1, "'release-v1.0.8'", "NULL", 0, "NULL",
												 0, "", "affected"),
	  "UPDATE software SET purl = 'pkg:generic/p'", "1.0.8", "affected", "" },
	{ "another tag",
	  "UPDATE source SET kind = 'osv';" ROOT ROW("purl:generic/p", 0, "NULL", 1, "'v7.64.1'", "NULL", 0, "NULL", 0, "",
												 "affected"),
	  "UPDATE software SET purl = 'pkg:generic/p'", "7.64.0", "rejected range", "" },
	/* whose word counts */
	{ "NVD before OSV",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'1.0'",
				 0) "INSERT INTO source(id, name, kind, records) VALUES(2, 'o', 'osv', 1);"
					"INSERT INTO criterion VALUES('" P
					"', 1, 2, 2, 0, 0, 0, NULL, 1, NULL, NULL, 0, '2.0', 0, '', 'affected')",
	  "", "1.2", "rejected other source", "counts more than o: " },
	{ "NVD before OSV, the other way",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'2.0'",
				 0) "INSERT INTO source(id, name, kind, records) VALUES(2, 'o', 'osv', 1);"
					"INSERT INTO criterion VALUES('" P
					"', 1, 2, 2, 0, 0, 0, NULL, 1, NULL, NULL, 0, '1.0', 0, '', 'affected')",
	  "", "1.2", "affected", "another source says otherwise: o" },
	{ "what was corrected before NVD",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'1.0'",
				 0) "INSERT INTO source(id, name, kind, records) VALUES(2, 'nvd-overrides', 'nvd', 1);"
					"INSERT INTO criterion VALUES('" P "', 1, 2, 2, 0, 0, 0, '" CPE(
						"a:v:p:*:*:*:*:*:*:*:*") "', 1, NULL, NULL, 0, '2.0', 0, '', 'affected')",
	  "", "1.2", "affected", "nvd-overrides" },
	{ "one that decides before one that can not",
	  ROOT ROW(P, 0, "'cpe:2.3:a:v:p:-:*:*:*:*:*:*:*'", 1, "'-'", "NULL", 0, "NULL", 0, "",
			   "affected") "INSERT INTO source(id, name, kind, records) VALUES(2, 'o', 'osv', 1);"
						   "INSERT INTO criterion VALUES('" P
						   "', 1, 2, 2, 0, 0, 0, NULL, 1, NULL, NULL, 0, '2.0', 0, '', 'affected')",
	  "", "1.2", "affected", "o: " },
	{ "a CVE that was withdrawn",
	  ROOT "UPDATE vulnerability SET state = 'rejected';" RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
	  "", "1.2", "rejected withdrawn", "withdrawn" },
	{ "a CVE that is disputed",
	  ROOT "UPDATE vulnerability SET state = 'disputed';" RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
	  "", "1.2", "affected", "disputed" },
	/* distributions */
	{ "fixed by the distribution",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
				 0) "INSERT INTO package_fix VALUES('debian bookworm', 'p', 1, 1, 'fixed', '1.2-3+deb12u1', NULL)",
	  "UPDATE software SET distribution = 'debian 12', source_package = 'p', package_version = '1.2-3+deb12u2'", "1.2",
	  "fixed", "fixed it in 1.2-3+deb12u1" },
	{ "not yet fixed in this package",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
				 0) "INSERT INTO package_fix VALUES('debian bookworm', 'p', 1, 1, 'fixed', '1.2-3+deb12u1', NULL)",
	  "UPDATE software SET distribution = 'debian 12', source_package = 'p', package_version = '1.2-3'", "1.2",
	  "affected", "this is 1.2-3" },
	{ "fixed in another release",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
				 0) "INSERT INTO package_fix VALUES('debian bullseye', 'p', 1, 1, 'fixed', '1.0-1', NULL)",
	  "UPDATE software SET distribution = 'debian 12', source_package = 'p', package_version = '1.2-3'", "1.2",
	  "affected", "cpe:2.3:a:v:p" },
	{ "a tilde is earlier", ROOT "INSERT INTO package_fix VALUES('debian bookworm', 'p', 1, 1, 'fixed', '1.2-3', NULL)",
	  "UPDATE software SET distribution = 'debian 12', source_package = 'p', package_version = '1.2-3~deb12u1'", "1.2",
	  "affected", "" },
	{ "fixed by Alpine", ROOT "INSERT INTO package_fix VALUES('alpine v3.11', 'p', 1, 1, 'fixed', '1.30.1-r2', NULL)",
	  "UPDATE software SET distribution = 'alpine 3.11.6', source_package = 'p', package_version = '1.30.1-r3'",
	  "1.30.1", "fixed", "" },
	{ "Alpine, the revision before",
	  ROOT "INSERT INTO package_fix VALUES('alpine v3.11', 'p', 1, 1, 'fixed', '1.30.1-r10', NULL)",
	  "UPDATE software SET distribution = 'alpine 3.11.6', source_package = 'p', package_version = '1.30.1-r9'",
	  "1.30.1", "affected", "" },
	{ "Alpine never had it",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
				 0) "INSERT INTO package_fix VALUES('alpine 3.11', 'p', 1, 1, 'fixed', '0', NULL)",
	  "UPDATE software SET distribution = 'alpine 3.11.6', source_package = 'p', package_version = '1.30.1-r9'",
	  "1.30.1", "not_affected", "" },
	{ "open in Debian", ROOT "INSERT INTO package_fix VALUES('debian 12', 'p', 1, 1, 'affected', NULL, 'minor issue')",
	  "UPDATE software SET distribution = 'debian 12', source_package = 'p', package_version = '1.2-3'", "1.2",
	  "affected", "minor issue" },
	{ "Debian does not know",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'1'",
				 0) "INSERT INTO package_fix VALUES('debian 12', 'p', 1, 1, 'undetermined', NULL, NULL)",
	  "UPDATE software SET distribution = 'debian 12', source_package = 'p', package_version = '1.2-3'", "1.2",
	  "rejected range", "" },
	{ "Debian's revision names the release",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
				 0) "INSERT INTO package_fix VALUES('debian 12', 'p', 1, 1, 'fixed', '1.2-3+deb12u1', NULL)",
	  "UPDATE software SET package_version = '1.2-3+deb12u14'", "1.2", "fixed", "debian 12 fixed it" },
	{ "Debian's revision of another release",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
				 0) "INSERT INTO package_fix VALUES('debian 12', 'p', 1, 1, 'fixed', '1.2-3+deb12u1', NULL)",
	  "UPDATE software SET package_version = '1.2-3+deb11u14'", "1.2", "affected", "cpe:2.3" },
	{ "a package that its distribution says nothing of",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'", 0),
	  "UPDATE software SET package_version = '1.2-3+deb11u14'", "1.2", "affected",
	  "whether debian 11 has mended its package" },
	{ "an epoch", ROOT "INSERT INTO package_fix VALUES('debian 12', 'p', 1, 1, 'fixed', '1:0.9-1', NULL)",
	  "UPDATE software SET distribution = 'debian 12', source_package = 'p', package_version = '1.2-3'", "1.2",
	  "affected", "" },
	{ "patched by Buildroot",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
				 0) "INSERT INTO package_fix VALUES('buildroot', 'p', 1, 1, 'fixed', '1.2', '0001-fix.patch')",
	  "UPDATE software SET distribution = 'buildroot 2026.02'", "1.2", "fixed", "0001-fix.patch" },
	{ "patched by Buildroot in another version",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
				 0) "INSERT INTO package_fix VALUES('buildroot', 'p', 1, 1, 'fixed', '1.3', '0001-fix.patch')",
	  "UPDATE software SET distribution = 'buildroot 2026.02'", "1.2", "affected", "" },
	{ "Buildroot's patches are not in other images",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
				 0) "INSERT INTO package_fix VALUES('buildroot', 'p', 1, 1, 'fixed', '1.2', '0001-fix.patch')",
	  "", "1.2", "affected", "" },
	{ "fixed, lost with a new version, fixed again",
	  ROOT "INSERT INTO package_fix VALUES('alpine 3.11', 'p', 1, 1, 'fixed', '1.29.3-r10', NULL),"
		   "('alpine 3.11', 'p', 1, 1, 'fixed', '1.30.1-r2', NULL)",
	  "UPDATE software SET distribution = 'alpine 3.11.6', source_package = 'p', package_version = '1.30.0-r5'",
	  "1.30.0", "affected", "1.30.1-r2" },
	{ "the project's list against a platform",
	  AND_ROOT ROW(P, 1, "'cpe:2.3:a:v:p" X ":*'", 1, "NULL", "NULL", 0, "'9'", 0, "", "affected")
		  PLATFORM("cpe:o:microsoft:windows", CPE("o:microsoft:windows:-:*:*:*:*:*:*:*"),
				   "'-'") "INSERT INTO source(id, name, kind, records) VALUES(2, 'curl', 'curl', 1);"
						  "INSERT INTO criterion VALUES('" P
						  "', 1, 2, 2, 0, 0, 0, NULL, 1, NULL, NULL, 0, '2.0', 0, '', 'affected')",
	  "INSERT INTO kernel(blob_id, version) VALUES(3, '5.10')", "1.2", "rejected other source", "the image is Linux" },
	{ "the project's list against a range",
	  ROOT RANGE(P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
				 0) "INSERT INTO source(id, name, kind, records) VALUES(2, 'curl', 'curl', 1);"
					"INSERT INTO criterion VALUES('" P
					"', 1, 2, 2, 0, 0, 0, NULL, 1, NULL, NULL, 0, '1.0', 0, '', 'affected')",
	  "", "1.2", "rejected other source", "" },
	/* statements */
	{ "a vendor's statement",
	  ROOT RANGE(
		  P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
		  0) "INSERT INTO vex(product, vulnerability_id, source_id, status, justification, statement, version) VALUES('purl:generic/p', 1, 1, 'not_affected', 'vulnerable_code_not_present', NULL, NULL)",
	  "UPDATE software SET purl = 'pkg:generic/p'", "1.2", "not_affected", "vulnerable_code_not_present" },
	{ "a statement about another version",
	  ROOT RANGE(
		  P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
		  0) "INSERT INTO vex(product, vulnerability_id, source_id, status, justification, statement, version) VALUES('purl:generic/p', 1, 1, 'not_affected', 'vulnerable_code_not_present', NULL, '1.3')",
	  "UPDATE software SET purl = 'pkg:generic/p'", "1.2", "affected", "" },
	{ "a statement about a package's versions: below its own",
	  PACKAGE_VEX("<1.2-3"), PACKAGE, "1.2", "affected", "" },
	{ "a statement about a package's versions: its own",
	  PACKAGE_VEX("<1.2-4"), PACKAGE, "1.2", "not_affected", "vulnerable_code_not_present" },
	{ "a statement about a package's versions: a scheme that is not the package's",
	  PACKAGE_VEX("vers:generic/<=1.2"), PACKAGE, "1.2", "affected", "" },
	{ "a statement about a package's versions: an epoch that it lacks",
	  PACKAGE_VEX(">=0.9"), PACKAGE "; UPDATE software SET package_version = '1:0.1-1'", "0.1", "affected", "" },
	{ "a statement about a release of another distribution",
	  ROOT RANGE(
		  P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
		  0) "INSERT INTO vex(product, vulnerability_id, source_id, status, justification, statement, version) VALUES('purl:deb/ubuntu/p?distro=bookworm&arch=', 1, 1, 'not_affected', 'vulnerable_code_not_present', NULL, NULL)",
	  "UPDATE software SET purl = 'pkg:deb/ubuntu/p', package_version = '1.2-3', distribution = 'ubuntu 12.04'", "1.2", "affected", "" },
	{ "somebody looks at it",
	  ROOT RANGE(
		  P, CPE("a:v:p:*:*:*:*:*:*:*:*"), "NULL", 0, "'9'",
		  0) "INSERT INTO vex(product, vulnerability_id, source_id, status, justification, statement, version) VALUES('" P
			 "', 1, 1, 'under_investigation', NULL, 'soon', NULL)",
	  "", "1.2", "under_investigation", "soon" },
};

static void test_traps(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(traps); i++)
		vuln_trap(&traps[i]);
}

/* Matching again gives the same rows, and takes the place of what was there. */
static void test_again(void **state)
{
	(void)state;
	sqlite3 *feeds = fixture_empty(), *db = vuln_case("p", "1.2", "v:p");
	char first[VULN_RESULT_MAX], second[VULN_RESULT_MAX];
	make_rows(feeds, "INSERT INTO source(id, name, kind, records) VALUES(1, 'nvd', 'nvd', 1);"
					 "INSERT INTO vulnerability(id, name) VALUES(1, 'CVE-1');" ROOT "INSERT INTO criterion VALUES('" P
					 "', 1, 1, 1, 0, 0, 0, NULL, 1, NULL, NULL, 0, '2.0', 0, '', 'affected')");
	for (int i = 0; i < 2; i++) {
		struct error e = vuln_match(db, feeds, NULL, NULL);
		assert_false(error_is(&e));
		vuln_result(db, 1, NULL, i ? second : first);
	}
	assert_string_equal(first, second);
	assert_int_equal(vuln_number(db, "SELECT count(*) FROM vulnerability"), 1);
	assert_int_equal(
		vuln_number(db, "SELECT count(*) FROM probe_run WHERE probe = 'feeds.match' AND status = 'complete'"), 1);
	assert_int_equal(vuln_number(db, "SELECT count(*) FROM feed_source"), 1);
	make_rows(feeds, "DELETE FROM criterion; UPDATE source SET records = 0");
	struct error e = vuln_match(db, feeds, NULL, NULL);
	assert_false(error_is(&e));
	assert_int_equal(vuln_number(db, "SELECT count(*) FROM vulnerability"), 0);
	assert_int_equal(
		vuln_number(db, "SELECT count(*) FROM probe_run WHERE probe = 'feeds.match' AND status = 'partial'"), 1);
	sqlite3_close(db);
	sqlite3_close(feeds);
}

/* Who loads a library counts for it: through links, over two steps, and not what nothing loads. */
static void test_exposure(void **state)
{
	static const struct {
		int id;
		const char *exposure, *by;
	} expected[] = { { 1, "listens", "/usr/sbin/httpd" },
					 { 2, "listens", "/usr/sbin/httpd" },
					 { 3, "listens", "/usr/sbin/httpd" },
					 { 4, "started", "/usr/sbin/logd" },
					 { 5, "present", "/usr/bin/tool" },
					 { 6, "unused", "" },
					 { 7, "present", "" } };
	(void)state;
	sqlite3 *feeds = fixture_empty(), *db = vuln_case(NULL, NULL, NULL);
	make_rows(
		db,
		"INSERT INTO blob(id, input_id, parent_id, path, kind, format, mode, file_name) VALUES"
		"(10, 1, 2, '/usr/sbin/httpd', 'file', 'elf', 493, 'httpd'),(11, 1, 2, '/lib/libssl.so.3.0', 'file', 'elf', 493, 'libssl.so.3.0'),"
		"(12, 1, 2, '/lib/libcrypto.so.3', 'file', 'elf', 493, 'libcrypto.so.3'),(13, 1, 2, '/usr/sbin/logd', 'file', 'elf', 493, 'logd'),"
		"(14, 1, 2, '/usr/bin/tool', 'file', 'elf', 493, 'tool'),(15, 1, 2, '/usr/lib/libold.so.1', 'file', 'elf', 493, 'libold.so.1'),"
		"(16, 1, 2, '/usr/lib/httpd/mod_x.so', 'file', 'elf', 493, 'mod_x.so'),(17, 1, 2, '/etc/inittab', 'file', 'text', 420, 'inittab');"
		"INSERT INTO blob(id, input_id, parent_id, path, kind, link_target, file_name) VALUES"
		"(20, 1, 2, '/lib/libssl.so.3', 'symlink', 'libssl.so.3.0', 'libssl.so.3');"
		"INSERT INTO elf(blob_id, type, interpreter, needed) VALUES(10, 'executable', '/lib/ld.so.1', 'libssl.so.3 libc.so.6'),"
		"(11, 'shared-library', NULL, 'libcrypto.so.3'),(12, 'shared-library', NULL, ''),(13, 'executable', '/lib/ld.so.1', ''),"
		"(14, 'executable', '/lib/ld.so.1', ''),(15, 'shared-library', NULL, ''),(16, 'shared-library', NULL, '');"
		"INSERT INTO network(blob_id, listens, connects, families) VALUES(10, 1, 0, 'inet'),(13, 0, 0, '');"
		"INSERT INTO startup(id, blob_id, mechanism, command, program, program_name, enabled) VALUES"
		"(1, 17, 'inittab', '/usr/sbin/httpd', '/usr/sbin/httpd', 'httpd', 1),(2, 17, 'inittab', '/usr/sbin/logd', '/usr/sbin/logd', 'logd', 1)");
	struct error e = case_derive(db);
	assert_false(error_is(&e));
	make_rows(db, "DELETE FROM software_evidence; DELETE FROM software; DELETE FROM component");
	for (int i = 1; i <= 7; i++)
		make_rows(
			db,
			"INSERT INTO software(id, name, version, cpe) VALUES(%d, 'p%d', '1', 'v:p'); INSERT INTO component(id, blob_id, name)"
			" VALUES(%d, %d, 'p'); INSERT INTO software_evidence(software_id, component_id) VALUES(%d, %d)",
			i, i, i, 9 + i, i, i);
	make_rows(feeds, "INSERT INTO source(id, name, kind, records) VALUES(1, 'nvd', 'nvd', 1);"
					 "INSERT INTO vulnerability(id, name) VALUES(1, 'CVE-1');"
					 "INSERT INTO criterion VALUES('" P
					 "', 1, 1, 1, 0, 0, 0, NULL, 1, NULL, NULL, 0, '2.0', 0, '', 'affected')");
	e = vuln_match(db, feeds, NULL, NULL);
	assert_false(error_is(&e));
	for (size_t i = 0; i < COUNT(expected); i++) {
		char sql[256], *got;
		snprintf(sql, sizeof sql,
				 "SELECT exposure || ' ' || coalesce(exposed_by, '') FROM vulnerability WHERE software_id = %d",
				 expected[i].id);
		got = vuln_string(db, sql);
		char wanted[128];
		snprintf(wanted, sizeof wanted, "%s %s", expected[i].exposure, expected[i].by);
		assert_string_equal(got, wanted);
		free(got);
	}
	sqlite3_close(db);
	sqlite3_close(feeds);
}

/* The formula of docs/vulnerabilities.md, by hand. */
static void test_priority(void **state)
{
	(void)state;
	assert_true(priority(&(struct threat){ .kev = true, .score = 98 }, EXPOSURE_LISTENS, PROVEN) == 99.2);
	assert_true(priority(&(struct threat){ .has_epss = true, .epss = 0.25, .score = 50 }, EXPOSURE_LISTENS, PROVEN) ==
				50.0);
	assert_true(priority(&(struct threat){ .has_epss = true, .epss = 0.25, .score = 50 }, EXPOSURE_UNUSED, PROVEN) ==
				5.0);
	assert_true(priority(&(struct threat){ .has_epss = true, .epss = 0, .score = 100 }, EXPOSURE_STARTED, POSSIBLE) ==
				16.8);
	assert_true(priority(&(struct threat){ .score = -1 }, EXPOSURE_LISTENS, PROVEN) == 26.0);
}

static void test_chance(void **state)
{
	(void)state;
	sqlite3 *feeds = fixture_empty(), *db = vuln_case("p", "1.2", "v:p");
	struct vuln_summary summary;
	make_rows(feeds, "INSERT INTO source(id, name, kind, records) VALUES(1, 'nvd', 'nvd', 1);"
					 "INSERT INTO vulnerability(id, name) VALUES(1, 'CVE-1'),(2, 'CVE-2'),(3, 'CVE-3');"
					 "INSERT INTO epss VALUES(1, 0.5, 0.9, ''),(2, 0.2, 0.8, ''),(3, 0.9, 0.99, '');"
					 "INSERT INTO criterion VALUES('" P
					 "', 1, 1, 1, 0, 0, 0, NULL, 1, NULL, NULL, 0, '2.0', 0, '', 'affected'),"
					 "('" P "', 2, 1, 2, 0, 0, 0, NULL, 1, NULL, NULL, 0, '2.0', 0, '', 'affected'),"
					 "('" P "', 3, 1, 3, 0, 0, 0, NULL, 1, NULL, NULL, 0, '1.0', 0, '', 'affected')");
	/* the same vulnerability in a second program counts once */
	make_rows(db, "INSERT INTO software(id, name, version, cpe) VALUES(2, 'q', '1.1', 'v:p')");
	struct error e = vuln_match(db, feeds, NULL, &summary);
	assert_false(error_is(&e));
	assert_true(summary.chance > 0.5999 && summary.chance < 0.6001); /* 1 - 0.5 * 0.8 */
	sqlite3_close(db);
	sqlite3_close(feeds);
}

static void test_statements(void **state)
{
	static const struct {
		const char *file, *result, *words;
	} files[] = {
		{ "package\tversion\tcve\tcomment\np\t1.2\tCVE-1\t0001-fix.patch\n", "fixed", "fixed by 0001-fix.patch" },
		{ "package\tversion\tcve\tcomment\np\t\tCVE-1\taffects only Cisco devices\n", "not_affected", "Cisco" },
		{ "package\tversion\tcve\tcomment\np\t1.3\tCVE-1\t0001-fix.patch\n", "affected", "" },
		{ "package\tversion\tcve\tcomment\nq\t1.2\tCVE-1\t0001-fix.patch\r\n", "affected", "" },
		{ "package\tversion\tcve\tcomment\n# p\n\np\t1.2\tCVE-2\tx\n", "affected", "" },
		{ "package\tversion\tcve\tcomment\np 1.2 CVE-1\n", "error", ":2: expected package" },
		{ "", "affected", "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		sqlite3 *feeds = fixture_empty(), *db = vuln_case("p", "1.2", "v:p");
		char path[] = "/tmp/assay-statements-XXXXXX", got[VULN_RESULT_MAX];
		int fd = mkstemp(path);
		assert_true(write(fd, files[i].file, strlen(files[i].file)) == (ssize_t)strlen(files[i].file));
		close(fd);
		make_rows(feeds, "INSERT INTO source(id, name, kind, records) VALUES(1, 'nvd', 'nvd', 1);"
						 "INSERT INTO vulnerability(id, name) VALUES(1, 'CVE-1');"
						 "INSERT INTO criterion VALUES('" P
						 "', 1, 1, 1, 0, 0, 0, NULL, 1, NULL, NULL, 0, '2.0', 0, '', 'affected')");
		struct vuln_options options = { .statements = path };
		struct error e = vuln_match(db, feeds, &options, NULL);
		unlink(path);
		if (error_is(&e))
			snprintf(got, sizeof got, "error\n%s", e.text);
		else
			vuln_result(db, 1, NULL, got);
		if (strncmp(got, files[i].result, strlen(files[i].result)) != 0 || !strstr(got, files[i].words))
			fail_msg("%s: %s", files[i].file, got);
		sqlite3_close(db);
		sqlite3_close(feeds);
	}
}

/* Whatever stands in a feed, matching ends and stays within bounds. */
static void test_hostile(void **state)
{
	static const char *const texts[] = { "",       "*",        "-",        ":",
										 "\\",     "cpe:2.3:", "~~~~",     "999999999999999999999999999999999999999999",
										 "1.0.0-", "....",     "\xff\xfe", "1:2:3",
										 "-rc",    "_p",       "^",        "%s%n" };
	(void)state;
	sqlite3 *feeds = fixture_empty(), *db = vuln_case("p", "1.2", "v:p");
	make_rows(feeds, "INSERT INTO source(id, name, kind, records) VALUES(1, 'nvd', 'nvd', 1)");
	int id = 0;
	for (size_t i = 0; i < COUNT(texts); i++)
		for (size_t k = 0; k < COUNT(texts); k++) {
			id++;
			make_rows(feeds,
					  "INSERT INTO vulnerability(id, name, cvss31, summary) VALUES(%d, 'CVE-%d', %Q, %Q);"
					  "INSERT INTO criterion VALUES('" P
					  "', %d, 1, %d, 0, 0, 0, iif(%d %% 2, %Q, NULL), 1, %Q, %Q, 1, %Q, 0, %Q, %Q)",
					  id, id, texts[i], texts[k], id, id, id, texts[i], texts[k], texts[i], texts[k], texts[k],
					  texts[i]);
			/* nodes that are their own parents */
			make_rows(
				feeds,
				"INSERT INTO node VALUES(%d, 1, %d, 0, 0, NULL, 'AND', 1),(%d, 1, %d, 0, 1, 2, 'AND', 0),(%d, 1, %d, 0, 2, 1, 'OR', 0)",
				id, id, id, id, id, id);
		}
	struct error e = vuln_match(db, feeds, NULL, NULL);
	if (error_is(&e))
		fail_msg("%s", e.text);
	sqlite3_close(db);
	sqlite3_close(feeds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_traps),    cmocka_unit_test(test_again),  cmocka_unit_test(test_exposure),
		cmocka_unit_test(test_priority), cmocka_unit_test(test_chance), cmocka_unit_test(test_statements),
		cmocka_unit_test(test_hostile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
