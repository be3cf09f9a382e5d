/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lzop files: layout as written by lzop 1.04 (src/lzop.c, write_header). */
#include "base/codec.h"
#include "format/format.h"

static const struct format_magic magics[] = { MAGIC("\x89LZO\0\r\n\x1a\n", 0), MAGIC_END };

static bool probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, magics[0].bytes, magics[0].n))
		return false;
	uint16_t version = span_u16be(at, 9);
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 95 };
	return at.n > 34 && version >= 0x0900 && version < 0x2000;
}

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	return codec_stream(CODEC_LZOP, bytes, out, used);
}

const struct format lzop_format = {
	.name = "lzop", .kind = FORMAT_COMPRESSION, .title = "lzop file", .spec = "lzop 1.04, src/lzop.c",
	.magics = magics, .probe = probe, .unpack = unpack,
};
