/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small records that each hold one trap, for the tests of matching. */
#ifndef ASSAY_TESTS_VULN_TRAP_H
#define ASSAY_TESTS_VULN_TRAP_H

/* A feed of one vulnerability, CVE-1, of one source: rows of `criterion` and `node` with the short forms below. */
#define CPE(name) "cpe:2.3:" name
#define ROOT "INSERT INTO node VALUES(1, 1, 1, 0, 0, NULL, 'OR', 0);"
#define AND_ROOT                                                                                                       \
	"INSERT INTO node VALUES(1, 1, 1, 0, 0, NULL, 'AND', 0),(1, 1, 1, 0, 1, 0, 'OR', 0),(1, 1, 1, 0, 2, 0, 'OR', 0);"
/* product, node, cpe, vulnerable, version, start, including, end, including, order, status */
#define ROW(product, node, cpe, vulnerable, version, start, si, end, ei, order, status)                                \
	"INSERT INTO criterion VALUES('" product "', 1, 1, 1, 0, " #node ", 0, " cpe ", " #vulnerable ", " version         \
	", " start ", " #si ", " end ", " #ei ", '" order "', '" status "');"
#define RANGE(product, cpe, start, si, end, ei)                                                                        \
	ROW(product, 0, "'" cpe "'", 1, "NULL", start, si, end, ei, "", "affected")
#define EXACT(product, cpe, version)                                                                                   \
	ROW(product, 0, "'" cpe "'", 1, "'" version "'", "NULL", 0, "NULL", 0, "", "affected")
#define PLATFORM(product, cpe, version) ROW(product, 2, "'" cpe "'", 0, version, "NULL", 0, "NULL", 0, "", "affected")
#define X ":*:*:*:*:*:*:*"
#define P "cpe:a:v:p"

struct trap {
	const char *what;
	const char *feed;  /* SQL on the feed */
	const char *facts; /* SQL on the case, which has one software row: p of vendor v */
	const char *version;
	const char *result; /* "affected", "not_affected", "fixed", "under_investigation", "rejected KIND", "" */
	const char *words;  /* that stand in the reason or the criteria */
};

/* Matches the trap's program against its feed, and fails the test when something else comes of it. */
void vuln_trap(const struct trap *t);

#endif
