/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A zlib stream that a blob is made of. Its magic is too short to look for it anywhere; in flash that nothing else claims the carver
 * takes those that end with the right sum.
 *
 * Specification: RFC 1950.
 */
#include "base/codec.h"
#include "format/format.h"

/* So much must come out without an error before more is believed: a stored block, which says little, has at most 64
 * KiB. */
#define PROBED (160u << 10)

static bool zlib_probe(struct span at, struct format_match *match)
{
	size_t used = 0;
	if (at.n < 16 || (at.p[0] & 0x8f) != 0x08 || (at.p[0] << 8 | at.p[1]) % 31 || at.p[1] & 0x20 || (at.p[0] >> 4) < 4)
		return false;
	struct buf out = buf_with_limit(PROBED);
	struct error error = codec_stream(CODEC_ZLIB, at, &out, &used);
	size_t n = out.n;
	buf_free(&out);
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 70 };
	return error_is(&error) ? error.code == ERR_BUDGET && n >= PROBED / 2 : used > 0 && n > 0;
}

static struct error zlib_unpack(struct span bytes, struct buf *out, size_t *used)
{
	return codec_stream(CODEC_ZLIB, bytes, out, used);
}

const struct format zlib_format = {
	.name = "zlib",
	.kind = FORMAT_COMPRESSION,
	.title = "zlib stream",
	.spec = "RFC 1950",
	.at_start = true,
	.probe = zlib_probe,
	.unpack = zlib_unpack,
};
