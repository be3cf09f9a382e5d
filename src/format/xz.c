/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xz: "The .xz File Format" 1.1.0. Blocks stand for themselves, and the index at the end of a stream tells where each of them begins and
 * what it unpacks to: behind a broken one the stream goes on, what it held reads as zeros. */
#include "base/codec.h"
#include "base/hash.h"
#include "base/leb128.h"
#include "base/xz.h"
#include "format/format.h"

#define STREAM_HEADER 12u
#define FOOTER 12u
#define FOOTERS_MAX 64u /* that are looked at of one stream */
#define UNPACKED_MAX (UINT64_C(1) << 40)

static const struct format_magic magics[] = { MAGIC("\xfd" "7zXZ\0", 0), MAGIC_END };

/* Section 2.1.1: the stream flags and, behind them, the first block's header (or the index of an empty stream) have their
 * own CRC32. */
static bool probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, magics[0].bytes, magics[0].n) || at.n < 16)
		return false;
	if (at.p[6] != 0 || at.p[7] > 15 || hash_crc32(0, span_sub(at, 6, 2)) != span_u32le(at, 8))
		return false;
	size_t header = ((size_t)at.p[12] + 1) * 4;
	struct span block = span_sub(at, 12, header);
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 95 };
	return at.p[12] == 0 || (block.p && hash_crc32(0, span_sub(block, 0, header - 4)) == span_u32le(block, header - 4));
}

/* A stream as its index tells of it. */
struct index {
	struct span records;
	uint64_t blocks, end; /* end: of the stream */
	int64_t shift;        /* of the index from where the blocks should end: bytes are missing or too many */
};

/* The footer that ends at `end`, with its index, of the stream that begins the bytes. */
static bool index_read(struct span bytes, uint64_t end, struct index *x, unsigned *tries)
{
	struct span footer = end >= STREAM_HEADER + FOOTER ? span_sub(bytes, end - FOOTER, FOOTER) : SPAN_NONE;
	if (!footer.p || memcmp(footer.p + 8, bytes.p + 6, 2) != 0 || hash_crc32(0, span_sub(footer, 4, 6)) != span_u32le(footer, 0))
		return false;
	++*tries;
	uint64_t size = ((uint64_t)span_u32le(footer, 4) + 1) * 4, at = end - FOOTER - size, blocks_end = STREAM_HEADER;
	struct span index = size <= end - FOOTER - STREAM_HEADER ? span_sub(bytes, at, size) : SPAN_NONE;
	if (index.n < 8 || index.p[0] != 0 || hash_crc32(0, span_sub(index, 0, size - 4)) != span_u32le(index, size - 4))
		return false;
	struct reader r = reader_le(span_sub(index, 1, size - 5));
	x->blocks = rd_leb128(&r);
	x->records = span_from(r.bytes, r.at);
	x->end = end;
	r = reader_le(x->records);
	for (uint64_t i = 0; i < x->blocks && rd_ok(&r); i++) {
		uint64_t packed = rd_leb128(&r), unpacked = rd_leb128(&r);
		if (packed > bytes.n || unpacked > UNPACKED_MAX || blocks_end > 2 * (uint64_t)bytes.n)
			return false;
		blocks_end += (packed + 3) / 4 * 4;
	}
	x->shift = (int64_t)(at - blocks_end);
	return rd_ok(&r);
}

/* The end of the stream that begins the bytes, before the next one does. */
static bool index_find(struct span bytes, struct index *x)
{
	struct span behind = span_from(bytes, STREAM_HEADER);
	const uint8_t *next = behind.n ? memmem(behind.p, behind.n, magics[0].bytes, magics[0].n) : NULL;
	struct span own = next ? span_clip(bytes, 0, (uint64_t)(next - bytes.p)) : bytes;
	unsigned tries = 0;
	for (size_t at = STREAM_HEADER; at < own.n && tries < FOOTERS_MAX;) {
		const uint8_t *p = memmem(own.p + at, own.n - at, "YZ", 2);
		if (!p)
			return false;
		at = (size_t)(p - own.p) + 2;
		if (index_read(own, at, x, &tries))
			return true;
	}
	return false;
}

