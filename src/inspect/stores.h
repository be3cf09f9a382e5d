/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the inspector "stores" share. */
#ifndef ASSAY_INSPECT_STORES_H
#define ASSAY_INSPECT_STORES_H

#include "inspect/inspect.h"

#define STORES_EVIDENCE_MAX 400u
#define STORES_COLUMNS_MAX 64u

/* The kinds of personal data that names speak of: a bit for each row of the lexicon's kinds. */
typedef uint32_t stores_kinds;

/* Adds what an identifier says: "last_name", "gpsLatitude". */
stores_kinds stores_kinds_of(struct text identifier);
/* Their names, separated by spaces, in the order of the lexicon. */
struct text stores_kinds_text(stores_kinds kinds, struct arena *arena);

struct stores_table {
	struct text name;
	struct text columns[STORES_COLUMNS_MAX];
	size_t ncolumns;
};

/* What stands behind CREATE TABLE. False when it is no definition with columns. */
bool stores_read_table(struct text sql, struct stores_table *table) MUST_USE;
/* "name(column, column)" */
struct text stores_table_text(const struct stores_table *table, struct arena *arena);
stores_kinds stores_table_kinds(const struct stores_table *table);

/* An SQLite database: a row for each table that names personal data, or one for all of it. */
void stores_sqlite(const struct subject *subject, struct sink *sink);

#endif
