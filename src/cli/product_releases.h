/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The releases of a product: its firmware images, with what is known of the earlier ones. */
#ifndef ASSAY_CLI_PRODUCT_RELEASES_H
#define ASSAY_CLI_PRODUCT_RELEASES_H

#include "cli/product.h"

struct releases;

/* A release for each image. Those that are assessed are in the case `c` (NULL: there are none); each earlier one is taken apart
 * here, in a case that is forgotten. NULL with *code, and the reason said, when one can not be. */
struct releases *releases_read(struct product_request *r, struct case_file *c, int *code);
void releases_free(struct releases *releases);

/* Emits rows of `release` and `release_component`. */
void releases_emit(const struct releases *releases, struct sink *sink);

#endif
