/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of `vulnerability` that a case holds, by software. */
#include <stdlib.h>

#include "base/sort.h"
#include "vuln/watch_internal.h"

#define OLDS_MAX 500000u
static struct old *new_old(struct watcher *w)
{
	if (w->nolds == w->olds_cap) {
		size_t cap = w->olds_cap ? w->olds_cap * 2 : 64;
		struct old *more = cap <= 2 * OLDS_MAX ? realloc(w->olds, cap * sizeof *more) : NULL;
		if (!more)
			return watch_no_memory(w), NULL;
		w->olds = more;
		w->olds_cap = cap;
	}
	w->olds[w->nolds] = (struct old){ .cvss = -1, .epss = -1 };
	return &w->olds[w->nolds++];
}

bool stored_take(struct watcher *w, const struct glance_value v[GLANCE_COLUMNS], bool *odd)
{
	struct old *o = new_old(w);
	if (!o)
		return false;
	struct text *texts[] = { &o->name,       &o->state,  &o->severity, &o->exposure, &o->exposed_by,
							 &o->confidence, &o->reason, &o->criteria, &o->published };
	static const int columns[] = { V_NAME,       V_STATE,  V_SEVERITY, V_EXPOSURE, V_EXPOSED_BY,
								   V_CONFIDENCE, V_REASON, V_CRITERIA, V_PUBLISHED };
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		struct text t = glance_text(&v[columns[i]], odd);
		char *copy = t.n ? arena_strdup(w->of_case, t) : NULL;
		if (t.n && !copy)
			return watch_no_memory(w);
		*texts[i] = copy ? text_of(copy, t.n) : TEXT_NONE;
	}
	o->software = v[V_SOFTWARE].integer;
	o->cvss = glance_number(&v[V_CVSS], -1);
	o->epss = glance_number(&v[V_EPSS], -1);
	o->priority = glance_number(&v[V_PRIORITY], 0);
	o->kev = v[V_KEV].type == GLANCE_INTEGER && v[V_KEV].integer;
	return true;
}

static int by_software(const void *a, const void *b)
{
	const struct old *x = a, *y = b;
	if (x->software != y->software)
		return x->software < y->software ? -1 : 1;
	size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
	int c = n ? memcmp(x->name.p, y->name.p, n) : 0;
	return c ? c : (x->name.n > y->name.n) - (x->name.n < y->name.n);
}

struct old *stored_find(struct watcher *w, size_t first, size_t n, int64_t software, struct text name)
{
	struct old key = { .software = software, .name = name };
	return n ? bsearch(&key, w->olds + first, n, sizeof key, by_software) : NULL;
}

bool stored_sort(struct watcher *w)
{
	struct old *spare = malloc((w->nolds + 1) * sizeof *spare);
	if (!spare)
		return watch_no_memory(w);
	if (w->nolds)
		sort_stable(w->olds, spare, w->nolds, sizeof *spare, by_software);
	free(spare);
	w->next_old = 0;
	return true;
}

/* The stored rows of a software row; both go up by id. */
size_t stored_of(struct watcher *w, int64_t software, size_t *first)
{
	while (w->next_old < w->nolds && w->olds[w->next_old].software < software)
		w->next_old++;
	*first = w->next_old;
	size_t end = w->next_old;
	while (end < w->nolds && w->olds[end].software == software)
		end++;
	return end - *first;
}
