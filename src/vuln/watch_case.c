/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One case: by a glance at three of its tables where that is enough, else matched as a whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/sort.h"
#include "vuln/watch_memo.h"

#define OLDS_MAX 500000u
#define SOFTWARE_MAX 100000u /* as image.c */
/* Of a case from elsewhere: no text is longer, no question takes more of SQLite's steps (some tens of seconds). */
#define TEXT_MAX (16 << 20)
#define STEPS_MAX 20000

/* A software row that something may have changed for. */
struct work {
	struct software s;
	const uint32_t *v;
	size_t nv, old, nolds;
};

struct pass {
	struct watcher *w;
	struct work *work;
	size_t nwork, cap, rows;
	struct text distribution;
	bool built;
	bool odd; /* a value of a kind that this program does not write: SQLite knows what it means */
};

static bool trouble(struct watcher *w, struct error e)
{
	if (!error_is(&w->trouble))
		w->trouble = e;
	return false;
}

static bool no_memory(struct watcher *w)
{
	return trouble(w, error_at(ERR_MEMORY, 0, "no memory for a case"));
}

static struct text as_text(const struct glance_value *v, bool *odd)
{
	*odd |= v->type != GLANCE_TEXT && v->type != GLANCE_NULL;
	return v->type == GLANCE_TEXT ? v->text : TEXT_NONE;
}

static double as_number(const struct glance_value *v, double none)
{
	return v->type == GLANCE_REAL ? v->real : v->type == GLANCE_INTEGER ? (double)v->integer : none;
}

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

static struct old *new_old(struct watcher *w)
{
	if (w->nolds == w->olds_cap) {
		size_t cap = w->olds_cap ? w->olds_cap * 2 : 64;
		struct old *more = cap <= 2 * OLDS_MAX ? realloc(w->olds, cap * sizeof *more) : NULL;
		if (!more)
			return no_memory(w), NULL;
		w->olds = more;
		w->olds_cap = cap;
	}
	w->olds[w->nolds] = (struct old){ .cvss = -1, .epss = -1 };
	return &w->olds[w->nolds++];
}

/* In the order of case.h. */
enum {
	V_SOFTWARE = 1,
	V_NAME,
	V_STATE,
	V_REASON,
	V_CRITERIA,
	V_SOURCE,
	V_CONFIDENCE,
	V_CVSS_VERSION,
	V_CVSS_VECTOR,
	V_CVSS,
	V_SEVERITY,
	V_EPSS,
	V_EPSS_PERCENTILE,
	V_KEV,
	V_EXPOSURE,
	V_EXPOSED_BY,
	V_PRIORITY,
	V_PUBLISHED,
	V_SUMMARY
};

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

static bool take_old_row(struct pass *p, const struct glance_value *v)
{
	struct watcher *w = p->w;
	struct old *o = new_old(w);
	if (!o)
		return false;
	struct text *texts[] = { &o->name,       &o->state,  &o->severity, &o->exposure, &o->exposed_by,
							 &o->confidence, &o->reason, &o->criteria, &o->published };
	static const int columns[] = { V_NAME,       V_STATE,  V_SEVERITY, V_EXPOSURE, V_EXPOSED_BY,
								   V_CONFIDENCE, V_REASON, V_CRITERIA, V_PUBLISHED };
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		struct text t = as_text(&v[columns[i]], &p->odd);
		char *copy = t.n ? arena_strdup(w->of_case, t) : NULL;
		if (t.n && !copy)
			return no_memory(w);
		*texts[i] = copy ? text_of(copy, t.n) : TEXT_NONE;
	}
	o->software = v[V_SOFTWARE].integer;
	o->cvss = as_number(&v[V_CVSS], -1);
	o->epss = as_number(&v[V_EPSS], -1);
	o->priority = as_number(&v[V_PRIORITY], 0);
	o->kev = v[V_KEV].type == GLANCE_INTEGER && v[V_KEV].integer;
	return true;
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
	if (!in_set &&
		(o->since || o->cve || !text_is(v[V_STATE].text, "affected") || as_number(&v[V_EPSS], -1) >= o->epss_threshold))
		return true;
	if (!take_old_row(p, v))
		return false;
	w->olds[w->nolds - 1].only_epss = !in_set;
	return true;
}

