/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reports, rendered from made-up cases: what the rows say must be in them, and nothing of what hostile strings
 * want. References: docs/report.schema.json, wcwidth(3) of the C library, OpenSSL for the Content-Security-Policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>
#include <locale.h>
#include <openssl/evp.h>
#include <wchar.h>

#include "base/escape.h"
#include "json_schema.h"
#include "case/case.h"
#include "make_case.h"
#include "report/html.h"
#include "report/html_internal.h"
#include "report/json.h"
#include "report/layout.h"
#include "report/tables.h"
#include "report/terminal.h"
#include "report/view.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum kind { AS_TERMINAL, AS_JSON, AS_HTML };

static const struct report_style plain = { .width = 80, .utf8 = true, .seconds = 0.5, .case_path = "x.assay" };

static struct error render_to(sqlite3 *db, enum kind kind, FILE *out, const struct report_style *style)
{
	if (kind == AS_TERMINAL)
		return report_terminal(db, out, style);
	return kind == AS_JSON ? report_json(db, out) : report_html(db, out);
}

/* The report as one string. */
static char *render(sqlite3 *db, enum kind kind, const struct report_style *style)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	assert_non_null(out);
	struct error e = render_to(db, kind, out, style);
	fclose(out);
	if (error_is(&e))
		fail_msg("%s", e.text);
	assert_int_equal(strlen(text), n);
	return text;
}

static json_t *render_json(sqlite3 *db)
{
	json_error_t error;
	char *text = render(db, AS_JSON, &plain);
	json_t *report = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!report)
		fail_msg("line %d: %s", error.line, error.text);
	free(text);
	return report;
}

static size_t count_of(const char *haystack, const char *needle)
{
	size_t n = 0;
	for (const char *at = haystack; (at = strstr(at, needle)); at += strlen(needle))
		n++;
	return n;
}

/* A case as an early version may have left it: never judged, with fewer columns. */
static sqlite3 *make_case_old(const char *path)
{
	sqlite3 *db = make_case_router(path);
	for (const struct case_view *v = case_views; v->name; v++)
		make_rows(db, "DROP VIEW %s", v->name);
	make_rows(db,
			  "DROP TABLE evidence; DROP TABLE verdict; DROP TABLE certificate; DROP INDEX blob_by_parent;"
			  "PRAGMA legacy_alter_table = ON;" /* else each column has SQLite compile every view */
			  "ALTER TABLE account DROP COLUMN tried; ALTER TABLE blob DROP COLUMN same_as; ALTER TABLE elf DROP COLUMN"
			  " fortify;"
			  "ALTER TABLE probe_run DROP COLUMN seconds; DROP TABLE meta");
	return db;
}

static sqlite3 *make_small(const char *path)
{
	return make_case_large(path, 3);
}

static sqlite3 *make_nothing(const char *path)
{
	sqlite3 *db = make_case_empty(path);
	make_rows(db, "COMMIT");
	return db;
}

static sqlite3 *(*const cases[])(const char *) = { make_case_router, make_case_hostile, make_case_old, make_small,
												   make_nothing };

/* ---- JSON ---- */

static json_t *load_schema(void)
{
	char path[4096];
	const char *docs = getenv("ASSAY_DOCS");
	json_error_t error;
	snprintf(path, sizeof path, "%s/report.schema.json", docs ? docs : "docs");
	json_t *schema = json_load_file(path, 0, &error);
	if (!schema)
		fail_msg("%s: %s", path, error.text);
	return schema;
}

static void test_json_schema(void **state)
{
	(void)state;
	json_t *schema = load_schema();
	for (size_t i = 0; i < COUNT(cases); i++) {
		char why[512];
		sqlite3 *db = cases[i](NULL);
		json_t *report = render_json(db);
		if (!json_schema_matches(schema, report, why, sizeof why))
			fail_msg("case %zu: %s", i, why);
		json_object_set_new(json_object_get(report, "header"), "surprise", json_true());
		assert_false(json_schema_matches(schema, report, why, sizeof why));
		json_decref(report);
		sqlite3_close(db);
	}
	json_decref(schema);
}

