/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/declared.h"
#include "report/view_internal.h"
#include "sql/sql.h"

/* Rows of one key: more than any honest case has. What is beyond is compared in the order in which it comes. */
#define GROUP_MAX 256u

const char *const diff_kind_words[DIFF_KINDS] = { "added", "removed", "changed" };

struct item {
	char *label, *value;
	int64_t rank;
	bool paired;
};

/* The rows of one case, walked key by key. */
struct side {
	sqlite3 *db;
	sqlite3_stmt *rows;
	bool more; /* the statement stands at a row */
	char *key; /* of the group at hand; NULL: there is none */
	struct item group[GROUP_MAX];
	size_t n;
};

struct walk {
	const struct diff_topic *topic;
	bool uncertain;
	struct diff_counts *counts;
	bool (*row)(void *context, const struct diff_row *row);
	void *context;
	bool stopped;
};

static void forget_group(struct side *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->group[i].label);
		free(s->group[i].value);
	}
	free(s->key);
	s->key = NULL;
	s->n = 0;
}

static char *column_copy(sqlite3_stmt *rows, int i)
{
	const char *text = (const char *)sqlite3_column_text(rows, i);
	return strdup(text ? text : "");
}

/* Byte by byte, as SQLite sorts them. */
static bool is_same_key(const struct side *s)
{
	const char *key = (const char *)sqlite3_column_text(s->rows, 0);
	return strcmp(s->key, key ? key : "") == 0;
}

/* Reads the rows of the next key. */
static struct error next_group(struct side *s)
{
	struct error e = error_none();
	forget_group(s);
	if (!s->more)
		return e;
	s->key = column_copy(s->rows, 0);
	while (!error_is(&e) && s->key && s->more && s->n < GROUP_MAX && is_same_key(s)) {
		struct item *item = &s->group[s->n++];
		*item = (struct item){ column_copy(s->rows, 1), column_copy(s->rows, 2), sqlite3_column_int64(s->rows, 3), false };
		if (!item->label || !item->value)
			return error_at(ERR_MEMORY, 0, "out of memory while comparing");
		s->more = view_step(s->rows, &e);
	}
	return s->key ? e : error_at(ERR_MEMORY, 0, "out of memory while comparing");
}

static bool can_hide(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	bool can = sqlite3_prepare_v2(db, "SELECT report_hide(NULL, '')", -1, &s, NULL) == SQLITE_OK;
	sqlite3_finalize(s);
	return can;
}

/* A case of another version may lack a table: then it has no rows. */
static struct error begin(struct side *s, const struct diff_topic *topic)
{
	struct error e = can_hide(s->db) ? error_none() : view_hide(s->db);
	if (error_is(&e))
		return e;
	char *sql = sqlite3_mprintf("SELECT * FROM (%s) ORDER BY 1, 3", topic->sql);
	if (!sql)
		return error_at(ERR_MEMORY, 0, "out of memory while comparing");
	view_keep_named(s->db, topic->sql);
	if (sqlite3_prepare_v2(s->db, sql, -1, &s->rows, NULL) == SQLITE_OK)
		s->more = view_step(s->rows, &e);
	sqlite3_free(sql);
	return error_is(&e) ? e : next_group(s);
}

static void emit(struct walk *w, enum diff_kind kind, const struct item *old, const struct item *new)
{
	const struct item *one = new ? new : old;
	if (w->stopped || (w->topic->only_changed && kind != DIFF_CHANGED))
		return;
	bool worse = new && (kind == DIFF_CHANGED ? old && new->rank > old->rank
											  : kind == DIFF_ADDED && w->topic->added_counts && new->rank > 0);
	struct diff_row row = {
		.topic = w->topic,
		.kind = kind,
		.label = text_c(one->label),
		.regression = worse && !(w->uncertain && kind == DIFF_ADDED),
		.uncertain = w->uncertain,
	};
	if (old)
		row.old_value = text_c(old->value);
	if (new)
		row.new_value = text_c(new->value);
	w->counts->n[kind]++;
	w->counts->regressions += row.regression;
	w->counts->uncertain += row.uncertain;
	if (w->row)
		w->stopped = !w->row(w->context, &row);
}

