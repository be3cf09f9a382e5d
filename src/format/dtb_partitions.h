/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ASSAY_FORMAT_DTB_PARTITIONS_H
#define ASSAY_FORMAT_DTB_PARTITIONS_H

#include "fact/fact.h"
#include "base/fdt.h"

/* Emits a row of `partition` for each part of the flash that the tree names. */
void dtb_emit_partitions(const struct fdt *fdt, struct sink *sink);

#endif
