/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -lh4- and -lhx- are -lh5- with a smaller window and with a larger one. The other three are windows (LZSS): -lzs- and -lz5- tell places in
 * the window, -lh1- distances back, its letters in an adaptive Huffman code (LZHUF, Haruyasu Yoshizaki, 1988). What the windows hold before
 * the first byte is part of the format. */
#include "format/lha_decode.h"

#include "format/arj_decode.h"
#include "format/msb_bits.h"

#define WINDOW_MAX 4096u
#define LETTERS 314u /* 256, and lengths from 3 to 60 */
#define NODES (2 * LETTERS - 1)
#define ROOT (NODES - 1)
#define FREQUENCY_MAX 0x8000u

struct window {
	uint8_t bytes[WINDOW_MAX];
	uint32_t size, at; /* size: a power of two */
	uint8_t *out;
	size_t max, *n, *used;
};

static void put(struct window *w, uint8_t b)
{
	w->bytes[w->at] = b;
	w->at = (w->at + 1) & (w->size - 1);
	if (*w->n < w->max)
		w->out[(*w->n)++] = b;
}

static void copy(struct window *w, uint32_t from, uint32_t length)
{
	for (; length; length--, from++)
		put(w, w->bytes[from & (w->size - 1)]);
}

static void window_begin(struct window *w, uint32_t size, uint32_t at)
{
	w->size = size;
	w->at = at;
	memset(w->bytes, ' ', sizeof w->bytes);
}

/* A bit of 1 and a letter, or of 0, a place of 11 bits and a length of 4. */
static enum error_code decode_lzs(struct window *w, struct span in)
{
	struct msb_bits b = { .in = in };
	while (*w->n < w->max) {
		if (msb_take(&b, 1)) {
			uint8_t letter = (uint8_t)msb_take(&b, 8);
			if (!b.past)
				put(w, letter);
		} else {
			uint32_t from = msb_take(&b, 11), length = msb_take(&b, 4) + 2;
			if (!b.past)
				copy(w, from, length);
		}
		if (b.past)
			return ERR_TRUNCATED;
	}
	*w->used = (size_t)((b.at + 7) / 8);
	return ERR_NONE;
}

/* Each byte thirteen times, all bytes up and down, zeros, spaces: what a program was likely to hold. */
static void fill_lz5(struct window *w)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < 256 * 13; i++)
		w->bytes[n++] = (uint8_t)(i / 13);
	for (uint32_t i = 0; i < 256; i++)
		w->bytes[n++] = (uint8_t)i;
	for (uint32_t i = 0; i < 256; i++)
		w->bytes[n++] = (uint8_t)(255 - i);
	memset(w->bytes + n, 0, 128);
	memset(w->bytes + n + 128, ' ', 110);
	memset(w->bytes + n + 238, 0, WINDOW_MAX - n - 238);
}

/* Eight flags in a byte: a letter, or two bytes of a place and a length. */
static enum error_code decode_lz5(struct window *w, struct span in)
{
	struct reader r = reader_le(in);
	uint32_t flags = 0;
	fill_lz5(w);
	for (unsigned i = 0; *w->n < w->max; i++, flags >>= 1) {
		if (i % 8 == 0)
			flags = rd_u8(&r);
		uint8_t first = rd_u8(&r), second = flags & 1 ? 0 : rd_u8(&r);
		if (!rd_ok(&r))
			return ERR_TRUNCATED;
		if (flags & 1)
			put(w, first);
		else
			copy(w, first | (second & 0xf0u) << 4, (second & 15u) + 3);
	}
	*w->used = r.at;
	return ERR_NONE;
}

/* Nodes are ordered by frequency, the two children of one beside each other. A child from NODES on is a letter. */
struct code {
	uint32_t frequency[NODES + 1];
	uint16_t child[NODES], parent[NODES + LETTERS];
};

static void code_begin(struct code *c)
{
	for (uint16_t i = 0; i < LETTERS; i++) {
		c->frequency[i] = 1;
		c->child[i] = (uint16_t)(i + NODES);
		c->parent[i + NODES] = i;
	}
	for (uint32_t i = 0, k = LETTERS; k < NODES; i += 2, k++) {
		c->frequency[k] = c->frequency[i] + c->frequency[i + 1];
		c->child[k] = (uint16_t)i;
		c->parent[i] = c->parent[i + 1] = (uint16_t)k;
	}
	c->frequency[NODES] = UINT32_MAX;
	c->parent[ROOT] = 0;
}

static void set_child(struct code *c, uint16_t node, uint16_t child)
{
	c->child[node] = child;
	c->parent[child] = node;
	if (child < NODES)
		c->parent[child + 1] = node;
}

