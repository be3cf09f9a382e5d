/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <time.h>

#include "case/internal.h"

/* A run shorter than this needs no journal: repeating it costs as little. */
#define JOURNAL_EVERY_MS 500

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

bool case_take_batch(struct case_file *c, struct span batch)
{
	struct case_blob blob = { 0 };
	struct batch_header h;
	if (!batch_header_read(batch, &h))
		return false;
	if (blobs_find(&c->blobs, h.key))
		return true;
	if (!blob_from_batch(batch, &blob))
		return false;
	if (blobs_add(&c->blobs, &blob))
		return true;
	free((void *)(uintptr_t)blob.batch.p);
	return false;
}

bool journal_write(struct case_file *c)
{
	sqlite3_stmt *insert = NULL;
	if (sqlite3_exec(c->db, "BEGIN", NULL, NULL, NULL) ||
	    sqlite3_prepare_v2(c->db, "INSERT OR IGNORE INTO journal(key, batch) VALUES(?, ?)", -1, &insert, NULL))
		return false;
	bool ok = true;
	for (; ok && c->journaled < c->blobs.n; c->journaled++) {
		const struct case_blob *b = &c->blobs.v[c->journaled];
		sqlite3_bind_int64(insert, 1, (sqlite3_int64)b->key);
		sqlite3_bind_blob64(insert, 2, b->batch.p, b->batch.n, SQLITE_STATIC);
		ok = sqlite3_step(insert) == SQLITE_DONE;
		sqlite3_reset(insert);
	}
	sqlite3_finalize(insert);
	return sqlite3_exec(c->db, ok ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK && ok;
}

bool case_tick(struct case_file *c)
{
	uint64_t now = now_ms();
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
