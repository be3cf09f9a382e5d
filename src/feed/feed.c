/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feed/schema.h"
#include "sql/sql.h"

/* No text of a feed is longer: its importers cut at less. */
#define TEXT_BYTES_MAX (16 << 20)

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

/* Whether it has the tables, indices and views of that version, word for word, and nothing that would run besides. */
static bool has_only_our_schema(sqlite3 *db, int64_t version)
{
	static const char each[] =
		"SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name";
	sqlite3 *ours = NULL;
	sqlite3_stmt *a = NULL, *b = NULL;
	bool same = sqlite3_open(":memory:", &ours) == SQLITE_OK &&
				sqlite3_exec(ours, feed_schema, NULL, NULL, NULL) == SQLITE_OK &&
				(version < 2 || sqlite3_exec(ours, feed_schema_2, NULL, NULL, NULL) == SQLITE_OK) &&
				(version < 3 || sqlite3_exec(ours, feed_schema_3, NULL, NULL, NULL) == SQLITE_OK) &&
				sqlite3_prepare_v2(db, each, -1, &a, NULL) == SQLITE_OK &&
				sqlite3_prepare_v2(ours, each, -1, &b, NULL) == SQLITE_OK;
	for (bool more = same; same && more;) {
		int of_it = sqlite3_step(a);
		more = sqlite3_step(b) == SQLITE_ROW;
		same = of_it == (more ? SQLITE_ROW : SQLITE_DONE);
		for (int i = 0; same && more && i < 3; i++) {
			const char *x = (const char *)sqlite3_column_text(a, i), *y = (const char *)sqlite3_column_text(b, i);
			same = x && y && strcmp(x, y) == 0;
		}
	}
	sqlite3_finalize(a);
	sqlite3_finalize(b);
	sqlite3_close(ours);
	return same;
}

/* To open a pipe would wait for who writes it. */
static struct error check_file(const char *path)
{
	struct stat st;
	if (stat(path, &st) && errno != ENOENT)
		return error_at(ERR_IO, 0, "the feed database can not be read: %s", strerror(errno));
	if (access(path, F_OK))
		return error_at(ERR_IO, 0, "there is no feed database; `assay feed update` or `assay feed import` makes one");
	if (S_ISDIR(st.st_mode))
		return error_at(ERR_USAGE, 0, "this is a folder: --feeds names the file of the database, such as feeds.db");
	if (!S_ISREG(st.st_mode))
		return error_at(ERR_IO, 0, "this is no file; --feeds names a feed database, `assay feed import` makes one");
	if (access(path, R_OK))
		return error_at(ERR_IO, 0, "the feed database can not be read: %s", strerror(errno));
	return error_none();
}

struct error feed_open(const char *path, sqlite3 **db)
{
	int64_t version = 0;
	*db = NULL;
	struct error e = check_file(path);
	if (error_is(&e))
		return e;
	if (sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		e = error_at(ERR_IO, 0, "the feed database can not be opened: %s", *db ? sqlite3_errmsg(*db) : "no memory");
	} else {
		/* It may come from somebody else: what it says must not run functions, nor take all memory. */
		sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		sqlite3_limit(*db, SQLITE_LIMIT_LENGTH, TEXT_BYTES_MAX);
		if (sql_number(*db, "PRAGMA application_id", -1) != FEED_APPLICATION_ID)
			e = error_at(
				ERR_CORRUPT, 0,
				"this is no feed database of assay, or it is damaged; --feeds names one, `assay feed import` makes one");
		else if ((version = sql_number(*db, "PRAGMA user_version", -1)) < FEED_SCHEMA_OLDEST || version > FEED_SCHEMA_VERSION ||
				 !has_only_our_schema(*db, version))
			e = error_at(ERR_UNSUPPORTED, 0,
						 "the feed database is of another version of assay; remove it and import again");
	}
	if (error_is(&e)) {
		sqlite3_close(*db);
		*db = NULL;
	}
	return e;
}
