/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole-disk images with a GUID partition table, of sectors of 512, 1024, 2048 and 4096 bytes. The backup table stands in for a damaged
 * one.
 *
 * Specification: UEFI 2.10, section 5.3.
 */
#include <stdio.h>

#include "base/hash.h"
#include "format/notation.h"
#include "format/partitions.h"

#define SIGNATURE "EFI PART"
#define TABLE_MAX ((uint64_t)4 << 20)
#define NAME_UNITS 36u
#define LBA_MAX ((uint64_t)1 << 48)

struct header {
	uint64_t my_lba, alternate_lba, first_usable, last_usable, entries_lba;
	uint32_t revision, size, crc, count, entry_size, entries_crc;
	struct span guid;
	bool crc_ok;
};

static uint32_t crc_with_zeroed_field(struct span header)
{
	uint32_t crc = hash_crc32(0, span_sub(header, 0, 16));
	crc = hash_crc32(crc, span_of("\0\0\0\0", 4));
	return hash_crc32(crc, span_from(header, 20));
}

/* A header in a sector of that size: its fields within their ranges, whether or not its CRC is right. */
static bool header_read(struct span disk, uint64_t at, uint32_t sector, struct header *h)
{
	struct span bytes = span_sub(disk, at, sector);
	struct reader r = reader_le(bytes);
	if (!span_starts(bytes, SIGNATURE, 8))
		return false;
	rd_skip(&r, 8);
	h->revision = rd_u32(&r);
	h->size = rd_u32(&r);
	h->crc = rd_u32(&r);
	uint32_t reserved = rd_u32(&r);
	h->my_lba = rd_u64(&r);
	h->alternate_lba = rd_u64(&r);
	h->first_usable = rd_u64(&r);
	h->last_usable = rd_u64(&r);
	h->guid = rd_bytes(&r, 16);
	h->entries_lba = rd_u64(&r);
	h->count = rd_u32(&r);
	h->entry_size = rd_u32(&r);
	h->entries_crc = rd_u32(&r);
	if (!rd_ok(&r) || h->revision >> 16 != 1 || h->size < 92 || h->size > sector || reserved || h->my_lba >= LBA_MAX ||
		h->alternate_lba >= LBA_MAX || h->last_usable >= LBA_MAX || h->first_usable > h->last_usable + 1 ||
		h->entries_lba >= LBA_MAX || h->entry_size < 128 || h->entry_size > 4096 || h->entry_size % 8 ||
		h->count == 0 || (uint64_t)h->count * h->entry_size > TABLE_MAX)
		return false;
	h->crc_ok = crc_with_zeroed_field(span_sub(bytes, 0, h->size)) == h->crc;
	return true;
}

static bool is_protective(struct span disk)
{
	struct mbr_entry e[4];
	bool found = false;
	if (!mbr_read(span_sub(disk, 0, 512), e))
		return false;
	for (unsigned i = 0; i < 4; i++)
		found |= e[i].type == 0xee;
	return found;
}

/* The table that is used: of which sector size, and whether it is the backup. */
struct table {
	uint32_t sector;
	bool backup;
	struct header h;
};

static const uint32_t sector_sizes[] = { 512, 1024, 2048, 4096 };
#define SECTOR_SIZES 4u
/* Arrays that a probe has the time to check: four times as large as they all are. */
#define CHECKED_ARRAY_MAX 65536u

/* Whether the entries stand where sectors of that size put them: the header, at `at`, is in the second one, they are counted from the first. */
static bool array_fits(struct span disk, const struct header *h, uint64_t at, uint32_t sector)
{
	uint64_t size = (uint64_t)h->count * h->entry_size, first = h->entries_lba - 1;
	struct span array = h->entries_lba > 1 ? span_sub(disk, at + first * sector, size) : SPAN_NONE;
	return array.p && size <= CHECKED_ARRAY_MAX && hash_crc32(0, array) == h->entries_crc;
}

