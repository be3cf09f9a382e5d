/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One vulnerability from several sources: each field is that of the source of the highest rank that has it, whatever the
 * order in which they come. `modified` is the latest of all. That a CVE was withdrawn counts before what the NVD
 * says, which learns of it later, until the CVE list takes it back. */
#include "feed/store_internal.h"

/* published, modified, state, summary, cwe, cvss2, cvss30, cvss31, cvss40 */
enum { MODIFIED = 1, STATE = 2, MERGED = 9 };
#define RANK_WITHDRAWN 15u

static void fields_of(const struct feed_vulnerability *v, struct text out[MERGED])
{
	struct text empty = TEXT_LIT("");
	out[0] = v->published;
	out[1] = v->modified;
	out[2] = v->state.p ? v->state : empty;
	out[3] = v->summary;
	out[4] = v->cwe;
	out[5] = v->cvss2;
	out[6] = v->cvss30;
	out[7] = v->cvss31;
	out[8] = v->cvss40;
}

/* How much a source's word counts for a field. */
static uint64_t rank_of(const struct feed_vulnerability *v, int field)
{
	bool withdrawn = field == STATE && v->rank == FEED_RANK_CVE && text_is(v->state, "rejected");
	return withdrawn ? RANK_WITHDRAWN : (uint64_t)(v->rank & 15);
}

static bool counts(const struct feed_vulnerability *v, int field, uint64_t stored)
{
	bool taken_back = field == STATE && stored == RANK_WITHDRAWN && v->rank == FEED_RANK_CVE;
	return taken_back || rank_of(v, field) >= stored;
}

static int64_t add(struct feed_store *s, const struct feed_vulnerability *v)
{
	struct text fields[MERGED];
	uint64_t ranks = 0;
	fields_of(v, fields);
	sqlite3_stmt *st = store_statement(s, ADD_VULNERABILITY);
	store_bind(st, 1, v->name);
	for (int i = 0; i < MERGED; i++) {
		store_bind(st, 2 + i, fields[i]);
		if (fields[i].p)
			ranks |= rank_of(v, i) << 4 * i;
	}
	sqlite3_bind_int64(st, 2 + MERGED, (int64_t)ranks);
	int64_t id = store_run(s, st) ? sqlite3_last_insert_rowid(s->db) : 0;
	return id && store_touch(s, id) ? id : 0;
}

/* Fields that only tell when and what about; matching does not ask for them. */
static bool is_aside(int field)
{
	return field == 1 || field == 4;
}

/* Which of the fields have another value than the stored row, one bit each. */
static unsigned differing(sqlite3_stmt *st, const struct text fields[MERGED])
{
	unsigned bits = 0;
	for (int i = 0; i < MERGED; i++) {
		struct text was =
			text_of((const char *)sqlite3_column_text(st, 3 + i), (size_t)sqlite3_column_bytes(st, 3 + i));
		if (fields[i].p && !is_aside(i) && !(was.p && text_eq(was, fields[i])))
			bits |= 1u << i;
	}
	return bits;
}

static bool merge(struct feed_store *s, const struct feed_vulnerability *v, int64_t id, uint64_t ranks, bool is_later,
				  unsigned differ)
{
	struct text fields[MERGED];
	bool any = false, changes = false;
	fields_of(v, fields);
	sqlite3_stmt *st = store_statement(s, MERGE_VULNERABILITY);
	sqlite3_bind_int64(st, 1, id);
	for (int i = 0; i < MERGED; i++) {
		uint64_t rank = ranks >> 4 * i & 15;
		bool take = fields[i].p && (i == MODIFIED ? is_later : counts(v, i, rank));
		store_bind(st, 2 + i, take ? fields[i] : TEXT_NONE);
		if (take)
			ranks = (ranks & ~((uint64_t)15 << 4 * i)) | rank_of(v, i) << 4 * i;
		any |= take;
		changes |= take && (differ >> i & 1);
	}
	sqlite3_bind_int64(st, 2 + MERGED, (int64_t)ranks);
	return (!any || store_run(s, st)) && (!changes || store_touch(s, id));
}

int64_t store_merge(struct feed_store *s, const struct feed_vulnerability *v)
{
	sqlite3_stmt *st = store_statement(s, FIND_VULNERABILITY);
	store_bind(st, 1, v->name);
	if (sqlite3_step(st) != SQLITE_ROW) {
		sqlite3_reset(st);
		return add(s, v);
	}
	int64_t id = sqlite3_column_int64(st, 0);
	uint64_t ranks = (uint64_t)sqlite3_column_int64(st, 1);
	struct text stored = text_of((const char *)sqlite3_column_text(st, 2), (size_t)sqlite3_column_bytes(st, 2));
	bool is_later =
		!stored.p || (v->modified.n >= stored.n && v->modified.p && memcmp(v->modified.p, stored.p, stored.n) > 0);
	struct text fields[MERGED];
	fields_of(v, fields);
	unsigned differ = differing(st, fields);
	sqlite3_reset(st);
	if (v->rank == FEED_RANK_NAME || v->rank > 15 || v->rank < 0)
		return id;
	return merge(s, v, id, ranks, is_later, differ) ? id : 0;
}