/* Halves the frequencies and builds the tree anew. */
static void code_halve(struct code *c)
{
	uint16_t n = 0;
	for (uint32_t i = 0; i < NODES; i++)
		if (c->child[i] >= NODES) {
			c->frequency[n] = (c->frequency[i] + 1) / 2;
			c->child[n++] = c->child[i];
		}
	for (uint32_t i = 0, k = LETTERS; k < NODES; i += 2, k++) {
		uint32_t sum = c->frequency[i] + c->frequency[i + 1], at = k;
		for (; at > 0 && sum < c->frequency[at - 1]; at--) {
			c->frequency[at] = c->frequency[at - 1];
			c->child[at] = c->child[at - 1];
		}
		c->frequency[at] = sum;
		c->child[at] = (uint16_t)i;
	}
	for (uint32_t i = 0; i < NODES; i++)
		set_child(c, (uint16_t)i, c->child[i]);
}

/* Counts a letter: each node on the way to the root that became more frequent than its neighbours changes places with the last of
 * them. */
static void code_count(struct code *c, uint16_t letter)
{
	if (c->frequency[ROOT] == FREQUENCY_MAX)
		code_halve(c);
	uint16_t node = c->parent[letter + NODES];
	do {
		uint32_t frequency = ++c->frequency[node];
		uint16_t last = node;
		while (frequency > c->frequency[last + 1])
			last++;
		if (last != node) {
			c->frequency[node] = c->frequency[last];
			c->frequency[last] = frequency;
			uint16_t mine = c->child[node], theirs = c->child[last];
			set_child(c, last, mine);
			set_child(c, node, theirs);
			node = last;
		}
		node = c->parent[node];
	} while (node);
}

static uint16_t code_take(struct code *c, struct msb_bits *b)
{
	uint16_t node = c->child[ROOT];
	while (node < NODES && !b->past)
		node = c->child[node + msb_take(b, 1)];
	return b->past ? 0 : (uint16_t)(node - NODES);
}

/* The upper six bits of a distance have a fixed code of 3 to 8 bits, the lower six stand as they are. */
static uint32_t take_distance(struct msb_bits *b)
{
	static const uint8_t counts[9] = { [3] = 1, [4] = 3, [5] = 8, [6] = 12, [7] = 24, [8] = 16 };
	uint32_t code = 0, first = 0, symbol = 0;
	for (unsigned length = 1; length <= 8; length++) {
		code = code << 1 | msb_take(b, 1);
		first <<= 1;
		if (code - first < counts[length])
			return (symbol + code - first) << 6 | msb_take(b, 6);
		first += counts[length];
		symbol += counts[length];
	}
	b->past = true; /* the code has a meaning for all bits */
	return 0;
}

static enum error_code decode_lh1(struct window *w, struct span in)
{
	struct msb_bits b = { .in = in };
	struct code c;
	code_begin(&c);
	while (*w->n < w->max) {
		uint16_t letter = code_take(&c, &b);
		if (b.past)
			return ERR_TRUNCATED;
		code_count(&c, letter);
		uint32_t distance = letter < 256 ? 0 : take_distance(&b);
		if (b.past)
			return ERR_TRUNCATED;
		if (letter < 256)
			put(w, (uint8_t)letter);
		else
			copy(w, w->at - distance - 1, letter - 256u + 3);
	}
	*w->used = (size_t)((b.at + 7) / 8);
	return ERR_NONE;
}

static const struct lzh_shape *shape_of(struct span method)
{
	static const struct lzh_shape lh4 = { 14, 4, 1u << 12 }, lhx = { 20, 5, 1u << 19 };
	return span_starts(method, "-lh4-", 5) ? &lh4 : span_starts(method, "-lhx-", 5) ? &lhx : NULL;
}

bool lha_decode_knows(struct span method)
{
	return span_starts(method, "-lh1-", 5) || span_starts(method, "-lzs-", 5) || span_starts(method, "-lz5-", 5) || shape_of(method);
}

enum error_code lha_decode(struct span method, struct span in, uint8_t *out, size_t size, size_t *used, size_t *n)
{
	struct window w = { .out = out, .max = size, .n = n, .used = used };
	*n = *used = 0;
	if (!lha_decode_knows(method))
		return ERR_UNSUPPORTED;
	if (shape_of(method))
		return lzh_decode(shape_of(method), in, out, size, used, n);
	if (method.p[2] == 'h') {
		window_begin(&w, 4096, 0);
		return decode_lh1(&w, in);
	}
	bool lz5 = method.p[3] == '5';
	window_begin(&w, lz5 ? 4096 : 2048, lz5 ? 4096 - 18 : 2048 - 17);
	return lz5 ? decode_lz5(&w, in) : decode_lzs(&w, in);
}
