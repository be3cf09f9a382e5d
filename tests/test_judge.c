/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a verdict comes about, and that a pack can do nothing but read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "judge/judge.h"
#include "judge/query.h"

static const char *const probes[] = { "firmware.unpack", "firmware.accounts", NULL };

/* Accounts 1 and 2; one file. */
static const char facts[] = "INSERT INTO input(id, kind, location, size) VALUES(1, 'firmware', 'x', 1);"
							"INSERT INTO blob(id, input_id, parent_id, path, kind)"
							" VALUES(1, 1, NULL, 'x', 'input'), (2, 1, 1, '/etc/shadow', 'file');"
							"INSERT INTO account(id, blob_id, line, user, state)"
							" VALUES(1, 2, 1, 'root', 'set'), (2, 2, 2, 'nobody', 'locked');";

static sqlite3 *new_case(const char *more)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	struct error e = case_create_schema(db);
	assert_false(error_is(&e));
	e = query_setup(db);
	assert_false(error_is(&e));
	assert_int_equal(sqlite3_exec(db, facts, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, more, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(query_add_day(db), SQLITE_OK);
	return db;
}

static int64_t number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	int64_t v = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return v;
}

static void assert_text(sqlite3 *db, const char *sql, const char *expected)
{
	sqlite3_stmt *s = NULL;
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	const char *text = (const char *)sqlite3_column_text(s, 0);
	assert_string_equal(text ? text : "(null)", expected);
	sqlite3_finalize(s);
}

#define ROW_1 "SELECT 'account' AS table_name, 1 AS row_id, 'one' AS says"
#define ROW_2 "SELECT 'account' AS table_name, id AS row_id, user AS says FROM account"
#define NONE "SELECT 'account' AS table_name, id AS row_id, user AS says FROM account WHERE 0"
#define COMPLETE "INSERT INTO probe_run(input_id, probe, status) VALUES(1, 'firmware.accounts', 'complete');"
#define PARTIAL                                                                                                        \
	"INSERT INTO probe_run(input_id, probe, status, detail) VALUES(1, 'firmware.accounts', 'partial', 'cut off');"
#define CRASHED "INSERT INTO probe_run(input_id, probe, status) VALUES(1, 'firmware.accounts', 'crashed');"

static const struct {
	const char *runs, *fails, *applies, *passes;
	enum verdict verdict;
	const char *summary;
} logic[] = {
	/* 1. A failure seen is a failure. */
	{ COMPLETE, ROW_1, NULL, ROW_2, VERDICT_FAIL, "one" },
	{ PARTIAL, ROW_2, NULL, ROW_2, VERDICT_FAIL, "root; and 1 more" },
	{ "", ROW_1, NONE, NULL, VERDICT_FAIL, "one" },
	/* 2. Not applicable only when all was looked at. */
	{ COMPLETE, NONE, NONE, ROW_1, VERDICT_NOT_APPLICABLE, "There is none." },
	{ COMPLETE, NONE, ROW_1, ROW_1, VERDICT_PASS, "one" },
	{ PARTIAL, NONE, NONE, ROW_1, VERDICT_INCONCLUSIVE,
	  "Not everything was looked at: firmware.accounts is partial (cut off)." },
	/* 3. What was not looked at whole. */
	{ PARTIAL, NONE, NULL, ROW_1, VERDICT_INCONCLUSIVE,
	  "Not everything was looked at: firmware.accounts is partial (cut off)." },
	{ CRASHED, NONE, NULL, ROW_1, VERDICT_INCONCLUSIVE, "Not everything was looked at: firmware.accounts is crashed." },
	{ "", NONE, NULL, ROW_1, VERDICT_INCONCLUSIVE, "Not everything was looked at: firmware.accounts has not run." },
	{ COMPLETE PARTIAL, NONE, NULL, ROW_1, VERDICT_INCONCLUSIVE, NULL }, /* one of two inputs */
	/* Of each input of its kind: what was left out was not looked at, and inputs of other kinds are others' matter. */
	{ COMPLETE "INSERT INTO input(id, kind, location) VALUES(2, 'firmware', 'y.bin');", NONE, NULL, ROW_1, VERDICT_INCONCLUSIVE,
	  "Not everything was looked at: firmware.accounts has not run on y.bin." },
	{ COMPLETE "INSERT INTO input(id, kind, location) VALUES(2, 'firmware', 'y.bin');", NONE, NONE, ROW_1, VERDICT_INCONCLUSIVE, NULL },
	{ COMPLETE "INSERT INTO input(id, kind, location) VALUES(2, 'capture', 'y.pcap');", NONE, NULL, ROW_1, VERDICT_PASS, "one" },
	/* 4. and 5. Silence is not consent. */
	{ COMPLETE, NONE, NULL, ROW_1, VERDICT_PASS, "one" },
	{ COMPLETE, NONE, NULL, NONE, VERDICT_INCONCLUSIVE, NULL },
	{ COMPLETE, NONE, NULL, NULL, VERDICT_INCONCLUSIVE, NULL },
	/* Queries that break are never a PASS, nor a FAIL. */
	{ COMPLETE, "SELECT 'account' AS table_name, 99 AS row_id, 'x' AS says", NULL, ROW_1, VERDICT_INCONCLUSIVE,
	  "Not decided: the query `fails` gave no answer: it points at row 99 of account, which is not in the case." },
	{ COMPLETE, "SELECT 'sqlite_master' AS table_name, 1 AS row_id, 'x' AS says", NULL, ROW_1, VERDICT_INCONCLUSIVE,
	  NULL },
	{ COMPLETE, "SELECT 'verdict' AS table_name, 1 AS row_id, 'x' AS says", NULL, ROW_1, VERDICT_INCONCLUSIVE, NULL },
	{ COMPLETE, "SELECT NULL AS table_name, 1 AS row_id, 'x' AS says", NULL, ROW_1, VERDICT_INCONCLUSIVE, NULL },
	{ COMPLETE, "SELECT 'account' AS table_name, '1' AS row_id, 'x' AS says", NULL, ROW_1, VERDICT_INCONCLUSIVE, NULL },
	{ COMPLETE, "SELECT 'account' AS table_name, 1 AS row_id, NULL AS says", NULL, ROW_1, VERDICT_INCONCLUSIVE, NULL },
	{ COMPLETE, NONE, NULL, "SELECT 'account' AS table_name, 99 AS row_id, 'x' AS says", VERDICT_INCONCLUSIVE, NULL },
	{ COMPLETE, "SELECT 'account' AS table_name, 1 AS row_id, abs(-9223372036854775807 - 1) AS says", NULL, ROW_1,
	  VERDICT_INCONCLUSIVE, "Not decided: the query `fails` gave no answer: integer overflow." },
	{ COMPLETE, NONE, "SELECT abs(-9223372036854775807 - 1)", ROW_1, VERDICT_INCONCLUSIVE, NULL },
	/* All tables of facts, and those of the run, are evidence. */
	{ COMPLETE, "SELECT 'blob' AS table_name, 2 AS row_id, 'b' AS says", NULL, NULL, VERDICT_FAIL, "b" },
	{ COMPLETE, "SELECT 'probe_run' AS table_name, 1 AS row_id, 'p' AS says", NULL, NULL, VERDICT_FAIL, "p" },
	{ COMPLETE, "SELECT 'input' AS table_name, 1 AS row_id, 'i' AS says", NULL, NULL, VERDICT_FAIL, "i" },
	/* The functions that packs get. */
	{ COMPLETE,
	  "SELECT 'blob' AS table_name, 2 AS row_id, basename(path) || iso_date(1700000000) AS says FROM blob WHERE id = 2",
	  NULL, NULL, VERDICT_FAIL, "shadow2023-11-14" },
	{ COMPLETE,
	  "SELECT 'blob' AS table_name, 2 AS row_id, COALESCE(basename(NULL), iso_date('x'), iso_date(NULL), '-') AS says",
	  NULL, NULL, VERDICT_FAIL, "-" },
	{ COMPLETE "INSERT INTO meta(name, value) VALUES('started_at', '2026-03-01T23:59:59Z');",
	  "SELECT 'blob' AS table_name, 2 AS row_id, assessed_day() AS says", NULL, NULL, VERDICT_FAIL, "2026-03-01" },
	{ COMPLETE "INSERT INTO meta(name, value) VALUES('started_at', 'yesterday');",
	  "SELECT 'blob' AS table_name, 2 AS row_id, COALESCE(assessed_day(), '-') AS says", NULL, NULL, VERDICT_FAIL, "-" },
	{ COMPLETE, "SELECT 'blob' AS table_name, 2 AS row_id, COALESCE(assessed_day(), '-') AS says", NULL, NULL, VERDICT_FAIL,
	  "-" },
};

