/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ASSAY_FEED_CVE_5_H
#define ASSAY_FEED_CVE_5_H

#include "feed/importer.h"

/* The criteria of a container: one configuration for each entry of `affected`, numbered from *number on. */
void cve_affected(struct feed_run *run, const struct json_node *container, int64_t *number);

#endif
