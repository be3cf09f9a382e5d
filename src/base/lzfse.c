/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lzfse.h"

#include <stdlib.h>
#include <string.h>

#include "base/lzvn.h"
#include "base/match.h"

#define HEADER_RAW 8u
#define HEADER_LZVN 12u
#define HEADER_V1 772u
#define HEADER_V2 32u /* behind it the tables follow, as far as the header says */
#define LITERALS_MAX 40000u
#define MATCHES_MAX 10000u
#define LENGTH_MAX (315u + 2359u) /* the literals and the match of one step at most */
#define LZVN_RATIO 136u           /* two bytes give a match of 271 at most */
#define L_SYMBOLS 20u
#define M_SYMBOLS 20u
#define D_SYMBOLS 64u
#define LITERAL_SYMBOLS 256u
#define L_STATES 64u
#define D_STATES 256u
#define LITERAL_STATES 1024u
#define SYMBOLS (L_SYMBOLS + M_SYMBOLS + D_SYMBOLS + LITERAL_SYMBOLS)

enum block { BLOCK_NONE, BLOCK_END, BLOCK_RAW, BLOCK_V1, BLOCK_V2, BLOCK_LZVN };

/* What the header of a block says; of the simple ones what they have. */
struct head {
	enum block kind;
	size_t size;             /* of the header */
	uint32_t raw;            /* bytes that come out */
	uint32_t payload;        /* bytes behind the header */
	uint32_t literals, matches, literal_bytes, match_bytes;
	int literal_bits, match_bits; /* of the last byte of each, less what is used: 0 to -7 */
	uint16_t literal_state[4], l_state, m_state, d_state;
	uint16_t freq[SYMBOLS];  /* L, M, D, literals */
};

/* A state of the decoder of a symbol: how many bits lead on from it, and to where; what it stands for, with more bits behind. */
struct state {
	uint32_t base;
	uint16_t next;
	uint8_t bits, extra;
};

struct tables {
	struct state l[L_STATES], m[L_STATES], d[D_STATES], literal[LITERAL_STATES];
	uint8_t literals[LITERALS_MAX + 4];
};

/* Bits that are read from the end to the beginning. */
struct bits {
	struct span bytes;
	uint64_t left;
	bool failed;
};

static enum block kind_of(struct span in)
{
	static const char last[] = { [BLOCK_END] = '$', [BLOCK_RAW] = '-', [BLOCK_V1] = '1', [BLOCK_V2] = '2', [BLOCK_LZVN] = 'n' };
	for (unsigned kind = BLOCK_END; kind <= BLOCK_LZVN; kind++)
		if (span_starts(in, "bvx", 3) && in.n >= 4 && in.p[3] == (uint8_t)last[kind])
			return kind;
	return BLOCK_NONE;
}

static bool bits_begin(struct bits *b, struct span bytes, int bits)
{
	*b = (struct bits){ .bytes = bytes, .left = 8 * (uint64_t)bytes.n };
	if (bits > 0 || bits < -7 || b->left < (unsigned)-bits)
		return false;
	b->left -= (unsigned)-bits;
	return !bits || bytes.p[bytes.n - 1] >> (8 + bits) == 0; /* what is not used is zero */
}

/* The next n bits, of 32 at most, of which the first one is the highest. */
static inline uint32_t bits_take(struct bits *b, unsigned n)
{
	uint64_t word = 0;
	if (n > b->left) {
		b->failed = true;
		return 0;
	}
	b->left -= n;
	size_t at = (size_t)(b->left / 8);
	if (b->bytes.n - at >= 8)
		memcpy(&word, b->bytes.p + at, 8);
	else
		memcpy(&word, b->bytes.p + at, b->bytes.n - at);
	return (uint32_t)(word >> b->left % 8 & ((UINT64_C(1) << n) - 1));
}

