/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows as bytes, for a pipe: a length of four bytes, the kind, the columns in their order. Text: a length of four bytes
 * (all ones: absent) and the bytes; numbers: eight bytes. Little-endian. Who reads trusts nothing of it. */
#ifndef ASSAY_FEED_ROW_CODE_H
#define ASSAY_FEED_ROW_CODE_H

#include "base/buf.h"
#include "feed/row.h"

#define FEED_ROW_MAX ((size_t)32 << 20)

/* Appends the row; an error is the buffer's. */
enum error_code feed_row_encode(struct buf *out, enum feed_row_kind kind, const void *row) MUST_USE;

/* How many bytes the first row of `bytes` takes with its length; 0: not all of them are there. UINT64_MAX: no row. */
uint64_t feed_row_size(struct span bytes);

/* The row in these bytes, all of them (as feed_row_size() says). Texts point into them. False when they are none. */
bool feed_row_decode(struct span bytes, enum feed_row_kind *kind, union feed_row *row);

#endif
