/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ASSAY_FORMAT_DRAYTEK_H
#define ASSAY_FORMAT_DRAYTEK_H

#include "format/format.h"

#define DRAYTEK_LZ4_MAGIC "\xaa\x1d\x7f\x50"

/* LZ4 blocks of 64 KiB behind that magic, each with its size; up to the end, or to what is no block. */
struct error draytek_lz4_unpack(struct span bytes, struct buf *out, size_t *used) MUST_USE;

/* A block of LZO1X that tells nothing of its size, of at most `most` bytes unpacked. */
struct error draytek_lzo_unpack(struct span bytes, size_t most, struct buf *out) MUST_USE;

#endif
