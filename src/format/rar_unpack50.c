/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compression of RAR 5: LZ77 in blocks, with Huffman codes for letters and lengths, distances, their lowest bits, and lengths of
 * matches at one of the last four distances.
 * After libarchive's reader of RAR 5 (BSD): Grzegorz Antoniak. */
#include "format/rar_unpack.h"

#include <stdlib.h>

#include "format/rar_lengths.h"

#define LETTERS 306u
#define DISTANCES 64u
#define LOWS 16u
#define LENGTHS 44u
#define ALL (LETTERS + DISTANCES + LOWS + LENGTHS)
#define SUM 0x5au
#define BLOCK_MAX 0x400000u /* of a filter */

enum { LETTER_FILTER = 256, LETTER_AGAIN, LETTER_RECENT, LETTER_MATCH = 262 };
enum { FLAG_LAST = 0x40, FLAG_TABLES = 0x80 };

struct rar50 {
	struct rar_code letters, distances, lows, lengths;
	bool tables;
	uint64_t recent[4];
	uint32_t length;     /* of the last match */
	uint64_t filter_end; /* of the last filter: the next one begins no earlier */
};

struct rar50 *rar50_new(void)
{
	return calloc(1, sizeof(struct rar50));
}

void rar50_free(struct rar50 *z)
{
	free(z);
}

/* ---- tables ---- */

static bool tables_read(struct rar50 *z, struct rar_bits *b)
{
	uint8_t lengths[ALL] = { 0 };
	return rar_lengths_read(b, lengths, ALL) && rar_code_make(&z->letters, lengths, LETTERS) &&
		   rar_code_make(&z->distances, lengths + LETTERS, DISTANCES) &&
		   rar_code_make(&z->lows, lengths + LETTERS + DISTANCES, LOWS) &&
		   rar_code_make(&z->lengths, lengths + LETTERS + DISTANCES + LOWS, LENGTHS);
}

/* ---- what is in a block ---- */

static uint32_t filter_number(struct rar_bits *b)
{
	uint32_t v = 0, bytes = rar_take(b, 2) + 1;
	for (uint32_t i = 0; i < bytes; i++)
		v |= rar_take(b, 8) << 8 * i;
	return v;
}

static enum error_code filter_read(struct rar50 *z, struct rar_bits *b, const struct rar_out *o,
								   struct rar_filters *filters)
{
	static const uint8_t kinds[] = { RAR_DELTA, RAR_E8, RAR_E8E9, RAR_ARM };
	uint64_t start = o->buf->n - o->begin + (uint64_t)filter_number(b);
	struct rar_filter f = { .start = start, .length = filter_number(b), .wraps = true };
	uint32_t kind = rar_take(b, 3);
	f.position = (uint32_t)(start - (o->file - o->begin));
	if (kind >= sizeof kinds || f.length < 4 || f.length > BLOCK_MAX || start < z->filter_end)
		return ERR_CORRUPT;
	f.kind = kinds[kind];
	f.channels = f.kind == RAR_DELTA ? (uint8_t)(rar_take(b, 5) + 1) : 0;
	z->filter_end = start + f.length;
	return rar_past(b) ? ERR_TRUNCATED : rar_filter_note(filters, &f, o->buf->n - o->begin);
}

/* 0 where there is none. */
static inline uint64_t distance_take(struct rar50 *z, struct rar_bits *b)
{
	unsigned slot = rar_symbol_take(b, &z->distances), bits = slot / 2 - 1;
	if (slot < 4)
		return slot + 1;
	if (slot == RAR_CODE_NONE)
		return 0;
	uint64_t distance = ((uint64_t)(2 | (slot & 1)) << bits) + 1;
	if (bits < 4)
		return distance + rar_take(b, bits);
	if (bits > 4)
		distance += (uint64_t)rar_take(b, bits - 4) << 4;
	unsigned low = rar_symbol_take(b, &z->lows);
	return low == RAR_CODE_NONE ? 0 : distance + low;
}

