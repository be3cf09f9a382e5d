/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case by a glance at three of its tables: which of its software something may have changed for, and what. */
#include <stdio.h>

#include "vuln/watch_memo.h"

#define SOFTWARE_MAX 100000u /* as image.c */

/* A software row that something may have changed for. */
struct work {
	struct software s; /* as far as a change shows it, until something has to be decided of it */
	struct software_columns columns;
	bool filled;
	struct memo_result memo;
	size_t old, nolds;
};

struct pass {
	struct watcher *w;
	struct work *work;
	size_t nwork, cap, rows;
	struct text distribution;
	bool built;
	bool odd; /* a value of a kind that this program does not write: SQLite knows what it means */
};

static bool meta_row(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	struct baseline *b = context;
	(void)id;
	if (n < 2)
		return true;
	if (text_is(v[0].text, "state"))
		b->running = !text_is(v[1].text, "finished");
	else if (text_is(v[0].text, "feeds_program"))
		b->same_program = text_is(v[1].text, ASSAY_VERSION);
	else if (text_is(v[0].text, "feeds_token"))
		snprintf(b->token, sizeof b->token, "%.*s", (int)(v[1].text.n < sizeof b->token ? v[1].text.n : 0),
				 v[1].text.n ? v[1].text.p : "");
	else if (text_is(v[0].text, "feeds_import") && v[1].text.n && v[1].text.n < 19)
		for (size_t i = 0; i < v[1].text.n && v[1].text.p[i] >= '0' && v[1].text.p[i] <= '9'; i++)
			b->sequence = b->sequence * 10 + (v[1].text.p[i] - '0');
	return true;
}

struct baseline watch_baseline(struct watcher *w)
{
	struct baseline b = { 0 };
	return glance_rows(&w->glance, "meta", NULL, meta_row, &b) ? b : (struct baseline){ 0 };
}

/* Whether a stored row may change: it is of a vulnerability that did, or of one whose EPSS is high now. */
static bool old_wanted(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	struct pass *p = context;
	struct watcher *w = p->w;
	(void)id;
	if (n <= V_STATE)
		return true;
	return names_find(&w->set->names, v[V_NAME].text, NULL) != UINT32_MAX ||
		   names_find(&w->watch->threatening, v[V_NAME].text, NULL) != UINT32_MAX;
}

static bool old_row(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	struct pass *p = context;
	struct watcher *w = p->w;
	const struct watch_options *o = &w->watch->options;
	if (n <= V_STATE || !old_wanted(context, id, v, n))
		return true;
	if (n <= V_SUMMARY)
		return p->odd = true, false;
	bool in_set = names_find(&w->set->names, v[V_NAME].text, NULL) != UINT32_MAX;
	if (!in_set && (o->since || o->cve || !text_is(v[V_STATE].text, "affected") ||
					glance_number(&v[V_EPSS], -1) >= o->epss_threshold))
		return true;
	if (!stored_take(w, v, &p->odd))
		return false;
	w->olds[w->nolds - 1].only_epss = !in_set;
	return true;
}

static bool copy_columns(struct arena *a, struct software_columns *c)
{
	struct text *all[] = { &c->name,           &c->version,      &c->package_version,
						   &c->source_package, &c->distribution, &c->architecture,
						   &c->purl,           &c->cpe,          &c->confidence,
						   &c->evidence_kind };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		char *copy = all[i]->p ? arena_strdup(a, *all[i]) : NULL;
		if (all[i]->p && !copy)
			return false;
		*all[i] = copy ? text_of(copy, all[i]->n) : TEXT_NONE;
	}
	return true;
}