static int64_t number_in(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

/* Every row of every table is there, in the order of ids. */
static void test_json_rows(void **state)
{
	(void)state;
	sqlite3 *db = make_case_router(NULL);
	json_t *report = render_json(db), *facts = json_object_get(report, "facts"), *row;
	for (int type = 0; type < FACT_TYPES; type++) {
		char sql[128];
		const char *name = fact_tables[type].name;
		json_t *rows = type == FACT_blob ? json_object_get(report, "blobs") : json_object_get(facts, name);
		size_t i;
		json_int_t last = 0;
		snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", name);
		assert_int_equal(json_array_size(rows), number_in(db, sql));
		json_array_foreach(rows, i, row)
		{
			assert_true(json_integer_value(json_object_get(row, "id")) > last);
			last = json_integer_value(json_object_get(row, "id"));
		}
	}
	assert_int_equal(json_array_size(json_object_get(report, "verdicts")), 14);
	json_decref(report);
	sqlite3_close(db);
}

static const char *string_at(json_t *report, const char *list, size_t i, const char *key)
{
	return json_string_value(json_object_get(json_array_get(json_object_get(report, list), i), key));
}

static void test_json_values(void **state)
{
	(void)state;
	sqlite3 *db = make_case_router(NULL);
	json_t *report = render_json(db);
	json_t *account = json_object_get(json_object_get(report, "facts"), "account"), *root = json_array_get(account, 0);
	assert_string_equal(json_string_value(json_object_get(root, "password")), "admin");
	assert_int_equal(json_integer_value(json_object_get(root, "uid")), 0);
	assert_true(json_is_null(json_object_get(json_array_get(account, 2), "salt_length")));
	json_t *elf = json_array_get(json_object_get(json_object_get(report, "facts"), "elf"), 0);
	assert_true(json_is_false(json_object_get(elf, "pie")));
	json_t *summary = json_object_get(report, "summary");
	assert_int_equal(json_integer_value(json_object_get(summary, "fail")), 6);
	assert_int_equal(json_integer_value(json_object_get(summary, "inconclusive")), 5);
	assert_int_equal(json_integer_value(json_object_get(summary, "pass")), 2);
	assert_int_equal(json_integer_value(json_object_get(summary, "not_applicable")), 1);
	assert_string_equal(string_at(report, "inputs", 0, "name"), "router-mipsel.trx");
	assert_string_equal(string_at(report, "inputs", 0, "description"),
						"TRX > uImage kernel (Linux 3.18.23) + squashfs xz, 69 files, mipsel");
	json_t *evidence = json_object_get(json_array_get(json_object_get(report, "verdicts"), 0), "evidence");
	json_t *first = json_array_get(evidence, 0);
	assert_string_equal(json_string_value(json_object_get(first, "path")),
						"router-mipsel.trx > 0x120000.squashfs > /etc/shadow");
	assert_int_equal(json_integer_value(json_object_get(first, "line")), 1);
	json_t *references = json_object_get(json_array_get(json_object_get(report, "verdicts"), 0), "references");
	assert_string_equal(json_string_value(json_object_get(json_array_get(references, 0), "standard")),
						"ETSI EN 303 645");
	json_decref(report);
	sqlite3_close(db);
}

/* What is derived from the facts, matched and stated; the ages of feeds depend on the day, and stand in the header. */
static void test_json_software(void **state)
{
	(void)state;
	sqlite3 *db = make_case_router(NULL);
	json_t *report = render_json(db), *summary = json_object_get(json_object_get(report, "summary"), "software");
	static const struct {
		const char *key;
		int n;
	} counts[] = { { "components", 7 },        { "with_version", 6 },     { "vulnerabilities", 3 },
				   { "exploited", 1 },         { "fixed", 1 },            { "severe_and_reachable", 2 },
				   { "stated_otherwise", 1 }, { "not_affected", 0 },     { "under_investigation", 0 } };
	for (size_t i = 0; i < COUNT(counts); i++)
		assert_int_equal(json_integer_value(json_object_get(summary, counts[i].key)), counts[i].n);
	assert_float_equal(json_real_value(json_object_get(summary, "chance_30_days")), 0.9475, 1e-9);
	assert_int_equal(json_array_size(json_object_get(report, "software")), 7);
	assert_string_equal(string_at(report, "software", 2, "package_version"), "2.90-1~deb12u1");
	assert_string_equal(string_at(report, "vulnerabilities", 0, "name"), "CVE-2024-0001");
	assert_string_equal(string_at(report, "vulnerabilities", 0, "state"), "affected");
	assert_string_equal(string_at(report, "vulnerabilities", 0, "stated_state"), "not_affected");
	assert_string_equal(string_at(report, "vulnerabilities", 0, "stated_by"), "ACME");
	json_t *cow = json_array_get(json_object_get(report, "vulnerabilities"), 1);
	assert_true(json_is_true(json_object_get(cow, "kev")));
	assert_float_equal(json_number_value(json_object_get(cow, "priority")), 63.8, 1e-9);
	assert_true(json_is_null(json_object_get(json_array_get(json_object_get(report, "vulnerabilities"), 2), "cvss")));
	assert_string_equal(string_at(report, "feeds", 0, "newest"), "2025-08-25T17:04:19Z");
	assert_string_equal(string_at(report, "sbom_differences", 0, "declared_version"), "1.34.1");
	assert_string_equal(string_at(report, "statements", 0, "note"), "Built without it.");
	assert_int_equal(json_array_size(json_object_get(report, "services")), 1);
	assert_string_equal(string_at(report, "services", 0, "name"), "telnetd");
	assert_string_equal(string_at(report, "services", 0, "ports"), "23");
	assert_true(json_is_true(json_object_get(json_array_get(json_object_get(report, "services"), 0), "exposed")));
	json_t *ages = json_object_get(json_object_get(report, "header"), "feed_ages");
	assert_int_equal(json_array_size(ages), 2); /* a source without records has none */
	assert_int_equal(json_integer_value(json_object_get(json_array_get(ages, 0), "age_days")), 187);
	json_decref(report);
	sqlite3_close(db);
}

/* A case that was made before the view was: its services are told all the same. */
static void test_services_of_old(void **state)
{
	(void)state;
	sqlite3 *db = make_case_router(NULL);
	make_rows(db, "DROP VIEW service_shown");
	for (int i = 0; i < 2; i++) {
		json_t *report = render_json(db);
		assert_string_equal(string_at(report, "services", 0, "name"), "telnetd");
		json_decref(report);
	}
	sqlite3_close(db);
}

/* The same facts found at another time and place differ in `header` only. */
/* The line that tells what an input is, for chains of other kinds. */
static void test_description(void **state)
{
	static const struct {
		const char *rows, *line;
	} inputs[] = {
		{ "(1, 1, NULL, 'input', 'gzip'), (2, 1, 1, 'stream', 'cpio'), (3, 1, 2, 'file', 'text')",
		  "gzip > cpio, 1 file" },
		{ "(1, 1, NULL, 'input', 'data'), (2, 1, 1, 'region', 'padding')", "nothing that is recognised" },
		{ "(1, 1, NULL, 'input', 'data'), (2, 1, 1, 'region', 'esp_image'), (3, 1, 1, 'region', 'esp_image'),"
		  "(4, 1, 1, 'region', 'high-entropy')",
		  "2 x ESP image + unknown dense data" },
		{ "(1, 1, NULL, 'input', 'trx'), (2, 1, 1, 'region', 'lzma'), (9, 1, 2, 'stream', 'data'), (3, 1, 1,"
		  " 'region', 'squashfs'),"
		  "(4, 1, 3, 'file', 'text'), (5, 1, 3, 'file', 'elf')",
		  "TRX > (lzma > kernel (Linux 2.6.31)) + squashfs, 2 files" },
		{ "(1, 1, NULL, 'input', 'zip'), (2, 1, 1, 'file', 'trx'), (3, 1, 2, 'region', 'dtb'), (4, 1, 1, 'file',"
		  " 'text')",
		  "zip, 2 files > TRX > device tree" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(inputs); i++) {
		sqlite3 *db = make_case_empty(NULL);
		make_rows(db,
				  "INSERT INTO input(id, kind, location) VALUES(1, 'firmware', 'a');"
				  "INSERT INTO blob(id, input_id, parent_id, kind, format) VALUES%s; COMMIT",
				  inputs[i].rows);
		make_rows(db, "INSERT INTO component(blob_id, name, version) VALUES(9, 'linux', '2.6.31')");
		json_t *report = render_json(db);
		assert_string_equal(string_at(report, "inputs", 0, "description"), inputs[i].line);
		json_decref(report);
		sqlite3_close(db);
	}
}

/* What a pack overrides is told, and how much evidence there was beyond what the case keeps. */
static void test_overrides(void **state)
{
	(void)state;
	sqlite3 *db = make_case_router(NULL);
	if (number_in(db, "SELECT count(*) FROM pragma_table_info('verdict') WHERE name = 'excluded'") == 0)
		make_rows(db,
				  "ALTER TABLE verdict ADD COLUMN excluded TEXT; ALTER TABLE verdict ADD COLUMN severity_was TEXT;"
				  "ALTER TABLE verdict ADD COLUMN severity_reason TEXT; ALTER TABLE verdict ADD COLUMN evidence_total"
				  " INTEGER");
	make_rows(db,
			  "UPDATE verdict SET severity_was = 'low', severity_reason = 'it faces the street', evidence_total = 5000"
			  " WHERE id = 1;"
			  "UPDATE verdict SET excluded = 'no such port' WHERE id = 14");
	json_t *report = render_json(db);
	assert_string_equal(string_at(report, "verdicts", 0, "severity_was"), "low");
	assert_string_equal(string_at(report, "verdicts", 13, "excluded"), "no such port");
	json_decref(report);
	char *text = render(db, AS_TERMINAL, &plain), *html = render(db, AS_HTML, &plain);
	assert_non_null(strstr(text, "and 4,997 more"));
	assert_non_null(strstr(html, "and 4,997 more"));
	assert_non_null(strstr(html, "it faces the street"));
	free(text);
	free(html);
	sqlite3_close(db);
}

/* What a requirement asks the case is told as the pack has it; what is no such list, not at all. */
static void test_queries(void **state)
{
	(void)state;
	sqlite3 *db = make_case_router(NULL);
	make_rows(db, "UPDATE verdict SET queries_json = json_array(json_object('role', 'fails', 'sql', 'SELECT \"</script>\"'))"
				  " WHERE id = 1; UPDATE verdict SET queries_json = 'not json' WHERE id = 2");
	json_t *report = render_json(db), *verdicts = json_object_get(report, "verdicts");
	json_t *queries = json_object_get(json_array_get(verdicts, 0), "queries"), *first = json_array_get(queries, 0);
	assert_int_equal(json_array_size(queries), 1);
	assert_string_equal(json_string_value(json_object_get(first, "role")), "fails");
	assert_string_equal(json_string_value(json_object_get(first, "sql")), "SELECT \"</script>\"");
	for (size_t i = 1; i < 3; i++)
		assert_int_equal(json_array_size(json_object_get(json_array_get(verdicts, i), "queries")), 0);
	json_decref(report);
	sqlite3_close(db);
}

static void test_json_is_deterministic(void **state)
{
	(void)state;
	sqlite3 *here = make_case_router(NULL), *there = make_case_router(NULL);
	make_rows(there, "UPDATE input SET location = '/srv/queue/17/router-mipsel.trx';"
					 "UPDATE blob SET path = '/srv/queue/17/router-mipsel.trx' WHERE parent_id IS NULL;"
					 "UPDATE probe_run SET seconds = 9.5; UPDATE meta SET value = 'later' WHERE name LIKE '%%_at'");
	json_t *a = render_json(here), *b = render_json(there);
	assert_false(json_equal(json_object_get(a, "header"), json_object_get(b, "header")));
	json_object_del(a, "header");
	json_object_del(b, "header");
	char *text_a = json_dumps(a, 0), *text_b = json_dumps(b, 0);
	assert_string_equal(text_a, text_b);
	assert_null(strstr(text_a, "/home/anna"));
	free(text_a);
	free(text_b);
	json_decref(a);
	json_decref(b);
	sqlite3_close(here);
	sqlite3_close(there);
}

/* Strings come through whole: 64 KiB, quotes, controls; what is no UTF-8 as \xHH. */
static void test_json_hostile(void **state)
{
	(void)state;
	sqlite3 *db = make_case_hostile(NULL);
	make_rows(db, "INSERT INTO damage(id, blob_id, what) VALUES(77, 1, CAST(x'61ff00c3bc22' AS TEXT))");
	json_t *report = render_json(db), *row;
	size_t i, longest = 0, found = 0;
	json_array_foreach(json_object_get(report, "blobs"), i, row)
	{
		const char *path = json_string_value(json_object_get(row, "path"));
		longest = path && strlen(path) > longest ? strlen(path) : longest;
		found += path && strcmp(path, "/etc/new\nline\x1b[31m\\x00\\xff\\xfe<script>alert(2)</script>") == 0;
	}
	assert_int_equal(longest, 65536);
	assert_int_equal(found, 1);
	json_t *damage = json_object_get(json_object_get(report, "facts"), "damage");
	row = json_array_get(damage, json_array_size(damage) - 1);
	assert_string_equal(json_string_value(json_object_get(row, "what")), "a\\xff\\x00\xc3\xbc\"");
	assert_string_equal(string_at(report, "verdicts", 2, "verdict"), "INCONCLUSIVE"); /* 'UNHEARD' in the case */
	json_decref(report);
	sqlite3_close(db);
}

/* ---- HTML ---- */

static const char block_start[] = "<script type=\"application/json\"";

/* The page without its scripts, data and style: what is shown where no script runs. */
static char *without_scripts(const char *html)
{
	static const char *const begins[] = { "<script", "<style>" }, *const ends[] = { "</script>", "</style>" };
	char *out = strdup(html);
	assert_non_null(out);
	for (size_t i = 0; i < COUNT(begins); i++) {
		char *at = out, *end;
		while ((at = strstr(at, begins[i])) && (end = strstr(at, ends[i])))
			memmove(at, end + strlen(ends[i]), strlen(end + strlen(ends[i])) + 1);
	}
	return out;
}

/* Void elements aside, what is opened is closed; <li>, <p>, <tr> and <td> are counted too, since ours are all
 * closed. */
static void check_balance(const char *html)
{
	static const char *const names[] = { "html",    "head",    "body", "header", "main", "section", "article", "ul",
										 "li",      "details", "summary", "p",   "div",  "span",    "code",    "h1",
										 "h2",      "h3",      "dl",   "dt",     "dd",   "b",       "noscript" };
	for (size_t i = 0; i < COUNT(names); i++) {
		char open[16], open_with[16], close[16];
		snprintf(open, sizeof open, "<%s>", names[i]);
		snprintf(open_with, sizeof open_with, "<%s ", names[i]);
		snprintf(close, sizeof close, "</%s>", names[i]);
		if (count_of(html, open) + count_of(html, open_with) != count_of(html, close))
			fail_msg("<%s> is not balanced", names[i]);
	}
}

/* Each block of data ends where its own end tag stands: it has no '<' at all. */
static void check_blocks(const char *html)
{
	for (const char *at = html; (at = strstr(at, block_start)); at++) {
		const char *text = strchr(at, '>') + 1;
		assert_int_equal(strncmp(text + strcspn(text, "<"), "</script>\n", 10), 0);
	}
}

static void test_html_is_safe(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		sqlite3 *db = cases[i](NULL);
		char *html = render(db, AS_HTML, &plain);
		check_blocks(html);
		/* Beside the blocks there is one script, and it is ours. */
		assert_int_equal(count_of(html, "<script"), count_of(html, block_start) + 1);
		const char *script = strstr(html, "<script>");
		assert_non_null(script);
		assert_int_equal(strncmp(script + 8, html_script, strlen(html_script)), 0);
		assert_int_equal(strncmp(script + 8 + strlen(html_script), "</script>\n</body>", 17), 0);
		char *shown = without_scripts(html);
		assert_null(strstr(shown, "\xe2\x80\xae"));
		assert_null(strstr(shown, " style="));
		assert_null(strstr(shown, "src="));
		assert_null(strstr(shown, "url("));
		assert_int_equal(count_of(shown, "href="), 0);
		for (const char *at = html; *at; at++)
			assert_true((unsigned char)*at >= 0x20 || *at == '\n' || *at == '\t');
		check_balance(shown);
		free(shown);
		free(html);
		sqlite3_close(db);
	}
}

/* "sha256-..." of what stands between two tags, which stand once in the page. */
static void source_between(const char *html, const char *open, const char *close, char source[160])
{
	assert_int_equal(count_of(html, open), 1);
	const char *begin = strstr(html, open) + strlen(open), *end = strstr(begin, close);
	unsigned char digest[EVP_MAX_MD_SIZE], encoded[128];
	unsigned n = 0;
	assert_int_equal(EVP_Digest(begin, (size_t)(end - begin), digest, &n, EVP_sha256(), NULL), 1);
	EVP_EncodeBlock(encoded, digest, (int)n);
	snprintf(source, 160, "sha256-%s", encoded);
}

/* The policy allows exactly the style sheet and the script that are there. */
static void test_html_policy(void **state)
{
	(void)state;
	sqlite3 *db = make_case_hostile(NULL);
	char *html = render(db, AS_HTML, &plain), style[160], script[160], policy[1024];
	source_between(html, "<style>", "</style>", style);
	source_between(html, "<script>", "</script>", script);
	snprintf(policy, sizeof policy,
			 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '%s'; script-src '%s';"
			 " base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'\">",
			 style, script);
	assert_non_null(strstr(html, policy));
	assert_true(strstr(html, policy) < strstr(html, "<title>")); /* before anything of the input */
	free(html);
	sqlite3_close(db);
}

/* What is essential is there without scripts; what else there is, in the data (viewer/tests has the browser's view). */
static void test_html_says(void **state)
{
	static const char *const shown[] = {
		"<h1>router-mipsel.trx</h1>",
		"TRX &gt; uImage kernel (Linux 3.18.23) + squashfs xz, 69 files, mipsel",
		"<b>6</b> Fails",
		"No default or guessable password gives access",
		"/etc/shadow:1</code>",
		"root has the password &quot;admin&quot; (Mirai list)",
		"assay provision",
		"Settled by</span> A network capture",
		"firmware.unpack</code> is partial",
		"Feed kev: 187 days old",
	};
	static const char *const data[] = {
		"telnetd -F -E /bin/ash", "sha1WithRSAEncryption", "does not decompress", "corr****ry", "curl -k $URL",
		"http://update.example.net/fw", "2.90-1~deb12u1", "CVE-2016-5195", "linux_kernel from 2.6.22 before 3.18.44",
		"Built without it.", "debian fixed it in", "version_differs",
	};
	(void)state;
	sqlite3 *db = make_case_router(NULL);
	char *html = render(db, AS_HTML, &plain), *text = without_scripts(html);
	for (size_t i = 0; i < COUNT(shown); i++)
		if (!strstr(text, shown[i]))
			fail_msg("not shown: %s", shown[i]);
	for (size_t i = 0; i < COUNT(data); i++)
		if (!strstr(html, data[i]))
			fail_msg("not in the data: %s", data[i]);
	assert_null(strstr(html, "correct horse battery"));
	free(text);
	free(html);
	sqlite3_close(db);
}

/* What the product file says that the product is, escaped. */
static void test_html_product(void **state)
{
	(void)state;
	sqlite3 *db = make_case_router(NULL);
	make_rows(db, "INSERT INTO declaration(blob_id, line, section, key, value) VALUES(1, 2, 'product', 'name', '<b>Camera'),"
				  " (1, 3, 'product', 'maker', 'ACME'), (1, 9, 'support', 'terms', 'not of the product')");
	char *html = render(db, AS_HTML, &plain), *text = without_scripts(html);
	assert_non_null(strstr(text, "<dt>name</dt><dd>&lt;b&gt;Camera</dd>"));
	assert_non_null(strstr(text, "<dt>maker</dt><dd>ACME</dd>"));
	assert_null(strstr(text, "not of the product"));
	free(text);
	free(html);
	sqlite3_close(db);
}

/* The block of a table, NULL for the head; its rows as the attribute tells them. */
static json_t *load_block(const char *html, const char *table, int64_t *rows)
{
	char open[128];
	snprintf(open, sizeof open, table ? "%s data-table=\"%s\" data-rows=\"" : "%s>", block_start, table);
	assert_int_equal(count_of(html, open), 1);
	const char *at = strstr(html, open) + strlen(open), *text = table ? strchr(at, '>') + 1 : at;
	if (table)
		*rows = strtoll(at, NULL, 10);
	json_error_t error;
	json_t *block = json_loadb(text, strcspn(text, "<"), JSON_REJECT_DUPLICATES, &error);
	if (!block)
		fail_msg("%s: line %d: %s", table ? table : "head", error.line, error.text);
	return block;
}

/* A columnar table is the same as the rows of the JSON report. */
static void check_table(const char *html, const char *name, json_t *wanted)
{
	int64_t announced = -1;
	json_t *block = load_block(html, name, &announced), *columns = json_object_get(block, "columns"),
		   *rows = json_object_get(block, "rows"), *row, *column;
	size_t i, k;
	assert_int_equal(announced, json_array_size(wanted));
	assert_int_equal(json_array_size(rows), json_array_size(wanted));
	assert_int_equal(json_array_size(columns), json_array_size(json_object_get(block, "docs")));
	json_array_foreach(rows, i, row)
	{
		json_t *object = json_object();
		assert_int_equal(json_array_size(row), json_array_size(columns));
		json_array_foreach(columns, k, column)
			json_object_set(object, json_string_value(column), json_array_get(row, k));
		assert_true(json_equal(object, json_array_get(wanted, i)));
		json_decref(object);
	}
	json_decref(block);
}

/* The data of the page are those of the JSON report. */
static void test_html_data(void **state)
{
	static const char *const head[] = { "schema_version", "header", "inputs", "probe_runs", "summary", "verdicts" };
	static const char *const lists[] = { "software",		 "software_evidence", "vulnerabilities", "feeds",
										 "sbom_differences", "statements",		  "services",		 "contradictions" };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		sqlite3 *db = cases[i](NULL);
		char *html = render(db, AS_HTML, &plain);
		json_t *report = render_json(db), *facts = json_object_get(report, "facts"), *block = load_block(html, NULL, NULL);
		assert_int_equal(json_object_size(block), COUNT(head));
		for (size_t k = 0; k < COUNT(head); k++)
			assert_true(json_equal(json_object_get(block, head[k]), json_object_get(report, head[k])));
		for (size_t k = 0; k < COUNT(lists); k++)
			check_table(html, lists[k], json_object_get(report, lists[k]));
		for (int type = 0; type < FACT_TYPES; type++)
			check_table(html, fact_tables[type].name,
						type == FACT_blob ? json_object_get(report, "blobs")
										  : json_object_get(facts, fact_tables[type].name));
		assert_int_equal(json_object_size(report), COUNT(head) + COUNT(lists) + 2);
		json_decref(block);
		json_decref(report);
		free(html);
		sqlite3_close(db);
	}
}

