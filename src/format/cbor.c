/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/cbor.h"

static bool fail(struct reader *r)
{
	r->failed = true;
	return false;
}

bool cbor_next(struct reader *r, struct cbor *item)
{
	size_t at = r->at;
	uint8_t head = rd_u8(r), info = head & 31;
	*item = (struct cbor){ .type = head >> 5, .value = info };
	if (info >= 28)
		return fail(r);
	if (info >= 24) {
		item->value = 0;
		for (struct span v = rd_bytes(r, (uint64_t)1 << (info - 24)); v.n; v = span_from(v, 1))
			item->value = item->value << 8 | v.p[0];
	}
	if (item->type == CBOR_BYTES || item->type == CBOR_TEXT)
		item->bytes = rd_bytes(r, item->value);
	if (!rd_ok(r))
		return false;
	item->encoded = span_sub(r->bytes, at, r->at - at);
	return true;
}

bool cbor_expect(struct reader *r, enum cbor_type type, struct cbor *item)
{
	return (cbor_next(r, item) && item->type == type) || fail(r);
}

/* Counts what is still to come: each head costs at least a byte, so that a count beyond the bytes is none. */
bool cbor_skip(struct reader *r, struct span *encoded)
{
	size_t at = r->at;
	for (uint64_t pending = 1; pending; pending--) {
		struct cbor item;
		if (!cbor_next(r, &item))
			return false;
		uint64_t more = item.type == CBOR_ARRAY ? item.value : item.type == CBOR_TAG ? 1 : 0;
		if (item.type == CBOR_MAP)
			more = item.value > UINT32_MAX ? UINT64_MAX : 2 * item.value;
		if (more > rd_left(r))
			return fail(r);
		pending += more;
	}
	if (encoded)
		*encoded = span_sub(r->bytes, at, r->at - at);
	return true;
}
