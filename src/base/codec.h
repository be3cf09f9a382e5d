/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decompression of single blocks and of whole streams, whatever the library behind it.
 *
 * All functions are thread-safe, keep no state between calls, and survive any bytes.
 */
#ifndef ASSAY_BASE_CODEC_H
#define ASSAY_BASE_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"

enum codec {
	CODEC_STORE,     /* bytes as they are */
	CODEC_DEFLATE,   /* RFC 1951, no wrapper */
	CODEC_ZLIB,      /* RFC 1950 */
	CODEC_GZIP,      /* RFC 1952; one member (a stream call takes all concatenated members) */
	CODEC_LZMA,      /* LZMA_alone: 13-byte header (properties, dictionary size, unpacked size or -1) */
	CODEC_XZ,        /* .xz stream with its filters (LZMA2, BCJ, delta) */
	CODEC_LZO1X,     /* one raw LZO1X block */
	CODEC_LZ4,       /* one raw LZ4 block */
	CODEC_LZ4_FRAME, /* LZ4 frame format 1.6.x (magic 0x184D2204), concatenated and skippable frames */
	CODEC_LZ4_LEGACY,/* the kernel's legacy LZ4 (magic 0x184C2102) */
	CODEC_ZSTD,      /* RFC 8878 frames */
	CODEC_BZIP2,
	CODEC_LZOP,      /* the .lzo file format of lzop */
};

/* Its name for people and for the column `codec`; never NULL. */
const char *codec_name(enum codec codec);

/* Decompresses one block into out[0..out_max). *out_n is how many bytes came out, also on error (what was decoded
 * before it). ERR_BUDGET when the block holds more than out_max bytes. Bytes behind the block's end are ignored. */
enum error_code codec_block(enum codec codec, struct span in, uint8_t *out, size_t out_max, size_t *out_n) MUST_USE;

/* The same for deflate, zlib and gzip; *in_used is how many bytes the block takes, where it is whole. ERR_UNSUPPORTED for others. */
enum error_code codec_block_used(enum codec codec, struct span in, uint8_t *out, size_t out_max, size_t *in_used,
								 size_t *out_n) MUST_USE;

/* Decompresses the first n bytes of a block that may hold more, for LZ4, deflate and zstd; ERR_CORRUPT or ERR_TRUNCATED
 * when it does not give so many. */
enum error_code codec_block_head(enum codec codec, struct span in, uint8_t *out, size_t n) MUST_USE;

/* Decompresses a whole stream from the start of `in`, appending to `out` within out->limit. *in_used is the number of
 * bytes of `in` that the stream takes, its trailer included. On error, `out` holds what was decoded before it and the
 * error's offset is the place in `in`. */
struct error codec_stream(enum codec codec, struct span in, struct buf *out, size_t *in_used) MUST_USE;

#endif