static bool read_columns(struct pass *p, const struct glance_value *v, unsigned n, struct software_columns *c)
{
	if (n < 13)
		return p->odd = true, false;
	*c = (struct software_columns){
		.name = glance_text(&v[1], &p->odd),
		.version = glance_text(&v[3], &p->odd),
		.package_version = glance_text(&v[4], &p->odd),
		.source_package = glance_text(&v[5], &p->odd),
		.distribution = glance_text(&v[6], &p->odd),
		.architecture = glance_text(&v[7], &p->odd),
		.purl = glance_text(&v[8], &p->odd),
		.cpe = glance_text(&v[9], &p->odd),
		.confidence = glance_text(&v[11], &p->odd),
		.evidence_kind = glance_text(&v[12], &p->odd),
	};
	return !p->odd;
}

static bool software_row(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	struct pass *p = context;
	struct watcher *w = p->w;
	struct software_columns c;
	struct memo_result r;
	size_t old, nolds = stored_of(w, id, &old);
	if (++p->rows > SOFTWARE_MAX || !read_columns(p, v, n, &c))
		return false;
	if (!p->distribution.n && c.distribution.n) {
		char *copy = arena_strdup(w->of_case, c.distribution);
		p->distribution = copy ? text_of(copy, c.distribution.n) : TEXT_NONE;
	}
	if (w->watch->options.product && !text_is(c.name, w->watch->options.product))
		return true;
	if (!memo_find(&w->memo, &w->m, w->set, &c, p->built && !c.distribution.n, w->of_case, &r))
		return error_is(&w->m.error) ? false : watch_no_memory(w);
	if (!r.n && !nolds)
		return true;
	if (p->nwork == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 16;
		struct work *more = ARENA_ARRAY(w->of_case, struct work, cap);
		if (!more)
			return watch_no_memory(w);
		if (p->nwork)
			memcpy(more, p->work, p->nwork * sizeof *more);
		p->work = more;
		p->cap = cap;
	}
	struct work *x = &p->work[p->nwork++];
	if (!copy_columns(w->of_case, &c))
		return watch_no_memory(w);
	*x = (struct work){ .columns = c, .memo = r, .old = old, .nolds = nolds };
	x->s = (struct software){ .id = id,
							  .name = c.name,
							  .version = text_is(c.version, "unknown") ? TEXT_NONE : c.version,
							  .package_version = c.package_version,
							  .purl = c.purl,
							  .exposure = EXPOSURE_PRESENT };
	return true;
}

static bool exposure_row(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	struct pass *p = context;
	if (n < 3)
		return p->odd = true, false;
	while (p->rows < p->nwork && p->work[p->rows].s.id < id)
		p->rows++;
	if (p->rows == p->nwork)
		return false;
	struct software *s = &p->work[p->rows].s;
	if (s->id != id)
		return true;
	struct text by = glance_text(&v[2], &p->odd);
	char *copy = by.n ? arena_strdup(p->w->of_case, by) : NULL;
	s->exposure = exposure_named(glance_text(&v[1], &p->odd));
	s->exposed_by = copy ? text_of(copy, by.n) : TEXT_NONE;
	return true;
}

struct listing {
	struct pass p;
	struct software *v;
	size_t n, cap;
};

static bool listed_row(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	struct listing *l = context;
	struct arena *a = l->p.w->of_case;
	struct software_columns c;
	if (l->n >= SOFTWARE_MAX || !read_columns(&l->p, v, n, &c) || !copy_columns(a, &c))
		return false;
	if (l->n == l->cap) {
		struct software *more = ARENA_ARRAY(a, struct software, l->cap * 2);
		if (!more)
			return false;
		memcpy(more, l->v, l->n * sizeof *more);
		l->v = more;
		l->cap *= 2;
	}
	l->v[l->n].id = id;
	software_fill(a, &l->v[l->n++], &c);
	return true;
}

