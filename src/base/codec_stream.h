/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the decoders share: how a stream's output grows, and the streams that have files of their own. */
#ifndef ASSAY_BASE_CODEC_STREAM_H
#define ASSAY_BASE_CODEC_STREAM_H

#include "base/codec.h"

/* The largest dictionary or window that is allocated for a stream. */
#define CODEC_WINDOW_MAX ((uint64_t)128 << 20)
/* Bytes that LZ4 and LZO can give for one. */
#define CODEC_RATIO_MAX 255u

/* Room in `out` for a stream to go on unpacking; ERR_BUDGET at its limit. `in_at`: how far the stream was read, for the error. */
struct error codec_grow(struct buf *out, size_t in_at);

/* Room for `need` bytes more in `out`; the same errors. */
struct error codec_reserve(struct buf *out, size_t need, size_t at);

/* Unpack the stream at the beginning of `in` behind what `out` has; *used: the bytes of it that were read. After an error `out` has
 * what came before it. */
struct error codec_lz4_frame(struct span in, struct buf *out, size_t *used);
/* The format of the Linux kernel (`lz4 -l`): blocks of 8 MiB without checksums or an end; one that is shorter, or
 * what can be none, ends the stream. codec_lzop(): archives that follow each other without a gap are one stream. */
struct error codec_lz4_legacy(struct span in, struct buf *out, size_t *used);
struct error codec_lzop(struct span in, struct buf *out, size_t *used);

#endif
