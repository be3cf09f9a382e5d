/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "case/case.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/span.h"
#include "case/internal.h"
#include "sql/sql.h"

struct error case_sql_error(struct case_file *c, const char *doing)
{
	return error_at(ERR_IO, 0, "%s: %s", doing, sqlite3_errmsg(c->db));
}

struct error case_exec(struct case_file *c, const char *sql, const char *doing)
{
	return sqlite3_exec(c->db, sql, NULL, NULL, NULL) ? case_sql_error(c, doing) : error_none();
}

void case_one_thread(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
}

struct case_file *case_unkept(void)
{
	struct case_file *c = calloc(1, sizeof *c);
	if (c)
		c->lock = -1;
	return c;
}

const struct case_blob *case_find(const struct case_file *c, uint64_t key)
{
	return blobs_find(&c->blobs, key);
}

void case_close(struct case_file *c)
{
	if (!c)
		return;
	if (c->db) /* else the library may not even be loaded */
		sqlite3_close(c->db);
	if (c->lock >= 0) /* not before: to close the file drops SQLite's own locks */
		close(c->lock);
	blobs_free(&c->blobs);
	free(c->done_keys);
	free(c->meta_value);
	free(c->path);
	free(c);
}

sqlite3 *case_db(struct case_file *c)
{
	return c->db;
}

struct error case_set_meta(struct case_file *c, const char *name, const char *value)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(c->db, "INSERT OR REPLACE INTO meta(name, value) VALUES(?, ?)", -1, &s, NULL);
	if (r == SQLITE_OK) {
		sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 2, value, -1, SQLITE_STATIC);
		r = sqlite3_step(s) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
	}
	sqlite3_finalize(s);
	return r ? case_sql_error(c, "writing meta") : error_none();
}

static const char *case_meta(struct case_file *c, const char *name)
{
	sqlite3_stmt *s = NULL;
	free(c->meta_value);
	c->meta_value = NULL;
	if (sqlite3_prepare_v2(c->db, "SELECT value FROM meta WHERE name = ?", -1, &s, NULL) == SQLITE_OK) {
		sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
		const char *value = sqlite3_step(s) == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
		c->meta_value = value ? strdup(value) : NULL;
	}
	sqlite3_finalize(s);
	return c->meta_value;
}

/* SQLite says "unable to open database file" of everything. What the system says of the file, or of its folder where there is no such
 * file; NULL: it finds nothing wrong with them. */
static const char *why_not_opened(const char *path)
{
	struct stat st;
	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? "it is a folder" : access(path, R_OK | W_OK) ? strerror(errno) : NULL;
	if (errno != ENOENT)
		return strerror(errno);
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	return access(folder, W_OK | X_OK) ? strerror(errno) : NULL;
}

static struct case_file *open_database(const char *path, int flags, struct error *error)
{
	struct case_file *c = calloc(1, sizeof *c);
	*error = error_none();
	if (!c || !(c->path = strdup(path))) {
		*error = error_at(ERR_MEMORY, 0, "no memory");
		free(c);
		return NULL;
	}
	c->lock = -1;
	if (sqlite3_open_v2(path, &c->db, flags, NULL)) {
		const char *why = why_not_opened(path);
		*error = error_at(ERR_IO, 0, "%s%s", why ? "the case file can not be written there: " : "",
						  why ? why : sqlite3_errmsg(c->db));
		case_close(c);
		return NULL;
	}
	sqlite3_busy_timeout(c->db, 5000);
	/* A case file may come from somebody else: its schema must not run functions of ours. */
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* Judging keeps what is temporary in memory; to change that later would drop the excerpts that wait for it. */
	sqlite3_exec(c->db, "PRAGMA cell_size_check = ON; PRAGMA ignore_check_constraints = ON; PRAGMA temp_store = MEMORY", NULL, NULL,
				 NULL);
	return c;
}

/* Whether the file begins as a case file does: then what SQLite can not read of it was lost on the way. */
static bool begins_as_case(const char *path)
{
	uint8_t head[72];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is = fd >= 0 && pread(fd, head, sizeof head, 0) == sizeof head && memcmp(head, "SQLite format 3", 16) == 0 &&
			  span_u32be(span_of(head, sizeof head), 68) == CASE_APPLICATION_ID;
	if (fd >= 0)
		close(fd);
	return is;
}

