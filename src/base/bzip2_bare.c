/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/bzip2_bare.h"

#include <stdlib.h>
#include <string.h>

#include "base/canonical_code.h"

#define BLOCK_MAX 900000u
#define BLOCK_MARK 0x31u
#define END_MARK 0x17u
#define TABLES_MAX 6u
#define GROUP 50u /* symbols that one table codes before the next one is chosen */
#define SELECTORS_MAX 32767u
#define SYMBOLS_MAX 258u
#define BITS_MAX 20u
#define CHUNK 4096u

/* A canonical code, the first bit highest: how many codes there are of each length, and their symbols in order. */
struct code {
	uint16_t count[BITS_MAX + 1];
	uint16_t symbol[SYMBOLS_MAX];
};

struct decoder {
	struct span in;
	size_t at;
	uint64_t bits; /* the next ones, the first one highest of the n lowest */
	unsigned n;
	enum error_code error;
	uint32_t first;   /* row of the sorted block that is the block itself */
	unsigned symbols; /* of the alphabet */
	uint8_t bytes[256];
	uint8_t selectors[SELECTORS_MAX];
	struct code codes[TABLES_MAX];
	uint32_t selectors_n, selector, left; /* left: symbols that the table in use still codes */
	uint32_t block_n;
	uint32_t block[BLOCK_MAX]; /* bytes, above them the links of the inverse transform */
};

static void fail(struct decoder *d, enum error_code error)
{
	if (d->error == ERR_NONE)
		d->error = error;
}

/* Up to 24 bits; zeros once there was an error. */
static uint32_t take(struct decoder *d, unsigned n)
{
	while (d->n < n) {
		if (d->at == d->in.n) {
			fail(d, ERR_TRUNCATED);
			return 0;
		}
		d->bits = d->bits << 8 | d->in.p[d->at++];
		d->n += 8;
	}
	d->n -= n;
	return (uint32_t)(d->bits >> d->n) & ((1u << n) - 1);
}

static void take_alphabet(struct decoder *d)
{
	uint32_t used = take(d, 16);
	unsigned n = 0;
	for (unsigned i = 0; i < 16; i++) {
		uint32_t sixteen = used >> (15 - i) & 1 ? take(d, 16) : 0;
		for (unsigned k = 0; k < 16; k++)
			if (sixteen >> (15 - k) & 1)
				d->bytes[n++] = (uint8_t)(16 * i + k);
	}
	d->symbols = n + 2;
	if (!n)
		fail(d, ERR_CORRUPT);
}

/* Which table codes which group: numbers moved to front, in unary. */
static void take_selectors(struct decoder *d, unsigned tables)
{
	uint8_t order[TABLES_MAX] = { 0, 1, 2, 3, 4, 5 };
	d->selectors_n = take(d, 15);
	if (!d->selectors_n)
		fail(d, ERR_CORRUPT);
	for (uint32_t i = 0; i < d->selectors_n && d->error == ERR_NONE; i++) {
		unsigned place = 0;
		while (take(d, 1) && ++place < tables)
			;
		if (place >= tables) {
			fail(d, ERR_CORRUPT);
			return;
		}
		uint8_t table = order[place];
		memmove(order + 1, order, place);
		order[0] = d->selectors[i] = table;
	}
}

/* Lengths, each as steps from the one before. False when they are more than a code can have. */
static bool take_code(struct decoder *d, struct code *c)
{
	uint8_t lengths[SYMBOLS_MAX];
	unsigned length = take(d, 5);
	for (unsigned i = 0; i < d->symbols; i++) {
		while (length >= 1 && length <= BITS_MAX && d->error == ERR_NONE && take(d, 1))
			length = take(d, 1) ? length - 1 : length + 1;
		if (length < 1 || length > BITS_MAX || d->error != ERR_NONE)
			return false;
		lengths[i] = (uint8_t)length;
	}
	return canonical_code(lengths, d->symbols, BITS_MAX, c->count, c->symbol) >= 0;
}

static unsigned take_symbol(struct decoder *d)
{
	uint32_t code = 0, first = 0, index = 0;
	if (!d->left) {
		if (d->selector == d->selectors_n) {
			fail(d, ERR_CORRUPT);
			return 0;
		}
		d->selector++;
		d->left = GROUP;
	}
	d->left--;
	const struct code *c = &d->codes[d->selectors[d->selector - 1]];
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
	return 0;
}

