/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ASSAY_FORMAT_DTB_BOOT_H
#define ASSAY_FORMAT_DTB_BOOT_H

#include "fact/fact.h"
#include "base/fdt.h"

/* Emits a row of `boot_setting` for each trusted key, setting and console that the tree names. */
void dtb_emit_boot(const struct fdt *fdt, struct sink *sink);

#endif
