/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lzfse_writer.h"
#include "little_endian.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#define MATCHES_MAX 10000u
#define LITERALS_MAX 40000u
#define L_MAX 315u
#define M_MAX 2359u
#define D_MAX 262139u
#define HASHES 65536u

struct step {
	uint32_t l, m, d;
};

/* Where the four bytes at `at` stood last, no farther away than that; false: nowhere. */
static bool find_match(struct span s, size_t at, uint32_t *seen, size_t distance_max, size_t *n, size_t *d)
{
	if (at + 4 > s.n)
		return false;
	uint32_t four = span_u32le(s, at), slot = (four * 2654435761u) >> 16 & (HASHES - 1), before = seen[slot];
	seen[slot] = (uint32_t)at + 1;
	if (!before || span_u32le(s, before - 1) != four)
		return false;
	*d = at - (before - 1);
	for (*n = 4; at + *n < s.n && s.p[at + *n] == s.p[before - 1 + *n]; ++*n)
		;
	return *d <= distance_max;
}

/* One alphabet of the coder. */
struct coder {
	unsigned states, symbols;
	uint32_t count[256];
	uint16_t freq[256];
	unsigned first[256];
	uint32_t state;
};

static void coder_ready(struct coder *c)
{
	uint64_t total = 0;
	unsigned used = 0, most = 0, first = 0;
	for (unsigned i = 0; i < c->symbols; i++) {
		total += c->count[i];
		most = c->count[i] > c->count[most] ? i : most;
	}
	for (unsigned i = 0; i < c->symbols && total; i++) {
		uint64_t f = (uint64_t)c->count[i] * c->states / total;
		c->freq[i] = (uint16_t)(c->count[i] && !f ? 1 : f);
		used += c->freq[i];
	}
	if (total && used <= c->states)
		c->freq[most] = (uint16_t)(c->freq[most] + c->states - used);
	for (; used > c->states; used--) { /* of many rare symbols: the most frequent one gives */
		for (unsigned i = 0; i < c->symbols; i++)
			most = c->freq[i] > c->freq[most] ? i : most;
		c->freq[most]--;
	}
	for (unsigned i = 0; i < c->symbols; i++) {
		c->first[i] = first;
		first += c->freq[i];
	}
}

struct bit_writer {
	uint8_t *p;
	size_t bits;
};

static void push(struct bit_writer *w, uint32_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++, w->bits++) {
		if (w->bits % 8 == 0)
			w->p[w->bits / 8] = 0;
		w->p[w->bits / 8] |= (uint8_t)((v >> i & 1) << w->bits % 8);
	}
}

/* The state from which this symbol leads to the one at hand: symbols of f of n states read so many bits that f << bits is at least n. */
static void encode(struct coder *c, unsigned symbol, struct bit_writer *w)
{
	uint32_t f = c->freq[symbol], x = c->state + c->states; /* in n .. 2n-1; shifted it falls in f .. 2f-1 */
	unsigned bits = 0;
	assert(f);
	while (x >> bits >= 2 * f)
		bits++;
	push(w, x & ((1u << bits) - 1), bits);
	c->state = c->first[symbol] + (x >> bits) - f;
}

static unsigned split(uint32_t v, unsigned symbols, const uint8_t *extra, uint32_t *rest)
{
	uint32_t base = 0;
	for (unsigned i = 0; i < symbols; base += 1u << extra[i++])
		if (v - base < 1u << extra[i]) {
			*rest = v - base;
			return i;
		}
	assert(false);
	return 0;
}

static uint8_t l_extra[20] = { [16] = 2, 3, 5, 8 }, m_extra[20] = { [16] = 3, 5, 8, 11 };

static uint8_t d_extra[64] = { 0,  0,  0,  0,  1,  1,  1,  1,  2,  2,  2,  2,  3,  3,  3,  3,  4,  4,  4,  4,  5,  5,
							   5,  5,  6,  6,  6,  6,  7,  7,  7,  7,  8,  8,  8,  8,  9,  9,  9,  9,  10, 10, 10, 10,
							   11, 11, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15 };

static void push_freq(struct bit_writer *w, unsigned f)
{
	static const struct {
		uint8_t bits, n;
	} small[8] = { { 0, 2 }, { 2, 2 }, { 1, 3 }, { 5, 3 }, { 3, 5 }, { 11, 5 }, { 19, 5 }, { 27, 5 } };
	if (f < 8)
		push(w, small[f].bits, small[f].n);
	else if (f < 24)
		push(w, 7 | (f - 8) << 4, 8);
	else
		push(w, 15 | (f - 24) << 4, 14);
}

struct block {
	struct coder l, m, d, literal;
	uint32_t literal_states[4];
	struct bit_writer literals, matches;
};

static void encode_value(struct coder *c, uint32_t v, const uint8_t *extra, struct bit_writer *w)
{
	uint32_t rest = 0;
	unsigned symbol = split(v, c->symbols, extra, &rest);
	push(w, rest, extra[symbol]);
	encode(c, symbol, w);
}

