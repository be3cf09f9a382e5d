/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay vulns: the known vulnerabilities of a case, the most urgent first, and why each applies or does not. */
#include "cli/vulns.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/plural.h"
#include "case/case.h"
#include "cli/command.h"
#include "cli/match.h"
#include "report/tables.h"
#include "sql/sql.h"
#include "vuln/vuln.h"

static const char help[] = "usage: assay vulns CASE [--feeds FILE] [--statements FILE] [--rejected] [--json]\n"
						   "       assay vulns CASE --why CVE\n"
						   "\n"
						   "Lists the known vulnerabilities of the software in a case, the most urgent\n"
						   "first. Each is listed because a record names this product in this version; --why\n"
						   "shows which record, what decided, and how its priority comes about.\n"
						   "\n"
						   "  assay vulns router.bin.assay\n"
						   "  assay vulns router.bin.assay --why CVE-2021-28831\n"
						   "  assay vulns router.bin.assay --feeds new.db          match again\n"
						   "  assay vulns router.bin.assay --statements known.tsv  with what you know of it\n"
						   "\n"
						   "      --feeds FILE       match again, against this database (see assay feed); a\n"
						   "                         case that was never matched is matched against the\n"
						   "                         default one\n"
						   "      --statements FILE  match again, with statements: lines of package,\n"
						   "                         version, cve and comment, with tabs between, below a\n"
						   "                         line of titles. A comment that ends with .patch:\n"
						   "                         fixed by that; any other says why the CVE does not\n"
						   "                         apply\n"
						   "      --rejected         also what is fixed or does not apply, and why\n"
						   "      --why CVE          everything that is known of this one\n"
						   "      --json             as JSON on standard output\n"
						   "  -q, --quiet            no progress\n"
						   "\n"
						   "Exit codes: 0 listed, 2 the case, the database or the command line is unusable,\n"
						   "3 an internal fault.\n";

struct options {
	const char *path, *why;
	struct match_request match;
	bool rejected, json;
};

enum { OPT_FEEDS = 256, OPT_STATEMENTS, OPT_REJECTED, OPT_WHY, OPT_JSON };

static const struct option long_options[] = {
	{ "feeds", required_argument, NULL, OPT_FEEDS },
	{ "statements", required_argument, NULL, OPT_STATEMENTS },
	{ "rejected", no_argument, NULL, OPT_REJECTED },
	{ "why", required_argument, NULL, OPT_WHY },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "quiet", no_argument, NULL, 'q' },
	{ NULL, 0, NULL, 0 },
};

static bool parse(int argc, char **argv, struct options *o)
{
	int option;
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":q", long_options, NULL)) != -1) {
		if (option == OPT_FEEDS)
			o->match.feeds = optarg;
		else if (option == OPT_STATEMENTS)
			o->match.statements = optarg;
		else if (option == OPT_REJECTED)
			o->rejected = true;
		else if (option == OPT_WHY)
			o->why = optarg;
		else if (option == OPT_JSON)
			o->json = true;
		else if (option == 'q')
			o->match.quiet = true;
		else
			return complain_option(argv, long_options, option, "vulns"), false;
	}
	if (argc - optind != 1)
		return complain(0, NULL, "name one case file; see assay vulns --help"), false;
	o->path = argv[optind];
	return true;
}

static sqlite3_stmt *query(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		complain(0, NULL, "the case can not be asked: %s", sqlite3_errmsg(db));
	return s;
}

/* The rows of a query as a table. How many; -1 after an error. */
static int print_table(sqlite3 *db, const char *sql, const struct report_column *columns, size_t n)
{
	struct report_style style = report_style_for(stdout);
	struct report_table *t = report_table_new(&style, columns, n);
	sqlite3_stmt *s = query(db, sql);
	int count = 0;
	while (t && s && sqlite3_step(s) == SQLITE_ROW) {
		struct text cells[REPORT_COLUMNS_MAX] = { { NULL, 0 } };
		for (size_t i = 0; i < n; i++)
			cells[i] = sql_text(s, (int)i);
		report_table_row(t, cells);
		count++;
	}
	sqlite3_finalize(s);
	struct error e = t ? error_none() : error_at(ERR_MEMORY, 0, "no memory for the table");
	if (t && count)
		e = report_table_print(t, stdout, 0);
	report_table_free(t);
	return !s ? -1 : error_is(&e) ? complain_error(NULL, &e), -1 : count;
}

