/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Algorithm: unarj (Robert Jung), which took it from ar002 (Haruhiko Okumura): blocks with a code for letters and
 * lengths and one for places, both of at most 16 bits and given by their lengths. */
#include "format/arj_decode.h"

#include "base/canonical_code.h"
#include "format/msb_bits.h"

#define LENGTH_MAX 16u
#define LETTERS 510u /* and the lengths from 3 to 256 */
#define PLACES 17u /* of ARJ; each with a number of so many bits less one, and a leading one */
#define PLACE_BITS 5u
#define LENGTH_CODES 19u
#define LENGTH_CODE_BITS 5u
#define LIST_MAX 32u /* of what read_lengths() reads */
#define MATCH_MIN 3u

#define FAST_BITS 10u
#define FAST_FROM 256u /* symbols in a block: for fewer the table takes longer to make than it spares */

/* Codes of the same length follow each other by symbol. */
struct code {
	uint16_t count[LENGTH_MAX + 1], symbol[LETTERS];
	bool single; /* one symbol, which takes no bits */
	bool has_fast;
	uint16_t fast[1u << FAST_BITS]; /* by the next bits: a symbol, and in the lowest five bits how many are its own; 0: more */
};

static bool code_make(struct code *c, const uint8_t *lengths, unsigned n)
{
	c->single = c->has_fast = false;
	return canonical_code(lengths, n, LENGTH_MAX, c->count, c->symbol) == 0;
}

static void code_single(struct code *c, uint32_t symbol)
{
	c->single = true;
	c->has_fast = false;
	c->symbol[0] = (uint16_t)symbol;
}

static void code_speed_up(struct code *c)
{
	uint32_t at = 0, index = 0;
	if (c->single)
		return;
	for (unsigned length = 1; length <= FAST_BITS; length++)
		for (unsigned i = 0; i < c->count[length]; i++, index++)
			for (uint32_t n = 1u << (FAST_BITS - length); n && at < 1u << FAST_BITS; n--)
				c->fast[at++] = (uint16_t)(c->symbol[index] << 5 | length);
	memset(c->fast + at, 0, ((1u << FAST_BITS) - at) * sizeof *c->fast);
	c->has_fast = true;
}

static uint32_t code_take(const struct code *c, struct msb_bits *b)
{
	uint32_t code = 0, first = 0, index = 0;
	if (c->single)
		return c->symbol[0];
	uint16_t known = c->has_fast ? c->fast[msb_peek(b, FAST_BITS)] : 0;
	if (known) {
		msb_skip(b, known & 31u);
		return known >> 5;
	}
	for (unsigned length = 1; length <= LENGTH_MAX && !b->past; length++) {
		code |= msb_take(b, 1);
		if (code - first < c->count[length])
			return c->symbol[index + (code - first)];
		index += c->count[length];
		first = (first + c->count[length]) << 1;
		code <<= 1;
	}
	b->past = true;
	return 0;
}

/* How many there are in `bits` bits, then lengths of three bits, or more when these are ones; behind the third of a list two bits may
 * tell of zeros. */
static bool read_lengths(struct code *c, struct msb_bits *b, unsigned n, unsigned bits, unsigned special)
{
	uint8_t lengths[LIST_MAX] = { 0 };
	uint32_t given = msb_take(b, bits), i = 0;
	if (!given) {
		code_single(c, msb_take(b, bits));
		return c->symbol[0] < n && !b->past;
	}
	if (given > n)
		return false;
	while (i < given && !b->past) {
		uint32_t length = msb_take(b, 3);
		while (length >= 7 && length <= LENGTH_MAX && msb_take(b, 1))
			length++;
		if (length > LENGTH_MAX)
			return false;
		lengths[i++] = (uint8_t)length;
		if (i == special)
			i += msb_take(b, 2);
	}
	return i <= n && code_make(c, lengths, n) && !b->past;
}

static bool read_letters(struct code *c, struct msb_bits *b, const struct code *by)
{
	uint8_t lengths[LETTERS] = { 0 };
	uint32_t given = msb_take(b, 9), i = 0;
	if (!given) {
		code_single(c, msb_take(b, 9));
		return c->symbol[0] < LETTERS && !b->past;
	}
	if (given > LETTERS)
		return false;
	while (i < given && !b->past) {
		uint32_t v = code_take(by, b);
		if (v > 2)
			lengths[i++] = (uint8_t)(v - 2);
		else
			i += v == 0 ? 1 : v == 1 ? msb_take(b, 4) + 3 : msb_take(b, 9) + 20;
	}
	return i <= LETTERS && code_make(c, lengths, LETTERS) && !b->past;
}

