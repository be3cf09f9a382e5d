/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of each guideline is decided, by what, and which input would decide most; its measures. */
#include <stdlib.h>
#include <string.h>

#include "report/view_internal.h"

static const char *const measure_columns[MEASURE_COLUMNS] = {
	"id", "name", "title", "unit", "formula", "better", "value", "missing", "thresholds_json", "evidence_total",
};

struct error view_measures(struct view *v, int64_t verdict_id, sqlite3_stmt **stmt)
{
	struct error e = error_none();
	if (!v->measures)
		e = view_select(v->db, "measure", measure_columns, MEASURE_COLUMNS, "WHERE verdict_id = ?1 ORDER BY position, id", &v->measures);
	if (error_is(&e))
		return e;
	sqlite3_reset(v->measures);
	sqlite3_bind_int64(v->measures, 1, verdict_id);
	*stmt = v->measures;
	return e;
}

struct error view_standing(struct view *v, sqlite3_stmt **stmt)
{
	static const char *const columns[STANDING_COLUMNS] = { "requirement", "measure", "products", "lower", "equal", "higher" };
	return view_select(v->db, "standing", columns, STANDING_COLUMNS, "ORDER BY id", stmt);
}

static int64_t weight_of(struct text severity)
{
	return text_is(severity, "critical") ? 8 : text_is(severity, "high") ? 4 : text_is(severity, "medium") ? 2 : 1;
}

/* A case of before the judge told them apart has evidence only. */
static enum view_coverage coverage_of(enum view_verdict verdict, struct text basis)
{
	switch (verdict) {
	case VIEW_NOT_APPLICABLE:
		return VIEW_DOES_NOT_APPLY;
	case VIEW_INCONCLUSIVE:
		return text_is(basis, "declared") ? VIEW_DECLARED_ONLY : VIEW_NOT_DECIDED;
	default:
		return text_is(basis, "declaration") ? VIEW_BY_DECLARATION : VIEW_BY_EVIDENCE;
	}
}

static void add_next(struct view_pack *p, struct text settles, int64_t weight, struct arena *a)
{
	size_t i = 0;
	while (i < p->nnext && !text_is(settles, p->next[i].settles))
		i++;
	if (i == VIEW_NEXT_MAX)
		return;
	if (i == p->nnext) {
		const char *copy = arena_strdup(a, settles);
		if (!copy)
			return;
		p->next[p->nnext++] = (struct view_next){ .settles = copy };
	}
	p->next[i].requirements++;
	p->next[i].weight += weight;
}

static void add_verdict(struct view_pack *p, sqlite3_stmt *s, struct arena *a)
{
	enum view_verdict verdict = view_verdict_of(view_text(s, 4));
	struct text settles = view_text(s, 7);
	p->counts.n[verdict]++;
	p->coverage[coverage_of(verdict, view_text(s, 5))]++;
	p->requirements++;
	if (verdict == VIEW_INCONCLUSIVE && settles.n)
		add_next(p, settles, weight_of(view_text(s, 6)), a);
}

static struct view_pack *new_pack(sqlite3_stmt *s, struct arena *a)
{
	struct view_pack *p = ARENA_NEW(a, struct view_pack);
	if (!p || !(p->next = ARENA_ARRAY(a, struct view_next, VIEW_NEXT_MAX)))
		return NULL;
	p->pack = arena_strdup(a, view_text(s, 0));
	p->title = view_text(s, 1).p ? arena_strdup(a, view_text(s, 1)) : NULL;
	p->version = view_text(s, 2).p ? arena_strdup(a, view_text(s, 2)) : NULL;
	p->first = view_int(s, 3);
	return p->pack ? p : NULL;
}

static int by_weight(const void *a, const void *b)
{
	const struct view_next *x = a, *y = b;
	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	if (x->requirements != y->requirements)
		return x->requirements < y->requirements ? 1 : -1;
	return strcmp(x->settles, y->settles);
}

static int by_first(const void *a, const void *b)
{
	const struct view_pack *const *x = a, *const *y = b;
	return ((*x)->first > (*y)->first) - ((*x)->first < (*y)->first);
}

/* Into the order of their first verdicts. */
static struct view_pack *in_order(struct view_pack *first, size_t n, struct arena *a)
{
	struct view_pack **all = ARENA_ARRAY(a, struct view_pack *, n + 1);
	if (!all)
		return first;
	for (size_t i = 0; i < n; i++, first = first->following)
		all[i] = first;
	qsort(all, n, sizeof(void *), by_first);
	for (size_t i = 0; i < n; i++)
		all[i]->following = all[i + 1] ? all[i + 1] : NULL;
	return all[0];
}

const struct view_pack *view_packs(struct view *v, struct arena *a, struct error *e)
{
	static const char *const columns[] = { "pack", "pack_title", "pack_version", "id", "verdict", "basis", "severity", "settles" };
	sqlite3_stmt *s = NULL;
	struct view_pack *first = NULL, *last = NULL;
	size_t n = 0;
	*e = view_select(v->db, "verdict", columns, sizeof columns / sizeof columns[0], "ORDER BY pack, id", &s);
	while (!error_is(e) && view_step(s, e)) {
		struct text name = text_c(view_text(s, 0).p); /* a name ends at a NUL: see new_pack() */
		if (!last || !text_is(name, last->pack)) {
			struct view_pack *p = new_pack(s, a);
			if (!p) {
				*e = error_at(ERR_MEMORY, 0, "no memory for the guidelines");
				break;
			}
			if (last)
				last->following = p;
			else
				first = p;
			last = p;
			n++;
		}
		add_verdict(last, s, a);
	}
	sqlite3_finalize(s);
	for (struct view_pack *p = first; p; p = p->following)
		qsort(p->next, p->nnext, sizeof *p->next, by_weight);
	return error_is(e) || !first ? NULL : in_order(first, n, a);
}

int64_t view_pack_applicable(const struct view_pack *p)
{
	return p->requirements - p->coverage[VIEW_DOES_NOT_APPLY];
}