/* 100,000 files and 50,000 facts: all are there, and the names of columns but once. */
static void test_html_large(void **state)
{
	(void)state;
	sqlite3 *db = make_case_large(NULL, 100000);
	char *html = render(db, AS_HTML, &plain), *shown = without_scripts(html);
	assert_non_null(strstr(html, "data-table=\"blob\" data-rows=\"100001\""));
	assert_int_equal(count_of(html, "/file-"), 100000);
	assert_int_equal(count_of(html, "\"key."), 50000);
	assert_true(count_of(html, "\"sha256\"") < 8);
	assert_true(strlen(html) < 26u << 20);
	assert_true(strlen(shown) < 1u << 16);
	free(shown);
	free(html);
	sqlite3_close(db);
}

/* ---- terminal ---- */

/* wcwidth(3) is the reference for how wide a line is. */
static int reference_width(const char *line, size_t n)
{
	wchar_t wide[4096];
	char copy[8192];
	assert_true(n < sizeof copy);
	memcpy(copy, line, n);
	copy[n] = '\0';
	size_t count = mbstowcs(wide, copy, COUNT(wide));
	assert_true(count < COUNT(wide));
	return wcswidth(wide, count);
}

static void check_lines(const char *text, int width)
{
	for (const char *at = text; *at;) {
		size_t n = strcspn(at, "\n");
		int columns = reference_width(at, n);
		if (columns < 0 || columns > width)
			fail_msg("%d columns: %.*s", columns, (int)n, at);
		if (n > 0 && at[n - 1] == ' ')
			fail_msg("ends in a space: %.*s", (int)n, at);
		at += n + (at[n] == '\n');
	}
}

