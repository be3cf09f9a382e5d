/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feed/feed.h"
#include "feed/schema.h"
#include "feed/store_internal.h"

static const char *const statements[STORE_STATEMENTS] = {
	[FIND_SOURCE] = "SELECT id, newest FROM source WHERE name = ?1",
	[ADD_SOURCE] = "INSERT INTO source(name, kind) VALUES(?1, ?2) RETURNING id",
	[END_SOURCE] =
		"UPDATE source SET location = coalesce(?2, location), imported = ?3, newest = nullif(max(coalesce(newest, ''), ?4), '')"
		" WHERE id = ?1",
	[FIND_RECORD] = "SELECT id, modified FROM record WHERE source_id = ?1 AND name = ?2",
	[ADD_RECORD] = "INSERT INTO record(source_id, name, modified) VALUES(?1, ?2, ?3)",
	[RENEW_RECORD] = "UPDATE record SET modified = ?2, vulnerability_id = NULL WHERE id = ?1",
	[SET_RECORD_VULNERABILITY] = "UPDATE record SET vulnerability_id = ?2 WHERE id = ?1",
	[FIND_VULNERABILITY] =
		"SELECT id, ranks, modified, published, modified, state, summary, cwe, cvss2, cvss30, cvss31, cvss40"
		" FROM vulnerability WHERE name = ?1",
	[ADD_VULNERABILITY] =
		"INSERT INTO vulnerability(name, published, modified, state, summary, cwe, cvss2, cvss30, cvss31, cvss40, ranks)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
	[MERGE_VULNERABILITY] =
		"UPDATE vulnerability SET published = coalesce(?2, published), modified = coalesce(?3, modified),"
		" state = coalesce(?4, state), summary = coalesce(?5, summary), cwe = coalesce(?6, cwe), cvss2 = coalesce(?7, cvss2),"
		" cvss30 = coalesce(?8, cvss30), cvss31 = coalesce(?9, cvss31), cvss40 = coalesce(?10, cvss40), ranks = ?11 WHERE id = ?1",
	[ADD_ALIAS] = "INSERT OR IGNORE INTO alias(name, vulnerability_id) VALUES(?1, ?2)",
	[FIND_PRODUCT] = "SELECT id FROM product WHERE name = ?1",
	[ADD_PRODUCT] = "INSERT INTO product(name) VALUES(?1)",
	[ADD_CRITERION] =
		"INSERT INTO criterion_row(product_id, record_id, configuration, node, number, tail, vulnerable, version, start,"
		" start_including, end, end_including, versions_order, status) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
		" ?13, ?14)",
	[ADD_NODE] =
		"INSERT INTO node_row(record_id, configuration, node, parent, operator, negate) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[ADD_FIX] =
		"INSERT INTO package_fix(distribution, package, vulnerability_id, source_id, record_id, status, version, note)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[ADD_KEV] =
		"INSERT OR REPLACE INTO kev(vulnerability_id, added, due, ransomware, action) VALUES(?1, ?2, ?3, ?4, ?5)",
	[ADD_EPSS] = "INSERT OR REPLACE INTO epss(vulnerability_id, score, percentile, day) VALUES(?1, ?2, ?3, ?4)",
	[ADD_VEX] =
		"INSERT INTO vex(product, vulnerability_id, source_id, record_id, status, justification, statement, version,"
		" component) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[ADD_PART] = "INSERT INTO part(vulnerability_id, record_id, product, kind, name) VALUES(?1, ?2, ?3, ?4, ?5)",
	[FORGET_CRITERIA] = "DELETE FROM criterion_row WHERE record_id = ?1",
	[FORGET_NODES] = "DELETE FROM node_row WHERE record_id = ?1",
	[FORGET_FIXES] = "DELETE FROM package_fix WHERE record_id = ?1",
	[FORGET_VEX] = "DELETE FROM vex WHERE record_id = ?1",
	[FORGET_PARTS] = "DELETE FROM part WHERE record_id = ?1",
	[TOUCH] = "INSERT INTO change(vulnerability_id, sequence) VALUES(?1, ?2) ON CONFLICT(vulnerability_id)"
			  " DO UPDATE SET sequence = excluded.sequence WHERE sequence <> excluded.sequence",
	[TOUCH_RECORD] = "INSERT INTO change(vulnerability_id, sequence)"
					 " SELECT vulnerability_id, ?2 FROM record WHERE id = ?1 AND vulnerability_id IS NOT NULL"
					 " UNION SELECT vulnerability_id, ?2 FROM package_fix WHERE record_id = ?1"
					 " UNION SELECT vulnerability_id, ?2 FROM vex WHERE record_id = ?1"
					 " ON CONFLICT(vulnerability_id) DO UPDATE SET sequence = excluded.sequence",
};