/* The states of symbols of that many occurrences, of which there may be fewer than states. */
static bool states_make(struct state *states, unsigned n, const uint16_t *freq, unsigned symbols, const uint8_t *extra, const uint32_t *base)
{
	unsigned at = 0;
	memset(states, 0, n * sizeof *states);
	for (unsigned i = 0; i < symbols; i++) {
		unsigned f = freq[i];
		if (!f)
			continue;
		if (f > n - at)
			return false;
		unsigned k = (unsigned)(__builtin_clz(f) - __builtin_clz(n)), more = ((2 * n) >> k) - f;
		for (unsigned j = 0; j < f; j++, at++) {
			states[at].extra = extra ? extra[i] : 0;
			states[at].base = base ? base[i] : i;
			states[at].bits = (uint8_t)(j < more ? k : k - 1);
			states[at].next = (uint16_t)(j < more ? ((f + j) << k) - n : (j - more) << (k - 1));
		}
	}
	return true;
}

/* One occurrence as it is written in the second kind of header: a code of 2 to 14 bits, the lowest first. */
static uint16_t freq_read(uint32_t bits, unsigned *n)
{
	static const uint8_t sizes[32] = { 2, 3, 2, 5, 2, 3, 2, 8, 2, 3, 2, 5, 2, 3, 2, 14, 2, 3, 2, 5, 2, 3, 2, 8, 2, 3, 2, 5, 2, 3, 2, 14 };
	static const uint8_t values[32] = { 0, 2, 1, 4, 0, 3, 1, 0, 0, 2, 1, 5, 0, 3, 1, 0, 0, 2, 1, 6, 0, 3, 1, 0, 0, 2, 1, 7, 0, 3, 1, 0 };
	*n = sizes[bits & 31];
	if (*n == 8)
		return (uint16_t)(8 + (bits >> 4 & 15));
	if (*n == 14)
		return (uint16_t)(24 + (bits >> 4 & 1023));
	return values[bits & 31];
}

/* The tables of the second kind of header take all of it, but for bits of the last byte. Without any there are no occurrences. */
static bool freqs_read(struct span in, uint16_t *freq)
{
	uint32_t word = 0;
	unsigned have = 0, n;
	size_t at = 0;
	memset(freq, 0, SYMBOLS * sizeof *freq);
	if (!in.n)
		return true;
	for (unsigned i = 0; i < SYMBOLS; i++) {
		while (at < in.n && have <= 24) {
			word |= (uint32_t)in.p[at++] << have;
			have += 8;
		}
		freq[i] = freq_read(word, &n);
		if (n > have)
			return false;
		word >>= n;
		have -= n;
	}
	return have < 8 && at == in.n;
}

static bool head_v1(struct span in, struct head *h)
{
	struct reader r = reader_le(span_sub(in, 0, HEADER_V1));
	rd_skip(&r, 8);
	h->size = HEADER_V1;
	h->payload = rd_u32(&r);
	h->literals = rd_u32(&r);
	h->matches = rd_u32(&r);
	h->literal_bytes = rd_u32(&r);
	h->match_bytes = rd_u32(&r);
	h->literal_bits = (int)rd_u32(&r);
	for (unsigned i = 0; i < 4; i++)
		h->literal_state[i] = rd_u16(&r);
	h->match_bits = (int)rd_u32(&r);
	h->l_state = rd_u16(&r);
	h->m_state = rd_u16(&r);
	h->d_state = rd_u16(&r);
	for (unsigned i = 0; i < SYMBOLS; i++)
		h->freq[i] = rd_u16(&r);
	return rd_ok(&r);
}

static uint32_t field(uint64_t packed, unsigned at, unsigned width)
{
	return (uint32_t)(packed >> at & ((UINT64_C(1) << width) - 1));
}

