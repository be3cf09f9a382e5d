/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside the case file. Not for other floors. */
#ifndef ASSAY_CASE_INTERNAL_H
#define ASSAY_CASE_INTERNAL_H

#include "case/case.h"

/* The blobs of a run while it goes on, found by key. */
struct blob_table {
	struct case_blob *v;
	size_t n, cap;
	uint32_t *slots; /* open addressing: index + 1 into v */
	size_t nslots;
};

struct case_file {
	sqlite3 *db;
	char *path;
	int lock;               /* the file once more, locked for the run that writes it; -1: only read */
	struct blob_table blobs;
	size_t journaled;       /* how many of blobs are in the journal */
	uint64_t journal_ms;    /* when it was written last */
	uint64_t *done_keys;
	char *meta_value;
	int64_t input_id;
};

/* schema.c: the tables that a run is known by, from its beginning on, and the indices that are made at its end. */
extern const char case_run_tables[];
extern const char case_indices[];
/* Sees to it that the standard views of a case file are those of this program: where it has others, temporary ones stand before them.
 * Gives a result code of SQLite. */
int case_ready_views(sqlite3 *db) MUST_USE;

/* blobs.c */
bool blobs_add(struct blob_table *t, const struct case_blob *blob); /* false: known already, or no memory (*full) */
const struct case_blob *blobs_find(const struct blob_table *t, uint64_t key);
/* Puts `blob`, of the same key, in the place of `known`, which is one of the table's. */
bool blobs_replace(struct blob_table *t, const struct case_blob *known, const struct case_blob *blob);
/* The place of a blob that is one of the table's, which is the key of lists beside it. */
size_t blobs_index(const struct blob_table *t, const struct case_blob *known);
void blobs_free(struct blob_table *t);
/* Reads the header and what sorting needs from a batch; the copy of the bytes is malloc'ed. */
bool blob_from_batch(struct span batch, struct case_blob *blob);

/* journal.c */
struct error journal_load(struct case_file *c) MUST_USE;

/* order.c: the blobs in the order of the tree, depth first: index[i] is the i-th one's place in the table, parent[i] the
 * position (from 0) of its parent in this order, or SIZE_MAX for the input. Blobs whose container was never finished hang
 * on the input. False when out of memory; tree_order_free() ends it either way. */
struct tree_order {
	size_t *index;
	size_t *parent;
	size_t n;
};
bool tree_order(const struct blob_table *t, struct tree_order *order);
void tree_order_free(struct tree_order *order);

/* The column of a table that holds what follows the last slash of another one, for joins and indices; NULL: it has none.
 * SQL alone could only tell in quadratic time. */
const char *case_name_column(enum fact_type type, const char **of);

/* derive.c: empties the tables that case_derive() fills. */
struct error derive_forget(sqlite3 *db) MUST_USE;
/* Adds the function base_name(path), for statements of ours alone. */
bool derive_functions(sqlite3 *db);

/* schema.c: adds what tables and columns a case file of an older build lacks, before rows of this build's are written. */
struct error case_add_lacking(struct case_file *c) MUST_USE;

/* software.c: fills `software` and `software_evidence`, and tells of applets whether they have a link. */
bool derive_software(sqlite3 *db);

/* ingest.c. `base`: the last id of blobs that are there; `documents`: only facts about documents are taken. */
struct error ingest(struct case_file *c, int64_t base, bool documents) MUST_USE;

/* excerpts.c: the excerpts of a run while its facts become rows. */
struct excerpt_keeper {
	sqlite3_stmt *keep, *wait;
	int64_t kept[FACT_TYPES];                    /* rows in the case, by the table that they are of */
	int64_t first[FACT_TYPES], rows[FACT_TYPES]; /* of the blob at hand: the first id, and how many there are */
	uint64_t waiting;                            /* bytes */
};
/* Prepares the statements; false when SQLite refuses. Whatever it gives, excerpts_end() ends it. */
bool excerpts_begin(sqlite3 *db, struct excerpt_keeper *k);
void excerpts_end(struct excerpt_keeper *k);
/* Each row that was written, in its order; an excerpt names it by its number in its blob. */
void excerpts_row(struct excerpt_keeper *k, enum fact_type type, int64_t row_id);
/* Takes or leaves an excerpt; false when a statement failed. */
bool excerpts_take(struct excerpt_keeper *k, int64_t blob_id, const struct fact_excerpt *e);

/* case.c: what a run found becomes rows of the input c->input_id, whose blobs begin behind `base`. */
struct error case_take_run(struct case_file *c, const struct case_run *run, int64_t base) MUST_USE;

/* further.c: ends the transaction in which a further input was added: commits it, or undoes it when `e` says that adding failed, which it
 * then gives back. The input at hand is input_id again, and the blobs of the other one are forgotten. */
struct error case_end_input(struct case_file *c, int64_t input_id, struct error e) MUST_USE;

/* coverage.c */
struct error coverage_add_run(struct case_file *c, const char *probe, const char *status, const char *detail,
                              double seconds) MUST_USE;
/* `unverified`: why not all signatures were looked at, or empty. */
struct error coverage_write(struct case_file *c, const struct case_run *run, const char *unverified) MUST_USE;

/* declared_parts.c: the software of a case, found by the names that others have for it. */
struct part {
	int64_t id;
	struct text name, version, package_version, distribution, architecture, cpe, confidence, purl;
};
struct parts;
/* Reads `software`; NULL with *error. A case without the table has none. The texts live as long as `a`. */
struct parts *parts_load(sqlite3 *db, struct arena *a, struct error *error) MUST_USE;
size_t parts_count(const struct parts *p);
/* The i-th row below parts_count(), in the order of the ids; it lives as long as the arena. */
const struct part *parts_get(const struct parts *p, size_t i);
/* The rows that a name, a purl or a CPE (each may be absent) mean, whatever their version: their number, at most `room`. */
size_t parts_find(const struct parts *p, struct text name, struct text purl, struct text cpe, size_t *found, size_t room);
/* False: the purl is that of a package of a registry, or the part is one, and they are not the same. */
bool part_may_be(const struct part *p, struct text purl);
/* False: the purl has a qualifier or a subpath that the part's has not; or it is that of a distribution's package, and that, or its version
 * where `version` is no other one, is not the part's. */
bool part_fits(const struct part *p, struct text purl, struct text version);
/* Whether the part's own version is in the range that is stated of a distribution's package: versions of these have revisions, which its
 * authors' lacks. -1: the purl is that of something else. */
int part_in_range(const struct part *p, struct text purl, struct text range);
/* Whether that version is the part's: as its authors, or as its distribution write it. */
bool part_has_version(const struct part *p, struct text version);
/* The version that a purl or a CPE names; TEXT_NONE: none. */
struct text parts_version(struct text purl, struct text cpe, struct arena *a);

/* statements.c, difference.c: parts of case_derive_declared(). */
struct error derive_statements(sqlite3 *db, const struct parts *parts, struct arena *a) MUST_USE;
struct error derive_difference(sqlite3 *db, const struct parts *parts, struct arena *a) MUST_USE;

/* Runs statements without rows; the error says what was being done: "writing the case file". */
struct error case_exec(struct case_file *c, const char *sql, const char *doing) MUST_USE;

/* What stands in the schema of a case file from elsewhere and would run something of its author's: in words, or NULL. */
const char *case_foreign(sqlite3 *db);

#endif
