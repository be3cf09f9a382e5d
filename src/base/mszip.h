/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSZIP: deflate in blocks of at most 32 KiB, each a stream of its own behind "CK", whose matches reach back into the blocks before.
 * Specification: [MS-MCI] 2; RFC 1951. */
#ifndef ASSAY_BASE_MSZIP_H
#define ASSAY_BASE_MSZIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

#define MSZIP_WINDOW 32768u

/* Decompresses one block into out[0..out_max), which may follow `history` (what the blocks before it gave) in memory. *out_n is how
 * many bytes came out, also on error, *used of how many. ERR_TRUNCATED when the block ends too early, ERR_BUDGET when it holds more. */
enum error_code mszip_block(struct span in, struct span history, uint8_t *out, size_t out_max, size_t *out_n,
							 size_t *used) MUST_USE;

#endif
