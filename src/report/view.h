/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a case file for display: what all reports share.
 *
 * A case file may be of another version, or made by somebody else: a table that it lacks has no rows, a column that
 * it lacks is NULL, and its strings are as hostile as the input that they come from. Nothing here escapes; whoever
 * prints does.
 */
#ifndef ASSAY_REPORT_VIEW_H
#define ASSAY_REPORT_VIEW_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"
#include "fact/fact.h"

struct view;

/* Reports of this connection show credentials in full from now on; without it they are redacted. */
struct error view_show_secrets(sqlite3 *db) MUST_USE;

/* Begins a report of an open case: adds the SQL functions that hide credentials, and the temporary views that reports
 * ask. The connection stays the caller's, and must outlive the view, which view_close() ends. NULL and *error on
 * failure. */
struct view *view_open(sqlite3 *db, struct error *error) MUST_USE;

/* Looks the rows of the view `contradiction_shown` up, once for the connection: to prepare a query of it takes seconds, as it is made of
 * most other views, and it has no row where nobody declared anything. For reports that list them; more often does no harm. Where they
 * can not be had, the view stays what is asked. */
void view_keep_contradictions(struct view *v);

/* The same of the view `service_shown`. */
void view_keep_services(struct view *v);
/* The same of the costly standard views that the SQL names, of those with a few thousand rows at most: for what asks them repeatedly. */
void view_keep_named(sqlite3 *db, const char *sql);
void view_close(struct view *v);
/* The connection that the view reads; the caller's, as ever. */
sqlite3 *view_db(struct view *v);

/* An ERR_IO error "<doing>: <SQLite's words>". */
struct error view_error(sqlite3 *db, const char *doing) MUST_USE;

/* Prepares "SELECT columns FROM table rest". `table` and `columns` are names of ours, never the case's. What is a
 * credential (secret.value, setting.value where setting.secret) is redacted, also where another fact of its blob quotes it. */
struct error view_select(sqlite3 *db, const char *table, const char *const *columns, size_t n, const char *rest,
						 sqlite3_stmt **stmt) MUST_USE;

/* The next row? At an error *e is filled and the answer is false. */
bool view_step(sqlite3_stmt *stmt, struct error *e);

/* A value of the current row; text lives until the next step. Integers that are NULL are FACT_NULL. */
struct text view_text(sqlite3_stmt *stmt, int column);
int64_t view_int(sqlite3_stmt *stmt, int column);

/* The first error met by the functions below that cannot return one; to be asked at the end of a report. */
struct error view_failure(const struct view *v) MUST_USE;

/* The first value of a query of ours, `otherwise` when it is NULL or a table is missing. */
int64_t view_number(struct view *v, const char *sql, int64_t otherwise);

/* The value of `meta`, copied into the arena; NULL when there is none. */
const char *view_meta(struct view *v, const char *name, struct arena *a);

/* ---- blobs ---- */

/* What a blob is called inside its container: its path, for the input the last part of its location. NULL when out of
 * memory. */
char *view_name(struct view *v, int64_t blob_id, struct arena *a) MUST_USE;

/* The way through the containers: "router.trx > 0x120000.squashfs > /etc/shadow". NULL when out of memory. */
char *view_path(struct view *v, int64_t blob_id, struct arena *a) MUST_USE;

/* The same without the input where the case has one input only. */
char *view_inner_path(struct view *v, int64_t blob_id, struct arena *a) MUST_USE;

/* The shortest name that is not ambiguous: of a file its path, where the case has one file system only; else
 * view_inner_path(). */
char *view_short_path(struct view *v, int64_t blob_id, struct arena *a) MUST_USE;

/* What the input with that root blob is: "TRX > uImage kernel (Linux 3.18.23) + squashfs xz, 69 files, mipsel".
 * NULL when out of memory. */
char *view_describe(struct view *v, int64_t root_id, struct arena *a) MUST_USE;

/* The root blob of an input; 0 when there is none. */
int64_t view_root(struct view *v, int64_t input_id);

/* ---- verdicts ---- */

enum view_verdict { VIEW_FAIL, VIEW_INCONCLUSIVE, VIEW_PASS, VIEW_NOT_APPLICABLE, VIEW_VERDICTS };

/* "FAIL", "INCONCLUSIVE", "PASS", "NOT APPLICABLE". */
extern const char *const view_verdict_words[VIEW_VERDICTS];

/* What is no word of ours is INCONCLUSIVE: it may neither comfort nor accuse. */
enum view_verdict view_verdict_of(struct text word);

struct view_counts {
	int64_t n[VIEW_VERDICTS];
};

