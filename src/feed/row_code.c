/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/row_code.h"

#define ABSENT UINT32_MAX

static enum error_code put(struct buf *out, uint64_t value, unsigned width)
{
	uint8_t b[8];
	for (unsigned i = 0; i < width; i++)
		b[i] = (uint8_t)(value >> 8 * i);
	return buf_add(out, b, width);
}

static enum error_code put_text(struct buf *out, struct text t)
{
	enum error_code code = put(out, t.p ? t.n : ABSENT, 4);
	return code || !t.n ? code : buf_add(out, t.p, t.n);
}

enum error_code feed_row_encode(struct buf *out, enum feed_row_kind kind, const void *row)
{
	const struct feed_row_type *type = &feed_row_types[kind];
	size_t start = out->n;
	enum error_code code = put(out, 0, 4);
	code = code ? code : put(out, kind, 1);
	for (size_t i = 0; !code && i < type->ncolumns; i++) {
		const char *field = (const char *)row + type->columns[i].at;
		uint64_t bits;
		if (type->columns[i].type == FEED_TEXT) {
			code = put_text(out, *(const struct text *)field);
		} else {
			memcpy(&bits, field, sizeof bits);
			code = put(out, bits, 8);
		}
	}
	if (!code && out->n - start - 4 > FEED_ROW_MAX)
		code = ERR_BUDGET;
	for (unsigned i = 0; !code && i < 4; i++)
		out->p[start + i] = (uint8_t)((out->n - start - 4) >> 8 * i);
	if (code)
		out->n = start;
	return code;
}

uint64_t feed_row_size(struct span bytes)
{
	if (bytes.n < 4)
		return 0;
	uint64_t n = span_u32le(bytes, 0);
	if (n < 1 || n > FEED_ROW_MAX)
		return UINT64_MAX;
	return n + 4 <= bytes.n ? n + 4 : 0;
}

bool feed_row_decode(struct span bytes, enum feed_row_kind *kind, union feed_row *row)
{
	struct reader r = reader_le(span_from(bytes, 4));
	unsigned k = rd_u8(&r);
	if (!rd_ok(&r) || k >= FEED_ROW_KINDS)
		return false;
	*kind = (enum feed_row_kind)k;
	memset(row, 0, sizeof *row);
	for (size_t i = 0; i < feed_row_types[k].ncolumns; i++) {
		char *field = (char *)row + feed_row_types[k].columns[i].at;
		if (feed_row_types[k].columns[i].type == FEED_TEXT) {
			uint32_t n = (uint32_t)rd_uint(&r, 4);
			struct span s = n == ABSENT ? SPAN_NONE : rd_bytes(&r, n);
			*(struct text *)field = n == ABSENT ? TEXT_NONE : text_from_span(s);
		} else {
			uint64_t bits = rd_u64(&r);
			memcpy(field, &bits, sizeof bits);
		}
	}
	return rd_ok(&r) && rd_left(&r) == 0;
}