/* A header does not say how large its sectors are: that of a disk which lies behind other bytes is also one of a disk of larger sectors
 * which begins earlier, or of smaller ones which begins later. Its entries tell. */
static bool begins_elsewhere(struct span disk, const struct header *h, uint32_t sector)
{
	if (is_protective(disk) || array_fits(disk, h, sector, sector))
		return false;
	for (unsigned i = 0; i < SECTOR_SIZES; i++) {
		uint32_t other = sector_sizes[i];
		if ((other < sector && is_protective(span_from(disk, sector - other))) ||
			(other != sector && array_fits(disk, h, sector, other)))
			return true;
	}
	/* Disks of other sectors are so few that their entries have to be where these put them. */
	return sector != 512 && sector != 4096;
}

static bool find_primary(struct span disk, struct table *t)
{
	for (unsigned i = 0; i < SECTOR_SIZES; i++) {
		*t = (struct table){ .sector = sector_sizes[i] };
		if (header_read(disk, t->sector, t->sector, &t->h) && t->h.my_lba == 1 && (t->h.crc_ok || is_protective(disk)))
			return !begins_elsewhere(disk, &t->h, t->sector);
	}
	return false;
}

static bool backup_at(struct span disk, uint64_t lba, uint32_t sector, struct table *t)
{
	struct header h;
	if (lba < 2 || lba >= LBA_MAX || !header_read(disk, lba * sector, sector, &h) || !h.crc_ok || h.my_lba != lba)
		return false;
	*t = (struct table){ sector, true, h };
	return true;
}

/* The table that is to be believed: the primary one when its CRC is right, or else the backup. */
static bool find_table(struct span disk, struct table *t)
{
	bool primary = find_primary(disk, t);
	if (primary && t->h.crc_ok)
		return true;
	struct table backup;
	if (primary && backup_at(disk, t->h.alternate_lba, t->sector, &backup)) {
		*t = backup;
		return true;
	}
	for (unsigned i = 0; i < SECTOR_SIZES && is_protective(disk); i++)
		if (backup_at(disk, disk.n / sector_sizes[i] - 1, sector_sizes[i], &backup)) {
			*t = backup;
			return true;
		}
	return primary;
}

static uint64_t disk_size(const struct table *t)
{
	uint64_t last = t->h.my_lba > t->h.alternate_lba ? t->h.my_lba : t->h.alternate_lba;
	if (last < t->h.last_usable)
		last = t->h.last_usable;
	return (last + 1) * t->sector;
}

static bool gpt_probe(struct span at, struct format_match *match)
{
	struct table t;
	if (!find_table(at, &t))
		return false;
	match->size = disk_size(&t);
	match->confidence = 95;
	return true;
}

