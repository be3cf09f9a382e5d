/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How DrayTek packs: blocks of LZ4 with sizes, under a magic of its own; in older images one block of LZO1X.
 *
 * Specification: infobyte/draytek-arsenal, compression.py; krolinventions/draytools.
 */
#include "base/codec.h"
#include "format/draytek.h"

#define BLOCK 65536u
#define STORED 0x80000000u

struct error draytek_lz4_unpack(struct span bytes, struct buf *out, size_t *used)
{
	*used = 0;
	if (bytes.n < 4)
		return error_at(ERR_TRUNCATED, 0, "the magic has 4 bytes, %zu are there", bytes.n);
	for (*used = 4; *used + 4 <= bytes.n;) {
		uint32_t word = span_u32le(bytes, *used), size = word & ~STORED;
		struct span block = span_sub(bytes, *used + 4, size);
		size_t made = 0;
		if (size == 0)
			break; /* what fills the section up */
		if (size > 2 * BLOCK)
			return error_at(ERR_CORRUPT, *used, "a block of %u bytes", size);
		if (!block.p)
			return error_at(ERR_TRUNCATED, *used, "a block has %u bytes, %zu are there", size, bytes.n - *used - 4);
		enum error_code code = word & STORED ? buf_add(out, block.p, block.n) : buf_reserve(out, BLOCK);
		if (!code && !(word & STORED)) {
			code = codec_block(CODEC_LZ4, block, out->p + out->n, BLOCK, &made);
			out->n += made;
		}
		if (code)
			return error_at(code, *used, "a block of LZ4");
		*used += 4 + (size_t)size;
	}
	return error_none();
}

struct error draytek_lzo_unpack(struct span bytes, size_t most, struct buf *out)
{
	size_t room = out->limit && out->limit - out->n < most ? out->limit - out->n : most, made = 0;
	enum error_code code = buf_reserve(out, room);
	if (!code)
		code = codec_block(CODEC_LZO1X, bytes, out->p + out->n, room, &made);
	out->n += made;
	return code ? error_at(code, 0, "LZO") : error_none();
}

/* The first block is one. */
static bool lz4_probe(struct span at, struct format_match *match)
{
	uint8_t head[64];
	uint32_t size = span_u32le(at, 4) & ~STORED;
	if (!span_starts(at, DRAYTEK_LZ4_MAGIC, 4) || size < 16 || size > 2 * BLOCK)
		return false;
	struct span block = span_clip(at, 8, size);
	if (!(span_u32le(at, 4) & STORED) && codec_block_head(CODEC_LZ4, block, head, size < 128 ? 16 : sizeof head))
		return false;
	match->size = SIZE_UNKNOWN;
	match->confidence = 80;
	return block.n == size;
}

static const struct format_magic lz4_magics[] = { MAGIC(DRAYTEK_LZ4_MAGIC, 0), MAGIC_END };

const struct format draytek_lz4_format = {
	.name = "draytek_lz4",
	.kind = FORMAT_COMPRESSION,
	.title = "blocks of LZ4, as DrayTek packs",
	.spec = "infobyte/draytek-arsenal, compression.py",
	.magics = lz4_magics,
	.probe = lz4_probe,
	.unpack = draytek_lz4_unpack,
};
