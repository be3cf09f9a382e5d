/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rpm_header.h"

#define COUNTS 8u
#define ENTRY 16u
#define ENTRIES_MAX 65536u
#define STORE_MAX (64u << 20)

bool rpm_header_read(struct span bytes, uint64_t at, struct rpm_header *h)
{
	struct reader r = reader_be(span_sub(bytes, at, COUNTS));
	uint32_t entries = rd_u32(&r), store = rd_u32(&r);
	if (!rd_ok(&r) || !entries || entries > ENTRIES_MAX || store > STORE_MAX)
		return false;
	uint64_t values = at + COUNTS + (uint64_t)entries * ENTRY;
	*h = (struct rpm_header){
		.entries = span_clip(bytes, at + COUNTS, (uint64_t)entries * ENTRY),
		.store = span_clip(bytes, values, store),
		.at = at,
		.end = values + store,
	};
	return true;
}

struct span rpm_tag(const struct rpm_header *h, uint32_t tag, uint32_t *type, uint64_t *at)
{
	for (uint64_t i = 0; i + ENTRY <= h->entries.n; i += ENTRY) {
		if (span_u32be(h->entries, i) != tag)
			continue;
		uint32_t offset = span_u32be(h->entries, i + 8);
		*type = span_u32be(h->entries, i + 4);
		*at = h->at + COUNTS + h->entries.n + offset;
		return span_from(h->store, offset);
	}
	return SPAN_NONE;
}

struct span rpm_tag_bytes(const struct rpm_header *h, uint32_t tag, uint64_t *at)
{
	for (uint64_t i = 0; i + ENTRY <= h->entries.n; i += ENTRY)
		if (span_u32be(h->entries, i) == tag) {
			uint32_t type = 0;
			struct span rest = rpm_tag(h, tag, &type, at);
			return type == RPM_TYPE_BIN ? span_sub(rest, 0, span_u32be(h->entries, i + 12)) : SPAN_NONE;
		}
	return SPAN_NONE;
}

struct text rpm_tag_text(const struct rpm_header *h, uint32_t tag, uint64_t *at)
{
	uint32_t type = 0;
	uint64_t place = 0;
	struct span data = rpm_tag(h, tag, &type, &place);
	if (at)
		*at = place;
	bool is_text = type == RPM_TYPE_STRING || type == RPM_TYPE_STRINGS || type == RPM_TYPE_I18N;
	return data.p && is_text ? text_until_nul(data) : TEXT_NONE;
}

bool rpm_tag_number(const struct rpm_header *h, uint32_t tag, uint64_t *number)
{
	uint32_t type = 0;
	uint64_t at = 0;
	struct reader r = reader_be(rpm_tag(h, tag, &type, &at));
	if (type != RPM_TYPE_INT32 && type != RPM_TYPE_INT64)
		return false;
	*number = type == RPM_TYPE_INT64 ? rd_u64(&r) : rd_u32(&r);
	return rd_ok(&r);
}