static const char *type_name(const char *guid)
{
	static const struct {
		const char *guid, *name;
	} names[] = {
		{ "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "EFI System" },
		{ "21686148-6449-6e6f-744e-656564454649", "BIOS boot" },
		{ "024dee41-33e7-11d3-9d69-0008c781f39f", "MBR partition scheme" },
		{ "e3c9e316-0b5c-4db8-817d-f92df00215ae", "Microsoft reserved" },
		{ "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "basic data" },
		{ "de94bba4-06d1-4d40-a16a-bfd50179d6ac", "Windows recovery" },
		{ "0fc63daf-8483-4772-8e79-3d69d8477de4", "Linux filesystem" },
		{ "44479540-f297-41b2-9af7-d131d5f0458a", "Linux root (x86)" },
		{ "4f68bce3-e8cd-4db1-96e7-fbcaf984b709", "Linux root (x86-64)" },
		{ "69dad710-2ce4-4e3c-b16c-21a1d49abed3", "Linux root (ARM)" },
		{ "b921b045-1df0-41c3-af44-4c6f280d3fae", "Linux root (ARM64)" },
		{ "72ec70a6-cf74-40e6-bd49-4bda08e8f224", "Linux root (RISC-V 64)" },
		{ "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "Linux swap" },
		{ "e6d6d379-f507-44c2-a23c-238f2a3df928", "Linux LVM" },
		{ "a19d880f-05fc-4d3b-a006-743f0f84911e", "Linux RAID" },
		{ "933ac7e1-2eb4-4f13-b844-0e14e2aef915", "Linux home" },
		{ "3b8f8425-20e0-4f3b-907f-1a25a76f98e8", "Linux server data" },
		{ "4d21b016-b534-45c2-a9fb-5c16e091fd2d", "Linux variable data" },
		{ "bc13c2ff-59e6-4262-a352-b275fd6f7172", "Linux extended boot" },
		{ "ca7d7ccb-63ed-4c53-861c-1742536059cc", "LUKS" },
		{ "8da63339-0007-60c0-c436-083ac8230908", "Linux reserved" },
		{ "fe3a2a5d-4f32-41a7-b725-accc3285a309", "ChromeOS kernel" },
		{ "3cb8e202-3b7e-47dd-8a3c-7ff2a13cfcec", "ChromeOS root" },
		{ "3de21764-95bd-54bd-a5c3-4abe786f38a8", "U-Boot environment" },
		{ "2568845d-2332-4675-bc39-8fa5a4748d15", "Android bootloader" },
		{ "49a4d17f-93a3-45c1-a0de-f50b2ebe2599", "Android boot" },
		{ "4177c722-9e92-4aab-8644-43502bfd5506", "Android recovery" },
		{ "38f428e6-d326-425d-9140-6e0ea133647c", "Android system" },
		{ "dc76dda9-5ac1-491c-af42-a82591580c0d", "Android data" },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i].guid, guid) == 0)
			return names[i].name;
	return "unknown";
}

static bool name_is_taken(const struct partitions *p, struct text name)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].name.p && text_eq(p->v[i].name, name))
			return true;
	return false;
}

/* The partition's own name where it has one and no other partition has it too. */
static struct text region_name(struct walk *w, const struct partitions *p, unsigned number, struct text name)
{
	const char *kept;
	if (!name.n)
		kept = arena_printf(w->arena, "partition-%u", number);
	else if (name_is_taken(p, name))
		kept = arena_printf(w->arena, "%.*s-%u", (int)name.n, name.p, number);
	else
		kept = arena_strdup(w->arena, name);
	return text_c(kept);
}

static void emit_fields(struct walk *w, uint64_t at, unsigned number, struct span entry, struct text name)
{
	char field[48], guid[37];
	struct reader r = reader_le(span_from(entry, 32));
	uint64_t first = rd_u64(&r), last = rd_u64(&r), attributes = rd_u64(&r);
	snprintf(field, sizeof field, "partition-%u.name", number);
	struct fact_header row = { .offset = (int64_t)at + 56, .name = text_c(field), .value = name };
	emit_header(w->sink, &row);
	snprintf(field, sizeof field, "partition-%u.type", number);
	guid_text(entry, guid);
	emit_header_field(w->sink, at, field, "%s %s", guid, type_name(guid));
	snprintf(field, sizeof field, "partition-%u.guid", number);
	guid_text(span_from(entry, 16), guid);
	emit_header_field(w->sink, at + 16, field, "%s", guid);
	snprintf(field, sizeof field, "partition-%u.first_lba", number);
	emit_header_field(w->sink, at + 32, field, "%llu", (unsigned long long)first);
	snprintf(field, sizeof field, "partition-%u.last_lba", number);
	emit_header_field(w->sink, at + 40, field, "%llu", (unsigned long long)last);
	snprintf(field, sizeof field, "partition-%u.attributes", number);
	emit_header_field(w->sink, at + 48, field, "0x%016llx", (unsigned long long)attributes);
}