static bool head_v2(struct span in, struct head *h)
{
	struct reader r = reader_le(in);
	rd_skip(&r, 8);
	uint64_t a = rd_u64(&r), b = rd_u64(&r), c = rd_u64(&r);
	h->literals = field(a, 0, 20);
	h->literal_bytes = field(a, 20, 20);
	h->matches = field(a, 40, 20);
	h->literal_bits = (int)field(a, 60, 3) - 7;
	for (unsigned i = 0; i < 4; i++)
		h->literal_state[i] = (uint16_t)field(b, 10 * i, 10);
	h->match_bytes = field(b, 40, 20);
	h->match_bits = (int)field(b, 60, 3) - 7;
	h->size = field(c, 0, 32);
	h->l_state = (uint16_t)field(c, 32, 10);
	h->m_state = (uint16_t)field(c, 42, 10);
	h->d_state = (uint16_t)field(c, 52, 10);
	h->payload = h->literal_bytes + h->match_bytes;
	return rd_ok(&r) && h->size >= HEADER_V2 && h->size <= HEADER_V2 + 2 * SYMBOLS;
}

/* Whether what a header of the first or second kind says can be. */
static bool head_holds(const struct head *h)
{
	bool states = h->l_state < L_STATES && h->m_state < L_STATES && h->d_state < D_STATES;
	for (unsigned i = 0; i < 4; i++)
		states = states && h->literal_state[i] < LITERAL_STATES;
	return states && h->literals <= LITERALS_MAX && h->matches <= MATCHES_MAX &&
	       (uint64_t)h->literal_bytes + h->match_bytes == h->payload && h->raw <= (uint64_t)h->matches * LENGTH_MAX &&
	       h->literal_bits <= 0 && h->literal_bits >= -7 && h->match_bits <= 0 && h->match_bits >= -7;
}

/* Reads the header of the block at `in`. ERR_CORRUPT: there is none, or of what can not be. */
static enum error_code head_read(struct span in, struct head *h)
{
	struct reader r = reader_le(in);
	h->kind = kind_of(in);
	h->size = 4;
	h->raw = h->payload = 0;
	if (h->kind == BLOCK_END)
		return ERR_NONE;
	if (h->kind == BLOCK_NONE)
		return in.n < 4 ? ERR_TRUNCATED : ERR_CORRUPT;
	rd_skip(&r, 4);
	h->raw = rd_u32(&r);
	h->payload = h->raw;
	h->size = HEADER_RAW;
	if (h->kind == BLOCK_LZVN) {
		h->payload = rd_u32(&r);
		h->size = HEADER_LZVN;
	}
	if (!rd_ok(&r))
		return ERR_TRUNCATED;
	if (h->kind == BLOCK_RAW)
		return ERR_NONE;
	if (h->kind == BLOCK_LZVN)
		return h->raw <= (uint64_t)h->payload * LZVN_RATIO ? ERR_NONE : ERR_CORRUPT;
	if (h->kind == BLOCK_V2 && in.n < HEADER_V2)
		return ERR_TRUNCATED;
	if (!(h->kind == BLOCK_V1 ? head_v1(in, h) : head_v2(in, h)))
		return h->kind == BLOCK_V1 ? ERR_TRUNCATED : ERR_CORRUPT;
	return head_holds(h) ? ERR_NONE : ERR_CORRUPT;
}

bool lzfse_begins(struct span at)
{
	struct head h;
	enum error_code code = head_read(at, &h);
	if (code || h.kind == BLOCK_END)
		return false;
	if (h.kind == BLOCK_V2 && h.size <= at.n && !freqs_read(span_sub(at, HEADER_V2, h.size - HEADER_V2), h.freq))
		return false;
	uint64_t end = h.size + (uint64_t)h.payload;
	bool tells = h.kind == BLOCK_V1 || h.kind == BLOCK_V2; /* much: the others have sizes alone */
	return h.raw && (kind_of(span_from(at, end)) || (tells && (end >= at.n || at.n - end < 4)));
}