static void count_value(struct coder *c, uint32_t v, const uint8_t *extra)
{
	uint32_t rest;
	c->count[split(v, c->symbols, extra, &rest)]++;
}

static void encode_block(struct block *b, const uint8_t *literals, uint32_t nl, const struct step *steps, uint32_t ns)
{
	*b = (struct block){ .l = { .states = 64, .symbols = 20 },
						 .m = { .states = 64, .symbols = 20 },
						 .d = { .states = 256, .symbols = 64 },
						 .literal = { .states = 1024, .symbols = 256 },
						 .literals = { .p = malloc(2 * nl + 64) },
						 .matches = { .p = malloc(16 * ns + 64) } };
	for (uint32_t i = 0; i < nl; i++)
		b->literal.count[literals[i]]++;
	for (uint32_t i = 0; i < ns; i++) {
		count_value(&b->l, steps[i].l, l_extra);
		count_value(&b->m, steps[i].m, m_extra);
		count_value(&b->d, steps[i].d, d_extra);
	}
	coder_ready(&b->l);
	coder_ready(&b->m);
	coder_ready(&b->d);
	coder_ready(&b->literal);
	for (uint32_t i = nl; i-- > 0;) {
		b->literal.state = b->literal_states[i % 4];
		encode(&b->literal, literals[i], &b->literals);
		b->literal_states[i % 4] = b->literal.state;
	}
	push(&b->matches, 0, 32); /* Apple's encoder begins with eight bytes of zeros, which the decoder may read ahead into */
	push(&b->matches, 0, 32);
	for (uint32_t i = ns; i-- > 0;) {
		encode_value(&b->d, steps[i].d, d_extra, &b->matches);
		encode_value(&b->m, steps[i].m, m_extra, &b->matches);
		encode_value(&b->l, steps[i].l, l_extra, &b->matches);
	}
}

static size_t bytes_of(const struct bit_writer *w)
{
	return (w->bits + 7) / 8;
}

static size_t write_block(char kind, uint32_t raw, uint8_t *literals, uint32_t nl, const struct step *steps, uint32_t ns, uint8_t *out)
{
	struct block b;
	for (; nl % 4; nl++)
		literals[nl] = literals[0];
	encode_block(&b, literals, nl, steps, ns);
	size_t lb = bytes_of(&b.literals), mb = bytes_of(&b.matches), header = 772;
	int64_t lbits = (int64_t)b.literals.bits - 8 * (int64_t)lb, mbits = (int64_t)b.matches.bits - 8 * (int64_t)mb;
	const struct coder *all[4] = { &b.l, &b.m, &b.d, &b.literal };
	memcpy(out, "bvx", 3);
	out[3] = (uint8_t)kind;
	put(out + 4, raw, 4);
	if (kind == '1') {
		uint64_t fields[6] = { lb + mb, nl, ns, lb, mb, (uint64_t)lbits };
		for (unsigned i = 0; i < 6; i++)
			put(out + 8 + 4 * i, fields[i], 4);
		for (unsigned i = 0; i < 4; i++)
			put(out + 32 + 2 * i, b.literal_states[i], 2);
		put(out + 40, (uint64_t)mbits, 4);
		put(out + 44, b.l.state, 2);
		put(out + 46, b.m.state, 2);
		put(out + 48, b.d.state, 2);
		uint8_t *p = out + 50;
		for (unsigned k = 0; k < 4; k++)
			for (unsigned i = 0; i < all[k]->symbols; i++, p += 2)
				put(p, all[k]->freq[i], 2);
		put(p, 0, 2);
	} else {
		struct bit_writer w = { .p = out + 32 };
		for (unsigned k = 0; k < 4; k++)
			for (unsigned i = 0; i < all[k]->symbols; i++)
				push_freq(&w, all[k]->freq[i]);
		header = 32 + bytes_of(&w);
		put(out + 8, nl | (uint64_t)lb << 20 | (uint64_t)ns << 40 | (uint64_t)(lbits + 7) << 60, 8);
		uint64_t states = 0;
		for (unsigned i = 0; i < 4; i++)
			states |= (uint64_t)b.literal_states[i] << 10 * i;
		put(out + 16, states | (uint64_t)mb << 40 | (uint64_t)(mbits + 7) << 60, 8);
		put(out + 24, header | (uint64_t)b.l.state << 32 | (uint64_t)b.m.state << 42 | (uint64_t)b.d.state << 52, 8);
	}
	memcpy(out + header, b.literals.p, lb);
	memcpy(out + header + lb, b.matches.p, mb);
	free(b.literals.p);
	free(b.matches.p);
	return header + lb + mb;
}

