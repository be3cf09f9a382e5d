/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Views: those of packs as temporary views, and tables in the place of views that would be evaluated time and again. */

#include "case/case.h"
#include "judge/query.h"
#include "sql/sql.h"

/* Texts that name a view from which on it is evaluated once, and the rows that are worth it. */
#define MANY 3u
#define ROWS_MAX 20000u

struct error query_create_view(sqlite3 *db, const struct query_view *view)
{
	char *sql = sqlite3_mprintf("CREATE TEMP VIEW \"%w\" AS %s", view->name, view->sql);
	sqlite3_stmt *s = NULL;
	int r = sql ? sqlite3_prepare_v2(db, sql, -1, &s, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	if (r == SQLITE_OK)
		r = sqlite3_step(s);
	sqlite3_finalize(s);
	return r == SQLITE_DONE ? error_none()
							: error_at(ERR_IO, 0, "creating the view %s: %s", view->name, sqlite3_errmsg(db));
}

void query_drop_view(sqlite3 *db, const struct query_view *view)
{
	(void)sql_run(db, sqlite3_mprintf("DROP VIEW IF EXISTS temp.\"%w\"", view->name));
}

void query_drop_table(sqlite3 *db, const struct query_view *view)
{
	(void)sql_run(db, sqlite3_mprintf("DROP TABLE IF EXISTS temp.\"%w\"", view->name));
}

struct keeping {
	uint64_t steps_left;
	struct query_budget *all;
	int64_t memory_max;
};

static int on_keeping(void *context)
{
	struct keeping *k = context;
	bool ends = !query_budget_take(k->all, CASE_KEEP_STEPS) || k->steps_left < CASE_KEEP_STEPS || sqlite3_memory_used() > k->memory_max;
	k->steps_left -= ends ? 0 : CASE_KEEP_STEPS;
	return ends;
}

static struct keeping keeping_within(const struct query_limits *limits)
{
	return (struct keeping){ .steps_left = limits->steps, .all = limits->all, .memory_max = sqlite3_memory_used() + limits->memory };
}

bool query_keep_view(sqlite3 *db, const struct query_view *views, size_t nviews, size_t which,
					 const struct query_limits *limits)
{
	struct query_guard g;
	char why[256];
	size_t at;
	query_guard_begin(&g, db, limits, views, nviews);
	sqlite3_stmt *from = query_prepare(&g, views[which].sql, why, &at);
	sqlite3_set_authorizer(db, NULL, NULL); /* what follows is ours */
	struct keeping k = keeping_within(limits);
	bool ok = from && case_keep_rows(db, views[which].name, from, &(struct case_keep){ on_keeping, &k, ROWS_MAX });
	query_guard_end(&g);
	return ok;
}

/* A view is wanted when a text names it, or a later one that is wanted does; it pays when it is costly, or many do. That must
 * not hang on what is in the case, as a table and a view may give their rows in another order; but what nobody asks in this
 * case need not be made. */
static void choose(const struct query_mentions *mentions, bool pays[QUERY_STANDARD_MAX])
{
	unsigned n[QUERY_STANDARD_MAX] = { 0 };
	bool asked[QUERY_STANDARD_MAX] = { false };
	struct query_words words = { 0 };
	size_t count = 0;
	for (; count < QUERY_STANDARD_MAX && case_views[count].name; count++)
		query_words_add(&words, case_views[count].name, (unsigned)count);
	for (size_t i = count; i > 0; i--) {
		const struct case_view *v = &case_views[i - 1];
		bool found[QUERY_WORDS_MAX] = { false };
		n[i - 1] += mentions ? mentions->n[i - 1] : case_view_is_costly(v->name);
		pays[i - 1] = n[i - 1] >= MANY || (n[i - 1] > 0 && case_view_is_costly(v->name));
		asked[i - 1] |= !mentions || mentions->asked[i - 1];
		if (n[i - 1] > 0)
			query_words_find(&words, v->sql, found);
		for (size_t k = 0; k + 1 < i; k++)
			n[k] += found[k] * (pays[i - 1] ? 1 : n[i - 1]);
		for (size_t k = 0; asked[i - 1] && k + 1 < i; k++)
			asked[k] |= found[k];
		pays[i - 1] &= asked[i - 1];
	}
}

static bool keep(sqlite3 *db, const struct query_limits *limits, size_t i, const struct query_empty *empty, bool *temporary)
{
	const struct case_view *v = &case_views[i];
	if (query_words_hold(&empty->names, text_c(v->name)))
		return case_keep_empty(db, v, query_view_columns[i], temporary);
	struct keeping k = keeping_within(limits);
	size_t rows_max = case_view_is_costly(v->name) ? SIZE_MAX : ROWS_MAX;
	return case_keep_view(db, v, &(struct case_keep){ on_keeping, &k, rows_max }, temporary);
}

void query_keep_views(sqlite3 *db, const struct query_limits *limits, const struct query_mentions *mentions,
					  const struct query_empty *empty, struct query_kept *kept)
{
	bool pays[QUERY_STANDARD_MAX] = { false };
	struct query_empty found;
	*kept = (struct query_kept){ 0 };
	choose(mentions, pays);
	if (!empty)
		query_empty_find(db, &found);
	for (size_t i = 0; i < QUERY_STANDARD_MAX && case_views[i].name; i++)
		if (pays[i])
			kept->table[i] = keep(db, limits, i, empty ? empty : &found, &kept->temporary[i]);
}

void query_release_views(sqlite3 *db, const struct query_kept *kept)
{
	for (size_t i = 0; i < QUERY_STANDARD_MAX && case_views[i].name; i++)
		if (kept->table[i])
			case_release_view(db, &case_views[i], kept->temporary[i]);
}