static bool tables_make(const struct head *h, struct tables *t)
{
	static const uint8_t l_extra[L_SYMBOLS] = { [16] = 2, 3, 5, 8 }, m_extra[M_SYMBOLS] = { [16] = 3, 5, 8, 11 };
	uint8_t d_extra[D_SYMBOLS];
	uint32_t l_base[L_SYMBOLS], m_base[M_SYMBOLS], d_base[D_SYMBOLS], l = 0, m = 0, d = 0;
	for (unsigned i = 0; i < L_SYMBOLS; i++) { /* each value begins where those of the one before end */
		l_base[i] = l;
		l += 1u << l_extra[i];
		m_base[i] = m;
		m += 1u << m_extra[i];
	}
	for (unsigned i = 0; i < D_SYMBOLS; i++) {
		d_extra[i] = (uint8_t)(i / 4);
		d_base[i] = d;
		d += 1u << i / 4;
	}
	const uint16_t *freq = h->freq;
	return states_make(t->l, L_STATES, freq, L_SYMBOLS, l_extra, l_base) &&
	       states_make(t->m, L_STATES, freq + L_SYMBOLS, M_SYMBOLS, m_extra, m_base) &&
	       states_make(t->d, D_STATES, freq + L_SYMBOLS + M_SYMBOLS, D_SYMBOLS, d_extra, d_base) &&
	       states_make(t->literal, LITERAL_STATES, freq + L_SYMBOLS + M_SYMBOLS + D_SYMBOLS, LITERAL_SYMBOLS, NULL, NULL);
}

/* All literals of the block, by four decoders in turn. */
static bool literals_read(const struct head *h, struct span payload, struct tables *t)
{
	struct bits b;
	uint16_t state[4];
	memcpy(state, h->literal_state, sizeof state);
	if (!bits_begin(&b, payload, h->literal_bits))
		return false;
	for (uint32_t i = 0; i < h->literals; i++) {
		const struct state *s = &t->literal[state[i % 4]];
		t->literals[i] = (uint8_t)s->base;
		state[i % 4] = (uint16_t)(s->next + bits_take(&b, s->bits));
	}
	return !b.failed;
}

/* The next value: the bits that it has of its own are the lower ones. */
static inline uint32_t value_read(struct bits *b, const struct state *states, uint16_t *state)
{
	const struct state *s = &states[*state];
	uint32_t v = bits_take(b, (unsigned)s->bits + s->extra);
	*state = (uint16_t)(s->next + (v >> s->extra));
	return s->base + (v & ((1u << s->extra) - 1));
}

/* The steps of a block: literals, then a match. A distance of 0 is the one before. */
static enum error_code matches_run(const struct head *h, struct span payload, const struct tables *t, uint8_t *out, size_t have, size_t room,
                                   size_t *made)
{
	struct bits b;
	uint16_t l_state = h->l_state, m_state = h->m_state, d_state = h->d_state;
	size_t distance = 0, literal = 0;
	if (!bits_begin(&b, payload, h->match_bits))
		return ERR_CORRUPT;
	for (uint32_t i = 0; i < h->matches; i++) {
		size_t l = value_read(&b, t->l, &l_state), m = value_read(&b, t->m, &m_state), d = value_read(&b, t->d, &d_state);
		distance = d ? d : distance;
		if (b.failed || l > h->literals - literal || l > room - *made || m > room - *made - l)
			return ERR_CORRUPT;
		memcpy(out + *made, t->literals + literal, l);
		literal += l;
		*made += l;
		if (m && (distance == 0 || distance > have + *made))
			return ERR_CORRUPT;
		if (m)
			match_copy(out + *made, distance, m);
		*made += m;
	}
	return *made == room ? ERR_NONE : ERR_CORRUPT;
}

