/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CBOR (RFC 8949) item by item, without recursion and without memory. Only definite lengths are read: that is what the
 * deterministic encoding of manifests demands. */
#ifndef ASSAY_FORMAT_CBOR_H
#define ASSAY_FORMAT_CBOR_H

#include "base/error.h"
#include "base/span.h"

enum cbor_type { CBOR_UINT, CBOR_NEGATIVE, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_TAG, CBOR_SIMPLE };

struct cbor {
	enum cbor_type type;
	uint64_t value;      /* the number, of a negative one -1 - value; the count of elements or pairs; the tag */
	struct span bytes;   /* of strings */
	struct span encoded; /* of heads: the head; of strings: with their bytes */
};

/* The next head, with the bytes of a string; the reader's sticky error is set where there is none. */
bool cbor_next(struct reader *r, struct cbor *item) MUST_USE;

/* The same when it is of that type; otherwise the reader fails. */
bool cbor_expect(struct reader *r, enum cbor_type type, struct cbor *item) MUST_USE;

/* The next item with all that is in it: its bytes in *encoded (may be NULL). */
bool cbor_skip(struct reader *r, struct span *encoded) MUST_USE;

/* A number as such, when it fits. */
static inline bool cbor_int(const struct cbor *item, int64_t *v)
{
	if (item->type > CBOR_NEGATIVE || item->value > INT64_MAX)
		return false;
	*v = item->type == CBOR_UINT ? (int64_t)item->value : -1 - (int64_t)item->value;
	return true;
}

#endif
