/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What rzip and lrzip have in common: chunks of two streams, of which one tells what is taken from before and what from the other one.
 * Both are in blocks, each packed by itself, in a chain.
 *
 * Specification: rzip 2.1, stream.c, runzip.c; lrzip doc/magic.header.txt (0.6), stream.c, runzip.c.
 */
#ifndef ASSAY_FORMAT_RZIP_CHUNK_H
#define ASSAY_FORMAT_RZIP_CHUNK_H

#include "base/buf.h"
#include "base/error.h"
#include "base/lzma.h"
#include "base/span.h"

#define RZIP_MAGIC_SIZE 24u

/* What rzip and lrzip differ in: the width of numbers, and what stands before the heads of the streams. */
struct rzip_chunk {
	struct span bytes; /* from where the numbers of the chains count */
	struct lzma_props lzma;
	unsigned width, offset_width;
	bool last;
};

/* Stream headers before all blocks, which hold nothing. */
bool rzip_chunk_is_sound(const struct rzip_chunk *c);

/* Appends what the chunk holds; *end is where its last block ends. `first` is where the whole file begins in out. */
struct error rzip_chunk_unpack(const struct rzip_chunk *c, size_t first, struct buf *out, uint64_t *end);

#endif
