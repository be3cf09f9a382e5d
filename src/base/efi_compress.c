/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/efi_compress.h"

#include <string.h>

#include "base/canonical_code.h"

#define CODE_MAX 16u  /* bits of a code */
#define FAST_BITS 9u  /* codes up to this length are looked up */
#define LITERALS 256u
#define SYMBOLS 510u  /* literals, and lengths from 3 to 256 */
#define MATCH_MIN 3u
#define SYMBOL_COUNT_BITS 9u
#define LENGTHS 19u   /* what the lengths of the symbols' codes are written in */
#define LENGTH_COUNT_BITS 5u
#define SMALL_MAX 31u /* the larger one of the alphabets of lengths and of distances */
#define SKIP_AT 3u    /* behind so many codes of lengths, a number of unused ones is written */

/* A canonical code. */
struct code {
	uint16_t fast[1u << FAST_BITS]; /* symbol * 32 + length; 0: a longer code, or none */
	uint16_t count[CODE_MAX + 1];
	uint16_t symbol[SYMBOLS];
	bool lone; /* symbol[0] takes no bits */
};

struct decoder {
	struct span in;
	size_t at;     /* bytes taken into `bits`, of which those behind the end are zero */
	uint64_t bits; /* the next ones, the first one highest */
	unsigned n;    /* how many */
	uint8_t *out;
	size_t out_n, made;
	enum efi_compression kind;
	enum error_code error;
	unsigned left; /* symbols of this block */
	struct code symbols, small;
};

static void fail(struct decoder *d, enum error_code error)
{
	if (d->error == ERR_NONE)
		d->error = error;
}

/* Makes sure of 16 bits at least. The last code may be read together with what stands behind the end. */
static void fill(struct decoder *d)
{
	while (d->n <= 56) {
		d->bits |= (uint64_t)(d->at < d->in.n ? d->in.p[d->at] : 0) << (56 - d->n);
		d->at++;
		d->n += 8;
	}
}

static bool is_beyond(const struct decoder *d)
{
	return d->at * 8 - d->n > d->in.n * 8;
}

static void skip(struct decoder *d, unsigned n)
{
	d->bits <<= n;
	d->n -= n;
}

static uint32_t take(struct decoder *d, unsigned n)
{
	if (d->n < n)
		fill(d);
	uint32_t value = n ? (uint32_t)(d->bits >> (64 - n)) : 0;
	skip(d, n);
	return value;
}

/* Makes the code of these lengths, in place of one that was there. All of them together must fill it. */
static bool code_make(struct code *c, const uint8_t *lengths, unsigned n)
{
	uint32_t code = 0;
	memset(c, 0, sizeof *c);
	if (canonical_code(lengths, n, CODE_MAX, c->count, c->symbol) != 0)
		return false;
	for (unsigned length = 1, i = 0; length <= FAST_BITS; length++, code <<= 1)
		for (unsigned k = 0; k < c->count[length]; k++, i++, code++)
			for (unsigned rest = 0; rest < 1u << (FAST_BITS - length); rest++)
				c->fast[(code << (FAST_BITS - length)) + rest] = (uint16_t)(c->symbol[i] << 5 | length);
	return true;
}

static void code_lone(struct code *c, uint32_t symbol)
{
	memset(c, 0, sizeof *c);
	c->lone = true;
	c->symbol[0] = (uint16_t)symbol;
}

static unsigned take_symbol(struct decoder *d, const struct code *c)
{
	if (c->lone)
		return c->symbol[0];
	if (d->n < CODE_MAX)
		fill(d);
	uint16_t fast = c->fast[d->bits >> (64 - FAST_BITS)];
	if (fast) {
		skip(d, fast & 31);
		return fast >> 5;
	}
	uint32_t first = 0, index = 0;
	for (unsigned length = 1; length <= CODE_MAX; length++) {
		uint32_t code = (uint32_t)(d->bits >> (64 - length)), count = c->count[length];
		if (code < first + count) {
			skip(d, length);
			return c->symbol[index + code - first];
		}
		index += count;
		first = (first + count) << 1;
	}
	fail(d, ERR_CORRUPT); /* not of a code that fills its room */
	return 0;
}

