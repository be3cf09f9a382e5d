/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lzx.h"

#include "base/word_bits.h"

#define LITERALS 256u
#define LENGTHS 249u
#define PRE_SYMBOLS 20u
#define ALIGNED_SYMBOLS 8u
#define ALIGNED_BITS 3u
#define SLOT_BITS_MAX 17u
#define MAIN_MAX (LITERALS + 8 * 50)
#define LENGTH_MIN 2u
#define LENGTH_MORE 7u /* its tree has the rest */
#define CALL 0xe8u
#define CALL_LAST 10u /* bytes of a frame in whose last ones none is translated */
#define CALL_FRAMES 32768u
#define CALL_SIZE_WIM 12000000

enum { BLOCK_VERBATIM = 1, BLOCK_ALIGNED, BLOCK_STORED };

struct lzx {
	enum lzx_kind kind;
	unsigned window_bits, main_n;
	struct word_bits b;
	uint8_t *out;
	size_t n, size;
	enum error_code error;
	unsigned type;
	size_t left;        /* of the block */
	bool odd;           /* a stored block of an odd size: a byte follows it */
	uint32_t recent[3]; /* distances */
	int32_t call_size;  /* 0: calls are not translated */
	uint8_t main_lengths[MAIN_MAX], length_lengths[LENGTHS];
	struct word_code main, length, aligned;
};

static void fail(struct lzx *z, enum error_code error)
{
	if (z->error == ERR_NONE)
		z->error = error;
}

/* ---- headers of blocks ---- */

static void code_make(struct lzx *z, struct word_code *c, const uint8_t *lengths, unsigned n)
{
	if (!word_code_make(c, lengths, n))
		fail(z, ERR_CORRUPT);
}

/* How much less a length is than that of the same symbol in the block before, modulo 17. */
static uint8_t less(uint8_t before, unsigned by)
{
	return (uint8_t)((before + 17 - by) % 17);
}

/* Lengths from..to of a tree, packed by a tree of their own. */
static void lengths_read(struct lzx *z, uint8_t *lengths, unsigned from, unsigned to)
{
	uint8_t pre_lengths[PRE_SYMBOLS];
	struct word_code pre;
	for (unsigned i = 0; i < PRE_SYMBOLS; i++)
		pre_lengths[i] = (uint8_t)words_take(&z->b, 4);
	code_make(z, &pre, pre_lengths, PRE_SYMBOLS);
	while (from < to && z->error == ERR_NONE) {
		unsigned symbol = words_symbol(&z->b, &pre), times = 1;
		uint8_t value = 0;
		if (symbol == 17) {
			times = 4 + words_take(&z->b, 4);
		} else if (symbol == 18) {
			times = 20 + words_take(&z->b, 5);
		} else {
			if (symbol == 19) {
				times = 4 + words_take(&z->b, 1);
				symbol = words_symbol(&z->b, &pre);
			}
			if (symbol > 16)
				fail(z, ERR_CORRUPT);
			else
				value = less(lengths[from], symbol);
		}
		if (words_past(&z->b))
			fail(z, ERR_TRUNCATED);
		for (; times && from < to && z->error == ERR_NONE; times--) /* other readers let the last run go beyond, too */
			lengths[from++] = value;
	}
}

static void trees_read(struct lzx *z)
{
	uint8_t aligned[ALIGNED_SYMBOLS];
	for (unsigned i = 0; z->type == BLOCK_ALIGNED && i < ALIGNED_SYMBOLS; i++)
		aligned[i] = (uint8_t)words_take(&z->b, 3);
	if (z->type == BLOCK_ALIGNED)
		code_make(z, &z->aligned, aligned, ALIGNED_SYMBOLS);
	lengths_read(z, z->main_lengths, 0, LITERALS);
	lengths_read(z, z->main_lengths, LITERALS, z->main_n);
	code_make(z, &z->main, z->main_lengths, z->main_n);
	lengths_read(z, z->length_lengths, 0, LENGTHS);
	code_make(z, &z->length, z->length_lengths, LENGTHS);
}

