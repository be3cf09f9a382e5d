/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole-disk images with a master boot record: primary partitions, and the chain of extended boot records.
 *
 * Specification: UEFI 2.10, section 5.2.1 (legacy MBR); extended boot records as Linux block/partitions/msdos.c reads them.
 */
#include <stdio.h>

#include "format/partitions.h"
#include "format/proof.h"

#define SECTOR 512u /* of the tables; what they count in may be larger */
#define SECTOR_MAX 4096u
#define LOGICAL_MAX 128u
#define BOOT_CODE 440u

static bool is_extended(uint8_t type)
{
	return type == 0x05 || type == 0x0f || type == 0x85;
}

static bool entry_is_sane(struct span sector, unsigned i, const struct mbr_entry *e)
{
	struct span raw = span_sub(sector, 446 + 16 * i, 16);
	if (!e->type) { /* unused: nothing is said of it */
		for (size_t k = 0; k < raw.n; k++)
			if (raw.p[k])
				return false;
		return raw.n > 0;
	}
	return raw.n && (raw.p[0] == 0 || raw.p[0] == 0x80) && e->lba > 0 && e->sectors > 0 &&
		   e->lba + e->sectors <= (uint64_t)1 << 32;
}

static bool overlap(const struct mbr_entry *a, const struct mbr_entry *b)
{
	return a->type && b->type && a->lba < b->lba + b->sectors && b->lba < a->lba + a->sectors;
}

/* A boot sector of a file system bears the same signature. */
static bool is_volume(struct span sector)
{
	return span_has(sector, 3, "NTFS    ", 8) || span_has(sector, 3, "EXFAT   ", 8) || span_has(sector, 54, "FAT", 3) ||
		   span_has(sector, 82, "FAT32   ", 8);
}

/* The entries of a sane MBR whose first partition begins within `disk`. */
static bool table_read(struct span disk, struct mbr_entry e[4])
{
	unsigned used = 0, bootable = 0;
	uint64_t first = UINT64_MAX;
	struct span sector = span_sub(disk, 0, SECTOR);
	if (!mbr_read(sector, e) || is_volume(sector) || span_has(disk, 514, "HdrS", 4)) /* the last: a Linux kernel */
		return false;
	for (unsigned i = 0; i < 4; i++) {
		if (!entry_is_sane(sector, i, &e[i]))
			return false;
		for (unsigned k = 0; k < i; k++)
			if (overlap(&e[k], &e[i]))
				return false;
		used += e[i].type != 0;
		bootable += e[i].type && e[i].bootable;
		if (e[i].type && e[i].lba < first)
			first = e[i].lba;
	}
	return used && bootable <= 1 && first < (disk.n + SECTOR - 1) / SECTOR;
}

/* Whether something that fits into the partition begins there. Where larger sectors are asked for, it has to be a file system that fills
 * most of it: images within a partition of 512 bytes a sector may stand at such a place, too. */
static bool content_begins(struct span at, uint64_t size, bool larger)
{
	struct format_match match;
	const struct format *f = proof_begins(at, &match);
	if (!f || (larger && (f->kind != FORMAT_FILESYSTEM || match.size <= size / 2)))
		return false;
	return match.size == SIZE_UNKNOWN ? !larger : match.size <= size;
}

/* Whether a partition begins there as such do, or an extended boot record. */
static bool partition_begins(struct span disk, const struct mbr_entry *e, uint32_t sector)
{
	struct span at = span_from(disk, e->lba * sector);
	struct mbr_entry inner[4];
	if (!e->type || e->type == 0xee || !at.n)
		return false;
	if (!is_extended(e->type))
		return content_begins(at, e->sectors * sector, sector > SECTOR);
	bool sane = mbr_read(span_sub(at, 0, SECTOR), inner) && inner[0].type;
	for (unsigned i = 0; i < 4 && sane; i++)
		sane = entry_is_sane(at, i, &inner[i]);
	return sane;
}

/* The table does not say how large the sectors are that it counts. Where as many partitions begin by each size, it is the smallest one:
 * nearly all disks are read by 512 bytes. */
static uint32_t sector_size(struct span disk, const struct mbr_entry e[4])
{
	uint32_t best = SECTOR;
	unsigned most = 0;
	for (uint32_t sector = SECTOR; sector <= SECTOR_MAX; sector *= 2) {
		unsigned begin = 0, used = 0;
		for (unsigned i = 0; i < 4; i++) {
			used += e[i].type && e[i].type != 0xee;
			begin += partition_begins(disk, &e[i], sector);
		}
		if (begin > most) {
			best = sector;
			most = begin;
		}
		if (begin == used)
			break;
	}
	return best;
}

