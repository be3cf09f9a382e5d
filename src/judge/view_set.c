/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The views of a pack while its requirements are judged. */
#include "judge/bench.h"

/* Queries that name a view from which on it is evaluated once for all of them. */
#define MANY 2u

void view_set_drop(struct view_set *set)
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

/* What a requirement asks for asks for nothing in turn but what was loaded before it. */
void view_mentions(const struct requirement *r, struct query_mentions *m)
{
	for (size_t i = 0; i < QUERY_STANDARD_MAX; i++)
		m->n[i] += r->uses->standard[i];
	for (size_t i = 0; i < r->nparts; i++)
		view_mentions(r->parts[i], m);
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
	return strstr(sql, "conformance_conflict") != NULL;
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

struct error view_set_ready(struct view_set *set, const struct requirement *r)
{
	struct error e = error_none();
	if (set->home != r->home) {
		view_set_drop(set);
		set->home = r->home;
	}
	for (size_t i = 0; !error_is(&e) && i < set->home->nviews; i++)
		if (r->uses->wanted[i] && set->state[i] == VIEW_ABSENT)
			e = make(set, i);
	return e;
}
