/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filters of PostScript that data of programs goes through: ASCII85, ASCIIHex, RunLength. */
#ifndef ASSAY_FORMAT_ASCII85_H
#define ASSAY_FORMAT_ASCII85_H

#include "format/format.h"

/* Up to the end mark, which is not counted in *used where it is missing (ERR_TRUNCATED). */
struct error ascii85_decode(struct span in, struct buf *out, size_t *used) MUST_USE;
/* ISO 32000-1, 7.4.2 and 7.4.5: the same for hexadecimal digits, and for runs of bytes. */
struct error ascii_hex_decode(struct span in, struct buf *out, size_t *used) MUST_USE;
struct error run_length_decode(struct span in, struct buf *out, size_t *used) MUST_USE;

#endif
