/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents about a product: privacy notice, manual, policy, advisory. Bytes in, facts out.
 *
 * Markdown (CommonMark 0.30), HTML, PDF and plain text become one text of blocks (text.h), which is cut into sentences
 * and words; from these follow the rows of `document` and of the tables that begin with `document_`. Which elements are
 * looked for, and by which words, is data: data/documents/. docs/documents.md tells it from outside.
 */
#ifndef ASSAY_DOCUMENT_DOCUMENT_H
#define ASSAY_DOCUMENT_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"
#include "fact/fact.h"

/* What is read at most. A limit that is hit is a row of `damage`, and then nothing is said to be absent. */
struct document_limits {
	uint64_t bytes; /* of the file */
	uint64_t text;  /* of the text in it, UTF-8 */
	uint32_t words;
	uint32_t pages; /* of a PDF */
	uint32_t depth; /* elements of HTML in each other */
	uint32_t rows;  /* of facts in one table */
	uint32_t seconds; /* from the start on, until which sentences are searched: what was found by then is kept */
};
extern const struct document_limits document_limits_default;

/* poppler, loaded before the process was confined (pdf.h); NULL: a PDF is not read. */
struct pdf_library;

struct document_options {
	struct text name;                     /* file name; its suffix tells Markdown from text */
	const char *role;                     /* privacy-notice, manual ...: which elements are asked for; NULL: none */
	const char *language;                 /* ISO 639-1, when it is known; NULL: found by its words */
	const struct document_limits *limits; /* NULL: the defaults */
	const struct pdf_library *pdf;
	void (*stage)(void *context, const char *name); /* called before each step, "pdf", "elements" ...; may be NULL */
	void *context;
	const char **format; /* gets markdown, html, pdf, text or NULL; may be NULL */
};

/* Reads it and emits its facts. What could not be read is a row of `damage`; an error only when memory ran out. */
struct error document_examine(struct span bytes, const struct document_options *options, struct sink *sink) MUST_USE;

/* The row of a document of which nothing could be read, with the reason, which must outlive it. */
struct fact_document document_unread(const char *reason) MUST_USE;

/* The roles that a document can have, ended by NULL. */
extern const char *const document_roles[];
bool document_is_role(struct text role);

/* Whether the bytes begin as a PDF does: then poppler is wanted. */
bool document_is_pdf(struct span bytes);

#endif
