/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/codec.h"

#include <bzlib.h>
#include <libdeflate.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <pthread.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/hash.h"
#include "base/lzma.h"
#include "base/xz.h"

/* Streams grow their output by at least this much at a time. */
#define GROW ((size_t)256 << 10)
/* The largest dictionary or window that is allocated for a stream. */
#define WINDOW_MAX ((uint64_t)128 << 20)
#define LZ4_FRAME 0x184D2204u
#define GZIP_RATIO_LIKELY 16u
#define GZIP_FHCRC 2u
#define RATIO_MAX 255u /* bytes that LZ4 and LZO can give for one */

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

/* ---- single blocks ---- */

/* Decoders of a thread. They remember nothing from one block to the next, but cost more to make than a small block does to
 * unpack. */
struct decoders {
	struct libdeflate_decompressor *deflate;
	ZSTD_DCtx *zstd;
};

static _Thread_local struct decoders *thread_decoders;
static pthread_key_t decoders_key;
static pthread_once_t decoders_once = PTHREAD_ONCE_INIT;
static bool decoders_have_key;

static void decoders_free(void *p)
{
	struct decoders *d = p;
	libdeflate_free_decompressor(d->deflate);
	ZSTD_freeDCtx(d->zstd);
	free(d);
	thread_decoders = NULL;
}

static void decoders_free_last(void)
{
	if (thread_decoders)
		decoders_free(thread_decoders);
}

static void decoders_prepare(void)
{
	decoders_have_key = pthread_key_create(&decoders_key, decoders_free) == 0;
	atexit(decoders_free_last); /* of the first thread, whose key has no end */
}

/* NULL when there is no memory for them. */
static struct decoders *decoders_of_thread(void)
{
	if (thread_decoders)
		return thread_decoders;
	pthread_once(&decoders_once, decoders_prepare);
	struct decoders *d = decoders_have_key ? calloc(1, sizeof *d) : NULL;
	if (!d)
		return NULL;
	d->deflate = libdeflate_alloc_decompressor();
	d->zstd = ZSTD_createDCtx();
	if (!d->deflate || !d->zstd || pthread_setspecific(decoders_key, d)) {
		decoders_free(d);
		return NULL;
	}
	return thread_decoders = d;
}

static enum error_code deflate_block(enum codec codec, struct span in, uint8_t *out, size_t out_max, size_t *used,
									 size_t *out_n)
{
	const struct decoders *decoders = decoders_of_thread();
	if (!decoders)
		return ERR_MEMORY;
	struct libdeflate_decompressor *d = decoders->deflate;
	enum libdeflate_result r =
		codec == CODEC_ZLIB   ? libdeflate_zlib_decompress_ex(d, in.p, in.n, out, out_max, used, out_n)
		: codec == CODEC_GZIP ? libdeflate_gzip_decompress_ex(d, in.p, in.n, out, out_max, used, out_n)
		                      : libdeflate_deflate_decompress_ex(d, in.p, in.n, out, out_max, used, out_n);
	if (r != LIBDEFLATE_SUCCESS)
		*out_n = 0;
	return r == LIBDEFLATE_SUCCESS ? ERR_NONE : r == LIBDEFLATE_INSUFFICIENT_SPACE ? ERR_BUDGET : ERR_CORRUPT;
}

/* Our own decoder for the filters that it knows, liblzma for the others. */
static enum error_code xz_block(struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	size_t used;
	enum error_code code = xz_decode(in, out, out_max, &used, out_n);
	if (code != ERR_UNSUPPORTED)
		return code;
	*out_n = 0;
	uint64_t memory = WINDOW_MAX + (1 << 20);
	size_t in_at = 0;
	lzma_ret r = lzma_stream_buffer_decode(&memory, 0, NULL, in.p, &in_at, in.n, out, out_n, out_max);
	switch (r) {
	case LZMA_OK:
		return ERR_NONE;
	case LZMA_BUF_ERROR:
		return *out_n == out_max ? ERR_BUDGET : ERR_TRUNCATED;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return ERR_MEMORY;
	case LZMA_OPTIONS_ERROR:
		return ERR_UNSUPPORTED;
	default:
		return in_at == in.n ? ERR_TRUNCATED : ERR_CORRUPT;
	}
}

static enum error_code lz4_block(struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	if (in.n > INT32_MAX || out_max > INT32_MAX)
		return ERR_BUDGET;
	int n = LZ4_decompress_safe((const char *)in.p, (char *)out, (int)in.n, (int)out_max);
	*out_n = n > 0 ? (size_t)n : 0;
	return n < 0 ? ERR_CORRUPT : ERR_NONE;
}