/* Whether the open database is a case file of this schema; fills the error for a person if not. */
static bool is_case(struct case_file *c, struct error *error)
{
	if (sql_number(c->db, "PRAGMA application_id", -1) != CASE_APPLICATION_ID) {
		*error = error_at(ERR_USAGE, 0,
						  begins_as_case(c->path)
							  ? "a case file that is cut short or damaged: copy it again, or assess again"
							  : "not a case file");
		return false;
	}
	const char *foreign = case_foreign(c->db);
	if (foreign) {
		*error = error_at(ERR_USAGE, 0, "has %s that no case file has", foreign);
		return false;
	}
	int64_t version = sql_number(c->db, "PRAGMA user_version", -1);
	if (version != CASE_SCHEMA_VERSION)
		*error = error_at(ERR_USAGE, 0,
						  "a case file of schema %lld; this version reads schema %d: assess the image again, or use the"
						  " version of assay that made it",
						  (long long)version, CASE_SCHEMA_VERSION);
	return version == CASE_SCHEMA_VERSION;
}

static struct error begin_new(struct case_file *c, const struct case_input *input)
{
	char setup[256];
	snprintf(setup, sizeof setup,
	         "BEGIN; PRAGMA application_id = %d; PRAGMA user_version = %d;"
	         "CREATE TABLE journal(key INTEGER UNIQUE, batch BLOB NOT NULL);",
	         CASE_APPLICATION_ID, CASE_SCHEMA_VERSION);
	struct error e = case_exec(c, setup, "creating the case file");
	if (!error_is(&e))
		e = case_exec(c, case_run_tables, "creating the case file");
	sqlite3_stmt *s = NULL;
	if (!error_is(&e) && sqlite3_prepare_v2(c->db, "INSERT INTO input(id, kind, location, size) VALUES(1, ?, ?, ?)", -1, &s, NULL) == SQLITE_OK) {
		sqlite3_bind_text(s, 1, input->kind, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 2, input->location, -1, SQLITE_STATIC);
		sqlite3_bind_int64(s, 3, (sqlite3_int64)input->size);
		if (sqlite3_step(s) != SQLITE_DONE)
			e = case_sql_error(c, "adding the input");
	}
	sqlite3_finalize(s);
	if (!error_is(&e))
		e = case_set_meta(c, "state", "running");
	if (!error_is(&e))
		e = case_set_meta(c, "identity", input->identity);
	if (!error_is(&e))
		e = case_set_meta(c, "version", ASSAY_VERSION);
	return error_is(&e) ? e : case_exec(c, "COMMIT", "creating the case file");
}