static void add_entry(const struct table *t, struct partitions *p, struct walk *w, unsigned number, uint64_t at,
					  struct span entry)
{
	static const uint8_t unused[16];
	char name[3 * NAME_UNITS];
	struct reader r = reader_le(span_from(entry, 32));
	uint64_t first = rd_u64(&r), last = rd_u64(&r);
	if (entry.n < 128 || span_starts(entry, unused, sizeof unused))
		return;
	size_t n = utf16_to_utf8(span_sub(entry, 56, 2 * NAME_UNITS), false, true, name);
	emit_fields(w, at, number, entry, text_of(name, n));
	if (first > last || last >= LBA_MAX || first < 1) {
		emit_damage_at(w->sink, ERR_CORRUPT, at + 32, "partition %u reaches from sector %llu to %llu", number,
					   (unsigned long long)first, (unsigned long long)last);
		return;
	}
	struct text region = region_name(w, p, number, text_of(name, n));
	if (region.p)
		partitions_add(p, w, first * t->sector, (last - first + 1) * t->sector, region);
}

/* Partitions that only a hybrid MBR tells. */
static void add_hybrid(struct partitions *p, struct span disk, struct walk *w)
{
	struct mbr_entry e[4];
	bool hybrid = false;
	if (!mbr_read(span_sub(disk, 0, 512), e)) {
		emit_header_field(w->sink, 0, "mbr", "none");
		return;
	}
	for (unsigned i = 0; i < 4; i++) {
		if (!e[i].type || e[i].type == 0xee || !e[i].sectors || !e[i].lba)
			continue;
		char field[32];
		hybrid = true;
		snprintf(field, sizeof field, "mbr-partition-%u", i + 1);
		emit_header_field(w->sink, 446 + 16 * i, field, "0x%02x %s, LBA %llu, %llu sectors", e[i].type,
						  mbr_type_name(e[i].type), (unsigned long long)e[i].lba, (unsigned long long)e[i].sectors);
		bool known = false;
		for (size_t k = 0; k < p->n; k++)
			known |= p->v[k].start < (e[i].lba + e[i].sectors) * 512 && e[i].lba * 512 < p->v[k].start + p->v[k].size;
		const char *name = known ? NULL : arena_printf(w->arena, "%s", field);
		if (name)
			partitions_add(p, w, e[i].lba * 512, e[i].sectors * 512, text_c(name));
	}
	emit_header_field(w->sink, 0, "mbr", "%s", hybrid ? "hybrid" : "protective");
}

static void reserve(struct partitions *p, struct walk *w, struct span disk, uint64_t at, uint64_t size)
{
	if (at < disk.n)
		partitions_add(p, w, at, size, TEXT_NONE);
}

static uint64_t whole_sectors(const struct table *t, uint64_t bytes)
{
	return (bytes + t->sector - 1) / t->sector * t->sector;
}

static void emit_table(const struct table *t, uint64_t at, struct walk *w)
{
	char guid[37];
	guid_text(t->h.guid, guid);
	emit_header_field(w->sink, at + 56, "disk_guid", "%s", guid);
	emit_header_field(w->sink, at + 8, "revision", "%u.%u", t->h.revision >> 16, t->h.revision & 0xffff);
	emit_header_field(w->sink, at, "sector_size", "%u", t->sector);
	emit_header_field(w->sink, at, "table", "%s", t->backup ? "backup" : "primary");
	emit_header_field(w->sink, at + 16, "header_crc32", "%s", t->h.crc_ok ? "ok" : "mismatch");
	if (t->backup)
		emit_damage_at(w->sink, ERR_CORRUPT, t->sector, "the primary header is damaged; the backup at %llu is used",
					   (unsigned long long)at);
	else if (!t->h.crc_ok)
		emit_damage_at(w->sink, ERR_CORRUPT, at + 16, "the header's CRC does not match, and there is no backup");
}

