/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XPRESS with Huffman codes, "LZ77+Huffman". Specification: MS-XCA 2.2. */
#ifndef ASSAY_BASE_XPRESS_H
#define ASSAY_BASE_XPRESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

/* Unpacks one block to its `size` bytes, of at most 64 KiB. *n is how many came out, on error too. ERR_TRUNCATED where `in` ends before,
 * ERR_CORRUPT else. */
enum error_code xpress_huffman_decode(struct span in, uint8_t *out, size_t size, size_t *n) MUST_USE;

#endif
