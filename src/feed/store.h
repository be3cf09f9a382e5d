/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the feed database. All or nothing: the rows go into a copy beside it, which takes its place by rename() when all
 * are in; a failed or killed import leaves the old file as it was, and readers never wait. A copy rather than one long
 * transaction, because SQLite then needs no journal: each page is written once, and the database can lie on a medium or in
 * a folder where readers may not write. */
#ifndef ASSAY_FEED_STORE_H
#define ASSAY_FEED_STORE_H

#include "base/error.h"
#include "feed/row.h"

struct feed_store;

struct feed_counts {
	uint64_t added, changed, unchanged; /* records, and entries of sources that are one whole */
};

/* Opens the copy of the database at `path`, which need not be there yet (folders are made). Waits for nobody: another
 * import at the same time is ERR_IO. `now`: the time that becomes source.imported. *store is NULL after an error. */
struct error feed_store_begin(const char *path, const char *now, struct feed_store **store) MUST_USE;

/* The sink for rows; after it gave false, feed_store_error() tells why. */
struct feed_sink *feed_store_sink(struct feed_store *s);
/* Why the sink gave false; none while all is well. */
struct error feed_store_error(const struct feed_store *s);

/* What the next documents' sources get as their location (a path, an address). */
void feed_store_location(struct feed_store *s, const char *location);

/* How many rows were written so far, by kind. */
struct feed_counts feed_store_counts(const struct feed_store *s);

/* Keeps what an update needs to go on from here with a source: NULL leaves a column as it is. */
struct error feed_store_cursor(struct feed_store *s, const char *source, const char *cursor, const char *etag) MUST_USE;

/* Keeps of which version the last download from an address was. */
struct error feed_store_download(struct feed_store *s, const char *url, const char *etag,
								 const char *modified) MUST_USE;

/* What came from this address is what there is now: as good as imported now. */
struct error feed_store_checked(struct feed_store *s, const char *location) MUST_USE;

/* Puts the copy in the place of the database. */
struct error feed_store_commit(struct feed_store *s) MUST_USE;

/* Frees the store; without a commit before it, the database is as it was. NULL is allowed. */
void feed_store_free(struct feed_store *s);

#endif
