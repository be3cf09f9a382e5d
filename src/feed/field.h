/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of a record, checked as they are read: a wrong type or a missing field is an error of the run that names line,
 * column and JSON path. Optional fields may be null. After an error everything is absent. */
#ifndef ASSAY_FEED_FIELD_H
#define ASSAY_FEED_FIELD_H

#include "feed/importer.h"

/* An error at a node; the first one of a run stays. */
void field_fault(struct feed_run *run, const struct json_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A member that must be there / may be there, of that type (PULL_TRUE stands for both booleans). NULL when it is not. */
const struct json_node *field_need(struct feed_run *run, const struct json_node *object, const char *name,
								   enum json_token type);
const struct json_node *field_may(struct feed_run *run, const struct json_node *object, const char *name,
								  enum json_token type);

/* Counts a step of work that a record can multiply (a row, a comparison); false, and an error, when it asks for too many. */
bool field_step(struct feed_run *run);

/* Checks the type of an element. */
bool field_is(struct feed_run *run, const struct json_node *node, enum json_token type);

/* Strings; a NUL in one is an error. TEXT_NONE where there is none. */
struct text field_text(struct feed_run *run, const struct json_node *object, const char *name);
struct text field_need_text(struct feed_run *run, const struct json_node *object, const char *name);
/* The same, where it must be the id of a CVE. */
struct text field_need_cve(struct feed_run *run, const struct json_node *object, const char *name);
/* The element itself. */
struct text field_string(struct feed_run *run, const struct json_node *node);

/* A boolean; `otherwise` when it is absent, or something else, which is a fault. */
bool field_bool(struct feed_run *run, const struct json_node *object, const char *name, bool otherwise);

/* A time (RFC 3339, with or without zone and seconds; a date alone is its midnight) as 2026-08-22T00:00:00Z; TEXT_NONE
 * where there is none. */
struct text field_time(struct feed_run *run, const struct json_node *object, const char *name);

/* The same for a text; false when it is no time. out has room for 21 bytes. */
bool feed_time(struct text t, char out[24]);

/* A date, 2026-08-22, as it stands; an error when it is none. */
struct text field_date(struct feed_run *run, const struct json_node *object, const char *name);

/* Text of people: cut to a length that tells what it is about, white space at its ends removed. */
struct text field_summary(struct text t);

/* Lower case in the arena. */
struct text field_lower(struct feed_run *run, struct text t);
/* printf into the record's arena; an error of the run when it is full. */
struct text field_print(struct feed_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The name of a vulnerability as the sources of these have it: " cve-2021-1 " is CVE-2021-1. */
struct text field_vulnerability(struct feed_run *run, struct text name);

/* Fills product, cpe and version of a criterion from a CPE name (2.3 formatted string, or 2.2 URI, which is bound anew).
 * False, and an error at the node when `strict`, when it is none. */
bool field_cpe(struct feed_run *run, const struct json_node *node, struct text cpe, bool strict,
			   struct feed_criterion *criterion);

/* "purl:type/namespace/name" of a package URL, and its version (TEXT_NONE without) decoded. False when it is none. */
bool field_purl(struct feed_run *run, struct text purl, struct text *product, struct text *version);
/* "https://github.com/owner/name.git", or another address of a repository there or of gitlab.com, as "purl:github/owner/name".
 * TEXT_NONE: it is none, or a part of one. */
struct text field_repository(struct feed_run *run, struct text url);
/* The same of a type of package URLs ("golang", "deb/debian") and a name, which may stand in the type's. */
struct text field_package(struct feed_run *run, struct text type, struct text name);

#endif
