/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The case file: one SQLite database that is the product's dossier.
 *
 * Its tables follow from the fact table (docs/facts.md), beside `meta`, `input` and `probe_run`; the judge adds
 * `verdict` and `evidence`. While a run goes on, the batches of finished blobs are kept in the table `journal`, so that a
 * run that was killed is continued by the next one; at its end they become rows, in the order of the tree, in one
 * transaction. So the rows do not depend on the order in which threads finished.
 */
#ifndef ASSAY_CASE_CASE_H
#define ASSAY_CASE_CASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"
#include "fact/batch.h"

/* Version of the schema, in `PRAGMA user_version`. */
#define CASE_SCHEMA_VERSION 4
/* "ASSY", in `PRAGMA application_id`: tells a case file from any other database. */
#define CASE_APPLICATION_ID 0x41535359

/* The table `measure`: the numbers that requirements ask for. value is unknown where nothing was measured, with the reason
 * in `missing` where there is one; thresholds_json: a list of {gives, above or below, source, crossed}. */
#define CASE_MEASURE_COLUMNS                                                                                          \
	"id INTEGER PRIMARY KEY, verdict_id INTEGER NOT NULL REFERENCES verdict(id), position INTEGER, name TEXT NOT NULL," \
	" title TEXT, unit TEXT, formula TEXT, better TEXT, value REAL, missing TEXT, thresholds_json TEXT,"                \
	" evidence_total INTEGER"

/* The table `conformance_conflict`, which the judge makes in a case that is older than it. */
#define CASE_CONFLICT_COLUMNS                                                                                         \
	"id INTEGER PRIMARY KEY, declared_id INTEGER NOT NULL REFERENCES declaration(id), provision TEXT NOT NULL,"         \
	" table_name TEXT NOT NULL, row_id INTEGER NOT NULL, says TEXT"

struct case_file;

/* For a program of which one thread alone uses SQLite: its locks, a tenth of what judging takes, are left out. To be called
 * before anything else of SQLite or of this file; later it changes nothing. */
void case_one_thread(void);

/* One artefact, as the case file names it. `identity` tells whether a journal belongs to it (path, size, time). */
struct case_input {
	const char *kind;     /* "firmware"; "product" for a product file without firmware */
	const char *location; /* path as the user gave it */
	uint64_t size;
	const char *identity;
};

/* Opens the case file for a new run on `input`: continues it when it holds an unfinished run on the same input by the
 * same version, else begins anew. A file that exists and is no case file is refused. *resumed (may be NULL) is the number
 * of blobs that are already done. With an empty path the case has no name: it is in a temporary file that is gone with it. */
struct case_file *case_begin(const char *path, const struct case_input *input, size_t *resumed, struct error *error) MUST_USE;

/* Which image the case file at `path` was made of, as the user named it then; from malloc(). NULL: there is no case file, or no word
 * of it. */
char *case_made_of(const char *path);

/* Makes the tables of the facts, unless they are there: case_begin() leaves that to the first who needs them, since it takes
 * longer than all else of it. Whoever waits for a worker does it meanwhile. Without the standard views (docs/pack-format.md)
 * the case can not be judged. */
struct error case_make_tables(struct case_file *c, bool views) MUST_USE;

/* Opens an existing case file; with `writable` it can be judged again. Of an unfinished run what its journal holds is shown
 * from a copy in memory (its probe runs say so); it is refused with `writable`. */
struct case_file *case_open(const char *path, bool writable, struct error *error) MUST_USE;

/* For who wants the blobs of a run and no case of them: it takes batches (case_take_batch()), gives them in order (case_places())
 * and is closed; it has no database for anything else. NULL: no memory. */
struct case_file *case_unkept(void) MUST_USE;

/* Closes it, and gives its lock back; NULL is allowed. */
void case_close(struct case_file *c);
/* Its database, which stays the case's. */
sqlite3 *case_db(struct case_file *c);

/* Takes one blob's batch. A blob that is there already keeps its first batch. False when the file cannot be written. */
bool case_take_batch(struct case_file *c, struct span batch);

