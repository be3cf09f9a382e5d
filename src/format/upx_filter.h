/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What UPX did to the targets of branches so that they compress better, undone. */
#ifndef ASSAY_FORMAT_UPX_FILTER_H
#define ASSAY_FORMAT_UPX_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Undoes in place the filter of that id on the bytes of one block; `mark` is the byte that tells changed branches from others (b_cto8).
 * False when the filter is not known, or the bytes can not be what it made. */
bool upx_unfilter(uint8_t id, uint8_t mark, uint8_t *p, size_t n);

#endif