/* A length up to 6 in three bits; longer ones go on in ones, and end with a zero. */
static unsigned take_small_length(struct decoder *d)
{
	unsigned length = take(d, 3);
	if (length == 7)
		while (length <= CODE_MAX && take(d, 1))
			length++;
	return length;
}

/* The code of lengths or of distances. */
static void take_small_code(struct decoder *d, unsigned symbols, unsigned count_bits, unsigned skip_at)
{
	uint8_t lengths[SMALL_MAX] = { 0 };
	unsigned n = take(d, count_bits);
	if (n == 0) {
		code_lone(&d->small, take(d, count_bits));
		return;
	}
	for (unsigned i = 0; i < n && i < symbols;) {
		unsigned length = take_small_length(d);
		if (length > CODE_MAX) {
			fail(d, ERR_CORRUPT);
			return;
		}
		lengths[i++] = (uint8_t)length;
		if (i == skip_at)
			i += take(d, 2);
	}
	if (n > symbols || !code_make(&d->small, lengths, symbols))
		fail(d, ERR_CORRUPT);
}

/* How many symbols have no code, as the first three of the alphabet of lengths say it. */
static unsigned take_unused(struct decoder *d, unsigned symbol)
{
	return symbol == 0 ? 1 : symbol == 1 ? take(d, 4) + 3 : take(d, SYMBOL_COUNT_BITS) + 20;
}

static void take_symbol_code(struct decoder *d)
{
	uint8_t lengths[SYMBOLS] = { 0 };
	unsigned n = take(d, SYMBOL_COUNT_BITS);
	if (n == 0) {
		code_lone(&d->symbols, take(d, SYMBOL_COUNT_BITS));
		return;
	}
	for (unsigned i = 0; i < n && i < SYMBOLS && d->error == ERR_NONE;) {
		unsigned symbol = take_symbol(d, &d->small);
		if (symbol <= 2)
			i += take_unused(d, symbol);
		else if (symbol - 2 > CODE_MAX) /* a lone one */
			fail(d, ERR_CORRUPT);
		else
			lengths[i++] = (uint8_t)(symbol - 2);
	}
	if (n > SYMBOLS || !code_make(&d->symbols, lengths, SYMBOLS))
		fail(d, ERR_CORRUPT);
}

static void begin_block(struct decoder *d)
{
	d->left = take(d, 16);
	if (d->left == 0)
		fail(d, ERR_CORRUPT);
	take_small_code(d, LENGTHS, LENGTH_COUNT_BITS, SKIP_AT);
	if (d->error == ERR_NONE)
		take_symbol_code(d);
	if (d->error == ERR_NONE)
		take_small_code(d, (1u << d->kind) - 1, d->kind, SMALL_MAX + 1);
}

static void copy_match(struct decoder *d, size_t length)
{
	unsigned code = take_symbol(d, &d->small);
	size_t distance = code > 1 ? ((size_t)1 << (code - 1)) + take(d, code - 1) + 1 : code + 1;
	if (distance > d->made) {
		fail(d, ERR_CORRUPT);
		return;
	}
	if (length > d->out_n - d->made)
		length = d->out_n - d->made; /* as the specification has it: the size ends the stream */
	for (size_t i = 0; i < length; i++, d->made++)
		d->out[d->made] = d->out[d->made - distance];
}

enum error_code efi_decompress(struct span in, enum efi_compression kind, uint8_t *out, size_t out_n, size_t *in_used, size_t *made)
{
	struct decoder d = { .in = in, .out = out, .out_n = out_n, .kind = kind };
	while (d.made < out_n && d.error == ERR_NONE) {
		if (d.left == 0)
			begin_block(&d);
		unsigned symbol = d.error == ERR_NONE ? take_symbol(&d, &d.symbols) : 0;
		if (is_beyond(&d)) {
			d.error = ERR_TRUNCATED;
		} else if (d.error == ERR_NONE) {
			d.left--;
			if (symbol < LITERALS)
				out[d.made++] = (uint8_t)symbol;
			else
				copy_match(&d, symbol - LITERALS + MATCH_MIN);
		}
	}
	if (is_beyond(&d) && d.error == ERR_NONE)
		d.error = ERR_TRUNCATED;
	size_t used = (d.at * 8 - d.n + 7) / 8;
	*in_used = used < in.n ? used : in.n;
	*made = d.made;
	return d.error;
}
