/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Further inputs of a case that began with one: images of other parts of the product, the product file, what no probe reads. */
#include "case/internal.h"
#include "sql/sql.h"

static struct error insert_input(struct case_file *c, const struct case_input *input, const char *role)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(c->db, "INSERT INTO input(kind, location, size, role) VALUES(?, ?, ?, ?)", -1, &s, NULL);
	if (r == SQLITE_OK) {
		sqlite3_bind_text(s, 1, input->kind, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 2, input->location, -1, SQLITE_STATIC);
		if (input->size)
			sqlite3_bind_int64(s, 3, (sqlite3_int64)input->size);
		sqlite3_bind_text(s, 4, role, -1, SQLITE_STATIC);
		r = sqlite3_step(s) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
	}
	sqlite3_finalize(s);
	if (r)
		return case_sql_error(c, "adding an input");
	c->input_id = sqlite3_last_insert_rowid(c->db);
	return error_none();
}

static struct error add(struct case_file *c, const struct case_input *input, const struct case_run *run)
{
	int64_t base = sql_number(c->db, "SELECT coalesce(max(id), 0) FROM blob", 0);
	struct error e = case_add_lacking(c);
	if (!error_is(&e))
		e = insert_input(c, input, NULL);
	if (!error_is(&e) && !run->probe)
		e = derive_forget(c->db);
	return error_is(&e) ? e : case_take_run(c, run, base);
}

struct error case_end_input(struct case_file *c, int64_t input_id, struct error e)
{
	c->input_id = input_id;
	blobs_free(&c->blobs);
	c->journaled = 0;
	if (!error_is(&e))
		return case_exec(c, "COMMIT", "writing the case file");
	sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
	return e;
}

struct error case_add_input(struct case_file *c, const struct case_input *input, const struct case_run *run)
{
	int64_t input_id = c->input_id;
	struct error e = case_exec(c, "BEGIN IMMEDIATE", "beginning to write");
	return error_is(&e) ? e : case_end_input(c, input_id, add(c, input, run));
}

struct error case_add_unread(struct case_file *c, const struct case_input *input, const char *role)
{
	int64_t input_id = c->input_id;
	struct error e = insert_input(c, input, role);
	c->input_id = input_id;
	return e;
}

struct error case_complete(struct case_file *c)
{
	return case_set_meta(c, "state", "finished");
}
