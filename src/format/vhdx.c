/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks of Hyper-V since 2012: a header and a table of regions, each twice and with a sum, and a table of blocks in which an entry for a
 * bitmap of sectors follows those of so many blocks.
 *
 * Specification: [MS-VHDX], Virtual Hard Disk v2 (VHDX) File Format.
 */
#include "base/crc32c.h"
#include "format/guest_disk.h"

#define MIB (UINT64_C(1) << 20)
#define HEADER_1 (64u << 10)
#define HEADER_2 (128u << 10)
#define HEADER_SIZE 4096u
#define REGIONS_1 (192u << 10)
#define REGIONS_2 (256u << 10)
#define REGIONS_SIZE (64u << 10)
#define REGIONS_MAX 2047u
#define ITEMS_MAX 2047u
#define GUID_SIZE 16u
#define DISK_MAX (UINT64_C(64) << 40)
#define SECTORS_OF_BITMAP (UINT64_C(1) << 23)
#define HAS_PARENT 2u
#define REQUIRED 1u
#define CREATOR_END 520u
#define LOG_SECTOR 4096u
#define PARENT_MAX 65536u

enum block_state { NOT_PRESENT, UNDEFINED, ZERO, UNMAPPED, NO_STATE, UNMAPPED_OLD, FULLY_PRESENT, PARTIALLY_PRESENT };

/* [MS-VHDX] 2.2.3.2, 2.6.2; the first three parts of a GUID are little-endian. */
static const uint8_t table_guid[] = { 0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42, 0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08 };
static const uint8_t metadata_guid[] = { 0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e };
static const uint8_t parameters_guid[] = { 0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d, 0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b };
static const uint8_t size_guid[] = { 0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8 };
static const uint8_t sector_guid[] = { 0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47, 0xba, 0x47, 0xf2, 0x33, 0xa8, 0xfa, 0xab, 0x5f };
static const uint8_t parent_guid[] = { 0x2d, 0x5f, 0xd3, 0xa8, 0x0b, 0xb3, 0x4d, 0x45, 0xab, 0xf7, 0xd3, 0xd8, 0x48, 0x34, 0xab, 0x0c };

struct header {
	uint64_t sequence, log_at, at;
	uint32_t log_size;
	bool log_in_use;
};

struct vhdx {
	struct guest_disk disk; /* first */
	struct header header;
	struct span table, metadata, parent; /* the regions, and the item that tells the parent */
	uint64_t table_at, metadata_at, parent_at, regions_end;
	uint32_t block, sector;
	bool has_parent, unknown_region;
	bool header_is_good[2], regions_are_good[2];
};

/* The sum is made over the structure with zeros in its place. */
static bool sum_is_right(struct span s)
{
	static const uint8_t none[4];
	uint32_t crc = crc32c_update(UINT32_MAX, span_clip(s, 0, 4));
	crc = crc32c_update(crc, span_of(none, sizeof none));
	return ~crc32c_update(crc, span_from(s, 8)) == span_u32le(s, 4);
}

static bool header_read(struct span bytes, uint64_t at, struct header *h)
{
	struct span s = span_sub(bytes, at, HEADER_SIZE);
	struct reader r = reader_le(s);
	rd_skip(&r, 8);
	*h = (struct header){ .sequence = rd_u64(&r), .at = at };
	rd_skip(&r, 32);
	h->log_in_use = !span_is_zero(rd_bytes(&r, GUID_SIZE));
	rd_skip(&r, 2);
	uint16_t version = rd_u16(&r);
	h->log_size = rd_u32(&r);
	h->log_at = rd_u64(&r);
	return rd_ok(&r) && span_starts(s, "head", 4) && version == 1 && sum_is_right(s);
}

static struct span region(struct vhdx *v, uint64_t at, uint32_t n)
{
	if (at <= DISK_MAX && at + n > v->regions_end)
		v->regions_end = at + n;
	return span_clip(v->disk.bytes, at, n);
}

