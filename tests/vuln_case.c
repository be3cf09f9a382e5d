/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vuln_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "make_case.h"

sqlite3 *vuln_case(const char *name, const char *version, const char *cpe)
{
	sqlite3 *db = make_case_empty(NULL);
	make_rows(
		db,
		"COMMIT; INSERT INTO input(id, kind, location) VALUES(1, 'firmware', 'x');"
		"INSERT INTO blob(id, input_id, parent_id, path, kind, format) VALUES(1, 1, NULL, 'x', 'input', 'data'),"
		"(2, 1, 1, 'root', 'region', 'squashfs'),(3, 1, 2, '/usr/bin/p', 'file', 'elf');"
		"CREATE TABLE IF NOT EXISTS software(id INTEGER PRIMARY KEY, name TEXT, title TEXT, version TEXT, package_version TEXT,"
		" source_package TEXT, distribution TEXT, architecture TEXT, purl TEXT, cpe TEXT, licence TEXT, confidence TEXT,"
		" evidence_kind TEXT, path TEXT, count INTEGER);"
		"CREATE TABLE IF NOT EXISTS software_evidence(software_id INTEGER, component_id INTEGER);"
		"CREATE TABLE IF NOT EXISTS applet(id INTEGER PRIMARY KEY, blob_id INTEGER, offset INTEGER, program TEXT, name TEXT,"
		" linked INTEGER)");
	if (name)
		make_rows(db,
				  "INSERT INTO software(id, name, version, cpe, confidence) VALUES(1, %Q, %Q, %Q, 'proven');"
				  "INSERT INTO component(id, blob_id, name) VALUES(1, 3, %Q);"
				  "INSERT INTO software_evidence(software_id, component_id) VALUES(1, 1)",
				  name, version, cpe, name);
	return db;
}

void vuln_result(sqlite3 *db, int software, const char *cve, char out[VULN_RESULT_MAX])
{
	sqlite3_stmt *s = NULL;
	out[0] = '\0';
	if (sqlite3_prepare_v2(
			db,
			"SELECT state || char(10) || reason || char(10) || coalesce(criteria, '') FROM vulnerability"
			" WHERE software_id = ?1 AND (?2 IS NULL OR name = ?2) UNION ALL SELECT 'rejected ' || kind || char(10) || reason"
			" FROM vulnerability_rejected WHERE software_id = ?1 AND (?2 IS NULL OR name = ?2)",
			-1, &s, NULL) != SQLITE_OK)
		abort();
	sqlite3_bind_int(s, 1, software);
	if (cve)
		sqlite3_bind_text(s, 2, cve, -1, SQLITE_STATIC);
	if (sqlite3_step(s) == SQLITE_ROW)
		snprintf(out, VULN_RESULT_MAX, "%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
}

char *vuln_string(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		abort();
	char *out = strdup(sqlite3_step(s) == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : "");
	sqlite3_finalize(s);
	return out;
}

long long vuln_number(sqlite3 *db, const char *sql)
{
	char *text = vuln_string(db, sql);
	long long n = atoll(text);
	free(text);
	return n;
}
