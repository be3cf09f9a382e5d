/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay feed update: what its parts share. Each source is downloaded into a folder, and then imported by itself: one that
 * fails leaves what there was of it, and what was downloaded is gone on with the next time. */
#ifndef ASSAY_CLI_FEED_UPDATE_H
#define ASSAY_CLI_FEED_UPDATE_H

#include <sqlite3.h>

#include "cli/feed.h"
#include "cli/progress.h"
#include "feed/fetch.h"

#define UPDATE_URLS_MAX 64u

struct update_options {
	struct feed_options feed;
	const char *base[16];              /* by source, where another address was given */
	const char *urls[UPDATE_URLS_MAX]; /* documents and providers of one's own */
	size_t nurls;
	char *ecosystems, *branches; /* lists parted by commas; NULL: the usual ones */
	char key[128];               /* of the NVD; empty: none */
	double pause;                /* between requests to the NVD, in seconds; < 0: the usual one */
	double retry_seconds, stall;
	uint64_t max_bytes;
	bool insecure_http;
	const char *ca_file; /* NULL: the system's */
};

/* One source on its way. */
struct update {
	const struct update_options *options;
	struct fetch *fetch;
	bool secure; /* addresses come from a document that came over HTTPS: http:// is none of them */
	struct progress progress;
	sqlite3 *old;       /* the database as it is; NULL: there is none */
	const char *source; /* its name on the command line */
	char folder[4096];  /* of its downloads */

	/* What to import, and what to remember when that is done. */
	char **paths, **urls;
	size_t n, room;
	struct update_mark {
		char *url, *etag, *modified;
		bool unchanged; /* as it was: nothing to import */
	} * marks;
	size_t nmarks, marks_room;
	char cursor[40]; /* of the source named cursor_of; empty: none */
	const char *cursor_of;
	int code; /* of the last complaint */
};

/* What a source does: false when it failed, which was said. */
typedef bool (*update_source)(struct update *u, const char *base);
/* The sources: each asks what is new since the cursor or the marks of the last import, below `base` (the usual
 * address or one of the user's), and puts what it downloads on the list. update_single() is for those of one file
 * (KEV, EPSS ...), update_urls() for addresses of the user's own. */
bool update_nvd(struct update *u, const char *base);
bool update_cve(struct update *u, const char *base);
bool update_osv(struct update *u, const char *base);
bool update_alpine(struct update *u, const char *base);
bool update_single(struct update *u, const char *base);
bool update_urls(struct update *u, const char *base);

/* Downloads url into the source's folder under `name`, unless it is the version that was imported last, and puts it on the
 * list of what is imported. A missing one (404) is a fault only when `must`. */
bool update_fetch(struct update *u, const char *url, const char *name, bool must);
/* The same for a document that is only read for its links; *path (4200 bytes) is empty when it is unchanged or missing. */
bool update_fetch_index(struct update *u, const char *url, const char *name, char *path);
/* One request with this header; keeps a file of that name that is there already. */
bool update_fetch_page(struct update *u, const char *url, const char *name, const char *header);
/* Puts a downloaded file on the list. */
bool update_add(struct update *u, const char *path, const char *url);
/* Takes all but the first n off the list, and removes their files. */
void update_drop(struct update *u, size_t n);
/* What is remembered of an address once the import is done. */
bool update_mark(struct update *u, const char *url, const char *etag, const char *modified);
/* What was remembered; false: nothing. */
bool update_marked(struct update *u, const char *url, char etag[256], char modified[64]);

/* The cursor of a source; false: none. */
bool update_cursor(struct update *u, const char *source, char cursor[40]);

/* "assay: <source>: ..."; gives false. */
bool update_failed(struct update *u, const char *what, const struct error *e);

#endif
