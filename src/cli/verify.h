/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second look at signatures: by the keys and certificates of the whole image. */
#ifndef ASSAY_CLI_VERIFY_H
#define ASSAY_CLI_VERIFY_H

#include <sqlite3.h>
#include <stdbool.h>

struct verify_context {
	bool without_landlock;
	unsigned seconds;
};

/* For case_run.verify: sets state, key and detail of rows of `signature` whose key is found. In `why` (200 bytes): why not
 * all were looked at, or nothing. False: the case file could not be read or written. */
bool verify_signatures(void *context, sqlite3 *db, char *why);

#endif
