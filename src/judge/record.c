/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdicts into the case file. What a report shows is stored with them, so that a report needs no pack. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"

static const char tables[] =
	"CREATE TABLE IF NOT EXISTS main.verdict("
	" id INTEGER PRIMARY KEY, pack TEXT NOT NULL, pack_title TEXT, pack_version TEXT, requirement TEXT NOT NULL,"
	" title TEXT, section TEXT, because TEXT, verdict TEXT NOT NULL, severity TEXT, summary TEXT, missing TEXT,"
	" settles TEXT, remedy TEXT, remedy_command TEXT, references_json TEXT, position INTEGER, excluded TEXT,"
	" severity_was TEXT, severity_reason TEXT, evidence_total INTEGER);"
	"CREATE TABLE IF NOT EXISTS main.evidence("
	" id INTEGER PRIMARY KEY, verdict_id INTEGER NOT NULL REFERENCES verdict(id), role TEXT,"
	" table_name TEXT NOT NULL, row_id INTEGER NOT NULL, says TEXT);"
	"CREATE INDEX IF NOT EXISTS main.evidence_by_verdict ON evidence(verdict_id);";

/* Columns that the tables of an older case file may lack. */
static const char *const later_columns[] = { "excluded TEXT", "severity_was TEXT", "severity_reason TEXT",
											 "evidence_total INTEGER" };

static const char insert_verdict[] =
	"INSERT INTO main.verdict(pack, pack_title, pack_version, requirement, title, section, because, verdict, severity,"
	" summary, missing, settles, remedy, remedy_command, references_json, excluded, severity_was, severity_reason,"
	" position, evidence_total) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

static const char insert_evidence[] =
	"INSERT INTO main.evidence(verdict_id, role, table_name, row_id, says) VALUES(?, ?, ?, ?, ?)";

struct clerk {
	sqlite3 *db;
	sqlite3_stmt *verdict, *evidence;
	const struct query_limits *limits;
};

static struct error sql_error(sqlite3 *db)
{
	return error_at(ERR_IO, 0, "writing the verdicts: %s", sqlite3_errmsg(db));
}

