/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which views the queries of a pack name: found once, when it is loaded, for all that asks it later. */

#include "case/case.h"
#include "judge/internal.h"

bool uses_of_views(struct loader *l)
{
	struct pack *p = l->pack;
	p->view_names = ARENA_ARRAY(l->packs->arena, struct view_names, p->nviews);
	p->words = ARENA_NEW(l->packs->arena, struct query_words);
	if (!p->view_names || !p->words)
		return doc_fail(&l->doc, NULL, "out of memory");
	for (unsigned i = 0; i < QUERY_STANDARD_MAX && case_views[i].name; i++)
		query_words_add(p->words, case_views[i].name, i);
	/* A view can name those before it alone. */
	for (unsigned i = 0; i < p->nviews; i++) {
		query_words_find(p->words, p->views[i].sql, p->view_names[i].found);
		query_words_add(p->words, p->views[i].name, QUERY_STANDARD_MAX + i);
	}
	return true;
}

struct reading {
	const struct query_words *words;
	struct requirement_uses *uses;
};

static bool read_query(const char *sql, const void *context)
{
	const struct reading *reading = context;
	bool found[QUERY_WORDS_MAX] = { false };
	query_words_find(reading->words, sql, found);
	for (size_t i = 0; i < QUERY_STANDARD_MAX; i++)
		reading->uses->standard[i] += found[i];
	for (size_t i = 0; i < VIEWS_MAX; i++)
		reading->uses->named[i] += found[QUERY_STANDARD_MAX + i];
	return false;
}

bool uses_of_requirement(struct loader *l, struct requirement *r)
{
	struct requirement_uses *uses = ARENA_NEW(l->packs->arena, struct requirement_uses);
	if (!uses)
		return doc_fail(&l->doc, NULL, "out of memory");
	const struct reading reading = { r->home->words, uses };
	(void)requirement_any_query(r, read_query, &reading);
	for (size_t i = r->home->nviews; i > 0; i--) {
		uses->wanted[i - 1] |= uses->named[i - 1] > 0;
		if (!uses->wanted[i - 1])
			continue;
		const bool *found = r->home->view_names[i - 1].found;
		for (size_t k = 0; k < QUERY_STANDARD_MAX; k++)
			uses->standard[k] += found[k];
		for (size_t k = 0; k + 1 < i; k++)
			uses->wanted[k] |= found[QUERY_STANDARD_MAX + k];
	}
	r->uses = uses;
	return true;
}

void uses_count(struct pack *p)
{
	for (size_t i = p->nviews; i > 0; i--) {
		for (size_t k = 0; k < p->nrequirements; k++)
			if (p->requirements[k].home == p)
				p->view_named[i - 1] += p->requirements[k].uses->named[i - 1];
		for (size_t k = i; k < p->nviews; k++)
			if (p->view_names[k].found[QUERY_STANDARD_MAX + i - 1])
				p->view_named[i - 1] += p->view_named[k];
	}
}
