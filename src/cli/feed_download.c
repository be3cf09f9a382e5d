/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Downloads of a source: into its folder, each only when it is new. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/feed_update.h"

bool update_failed(struct update *u, const char *what, const struct error *e)
{
	progress_end(&u->progress);
	u->code = complain(EXIT_UNUSABLE, what, "%s", e->text);
	return false;
}

static bool no_memory(struct update *u)
{
	u->code = complain(EXIT_INTERNAL, u->source, "no memory");
	return false;
}

static bool grow(char ***list, size_t room)
{
	char **larger = realloc(*list, room * sizeof **list);
	if (larger)
		*list = larger;
	return larger != NULL;
}

bool update_add(struct update *u, const char *path, const char *url)
{
	if (u->n == u->room) {
		size_t room = u->room ? u->room * 2 : 16;
		if (!grow(&u->paths, room) || !grow(&u->urls, room))
			return no_memory(u);
		u->room = room;
	}
	u->paths[u->n] = strdup(path);
	u->urls[u->n] = strdup(url);
	u->n++;
	return (u->paths[u->n - 1] && u->urls[u->n - 1]) || no_memory(u);
}

void update_drop(struct update *u, size_t n)
{
	while (u->n > n) {
		u->n--;
		unlink(u->paths[u->n]);
		free(u->paths[u->n]);
		free(u->urls[u->n]);
	}
}

bool update_mark(struct update *u, const char *url, const char *etag, const char *modified)
{
	if (u->nmarks == u->marks_room) {
		size_t room = u->marks_room ? u->marks_room * 2 : 16;
		struct update_mark *marks = realloc(u->marks, room * sizeof *marks);
		if (!marks)
			return no_memory(u);
		u->marks = marks;
		u->marks_room = room;
	}
	struct update_mark *m = &u->marks[u->nmarks++];
	*m = (struct update_mark){ strdup(url), etag ? strdup(etag) : NULL, modified ? strdup(modified) : NULL, false };
	return m->url || no_memory(u);
}

static bool look_up(struct update *u, const char *sql, const char *key, char *first, size_t nfirst, char *second,
					size_t nsecond)
{
	sqlite3_stmt *s = NULL;
	bool found = false;
	if (u->old && sqlite3_prepare_v2(u->old, sql, -1, &s, NULL) == SQLITE_OK) {
		sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
		found = sqlite3_step(s) == SQLITE_ROW;
		const char *a = found ? (const char *)sqlite3_column_text(s, 0) : NULL;
		const char *b = found && second ? (const char *)sqlite3_column_text(s, 1) : NULL;
		snprintf(first, nfirst, "%s", a ? a : "");
		if (second)
			snprintf(second, nsecond, "%s", b ? b : "");
	}
	sqlite3_finalize(s);
	return found;
}

bool update_marked(struct update *u, const char *url, char etag[256], char modified[64])
{
	etag[0] = modified[0] = '\0';
	return look_up(u, "SELECT etag, modified FROM download WHERE url = ?1", url, etag, 256, modified, 64);
}

bool update_cursor(struct update *u, const char *source, char cursor[40])
{
	cursor[0] = '\0';
	return look_up(u, "SELECT cursor FROM source WHERE name = ?1 AND cursor IS NOT NULL", source, cursor, 40, NULL, 0);
}

bool update_fetch(struct update *u, const char *url, const char *name, bool must)
{
	char path[4200], etag[256], modified[64];
	struct fetch_result result;
	snprintf(path, sizeof path, "%s/%.90s", u->folder, name);
	update_marked(u, url, etag, modified);
	struct fetch_request request = {
		.url = url, .path = path, .etag = etag, .modified = modified, .resume = true, .secure = u->secure
	};
	struct error e = fetch_file(u->fetch, &request, &result);
	if (error_is(&e))
		return update_failed(u, url, &e);
	if (result.missing && must) {
		e = error_at(ERR_IO, 0, "the server has no such file");
		return update_failed(u, url, &e);
	}
	if (result.missing)
		return true;
	if (result.unchanged) {
		if (!update_mark(u, url, etag, modified))
			return false;
		return u->marks[u->nmarks - 1].unchanged = true;
	}
	return update_add(u, path, url) && update_mark(u, url, result.etag, result.modified);
}

bool update_fetch_index(struct update *u, const char *url, const char *name, char *path)
{
	struct fetch_result result;
	snprintf(path, 4200, "%s/%.90s", u->folder, name);
	struct error e =
		fetch_file(u->fetch, &(struct fetch_request){ .url = url, .path = path, .secure = u->secure }, &result);
	if (!error_is(&e) && result.missing)
		e = error_at(ERR_IO, 0, "the server has no such file");
	return !error_is(&e) || update_failed(u, url, &e);
}

bool update_fetch_page(struct update *u, const char *url, const char *name, const char *header)
{
	char path[4200];
	struct fetch_result result;
	snprintf(path, sizeof path, "%s/%.90s", u->folder, name);
	if (access(path, R_OK) == 0)
		return true;
	/* The NVD asks for six seconds between requests; with a key fifty in thirty seconds are allowed. */
	double pause = u->options->pause >= 0 ? u->options->pause : header ? 0.7 : 6;
	if (u->n)
		fetch_wait(u->fetch, pause);
	struct error e = fetch_file(
		u->fetch, &(struct fetch_request){ .url = url, .path = path, .header = header, .secure = u->secure }, &result);
	if (!error_is(&e) && (result.missing || result.unchanged))
		e = error_at(ERR_IO, 0, "the server has no such page%s",
					 header ? " (it says so too when the key is wrong)" : "");
	return !error_is(&e) || update_failed(u, url, &e);
}
