/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strings from an input, made safe for the place where they are shown. */
#ifndef ASSAY_BASE_ESCAPE_H
#define ASSAY_BASE_ESCAPE_H

#include <stddef.h>

#include "base/span.h"

/* For a terminal: valid, printable UTF-8 stays; control characters, C1 controls, bidirectional overrides, invalid bytes
 * and the backslash before an 'x' appear as \xHH. Writes at most `size` bytes with the terminator, cutting between
 * characters; returns the length that was written. */
size_t escape_terminal(struct text in, char *out, size_t size);

/* For HTML text and double-quoted attributes: & < > " ' become entities; what is no printable character for a terminal
 * becomes \xHH, a backslash stays. The result is malloc'ed; NULL when out of memory. */
char *escape_html(struct text in);

/* Valid UTF-8 for SQLite and JSON: NUL and invalid bytes become \xHH, everything else stays. malloc'ed, terminated;
 * *n is its length. NULL when out of memory. */
char *escape_utf8(struct text in, size_t *n);

/* Length of the valid UTF-8 sequence at p (1..4), or 0 when there is none. */
unsigned escape_utf8_len(const unsigned char *p, size_t n);

#endif