static enum error_code lzo_block(struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	lzo_uint n = out_max;
	int r = lzo1x_decompress_safe(in.p, in.n, out, &n, NULL);
	*out_n = n;
	return r == LZO_E_OK || r == LZO_E_INPUT_NOT_CONSUMED ? ERR_NONE
	       : r == LZO_E_OUTPUT_OVERRUN                    ? ERR_BUDGET
	       : r == LZO_E_INPUT_OVERRUN                     ? ERR_TRUNCATED
	                                                      : ERR_CORRUPT;
}

static enum error_code zstd_block(struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	const struct decoders *decoders = decoders_of_thread();
	if (!decoders)
		return ERR_MEMORY;
	size_t n = ZSTD_decompressDCtx(decoders->zstd, out, out_max, in.p, in.n);
	if (!ZSTD_isError(n)) {
		*out_n = n;
		return ERR_NONE;
	}
	/* What follows the frame is no part of the block. */
	size_t frame = ZSTD_findFrameCompressedSize(in.p, in.n);
	if (!ZSTD_isError(frame) && frame < in.n) {
		n = ZSTD_decompressDCtx(decoders->zstd, out, out_max, in.p, frame);
		*out_n = ZSTD_isError(n) ? 0 : n;
		return ZSTD_isError(n) ? ERR_CORRUPT : ERR_NONE;
	}
	return ERR_CORRUPT;
}

/* Formats that have no one-shot function: the stream function on a buffer that ends at out_max. */
static enum error_code stream_block(enum codec codec, struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	struct buf b = buf_with_limit(out_max);
	size_t used;
	struct error e = out_max ? codec_stream(codec, in, &b, &used) : error_at(ERR_BUDGET, 0, "no room");
	if (b.n)
		memcpy(out, b.p, b.n);
	*out_n = b.n;
	buf_free(&b);
	return e.code;
}

enum error_code codec_block_used(enum codec codec, struct span in, uint8_t *out, size_t out_max, size_t *in_used, size_t *out_n)
{
	*in_used = *out_n = 0;
	bool known = codec == CODEC_DEFLATE || codec == CODEC_ZLIB || codec == CODEC_GZIP;
	return known ? deflate_block(codec, in, out, out_max, in_used, out_n) : ERR_UNSUPPORTED;
}

enum error_code codec_block(enum codec codec, struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	size_t used;
	*out_n = 0;
	switch (codec) {
	case CODEC_STORE:
		if (in.n > out_max)
			return ERR_BUDGET;
		if (in.n)
			memcpy(out, in.p, in.n);
		*out_n = in.n;
		return ERR_NONE;
	case CODEC_DEFLATE:
	case CODEC_ZLIB:
	case CODEC_GZIP:
		return deflate_block(codec, in, out, out_max, &used, out_n);
	case CODEC_XZ:
		return xz_block(in, out, out_max, out_n);
	case CODEC_LZ4:
		return lz4_block(in, out, out_max, out_n);
	case CODEC_LZO1X:
		return lzo_block(in, out, out_max, out_n);
	case CODEC_ZSTD:
		return zstd_block(in, out, out_max, out_n);
	default:
		return stream_block(codec, in, out, out_max, out_n);
	}
}

static enum error_code deflate_head(struct span in, uint8_t *out, size_t n)
{
	z_stream z = { 0 };
	if (in.n > UINT32_MAX || n > UINT32_MAX)
		return ERR_BUDGET;
	if (inflateInit2(&z, -15) != Z_OK)
		return ERR_MEMORY;
	z.next_in = (unsigned char *)(uintptr_t)in.p;
	z.avail_in = (unsigned)in.n;
	z.next_out = out;
	z.avail_out = (unsigned)n;
	int r = inflate(&z, Z_SYNC_FLUSH);
	bool done = z.avail_out == 0;
	inflateEnd(&z);
	return done ? ERR_NONE : r == Z_BUF_ERROR || r == Z_OK ? ERR_TRUNCATED : ERR_CORRUPT;
}

