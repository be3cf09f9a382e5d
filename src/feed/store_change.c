/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which vulnerabilities an import changes, so that what was matched before need not be matched as a whole again.
 *
 * A record that is added or renewed marks what it is about. Sources that are published as one whole are replaced each time,
 * mostly by the same again: what they say is compared, in its order, which counts where a package has several fixes. */
#include <stdio.h>
#include <string.h>

#include "feed/feed.h"
#include "feed/schema.h"
#include "feed/store_internal.h"

bool store_touch(struct feed_store *s, int64_t vulnerability)
{
	if (vulnerability == s->touched || vulnerability == 0)
		return true;
	sqlite3_stmt *st = store_statement(s, TOUCH);
	sqlite3_bind_int64(st, 1, vulnerability);
	sqlite3_bind_int64(st, 2, s->sequence);
	s->touched = vulnerability;
	return store_run(s, st);
}

bool store_touch_record(struct feed_store *s)
{
	sqlite3_stmt *st = store_statement(s, TOUCH_RECORD);
	sqlite3_bind_int64(st, 1, s->record);
	sqlite3_bind_int64(st, 2, s->sequence);
	return store_run(s, st);
}

static void mix_word(struct feed_store *s, uint64_t word)
{
	uint64_t h = (s->mixed ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	s->mixed = h ^ h >> 32;
}

static void mix(struct feed_store *s, struct text t)
{
	mix_word(s, t.p ? t.n : UINT64_MAX);
	for (size_t i = 0; i < t.n; i += 8) {
		uint64_t word = 0;
		memcpy(&word, t.p + i, t.n - i < 8 ? t.n - i : 8);
		mix_word(s, word);
	}
}

static bool execute(struct feed_store *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_failed(s);
}

/* A statement whose ?1 is the source and ?2 the import. */
static bool execute_for_source(struct feed_store *s, const char *sql)
{
	sqlite3_stmt *st = NULL;
	bool ok = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) == SQLITE_OK || store_failed(s);
	if (ok) {
		sqlite3_bind_int64(st, 1, s->source);
		sqlite3_bind_int64(st, 2, s->sequence);
		ok = store_run(s, st);
	}
	sqlite3_finalize(st);
	return ok;
}

static int version_of(struct feed_store *s)
{
	sqlite3_stmt *st = NULL;
	bool ok =
		sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW;
	int version = ok ? sqlite3_column_int(st, 0) : 0;
	sqlite3_finalize(st);
	return version;
}

static bool bring_up(struct feed_store *s, bool empty)
{
	int version = empty ? 0 : version_of(s);
	if (version < 2 && !execute(s, feed_schema_2))
		return false;
	if (version < 3 && !execute(s, feed_schema_3))
		return false;
	return version >= FEED_SCHEMA_VERSION || empty || execute(s, feed_schema_anew);
}

bool store_begin_changes(struct feed_store *s, bool empty)
{
	if (!bring_up(s, empty))
		return false;
	if (!execute(
			s,
			"CREATE TEMP TABLE fix_was(vulnerability_id INT, place INT, distribution TEXT, package TEXT, status TEXT,"
			" version TEXT, note TEXT);"
			"CREATE TEMP TABLE kev_was(vulnerability_id INT)"))
		return false;
	sqlite3_stmt *st = NULL;
	if (sqlite3_prepare_v2(s->db, "SELECT token FROM import ORDER BY sequence DESC LIMIT 1", -1, &st, NULL) ==
			SQLITE_OK &&
		sqlite3_step(st) == SQLITE_ROW)
		mix(s, text_of((const char *)sqlite3_column_text(st, 0), (size_t)sqlite3_column_bytes(st, 0)));
	sqlite3_finalize(st);
	mix(s, text_c(s->now));
	bool ok =
		sqlite3_prepare_v2(s->db, "INSERT INTO import(imported, token) VALUES(?, '')", -1, &st, NULL) == SQLITE_OK;
	if (ok) {
		store_bind(st, 1, text_c(s->now));
		ok = sqlite3_step(st) == SQLITE_DONE;
		s->sequence = sqlite3_last_insert_rowid(s->db);
	}
	sqlite3_finalize(st);
	return ok || store_failed(s);
}

void store_mix_row(struct feed_store *s, enum feed_row_kind kind, const void *row)
{
	const struct feed_row_type *type = &feed_row_types[kind];
	mix_word(s, (uint64_t)kind);
	for (size_t i = 0; i < type->ncolumns; i++) {
		const char *at = (const char *)row + type->columns[i].at;
		uint64_t word;
		if (type->columns[i].type == FEED_TEXT) {
			struct text t;
			memcpy(&t, at, sizeof t);
			mix(s, t);
		} else {
			memcpy(&word, at, sizeof word);
			mix_word(s, word);
		}
	}
}

bool store_end_changes(struct feed_store *s)
{
	sqlite3_stmt *st = NULL;
	char token[17];
	snprintf(token, sizeof token, "%016llx", (unsigned long long)s->mixed);
	bool ok =
		sqlite3_prepare_v2(s->db, "UPDATE import SET token = ?1 WHERE sequence = ?2", -1, &st, NULL) == SQLITE_OK ||
		store_failed(s);
	if (ok) {
		store_bind(st, 1, text_c(token));
		sqlite3_bind_int64(st, 2, s->sequence);
		ok = store_run(s, st);
	}
	sqlite3_finalize(st);
	return ok;
}

#define FIXES                                                                                                           \
	"SELECT vulnerability_id, row_number() OVER (PARTITION BY vulnerability_id ORDER BY rowid) AS place, distribution," \
	" package, status, version, note FROM package_fix WHERE record_id IN (SELECT id FROM record WHERE source_id = ?1)"
#define MARK "INSERT INTO change(vulnerability_id, sequence) SELECT DISTINCT vulnerability_id, ?2 FROM ("
#define MARKED ") WHERE true ON CONFLICT(vulnerability_id) DO UPDATE SET sequence = excluded.sequence"
#define OF_KEV " WHERE (SELECT kind FROM source WHERE id = ?1) = 'kev'"

bool store_keep_source(struct feed_store *s)
{
	return execute_for_source(s, "INSERT INTO temp.fix_was " FIXES) &&
		   execute_for_source(s, "INSERT INTO temp.kev_was SELECT vulnerability_id FROM kev" OF_KEV) &&
		   execute_for_source(s, MARK "SELECT vulnerability_id FROM vex WHERE record_id IN (SELECT id FROM record"
									  " WHERE source_id = ?1)" MARKED);
}

bool store_compare_source(struct feed_store *s)
{
	return execute_for_source(s,
							  MARK "SELECT * FROM (" FIXES " EXCEPT SELECT * FROM temp.fix_was)"
								   " UNION ALL SELECT * FROM (SELECT * FROM temp.fix_was EXCEPT " FIXES ")" MARKED) &&
		   execute_for_source(
			   s, MARK "SELECT * FROM (SELECT vulnerability_id FROM kev" OF_KEV
					   " EXCEPT SELECT * FROM temp.kev_was) UNION ALL"
					   " SELECT * FROM (SELECT * FROM temp.kev_was EXCEPT SELECT vulnerability_id FROM kev" OF_KEV
					   ")" MARKED) &&
		   execute(s, "DELETE FROM temp.fix_was; DELETE FROM temp.kev_was");
}
