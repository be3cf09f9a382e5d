/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xz: "The .xz File Format" 1.1.0. */
#include "base/codec.h"
#include "base/hash.h"
#include "format/format.h"

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

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	return codec_stream(CODEC_XZ, bytes, out, used);
}

const struct format xz_format = {
	.name = "xz", .kind = FORMAT_COMPRESSION, .title = "xz stream", .spec = "The .xz File Format 1.1.0 (tukaani.org)",
	.magics = magics, .probe = probe, .unpack = unpack,
};
