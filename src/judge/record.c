/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdicts into the case file. What a report shows is stored with them, so that a report needs no pack. */
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "judge/bench.h"
#include "judge/conformance.h"
#include "judge/internal.h"
#include "judge/record_json.h"

static const char tables[] =
	"CREATE TABLE IF NOT EXISTS main.verdict("
	" id INTEGER PRIMARY KEY, pack TEXT NOT NULL, pack_title TEXT, pack_version TEXT, requirement TEXT NOT NULL,"
	" title TEXT, section TEXT, because TEXT, verdict TEXT NOT NULL, severity TEXT, summary TEXT, missing TEXT,"
	" settles TEXT, remedy TEXT, remedy_command TEXT, references_json TEXT, position INTEGER, excluded TEXT,"
	" severity_was TEXT, severity_reason TEXT, evidence_total INTEGER, about TEXT, basis TEXT, origin TEXT,"
	" queries_json TEXT);"
	"CREATE TABLE IF NOT EXISTS main.evidence("
	" id INTEGER PRIMARY KEY, verdict_id INTEGER NOT NULL REFERENCES verdict(id), role TEXT,"
	" table_name TEXT NOT NULL, row_id INTEGER NOT NULL, says TEXT, measure_id INTEGER);"
	"CREATE TABLE IF NOT EXISTS main.measure(" CASE_MEASURE_COLUMNS ");"
	"CREATE INDEX IF NOT EXISTS main.evidence_by_verdict ON evidence(verdict_id);"
	"CREATE INDEX IF NOT EXISTS main.measure_by_verdict ON measure(verdict_id);";

/* Columns that the tables of an older case file may lack. */
static const struct {
	const char *table, *definition;
} later_columns[] = {
	{ "verdict", "excluded TEXT" },	{ "verdict", "severity_was TEXT" }, { "verdict", "severity_reason TEXT" },
	{ "verdict", "evidence_total INTEGER" }, { "verdict", "about TEXT" },	{ "verdict", "basis TEXT" },
	{ "verdict", "origin TEXT" },	{ "verdict", "queries_json TEXT" },
	{ "evidence", "measure_id INTEGER" },
};

static const char insert_verdict[] =
	"INSERT INTO main.verdict(pack, pack_title, pack_version, requirement, title, section, because, verdict, severity,"
	" summary, missing, settles, remedy, remedy_command, references_json, excluded, severity_was, severity_reason,"
	" about, basis, origin, queries_json, position, evidence_total)"
	" VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

static const char insert_evidence[] =
	"INSERT INTO main.evidence(verdict_id, role, table_name, row_id, says, measure_id) VALUES(?, ?, ?, ?, ?, ?)";

static const char insert_measure[] =
	"INSERT INTO main.measure(verdict_id, position, name, title, unit, formula, better, value, missing, thresholds_json,"
	" evidence_total) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

struct clerk {
	sqlite3 *db;
	sqlite3_stmt *verdict, *evidence, *measure;
	struct view_set views;
	const struct pack *const *packs;
	size_t npacks;
	struct arena *kept, *scratch; /* what several requirements share; what one has */
	struct memo *memo;
	struct statement *statements; /* of the conformance statement */
};

/* The judgement of what several requirements, maybe of several packs, take their queries from. */
struct memo {
	const struct requirement *origin;
	struct judgement j;
	struct memo *next;
};

static struct error sql_error(sqlite3 *db)
{
	return error_at(ERR_IO, 0, "writing the verdicts: %s", sqlite3_errmsg(db));
}

static void free_text(char **text)
{
	free(*text);
}

static void free_sql_text(char **text)
{
	sqlite3_free(*text);
}

