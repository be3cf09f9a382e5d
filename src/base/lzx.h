/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LZX as cabinets, CHM and WIM have it. Specification: MS-PATCH 2; "Microsoft LZX Data Compression Format" of the Cabinet SDK; what WIM
 * does else is documented by wimlib. */
#ifndef ASSAY_BASE_LZX_H
#define ASSAY_BASE_LZX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

#define LZX_WINDOW_BITS_MIN 15u
#define LZX_WINDOW_BITS_MAX 21u
#define LZX_FRAME 32768u
#define LZX_RATIO 1032u /* bytes that one may become: 257 of two bits */

enum lzx_kind {
	LZX_FRAMED, /* frames of 32 KiB begin with a new word; calls of programs are told by a header */
	LZX_WIM,    /* one piece without frames or header, calls are always translated */
};

/* Unpacks the `size` bytes that were packed since the coder's last reset. *n is how many came out, on error too. ERR_TRUNCATED where `in`
 * ends before, ERR_CORRUPT else. */
enum error_code lzx_decode(enum lzx_kind kind, unsigned window_bits, struct span in, uint8_t *out, size_t size, size_t *n) MUST_USE;

#endif
