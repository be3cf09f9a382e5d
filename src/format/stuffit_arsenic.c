/* SPDX-License-Identifier: GPL-3.0-or-later */
/* StuffIt's method 15 (Arsenic): blocks that are sorted (BWT), moved to front and coded arithmetically by models that learn.
 *
 * Facts: XADMaster, XADStuffItArsenicHandle.m.
 */
#include "base/hash.h"
#include "format/msb_bits.h"
#include "format/stuffit_decode.h"

#define SYMBOLS_MAX 128u
#define NUMBER_BITS 26u
#define ONE (1u << (NUMBER_BITS - 1))
#define HALF (1u << (NUMBER_BITS - 2))
#define MODELS 7u
#define BLOCK_BITS_MIN 9u
#define SELECT_END 10u
#define SAME_BEFORE_COUNT 4u

struct model {
	unsigned n, first, increment, limit, total;
	uint16_t frequency[SYMBOLS_MAX];
};

struct arsenic {
	struct msb_bits bits;
	uint32_t range, code;
	struct model initial, selector, mtf[MODELS];
	unsigned block_bits;
	struct buf block, order; /* the sorted bytes; for each where the next one is, 4 bytes */
	bool randomized, last;
	uint32_t start, crc;
};

const uint16_t stuffit_randomization[256] = {
	0xee, 0x56, 0xf8, 0xc3, 0x9d, 0x9f, 0xae, 0x2c, 0xad, 0xcd, 0x24, 0x9d, 0xa6, 0x101, 0x18, 0xb9, 0xa1, 0x82, 0x75, 0xe9, 0x9f, 0x55,
	0x66, 0x6a, 0x86, 0x71, 0xdc, 0x84, 0x56, 0x96, 0x56, 0xa1, 0x84, 0x78, 0xb7, 0x32, 0x6a, 0x3, 0xe3, 0x2, 0x11, 0x101, 0x8, 0x44,
	0x83, 0x100, 0x43, 0xe3, 0x1c, 0xf0, 0x86, 0x6a, 0x6b, 0xf, 0x3, 0x2d, 0x86, 0x17, 0x7b, 0x10, 0xf6, 0x80, 0x78, 0x7a, 0xa1, 0xe1,
	0xef, 0x8c, 0xf6, 0x87, 0x4b, 0xa7, 0xe2, 0x77, 0xfa, 0xb8, 0x81, 0xee, 0x77, 0xc0, 0x9d, 0x29, 0x20, 0x27, 0x71, 0x12, 0xe0, 0x6b,
	0xd1, 0x7c, 0xa, 0x89, 0x7d, 0x87, 0xc4, 0x101, 0xc1, 0x31, 0xaf, 0x38, 0x3, 0x68, 0x1b, 0x76, 0x79, 0x3f, 0xdb, 0xc7, 0x1b, 0x36,
	0x7b, 0xe2, 0x63, 0x81, 0xee, 0xc, 0x63, 0x8b, 0x78, 0x38, 0x97, 0x9b, 0xd7, 0x8f, 0xdd, 0xf2, 0xa3, 0x77, 0x8c, 0xc3, 0x39, 0x20,
	0xb3, 0x12, 0x11, 0xe, 0x17, 0x42, 0x80, 0x2c, 0xc4, 0x92, 0x59, 0xc8, 0xdb, 0x40, 0x76, 0x64, 0xb4, 0x55, 0x1a, 0x9e, 0xfe, 0x5f,
	0x6, 0x3c, 0x41, 0xef, 0xd4, 0xaa, 0x98, 0x29, 0xcd, 0x1f, 0x2, 0xa8, 0x87, 0xd2, 0xa0, 0x93, 0x98, 0xef, 0xc, 0x43, 0xed, 0x9d,
	0xc2, 0xeb, 0x81, 0xe9, 0x64, 0x23, 0x68, 0x1e, 0x25, 0x57, 0xde, 0x9a, 0xcf, 0x7f, 0xe5, 0xba, 0x41, 0xea, 0xea, 0x36, 0x1a, 0x28,
	0x79, 0x20, 0x5e, 0x18, 0x4e, 0x7c, 0x8e, 0x58, 0x7a, 0xef, 0x91, 0x2, 0x93, 0xbb, 0x56, 0xa1, 0x49, 0x1b, 0x79, 0x92, 0xf3, 0x58,
	0x4f, 0x52, 0x9c, 0x2, 0x77, 0xaf, 0x2a, 0x8f, 0x49, 0xd0, 0x99, 0x4d, 0x98, 0x101, 0x60, 0x93, 0x100, 0x75, 0x31, 0xce, 0x49, 0x20,
	0x56, 0x57, 0xe2, 0xf5, 0x26, 0x2b, 0x8a, 0xbf, 0xde, 0xd0, 0x83, 0x34, 0xf4, 0x17,
};

