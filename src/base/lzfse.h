/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LZFSE: blocks of matches whose lengths, distances and literals are written with finite state entropy; blocks of LZVN; bytes as they
 * are. No library of Debian reads it.
 *
 * Specification: lzfse, src/lzfse_internal.h and src/lzfse_fse.c.
 */
#ifndef ASSAY_BASE_LZFSE_H
#define ASSAY_BASE_LZFSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

/* Decompresses a stream up to its end, "bvx$", appending to `out` within its limit. *used is how many bytes of `in` it takes. On error
 * `out` holds what was decoded before it, whose place in `in` the error tells. Thread-safe. */
struct error lzfse_stream(struct span in, struct buf *out, size_t *used) MUST_USE;

/* The same into out[0 .. room), *made bytes of it; ERR_BUDGET when the stream holds more. */
enum error_code lzfse_decode(struct span in, uint8_t *out, size_t room, size_t *made) MUST_USE;

/* Whether a block's header stands there whose fields are within their ranges, and another block where it leads. Of a block with tables of
 * its own the header alone tells, where what follows is cut off. */
bool lzfse_begins(struct span at);

#endif
