/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/vmdk_image.h"

#include <stdlib.h>

#include "base/codec.h"

#define PAD_AT 79u
#define GRAIN_MIN 8u
#define GRAIN_MAX 16384u
#define TABLE_MAX 4096u
#define MARKER_KIND_AT 12u
#define COWD_TABLE 4096u

enum marker { MARKER_END, MARKER_TABLE, MARKER_DIRECTORY, MARKER_FOOTER };

static bool is_grain(uint64_t sectors, uint64_t least)
{
	return sectors >= least && sectors <= GRAIN_MAX && (sectors & (sectors - 1)) == 0;
}

static bool hosted_read(struct span header, struct vmdk *v)
{
	struct reader r = reader_le(header);
	rd_skip(&r, 4);
	v->version = rd_u32(&r);
	v->flags = rd_u32(&r);
	v->sectors = rd_u64(&r);
	v->grain = rd_u64(&r);
	v->text_at = rd_u64(&r);
	v->text_n = rd_u64(&r);
	v->per_table = rd_u32(&r);
	v->redundant = rd_u64(&r);
	v->directory = rd_u64(&r);
	v->overhead = rd_u64(&r);
	v->unclean = rd_u8(&r) != 0;
	bool newlines = span_has(header, 73, "\n \r\n", 4);
	rd_skip(&r, 4);
	v->compression = rd_u16(&r);
	if (!rd_ok(&r) || !span_starts(header, "KDMV", 4) || v->version < 1 || v->version > 3 || v->flags & ~VMDK_FLAGS)
		return false;
	if (v->flags & VMDK_FLAG_NEWLINES ? !newlines : !span_is_zero(span_clip(header, PAD_AT, VMDK_HEADER_SIZE - PAD_AT)))
		return false;
	bool places = v->directory <= VMDK_SECTORS_MAX || (v->directory == VMDK_DIRECTORY_AT_END && v->flags & VMDK_FLAG_MARKERS);
	return v->sectors <= VMDK_SECTORS_MAX && is_grain(v->grain, GRAIN_MIN) && v->per_table >= 1 && v->per_table <= TABLE_MAX && places &&
		   v->overhead <= VMDK_SECTORS_MAX && v->text_at <= VMDK_SECTORS_MAX && v->text_n <= VMDK_DESCRIPTOR_MAX;
}

static bool cowd_read(struct span header, struct vmdk *v)
{
	struct reader r = reader_le(header);
	rd_skip(&r, 4);
	v->cowd = true;
	v->version = rd_u32(&r);
	v->flags = rd_u32(&r);
	v->sectors = rd_u32(&r);
	v->grain = rd_u32(&r);
	v->directory = rd_u32(&r);
	uint64_t entries = rd_u32(&r), free = rd_u32(&r);
	v->per_table = COWD_TABLE;
	if (!rd_ok(&r) || !span_starts(header, "COWD", 4) || v->version != 1 || v->flags > 3 || !is_grain(v->grain, 1) || !v->sectors)
		return false;
	return v->directory >= 4 && entries == vmdk_tables(v) && free > v->directory;
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n);

bool vmdk_read(struct span bytes, struct vmdk *v)
{
	struct span header = span_sub(bytes, 0, VMDK_HEADER_SIZE);
	*v = (struct vmdk){ .disk = { .bytes = bytes, .read = read_part } };
	if (!(span_starts(header, "COWD", 4) ? cowd_read(header, v) : hosted_read(header, v)))
		return false;
	v->disk.size = v->sectors * GUEST_SECTOR;
	v->disk.unit = (uint32_t)(v->grain * GUEST_SECTOR);
	if (!(v->flags & VMDK_FLAG_COMPRESSED) || v->cowd)
		v->disk.unit = guest_disk_unit(v->disk.unit);
	return true;
}

/* ---- where a grain is ---- */

