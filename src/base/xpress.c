/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/xpress.h"

#include "base/word_bits.h"

#define SYMBOLS 512u
#define LITERALS 256u
#define LENGTH_MIN 3u
#define LENGTH_MORE 15u /* further bytes tell */
#define AHEAD 16u       /* bits that are always at hand, before bytes are read behind them */

/* A byte or, instead of one that is all ones, a word, between the words of bits. */
static size_t more_length(struct word_bits *b, enum error_code *error)
{
	size_t length = LENGTH_MORE;
	struct span byte = span_sub(b->in, b->at, 1);
	if (byte.p && byte.p[0] < 255) {
		b->at++;
		return length + byte.p[0];
	}
	struct span word = span_sub(b->in, b->at + 1, 2);
	if (!byte.p || !word.p)
		*error = ERR_TRUNCATED;
	else if (span_u16le(word, 0) < LENGTH_MORE)
		*error = ERR_CORRUPT;
	else
		length = span_u16le(word, 0);
	b->at += byte.n + word.n;
	return length;
}

static enum error_code take_match(struct word_bits *b, unsigned symbol, uint8_t *out, size_t size, size_t *n)
{
	enum error_code error = ERR_NONE;
	size_t length = symbol % 16;
	words_need(b, AHEAD);
	if (length == LENGTH_MORE)
		length = more_length(b, &error);
	unsigned bits = symbol / 16;
	size_t distance = ((size_t)1 << bits) + words_take(b, bits);
	length += LENGTH_MIN;
	if (error)
		return error;
	if (distance > *n || length > size - *n)
		return ERR_CORRUPT;
	for (uint8_t *p = out + *n, *end = p + length; p < end; p++)
		*p = p[-(ptrdiff_t)distance];
	*n += length;
	return ERR_NONE;
}

enum error_code xpress_huffman_decode(struct span in, uint8_t *out, size_t size, size_t *n)
{
	struct word_code code;
	uint8_t lengths[SYMBOLS];
	struct span table = span_sub(in, 0, SYMBOLS / 2);
	struct word_bits b = { .in = in, .at = SYMBOLS / 2 };
	enum error_code error = table.p ? ERR_NONE : ERR_TRUNCATED;
	*n = 0;
	for (unsigned i = 0; table.p && i < SYMBOLS; i++)
		lengths[i] = table.p[i / 2] >> (i % 2 ? 4 : 0) & 15;
	if (table.p && !word_code_make(&code, lengths, SYMBOLS))
		error = ERR_CORRUPT;
	while (!error && *n < size) {
		unsigned symbol = words_symbol(&b, &code);
		if (words_past(&b))
			error = ERR_TRUNCATED;
		else if (symbol < LITERALS)
			out[(*n)++] = (uint8_t)symbol;
		else if (symbol == WORD_CODE_NONE)
			error = ERR_CORRUPT;
		else
			error = take_match(&b, symbol - LITERALS, out, size, n);
	}
	return !error && words_past(&b) ? ERR_TRUNCATED : error;
}