static void test_logic(void **state)
{
	(void)state;
	static const char *const needs[] = { "firmware.accounts" };
	const struct pack home = { .id = "p" };
	for (size_t i = 0; i < sizeof logic / sizeof logic[0]; i++) {
		sqlite3 *db = new_case(logic[i].runs);
		const struct pack_way way = { needs, 1, logic[i].passes };
		struct requirement r = { .id = "p.a",
								 .needs = needs,
								 .nneeds = 1,
								 .fails = logic[i].fails,
								 .applies = logic[i].applies,
								 .ways = &way,
								 .nways = logic[i].passes ? 1 : 0,
								 .not_applicable = "There is none.",
								 .settles = "S",
								 .home = &home };
		struct arena *arena = arena_new(0);
		struct judgement j;
		struct error e = judge_requirement(db, &r, NULL, arena, &j);
		assert_false(error_is(&e));
		if (j.verdict != logic[i].verdict || (logic[i].summary && strcmp(j.summary, logic[i].summary) != 0))
			fail_msg("row %zu: %s, %s", i, verdict_name(j.verdict), j.summary);
		bool decided = j.verdict == VERDICT_PASS || j.verdict == VERDICT_FAIL;
		assert_int_equal(j.nevidence > 0, decided); /* no verdict without evidence, no evidence without verdict */
		assert_true(j.verdict == VERDICT_INCONCLUSIVE || !j.missing);
		arena_free(arena);
		sqlite3_close(db);
	}
}

/* Declarations, ways and measures of one requirement. */
#define WORD "SELECT 'declaration' AS table_name, id AS row_id, value AS says FROM declaration"
#define WORD_AND_FACT WORD " UNION ALL " ROW_1
#define DECLARES                                                                                                       \
	"INSERT INTO declaration(id, blob_id, section, key, value) VALUES(1, 2, 'support', 'end', '2030-12-31');"
#define READ "INSERT INTO probe_run(input_id, probe, status) VALUES(1, 'product.read', 'complete');"
#define UNPACKED "INSERT INTO probe_run(input_id, probe, status) VALUES(1, 'firmware.unpack', 'complete');"

