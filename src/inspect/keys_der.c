/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DER as keys and certificates use it. Specification: ITU-T X.690. */
#include "inspect/keys.h"

bool der_any(struct span *s, uint8_t *tag, struct span *whole, struct span *content)
{
	struct reader r = reader_be(*s);
	uint8_t t = rd_u8(&r);
	uint64_t n = rd_u8(&r);
	if (n >= 0x80) {
		unsigned width = n & 0x7f;
		if (width < 1 || width > 4)
			return false;
		n = rd_uint(&r, width);
		if (n < (width == 1 ? 0x80u : 1u << (8 * (width - 1))))
			return false;
	}
	struct span c = rd_bytes(&r, n);
	if (!rd_ok(&r) || (t & 0x1f) == 0x1f)
		return false;
	*tag = t;
	*content = c;
	*whole = span_sub(*s, 0, r.at);
	*s = span_sub(*s, r.at, s->n - r.at);
	return true;
}

static bool take(struct span *s, uint8_t tag, struct span *whole, struct span *content)
{
	uint8_t t;
	return s->n && s->p[0] == tag && der_any(s, &t, whole, content);
}

bool der_take(struct span *s, uint8_t tag, struct span *content)
{
	struct span whole;
	return take(s, tag, &whole, content);
}

bool der_whole(struct span *s, uint8_t tag, struct span *whole)
{
	struct span content;
	return take(s, tag, whole, &content);
}

bool der_unsigned(struct span *s, struct span *magnitude)
{
	struct span c, rest = *s;
	if (!der_take(&rest, DER_INTEGER, &c) || c.n == 0 || c.p[0] & 0x80)
		return false;
	if (c.n > 1 && c.p[0] == 0 && !(c.p[1] & 0x80))
		return false; /* not minimal */
	*magnitude = number_of(c);
	*s = rest;
	return true;
}

bool der_version(struct span *s, uint8_t value)
{
	struct span c, rest = *s;
	if (!der_take(&rest, DER_INTEGER, &c) || c.n != 1 || c.p[0] != value)
		return false;
	*s = rest;
	return true;
}

bool der_bits(struct span *s, struct span *bytes)
{
	struct span c, rest = *s;
	if (!der_take(&rest, DER_BIT_STRING, &c) || c.n < 2 || c.p[0] != 0)
		return false;
	*bytes = span_from(c, 1);
	*s = rest;
	return true;
}

bool der_enclosing(struct span bytes, uint64_t inner, struct span *whole)
{
	for (unsigned header = 2; header <= 5 && header <= inner; header++) {
		struct span s = span_clip(bytes, inner - header, KEYS_OBJECT_MAX), content;
		if (take(&s, DER_SEQUENCE, whole, &content) && whole->n - content.n == header)
			return true;
	}
	return false;
}

bool der_oid_is(struct span oid, const char *bytes, size_t n)
{
	return oid.n == n + 2 && memcmp(oid.p + 2, bytes, n) == 0;
}

struct span number_of(struct span bytes)
{
	while (bytes.n && bytes.p[0] == 0)
		bytes = (struct span){ bytes.p + 1, bytes.n - 1 };
	return bytes;
}

int64_t number_bits(struct span magnitude)
{
	return magnitude.n ? (int64_t)magnitude.n * 8 - (__builtin_clz(magnitude.p[0]) - 24) : 0;
}