static bool regions_read(struct vhdx *v, uint64_t at)
{
	struct span s = span_sub(v->disk.bytes, at, REGIONS_SIZE);
	uint32_t n = span_u32le(s, 8);
	if (!span_starts(s, "regi", 4) || n > REGIONS_MAX || !sum_is_right(s))
		return false;
	struct reader r = reader_le(span_from(s, 16));
	for (uint32_t i = 0; i < n; i++) {
		struct span guid = rd_bytes(&r, GUID_SIZE);
		uint64_t place = rd_u64(&r);
		uint32_t size = rd_u32(&r), flags = rd_u32(&r);
		struct span bytes = region(v, place, size);
		if (span_starts(guid, table_guid, GUID_SIZE)) {
			v->table = bytes;
			v->table_at = place;
		} else if (span_starts(guid, metadata_guid, GUID_SIZE)) {
			v->metadata = bytes;
			v->metadata_at = place;
		} else {
			v->unknown_region |= (flags & REQUIRED) != 0;
		}
	}
	return rd_ok(&r);
}

static struct span item(const struct vhdx *v, const uint8_t guid[GUID_SIZE], uint64_t *at)
{
	uint32_t n = span_u16le(v->metadata, 10);
	for (uint32_t i = 0; i < n && i < ITEMS_MAX; i++) {
		struct span entry = span_sub(v->metadata, 32 * (i + 1), 32);
		if (!span_starts(entry, guid, GUID_SIZE))
			continue;
		*at = span_u32le(entry, 16);
		return span_sub(v->metadata, *at, span_u32le(entry, 20));
	}
	return SPAN_NONE;
}

static uint64_t u64_of(struct span s)
{
	struct reader r = reader_le(s);
	return rd_u64(&r);
}

static bool metadata_read(struct vhdx *v)
{
	uint64_t at;
	struct span parameters = item(v, parameters_guid, &at), size = item(v, size_guid, &at), sector = item(v, sector_guid, &at);
	v->parent = item(v, parent_guid, &v->parent_at);
	v->block = span_u32le(parameters, 0);
	v->has_parent = span_u32le(parameters, 4) & HAS_PARENT;
	v->disk.size = u64_of(size);
	v->sector = span_u32le(sector, 0);
	return span_starts(v->metadata, "metadata", 8) && v->block >= MIB && v->block <= 256 * MIB && !(v->block & (v->block - 1)) &&
		   (v->sector == 512 || v->sector == 4096) && size.n >= 8 && v->disk.size <= DISK_MAX;
}

/* How many blocks share a bitmap, whose entry follows theirs: [MS-VHDX] 2.5. */
static uint64_t chunk_ratio(const struct vhdx *v)
{
	return SECTORS_OF_BITMAP * v->sector / v->block;
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n);
static enum guest_state part_state(const struct guest_disk *d, uint64_t at, uint64_t *n);

/* False where neither of the two headers, or of the two tables, can be relied on. */
static bool vhdx_read(struct span bytes, struct vhdx *v)
{
	struct header second;
	*v = (struct vhdx){ .disk = { .bytes = bytes, .read = read_part, .state = part_state, .unit = 65536 } };
	if (!span_starts(bytes, "vhdxfile", 8))
		return false;
	v->header_is_good[0] = header_read(bytes, HEADER_1, &v->header);
	v->header_is_good[1] = header_read(bytes, HEADER_2, &second);
	if (v->header_is_good[1] && (!v->header_is_good[0] || second.sequence > v->header.sequence))
		v->header = second;
	v->regions_are_good[1] = regions_read(v, REGIONS_2);
	v->regions_are_good[0] = regions_read(v, REGIONS_1);
	return (v->header_is_good[0] || v->header_is_good[1]) && (v->regions_are_good[0] || v->regions_are_good[1]);
}

static bool vhdx_probe(struct span at, struct format_match *match)
{
	struct vhdx v;
	if (!vhdx_read(at, &v))
		return false;
	match->size = at.n; /* that the walk finds out */
	match->confidence = 90;
	return true;
}

/* A file that names itself so is one, whatever became of its headers. */
static bool vhdx_probe_whole(struct span all, struct format_match *match)
{
	match->size = all.n;
	match->confidence = 90;
	return span_starts(all, "vhdxfile", 8) && (span_has(all, HEADER_1, "head", 4) || span_has(all, HEADER_2, "head", 4));
}

