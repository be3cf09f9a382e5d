/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "cli/vulns.h"
#include "report/json_writer.h"

/* A row as an object: numbers as numbers, NULL left out. */
static void row(struct json *j, sqlite3_stmt *s)
{
	json_open(j, '{');
	for (int i = 0; i < sqlite3_column_count(s); i++) {
		const char *name = sqlite3_column_name(s, i);
		int type = sqlite3_column_type(s, i);
		if (type == SQLITE_NULL)
			continue;
		json_key(j, name);
		if (type == SQLITE_INTEGER)
			json_int(j, sqlite3_column_int64(s, i));
		else if (type == SQLITE_FLOAT)
			json_number(j, sqlite3_column_double(s, i));
		else
			json_text(j, text_of((const char *)sqlite3_column_text(s, i), (size_t)sqlite3_column_bytes(s, i)));
	}
	json_close(j, '}');
}

static bool rows(struct json *j, sqlite3 *db, const char *key, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
	json_key(j, key);
	json_open(j, '[');
	while (r == SQLITE_OK && (r = sqlite3_step(s)) == SQLITE_ROW) {
		row(j, s);
		r = SQLITE_OK;
	}
	json_close(j, ']');
	sqlite3_finalize(s);
	return r == SQLITE_DONE;
}

bool vulns_json(sqlite3 *db, bool rejected)
{
	struct json j = { .out = stdout, .broken_lines = 2 };
	json_open(&j, '{');
	bool ok =
		rows(&j, db, "sources", "SELECT name, kind, newest, imported, records, age FROM feed_source ORDER BY id") &&
		rows(&j, db, "chance",
			 "SELECT CAST(value AS REAL) AS within_30_days FROM meta WHERE name = 'vulnerability_chance_30_days'") &&
		rows(
			&j, db, "vulnerabilities",
			"SELECT v.name, v.state, s.name AS component, s.version, s.package_version, s.purl, v.priority, v.reason, v.criteria,"
			" v.source, v.confidence, v.cvss_version, v.cvss_vector, v.cvss, v.severity, v.epss, v.epss_percentile, v.kev,"
			" v.exposure, v.exposed_by, v.published, v.summary, v.stated_state, v.justification, v.note,"
			" v.stated_by, v.stated_on, v.stated_in FROM vulnerability_shown v JOIN software s ON s.id = v.software_id"
			" ORDER BY v.priority DESC, v.id");
	if (ok && rejected)
		ok = rows(&j, db, "rejected",
				  "SELECT r.name, s.name AS component, s.version, r.kind, r.reason FROM vulnerability_rejected r"
				  " JOIN software s ON s.id = r.software_id ORDER BY r.id");
	json_close(&j, '}');
	putchar('\n');
	return ok;
}
