/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two halves of a CVE record: what is said of the vulnerability, and what it affects. */
#ifndef ASSAY_FEED_CVE_5_H
#define ASSAY_FEED_CVE_5_H

#include "feed/importer.h"

/* The criteria of a container: one configuration for each entry of `affected`, numbered from *number on. */
void cve_affected(struct feed_run *run, const struct json_node *container, int64_t *number);

#endif
