/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of which it is known that nobody stored them: holes of a sparse file, blocks that the image of a disk does not have. They read as
 * zeros, and there may be tebibytes of them, so that whoever looks through bytes asks here which of them are worth it.
 *
 * What is known belongs to a place in this process's memory, as the mapping itself does: a span of a partition within a disk has the
 * holes of the disk without being told. */
#ifndef ASSAY_BASE_HOLES_H
#define ASSAY_BASE_HOLES_H

#include "base/error.h"
#include "base/span.h"

/* Bytes that are stored, as places in what they are told of. */
struct stored {
	uint64_t from, to;
};

/* Says of these bytes that only v[0 .. n) are stored: in their order, none overlaps another. v stays the caller's, until
 * holes_forget(). False: of so many places at once nothing can be said. */
bool holes_tell(struct span bytes, const struct stored *v, size_t n) MUST_USE;
/* Of bytes that begin there nothing is said any more; before they are freed. */
void holes_forget(struct span bytes);

/* Where the next bytes are from `at` on that are stored, or of which nothing is known, and in *end where these end. Gives s.n when there
 * are no more. All that is looked through:
 *   for (uint64_t at = 0, end; (at = holes_next(s, at, &end)) < s.n; at = end) */
uint64_t holes_next(struct span s, uint64_t at, uint64_t *end) MUST_USE;

/* Where the last of them ends; 0: there are none. */
uint64_t holes_end(struct span s) MUST_USE;

/* Whether there are any, and how many bytes are in none. */
bool holes_any(struct span s) MUST_USE;
uint64_t holes_stored(struct span s) MUST_USE;

/* The next place from `at` on of a byte that is not zero; s.n: there is none. */
uint64_t holes_find(struct span s, uint64_t at, uint8_t byte) MUST_USE;

/* memchr() of what is not zero and memmem() of what is not only that, which pass over holes. */
const uint8_t *holes_memchr(struct span s, uint8_t byte) MUST_USE;
const uint8_t *holes_memmem(struct span s, const void *bytes, size_t n) MUST_USE;

/* Without the bytes 0x00 and 0xff at both ends, as long as there are at least so many. */
struct span holes_trim(struct span s, size_t least) MUST_USE;

#endif
