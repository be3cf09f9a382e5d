/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an importer says about a document: typed rows, given one after the other to a sink.
 *
 * The order carries meaning: SOURCE opens a source; RECORD one record of it; VULNERABILITY what the rows behind it are
 * about. The rows cross a pipe (row_code.c) between the confined process that parses and the one that owns the database.
 */
#ifndef ASSAY_FEED_ROW_H
#define ASSAY_FEED_ROW_H

#include "base/span.h"

/* ROW(kind, name) and the columns of each: T a text (absent: NULL in the database), I an integer, R a real. */
#define FEED_SOURCE_COLUMNS                                                                                            \
	T(name)   /* "nvd", "alpine-v3.11-main" */                                                                         \
	T(kind)   /* nvd, cve, osv, kev, epss, alpine, debian, csaf, openvex, cyclonedx, curl */                           \
	T(newest) /* the document's own date, where it has one */                                                          \
	I(whole)  /* 1: the document is the whole source and takes the place of all that was there */

#define FEED_RECORD_COLUMNS                                                                                            \
	T(name)     /* the record's own id */                                                                              \
	T(modified) /* UTC, 2026-08-22T00:00:00Z; a record that is not newer than the stored one is passed over */

#define FEED_VULNERABILITY_COLUMNS                                                                                     \
	T(name)                                                                                                            \
	I(rank) /* whose word counts more: FEED_RANK_...; 0: only the name is meant */                                     \
	T(published) T(modified) T(state) T(summary) T(cwe) T(cvss2) T(cvss30) T(cvss31) T(cvss40)

#define FEED_ALIAS_COLUMNS T(name)

#define FEED_CRITERION_COLUMNS                                                                                         \
	T(product) /* cpe:a:vendor:product, purl:type/namespace/name */                                                    \
	I(configuration)                                                                                                   \
	I(node)                                                                                                            \
	I(number)                                                                                                          \
	T(cpe) /* the whole CPE 2.3 name */                                                                                \
	I(vulnerable) T(version) T(start) I(start_including) T(end) I(end_including) T(versions_order) T(status)

#define FEED_NODE_COLUMNS I(configuration) I(node) I(parent) /* -1: none */ T(operator) I(negate)

#define FEED_FIX_COLUMNS T(distribution) T(package) T(status) T(version) T(note)

#define FEED_KEV_COLUMNS T(added) T(due) I(ransomware) T(action)

#define FEED_EPSS_COLUMNS R(score) R(percentile) T(day)

#define FEED_VEX_COLUMNS                                                                                               \
	T(product)                                                                                                         \
	T(component) /* of the product; absent: the product itself */ T(status) T(justification) T(statement) T(version)

/* Where in a product the flaw lies, as its record says. */
#define FEED_PART_COLUMNS                                                                                              \
	T(product) /* as criterion.product has it */                                                                       \
	T(kind)    /* file, routine, module */                                                                             \
	T(name)    /* "": elsewhere, too, which is not said */

#define FEED_ROWS                                                                                                      \
	ROW(SOURCE, source)                                                                                                \
	ROW(RECORD, record)                                                                                                \
	ROW(VULNERABILITY, vulnerability)                                                                                  \
	ROW(ALIAS, alias)                                                                                                  \
	ROW(CRITERION, criterion)                                                                                          \
	ROW(NODE, node)                                                                                                    \
	ROW(FIX, fix)                                                                                                      \
	ROW(KEV, kev)                                                                                                      \
	ROW(EPSS, epss)                                                                                                    \
	ROW(VEX, vex)                                                                                                      \
	ROW(PART, part)

enum feed_row_kind {
#define ROW(kind, name) FEED_##kind,
	FEED_ROWS
#undef ROW
		FEED_ROW_KINDS
};

#define T(c) struct text c;
#define I(c) int64_t c;
#define R(c) double c;
struct feed_source {
	FEED_SOURCE_COLUMNS
};
struct feed_record {
	FEED_RECORD_COLUMNS
};
struct feed_vulnerability {
	FEED_VULNERABILITY_COLUMNS
};
struct feed_alias {
	FEED_ALIAS_COLUMNS
};
struct feed_criterion {
	FEED_CRITERION_COLUMNS
};
struct feed_node {
	FEED_NODE_COLUMNS
};
struct feed_fix {
	FEED_FIX_COLUMNS
};
struct feed_kev {
	FEED_KEV_COLUMNS
};
struct feed_epss {
	FEED_EPSS_COLUMNS
};
struct feed_vex {
	FEED_VEX_COLUMNS
};
struct feed_part {
	FEED_PART_COLUMNS
};
#undef T
#undef I
#undef R

/* One row of any kind. */
union feed_row {
#define ROW(kind, name) struct feed_##name name;
	FEED_ROWS
#undef ROW
};

/* Whose word about a vulnerability counts: a field is taken from the source of the highest rank that has it. */
enum feed_rank {
	FEED_RANK_NAME,
	FEED_RANK_CYCLONEDX,
	FEED_RANK_OPENVEX,
	FEED_RANK_CSAF,
	FEED_RANK_DEBIAN,
	FEED_RANK_KEV,
	FEED_RANK_CURL,
	FEED_RANK_OSV,
	FEED_RANK_OVERRIDE,
	FEED_RANK_CVE,
	FEED_RANK_NVD, /* at most 15: four bits */
};

enum feed_column_type { FEED_TEXT, FEED_INTEGER, FEED_REAL };
struct feed_column {
	const char *name;
	enum feed_column_type type;
	size_t at; /* offset in the struct */
};
struct feed_row_type {
	const char *name;
	const struct feed_column *columns;
	size_t ncolumns;
};
extern const struct feed_row_type feed_row_types[FEED_ROW_KINDS];

/* Takes a row; its texts are only valid during the call. False: no more is wanted (the reader of a pipe has gone, the
 * database is full); the importer ends. */
struct feed_sink {
	bool (*row)(struct feed_sink *sink, enum feed_row_kind kind, const void *row);
	/* A record is over: good, or faulty, and then its rows have to be forgotten. False: they can not be, or as above. May be
	 * NULL: then nothing is passed over. */
	bool (*end)(struct feed_sink *sink, bool good);
};

#endif
