/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lzop files: layout as written by lzop 1.04 (src/lzop.c, write_header). */
#include "base/codec.h"
#include "base/hash.h"
#include "format/format.h"

static const struct format_magic magics[] = { MAGIC("\x89LZO\0\r\n\x1a\n", 0), MAGIC_END };

/* The header ends in a checksum of itself. */
static bool probe(struct span at, struct format_match *match)
{
	enum { FLAG_FILTER = 0x800, FLAG_CRC32 = 0x1000, MAGIC_SIZE = 9 };
	if (!span_starts(at, magics[0].bytes, magics[0].n))
		return false;
	struct reader r = reader_be(at);
	rd_skip(&r, MAGIC_SIZE);
	uint16_t version = rd_u16(&r);
	rd_skip(&r, version >= 0x0940 ? 6 : 3); /* library version, version needed to extract, method, level */
	uint32_t flags = rd_u32(&r);
	rd_skip(&r, flags & FLAG_FILTER ? 4 : 0);
	rd_skip(&r, version >= 0x0940 ? 12 : 8); /* mode, time */
	rd_skip(&r, rd_u8(&r));                  /* name */
	struct span header = span_sub(at, MAGIC_SIZE, r.at - MAGIC_SIZE);
	uint32_t said = rd_u32(&r);
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 95 };
	if (!rd_ok(&r) || version < 0x0900)
		return false;
	return said == (flags & FLAG_CRC32 ? hash_crc32(0, header) : hash_adler32(header));
}

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	return codec_stream(CODEC_LZOP, bytes, out, used);
}

const struct format lzop_format = {
	.name = "lzop", .kind = FORMAT_COMPRESSION, .title = "lzop file", .spec = "lzop 1.04, src/lzop.c",
	.magics = magics, .probe = probe, .unpack = unpack,
};
