/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/arc_decode.h"

#include "format/lzw.h"
#include "format/msb_bits.h"

#define MARK 0x90u
#define NODES_MAX 256u
#define END_SYMBOL 256u
#define CODES 4096u
#define CODE_BITS 12u
#define NONE 0xffffu
#define PACKED_MAX ((size_t)256 << 20) /* between the two stages: archives of this kind are of a time when disks had less */

enum { STORED_OLD = 1, STORED, PACKED, SQUEEZED, CRUNCHED_OLD, CRUNCHED_PACKED, CRUNCHED_FAST, CRUNCHED, SQUASHED, COMPRESSED = 127 };

bool arc_decode_knows(unsigned method)
{
	return (method >= STORED_OLD && method <= SQUASHED) || method == COMPRESSED;
}

static enum error_code put(struct buf *out, uint8_t byte, unsigned times, uint64_t *left)
{
	unsigned n = times < *left ? times : (unsigned)*left;
	enum error_code code = buf_reserve(out, n);
	if (code)
		return code;
	memset(out->p + out->n, byte, n);
	out->n += n;
	*left -= n;
	return ERR_NONE;
}

enum error_code rle90_decode(struct span in, uint64_t size, struct buf *out)
{
	enum error_code code = ERR_NONE;
	uint8_t last = 0;
	for (size_t i = 0; size && !code; i++) {
		if (i >= in.n)
			return ERR_TRUNCATED;
		bool mark = in.p[i] == MARK;
		if (mark && ++i >= in.n)
			return ERR_TRUNCATED;
		unsigned times = mark && in.p[i] ? in.p[i] - 1u : 1;
		if (!mark || !in.p[i])
			last = mark ? MARK : in.p[i];
		code = put(out, last, times, &size);
	}
	return code;
}

/* A tree of Huffman codes: pairs of the node or the symbol (less than 0, ones' complement) that a 0 and a 1 lead to. */
static enum error_code unsqueeze(struct span in, struct buf *out)
{
	unsigned nodes = span_u16le(in, 0);
	struct span tree = span_sub(in, 2, 4 * (uint64_t)nodes), bits = span_from(in, 2 + 4 * (uint64_t)nodes);
	if (!tree.p || nodes > NODES_MAX || !nodes)
		return nodes ? ERR_CORRUPT : ERR_NONE; /* nothing is in it */
	for (uint64_t at = 0; at < 8 * (uint64_t)bits.n;) {
		int node = 0;
		for (; node >= 0 && at < 8 * (uint64_t)bits.n; at++) {
			if ((unsigned)node >= nodes)
				return ERR_CORRUPT;
			node = (int16_t)span_u16le(tree, 4 * (uint64_t)node + (bits.p[at / 8] >> at % 8 & 1 ? 2 : 0));
		}
		unsigned symbol = (unsigned)-(node + 1);
		if (node >= 0 || symbol == END_SYMBOL)
			return node >= 0 ? ERR_TRUNCATED : ERR_NONE;
		uint8_t byte = (uint8_t)symbol;
		enum error_code code = symbol > 255 ? ERR_CORRUPT : buf_add(out, &byte, 1);
		if (code)
			return code;
	}
	return ERR_TRUNCATED;
}

/* The first LZW: codes of 12 bits, the high ones first, which are places in a hash table. A word that is new takes the place that the hash
 * of the code before and of its last byte gives, or a free one behind the last of its chain. */
struct hashed {
	uint16_t before[CODES], link[CODES], length[CODES];
	uint8_t byte[CODES];
	bool used[CODES], fast;
	unsigned left;
};

static unsigned hash_of(const struct hashed *h, unsigned before, uint8_t byte)
{
	unsigned sum = (before + byte) & 0xffff;
	if (h->fast)
		return (sum * 15073) & (CODES - 1);
	sum |= 0x0800;
	return ((sum * sum) >> 6) & (CODES - 1);
}