/* Words that were taken ahead are given back; where the bits end with a word, another one of padding follows. */
static void bytes_begin(struct lzx *z)
{
	words_need(&z->b, 1);
	size_t ahead = 2 * ((z->b.n - 1) / 16), missing = z->b.missing / 8;
	ahead = ahead > missing ? ahead - missing : 0;
	z->b.at -= ahead < z->b.at ? ahead : z->b.at;
	z->b.bits = 0;
	z->b.n = 0;
	z->b.missing = 0;
}

static void stored_begin(struct lzx *z)
{
	bytes_begin(z);
	struct span s = span_sub(z->b.in, z->b.at, 12);
	if (!s.p)
		fail(z, ERR_TRUNCATED);
	for (unsigned i = 0; i < 3 && s.p; i++)
		z->recent[i] = span_u32le(s, 4 * i);
	z->b.at += s.n;
	z->odd = z->left & 1;
}

static void block_begin(struct lzx *z)
{
	if (z->odd && z->b.at < z->b.in.n)
		z->b.at++;
	z->odd = false;
	z->type = words_take(&z->b, 3);
	if (z->kind == LZX_WIM) {
		bool usual = words_take(&z->b, 1);
		z->left = usual ? LZX_FRAME : words_take(&z->b, 16);
		if (!usual && z->window_bits > 15)
			z->left = z->left << 8 | words_take(&z->b, 8);
	} else {
		z->left = (size_t)words_take(&z->b, 16) << 8;
		z->left |= words_take(&z->b, 8);
	}
	if (z->type == BLOCK_STORED)
		stored_begin(z);
	else if (z->type == BLOCK_VERBATIM || z->type == BLOCK_ALIGNED)
		trees_read(z);
	else
		fail(z, ERR_CORRUPT);
	if (words_past(&z->b))
		fail(z, ERR_TRUNCATED);
	if (!z->left)
		fail(z, ERR_CORRUPT); /* else headers without end */
}

/* ---- what is in them ---- */

static uint32_t distance_far(struct lzx *z, unsigned slot)
{
	unsigned bits = slot < 4 ? 0 : slot / 2 - 1;
	uint32_t base = slot < 4 ? slot : (2 + slot % 2) << bits;
	if (bits > SLOT_BITS_MAX) { /* from slot 36 on all are of 17 bits */
		bits = SLOT_BITS_MAX;
		base = (slot - 34) << SLOT_BITS_MAX;
	}
	uint32_t more;
	if (z->type == BLOCK_ALIGNED && bits >= ALIGNED_BITS) {
		more = words_take(&z->b, bits - ALIGNED_BITS) << ALIGNED_BITS;
		unsigned low = words_symbol(&z->b, &z->aligned);
		if (low == WORD_CODE_NONE)
			fail(z, ERR_CORRUPT);
		more += low;
	} else {
		more = words_take(&z->b, bits);
	}
	return base + more - 2;
}

static uint32_t distance_take(struct lzx *z, unsigned slot)
{
	uint32_t *r = z->recent, d = slot < 3 ? r[slot] : distance_far(z, slot);
	if (slot >= 3)
		r[2] = r[1];
	if (slot == 1 || slot >= 3)
		r[1] = r[0];
	else if (slot == 2)
		r[2] = r[0];
	r[0] = d;
	return d;
}

static void copy(struct lzx *z, uint32_t distance, size_t length)
{
	if (!distance || distance > z->n || length > z->size - z->n) {
		fail(z, ERR_CORRUPT);
		return;
	}
	uint8_t *to = z->out + z->n;
	const uint8_t *from = to - distance;
	for (size_t i = 0; i < length; i++)
		to[i] = from[i];
	z->n += length;
}

static void match_take(struct lzx *z, unsigned symbol, size_t end)
{
	size_t length = symbol & 7;
	if (length == LENGTH_MORE) {
		unsigned more = words_symbol(&z->b, &z->length);
		if (more == WORD_CODE_NONE)
			fail(z, ERR_CORRUPT);
		length += more;
	}
	uint32_t distance = distance_take(z, symbol >> 3);
	if (z->error == ERR_NONE && length + LENGTH_MIN > end - z->n)
		fail(z, ERR_CORRUPT); /* none goes beyond a frame or a block */
	if (z->error == ERR_NONE)
		copy(z, distance, length + LENGTH_MIN);
}

