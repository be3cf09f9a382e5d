/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole streams, which tell themselves where they end. */
#include "base/codec.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/codec_stream.h"
#include "base/lzma.h"
#include "base/work.h"
#include "base/xz.h"

/* What it is to make a decoder: tables of 64 KiB and more, or few. */
#define LARGE_DECODER_WORK 65536u
#define DECODER_WORK 1024u

/* Streams grow their output by at least this much at a time. */
#define GROW ((size_t)256 << 10)
#define GZIP_RATIO_LIKELY 16u
#define GZIP_FHCRC 2u

const char *codec_name(enum codec codec)
{
	static const char *const names[] = {
		[CODEC_STORE] = "store",     [CODEC_DEFLATE] = "deflate", [CODEC_ZLIB] = "zlib",
		[CODEC_GZIP] = "gzip",       [CODEC_LZMA] = "lzma",       [CODEC_XZ] = "xz",
		[CODEC_LZO1X] = "lzo",       [CODEC_LZ4] = "lz4",         [CODEC_LZ4_FRAME] = "lz4",
		[CODEC_LZ4_LEGACY] = "lz4_legacy", [CODEC_ZSTD] = "zstd", [CODEC_BZIP2] = "bzip2",
		[CODEC_LZOP] = "lzop",
	};
	return (unsigned)codec < sizeof names / sizeof names[0] ? names[codec] : "unknown";
}

struct error codec_grow(struct buf *out, size_t in_at)
{
	size_t want = GROW;
	if (out->limit && out->limit - out->n < want)
		want = out->limit > out->n ? out->limit - out->n : 1; /* at the limit: asks for one byte and fails */
	enum error_code code = buf_reserve(out, want);
	if (!code)
		return error_none();
	return error_at(code, in_at, "the stream unpacks to more than the %zu bytes that are allowed", out->limit);
}

static bool grown(struct buf *out, size_t in_at, struct error *e)
{
	*e = codec_grow(out, in_at);
	return !error_is(e);
}

/* What is left of a stream: its end has a place too, which no span of nothing has. */
static struct span left_of(struct span in, size_t used)
{
	return span_of(in.p + used, in.n - used);
}

static struct error deflate_stream(int window_bits, struct span in, struct buf *out, size_t *used)
{
	z_stream z = { 0 };
	if (inflateInit2(&z, window_bits) != Z_OK)
		return error_at(ERR_MEMORY, 0, "no memory to inflate");
	int r = Z_OK;
	struct error e = error_none();
	while (r == Z_OK && grown(out, *used, &e)) {
		size_t in_left = in.n - *used, out_left = out->cap - out->n;
		if (out->limit && out_left > out->limit - out->n)
			out_left = out->limit - out->n;
		z.next_in = (unsigned char *)(uintptr_t)(in.p + *used);
		z.avail_in = in_left > UINT32_MAX ? UINT32_MAX : (unsigned)in_left;
		z.next_out = out->p + out->n;
		z.avail_out = out_left > UINT32_MAX ? UINT32_MAX : (unsigned)out_left;
		r = inflate(&z, Z_NO_FLUSH);
		*used = (size_t)(z.next_in - in.p);
		out->n = (size_t)(z.next_out - out->p);
		if (r == Z_BUF_ERROR && z.avail_out == 0)
			r = Z_OK; /* only room was missing */
	}
	inflateEnd(&z);
	if (error_is(&e) || r == Z_STREAM_END)
		return e;
	if (r == Z_BUF_ERROR)
		return error_at(ERR_TRUNCATED, in.n, "the deflate stream is cut off after %zu bytes", out->n);
	return error_at(ERR_CORRUPT, *used, "the deflate stream is broken: %s", z.msg ? z.msg : "no reason given");
}

static bool gzip_member_at(struct span in, size_t at)
{
	return span_has(in, at, "\x1f\x8b\x08", 3);
}

/* A member whose size the last four bytes tell, when they are its own and possible: in one go, twice as fast as from piece to piece. What
 * is not so, or broken, is left as it was; and whose header has a sum (RFC 1952 section 2.3.1, FHCRC), which libdeflate passes over. */
