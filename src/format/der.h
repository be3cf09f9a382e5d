/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elements of DER (ITU-T X.690, 8.1 and 10) one behind the other: tags of one byte, lengths that are told, up to four bytes of them. */
#ifndef ASSAY_FORMAT_DER_H
#define ASSAY_FORMAT_DER_H

#include "base/span.h"

enum {
	DER_INTEGER = 0x02,
	DER_OCTETS = 0x04,
	DER_IA5 = 0x16,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0, /* constructed */
	DER_CONTEXT_1 = 0xa1,
};

struct der {
	unsigned tag;
	uint64_t at, header, n; /* where it begins, bytes of its tag and length, and of what it holds */
	struct span content;    /* what there is of that */
};

/* The element at `at`, and in *at the place behind it. False when none begins there; one that is cut off is one. */
static inline bool der_read(struct span s, uint64_t *at, struct der *d)
{
	struct reader r = reader_be(span_from(s, *at));
	*d = (struct der){ .tag = rd_u8(&r), .at = *at };
	unsigned first = rd_u8(&r), width = first & 0x7f;
	d->n = first & 0x80 && width <= 4 ? rd_uint(&r, width) : first;
	if (!rd_ok(&r) || first == 0x80 || (first & 0x80 && (width > 4 || d->n < 0x80 || d->n >> (8 * (width - 1)) == 0)))
		return false;
	d->header = r.at;
	d->content = span_clip(s, *at + d->header, d->n);
	*at += d->header + d->n;
	return (d->tag & 0x1f) != 0x1f;
}

/* The same, of that tag. */
static inline bool der_read_tag(struct span s, uint64_t *at, unsigned tag, struct der *d)
{
	return der_read(s, at, d) && d->tag == tag;
}

/* A number that is not negative and has 63 bits at most; else -1. */
static inline int64_t der_number(const struct der *d)
{
	struct reader r = reader_be(d->content);
	return d->tag == DER_INTEGER && d->n && d->n <= 8 && d->content.n == d->n && d->content.p[0] < 0x80 ? (int64_t)rd_uint(&r, (unsigned)d->n)
																										   : -1;
}

#endif