struct codes {
	struct code letters, places, lengths;
};

static bool read_block(struct codes *c, struct msb_bits *b, const struct lzh_shape *shape)
{
	return read_lengths(&c->lengths, b, LENGTH_CODES, LENGTH_CODE_BITS, 3) && read_letters(&c->letters, b, &c->lengths) &&
		   read_lengths(&c->places, b, shape->places, shape->place_bits, LIST_MAX + 1);
}

/* Copies a match; false when it begins more than `spaces` bytes before the first one. What goes beyond the end is left. */
static bool copy(uint8_t *out, size_t size, size_t *n, uint64_t back, uint32_t length, uint32_t spaces)
{
	if (back > (uint64_t)*n + spaces)
		return false;
	if (back <= *n && back >= length && size - *n >= length) {
		memcpy(out + *n, out + *n - back, length);
		*n += length;
		return true;
	}
	for (; length && *n < size; length--, ++*n)
		out[*n] = back > *n ? ' ' : out[*n - back];
	return true;
}

static enum error_code decode_huffman(const struct lzh_shape *shape, struct msb_bits *b, uint8_t *out, size_t size, size_t *n)
{
	struct codes c;
	for (uint32_t left = 0; *n < size;) {
		if (left == 0) {
			left = msb_take(b, 16);
			if (!left || !read_block(&c, b, shape))
				return b->past ? ERR_TRUNCATED : ERR_CORRUPT;
			if (left >= FAST_FROM) {
				code_speed_up(&c.letters);
				code_speed_up(&c.places);
			}
		}
		left--;
		uint32_t v = code_take(&c.letters, b);
		if (v <= 255 && !b->past) {
			out[(*n)++] = (uint8_t)v;
			continue;
		}
		uint32_t place = b->past ? 0 : code_take(&c.places, b);
		if (place > 1)
			place = (1u << (place - 1)) + msb_take(b, place - 1);
		if (b->past)
			return ERR_TRUNCATED;
		if (!copy(out, size, n, (uint64_t)place + 1, v - 256 + MATCH_MIN, shape->spaces))
			return ERR_CORRUPT;
	}
	return ERR_NONE;
}

/* Ones tell how many bits more a number has, up to a limit. */
static uint32_t fixed_number(struct msb_bits *b, unsigned width, unsigned limit)
{
	uint32_t base = 0;
	for (; width < limit && msb_take(b, 1); width++)
		base += 1u << width;
	return base + msb_take(b, width);
}

static enum error_code decode_fixed(struct msb_bits *b, uint8_t *out, size_t size, size_t *n)
{
	while (*n < size) {
		uint32_t length = fixed_number(b, 0, 7);
		if (!length) {
			uint32_t letter = msb_take(b, 8);
			if (b->past)
				return ERR_TRUNCATED;
			out[(*n)++] = (uint8_t)letter;
			continue;
		}
		uint32_t place = fixed_number(b, 9, 13);
		if (b->past)
			return ERR_TRUNCATED;
		if (!copy(out, size, n, (uint64_t)place + 1, length - 1 + MATCH_MIN, 0))
			return ERR_CORRUPT;
	}
	return ERR_NONE;
}

enum error_code arj_decode(unsigned method, struct span in, uint8_t *out, size_t size, size_t *out_n)
{
	static const struct lzh_shape shape = { PLACES, PLACE_BITS, 0 };
	struct msb_bits b = { .in = in };
	*out_n = 0;
	return method == 4 ? decode_fixed(&b, out, size, out_n) : decode_huffman(&shape, &b, out, size, out_n);
}

enum error_code lzh_decode(const struct lzh_shape *shape, struct span in, uint8_t *out, size_t size, size_t *used, size_t *n)
{
	struct msb_bits b = { .in = in };
	*n = 0;
	enum error_code code = decode_huffman(shape, &b, out, size, n);
	*used = (size_t)((b.at + 7) / 8);
	return code;
}