static int by_software(const void *a, const void *b)
{
	const struct old *x = a, *y = b;
	return (x->software > y->software) - (x->software < y->software);
}

static bool sort_olds(struct watcher *w)
{
	struct old *spare = malloc((w->nolds + 1) * sizeof *spare);
	if (!spare)
		return no_memory(w);
	if (w->nolds)
		sort_stable(w->olds, spare, w->nolds, sizeof *spare, by_software);
	free(spare);
	w->next_old = 0;
	return true;
}

/* The stored rows of a software row; both go up by id. */
static size_t olds_of(struct watcher *w, int64_t software, size_t *first)
{
	while (w->next_old < w->nolds && w->olds[w->next_old].software < software)
		w->next_old++;
	*first = w->next_old;
	size_t end = w->next_old;
	while (end < w->nolds && w->olds[end].software == software)
		end++;
	return end - *first;
}

static bool copy_columns(struct arena *a, struct software_columns *c)
{
	struct text *all[] = { &c->name,           &c->version,      &c->package_version,
						   &c->source_package, &c->distribution, &c->architecture,
						   &c->purl,           &c->cpe,          &c->confidence };
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
	if (n < 12)
		return p->odd = true, false;
	*c = (struct software_columns){
		.name = as_text(&v[1], &p->odd),
		.version = as_text(&v[3], &p->odd),
		.package_version = as_text(&v[4], &p->odd),
		.source_package = as_text(&v[5], &p->odd),
		.distribution = as_text(&v[6], &p->odd),
		.architecture = as_text(&v[7], &p->odd),
		.purl = as_text(&v[8], &p->odd),
		.cpe = as_text(&v[9], &p->odd),
		.confidence = as_text(&v[11], &p->odd),
	};
	return !p->odd;
}

static bool software_row(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	struct pass *p = context;
	struct watcher *w = p->w;
	struct software_columns c;
	const uint32_t *found;
	size_t count, old, nolds = olds_of(w, id, &old);
	if (++p->rows > SOFTWARE_MAX || !read_columns(p, v, n, &c))
		return false;
	if (!p->distribution.n && c.distribution.n) {
		char *copy = arena_strdup(w->of_case, c.distribution);
		p->distribution = copy ? text_of(copy, c.distribution.n) : TEXT_NONE;
	}
	if (w->watch->options.product && !text_is(c.name, w->watch->options.product))
		return true;
	if (!memo_find(&w->memo, &w->m, w->set, &c, p->built && !c.distribution.n, &found, &count))
		return error_is(&w->m.error) ? false : no_memory(w);
	if (!count && !nolds)
		return true;
	if (p->nwork == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 16;
		struct work *more = ARENA_ARRAY(w->of_case, struct work, cap);
		if (!more)
			return no_memory(w);
		if (p->nwork)
			memcpy(more, p->work, p->nwork * sizeof *more);
		p->work = more;
		p->cap = cap;
	}
	struct work *x = &p->work[p->nwork++];
	*x = (struct work){ .s = { .id = id }, .nv = count, .old = old, .nolds = nolds };
	uint32_t *copy = ARENA_ARRAY(w->of_case, uint32_t, count + 1);
	if (!copy || !copy_columns(w->of_case, &c))
		return no_memory(w);
	if (count)
		memcpy(copy, found, count * sizeof *copy);
	x->v = copy;
	software_fill(w->of_case, &x->s, &c);
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
	struct text by = as_text(&v[2], &p->odd);
	char *copy = by.n ? arena_strdup(p->w->of_case, by) : NULL;
	s->exposure = exposure_named(as_text(&v[1], &p->odd));
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

/* Opens the case with SQLite. */
static bool open_case(struct watcher *w)
{
	struct error e;
	struct stat st;
	if (w->file)
		return true;
	if (stat(w->at->path, &st))
		return trouble(w, error_at(ERR_USAGE, 0, "%s", strerror(errno)));
	if (!S_ISREG(st.st_mode))
		return trouble(w, error_at(ERR_USAGE, 0, "not a regular file"));
	w->file = case_open(w->at->path, false, &e);
	if (!w->file)
		return trouble(w, e);
	w->m.db = case_db(w->file);
	sqlite3_limit(w->m.db, SQLITE_LIMIT_LENGTH, TEXT_MAX);
	return true;
}

/* The whole list of software is read by a glance, too; for what else is asked the case is opened. */
static unsigned provide(struct matcher *m, unsigned parts)
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
	if ((parts & ~given) && !open_case(w))
		m->error = w->trouble;
	return given;
}