char *case_made_of(const char *path)
{
	struct stat st;
	struct error e;
	struct case_file *c =
		stat(path, &st) == 0 && S_ISREG(st.st_mode) ? open_database(path, SQLITE_OPEN_READONLY, &e) : NULL;
	sqlite3_stmt *s = NULL;
	char *location = NULL;
	if (c && sql_number(c->db, "PRAGMA application_id", -1) == CASE_APPLICATION_ID &&
		sqlite3_prepare_v2(c->db, "SELECT location FROM input WHERE id = 1", -1, &s, NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW)
		location = sqlite3_column_type(s, 0) == SQLITE_TEXT ? strdup((const char *)sqlite3_column_text(s, 0)) : NULL;
	sqlite3_finalize(s);
	case_close(c);
	return location;
}

/* True when the file holds an unfinished run on this very input. */
static bool can_continue(struct case_file *c, const struct case_input *input)
{
	const char *state = case_meta(c, "state");
	if (!state || strcmp(state, "running") != 0)
		return false;
	const char *identity = case_meta(c, "identity");
	return identity && strcmp(identity, input->identity) == 0;
}

/* One run at a time: takes the file for this one. */
static struct error lock_case(struct case_file *c, const char *path)
{
	if (!*path) /* nobody else knows it */
		return error_none();
	c->lock = open(path, O_RDONLY | O_CLOEXEC);
	if (c->lock < 0)
		return error_at(ERR_USAGE, 0, "%s", strerror(errno));
	if (flock(c->lock, LOCK_EX | LOCK_NB))
		return error_at(ERR_USAGE, 0, "another run is writing it: wait for its end, or name another file with -o");
	return error_none();
}

/* Looks at what is at `path`: gives an unfinished case to continue, or clears the place. NULL without error: begin anew. */
static struct case_file *take_over(const char *path, const struct case_input *input, struct error *error)
{
	struct stat st;
	if (lstat(path, &st) || (S_ISREG(st.st_mode) && st.st_size == 0))
		return NULL;
	struct case_file *c = open_database(path, SQLITE_OPEN_READWRITE, error);
	if (!c)
		return NULL;
	bool ours = is_case(c, error);
	if (ours)
		*error = lock_case(c, path);
	if (error_is(error) && ours) {
		case_close(c);
		return NULL;
	}
	if (ours && can_continue(c, input)) {
		*error = journal_load(c);
		if (!error_is(error))
			return c;
		*error = error_none(); /* a journal that cannot be read is worth nothing */
	}
	case_close(c);
	if (!ours) {
		*error = error_at(ERR_USAGE, 0, "exists and is no case file of this version: move it away, or name another with -o");
		return NULL;
	}
	if (unlink(path))
		*error = error_at(ERR_IO, 0, "the old case file can not be replaced: %s", strerror(errno));
	return NULL;
}

static void tune(struct case_file *c)
{
	/* A crash of this process leaves the file whole; only after a power cut the run has to be repeated. */
	sqlite3_exec(c->db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = DELETE; PRAGMA cache_size = -16384", NULL, NULL, NULL);
}

struct case_file *case_begin(const char *path, const struct case_input *input, size_t *resumed, struct error *error)
{
	*error = error_none();
	struct case_file *c = take_over(path, input, error);
	if (resumed)
		*resumed = c ? c->blobs.n : 0;
	if (error_is(error))
		return NULL;
	if (!c) {
		c = open_database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
		if (!c)
			return NULL;
		tune(c);
		*error = begin_new(c, input);
		if (!error_is(error))
			*error = lock_case(c, path);
	} else {
		tune(c);
	}
	c->input_id = 1;
	if (!error_is(error))
		return c;
	case_close(c);
	return NULL;
}

/* The digest of the input at hand, for its row and for its blob. */
static struct error add_digest(struct case_file *c, const char *sha256)
{
	static const char *const updates[] = { "UPDATE input SET sha256 = ?1 WHERE id = ?2",
										   "UPDATE blob SET sha256 = ?1 WHERE input_id = ?2 AND parent_id IS NULL" };
	for (size_t i = 0; i < sizeof updates / sizeof updates[0]; i++) {
		sqlite3_stmt *s = NULL;
		int r = sqlite3_prepare_v2(c->db, updates[i], -1, &s, NULL);
		if (r == SQLITE_OK) {
			sqlite3_bind_text(s, 1, sha256, -1, SQLITE_STATIC);
			sqlite3_bind_int64(s, 2, c->input_id);
			r = sqlite3_step(s) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
		}
		sqlite3_finalize(s);
		if (r)
			return case_sql_error(c, "adding the digest");
	}
	return error_none();
}

struct error case_take_run(struct case_file *c, const struct case_run *run, int64_t base)
{
	char unverified[200] = "";
	struct error e = case_make_tables(c, true);
	if (!error_is(&e))
		e = ingest(c, base, false);
	if (!error_is(&e) && run->verify && !run->verify(run->verify_context, c->db, unverified))
		e = case_sql_error(c, "verifying signatures");
	if (!error_is(&e))
		e = case_exec(c, case_indices, "creating the indices");
	if (!error_is(&e) && !run->probe)
		e = case_derive(c->db);
	if (!error_is(&e) && !run->probe)
		e = case_derive_declared(c->db);
	if (!error_is(&e))
		e = coverage_write(c, run, unverified);
	return error_is(&e) ? e : add_digest(c, run->sha256);
}

static struct error finish_steps(struct case_file *c, const struct case_run *run)
{
	struct error e = case_take_run(c, run, 0);
	if (!error_is(&e))
		e = case_exec(c, "DROP TABLE journal; DELETE FROM meta WHERE name = 'identity'", "dropping the journal");
	return error_is(&e) ? e : case_set_meta(c, "state", run->more ? "adding" : "finished");
}

struct error case_finish(struct case_file *c, const struct case_run *run)
{
	struct error e = case_exec(c, "BEGIN IMMEDIATE", "beginning to write");
	if (error_is(&e))
		return e;
	e = finish_steps(c, run);
	if (!error_is(&e)) {
		blobs_free(&c->blobs); /* rows now; a document that is added has keys of its own */
		c->journaled = 0;
		return case_exec(c, "COMMIT", "writing the case file");
	}
	sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
	return e;
}

/* Makes rows of what an unfinished run left, in a copy: what was found can be read, and the run still be continued. */
static struct error complete_copy(struct case_file *c)
{
	static const char *const no_inspectors[] = { NULL };
	struct case_run run = { .outcome = "partial", .detail = "the run was interrupted: assess the image again to complete it",
		                    .inspectors = no_inspectors };
	sqlite3 *copy = NULL;
	sqlite3_backup *backup = NULL;
	if (sqlite3_open(":memory:", &copy) == SQLITE_OK)
		backup = sqlite3_backup_init(copy, "main", c->db, "main");
	bool ok = backup && sqlite3_backup_step(backup, -1) == SQLITE_DONE;
	sqlite3_backup_finish(backup);
	if (!ok) {
		sqlite3_close(copy);
		return error_at(ERR_MEMORY, 0, "an unfinished case file can not be copied to memory");
	}
	sqlite3_close(c->db);
	c->db = copy;
	c->input_id = 1;
	struct error e = journal_load(c);
	return error_is(&e) ? e : case_finish(c, &run);
}

/* Who was killed while writing left a journal beside the file: nothing is read before what it had half written is undone, and
 * that takes the right to write. A run that still goes on is not disturbed: it holds the file. */
static struct case_file *open_to_read(const char *path, struct error *error)
{
	struct case_file *c = open_database(path, SQLITE_OPEN_READONLY, error);
	if (!c || sql_number(c->db, "PRAGMA application_id", -1) >= 0 || sqlite3_extended_errcode(c->db) != SQLITE_READONLY_ROLLBACK)
		return c;
	case_close(c);
	c = open_database(path, SQLITE_OPEN_READWRITE, error);
	if (!c)
		return NULL;
	bool undone = sql_number(c->db, "PRAGMA application_id", -1) >= 0;
	case_close(c);
	if (!undone) {
		*error = error_at(ERR_USAGE, 0, "what wrote it was cut off, and undoing the rest takes the right to write it and its folder");
		return NULL;
	}
	return open_database(path, SQLITE_OPEN_READONLY, error);
}

struct case_file *case_open(const char *path, bool writable, struct error *error)
{
	struct stat st;
	if (stat(path, &st) || access(path, R_OK)) {
		*error = error_at(ERR_USAGE, 0, "%s", strerror(errno));
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) { /* to open a pipe would wait for who writes it */
		*error = error_at(ERR_USAGE, 0, S_ISDIR(st.st_mode) ? "a folder, not a case file" : "not a case file");
		return NULL;
	}
	if (writable && access(path, W_OK)) {
		*error =
			error_at(ERR_USAGE, 0, "it can not be written to, as this command does: %s; use a copy", strerror(errno));
		return NULL;
	}
	struct case_file *c = writable ? open_database(path, SQLITE_OPEN_READWRITE, error) : open_to_read(path, error);
	if (!c)
		return NULL;
	if (is_case(c, error)) {
		const char *state = case_meta(c, "state");
		if (state && strcmp(state, "running") == 0)
			*error = writable ? error_at(ERR_USAGE, 0, "its run was interrupted: assess the image again to complete it")
			                  : complete_copy(c);
		else if (state && strcmp(state, "adding") == 0)
			*error = error_at(ERR_USAGE, 0, "its run was interrupted before all inputs were in it: assess the product again");
	}
	if (!error_is(error) && case_ready_views(c->db))
		*error = case_sql_error(c, "creating the views");
	if (!error_is(error))
		return c;
	case_close(c);
	return NULL;
}
