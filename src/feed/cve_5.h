/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two halves of a CVE record: what is said of the vulnerability, and what it affects. */
#ifndef ASSAY_FEED_CVE_5_H
#define ASSAY_FEED_CVE_5_H

#include "base/version.h"
#include "feed/field.h"
#include "feed/importer.h"
#include "feed/row.h"

/* The criteria of a container: one configuration for each entry of `affected`, numbered from *number on. */
void cve_affected(struct feed_run *run, const struct json_node *container, int64_t *number);

/* cve_products.c: whom an entry of `affected` is about. */
#define CVE_PRODUCTS_MAX 64u
struct cve_entry {
	struct feed_run *run;
	struct feed_criterion products[CVE_PRODUCTS_MAX]; /* product, cpe, version */
	size_t nproducts;
	struct text distribution, package; /* of a release of a distribution: "rhel 9", "samba" */
	struct text usual_order; /* of the package's collection; TEXT_NONE: the record's word, or the product's own */
	struct text branch;      /* "9" of "BIND 9": what is said of all versions is said of these */
	int64_t configuration, number;
	struct text order, name; /* of the versions at hand; of the product, in words */
};
/* The products that an entry of `affected` (CVE record format 5) names, into `e`: by CPE, package and repository; a
 * distribution's package into e->package instead. */
void cve_products(struct cve_entry *e, const struct json_node *affected);
/* "n/a" and the like. */
bool cve_says_nothing(struct text t);
/* An end of a range; TEXT_NONE: none is there ("*", "0", "n/a"). */
struct text cve_bound(struct text t);
/* Of the package of a release of a distribution: rows of `fix`. `otherwise`: the status of all other versions. */
void cve_fixes(struct cve_entry *e, const struct json_node *versions, struct text otherwise);
/* Where the status of a range changes: in the order of versions, in which records need not have them. How many. */
#define CVE_CHANGES_MAX 512u
struct cve_change {
	struct text at, status;
	enum version_order order;
};
size_t cve_changes(struct feed_run *run, const struct json_node *v, enum version_order order, struct cve_change out[CVE_CHANGES_MAX]);
/* Where in the product the flaw lies: rows of `part`, for entries of a record in which one says so. */
bool cve_has_parts(struct feed_run *run, const struct json_node *affected);
/* Rows of `part` from programFiles, programRoutines and modules. */
void cve_parts(struct cve_entry *e, const struct json_node *affected);

/* What stands in place of a version: one, all of them, or a range in words or signs, which goes into the row's start, end or
 * version. The row stays as it is otherwise. Texts are parts of `text`. */
enum cve_expression { CVE_VERSION, CVE_ALL, CVE_RANGE };
enum cve_expression cve_expression(struct text text, struct feed_criterion *row);
/* Takes the next version off a list: "1.0, 1.1 and 1.2". CVE_LIST_OTHER: what stands there is no version. */
enum cve_list { CVE_LIST_MORE, CVE_LIST_LAST, CVE_LIST_OTHER };
enum cve_list cve_list(struct text *rest, struct text *version);
/* Whether words or signs of a range, of which the whole is not understood, stand behind the beginning of a text: it is no version. */
bool cve_is_range_in_words(struct text text);
/* Without the product's name before it: "OpenSSL 1.1.1". */
struct text cve_without_name(struct text text, struct text name);

#endif