static inline enum error_code match_far(struct rar50 *z, struct rar_bits *b, const struct rar_out *o, unsigned letter)
{
	uint32_t length = rar_length(b, letter - LETTER_MATCH) + 2;
	uint64_t distance = distance_take(z, b);
	length += (distance > 0x100) + (distance > 0x2000) + (distance > 0x40000);
	z->recent[3] = z->recent[2];
	z->recent[2] = z->recent[1];
	z->recent[1] = z->recent[0];
	z->recent[0] = distance;
	z->length = length;
	return rar_copy(o, distance, length);
}

static enum error_code match_recent(struct rar50 *z, struct rar_bits *b, const struct rar_out *o, unsigned letter)
{
	unsigned at = letter - LETTER_RECENT;
	uint64_t distance = z->recent[at];
	for (; at; at--)
		z->recent[at] = z->recent[at - 1];
	z->recent[0] = distance;
	unsigned slot = rar_symbol_take(b, &z->lengths);
	if (slot == RAR_CODE_NONE)
		return ERR_CORRUPT;
	z->length = rar_length(b, slot) + 2;
	return rar_copy(o, distance, z->length);
}

static enum error_code other(struct rar50 *z, struct rar_bits *b, const struct rar_out *o, struct rar_filters *f,
							 unsigned letter)
{
	if (letter == LETTER_FILTER)
		return filter_read(z, b, o, f);
	if (letter == LETTER_AGAIN)
		return z->length ? rar_copy(o, z->recent[0], z->length) : ERR_NONE;
	return letter == RAR_CODE_NONE ? ERR_CORRUPT : match_recent(z, b, o, letter);
}

/* Up to the bit at which the block ends. */
static enum error_code block_decode(struct rar50 *z, struct rar_bits *b, uint64_t end, const struct rar_out *o,
									struct rar_filters *f)
{
	enum error_code code = ERR_NONE;
	while (!code && rar_used(b) < end) {
		rar_fill(b);
		unsigned letter = rar_symbol(b, &z->letters);
		if (letter < 256)
			code = rar_literal(o, letter);
		else if (letter >= LETTER_MATCH && letter != RAR_CODE_NONE)
			code = match_far(z, b, o, letter);
		else
			code = other(z, b, o, f, letter);
	}
	if (code == ERR_NONE && rar_used(b) > end)
		return ERR_CORRUPT;
	return code;
}

/* ---- */

struct block {
	struct span data;
	uint64_t bits;
	uint8_t flags;
	size_t next;
};

static enum error_code block_read(struct span packed, size_t at, struct block *k)
{
	struct reader r = reader_le(span_from(packed, at));
	k->flags = rd_u8(&r);
	uint8_t sum = rd_u8(&r);
	unsigned bytes = (k->flags >> 3 & 3) + 1;
	uint32_t size = 0;
	for (unsigned i = 0; i < bytes; i++)
		size |= (uint32_t)rd_u8(&r) << 8 * i;
	if (!rd_ok(&r))
		return ERR_TRUNCATED;
	if (bytes > 3 || sum != (uint8_t)(SUM ^ k->flags ^ size ^ size >> 8 ^ size >> 16))
		return ERR_CORRUPT;
	k->data = span_clip(packed, at + r.at, size);
	k->next = at + (size_t)r.at + size;
	k->bits = size ? 8 * (uint64_t)(size - 1) + (k->flags & 7) + 1 : 0;
	if (k->data.n < size)
		k->bits = 8 * (uint64_t)k->data.n;
	return ERR_NONE;
}

enum error_code rar50_decode(struct rar50 *z, struct span packed, const struct rar_out *o, struct rar_filters *f)
{
	struct block k = { .next = 0 };
	z->filter_end = 0;
	do {
		enum error_code code = block_read(packed, k.next, &k);
		if (code)
			return code;
		struct rar_bits b = rar_bits_of(k.data);
		if (k.flags & FLAG_TABLES)
			z->tables = tables_read(z, &b);
		bool cut = k.next > packed.n;
		if (!z->tables)
			return cut ? ERR_TRUNCATED : ERR_CORRUPT;
		code = block_decode(z, &b, k.bits, o, f);
		if (cut && (code == ERR_NONE || (code == ERR_CORRUPT && rar_used(&b) >= k.bits)))
			return ERR_TRUNCATED;
		if (code)
			return code;
	} while (!(k.flags & FLAG_LAST));
	return ERR_NONE;
}
