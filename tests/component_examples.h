/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The examples of data/components/products/, as tools/embed_components.py writes them. */
#ifndef ASSAY_TESTS_COMPONENT_EXAMPLES_H
#define ASSAY_TESTS_COMPONENT_EXAMPLES_H

#include <stddef.h>

struct component_example {
	const char *file;
	const char *product;
	const char *kind; /* of evidence that is expected; "": any */
	const char *path;
	int line;
	const char *bytes;
	size_t n;
	const char *version; /* "": unknown; NULL: the product may not be seen there */
	const char *package; /* the distribution's version, or "" */
};

extern const struct component_example component_examples[];
extern const size_t component_nexamples;

#endif
