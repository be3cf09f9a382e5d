/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The LZ4 format that kernels are compressed with: magic, then packed sizes and blocks (lib/decompress_unlz4.c). */
#include "base/codec.h"
#include "format/format.h"

static const struct format_magic magics[] = { MAGIC("\x02\x21\x4c\x18", 0), MAGIC_END };

#define BLOCK ((size_t)8 << 20)
#define PACKED_MAX (BLOCK + BLOCK / 255 + 16)
#define OUT_PROVEN 4096u

/* A first block that is cut off or broken. Other bytes do not decode for so long: most of their offsets lead before the beginning.
 * That many literals alone prove nothing: erased flash has them. */
static bool begins_to_decode(struct span at, uint32_t packed)
{
	static const uint8_t literals[OUT_PROVEN / 255] = { [0 ... OUT_PROVEN / 255 - 1] = 0xff };
	struct buf out = buf_with_limit(OUT_PROVEN);
	size_t used;
	if (packed > PACKED_MAX || span_has(at, 9, literals, sizeof literals))
		return false;
	struct error e = codec_stream(CODEC_LZ4_LEGACY, at, &out, &used);
	bool ok = error_is(&e) && out.n == OUT_PROVEN;
	buf_free(&out);
	return ok;
}

/* Nothing in it is checked by a sum: the first block must decode. */
static bool probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, magics[0].bytes, magics[0].n))
		return false;
	uint32_t packed = span_u32le(at, 4);
	struct span block = span_sub(at, 8, packed);
	struct buf out = { 0 };
	size_t n = 0;
	bool ok = packed >= 16 && block.p && buf_reserve(&out, BLOCK) == ERR_NONE &&
	          codec_block(CODEC_LZ4, block, out.p, BLOCK, &n) == ERR_NONE && n > packed / 2;
	buf_free(&out);
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 85 };
	return ok || begins_to_decode(at, packed);
}

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	return codec_stream(CODEC_LZ4_LEGACY, bytes, out, used);
}

const struct format lz4_legacy_format = {
	.name = "lz4_legacy", .kind = FORMAT_COMPRESSION, .title = "LZ4 as kernels use it (legacy frame)",
	.spec = "LZ4 Frame Format Description 1.6.2, Legacy frame; Linux lib/decompress_unlz4.c",
	.magics = magics, .probe = probe, .unpack = unpack,
};
