/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judge/standing.h"
#include "sql/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "ASSM", in `PRAGMA application_id`. */
#define MEASURES_APPLICATION_ID 0x4153534d
#define WAIT_MS 200
/* Numbers of one product: more are in no pack. */
#define MEASURES_MAX 4096

static const char schema[] =
	"CREATE TABLE measured(product TEXT NOT NULL, requirement TEXT NOT NULL, measure TEXT NOT NULL, definition TEXT NOT NULL,"
	" value REAL NOT NULL, PRIMARY KEY(requirement, measure, definition, product)) WITHOUT ROWID;";

/* The measures of the case, each once however many packs ask for it. */
static const char own[] =
	"SELECT v.origin, m.name, coalesce(m.unit, '') || char(10) || coalesce(m.formula, ''), m.value"
	" FROM main.measure m JOIN main.verdict v ON v.id = m.verdict_id"
	" WHERE m.value IS NOT NULL AND v.origin IS NOT NULL GROUP BY 1, 2 ORDER BY min(m.id) LIMIT ?";

bool standing_default_path(char *path, size_t size)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int n = -1;
	if (data && data[0] == '/') /* the XDG Base Directory Specification: a relative path is to be ignored */
		n = snprintf(path, size, "%s/assay/measures.db", data);
	else if (home && home[0] == '/')
		n = snprintf(path, size, "%s/.local/share/assay/measures.db", home);
	return n > 0 && (size_t)n < size;
}

/* Makes the folders above the file, which only the user may enter. */
static void make_folders(const char *path)
{
	char folder[4096];
	if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder)
		return;
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		(void)mkdir(folder, 0700);
		*slash = '/';
	}
}

/* The file has to be there, and to be the user's alone, before SQLite opens it. */
static struct error make_file(const char *path)
{
	make_folders(path);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
	struct stat st;
	if (fd < 0)
		return error_at(ERR_USAGE, 0, "%s", strerror(errno));
	bool plain = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	close(fd);
	return plain ? error_none() : error_at(ERR_USAGE, 0, "is no file");
}

static struct error sql_error(sqlite3 *db, const char *doing)
{
	return error_at(ERR_IO, 0, "%s: %s", doing, sqlite3_errmsg(db));
}

