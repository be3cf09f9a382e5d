/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The difference of what a case holds of a vulnerability and what is decided now. */
#include <stdlib.h>

#include "base/sort.h"
#include "vuln/watch_internal.h"

/* Of one case: nobody reads more, and a file from elsewhere is not to fill the memory. */
#define CHANGES_MAX 200000u

static struct text keep(struct watcher *w, struct text t)
{
	char *copy = t.n ? arena_strdup(w->results, t) : NULL;
	if (t.n && !copy && !error_is(&w->trouble))
		w->trouble = error_at(ERR_MEMORY, 0, "more changes than fit into memory");
	return copy ? text_of(copy, t.n) : TEXT_NONE;
}

static struct watch_change *add(struct watcher *w, const struct watch_change *c, const struct software *s)
{
	struct watch_case *at = w->at;
	if (c->priority < w->watch->options.min_priority)
		return NULL;
	if (at->n == w->changes_cap) {
		size_t cap = w->changes_cap ? w->changes_cap * 2 : 4;
		struct watch_change *more = cap <= 2 * CHANGES_MAX ? arena_alloc(w->results, cap, sizeof *more) : NULL;
		if (!more) {
			w->trouble = error_at(ERR_MEMORY, 0, "more changes than fit into memory");
			return NULL;
		}
		if (at->n)
			memcpy(more, at->changes, at->n * sizeof *more);
		at->changes = more;
		w->changes_cap = cap;
	}
	struct watch_change *out = &at->changes[at->n++];
	*out = *c;
	out->component = s->name;
	out->version = s->version;
	out->package_version = s->package_version;
	out->purl = s->purl;
	struct text *texts[] = { &out->name,       &out->component, &out->version,      &out->package_version,
							 &out->purl,       &out->severity,  &out->exposure,     &out->exposed_by,
							 &out->confidence, &out->reason,    &out->severity_was, &out->criteria,
							 &out->published,  &out->state,     &out->state_was };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		*texts[i] = keep(w, *texts[i]);
	return out;
}

static void take_old(struct watch_change *c, const struct old *old)
{
	c->state_was = old->state;
	c->severity_was = old->severity;
	c->epss_was = old->epss;
	c->kev_was = old->kev;
}

/* As the case has it: what went away has nothing newer. */
static void show_old(struct watch_change *c, const struct old *old)
{
	c->severity = old->severity;
	c->exposure = old->exposure;
	c->exposed_by = old->exposed_by;
	c->confidence = old->confidence;
	c->published = old->published;
	c->priority = old->priority;
	c->cvss = old->cvss;
	c->epss = old->epss;
	c->kev = old->kev;
}

static void show_new(struct watch_change *c, const struct software *s, const struct found *f)
{
	struct cvss cvss = { CVSS_NONE, 0, 0 };
	struct text vector;
	struct threat t = { .kev = f->info.kev, .has_epss = f->info.has_epss, .epss = f->info.epss };
	enum exposure exposure = f->d.has_exposure ? f->d.exposure : s->exposure;
	t.score = info_score(&f->info, &cvss, &vector);
	c->cvss = t.score < 0 ? -1 : t.score / 10.0;
	c->severity = t.score < 0 ? TEXT_NONE : text_c(cvss_severity(cvss.version, t.score));
	c->exposure = text_c(exposure_name(exposure));
	c->exposed_by = f->d.has_exposure ? TEXT_NONE : s->exposed_by;
	c->confidence = text_c(confidence_name(f->d.confidence));
	c->priority = f->d.state == STATE_AFFECTED ? priority(&t, exposure, f->d.confidence) : 0;
	c->epss = f->info.has_epss ? f->info.epss : -1;
	c->kev = f->info.kev;
	c->published = f->info.published;
}

static unsigned differences(const struct watch_change *c, double threshold)
{
	unsigned what = c->kev != c->kev_was ? WATCH_KEV : 0;
	if (c->epss >= threshold && c->epss_was < threshold)
		what |= WATCH_EPSS;
	if (!text_eq(c->severity, c->severity_was))
		what |= WATCH_SEVERITY;
	return what;
}

bool watch_tell(struct watcher *w, const struct software *s, const struct old *old, struct found *f)
{
	bool was = old && text_is(old->state, "affected");
	enum state state = f ? f->d.state : STATE_NONE;
	bool is = state == STATE_AFFECTED,
		 decided = is || state == STATE_FIXED || state == STATE_NOT_AFFECTED || state == STATE_INVESTIGATED;
	struct watch_change c = { .epss = -1, .epss_was = -1, .cvss = -1 };
	if (!was && !is)
		return true;
	c.name = old ? old->name : f ? f->info.name : TEXT_NONE;
	if (old)
		take_old(&c, old);
	if (f) {
		c.reason = f->d.reason;
		c.criteria = f->d.criteria;
	}
	if (decided) {
		c.state = text_c(state_name(state));
		show_new(&c, s, f);
	} else {
		show_old(&c, old);
	}
	if (!was) {
		c.kind = WATCH_NEW;
	} else if (!is) {
		c.kind = decided ? WATCH_CHANGED : WATCH_GONE;
		c.what = decided ? WATCH_STATE : 0;
		c.priority = old->priority; /* of what is over: how much it had mattered */
	} else {
		c.what = differences(&c, w->watch->options.epss_threshold);
		c.kind = c.what ? WATCH_CHANGED : WATCH_KNOWN;
		if (!c.what && !w->watch->options.cve)
			return true;
	}
	add(w, &c, s);
	return !error_is(&w->trouble);
}

/* Nothing but its EPSS has changed: the rest is as the case has it. */
bool watch_tell_epss(struct watcher *w, const struct software *s, const struct old *old)
{
	struct watch_change c = { .kind = WATCH_CHANGED, .what = WATCH_EPSS, .name = old->name, .state = old->state };
	take_old(&c, old);
	show_old(&c, old);
	c.reason = old->reason;
	c.criteria = old->criteria;
	(void)names_find(&w->watch->threatening, old->name, &c.epss);
	struct threat t = { .kev = old->kev, .has_epss = true, .epss = c.epss, .score = -1 };
	if (old->cvss >= 0)
		t.score = (int)(old->cvss * 10 + 0.5);
	enum confidence trust = text_is(old->confidence, "possible") ? POSSIBLE
							: text_is(old->confidence, "likely") ? LIKELY
																 : PROVEN;
	c.priority = priority(&t, exposure_named(old->exposure), trust);
	add(w, &c, s);
	return !error_is(&w->trouble);
}

static int compare(struct text x, struct text y)
{
	size_t n = x.n < y.n ? x.n : y.n;
	int c = n ? memcmp(x.p, y.p, n) : 0;
	return c ? c : (x.n > y.n) - (x.n < y.n);
}

static int by_urgency(const void *a, const void *b)
{
	const struct watch_change *x = a, *y = b;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->priority != y->priority)
		return x->priority > y->priority ? -1 : 1;
	int c = version_compare_rpm(x->name, y->name);
	c = c ? c : compare(x->component, y->component);
	c = c ? c : compare(x->version, y->version);
	return c ? c : compare(x->package_version, y->package_version);
}

void watch_sort(struct watcher *w)
{
	struct watch_case *at = w->at;
	struct watch_change *spare = at->n ? malloc(at->n * sizeof *spare) : NULL;
	if (spare)
		sort_stable(at->changes, spare, at->n, sizeof *spare, by_urgency);
	else if (at->n)
		w->trouble = error_at(ERR_MEMORY, 0, "no memory for the changes of a case");
	free(spare);
}