bool store_failed(struct feed_store *s)
{
	if (!error_is(&s->error))
		s->error = error_at(ERR_IO, 0, "the feed database can not be written: %s", sqlite3_errmsg(s->db));
	return false;
}

sqlite3_stmt *store_statement(struct feed_store *s, enum store_statement which)
{
	sqlite3_stmt *st = s->statements[which];
	sqlite3_reset(st);
	return st;
}

void store_bind(sqlite3_stmt *st, int at, struct text t)
{
	if (t.p)
		sqlite3_bind_text(st, at, t.p, (int)t.n, SQLITE_STATIC);
	else
		sqlite3_bind_null(st, at);
}

bool store_run(struct feed_store *s, sqlite3_stmt *st)
{
	int r = sqlite3_step(st);
	sqlite3_reset(st);
	return r == SQLITE_DONE || r == SQLITE_ROW || store_failed(s);
}

/* Makes the folders above a file. errno of the last that could not be made; 0. */
static int make_folders(const char *path)
{
	char *p = strdup(path);
	int failed = 0;
	for (char *c = p ? strchr(p + 1, '/') : NULL; c; c = strchr(c + 1, '/')) {
		*c = '\0';
		if (mkdir(p, 0777) && errno != EEXIST && !failed) /* what is missing in the end shows when the file is made */
			failed = errno;
		*c = '/';
	}
	free(p);
	return failed;
}

