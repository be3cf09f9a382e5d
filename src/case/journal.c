/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/clock.h"
#include "case/internal.h"

/* A run shorter than this needs no journal: repeating it costs as little. */
#define JOURNAL_EVERY_MS 500

/* Rows of two batches of the same blob become one. */
struct merge {
	struct buf out;
	struct span other; /* whose damage is known already */
	struct fact_damage row;
	bool only_new_damage, found, added, failed;
};

static bool same_damage(void *context, enum fact_type type, const void *row)
{
	struct merge *m = context;
	const struct fact_damage *d = row;
	if (type == FACT_damage)
		m->found |= d->offset == m->row.offset && text_eq(d->kind, m->row.kind) && text_eq(d->what, m->row.what);
	return true;
}

static bool merge_row(void *context, enum fact_type type, const void *row)
{
	struct merge *m = context;
	if (m->only_new_damage) {
		if (type != FACT_damage)
			return true;
		m->row = *(const struct fact_damage *)row;
		m->found = false;
		if (!batch_read(m->other, same_damage, m) || m->found)
			return true;
		m->added = true;
	}
	m->failed |= batch_add(&m->out, type, row) != ERR_NONE;
	return true;
}

/* A container is walked again when a run is continued or a worker was restarted. What it holds is known; what could not
 * be looked at this time must not be lost. */
static bool keep_new_damage(struct case_file *c, const struct case_blob *known, struct span batch)
{
	struct batch_header h = { known->key, known->parent, known->ordinal, known->flags };
	struct case_blob merged = { 0 };
	struct merge m = { .other = known->batch };
	bool ok = batch_begin(&m.out) == ERR_NONE && batch_read(known->batch, merge_row, &m);
	m.only_new_damage = true;
	ok = ok && batch_read(batch, merge_row, &m) && !m.failed;
	if (ok && m.added)
		ok = batch_finish(&m.out, &h) == ERR_NONE && blob_from_batch(buf_span(&m.out), &merged) &&
		     blobs_replace(&c->blobs, known, &merged);
	buf_free(&m.out);
	if (ok && m.added) /* the journal has the old one: it is written anew from there */
		c->journaled = blobs_index(&c->blobs, known) < c->journaled ? blobs_index(&c->blobs, known) : c->journaled;
	return ok;
}

bool case_take_batch(struct case_file *c, struct span batch)
{
	struct case_blob blob = { 0 };
	struct batch_header h;
	if (!batch_header_read(batch, &h))
		return false;
	const struct case_blob *known = blobs_find(&c->blobs, h.key);
	if (known)
		return keep_new_damage(c, known, batch);
	if (!blob_from_batch(batch, &blob))
		return false;
	if (blobs_add(&c->blobs, &blob))
		return true;
	free((void *)(uintptr_t)blob.batch.p);
	return false;
}

static bool journal_write(struct case_file *c)
{
	sqlite3_stmt *insert = NULL;
	size_t before = c->journaled;
	if (sqlite3_exec(c->db, "BEGIN", NULL, NULL, NULL))
		return false;
	bool ok = sqlite3_prepare_v2(c->db, "INSERT OR REPLACE INTO journal(key, batch) VALUES(?, ?)", -1, &insert, NULL) == SQLITE_OK;
	for (; ok && c->journaled < c->blobs.n; c->journaled++) {
		const struct case_blob *b = &c->blobs.v[c->journaled];
		sqlite3_bind_int64(insert, 1, (sqlite3_int64)b->key);
		sqlite3_bind_blob64(insert, 2, b->batch.p, b->batch.n, SQLITE_STATIC);
		ok = sqlite3_step(insert) == SQLITE_DONE;
		sqlite3_reset(insert);
	}
	sqlite3_finalize(insert);
	ok = ok && sqlite3_exec(c->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
	if (!ok) {
		sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
		c->journaled = before;
	}
	return ok;
}

bool case_tick(struct case_file *c)
{
	uint64_t now = clock_ms();
	if (c->journal_ms == 0)
		c->journal_ms = now;
	if (now - c->journal_ms < JOURNAL_EVERY_MS || c->journaled == c->blobs.n)
		return true;
	c->journal_ms = now;
	return journal_write(c);
}

struct error journal_load(struct case_file *c)
{
	sqlite3_stmt *select = NULL;
	if (sqlite3_prepare_v2(c->db, "SELECT batch FROM journal ORDER BY rowid", -1, &select, NULL))
		return case_sql_error(c, "reading the journal");
	int r;
	while ((r = sqlite3_step(select)) == SQLITE_ROW) {
		struct span batch = { sqlite3_column_blob(select, 0), (size_t)sqlite3_column_bytes(select, 0) };
		if (!case_take_batch(c, batch)) {
			sqlite3_finalize(select);
			return error_at(ERR_CORRUPT, 0, "the journal holds something that is no batch");
		}
	}
	sqlite3_finalize(select);
	c->journaled = c->blobs.n;
	return r == SQLITE_DONE ? error_none() : case_sql_error(c, "reading the journal");
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

const uint64_t *case_done_keys(struct case_file *c, size_t *n)
{
	free(c->done_keys);
	c->done_keys = calloc(c->blobs.n + 1, sizeof *c->done_keys);
	*n = 0;
	if (!c->done_keys)
		return NULL;
	for (size_t i = 0; i < c->blobs.n; i++)
		if (!(c->blobs.v[i].flags & BATCH_HAS_CHILDREN))
			c->done_keys[(*n)++] = c->blobs.v[i].key;
	qsort(c->done_keys, *n, sizeof *c->done_keys, by_value);
	return c->done_keys;
}
