/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bzip2: block magic and layout as in "bzip2: Format Specification" (J. Tsai, 2016). */
#include "base/codec.h"
#include "format/format.h"

/* "BZh", the level, and the first block's magic (pi) or, of an empty stream, the end's (square root of pi). */
static const struct format_magic magics[] = {
	MAGIC("1AY&SY", 4), MAGIC("\x17\x72\x45\x38\x50\x90", 4), MAGIC_END,
};

static bool probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, "BZh", 3) || at.n < 14 || at.p[3] < '1' || at.p[3] > '9')
		return false;
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 90 };
	return span_has(at, 4, magics[0].bytes, 6) || span_has(at, 4, magics[1].bytes, 6);
}

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	return codec_stream(CODEC_BZIP2, bytes, out, used);
}

const struct format bzip2_format = {
	.name = "bzip2", .kind = FORMAT_COMPRESSION, .title = "bzip2 stream", .spec = "bzip2 Format Specification (J. Tsai, 2016)",
	.magics = magics, .probe = probe, .unpack = unpack,
};