/* A block that gives as much as the index says, where that says it is or, behind missing bytes, where it then is; else what there is of
 * it, and zeros. */
static enum error_code unpack_block(struct span bytes, uint64_t at, uint64_t packed, uint64_t unpacked, int64_t shift, struct buf *out,
									bool *good)
{
	size_t before = out->n;
	unsigned check = bytes.p[7];
	for (unsigned i = 0; i < (shift ? 2u : 1u); i++) {
		uint64_t place = i || !shift ? at : (uint64_t)((int64_t)at + shift);
		out->n = before;
		enum error_code code = xz_block_decode_buf(span_clip(bytes, place, packed), check, out);
		*good = !code && out->n - before == unpacked;
		if (*good || code == ERR_BUDGET || code == ERR_MEMORY || code == ERR_UNSUPPORTED)
			return code;
	}
	size_t got = out->n - before < unpacked ? out->n - before : (size_t)unpacked;
	out->n = before + got;
	enum error_code code = buf_reserve(out, (size_t)unpacked - got);
	if (code)
		return code;
	memset(out->p + out->n, 0, (size_t)unpacked - got);
	out->n = before + (size_t)unpacked;
	return ERR_NONE;
}

static enum error_code unpack_blocks(struct span bytes, const struct index *x, struct buf *out, uint64_t *lost)
{
	struct reader r = reader_le(x->records);
	uint64_t at = STREAM_HEADER;
	for (uint64_t i = 0; i < x->blocks; i++) {
		bool good = false;
		uint64_t packed = (rd_leb128(&r) + 3) / 4 * 4, unpacked = rd_leb128(&r);
		enum error_code code = unpack_block(bytes, at, packed, unpacked, x->shift, out, &good);
		if (code)
			return code;
		*lost += !good;
		at += packed;
	}
	return ERR_NONE;
}

/* Stream by stream: a broken one by its index. ERR_CORRUPT: there is none, or what comes out is no more than without it. */
static enum error_code unpack_streams(struct span bytes, struct buf *out, size_t *used, uint64_t *lost, uint64_t *blocks)
{
	enum error_code code = ERR_NONE;
	for (*used = 0; !code && span_has(bytes, *used, magics[0].bytes, magics[0].n);) {
		struct span rest = span_from(bytes, *used);
		size_t n = 0, before = out->n;
		code = xz_decode_buf(rest, out, &n);
		if (code == ERR_CORRUPT || code == ERR_TRUNCATED) {
			struct index x = { .blocks = 0 };
			out->n = before;
			if (!index_find(rest, &x)) /* where it ends is not known: what stands from there on is looked at */
				return ERR_CORRUPT;
			code = unpack_blocks(rest, &x, out, lost);
			n = (size_t)x.end;
			*blocks += x.blocks;
		}
		*used += n;
	}
	return *lost ? code : ERR_CORRUPT;
}

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	size_t before = out->n, again = 0;
	uint64_t lost = 0, blocks = 0;
	struct error e = codec_stream(CODEC_XZ, bytes, out, used);
	if (e.code != ERR_CORRUPT && e.code != ERR_TRUNCATED)
		return e;
	struct buf whole = buf_with_limit(out->limit ? out->limit - before : 0);
	whole.meter = out->meter;
	enum error_code code = unpack_streams(bytes, &whole, &again, &lost, &blocks);
	if ((!code || code == ERR_CORRUPT) && lost && whole.n >= out->n - before && !buf_reserve(out, whole.n - (out->n - before))) {
		memcpy(out->p + before, whole.p, whole.n);
		out->n = before + whole.n;
		*used = again > *used ? again : *used;
		e = error_at(e.code, e.offset, "%llu of %llu blocks of the xz stream are broken: what they held reads as zeros from the break on",
					 (unsigned long long)lost, (unsigned long long)blocks);
	}
	buf_free(&whole);
	return e;
}

const struct format xz_format = {
	.name = "xz", .kind = FORMAT_COMPRESSION, .title = "xz stream", .spec = "The .xz File Format 1.1.0 (tukaani.org)",
	.magics = magics, .probe = probe, .unpack = unpack,
};
