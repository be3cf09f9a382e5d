/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two halves of a CVE record: what is said of the vulnerability, and what it affects. */
#ifndef ASSAY_FEED_CVE_5_H
#define ASSAY_FEED_CVE_5_H

#include "feed/importer.h"
#include "feed/row.h"

/* The criteria of a container: one configuration for each entry of `affected`, numbered from *number on. */
void cve_affected(struct feed_run *run, const struct json_node *container, int64_t *number);

/* What stands in place of a version: one, all of them, or a range in words or signs, which goes into the row's start, end or
 * version. The row stays as it is otherwise. Texts are parts of `text`. */
enum cve_expression { CVE_VERSION, CVE_ALL, CVE_RANGE };
enum cve_expression cve_expression(struct text text, struct feed_criterion *row);

#endif