static enum error_code zstd_head(struct span in, uint8_t *out, size_t n)
{
	ZSTD_DCtx *d = ZSTD_createDCtx();
	if (!d)
		return ERR_MEMORY;
	ZSTD_inBuffer i = { in.p, in.n, 0 };
	ZSTD_outBuffer o = { out, n, 0 };
	size_t r = 1, before = 1;
	while (o.pos < n && r != 0 && !ZSTD_isError(r) && i.pos + o.pos != before) {
		before = i.pos + o.pos;
		r = ZSTD_decompressStream(d, &o, &i);
	}
	ZSTD_freeDCtx(d);
	return o.pos == n ? ERR_NONE : ZSTD_isError(r) || r == 0 ? ERR_CORRUPT : ERR_TRUNCATED;
}

enum error_code codec_block_head(enum codec codec, struct span in, uint8_t *out, size_t n)
{
	switch (codec) {
	case CODEC_LZ4:
		if (in.n > INT32_MAX || n > INT32_MAX)
			return ERR_BUDGET;
		return LZ4_decompress_safe_partial((const char *)in.p, (char *)out, (int)in.n, (int)n, (int)n) == (int)n
				   ? ERR_NONE
				   : ERR_CORRUPT;
	case CODEC_DEFLATE:
		return deflate_head(in, out, n);
	case CODEC_ZSTD:
		return zstd_head(in, out, n);
	default:
		return ERR_UNSUPPORTED;
	}
}

/* ---- whole streams ---- */

static struct error grow(struct buf *out, size_t in_at)
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
	*e = grow(out, in_at);
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
	if (deflate_block(CODEC_GZIP, in, out->p + out->n, (size_t)size, used, &n))
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
	if (lzma_stream_decoder(&s, WINDOW_MAX, 0) != LZMA_OK)
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
		e = grow(out, i.pos);
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
static struct error reserve(struct buf *out, size_t need, size_t at)
{
	enum error_code code = buf_reserve(out, need);
	return code ? error_at(code, at, "the stream unpacks to more than the %zu bytes that are allowed", out->limit) : error_none();
}

/* The rest of a length of which four bits say that it is more: bytes are added up until one is not 255. False: the block ends. */
static bool lz4_length(struct reader *r, uint64_t *n)
{
	uint8_t more = 255;
	while (*n >= 15 && more == 255 && rd_ok(r))
		*n += more = rd_u8(r);
	return rd_ok(r);
}

/* How many bytes an LZ4 block gives before it breaks (lz4_Block_format.md), `past` being known before them. A decoder that fails does
 * not say how far it came. */
static size_t lz4_good(struct span block, size_t past, size_t room)
{
	struct reader r = reader_le(block);
	uint64_t good = 0;
	while (good < room && rd_left(&r) > 0) {
		uint8_t token = rd_u8(&r);
		uint64_t literals = token >> 4, match = token & 15, left;
		if (!lz4_length(&r, &literals))
			break;
		left = rd_left(&r);
		good += literals < left ? literals : left;
		if (literals + 2 > left)
			break;
		rd_skip(&r, literals);
		uint16_t distance = rd_u16(&r);
		if (distance == 0 || distance > past + good || !lz4_length(&r, &match))
			break;
		good += match + 4;
	}
	return good < room ? (size_t)good : room;
}

/* What an LZ4 block gives before it breaks. */
static size_t lz4_beginning(struct span block, struct span before, uint8_t *out, size_t room)
{
	size_t good = lz4_good(block, before.n, room);
	int r = good ? LZ4_decompress_safe_partial_usingDict((const char *)block.p, (char *)out, (int)block.n, (int)good, (int)room,
	                                                     (const char *)before.p, (int)before.n) : 0;
	return r > 0 ? (size_t)r : 0;
}

/* A block of a frame, as far as it is there. */
struct lz4_block {
	struct span bytes;
	bool stored, whole; /* whole: it is all there, and decodes to its end */
};

/* As far as it decodes. */
static size_t lz4_block_part(struct lz4_block *b, struct span before, uint8_t *out, size_t room)
{
	if (b->stored) {
		size_t n = b->bytes.n < room ? b->bytes.n : room;
		memcpy(out, b->bytes.p, n);
		return n;
	}
	int r = LZ4_decompress_safe_usingDict((const char *)b->bytes.p, (char *)out, (int)b->bytes.n, (int)room,
	                                     (const char *)before.p, (int)before.n);
	b->whole &= r >= 0;
	return r >= 0 ? (size_t)r : lz4_beginning(b->bytes, before, out, room);
}

/* What a broken block is short by, of the `most` that a block gives: no block gives more than this much for a byte, and what flushes
 * leave short is not broken. */
