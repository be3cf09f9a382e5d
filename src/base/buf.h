/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growable byte buffer with a limit, for output whose size is not known before (a decompressed stream, a frame).
 * Large buffers are mapped, so that growing moves pages instead of copying bytes. */
#ifndef ASSAY_BASE_BUF_H
#define ASSAY_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

/* Who is told before a buffer takes more memory than BUF_METERED. The call may wait until there is room. */
struct buf_meter {
	void (*grow)(struct buf_meter *meter, size_t more);
};
#define BUF_METERED ((size_t)1 << 20)

struct buf;

/* Where a buffer goes on when it has reached its limit: memory of another kind, into which its bytes move. */
struct buf_spill {
	/* Makes room for `need` bytes in all; ERR_BUDGET when there is not so much. May call on the buffer's meter. */
	enum error_code (*grow)(struct buf_spill *spill, struct buf *b, size_t need);
	/* Gives back what lies behind the first `keep` bytes of its room; 0: all of it. */
	void (*release)(struct buf_spill *spill, const struct buf *b, size_t keep);
};

struct buf {
	uint8_t *p;
	size_t n;     /* bytes in use */
	size_t cap;   /* bytes available at p */
	size_t limit; /* n never exceeds this; 0: no limit */
	bool mapped;  /* p came from mmap */
	bool spilled; /* p is the spill's */
	struct buf_meter *meter; /* NULL: nobody is told */
	struct buf_spill *spill; /* NULL: the limit is the end */
};

/* An empty buffer that takes up to `limit` bytes of memory; free it with buf_free(). */
static inline struct buf buf_with_limit(size_t limit)
{
	return (struct buf){ .limit = limit };
}

/* Makes room for at least `more` bytes beyond n; p is not NULL then, even for none. ERR_BUDGET at the limit, ERR_MEMORY when out of
 * memory. May move p. */
enum error_code buf_reserve(struct buf *b, size_t more) MUST_USE;

/* What there is room for will be written, most of it: in large pages, where the kernel has some, as a fault for each small page may
 * take longer than what is written. */
void buf_expect(struct buf *b);
enum error_code buf_add(struct buf *b, const void *bytes, size_t n) MUST_USE;
/* Gives back what is not in use. May move p. */
void buf_trim(struct buf *b);
void buf_free(struct buf *b);

/* What is in it; valid until it grows, is trimmed or freed. */
static inline struct span buf_span(const struct buf *b)
{
	return (struct span){ b->p, b->n };
}

#endif
