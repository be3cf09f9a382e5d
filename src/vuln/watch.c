/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The threads of `watch`: each takes the next case; what changed in the feeds is read once for all. */
#include "vuln/watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "feed/feed.h"
#include "vuln/watch_memo.h"

#define ARENA_LIMIT ((size_t)512 << 20)
#define RESULTS_LIMIT ((size_t)1 << 30)
/* Baselines that a set is read for; for further ones one that holds all changes stands. */
#define SETS_MAX (WATCH_SETS - 2)

static bool is_known(struct watcher *w, const struct baseline *b)
{
	sqlite3_stmt *s = NULL;
	bool known = false;
	if (b->sequence && sqlite3_prepare_v2(w->m.feeds, "SELECT 1 FROM import WHERE sequence = ? AND token = ?", -1, &s,
										  NULL) == SQLITE_OK) {
		sqlite3_bind_int64(s, 1, b->sequence);
		sqlite3_bind_text(s, 2, b->token, -1, SQLITE_STATIC);
		known = sqlite3_step(s) == SQLITE_ROW;
	}
	sqlite3_finalize(s);
	return known;
}

/* A set that holds all changes since a baseline may hold more: what did not change makes no difference. */
static struct watch_set *find_set(struct watch *all, const struct baseline *b)
{
	struct watch_set *best = NULL;
	for (size_t i = 0; i < all->nsets; i++) {
		struct watch_set *s = all->sets[i];
		if (s->of.sequence == b->sequence ||
			(all->nsets > SETS_MAX && b->sequence && !s->all && s->of.sequence < b->sequence &&
			 (!best || best->of.sequence < s->of.sequence)))
			best = s;
		if (best && best->of.sequence == b->sequence)
			break;
	}
	return best;
}

struct watch_set *watch_set_for(struct watcher *w, const struct baseline *of)
{
	struct watch *all = w->watch;
	struct baseline b = *of;
	bool fixed = all->options.since || all->options.cve;
	if (fixed || !is_known(w, &b))
		b.sequence = 0;
	pthread_mutex_lock(&all->lock);
	struct watch_set *set = find_set(all, &b);
	if (!set) {
		struct arena *arena = w->m.arena;
		if (b.sequence && all->nsets >= SETS_MAX)
			b.sequence = 1;
		set = all->nsets < WATCH_SETS ? set_load(&w->m, &all->options, &b) : NULL;
		if (set)
			all->sets[all->nsets++] = set;
		w->m.arena = arena;
	}
	pthread_mutex_unlock(&all->lock);
	return set;
}

static void *work(void *context)
{
	struct watcher *w = context;
	struct watch *all = w->watch;
	for (;;) {
		pthread_mutex_lock(&all->lock);
		size_t i = all->next++;
		if (all->options.progress)
			all->options.progress(all->options.progress_context, i < all->ncases ? i : all->ncases, all->ncases);
		pthread_mutex_unlock(&all->lock);
		if (i >= all->ncases)
			return NULL;
		w->at = &all->cases[i];
		watch_one(w);
	}
}

static bool begin_watcher(struct watch *all, struct watcher *w)
{
	w->watch = all;
	w->glance.fd = -1;
	w->own = arena_new(ARENA_LIMIT);
	w->of_case = arena_new(ARENA_LIMIT);
	w->results = arena_new(RESULTS_LIMIT);
	w->m.scratch = arena_new(ARENA_LIMIT);
	w->m.arena = w->own;
	if (!w->own || !w->of_case || !w->results || !w->m.scratch || !memo_begin(&w->memo)) {
		all->error = error_at(ERR_MEMORY, 0, "no memory for watching");
		return false;
	}
	all->error = feed_open(all->options.feeds, &w->m.feeds);
	if (!error_is(&all->error) && all->options.update)
		all->error = feed_open(all->options.feeds, &w->update_feeds);
	if (error_is(&all->error))
		return false;
	match_begin(&w->m);
	if (!error_is(&w->m.error))
		statements_load(&w->m, all->options.statements);
	all->error = w->m.error;
	return !error_is(&all->error);
}

static void end_watcher(struct watcher *w)
{
	w->m.db = NULL;
	w->m.arena = w->own;
	if (w->m.feeds)
		match_end(&w->m); /* frees the two arenas */
	else
		arena_free(w->own), arena_free(w->m.scratch);
	sqlite3_close(w->m.feeds);
	sqlite3_close(w->update_feeds);
	arena_free(w->of_case);
	arena_free(w->results);
	memo_free(&w->memo);
	glance_free(&w->glance);
	free(w->olds);
}

