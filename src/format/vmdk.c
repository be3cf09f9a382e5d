/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks of VMware: sparse extents (monolithicSparse, and those of twoGbMaxExtentSparse), streamOptimized ones, whose grains are
 * compressed and marked, the older ones of ESX ("COWD"), and the descriptors of disks that are in several files.
 *
 * Specification: VMware Virtual Disk Format 5.0, "Hosted Sparse Extent", "Stream-Optimized Compressed Sparse Extents", "ESX Server
 * Sparse Extent".
 */
#include "format/vmdk.h"

#include <stdlib.h>

#include "base/codec.h"
#include "format/guest_disk.h"

#define HEADER_SIZE 512u
#define PAD_AT 79u
#define FLAG_NEWLINES 1u
#define FLAG_REDUNDANT 2u
#define FLAG_ZEROED 4u
#define FLAG_COMPRESSED (1u << 16)
#define FLAG_MARKERS (1u << 17)
#define FLAGS (FLAG_NEWLINES | FLAG_REDUNDANT | FLAG_ZEROED | FLAG_COMPRESSED | FLAG_MARKERS)
#define DIRECTORY_AT_END UINT64_MAX
#define GRAIN_MIN 8u
#define GRAIN_MAX 16384u
#define TABLE_MAX 4096u
#define MARKER_SIZE 12u /* of a grain: its first sector, and how many bytes follow */
#define MARKER_KIND_AT 12u
#define COWD_TABLE 4096u
#define COWD_ROOT 1u
#define SECTORS_MAX (UINT64_MAX >> 16)

enum marker { MARKER_END, MARKER_TABLE, MARKER_DIRECTORY, MARKER_FOOTER };

/* A grain of a stream. */
struct grain {
	uint64_t number, at;
};

struct vmdk {
	struct guest_disk disk; /* first */
	bool cowd;
	uint32_t version, flags, per_table;
	uint64_t sectors, grain, directory, redundant, overhead, text_at, text_n;
	bool unclean;
	unsigned compression;
	uint64_t footer, stream_end; /* of a stream: as its markers tell; 0: they do not */
	struct grain *grains; /* of a stream without a directory */
	size_t ngrains;
};

static uint64_t ceil_div(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

static uint64_t tables(const struct vmdk *v)
{
	return ceil_div(v->sectors, v->grain * v->per_table);
}

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
	if (!rd_ok(&r) || !span_starts(header, "KDMV", 4) || v->version < 1 || v->version > 3 || v->flags & ~FLAGS)
		return false;
	if (v->flags & FLAG_NEWLINES ? !newlines : !span_is_zero(span_clip(header, PAD_AT, HEADER_SIZE - PAD_AT)))
		return false;
	bool places = v->directory <= SECTORS_MAX || (v->directory == DIRECTORY_AT_END && v->flags & FLAG_MARKERS);
	return v->sectors <= SECTORS_MAX && is_grain(v->grain, GRAIN_MIN) && v->per_table >= 1 && v->per_table <= TABLE_MAX && places &&
		   v->overhead <= SECTORS_MAX && v->text_at <= SECTORS_MAX && v->text_n <= VMDK_DESCRIPTOR_MAX;
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
	return v->directory >= 4 && entries == tables(v) && free > v->directory;
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n);

static bool vmdk_read(struct span bytes, struct vmdk *v)
{
	struct span header = span_sub(bytes, 0, HEADER_SIZE);
	*v = (struct vmdk){ .disk = { .bytes = bytes, .read = read_part } };
	if (!(span_starts(header, "COWD", 4) ? cowd_read(header, v) : hosted_read(header, v)))
		return false;
	v->disk.size = v->sectors * GUEST_SECTOR;
	v->disk.unit = (uint32_t)(v->grain * GUEST_SECTOR);
	if (!(v->flags & FLAG_COMPRESSED) || v->cowd)
		v->disk.unit = guest_disk_unit(v->disk.unit);
	return true;
}

static bool vmdk_probe(struct span at, struct format_match *match)
{
	struct vmdk v;
	if (!vmdk_read(at, &v))
		return false;
	match->size = at.n; /* that the walk finds out */
	match->confidence = 85;
	return true;
}

