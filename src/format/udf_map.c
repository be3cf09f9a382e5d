/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the partition maps of UDF make places of block numbers, and file entries and their extents, which need them. */
#include "format/notation.h"
#include "format/udf.h"

#define TABLE_MAX ((uint64_t)16 << 20)
#define INDIRECT_MAX 64u
#define VAT_SEARCH 64u /* blocks from the end */

bool udf_work(struct udf *u, uint64_t n)
{
	if (u->v.stopped)
		return false;
	if (n > u->work) {
		u->v.error =
			error_at(ERR_CORRUPT, 0, "directories or lists of extents overlap: more of them than the image has bytes");
		u->v.stopped = true;
		return false;
	}
	u->work -= n;
	return true;
}

static uint64_t physical(const struct udf *u, const struct udf_map *m, uint32_t block)
{
	if (!m->partition || block >= m->partition->length)
		return UDF_NOWHERE;
	return shift_place(&u->shift, ((uint64_t)m->partition->start + block) * u->l.block);
}

static uint64_t sparable(const struct udf *u, const struct udf_map *m, uint32_t block)
{
	uint32_t packet = m->packet ? block - block % m->packet : 0;
	for (uint64_t i = 0; m->packet && i + 8 <= m->table.n; i += 8)
		if (span_u32le(m->table, i) == packet)
			return ((uint64_t)span_u32le(m->table, i + 4) + block % m->packet) * u->l.block;
	return physical(u, m, block);
}

uint64_t udf_map_block(const struct udf *u, uint16_t map, uint32_t block)
{
	if (map >= u->l.nmaps)
		return UDF_NOWHERE;
	const struct udf_map *m = &u->l.maps[map];
	uint64_t at = (uint64_t)block * u->l.block, end;
	switch (m->kind) {
	case MAP_PHYSICAL:
		return physical(u, m, block);
	case MAP_SPARABLE:
		return sparable(u, m, block);
	case MAP_VIRTUAL:
		return (uint64_t)block * 4 + 4 <= m->table.n ? physical(u, m, span_u32le(m->table, (uint64_t)block * 4))
													 : UDF_NOWHERE;
	case MAP_METADATA: {
		if (!m->runs || at >= m->runs->size)
			return UDF_NOWHERE;
		const struct run *run = runs_find(m->runs, at, &end);
		return run->place == RUN_HOLE ? UDF_NOWHERE : run->place + (at - run->at);
	}
	default:
		return UDF_NOWHERE;
	}
}

