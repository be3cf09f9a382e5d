/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zstandard: RFC 8878. */
#include <zstd.h>

#include "base/codec.h"
#include "format/format.h"

#define BLOCKS_LOOKED_AT 4096u

static const struct format_magic magics[] = { MAGIC("\x28\xb5\x2f\xfd", 0), MAGIC_END };

/* Whether the headers of the blocks, as far as they are there, are possible ones: RFC 8878, 3.1.1.2. */
static bool blocks_are_possible(struct span at)
{
	static const uint8_t dictionary[] = { 0, 1, 2, 4 }, content[] = { 0, 2, 4, 8 };
	uint8_t flags = at.p[4];
	bool single = flags & 0x20;
	uint64_t next = 5 + (single ? 0 : 1) + dictionary[flags & 3] + (single && flags < 0x40 ? 1 : content[flags >> 6]);
	for (unsigned i = 0; i < BLOCKS_LOOKED_AT; i++) {
		struct reader r = reader_le(span_from(at, next));
		uint32_t header = (uint32_t)rd_uint(&r, 3), type = header >> 1 & 3, size = header >> 3;
		if (!rd_ok(&r))
			return true;
		if (type == 3 || size > 128u << 10)
			return false;
		if (header & 1)
			return true;
		next += 3 + (type == 1 ? 1 : size);
	}
	return true;
}

static bool probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, magics[0].bytes, magics[0].n) || at.n < 9 || at.p[4] & 0x08) /* the reserved bit, 3.1.1.1.1.4 */
		return false;
	/* The blocks' headers lead to the frame's end when it is all here; else its beginning must decode. */
	size_t frame = ZSTD_findFrameCompressedSize(at.p, at.n);
	if (ZSTD_isError(frame) && !blocks_are_possible(at))
		return false;
	struct buf out = buf_with_limit(1024);
	size_t used;
	struct error e = codec_stream(CODEC_ZSTD, span_clip(at, 0, (128u << 10) + 64), &out, &used);
	bool ok = !ZSTD_isError(frame) || e.code == ERR_BUDGET || (e.code == ERR_TRUNCATED && out.n > 0);
	if (e.code == ERR_CORRUPT || (e.code == ERR_UNSUPPORTED && frame != at.n)) /* undecoded, the end has to be the end */
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
