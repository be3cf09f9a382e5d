/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UDF volumes of which bytes are missing or too many. Descriptors say which block they are in; files are padded with zeros where the
 * volume was written in one go. */
#include "format/udf.h"

#define SEARCHES_MAX 64u
#define FILES_MAX (4u << 20)

static void tell(struct udf *u, uint64_t at, int64_t by)
{
	volume_damage(&u->v, ERR_CORRUPT, at, "%llu bytes are %s here or before: what follows is read %s",
				  (unsigned long long)(by < 0 ? -by : by), by < 0 ? "missing" : "too many",
				  by < 0 ? "that much earlier" : "that much further on");
}

/* Whether it is a descriptor of one of the two kinds that says that it is in the block. */
static bool is_there(const struct udf *u, uint64_t at, uint32_t block, unsigned tag, unsigned other)
{
	unsigned is = span_u16le(u->v.image, at);
	return (is == tag || is == other) && udf_descriptor(u->v.image, at, u->l.block, is, block).p;
}

bool udf_find_shifted(struct udf *u, uint64_t at, uint32_t block, unsigned tag, unsigned other)
{
	if (u->l.nmaps != 1 || u->l.maps[0].kind != MAP_PHYSICAL || at == UDF_NOWHERE || u->searches++ >= SEARCHES_MAX)
		return false;
	uint64_t place = at - (at >= u->shift.from ? (uint64_t)u->shift.by : 0);
	for (int64_t by = -SHIFT_MAX; by <= SHIFT_MAX; by++) {
		if (by == (int64_t)(at - place) || (u->shift.by && by != u->shift.by) || !is_there(u, place + (uint64_t)by, block, tag, other))
			continue;
		if (!u->shift.by)
			tell(u, place, by);
		u->shift = (struct shift){ u->shift.by && u->shift.from < place ? u->shift.from : place, by };
		return true;
	}
	return false;
}

/* The extents of the files whose entries stand at whole blocks; counted where `files` is NULL. */
static size_t collect(struct udf *u, struct shift_file *files, size_t room)
{
	size_t n = 0;
	uint64_t block = u->l.block, end = u->v.image.n;
	for (uint64_t at = u->l.partitions[0].start * block; at + block <= end && n < room; at += block) {
		unsigned tag = span_u16le(u->v.image, at);
		struct udf_file f;
		if ((tag != TAG_FILE_ENTRY && tag != TAG_EXTENDED_FILE_ENTRY) || !udf_file_at(u, at, &f) || f.type != FILE_REGULAR)
			continue;
		uint32_t width = (f.flags & 7) == 0 ? 8 : 16;
		for (uint64_t i = 0; (f.flags & 7) < 2 && i + width <= f.extents.n && n < room; i += width) {
			struct udf_place p = udf_long_place(f.extents, i);
			uint64_t from = (u->l.partitions[0].start + (uint64_t)p.block) * block;
			if (p.type != 0 || !p.length)
				break;
			if (files)
				files[n] = (struct shift_file){ from, from + p.length };
			n++;
		}
	}
	return n;
}

static struct shift find_by_files(struct udf *u)
{
	const struct shift none = { UINT64_MAX, 0 };
	size_t n = collect(u, NULL, FILES_MAX);
	struct shift_file *files = n ? ARENA_ARRAY(u->v.w->arena, struct shift_file, n) : NULL;
	struct shift_file *spare = n ? ARENA_ARRAY(u->v.w->arena, struct shift_file, n) : NULL;
	return files && spare ? shift_find(u->v.image, files, spare, collect(u, files, n), u->l.block) : none;
}

void udf_shift_find(struct udf *u)
{
	u->shift = (struct shift){ UINT64_MAX, 0 };
	if (u->l.nmaps == 1 && u->l.maps[0].kind == MAP_PHYSICAL && u->l.npartitions == 1)
		u->shift = find_by_files(u);
	if (u->shift.by)
		tell(u, u->shift.from, u->shift.by);
	else if (u->l.last_by)
		volume_damage(&u->v, ERR_CORRUPT, u->v.image.n - u->l.block, "%llu bytes are %s somewhere before the last anchor: files behind "
					  "the place are read from where they are not", (unsigned long long)(u->l.last_by < 0 ? -u->l.last_by : u->l.last_by),
					  u->l.last_by < 0 ? "missing" : "too many");
}
