/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "feed_fixture.h"
#include "make_case.h"
#include "vuln/vuln.h"
#include "vuln_case.h"
#include "vuln_trap.h"

void vuln_trap(const struct trap *t)
{
	sqlite3 *feeds = fixture_empty(), *db = vuln_case("p", t->version, "v:p");
	char got[VULN_RESULT_MAX];
	make_rows(feeds, "INSERT INTO source(id, name, kind, records) VALUES(1, 'nvd', 'nvd', 1);"
					 "INSERT INTO vulnerability(id, name, summary) VALUES(1, 'CVE-1', '')");
	make_rows(feeds, "%s", t->feed);
	make_rows(db, "%s", t->facts);
	struct error e = vuln_match(db, feeds, NULL, NULL);
	if (error_is(&e))
		fail_msg("%s: %s", t->what, e.text);
	vuln_result(db, 1, NULL, got);
	const char *words = got + strcspn(got, "\n");
	size_t n = strlen(t->result);
	if (strncmp(got, t->result, n) != 0 || got[n] != (n ? '\n' : '\0') || !strstr(words, t->words))
		fail_msg("%s: not \"%s\" with \"%s\" but: %s", t->what, t->result, t->words, got);
	sqlite3_close(db);
	sqlite3_close(feeds);
}