static const struct {
	const char *runs, *fails, *way_1, *way_2, *declared, *value;
	double fail_above; /* 0: no threshold */
	enum about about;
	enum verdict verdict;
	enum basis basis;
	const char *role, *summary;
	size_t way;
} rests[] = {
	/* The product is asked for: the word of its maker is shown, and decides nothing. */
	{ COMPLETE READ DECLARES, NONE, NONE, NULL, WORD, NULL, 0, ABOUT_PRODUCT, VERDICT_INCONCLUSIVE, BASIS_DECLARED,
	  "declared", "Declared, not verified: 2030-12-31", 0 },
	{ READ DECLARES, NONE, ROW_1, NULL, WORD, NULL, 0, ABOUT_PRODUCT, VERDICT_INCONCLUSIVE, BASIS_DECLARED, "declared",
	  "Declared, not verified: 2030-12-31 (firmware.accounts has not run)", 0 },
	{ COMPLETE READ DECLARES, NONE, ROW_1, NULL, WORD, NULL, 0, ABOUT_PRODUCT, VERDICT_PASS, BASIS_EVIDENCE, "passes",
	  "one", 1 },
	{ COMPLETE READ DECLARES, ROW_1, NONE, NULL, WORD, NULL, 0, ABOUT_PRODUCT, VERDICT_FAIL, BASIS_EVIDENCE, "fails",
	  "one", 0 },
	{ COMPLETE READ DECLARES, NONE, WORD, NULL, NULL, NULL, 0, ABOUT_PRODUCT, VERDICT_INCONCLUSIVE, BASIS_DECLARED,
	  "declared", "Declared, not verified: 2030-12-31", 0 },
	{ COMPLETE READ DECLARES, NONE, WORD_AND_FACT, NULL, NULL, NULL, 0, ABOUT_PRODUCT, VERDICT_PASS, BASIS_EVIDENCE,
	  "passes", "2030-12-31; and 1 more", 1 },
	/* The declaration is asked for: its word decides, as long as nothing refutes it and the file was read whole. */
	{ READ DECLARES, NONE, NULL, NULL, WORD, NULL, 0, ABOUT_DECLARATION, VERDICT_PASS, BASIS_DECLARATION, "declared",
	  "2030-12-31", 0 },
	{ DECLARES, NONE, NULL, NULL, WORD, NULL, 0, ABOUT_DECLARATION, VERDICT_INCONCLUSIVE, BASIS_DECLARED, "declared",
	  "Declared, not verified: 2030-12-31 (product.read has not run)", 0 },
	{ READ DECLARES, WORD_AND_FACT, NULL, NULL, WORD, NULL, 0, ABOUT_DECLARATION, VERDICT_FAIL, BASIS_EVIDENCE, "fails",
	  "2030-12-31; and 1 more", 0 },
	{ READ DECLARES, WORD, NULL, NULL, WORD, NULL, 0, ABOUT_DECLARATION, VERDICT_FAIL, BASIS_DECLARATION, "fails",
	  "2030-12-31", 0 },
	{ READ DECLARES COMPLETE, NONE, WORD, NULL, NULL, NULL, 0, ABOUT_DECLARATION, VERDICT_PASS, BASIS_DECLARATION,
	  "passes", "2030-12-31", 1 },
	{ READ, NONE, NULL, NULL, WORD, NULL, 0, ABOUT_DECLARATION, VERDICT_INCONCLUSIVE, BASIS_NONE, NULL, NULL, 0 },
	{ READ, NONE, NULL, NULL, "SELECT 'declaration' AS table_name, 9 AS row_id, 'x' AS says", NULL, 0,
	  ABOUT_DECLARATION, VERDICT_INCONCLUSIVE, BASIS_NONE, NULL,
	  "Not decided: the query `declared` gave no answer: it points at row 9 of declaration, which is not in the case.",
	  0 },
	/* Of several ways the first that is open and finds something counts. */
	{ COMPLETE UNPACKED, NONE, ROW_2, ROW_1, NULL, NULL, 0, ABOUT_PRODUCT, VERDICT_PASS, BASIS_EVIDENCE, "passes",
	  "root; and 1 more", 1 },
	{ COMPLETE UNPACKED, NONE, NONE, ROW_1, NULL, NULL, 0, ABOUT_PRODUCT, VERDICT_PASS, BASIS_EVIDENCE, "passes", "one",
	  2 },
	{ UNPACKED, NONE, ROW_2, ROW_1, NULL, NULL, 0, ABOUT_PRODUCT, VERDICT_PASS, BASIS_EVIDENCE, "passes", "one", 2 },
	{ PARTIAL UNPACKED, NONE, ROW_2, NONE, NULL, NULL, 0, ABOUT_PRODUCT, VERDICT_INCONCLUSIVE, BASIS_NONE, NULL,
	  "Nothing that was found shows that it is met, and nothing that it is not.", 0 },
	{ PARTIAL, NONE, ROW_2, ROW_1, NULL, NULL, 0, ABOUT_PRODUCT, VERDICT_INCONCLUSIVE, BASIS_NONE, NULL,
	  "Not everything was looked at: firmware.accounts is partial (cut off); or firmware.unpack has not run.", 0 },
	{ COMPLETE UNPACKED, NONE, "SELECT 'account' AS table_name, 99 AS row_id, 'x' AS says", ROW_1, NULL, NULL, 0,
	  ABOUT_PRODUCT, VERDICT_PASS, BASIS_EVIDENCE, "passes", "one", 2 },
	/* A number decides by a threshold, and with the rows behind it. */
	{ COMPLETE, NONE, ROW_1, NULL, NULL, "SELECT count(*) AS value FROM account", 1, ABOUT_PRODUCT, VERDICT_FAIL,
	  BASIS_EVIDENCE, "fails", "Accounts: 2 lines, above 1 (Chapter 4)", 0 },
	{ COMPLETE, NONE, ROW_1, NULL, NULL, "SELECT count(*) AS value FROM account", 2, ABOUT_PRODUCT, VERDICT_PASS,
	  BASIS_EVIDENCE, "passes", "one", 1 },
	{ COMPLETE, NONE, NULL, NULL, NULL, "SELECT count(*) AS value FROM account", 0, ABOUT_PRODUCT, VERDICT_INCONCLUSIVE,
	  BASIS_NONE, NULL, "Nothing that was found shows that it is met, and nothing that it is not.", 0 },
	{ COMPLETE, NONE, ROW_1, NULL, NULL, "SELECT NULL AS value", 1, ABOUT_PRODUCT, VERDICT_PASS, BASIS_EVIDENCE,
	  "passes", "one", 1 },
	{ COMPLETE, NONE, ROW_1, NULL, NULL, "SELECT 1 AS value WHERE 0", 1, ABOUT_PRODUCT, VERDICT_PASS, BASIS_EVIDENCE,
	  "passes", "one", 1 },
	/* A number that is not known keeps what it could refute open. */
	{ COMPLETE, NONE, ROW_1, NULL, NULL, "SELECT user AS value FROM account", 1, ABOUT_PRODUCT, VERDICT_INCONCLUSIVE,
	  BASIS_NONE, NULL, "Not everything was looked at: the measure `accounts` gave no answer: its value is no number.",
	  0 },
	{ COMPLETE, NONE, ROW_1, NULL, NULL, "SELECT id AS value FROM account", 1, ABOUT_PRODUCT, VERDICT_INCONCLUSIVE,
	  BASIS_NONE, NULL,
	  "Not everything was looked at: the measure `accounts` gave no answer: it gives more than one row.", 0 },
	{ COMPLETE, NONE, ROW_1, NULL, NULL, "SELECT 1e308 * 10 AS value", 1, ABOUT_PRODUCT, VERDICT_INCONCLUSIVE,
	  BASIS_NONE, NULL, NULL, 0 },
	{ COMPLETE, NONE, ROW_1, NULL, NULL, "SELECT abs(-9223372036854775807 - 1) AS value", 0, ABOUT_PRODUCT,
	  VERDICT_PASS, BASIS_EVIDENCE, "passes", "one", 1 },
};

