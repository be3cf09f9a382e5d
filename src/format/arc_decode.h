/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compression of ARC's members, methods 1 to 9, and of Spark's (127).
 *
 * Facts: "ARC file format" (Arcinfo, R. A. Freed, 1986); Arc521.doc; XADMaster, XADARCParser.m, for the hashes of methods 5 to 7.
 */
#ifndef ASSAY_FORMAT_ARC_DECODE_H
#define ASSAY_FORMAT_ARC_DECODE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

/* Whether a method is one that is decoded. */
bool arc_decode_knows(unsigned method);

/* Appends up to `size` bytes. ERR_CORRUPT or ERR_TRUNCATED where they do not come out. */
enum error_code arc_decode(unsigned method, struct span in, uint64_t size, struct buf *out) MUST_USE;

/* Runs: 0x90 and how often the byte before it stands there; 0x90 and 0 for a 0x90. At most `size` bytes. */
enum error_code rle90_decode(struct span in, uint64_t size, struct buf *out) MUST_USE;

#endif
