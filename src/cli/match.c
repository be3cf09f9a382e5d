/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/match.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/feed.h"
#include "feed/feed.h"
#include "vuln/vuln.h"

const char *match_feeds_path(const char *named, char buffer[MATCH_PATH_BYTES])
{
	if (named)
		return named;
	return feed_default_path(buffer, MATCH_PATH_BYTES) ? buffer : NULL;
}

bool match_possible(const char *feeds)
{
	char buffer[MATCH_PATH_BYTES];
	const char *path = match_feeds_path(feeds, buffer);
	return path && (feeds || access(path, R_OK) == 0);
}

/* A line for a person who waits, now and then. */
struct patience {
	time_t started, shown;
	bool on;
};

static void show(void *context, size_t done, size_t all)
{
	struct patience *p = context;
	time_t now = time(NULL);
	if (!p->on || now == p->started || now == p->shown)
		return;
	p->shown = now;
	fprintf(stderr, "\rmatching %zu of %zu components", done, all);
	fflush(stderr);
}

int match_case(sqlite3 *db, const struct match_request *request)
{
	char buffer[MATCH_PATH_BYTES];
	const char *path = match_feeds_path(request->feeds, buffer);
	sqlite3 *feeds = NULL;
	if (!path)
		return complain(EXIT_UNUSABLE, NULL, "neither HOME nor XDG_DATA_HOME is set: name the database with --feeds");
	struct error e = feed_open(path, &feeds);
	if (error_is(&e))
		return complain_error(path, &e);
	const char *file = sqlite3_db_filename(db, "main");
	if (sqlite3_db_readonly(db, "main") == 1) {
		sqlite3_close(feeds);
		return complain(EXIT_UNUSABLE, file,
						"matching writes into the case file, and this one can not be written to: copy it");
	}
	struct patience patience = { .started = time(NULL), .on = !request->quiet && isatty(STDERR_FILENO) };
	char now[24];
	feed_now(now);
	struct vuln_options options = { .statements = request->statements,
									.now = now,
									.progress = show,
									.progress_context = &patience };
	e = vuln_match(db, feeds, &options, NULL);
	if (patience.shown)
		fputs("\r\033[K", stderr);
	sqlite3_close(feeds);
	return error_is(&e) ? complain_error(e.code == ERR_USAGE ? NULL : file, &e) : EXIT_NO_FAIL;
}