static void test_rests(void **state)
{
	(void)state;
	static const char *const needs[] = { "firmware.accounts", "firmware.unpack" };
	static const struct pack home = { .id = "p" };
	for (size_t i = 0; i < sizeof rests / sizeof rests[0]; i++) {
		sqlite3 *db = new_case(rests[i].runs);
		const struct pack_way ways[] = { { &needs[0], 1, rests[i].way_1 }, { &needs[1], 1, rests[i].way_2 } };
		const struct pack_threshold threshold = { VERDICT_FAIL, true, rests[i].fail_above, "Chapter 4" };
		const struct pack_measure measure = { .name = "accounts",
											  .title = "Accounts",
											  .unit = "lines",
											  .value = rests[i].value,
											  .rows = ROW_2,
											  .thresholds = &threshold,
											  .nthresholds = rests[i].fail_above > 0 };
		const struct requirement r = { .id = "p.a",
									   .fails = rests[i].fails,
									   .declared = rests[i].declared,
									   .about = rests[i].about,
									   .ways = ways,
									   .nways = (size_t)(rests[i].way_1 != NULL) + (rests[i].way_2 != NULL),
									   .measures = &measure,
									   .nmeasures = rests[i].value ? 1 : 0,
									   .home = &home };
		struct arena *arena = arena_new(0);
		struct judgement j;
		struct error e = judge_requirement(db, &r, NULL, arena, &j);
		assert_false(error_is(&e));
		if (j.verdict != rests[i].verdict || j.basis != rests[i].basis || j.way != rests[i].way ||
			(rests[i].summary && strcmp(j.summary, rests[i].summary) != 0))
			fail_msg("row %zu: %s, %s, way %zu, %s", i, verdict_name(j.verdict), basis_name(j.basis), j.way, j.summary);
		assert_string_equal(j.role ? j.role : "", rests[i].role ? rests[i].role : "");
		assert_int_equal(j.nevidence > 0, j.basis != BASIS_NONE);
		arena_free(arena);
		sqlite3_close(db);
	}
}

/* What the pack says to be missing is told where all was looked at and nothing decides; it decides nothing itself. */
static void test_missing(void **state)
{
	(void)state;
	static const char *const needs[] = { "firmware.accounts" };
	static const struct pack home = { .id = "p" };
	static const char many[] = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 8)"
							   " SELECT 'input' AS table_name, 1 AS row_id, 'reason ' || i AS says FROM c";
	static const struct {
		const char *runs, *fails, *passes, *missing, *summary, *told;
		enum verdict verdict;
	} rows[] = {
		{ COMPLETE, NONE, NONE, ROW_2, "It stays open: root; nobody.", "root; nobody", VERDICT_INCONCLUSIVE },
		{ COMPLETE, NONE, NONE, many, "It stays open: reason 1; reason 2; reason 3; reason 4; reason 5; and 3 more.",
		  "reason 1; reason 2; reason 3; reason 4; reason 5; and 3 more", VERDICT_INCONCLUSIVE },
		{ COMPLETE, NONE, NONE, NONE, "Nothing that was found shows that it is met, and nothing that it is not.", NULL,
		  VERDICT_INCONCLUSIVE },
		{ COMPLETE, NONE, NONE, "SELECT 'account' AS table_name, 99 AS row_id, 'x' AS says",
		  "Nothing that was found shows that it is met, and nothing that it is not.", NULL, VERDICT_INCONCLUSIVE },
		{ COMPLETE, NONE, ROW_1, ROW_2, "one", NULL, VERDICT_PASS },
		{ COMPLETE, ROW_1, NONE, ROW_2, "one", NULL, VERDICT_FAIL },
		{ PARTIAL, NONE, NONE, ROW_2, "Not everything was looked at: firmware.accounts is partial (cut off).",
		  "firmware.accounts is partial (cut off)", VERDICT_INCONCLUSIVE },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sqlite3 *db = new_case(rows[i].runs);
		const struct pack_way way = { needs, 1, rows[i].passes };
		struct requirement r = { .id = "p.a",
								 .needs = needs,
								 .nneeds = 1,
								 .fails = rows[i].fails,
								 .ways = &way,
								 .nways = rows[i].passes ? 1 : 0,
								 .missing = rows[i].missing,
								 .settles = "S",
								 .home = &home };
		struct arena *arena = arena_new(0);
		struct judgement j;
		struct error e = judge_requirement(db, &r, NULL, arena, &j);
		assert_false(error_is(&e));
		assert_int_equal(j.verdict, rows[i].verdict);
		assert_string_equal(j.summary, rows[i].summary);
		assert_string_equal(j.missing ? j.missing : "", rows[i].told ? rows[i].told : "");
		arena_free(arena);
		sqlite3_close(db);
	}
}

/* The loader refuses these already; here they reach the judge all the same. Nothing may happen but INCONCLUSIVE. */
static const char *const attacks[] = {
	"ATTACH ':memory:' AS x",
	"ATTACH '/tmp/assay-test-attack.db' AS x",
	"DETACH main",
	"PRAGMA table_info(account)",
	"PRAGMA user_version = 7",
	"DELETE FROM account",
	"DROP TABLE account",
	"INSERT INTO account(blob_id) VALUES(2)",
	"INSERT INTO account(blob_id) VALUES(2) RETURNING 'account' AS table_name, id AS row_id, 'x' AS says",
	"UPDATE account SET user = 'x'",
	"WITH x AS (SELECT 1) DELETE FROM account",
	"CREATE TABLE x(a)",
	"CREATE TEMP TABLE x AS SELECT 1",
	"CREATE TEMP VIEW x AS SELECT 1",
	"CREATE TEMP TRIGGER x AFTER DELETE ON account BEGIN SELECT 1; END",
	"CREATE VIRTUAL TABLE x USING fts5(a)",
	"ALTER TABLE account RENAME TO x",
	"BEGIN",
	"COMMIT",
	"ROLLBACK",
	"SAVEPOINT x",
	"VACUUM",
	"VACUUM INTO '/tmp/assay-test-attack.db'",
	"REINDEX",
	"ANALYZE",
	"EXPLAIN DELETE FROM account",
	"SELECT load_extension('x') AS table_name, 1 AS row_id, 'x' AS says",
	"SELECT readfile('/etc/passwd') AS table_name, 1 AS row_id, 'x' AS says",
	"SELECT writefile('/tmp/assay-test-attack.db', 'x') AS table_name, 1 AS row_id, 'x' AS says",
	"SELECT 'account' AS table_name, 1 AS row_id, fts3_tokenizer('x') AS says",
	"SELECT 'account' AS table_name, 1 AS row_id, sqlite_version() AS says",
	"SELECT 'account' AS table_name, 1 AS row_id, random() AS says",
	"SELECT 'account' AS table_name, 1 AS row_id, datetime('now') AS says",
	"SELECT 'account' AS table_name, 1 AS row_id, sql AS says FROM sqlite_master",
	"SELECT 'account' AS table_name, 1 AS row_id, sql AS says FROM sqlite_temp_master",
	"SELECT 'account' AS table_name, 1 AS row_id, 'x' AS says FROM sqlite_schema",
	"SELECT 'account' AS table_name, 1 AS row_id, name AS says FROM pragma_database_list",
	"SELECT 'account' AS table_name, 1 AS row_id, value AS says FROM meta",
	"SELECT 'account' AS table_name, 1 AS row_id, summary AS says FROM verdict",
	"SELECT 'account' AS table_name, 1 AS row_id, 'x' AS says FROM verdict",
	"SELECT 'account' AS table_name, 1 AS row_id, 'x' AS says FROM pragma_database_list",
	"SELECT 'account' AS table_name, 1 AS row_id, data AS says FROM sqlite_dbpage",
	"SELECT 'account' AS table_name, 1 AS row_id, value AS says FROM json_each('[1]')",
	ROW_1 "; DELETE FROM account",
	"",
	"-- nothing",
	";",
};

