/* SPDX-License-Identifier: GPL-3.0-or-later */
/* StuffIt's method 13: LZ77 in a window of 64 KiB, with Huffman codes that stand before the data or are one of five kinds. Bits from the
 * least significant of each byte on.
 *
 * Facts: XADMaster, XADStuffIt13Handle.m.
 */
#include "format/stuffit13_codes.h"
#include "format/stuffit_decode.h"

#define LENGTH_MAX 32u
#define META 37u
#define MATCH_SHORTEST 3u
#define MATCH_10_BITS 0x13eu
#define MATCH_15_BITS 0x13fu
#define MATCH_LONG 65u

struct lsb_bits {
	struct span in;
	uint64_t at;
	bool past;
};

static uint32_t lsb_take(struct lsb_bits *b, unsigned n)
{
	uint32_t v = 0;
	for (unsigned i = 0; i < n; i++, b->at++) {
		if (b->at / 8 >= b->in.n) {
			b->past = true;
			return 0;
		}
		v |= (uint32_t)(b->in.p[b->at / 8] >> b->at % 8 & 1) << i;
	}
	return v;
}

/* Canonical codes: how many there are of each length, and the symbols in their order. */
struct codes {
	uint16_t count[LENGTH_MAX + 1], symbols[STUFFIT13_SYMBOLS];
};

static bool codes_make(struct codes *c, const int *lengths, unsigned n)
{
	uint16_t at[LENGTH_MAX + 2] = { 0 };
	uint64_t used = 0;
	*c = (struct codes){ { 0 }, { 0 } };
	for (unsigned i = 0; i < n; i++)
		if (lengths[i] > 0 && lengths[i] <= (int)LENGTH_MAX) {
			c->count[lengths[i]]++;
			used += 1ull << (LENGTH_MAX - (unsigned)lengths[i]);
		}
	for (unsigned i = 1; i <= LENGTH_MAX; i++)
		at[i + 1] = (uint16_t)(at[i] + c->count[i]);
	for (unsigned i = 0; i < n; i++)
		if (lengths[i] > 0 && lengths[i] <= (int)LENGTH_MAX)
			c->symbols[at[lengths[i]]++] = (uint16_t)i;
	return used <= 1ull << LENGTH_MAX; /* no more than there are */
}

static int take_code(struct lsb_bits *b, const struct codes *c)
{
	uint64_t code = 0, first = 0;
	unsigned index = 0;
	for (unsigned length = 1; length <= LENGTH_MAX; length++) {
		code |= lsb_take(b, 1);
		if (b->past)
			return -1;
		if (code - first < c->count[length])
			return c->symbols[index + (unsigned)(code - first)];
		index += c->count[length];
		first = (first + c->count[length]) * 2;
		code *= 2;
	}
	return -1;
}

/* The code of lengths, which is no canonical one. */
static int take_meta(struct lsb_bits *b)
{
	static const uint16_t codes[META] = { 0x5d8, 0x058, 0x040, 0x0c0, 0x000, 0x078, 0x02b, 0x014, 0x00c, 0x01c, 0x01b, 0x00b, 0x010,
										  0x020, 0x038, 0x018, 0x0d8, 0xbd8, 0x180, 0x680, 0x380, 0xf80, 0x780, 0x480, 0x080, 0x280,
										  0x3d8, 0xfd8, 0x7d8, 0x9d8, 0x1d8, 0x004, 0x001, 0x002, 0x007, 0x003, 0x008 };
	static const uint8_t lengths[META] = { 11, 8,  8,  8,  8,  7,  6,  5,  5,  5,  5,  6,  5,  6,  7,  7, 9, 12, 10,
										   11, 11, 12, 12, 11, 11, 11, 12, 12, 12, 12, 12, 5,  2,  2,  3, 4, 5 };
	uint32_t code = 0;
	for (unsigned n = 1; n <= 12; n++) {
		code |= lsb_take(b, 1) << (n - 1);
		for (int i = 0; i < (int)META && !b->past; i++)
			if (lengths[i] == n && codes[i] == code)
				return i;
	}
	return -1;
}

enum { LENGTH_UNUSED = 31, LENGTH_MORE, LENGTH_LESS, REPEAT_BIT, REPEAT_3_BITS, REPEAT_6_BITS };