/* Programs hold the beginning of a descriptor, too: only a file that is nothing else is one. */
static bool vmdk_probe_whole(struct span all, struct format_match *match)
{
	struct text d = vmdk_descriptor_text(all);
	struct vmdk_extent e;
	size_t at = 0;
	match->size = all.n;
	match->confidence = 85;
	return d.n && span_is_zero(span_from(all, d.n)) && vmdk_descriptor_value(d, "CID").n && vmdk_descriptor_value(d, "createType").n &&
		   vmdk_descriptor_extent(d, &at, &e);
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
	if (v->directory == DIRECTORY_AT_END)
		return find_in_stream(v, number, place);
	if (!look_up(v, v->directory, number, &entry) &&
		!(v->flags & FLAG_REDUNDANT && !v->cowd && look_up(v, v->redundant, number, &entry)))
		return false;
	if (entry > 1 || (entry == 1 && !(v->flags & FLAG_ZEROED && !v->cowd)))
		*place = (uint64_t)entry * GUEST_SECTOR;
	return true;
}

/* The packed bytes of a grain; absent where its marker is another grain's. */
static struct span packed_grain(const struct vmdk *v, uint64_t number, uint64_t place)
{
	uint64_t most = 2 * v->grain * GUEST_SECTOR; /* as QEMU has it: grains that are packed into one another would cost without end */
	if (!(v->flags & FLAG_MARKERS))
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
	if (place == GUEST_HOLE || v->cowd || !(v->flags & FLAG_COMPRESSED))
		return guest_disk_copy(d, place == GUEST_HOLE ? place : place + at % grain, out, n);
	size_t got = 0;
	struct span packed = packed_grain(v, at / grain, place);
	enum error_code code = packed.n ? codec_block(CODEC_ZLIB, packed, out, n, &got) : ERR_CORRUPT;
	return (!code || code == ERR_BUDGET) && got == n; /* the last grain may be cut by the disk's end */
}

static enum guest_state part_state(const struct guest_disk *d, uint64_t at, uint64_t *n)
{
	const struct vmdk *v = (const struct vmdk *)d;
	uint64_t grain = v->grain * GUEST_SECTOR, number = at / grain, place;
	uint32_t table = 0;
	*n = grain - at % grain;
	if (v->directory == DIRECTORY_AT_END && find_in_stream(v, number, &place) && place == GUEST_HOLE) {
		size_t next = grain_behind(v, number);
		*n = next < v->ngrains ? v->grains[next].number * grain - at : d->size - at;
		return GUEST_ZEROS;
	}
	if (v->directory != DIRECTORY_AT_END && word_at(v, v->directory, number / v->per_table, &table) && !table) {
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
	if (!rd_ok(&r) || value > SECTORS_MAX)
		return 0;
	if (size)
		return value < v->sectors && value % v->grain == 0 ? ceil_div(at + MARKER_SIZE + size, GUEST_SECTOR) * GUEST_SECTOR : 0;
	if (kind == MARKER_FOOTER)
		*footer = at + GUEST_SECTOR;
	return kind == MARKER_END || kind > MARKER_FOOTER ? 0 : at + GUEST_SECTOR + value * GUEST_SECTOR;
}

static int by_number(const void *x, const void *y)
{
	const struct grain *a = x, *b = y;
	return a->number != b->number ? (a->number > b->number) - (a->number < b->number) : (a->at > b->at) - (a->at < b->at);
}

/* Goes from marker to marker: once to count the grains, once more to note them where `into` has room. */
static size_t follow_stream(struct vmdk *v, struct grain *into)
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
			into[n] = (struct grain){ ((uint64_t)span_u32le(marker, 4) << 32 | span_u32le(marker, 0)) / v->grain, at };
		n += span_u32le(marker, 8) != 0;
	}
	return n;
}