static bool decide_one(struct watcher *w, const struct software *s, uint32_t v, const struct old *old)
{
	struct matcher *m = &w->m;
	arena_reset(m->scratch);
	struct found f = { .d = set_decide(m, w->set, s, v) };
	if (f.d.state != STATE_NONE && f.d.state != STATE_REJECTED)
		decision_finish(m, s, &f);
	if (f.d.state == STATE_NONE)
		return error_is(&m->error) ? false : watch_tell(w, s, old, NULL);
	if (!f.info.name.p)
		f.info.name = w->set->v[v].name;
	return error_is(&m->error) ? false : watch_tell(w, s, old, &f);
}

static bool do_work(struct watcher *w, const struct work *x)
{
	bool ok = true;
	for (size_t i = 0; ok && i < x->nolds; i++) {
		const struct old *old = &w->olds[x->old + i];
		ok = old->only_epss ? watch_tell_epss(w, &x->s, old)
							: decide_one(w, &x->s, names_find(&w->set->names, old->name, NULL), old);
	}
	for (size_t i = 0; ok && i < x->nv; i++) {
		bool stored = false;
		for (size_t k = 0; k < x->nolds && !stored; k++)
			stored = text_eq(w->olds[x->old + k].name, w->set->v[x->v[i]].name);
		ok = stored || decide_one(w, &x->s, x->v[i], NULL);
	}
	return ok;
}

/* False without trouble: the case has to be matched as a whole. */
static bool glance(struct watcher *w)
{
	struct pass p = { .w = w };
	struct glance *g = &w->glance;
	if (!glance_rows(g, "vulnerability", old_wanted, old_row, &p) || p.odd || !sort_olds(w))
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

static bool read_olds(struct watcher *w)
{
	struct pass p = { .w = w };
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(w->m.db,
						   "SELECT id, software_id, name, state, reason, criteria, source, confidence, cvss_version,"
						   " cvss_vector, cvss, severity, epss, epss_percentile, kev, exposure, exposed_by, priority,"
						   " published, summary FROM vulnerability ORDER BY software_id, id",
						   -1, &s, NULL) != SQLITE_OK)
		return true; /* a case from before there was matching */
	int r;
	while ((r = sqlite3_step(s)) == SQLITE_ROW) {
		struct glance_value v[GLANCE_COLUMNS] = { { 0 } };
		for (int i = 0; i < (int)GLANCE_COLUMNS; i++) {
			int type = sqlite3_column_type(s, i);
			v[i].type = type == SQLITE_TEXT      ? GLANCE_TEXT
						: type == SQLITE_INTEGER ? GLANCE_INTEGER
						: type == SQLITE_FLOAT   ? GLANCE_REAL
												 : GLANCE_NULL;
			v[i].integer = sqlite3_column_int64(s, i);
			v[i].real = sqlite3_column_double(s, i);
			if (type == SQLITE_TEXT)
				v[i].text = text_of((const char *)sqlite3_column_text(s, i), (size_t)sqlite3_column_bytes(s, i));
		}
		if (!take_old_row(&p, v))
			break;
	}
	sqlite3_finalize(s);
	if (r != SQLITE_DONE)
		return trouble(w, error_at(ERR_IO, 0, "asking the case: %s", sqlite3_errmsg(w->m.db)));
	return true;
}

/* Only what was asked for. */
static bool is_meant(struct watcher *w, const struct software *s, struct text name)
{
	const struct watch_options *o = &w->watch->options;
	if (o->product && !text_is(s->name, o->product))
		return false;
	return (!o->since && !o->cve) || names_find(&w->set->names, name, NULL) != UINT32_MAX;
}

