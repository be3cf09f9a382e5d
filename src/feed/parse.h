/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents of feeds, packed or not, become rows. No file is opened here and nothing written, so that it runs in a confined
 * process (and in the fuzzer). */
#ifndef ASSAY_FEED_PARSE_H
#define ASSAY_FEED_PARSE_H

#include "base/arena.h"
#include "base/json_pull.h"
#include "feed/importer.h"

struct feed_parser {
	struct feed_sink *sink;
	/* Told of what is not taken: a document that is none of a feed (error.code ERR_NONE), or a faulty one when `keep_going`.
	 * May be NULL. */
	void (*passed_over)(struct feed_parser *p, const char *name, const struct error *error);
	bool keep_going; /* a faulty record or document is passed over */

	uint64_t documents, records; /* taken */
	uint64_t unknown, faulty;    /* passed over */

	/* Its own. */
	struct arena *arena, *head;
	uint8_t *peek;
	const struct feed_importer *importer; /* of the last document */
};

/* False when out of memory. The caller has set sink and perhaps passed_over and keep_going. */
bool feed_parser_open(struct feed_parser *p) MUST_USE;
void feed_parser_close(struct feed_parser *p);

/* One file: a document, a compressed one (gzip, xz, zstd, bzip2), or an archive of them (zip). `name` is for messages; an
 * error begins with the name of the archive's member where it is in one. After an error not all of it has been read. */
struct error feed_parse(struct feed_parser *p, const char *name, json_pull_read read, void *context) MUST_USE;

/* The same for what is not packed. */
struct error feed_parse_document(struct feed_parser *p, const char *name, json_pull_read read, void *context) MUST_USE;

#endif
