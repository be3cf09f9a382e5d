/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compression of ARJ's members: methods 1 to 3 (LZ77 with Huffman codes, as in LHA) and 4 (LZ77 with fixed
 * codes). */
#ifndef ASSAY_FORMAT_ARJ_DECODE_H
#define ASSAY_FORMAT_ARJ_DECODE_H

#include "base/error.h"
#include "base/span.h"

/* Unpacks a member into out[0..size). *out_n is what came out, also on error. */
enum error_code arj_decode(unsigned method, struct span in, uint8_t *out, size_t size, size_t *out_n) MUST_USE;

#endif