static bool gzip_at_once(struct span in, struct buf *out, size_t *used)
{
	uint64_t size = in.n >= 18 ? span_u32le(in, in.n - 4) : 0;
	if (size == 0 || (in.p[3] & GZIP_FHCRC))
		return false;
	if (out->spilled || size < in.n / 2 || size > in.n * (uint64_t)GZIP_RATIO_LIKELY || (out->limit && size > out->limit - out->n))
		return false;
	size_t n = 0;
	if (buf_reserve(out, (size_t)size))
		return false;
	buf_expect(out);
	if (codec_block_used(CODEC_GZIP, in, out->p + out->n, (size_t)size, used, &n))
		return false;
	out->n += n;
	return true;
}

static struct error gzip_stream(struct span in, struct buf *out, size_t *used)
{
	struct error e = error_none();
	do {
		size_t member = 0;
		if (gzip_at_once(left_of(in, *used), out, &member)) {
			*used += member;
			continue;
		}
		e = deflate_stream(31, left_of(in, *used), out, &member);
		e.offset += *used;
		*used += member;
	} while (!error_is(&e) && gzip_member_at(in, *used));
	return e;
}

static struct error lzma_ret_error(lzma_ret r, size_t at, size_t out_n, bool input_left)
{
	switch (r) {
	case LZMA_STREAM_END:
		return error_none();
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return error_at(input_left ? ERR_CORRUPT : ERR_TRUNCATED, at, "the LZMA stream ends early, after %zu bytes of output", out_n);
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return error_at(ERR_BUDGET, at, "the LZMA dictionary is larger than allowed");
	case LZMA_OPTIONS_ERROR:
		return error_at(ERR_UNSUPPORTED, at, "the xz stream uses a filter or check that is not known");
	default:
		return error_at(ERR_CORRUPT, at, "the LZMA stream is broken (liblzma code %d)", (int)r);
	}
}

static struct error lzma_run(lzma_stream *s, struct span in, struct buf *out, size_t *used)
{
	lzma_ret r = LZMA_OK;
	struct error e = error_none();
	s->next_in = in.p;
	s->avail_in = in.n;
	while (r == LZMA_OK && grown(out, *used, &e)) {
		size_t room = out->cap - out->n;
		s->next_out = out->p + out->n;
		s->avail_out = out->limit && room > out->limit - out->n ? out->limit - out->n : room;
		r = lzma_code(s, LZMA_FINISH);
		if (r == LZMA_BUF_ERROR && s->avail_out == 0)
			r = LZMA_OK;
		out->n = (size_t)(s->next_out - out->p);
		*used = in.n - s->avail_in;
	}
	return error_is(&e) ? e : lzma_ret_error(r, *used, out->n, s->avail_in > 0);
}

static struct error code_error(enum error_code code, const char *what, size_t at, size_t out_n)
{
	switch (code) {
	case ERR_NONE:
		return error_none();
	case ERR_TRUNCATED:
		return error_at(code, at, "the %s stream is cut off after %zu bytes of output", what, out_n);
	case ERR_BUDGET:
		return error_at(code, at, "the %s stream unpacks to more than the %zu bytes that are allowed", what, out_n);
	case ERR_MEMORY:
		return error_at(code, at, "no memory for the %s stream", what);
	default:
		return error_at(code, at, "the %s stream is broken after %zu bytes of output", what, out_n);
	}
}

static struct error xz_member(struct span in, struct buf *out, size_t *used)
{
	size_t before = out->n;
	enum error_code code = xz_decode_buf(in, out, used);
	if (code != ERR_UNSUPPORTED)
		return code_error(code, "xz", *used, out->n);
	out->n = before; /* a rare filter: liblzma knows them all */
	*used = 0;
	lzma_stream s = LZMA_STREAM_INIT;
	if (lzma_stream_decoder(&s, CODEC_WINDOW_MAX, 0) != LZMA_OK)
		return error_at(ERR_MEMORY, 0, "no memory for LZMA");
	struct error e = lzma_run(&s, in, out, used);
	lzma_end(&s);
	return e;
}

/* Section 2.2: zeros, four by four, may stand between two streams. Images have long runs of them between parts that do not belong
 * together: only short ones are taken for padding. */
static size_t xz_padding(struct span in, size_t at)
{
	enum { PADDING_MAX = 512 };
	size_t n = 0;
	while (n < PADDING_MAX && span_has(in, at + n, "\0\0\0", 4))
		n += 4;
	return n;
}