/* Writes what was taken to the journal when the last time was a while ago. To be called now and then. */
bool case_tick(struct case_file *c);

/* The keys of the blobs that are done and have no children, sorted; valid until the next call. */
const uint64_t *case_done_keys(struct case_file *c, size_t *n);

/* How a run ended. */
struct case_run {
	bool complete;       /* every blob was looked at or has a damage row */
	const char *outcome; /* complete, crashed, budget, stopped */
	const char *detail;
	double seconds;
	const char *sha256;  /* of the input */
	const char *const *inspectors; /* names, ended by NULL */
	const char *probe;   /* the one that there was, for what is no firmware; NULL: firmware.unpack and the inspectors */
	bool more;           /* further inputs follow: until case_complete() the case is unfinished, and begun anew by the next run */
	/* Called when the facts are rows, before anything follows from them; NULL: nothing is done. It may change rows of
	 * `signature`, and says in `why` (200 bytes, empty) why it did not look at all of them. False: a statement failed. */
	bool (*verify)(void *context, sqlite3 *db, char *why);
	void *verify_context;
};

/* Turns the journal into rows, adds the probe runs, forgets the journal: one transaction. */
struct error case_finish(struct case_file *c, const struct case_run *run) MUST_USE;

/* Makes what was taken since case_finish() or the last call a further input of a case that has `more`, like the first one:
 * another firmware image, or with run->probe the product file. For an image what follows from the facts of all is derived
 * anew. One transaction. */
struct error case_add_input(struct case_file *c, const struct case_input *input, const struct case_run *run) MUST_USE;

/* An input that no probe has looked at: a row of `input` and nothing else. `role` may be NULL. */
struct error case_add_unread(struct case_file *c, const struct case_input *input, const char *role) MUST_USE;

/* The case has all its inputs. */
struct error case_complete(struct case_file *c) MUST_USE;

/* A document about the product that was read beside the image: a bill of materials, statements on vulnerabilities, a notice or
 * manual for people. */
struct case_document {
	const char *kind;     /* "sbom", "vex", "document": as input.kind */
	const char *role;     /* of a document for people: privacy-notice, manual ...; NULL: none */
	const char *location; /* path as the user gave it */
	uint64_t size;
	const char *sha256;
	bool complete;        /* it was read to its end */
	const char *detail;   /* why not, or "" */
	double seconds;
};

/* Makes a document, whose batches were taken since case_finish() or the last call, a further input of a finished case: of its
 * facts only those about documents. One of the same kind, place and role is replaced. Adds the probe run "sbom.read", "vex.read"
 * or "document.read" and derives anew what follows from documents; one transaction. */
struct error case_add_document(struct case_file *c, const struct case_document *document) MUST_USE;

/* Fills `sbom_difference` and `statement` from the declared facts and `software`; to be called again when these have
 * changed. */
struct error case_derive_declared(sqlite3 *db) MUST_USE;

/* To be called when the case was judged, before it is closed: keeps the excerpts of rows that evidence points at, as far as
 * this process has them (it took the images apart). */
struct error case_keep_excerpts(struct case_file *c) MUST_USE;

/* The key under which a worker names the blob of that row. False when there is none. */
bool case_blob_key(struct case_file *c, int64_t id, uint64_t *key);

/* The keys of all blobs of its input but this one and what holds it, sorted; malloc'ed. NULL on failure. */
uint64_t *case_keys_beside(struct case_file *c, int64_t id, size_t *n) MUST_USE;

/* Writes a row of `meta`, in the place of an earlier one of that name. */
struct error case_set_meta(struct case_file *c, const char *name, const char *value) MUST_USE;

/* An ERR_IO error with SQLite's own words. */
struct error case_sql_error(struct case_file *c, const char *doing) MUST_USE;

/* Creates the tables of the fact table and of the case, and the standard views, in an empty database; for tests and packs
 * too. */
struct error case_create_schema(sqlite3 *db) MUST_USE;

/* Fills `target` and `startup_program` from the rows of the fact tables, once these are all there. */
struct error case_derive(sqlite3 *db) MUST_USE;

