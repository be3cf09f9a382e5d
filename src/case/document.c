/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "case/internal.h"
#include "sql/sql.h"

/* The tables whose rows a document can have. */
static const char *const document_tables[] = { "declared_component", "declared_statement", "damage", "document", "document_section",
	                                           "document_date", "document_contact", "document_link", "document_element", "excerpt" };

static struct error run_with_text(struct case_file *c, const char *sql, const struct case_document *d)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(c->db, sql, -1, &s, NULL);
	if (r == SQLITE_OK) {
		sqlite3_bind_text(s, 1, d->kind, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 2, d->location, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 3, d->role, -1, SQLITE_STATIC);
		if (sqlite3_bind_parameter_count(s) > 3) {
			sqlite3_bind_int64(s, 4, (sqlite3_int64)d->size);
			sqlite3_bind_text(s, 5, d->sha256, -1, SQLITE_STATIC);
		}
		r = sqlite3_step(s) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
	}
	sqlite3_finalize(s);
	return r ? case_sql_error(c, "adding a document") : error_none();
}

#define FORMER "(SELECT id FROM input WHERE kind = ?1 AND location = ?2 AND role IS ?3)"

/* What an earlier document of that kind, place and role left. */
static struct error forget(struct case_file *c, const struct case_document *d)
{
	struct error e = case_exec(c, "DELETE FROM statement; DELETE FROM sbom_difference", "adding a document");
	char sql[256];
	for (size_t i = 0; !error_is(&e) && i < sizeof document_tables / sizeof document_tables[0]; i++) {
		snprintf(sql, sizeof sql, "DELETE FROM %s WHERE blob_id IN (SELECT id FROM blob WHERE input_id IN " FORMER ")",
				 document_tables[i]);
		e = run_with_text(c, sql, d);
	}
	static const char *const rest[] = {
		"DELETE FROM blob_key WHERE blob_id IN (SELECT id FROM blob WHERE input_id IN " FORMER ")",
		"DELETE FROM blob WHERE input_id IN " FORMER,
		"DELETE FROM probe_run WHERE input_id IN " FORMER,
		"DELETE FROM input WHERE kind = ?1 AND location = ?2 AND role IS ?3",
	};
	for (size_t i = 0; !error_is(&e) && i < sizeof rest / sizeof rest[0]; i++)
		e = run_with_text(c, rest[i], d);
	return e;
}

static struct error add(struct case_file *c, const struct case_document *d)
{
	char probe[32];
	struct error e = case_add_lacking(c);
	if (!error_is(&e))
		e = forget(c, d);
	if (!error_is(&e))
		e = run_with_text(c, "INSERT INTO input(kind, location, role, size, sha256) VALUES(?1, ?2, ?3, ?4, ?5)", d);
	if (error_is(&e))
		return e;
	c->input_id = sqlite3_last_insert_rowid(c->db);
	e = ingest(c, sql_number(c->db, "SELECT coalesce(max(id), 0) FROM blob", 0), true);
	snprintf(probe, sizeof probe, "%s.read", d->kind);
	if (!error_is(&e))
		e = coverage_add_run(c, probe, d->complete ? "complete" : "partial", d->detail, d->seconds);
	return error_is(&e) ? e : case_derive_declared(c->db);
}

struct error case_add_document(struct case_file *c, const struct case_document *document)
{
	int64_t input_id = c->input_id;
	struct error e = case_exec(c, "BEGIN IMMEDIATE", "beginning to write");
	return error_is(&e) ? e : case_end_input(c, input_id, add(c, document));
}

struct error case_derive_declared(sqlite3 *db)
{
	struct arena *a = arena_new((size_t)512 << 20);
	struct error e = a ? error_none() : error_at(ERR_MEMORY, 0, "no memory");
	const struct parts *parts = a ? parts_load(db, a, &e) : NULL;
	if (!error_is(&e) && sqlite3_exec(db, "DELETE FROM statement; DELETE FROM sbom_difference", NULL, NULL, NULL))
		e = error_at(ERR_IO, 0, "comparing with documents: %s", sqlite3_errmsg(db));
	if (!error_is(&e))
		e = derive_statements(db, parts, a);
	if (!error_is(&e))
		e = derive_difference(db, parts, a);
	arena_free(a);
	return e;
}