static int number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = query(db, sql);
	int n = s && sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int(s, 0) : 0;
	sqlite3_finalize(s);
	return n;
}

static void print_sources(sqlite3 *db)
{
	sqlite3_stmt *s = query(
		db,
		"SELECT name, substr(coalesce(newest, imported, '?'), 1, 10) || coalesce(' (' || age || ' d)', '') FROM feed_source"
		" WHERE records > 0 ORDER BY id");
	size_t at = 0;
	while (s && sqlite3_step(s) == SQLITE_ROW) {
		char name[128], day[32], item[192];
		escape_terminal(sql_text(s, 0), name, sizeof name);
		escape_terminal(sql_text(s, 1), day, sizeof day);
		size_t n = (size_t)snprintf(item, sizeof item, "%s %s", name, day);
		if (at && at + n + 2 > 78) {
			fputs(",\n  ", stdout);
			at = 2;
		} else if (at) {
			at += (size_t)printf(", ");
		} else {
			at = (size_t)printf("Feeds: ");
		}
		fputs(item, stdout);
		at += n;
	}
	if (at)
		putchar('\n');
	sqlite3_finalize(s);
}

static const char *several(int n, const char *one, const char *many)
{
	return plural((unsigned)n, one, many);
}

static void print_summary(sqlite3 *db)
{
	sqlite3_stmt *s = query(db, "SELECT CAST(value AS REAL) FROM meta WHERE name = 'vulnerability_chance_30_days'");
	double chance = s && sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_double(s, 0) : 0;
	sqlite3_finalize(s);
	int affected = number(db, "SELECT count(*) FROM vulnerability WHERE state = 'affected'"),
		fixed = number(db, "SELECT count(*) FROM vulnerability WHERE state = 'fixed'"),
		others = number(db, "SELECT count(*) FROM vulnerability WHERE state = 'not_affected'"),
		open = number(db, "SELECT count(*) FROM vulnerability WHERE state = 'under_investigation'"),
		rejected = number(db, "SELECT count(*) FROM vulnerability_rejected");
	printf(
		"%d %s; %d %s fixed, %d %s not apply, %d %s under investigation; %d %s\n%s rejected (--rejected lists %s).\n",
		affected, several(affected, "applies", "apply"), fixed, several(fixed, "is", "are"), others,
		several(others, "does", "do"), open, several(open, "is", "are"), rejected,
		several(rejected, "near-match", "near-matches"), several(rejected, "is", "are"),
		several(rejected, "it", "them"));
	int stated =
		number(db, "SELECT count(*) FROM vulnerability_shown WHERE state = 'affected' AND stated_state <> 'affected'");
	if (stated)
		printf("Of %d of those that apply somebody states something else (--why tells who); %s still\n"
			   "counted as %s matched.\n",
			   stated, several(stated, "it is", "they are"), several(stated, "it was", "they were"));
	if (chance > 0)
		printf("At least one of them is exploited somewhere within 30 days with a chance of %.1f %%\n"
			   "(EPSS; taken as independent of each other, and of this product).\n",
			   chance * 100);
	print_sources(db);
}

