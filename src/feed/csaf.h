/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two halves of a CSAF document: its product tree and what it says about the products. */
#ifndef ASSAY_FEED_CSAF_H
#define ASSAY_FEED_CSAF_H

#include "feed/vex.h"

/* Words for single products (in vex_entry.component), and for all others. */
struct csaf_words {
	struct vex_map map;
	struct text all;
};

struct csaf_statements {
	const struct vex_map *products;
	unsigned vulnerability; /* which of the document's, from 1 */
	bool draft;             /* of a document that is not released */
	struct csaf_words flags, impacts, remedies;
};

/* Every product of the tree (NULL: none), by its product_id. */
void csaf_products(struct feed_run *run, const struct json_node *tree, struct vex_map *products);

#endif