static void model_reset(struct model *m)
{
	m->total = m->increment * m->n;
	for (unsigned i = 0; i < m->n; i++)
		m->frequency[i] = (uint16_t)m->increment;
}

static void model_begin(struct model *m, unsigned first, unsigned last, unsigned increment, unsigned limit)
{
	*m = (struct model){ .n = last - first + 1, .first = first, .increment = increment, .limit = limit };
	model_reset(m);
}

static void model_learn(struct model *m, unsigned i)
{
	m->frequency[i] = (uint16_t)(m->frequency[i] + m->increment);
	m->total += m->increment;
	if (m->total <= m->limit)
		return;
	m->total = 0;
	for (unsigned k = 0; k < m->n; k++) { /* none becomes 0 */
		m->frequency[k] = (uint16_t)((m->frequency[k] + 1) / 2);
		m->total += m->frequency[k];
	}
}

static unsigned take_symbol(struct arsenic *a, struct model *m)
{
	uint32_t unit = a->range / (m->total ? m->total : 1), wanted = a->code / unit, below = 0;
	unsigned i = 0;
	for (; i + 1 < m->n && below + m->frequency[i] <= wanted; i++)
		below += m->frequency[i];
	a->code -= unit * below;
	a->range = below + m->frequency[i] == m->total ? a->range - unit * below : unit * m->frequency[i];
	while (a->range <= HALF) {
		a->range <<= 1;
		a->code = a->code << 1 | msb_take(&a->bits, 1);
	}
	model_learn(m, i);
	return m->first + i;
}

/* The first bit is the lowest. */
static uint32_t take_bits(struct arsenic *a, unsigned n)
{
	uint32_t v = 0;
	for (unsigned i = 0; i < n; i++)
		v |= (uint32_t)take_symbol(a, &a->initial) << i;
	return v;
}

static uint8_t move_to_front(uint8_t *order, unsigned i)
{
	uint8_t byte = order[i];
	memmove(order + 1, order, i);
	order[0] = byte;
	return byte;
}

/* How often the byte at the front stands there, in digits of 1 and 2; the selector that ends it. 0 when it is more than fits. */
static size_t take_run(struct arsenic *a, unsigned *selector, size_t room)
{
	size_t n = 0, place = 1;
	for (; *selector < 2; place *= 2, *selector = take_symbol(a, &a->selector)) {
		n += place * (*selector + 1);
		if (n > room || a->bits.past)
			return 0;
	}
	return n;
}

static enum error_code take_bytes(struct arsenic *a)
{
	uint8_t front[256];
	size_t size = (size_t)1 << a->block_bits;
	for (unsigned i = 0; i < 256; i++)
		front[i] = (uint8_t)i;
	for (a->block.n = 0;;) {
		unsigned selector = take_symbol(a, &a->selector);
		size_t run = selector < 2 ? take_run(a, &selector, size - a->block.n) : 0;
		if (a->bits.past || (selector < 2 && !run))
			return a->bits.past ? ERR_TRUNCATED : ERR_CORRUPT;
		enum error_code code = buf_reserve(&a->block, run + 1);
		if (code)
			return code;
		memset(a->block.p + a->block.n, front[0], run);
		a->block.n += run;
		if (selector == SELECT_END)
			return a->block.n ? ERR_NONE : ERR_CORRUPT;
		if (a->block.n == size)
			return ERR_CORRUPT;
		unsigned symbol = selector == 2 ? 1 : take_symbol(a, &a->mtf[selector - 3]);
		a->block.p[a->block.n++] = move_to_front(front, symbol);
	}
}

