/* SPDX-License-Identifier: GPL-3.0-or-later */
/* File records of NTFS, their attributes, and the packed lists of runs. */
#include "format/ntfs.h"

#define FIXUP_SECTOR 512u
#define MIRRORED 4u /* the first records, that have a copy */

/* The last two bytes of each sector were swapped for a number that shows whether the record was written whole. */
bool ntfs_fix_up(uint8_t *bytes, size_t size)
{
	struct span raw = span_of(bytes, size);
	uint32_t at = span_u16le(raw, 4), count = span_u16le(raw, 6);
	if (count != size / FIXUP_SECTOR + 1 || at < 40 || at + 2 * count > FIXUP_SECTOR)
		return false;
	for (uint32_t i = 1; i < count; i++) {
		uint8_t *end = bytes + i * FIXUP_SECTOR - 2;
		if (memcmp(end, bytes + at, 2) != 0)
			return false;
		memcpy(end, bytes + at + 2 * i, 2);
	}
	return true;
}

enum error_code ntfs_record_parse(const struct ntfs *n, uint32_t number, struct ntfs_record *r)
{
	struct span raw = span_of(r->bytes, n->record_size);
	if (!span_starts(raw, "FILE", 4))
		return span_starts(raw, "BAAD", 4) ? ERR_CORRUPT : ERR_UNSUPPORTED;
	if (!ntfs_fix_up(r->bytes, n->record_size))
		return ERR_CORRUPT;
	r->number = number;
	r->first = span_u16le(raw, 20);
	r->flags = span_u16le(raw, 22);
	r->used = span_u32le(raw, 24);
	uint64_t base = span_u32le(raw, 32) | (uint64_t)span_u16le(raw, 36) << 32;
	bool is_base = base == 0 && span_u16le(raw, 38) == 0;
	r->base = is_base ? number : base > UINT32_MAX ? UINT32_MAX : (uint32_t)base;
	return r->used <= n->record_size && r->first < r->used ? ERR_NONE : ERR_CORRUPT;
}

enum error_code ntfs_record_load(const struct ntfs *n, uint32_t number, struct ntfs_record *r)
{
	struct error e = runs_read(n->mft, (uint64_t)number * n->record_size, r->bytes, n->record_size);
	enum error_code code = error_is(&e) ? e.code : ntfs_record_parse(n, number, r);
	struct span copy = code && number < MIRRORED ? span_sub(n->v.image, n->mirror + number * n->record_size, n->record_size) : SPAN_NONE;
	r->mirrored = false;
	if (!copy.p)
		return code;
	memcpy(r->bytes, copy.p, copy.n);
	r->mirrored = !ntfs_record_parse(n, number, r);
	return r->mirrored ? ERR_NONE : code;
}

bool ntfs_attribute_next(const struct ntfs_record *r, uint32_t *at, struct ntfs_attribute *a)
{
	struct span all = span_of(r->bytes, r->used);
	uint32_t type = span_u32le(all, *at), length = span_u32le(all, (uint64_t)*at + 4);
	struct span bytes = span_sub(all, *at, length);
	if (type == UINT32_MAX || length < 24 || length % 8 || !bytes.p)
		return false;
	*at += length;
	struct reader h = reader_le(bytes);
	rd_skip(&h, 8);
	*a = (struct ntfs_attribute){ .type = type, .resident = rd_u8(&h) == 0 };
	unsigned name_length = rd_u8(&h), name_at = rd_u16(&h);
	a->flags = rd_u16(&h);
	a->name = span_sub(bytes, name_at, 2 * name_length);
	if (a->resident) {
		a->value = span_sub(bytes, span_u16le(bytes, 20), span_u32le(bytes, 16));
		a->size = a->initialized = a->value.n;
		return true;
	}
	rd_seek(&h, 16);
	a->lowest_vcn = rd_u64(&h);
	rd_skip(&h, 8);
	a->mapping = span_from(bytes, rd_u16(&h));
	a->unit_shift = rd_u16(&h);
	rd_skip(&h, 4);
	a->allocated = rd_u64(&h);
	a->size = rd_u64(&h);
	a->initialized = rd_u64(&h);
	return rd_ok(&h);
}

static int64_t take_signed(struct reader *r, unsigned width)
{
	uint64_t v = rd_uint(r, width);
	if (width && width < 8 && v >> (8 * width - 1))
		v |= UINT64_MAX << (8 * width);
	return (int64_t)v;
}

/* Each run: a byte that tells how wide its two numbers are, its length, and how far it lies from the one before. */
bool ntfs_mapping_add(struct ntfs *n, const struct ntfs_attribute *a, uint64_t *vcn)
{
	struct reader r = reader_le(a->mapping);
	int64_t lcn = 0;
	while (rd_left(&r)) {
		uint8_t widths = rd_u8(&r);
		if (!widths)
			return true;
		unsigned length_width = widths & 15, place_width = widths >> 4;
		if (length_width < 1 || length_width > 8 || place_width > 8)
			return false;
		uint64_t length = (uint64_t)take_signed(&r, length_width);
		int64_t delta = take_signed(&r, place_width);
		uint64_t end;
		if (!rd_ok(&r) || !length || __builtin_add_overflow(*vcn, length, &end) || end > (UINT64_MAX >> 2) / n->cluster)
			return false;
		uint64_t place = RUN_HOLE;
		if (place_width) {
			if (__builtin_add_overflow(lcn, delta, &lcn) || lcn < 0 || (uint64_t)lcn >= n->clusters ||
				length > n->clusters - (uint64_t)lcn)
				return false;
			place = (uint64_t)lcn * n->cluster;
		}
		if (!volume_runs_add(&n->v, *vcn * n->cluster, place))
			return false;
		*vcn = end;
	}
	return false;
}