static void test_terminal_width(void **state)
{
	static const unsigned widths[] = { 60, 80, 97, 120 };
	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		printf("skipped: the locale C.UTF-8 is not there\n");
		skip();
	}
	for (size_t i = 0; i < COUNT(cases); i++) {
		sqlite3 *db = cases[i](NULL);
		make_rows(db, "UPDATE blob SET path = '/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e/Gr\xc3\xbc\xc3\x9f"
					  "e e\xcc\x81' || path WHERE path LIKE '/etc%%'");
		for (size_t k = 0; k < COUNT(widths); k++) {
			struct report_style style = plain;
			style.width = widths[k];
			char *text = render(db, AS_TERMINAL, &style);
			check_lines(text, (int)widths[k]);
			free(text);
			style.utf8 = false;
			text = render(db, AS_TERMINAL, &style);
			check_lines(text, (int)widths[k]);
			for (const char *at = text; *at; at++)
				assert_true((*at >= 0x20 && *at < 0x7f) || *at == '\n');
			free(text);
		}
		sqlite3_close(db);
	}
}

static void test_terminal_says(void **state)
{
	/* In this order. */
	static const char *const said[] = {
		"router-mipsel.trx",
		"5.7 MiB",
		"sha256 be3f4f648c05",
		"TRX > uImage kernel (Linux 3.18.23) + squashfs xz, 69 files, mipsel",
		"6 FAIL",
		"2 PASS",
		"5 INCONCLUSIVE",
		"1 NOT APPLICABLE",
		"\nFAIL\n",
		"critical  No default or guessable",
		"/etc/shadow:1  root has the password \"admin\"",
		"fix: Ship without",
		"run: assay provision",
		"critical  Updates are verified",
		"high      No unencrypted",
		"medium    Keys",
		"low       Programs",
		"and 13 more",
		"\nCOMPONENTS\n",
		"7 components, 6 of them with a known version. 3 known vulnerabilities apply: 1",
		"is known to be exploited, 2 are critical or high in what boot starts. Of 1 of",
		"69.2  CVE-2024-0001  9.8 critical  Dropbear 2022.83  listens\n",
		"63.8  CVE-2016-5195  7.8 high      Linux 3.18.23     kernel, exploited\n",
		" 1.6  CVE-2024-0003  no score",
		"94.8 % (EPSS)",
		"the oldest is kev, 187 days old; the newest nvd, 1 day old.",
		"assay vulns x.assay",
		"\nINCONCLUSIVE\n",
		"2  A network capture of the device at work.",
		"All traffic is encrypted; The cloud's",
		"\nNOT LOOKED AT\n",
		"firmware.unpack is partial",
		"@0x100000  unsupported: kernel modules",
		"Case file  x.assay",
		"0.50 s",
	};
	(void)state;
	sqlite3 *db = make_case_router(NULL);
	char *text = render(db, AS_TERMINAL, &plain);
	const char *at = text;
	for (size_t i = 0; i < COUNT(said); i++) {
		const char *found = strstr(at, said[i]);
		if (!found)
			fail_msg("not in the summary, or not in its place: %s", said[i]);
		at = found;
	}
	assert_null(strchr(text, '\033'));
	free(text);
	struct report_style colourful = plain;
	colourful.colour = true;
	text = render(db, AS_TERMINAL, &colourful);
	assert_non_null(strstr(text, "\033[31m6 FAIL\033[0m"));
	free(text);
	sqlite3_close(db);
}