static void read_last(struct watcher *w, int64_t *sequence, char token[TOKEN_MAX])
{
	sqlite3_stmt *s = NULL;
	*sequence = 0;
	token[0] = '\0';
	if (sqlite3_prepare_v2(w->m.feeds, "SELECT sequence, token FROM import ORDER BY sequence DESC LIMIT 1", -1, &s,
						   NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW) {
		*sequence = sqlite3_column_int64(s, 0);
		snprintf(token, TOKEN_MAX, "%s", (const char *)sqlite3_column_text(s, 1));
	}
	sqlite3_finalize(s);
}

/* Each thread has opened the database by itself: an import may have put another in its place between two of them. */
static bool same_database(struct watch *all)
{
	read_last(all->watchers, &all->last, all->last_token);
	for (unsigned i = 1; i < all->options.threads; i++) {
		int64_t sequence;
		char token[TOKEN_MAX];
		read_last(&all->watchers[i], &sequence, token);
		if (sequence == all->last && strcmp(token, all->last_token) == 0)
			continue;
		all->error = error_at(ERR_IO, 0, "an import has replaced the feed database meanwhile: try again");
		return false;
	}
	return true;
}

/* Those whose EPSS is at the threshold, or above. */
static bool read_threatening(struct watch *all, struct watcher *w)
{
	sqlite3_stmt *s =
		prepare(&w->m, w->m.feeds,
				"SELECT v.name, e.score, (SELECT count(*) FROM epss WHERE score >= ?1) FROM epss e"
				" JOIN vulnerability v ON v.id = e.vulnerability_id WHERE e.score >= ?1 ORDER BY e.vulnerability_id");
	bool ok = s && names_add(all->arena, &all->threatening, 0);
	bool sized = false;
	if (s)
		sqlite3_bind_double(s, 1, all->options.epss_threshold);
	while (ok && sqlite3_step(s) == SQLITE_ROW) {
		if (!sized)
			ok = sized = names_add(all->arena, &all->threatening, (size_t)sqlite3_column_int64(s, 2));
		if (ok)
			names_put(&all->threatening, column_text(all->arena, s, 0), 0, sqlite3_column_double(s, 1));
	}
	sqlite3_finalize(s);
	return ok;
}

static bool prepare_watch(struct watch *all)
{
	struct watcher *w = all->watchers;
	struct baseline none = { 0 };
	if (!same_database(all))
		return false;
	if (!(all->arena = arena_new(ARENA_LIMIT)) || !read_threatening(all, w)) {
		all->error = error_is(&w->m.error) ? w->m.error : error_at(ERR_MEMORY, 0, "no memory for watching");
		return false;
	}
	if (!all->options.cve && !all->options.since)
		return true;
	struct watch_set *set = watch_set_for(w, &none);
	all->error = w->m.error;
	if (set && all->options.cve && !set->n)
		all->error = error_at(ERR_USAGE, 0, "the feed database does not know it: see assay feed status");
	return set && !error_is(&all->error);
}

struct error watch_run(const struct watch_options *options, struct watch_case *cases, size_t n, struct watch **watch)
{
	struct watch *all = calloc(1, sizeof *all);
	unsigned threads = options->threads ? options->threads : 1, started = 0;
	*watch = NULL;
	if (!all || !(all->watchers = calloc(threads, sizeof *all->watchers))) {
		free(all);
		return error_at(ERR_MEMORY, 0, "no memory for watching");
	}
	all->options = *options;
	all->options.threads = threads;
	all->cases = cases;
	all->ncases = n;
	pthread_mutex_init(&all->lock, NULL);
	for (unsigned i = 0; i < threads && !error_is(&all->error); i++)
		begin_watcher(all, &all->watchers[i]);
	if (error_is(&all->error) || !prepare_watch(all)) {
		struct error e = all->error;
		watch_free(all);
		return e;
	}
	for (unsigned i = 1; i < threads; i++, started++)
		if (pthread_create(&all->watchers[i].thread, NULL, work, &all->watchers[i]))
			break;
	work(&all->watchers[0]);
	for (unsigned i = 1; i <= started; i++)
		pthread_join(all->watchers[i].thread, NULL);
	*watch = all;
	return error_none();
}

void watch_free(struct watch *all)
{
	if (!all)
		return;
	for (unsigned i = 0; i < all->options.threads; i++)
		end_watcher(&all->watchers[i]);
	for (size_t i = 0; i < all->nsets; i++)
		set_free(all->sets[i]);
	arena_free(all->arena);
	pthread_mutex_destroy(&all->lock);
	free(all->watchers);
	free(all);
}