static enum guest_state find_block(const struct vhdx *v, uint64_t block, uint64_t *place)
{
	struct span field = span_sub(v->table, (block + block / chunk_ratio(v)) * 8, 8);
	uint64_t entry = u64_of(field);
	bool stored = (entry & 7) == FULLY_PRESENT || (entry & 7) == PARTIALLY_PRESENT;
	*place = entry & ~(MIB - 1);
	if (!field.p || *place > UINT64_MAX - v->block || (entry & 7) == NO_STATE)
		return GUEST_LOST;
	return stored ? GUEST_STORED : GUEST_ZEROS;
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n)
{
	const struct vhdx *v = (const struct vhdx *)d;
	uint64_t place;
	enum guest_state state = find_block(v, at / v->block, &place);
	return state != GUEST_LOST && guest_disk_copy(d, state == GUEST_STORED ? place + at % v->block : GUEST_HOLE, out, n);
}

static enum guest_state part_state(const struct guest_disk *d, uint64_t at, uint64_t *n)
{
	const struct vhdx *v = (const struct vhdx *)d;
	uint64_t place, block = at / v->block;
	enum guest_state state = find_block(v, block, &place);
	bool behind_table = (block + block / chunk_ratio(v)) * 8 >= v->table.n; /* all that follows, too */
	*n = behind_table ? d->size - at : v->block - at % v->block;
	return state;
}

/* What a log is made of is told by its sectors: [MS-VHDX] 2.3.1. */
static void follow_log(const struct vhdx *v, struct guest_used *used)
{
	static const char *const parts[] = { "loge", "desc", "zero", "data" };
	struct span log = span_clip(v->disk.bytes, v->header.log_at, v->header.log_size);
	for (uint64_t at = 0; at < log.n; at += LOG_SECTOR)
		for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++)
			if (span_has(log, at, parts[i], 4))
				guest_used_add(used, v->header.log_at + at, LOG_SECTOR);
}

static void follow_head(const struct vhdx *v, struct guest_used *used)
{
	static const uint8_t *const items[] = { parameters_guid, size_guid, sector_guid, parent_guid };
	guest_used_add(used, 0, CREATOR_END);
	guest_used_add(used, HEADER_1, HEADER_SIZE);
	guest_used_add(used, HEADER_2, HEADER_SIZE);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t at = i ? REGIONS_2 : REGIONS_1;
		guest_used_add(used, at, v->regions_are_good[i] ? 16 + 32 * (uint64_t)span_u32le(v->disk.bytes, at + 8) : 0);
	}
	guest_used_add(used, v->metadata_at, 32 * (1 + (uint64_t)span_u16le(v->metadata, 10)));
	for (unsigned i = 0; i < sizeof items / sizeof items[0]; i++) {
		uint64_t at = 0;
		struct span s = item(v, items[i], &at);
		guest_used_add(used, v->metadata_at + at, s.n < PARENT_MAX ? s.n : PARENT_MAX);
	}
	follow_log(v, used);
}

/* Of a differencing disk, the bitmaps of sectors that blocks share. */
static void follow_bitmaps(const struct vhdx *v, uint64_t blocks, uint64_t ratio, struct guest_used *used)
{
	for (uint64_t i = 1; v->has_parent && i <= (blocks + ratio - 1) / ratio; i++) {
		struct span field = span_sub(v->table, (i * (ratio + 1) - 1) * 8, 8);
		uint64_t entry = u64_of(field);
		if (!field.p)
			break;
		guest_used_add(used, entry & ~(MIB - 1), (entry & 7) == FULLY_PRESENT ? MIB : 0);
	}
}

/* Notes what is in use. Gives where the last block ends; *partial: how many are only in part here. */
static uint64_t image_end(const struct vhdx *v, struct guest_used *used, uint64_t *partial)
{
	uint64_t end = v->regions_end > MIB ? v->regions_end : MIB, log = v->header.log_at + v->header.log_size, ratio = chunk_ratio(v);
	uint64_t blocks = (v->disk.size + v->block - 1) / v->block;
	*partial = 0;
	follow_head(v, used);
	follow_bitmaps(v, blocks, ratio, used);
	guest_used_add(used, v->table_at, (blocks + blocks / ratio) * 8 < v->table.n ? (blocks + blocks / ratio) * 8 : v->table.n);
	if (v->header.log_at <= DISK_MAX && log > end)
		end = log;
	for (uint64_t i = 0; i < blocks; i++) {
		struct span field = span_sub(v->table, (i + i / ratio) * 8, 8);
		uint64_t entry = u64_of(field), place = entry & ~(MIB - 1);
		if (!field.p)
			break;
		*partial += (entry & 7) == PARTIALLY_PRESENT;
		if ((entry & 7) < FULLY_PRESENT || place > UINT64_MAX - v->block)
			continue;
		guest_used_add(used, place, v->block);
		if (place + v->block > end)
			end = place + v->block;
	}
	return end;
}