static size_t lz4_gap(const struct lz4_block *b, size_t n, size_t most)
{
	uint64_t possible = (uint64_t)b->bytes.n * RATIO_MAX;
	size_t full = possible < most ? (size_t)possible : most;
	return b->whole || n > full ? 0 : full - n;
}

/* A frame that the library gave up, block by block from its beginning at `at`, what it gave going to out->n: what is before the
 * damage, and where blocks stand for themselves, what is behind it, with zeros between. The library keeps nothing of a block that
 * is not whole, and they have up to 4 MiB. */
static void lz4_frame_salvage(struct span in, size_t at, struct buf *out)
{
	enum { LINKED_WINDOW = 64 << 10, STORED = 1u << 31 };
	struct span header = span_u32le(in, at) == LZ4_FRAME ? span_sub(in, at, 7) : SPAN_NONE;
	uint8_t flags = header.p ? header.p[4] : 0;
	size_t most = header.p ? (size_t)1 << (8 + 2 * (header.p[5] >> 4 & 7)) : 0, first = out->n;
	bool linked = !(flags & 0x20);
	at += 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
	for (size_t short_by = 0; most >= 1 << 16;) {
		uint32_t size = span_u32le(in, at), packed = size & ~STORED;
		struct lz4_block b = { span_clip(in, at + 4, packed), size & STORED, span_sub(in, at + 4, packed).p != NULL };
		if (!b.bytes.n || packed > most || (out->limit && out->limit - out->n <= short_by))
			return;
		size_t room = out->limit && out->limit - out->n - short_by < most ? out->limit - out->n - short_by : most;
		if (buf_reserve(out, short_by + room))
			return;
		memset(out->p + out->n, 0, short_by);
		out->n += short_by;
		size_t past = linked ? out->n - first : 0;
		past = past < LINKED_WINDOW ? past : LINKED_WINDOW;
		size_t n = lz4_block_part(&b, span_of(out->p + out->n - past, past), out->p + out->n, room);
		out->n += n;
		if (linked && !b.whole)
			return;
		short_by = lz4_gap(&b, n, most);
		at += 4 + (size_t)packed + (flags & 0x10 ? 4 : 0);
	}
}

static struct error lz4_frames(LZ4F_dctx *d, struct span in, struct buf *out, size_t *used)
{
	size_t frame = 0, frame_out = out->n;
	for (size_t at = 0;;) {
		struct error e = grow(out, at);
		if (error_is(&e))
			return e;
		size_t room = out->cap - out->n, left = in.n - at;
		if (out->limit && room > out->limit - out->n)
			room = out->limit - out->n;
		size_t given = room;
		size_t r = LZ4F_decompress(d, out->p + out->n, &room, in.p + at, &left, NULL);
		out->n += room;
		at += left;
		*used = at;
		if (LZ4F_isError(r))
			e = error_at(ERR_CORRUPT, at, "the LZ4 frame is broken: %s", LZ4F_getErrorName(r));
		else if (r != 0 && at == in.n && room < given)
			e = error_at(ERR_TRUNCATED, at, "the LZ4 frame is cut off after %zu bytes of output", out->n);
		if (error_is(&e)) {
			out->n = frame_out;
			lz4_frame_salvage(in, frame, out);
			return e;
		}
		uint32_t magic = span_u32le(in, at);
		if (r == 0 && magic != LZ4_FRAME && (magic & 0xfffffff0u) != 0x184D2A50u)
			return e;
		if (r == 0) {
			frame = at;
			frame_out = out->n;
		}
	}
}

static struct error lz4_frame_stream(struct span in, struct buf *out, size_t *used)
{
	LZ4F_dctx *d;
	if (LZ4F_isError(LZ4F_createDecompressionContext(&d, LZ4F_VERSION)))
		return error_at(ERR_MEMORY, 0, "no memory for LZ4");
	struct error e = lz4_frames(d, in, out, used);
	LZ4F_freeDecompressionContext(d);
	return e;
}

/* Linux lib/decompress_unlz4.c: after the magic, packed sizes and blocks of 8 MiB, of which only the last is shorter: there
 * is no end mark, and in flash anything may follow. */
#define LZ4_LEGACY_BLOCK ((size_t)8 << 20)

