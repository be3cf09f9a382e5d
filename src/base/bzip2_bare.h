/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bzip2 as NSIS changed it: no head, a block begins with the byte 0x31 and has no sum, the end is the byte 0x17, without one either. No
 * library of Debian reads it. Blocks have 900,000 bytes at most. Specification: "bzip2: Format Specification" (J. Tsai, 2016), 2.2;
 * nsis.sourceforge.io Source/bzip2/decompress.c for what is left out. */
#ifndef ASSAY_BASE_BZIP2_BARE_H
#define ASSAY_BASE_BZIP2_BARE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

/* Appends what comes out to `out`, within its limit, block by block: of a block that breaks off nothing. *in_used is how many bytes
 * the stream takes. `says_random`: blocks have the bit that says whether they are randomised, which early versions wrote. Thread-safe.
 * ERR_UNSUPPORTED: a block is randomised. */
enum error_code bzip2_bare_decode(struct span in, bool says_random, struct buf *out, size_t *in_used) MUST_USE;

#endif
