/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The volume of UDF: its descriptors. */
#include "format/udf.h"

#define SEQUENCE_MAX 256u

/* CRC-16 of the polynomial 0x1021, four bits at a time. */
static uint16_t crc16(struct span s)
{
	static const uint16_t table[16] = { 0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
										0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef };
	unsigned crc = 0;
	for (size_t i = 0; i < s.n; i++) {
		crc = (crc << 4 ^ table[(crc >> 12 ^ s.p[i] >> 4) & 15]) & 0xffff;
		crc = (crc << 4 ^ table[(crc >> 12 ^ s.p[i]) & 15]) & 0xffff;
	}
	return (uint16_t)crc;
}

struct span udf_descriptor(struct span image, uint64_t at, uint32_t size, unsigned tag, uint64_t location)
{
	struct span s = span_clip(image, at, size);
	unsigned sum = 0;
	if (s.n < 16 || span_u16le(s, 0) != tag)
		return SPAN_NONE;
	for (unsigned i = 0; i < 16; i++)
		sum += i == 4 ? 0 : s.p[i];
	if ((sum & 0xff) != s.p[4] || (location != UDF_NOWHERE && span_u32le(s, 12) != location))
		return SPAN_NONE;
	struct span covered = span_sub(s, 16, span_u16le(s, 10));
	return covered.p && crc16(covered) == span_u16le(s, 8) ? s : SPAN_NONE;
}

struct udf_place udf_long_place(struct span s, uint64_t at)
{
	uint32_t length = span_u32le(s, at);
	return (struct udf_place){ length & 0x3fffffff, length >> 30, span_u32le(s, at + 4), span_u16le(s, at + 8) };
}

static void add_partition(struct udf_layout *l, struct span d)
{
	struct udf_partition p = { span_u16le(d, 22), span_u32le(d, 188), span_u32le(d, 192) };
	for (unsigned i = 0; i < l->npartitions; i++)
		if (l->partitions[i].number == p.number)
			return;
	if (l->npartitions < UDF_PARTITIONS_MAX)
		l->partitions[l->npartitions++] = p;
}

static void add_map(struct udf_layout *l, struct span m)
{
	static const struct {
		const char *id;
		enum udf_map_kind kind;
	} kinds[] = {
		{ "*UDF Virtual Partition", MAP_VIRTUAL },
		{ "*UDF Sparable Partition", MAP_SPARABLE },
		{ "*UDF Metadata Partition", MAP_METADATA },
	};
	struct udf_map map = { .kind = MAP_UNKNOWN };
	if (m.p[0] == 1 && m.n == 6) {
		map.kind = MAP_PHYSICAL;
		map.number = span_u16le(m, 4);
	} else if (m.p[0] == 2 && m.n == 64) {
		for (unsigned i = 0; i < 3; i++)
			if (span_has(m, 5, kinds[i].id, strlen(kinds[i].id)))
				map.kind = kinds[i].kind;
		map.number = span_u16le(m, 38);
		map.packet = span_u16le(m, 40);
		map.places[0] = span_u32le(m, map.kind == MAP_SPARABLE ? 48 : 40);
		map.places[1] = span_u32le(m, map.kind == MAP_SPARABLE ? 52 : 44);
	}
	l->maps[l->nmaps++] = map;
}

static bool logical_read(struct udf_layout *l, struct span d)
{
	struct span maps = span_sub(d, 440, span_u32le(d, 264));
	uint32_t count = span_u32le(d, 268);
	if (span_u32le(d, 212) != l->block || !count || !maps.p)
		return false;
	l->file_set = udf_long_place(d, 248);
	l->logical = d;
	l->nmaps = 0;
	for (uint32_t i = 0; i < count && l->nmaps < UDF_MAPS_MAX; i++) {
		unsigned n = maps.n > 1 ? maps.p[1] : 0;
		struct span m = span_sub(maps, 0, n);
		if (n < 2 || !m.p)
			break;
		add_map(l, m);
		maps = span_from(maps, n);
	}
	return l->nmaps > 0;
}

/* One sequence of volume descriptors; true when it told a logical volume and a partition. */
static bool sequence_read(struct span image, struct udf_layout *l, uint32_t length, uint32_t block)
{
	bool logical = false;
	uint32_t blocks = length / l->block;
	for (unsigned i = 0; i < SEQUENCE_MAX && i < blocks; i++) {
		uint64_t at = ((uint64_t)block + i) * l->block;
		unsigned tag = span_u16le(image, at);
		struct span d = udf_descriptor(image, at, l->block, tag, (uint64_t)block + i);
		if (!d.p)
			continue;
		if (tag == TAG_TERMINATING)
			break;
		if (tag == TAG_PRIMARY)
			l->primary = d;
		else if (tag == TAG_PARTITION)
			add_partition(l, d);
		else if (tag == TAG_LOGICAL)
			logical |= logical_read(l, d);
	}
	uint64_t end = ((uint64_t)block + blocks) * l->block;
	if (end > l->end)
		l->end = end;
	return logical && l->npartitions;
}

static bool anchored_at(struct span image, uint64_t block, uint32_t size, struct udf_layout *l)
{
	struct span anchor = udf_descriptor(image, block * size, size, TAG_ANCHOR, block);
	if (!anchor.p)
		return false;
	*l = (struct udf_layout){ .block = size, .end = (block + 1) * size };
	bool found = sequence_read(image, l, span_u32le(anchor, 16), span_u32le(anchor, 20));
	bool reserve = sequence_read(image, l, span_u32le(anchor, 24), span_u32le(anchor, 28));
	return found || reserve;
}

/* An anchor that stands at the end of the image, and where no block begins: bytes are missing or too many before it. */
static void find_shifted_anchor(struct span image, struct udf_layout *l)
{
	uint64_t at = image.n - l->block;
	struct span d = image.n % l->block ? udf_descriptor(image, at, l->block, TAG_ANCHOR, UDF_NOWHERE) : SPAN_NONE;
	int64_t by = (int64_t)(at - (uint64_t)span_u32le(d, 12) * l->block);
	if (!d.p || by < -SHIFT_MAX || by > SHIFT_MAX)
		return;
	l->last_by = by;
	if (image.n > l->end)
		l->end = image.n;
}

/* The end of the last partition; behind it may stand one more anchor, in the last block of the medium or 256 before. */
static void find_end(struct span image, struct udf_layout *l)
{
	for (unsigned i = 0; i < l->npartitions; i++) {
		uint64_t end = ((uint64_t)l->partitions[i].start + l->partitions[i].length) * l->block;
		if (end > l->end)
			l->end = end;
	}
	uint64_t last = image.n / l->block;
	find_shifted_anchor(image, l);
	if (last && image.n > l->end && image.n - l->end <= 1024 * (uint64_t)l->block &&
		udf_descriptor(image, (last - 1) * l->block, l->block, TAG_ANCHOR, last - 1).p)
		l->end = image.n;
}

bool udf_layout_read(struct span image, struct udf_layout *l)
{
	static const uint32_t sizes[] = { 2048, 512, 4096, 1024, 8192, 16384, 32768 };
	for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		uint64_t last = image.n / sizes[i];
		if (anchored_at(image, 256, sizes[i], l) || anchored_at(image, 512, sizes[i], l) ||
			(last > 257 &&
			 (anchored_at(image, last - 1, sizes[i], l) || anchored_at(image, last - 257, sizes[i], l)))) {
			find_end(image, l);
			return true;
		}
	}
	return false;
}