static int64_t timestamp(struct span d, uint64_t at)
{
	struct reader r = reader_le(span_sub(d, at, 12));
	uint16_t zone = rd_u16(&r);
	int16_t year = (int16_t)rd_u16(&r);
	unsigned month = rd_u8(&r), day = rd_u8(&r), hour = rd_u8(&r), minute = rd_u8(&r), second = rd_u8(&r);
	if (!rd_ok(&r) || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return FACT_NULL;
	int offset = zone & 0x7ff;
	if (zone & 0x800)
		offset -= 0x800;
	if (zone >> 12 != 1 || offset == -2047)
		offset = 0;
	return days_from_civil(year, month, day) * 86400 + (int64_t)(hour * 3600 + minute * 60 + second) - offset * 60;
}

bool udf_file_at(const struct udf *u, uint64_t at, struct udf_file *f)
{
	bool extended = span_u16le(u->v.image, at) == TAG_EXTENDED_FILE_ENTRY;
	struct span d =
		udf_descriptor(u->v.image, at, u->l.block, extended ? TAG_EXTENDED_FILE_ENTRY : TAG_FILE_ENTRY, UDF_NOWHERE);
	uint32_t base = extended ? 216 : 176;
	if (d.n < base)
		return false;
	*f = (struct udf_file){ .at = at };
	f->strategy = span_u16le(d, 20);
	f->type = d.p[27];
	f->flags = span_u16le(d, 34);
	f->uid = span_u32le(d, 36);
	f->gid = span_u32le(d, 40);
	f->permissions = span_u32le(d, 44);
	f->links = span_u16le(d, 48);
	f->size = span_u64le(d, 56);
	f->mtime = timestamp(d, extended ? 92 : 84);
	uint32_t attributes = span_u32le(d, base - 8), extents = span_u32le(d, base - 4);
	f->attributes = span_sub(d, base, attributes);
	f->extents = span_sub(d, (uint64_t)base + attributes, extents);
	return f->extents.p != NULL;
}

/* By strategy 4096 an entry is never changed: behind it stands where its successor is. */
bool udf_file_read(struct udf *u, struct udf_place place, struct udf_file *f)
{
	bool found = false;
	for (unsigned i = 0; i < INDIRECT_MAX; i++) {
		uint64_t at = udf_map_block(u, place.map, place.block);
		if (at == UDF_NOWHERE)
			return found;
		if (!udf_file_at(u, at, f) && udf_find_shifted(u, at, place.block, TAG_FILE_ENTRY, TAG_EXTENDED_FILE_ENTRY))
			at = udf_map_block(u, place.map, place.block);
		if (!udf_file_at(u, at, f))
			return found;
		found = true;
		if (f->strategy != 4096)
			return true;
		struct span next = udf_descriptor(u->v.image, at + u->l.block, u->l.block, TAG_INDIRECT, UDF_NOWHERE);
		if (next.n < 52)
			return true;
		place = udf_long_place(next, 36);
		struct udf_file successor;
		uint64_t there = udf_map_block(u, place.map, place.block);
		if (there == UDF_NOWHERE || !udf_file_at(u, there, &successor))
			return true;
	}
	return found;
}

/* Adds an extent to the collected runs. A physical partition's lies in one piece; others are mapped block by block. */
static bool add_extent(struct udf *u, uint64_t at, const struct udf_place *p)
{
	const struct udf_map *m = p->map < u->l.nmaps ? &u->l.maps[p->map] : NULL;
	if (p->type != 0)
		return volume_runs_add(&u->v, at, RUN_HOLE);
	uint64_t blocks = ((uint64_t)p->length + u->l.block - 1) / u->l.block;
	if (m && (m->kind == MAP_PHYSICAL || (m->kind == MAP_SPARABLE && !m->table.n))) {
		uint64_t place = physical(u, m, p->block);
		return place != UDF_NOWHERE && blocks <= m->partition->length - p->block && volume_runs_add(&u->v, at, place);
	}
	for (uint64_t i = 0; i < blocks; i++) {
		uint64_t place = p->block + i <= UINT32_MAX ? udf_map_block(u, p->map, (uint32_t)(p->block + i)) : UDF_NOWHERE;
		if (place == UDF_NOWHERE || !udf_work(u, 16) || !volume_runs_add(&u->v, at + i * u->l.block, place))
			return false;
	}
	return true;
}

/* The next allocation descriptor, short or long. */
static bool next_extent(struct reader *r, unsigned kind, uint16_t map, struct udf_place *p)
{
	unsigned width = kind == 0 ? 8 : 16;
	if (kind > 1 || rd_left(r) < width)
		return false;
	struct span d = rd_bytes(r, width);
	*p = udf_long_place(d, 0);
	if (kind == 0)
		p->map = map;
	return p->length != 0;
}

uint64_t udf_runs(struct udf *u, const struct udf_file *f, uint16_t map)
{
	struct reader r = reader_le(f->extents);
	struct udf_place p;
	uint64_t n = 0, tortoise = UDF_NOWHERE, turn = 1, chained = 0;
	volume_runs_begin(&u->v);
	while (n < f->size && next_extent(&r, f->flags & 7, map, &p)) {
		if (p.type != 3) {
			if (!add_extent(u, n, &p)) {
				volume_damage(&u->v, ERR_CORRUPT, f->at, "an extent lies outside of its partition");
				break;
			}
			n += p.length;
			continue;
		}
		uint64_t at = udf_map_block(u, p.map, p.block);
		struct span d = at == UDF_NOWHERE
							? SPAN_NONE
							: udf_descriptor(u->v.image, at, u->l.block, TAG_ALLOCATION_EXTENT, UDF_NOWHERE);
		struct span more = span_sub(d, 24, span_u32le(d, 20));
		bool loops = at == tortoise;
		if (++chained == turn) { /* Brent: the mark moves ahead in ever larger steps */
			turn *= 2;
			tortoise = at;
		}
		if (!more.p || loops || !udf_work(u, u->l.block)) {
			volume_damage(&u->v, ERR_CORRUPT, f->at, "the list of extents breaks off");
			break;
		}
		r = reader_le(more);
	}
	return n;
}

struct span udf_small_file(struct udf *u, const struct udf_file *f, uint16_t map, uint64_t most)
{
	if (f->size > most || !f->size)
		return SPAN_NONE;
	if ((f->flags & 7) == 3)
		return span_sub(f->extents, 0, f->size);
	if (udf_runs(u, f, map) < f->size)
		return SPAN_NONE;
	struct runs runs = { u->v.image, f->size, u->v.nscratch, u->v.scratch };
	uint64_t end;
	const struct run *run = runs_find(&runs, 0, &end);
	if (end == f->size && run->place != RUN_HOLE)
		return span_sub(u->v.image, run->place, f->size);
	uint8_t *p = arena_alloc(u->v.w->arena, (size_t)f->size, 1);
	if (!p)
		return SPAN_NONE;
	struct error e = runs_read(&runs, 0, p, (size_t)f->size);
	return error_is(&e) ? SPAN_NONE : span_of(p, (size_t)f->size);
}

/* The partition behind a virtual or metadata map is another, physical map of the same number. */
static uint16_t physical_map(const struct udf *u, uint16_t number)
{
	for (uint16_t i = 0; i < u->l.nmaps; i++)
		if (u->l.maps[i].number == number && (u->l.maps[i].kind == MAP_PHYSICAL || u->l.maps[i].kind == MAP_SPARABLE))
			return i;
	return 0;
}

static void open_metadata(struct udf *u, struct udf_map *m)
{
	uint16_t map = physical_map(u, m->number);
	for (unsigned i = 0; i < 2 && !m->runs; i++) {
		struct udf_file f;
		struct udf_place place = { .block = m->places[i], .map = map };
		if (!udf_file_read(u, place, &f) || (f.type != FILE_METADATA && f.type != FILE_METADATA + 1) ||
			(f.flags & 7) == 3)
			continue;
		uint64_t n = udf_runs(u, &f, map);
		m->runs = volume_runs_end(&u->v, n < f.size ? n : f.size);
	}
	if (!m->runs)
		volume_damage(&u->v, ERR_CORRUPT, OFFSET_NONE, "the metadata file can not be read");
}

/* Blocks up to the last one that holds more than zeros: what was never recorded may have been read as such. */
static uint64_t written_blocks(const struct udf *u)
{
	uint64_t n = u->v.image.n / u->l.block;
	for (; n; n--) {
		struct span s = span_sub(u->v.image, (n - 1) * u->l.block, u->l.block);
		if (s.p[0] || memcmp(s.p, s.p + 1, s.n - 1) != 0)
			return n;
	}
	return n;
}

/* The table of virtual blocks is the file that was recorded last. Before UDF 2.00 it ends with an identifier and the
 * place of its predecessor, from then on it begins with a header. */
static void open_virtual(struct udf *u, struct udf_map *m)
{
	uint64_t last = written_blocks(u);
	uint16_t map = physical_map(u, m->number);
	for (uint64_t i = 1; i <= VAT_SEARCH && i <= last && !m->table.n; i++) {
		struct udf_file f;
		if (!udf_file_at(u, (last - i) * u->l.block, &f) || (f.type != FILE_VAT && f.type != FILE_UNSPECIFIED))
			continue;
		struct span s = udf_small_file(u, &f, map, TABLE_MAX);
		if (f.type == FILE_VAT)
			m->table = span_from(s, span_u16le(s, 0));
		else if (s.n >= 36 && span_has(s, s.n - 35, "*UDF Virtual Alloc Tbl", 22))
			m->table = span_sub(s, 0, s.n - 36);
	}
	if (!m->table.p)
		volume_damage(&u->v, ERR_CORRUPT, u->v.image.n, "no virtual allocation table at the end of the image");
}

/* Packets that were moved. Entries that stand for free ones begin with bits that no packet's number has. */
static void open_sparable(struct udf *u, struct udf_map *m)
{
	for (unsigned i = 0; i < 2 && !m->table.n; i++) {
		struct span d = udf_descriptor(u->v.image, (uint64_t)m->places[i] * u->l.block, 65536, 0, UDF_NOWHERE);
		uint32_t used = 0, count = span_u16le(d, 48);
		if (!span_has(d, 17, "*UDF Sparing Table", 18))
			continue;
		while (used < count && span_u32le(d, 56 + 8 * (uint64_t)used) < 0xfffffff0)
			used++;
		m->table = span_sub(d, 56, 8 * (uint64_t)used);
	}
}

void udf_maps_open(struct udf *u)
{
	for (unsigned i = 0; i < u->l.nmaps; i++) {
		struct udf_map *m = &u->l.maps[i];
		for (unsigned k = 0; k < u->l.npartitions; k++)
			if (u->l.partitions[k].number == m->number)
				m->partition = &u->l.partitions[k];
		if (m->kind == MAP_SPARABLE)
			open_sparable(u, m);
	}
	for (unsigned i = 0; i < u->l.nmaps; i++) {
		struct udf_map *m = &u->l.maps[i];
		if (m->kind == MAP_METADATA)
			open_metadata(u, m);
		else if (m->kind == MAP_VIRTUAL)
			open_virtual(u, m);
		else if (m->kind == MAP_UNKNOWN)
			volume_damage(&u->v, ERR_UNSUPPORTED, OFFSET_NONE, "a partition map of a kind that is not read");
	}
}

size_t udf_text(struct span s, char *out)
{
	if (!s.n)
		return 0;
	if (s.p[0] == 16 || s.p[0] == 255)
		return utf16_to_utf8(span_from(s, 1), true, false, out);
	size_t n = 0;
	for (size_t i = 1; i < s.n; i++) {
		uint8_t unit[2] = { s.p[i], 0 };
		n += utf16_to_utf8(span_of(unit, 2), false, false, out + n);
	}
	return n;
}
