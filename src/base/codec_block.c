/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single blocks: what they unpack to is known, or bounded, before. */
#include <libdeflate.h>
#include <lz4.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <pthread.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/codec.h"
#include "base/codec_stream.h"
#include "base/work.h"
#include "base/xz.h"

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
	uint64_t memory = CODEC_WINDOW_MAX + (1 << 20);
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

static enum error_code any_block(enum codec codec, struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	size_t used;
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

enum error_code codec_block(enum codec codec, struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	*out_n = 0;
	enum error_code code = any_block(codec, in, out, out_max, out_n);
	work_add((uint64_t)in.n + *out_n); /* of what breaks off few tell how far they came */
	return code;
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