/* The directory of a stream is told by the header's copy at its end. Where that is lost, the markers of the grains tell enough. */
static struct error open_stream(struct vmdk *v, struct walk *w)
{
	struct vmdk at_end;
	size_t n = follow_stream(v, NULL);
	if (!v->footer && v->disk.bytes.n >= 2 * GUEST_SECTOR)
		v->footer = v->disk.bytes.n - 2 * GUEST_SECTOR;
	struct span footer = span_sub(v->disk.bytes, v->footer, HEADER_SIZE);
	if (v->footer && hosted_read(footer, &at_end) && at_end.directory != DIRECTORY_AT_END && at_end.grain == v->grain &&
		at_end.sectors == v->sectors && at_end.per_table == v->per_table) {
		v->directory = at_end.directory;
		v->redundant = at_end.redundant;
		return error_none();
	}
	emit_damage_at(w->sink, ERR_TRUNCATED, v->stream_end, "the stream has no footer: it is read as far as its markers lead");
	v->grains = ARENA_ARRAY(w->arena, struct grain, n ? n : 1);
	if (!v->grains)
		return error_at(ERR_BUDGET, 0, "no memory for %zu grains", n);
	v->ngrains = follow_stream(v, v->grains);
	qsort(v->grains, v->ngrains, sizeof *v->grains, by_number);
	return error_none();
}

/* ---- the whole ---- */

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t grain_end(const struct vmdk *v, uint64_t place)
{
	if (v->cowd || !(v->flags & FLAG_COMPRESSED))
		return place + v->grain * GUEST_SECTOR;
	if (!(v->flags & FLAG_MARKERS))
		return place + GUEST_SECTOR;
	return ceil_div(place + MARKER_SIZE + span_u32le(v->disk.bytes, place + 8), GUEST_SECTOR) * GUEST_SECTOR;
}

/* Notes a table and what it names; gives where the last of it ends. */
static uint64_t follow_table(const struct vmdk *v, uint64_t table, struct guest_used *used)
{
	uint64_t end = table + v->per_table * 4u;
	guest_used_add(used, table, v->per_table * 4u);
	for (uint32_t i = 0; i < v->per_table; i++) {
		uint32_t entry = span_u32le(v->disk.bytes, table + i * 4u);
		uint64_t place = (uint64_t)entry * GUEST_SECTOR;
		if (entry <= 1)
			continue;
		guest_used_add(used, place, grain_end(v, place) - place);
		end = most(end, grain_end(v, place));
	}
	return end;
}

static struct span directory_at(const struct vmdk *v, uint64_t sector)
{
	return span_clip(v->disk.bytes, sector * GUEST_SECTOR, tables(v) * 4);
}

/* Tables that stand in one place cost nothing but time: no more are looked at than there is room for beside each other. */
static uint64_t tables_max(const struct vmdk *v)
{
	return v->disk.bytes.n / (v->per_table * 4u) + 1;
}

/* Notes all that a directory leads to. Gives where the last of it ends. */
static uint64_t follow_directory(const struct vmdk *v, uint64_t sector, struct guest_used *used, bool *overlap)
{
	uint64_t room = tables_max(v), end = most(v->overhead * GUEST_SECTOR, sector * GUEST_SECTOR + tables(v) * 4);
	struct span directory = directory_at(v, sector);
	guest_used_add(used, sector * GUEST_SECTOR, directory.n);
	*overlap = false;
	for (uint64_t i = 0; i < directory.n / 4; i++) {
		uint32_t table = span_u32le(directory, i * 4);
		*overlap = table && !room--;
		if (*overlap)
			return end;
		if (table)
			end = most(end, follow_table(v, (uint64_t)table * GUEST_SECTOR, used));
	}
	return end;
}

/* The second directory, and its tables, are a copy of the first one's. Notes them; gives how many tables are not the same in both. */
static uint64_t follow_redundant(const struct vmdk *v, struct guest_used *used)
{
	uint64_t room = tables_max(v), differ = 0, n = v->per_table * 4u;
	struct span first = directory_at(v, v->directory), second = directory_at(v, v->redundant);
	guest_used_add(used, v->redundant * GUEST_SECTOR, second.n);
	for (uint64_t i = 0; i < second.n / 4 && room--; i++) {
		uint64_t a = (uint64_t)span_u32le(first, i * 4) * GUEST_SECTOR, b = (uint64_t)span_u32le(second, i * 4) * GUEST_SECTOR;
		struct span here = span_sub(v->disk.bytes, a, n), there = span_sub(v->disk.bytes, b, n);
		guest_used_add(used, b, b ? n : 0);
		differ += !a != !b || (a && (!here.p || !there.p || memcmp(here.p, there.p, n) != 0));
	}
	return differ;
}