static struct error take_lock(struct feed_store *s, int folders)
{
	s->lock = open(s->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (s->lock < 0 && errno == ENOENT && folders)
		return error_at(ERR_IO, 0, "its folder can not be made: %s; --feeds names another file", strerror(folders));
	if (s->lock < 0)
		return error_at(ERR_IO, 0, "the lock %s can not be made: %s; --feeds names another file", s->lock_path,
						strerror(errno));
	if (flock(s->lock, LOCK_EX | LOCK_NB))
		return error_at(ERR_IO, 0, "another import or update of this database is running");
	s->locked = true;
	return error_none();
}

static struct error copy_bytes(int from, int to)
{
	for (;;) {
		ssize_t n = copy_file_range(from, NULL, to, NULL, (size_t)1 << 30, 0);
		if (n == 0)
			return error_none();
		if (n > 0)
			continue;
		if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
			return error_at(ERR_IO, 0, "copying the feed database: %s", strerror(errno));
		char buffer[65536];
		for (n = read(from, buffer, sizeof buffer); n > 0; n = read(from, buffer, sizeof buffer))
			if (write(to, buffer, (size_t)n) != n)
				return error_at(ERR_IO, 0, "copying the feed database: %s", strerror(errno));
		return n ? error_at(ERR_IO, 0, "copying the feed database: %s", strerror(errno)) : error_none();
	}
}

/* The copy: of the database when it is there and of this version. */
static struct error make_copy(struct feed_store *s, bool *empty)
{
	sqlite3 *old = NULL;
	*empty = access(s->path, F_OK) != 0;
	struct error e = *empty ? error_none() : feed_open(s->path, &old);
	sqlite3_close(old);
	if (error_is(&e))
		return e;
	unlink(s->copy); /* what a killed import left */
	int to = open(s->copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (to < 0)
		return error_at(ERR_IO, 0, "%s can not be made: %s", s->copy, strerror(errno));
	int from = *empty ? -1 : open(s->path, O_RDONLY | O_CLOEXEC);
	if (from >= 0)
		e = copy_bytes(from, to);
	else if (!*empty)
		e = error_at(ERR_IO, 0, "the feed database can not be read: %s", strerror(errno));
	if (from >= 0)
		close(from);
	close(to);
	return e;
}

static struct error open_copy(struct feed_store *s, bool empty)
{
	char version[128];
	snprintf(version, sizeof version, "PRAGMA application_id = %d; PRAGMA user_version = %d;", FEED_APPLICATION_ID,
			 FEED_SCHEMA_VERSION);
	/* No journal and no sync: nobody sees the copy before it is whole and synced. */
	bool ok = sqlite3_open_v2(s->copy, &s->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
			  sqlite3_exec(s->db,
						   "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
						   "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;",
						   NULL, NULL, NULL) == SQLITE_OK &&
			  (!empty || sqlite3_exec(s->db, feed_schema, NULL, NULL, NULL) == SQLITE_OK) &&
			  store_begin_changes(s, empty) && sqlite3_exec(s->db, version, NULL, NULL, NULL) == SQLITE_OK &&
			  sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK;
	for (size_t i = 0; ok && i < STORE_STATEMENTS; i++)
		ok = sqlite3_prepare_v3(s->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &s->statements[i], NULL) ==
			 SQLITE_OK;
	if (!ok)
		store_failed(s);
	return s->error;
}

struct error feed_store_begin(const char *path, const char *now, struct feed_store **store)
{
	struct feed_store *s = calloc(1, sizeof *s);
	bool empty = false;
	*store = NULL;
	if (!s)
		return error_at(ERR_MEMORY, 0, "no memory for the feed database");
	s->sink.row = store_row;
	s->lock = -1;
	snprintf(s->now, sizeof s->now, "%s", now);
	s->path = realpath(path, NULL); /* a link stays one: what it leads to is replaced */
	if (!s->path)
		s->path = strdup(path);
	if (!s->path || asprintf(&s->copy, "%s.new", s->path) < 0 || asprintf(&s->lock_path, "%s.lock", s->path) < 0) {
		feed_store_free(s);
		return error_at(ERR_MEMORY, 0, "no memory for the feed database");
	}
	struct error e = take_lock(s, make_folders(path));
	if (!error_is(&e))
		e = make_copy(s, &empty);
	if (!error_is(&e))
		e = open_copy(s, empty);
	if (error_is(&e))
		feed_store_free(s);
	else
		*store = s;
	return e;
}

struct feed_sink *feed_store_sink(struct feed_store *s)
{
	return &s->sink;
}

struct error feed_store_error(const struct feed_store *s)
{
	return s->error;
}

void feed_store_location(struct feed_store *s, const char *location)
{
	store_end_source(s);
	snprintf(s->location, sizeof s->location, "%s", location);
}

struct feed_counts feed_store_counts(const struct feed_store *s)
{
	return s->counts;
}

/* A statement with up to three texts. */
static struct error run_once(struct feed_store *s, const char *sql, const char *a, const char *b, const char *c)
{
	sqlite3_stmt *st = NULL;
	bool ok = store_end_source(s) && (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) == SQLITE_OK || store_failed(s));
	if (ok) {
		store_bind(st, 1, text_c(a));
		store_bind(st, 2, text_c(b));
		store_bind(st, 3, text_c(c));
		ok = store_run(s, st);
	}
	sqlite3_finalize(st);
	return ok ? error_none() : s->error;
}

struct error feed_store_cursor(struct feed_store *s, const char *source, const char *cursor, const char *etag)
{
	return run_once(s, "UPDATE source SET cursor = coalesce(?2, cursor), etag = coalesce(?3, etag) WHERE name = ?1",
					source, cursor, etag);
}

struct error feed_store_download(struct feed_store *s, const char *url, const char *etag, const char *modified)
{
	return run_once(s, "INSERT OR REPLACE INTO download(url, etag, modified) VALUES(?1, ?2, ?3)", url, etag, modified);
}

struct error feed_store_checked(struct feed_store *s, const char *location)
{
	return run_once(s, "UPDATE source SET imported = ?2 WHERE location = ?1 AND ?3 IS NULL", location, s->now, NULL);
}

static void close_database(struct feed_store *s)
{
	for (size_t i = 0; i < STORE_STATEMENTS; i++) {
		sqlite3_finalize(s->statements[i]);
		s->statements[i] = NULL;
	}
	sqlite3_close(s->db);
	s->db = NULL;
}

/* What rename() needs to survive a power cut: the file's bytes, then the folder's entry. */
static struct error put_in_place(struct feed_store *s)
{
	int fd = open(s->copy, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	if (!ok || rename(s->copy, s->path))
		return error_at(ERR_IO, 0, "the new feed database can not be put in its place: %s", strerror(errno));
	char *slash = strrchr(s->copy, '/');
	*(slash ? slash : s->copy) = '\0';
	fd = open(slash ? s->copy[0] ? s->copy : "/" : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(s->copy);
	s->copy = NULL;
	return error_none();
}

struct error feed_store_commit(struct feed_store *s)
{
	static const char count[] =
		"UPDATE source SET records = CASE kind WHEN 'kev' THEN (SELECT count(*) FROM kev) WHEN 'epss' THEN"
		" (SELECT count(*) FROM epss) ELSE (SELECT count(*) FROM record WHERE source_id = source.id) END";
	if (!store_end_source(s) || !store_end_changes(s))
		return s->error;
	if (sqlite3_exec(s->db, count, NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
		store_failed(s);
		return s->error;
	}
	close_database(s);
	return put_in_place(s);
}

void feed_store_free(struct feed_store *s)
{
	if (!s)
		return;
	close_database(s);
	if (s->copy && s->locked)
		unlink(s->copy);
	if (s->lock >= 0)
		close(s->lock);
	free(s->path);
	free(s->copy);
	free(s->lock_path);
	free(s);
}