/* A standard view: src/case/views/. Each names only those before it. Every case file has them, so that any SQLite shell can
 * ask; who opens a file that has others gets those of this program before them. */
struct case_view {
	const char *name, *doc, *sql;
};
extern const struct case_view case_views[]; /* ended by a name that is NULL */

/* Limits of the rows that are kept in the place of a view. stop (NULL: never) is called after so many instructions of SQLite, and
 * ends the reading when it gives other than 0; rows_max: more are not kept. */
#define CASE_KEEP_STEPS 1000
struct case_keep {
	int (*stop)(void *context);
	void *context;
	size_t rows_max;
};

/* The columns of a statement as CREATE TABLE has them, for sqlite3_free(). NULL: no memory. */
char *case_columns_of(sqlite3_stmt *from) MUST_USE;

/* Puts a temporary table of that name with the statement's rows before the view; false, with nothing changed, when they are more
 * than the limits let pass, or can not be had. Ends the statement. */
bool case_keep_rows(sqlite3 *db, const char *name, sqlite3_stmt *from, const struct case_keep *limits);

/* The same for a standard view. The tables and views that it names are looked up anew: those that are kept already, first. *temporary:
 * it was a temporary view, which case_release_view() has to know to make it again as it takes the table away. */
bool case_keep_view(sqlite3 *db, const struct case_view *v, const struct case_keep *limits, bool *temporary);
/* The same for one that has no rows, with its columns as case_columns_of() gives them. */
bool case_keep_empty(sqlite3 *db, const struct case_view *v, const char *columns, bool *temporary);
/* Drops the table of a view that was kept, and makes a temporary view again as it was. */
void case_release_view(sqlite3 *db, const struct case_view *v, bool temporary);

/* Whether it is a standard view that is made of others and costs much, so that it is worth a table whenever it is asked. */
bool case_view_is_costly(const char *name);

/* More standard views than there are. */
#define CASE_VIEWS_MAX 256u

/* The place of a standard view in case_views; CASE_VIEWS_MAX if there is none of that name. */
size_t case_view_number(const char *view);
/* Whether the SQL names the view. */
bool case_view_is_named(const char *sql, const char *view);
/* Adds to the standard views that are wanted those that they are made of. */
void case_view_add_parts(bool wanted[CASE_VIEWS_MAX]);
/* Whether a table stands in the view's place. */
bool case_view_is_kept(sqlite3 *db, const char *view);

/* Runs SQL that asks a standard view, while tables stand in the place of the costly ones that it is made of: SQLite would write the text of
 * each into those that name it, and prepare all that. False where SQLite refuses it. */
bool case_ask_view(sqlite3 *db, const char *view, const char *sql) MUST_USE;

/* A table that case_derive() fills. */
struct case_derived {
	const char *name, *doc, *columns;
};
extern const struct case_derived case_derived[]; /* the same */

/* Whether it is a standard view, or a table that case_derive() fills. */
bool case_is_derived(const char *name);

/* redact(text) of SQL, for sqlite3_create_function(): evidence is kept in the case file, and every report shows it; a credential is
 * never written there in full. See base/redact.h. */
void case_sql_redact(sqlite3_context *context, int n, sqlite3_value **values);
/* The same of basename(path): what follows the last slash; NULL of NULL. */
void case_sql_basename(sqlite3_context *context, int n, sqlite3_value **values);

/* A blob of the run at hand. */
struct case_blob {
	uint64_t key, parent;
	uint32_t ordinal, flags;
	int64_t offset;
	bool is_region;
	struct span batch;
};

/* The blob of that key, if it was taken since the last case_finish(); it lives until more are taken. */
const struct case_blob *case_find(const struct case_file *c, uint64_t key);

/* The same in its place: blobs are numbered, from 0, as their rows are by id. */
struct case_place {
	const struct case_blob *blob;
	size_t parent; /* number of the container; SIZE_MAX: it is the input */
};

/* The blobs that were taken since the last case_finish(), in the order of the tree; malloc'ed. They live until more are taken.
 * NULL: no memory. */
struct case_place *case_places(const struct case_file *c, size_t *n) MUST_USE;

#endif