/* Without feeds: what to do. With feeds and nothing that applies: that, and no more. */
static void test_terminal_feeds(void **state)
{
	static const char *const steps[][3] = {
		{ "DELETE FROM vulnerability", "No known vulnerability of", "exploited" },
		{ "UPDATE software SET version = NULL", "Without a version", "No known vulnerability of" },
		{ "UPDATE feed_source SET records = 0", "The feed database has no records", "the oldest is" },
		{ "DELETE FROM probe_run WHERE probe = 'feeds.match'", "They were not matched with known vulnerabilities",
		  "Feeds:" },
		{ "DELETE FROM software", "\nINCONCLUSIVE\n", "COMPONENTS" },
	};
	(void)state;
	sqlite3 *db = make_case_router(NULL);
	for (size_t i = 0; i < COUNT(steps); i++) {
		make_rows(db, "%s", steps[i][0]);
		char *text = render(db, AS_TERMINAL, &plain);
		assert_non_null(strstr(text, steps[i][1]));
		assert_null(strstr(text, steps[i][2]));
		free(text);
	}
	sqlite3_close(db);
}

/* Only our own colours reach the terminal. */
static void test_terminal_is_safe(void **state)
{
	(void)state;
	struct report_style colourful = plain;
	colourful.colour = true;
	sqlite3 *db = make_case_hostile(NULL);
	char *text = render(db, AS_TERMINAL, &colourful);
	for (const char *at = text; *at; at++) {
		if (*at == '\033')
			assert_true(at[1] == '[' && strspn(at + 2, "0123456789") > 0 &&
						at[2 + strspn(at + 2, "0123456789")] == 'm');
		else
			assert_true((unsigned char)*at >= 0x20 || *at == '\n');
	}
	assert_null(strstr(text, "\033[2J"));
	assert_null(strstr(text, "\xe2\x80\xae"));
	free(text);
	sqlite3_close(db);
}