static void follow_grains(const struct vmdk *v, struct guest_used *used)
{
	for (size_t i = 0; i < v->ngrains; i++)
		if (i + 1 == v->ngrains || v->grains[i + 1].number != v->grains[i].number)
			guest_used_add(used, v->grains[i].at, grain_end(v, v->grains[i].at) - v->grains[i].at);
}

static void follow_head(const struct vmdk *v, struct guest_used *used)
{
	guest_used_add(used, 0, v->cowd ? 2048 : HEADER_SIZE);
	struct span text = span_clip(v->disk.bytes, v->text_at * GUEST_SECTOR, v->text_at ? v->text_n * GUEST_SECTOR : 0);
	guest_used_add(used, v->text_at * GUEST_SECTOR, vmdk_descriptor_text(text).n);
	guest_used_add(used, v->footer, v->footer ? HEADER_SIZE : 0);
}

static bool has_redundant(const struct vmdk *v)
{
	return v->flags & FLAG_REDUNDANT && !v->cowd && v->redundant <= SECTORS_MAX;
}

/* Notes all that is in use. Damage where the tables can not be right. */
static uint64_t image_end(struct vmdk *v, struct guest_used *used, struct walk *w)
{
	bool overlap;
	follow_head(v, used);
	follow_grains(v, used);
	if (v->directory == DIRECTORY_AT_END) {
		v->disk.state = part_state;
		return v->stream_end;
	}
	uint64_t end = follow_directory(v, v->directory, used, &overlap), differ = has_redundant(v) ? follow_redundant(v, used) : 0;
	if (has_redundant(v) && !overlap && directory_at(v, v->directory).n < tables(v) * 4) /* the second one tells in its place */
		(void)follow_directory(v, v->redundant, used, &overlap);
	if (overlap)
		emit_damage_at(w->sink, ERR_CORRUPT, v->directory * GUEST_SECTOR, "its grain tables overlap");
	if (!overlap) /* else more of them would be asked than there is room for */
		v->disk.state = part_state;
	if (differ)
		emit_damage_at(w->sink, ERR_CORRUPT, v->redundant * GUEST_SECTOR, "%llu grain tables are not the same in both directories",
					   (unsigned long long)differ);
	return most(end, v->stream_end);
}

/* ---- an extent of a disk that is in several files ---- */

/* Whether the file has bytes that do not come into the disk; so it is, too, where that can not be told. */
static bool has_rest(const struct vmdk *v)
{
	struct guest_used used;
	struct guest_rest rest = { 0 };
	bool overlap = false;
	_cleanup_(arena_cleanup) struct arena *arena = arena_new(0);
	if (!arena || !guest_used_new(&used, v->disk.bytes, arena))
		return true;
	follow_head(v, &used);
	(void)follow_directory(v, v->directory, &used, &overlap);
	uint64_t differ = has_redundant(v) ? follow_redundant(v, &used) : 0;
	return overlap || differ || guest_used_rest(&used, v->disk.bytes.n, &rest);
}

struct error vmdk_extent_copy(struct span bytes, uint8_t *out, uint64_t n, uint64_t *size, bool *rest)
{
	struct vmdk v;
	struct error e = error_none();
	memset(out, 0, (size_t)n);
	*size = 0;
	*rest = true;
	if (!vmdk_read(bytes, &v) || v.directory == DIRECTORY_AT_END)
		return error_at(ERR_CORRUPT, 0, "no sparse extent, or one that is a stream");
	*size = v.disk.size;
	*rest = has_rest(&v);
	n = n < v.disk.size ? n : v.disk.size;
	for (uint64_t at = 0; at < n; at += v.disk.unit) {
		size_t part = n - at < v.disk.unit ? (size_t)(n - at) : v.disk.unit;
		if (v.disk.read(&v.disk, at, out + at, part))
			continue;
		memset(out + at, 0, part);
		if (!error_is(&e))
			e = error_at(ERR_CORRUPT, at, "a grain lies outside of the extent, or does not unpack");
	}
	return e;
}

