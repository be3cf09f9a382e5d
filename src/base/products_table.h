/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Indices of the product table, ordered by the bytes of the keys; tools/embed_components.py makes them. */
#ifndef ASSAY_BASE_PRODUCTS_TABLE_H
#define ASSAY_BASE_PRODUCTS_TABLE_H

#include "base/products.h"

/* A key of some kind and the number of the product that it leads to. */
struct product_key {
	uint32_t key; /* in product_strings */
	uint16_t product;
	uint16_t head; /* the key's first two bytes, the first of them above: most others differ in these */
};

extern const struct product_key product_packages[];
extern const size_t product_npackages;
extern const struct product_key product_cpes[]; /* with the part: "a:vendor:product" */
extern const size_t product_ncpes;
extern const struct product_key product_words[];
extern const size_t product_nwords;
extern const struct product_key product_contexts[]; /* in lower case */
extern const size_t product_ncontexts;
/* Names of files: one may stand several times, with a product each. */
extern const struct product_key product_files[];
extern const size_t product_nfiles;

/* The upper 40 bits of the FNV-1a hashes of 64 bits of the texts that one product only has, in ascending order: the lower 32
 * of them, those whose upper 8 are `i` from `product_text_first[i]` on; and the product of each. */
extern const uint32_t product_text_first[257];
extern const uint32_t product_text_hashes[];
extern const uint16_t product_text_owners[];

#endif