static bool take_found(struct matcher *m, const struct software *s, struct found *f, size_t n)
{
	struct watcher *w = m->context;
	size_t first, nolds = olds_of(w, s->id, &first);
	bool ok = true;
	for (size_t i = 0; ok && i < n; i++) {
		struct old *old = NULL;
		if (!is_meant(w, s, f[i].info.name))
			continue;
		for (size_t k = 0; k < nolds && !old; k++)
			if (text_eq(w->olds[first + k].name, f[i].info.name))
				old = &w->olds[first + k];
		if (old)
			old->seen = true;
		ok = watch_tell(w, s, old, &f[i]);
	}
	for (size_t k = 0; ok && k < nolds; k++)
		if (!w->olds[first + k].seen && is_meant(w, s, w->olds[first + k].name))
			ok = watch_tell(w, s, &w->olds[first + k], NULL);
	return ok;
}

static int count_steps(void *context)
{
	unsigned *steps = context;
	return ++*steps > STEPS_MAX;
}

static bool whole(struct watcher *w)
{
	struct matcher *m = &w->m;
	unsigned steps = 0;
	if (!open_case(w))
		return false;
	w->at->whole = true;
	w->at->first = !vuln_matched(m->db);
	if (!match_has_software(m->db))
		return trouble(w, error_at(ERR_UNSUPPORTED, 0, "the case has no table of software; assess the image again"));
	sqlite3_progress_handler(m->db, 1000000, count_steps, &steps);
	bool ok = read_olds(w) && sort_olds(w);
	if (ok)
		image_need(m, IMAGE_ALL);
	if (ok && !error_is(&m->error))
		exposure_read(m);
	m->take = take_found;
	for (size_t i = 0; ok && i < m->image.nsoftware && !error_is(&m->error); i++) {
		arena_reset(m->scratch);
		ok = match_software(m, &m->image.software[i]);
	}
	m->take = NULL;
	sqlite3_progress_handler(m->db, 0, NULL, NULL);
	return ok && !error_is(&m->error);
}

static void forget_case(struct watcher *w)
{
	case_close(w->file);
	w->file = NULL;
	w->m.db = NULL;
	w->m.image = (struct image){ 0 };
	w->m.image_has = 0;
	w->m.error = w->trouble = error_none();
	w->nolds = 0;
	w->at->n = 0;
	w->at->changes = NULL;
	w->changes_cap = 0;
	arena_reset(w->of_case);
}

static void update(struct watcher *w, const struct baseline *b)
{
	struct watch *all = w->watch;
	struct vuln_options options = { .statements = all->options.statements };
	if (b->same_program && b->sequence && b->sequence == all->last && strcmp(b->token, all->last_token) == 0 &&
		!options.statements)
		return;
	struct case_file *c = case_open(w->at->path, true, &w->at->error);
	if (!c)
		return;
	w->at->error = vuln_match(case_db(c), w->update_feeds, &options, NULL);
	w->at->updated = !error_is(&w->at->error);
	case_close(c);
}

void watch_one(struct watcher *w)
{
	struct baseline b = { 0 };
	const struct watch_options *o = &w->watch->options;
	bool done = false;
	forget_case(w);
	w->m.arena = w->of_case;
	w->m.provide = provide;
	w->m.context = w;
	bool glancing = glance_begin(&w->glance, w->at->path);
	if (glancing && !glance_rows(&w->glance, "meta", NULL, meta_row, &b))
		b = (struct baseline){ 0 };
	w->set = watch_set_for(w, &b);
	if (glancing) {
		done = w->set && b.same_program && !b.running && !w->set->large && !w->set->all &&
			   glance_has(&w->glance, "software") && glance_has(&w->glance, "vulnerability") &&
			   glance_has(&w->glance, "software_exposure") && glance(w);
		done = glance_end(&w->glance) && done;
	}
	if (!done && w->set) {
		forget_case(w);
		w->m.provide = NULL;
		(void)whole(w);
	}
	watch_sort(w);
	w->at->error = error_is(&w->trouble) ? w->trouble : w->m.error;
	if (error_is(&w->at->error))
		w->at->n = 0;
	else if (o->update)
		update(w, &b);
	struct error e = w->at->error;
	size_t n = w->at->n;
	struct watch_change *changes = w->at->changes;
	forget_case(w);
	w->at->error = e;
	w->at->n = n;
	w->at->changes = changes;
}
