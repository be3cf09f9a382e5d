/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bits of LZX and XPRESS: in little-endian words of 16 bits, the highest of each first; and Huffman codes that are read from them.
 * Words are taken only when they are needed, as bytes that are no bits of the stream follow where the last one ended. */
#ifndef ASSAY_BASE_WORD_BITS_H
#define ASSAY_BASE_WORD_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/canonical_code.h"
#include "base/span.h"

struct word_bits {
	struct span in;
	size_t at;      /* of the next word */
	uint64_t bits;  /* the next one highest */
	unsigned n;     /* of them */
	size_t missing; /* bits that were taken as zeros behind the end */
};

/* At least n (at most 32) bits are at hand then. */
static inline void words_need(struct word_bits *b, unsigned n)
{
	while (b->n < n) {
		uint64_t word = b->at < b->in.n ? b->in.p[b->at] : 0;
		if (b->in.n - b->at >= 2)
			word |= (uint64_t)b->in.p[b->at + 1] << 8;
		b->missing += b->at < b->in.n ? 0 : 16;
		b->at += b->in.n - b->at < 2 ? b->in.n - b->at : 2;
		b->bits |= word << (48 - b->n);
		b->n += 16;
	}
}

/* Whether bits were used that are not there. */
static inline bool words_past(const struct word_bits *b)
{
	return b->missing > b->n;
}

/* Drops n bits, which words_need() has brought. */
static inline void words_skip(struct word_bits *b, unsigned n)
{
	b->bits <<= n;
	b->n -= n;
}

/* Up to 17 bits. */
static inline uint32_t words_take(struct word_bits *b, unsigned n)
{
	if (!n)
		return 0;
	words_need(b, n);
	uint32_t v = (uint32_t)(b->bits >> (64 - n));
	words_skip(b, n);
	return v;
}

#define WORD_CODE_BITS_MAX 16u
#define WORD_CODE_BITS_FAST 10u
#define WORD_CODE_SYMBOLS_MAX 656u
#define WORD_CODE_NONE 0xffffu

/* A canonical code. */
struct word_code {
	uint16_t count[WORD_CODE_BITS_MAX + 1]; /* codes of each length */
	uint16_t symbol[WORD_CODE_SYMBOLS_MAX]; /* in the order of their codes */
	uint16_t fast[1u << WORD_CODE_BITS_FAST]; /* by the next bits: place in `symbol`, and the length in the lowest 4 bits; 0: it is longer */
};

/* False where the lengths, of at most 16, are more than a code can have. They may be fewer: then some bits lead to no symbol. */
static inline bool word_code_make(struct word_code *c, const uint8_t *lengths, unsigned n)
{
	memset(c->fast, 0, sizeof c->fast);
	if (canonical_code(lengths, n, WORD_CODE_BITS_MAX, c->count, c->symbol) < 0)
		return false;
	for (unsigned length = 1, code = 0, index = 0; length <= WORD_CODE_BITS_FAST; length++, code <<= 1)
		for (unsigned k = 0; k < c->count[length]; k++, code++, index++)
			for (unsigned i = 0; i < 1u << (WORD_CODE_BITS_FAST - length); i++)
				c->fast[(code << (WORD_CODE_BITS_FAST - length)) + i] = (uint16_t)(index << 4 | length);
	return true;
}

/* WORD_CODE_NONE where the bits are no code. */
static inline unsigned words_symbol(struct word_bits *b, const struct word_code *c)
{
	words_need(b, WORD_CODE_BITS_MAX);
	unsigned fast = c->fast[b->bits >> (64 - WORD_CODE_BITS_FAST)];
	if (fast) {
		words_skip(b, fast & 15);
		return c->symbol[fast >> 4];
	}
	unsigned first = 0, index = 0;
	for (unsigned length = 1; length <= WORD_CODE_BITS_MAX; length++) {
		unsigned code = (unsigned)(b->bits >> (64 - length));
		if (code - first < c->count[length]) {
			words_skip(b, length);
			return c->symbol[index + code - first];
		}
		index += c->count[length];
		first = (first + c->count[length]) << 1;
	}
	return WORD_CODE_NONE;
}

#endif
