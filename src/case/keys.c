/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which key a worker gives to the blob of a row: keys depend only on the place in the tree, so the next worker that takes
 * the same input apart gives the same ones. */
#include <stdlib.h>

#include "case/internal.h"

bool case_blob_key(struct case_file *c, int64_t id, uint64_t *key)
{
	sqlite3_stmt *s = NULL;
	bool found = false;
	if (sqlite3_prepare_v2(c->db, "SELECT key FROM blob_key WHERE blob_id = ?", -1, &s, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(s, 1, id);
		found = sqlite3_step(s) == SQLITE_ROW;
		*key = found ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
	}
	sqlite3_finalize(s);
	return found;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

uint64_t *case_keys_beside(struct case_file *c, int64_t id, size_t *n)
{
	sqlite3_stmt *s = NULL;
	uint64_t *keys = NULL;
	size_t cap = 0;
	*n = 0;
	if (sqlite3_prepare_v2(
			c->db,
			"WITH RECURSIVE up(id) AS (SELECT ?1 UNION SELECT b.parent_id FROM blob b JOIN up ON b.id = up.id"
			" WHERE b.parent_id IS NOT NULL) SELECT key FROM blob_key WHERE blob_id NOT IN (SELECT id FROM up)"
			" AND blob_id IN (SELECT id FROM blob WHERE input_id = (SELECT input_id FROM blob WHERE id = ?1))",
			-1, &s, NULL))
		return NULL;
	sqlite3_bind_int64(s, 1, id);
	int r;
	while ((r = sqlite3_step(s)) == SQLITE_ROW) {
		if (*n == cap) {
			cap = cap ? 2 * cap : 1024;
			uint64_t *more = realloc(keys, cap * sizeof *more);
			if (!more)
				break;
			keys = more;
		}
		keys[(*n)++] = (uint64_t)sqlite3_column_int64(s, 0);
	}
	sqlite3_finalize(s);
	if (r != SQLITE_DONE) {
		free(keys);
		return NULL;
	}
	if (!keys)
		return calloc(1, sizeof *keys);
	qsort(keys, *n, sizeof *keys, by_value);
	return keys;
}