/* The array of entries; the other table's when this one is damaged and that one is not. */
static struct span entries_of(const struct table *t, struct span disk, struct walk *w, uint64_t at, uint64_t *place)
{
	uint64_t size = (uint64_t)t->h.count * t->h.entry_size;
	*place = t->h.entries_lba * t->sector;
	struct span array = span_sub(disk, *place, size);
	bool ok = array.p && hash_crc32(0, array) == t->h.entries_crc;
	emit_header_field(w->sink, at + 88, "entries_crc32", "%s", ok ? "ok" : array.p ? "mismatch" : "not checked");
	if (ok)
		return array;
	struct table other;
	uint64_t lba = t->h.alternate_lba;
	bool found = t->backup ? find_primary(disk, &other) && other.h.crc_ok : backup_at(disk, lba, t->sector, &other);
	struct span second = SPAN_NONE;
	if (found && other.h.count == t->h.count && other.h.entry_size == t->h.entry_size)
		second = span_sub(disk, other.h.entries_lba * other.sector, size);
	bool usable = second.p && hash_crc32(0, second) == other.h.entries_crc;
	emit_damage_at(w->sink, array.p ? ERR_CORRUPT : ERR_TRUNCATED, *place, "the partition entries are damaged%s",
				   usable ? "; the other table's are used" : "");
	if (!usable)
		return span_clip(disk, *place, size);
	*place = other.h.entries_lba * other.sector;
	return second;
}

static struct error gpt_walk(struct span bytes, struct walk *w)
{
	struct table t;
	struct partitions *p = ARENA_NEW(w->arena, struct partitions);
	if (!p)
		return error_at(ERR_BUDGET, 0, "no memory for the partition table");
	if (!find_table(bytes, &t))
		return error_at(ERR_CORRUPT, 0, "no GUID partition table");
	uint64_t at = t.h.my_lba * t.sector, place;
	emit_table(&t, at, w);
	struct span entries = entries_of(&t, bytes, w, at, &place);
	uint64_t array = whole_sectors(&t, (uint64_t)t.h.count * t.h.entry_size);
	uint64_t other = t.h.alternate_lba * t.sector;
	reserve(p, w, bytes, 0, t.sector);
	reserve(p, w, bytes, at, t.sector);
	reserve(p, w, bytes, t.h.entries_lba * t.sector, array);
	if (t.backup) {
		reserve(p, w, bytes, t.sector, t.sector);
	} else {
		struct header h;
		if (header_read(bytes, other, t.sector, &h) && h.my_lba == t.h.alternate_lba) {
			reserve(p, w, bytes, other, t.sector);
			reserve(p, w, bytes, h.entries_lba * t.sector, whole_sectors(&t, (uint64_t)h.count * h.entry_size));
		} else {
			emit_damage_at(w->sink, other < bytes.n ? ERR_CORRUPT : ERR_TRUNCATED, other < bytes.n ? other : bytes.n,
						   "there is no backup of the partition table at %llu", (unsigned long long)other);
		}
	}
	for (uint32_t i = 0; i < t.h.count; i++)
		add_entry(&t, p, w, i + 1, place + (uint64_t)i * t.h.entry_size,
				  span_sub(entries, (uint64_t)i * t.h.entry_size, t.h.entry_size));
	add_hybrid(p, bytes, w);
	partitions_emit(p, bytes, w);
	return error_none();
}

static const struct format_magic gpt_magics[] = { MAGIC(SIGNATURE, 512), MAGIC(SIGNATURE, 1024), MAGIC(SIGNATURE, 2048),
												  MAGIC(SIGNATURE, 4096), MAGIC_END };

const struct format gpt_format = {
	.name = "gpt",
	.kind = FORMAT_CONTAINER,
	.title = "disk image with a GUID partition table",
	.spec = "UEFI 2.10, section 5.3",
	.magics = gpt_magics,
	.probe = gpt_probe,
	.walk = gpt_walk,
	.at_start = true,
};