static void emit_fields(const struct vmdk *v, struct walk *w)
{
	emit_header_field(w->sink, 4, "version", "%u", v->version);
	emit_header_field(w->sink, 8, "flags", "0x%x", v->flags);
	emit_header_field(w->sink, 12, "capacity", "%llu", (unsigned long long)v->sectors);
	emit_header_field(w->sink, v->cowd ? 16 : 20, "grainSize", "%llu", (unsigned long long)v->grain);
	if (v->unclean)
		emit_header_field(w->sink, 72, "uncleanShutdown", "1");
	struct span text = span_clip(v->disk.bytes, v->text_at * GUEST_SECTOR, v->text_at ? v->text_n * GUEST_SECTOR : 0);
	struct text d = vmdk_descriptor_text(text);
	if (d.n && vmdk_descriptor_emit(d, v->text_at * GUEST_SECTOR, w) > 1)
		emit_damage_at(w->sink, ERR_UNSUPPORTED, v->text_at * GUEST_SECTOR, "this is one of several files of a disk");
	if (v->cowd && !(v->flags & COWD_ROOT))
		guest_disk_needs(w, 32, text_until_nul(span_sub(v->disk.bytes, 32, 1024)));
}

/* Files beside it that belong to the disk are joined where they are named as VMware names them (probe/pieces.c). */
static struct error walk_descriptor(struct text d, struct walk *w)
{
	unsigned n = vmdk_descriptor_emit(d, 0, w), shown = 0;
	struct vmdk_extent e;
	for (size_t at = 0; vmdk_descriptor_extent(d, &at, &e) && shown < DAMAGE_MAX; shown++)
		emit_header_field(w->sink, e.at, "extent", "%llu sectors, %.*s, %.*s", (unsigned long long)e.sectors, (int)(e.kind.n < 16 ? e.kind.n : 16),
						  e.kind.p, (int)(e.file.n < 100 ? e.file.n : 100), e.file.p);
	emit_damage_at(w->sink, ERR_UNSUPPORTED, 0, "the disk is in %u other files, which are looked at by themselves where they are", n);
	return error_none();
}

static struct error vmdk_walk(struct span bytes, struct walk *w)
{
	struct text d = vmdk_descriptor_text(bytes);
	if (d.n)
		return walk_descriptor(d, w);
	struct vmdk *v = ARENA_NEW(w->arena, struct vmdk);
	struct guest_used used;
	if (!v)
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	if (!vmdk_read(bytes, v))
		return error_at(ERR_CORRUPT, 0, "no header of a sparse extent");
	emit_fields(v, w);
	if (!v->cowd && v->flags & FLAG_COMPRESSED && v->compression != 1)
		return error_at(ERR_UNSUPPORTED, 77, "its grains are compressed with method %u", v->compression);
	struct error e = v->directory == DIRECTORY_AT_END ? open_stream(v, w) : error_none();
	if (error_is(&e))
		return e;
	if (!guest_used_new(&used, bytes, w->arena))
		return error_at(ERR_BUDGET, 0, "no memory for a map of the image");
	guest_disk_end(&v->disk, w, image_end(v, &used, w));
	guest_disk_emit(&v->disk, w);
	guest_used_emit_rest(&used, w);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("KDMV\1\0\0\0", 0), MAGIC("KDMV\2\0\0\0", 0), MAGIC("KDMV\3\0\0\0", 0),
											  MAGIC("COWD\1\0\0\0", 0), MAGIC("# Disk DescriptorFile", 0), MAGIC_END };

const struct format vmdk_format = {
	.name = "vmdk",
	.kind = FORMAT_CONTAINER,
	.title = "VMware disk: sparse, stream-optimized; descriptor",
	.spec = "VMware Virtual Disk Format 5.0",
	.magics = magics,
	.probe = vmdk_probe,
	.probe_whole = vmdk_probe_whole,
	.walk = vmdk_walk,
};
