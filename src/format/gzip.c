/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gzip: RFC 1952. */
#include "base/codec.h"
#include "base/hash.h"
#include "format/format.h"

enum { FLAG_HCRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16, FLAG_RESERVED = 0xe0 };

#define TRAILER_SIZE 8u
#define OS_MAX 19u
#define OS_UNKNOWN 255u
#define MEMBER_MIN 18u
#define DEFLATE_RATIO_MAX 1032u
#define SIZE_LIKELY ((uint64_t)64 << 20)
#define SEARCH_MAX ((size_t)1 << 20) /* for the next member, behind where one breaks */
#define LOST_MAX 1000u
#define AGAIN_MAX 4u /* times the bytes of the stream that are read for members which overlap: what breaks late is gone back from */
#define FRAMES_MAX 4096u /* of blocks that hold less than their own headers, beside what they hold */

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
	rd_skip(&r, 6);
	if (!rd_ok(&r) || flags & FLAG_RESERVED)
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

static bool probe_whole(struct span at, struct format_match *match)
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

/* Where a stream may begin anywhere, its header has to say what compressors say of their effort and of the system: zlib has numbers for
 * systems beyond those of the RFC (19: Darwin). Nobody who unpacks asks for either. */
static bool probe(struct span at, struct format_match *match)
{
	return at.n >= 10 && !(at.p[8] & ~6) && (at.p[9] <= OS_MAX || at.p[9] == OS_UNKNOWN) && probe_whole(at, match);
}

/* Whether a member ends where another one may begin: by the size that it says to have had, which is possible and not huge, and hardly
 * less than it is packed to: else there is something else between the two. A member that is stored within another one has other bytes
 * before it: letters, zeros. */
static bool ends_before(struct span bytes, size_t member, size_t at)
{
	uint64_t packed = at - member, size = at >= 4 ? span_u32le(bytes, at - 4) : 0;
	return size && size <= SIZE_LIKELY && size <= packed * DEFLATE_RATIO_MAX && packed <= 2 * size + FRAMES_MAX;
}

/* The next member behind a broken one that begins at `member`; 0: there is none near. */
static size_t next_member(struct span bytes, size_t member, size_t broken)
{
	struct format_match match;
	size_t end = broken < bytes.n && bytes.n - broken > SEARCH_MAX ? broken + SEARCH_MAX : bytes.n;
	for (size_t at = member + MEMBER_MIN; at + MEMBER_MIN <= end; at++) {
		const uint8_t *p = memmem(bytes.p + at, end - at, magics[0].bytes, magics[0].n);
		if (!p)
			return 0;
		at = (size_t)(p - bytes.p);
		if (ends_before(bytes, member, at) && probe(span_from(bytes, at), &match))
			return at;
	}
	return 0;
}

/* One member, up to its end or to where it breaks, which *used tells. */
static struct error unpack_member(struct span bytes, struct buf *out, size_t *used)
{
	size_t start = data_start(bytes), before = out->n, n = 0;
	if (!start)
		return error_at(ERR_CORRUPT, 0, "no gzip header");
	struct error e = codec_stream(CODEC_DEFLATE, span_from(bytes, start), out, &n);
	*used = start + n;
	if (error_is(&e))
		return e;
	struct span trailer = span_sub(bytes, *used, TRAILER_SIZE), data = span_of(out->p + before, out->n - before);
	*used += trailer.n;
	if (!trailer.p)
		return error_at(ERR_TRUNCATED, *used, "the gzip member ends without its checksum");
	return hash_crc32(0, data) == span_u32le(trailer, 0) && (uint32_t)data.n == span_u32le(trailer, 4)
			   ? e
			   : error_at(ERR_CORRUPT, *used, "the gzip member has not the checksum that it says");
}

/* Members follow each other: a broken one costs what it held from the break on. */
static struct error go_on(struct span bytes, struct buf *out, size_t *used, struct error first)
{
	unsigned lost = 0, all = 0;
	uint64_t left = AGAIN_MAX * (uint64_t)bytes.n;
	for (size_t at = 0, n = 0; at < bytes.n; all++, n = 0) {
		struct error e = unpack_member(span_from(bytes, at), out, &n);
		if (e.code && e.code != ERR_CORRUPT && e.code != ERR_TRUNCATED)
			return error_at(e.code, at + e.offset, "%s", e.text);
		lost += error_is(&e);
		*used = at + n;
		size_t next = error_is(&e) ? next_member(bytes, at, at + n) : span_has(bytes, at + n, magics[0].bytes, magics[0].n) ? at + n : 0;
		if (!next || lost == LOST_MAX || n > left) {
			all++;
			break;
		}
		left -= n;
		at = next;
	}
	if (all == 1)
		return first;
	return error_at(first.code, first.offset,
					"%u of %u members of the gzip stream are broken: what they held is missing, the others came out", lost, all);
}

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	size_t before = out->n;
	struct error e = codec_stream(CODEC_GZIP, bytes, out, used);
	if (e.code != ERR_CORRUPT)
		return e;
	out->n = before;
	return go_on(bytes, out, used, e);
}

const struct format gzip_format = {
	.name = "gzip", .kind = FORMAT_COMPRESSION, .title = "gzip stream", .spec = "RFC 1952",
	.magics = magics, .probe = probe, .probe_whole = probe_whole, .unpack = unpack,
};
