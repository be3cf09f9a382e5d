/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of an importer become rows of the database. */
#include <stdio.h>

#include "feed/store_internal.h"

static bool out_of_order(struct feed_store *s)
{
	if (!error_is(&s->error))
		s->error = error_at(ERR_CORRUPT, 0, "the reader of feeds broke its protocol");
	return false;
}

static void copy_text(char *out, size_t size, struct text t)
{
	snprintf(out, size, "%.*s", t.p ? (int)(t.n < size ? t.n : size) : 0, t.p ? t.p : "");
}

/* Whether a time is later than another; both as the importers write them, so that text order is time order. */
static bool later(struct text a, const char *b)
{
	char copy[40];
	copy_text(copy, sizeof copy, a);
	return strcmp(copy, b) > 0;
}

bool store_end_source(struct feed_store *s)
{
	if (error_is(&s->error))
		return false;
	if (!s->source || s->skip_source) {
		s->source = 0;
		return true;
	}
	if (s->whole_source && !store_compare_source(s))
		return false;
	sqlite3_stmt *st = store_statement(s, END_SOURCE);
	sqlite3_bind_int64(st, 1, s->source);
	store_bind(st, 2, s->location[0] ? text_c(s->location) : TEXT_NONE);
	store_bind(st, 3, text_c(s->now));
	store_bind(st, 4, text_c(s->newest));
	s->source = 0;
	return store_run(s, st);
}

/* Forgets all of a source. */
static bool forget_source(struct feed_store *s)
{
	static const char *const sql[] = {
		"DELETE FROM package_fix WHERE record_id IN (SELECT id FROM record WHERE source_id = ?1)",
		"DELETE FROM vex WHERE record_id IN (SELECT id FROM record WHERE source_id = ?1)",
		"DELETE FROM part WHERE record_id IN (SELECT id FROM record WHERE source_id = ?1)",
		"DELETE FROM kev WHERE (SELECT kind FROM source WHERE id = ?1) = 'kev'",
		"DELETE FROM epss WHERE (SELECT kind FROM source WHERE id = ?1) = 'epss'",
		"DELETE FROM record WHERE source_id = ?1",
	};
	bool ok = true;
	for (size_t i = 0; ok && i < sizeof sql / sizeof sql[0]; i++) {
		sqlite3_stmt *st = NULL;
		ok = sqlite3_prepare_v2(s->db, sql[i], -1, &st, NULL) == SQLITE_OK || store_failed(s);
		if (ok) {
			sqlite3_bind_int64(st, 1, s->source);
			ok = store_run(s, st);
		}
		sqlite3_finalize(st);
	}
	return ok;
}

static bool add_source(struct feed_store *s, const struct feed_source *f)
{
	sqlite3_stmt *st = store_statement(s, ADD_SOURCE);
	store_bind(st, 1, f->name);
	store_bind(st, 2, f->kind);
	bool ok = sqlite3_step(st) == SQLITE_ROW;
	s->source = ok ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	return ok || store_failed(s);
}

static bool next_document(struct feed_store *s, const struct feed_source *f)
{
	if (f->newest.n && later(f->newest, s->newest))
		copy_text(s->newest, sizeof s->newest, f->newest);
	s->record = s->vulnerability = 0;
	s->skip_record = false;
	return true;
}

static bool source_row(struct feed_store *s, const struct feed_source *f)
{
	char stored[40] = "";
	if (!f->name.n || f->name.n >= sizeof s->source_name || !f->kind.n)
		return out_of_order(s);
	if (s->source && !f->whole && text_is(f->name, s->source_name)) /* the next document of the same source */
		return next_document(s, f);
	if (!store_end_source(s))
		return false;
	copy_text(s->source_name, sizeof s->source_name, f->name);
	copy_text(s->newest, sizeof s->newest, f->newest);
	s->record = s->vulnerability = 0;
	s->skip_source = s->skip_record = false;
	sqlite3_stmt *st = store_statement(s, FIND_SOURCE);
	store_bind(st, 1, f->name);
	bool fresh = sqlite3_step(st) != SQLITE_ROW;
	if (!fresh) {
		s->source = sqlite3_column_int64(st, 0);
		copy_text(stored, sizeof stored, text_c((const char *)sqlite3_column_text(st, 1)));
	}
	sqlite3_reset(st);
	s->whole_source = f->whole;
	if (fresh)
		return add_source(s, f) && (!f->whole || store_keep_source(s));
	if (!f->whole)
		return true;
	s->skip_source = f->newest.n && !later(f->newest, stored) && strcmp(s->newest, stored) != 0;
	return s->skip_source || (store_keep_source(s) && forget_source(s));
}

