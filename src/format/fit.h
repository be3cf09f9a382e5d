/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U-Boot's FIT: images, their hashes and configurations as a flattened device tree. */
#ifndef ASSAY_FORMAT_FIT_H
#define ASSAY_FORMAT_FIT_H

#include "base/fdt.h"
#include "format/format.h"

/* Whether the tree has a node /images with an image in it. Then *end is where its last external data ends, at least
 * the tree's own size. */
bool fit_recognise(const struct fdt *fdt, uint64_t *end) MUST_USE;

/* Emits the images of `bytes` (tree and external data), the header fields, and damage where a hash does not verify. */
void fit_walk(const struct fdt *fdt, struct span bytes, struct walk *w);

#endif
