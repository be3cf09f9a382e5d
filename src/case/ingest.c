/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "case/internal.h"

struct ingest {
	struct case_file *c;
	sqlite3_stmt *insert[FACT_TYPES], *keep_key;
	struct excerpt_keeper excerpts;
	int64_t blob_id, parent_id; /* of the blob whose batch is read */
	int64_t base;
	bool documents;
	bool failed;
};

/* INSERT for a table: its own ids first, then the columns of the fact table. */
static sqlite3_stmt *prepare_insert(sqlite3 *db, enum fact_type type)
{
	const struct fact_table *t = &fact_tables[type];
	sqlite3_str *sql = sqlite3_str_new(db);
	sqlite3_str_appendf(sql, "INSERT INTO %s(%s", t->name, type == FACT_blob ? "id, input_id, parent_id" : "blob_id");
	for (size_t i = 0; i < t->ncolumns; i++)
		sqlite3_str_appendf(sql, ", %s", t->columns[i].name);
	const char *of, *name = case_name_column(type, &of);
	if (name)
		sqlite3_str_appendf(sql, ", %s", name);
	sqlite3_str_appendf(sql, ") VALUES(%s", type == FACT_blob ? "?, ?, ?" : "?");
	for (size_t i = 0; i < t->ncolumns; i++)
		sqlite3_str_appendall(sql, ", ?");
	for (size_t i = 0; name && i < t->ncolumns; i++) /* the parameter of that column once more */
		if (strcmp(t->columns[i].name, of) == 0)
			sqlite3_str_appendf(sql, ", base_name(?%d)", (int)i + (type == FACT_blob ? 4 : 2));
	sqlite3_str_appendall(sql, ")");
	char *text = sqlite3_str_finish(sql);
	sqlite3_stmt *stmt = NULL;
	if (text)
		sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
	sqlite3_free(text);
	return stmt;
}

static bool is_plain_ascii(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if ((unsigned char)t.p[i] >= 0x80 || t.p[i] == '\0')
			return false;
	return true;
}

static void bind_text(sqlite3_stmt *stmt, int at, struct text t)
{
	if (!t.p) {
		sqlite3_bind_null(stmt, at);
	} else if (is_plain_ascii(t)) {
		sqlite3_bind_text64(stmt, at, t.p, t.n, SQLITE_STATIC, SQLITE_UTF8);
	} else {
		size_t n = 0;
		char *valid = escape_utf8(t, &n);
		sqlite3_bind_text64(stmt, at, valid, n, free, SQLITE_UTF8);
	}
}

static void bind_columns(sqlite3_stmt *stmt, int at, enum fact_type type, const void *row)
{
	const struct fact_table *t = &fact_tables[type];
	for (size_t i = 0; i < t->ncolumns; i++, at++) {
		const void *field = (const char *)row + t->columns[i].at;
		int64_t v = t->columns[i].type == FACT_TEXT ? 0 : *(const int64_t *)field;
		if (t->columns[i].type == FACT_TEXT)
			bind_text(stmt, at, *(const struct text *)field);
		else if (v == FACT_NULL)
			sqlite3_bind_null(stmt, at);
		else
			sqlite3_bind_int64(stmt, at, v);
	}
}

static bool is_of_documents(enum fact_type type)
{
	static const enum fact_type types[] = { FACT_blob, FACT_damage, FACT_declared_component, FACT_declared_statement, FACT_document,
		                                    FACT_document_section, FACT_document_date, FACT_document_contact, FACT_document_link,
		                                    FACT_document_element, FACT_excerpt };
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i] == type)
			return true;
	return false;
}

static bool take_row(void *context, enum fact_type type, const void *row)
{
	struct ingest *in = context;
	sqlite3_stmt *stmt = in->insert[type];
	if (in->documents && !is_of_documents(type))
		return true; /* what a document quotes is not in the image */
	if (type == FACT_excerpt) {
		in->failed = !excerpts_take(&in->excerpts, in->blob_id, row);
		return !in->failed;
	}
	sqlite3_bind_int64(stmt, 1, in->blob_id);
	if (type == FACT_blob) {
		sqlite3_bind_int64(stmt, 2, in->c->input_id);
		if (in->parent_id)
			sqlite3_bind_int64(stmt, 3, in->parent_id);
		else
			sqlite3_bind_null(stmt, 3);
	}
	bind_columns(stmt, type == FACT_blob ? 4 : 2, type, row);
	in->failed = sqlite3_step(stmt) != SQLITE_DONE;
	sqlite3_reset(stmt);
	excerpts_row(&in->excerpts, type, sqlite3_last_insert_rowid(in->c->db));
	return !in->failed;
}

static bool keep_key(struct ingest *in, uint64_t key)
{
	sqlite3_bind_int64(in->keep_key, 1, in->blob_id);
	sqlite3_bind_int64(in->keep_key, 2, (sqlite3_int64)key);
	bool ok = sqlite3_step(in->keep_key) == SQLITE_DONE;
	sqlite3_reset(in->keep_key);
	return ok;
}

static bool ingest_tree(struct ingest *in)
{
	struct blob_table *blobs = &in->c->blobs;
	struct tree_order order;
	if (!tree_order(blobs, &order)) {
		tree_order_free(&order);
		return false;
	}
	for (size_t i = 0; i < order.n && !in->failed; i++) {
		in->blob_id = in->base + (int64_t)i + 1;
		in->parent_id = order.parent[i] == SIZE_MAX ? 0 : in->base + (int64_t)order.parent[i] + 1;
		in->failed |= !batch_read(blobs->v[order.index[i]].batch, take_row, in) ||
		              !keep_key(in, blobs->v[order.index[i]].key);
	}
	tree_order_free(&order);
	return !in->failed;
}

struct error ingest(struct case_file *c, int64_t base, bool documents)
{
	struct ingest in = { .c = c, .base = base, .documents = documents };
	in.failed = !derive_functions(c->db) || !excerpts_begin(c->db, &in.excerpts);
	for (int type = 0; type < FACT_TYPES; type++) {
		in.insert[type] = prepare_insert(c->db, (enum fact_type)type);
		in.failed |= in.insert[type] == NULL;
	}
	struct error e = error_none();
	in.failed |= sqlite3_prepare_v2(c->db, "INSERT INTO blob_key(blob_id, key) VALUES(?, ?)", -1, &in.keep_key, NULL) != SQLITE_OK;
	if (in.failed || !ingest_tree(&in))
		e = case_sql_error(c, "writing the facts");
	for (int type = 0; type < FACT_TYPES; type++)
		sqlite3_finalize(in.insert[type]);
	sqlite3_finalize(in.keep_key);
	excerpts_end(&in.excerpts);
	return e;
}
