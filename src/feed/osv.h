/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two halves of an OSV record: what is said of the vulnerability, and what it affects. */
#ifndef ASSAY_FEED_OSV_H
#define ASSAY_FEED_OSV_H

#include "feed/importer.h"

/* What `affected` says: criteria, one configuration for each package; for packages of distributions, fixes. */
void osv_affected(struct feed_run *run, const struct json_node *record);

#endif
