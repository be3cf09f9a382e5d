/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a document of each notation goes through its importer. */
#ifndef ASSAY_FEED_PARSE_INTERNAL_H
#define ASSAY_FEED_PARSE_INTERNAL_H

#include "feed/parse.h"

/* What was looked at to recognise a document, and how to read all of it. */
struct feed_document {
	const char *name;
	struct span beginning;
	bool whole; /* `beginning` is all of it */
	json_pull_read rest;
	void *context;
	size_t given; /* bytes of the beginning that document_read() gave again */
};

/* json_pull_read over the beginning and then the rest. */
struct error document_read(void *document, uint8_t *into, size_t n, size_t *got);

/* The importer of a JSON document, by the members of its root; NULL: none. */
const struct feed_importer *feed_recognise(const struct json_node *root);
/* The same of what is read by lines, by its beginning. */
const struct feed_importer *feed_recognise_lines(struct span beginning);

/* Lets the importer begin, once. False: the run is at its end. */
bool feed_begin(struct feed_run *run);

/* Gives a record to the importer; counts it, or passes it over when that is wanted. False: the run is at its end. */
bool feed_give_record(struct feed_parser *p, struct feed_document *d, struct feed_run *run,
					  const struct json_node *record);

/* Each gives *taken = false when no importer knows the document. */
struct error feed_parse_json(struct feed_parser *p, struct feed_document *d, bool *taken);
struct error feed_parse_yaml(struct feed_parser *p, struct feed_document *d, bool *taken);
struct error feed_parse_lines(struct feed_parser *p, struct feed_document *d, bool *taken);

/* Runs the importer over a whole tree. */
struct error feed_parse_tree(struct feed_parser *p, struct feed_document *d, const struct feed_importer *importer,
							 const struct json_node *root);

#endif
