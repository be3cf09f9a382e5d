/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For encodings that hide an image without a header of their own: whether what comes out of undoing one is an image. */
#ifndef ASSAY_FORMAT_DISGUISE_H
#define ASSAY_FORMAT_DISGUISE_H

#include "format/format.h"

/* Undoes an encoding: out[0..n) from in[0..n), which stands `at` bytes into the blob. */
typedef void disguise_undo(const void *key, uint64_t at, const uint8_t *in, uint8_t *out, size_t n);

/* Whether a format that proves itself begins at offset `at` once the encoding is undone. */
bool disguise_begins(struct span all, uint64_t at, disguise_undo *undo, const void *key);

/* Whether `all` is one compressed stream from its first byte on once the encoding is undone: one that unpacks, to its end or to hundreds of kilobytes.
 * Costs some tens of microseconds where no stream begins. */
bool disguise_is_stream(struct span all, disguise_undo *undo, const void *key);

/* Whether a format begins anywhere in the first megabyte, or all is a stream. Costs milliseconds. */
bool disguise_holds(struct span all, disguise_undo *undo, const void *key);

/* All of `bytes` with the encoding undone, appended to `out` within its limit. */
struct error disguise_unpack(struct span bytes, disguise_undo *undo, const void *key, struct buf *out,
							 size_t *used) MUST_USE;

/* Whether an image proves itself in the bytes as they are: as a whole they are in no disguise then, and who takes them for
 * that would hide it. So it is where too many beginnings stand to look at each. */
bool disguise_is_none(struct span all);

#endif
