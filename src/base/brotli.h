/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brotli (RFC 7932), a part at a time, to where its caller wants it. The format has no mark and no sum: that a stream is one shows
 * only at its end. */
#ifndef ASSAY_BASE_BROTLI_H
#define ASSAY_BASE_BROTLI_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

struct brotli;

/* NULL: no memory. */
struct brotli *brotli_new(struct span in) MUST_USE;
void brotli_free(struct brotli *b);

/* The next bytes of the stream: n of them, or fewer at its end and where it breaks off. */
size_t brotli_read(struct brotli *b, uint8_t *out, size_t n) MUST_USE;

/* Asked when brotli_read() gave fewer: ERR_NONE at the end of the stream, ERR_TRUNCATED where its bytes end before it does. */
enum error_code brotli_state(struct brotli *b) MUST_USE;

/* Of the bytes that were given, how many it took up to here. */
size_t brotli_used(const struct brotli *b);

#endif