static void tell_sums(const struct vhdx *v, struct walk *w)
{
	static const char text[] = "of the two copies of %s this one is none, or its CRC-32C does not match";
	static const uint64_t headers[] = { HEADER_1, HEADER_2 }, regions[] = { REGIONS_1, REGIONS_2 };
	for (unsigned i = 0; i < 2; i++) {
		if (!v->header_is_good[i])
			emit_damage_at(w->sink, ERR_CORRUPT, headers[i], text, "the header");
		if (!v->regions_are_good[i])
			emit_damage_at(w->sink, ERR_CORRUPT, regions[i], text, "the region table");
	}
}

/* The locator's values are UTF-16; the first one that is a path is shown, its ASCII at least: [MS-VHDX] 2.6.2.6. */
static void emit_parent(const struct vhdx *v, struct walk *w)
{
	char name[200];
	size_t n = 0;
	for (uint32_t i = 0; i < span_u16le(v->parent, 18) && i < 16 && !n; i++) {
		struct span entry = span_sub(v->parent, 20 + 12 * i, 12);
		struct span key = span_sub(v->parent, span_u32le(entry, 0), span_u16le(entry, 8));
		struct span value = span_sub(v->parent, span_u32le(entry, 4), span_u16le(entry, 10));
		if (!span_has(key, key.n < 8 ? 0 : key.n - 8, "p\0a\0t\0h\0", 8))
			continue;
		for (; n < sizeof name && 2 * n + 2 <= value.n; n++)
			name[n] = (char)(span_u16le(value, 2 * n) < 0x7f ? span_u16le(value, 2 * n) : '?');
	}
	guest_disk_needs(w, v->metadata_at + v->parent_at, text_of(name, n));
}

static struct error vhdx_walk(struct span bytes, struct walk *w)
{
	uint64_t partial;
	struct vhdx *v = ARENA_NEW(w->arena, struct vhdx);
	struct guest_used used;
	if (!v)
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	bool readable = vhdx_read(bytes, v);
	tell_sums(v, w);
	if (!readable)
		return error_at(bytes.n < MIB ? ERR_TRUNCATED : ERR_CORRUPT, bytes.n < MIB ? bytes.n : 0, "no header, or no region table");
	if (v->header.log_in_use)
		emit_damage_at(w->sink, ERR_UNSUPPORTED, v->header.at + 48, "it was not closed: what is in its log is not replayed");
	if (v->unknown_region)
		emit_damage_at(w->sink, ERR_UNSUPPORTED, REGIONS_1, "it has a region that must be known to read it");
	if (!metadata_read(v))
		return error_at(v->metadata.n ? ERR_CORRUPT : ERR_TRUNCATED, v->metadata_at, "its metadata tell no size of the disk, or of its blocks");
	emit_header_field(w->sink, v->header.at + 8, "SequenceNumber", "%llu", (unsigned long long)v->header.sequence);
	emit_header_field(w->sink, v->metadata_at, "VirtualDiskSize", "%llu", (unsigned long long)v->disk.size);
	emit_header_field(w->sink, v->metadata_at, "BlockSize", "%u", v->block);
	emit_header_field(w->sink, v->metadata_at, "LogicalSectorSize", "%u", v->sector);
	if (!guest_used_new(&used, bytes, w->arena))
		return error_at(ERR_BUDGET, 0, "no memory for a map of the image");
	guest_disk_end(&v->disk, w, image_end(v, &used, &partial));
	if (v->has_parent)
		emit_parent(v, w);
	if (partial)
		emit_damage_at(w->sink, ERR_UNSUPPORTED, v->table_at, "of %llu blocks only some sectors are its own: they are shown as they are stored",
					   (unsigned long long)partial);
	guest_disk_emit(&v->disk, w);
	guest_used_emit_rest(&used, w);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("vhdxfile", 0), MAGIC_END };

const struct format vhdx_format = {
	.name = "vhdx",
	.kind = FORMAT_CONTAINER,
	.title = "Hyper-V disk (VHDX)",
	.spec = "[MS-VHDX]",
	.magics = magics,
	.probe = vhdx_probe,
	.probe_whole = vhdx_probe_whole,
	.walk = vhdx_walk,
};