/* For each byte of the sorted block where the one is that follows it. */
static enum error_code find_order(struct arsenic *a)
{
	uint32_t at[256] = { 0 }, sum = 0;
	a->order.n = 0;
	enum error_code code = buf_reserve(&a->order, a->block.n * sizeof(uint32_t));
	uint32_t *next = (uint32_t *)(void *)a->order.p;
	if (code)
		return code;
	for (size_t i = 0; i < a->block.n; i++)
		at[a->block.p[i]]++;
	for (unsigned i = 0; i < 256; i++) {
		uint32_t n = at[i];
		at[i] = sum;
		sum += n;
	}
	for (size_t i = 0; i < a->block.n; i++)
		next[at[a->block.p[i]]++] = (uint32_t)i;
	return ERR_NONE;
}

static enum error_code take_block(struct arsenic *a)
{
	a->randomized = take_symbol(a, &a->initial);
	a->start = take_bits(a, a->block_bits);
	enum error_code code = take_bytes(a);
	if (code || a->start >= a->block.n)
		return code ? code : ERR_CORRUPT;
	model_reset(&a->selector);
	for (unsigned i = 0; i < MODELS; i++)
		model_reset(&a->mtf[i]);
	a->last = take_symbol(a, &a->initial);
	a->crc = a->last ? take_bits(a, 32) : 0;
	return find_order(a);
}

/* Behind four bytes that are the same stands how many more there are. */
static enum error_code put_block(const struct arsenic *a, uint64_t end, struct buf *out)
{
	const uint32_t *next = (const uint32_t *)(const void *)a->order.p;
	uint32_t at = a->start;
	unsigned same = 0, before = 0, flip = 0;
	size_t flipped = stuffit_randomization[0];
	for (size_t i = 0; i < a->block.n && out->n < end; i++) {
		at = next[at];
		uint8_t byte = a->block.p[at];
		if (a->randomized && flipped == i) {
			byte ^= 1;
			flip = (flip + 1) % 256;
			flipped += stuffit_randomization[flip];
		}
		bool count = same == SAME_BEFORE_COUNT;
		size_t n = count ? byte : 1;
		same = count ? 0 : byte == before ? same + 1 : 1;
		before = count ? before : byte;
		n = n < end - out->n ? n : (size_t)(end - out->n);
		enum error_code code = buf_reserve(out, n);
		if (code)
			return code;
		memset(out->p + out->n, (int)before, n);
		out->n += n;
	}
	return ERR_NONE;
}

static enum error_code begin(struct arsenic *a, struct span in)
{
	static const struct {
		uint8_t first, last, increment;
	} models[MODELS] = { { 2, 3, 8 }, { 4, 7, 4 }, { 8, 15, 4 }, { 16, 31, 4 }, { 32, 63, 2 }, { 64, 127, 2 }, { 128, 255, 1 } };
	a->bits = (struct msb_bits){ .in = in };
	a->range = ONE;
	a->code = msb_take(&a->bits, NUMBER_BITS);
	model_begin(&a->initial, 0, 1, 1, 256);
	model_begin(&a->selector, 0, SELECT_END, 8, 1024);
	for (unsigned i = 0; i < MODELS; i++)
		model_begin(&a->mtf[i], models[i].first, models[i].last, models[i].increment, 1024);
	if (a->code >= ONE || take_bits(a, 8) != 'A' || take_bits(a, 8) != 's')
		return ERR_CORRUPT;
	a->block_bits = take_bits(a, 4) + BLOCK_BITS_MIN;
	a->last = take_symbol(a, &a->initial);
	return ERR_NONE;
}

enum error_code stuffit_arsenic(struct span in, uint32_t size, struct buf *out)
{
	struct arsenic a = { .block = { .meter = out->meter }, .order = { .meter = out->meter } };
	size_t before = out->n;
	enum error_code code = begin(&a, in);
	while (!code && !a.last && out->n - before < size) {
		code = take_block(&a);
		code = code ? code : put_block(&a, before + (uint64_t)size, out);
	}
	buf_free(&a.block);
	buf_free(&a.order);
	if (!code && out->n - before < size)
		code = ERR_TRUNCATED;
	if (!code && size && (!a.last || hash_crc32(0, span_from(buf_span(out), before)) != a.crc))
		code = ERR_CORRUPT;
	return code;
}