static struct error xz_stream(struct span in, struct buf *out, size_t *used)
{
	struct error e;
	size_t next = 0;
	do {
		size_t stream = 0, before = out->n;
		e = xz_member(left_of(in, next), out, &stream);
		/* What fails behind padding is taken for another's, which is no reason to call this one broken. */
		if (next > *used && (e.code == ERR_CORRUPT || e.code == ERR_TRUNCATED || e.code == ERR_UNSUPPORTED)) {
			out->n = before;
			return error_none();
		}
		e.offset += next;
		*used = next + stream;
		next = *used + xz_padding(in, *used);
	} while (!error_is(&e) && span_has(in, next, "\xfd" "7zXZ", 6));
	return e;
}

static struct error lzma_alone_stream(struct span in, struct buf *out, size_t *used)
{
	struct lzma_props props;
	uint64_t unpacked = (uint64_t)span_u32le(in, 9) << 32 | span_u32le(in, 5);
	if (in.n < 13)
		return error_at(ERR_TRUNCATED, in.n, "the LZMA header is cut off");
	if (!lzma_props_split(in.p[0], &props))
		return error_at(ERR_CORRUPT, 0, "no LZMA properties: 0x%02x", in.p[0]);
	enum error_code code = lzma1_decode_buf(props, span_from(in, 13), unpacked, out, used);
	*used += 13;
	return code_error(code, "LZMA", *used, out->n);
}

#define ZSTD_WINDOW_LOG 27 /* 128 MiB: what the zstd program reads without being asked to */

static struct error zstd_stream(struct span in, struct buf *out, size_t *used)
{
	ZSTD_DCtx *d = ZSTD_createDCtx();
	if (!d)
		return error_at(ERR_MEMORY, 0, "no memory for zstd");
	ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
	ZSTD_inBuffer i = { in.p, in.n, 0 };
	struct error e = error_none();
	size_t frame = 0, frame_out = out->n;
	bool in_steps = false;
	for (;;) {
		e = codec_grow(out, i.pos);
		if (error_is(&e))
			break;
		size_t room = out->cap - out->n;
		ZSTD_outBuffer o = { out->p + out->n, out->limit && room > out->limit - out->n ? out->limit - out->n : room, 0 };
		size_t r = ZSTD_decompressStream(d, &o, &i);
		out->n += o.pos;
		if (ZSTD_isError(r) && !in_steps) { /* what a call gave before it failed is not told: the frame again, block by block */
			ZSTD_DCtx_reset(d, ZSTD_reset_session_only);
			in_steps = true;
			i.pos = frame;
			i.size = frame + 1;
			out->n = frame_out;
			continue;
		}
		if (ZSTD_isError(r)) {
			e = ZSTD_getErrorCode(r) == ZSTD_error_frameParameter_windowTooLarge
			        ? error_at(ERR_UNSUPPORTED, i.pos, "the zstd stream needs a window of more than %u MiB", 1u << (ZSTD_WINDOW_LOG - 20))
			        : error_at(ERR_CORRUPT, i.pos, "the zstd stream is broken: %s", ZSTD_getErrorName(r));
			break;
		}
		if (r == 0) { /* the end of a frame: others may follow, skippable ones too */
			*used = frame = i.pos;
			frame_out = out->n;
			uint32_t magic = span_u32le(in, i.pos);
			if (magic != ZSTD_MAGICNUMBER && (magic & 0xfffffff0u) != ZSTD_MAGIC_SKIPPABLE_START)
				break;
		} else if (i.pos == i.size && i.size < in.n && o.pos < o.size) { /* r: what it takes to the end of the next block */
			i.size += r < in.n - i.size ? r : in.n - i.size;
		} else if (i.pos == i.size && o.pos < o.size) {
			e = error_at(ERR_TRUNCATED, i.pos, "the zstd stream is cut off after %zu bytes of output", out->n);
			break;
		}
	}
	if (error_is(&e))
		*used = i.pos;
	ZSTD_freeDCtx(d);
	return e;
}