/* All steps of the input, cut into blocks where one is full. */
static size_t write_entropy(struct span s, char kind, uint8_t *out)
{
	uint32_t *seen = calloc(HASHES, sizeof *seen);
	struct step *steps = calloc(MATCHES_MAX, sizeof *steps);
	uint8_t *literals = calloc(LITERALS_MAX + 4, 1);
	size_t at = 0, from = 0, n = 0;
	uint32_t ns = 0, nl = 0, last = 0;
	while (at < s.n) {
		size_t match = 0, d = 1, begin = at;
		while (at < s.n && at - begin < L_MAX && !find_match(s, at, seen, D_MAX, &match, &d))
			literals[nl++] = s.p[at++];
		if (at == s.n || at - begin == L_MAX)
			match = 0;
		match = match > M_MAX ? M_MAX : match;
		d = match ? d : last ? last : 1;
		steps[ns] = (struct step){ (uint32_t)(at - begin), (uint32_t)match, d == last ? 0 : (uint32_t)d };
		last = (uint32_t)d;
		ns++;
		at += match;
		if (ns == MATCHES_MAX || nl + L_MAX + 4 > LITERALS_MAX || at == s.n) {
			n += write_block(kind, (uint32_t)(at - from), literals, nl, steps, ns, out + n);
			from = at;
			ns = nl = last = 0;
		}
	}
	free(seen);
	free(steps);
	free(literals);
	return n;
}

static size_t put_literals(struct span s, size_t from, size_t n, uint8_t *out)
{
	size_t at = 0;
	while (n) {
		size_t part = n > 271 ? 271 : n;
		if (part < 16) {
			out[at++] = (uint8_t)(0xe0 | part);
		} else {
			out[at++] = 0xe0;
			out[at++] = (uint8_t)(part - 16);
		}
		memcpy(out + at, s.p + from, part);
		at += part;
		from += part;
		n -= part;
	}
	return at;
}

/* A match behind up to three literals, as short as it can be told; what a first instruction can not hold of it goes on in others. */
static size_t put_match(struct span s, size_t from, size_t l, size_t n, size_t d, bool same, uint8_t *out)
{
	size_t at = 0, m;
	if (d < 16384 && n > 10 && !same) { /* 101LLMMM DDDDDDMM DDDDDDDD */
		m = n > 34 ? 34 : n;
		out[at++] = (uint8_t)(0xa0 | l << 3 | (m - 3) >> 2);
		put(out + at, d << 2 | ((m - 3) & 3), 2);
		at += 2;
	} else {
		/* LLMMM: what would be another instruction has a shorter match */
		m = n > 10 ? 10 : n;
		uint8_t op = (uint8_t)(l << 6 | (m - 3) << 3);
		while (m > 3 && (op >> 4 == 7 || op >> 4 == 10 || op >> 4 == 11 || op >> 4 == 13 || op >> 4 > 13)) {
			m--;
			op = (uint8_t)(l << 6 | (m - 3) << 3);
		}
		if (same && l) {
			out[at++] = op | 6;
		} else if (d < 1536) {
			out[at++] = (uint8_t)(op | d >> 8);
			out[at++] = (uint8_t)d;
		} else {
			out[at++] = op | 7;
			put(out + at, d, 2);
			at += 2;
		}
	}
	memcpy(out + at, s.p + from, l);
	at += l;
	for (n -= m; n; n -= m) {
		m = n > 271 ? 271 : n;
		if (m < 16) {
			out[at++] = (uint8_t)(0xf0 | m);
		} else {
			out[at++] = 0xf0;
			out[at++] = (uint8_t)(m - 16);
		}
	}
	return at;
}

size_t lzvn_write(struct span s, uint8_t *out)
{
	uint32_t *seen = calloc(HASHES, sizeof *seen);
	size_t at = 0, n = 0, last = 0;
	while (at < s.n) {
		size_t match = 0, d = 0, begin = at;
		while (at < s.n && !find_match(s, at, seen, 65535, &match, &d))
			at++;
		size_t l = at - begin, few = l < 4 ? l : 0;
		if (at == s.n)
			match = few = 0;
		n += put_literals(s, begin, l - few, out + n);
		if (!match)
			break;
		n += put_match(s, at - few, few, match, d, d == last, out + n);
		last = d;
		at += match;
	}
	memcpy(out + n, "\6\0\0\0\0\0\0\0", 8);
	free(seen);
	return n + 8;
}

size_t lzfse_write(struct span plain, char kind, uint8_t *out)
{
	size_t n = 0;
	if (kind == '-') {
		memcpy(out, "bvx-", 4);
		put(out + 4, plain.n, 4);
		memcpy(out + 8, plain.p, plain.n);
		n = 8 + plain.n;
	} else if (kind == 'n') {
		memcpy(out, "bvxn", 4);
		put(out + 4, plain.n, 4);
		n = lzvn_write(plain, out + 12);
		put(out + 8, n, 4);
		n += 12;
	} else {
		n = write_entropy(plain, kind, out);
	}
	memcpy(out + n, "bvx$", 4);
	return n + 4;
}