/* The whole list of software is read by a glance, too; for what else is asked the case is opened. */
unsigned watch_provide(struct matcher *m, unsigned parts)
{
	struct watcher *w = m->context;
	struct listing l = { .p = { .w = w }, .cap = 256 };
	unsigned given = 0;
	if (w->file)
		return 0;
	if (parts & IMAGE_SOFTWARE) {
		l.v = ARENA_ARRAY(w->of_case, struct software, l.cap);
		if (l.v && glance_rows(&w->glance, "software", NULL, listed_row, &l) && !l.p.odd) {
			m->image.software = l.v;
			m->image.nsoftware = l.n;
			given = IMAGE_SOFTWARE;
		}
	}
	if ((parts & ~given) && !watch_open(w))
		m->error = w->trouble;
	return given;
}

static bool decide_one(struct watcher *w, struct work *x, uint32_t v, const struct old *old)
{
	struct matcher *m = &w->m;
	struct software *s = &x->s;
	if (!x->filled) {
		struct software shown = *s;
		software_fill(w->of_case, s, &x->columns);
		s->exposure = shown.exposure;
		s->exposed_by = shown.exposed_by;
		x->filled = true;
	}
	arena_reset(m->scratch);
	struct found f = { .d = set_decide(m, w->set, s, v) };
	if (f.d.state != STATE_NONE && f.d.state != STATE_REJECTED)
		set_finish(m, w->set, s, v, &f);
	if (f.d.state == STATE_NONE)
		return error_is(&m->error) ? false : watch_tell(w, s, old, NULL);
	if (!f.info.name.p)
		f.info.name = w->set->v[v].name;
	return error_is(&m->error) ? false : watch_tell(w, s, old, &f);
}

/* Decided already, or to be decided in this case. */
static bool do_one(struct watcher *w, struct work *x, size_t i, const struct old *old)
{
	if (x->memo.found[i].d.state == STATE_AFFECTED)
		return watch_tell(w, &x->s, old, &x->memo.found[i]);
	return decide_one(w, x, x->memo.v[i], old);
}

static size_t place_of(const struct memo_result *r, uint32_t v)
{
	size_t low = 0, high = r->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (r->v[middle] < v)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->n && r->v[low] == v ? low : SIZE_MAX;
}

static bool do_work(struct watcher *w, struct work *x)
{
	bool ok = true;
	for (size_t i = 0; ok && i < x->nolds; i++) {
		const struct old *old = &w->olds[x->old + i];
		uint32_t v = old->only_epss ? UINT32_MAX : names_find(&w->set->names, old->name, NULL);
		size_t at = place_of(&x->memo, v);
		if (i && text_eq(old->name, old[-1].name))
			continue; /* this program writes none twice */
		ok = old->only_epss   ? watch_tell_epss(w, &x->s, old)
			 : at != SIZE_MAX ? do_one(w, x, at, old)
							  : decide_one(w, x, v, old);
	}
	for (size_t i = 0; ok && i < x->memo.n; i++)
		ok = stored_find(w, x->old, x->nolds, x->s.id, w->set->v[x->memo.v[i]].name) || do_one(w, x, i, NULL);
	return ok;
}

bool watch_glance(struct watcher *w)
{
	struct pass p = { .w = w };
	struct glance *g = &w->glance;
	if (!glance_rows(g, "vulnerability", old_wanted, old_row, &p) || p.odd || !stored_sort(w))
		return false;
	for (int i = 0; i < 2; i++) {
		p.rows = p.nwork = w->next_old = 0;
		if (!glance_rows(g, "software", NULL, software_row, &p) || p.odd || error_is(&w->trouble) ||
			error_is(&w->m.error))
			return false;
		if (p.built || !text_starts(p.distribution, "buildroot"))
			break;
		p.built = true; /* decided anew, now that it is known */
	}
	p.rows = 0;
	if (p.nwork && (!glance_rows(g, "software_exposure", NULL, exposure_row, &p) || p.odd))
		return false;
	w->m.image.distribution = p.distribution;
	for (size_t i = 0; i < p.nwork; i++)
		if (!do_work(w, &p.work[i]))
			return false;
	return true;
}
