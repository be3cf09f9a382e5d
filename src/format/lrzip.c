/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lrzip 0.6: chunks of rzip with numbers of other widths and more ways to pack blocks, an MD5 behind them.
 *
 * Specification: lrzip doc/magic.header.txt (0.6), stream.c, runzip.c.
 */
#include "format/digest.h"
#include "format/format.h"
#include "format/rzip_chunk.h"

#define MD5_AT 21u
#define ENCRYPTED_AT 22u
#define MINOR 6u

/* Before the heads of lrzip's streams: the width of its numbers, whether it is the last chunk, what comes out. */
static bool lrzip_chunk(struct span bytes, uint64_t at, struct rzip_chunk *c)
{
	struct reader r = reader_le(span_from(bytes, at));
	*c = (struct rzip_chunk){ .width = rd_u8(&r) };
	c->last = rd_u8(&r) == 1;
	c->offset_width = c->width;
	if (c->width < 1 || c->width > 8)
		return false;
	(void)rd_uint(&r, c->width); /* what comes out, or 0 */
	c->bytes = span_from(bytes, at + 2 + c->width);
	return lzma_props_split(span_sub(bytes, 16, 1).n ? bytes.p[16] : 0, &c->lzma) && rd_ok(&r);
}

static bool lrzip_probe(struct span at, struct format_match *match)
{
	struct rzip_chunk c;
	match->confidence = 90;
	if (!span_starts(at, "LRZI\0", 5) || at.n < RZIP_MAGIC_SIZE + 2 || at.p[5] != MINOR || at.p[MD5_AT] > 1 || at.p[ENCRYPTED_AT] > 1)
		return false;
	if (at.p[ENCRYPTED_AT])
		return at.p[23] == 0 && at.p[RZIP_MAGIC_SIZE] - 1u < 8 && at.p[RZIP_MAGIC_SIZE + 1] <= 1;
	return lrzip_chunk(at, RZIP_MAGIC_SIZE, &c) && at.p[RZIP_MAGIC_SIZE + 1] <= 1 && rzip_chunk_is_sound(&c);
}

/* Of other versions only the mark is known. */
static bool lrzip_probe_whole(struct span all, struct format_match *match)
{
	*match = (struct format_match){ .size = all.n, .confidence = 50 };
	return span_starts(all, "LRZI\0", 5) && all.n > RZIP_MAGIC_SIZE && all.p[5] && all.p[5] <= 20 && all.p[5] != MINOR;
}

static struct error check_md5(struct span bytes, uint64_t at, struct span plain)
{
	struct span md5 = span_sub(bytes, at, DIGEST_MD5_SIZE);
	if (!md5.p)
		return error_at(ERR_TRUNCATED, at, "the MD5 at the end is cut off");
	return digest_matches(DIGEST_MD5, plain, md5) ? error_none() : error_at(ERR_CORRUPT, at, "what came out has another MD5");
}

static struct error lrzip_unpack(struct span bytes, struct buf *out, size_t *used)
{
	size_t first = out->n;
	uint64_t at = RZIP_MAGIC_SIZE, end = 0;
	struct error e = error_none();
	*used = bytes.n;
	if (bytes.n < RZIP_MAGIC_SIZE || bytes.p[5] != MINOR)
		return error_at(ERR_UNSUPPORTED, 4, "version 0.%u of lrzip's format is not read", bytes.n > 5 ? bytes.p[5] : 0);
	if (bytes.p[ENCRYPTED_AT])
		return error_at(ERR_ENCRYPTED, ENCRYPTED_AT, "%zu bytes that lrzip encrypted with a password", bytes.n - RZIP_MAGIC_SIZE);
	for (struct rzip_chunk c = { .last = false }; !c.last;) {
		if (!lrzip_chunk(bytes, at, &c))
			return error_at(at + 10 > bytes.n ? ERR_TRUNCATED : ERR_CORRUPT, at, "no chunk where one is due");
		e = rzip_chunk_unpack(&c, first, out, &end);
		e.offset += error_is(&e) ? at : 0;
		at += 2 + c.width + end;
		if (error_is(&e))
			break;
	}
	if (!error_is(&e) && bytes.p[MD5_AT]) {
		e = check_md5(bytes, at, span_from(buf_span(out), first));
		at += DIGEST_MD5_SIZE;
	}
	*used = (size_t)(at < bytes.n ? at : bytes.n);
	return e;
}

static const struct format_magic lrzip_magics[] = { MAGIC("LRZI\0", 0), MAGIC_END };

const struct format lrzip_format = {
	.name = "lrzip",
	.kind = FORMAT_COMPRESSION,
	.title = "lrzip 0.6",
	.spec = "lrzip doc/magic.header.txt",
	.magics = lrzip_magics,
	.probe = lrzip_probe,
	.probe_whole = lrzip_probe_whole,
	.unpack = lrzip_unpack,
};
