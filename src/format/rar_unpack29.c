/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compression of RAR 2.9, which versions up to 4 have: blocks of LZ77 with Huffman codes, or of PPMd.
 * After libarchive's reader of RAR (BSD): Tim Kientzle, Andres Mejia. */
#include <stdlib.h>

#include "format/rar_lengths.h"
#include "format/rar_ppmd.h"
#include "format/rar_program.h"
#include "format/rar_unpack.h"

#define LETTERS 299u
#define DISTANCES 60u
#define LOWS 17u
#define LENGTHS 28u
#define ALL (LETTERS + DISTANCES + LOWS + LENGTHS)
#define LOW_AGAIN 16u
#define LOW_TIMES 15u
#define PROGRAM_MAX 0x10000u

enum { LETTER_END = 256, LETTER_FILTER, LETTER_AGAIN, LETTER_RECENT, LETTER_SHORT = 263, LETTER_MATCH = 271 };
enum { PPMD_BEGIN = 0x20, PPMD_ESCAPE = 0x40, PPMD_ORDER = 0x1f };
enum { ESCAPE_TABLES = 0, ESCAPE_END = 2, ESCAPE_FILTER, ESCAPE_MATCH, ESCAPE_RUN };

struct rar29 {
	struct rar_code letters, distances, lows, lengths;
	uint8_t table[ALL]; /* lengths of the codes: the next ones are differences to them */
	bool tables;        /* those at hand go on */
	bool ppmd_block;
	uint32_t recent[4], distance, length, low, low_times;
	struct rar_ppmd *ppmd;
	struct buf_meter *meter;
	int escape;
	struct rar_programs programs;
};

/* What is read of one file. */
struct input {
	struct span packed;
	struct rar_bits b;
	const struct rar_out *o;
	struct rar_filters *filters;
	bool end; /* of the file */
};

struct rar29 *rar29_new(struct buf_meter *meter)
{
	struct rar29 *z = calloc(1, sizeof *z);
	if (z) {
		z->escape = 2;
		z->meter = meter;
	}
	return z;
}

void rar29_free(struct rar29 *z)
{
	if (z)
		rar_ppmd_free(z->ppmd);
	free(z);
}

/* ---- tables ---- */

static enum error_code lz_begin(struct rar29 *z, struct rar_bits *b)
{
	z->ppmd_block = false;
	z->low = z->low_times = 0;
	(void)rar_take(b, 1); /* no block of PPMd */
	if (!rar_take(b, 1))
		memset(z->table, 0, sizeof z->table);
	if (!rar_lengths_read(b, z->table, ALL) || !rar_code_make(&z->letters, z->table, LETTERS) ||
		!rar_code_make(&z->distances, z->table + LETTERS, DISTANCES) ||
		!rar_code_make(&z->lows, z->table + LETTERS + DISTANCES, LOWS) ||
		!rar_code_make(&z->lengths, z->table + LETTERS + DISTANCES + LOWS, LENGTHS))
		return rar_past(b) ? ERR_TRUNCATED : ERR_CORRUPT;
	z->tables = true;
	return ERR_NONE;
}

static enum error_code ppmd_begin(struct rar29 *z, struct input *in, size_t at)
{
	struct reader r = reader_le(span_from(in->packed, at));
	uint8_t flags = rd_u8(&r);
	uint32_t megabytes = flags & PPMD_BEGIN ? rd_u8(&r) + 1u : 0, order = (flags & PPMD_ORDER) + 1u;
	if (flags & PPMD_ESCAPE)
		z->escape = rd_u8(&r);
	if (!z->ppmd && !(z->ppmd = rar_ppmd_new()))
		return ERR_MEMORY;
	if (flags & PPMD_BEGIN) {
		enum error_code code =
			rar_ppmd_begin(z->ppmd, order > 16 ? 16 + (order - 16) * 3 : order, megabytes << 20, z->meter);
		if (code)
			return code;
	}
	if (!rar_ppmd_has_begun(z->ppmd))
		return ERR_CORRUPT;
	z->ppmd_block = true;
	z->tables = true;
	return rar_ppmd_start(z->ppmd, in->packed, at + (size_t)r.at) && rd_ok(&r) ? ERR_NONE : ERR_TRUNCATED;
}

