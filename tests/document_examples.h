/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The examples and near misses of data/documents/, as tools/embed_documents.py writes them. */
#ifndef ASSAY_TESTS_DOCUMENT_EXAMPLES_H
#define ASSAY_TESTS_DOCUMENT_EXAMPLES_H

struct document_example {
	const char *language, *element, *role;
	int line; /* in the file of that language */
	const char *section, *sentence;
	const char *state; /* present, denied; "": the element is not in the sentence */
};

extern const struct document_example document_examples[]; /* ended by NULL */

#endif