static void put_run(struct decoder *d, uint8_t byte, uint64_t n)
{
	if (n > BLOCK_MAX - d->block_n) {
		fail(d, ERR_CORRUPT);
		return;
	}
	for (uint64_t i = 0; i < n; i++)
		d->block[d->block_n++] = byte;
}

/* Bytes moved to front; runs of the foremost are numbers of digits 1 and 2 to the base 2, the lowest first. */
static void take_bytes(struct decoder *d)
{
	uint64_t run = 0, weight = 1;
	for (;;) {
		unsigned symbol = take_symbol(d);
		if (d->error != ERR_NONE)
			return;
		if (symbol <= 1) {
			run += weight << symbol;
			weight *= 2;
			if (run > BLOCK_MAX)
				fail(d, ERR_CORRUPT);
			continue;
		}
		put_run(d, d->bytes[0], run);
		run = 0;
		weight = 1;
		if (symbol == d->symbols - 1)
			return;
		uint8_t byte = d->bytes[symbol - 1];
		memmove(d->bytes + 1, d->bytes, symbol - 1);
		d->bytes[0] = byte;
		put_run(d, byte, 1);
	}
}

static void take_block(struct decoder *d, bool says_random)
{
	if (says_random && take(d, 1))
		fail(d, ERR_UNSUPPORTED);
	d->first = take(d, 24);
	take_alphabet(d);
	unsigned tables = take(d, 3);
	if (tables < 2 || tables > TABLES_MAX)
		fail(d, ERR_CORRUPT);
	if (d->error != ERR_NONE)
		return;
	take_selectors(d, tables);
	for (unsigned i = 0; i < tables && d->error == ERR_NONE; i++)
		if (!take_code(d, &d->codes[i]))
			fail(d, ERR_CORRUPT);
	d->selector = d->left = d->block_n = 0;
	if (d->error == ERR_NONE)
		take_bytes(d);
	if (d->error == ERR_NONE && d->first >= d->block_n)
		fail(d, ERR_CORRUPT);
}

/* The inverse of the Burrows-Wheeler transform: the n-th of a byte in the sorted rows is the n-th of it in the last column. */
static void link_rows(struct decoder *d)
{
	uint32_t next[256] = { 0 }, sum = 0;
	for (uint32_t i = 0; i < d->block_n; i++)
		next[d->block[i]]++;
	for (unsigned i = 0; i < 256; i++) {
		uint32_t n = next[i];
		next[i] = sum;
		sum += n;
	}
	for (uint32_t i = 0; i < d->block_n; i++)
		d->block[next[d->block[i] & 0xff]++] |= i << 8;
}

/* Follows the links. Four equal bytes are followed by how many more of them there are. */
static void put_block(struct decoder *d, struct buf *out)
{
	uint8_t chunk[CHUNK + 256];
	size_t n = 0;
	unsigned same = 0, last = 256;
	uint32_t row = d->block[d->first] >> 8;
	for (uint32_t i = 0; i < d->block_n; i++) {
		uint8_t byte = (uint8_t)d->block[row];
		row = d->block[row] >> 8;
		if (same == 4) {
			memset(chunk + n, (int)last, byte);
			n += byte;
			same = 0;
		} else {
			same = byte == last ? same + 1 : 1;
			last = byte;
			chunk[n++] = byte;
		}
		if (n < CHUNK && i + 1 < d->block_n)
			continue;
		enum error_code code = buf_add(out, chunk, n);
		n = 0;
		if (code) {
			fail(d, code);
			return;
		}
	}
}

enum error_code bzip2_bare_decode(struct span in, bool says_random, struct buf *out, size_t *in_used)
{
	struct decoder *d = malloc(sizeof *d);
	*in_used = 0;
	if (!d)
		return ERR_MEMORY;
	d->in = in;
	d->at = d->n = 0;
	d->bits = 0;
	d->error = ERR_NONE;
	while (d->error == ERR_NONE) {
		uint32_t mark = take(d, 8);
		if (d->error != ERR_NONE || mark == END_MARK)
			break;
		if (mark != BLOCK_MARK)
			fail(d, ERR_CORRUPT);
		else
			take_block(d, says_random);
		if (d->error == ERR_NONE) {
			link_rows(d);
			put_block(d, out);
		}
	}
	*in_used = d->at;
	enum error_code error = d->error;
	free(d);
	return error;
}
