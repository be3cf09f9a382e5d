/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the store share. */
#ifndef ASSAY_FEED_STORE_INTERNAL_H
#define ASSAY_FEED_STORE_INTERNAL_H

#include <sqlite3.h>

#include "feed/store.h"

enum store_statement {
	FIND_SOURCE,
	ADD_SOURCE,
	END_SOURCE,
	FIND_RECORD,
	ADD_RECORD,
	RENEW_RECORD,
	SET_RECORD_VULNERABILITY,
	FIND_VULNERABILITY,
	ADD_VULNERABILITY,
	MERGE_VULNERABILITY,
	ADD_ALIAS,
	FIND_PRODUCT,
	ADD_PRODUCT,
	ADD_CRITERION,
	ADD_NODE,
	ADD_FIX,
	ADD_KEV,
	ADD_EPSS,
	ADD_VEX,
	ADD_PART,
	FORGET_CRITERIA,
	FORGET_NODES,
	FORGET_FIXES,
	FORGET_VEX,
	FORGET_PARTS,
	TOUCH,
	TOUCH_RECORD,
	STORE_STATEMENTS
};

struct feed_store {
	struct feed_sink sink;
	char *path, *copy, *lock_path;
	int lock;
	bool locked; /* the copy is ours */
	sqlite3 *db;
	sqlite3_stmt *statements[STORE_STATEMENTS];
	char now[32], location[1024];
	struct error error;
	struct feed_counts counts;

	/* Where the rows are. */
	int64_t source, record, vulnerability;
	char source_name[128], newest[40];
	bool skip_source;  /* an older document of a whole source */
	bool whole_source; /* this document is all of it */
	bool skip_record;  /* not newer than what is there */
	bool record_has_vulnerability;
	char product[256]; /* the last one looked up */
	int64_t product_id;

	int64_t sequence;             /* of this import */
	uint64_t mixed;               /* a digest of the rows so far */
	int64_t touched;              /* the vulnerability that was marked last */
	int64_t record_vulnerability; /* what the record's criteria are about */
};

/* A statement, ready for its values; the texts bound must live until store_run(). */
sqlite3_stmt *store_statement(struct feed_store *s, enum store_statement which);
/* A text, not copied, or NULL for an absent one. */
void store_bind(sqlite3_stmt *st, int at, struct text t);
/* Runs a statement that gives no rows. */
bool store_run(struct feed_store *s, sqlite3_stmt *st);
/* The error of SQLite becomes that of the store. Gives false. */
bool store_failed(struct feed_store *s);

/* The id of that vulnerability, made if need be, with these values merged in; 0 after an error. */
int64_t store_merge(struct feed_store *s, const struct feed_vulnerability *v);

/* store_change.c: marks a vulnerability as changed by this import. */
bool store_touch(struct feed_store *s, int64_t vulnerability);
/* All that the stored record is about. */
bool store_touch_record(struct feed_store *s);
/* Tables for a version that has none; begins the import. */
bool store_begin_changes(struct feed_store *s, bool empty);
/* The token of the import: a digest of all its rows, and of the imports before it. */
void store_mix_row(struct feed_store *s, enum feed_row_kind kind, const void *row);
/* Writes the token down. */
bool store_end_changes(struct feed_store *s);
/* A whole source is about to be replaced: what it says is kept, to mark at its end what is said no longer, or is new. */
bool store_keep_source(struct feed_store *s);
/* Behind the last row of the source: marks the vulnerabilities whose fixes or known exploitation are other than
 * before. */
bool store_compare_source(struct feed_store *s);

/* Adds a criterion (one product with its range of versions) to the record that was begun last. False: its product has
 * no name, or the database can not be written; s->error says it. */
bool store_criterion(struct feed_store *s, const struct feed_criterion *c);

/* The sink's function. */
bool store_row(struct feed_sink *sink, enum feed_row_kind kind, const void *row);
/* Ends the open source: counts its records. */
bool store_end_source(struct feed_store *s);

#endif
