/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LZ4 frames: "LZ4 Frame Format Description" 1.6.2. */
#include "base/codec.h"
#include "format/format.h"

static const struct format_magic magics[] = { MAGIC("\x04\x22\x4d\x18", 0), MAGIC_END };

#define OUT_PROVEN 1024u /* bytes that a broken first block gives: then it is one */

/* A first block that gives OUT_PROVEN bytes and is broken, or stands behind a header that is. What is stored, or begins with that many
 * literals, gives them whatever it is: then the header has to have its checksum. */
static bool proves_frame(struct span at, uint8_t flags)
{
	uint64_t block = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
	bool copied = span_u32le(at, block) >> 31 || span_has(at, block + 5, "\xff\xff\xff\xff", OUT_PROVEN / 255);
	struct buf none = buf_with_limit(1);
	size_t used;
	struct error e = copied ? codec_stream(CODEC_LZ4_FRAME, span_clip(at, 0, block), &none, &used) : error_none();
	buf_free(&none);
	return e.code == ERR_NONE || e.code == ERR_TRUNCATED;
}

static bool probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, magics[0].bytes, magics[0].n) || at.n < 11)
		return false;
	uint8_t flags = at.p[4], block = at.p[5];
	if (flags >> 6 != 1 || flags & 2 || block & 0x8f || block >> 4 < 4)
		return false;
	/* The header's checksum and the first block are the library's to judge. */
	struct buf out = buf_with_limit(OUT_PROVEN);
	size_t used;
	struct error e = codec_stream(CODEC_LZ4_FRAME, at, &out, &used);
	bool ok = !error_is(&e) || e.code == ERR_BUDGET || e.code == ERR_TRUNCATED ||
	          (out.n == OUT_PROVEN && proves_frame(at, flags));
	buf_free(&out);
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 90 };
	return ok;
}

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	return codec_stream(CODEC_LZ4_FRAME, bytes, out, used);
}

const struct format lz4_format = {
	.name = "lz4", .kind = FORMAT_COMPRESSION, .title = "LZ4 frames", .spec = "LZ4 Frame Format Description 1.6.2",
	.magics = magics, .probe = probe, .unpack = unpack,
};