static bool codes_read(struct lsb_bits *b, unsigned n, struct codes *c)
{
	int lengths[STUFFIT13_SYMBOLS], length = 0;
	for (unsigned i = 0; i < n;) {
		int symbol = take_meta(b);
		unsigned repeat = 1;
		if (symbol < 0)
			return false;
		if (symbol < LENGTH_UNUSED)
			length = symbol + 1;
		else if (symbol == LENGTH_UNUSED)
			length = -1;
		else if (symbol <= LENGTH_LESS)
			length += symbol == LENGTH_MORE ? 1 : -1;
		else
			repeat = symbol == REPEAT_BIT      ? 1 + lsb_take(b, 1)
					 : symbol == REPEAT_3_BITS ? 3 + lsb_take(b, 3)
											   : 11 + lsb_take(b, 6);
		if (repeat > n - i || b->past)
			return false;
		while (repeat--)
			lengths[i++] = length;
	}
	return codes_make(c, lengths, n);
}

/* One of the five kinds: a letter for each length, from '1' on. */
static bool codes_preset(struct codes *c, const char *letters)
{
	int lengths[STUFFIT13_SYMBOLS];
	unsigned n = 0;
	for (; letters[n] && n < STUFFIT13_SYMBOLS; n++)
		lengths[n] = letters[n] <= '9' ? letters[n] - '0' : letters[n] - 'A' + 10;
	return codes_make(c, lengths, n);
}

struct method13 {
	struct lsb_bits bits;
	struct codes first, second, offsets; /* behind a letter, behind a match */
};

static bool read_codes(struct method13 *m)
{
	unsigned kind = lsb_take(&m->bits, 8), preset = kind >> 4;
	if (preset > STUFFIT13_PRESETS || m->bits.past)
		return false;
	if (preset) {
		const struct stuffit13_preset *p = &stuffit13_presets[preset - 1];
		return codes_preset(&m->first, p->first) && codes_preset(&m->second, p->second) && codes_preset(&m->offsets, p->offsets);
	}
	if (!codes_read(&m->bits, STUFFIT13_SYMBOLS, &m->first))
		return false;
	m->second = m->first;
	return (kind & 8 || codes_read(&m->bits, STUFFIT13_SYMBOLS, &m->second)) && codes_read(&m->bits, (kind & 7) + 10, &m->offsets);
}

/* How far back; 0: no code is that. */
static size_t take_offset(struct method13 *m)
{
	int bits = take_code(&m->bits, &m->offsets);
	if (bits < 2)
		return bits < 0 ? 0 : (size_t)bits + 1;
	return ((size_t)1 << (bits - 1)) + lsb_take(&m->bits, (unsigned)bits - 1) + 1;
}

static enum error_code copy(size_t back, size_t n, size_t before, struct buf *out)
{
	if (!back || back > out->n - before)
		return ERR_CORRUPT;
	enum error_code code = buf_reserve(out, n);
	for (; !code && n; n--, out->n++)
		out->p[out->n] = out->p[out->n - back];
	return code;
}

enum error_code stuffit13(struct span in, uint32_t size, struct buf *out)
{
	struct method13 m = { .bits = { .in = in } };
	size_t before = out->n;
	enum error_code code = read_codes(&m) ? ERR_NONE : m.bits.past ? ERR_TRUNCATED : ERR_CORRUPT;
	for (bool matched = false; !code && out->n - before < size;) {
		int symbol = take_code(&m.bits, matched ? &m.second : &m.first);
		if (symbol < 0 || symbol > (int)MATCH_15_BITS)
			return m.bits.past || symbol >= 0 ? ERR_TRUNCATED : ERR_CORRUPT;
		matched = symbol > 255;
		if (!matched) {
			uint8_t letter = (uint8_t)symbol;
			code = buf_add(out, &letter, 1);
			continue;
		}
		size_t n = symbol == (int)MATCH_10_BITS   ? MATCH_LONG + lsb_take(&m.bits, 10)
				   : symbol == (int)MATCH_15_BITS ? MATCH_LONG + lsb_take(&m.bits, 15)
												  : (size_t)symbol - 256 + MATCH_SHORTEST;
		size_t back = take_offset(&m), left = size - (out->n - before);
		code = m.bits.past ? ERR_TRUNCATED : copy(back, n < left ? n : left, before, out);
	}
	return code;
}
