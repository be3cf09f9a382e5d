/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the decoders of RAR share: bits from the highest of each byte on, Huffman codes of at most 15 bits, and the bytes that come out.
 * Not for other formats. */
#ifndef ASSAY_FORMAT_RAR_BITS_H
#define ASSAY_FORMAT_RAR_BITS_H

#include <endian.h>

#include "base/buf.h"
#include "base/canonical_code.h"
#include "base/span.h"

struct rar_bits {
	const uint8_t *p, *begin, *end;
	uint64_t hold;    /* the next bit highest */
	unsigned n;       /* bits in it that count; those below may be there already */
	unsigned missing; /* bytes that were taken as zeros behind the end; no more than 16 */
};

static inline struct rar_bits rar_bits_of(struct span in)
{
	return (struct rar_bits){ .p = in.p, .begin = in.p, .end = in.n ? in.p + in.n : in.p };
}

/* At least 56 bits are at hand then. */
static inline void rar_fill(struct rar_bits *b)
{
	uint64_t next;
	if (b->end - b->p >= 8) {
		memcpy(&next, b->p, 8);
		b->hold |= be64toh(next) >> b->n;
		b->p += (63 - b->n) >> 3;
		b->n |= 56;
		return;
	}
	for (; b->n <= 56; b->n += 8) {
		if (b->p < b->end)
			b->hold |= (uint64_t)*b->p++ << (56 - b->n);
		else if (b->missing < 16)
			b->missing++;
	}
}

/* Drops bits, which rar_fill() has brought. */
static inline void rar_skip(struct rar_bits *b, unsigned n)
{
	b->hold <<= n;
	b->n -= n;
}

/* The next n (1 to 32) of them, which are brought where they are not. */
static inline uint32_t rar_take(struct rar_bits *b, unsigned n)
{
	if (b->n < n)
		rar_fill(b);
	uint32_t v = (uint32_t)(b->hold >> (64 - n));
	rar_skip(b, n);
	return v;
}

/* Whether bits were used that are not there. */
static inline bool rar_past(const struct rar_bits *b)
{
	return 8 * b->missing > b->n;
}

/* How many bits were used. */
static inline uint64_t rar_used(const struct rar_bits *b)
{
	return 8 * ((uint64_t)(b->p - b->begin) + b->missing) - b->n;
}

/* The rest of the byte at hand is passed over; gives where the next one is. */
static inline size_t rar_next_byte(const struct rar_bits *b)
{
	return (size_t)((rar_used(b) + 7) / 8);
}

#define RAR_CODE_BITS 15u
#define RAR_CODE_FAST 10u
#define RAR_CODE_SYMBOLS 306u
#define RAR_CODE_NONE 0xffffu

struct rar_code {
	uint16_t fast
		[1u
		 << RAR_CODE_FAST]; /* by the next bits: the symbol, and its length in the lowest four bits; 0: it is longer */
	uint32_t limit[RAR_CODE_BITS + 1]; /* of codes up to that length, in 15 bits: they are below it */
	uint16_t count[RAR_CODE_BITS + 1];
	uint16_t first[RAR_CODE_BITS + 1]; /* where the symbols of that length begin, less their first code */
	uint16_t symbol[RAR_CODE_SYMBOLS];
};

/* False where the lengths, of at most 15, are more than a code can have. They may be fewer. */
static inline bool rar_code_make(struct rar_code *c, const uint8_t *lengths, unsigned n)
{
	if (canonical_code(lengths, n, RAR_CODE_BITS, c->count, c->symbol) < 0)
		return false;
	uint32_t code = 0, index = 0, at = 0;
	for (unsigned length = 1; length <= RAR_CODE_BITS; length++) {
		code <<= 1;
		c->first[length] = (uint16_t)(index - code);
		for (unsigned k = 0; length <= RAR_CODE_FAST && k < c->count[length]; k++)
			for (uint32_t i = 1u << (RAR_CODE_FAST - length); i; i--)
				c->fast[at++] = (uint16_t)((uint32_t)c->symbol[index + k] << 4 | length);
		code += c->count[length];
		index += c->count[length];
		c->limit[length] = code << (RAR_CODE_BITS - length);
	}
	memset(c->fast + at, 0, ((1u << RAR_CODE_FAST) - at) * sizeof *c->fast);
	return true;
}

