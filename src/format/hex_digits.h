/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs of hexadecimal digits, as records of text formats have them. */
#ifndef ASSAY_FORMAT_HEX_DIGITS_H
#define ASSAY_FORMAT_HEX_DIGITS_H

#include "base/ascii.h"
#include "base/span.h"

/* Reads `n` bytes, given as 2 * n digits of either case, from `text` at `at`. False when they are not all there. */
static inline bool hex_digits_read(struct span text, uint64_t at, uint8_t *out, size_t n)
{
	struct span s = span_sub(text, at, 2 * (uint64_t)n);
	for (size_t i = 0; s.p && i < 2 * n; i++) {
		int d = ascii_hex_value(s.p[i]);
		if (d < 0)
			return false;
		out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | d : d << 4);
	}
	return s.p != NULL;
}

/* Behind the end of a line that is at `at`: over white space, carriage returns and line feeds. */
static inline uint64_t hex_digits_next_line(struct span text, uint64_t at)
{
	while (at < text.n &&
		   (text.p[at] == '\r' || text.p[at] == '\n' || text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == 0x1a))
		at++;
	return at;
}

/* So many records, each a line of its own, are records whatever their sums are: the count that each begins with is that of its digits. */
#define HEX_RECORDS_CERTAIN 4u

/* Whether nothing stands behind a record in its line. */
static inline bool hex_digits_line_ends(struct span text, uint64_t at)
{
	return at >= text.n || hex_digits_next_line(text, at) > at;
}

#endif
