/* SPDX-License-Identifier: GPL-3.0-or-later */
/* .xz streams in one shot, as file systems store their blocks.
 *
 * Format: "The .xz File Format" 1.2.0. Streams whose filter chain is LZMA2, alone or behind a branch filter, are
 * decoded here, straight into the output; others (delta, longer chains) are left to liblzma by the caller.
 */
#ifndef ASSAY_BASE_XZ_H
#define ASSAY_BASE_XZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

/* Decodes the first stream of `in` into out[0..out_max). The integrity checks of its blocks are verified (CRC32, CRC64,
 * SHA-256), its index and footer are checked for consistency. ERR_UNSUPPORTED when a block has other filters: then
 * nothing useful is in out. */
enum error_code xz_decode(struct span in, uint8_t *out, size_t out_max, size_t *in_used, size_t *out_n) MUST_USE;

/* The same, appending to `out` within its limit. */
enum error_code xz_decode_buf(struct span in, struct buf *out, size_t *in_used) MUST_USE;

/* One block of a stream with that kind of check, from its header on, appended to `out` within its limit. On error, `out` has what came
 * before it. */
enum error_code xz_block_decode_buf(struct span in, unsigned check, struct buf *out) MUST_USE;

#endif