/* RAR_CODE_NONE where the bits are no code. At least 15 bits must be at hand. */
static inline unsigned rar_symbol(struct rar_bits *b, const struct rar_code *c)
{
	unsigned fast = c->fast[b->hold >> (64 - RAR_CODE_FAST)];
	if (fast) {
		rar_skip(b, fast & 15);
		return fast >> 4;
	}
	uint32_t next = (uint32_t)(b->hold >> (64 - RAR_CODE_BITS));
	for (unsigned length = RAR_CODE_FAST + 1; length <= RAR_CODE_BITS; length++)
		if (next < c->limit[length]) {
			rar_skip(b, length);
			return c->symbol[(uint16_t)(c->first[length] + (next >> (RAR_CODE_BITS - length)))];
		}
	return RAR_CODE_NONE;
}

/* The same where they may not be. */
static inline unsigned rar_symbol_take(struct rar_bits *b, const struct rar_code *c)
{
	if (b->n < RAR_CODE_BITS)
		rar_fill(b);
	return rar_symbol(b, c);
}

/* How long a match is, less the shortest one: slots of RAR 2.9 and 5. */
static inline uint32_t rar_length(struct rar_bits *b, unsigned slot)
{
	if (slot < 8)
		return slot;
	unsigned bits = slot / 4 - 1;
	return ((4 | (slot & 3)) << bits) + rar_take(b, bits);
}

/* What comes out, of files that go on where the one before ended: matches reach into what they are a part of. */
struct rar_out {
	struct buf *buf;
	size_t begin;    /* of the first of those files */
	size_t file;     /* of the one at hand */
	size_t end;      /* that it may not go beyond */
	uint64_t window; /* how far a match may reach back */
};

#define RAR_OUT_STEP ((size_t)256 << 10)
#define RAR_COPY_SLACK 16u

/* Room for one byte more, and as a rule for many. False where the end is reached, or there is no memory. */
static inline bool rar_room(const struct rar_out *o)
{
	struct buf *b = o->buf;
	if (b->n < b->cap && b->n < o->end)
		return true;
	size_t left = o->end > b->n ? o->end - b->n : 0;
	return left && (!buf_reserve(b, left < RAR_OUT_STEP ? left : RAR_OUT_STEP) || !buf_reserve(b, 1));
}

static inline enum error_code rar_literal(const struct rar_out *o, unsigned byte)
{
	if (!rar_room(o))
		return ERR_BUDGET;
	o->buf->p[o->buf->n++] = (uint8_t)byte;
	return ERR_NONE;
}

/* Byte by byte, as far as there is room. */
static inline enum error_code rar_copy_slowly(const struct rar_out *o, uint64_t distance, size_t length)
{
	for (; length; length--) {
		if (!rar_room(o))
			return ERR_BUDGET;
		o->buf->p[o->buf->n] = o->buf->p[o->buf->n - distance];
		o->buf->n++;
	}
	return ERR_NONE;
}

/* A match. ERR_CORRUPT where it reaches before the beginning; ERR_BUDGET where it goes beyond the end. */
static inline enum error_code rar_copy(const struct rar_out *o, uint64_t distance, size_t length)
{
	struct buf *b = o->buf;
	size_t top = b->cap < o->end ? b->cap : o->end;
	if (!distance || distance > b->n - o->begin || distance > o->window)
		return ERR_CORRUPT;
	if (b->n >= top || top - b->n < length + RAR_COPY_SLACK)
		return rar_copy_slowly(o, distance, length);
	uint8_t *to = b->p + b->n;
	const uint8_t *from = to - distance;
	b->n += length;
	if (distance >= 16) {
		for (size_t i = 0; i < length; i += 16)
			memcpy(to + i, from + i, 16);
	} else if (distance == 1) {
		memset(to, *from, length);
	} else {
		for (size_t i = 0; i < length; i++)
			to[i] = from[i];
	}
	return ERR_NONE;
}

#endif
