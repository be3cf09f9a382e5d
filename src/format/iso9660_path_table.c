/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The path table of ISO 9660: all directories of a tree once more, each with its name, its block and the number of its parent. By it
 * directories are found whose names are lost, and whether a part of the image is shifted.
 *
 * Specification: ECMA-119 9.4.
 */
#include "format/iso9660.h"

#define TABLE_MAX (16u << 20)
#define SEARCHES_MAX 64u
#define DEPTH_MAX 160u

struct path_record {
	uint32_t block, parent;
	struct span name;
};

/* The record at *at, which moves behind it; false at the end of the table. */
static bool path_record_read(struct span table, uint64_t *at, struct path_record *r)
{
	struct span head = span_sub(table, *at, 8);
	if (!head.p || !head.p[0])
		return false;
	*r = (struct path_record){ span_u32le(head, 2), span_u16le(head, 6), span_sub(table, *at + 8, head.p[0]) };
	*at += 8 + (uint64_t)head.p[0] + head.p[0] % 2;
	return r->name.p && r->parent;
}

/* A directory begins with a record of its own, which says its block in both byte orders. */
static bool begins_directory(struct span image, uint64_t at, uint32_t block)
{
	struct span s = span_sub(image, at, 34);
	return s.p && s.p[0] >= 34 && span_u32le(s, 2) == block && span_u32be(s, 6) == block && s.p[25] & ISO_FLAG_DIRECTORY &&
		   s.p[32] == 1 && s.p[33] == 0;
}

/* Where those bytes stand near a place, from *from on, which moves behind them; false: nowhere. */
static bool find_near(struct span image, uint64_t at, uint64_t *from, const uint8_t *bytes, size_t n)
{
	uint64_t least = at > SHIFT_MAX ? at - SHIFT_MAX : 0, end = at + SHIFT_MAX + n;
	*from = *from < least ? least : *from;
	struct span s = *from < end ? span_clip(image, *from, end - *from) : SPAN_NONE;
	const uint8_t *hit = s.n ? memmem(s.p, s.n, bytes, n) : NULL;
	*from = hit ? (uint64_t)(hit - image.p) + 1 : end;
	return hit != NULL;
}

static void put32(uint8_t *p, uint32_t v, bool big)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (big ? 24 - 8 * i : 8 * i));
}

/* The table that the descriptor of a tree tells of. It begins with the root directory. */
static struct span path_table(struct iso *iso, struct span tree)
{
	uint8_t root[9] = { 1, 0, 0, 0, 0, 0, 1, 0, 0 };
	uint32_t n = span_u32le(tree, 132), block = span_u32le(tree, 140);
	put32(root + 2, span_u32le(tree, 158), false);
	uint64_t at = iso_place(iso, block, iso->block);
	if (!block || at == ISO_ELSEWHERE || n > TABLE_MAX)
		return SPAN_NONE;
	uint64_t from = 0;
	if (span_has(iso->v.image, at, root, sizeof root))
		return span_clip(iso->v.image, at, n);
	if (!find_near(iso->v.image, at, &from, root, sizeof root))
		return SPAN_NONE;
	iso->shift = (struct shift){ at, (int64_t)(from - 1 - at) };
	return span_clip(iso->v.image, from - 1, n);
}

/* Where a directory stands near the place where it is to be; that place when it does nowhere. */
static uint64_t find_directory(struct span image, uint64_t at, uint32_t block)
{
	uint8_t blocks[8];
	put32(blocks, block, false);
	put32(blocks + 4, block, true);
	for (uint64_t from = 0; find_near(image, at + 2, &from, blocks, sizeof blocks);)
		if (from >= 3 && begins_directory(image, from - 3, block))
			return from - 3;
	return at;
}

/* The first directory that does not stand where the table says, but near by. */
static void find_shifted_directory(struct iso *iso, struct span table)
{
	struct shift found = iso->shift;
	struct path_record r;
	unsigned searches = 0;
	for (uint64_t i = 0; path_record_read(table, &i, &r) && searches < SEARCHES_MAX;) {
		uint64_t at = iso_place(iso, r.block, iso->block);
		if (!r.block || at == ISO_ELSEWHERE || at >= found.from || begins_directory(iso->v.image, at, r.block))
			continue;
		uint64_t there = find_directory(iso->v.image, at, r.block);
		searches++;
		if (there != at)
			found = (struct shift){ at, (int64_t)(there - at) };
	}
	iso->shift = found;
}