static bool mbr_probe(struct span at, struct format_match *match)
{
	struct mbr_entry e[4];
	if (!table_read(at, e))
		return false;
	uint64_t sector = sector_size(at, e);
	match->size = at.n; /* the table does not tell how large the disk is */
	for (unsigned i = 0; i < 4; i++)
		if (e[i].type && e[i].type != 0xee && (e[i].lba + e[i].sectors) * sector > match->size)
			match->size = (e[i].lba + e[i].sectors) * sector;
	match->confidence = 60;
	return true;
}

struct table {
	struct walk *w;
	struct span disk;
	struct partitions parts;
	uint64_t sector;
	unsigned logical;
	uint64_t visited[LOGICAL_MAX];
};

static void add_partition(struct table *t, unsigned number, const struct mbr_entry *e, uint64_t lba, uint64_t field)
{
	char name[48];
	snprintf(name, sizeof name, "partition-%u.type", number);
	emit_header_field(t->w->sink, field + 4, name, "0x%02x %s", e->type, mbr_type_name(e->type));
	snprintf(name, sizeof name, "partition-%u.bootable", number);
	emit_header_field(t->w->sink, field, name, "%s", e->bootable ? "yes" : "no");
	snprintf(name, sizeof name, "partition-%u.lba", number);
	emit_header_field(t->w->sink, field + 8, name, "%llu", (unsigned long long)lba);
	snprintf(name, sizeof name, "partition-%u.sectors", number);
	emit_header_field(t->w->sink, field + 12, name, "%llu", (unsigned long long)e->sectors);
	if (is_extended(e->type))
		return;
	char *kept = arena_printf(t->w->arena, "partition-%u", number);
	if (kept)
		partitions_add(&t->parts, t->w, lba * t->sector, e->sectors * t->sector, text_c(kept));
}

static bool visit_once(struct table *t, uint64_t lba, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (t->visited[i] == lba)
			return false;
	t->visited[n] = lba;
	return true;
}

/* Each extended boot record tells one logical partition, relative to itself, and the next record, relative to the
 * extended partition. */
static void follow_chain(struct table *t, const struct mbr_entry *extended)
{
	uint64_t lba = extended->lba;
	for (unsigned n = 0;; n++) {
		struct mbr_entry e[4];
		uint64_t at = lba * t->sector;
		struct span sector = span_sub(t->disk, at, SECTOR);
		if (n == LOGICAL_MAX || !visit_once(t, lba, n)) {
			emit_damage_at(t->w->sink, n == LOGICAL_MAX ? ERR_BUDGET : ERR_CORRUPT, at, "%s",
						   n == LOGICAL_MAX ? "more logical partitions than are followed"
											: "the chain of extended boot records leads back into itself");
			return;
		}
		if (!mbr_read(sector, e)) {
			emit_damage_at(t->w->sink, sector.p ? ERR_CORRUPT : ERR_TRUNCATED, at,
						   "no extended boot record where the chain leads");
			return;
		}
		partitions_add(&t->parts, t->w, at, t->sector, TEXT_NONE);
		if (e[0].type && e[0].sectors)
			add_partition(t, 5 + t->logical++, &e[0], lba + e[0].lba, at + 446);
		if (!is_extended(e[1].type) || !e[1].sectors)
			return;
		lba = extended->lba + e[1].lba;
	}
}

static bool has_code(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i])
			return true;
	return false;
}

static struct error mbr_walk(struct span bytes, struct walk *w)
{
	struct mbr_entry e[4];
	struct table *t = ARENA_NEW(w->arena, struct table);
	if (!t)
		return error_at(ERR_BUDGET, 0, "no memory for the partition table");
	if (!table_read(bytes, e))
		return error_at(ERR_CORRUPT, 0, "no partition table");
	t->w = w;
	t->disk = bytes;
	t->sector = sector_size(bytes, e);
	emit_header_field(w->sink, UINT64_MAX, "sector_size", "%u", (unsigned)t->sector);
	emit_header_field(w->sink, 440, "disk_signature", "0x%08x", span_u32le(bytes, 440));
	bool code = has_code(span_sub(bytes, 0, BOOT_CODE));
	partitions_add(&t->parts, w, 0, code ? BOOT_CODE : SECTOR, code ? TEXT_LIT("boot-code") : TEXT_NONE);
	if (code)
		partitions_add(&t->parts, w, BOOT_CODE, SECTOR - BOOT_CODE, TEXT_NONE);
	for (unsigned i = 0; i < 4; i++)
		if (e[i].type)
			add_partition(t, i + 1, &e[i], e[i].lba, 446 + 16 * i);
	for (unsigned i = 0; i < 4; i++)
		if (is_extended(e[i].type))
			follow_chain(t, &e[i]);
	partitions_emit(&t->parts, bytes, w);
	return error_none();
}

const struct format mbr_format = {
	.name = "mbr",
	.kind = FORMAT_CONTAINER,
	.title = "disk image with a master boot record",
	.spec = "UEFI 2.10, section 5.2.1",
	.probe = mbr_probe,
	.walk = mbr_walk,
	.at_start = true,
};