/* The rows of one key in both cases: what is equal goes, the rest is paired in its order. */
static void compare_groups(struct walk *w, struct side *old, struct side *new)
{
	for (size_t i = 0; i < old->n; i++)
		for (size_t k = 0; k < new->n && !old->group[i].paired; k++)
			if (!new->group[k].paired && strcmp(old->group[i].value, new->group[k].value) == 0)
				old->group[i].paired = new->group[k].paired = true;
	size_t k = 0;
	for (size_t i = 0; i < old->n; i++) {
		if (old->group[i].paired)
			continue;
		while (k < new->n && new->group[k].paired)
			k++;
		if (k < new->n)
			emit(w, DIFF_CHANGED, &old->group[i], &new->group[k++]);
		else
			emit(w, DIFF_REMOVED, &old->group[i], NULL);
	}
	for (; k < new->n; k++)
		if (!new->group[k].paired)
			emit(w, DIFF_ADDED, NULL, &new->group[k]);
}

static struct error merge(struct walk *w, struct side *old, struct side *new)
{
	struct error e = error_none();
	while (!error_is(&e) && !w->stopped && (old->key || new->key)) {
		int order = !old->key ? 1 : !new->key ? -1 : strcmp(old->key, new->key);
		if (order < 0)
			for (size_t i = 0; i < old->n; i++)
				emit(w, DIFF_REMOVED, &old->group[i], NULL);
		else if (order > 0)
			for (size_t i = 0; i < new->n; i++)
				emit(w, DIFF_ADDED, NULL, &new->group[i]);
		else
			compare_groups(w, old, new);
		if (order <= 0)
			e = next_group(old);
		if (!error_is(&e) && order >= 0)
			e = next_group(new);
	}
	return e;
}

static bool is_whole_bill(sqlite3 *db)
{
	return declared_alone(db) && sql_number(db, "SELECT count(*) FROM damage", -1) == 0 &&
		   sql_number(db, "SELECT count(*) FROM probe_run WHERE probe = 'firmware.unpack' AND detail IS NOT '" DECLARED_ALONE_DETAIL "'", -1) == 0;
}

bool diff_of_bills(sqlite3 *old, sqlite3 *new)
{
	return is_whole_bill(old) && is_whole_bill(new);
}

/* Whether the case's rows of that topic are whole; `bills`: as diff_of_bills() says. why[] (256 bytes) names the probes that are not
 * complete. */
static struct error diff_is_whole(sqlite3 *db, const struct diff_topic *topic, bool bills, bool *whole, char why[256])
{
	sqlite3_stmt *s = NULL;
	why[0] = 0;
	*whole = true;
	if (sqlite3_prepare_v2(db, "SELECT coalesce(min(status = 'complete'), 0) FROM probe_run WHERE probe = ?", -1, &s, NULL))
		return view_error(db, "reading the probe runs");
	for (size_t i = 0; topic->probes[i]; i++) {
		if (bills && topic->declared && strncmp(topic->probes[i], "firmware.", 9) == 0)
			continue;
		sqlite3_bind_text(s, 1, topic->probes[i], -1, SQLITE_STATIC);
		bool complete = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0) != 0;
		sqlite3_reset(s);
		size_t n = strlen(why);
		if (!complete)
			snprintf(why + n, 256 - n, "%s%s", n ? ", " : "", topic->probes[i]);
		*whole &= complete;
	}
	sqlite3_finalize(s);
	return error_none();
}

struct error diff_walk(sqlite3 *old_db, sqlite3 *new_db, const struct diff_topic *topic, struct diff_counts *counts,
					   bool (*row)(void *context, const struct diff_row *row), void *context)
{
	struct side *old = calloc(1, sizeof *old), *new = calloc(1, sizeof *new);
	struct walk w = { .topic = topic, .counts = counts, .row = row, .context = context };
	bool old_whole, new_whole, bills = diff_of_bills(old_db, new_db);
	char why[256];
	struct error e = old && new ? error_none() : error_at(ERR_MEMORY, 0, "out of memory while comparing");
	*counts = (struct diff_counts){ { 0 }, 0, 0 };
	if (!error_is(&e))
		e = diff_is_whole(old_db, topic, bills, &old_whole, why);
	if (!error_is(&e))
		e = diff_is_whole(new_db, topic, bills, &new_whole, why);
	if (!error_is(&e)) {
		w.uncertain = !old_whole || !new_whole;
		old->db = old_db;
		new->db = new_db;
		e = begin(old, topic);
	}
	if (!error_is(&e))
		e = begin(new, topic);
	if (!error_is(&e))
		e = merge(&w, old, new);
	for (size_t i = 0; old && new && i < 2; i++) {
		forget_group(i ? new : old);
		sqlite3_finalize(i ? new->rows : old->rows);
	}
	free(old);
	free(new);
	return e;
}