static bool forget_record(struct feed_store *s)
{
	static const enum store_statement all[] = { FORGET_CRITERIA, FORGET_NODES, FORGET_FIXES, FORGET_VEX, FORGET_PARTS };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		sqlite3_stmt *st = store_statement(s, all[i]);
		sqlite3_bind_int64(st, 1, s->record);
		if (!store_run(s, st))
			return false;
	}
	return true;
}

static bool renew_record(struct feed_store *s, const struct feed_record *f)
{
	if (!store_touch_record(s))
		return false;
	sqlite3_stmt *st = store_statement(s, RENEW_RECORD);
	sqlite3_bind_int64(st, 1, s->record);
	store_bind(st, 2, f->modified);
	s->counts.changed++;
	return store_run(s, st) && forget_record(s);
}

static bool record_row(struct feed_store *s, const struct feed_record *f)
{
	char stored[40] = "";
	bool known = false;
	if (!s->source || !f->name.n)
		return out_of_order(s);
	s->vulnerability = s->record_vulnerability = 0;
	s->record_has_vulnerability = false;
	sqlite3_stmt *st = store_statement(s, FIND_RECORD);
	sqlite3_bind_int64(st, 1, s->source);
	store_bind(st, 2, f->name);
	if (sqlite3_step(st) == SQLITE_ROW) {
		known = true;
		s->record = sqlite3_column_int64(st, 0);
		copy_text(stored, sizeof stored, text_c((const char *)sqlite3_column_text(st, 1)));
	}
	sqlite3_reset(st);
	if (f->modified.n && later(f->modified, s->newest))
		copy_text(s->newest, sizeof s->newest, f->modified);
	s->skip_record = known && f->modified.n && !later(f->modified, stored);
	s->counts.unchanged += s->skip_record;
	if (s->skip_record)
		return true;
	if (known && s->whole_source) /* what was there is forgotten already: a second part of the same record */
		return true;
	if (known)
		return renew_record(s, f);
	st = store_statement(s, ADD_RECORD);
	sqlite3_bind_int64(st, 1, s->source);
	store_bind(st, 2, f->name);
	store_bind(st, 3, f->modified);
	s->counts.added++;
	bool ok = store_run(s, st);
	s->record = sqlite3_last_insert_rowid(s->db);
	return ok;
}

/* A record with criteria is about one vulnerability: its first. */
static bool vulnerability_row(struct feed_store *s, const struct feed_vulnerability *f)
{
	if (!f->name.n)
		return out_of_order(s);
	s->vulnerability = store_merge(s, f);
	if (!s->vulnerability || !s->record || s->record_has_vulnerability)
		return s->vulnerability != 0;
	s->record_has_vulnerability = true;
	s->record_vulnerability = s->vulnerability;
	sqlite3_stmt *st = store_statement(s, SET_RECORD_VULNERABILITY);
	sqlite3_bind_int64(st, 1, s->record);
	sqlite3_bind_int64(st, 2, s->vulnerability);
	return store_run(s, st);
}

static bool alias_row(struct feed_store *s, const struct feed_alias *f)
{
	sqlite3_stmt *st = store_statement(s, ADD_ALIAS);
	store_bind(st, 1, f->name);
	sqlite3_bind_int64(st, 2, s->vulnerability);
	return !f->name.n || store_run(s, st);
}

static bool node_row(struct feed_store *s, const struct feed_node *f)
{
	sqlite3_stmt *st = store_statement(s, ADD_NODE);
	sqlite3_bind_int64(st, 1, s->record);
	sqlite3_bind_int64(st, 2, f->configuration);
	sqlite3_bind_int64(st, 3, f->node);
	if (f->parent >= 0)
		sqlite3_bind_int64(st, 4, f->parent);
	else
		sqlite3_bind_null(st, 4);
	store_bind(st, 5, f->operator);
	sqlite3_bind_int64(st, 6, f->negate);
	return store_run(s, st);
}

