/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an update has to know of the documents that it downloads to find the next: read in the same confined process as the
 * feeds themselves. */
#ifndef ASSAY_FEED_LINKS_H
#define ASSAY_FEED_LINKS_H

#include "base/json_pull.h"

enum links_kind {
	LINKS_NVD_PAGE, /* of a response: "totalResults", "resultsPerPage", "startIndex", how many records it has in truth, and its
					 * "timestamp", a line each */
	LINKS_RELEASE,  /* addresses of a GitHub release's assets */
	LINKS_CSAF,     /* provider-metadata.json: "directory <url>" and "rolie <url>" of its distributions */
	LINKS_ROLIE,    /* a ROLIE feed: "<updated> <url>" of each entry */
	LINKS_CHANGES,  /* changes.csv of a CSAF directory: "<time> <path>" */
};

/* Gives each line to `line`, without its end; false ends the reading. */
typedef bool (*links_line)(void *context, const char *line);

/* Reads a list of further files from `read`, and gives `line` the addresses in it, in their order. `context` is for
 * `read`, `to` for `line`. An error of the JSON where it is no such document, ERR_BUDGET for a line that is too long,
 * ERR_MEMORY; none where `line` ended it. */
struct error links_read(enum links_kind kind, json_pull_read read, void *context, links_line line, void *to) MUST_USE;

#endif