static int list(sqlite3 *db, bool rejected)
{
	static const struct report_column columns[] = { { "priority", true, 0 },  { "vulnerability", false, 0 },
													{ "severity", false, 0 }, { "component", false, 26 },
													{ "exposure", false, 0 }, { "", false, 0 } };
	static const struct report_column others[] = {
		{ "vulnerability", false, 0 }, { "component", false, 18 }, { "state", false, 12 }, { "why", false, 0 }
	};
	int n = print_table(
		db,
		"SELECT printf('%.1f', v.priority), v.name, coalesce(printf('%.1f ', v.cvss) || v.severity, '-'),"
		" s.name || ' ' || coalesce(s.package_version, s.version, ''), v.exposure, iif(v.kev, 'exploited', '') ||"
		" coalesce(iif(v.kev, '; ', '') || 'stated ' || replace(v.stated_state, '_', ' ') || ' by ' || v.stated_by, '')"
		" FROM vulnerability_shown v JOIN software s ON s.id = v.software_id WHERE v.state = 'affected'"
		" ORDER BY v.priority DESC, v.id",
		columns, 6);
	if (n < 0)
		return EXIT_INTERNAL;
	if (n)
		putchar('\n');
	if (rejected) {
		n = print_table(
			db,
			"SELECT name, component, state, reason FROM ("
			"SELECT v.name, s.name || ' ' || coalesce(s.package_version, s.version, '') AS component,"
			" replace(v.state, '_', ' ') AS state, v.reason, s.id AS software, 0 AS part, v.id AS row FROM vulnerability v"
			" JOIN software s ON s.id = v.software_id WHERE v.state <> 'affected' UNION ALL"
			" SELECT r.name, s.name || ' ' || coalesce(s.package_version, s.version, ''), r.kind, r.reason, s.id, 1, r.id"
			" FROM vulnerability_rejected r JOIN software s ON s.id = r.software_id) ORDER BY software, part, row",
			others, 4);
		if (n < 0)
			return EXIT_INTERNAL;
		if (n)
			putchar('\n');
	}
	print_summary(db);
	return EXIT_NO_FAIL;
}

/* "  name:     text", wrapped; nothing for an absent text. */
static void line(const char *name, struct text t)
{
	char safe[2048];
	if (!t.n)
		return;
	escape_terminal(t, safe, sizeof safe);
	printf("  %-11s", name);
	size_t at = 13;
	for (const char *p = safe; *p;) {
		size_t n = strcspn(p, " ");
		if (at > 13 && at + n + 1 > 79) {
			printf("\n%13s", "");
			at = 13;
		}
		at += (size_t)printf("%s%.*s", at > 13 ? " " : "", (int)n, p);
		p += n + strspn(p + n, " ");
	}
	putchar('\n');
}

/* Where a bill of materials declares the component; a case of an earlier version has no such table. */
static const char *declared_at(sqlite3 *db)
{
	return number(db, "SELECT count(*) FROM sqlite_master WHERE name = 'software_declaration'")
			   ? "(SELECT group_concat(place, '; ') FROM (SELECT coalesce(b.path, i.location) || coalesce(', line ' || d.line, '') AS place"
				 " FROM software_declaration x JOIN declared_component d ON d.id = x.declared_id JOIN blob b ON b.id = d.blob_id"
				 " JOIN input i ON i.id = b.input_id WHERE x.software_id = s.id ORDER BY d.id LIMIT 8))"
			   : "NULL";
}

static sqlite3_stmt *why_query(sqlite3 *db)
{
	char *sql = sqlite3_mprintf(
		"SELECT s.name || ' ' || coalesce(s.package_version, s.version, ''), replace(v.state, '_', ' '), v.reason, v.criteria,"
		" v.confidence,"
		" iif(v.cvss IS NULL, 'no score', printf('%%.1f %%s, CVSS %%s, %%s', v.cvss, v.severity, v.cvss_version, v.cvss_vector)),"
		" iif(v.epss IS NULL, 'unknown', printf('%%.5f (above %%.1f %%%% of all)', v.epss, v.epss_percentile * 100)),"
		" iif(v.kev, 'known to be exploited (CISA KEV)', ''), v.exposure || coalesce(', by ' || v.exposed_by, ''),"
		" printf('%%.1f', v.priority), v.summary, (SELECT group_concat(path, ', ') FROM (SELECT DISTINCT b.path"
		" FROM software_evidence e JOIN component c ON c.id = e.component_id JOIN blob b ON b.id = c.blob_id"
		" WHERE e.software_id = s.id ORDER BY b.id LIMIT 8)), replace(v.stated_state, '_', ' ') || ' by ' || v.stated_by ||"
		" coalesce(' on ' || v.stated_on, '') || coalesce(': ' || replace(nullif(v.justification, ''), '_', ' '), '') ||"
		" coalesce(iif(coalesce(v.justification, '') = '', ': ', '; ') || nullif(v.note, ''), '') ||"
		" ' (' || v.stated_in || coalesce(', line ' || v.stated_line, '') || ')', %s"
		" FROM vulnerability_shown v JOIN software s ON s.id = v.software_id"
		" WHERE v.name = ? ORDER BY v.priority DESC, v.id",
		declared_at(db));
	sqlite3_stmt *s = sql ? query(db, sql) : NULL;
	sqlite3_free(sql);
	return s;
}