static struct error bzip2_member(struct span in, struct buf *out, size_t *used)
{
	bz_stream z = { 0 };
	if (BZ2_bzDecompressInit(&z, 0, 0) != BZ_OK)
		return error_at(ERR_MEMORY, 0, "no memory for bzip2");
	int r = BZ_OK;
	struct error e = error_none();
	while (r == BZ_OK && grown(out, *used, &e)) {
		size_t room = out->cap - out->n;
		if (out->limit && room > out->limit - out->n)
			room = out->limit - out->n;
		size_t left = in.n - *used;
		z.next_in = (char *)(uintptr_t)(in.p + *used);
		z.avail_in = left > UINT32_MAX ? UINT32_MAX : (unsigned)left;
		z.next_out = (char *)out->p + out->n;
		z.avail_out = room > UINT32_MAX ? UINT32_MAX : (unsigned)room;
		r = BZ2_bzDecompress(&z);
		*used = (size_t)((uint8_t *)z.next_in - in.p);
		out->n = (size_t)((uint8_t *)z.next_out - out->p);
		if (r == BZ_OK && *used == in.n && z.avail_out > 0)
			e = error_at(ERR_TRUNCATED, in.n, "the bzip2 stream is cut off after %zu bytes of output", out->n);
		if (error_is(&e))
			break;
	}
	BZ2_bzDecompressEnd(&z);
	if (error_is(&e) || r == BZ_STREAM_END)
		return e;
	return error_at(ERR_CORRUPT, *used, "the bzip2 stream is broken (code %d)", r);
}

static struct error bzip2_stream(struct span in, struct buf *out, size_t *used)
{
	struct error e;
	do {
		size_t member = 0;
		e = bzip2_member(left_of(in, *used), out, &member);
		e.offset += *used;
		*used += member;
	} while (!error_is(&e) && span_has(in, *used, "BZh", 3));
	return e;
}

/* Room for `need` bytes more in `out`. */
struct error codec_reserve(struct buf *out, size_t need, size_t at)
{
	enum error_code code = buf_reserve(out, need);
	return code ? error_at(code, at, "the stream unpacks to more than the %zu bytes that are allowed", out->limit) : error_none();
}

static struct error one_block_stream(enum codec codec, struct span in, struct buf *out, size_t *used)
{
	/* A raw block does not say where it ends: it is all there is. */
	size_t room = out->limit ? out->limit - out->n : (size_t)256 << 20, n = 0;
	size_t guess = in.n < room / 255 ? in.n * 255 + 64 : room;
	struct error e = codec_reserve(out, guess < room ? guess : room, 0);
	if (error_is(&e))
		return e;
	enum error_code code = codec_block(codec, in, out->p + out->n, guess < room ? guess : room, &n);
	out->n += n;
	*used = in.n;
	return code ? error_at(code, 0, "the %s block is broken", codec_name(codec)) : error_none();
}

static struct error any_stream(enum codec codec, struct span in, struct buf *out, size_t *in_used)
{
	switch (codec) {
	case CODEC_DEFLATE:
		return deflate_stream(-15, in, out, in_used);
	case CODEC_ZLIB:
		return deflate_stream(15, in, out, in_used);
	case CODEC_GZIP:
		return gzip_stream(in, out, in_used);
	case CODEC_LZMA:
		return lzma_alone_stream(in, out, in_used);
	case CODEC_XZ:
		return xz_stream(in, out, in_used);
	case CODEC_LZ4_FRAME:
		return codec_lz4_frame(in, out, in_used);
	case CODEC_LZ4_LEGACY:
		return codec_lz4_legacy(in, out, in_used);
	case CODEC_ZSTD:
		return zstd_stream(in, out, in_used);
	case CODEC_BZIP2:
		return bzip2_stream(in, out, in_used);
	case CODEC_LZOP:
		return codec_lzop(in, out, in_used);
	default:
		return one_block_stream(codec, in, out, in_used);
	}
}

struct error codec_stream(enum codec codec, struct span in, struct buf *out, size_t *in_used)
{
	size_t before = out->n;
	*in_used = 0;
	in = in.p ? in : span_of((const uint8_t *)"", 0); /* what reads on from a place in it needs one */
	struct error e = any_stream(codec, in, out, in_used);
	bool large = codec == CODEC_ZSTD || codec == CODEC_BZIP2 || codec == CODEC_XZ;
	work_add((large ? LARGE_DECODER_WORK : DECODER_WORK) + 2 * ((uint64_t)(out->n > before ? out->n - before : 0) + *in_used));
	return e;
}
