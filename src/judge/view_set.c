/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The views of a pack while its requirements are judged. */
#include "judge/bench.h"

/* Queries that name a view from which on it is evaluated once for all of them. */
#define MANY 2u

static bool names(const char *sql, const void *view)
{
	return query_names(sql, view);
}

void view_set_drop(struct view_set *set)
{
	for (size_t i = set->home ? set->home->nviews : 0; i > 0; i--) {
		if (set->state[i - 1] == VIEW_THERE)
			query_drop_view(set->db, &set->home->views[i - 1]);
		if (set->state[i - 1] == VIEW_TABLE)
			query_drop_table(set->db, &set->home->views[i - 1]);
		set->state[i - 1] = VIEW_ABSENT;
		set->named[i - 1] = 0;
	}
	set->home = NULL;
}

struct count {
	const char *name;
	unsigned n;
};

static bool count_query(const char *sql, const void *context)
{
	struct count *c = *(struct count *const *)context;
	c->n += query_names(sql, c->name);
	return false;
}

/* How many queries that were written in that pack name each view, themselves or by its later views. */
static void count_names(struct view_set *set)
{
	const struct pack *p = set->home;
	for (size_t i = p->nviews; i > 0; i--) {
		struct count c = { .name = p->views[i - 1].name }, *count = &c;
		for (size_t k = 0; k < p->nrequirements && c.n < MANY; k++)
			if (p->requirements[k].home == p)
				(void)requirement_any_query(&p->requirements[k], count_query, &count);
		for (size_t k = i; k < p->nviews && c.n < MANY; k++)
			if (names(p->views[k].sql, c.name))
				c.n += set->named[k];
		set->named[i - 1] = c.n;
	}
}

static struct error make(struct view_set *set, size_t i)
{
	const struct pack *p = set->home;
	if (set->named[i] >= MANY && query_keep_view(set->db, p->views, p->nviews, i, set->limits)) {
		set->state[i] = VIEW_TABLE;
		return error_none();
	}
	struct error e = query_create_view(set->db, &p->views[i]);
	if (!error_is(&e))
		set->state[i] = VIEW_THERE;
	return e;
}

struct search {
	const struct query_view *views;
	size_t n;
	bool *found;
};

static bool search_query(const char *sql, const void *context)
{
	const struct search *s = *(const struct search *const *)context;
	query_find_views(sql, s->views, s->n, s->found);
	return false;
}

/* Which views of its pack the requirement's queries name, or the later views that they name. */
static void choose_wanted(const struct requirement *r, bool wanted[VIEWS_MAX])
{
	const struct search search = { r->home->views, r->home->nviews, wanted }, *s = &search;
	(void)requirement_any_query(r, search_query, &s);
	for (size_t i = s->n; i > 0; i--)
		if (wanted[i - 1])
			query_find_views(s->views[i - 1].sql, s->views, i - 1, wanted);
}

static bool mention(const char *sql, const void *mentions)
{
	query_mention(*(struct query_mentions *const *)mentions, sql);
	return false;
}

/* What a requirement asks for asks for nothing in turn but what was loaded before it. */
void view_mentions(const struct requirement *r, struct query_mentions *m)
{
	bool wanted[VIEWS_MAX] = { false };
	choose_wanted(r, wanted);
	(void)requirement_any_query(r, mention, &m);
	for (size_t i = 0; i < r->home->nviews; i++)
		if (wanted[i])
			query_mention(m, r->home->views[i].sql);
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
	bool wanted[VIEWS_MAX] = { false };
	choose_wanted(r, wanted);
	for (size_t i = 0; i < r->home->nviews; i++)
		if (wanted[i] && reads_documents(r->home->views[i].sql, NULL))
			return true;
	return requirement_any_query(r, reads_documents, NULL);
}

struct error view_set_ready(struct view_set *set, const struct requirement *r)
{
	bool wanted[VIEWS_MAX] = { false };
	struct error e = error_none();
	if (set->home != r->home) {
		view_set_drop(set);
		set->home = r->home;
		count_names(set);
	}
	choose_wanted(r, wanted);
	for (size_t i = 0; !error_is(&e) && i < set->home->nviews; i++)
		if (wanted[i] && set->state[i] == VIEW_ABSENT)
			e = make(set, i);
	return e;
}
