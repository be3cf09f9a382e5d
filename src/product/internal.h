/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the product file's reader share among themselves. */
#ifndef ASSAY_PRODUCT_INTERNAL_H
#define ASSAY_PRODUCT_INTERNAL_H

#include "product/product.h"

/* A product file on its way in. */
struct loader {
	struct doc doc;
	struct product *product;
	bool outside;
	size_t values_room; /* of product->values */
};

/* read.c: reads the document into l->product. */
bool product_read(struct loader *l) MUST_USE;

/* inputs.c: makes the values from `first` on, which are those of an element of the section, an input instead. */
bool product_take_input(struct loader *l, const struct product_section *section, size_t first) MUST_USE;
/* What a declaration names that is read like an input: a bill of materials, an assessment. */
bool product_take_declared_files(struct loader *l) MUST_USE;
/* Which firmware is of the version that is assessed. */
bool product_choose_firmware(struct loader *l) MUST_USE;

/* provision.c: the id that is meant by `value`, as it is kept for ever; NULL with *nearest filled (NULL: none is near). */
const char *product_provision_find(const char *value, const char **nearest) MUST_USE;
/* That the conformance statement names each provision once. */
bool product_check_conformance(struct loader *l) MUST_USE;

#endif