/* Collects the files of a directory: their places and sizes. With `files` NULL they are counted. */
static size_t collect_directory(struct iso *iso, uint32_t block, struct shift_file *files, size_t room)
{
	uint64_t at = iso_place(iso, block, iso->block), base = at;
	struct span rest = span_from(iso->v.image, at);
	size_t n = 0;
	uint64_t size = begins_directory(iso->v.image, at, block) ? span_u32le(rest, 10) : 0;
	for (rest = span_clip(rest, 0, size); at - base < rest.n && n < room;) {
		struct span record = span_from(rest, at - base);
		if (record.p[0] < 34 || record.n < record.p[0]) { /* the end of a sector */
			at = at / ISO_SECTOR * ISO_SECTOR + ISO_SECTOR;
			continue;
		}
		if (!(record.p[25] & ISO_FLAG_DIRECTORY) && span_u32le(record, 10)) {
			uint64_t from = iso_place(iso, span_u32le(record, 2) + record.p[1], iso->block);
			if (files)
				files[n] = (struct shift_file){ from, from + span_u32le(record, 10) };
			n++;
		}
		at += record.p[0];
	}
	return n;
}

static size_t collect(struct iso *iso, struct span table, struct shift_file *files, size_t room)
{
	struct path_record r;
	uint64_t work = iso->v.image.n;
	size_t n = 0;
	for (uint64_t i = 0; path_record_read(table, &i, &r) && n < room;) {
		uint64_t at = iso_place(iso, r.block, iso->block), size = span_u32le(iso->v.image, at + 10);
		if (size > work)
			break;
		work -= size;
		n += collect_directory(iso, r.block, files ? files + n : NULL, room - n);
	}
	return n;
}

static void find_shifted_files(struct iso *iso, struct span table)
{
	size_t n = collect(iso, table, NULL, SIZE_MAX);
	struct shift_file *files = n ? ARENA_ARRAY(iso->v.w->arena, struct shift_file, n) : NULL;
	struct shift_file *spare = n ? ARENA_ARRAY(iso->v.w->arena, struct shift_file, n) : NULL;
	if (files && spare)
		iso->shift = shift_find(iso->v.image, files, spare, collect(iso, table, files, n), ISO_SECTOR);
}

void iso_path_table_read(struct iso *iso, struct span tree)
{
	iso->shift = (struct shift){ UINT64_MAX, 0 };
	iso->table = path_table(iso, tree);
	if (!iso->shift.by)
		find_shifted_directory(iso, iso->table);
	if (!iso->shift.by)
		find_shifted_files(iso, iso->table);
	if (iso->shift.by)
		volume_damage(&iso->v, ERR_CORRUPT, iso->shift.from, "%llu bytes are %s here or before: what follows is read %s",
					  (unsigned long long)(iso->shift.by < 0 ? -iso->shift.by : iso->shift.by), iso->shift.by < 0 ? "missing" : "too many",
					  iso->shift.by < 0 ? "that much earlier" : "that much further on");
}

/* The path of a directory of the table: its ancestors come before it. */
static bool enter_path(struct iso *iso, const struct path_record *records, uint32_t number, unsigned depth)
{
	char name[3 * 256];
	const struct path_record *r = &records[number - 1];
	if (number == 1)
		return true;
	if (r->parent >= number || depth == DEPTH_MAX || !enter_path(iso, records, r->parent, depth + 1))
		return false;
	return volume_enter(&iso->v, text_of(name, iso_plain_name(iso, r->name, name)), 0);
}

/* The directory that holds those that lay too deep is marked as moved itself, and is moved from nowhere: what it has of its own is shown. */
static bool was_moved(const struct iso *iso, uint32_t block)
{
	for (unsigned i = 0; i < iso->nmoved; i++)
		if (iso->moved[i] == block)
			return true;
	return false;
}

void iso_lost_directories(struct iso *iso)
{
	struct path_record r, *records;
	uint32_t n = 0;
	for (uint64_t i = 0; path_record_read(iso->table, &i, &r);)
		n++;
	if (n <= iso->ndirectories || !(records = ARENA_ARRAY(iso->v.w->arena, struct path_record, n)))
		return;
	n = 0;
	for (uint64_t i = 0; path_record_read(iso->table, &i, &r);)
		records[n++] = r;
	for (uint32_t i = 1; i < n && !iso->v.stopped; i++) {
		uint64_t at = iso_place(iso, records[i].block, iso->block);
		struct iso_seen *slot = iso_seen_of(iso, records[i].block, true);
		if (!slot || slot->key || !begins_directory(iso->v.image, at, records[i].block))
			continue;
		bool moved = was_moved(iso, records[i].block);
		if (!moved)
			volume_damage(&iso->v, ERR_CORRUPT, at, "no name leads to a directory of the path table");
		if (enter_path(iso, records, i + 1, 0))
			iso_show_directory(iso, records[i].block, span_u32le(iso->v.image, at + 10), !moved);
		volume_leave(&iso->v, 0);
	}
}
