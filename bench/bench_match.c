/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long matching takes: a case of 200 components, the products that a feed database has most records of, against that
 * database. What it is to stay below: a tenth of an assessment.
 *
 *   bench_match FEEDS [COMPONENTS]
 *
 * bench/make_nvd.py makes records for `assay feed import`, of which FEEDS comes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "case/case.h"
#include "feed/feed.h"
#include "vuln/vuln.h"

static void run(sqlite3 *db, const char *sql)
{
	char *message = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &message)) {
		fprintf(stderr, "bench_match: %s\n", message);
		exit(3);
	}
}

/* A row of software for each of the products with the most criteria. */
static void fill(sqlite3 *db, sqlite3 *feeds, int components)
{
	sqlite3_stmt *from = NULL, *to = NULL;
	run(db,
		"CREATE TABLE IF NOT EXISTS software(id INTEGER PRIMARY KEY, name TEXT, title TEXT, version TEXT, package_version TEXT,"
		" source_package TEXT, distribution TEXT, architecture TEXT, purl TEXT, cpe TEXT, licence TEXT, confidence TEXT);"
		"CREATE TABLE IF NOT EXISTS software_evidence(software_id INTEGER, component_id INTEGER);"
		"INSERT INTO input(id, kind, location) VALUES(1, 'firmware', 'x')");
	if (sqlite3_prepare_v2(feeds,
						   "SELECT p.name, count(*) AS n FROM criterion_row c JOIN product p ON p.id = c.product_id"
						   " WHERE p.name LIKE 'cpe:%' GROUP BY p.id ORDER BY n DESC LIMIT ?",
						   -1, &from, NULL) ||
		sqlite3_prepare_v2(
			db, "INSERT INTO software(name, version, cpe, confidence) VALUES(?1, '9.10.2', substr(?1, 5), 'proven')",
			-1, &to, NULL)) {
		fprintf(stderr, "bench_match: %s\n", sqlite3_errmsg(feeds));
		exit(3);
	}
	sqlite3_bind_int(from, 1, components);
	while (sqlite3_step(from) == SQLITE_ROW) {
		sqlite3_bind_value(to, 1, sqlite3_column_value(from, 0));
		sqlite3_step(to);
		sqlite3_reset(to);
	}
	sqlite3_finalize(from);
	sqlite3_finalize(to);
}

int main(int argc, char **argv)
{
	sqlite3 *db = NULL, *feeds = NULL;
	struct vuln_summary s;
	struct error e =
		argc > 1 ? feed_open(argv[1], &feeds) : error_at(ERR_USAGE, 0, "usage: bench_match FEEDS [COMPONENTS]");
	if (error_is(&e) || sqlite3_open(":memory:", &db))
		return fprintf(stderr, "bench_match: %s\n", e.text), 2;
	e = case_create_schema(db);
	if (!error_is(&e)) {
		fill(db, feeds, argc > 2 ? atoi(argv[2]) : 200);
		double from = wall_seconds();
		e = vuln_match(db, feeds, NULL, &s);
		if (!error_is(&e))
			printf("match: %zu components, %zu apply, %zu rejected: %.3f s\n", s.software, s.affected, s.rejected,
				   wall_seconds() - from);
	}
	if (error_is(&e))
		fprintf(stderr, "bench_match: %s\n", e.text);
	sqlite3_close(feeds);
	sqlite3_close(db);
	return error_is(&e) ? 3 : 0;
}
