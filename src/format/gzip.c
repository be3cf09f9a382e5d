/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gzip: RFC 1952. */
#include "base/codec.h"
#include "format/format.h"

enum { FLAG_HCRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16, FLAG_RESERVED = 0xe0 };

static const struct format_magic magics[] = { MAGIC("\x1f\x8b\x08", 0), MAGIC_END };

/* A terminated string; any other byte may stand in it. */
static bool skip_string(struct reader *r)
{
	for (unsigned n = 0; n < 4096; n++) {
		uint8_t c = rd_u8(r);
		if (!rd_ok(r) || !c)
			return rd_ok(r);
	}
	return false;
}

/* Section 2.3: where the deflate data begins, 0 when this is no header. */
static size_t data_start(struct span at)
{
	struct reader r = reader_le(at);
	rd_skip(&r, 3);
	uint8_t flags = rd_u8(&r);
	rd_skip(&r, 4);
	uint8_t extra_flags = rd_u8(&r), os = rd_u8(&r);
	if (!rd_ok(&r) || flags & FLAG_RESERVED || (extra_flags & ~6) || (os > 13 && os != 255))
		return 0;
	if (flags & FLAG_EXTRA)
		rd_skip(&r, rd_u16(&r));
	if (flags & FLAG_NAME && !skip_string(&r))
		return 0;
	if (flags & FLAG_COMMENT && !skip_string(&r))
		return 0;
	if (flags & FLAG_HCRC)
		rd_skip(&r, 2);
	return rd_ok(&r) ? r.at : 0;
}

static bool probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, magics[0].bytes, magics[0].n))
		return false;
	size_t start = data_start(at);
	/* The header alone is little proof: the data must inflate, to its end or for a while. */
	struct buf out = buf_with_limit(4096);
	size_t used;
	struct error e = start ? codec_stream(CODEC_DEFLATE, span_clip(at, start, 16384), &out, &used) : error_at(ERR_CORRUPT, 0, "no header");
	bool ok = start && (!error_is(&e) || e.code == ERR_BUDGET || (e.code == ERR_TRUNCATED && out.n > 0));
	buf_free(&out);
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 80 };
	return ok;
}

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	return codec_stream(CODEC_GZIP, bytes, out, used);
}

const struct format gzip_format = {
	.name = "gzip", .kind = FORMAT_COMPRESSION, .title = "gzip stream", .spec = "RFC 1952",
	.magics = magics, .probe = probe, .unpack = unpack,
};
