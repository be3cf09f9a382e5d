/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LZMA decoding in one shot: the output buffer is the dictionary.
 *
 * liblzma decodes into a dictionary of its own and copies out of it; firmware is made of blocks that are decoded
 * whole, so this decoder writes each byte once. It also reads what vendors make of LZMA: streams without a header,
 * with the properties elsewhere, or without an end.
 * Format: "LZMA specification" (lzma-specification.txt, I. Pavlov, 2015), LZMA2 as in the .xz file format.
 */
#ifndef ASSAY_BASE_LZMA_H
#define ASSAY_BASE_LZMA_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

struct lzma_props {
	uint8_t lc, lp, pb; /* lc 0..8, lp 0..4, pb 0..4 */
};

/* Splits the properties byte ((pb * 5 + lp) * 9 + lc); false when it is none. */
bool lzma_props_split(uint8_t byte, struct lzma_props *props) MUST_USE;

/* Decodes a raw LZMA1 stream (range coder bytes first) into out[0..out_max). It ends at an end marker, or when out is
 * full. *in_used: bytes of `in` consumed; *out_n: bytes written, also on error. *end_marker (may be NULL): whether an
 * end marker was met. */
enum error_code lzma1_decode(struct lzma_props props, struct span in, uint8_t *out, size_t out_max, size_t *in_used,
                             size_t *out_n, bool *end_marker) MUST_USE;

/* Decodes a raw LZMA2 stream (chunks up to the 0x00 control byte) into out[0..out_max). */
enum error_code lzma2_decode(struct span in, uint8_t *out, size_t out_max, size_t *in_used, size_t *out_n) MUST_USE;

/* The same, appending to `out`, which grows as the chunks say, within its limit. */
enum error_code lzma2_decode_buf(struct span in, struct buf *out, size_t *in_used) MUST_USE;

/* Decodes a raw LZMA1 stream of unknown size, appending to `out` within its limit, up to its end marker; or of the size
 * `unpacked` (UINT64_MAX: unknown), where an end marker may follow. */
enum error_code lzma1_decode_buf(struct lzma_props props, struct span in, uint64_t unpacked, struct buf *out,
                                 size_t *in_used) MUST_USE;

#endif