static enum error_code block_entropy(struct head *h, struct span in, struct tables *t, uint8_t *out, size_t have, size_t *made)
{
	struct span literals = span_sub(in, h->size, h->literal_bytes), matches = span_sub(in, h->size + h->literal_bytes, h->match_bytes);
	if (h->size > in.n || !literals.p || !matches.p)
		return ERR_TRUNCATED;
	if (h->kind == BLOCK_V2 && !freqs_read(span_sub(in, HEADER_V2, h->size - HEADER_V2), h->freq))
		return ERR_CORRUPT;
	if (!tables_make(h, t) || !literals_read(h, literals, t))
		return ERR_CORRUPT;
	return matches_run(h, matches, t, out, have, h->raw, made);
}

/* One block into out[0 .. h->raw), of which there is room. */
static enum error_code block_decode(struct head *h, struct span in, struct tables *t, uint8_t *out, size_t have, size_t *made)
{
	struct span payload = span_clip(in, h->size, h->payload);
	size_t used;
	*made = 0;
	if (h->kind == BLOCK_RAW) {
		if (payload.n)
			memcpy(out, payload.p, payload.n);
		*made = payload.n;
		return payload.n < h->payload ? ERR_TRUNCATED : ERR_NONE;
	}
	if (h->kind != BLOCK_LZVN)
		return block_entropy(h, in, t, out, have, made);
	enum error_code code = lzvn_decode(payload, out, have, h->raw, made, &used);
	if (payload.n < h->payload)
		return ERR_TRUNCATED;
	return code || *made != h->raw ? ERR_CORRUPT : ERR_NONE;
}

/* The state of a decoder, which is too large for a stack. */
struct decoder {
	struct head head;
	struct tables tables;
};

static struct error failed(enum error_code code, size_t at)
{
	return error_at(code, at, "%s", code == ERR_TRUNCATED ? "the LZFSE stream breaks off" :
	                                code == ERR_CORRUPT   ? "a block of the LZFSE stream is broken"
	                                                      : "the LZFSE stream holds more than is unpacked");
}

static struct error stream_run(struct decoder *d, struct span in, struct buf *out, size_t *used)
{
	size_t start = out->n, made;
	for (*used = 0;;) {
		struct span rest = span_from(in, *used);
		enum error_code code = head_read(rest, &d->head);
		if (code)
			return failed(code, *used);
		if (d->head.kind == BLOCK_END) {
			*used += d->head.size;
			return error_none();
		}
		size_t room = d->head.raw;
		if (d->head.kind == BLOCK_RAW && rest.n - HEADER_RAW < room) /* what is not there needs no room */
			room = rest.n - HEADER_RAW;
		code = buf_reserve(out, room);
		if (code)
			return failed(code, *used);
		code = block_decode(&d->head, rest, &d->tables, out->p + out->n, out->n - start, &made);
		out->n += made;
		if (code) {
			*used = code == ERR_TRUNCATED ? in.n : *used;
			return failed(code, *used);
		}
		*used += d->head.size + d->head.payload;
	}
}

struct error lzfse_stream(struct span in, struct buf *out, size_t *used)
{
	struct decoder *d = malloc(sizeof *d);
	*used = 0;
	if (!d)
		return error_at(ERR_MEMORY, 0, "no memory for the tables of LZFSE");
	struct error e = stream_run(d, in, out, used);
	free(d);
	return e;
}

enum error_code lzfse_decode(struct span in, uint8_t *out, size_t room, size_t *made)
{
	struct decoder *d = malloc(sizeof *d);
	enum error_code code = d ? ERR_NONE : ERR_MEMORY;
	*made = 0;
	for (size_t used = 0, n; !code; used += d->head.size + d->head.payload) {
		struct span rest = span_from(in, used);
		code = head_read(rest, &d->head);
		if (code || d->head.kind == BLOCK_END)
			break;
		if (d->head.raw > room - *made) {
			code = ERR_BUDGET;
			break;
		}
		code = block_decode(&d->head, rest, &d->tables, out + *made, *made, &n);
		*made += n;
	}
	free(d);
	return code;
}