static bool fix_row(struct feed_store *s, const struct feed_fix *f)
{
	sqlite3_stmt *st = store_statement(s, ADD_FIX);
	store_bind(st, 1, f->distribution);
	store_bind(st, 2, f->package);
	sqlite3_bind_int64(st, 3, s->vulnerability);
	sqlite3_bind_int64(st, 4, s->source);
	sqlite3_bind_int64(st, 5, s->record);
	store_bind(st, 6, f->status);
	store_bind(st, 7, f->version);
	store_bind(st, 8, f->note);
	return store_run(s, st);
}

static bool kev_row(struct feed_store *s, const struct feed_kev *f)
{
	sqlite3_stmt *st = store_statement(s, ADD_KEV);
	sqlite3_bind_int64(st, 1, s->vulnerability);
	store_bind(st, 2, f->added);
	store_bind(st, 3, f->due);
	sqlite3_bind_int64(st, 4, f->ransomware);
	store_bind(st, 5, f->action);
	s->counts.added++;
	return store_run(s, st);
}

static bool epss_row(struct feed_store *s, const struct feed_epss *f)
{
	sqlite3_stmt *st = store_statement(s, ADD_EPSS);
	sqlite3_bind_int64(st, 1, s->vulnerability);
	sqlite3_bind_double(st, 2, f->score);
	sqlite3_bind_double(st, 3, f->percentile);
	store_bind(st, 4, f->day);
	s->counts.added++;
	return store_run(s, st);
}

static bool vex_row(struct feed_store *s, const struct feed_vex *f)
{
	sqlite3_stmt *st = store_statement(s, ADD_VEX);
	store_bind(st, 1, f->product);
	sqlite3_bind_int64(st, 2, s->vulnerability);
	sqlite3_bind_int64(st, 3, s->source);
	sqlite3_bind_int64(st, 4, s->record);
	store_bind(st, 5, f->status);
	store_bind(st, 6, f->justification);
	store_bind(st, 7, f->statement);
	store_bind(st, 8, f->version);
	store_bind(st, 9, f->component);
	return store_run(s, st);
}

static bool part_row(struct feed_store *s, const struct feed_part *f)
{
	sqlite3_stmt *st = store_statement(s, ADD_PART);
	sqlite3_bind_int64(st, 1, s->vulnerability);
	sqlite3_bind_int64(st, 2, s->record);
	store_bind(st, 3, f->product.p ? f->product : TEXT_LIT(""));
	store_bind(st, 4, f->kind.p ? f->kind : TEXT_LIT(""));
	store_bind(st, 5, f->name.p ? f->name : TEXT_LIT(""));
	return store_run(s, st);
}

/* Rows about a vulnerability; all but these of whole sources belong to a record. */
static bool detail_row(struct feed_store *s, enum feed_row_kind kind, const void *row)
{
	bool of_record = kind != FEED_KEV && kind != FEED_EPSS && kind != FEED_ALIAS;
	if (!s->source || !s->vulnerability || (of_record && !s->record))
		return out_of_order(s);
	if (of_record && (!s->whole_source || kind == FEED_VEX) && !store_touch(s, s->vulnerability))
		return false;
	if ((kind == FEED_CRITERION || kind == FEED_NODE) && !store_touch(s, s->record_vulnerability))
		return false;
	switch (kind) {
	case FEED_ALIAS:
		return alias_row(s, row);
	case FEED_CRITERION:
		return store_criterion(s, row);
	case FEED_NODE:
		return node_row(s, row);
	case FEED_FIX:
		return fix_row(s, row);
	case FEED_KEV:
		return kev_row(s, row);
	case FEED_EPSS:
		return epss_row(s, row);
	case FEED_VEX:
		return vex_row(s, row);
	case FEED_PART:
		return part_row(s, row);
	default:
		return out_of_order(s);
	}
}

bool store_row(struct feed_sink *sink, enum feed_row_kind kind, const void *row)
{
	struct feed_store *s = (struct feed_store *)sink;
	if (error_is(&s->error))
		return false;
	store_mix_row(s, kind, row);
	if (kind == FEED_SOURCE)
		return source_row(s, row);
	if (s->skip_source)
		return true;
	if (kind == FEED_RECORD)
		return record_row(s, row);
	if (s->skip_record)
		return true;
	return kind == FEED_VULNERABILITY ? vulnerability_row(s, row) : detail_row(s, kind, row);
}