/* A new block, which begins with a byte. */
static enum error_code block_begin(struct rar29 *z, struct input *in, size_t at)
{
	z->tables = false;
	if (at >= in->packed.n)
		return ERR_TRUNCATED;
	if (in->packed.p[at] & 0x80)
		return ppmd_begin(z, in, at);
	in->b = rar_bits_of(in->packed);
	in->b.p += at;
	return lz_begin(z, &in->b);
}

/* ---- filters ---- */

/* A byte of a filter's code, from either kind of block; negative at the end. */
static int filter_byte(struct rar29 *z, struct input *in)
{
	if (z->ppmd_block)
		return rar_ppmd_byte(z->ppmd);
	int byte = (int)rar_take(&in->b, 8);
	return rar_past(&in->b) ? -1 : byte;
}

static enum error_code filter_read(struct rar29 *z, struct input *in)
{
	int flags = filter_byte(z, in), more = 0;
	size_t n = ((unsigned)flags & 7) + 1;
	if (n == 7) {
		more = filter_byte(z, in);
		n = (size_t)(more < 0 ? 0 : more) + 7;
	} else if (n == 8) {
		int high = filter_byte(z, in);
		more = filter_byte(z, in);
		n = high < 0 || more < 0 ? 0 : (size_t)high << 8 | (size_t)more;
	}
	if (flags < 0 || more < 0 || !n)
		return ERR_CORRUPT;
	struct buf code = { .limit = PROGRAM_MAX };
	enum error_code e = rar_filters_spend(in->filters, n, in->o->buf->n - in->o->begin);
	e = e ? e : buf_reserve(&code, n);
	while (!e && code.n < n) {
		int byte = filter_byte(z, in);
		if (byte < 0)
			e = ERR_CORRUPT;
		else
			code.p[code.n++] = (uint8_t)byte;
	}
	e = e ? e : rar_program_use(&z->programs, (uint8_t)flags, buf_span(&code), in->o, in->filters);
	buf_free(&code);
	return e;
}

/* ---- blocks of LZ77 ---- */

static void recent_push(struct rar29 *z, unsigned from, uint32_t distance)
{
	for (; from; from--)
		z->recent[from] = z->recent[from - 1];
	z->recent[0] = distance;
}

static enum error_code match(struct rar29 *z, const struct input *in, uint32_t distance, uint32_t length)
{
	z->distance = distance;
	z->length = length;
	return rar_copy(in->o, distance, length);
}

/* The lowest four bits of a distance; those of the last one may be said to go on for some. */
static uint32_t low_take(struct rar29 *z, struct rar_bits *b)
{
	if (z->low_times) {
		z->low_times--;
		return z->low;
	}
	unsigned low = rar_symbol_take(b, &z->lows);
	if (low == LOW_AGAIN) {
		z->low_times = LOW_TIMES;
		return z->low;
	}
	return z->low = low == RAR_CODE_NONE ? 0 : low;
}

/* 0 where there is none. */
static uint32_t distance_take(struct rar29 *z, struct rar_bits *b)
{
	unsigned slot = rar_symbol_take(b, &z->distances), bits = slot < 36 ? slot / 2 - 1 : slot < 48 ? 16 : 18;
	if (slot < 4)
		return slot + 1;
	if (slot == RAR_CODE_NONE)
		return 0;
	uint32_t base = slot < 36 ? (2 | (slot & 1)) << bits : slot < 48 ? (slot - 32) << bits : (slot - 44) << bits;
	if (bits < 4)
		return base + 1 + rar_take(b, bits);
	if (bits > 4)
		base += rar_take(b, bits - 4) << 4;
	return base + 1 + low_take(z, b);
}

static enum error_code match_far(struct rar29 *z, struct input *in, unsigned letter)
{
	uint32_t length = rar_length(&in->b, letter - LETTER_MATCH) + 3, distance = distance_take(z, &in->b);
	length += (distance >= 0x2000) + (distance >= 0x40000);
	recent_push(z, 3, distance);
	return match(z, in, distance, length);
}

static enum error_code match_short(struct rar29 *z, struct input *in, unsigned letter)
{
	static const uint8_t bases[] = { 0, 4, 8, 16, 32, 64, 128, 192 }, bits[] = { 2, 2, 3, 4, 5, 6, 6, 6 };
	unsigned slot = letter - LETTER_SHORT;
	uint32_t distance = bases[slot] + 1u + rar_take(&in->b, bits[slot]);
	recent_push(z, 3, distance);
	return match(z, in, distance, 2);
}

