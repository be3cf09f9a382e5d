/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compression of ARJ's members: methods 1 to 3 (LZ77 with Huffman codes, as in LHA) and 4 (LZ77 with fixed codes); and of LHA's with
 * codes of the same kind. */
#ifndef ASSAY_FORMAT_ARJ_DECODE_H
#define ASSAY_FORMAT_ARJ_DECODE_H

#include "base/error.h"
#include "base/span.h"

/* Unpacks a member into out[0..size). *out_n is what came out, also on error. */
enum error_code arj_decode(unsigned method, struct span in, uint8_t *out, size_t size, size_t *out_n) MUST_USE;

/* What LHA's methods with Huffman codes differ in. */
struct lzh_shape {
	unsigned places, place_bits; /* at most 32: symbols of places, and the bits that tell how many of them have a code */
	uint32_t spaces;             /* that a match may begin in, before the first byte: the size of the window */
};

/* The same for them; *used is how many bytes of `in` they took. */
enum error_code lzh_decode(const struct lzh_shape *shape, struct span in, uint8_t *out, size_t size, size_t *used, size_t *n) MUST_USE;

#endif
