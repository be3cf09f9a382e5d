/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NRV2B with bits taken from bytes, as UCL has it. */
#ifndef ASSAY_FORMAT_NRV2B_H
#define ASSAY_FORMAT_NRV2B_H

#include "base/error.h"
#include "base/span.h"

/* Unpacks one block up to its end mark. *out_n is what came out, also on error. ERR_BUDGET when it is more than
 * out_max. */
enum error_code nrv2b_decode(struct span in, uint8_t *out, size_t out_max, size_t *out_n) MUST_USE;

#endif
