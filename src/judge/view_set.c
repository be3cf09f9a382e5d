/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The views of a pack while its requirements are judged. */
#include <stdlib.h>
#include <string.h>

#include "judge/bench.h"

/* Queries that name a view from which on it is evaluated once for all of them. */
#define MANY 2u

struct empties {
	const struct pack *home; /* NULL: the standard views */
	struct query_empty names;
	struct empties *next;
};

static void drop_views(struct view_set *set)
{
	for (size_t i = set->home ? set->home->nviews : 0; i > 0; i--) {
		if (set->state[i - 1] == VIEW_THERE)
			query_drop_view(set->db, &set->home->views[i - 1]);
		if (set->state[i - 1] == VIEW_TABLE)
			query_drop_table(set->db, &set->home->views[i - 1]);
		set->state[i - 1] = VIEW_ABSENT;
	}
	set->home = NULL;
}

void view_set_end(struct view_set *set)
{
	drop_views(set);
	probe_runs_free(set->runs);
	set->runs = NULL;
	while (set->empties) {
		struct empties *next = set->empties->next;
		free(set->empties);
		set->empties = next;
	}
	set->empty = NULL;
}

static struct error make(struct view_set *set, size_t i)
{
	const struct pack *p = set->home;
	if (p->view_named[i] >= MANY && query_keep_view(set->db, p->views, p->nviews, i, set->limits)) {
		set->state[i] = VIEW_TABLE;
		return error_none();
	}
	struct error e = query_create_view(set->db, &p->views[i]);
	if (!error_is(&e))
		set->state[i] = VIEW_THERE;
	return e;
}

/* The views of its pack that a query names, and what these name in turn, by their number in the pack's words. */
static void find_names(const struct pack *home, const char *sql, bool found[QUERY_WORDS_MAX])
{
	memset(found, 0, QUERY_WORDS_MAX * sizeof *found);
	query_words_find(home->words, sql, found);
	for (size_t i = home->nviews; i > 0; i--)
		for (size_t k = 0; found[QUERY_STANDARD_MAX + i - 1] && k < QUERY_WORDS_MAX; k++)
			found[k] |= home->view_names[i - 1].found[k];
}

struct asking {
	struct view_set *set;
	const struct requirement *r;
	struct query_mentions *m;
};

static bool ask_views(const char *sql, const void *context)
{
	const struct asking *a = context;
	bool found[QUERY_WORDS_MAX];
	if (a->set && view_set_is_empty(a->set, sql))
		return false;
	find_names(a->r->home, sql, found);
	for (size_t i = 0; i < QUERY_STANDARD_MAX; i++)
		a->m->asked[i] |= found[i];
	return false;
}

/* What a requirement asks for asks for nothing in turn but what was loaded before it. */
void view_mentions(struct view_set *set, const struct requirement *r, struct query_mentions *m)
{
	const struct asking asking = { set, r, m };
	for (size_t i = 0; i < QUERY_STANDARD_MAX; i++)
		m->n[i] += r->uses->standard[i];
	if (set)
		view_set_open(set, r->home);
	(void)requirement_any_query(r, ask_views, &asking);
	for (size_t i = 0; i < r->nparts; i++)
		view_mentions(set, r->parts[i], m);
}

static bool reads_documents(const char *sql, const void *context)
{
	(void)context;
	return strstr(sql, "document") != NULL; /* the tables and standard views of documents have it in their names */
}

bool requirement_reads_documents(const struct requirement *r)
{
	for (size_t i = 0; i < r->home->nviews; i++)
		if (r->uses->wanted[i] && reads_documents(r->home->views[i].sql, NULL))
			return true;
	return requirement_any_query(r, reads_documents, NULL);
}

static bool asks_conflicts(const char *sql, const void *context)
{
	(void)context;
	return query_names(sql, "conformance_conflict");
}

bool requirement_asks_conflicts(const struct requirement *r)
{
	for (size_t i = 0; i < r->home->nviews; i++)
		if (r->uses->wanted[i] && asks_conflicts(r->home->views[i].sql, NULL))
			return true;
	for (size_t i = 0; i < r->nparts; i++)
		if (requirement_asks_conflicts(r->parts[i]))
			return true;
	return requirement_any_query(r, asks_conflicts, NULL);
}

static const struct query_empty *known_empty(const struct view_set *set, const struct pack *home)
{
	const struct empties *e = set->empties;
	while (e && e->home != home)
		e = e->next;
	return e ? &e->names : NULL;
}

const struct query_empty *view_set_empty(const struct view_set *set)
{
	return known_empty(set, NULL);
}

/* Without memory for it nothing is known, and all is asked. */
static struct query_empty *add_empty(struct view_set *set, const struct pack *home)
{
	struct empties *e = malloc(sizeof *e);
	if (!e)
		return NULL;
	e->home = home;
	e->next = set->empties;
	set->empties = e;
	return &e->names;
}

static const struct query_empty *find_empty(struct view_set *set, const struct pack *home)
{
	const struct query_empty *known = known_empty(set, home), *standard = known_empty(set, NULL);
	if (known)
		return known;
	struct query_empty *names = standard ? NULL : add_empty(set, NULL);
	if (names)
		query_empty_find(set->db, names);
	standard = standard ? standard : names;
	names = standard ? add_empty(set, home) : NULL;
	if (!names)
		return NULL;
	*names = *standard;
	query_empty_views(names, home->views, home->nviews);
	return names;
}

void view_set_open(struct view_set *set, const struct pack *home)
{
	if (set->home == home)
		return;
	drop_views(set);
	set->home = home;
	set->empty = find_empty(set, home);
}

bool view_set_is_empty(const struct view_set *set, const char *sql)
{
	return query_is_empty(set->empty, sql);
}

struct error view_set_ready(struct view_set *set, const char *sql)
{
	bool found[QUERY_WORDS_MAX];
	struct error e = error_none();
	if (set->home->nviews == 0)
		return e;
	find_names(set->home, sql, found);
	for (size_t i = 0; !error_is(&e) && i < set->home->nviews; i++)
		if (found[QUERY_STANDARD_MAX + i] && set->state[i] == VIEW_ABSENT)
			e = make(set, i);
	return e;
}
