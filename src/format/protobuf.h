/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of a protocol buffer message, one after the other.
 *
 * Specification: https://protobuf.dev/programming-guides/encoding/. */
#ifndef ASSAY_FORMAT_PROTOBUF_H
#define ASSAY_FORMAT_PROTOBUF_H

#include "base/span.h"

struct protobuf_field {
	uint32_t number;
	uint64_t value;    /* varint or fixed */
	struct span bytes; /* text, bytes, or a message; p == NULL for numbers */
};

/* A number in groups of 7 bits, the lowest first (Protocol Buffers, "Encoding": Base 128 Varints). False: the bytes
 * end, or it has more than ten; the reader has failed then. */
static inline bool protobuf_varint(struct reader *r, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = rd_u8(r);
		*value |= (uint64_t)(byte & 127) << shift;
		if (!(byte & 128))
			return rd_ok(r);
	}
	r->failed = true;
	return false;
}

/* The next field of a message; false at its end, and where it is broken: then rd_ok() is false. */
static inline bool protobuf_next(struct reader *r, struct protobuf_field *f)
{
	uint64_t key, size;
	*f = (struct protobuf_field){ 0 };
	if (rd_left(r) == 0 || !protobuf_varint(r, &key))
		return false;
	f->number = (uint32_t)(key >> 3);
	switch (key & 7) {
	case 0:
		return protobuf_varint(r, &f->value);
	case 1:
		f->value = rd_u64(r);
		return rd_ok(r);
	case 2:
		if (protobuf_varint(r, &size))
			f->bytes = rd_bytes(r, size);
		return rd_ok(r);
	case 5:
		f->value = rd_u32(r);
		return rd_ok(r);
	default: /* groups are not written any more */
		r->failed = true;
		return false;
	}
}

#endif
