/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zstandard: RFC 8878. */
#include <zstd.h>

#include "base/codec.h"
#include "format/format.h"

#define BLOCKS_LOOKED_AT 4096u
#define BLOCK_MAX (128u << 10)
#define WINDOW_EXPONENT_MAX 17u /* 128 MiB, which is what is decoded */

enum { BLOCK_RAW, BLOCK_RLE, BLOCK_COMPRESSED, BLOCK_RESERVED };
enum { LITERALS_RAW, LITERALS_RLE, LITERALS_COMPRESSED, LITERALS_TREELESS };

static const struct format_magic magics[] = { MAGIC("\x28\xb5\x2f\xfd", 0), MAGIC_END };

/* The magic number and the frame header. */
static size_t header_size(uint8_t flags)
{
	static const uint8_t dictionary[] = { 0, 1, 2, 4 }, content[] = { 0, 2, 4, 8 };
	bool single = flags & 0x20;
	return 5u + (single ? 0u : 1u) + dictionary[flags & 3] + (single && flags < 0x40 ? 1u : content[flags >> 6]);
}

/* The literals section of a first block of `size` bytes (3.1.1.3.1.1): its sizes fit, and compressing gained something. */
static bool literals_are_possible(struct span at, uint32_t size)
{
	static const uint8_t plain_bits[] = { 5, 12, 5, 20 }, plain_bytes[] = { 1, 2, 1, 3 };
	static const uint8_t packed_bits[] = { 10, 10, 14, 18 }, packed_bytes[] = { 3, 3, 4, 5 };
	struct reader r = reader_le(at);
	uint8_t first = at.n ? at.p[0] : 0, type = first & 3, format = first >> 2 & 3;
	if (type == LITERALS_TREELESS) /* it would need a block before it */
		return false;
	if (type == LITERALS_COMPRESSED) {
		uint64_t v = rd_uint(&r, packed_bytes[format]) >> 4, mask = (1u << packed_bits[format]) - 1;
		uint64_t regenerated = v & mask, packed = v >> packed_bits[format] & mask;
		return rd_ok(&r) && packed > 0 && regenerated > packed && regenerated <= BLOCK_MAX && packed + packed_bytes[format] < size;
	}
	uint64_t v = rd_uint(&r, plain_bytes[format]) >> (format & 1 ? 4 : 3);
	uint64_t regenerated = v & ((1u << plain_bits[format]) - 1);
	return rd_ok(&r) && regenerated <= BLOCK_MAX && plain_bytes[format] + (type == LITERALS_RAW ? regenerated : 1) < size;
}

/* A frame that ends within its first block, of which nothing can be decoded: there is more to tell it from noise by than the magic
 * number. What such a frame could be that is refused here has a dictionary or a window that is refused anyway. */
static bool first_block_is_cut(struct span at)
{
	uint8_t flags = at.p[4];
	size_t header = header_size(flags);
	struct reader r = reader_le(span_from(at, header));
	uint32_t block = (uint32_t)rd_uint(&r, 3), size = block >> 3;
	if (!rd_ok(&r) || flags & 3 || flags & 0x10 || (!(flags & 0x20) && at.p[5] >> 3 > WINDOW_EXPONENT_MAX))
		return false;
	return (block >> 1 & 3) == BLOCK_COMPRESSED && size <= BLOCK_MAX && header + 3 + size > at.n &&
		   literals_are_possible(span_from(at, header + 3), size);
}

/* So many blocks whose headers are possible, or a compressed one that gives this much, are no accident: one that is not possible
 * behind them is damage. */
#define BLOCKS_PROVEN 4u
#define OUT_PROVEN 1024u

/* Whether the headers of the blocks, as far as they are there, are possible ones: RFC 8878, 3.1.1.2. */
static bool blocks_are_possible(struct span at, bool decodes)
{
	uint64_t next = header_size(at.p[4]);
	uint32_t first = BLOCK_RESERVED;
	for (unsigned i = 0; i < BLOCKS_LOOKED_AT; i++) {
		struct reader r = reader_le(span_from(at, next));
		uint32_t header = (uint32_t)rd_uint(&r, 3), type = header >> 1 & 3, size = header >> 3;
		if (!rd_ok(&r))
			return true;
		if (type == BLOCK_RESERVED || size > BLOCK_MAX)
			return decodes && i >= (first == BLOCK_COMPRESSED ? 1 : BLOCKS_PROVEN);
		first = i == 0 ? type : first;
		if (header & 1)
			return true;
		next += 3 + (type == BLOCK_RLE ? 1 : size);
	}
	return true;
}

static bool probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, magics[0].bytes, magics[0].n) || at.n < 9 || at.p[4] & 0x08) /* the reserved bit, 3.1.1.1.1.4 */
		return false;
	/* The blocks' headers lead to the frame's end when it is all here; else its beginning must decode. */
	size_t frame = ZSTD_findFrameCompressedSize(at.p, at.n), used;
	if (ZSTD_isError(frame) && !blocks_are_possible(at, true)) /* whatever it decodes to */
		return false;
	struct buf out = buf_with_limit(OUT_PROVEN);
	struct error e = codec_stream(CODEC_ZSTD, span_clip(at, 0, BLOCK_MAX + 64), &out, &used);
	bool ok = !ZSTD_isError(frame) || e.code == ERR_BUDGET || (e.code == ERR_TRUNCATED && (out.n > 0 || first_block_is_cut(at)));
	if (e.code == ERR_CORRUPT || (e.code == ERR_UNSUPPORTED && frame != at.n)) /* undecoded, the end has to be the end */
		ok = false;
	if (ok && ZSTD_isError(frame) && !blocks_are_possible(at, e.code == ERR_BUDGET))
		ok = false;
	buf_free(&out);
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 90 };
	return ok;
}

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	return codec_stream(CODEC_ZSTD, bytes, out, used);
}

const struct format zstd_format = {
	.name = "zstd", .kind = FORMAT_COMPRESSION, .title = "Zstandard frames", .spec = "RFC 8878",
	.magics = magics, .probe = probe, .unpack = unpack,
};
