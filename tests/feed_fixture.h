/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A feed database of published records, as src/feed/feed.h describes it, for tests of what reads one. */
#ifndef ASSAY_TESTS_FEED_FIXTURE_H
#define ASSAY_TESTS_FEED_FIXTURE_H

#include <sqlite3.h>

/* An empty one, in memory. */
sqlite3 *fixture_empty(void);

/* With the records of a folder of feeds (nvd-1.1, nvd-2.0, nvd-overrides, cve-v5/openssl, osv, alpine-secdb, kev, epss); NULL: the
 * folder is not there. */
sqlite3 *fixture_feeds(const char *folder);

#endif
