#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "case/case.h"
#include "feed_fixture.h"
#include "make_case.h"
#include "vuln/vuln.h"
/* explore CPE VERSION... */
int main(int argc, char **argv)
{
	sqlite3 *f = fixture_feeds("/work/shared/feeds");
	for (int i = 2; i < argc; i++) {
		sqlite3 *db = make_case_empty(NULL);
		make_rows(db, "COMMIT; CREATE TABLE IF NOT EXISTS software(id INTEGER PRIMARY KEY, name TEXT, title TEXT, version TEXT, package_version TEXT, source_package TEXT, distribution TEXT, architecture TEXT, purl TEXT, cpe TEXT, licence TEXT, confidence TEXT, evidence_kind TEXT, path TEXT, count INT); CREATE TABLE IF NOT EXISTS software_evidence(software_id INT, component_id INT)");
		make_rows(db, "INSERT INTO input(id,kind,location) VALUES(1,'firmware','x')");
		make_rows(db, "INSERT INTO software(id,name,version,cpe) VALUES(1,%Q,nullif(%Q,''),%Q)", argv[1], argv[i], argv[1]);
		struct vuln_summary s;
		struct error e = vuln_match(db, f, NULL, &s);
		if (error_is(&e)) { printf("ERROR %s\n", e.text); return 1; }
		printf("== %s %s: affected %zu rejected %zu not %zu fixed %zu chance %f\n", argv[1], argv[i], s.affected, s.rejected, s.not_affected, s.fixed, s.chance);
		sqlite3_stmt *q;
		sqlite3_prepare_v2(db, "SELECT name || ' ' || state || ' p' || priority || ' ' || coalesce(cvss,'-') || ' ' || reason || ' | ' || criteria FROM vulnerability UNION ALL SELECT '  no ' || name || ' [' || kind || '] ' || reason FROM vulnerability_rejected", -1, &q, NULL);
		while (sqlite3_step(q) == SQLITE_ROW) printf("%s\n", sqlite3_column_text(q, 0));
		sqlite3_finalize(q);
		sqlite3_close(db);
	}
	return 0;
}
