/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/deflate64.h"

#include <string.h>

#include "base/canonical_code.h"

#define BITS_MAX 15u
#define LITERALS 288u
#define DISTANCES 32u
#define END_OF_BLOCK 256u

/* A canonical code: how many codes there are of each length, and their symbols in order. */
struct code {
	uint16_t count[BITS_MAX + 1];
	uint16_t symbol[LITERALS];
};

struct decoder {
	struct span in;
	size_t at;
	uint64_t bits; /* the next ones, the first one lowest */
	unsigned n;    /* how many */
	uint8_t *out;
	size_t out_n, out_max;
	enum error_code error;
	bool bare; /* deflate as NSIS reads it */
};

static void fail(struct decoder *d, enum error_code error)
{
	if (d->error == ERR_NONE)
		d->error = error;
}

/* Up to 16 bits; zeros once there was an error. */
static uint32_t take(struct decoder *d, unsigned n)
{
	while (d->n < n) {
		if (d->at == d->in.n) {
			fail(d, ERR_TRUNCATED);
			return 0;
		}
		d->bits |= (uint64_t)d->in.p[d->at++] << d->n;
		d->n += 8;
	}
	uint32_t value = (uint32_t)(d->bits & ((1u << n) - 1));
	d->bits >>= n;
	d->n -= n;
	return value;
}

/* Makes the code of these lengths. False when they are more than a code can have, or fewer: but for one of a single symbol. */
static bool code_make(struct code *c, const uint8_t *lengths, unsigned n)
{
	int32_t left = canonical_code(lengths, n, BITS_MAX, c->count, c->symbol);
	return left == 0 || (left > 0 && c->count[0] + 1u >= n);
}

static unsigned take_symbol(struct decoder *d, const struct code *c)
{
	uint32_t code = 0, first = 0, index = 0;
	for (unsigned length = 1; length <= BITS_MAX && d->error == ERR_NONE; length++) {
		code |= take(d, 1);
		uint32_t count = c->count[length];
		if (code < first + count)
			return c->symbol[index + code - first];
		index += count;
		first = (first + count) << 1;
		code <<= 1;
	}
	fail(d, ERR_CORRUPT);
	return END_OF_BLOCK;
}

static void copy_match(struct decoder *d, size_t distance, size_t length)
{
	if (distance > d->out_n) {
		fail(d, ERR_CORRUPT);
		return;
	}
	if (length > d->out_max - d->out_n) {
		length = d->out_max - d->out_n;
		fail(d, ERR_BUDGET);
	}
	for (size_t i = 0; i < length; i++, d->out_n++)
		d->out[d->out_n] = d->out[d->out_n - distance];
}

/* RFC 1951 3.2.5, where the last length code has 16 further bits, and two more distance codes reach to 64 KiB. */
static size_t take_length(struct decoder *d, unsigned symbol)
{
	static const uint8_t base[] = { 3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19, 23,
									27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227 };
	unsigned code = symbol - END_OF_BLOCK - 1;
	if (code == sizeof base)
		return d->bare ? 258 : 3 + take(d, 16);
	if (code > sizeof base) {
		fail(d, ERR_CORRUPT);
		return 0;
	}
	return base[code] + take(d, code < 8 ? 0 : (code - 4) / 4);
}

static size_t take_distance(struct decoder *d, const struct code *distances)
{
	unsigned code = take_symbol(d, distances);
	if (code >= DISTANCES)
		return SIZE_MAX; /* of an error */
	if (d->bare && code >= DISTANCES - 2) {
		fail(d, ERR_CORRUPT);
		return SIZE_MAX;
	}
	unsigned extra = code < 4 ? 0 : code / 2 - 1;
	size_t base = code < 4 ? code : (size_t)(2 + code % 2) << extra;
	return 1 + base + take(d, extra);
}

static void codes_block(struct decoder *d, const struct code *literals, const struct code *distances)
{
	while (d->error == ERR_NONE) {
		unsigned symbol = take_symbol(d, literals);
		if (d->error != ERR_NONE || symbol == END_OF_BLOCK)
			return;
		if (symbol > END_OF_BLOCK) {
			size_t length = take_length(d, symbol), distance = d->error == ERR_NONE ? take_distance(d, distances) : 0;
			if (d->error == ERR_NONE)
				copy_match(d, distance, length);
		} else if (d->out_n == d->out_max) {
			fail(d, ERR_BUDGET);
		} else {
			d->out[d->out_n++] = (uint8_t)symbol;
		}
	}
}

