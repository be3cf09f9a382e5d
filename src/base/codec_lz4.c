/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams of LZ4: frames (lz4_Frame_format.md), and the legacy form that Linux packs itself with. */
#include <lz4.h>
#include <lz4frame.h>

#include "base/codec_stream.h"

#define LZ4_FRAME 0x184D2204u

/* The rest of a length of which four bits say that it is more: bytes are added up until one is not 255. False: the block ends. */
static bool lz4_length(struct reader *r, uint64_t *n)
{
	uint8_t more = 255;
	while (*n >= 15 && more == 255 && rd_ok(r))
		*n += more = rd_u8(r);
	return rd_ok(r);
}

/* How many bytes an LZ4 block gives before it breaks (lz4_Block_format.md), `past` being known before them. A decoder that fails does
 * not say how far it came. */
static size_t lz4_good(struct span block, size_t past, size_t room)
{
	struct reader r = reader_le(block);
	uint64_t good = 0;
	while (good < room && rd_left(&r) > 0) {
		uint8_t token = rd_u8(&r);
		uint64_t literals = token >> 4, match = token & 15, left;
		if (!lz4_length(&r, &literals))
			break;
		left = rd_left(&r);
		good += literals < left ? literals : left;
		if (literals + 2 > left)
			break;
		rd_skip(&r, literals);
		uint16_t distance = rd_u16(&r);
		if (distance == 0 || distance > past + good || !lz4_length(&r, &match))
			break;
		good += match + 4;
	}
	return good < room ? (size_t)good : room;
}

/* What an LZ4 block gives before it breaks. */
static size_t lz4_beginning(struct span block, struct span before, uint8_t *out, size_t room)
{
	size_t good = lz4_good(block, before.n, room);
	int r = good ? LZ4_decompress_safe_partial_usingDict((const char *)block.p, (char *)out, (int)block.n, (int)good, (int)room,
	                                                     (const char *)before.p, (int)before.n) : 0;
	return r > 0 ? (size_t)r : 0;
}

/* A block of a frame, as far as it is there. */
struct lz4_block {
	struct span bytes;
	bool stored, whole; /* whole: it is all there, and decodes to its end */
};

/* As far as it decodes. */
static size_t lz4_block_part(struct lz4_block *b, struct span before, uint8_t *out, size_t room)
{
	if (b->stored) {
		size_t n = b->bytes.n < room ? b->bytes.n : room;
		memcpy(out, b->bytes.p, n);
		return n;
	}
	int r = LZ4_decompress_safe_usingDict((const char *)b->bytes.p, (char *)out, (int)b->bytes.n, (int)room,
	                                     (const char *)before.p, (int)before.n);
	b->whole &= r >= 0;
	return r >= 0 ? (size_t)r : lz4_beginning(b->bytes, before, out, room);
}

/* What a broken block is short by, of the `most` that a block gives: no block gives more than this much for a byte, and what flushes
 * leave short is not broken. */
static size_t lz4_gap(const struct lz4_block *b, size_t n, size_t most)
{
	uint64_t possible = (uint64_t)b->bytes.n * CODEC_RATIO_MAX;
	size_t full = possible < most ? (size_t)possible : most;
	return b->whole || n > full ? 0 : full - n;
}

/* A frame that the library gave up, block by block from its beginning at `at`, what it gave going to out->n: what is before the
 * damage, and where blocks stand for themselves, what is behind it, with zeros between. The library keeps nothing of a block that
 * is not whole, and they have up to 4 MiB. */
static void lz4_frame_salvage(struct span in, size_t at, struct buf *out)
{
	enum { LINKED_WINDOW = 64 << 10, STORED = 1u << 31 };
	struct span header = span_u32le(in, at) == LZ4_FRAME ? span_sub(in, at, 7) : SPAN_NONE;
	uint8_t flags = header.p ? header.p[4] : 0;
	size_t most = header.p ? (size_t)1 << (8 + 2 * (header.p[5] >> 4 & 7)) : 0, first = out->n;
	bool linked = !(flags & 0x20);
	at += 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
	for (size_t short_by = 0; most >= 1 << 16;) {
		uint32_t size = span_u32le(in, at), packed = size & ~STORED;
		struct lz4_block b = { span_clip(in, at + 4, packed), size & STORED, span_sub(in, at + 4, packed).p != NULL };
		if (!b.bytes.n || packed > most || (out->limit && out->limit - out->n <= short_by))
			return;
		size_t room = out->limit && out->limit - out->n - short_by < most ? out->limit - out->n - short_by : most;
		if (buf_reserve(out, short_by + room))
			return;
		memset(out->p + out->n, 0, short_by);
		out->n += short_by;
		size_t past = linked ? out->n - first : 0;
		past = past < LINKED_WINDOW ? past : LINKED_WINDOW;
		size_t n = lz4_block_part(&b, span_of(out->p + out->n - past, past), out->p + out->n, room);
		out->n += n;
		if (linked && !b.whole)
			return;
		short_by = lz4_gap(&b, n, most);
		at += 4 + (size_t)packed + (flags & 0x10 ? 4 : 0);
	}
}