static void add_code(struct hashed *h, unsigned before, uint8_t byte)
{
	unsigned at = hash_of(h, before, byte);
	if (!h->left)
		return;
	if (h->used[at]) {
		while (h->link[at])
			at = h->link[at];
		unsigned next = (at + 101) & (CODES - 1);
		while (h->used[next])
			next = (next + 1) & (CODES - 1);
		h->link[at] = (uint16_t)next;
		at = next;
	}
	h->used[at] = true;
	h->before[at] = (uint16_t)before;
	h->byte[at] = byte;
	h->length[at] = (uint16_t)(before == NONE ? 1 : h->length[before] + 1);
	h->left--;
}

static enum error_code uncrunch_hashed(struct hashed *h, struct span in, struct buf *out)
{
	struct msb_bits b = { .in = in };
	unsigned last = NONE;
	h->left = CODES;
	for (unsigned i = 0; i < 256; i++)
		add_code(h, NONE, (uint8_t)i);
	for (;;) {
		unsigned code = msb_take(&b, CODE_BITS);
		if (b.past)
			return ERR_NONE;
		if (!h->used[code] && last == NONE)
			return ERR_CORRUPT;
		bool itself = !h->used[code]; /* the word that is just being made: the one before and its first byte */
		unsigned from = itself ? last : code;
		unsigned n = h->length[from] + itself;
		enum error_code error = buf_reserve(out, n);
		if (error)
			return error;
		uint8_t *p = out->p + out->n;
		for (unsigned k = h->length[from], at = from; k; k--, at = h->before[at])
			p[k - 1] = h->byte[at];
		if (itself)
			p[n - 1] = p[0];
		out->n += n;
		if (last != NONE)
			add_code(h, last, p[0]);
		last = code;
	}
}

static enum error_code uncrunch(struct span in, unsigned bits, struct buf *out)
{
	struct lzw z = { .bytes = in, .bits = LZW_BITS_MIN, .max_bits = bits, .next = LZW_CLEAR + 1, .first = LZW_CLEAR + 1, .blocks = true };
	z.eights = true;
	if (bits < LZW_BITS_MIN || bits > LZW_BITS_MAX)
		return ERR_UNSUPPORTED;
	struct error e = lzw_decode(&z, out);
	return e.code;
}

static enum error_code unpack_hashed(unsigned method, struct span in, struct buf *out)
{
	struct hashed h = { .fast = method == CRUNCHED_FAST };
	return uncrunch_hashed(&h, in, out);
}

/* What comes out before the runs are written out; without runs that is all. */
static enum error_code first_stage(unsigned method, struct span in, struct buf *out)
{
	switch (method) {
	case SQUEEZED:
		return unsqueeze(in, out);
	case CRUNCHED:
	case COMPRESSED:
		return in.n ? uncrunch(span_from(in, 1), in.p[0] & 0x1f, out) : ERR_TRUNCATED;
	case SQUASHED:
		return uncrunch(in, 13, out);
	default:
		return unpack_hashed(method, in, out);
	}
}

/* Not more than the size: codes of the last bits of a byte may follow. */
static enum error_code take(struct span plain, enum error_code code, uint64_t size, struct buf *out)
{
	struct span s = span_clip(plain, 0, size);
	enum error_code added = s.n ? buf_add(out, s.p, s.n) : ERR_NONE;
	if (added || s.n == size)
		return added;
	return code && code != ERR_BUDGET ? code : ERR_TRUNCATED;
}

enum error_code arc_decode(unsigned method, struct span in, uint64_t size, struct buf *out)
{
	if (method <= STORED)
		return take(in, ERR_NONE, size, out);
	if (method == PACKED)
		return rle90_decode(in, size, out);
	bool runs = method == SQUEEZED || (method >= CRUNCHED_PACKED && method <= CRUNCHED);
	uint64_t most = (runs ? 2 : 1) * size + CODES;
	struct buf packed = buf_with_limit(most < PACKED_MAX ? (size_t)most : PACKED_MAX);
	packed.meter = out->meter;
	enum error_code code = first_stage(method, in, &packed);
	enum error_code second = runs ? rle90_decode(buf_span(&packed), size, out) : take(buf_span(&packed), code, size, out);
	buf_free(&packed);
	return second == ERR_TRUNCATED && code && code != ERR_BUDGET ? code : second;
}
