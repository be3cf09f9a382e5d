/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One case: by a glance where that is enough, else matched as a whole. */
#include <errno.h>
#include <sys/stat.h>

#include "vuln/watch_memo.h"

/* Of a case from elsewhere: no text is longer, no question takes more of SQLite's steps (some tens of seconds). */
#define TEXT_MAX (16 << 20)
#define STEPS_MAX 20000

/* Opens the case with SQLite. */
bool watch_open(struct watcher *w)
{
	struct error e;
	struct stat st;
	if (w->file)
		return true;
	if (stat(w->at->path, &st))
		return watch_trouble(w, error_at(ERR_USAGE, 0, "%s", strerror(errno)));
	if (!S_ISREG(st.st_mode))
		return watch_trouble(w, error_at(ERR_USAGE, 0, "not a regular file"));
	w->file = case_open(w->at->path, false, &e);
	if (!w->file)
		return watch_trouble(w, e);
	w->m.db = case_db(w->file);
	sqlite3_limit(w->m.db, SQLITE_LIMIT_LENGTH, TEXT_MAX);
	return true;
}

static bool read_olds(struct watcher *w)
{
	bool odd = false;
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
		if (!stored_take(w, v, &odd))
			break;
	}
	sqlite3_finalize(s);
	if (r != SQLITE_DONE)
		return watch_trouble(w, error_at(ERR_IO, 0, "asking the case: %s", sqlite3_errmsg(w->m.db)));
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
	size_t first, nolds = stored_of(w, s->id, &first);
	bool ok = true;
	for (size_t i = 0; ok && i < n; i++) {
		if (!is_meant(w, s, f[i].info.name))
			continue;
		struct old *old = stored_find(w, first, nolds, s->id, f[i].info.name);
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
	if (!watch_open(w))
		return false;
	w->at->whole = true;
	w->at->first = !vuln_matched(m->db);
	if (!match_has_software(m->db))
		return watch_trouble(w,
							 error_at(ERR_UNSUPPORTED, 0, "the case has no table of software; assess the image again"));
	sqlite3_progress_handler(m->db, 1000000, count_steps, &steps);
	bool ok = read_olds(w) && stored_sort(w);
	if (ok)
		image_need(m, IMAGE_ALL);
	if (ok && !error_is(&m->error))
		exposure_read(m);
	m->take = take_found;
	for (size_t i = 0; ok && i < m->image.nsoftware && !error_is(&m->error); i++) {
		arena_reset(m->scratch);
		m->evaluated = (struct evaluated){ 0 };
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
	struct vuln_options options = { .statements = all->options.statements, .now = all->options.now };
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
	memo_trim(&w->memo);
	w->m.arena = w->of_case;
	w->m.provide = watch_provide;
	w->m.context = w;
	bool glancing = glance_begin(&w->glance, w->at->path);
	if (glancing)
		b = watch_baseline(w);
	w->set = watch_set_for(w, &b);
	if (glancing) {
		done = w->set && b.same_program && !b.running && !w->set->large && !w->set->all &&
			   glance_has(&w->glance, "software") && glance_has(&w->glance, "vulnerability") &&
			   glance_has(&w->glance, "software_exposure") && watch_glance(w);
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