static struct error lz4_legacy_block(struct span block, struct buf *out, size_t at, size_t *n)
{
	size_t room = LZ4_LEGACY_BLOCK;
	if (out->limit && out->limit - out->n < room)
		room = out->limit - out->n;
	struct error e = reserve(out, room, at);
	if (error_is(&e))
		return e;
	int r = LZ4_decompress_safe_partial((const char *)block.p, (char *)out->p + out->n, (int)block.n, (int)room, (int)room);
	if (r < 0) {
		out->n += lz4_beginning(block, span_of(out->p + out->n, 0), out->p + out->n, room);
		return error_at(ERR_CORRUPT, at, "an LZ4 block of %zu packed bytes is broken", block.n);
	}
	*n = (size_t)r;
	out->n += *n;
	bool more = room < LZ4_LEGACY_BLOCK && *n == room;
	return more ? error_at(ERR_BUDGET, at, "the LZ4 stream unpacks to more than %zu bytes", out->n) : error_none();
}

static struct error lz4_legacy_stream(struct span in, struct buf *out, size_t *used)
{
	size_t at = 4, n = LZ4_LEGACY_BLOCK;
	if (in.n < at)
		return error_at(ERR_TRUNCATED, 0, "the LZ4 stream is cut off in its magic");
	for (*used = at;; *used = at) {
		uint32_t packed = span_u32le(in, at);
		if (packed == 0x184C2102u) { /* another one is concatenated */
			at += 4;
			n = LZ4_LEGACY_BLOCK;
			continue;
		}
		bool last = n < LZ4_LEGACY_BLOCK;
		if (last || packed == 0 || packed > LZ4_COMPRESSBOUND(LZ4_LEGACY_BLOCK) || in.n - at < 4)
			return error_none();
		struct span block = span_sub(in, at + 4, packed);
		if (!block.p && out->n && in.n - at <= 8) /* the kernel build appends the unpacked size behind the last block: that is no block */
			return error_none();
		struct error e = lz4_legacy_block(span_clip(in, at + 4, packed), out, at, &n);
		if (!block.p && (!error_is(&e) || e.code == ERR_CORRUPT))
			e = error_at(ERR_TRUNCATED, at, "an LZ4 block of %u bytes is cut off", packed);
		if (error_is(&e))
			return e;
		at += 4 + (size_t)packed;
	}
}

/* lzop's file format: header (flags at +16 tell what it holds), then blocks of unpacked and packed size. */
struct lzop_head {
	uint32_t flags, filter;
};

static struct error lzop_header(struct reader *r, struct lzop_head *h)
{
	enum { DELTAS_MAX = 16 };
	rd_skip(r, 9);
	uint16_t version = rd_u16(r);
	rd_skip(r, 2);
	if (version >= 0x0940)
		rd_skip(r, 2);
	rd_skip(r, 1);
	if (version >= 0x0940)
		rd_skip(r, 1);
	h->flags = rd_u32(r);
	h->filter = h->flags & 0x800 ? rd_u32(r) : 0;
	rd_skip(r, 8);
	if (version >= 0x0940)
		rd_skip(r, 4);
	rd_skip(r, rd_u8(r)); /* name */
	rd_skip(r, 4);        /* header checksum */
	if (h->flags & 0x40) {
		rd_skip(r, rd_u32(r)); /* extra field */
		rd_skip(r, 4);
	}
	if (rd_ok(r) && h->filter > DELTAS_MAX)
		return error_at(ERR_UNSUPPORTED, r->at, "lzop's filter %u is not known", (unsigned)h->filter);
	return rd_ok(r) ? error_none() : error_at(ERR_TRUNCATED, r->at, "the lzop header is cut off");
}

/* Adler-32 and CRC-32 as far as a block has them. */
struct lzop_sums {
	bool has_adler, has_crc;
	uint32_t adler, crc;
};

static struct lzop_sums lzop_sums_read(struct reader *r, bool adler, bool crc)
{
	struct lzop_sums s = { .has_adler = adler, .has_crc = crc };
	s.adler = adler ? rd_u32(r) : 0;
	s.crc = crc ? rd_u32(r) : 0;
	return s;
}

static bool lzop_sums_hold(const struct lzop_sums *s, struct span of)
{
	return (!s->has_adler || s->adler == hash_adler32(of)) && (!s->has_crc || s->crc == hash_crc32(0, of));
}

/* lzop --filter=N: every byte is the difference to the one N before it in its block. The checksums are of what it was. */
static void lzop_unfilter(uint8_t *p, size_t n, uint32_t filter)
{
	for (size_t i = filter; filter && i < n; i++)
		p[i] = (uint8_t)(p[i] + p[i - filter]);
}

