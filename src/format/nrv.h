/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three compressions of UCL (M. F. X. J. Oberhumer), whose bits stand among the bytes that they tell of. */
#ifndef ASSAY_FORMAT_NRV_H
#define ASSAY_FORMAT_NRV_H

#include "base/error.h"
#include "base/span.h"

enum nrv { NRV2B, NRV2D, NRV2E };

/* Unpacks one block up to its end mark. Bits are taken from groups of 1, 2 or 4 bytes, in little endian. *out_n is what came out, also
 * on error. ERR_BUDGET when it is more than out_max. */
enum error_code nrv_decode(enum nrv variant, unsigned group, struct span in, uint8_t *out, size_t out_max, size_t *out_n) MUST_USE;

#endif