static void test_style_text(void **state)
{
	static const struct {
		struct text in;
		size_t columns;
		const char *utf8, *ascii;
	} rows[] = {
		{ TEXT_LIT("plain"), 0, "plain", "plain" },
		{ TEXT_LIT("Se\\xf1or"), 0, "Se\\xf1or", "Se\\xf1or" }, /* kept so by the case: not escaped again */
		{ TEXT_LIT("\\x41\\x1b"), 0, "\\x5cx41\\x5cx1b", "\\x5cx41\\x5cx1b" },
		{ TEXT_LIT("\x1b[m"), 0, "\\x1b[m", "\\x1b[m" },
		{ TEXT_LIT("Gr\xc3\xbcn"), 0, "Gr\xc3\xbcn", "Gr\\xc3\\xbcn" },
		{ TEXT_LIT("abcdefgh"), 5, "abcd\xe2\x80\xa6", "ab..." },
		{ TEXT_LIT("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"), 4, "\xe6\x97\xa5\xe2\x80\xa6", "\\..." },
	};
	(void)state;
	struct arena *a = arena_new(0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct report_style style = plain;
		struct text t = style_text(&style, rows[i].in, rows[i].columns, a);
		assert_true(text_is(t, rows[i].utf8));
		style.utf8 = false;
		t = style_text(&style, rows[i].in, rows[i].columns, a);
		assert_true(text_is(t, rows[i].ascii));
	}
	struct text path = style_path(&plain, TEXT_LIT("/usr/lib/engines/afalg.so"), 12, a);
	assert_true(text_is(path, "\xe2\x80\xa6s/afalg.so") || text_is(path, "\xe2\x80\xa6"
																		 "es/afalg.so"));
	assert_int_equal(layout_width(path), 12);
	arena_free(a);
}