static bool word_at(const struct vmdk *v, uint64_t sector, uint64_t index, uint32_t *value)
{
	struct reader r = reader_le(span_sub(v->disk.bytes, sector * GUEST_SECTOR + index * 4, 4));
	*value = rd_u32(&r);
	return rd_ok(&r);
}

/* The entry of a grain by one of the two directories. */
static bool look_up(const struct vmdk *v, uint64_t directory, uint64_t grain, uint32_t *entry)
{
	uint32_t table = 0;
	*entry = 0;
	if (!word_at(v, directory, grain / v->per_table, &table))
		return false;
	return table == 0 || word_at(v, table, grain % v->per_table, entry);
}

/* The first grain of a stream that stands behind this one in the disk. */
static size_t grain_behind(const struct vmdk *v, uint64_t number)
{
	size_t from = 0, to = v->ngrains;
	while (from < to) {
		size_t mid = from + (to - from) / 2;
		if (v->grains[mid].number <= number)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static bool find_in_stream(const struct vmdk *v, uint64_t number, uint64_t *place)
{
	size_t from = grain_behind(v, number);
	*place = from && v->grains[from - 1].number == number ? v->grains[from - 1].at : GUEST_HOLE;
	return true;
}

static bool find_grain(const struct vmdk *v, uint64_t number, uint64_t *place)
{
	uint32_t entry;
	*place = GUEST_HOLE;
	if (v->directory == VMDK_DIRECTORY_AT_END)
		return find_in_stream(v, number, place);
	if (!look_up(v, v->directory, number, &entry) &&
		!(v->flags & VMDK_FLAG_REDUNDANT && !v->cowd && look_up(v, v->redundant, number, &entry)))
		return false;
	if (entry > 1 || (entry == 1 && !(v->flags & VMDK_FLAG_ZEROED && !v->cowd)))
		*place = (uint64_t)entry * GUEST_SECTOR;
	return true;
}

/* The packed bytes of a grain; absent where its marker is another grain's. */
static struct span packed_grain(const struct vmdk *v, uint64_t number, uint64_t place)
{
	uint64_t most = 2 * v->grain * GUEST_SECTOR; /* as QEMU has it: grains that are packed into one another would cost without end */
	if (!(v->flags & VMDK_FLAG_MARKERS))
		return span_clip(v->disk.bytes, place, most);
	struct reader r = reader_le(span_from(v->disk.bytes, place));
	uint64_t sector = rd_u64(&r);
	uint32_t n = rd_u32(&r);
	return sector == number * v->grain && n <= most ? rd_bytes(&r, n) : SPAN_NONE;
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n)
{
	const struct vmdk *v = (const struct vmdk *)d;
	uint64_t grain = v->grain * GUEST_SECTOR, place;
	if (!find_grain(v, at / grain, &place))
		return false;
	if (place == GUEST_HOLE || v->cowd || !(v->flags & VMDK_FLAG_COMPRESSED))
		return guest_disk_copy(d, place == GUEST_HOLE ? place : place + at % grain, out, n);
	size_t got = 0;
	struct span packed = packed_grain(v, at / grain, place);
	enum error_code code = packed.n ? codec_block(CODEC_ZLIB, packed, out, n, &got) : ERR_CORRUPT;
	return (!code || code == ERR_BUDGET) && got == n; /* the last grain may be cut by the disk's end */
}

enum guest_state vmdk_part_state(const struct guest_disk *d, uint64_t at, uint64_t *n)
{
	const struct vmdk *v = (const struct vmdk *)d;
	uint64_t grain = v->grain * GUEST_SECTOR, number = at / grain, place;
	uint32_t table = 0;
	*n = grain - at % grain;
	if (v->directory == VMDK_DIRECTORY_AT_END && find_in_stream(v, number, &place) && place == GUEST_HOLE) {
		size_t next = grain_behind(v, number);
		*n = next < v->ngrains ? v->grains[next].number * grain - at : d->size - at;
		return GUEST_ZEROS;
	}
	if (v->directory != VMDK_DIRECTORY_AT_END && word_at(v, v->directory, number / v->per_table, &table) && !table) {
		*n += (v->per_table - 1 - number % v->per_table) * grain;
		return GUEST_ZEROS;
	}
	return !find_grain(v, number, &place) ? GUEST_LOST : place == GUEST_HOLE ? GUEST_ZEROS : GUEST_STORED;
}

/* ---- streams ---- */

/* Where what follows the marker at `at` stands; 0: this is no marker, or the last one. */
static uint64_t behind_marker(const struct vmdk *v, uint64_t at, struct span marker, uint64_t *footer)
{
	struct reader r = reader_le(marker);
	uint64_t value = rd_u64(&r);
	uint32_t size = rd_u32(&r), kind = rd_u32(&r);
	if (!rd_ok(&r) || value > VMDK_SECTORS_MAX)
		return 0;
	if (size)
		return value < v->sectors && value % v->grain == 0 ? vmdk_ceil_div(at + VMDK_MARKER_SIZE + size, GUEST_SECTOR) * GUEST_SECTOR : 0;
	if (kind == MARKER_FOOTER)
		*footer = at + GUEST_SECTOR;
	return kind == MARKER_END || kind > MARKER_FOOTER ? 0 : at + GUEST_SECTOR + value * GUEST_SECTOR;
}

static int by_number(const void *x, const void *y)
{
	const struct vmdk_grain *a = x, *b = y;
	return a->number != b->number ? (a->number > b->number) - (a->number < b->number) : (a->at > b->at) - (a->at < b->at);
}

/* Goes from marker to marker: once to count the grains, once more to note them where `into` has room. */
static size_t follow_stream(struct vmdk *v, struct vmdk_grain *into)
{
	size_t n = 0;
	uint64_t next;
	for (uint64_t at = v->overhead * GUEST_SECTOR; at < v->disk.bytes.n; at = next) {
		struct span marker = span_clip(v->disk.bytes, at, MARKER_KIND_AT + 4);
		next = behind_marker(v, at, marker, &v->footer);
		v->stream_end = next ? next : at;
		if (!next && marker.n == MARKER_KIND_AT + 4 && span_is_zero(marker))
			v->stream_end = at + GUEST_SECTOR;
		if (next <= at)
			break;
		if (span_u32le(marker, 8) && into)
			into[n] = (struct vmdk_grain){ ((uint64_t)span_u32le(marker, 4) << 32 | span_u32le(marker, 0)) / v->grain, at };
		n += span_u32le(marker, 8) != 0;
	}
	return n;
}

/* The directory of a stream is told by the header's copy at its end. Where that is lost, the markers of the grains tell enough. */
struct error vmdk_stream_open(struct vmdk *v, struct walk *w)
{
	struct vmdk at_end;
	size_t n = follow_stream(v, NULL);
	if (!v->footer && v->disk.bytes.n >= 2 * GUEST_SECTOR)
		v->footer = v->disk.bytes.n - 2 * GUEST_SECTOR;
	struct span footer = span_sub(v->disk.bytes, v->footer, VMDK_HEADER_SIZE);
	if (v->footer && hosted_read(footer, &at_end) && at_end.directory != VMDK_DIRECTORY_AT_END && at_end.grain == v->grain &&
		at_end.sectors == v->sectors && at_end.per_table == v->per_table) {
		v->directory = at_end.directory;
		v->redundant = at_end.redundant;
		return error_none();
	}
	emit_damage_at(w->sink, ERR_TRUNCATED, v->stream_end, "the stream has no footer: it is read as far as its markers lead");
	v->grains = ARENA_ARRAY(w->arena, struct vmdk_grain, n ? n : 1);
	if (!v->grains)
		return error_at(ERR_BUDGET, 0, "no memory for %zu grains", n);
	v->ngrains = follow_stream(v, v->grains);
	qsort(v->grains, v->ngrains, sizeof *v->grains, by_number);
	return error_none();
}