static bool has_column(sqlite3 *db, const char *definition)
{
	char name[32];
	size_t n = strcspn(definition, " ");
	memcpy(name, definition, n);
	name[n] = 0;
	return sqlite3_table_column_metadata(db, "main", "verdict", name, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

static struct error prepare_tables(sqlite3 *db)
{
	if (sqlite3_exec(db, tables, NULL, NULL, NULL))
		return sql_error(db);
	for (size_t i = 0; i < sizeof later_columns / sizeof later_columns[0]; i++) {
		if (has_column(db, later_columns[i]))
			continue;
		char *sql = sqlite3_mprintf("ALTER TABLE main.verdict ADD COLUMN %s", later_columns[i]);
		int r = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
		sqlite3_free(sql);
		if (r)
			return sql_error(db);
	}
	return error_none();
}

/* malloc'ed; NULL when out of memory. */
static char *references_json(const struct requirement *r)
{
	json_t *list = json_array();
	for (size_t i = 0; i < r->nreferences; i++)
		json_array_append_new(list,
							  json_pack("{ssss}", "standard", r->references[i].standard, "id", r->references[i].id));
	char *text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}

static struct error write_evidence(struct clerk *c, int64_t verdict, const struct judgement *j)
{
	for (const struct judge_evidence *e = j->evidence; e; e = e->next) {
		sqlite3_bind_int64(c->evidence, 1, verdict);
		sqlite3_bind_text(c->evidence, 2, j->role, -1, SQLITE_STATIC);
		sqlite3_bind_text(c->evidence, 3, e->table, -1, SQLITE_STATIC);
		sqlite3_bind_int64(c->evidence, 4, e->row);
		sqlite3_bind_text(c->evidence, 5, e->says, -1, SQLITE_STATIC);
		int r = sqlite3_step(c->evidence);
		sqlite3_reset(c->evidence);
		if (r != SQLITE_DONE)
			return sql_error(c->db);
	}
	return error_none();
}

static struct error write_judgement(struct clerk *c, const struct pack *p, const struct requirement *r,
									const struct judgement *j)
{
	char *references = references_json(r);
	if (!references)
		return error_at(ERR_MEMORY, 0, "out of memory");
	const char *const texts[] = {
		p->id,           p->title,           p->version, r->id,
		r->title,        r->section,         r->because, verdict_name(j->verdict),
		r->severity,     j->summary,         j->missing, r->settles,
		r->remedy,       r->remedy_command,  references, r->excluded,
		r->severity_was, r->severity_reason,
	};
	int n = (int)(sizeof texts / sizeof texts[0]);
	for (int i = 0; i < n; i++)
		sqlite3_bind_text(c->verdict, i + 1, texts[i], -1, SQLITE_STATIC);
	sqlite3_bind_int64(c->verdict, n + 1, r - p->requirements);
	sqlite3_bind_int64(c->verdict, n + 2, (sqlite3_int64)j->total);
	int result = sqlite3_step(c->verdict);
	sqlite3_reset(c->verdict);
	sqlite3_clear_bindings(c->verdict);
	free(references);
	return result == SQLITE_DONE ? write_evidence(c, sqlite3_last_insert_rowid(c->db), j) : sql_error(c->db);
}

static struct error judge_pack(struct clerk *c, const struct pack *p, struct arena *arena)
{
	struct error e = error_none();
	for (size_t i = 0; !error_is(&e) && i < p->nrequirements; i++) {
		struct judgement j;
		arena_reset(arena);
		e = judge_requirement(c->db, &p->requirements[i], c->limits, arena, &j);
		if (!error_is(&e))
			e = write_judgement(c, p, &p->requirements[i], &j);
	}
	return e;
}

static struct error forget_pack(struct clerk *c, const struct pack *p)
{
	char *sql =
		sqlite3_mprintf("DELETE FROM main.evidence WHERE verdict_id IN (SELECT id FROM main.verdict WHERE pack = %Q);"
						"DELETE FROM main.verdict WHERE pack = %Q",
						p->id, p->id);
	int r = sql ? sqlite3_exec(c->db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	return r ? sql_error(c->db) : error_none();
}

static struct error judge_all(struct clerk *c, const struct pack *const *packs, size_t npacks)
{
	_cleanup_(arena_cleanup) struct arena *arena = arena_new(0);
	if (!arena)
		return error_at(ERR_MEMORY, 0, "out of memory");
	struct error e = prepare_tables(c->db);
	if (!error_is(&e) && (sqlite3_prepare_v2(c->db, insert_verdict, -1, &c->verdict, NULL) ||
						  sqlite3_prepare_v2(c->db, insert_evidence, -1, &c->evidence, NULL)))
		e = sql_error(c->db);
	/* All that is to be replaced goes first, so that the numbers of the new rows do not depend on what was there. */
	for (size_t i = 0; !error_is(&e) && i < npacks; i++)
		e = forget_pack(c, packs[i]);
	for (size_t i = 0; !error_is(&e) && i < npacks; i++)
		e = judge_pack(c, packs[i], arena);
	sqlite3_finalize(c->verdict);
	sqlite3_finalize(c->evidence);
	return e;
}

struct error judge_case(sqlite3 *db, const struct pack *const *packs, size_t npacks, const struct query_limits *limits)
{
	struct clerk c = { .db = db, .limits = limits };
	struct error e = query_setup(db);
	if (error_is(&e))
		return e;
	struct query_kept kept;
	query_keep_views(db, limits ? limits : &query_default_limits, &kept);
	/* A savepoint is a transaction of its own, or part of the caller's. */
	if (sqlite3_exec(db, "SAVEPOINT judge", NULL, NULL, NULL)) {
		e = sql_error(db);
		query_release_views(db, &kept);
		return e;
	}
	e = judge_all(&c, packs, npacks);
	if (!error_is(&e) && sqlite3_exec(db, "RELEASE judge", NULL, NULL, NULL))
		e = sql_error(db);
	if (error_is(&e))
		sqlite3_exec(db, "ROLLBACK TO judge; RELEASE judge", NULL, NULL, NULL);
	query_release_views(db, &kept);
	return e;
}
