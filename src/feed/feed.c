/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool feed_default_path(char *out, size_t size)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int n = -1;
	if (data && data[0] == '/') /* the XDG Base Directory Specification has relative paths ignored */
		n = snprintf(out, size, "%s/assay/feeds.db", data);
	else if (home && home[0])
		n = snprintf(out, size, "%s/.local/share/assay/feeds.db", home);
	return n > 0 && (size_t)n < size;
}

static int64_t pragma(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t v = -1;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		v = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return v;
}

struct error feed_open(const char *path, sqlite3 **db)
{
	struct error e = error_none();
	int64_t version = 0;
	struct stat st;
	*db = NULL;
	if (access(path, R_OK))
		return error_at(ERR_IO, 0, "there is no feed database; `assay feed update` or `assay feed import` makes one");
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return error_at(ERR_USAGE, 0, "this is a folder: --feeds names the file of the database, such as feeds.db");
	if (sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		e = error_at(ERR_IO, 0, "the feed database can not be opened: %s", *db ? sqlite3_errmsg(*db) : "no memory");
	} else if ((version = pragma(*db, "PRAGMA user_version")),
			   pragma(*db, "PRAGMA application_id") != FEED_APPLICATION_ID) {
		e = error_at(
			ERR_CORRUPT, 0,
			"this is no feed database of assay, or it is damaged; --feeds names one, `assay feed import` makes one");
	} else if (version < FEED_SCHEMA_OLDEST || version > FEED_SCHEMA_VERSION) {
		e = error_at(ERR_UNSUPPORTED, 0,
					 "the feed database is of another version of assay; remove it and import again");
	}
	if (error_is(&e)) {
		sqlite3_close(*db);
		*db = NULL;
	}
	return e;
}