static enum error_code match_recent(struct rar29 *z, struct input *in, unsigned letter)
{
	unsigned at = letter - LETTER_RECENT, slot = rar_symbol_take(&in->b, &z->lengths);
	uint32_t distance = z->recent[at];
	if (slot == RAR_CODE_NONE)
		return ERR_CORRUPT;
	recent_push(z, at, distance);
	return match(z, in, distance, rar_length(&in->b, slot) + 2);
}

/* The end of the block, or of the file. */
static enum error_code block_end(struct rar29 *z, struct input *in)
{
	if (rar_take(&in->b, 1))
		return block_begin(z, in, rar_next_byte(&in->b));
	z->tables = !rar_take(&in->b, 1);
	in->end = true;
	return rar_past(&in->b) ? ERR_TRUNCATED : ERR_NONE;
}

static enum error_code lz_letter(struct rar29 *z, struct input *in, unsigned letter)
{
	if (letter == RAR_CODE_NONE)
		return ERR_CORRUPT;
	if (letter >= LETTER_MATCH)
		return match_far(z, in, letter);
	if (letter >= LETTER_SHORT)
		return match_short(z, in, letter);
	if (letter >= LETTER_RECENT)
		return match_recent(z, in, letter);
	if (letter == LETTER_AGAIN)
		return z->length ? rar_copy(in->o, z->distance, z->length) : ERR_NONE;
	return letter == LETTER_FILTER ? filter_read(z, in) : block_end(z, in);
}

static enum error_code lz_decode(struct rar29 *z, struct input *in)
{
	enum error_code code = ERR_NONE;
	while (!code && !in->end && !z->ppmd_block) {
		rar_fill(&in->b);
		unsigned letter = rar_symbol(&in->b, &z->letters);
		if (rar_past(&in->b))
			return ERR_TRUNCATED;
		code = letter < 256 ? rar_literal(in->o, letter) : lz_letter(z, in, letter);
	}
	return code;
}

/* ---- blocks of PPMd ---- */

static enum error_code ppmd_match(struct rar29 *z, const struct input *in, unsigned bytes)
{
	uint32_t v = 0;
	for (unsigned i = 0; i < bytes; i++) {
		int byte = rar_ppmd_byte(z->ppmd);
		if (byte < 0)
			return ERR_CORRUPT;
		v = v << 8 | (uint32_t)byte;
	}
	return bytes == 1 ? rar_copy(in->o, 1, v + 4) : rar_copy(in->o, (v >> 8) + 2, (v & 0xff) + 32);
}

static enum error_code ppmd_escape(struct rar29 *z, struct input *in)
{
	int kind = rar_ppmd_byte(z->ppmd);
	if (kind < 0)
		return ERR_CORRUPT;
	switch (kind) {
	case ESCAPE_TABLES:
		return block_begin(z, in, rar_ppmd_at(z->ppmd));
	case ESCAPE_END:
		in->end = true;
		z->tables = false;
		return ERR_NONE;
	case ESCAPE_FILTER:
		return filter_read(z, in);
	case ESCAPE_MATCH:
		return ppmd_match(z, in, 4);
	case ESCAPE_RUN:
		return ppmd_match(z, in, 1);
	default:
		return rar_literal(in->o, (unsigned)z->escape);
	}
}

static enum error_code ppmd_decode(struct rar29 *z, struct input *in)
{
	enum error_code code = ERR_NONE;
	while (!code && !in->end && z->ppmd_block) {
		int byte = rar_ppmd_byte(z->ppmd);
		if (rar_ppmd_past(z->ppmd))
			return ERR_TRUNCATED;
		if (byte < 0)
			return ERR_CORRUPT;
		code = byte == z->escape ? ppmd_escape(z, in) : rar_literal(in->o, (unsigned)byte);
	}
	return code;
}

enum error_code rar29_decode(struct rar29 *z, struct span packed, const struct rar_out *o, struct rar_filters *f)
{
	struct input in = { .packed = packed, .b = rar_bits_of(packed), .o = o, .filters = f };
	enum error_code code = z->tables && !z->ppmd_block ? ERR_NONE : block_begin(z, &in, 0);
	while (!code && !in.end)
		code = z->ppmd_block ? ppmd_decode(z, &in) : lz_decode(z, &in);
	if (code == ERR_CORRUPT && z->ppmd_block && rar_ppmd_past(z->ppmd))
		code = ERR_TRUNCATED;
	return code;
}