static void coded(struct lzx *z, size_t end)
{
	while (z->n < end && z->error == ERR_NONE) {
		unsigned symbol = words_symbol(&z->b, &z->main);
		if (words_past(&z->b))
			fail(z, ERR_TRUNCATED);
		else if (symbol < LITERALS)
			z->out[z->n++] = (uint8_t)symbol;
		else if (symbol == WORD_CODE_NONE)
			fail(z, ERR_CORRUPT);
		else
			match_take(z, symbol - LITERALS, end);
	}
	if (words_past(&z->b)) /* within the last match */
		fail(z, ERR_TRUNCATED);
}

static void stored(struct lzx *z, size_t end)
{
	struct span s = span_clip(z->b.in, z->b.at, end - z->n);
	if (s.n)
		memcpy(z->out + z->n, s.p, s.n);
	z->n += s.n;
	z->b.at += s.n;
	if (z->n < end)
		fail(z, ERR_TRUNCATED);
}

/* Up to `end`, which is that of a frame or of all. */
static void frame(struct lzx *z, size_t end)
{
	while (z->n < end && z->error == ERR_NONE) {
		if (!z->left)
			block_begin(z);
		size_t begin = z->n, to = z->left < end - z->n ? z->n + z->left : end;
		if (z->error == ERR_NONE && z->type == BLOCK_STORED)
			stored(z, to);
		else if (z->error == ERR_NONE)
			coded(z, to);
		z->left -= z->n - begin;
	}
}

/* ---- */

/* Behind the opcode of a call the place that it leads to stands instead of how far that is. */
static void calls_back(uint8_t *p, size_t n, size_t from, int32_t size)
{
	for (size_t i = 0; n > CALL_LAST && i < n - CALL_LAST; i++) {
		if (p[i] != CALL)
			continue;
		int32_t at = (int32_t)(from + i), to = (int32_t)span_u32le(span_of(p, n), i + 1);
		if (to >= -at && to < size) {
			uint32_t far = (uint32_t)to + (to >= 0 ? 0u - (uint32_t)at : (uint32_t)size);
			for (unsigned k = 0; k < 4; k++)
				p[i + 1 + k] = (uint8_t)(far >> 8 * k);
		}
		i += 4;
	}
}

static void begin(struct lzx *z)
{
	static const uint8_t slots[] = { 30, 32, 34, 36, 38, 42, 50 };
	z->main_n = LITERALS + 8u * slots[z->window_bits - LZX_WINDOW_BITS_MIN];
	z->recent[0] = z->recent[1] = z->recent[2] = 1;
	memset(z->main_lengths, 0, sizeof z->main_lengths);
	memset(z->length_lengths, 0, sizeof z->length_lengths);
	if (z->kind == LZX_WIM) {
		z->call_size = CALL_SIZE_WIM;
	} else if (words_take(&z->b, 1)) {
		uint32_t high = words_take(&z->b, 16);
		z->call_size = (int32_t)(high << 16 | words_take(&z->b, 16));
	}
}

enum error_code lzx_decode(enum lzx_kind kind, unsigned window_bits, struct span in, uint8_t *out, size_t size, size_t *n)
{
	struct lzx z = { .kind = kind, .window_bits = window_bits, .b = { .in = in }, .out = out, .size = size };
	*n = 0;
	if (window_bits < LZX_WINDOW_BITS_MIN || window_bits > LZX_WINDOW_BITS_MAX)
		return ERR_UNSUPPORTED;
	begin(&z);
	while (z.n < size && z.error == ERR_NONE) {
		bool framed = kind == LZX_FRAMED && size - z.n > LZX_FRAME;
		frame(&z, framed ? z.n + LZX_FRAME : size);
		if (framed)
			words_skip(&z.b, z.b.n % 16);
	}
	size_t piece = kind == LZX_WIM ? z.n : LZX_FRAME;
	for (size_t i = 0; z.call_size && i < z.n && i / LZX_FRAME < CALL_FRAMES; i += piece)
		calls_back(out + i, z.n - i < piece ? z.n - i : piece, i, z.call_size);
	*n = z.n;
	return z.error;
}