static int why_applies(sqlite3 *db, const char *cve)
{
	static const char *const names[] = { NULL,  "state",    "because",  "record", "confidence", "severity", "EPSS",
										 "KEV", "exposure", "priority", "text",   "files",      "stated",   "declared" };
	sqlite3_stmt *s = why_query(db);
	int n = 0;
	if (!s)
		return -1;
	sqlite3_bind_text(s, 1, cve, -1, SQLITE_STATIC);
	for (; sqlite3_step(s) == SQLITE_ROW; n++) {
		char name[256];
		escape_terminal(sql_text(s, 0), name, sizeof name);
		printf("%s in %s\n", cve, name);
		for (int i = 1; i < 14; i++)
			line(names[i], sql_text(s, i));
	}
	sqlite3_finalize(s);
	return n;
}

static int why_rejected(sqlite3 *db, const char *cve)
{
	sqlite3_stmt *s = query(
		db, "SELECT s.name || ' ' || coalesce(s.package_version, s.version, ''), r.kind, r.reason"
			" FROM vulnerability_rejected r JOIN software s ON s.id = r.software_id WHERE r.name = ? ORDER BY r.id");
	int n = 0;
	if (!s)
		return -1;
	sqlite3_bind_text(s, 1, cve, -1, SQLITE_STATIC);
	for (; sqlite3_step(s) == SQLITE_ROW; n++) {
		char name[256];
		escape_terminal(sql_text(s, 0), name, sizeof name);
		printf("%s not in %s\n", cve, name);
		line("kind", sql_text(s, 1));
		line("because", sql_text(s, 2));
	}
	sqlite3_finalize(s);
	return n;
}

static int why(sqlite3 *db, const char *cve)
{
	int n = why_applies(db, cve), rejected = n < 0 ? -1 : why_rejected(db, cve);
	if (rejected < 0)
		return EXIT_INTERNAL;
	if (n + rejected == 0)
		return complain(EXIT_UNUSABLE, cve,
						"no record of it names a product of this case, or its version is far from the ranges");
	return EXIT_NO_FAIL;
}

static int run(int argc, char **argv)
{
	struct options o = { 0 };
	struct error e;
	if (!parse(argc, argv, &o))
		return EXIT_UNUSABLE;
	bool again = o.match.feeds || o.match.statements;
	struct case_file *c = case_open(o.path, again, &e);
	if (c && !again && !vuln_matched(case_db(c))) {
		case_close(c);
		again = true;
		c = case_open(o.path, true, &e);
	}
	if (!c)
		return complain_error(o.path, &e);
	int code = again ? match_case(case_db(c), &o.match) : EXIT_NO_FAIL;
	if (!code && o.why)
		code = why(case_db(c), o.why);
	else if (!code && o.json)
		code = vulns_json(case_db(c), o.rejected) ? EXIT_NO_FAIL
												  : complain(EXIT_INTERNAL, o.path, "the case can not be read");
	else if (!code)
		code = list(case_db(c), o.rejected);
	case_close(c);
	return code;
}

const struct command command_vulns = { "vulns", "known vulnerabilities, and why they apply", help, run, .prints = true };
