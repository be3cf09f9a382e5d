/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/match.h"

#include <unistd.h>

#include "cli/command.h"
#include "cli/feed.h"
#include "cli/progress.h"
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
	struct progress progress;
	progress_start(&progress, request->quiet);
	progress.label = "matching component";
	char now[24];
	feed_now(now);
	struct vuln_options options = { .statements = request->statements,
									.now = now,
									.progress = progress_count,
									.progress_context = &progress };
	e = vuln_match(db, feeds, &options, NULL);
	progress_end(&progress);
	sqlite3_close(feeds);
	return error_is(&e) ? complain_error(e.code == ERR_USAGE ? NULL : file, &e) : EXIT_NO_FAIL;
}