/* ---- layout and tables ---- */

/* UAX #11 and the general categories, for some characters of each kind. */
static void test_layout_width(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} rows[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "Gr\xc3\xbc\xc3\x9f", 4 },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 4 } /* CJK */,
		{ "\xf0\x9f\x94\x92", 2 } /* U+1F512 */,
		{ "e\xcc\x81", 1 } /* combining acute */,
		{ "\xea\xb0\x80", 2 } /* Hangul */,
		{ "\xef\xbc\xa1", 2 } /* fullwidth A */,
		{ "\xef\xbd\xb1", 1 } /* halfwidth katakana */,
		{ "\xe2\x86\x92", 1 } /* arrow */,
		{ "\xd8\xa7\xd9\x8b", 1 } /* Arabic with fathatan */,
		{ "\xf0\xa0\x80\x80", 2 } /* U+20000 */,
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(layout_width(text_c(rows[i].text)), rows[i].width);
}

static void test_layout_lines(void **state)
{
	static const char *const lines[] = { "the quick", "brown", "foxjumpsov", "er \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
										 "x" };
	(void)state;
	struct text rest = TEXT_LIT("the quick brown  foxjumpsover \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e x ");
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct text line = layout_line(&rest, 10);
		if (!text_is(line, lines[i]))
			fail_msg("'%.*s' is not '%s'", (int)line.n, line.p, lines[i]);
	}
	assert_int_equal(rest.n, 0);
	rest = TEXT_LIT("\xe6\x97\xa5"); /* wider than the room */
	assert_int_equal(layout_line(&rest, 1).n, 3);
	assert_int_equal(rest.n, 0);
}

