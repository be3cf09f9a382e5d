/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Canonical Huffman codes, which their lengths tell: RFC 1951 3.2.2; Schwartz and Kallick, "Generating a canonical prefix encoding",
 * CACM 7(3), 1964. Decoders differ in how they take bits and in what they do with a code that is not full, not in this. */
#ifndef ASSAY_BASE_CANONICAL_CODE_H
#define ASSAY_BASE_CANONICAL_CODE_H

#include <stdint.h>
#include <string.h>

#define CANONICAL_BITS_MAX 20u

/* Of n symbols, whose codes are of these lengths (at most `bits_max`, itself at most CANONICAL_BITS_MAX; 0: it has none): how many have each
 * length into count[0 .. bits_max], and the symbols with a code into `symbol`, in the order of their codes. Returns how many codes of
 * `bits_max` bits no symbol begins: 0 where the code is full. Negative, with `symbol` untouched, when there are more than there can be. */
static inline int32_t canonical_code(const uint8_t *lengths, unsigned n, unsigned bits_max, uint16_t *count, uint16_t *symbol)
{
	uint16_t next[CANONICAL_BITS_MAX + 2] = { 0 };
	int32_t left = 1;
	memset(count, 0, (bits_max + 1) * sizeof *count);
	for (unsigned i = 0; i < n; i++)
		count[lengths[i]]++;
	for (unsigned length = 1; length <= bits_max; length++) {
		left = 2 * left - count[length];
		if (left < 0)
			return left;
		next[length + 1] = (uint16_t)(next[length] + count[length]);
	}
	for (unsigned i = 0; i < n; i++)
		if (lengths[i])
			symbol[next[lengths[i]]++] = (uint16_t)i;
	return left;
}

#endif