static bool has_column(sqlite3 *db, const char *table, const char *definition)
{
	char name[32];
	size_t n = strcspn(definition, " ");
	memcpy(name, definition, n);
	name[n] = 0;
	return sqlite3_table_column_metadata(db, "main", table, name, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

static struct error prepare_tables(sqlite3 *db)
{
	if (sqlite3_exec(db, tables, NULL, NULL, NULL))
		return sql_error(db);
	for (size_t i = 0; i < sizeof later_columns / sizeof later_columns[0]; i++) {
		if (has_column(db, later_columns[i].table, later_columns[i].definition))
			continue;
		char *sql = sqlite3_mprintf("ALTER TABLE main.%s ADD COLUMN %s", later_columns[i].table, later_columns[i].definition);
		int r = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
		sqlite3_free(sql);
		if (r)
			return sql_error(db);
	}
	return error_none();
}

/* `measure`: the row of `measure` that it stands behind, or 0. */
static struct error write_evidence(struct clerk *c, int64_t verdict, const char *role, int64_t measure,
								   const struct judge_evidence *first)
{
	for (const struct judge_evidence *e = first; e; e = e->next) {
		sqlite3_bind_int64(c->evidence, 1, verdict);
		sqlite3_bind_text(c->evidence, 2, role, -1, SQLITE_STATIC);
		sqlite3_bind_text(c->evidence, 3, e->table, -1, SQLITE_STATIC);
		sqlite3_bind_int64(c->evidence, 4, e->row);
		sqlite3_bind_text(c->evidence, 5, e->says, -1, SQLITE_STATIC);
		if (measure)
			sqlite3_bind_int64(c->evidence, 6, measure);
		else
			sqlite3_bind_null(c->evidence, 6);
		int r = sqlite3_step(c->evidence);
		sqlite3_reset(c->evidence);
		if (r != SQLITE_DONE)
			return sql_error(c->db);
	}
	return error_none();
}

static struct error write_measure(struct clerk *c, int64_t verdict, size_t position, const struct judge_measure *m)
{
	const struct pack_measure *p = m->measure;
	const char *const texts[] = { p->name, p->title, p->unit, p->formula, p->better };
	char *thresholds = record_thresholds(m);
	if (!thresholds)
		return error_at(ERR_MEMORY, 0, "out of memory");
	sqlite3_bind_int64(c->measure, 1, verdict);
	sqlite3_bind_int64(c->measure, 2, (sqlite3_int64)position);
	for (int i = 0; i < 5; i++)
		sqlite3_bind_text(c->measure, 3 + i, texts[i], -1, SQLITE_STATIC);
	if (m->is_measured)
		sqlite3_bind_double(c->measure, 8, m->value);
	sqlite3_bind_text(c->measure, 9, m->missing, -1, SQLITE_STATIC);
	sqlite3_bind_text(c->measure, 10, thresholds, -1, SQLITE_STATIC);
	sqlite3_bind_int64(c->measure, 11, (sqlite3_int64)m->total);
	int r = sqlite3_step(c->measure);
	sqlite3_reset(c->measure);
	sqlite3_clear_bindings(c->measure);
	free(thresholds);
	return r == SQLITE_DONE ? write_evidence(c, verdict, "measure", sqlite3_last_insert_rowid(c->db), m->rows)
							: sql_error(c->db);
}

static struct error write_judgement(struct clerk *c, const struct pack *p, const struct requirement *r,
									const struct judgement *j)
{
	_cleanup_(free_text) char *references = record_references(r);
	_cleanup_(free_sql_text) char *queries = record_queries(c->db, r);
	if (!references || !queries)
		return error_at(ERR_MEMORY, 0, "out of memory");
	const char *const texts[] = {
		p->id,           p->title,           p->version, r->id,
		r->title,        r->section,         r->because, verdict_name(j->verdict),
		r->severity,     j->summary,         j->missing, r->settles,
		r->remedy,       r->remedy_command,  references, r->excluded,
		r->severity_was, r->severity_reason, about_name(r->about),
		j->basis == BASIS_NONE ? NULL : basis_name(j->basis), r->origin->id,
		queries,
	};
	int n = (int)(sizeof texts / sizeof texts[0]);
	for (int i = 0; i < n; i++)
		sqlite3_bind_text(c->verdict, i + 1, texts[i], -1, SQLITE_STATIC);
	sqlite3_bind_int64(c->verdict, n + 1, r - p->requirements);
	sqlite3_bind_int64(c->verdict, n + 2, (sqlite3_int64)j->total);
	int result = sqlite3_step(c->verdict);
	sqlite3_reset(c->verdict);
	sqlite3_clear_bindings(c->verdict);
	if (result != SQLITE_DONE)
		return sql_error(c->db);
	int64_t id = sqlite3_last_insert_rowid(c->db);
	struct error e = write_evidence(c, id, j->role, 0, j->evidence);
	for (size_t i = 0; !error_is(&e) && i < j->nmeasures; i++)
		e = write_measure(c, id, i, &j->measures[i]);
	return e;
}

/* How often it asks these queries: as its own, or as those of a requirement that it asks for. */
static size_t asks(const struct requirement *r, const struct requirement *origin)
{
	size_t n = r->origin == origin;
	for (size_t i = 0; i < r->nparts; i++)
		n += r->parts[i] == origin;
	return n;
}

/* Whether another requirement of the packs at hand asks the same queries. */
static bool is_shared(const struct clerk *c, const struct requirement *r)
{
	size_t n = 0;
	for (size_t i = 0; i < c->npacks; i++)
		for (size_t k = 0; k < c->packs[i]->nrequirements; k++)
			if (!c->packs[i]->requirements[k].excluded)
				n += asks(&c->packs[i]->requirements[k], r->origin);
	return n > 1 || conformance_of(c->statements, r->id); /* which is asked before all others */
}

static struct error judge_once(struct clerk *c, const struct requirement *r, struct judgement *j);

/* What is asked for lives as long as the case is judged. The maker's statement about a part counts for the whole, too. */
static struct error judge_asked(void *context, const struct requirement *part, struct judgement *j)
{
	struct clerk *c = context;
	struct error e = judge_once(c, part, j);
	if (!error_is(&e) && !conformance_compare(c->statements, part, c->kept, j))
		e = error_at(ERR_MEMORY, 0, "out of memory");
	return e;
}

/* The queries that several requirements share are asked once a case. */
static struct error judge_once(struct clerk *c, const struct requirement *r, struct judgement *j)
{
	if (r->excluded || !is_shared(c, r))
		return judge_with_parts(&c->views, r, c->scratch, judge_asked, c, j);
	for (const struct memo *m = c->memo; m; m = m->next) {
		if (m->origin == r->origin) {
			*j = m->j;
			return error_none();
		}
	}
	struct memo *m = ARENA_NEW(c->kept, struct memo);
	if (!m)
		return error_at(ERR_MEMORY, 0, "out of memory");
	struct error e = judge_with_parts(&c->views, r, c->kept, judge_asked, c, j);
	*m = (struct memo){ .origin = r->origin, .j = *j, .next = c->memo };
	c->memo = m;
	return e;
}

static struct error judge_pack(struct clerk *c, const struct pack *p)
{
	struct error e = error_none();
	for (size_t i = 0; !error_is(&e) && i < p->nrequirements; i++) {
		struct judgement j;
		arena_reset(c->scratch);
		e = judge_once(c, &p->requirements[i], &j);
		if (!error_is(&e) && !conformance_compare(c->statements, &p->requirements[i], c->scratch, &j))
			e = error_at(ERR_MEMORY, 0, "out of memory");
		if (!error_is(&e))
			e = write_judgement(c, p, &p->requirements[i], &j);
	}
	return e;
}

/* Which statements of the maker the verdicts refute, before those verdicts that ask for it. */
static struct error find_conflicts(struct clerk *c)
{
	struct error e = conformance_forget(c->db);
	if (!error_is(&e))
		e = conformance_read(c->db, c->kept, &c->statements);
	for (size_t i = 0; c->statements && i < c->npacks; i++) {
		for (size_t k = 0; !error_is(&e) && k < c->packs[i]->nrequirements; k++) {
			const struct requirement *r = &c->packs[i]->requirements[k];
			const struct statement *s = conformance_of(c->statements, r->id);
			struct judgement j = { 0 };
			if (!s || s->support != SUPPORT_YES || r->excluded || r->owner != c->packs[i] || requirement_asks_conflicts(r))
				continue;
			e = judge_once(c, r, &j);
			if (!error_is(&e) && j.verdict == VERDICT_FAIL && j.evidence)
				e = conformance_note(c->db, s, &j);
		}
	}
	return e;
}

static struct error forget_pack(struct clerk *c, const struct pack *p)
{
	char *sql =
		sqlite3_mprintf("DELETE FROM main.measure WHERE verdict_id IN (SELECT id FROM main.verdict WHERE pack = %Q);"
						"DELETE FROM main.evidence WHERE verdict_id IN (SELECT id FROM main.verdict WHERE pack = %Q);"
						"DELETE FROM main.verdict WHERE pack = %Q",
						p->id, p->id, p->id);
	int r = sql ? sqlite3_exec(c->db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	return r ? sql_error(c->db) : error_none();
}

static struct error judge_all(struct clerk *c)
{
	_cleanup_(arena_cleanup) struct arena *kept = arena_new(0);
	_cleanup_(arena_cleanup) struct arena *scratch = arena_new(0);
	if (!kept || !scratch)
		return error_at(ERR_MEMORY, 0, "out of memory");
	c->kept = kept;
	c->scratch = scratch;
	struct error e = prepare_tables(c->db);
	if (!error_is(&e) && (sqlite3_prepare_v2(c->db, insert_verdict, -1, &c->verdict, NULL) ||
						  sqlite3_prepare_v2(c->db, insert_evidence, -1, &c->evidence, NULL) ||
						  sqlite3_prepare_v2(c->db, insert_measure, -1, &c->measure, NULL)))
		e = sql_error(c->db);
	/* All that is to be replaced goes first, so that the numbers of the new rows do not depend on what was there. */
	for (size_t i = 0; !error_is(&e) && i < c->npacks; i++)
		e = forget_pack(c, c->packs[i]);
	if (!error_is(&e))
		e = find_conflicts(c);
	for (size_t i = 0; !error_is(&e) && i < c->npacks; i++)
		e = judge_pack(c, c->packs[i]);
	view_set_end(&c->views);
	sqlite3_finalize(c->verdict);
	sqlite3_finalize(c->evidence);
	sqlite3_finalize(c->measure);
	return e;
}

/* Which standard views the packs name. */
static void count_mentions(struct clerk *c, struct query_mentions *m)
{
	for (size_t i = 0; i < c->npacks; i++)
		for (size_t k = 0; k < c->packs[i]->nrequirements; k++)
			if (!c->packs[i]->requirements[k].excluded)
				view_mentions(&c->views, &c->packs[i]->requirements[k], m);
}

struct error judge_case(sqlite3 *db, const struct pack *const *packs, size_t npacks, const struct query_limits *limits)
{
	struct query_mentions mentions = { 0 };
	struct query_kept kept;
	struct query_limits until = limits ? *limits : query_default_limits;
	until.ends = query_clock() + until.all_seconds; /* a pack of many queries that each take what one may */
	limits = &until;
	struct clerk c = { .db = db, .views = { .db = db, .limits = limits }, .packs = packs, .npacks = npacks };
	struct error e = query_setup(db);
	if (error_is(&e))
		return e;
	count_mentions(&c, &mentions);
	query_keep_views(db, limits, &mentions, view_set_empty(&c.views), &kept);
	/* A savepoint is a transaction of its own, or part of the caller's. */
	if (sqlite3_exec(db, "SAVEPOINT judge", NULL, NULL, NULL)) {
		e = sql_error(db);
		query_release_views(db, &kept);
		return e;
	}
	e = judge_all(&c);
	if (!error_is(&e) && sqlite3_exec(db, "RELEASE judge", NULL, NULL, NULL))
		e = sql_error(db);
	if (error_is(&e))
		sqlite3_exec(db, "ROLLBACK TO judge; RELEASE judge", NULL, NULL, NULL);
	query_release_views(db, &kept);
	return e;
}