static void judge_one(sqlite3 *db, const char *fails, const struct query_limits *limits, struct arena *arena,
					  struct judgement *j)
{
	const struct pack home = { .id = "p" };
	const struct requirement r = { .id = "p.a", .fails = fails, .settles = "S", .home = &home };
	struct error e = judge_requirement(db, &r, limits, arena, j);
	assert_false(error_is(&e));
}

static void test_attacks(void **state)
{
	(void)state;
	sqlite3 *db = new_case(COMPLETE);
	struct arena *arena = arena_new(0);
	for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
		struct judgement j;
		judge_one(db, attacks[i], NULL, arena, &j);
		if (j.verdict != VERDICT_INCONCLUSIVE || !strstr(j.summary, "gave no answer"))
			fail_msg("%s: %s, %s", attacks[i], verdict_name(j.verdict), j.summary);
	}
	arena_free(arena);
	assert_int_equal(number(db, "SELECT count(*) FROM account WHERE user IN ('root', 'nobody')"), 2);
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_temp_master"), 0);
	assert_int_equal(number(db, "SELECT count(*) FROM pragma_database_list WHERE name NOT IN ('main', 'temp')"), 0);
	assert_int_equal(number(db, "PRAGMA user_version"), 0);
	assert_int_not_equal(remove("/tmp/assay-test-attack.db"), 0);
	/* The connection is free again when the guard is gone. */
	assert_int_equal(sqlite3_exec(db, "DELETE FROM account", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

#define ENDLESS "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
#define COUNT_TO(n) "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT " n ") "

static const struct {
	const char *sql, *says;
} bombs[] = {
	{ ENDLESS "SELECT 'account' AS table_name, 1 AS row_id, sum(x) AS says FROM c", "it hit its limit of work" },
	{ COUNT_TO("100000") "SELECT 'account' AS table_name, 1 AS row_id, count(*) AS says FROM c a, c b, c d",
	  "it hit its limit of work" },
	{ COUNT_TO(
		  "1000000") ", w(y) AS (SELECT printf('%.100000d', x) FROM c) SELECT 'account' AS table_name, 1 AS row_id, y AS says FROM w ORDER BY y",
	  "it hit its limit of memory" },
	{ COUNT_TO(
		  "1000") "SELECT 'account' AS table_name, 1 AS row_id, group_concat(printf('%.10000d', x)) AS says FROM c",
	  "string or blob too big" },
	{ "SELECT 'account' AS table_name, 1 AS row_id, replace(printf('%.400000d', 1), '0', '00') AS says",
	  "string or blob too big" },
	{ "SELECT 'account' AS table_name, 1 AS row_id, printf('%.1000000000d', 1) AS says", "string or blob too big" },
	{ "SELECT 'account' AS table_name, 1 AS row_id, length(printf('%.*c', 2000000000, 'x')) AS says",
	  "string or blob too big" },
	{ "SELECT 'account' AS table_name, 1 AS row_id, length(format('%2000000000c', 'x')) AS says",
	  "string or blob too big" },
	{ "SELECT 'account' AS table_name, 1 AS row_id, length(printf('%.*c', -2000000000, 'x')) AS says",
	  "string or blob too big" },
};

static void test_bombs(void **state)
{
	(void)state;
	const struct query_limits limits = { .steps = 5 * 1000 * 1000, .memory = 32 << 20, .seconds = 60, .rows = 10 };
	sqlite3 *db = new_case(COMPLETE);
	struct arena *arena = arena_new(0);
	for (size_t i = 0; i < sizeof bombs / sizeof bombs[0]; i++) {
		struct judgement j;
		judge_one(db, bombs[i].sql, &limits, arena, &j);
		if (j.verdict != VERDICT_INCONCLUSIVE || !strstr(j.summary, bombs[i].says))
			fail_msg("bomb %zu: %s, %s", i, verdict_name(j.verdict), j.summary);
	}
	/* A bomb that had rows first is no FAIL either: how many came through would be chance. */
	struct judgement j;
	judge_one(db, ENDLESS "SELECT 'account' AS table_name, 1 AS row_id, x AS says FROM c", &limits, arena, &j);
	assert_int_equal(j.verdict, VERDICT_INCONCLUSIVE);
	arena_free(arena);
	sqlite3_close(db);
}

/* A pack's printf() gives what SQLite's own gives. */
static void test_printf(void **state)
{
	(void)state;
	static const char *const calls[] = {
		"'%d|%5d|%-5d|%05d|%+d|%x|%X|%o|%lld', 42, 42, 42, 42, 42, 255, 255, 8, 1234567890123",
		"'%s|%10s|%-10s|%.2s|%q|%Q|%w|%z', 'abc', 'abc', 'abc', 'abc', 'it''s', 'it''s', 'a\"b', 'z'",
		"'%f|%.2f|%e|%g|%10.3f|%!.15g', 1.5, 2.345, 12345.678, 0.0001, 3.14159, 0.1",
		"'%c|%5c|%-5c|%.3c|%c', 'x', 'yz', 'x', 'ab', 'ä'",
		"'%*d|%-*d|%.*s|%*s', 6, 1, 6, 1, 2, 'abcd', -6, 'x'",
		"'100%% of %,d', 1234567",
		"'%d %s', NULL, NULL",
		"'%d %s|'",
		"'%Q', NULL",
		"'plain'",
		"''",
		"'%y tail', 1",
		"'%'",
	};
	sqlite3 *own, *ours;
	assert_int_equal(sqlite3_open(":memory:", &own), SQLITE_OK);
	assert_int_equal(sqlite3_open(":memory:", &ours), SQLITE_OK);
	struct error e = query_setup(ours);
	assert_false(error_is(&e));
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
		char sql[256];
		sqlite3_stmt *a, *b;
		snprintf(sql, sizeof sql, "SELECT printf(%s)", calls[i]);
		assert_int_equal(sqlite3_prepare_v2(own, sql, -1, &a, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_prepare_v2(ours, sql, -1, &b, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(a), SQLITE_ROW);
		assert_int_equal(sqlite3_step(b), SQLITE_ROW);
		const char *x = (const char *)sqlite3_column_text(a, 0), *y = (const char *)sqlite3_column_text(b, 0);
		if (strcmp(x ? x : "", y ? y : "") != 0)
			fail_msg("printf(%s): %s, expected %s", calls[i], y, x);
		sqlite3_finalize(a);
		sqlite3_finalize(b);
	}
	sqlite3_close(own);
	sqlite3_close(ours);
}

/* Evidence is capped, its number is not. */
/* Values by hand: ln(e^2), log2(8) ...; 2024 is a leap year, 1900 was none, 2000 was. */
static void test_math(void **state)
{
	(void)state;
	static const struct {
		const char *sql, *value;
	} cases[] = {
		{ "round(ln(7.389056), 5)", "2.0" },
		{ "log2(8)", "3.0" },
		{ "sqrt(2.25)", "1.5" },
		{ "pow(2, 10)", "1024.0" },
		{ "round(exp(1), 6)", "2.718282" },
		{ "ln(0)", "(null)" },
		{ "ln('x')", "(null)" },
		{ "sqrt(-1)", "(null)" },
		{ "pow(10, 400)", "(null)" },
		{ "log2(NULL)", "(null)" },
		{ "iso_days('1970-01-01')", "0" },
		{ "iso_days('2000-03-01')", "11017" },
		{ "iso_days('1900-03-01') - iso_days('1900-02-28')", "1" },
		{ "iso_days('2024-03-01') - iso_days('2024-02-28')", "2" },
		{ "iso_days('0001-01-01')", "-719162" },
		{ "iso_days('2023-02-29')", "(null)" },
		{ "iso_days('2023-13-01')", "(null)" },
		{ "iso_days('2023-1-01')", "(null)" },
		{ "iso_days('2023-01-0x')", "(null)" },
		{ "iso_days(NULL)", "(null)" },
	};
	sqlite3 *db = new_case("");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char sql[120];
		snprintf(sql, sizeof sql, "SELECT %s", cases[i].sql);
		assert_text(db, sql, cases[i].value);
	}
	sqlite3_close(db);
}

static void test_many_rows(void **state)
{
	(void)state;
	sqlite3 *db = new_case(COMPLETE);
	struct arena *arena = arena_new(0);
	struct judgement j;
	judge_one(db, COUNT_TO("5000") "SELECT 'account' AS table_name, 1 AS row_id, 'row ' || x AS says FROM c", NULL,
			  arena, &j);
	assert_int_equal(j.verdict, VERDICT_FAIL);
	assert_int_equal(j.total, 5000);
	assert_int_equal(j.nevidence, 1000);
	assert_string_equal(j.summary, "row 1; and 4999 more");
	/* A long sentence is cut between characters. */
	judge_one(db, "SELECT 'account' AS table_name, 1 AS row_id, printf('%.399d', 0) || 'äö' AS says", NULL, arena, &j);
	assert_int_equal(strlen(j.summary), 399 + 2 + 3);
	assert_string_equal(j.summary + 399, "ä...");
	arena_free(arena);
	sqlite3_close(db);
}

static const char pack_text[] =
	"pack: p\ntitle: The pack\nversion: 3\nsource: {name: N}\n"
	"views: {set_account: SELECT * FROM account WHERE state = 'set'}\n"
	"requirements:\n"
	"  - id: p.bad\n"
	"    title: T\n"
	"    section: Sec\n"
	"    severity: high\n"
	"    because: B\n"
	"    needs: [firmware.accounts]\n"
	"    fails: SELECT 'account' AS table_name, id AS row_id, user || ' is set' AS says FROM set_account\n"
	"    settles: S\n"
	"    remedy: {text: R, command: C}\n"
	"    references: [{standard: X, id: 5.1-1}, {standard: 'Y \"q\"', id: 2}]\n"
	"    tests:\n"
	"      - {gives: FAIL, facts: {account: [{user: a, state: set}]}}\n"
	"      - gives: INCONCLUSIVE\n"
	"  - {id: p.open, title: O, severity: low, because: B, settles: the manual}\n";

static const char other_text[] =
	"pack: q\ntitle: Q\nversion: 1\nsource: {name: N}\ninclude: [p]\n"
	"exclude: [{id: p.open, reason: not for us}]\noverride: [{id: p.bad, severity: low, reason: it is fine}]\n";

static void judge_with(sqlite3 *db, const struct packs *packs)
{
	const struct pack *list[8];
	for (size_t i = 0; i < packs_count(packs); i++)
		list[i] = packs_get(packs, i);
	struct error e = judge_case(db, list, packs_count(packs), NULL);
	if (error_is(&e))
		fail_msg("%s", e.text);
}

static void test_record(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	assert_non_null(packs_load_text(packs, "p", text_c(pack_text), &e));
	assert_non_null(packs_load_text(packs, "q", text_c(other_text), &e));
	sqlite3 *db = new_case(COMPLETE);
	/* Twice: a second judgement takes the place of the first. */
	for (int i = 0; i < 2; i++) {
		judge_with(db, packs);
		assert_int_equal(number(db, "SELECT count(*) FROM verdict"), 4);
		assert_int_equal(number(db, "SELECT count(*) FROM evidence"), 2);
		assert_int_equal(number(db, "SELECT min(id) FROM verdict"), 1);
		assert_int_equal(
			number(
				db,
				"SELECT count(*) FROM evidence e JOIN verdict v ON v.id = e.verdict_id WHERE v.requirement = 'p.bad'"),
			2);
	}
#define OF_P " FROM verdict WHERE pack = 'p' AND requirement = 'p.bad'"
	assert_text(db, "SELECT verdict" OF_P, "FAIL");
	assert_text(db, "SELECT summary" OF_P, "root is set");
	assert_text(db, "SELECT pack_title || pack_version || title || section || because || severity" OF_P,
				"The pack3TSecBhigh");
	assert_text(db, "SELECT settles || remedy || remedy_command || position" OF_P, "SRC0");
	assert_text(db, "SELECT references_json" OF_P,
				"[{\"standard\":\"X\",\"id\":\"5.1-1\"},{\"standard\":\"Y \\\"q\\\"\",\"id\":\"2\"}]");
	assert_text(db, "SELECT role || table_name || row_id || says FROM evidence WHERE id = 1",
				"failsaccount1root is set");
	assert_text(
		db, "SELECT verdict || settles || (missing IS NULL) FROM verdict WHERE pack = 'p' AND requirement = 'p.open'",
		"INCONCLUSIVEthe manual1");
	assert_text(db, "SELECT verdict || summary || excluded FROM verdict WHERE pack = 'q' AND requirement = 'p.open'",
				"NOT APPLICABLEExcluded by the pack: not for usnot for us");
	assert_text(
		db,
		"SELECT severity || severity_was || severity_reason FROM verdict WHERE pack = 'q' AND requirement = 'p.bad'",
		"lowhighit is fine");
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_temp_master"), 0);
	/* A pack that is not judged again keeps its verdicts. */
	const struct pack *p = packs_find(packs, "p");
	struct error error = judge_case(db, &p, 1, NULL);
	assert_false(error_is(&error));
	assert_int_equal(number(db, "SELECT count(*) FROM verdict WHERE pack = 'q'"), 2);
	sqlite3_close(db);
	packs_free(packs);
}

static const char measured_text[] =
	"pack: p\ntitle: The pack\nversion: 3\nsource: {name: N}\n"
	"requirements:\n"
	"  - id: p.n\n"
	"    title: T\n"
	"    severity: high\n"
	"    because: B\n"
	"    declared: SELECT 'account' AS table_name, id AS row_id, 'said' AS says FROM account WHERE id = 1\n"
	"    settles: S\n"
	"    measures:\n"
	"      - {name: n, title: N, unit: u, formula: F, value: SELECT count(*) / 4.0 AS value FROM account, better: lower,\n"
	"         rows: \"SELECT 'account' AS table_name, id AS row_id, user AS says FROM account\",\n"
	"         thresholds: [{gives: FAIL, above: 10, source: Book}]}\n"
	"      - {name: m, title: M, unit: u, formula: F, value: SELECT 7 AS value, needs: [firmware.unpack]}\n"
	"    tests:\n"
	"      - {gives: INCONCLUSIVE, basis: declared, measures: {n: 0.5, m: 7}}\n"
	"      - {gives: FAIL}\n";

/* Measures, what a verdict rests on, and requirements of several packs with the same queries. */
static void test_record_measures(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	if (!packs_load_text(packs, "p", text_c(measured_text), &e))
		fail_msg("%s", e.text);
	assert_non_null(packs_load_text(packs, "q",
									text_c("pack: q\ntitle: Q\nversion: 1\nsource: {name: N}\nrequirements:\n"
										   "  - {id: q.n, use: p.n, severity: low}\n"),
									&e));
	sqlite3 *db = new_case(COMPLETE);
	for (int i = 0; i < 2; i++) {
		judge_with(db, packs);
		assert_int_equal(number(db, "SELECT count(*) FROM measure"), 4);
		assert_int_equal(number(db, "SELECT count(*) FROM evidence"), 6);
	}
	assert_int_equal(number(db, "SELECT count(*) FROM verdict WHERE verdict = 'INCONCLUSIVE' AND basis = 'declared'"
								" AND about = 'product' AND origin = 'p.n' AND evidence_total = 1"),
					 2);
	assert_text(db, "SELECT group_concat(requirement || ':' || severity) FROM verdict", "p.n:high,q.n:low");
	assert_text(db, "SELECT queries_json FROM verdict WHERE id = 2",
				"[{\"role\":\"declared\",\"sql\":\"SELECT 'account' AS table_name, id AS row_id, 'said' AS says FROM account"
				" WHERE id = 1\"}]");
	assert_text(db, "SELECT group_concat(role || coalesce(measure_id, '-') || says) FROM evidence WHERE verdict_id = 2",
				"declared-said,measure3root,measure3nobody");
	assert_text(
		db,
		"SELECT name || title || unit || formula || better || value || position || evidence_total FROM measure WHERE id = 3",
		"nNuFlower0.502");
	assert_text(db, "SELECT thresholds_json FROM measure WHERE id = 3",
				"[{\"gives\":\"FAIL\",\"above\":10.0,\"source\":\"Book\",\"crossed\":false}]");
	assert_text(db, "SELECT name || (value IS NULL) || missing FROM measure WHERE id = 4",
				"m1firmware.unpack has not run");
	sqlite3_close(db);
	packs_free(packs);
}

/* A case file is never half a verdict: what cannot be written whole leaves the earlier verdicts as they were. */
/* Many queries, each of which may take an hour: together they end with the time of all. */
static void test_time_of_all(void **state)
{
	(void)state;
	char text[8192];
	int n = snprintf(text, sizeof text, "pack: p\ntitle: A pack\nversion: 1\nsource: {name: N}\nrequirements:\n");
	for (int i = 0; i < 9; i++)
		n += snprintf(text + n, sizeof text - (size_t)n,
					  "  - id: p.a%d\n    title: T\n    severity: low\n    because: B\n    settles: S\n    fails: " ENDLESS
					  "SELECT 'account' AS table_name, 1 AS row_id, sum(x) + %d AS says FROM c\n"
					  "    tests: [{gives: FAIL}, {gives: INCONCLUSIVE}]\n",
					  i, i);
	assert_true((size_t)n < sizeof text);
	struct query_limits limits = query_default_limits;
	limits.steps = UINT64_MAX;
	limits.seconds = 3600;
	limits.all_seconds = 0;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	const struct pack *p = packs_load_text(packs, "p", text_c(text), &e);
	if (!p)
		fail_msg("%s", e.text);
	sqlite3 *db = new_case(COMPLETE);
	struct error error = judge_case(db, &p, 1, &limits);
	assert_false(error_is(&error));
	assert_int_equal(number(db, "SELECT count(*) FROM verdict WHERE verdict = 'INCONCLUSIVE' AND missing LIKE '%limit of work%'"), 9);
	sqlite3_close(db);
	packs_free(packs);
}

static void test_whole_or_not(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	const struct pack *p = packs_load_text(packs, "p", text_c(pack_text), &e);
	sqlite3 *db = new_case(COMPLETE);
	judge_with(db, packs);
	assert_int_equal(sqlite3_exec(db,
								  "CREATE TRIGGER stop BEFORE INSERT ON verdict WHEN NEW.requirement = 'p.open'"
								  " BEGIN SELECT RAISE(ABORT, 'disk full'); END;"
								  "DELETE FROM account WHERE id = 1;",
								  NULL, NULL, NULL),
					 SQLITE_OK);
	struct error error = judge_case(db, &p, 1, NULL);
	assert_true(error_is(&error));
	assert_non_null(strstr(error.text, "disk full"));
	assert_int_equal(number(db, "SELECT count(*) FROM verdict"), 2);
	assert_text(db, "SELECT verdict FROM verdict WHERE requirement = 'p.bad'", "FAIL");
	assert_int_equal(sqlite3_get_autocommit(db), 1);
	/* Within a transaction of the caller's it is his to commit. */
	assert_int_equal(sqlite3_exec(db, "DROP TRIGGER stop; BEGIN", NULL, NULL, NULL), SQLITE_OK);
	error = judge_case(db, &p, 1, NULL);
	assert_false(error_is(&error));
	assert_text(db, "SELECT verdict FROM verdict WHERE requirement = 'p.bad'", "INCONCLUSIVE");
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_text(db, "SELECT verdict FROM verdict WHERE requirement = 'p.bad'", "FAIL");
	sqlite3_close(db);
	packs_free(packs);
}

/* A case file of before the judge knew a column gets it. */
static void test_old_tables(void **state)
{
	(void)state;
	struct packs *packs = packs_new(probes);
	struct pack_error e;
	assert_non_null(packs_load_text(packs, "p", text_c(pack_text), &e));
	sqlite3 *db = new_case(
		"DROP TABLE evidence; DROP TABLE verdict;"
		"CREATE TABLE verdict(id INTEGER PRIMARY KEY, pack TEXT NOT NULL, pack_title TEXT, pack_version TEXT,"
		" requirement TEXT NOT NULL, title TEXT, section TEXT, because TEXT, verdict TEXT NOT NULL, severity TEXT, summary TEXT,"
		" missing TEXT, settles TEXT, remedy TEXT, remedy_command TEXT, references_json TEXT, position INTEGER);");
	judge_with(db, packs);
	assert_int_equal(number(db, "SELECT count(*) FROM verdict WHERE excluded IS NULL"), 2);
	assert_int_equal(number(db, "SELECT evidence_total FROM verdict WHERE requirement = 'p.bad'"), 1);
	sqlite3_close(db);
	packs_free(packs);
}

/* The standard views that are evaluated once hold the same rows, as tables, and are views again afterwards: those of the case,
 * or the temporary ones that stood before them. What hits the limits stays a view. */
static void test_kept_views(void **state)
{
	(void)state;
	for (int temporary = 0; temporary < 2; temporary++) {
		sqlite3 *db = new_case(
			"INSERT INTO blob(id, input_id, path, kind, format) VALUES(90, 1, '/etc/rc.local', 'file', 'script');"
			"INSERT INTO startup(blob_id, line, mechanism, command, program, enabled)"
			" VALUES(90, 1, 'rc.local', 'telnetd', 'telnetd', 1)");
		if (temporary)
			assert_int_equal(sqlite3_exec(db, "CREATE TEMP VIEW started AS SELECT 7 AS id", NULL, NULL, NULL),
							 SQLITE_OK);
		struct query_kept kept;
		query_keep_views(db, &query_default_limits, NULL, NULL, &kept);
		assert_int_equal(number(db, "SELECT count(*) FROM started"), 1);
		assert_int_equal(
			number(db,
				   "SELECT count(*) FROM sqlite_temp_schema WHERE type = 'table' AND name IN ('started', 'service')"),
			2);
		query_release_views(db, &kept);
		assert_int_equal(number(db, "SELECT count(*) FROM sqlite_temp_schema WHERE type = 'view'"), temporary);
		assert_int_equal(number(db, "SELECT count(*) FROM sqlite_temp_schema WHERE type = 'table'"), 0);
		assert_int_equal(number(db, "SELECT count(*) FROM started"), 1);
		const struct query_limits none = { .steps = 0, .memory = 1 << 20 };
		for (int i = 0; i < 500; i++)
			assert_int_equal(sqlite3_exec(db,
										  "INSERT INTO startup(blob_id, mechanism, command, program, enabled)"
										  " VALUES(90, 'rc.local', 'telnetd', 'telnetd', 1)",
										  NULL, NULL, NULL),
							 SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
		query_keep_views(db, &none, NULL, NULL, &kept);
		assert_int_equal(
			number(db, "SELECT count(*) FROM sqlite_temp_schema WHERE type = 'table' AND name = 'started'"), 0);
		query_release_views(db, &kept);
		assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(number(db, "SELECT count(*) FROM started"), 501);
		sqlite3_close(db);
	}
}

/* Names are found as whole words whatever their case, each by its number, in one pass. */
static void test_words(void **state)
{
	(void)state;
	struct query_words w = { 0 };
	static char names[QUERY_WORDS_ROOM][16];
	bool found[QUERY_WORDS_MAX] = { false };
	for (unsigned i = 0; i < QUERY_WORDS_ROOM; i++) {
		snprintf(names[i], sizeof names[i], "%s_%u", i < QUERY_WORDS_MAX ? "view" : "more", i);
		query_words_add(&w, names[i], i < QUERY_WORDS_MAX ? i : 0);
	}
	query_words_add(&w, "VIEW_7", 3);  /* known already */
	query_words_add(&w, "one_more", 0); /* no room */
	query_words_find(&w, "SELECT one_more FROM View_7,\"view_12\" JOIN (view_223)WHERE my_view_5 = view_6x OR view_999", found);
	assert_true(query_words_hold(&w, text_c("More_300")));
	assert_false(query_words_hold(&w, text_c("one_more")));
	for (unsigned i = 0; i < QUERY_WORDS_MAX; i++)
		assert_int_equal(found[i], i == 7 || i == 12 || i == 223);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logic),           cmocka_unit_test(test_math),       cmocka_unit_test(test_rests),
		cmocka_unit_test(test_record_measures), cmocka_unit_test(test_missing),    cmocka_unit_test(test_attacks),
		cmocka_unit_test(test_bombs),           cmocka_unit_test(test_printf),     cmocka_unit_test(test_many_rows),
		cmocka_unit_test(test_record),          cmocka_unit_test(test_kept_views), cmocka_unit_test(test_whole_or_not),
		cmocka_unit_test(test_time_of_all),     cmocka_unit_test(test_words),
		cmocka_unit_test(test_old_tables),
	};
	case_one_thread();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