static struct error lzop_block(struct reader *r, const struct lzop_head *h, struct buf *out, bool *end)
{
	enum { ADLER32_DATA = 1, ADLER32_PACKED = 2, CRC32_DATA = 0x100, CRC32_PACKED = 0x200 };
	uint32_t flags = h->flags;
	size_t at = r->at;
	uint32_t size = rd_u32(r);
	*end = rd_ok(r) && size == 0;
	if (*end)
		return error_none();
	uint32_t packed = rd_u32(r);
	if (rd_ok(r) && (size > (64u << 20) || packed > size || size / (RATIO_MAX + 1) > packed))
		return error_at(ERR_CORRUPT, at, "an lzop block of %u bytes unpacked, %u packed", size, packed);
	struct lzop_sums of_data = lzop_sums_read(r, flags & ADLER32_DATA, flags & CRC32_DATA);
	struct lzop_sums of_packed = lzop_sums_read(r, packed < size && flags & ADLER32_PACKED, packed < size && flags & CRC32_PACKED);
	struct span block = rd_bytes(r, packed);
	if (!rd_ok(r))
		return error_at(ERR_TRUNCATED, at, "an lzop block is cut off");
	struct error e = reserve(out, size, at);
	size_t n = 0;
	if (error_is(&e))
		return e;
	enum error_code code = packed < size ? lzo_block(block, out->p + out->n, size, &n)
	                                     : codec_block(CODEC_STORE, block, out->p + out->n, size, &n);
	struct span data = span_of(out->p + out->n, n);
	lzop_unfilter(out->p + out->n, n, h->filter);
	memset(out->p + out->n + n, 0, size - n); /* what follows keeps its place */
	out->n += size;
	if (code || n != size)
		return error_at(ERR_CORRUPT, at, "an lzop block is broken");
	return lzop_sums_hold(&of_packed, block) && lzop_sums_hold(&of_data, data)
	               ? error_none()
	               : error_at(ERR_CORRUPT, at, "an lzop block does not have the checksum that it says");
}

static struct error lzop_member(struct reader *r, struct buf *out, size_t *used)
{
	struct lzop_head head;
	bool end = false;
	struct error first = lzop_header(r, &head), e = first;
	while (!error_is(&e) && !end) {
		*used = r->at;
		e = lzop_block(r, &head, out, &end);
		if (error_is(&e) && !error_is(&first))
			first = e;
		if (e.code == ERR_CORRUPT && r->at > *used + 8) /* the block is broken, its header leads to the next one */
			e = error_none();
	}
	if (!error_is(&e))
		*used = r->at;
	return first;
}

/* What is compressed one after another (cat, several files in one archive) is read as lzop -c writes it: one behind another. */
static struct error lzop_stream(struct span in, struct buf *out, size_t *used)
{
	struct reader r = reader_be(in);
	struct error e;
	do
		e = lzop_member(&r, out, used);
	while (!error_is(&e) && span_has(in, r.at, "\x89LZO\0\r\n\x1a\n", 9));
	return e;
}

static struct error one_block_stream(enum codec codec, struct span in, struct buf *out, size_t *used)
{
	/* A raw block does not say where it ends: it is all there is. */
	size_t room = out->limit ? out->limit - out->n : (size_t)256 << 20, n = 0;
	size_t guess = in.n < room / 255 ? in.n * 255 + 64 : room;
	struct error e = reserve(out, guess < room ? guess : room, 0);
	if (error_is(&e))
		return e;
	enum error_code code = codec_block(codec, in, out->p + out->n, guess < room ? guess : room, &n);
	out->n += n;
	*used = in.n;
	return code ? error_at(code, 0, "the %s block is broken", codec_name(codec)) : error_none();
}

struct error codec_stream(enum codec codec, struct span in, struct buf *out, size_t *in_used)
{
	*in_used = 0;
	in = in.p ? in : span_of((const uint8_t *)"", 0); /* what reads on from a place in it needs one */
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
		return lz4_frame_stream(in, out, in_used);
	case CODEC_LZ4_LEGACY:
		return lz4_legacy_stream(in, out, in_used);
	case CODEC_ZSTD:
		return zstd_stream(in, out, in_used);
	case CODEC_BZIP2:
		return bzip2_stream(in, out, in_used);
	case CODEC_LZOP:
		return lzop_stream(in, out, in_used);
	default:
		return one_block_stream(codec, in, out, in_used);
	}
}
