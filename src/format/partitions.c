/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/partitions.h"

#include <stdio.h>

/* Fewer bytes between two parts are not worth a row. */
#define GAP_MIN 64u

/* Kept in the order of the disk, so that an overlap can only be with a neighbour. */
bool partitions_add(struct partitions *p, struct walk *w, uint64_t start, uint64_t size, struct text name)
{
	size_t at = p->n;
	if (p->n == PARTITIONS_MAX) {
		emit_damage_at(w->sink, ERR_BUDGET, start, "more than %u partitions", PARTITIONS_MAX);
		return false;
	}
	while (at > 0 && p->v[at - 1].start > start)
		at--;
	bool overlaps =
		(at > 0 && start - p->v[at - 1].start < p->v[at - 1].size) || (at < p->n && p->v[at].start - start < size);
	if (overlaps) {
		if (name.p)
			emit_damage_at(w->sink, ERR_CORRUPT, start, "a partition of %llu bytes overlaps another one",
						   (unsigned long long)size);
		return false;
	}
	memmove(&p->v[at + 1], &p->v[at], (p->n - at) * sizeof p->v[0]);
	p->v[at] = (struct partition){ start, size, name };
	p->n++;
	return true;
}

static bool emit_region(struct span disk, struct walk *w, uint64_t start, uint64_t size, struct text name)
{
	struct entry e = entry_new(ENTRY_REGION, name);
	e.offset = start;
	e.size = size;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(disk, start, size) };
	if (e.content.bytes.n < size)
		emit_damage_at(w->sink, ERR_TRUNCATED, disk.n, "a partition at %llu has %llu bytes, %zu are there",
					   (unsigned long long)start, (unsigned long long)size, e.content.bytes.n);
	return w->child(w, &e);
}

static bool emit_gap(struct span disk, struct walk *w, uint64_t from, uint64_t to)
{
	char name[40];
	to = to < disk.n ? to : disk.n;
	if (from >= to || to - from < GAP_MIN)
		return true;
	snprintf(name, sizeof name, "unallocated-0x%llx", (unsigned long long)from);
	return emit_region(disk, w, from, to - from, text_c(name));
}

void partitions_emit(const struct partitions *p, struct span disk, struct walk *w)
{
	uint64_t cursor = 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct partition *part = &p->v[i];
		if (!emit_gap(disk, w, cursor, part->start))
			return;
		if (part->name.p && !emit_region(disk, w, part->start, part->size, part->name))
			return;
		cursor = part->start + part->size;
	}
	(void)emit_gap(disk, w, cursor, disk.n);
}

bool mbr_read(struct span sector, struct mbr_entry entries[4])
{
	if (!span_has(sector, 510, "\x55\xaa", 2))
		return false;
	struct reader r = reader_le(sector);
	rd_seek(&r, 446);
	for (unsigned i = 0; i < 4; i++) {
		entries[i].bootable = rd_u8(&r) == 0x80;
		rd_skip(&r, 3);
		entries[i].type = rd_u8(&r);
		rd_skip(&r, 3);
		entries[i].lba = rd_u32(&r);
		entries[i].sectors = rd_u32(&r);
	}
	return rd_ok(&r);
}

const char *mbr_type_name(uint8_t type)
{
	static const struct {
		uint8_t type;
		const char *name;
	} names[] = {
		{ 0x01, "FAT12" },
		{ 0x04, "FAT16 below 32 MiB" },
		{ 0x05, "extended" },
		{ 0x06, "FAT16" },
		{ 0x07, "NTFS or exFAT" },
		{ 0x0b, "FAT32" },
		{ 0x0c, "FAT32 LBA" },
		{ 0x0e, "FAT16 LBA" },
		{ 0x0f, "extended LBA" },
		{ 0x11, "hidden FAT12" },
		{ 0x16, "hidden FAT16" },
		{ 0x1b, "hidden FAT32" },
		{ 0x1c, "hidden FAT32 LBA" },
		{ 0x27, "Windows recovery" },
		{ 0x42, "Windows dynamic disk" },
		{ 0x4d, "QNX4" },
		{ 0x82, "Linux swap" },
		{ 0x83, "Linux" },
		{ 0x85, "Linux extended" },
		{ 0x8e, "Linux LVM" },
		{ 0xa0, "diagnostic" },
		{ 0xa2, "SoC FPGA boot loader" },
		{ 0xa5, "FreeBSD" },
		{ 0xa6, "OpenBSD" },
		{ 0xa9, "NetBSD" },
		{ 0xaf, "HFS" },
		{ 0xda, "no file system" },
		{ 0xee, "GPT protective" },
		{ 0xef, "EFI system" },
		{ 0xfd, "Linux RAID" },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].type == type)
			return names[i].name;
	return "unknown";
}