/* Makes the table in an empty database; refuses what is another one. */
static struct error check_schema(sqlite3 *db, bool may_write)
{
	char sql[512];
	int64_t id = sql_number(db, "PRAGMA application_id", -1), tables = sql_number(db, "SELECT count(*) FROM sqlite_schema", -1);
	if (tables < 0)
		return sql_error(db, "reading it");
	if (id == MEASURES_APPLICATION_ID && tables > 0)
		return sql_number(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'measured'", -1) == 1 &&
					   sql_number(db, "SELECT count(*) FROM sqlite_schema WHERE type <> 'table' OR sql IS NULL", -1) == 0
				   ? error_none()
				   : error_at(ERR_USAGE, 0, "is no database of measures of this version");
	if (id != 0 || tables > 0)
		return error_at(ERR_USAGE, 0, "is no database of measures");
	if (!may_write)
		return error_at(ERR_USAGE, 0, "holds nothing yet");
	snprintf(sql, sizeof sql, "BEGIN IMMEDIATE; PRAGMA application_id = %d; %s COMMIT", MEASURES_APPLICATION_ID, schema);
	return sqlite3_exec(db, sql, NULL, NULL, NULL) ? sql_error(db, "making it") : error_none();
}

static struct error open_measures(const char *path, bool record, sqlite3 **db)
{
	struct error e = record ? make_file(path) : error_none();
	*db = NULL;
	if (error_is(&e))
		return e;
	if (sqlite3_open_v2(path, db, record ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, NULL))
		return sql_error(*db, "opening it");
	sqlite3_busy_timeout(*db, WAIT_MS);
	sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_exec(*db, "PRAGMA cell_size_check = ON; PRAGMA synchronous = OFF", NULL, NULL, NULL);
	return check_schema(*db, record);
}

/* One number of the product at hand: kept, and compared with those of others. */
struct clerk {
	sqlite3_stmt *own, *keep, *compare, *tell;
	const char *product;
};

static int step_done(sqlite3_stmt *s)
{
	int r = sqlite3_step(s);
	sqlite3_reset(s);
	return r;
}

static bool keep_one(struct clerk *c)
{
	sqlite3_bind_text(c->keep, 1, c->product, -1, SQLITE_STATIC);
	for (int i = 0; i < 4; i++)
		sqlite3_bind_value(c->keep, i + 2, sqlite3_column_value(c->own, i));
	return step_done(c->keep) == SQLITE_DONE;
}

static bool compare_one(struct clerk *c)
{
	sqlite3_bind_text(c->compare, 1, c->product, -1, SQLITE_STATIC);
	for (int i = 0; i < 4; i++)
		sqlite3_bind_value(c->compare, i + 2, sqlite3_column_value(c->own, i));
	bool ok = sqlite3_step(c->compare) == SQLITE_ROW;
	for (int i = 0; ok && i < 2; i++)
		sqlite3_bind_value(c->tell, i + 1, sqlite3_column_value(c->own, i));
	for (int i = 0; ok && i < 4; i++)
		sqlite3_bind_value(c->tell, i + 3, sqlite3_column_value(c->compare, i));
	ok = ok && step_done(c->tell) == SQLITE_DONE;
	sqlite3_reset(c->compare);
	return ok;
}

static bool prepare(sqlite3 *case_db, sqlite3 *db, bool record, struct clerk *c)
{
	return sqlite3_prepare_v2(case_db, own, -1, &c->own, NULL) == SQLITE_OK &&
		   sqlite3_prepare_v2(db,
							  "SELECT count(*) + 1, coalesce(sum(value < ?5), 0), coalesce(sum(value = ?5), 0),"
							  " coalesce(sum(value > ?5), 0) FROM measured"
							  " WHERE requirement = ?2 AND measure = ?3 AND definition = ?4 AND product <> ?1",
							  -1, &c->compare, NULL) == SQLITE_OK &&
		   (!record || sqlite3_prepare_v2(db,
										  "INSERT OR REPLACE INTO measured(product, requirement, measure, definition, value)"
										  " VALUES(?, ?, ?, ?, ?)",
										  -1, &c->keep, NULL) == SQLITE_OK) &&
		   sqlite3_prepare_v2(case_db,
							  "INSERT INTO temp.standing(requirement, measure, products, lower, equal, higher)"
							  " VALUES(?, ?, ?, ?, ?, ?)",
							  -1, &c->tell, NULL) == SQLITE_OK &&
		   sqlite3_bind_int(c->own, 1, MEASURES_MAX) == SQLITE_OK;
}

static struct error exchange(sqlite3 *case_db, sqlite3 *db, const char *product, bool record)
{
	struct clerk c = { .product = product };
	struct error e = error_none();
	int r = SQLITE_DONE;
	bool ok = prepare(case_db, db, record, &c);
	while (ok && (r = sqlite3_step(c.own)) == SQLITE_ROW)
		ok = (!record || keep_one(&c)) && compare_one(&c);
	if (!ok || r != SQLITE_DONE)
		e = error_at(ERR_IO, 0, "comparing the measures: %s", sqlite3_errmsg(sqlite3_errcode(db) ? db : case_db));
	sqlite3_finalize(c.own);
	sqlite3_finalize(c.keep);
	sqlite3_finalize(c.compare);
	sqlite3_finalize(c.tell);
	return e;
}

/* The digest of the image; of a case without one, of its first input that has one. */
static bool product_of(sqlite3 *case_db, char product[65])
{
	sqlite3_stmt *s = NULL;
	product[0] = 0;
	if (sqlite3_prepare_v2(case_db, "SELECT sha256 FROM main.input WHERE length(sha256) = 64 ORDER BY kind <> 'firmware', id LIMIT 1",
						   -1, &s, NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW)
		snprintf(product, 65, "%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	return product[0];
}

struct error standing_update(sqlite3 *case_db, const char *path, bool record)
{
	char product[65];
	sqlite3 *db = NULL;
	if (sql_number(case_db, "SELECT count(*) FROM main.measure WHERE value IS NOT NULL", -1) <= 0 || !product_of(case_db, product))
		return error_none();
	struct error e = open_measures(path, record, &db);
	if (error_is(&e) && record && !db && access(path, R_OK) == 0) { /* what may not be written can be read */
		record = false;
		e = open_measures(path, record, &db);
	}
	if (!error_is(&e) && sqlite3_exec(db, record ? "BEGIN IMMEDIATE" : "BEGIN", NULL, NULL, NULL))
		e = sql_error(db, "opening it");
	if (!error_is(&e) && sqlite3_exec(case_db,
									  "DROP TABLE IF EXISTS temp.standing; CREATE TEMP TABLE standing(id INTEGER PRIMARY KEY,"
									  " requirement TEXT, measure TEXT, products INTEGER, lower INTEGER, equal INTEGER, higher INTEGER)",
									  NULL, NULL, NULL))
		e = sql_error(case_db, "comparing the measures");
	if (!error_is(&e))
		e = exchange(case_db, db, product, record);
	if (!error_is(&e) && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL))
		e = sql_error(db, "writing it");
	if (error_is(&e)) /* half a comparison is none */
		sqlite3_exec(case_db, "DROP TABLE IF EXISTS temp.standing", NULL, NULL, NULL);
	sqlite3_close(db);
	return e;
}