static struct error lz4_frames(LZ4F_dctx *d, struct span in, struct buf *out, size_t *used)
{
	size_t frame = 0, frame_out = out->n;
	for (size_t at = 0;;) {
		struct error e = codec_grow(out, at);
		if (error_is(&e))
			return e;
		size_t room = out->cap - out->n, left = in.n - at;
		if (out->limit && room > out->limit - out->n)
			room = out->limit - out->n;
		size_t given = room;
		size_t r = LZ4F_decompress(d, out->p + out->n, &room, in.p + at, &left, NULL);
		out->n += room;
		at += left;
		*used = at;
		if (LZ4F_isError(r))
			e = error_at(ERR_CORRUPT, at, "the LZ4 frame is broken: %s", LZ4F_getErrorName(r));
		else if (r != 0 && at == in.n && room < given)
			e = error_at(ERR_TRUNCATED, at, "the LZ4 frame is cut off after %zu bytes of output", out->n);
		if (error_is(&e)) {
			out->n = frame_out;
			lz4_frame_salvage(in, frame, out);
			return e;
		}
		uint32_t magic = span_u32le(in, at);
		if (r == 0 && magic != LZ4_FRAME && (magic & 0xfffffff0u) != 0x184D2A50u)
			return e;
		if (r == 0) {
			frame = at;
			frame_out = out->n;
		}
	}
}

struct error codec_lz4_frame(struct span in, struct buf *out, size_t *used)
{
	LZ4F_dctx *d;
	if (LZ4F_isError(LZ4F_createDecompressionContext(&d, LZ4F_VERSION)))
		return error_at(ERR_MEMORY, 0, "no memory for LZ4");
	struct error e = lz4_frames(d, in, out, used);
	LZ4F_freeDecompressionContext(d);
	return e;
}

/* Linux lib/decompress_unlz4.c: after the magic, packed sizes and blocks of 8 MiB, of which only the last is shorter: there
 * is no end mark, and in flash anything may follow. */
#define LZ4_LEGACY_BLOCK ((size_t)8 << 20)

static struct error lz4_legacy_block(struct span block, struct buf *out, size_t at, size_t *n)
{
	size_t room = LZ4_LEGACY_BLOCK;
	if (out->limit && out->limit - out->n < room)
		room = out->limit - out->n;
	struct error e = codec_reserve(out, room, at);
	if (error_is(&e))
		return e;
	int r = LZ4_decompress_safe_partial((const char *)block.p, (char *)out->p + out->n, (int)block.n, (int)room, (int)room);
	if (r < 0) {
		out->n += lz4_beginning(block, span_of(out->p + out->n, 0), out->p + out->n, room);
		return error_at(ERR_CORRUPT, at, "an LZ4 block of %zu packed bytes is broken", block.n);
	}
	*n = (size_t)r;
	out->n += *n;
	bool more = room < LZ4_LEGACY_BLOCK && *n == room;
	return more ? error_at(ERR_BUDGET, at, "the LZ4 stream unpacks to more than %zu bytes", out->n) : error_none();
}

struct error codec_lz4_legacy(struct span in, struct buf *out, size_t *used)
{
	size_t at = 4, n = LZ4_LEGACY_BLOCK;
	if (in.n < at)
		return error_at(ERR_TRUNCATED, 0, "the LZ4 stream is cut off in its magic");
	for (*used = at;; *used = at) {
		uint32_t packed = span_u32le(in, at);
		if (packed == 0x184C2102u) { /* another one is concatenated */
			at += 4;
			n = LZ4_LEGACY_BLOCK;
			continue;
		}
		bool last = n < LZ4_LEGACY_BLOCK;
		if (last || packed == 0 || packed > LZ4_COMPRESSBOUND(LZ4_LEGACY_BLOCK) || in.n - at < 4)
			return error_none();
		struct span block = span_sub(in, at + 4, packed);
		if (!block.p && out->n && in.n - at <= 8) /* the kernel build appends the unpacked size behind the last block: that is no block */
			return error_none();
		struct error e = lz4_legacy_block(span_clip(in, at + 4, packed), out, at, &n);
		if (!block.p && (!error_is(&e) || e.code == ERR_CORRUPT))
			e = error_at(ERR_TRUNCATED, at, "an LZ4 block of %u bytes is cut off", packed);
		if (error_is(&e))
			return e;
		at += 4 + (size_t)packed;
	}
}
