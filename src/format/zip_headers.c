/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers of entries: local (APPNOTE.TXT 4.3.7) and central (4.3.12), with the sizes of zip64 (4.5.3). */
#include "base/work.h"
#include "format/zip_layout.h"

#define VERSION_MAX 63u /* needed to unpack, 4.4.3.2 */

/* Sizes of zip64 replace fields of all ones, in this order. */
static void apply_zip64(struct zip_entry *z)
{
	work_add(z->extra.n);
	struct reader r = reader_le(z->extra);
	while (rd_left(&r) >= 4) {
		uint16_t id = rd_u16(&r), size = rd_u16(&r);
		struct reader field = reader_le(rd_bytes(&r, size));
		if (id != 1)
			continue;
		uint64_t *fields[] = { &z->size, &z->packed, &z->local_at };
		for (size_t i = 0; i < 3; i++)
			if (*fields[i] == UINT32_MAX && rd_left(&field) >= 8)
				*fields[i] = rd_u64(&field);
	}
}

static void take_common(struct reader *r, struct zip_entry *z)
{
	z->flags = rd_u16(r);
	z->method = rd_u16(r);
	z->dos_time = rd_u16(r);
	z->dos_date = rd_u16(r);
	z->crc = rd_u32(r);
	z->packed = rd_u32(r);
	z->size = rd_u32(r);
}

static bool method_is_known(uint16_t method)
{
	return method <= 20 || (method >= 93 && method <= 99);
}

bool zip_local_any(struct span bytes, uint64_t at, struct zip_entry *z)
{
	*z = (struct zip_entry){ .at = at, .local_at = at };
	struct reader r = reader_le(span_sub(bytes, at, ZIP_LOCAL_SIZE));
	if (!span_starts(r.bytes, "PK\3\4", 4))
		return false;
	rd_skip(&r, 6);
	take_common(&r, z);
	uint16_t name_size = rd_u16(&r), extra_size = rd_u16(&r);
	z->name = text_from_span(span_clip(bytes, at + ZIP_LOCAL_SIZE, name_size));
	z->extra = span_clip(bytes, at + ZIP_LOCAL_SIZE + name_size, extra_size);
	apply_zip64(z);
	z->data = at + ZIP_LOCAL_SIZE + name_size + extra_size;
	z->next = z->packed <= UINT64_MAX / 4 ? z->data + z->packed : UINT64_MAX / 2;
	return true;
}

bool zip_local_read(struct span bytes, uint64_t at, struct zip_entry *z)
{
	return zip_local_any(bytes, at, z) && z->data <= bytes.n && (span_u16le(bytes, at + 4) & 0xff) <= VERSION_MAX &&
		   method_is_known(z->method) && z->packed <= UINT64_MAX / 4;
}

bool zip_central_read(struct span bytes, uint64_t at, struct zip_entry *z)
{
	*z = (struct zip_entry){ .at = at };
	struct span header = span_from(bytes, at);
	struct reader r = reader_le(header);
	if (!span_starts(header, "PK\1\2", 4))
		return false;
	rd_skip(&r, 4);
	z->made_by = rd_u16(&r);
	rd_skip(&r, 2);
	take_common(&r, z);
	uint16_t name_size = rd_u16(&r), extra_size = rd_u16(&r), comment_size = rd_u16(&r);
	z->disk = rd_u16(&r);
	rd_skip(&r, 2); /* internal attributes */
	z->external = rd_u32(&r);
	z->local_at = rd_u32(&r);
	z->name = text_from_span(rd_bytes(&r, name_size));
	z->extra = rd_bytes(&r, extra_size);
	rd_skip(&r, comment_size);
	if (!rd_ok(&r))
		return false;
	apply_zip64(z);
	z->next = at + r.at;
	return z->packed <= UINT64_MAX / 4 && z->local_at <= UINT64_MAX / 4;
}