static void test_table(void **state)
{
	static const struct report_column columns[] = { { .title = "Name" },
													{ .title = "Files", .is_right = true },
													{ .title = "What it is" } };
	static const char *const rows[][3] = {
		{ "squashfs", "69", "Squashfs 4.0 and the vendors' variants of 1.x to 3.x in both byte orders" },
		{ "\xe6\x97\xa5", "123456", NULL },
		{ "c\x1b[m", NULL, "x" },
	};
	static const char expected[] = "  Name       Files  What it is\n"
								   "  squashfs      69  Squashfs 4.0 and the vendors' variants of\n"
								   "                    1.x to 3.x in both byte orders\n"
								   "  \xe6\x97\xa5        123456\n"
								   "  c\\x1b[m           x\n";
	(void)state;
	struct report_style style = plain;
	style.width = 62;
	struct report_table *table = report_table_new(&style, columns, 3);
	for (size_t i = 0; i < COUNT(rows); i++)
		report_table_strings(table, rows[i]);
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	struct error e = report_table_print(table, out, 2);
	fclose(out);
	assert_false(error_is(&e));
	assert_string_equal(text, expected);
	free(text);
	report_table_free(table);
}

static void test_numbers(void **state)
{
	static const struct {
		int64_t n;
		const char *size, *count;
	} rows[] = {
		{ 0, "0 bytes", "0" },
		{ 1, "1 byte", "1" },
		{ 1023, "1023 bytes", "1,023" },
		{ 1024, "1.0 KiB", "1,024" },
		{ 102400, "100 KiB", "102,400" },
		{ 1048575, "1.0 MiB", "1,048,575" },
		{ 6008832, "5.7 MiB", "6,008,832" },
		{ 123456789012, "115 GiB", "123,456,789,012" },
		{ INT64_MAX, "8.0 EiB", "9,223,372,036,854,775,807" },
	};
	char out[VIEW_NUMBER_MAX];
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(view_size(rows[i].n, out), rows[i].size);
		assert_string_equal(view_count(rows[i].n, out), rows[i].count);
	}
}

/* ---- errors ---- */

/* A table that is a view with a mistake of its own: the error says so, in words of SQLite. */
static void test_sql_error(void **state)
{
	(void)state;
	for (int kind = AS_TERMINAL; kind <= AS_HTML; kind++) {
		sqlite3 *db = make_case_router(NULL);
		make_rows(
			db,
			"DROP TABLE damage; CREATE VIEW damage AS SELECT 1 AS id, 1 AS blob_id, json_extract('{', '$') AS what");
		FILE *out = fopen("/dev/null", "w");
		struct error e = render_to(db, (enum kind)kind, out, &plain);
		fclose(out);
		assert_int_equal(e.code, ERR_IO);
		assert_non_null(strstr(e.text, "malformed JSON"));
		sqlite3_close(db);
	}
}

static void test_full_disk(void **state)
{
	(void)state;
	for (int kind = AS_TERMINAL; kind <= AS_HTML; kind++) {
		sqlite3 *db = make_case_router(NULL);
		FILE *out = fopen("/dev/full", "w");
		struct error e = render_to(db, (enum kind)kind, out, &plain);
		fclose(out);
		assert_int_equal(e.code, ERR_IO);
		assert_non_null(strstr(e.text, "No space left"));
		sqlite3_close(db);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_schema),   cmocka_unit_test(test_json_rows),
		cmocka_unit_test(test_json_values),   cmocka_unit_test(test_json_is_deterministic),
		cmocka_unit_test(test_json_software),
		cmocka_unit_test(test_json_hostile),  cmocka_unit_test(test_html_is_safe),
		cmocka_unit_test(test_html_policy),   cmocka_unit_test(test_html_says),
		cmocka_unit_test(test_html_large),   cmocka_unit_test(test_html_data),      cmocka_unit_test(test_html_product),
		cmocka_unit_test(test_services_of_old),
		cmocka_unit_test(test_queries),
	    cmocka_unit_test(test_terminal_width),
		cmocka_unit_test(test_terminal_says),
		cmocka_unit_test(test_terminal_feeds), cmocka_unit_test(test_terminal_is_safe),
		cmocka_unit_test(test_style_text),    cmocka_unit_test(test_layout_width),
		cmocka_unit_test(test_layout_lines),  cmocka_unit_test(test_table),
		cmocka_unit_test(test_numbers),       cmocka_unit_test(test_sql_error),
		cmocka_unit_test(test_full_disk),     cmocka_unit_test(test_overrides),
		cmocka_unit_test(test_description),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
