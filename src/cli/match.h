/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matching a case against the feed database: for `assay IMAGE` and `assay vulns`. */
#ifndef ASSAY_CLI_MATCH_H
#define ASSAY_CLI_MATCH_H

#include <sqlite3.h>
#include <stdbool.h>

struct match_request {
	const char *feeds;      /* path of the database; NULL: the default one */
	const char *statements; /* NULL: none */
	bool quiet;
};

#define MATCH_PATH_BYTES 4096u
/* The database that is named, or the default one, whose path goes into the buffer; NULL: there is no such path. */
const char *match_feeds_path(const char *named, char buffer[MATCH_PATH_BYTES]);

/* Whether there is a database to match against: the one that is named, or one at the default place. */
bool match_possible(const char *feeds);

/* Matches the case; an exit code, errors are said. */
int match_case(sqlite3 *db, const struct match_request *request);

#endif