static void fixed_block(struct decoder *d)
{
	struct code literals, distances;
	uint8_t lengths[LITERALS];
	memset(lengths, 8, 144);
	memset(lengths + 144, 9, 112);
	memset(lengths + 256, 7, 24);
	memset(lengths + 280, 8, 8);
	(void)code_make(&literals, lengths, LITERALS);
	memset(lengths, 5, DISTANCES);
	(void)code_make(&distances, lengths, DISTANCES);
	codes_block(d, &literals, &distances);
}

/* The lengths of both codes follow each other, and are coded themselves. */
static bool lengths_read(struct decoder *d, uint8_t *lengths, unsigned n)
{
	static const uint8_t order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };
	struct code code;
	uint8_t own[19] = { 0 };
	unsigned given = take(d, 4) + 4;
	for (unsigned i = 0; i < given; i++)
		own[order[i]] = (uint8_t)take(d, 3);
	if (d->error != ERR_NONE || !code_make(&code, own, 19))
		return false;
	for (unsigned i = 0; i < n;) {
		unsigned symbol = take_symbol(d, &code);
		unsigned times = symbol < 16 ? 1 : symbol == 16 ? 3 + take(d, 2) : symbol == 17 ? 3 + take(d, 3) : 11 + take(d, 7);
		if (d->error != ERR_NONE || times > n - i || (symbol == 16 && i == 0))
			return false;
		memset(lengths + i, symbol < 16 ? (int)symbol : symbol == 16 ? lengths[i - 1] : 0, times);
		i += times;
	}
	return true;
}

static void dynamic_block(struct decoder *d)
{
	struct code literals, distances;
	uint8_t lengths[LITERALS + DISTANCES];
	unsigned nliterals = take(d, 5) + 257, ndistances = take(d, 5) + 1;
	if (nliterals > 286 || !lengths_read(d, lengths, nliterals + ndistances) || lengths[END_OF_BLOCK] == 0 ||
		!code_make(&literals, lengths, nliterals) || !code_make(&distances, lengths + nliterals, ndistances)) {
		fail(d, ERR_CORRUPT);
		return;
	}
	codes_block(d, &literals, &distances);
}

static void stored_block(struct decoder *d)
{
	take(d, d->n % 8);
	uint32_t n = take(d, 16), inverted = d->bare ? n ^ 0xffff : take(d, 16);
	if (d->error == ERR_NONE && (n ^ inverted) != 0xffff)
		fail(d, ERR_CORRUPT);
	for (; n && d->error == ERR_NONE; n--) {
		uint8_t byte = (uint8_t)take(d, 8);
		if (d->out_n == d->out_max)
			fail(d, ERR_BUDGET);
		else if (d->error == ERR_NONE)
			d->out[d->out_n++] = byte;
	}
}

static enum error_code decode(struct span in, bool bare, uint8_t *out, size_t out_max, size_t *in_used, size_t *out_n)
{
	struct decoder d = { .in = in, .out = out, .out_max = out_max, .bare = bare };
	for (bool last = false; !last && d.error == ERR_NONE;) {
		last = take(&d, 1);
		switch (take(&d, 2)) {
		case 0:
			stored_block(&d);
			break;
		case 1:
			fixed_block(&d);
			break;
		case 2:
			dynamic_block(&d);
			break;
		default:
			fail(&d, ERR_CORRUPT);
		}
	}
	*in_used = d.at - d.n / 8; /* whole bytes that were read ahead are not of it */
	*out_n = d.out_n;
	return d.error;
}

enum error_code deflate64_decode(struct span in, uint8_t *out, size_t out_max, size_t *in_used, size_t *out_n)
{
	return decode(in, false, out, out_max, in_used, out_n);
}

enum error_code deflate_bare_decode(struct span in, uint8_t *out, size_t out_max, size_t *in_used, size_t *out_n)
{
	return decode(in, true, out, out_max, in_used, out_n);
}