enum verdict_column {
	VERDICT_ID,
	VERDICT_PACK,
	VERDICT_PACK_TITLE,
	VERDICT_PACK_VERSION,
	VERDICT_REQUIREMENT,
	VERDICT_TITLE,
	VERDICT_SECTION,
	VERDICT_BECAUSE,
	VERDICT_VERDICT,
	VERDICT_SEVERITY,
	VERDICT_SUMMARY,
	VERDICT_MISSING,
	VERDICT_SETTLES,
	VERDICT_REMEDY,
	VERDICT_REMEDY_COMMAND,
	VERDICT_REFERENCES,
	VERDICT_POSITION,
	VERDICT_EXCLUDED,
	VERDICT_SEVERITY_WAS,
	VERDICT_SEVERITY_REASON,
	VERDICT_EVIDENCE_TOTAL,
	VERDICT_ABOUT,  /* product, declaration */
	VERDICT_BASIS,  /* evidence, declaration, declared; NULL: none */
	VERDICT_ORIGIN, /* the requirement that its queries were written for */
	VERDICT_QUERIES, /* JSON: a list of {"role", "sql"} */
	VERDICT_COLUMNS
};

/* All verdicts, the most severe first; within a severity in the order of the packs. Columns are enum verdict_column. */
struct error view_verdicts(struct view *v, sqlite3_stmt **stmt) MUST_USE;
/* The same in the order of their ids. */
struct error view_verdicts_by_id(struct view *v, sqlite3_stmt **stmt) MUST_USE;

/* How many verdicts of each kind the case has, of all packs together. */
struct error view_count_verdicts(struct view *v, struct view_counts *counts) MUST_USE;

/* One row of evidence. Texts live until the next step. */
struct view_evidence {
	struct text role, table, says;
	int64_t row_id;
	int64_t blob_id;      /* FACT_NULL when the row is about no blob, or is not there */
	int64_t line, offset; /* FACT_NULL when unknown */
};

/* Goes through the evidence of a verdict in the order of its ids: *stmt is NULL at the first call; it is finalized and
 * NULL again when the answer is false. */
bool view_next_evidence(struct view *v, int64_t verdict_id, sqlite3_stmt **stmt, struct view_evidence *evidence,
						struct error *e);

/* The same for the rows behind a measure. */
bool view_next_measured(struct view *v, int64_t measure_id, sqlite3_stmt **stmt, struct view_evidence *evidence,
						struct error *e);

/* ---- measures ---- */

enum measure_column {
	MEASURE_ID,
	MEASURE_NAME,
	MEASURE_TITLE,
	MEASURE_UNIT,
	MEASURE_FORMULA,
	MEASURE_BETTER,
	MEASURE_VALUE, /* NULL: not measured */
	MEASURE_MISSING,
	MEASURE_THRESHOLDS,
	MEASURE_EVIDENCE_TOTAL,
	MEASURE_COLUMNS
};

/* The measures of a verdict in their order. The statement is the view's, for one verdict at a time: it is not to be finalized. */
struct error view_measures(struct view *v, int64_t verdict_id, sqlite3_stmt **stmt) MUST_USE;

/* Where measures stand among the products that were measured on this machine, this one among them: temp.standing, when
 * somebody made it. `lower`, `equal` and `higher` count the others by their value. */
enum standing_column {
	STANDING_REQUIREMENT,
	STANDING_MEASURE,
	STANDING_PRODUCTS,
	STANDING_LOWER,
	STANDING_EQUAL,
	STANDING_HIGHER,
	STANDING_COLUMNS
};
/* All rows of `standing`: where the measures lie among those of other products, in the order of their ids. */
struct error view_standing(struct view *v, sqlite3_stmt **stmt) MUST_USE;

/* ---- how much is decided ---- */

/* Each requirement is in one of these. */
enum view_coverage {
	VIEW_BY_EVIDENCE,    /* PASS or FAIL by what was seen */
	VIEW_BY_DECLARATION, /* PASS or FAIL of what the maker declares, by its word */
	VIEW_DECLARED_ONLY,  /* INCONCLUSIVE, with the maker's word for it */
	VIEW_NOT_DECIDED,    /* INCONCLUSIVE */
	VIEW_DOES_NOT_APPLY, /* NOT APPLICABLE */
	VIEW_COVERAGES
};

/* An input, by the words of `settles`, and the INCONCLUSIVE requirements that wait for it. */
struct view_next {
	const char *settles;
	int64_t requirements, weight; /* critical 8, high 4, medium 2, low 1 */
};

/* Inputs of a pack that are told apart; what waits for others is left out. */
#define VIEW_NEXT_MAX 64

struct view_pack {
	const char *pack, *title, *version; /* may be NULL */
	int64_t first;                      /* id of its first verdict */
	struct view_counts counts;
	int64_t requirements, coverage[VIEW_COVERAGES];
	struct view_next *next; /* the weightiest first */
	size_t nnext;
	struct view_pack *following;
};

/* The packs in the order of their first verdict; NULL without any, or with *e filled. They live in the arena. */
const struct view_pack *view_packs(struct view *v, struct arena *a, struct error *e);

/* Requirements that apply. */
int64_t view_pack_applicable(const struct view_pack *p);

/* ---- words for numbers ---- */

#define VIEW_NUMBER_MAX 32

/* "0 bytes", "812 bytes", "5.7 MiB". */
const char *view_size(int64_t bytes, char out[VIEW_NUMBER_MAX]);
/* "100,000". */
const char *view_count(int64_t n, char out[VIEW_NUMBER_MAX]);

#endif
