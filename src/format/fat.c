/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FAT12, FAT16 and FAT32 with long names.
 *
 * Specifications: "FAT: General Overview of On-Disk Format" 1.03 (fatgen103); ECMA-107. Which of the three it is
 * follows Linux: FAT32 when only its own field tells the size of the table, or else by the number of clusters.
 */
#include "format/fat.h"

#include "base/plural.h"
#include "format/notation.h"

#define ENTRY_BYTES 32u
#define FAT12_CLUSTERS_MAX 4084u
#define FAT16_CLUSTERS_MAX 65524u
#define FAT32_CLUSTERS_MAX 0x0ffffff4u
#define DIRECTORY_MAX (65536u * ENTRY_BYTES)
#define DEPTH_MAX 160u
#define LONG_UNITS 13u
#define LONG_PARTS 20u /* 255 units and their end */
/* Where the tables differ, a chain is followed by the one that it is whole by: so often all entries are read to tell that. */
#define COMPARED 4u

/* Where FAT32 has a copy of the boot sector, in sectors ("No value other than 6 is recommended"). */
#define BACKUP_SECTOR 6u
#define BACKUP_FIELD 50u
#define SECTOR_MIN 512u
#define SECTOR_MAX 4096u

enum {
	ATTR_READ_ONLY = 1,
	ATTR_HIDDEN = 2,
	ATTR_SYSTEM = 4,
	ATTR_VOLUME = 8,
	ATTR_DIRECTORY = 16,
	ATTR_LONG_NAME = 15,
};

/* The BIOS parameter block. */
struct bpb {
	uint32_t sector, cluster, reserved, tables, root_entries, media;
	uint64_t sectors, table_sectors;
	uint32_t root_cluster, flags;
	unsigned bits;
	uint64_t clusters;
	uint64_t table_at, root_at, heap; /* bytes */
	bool from_backup;
};

static bool is_power(uint32_t v)
{
	return v && (v & (v - 1)) == 0;
}

static void bpb_fields(struct span at, struct bpb *b)
{
	struct reader r = reader_le(at);
	rd_skip(&r, 11);
	b->sector = rd_u16(&r);
	b->cluster = rd_u8(&r);
	b->reserved = rd_u16(&r);
	b->tables = rd_u8(&r);
	b->root_entries = rd_u16(&r);
	b->sectors = rd_u16(&r);
	b->media = rd_u8(&r);
	b->table_sectors = rd_u16(&r);
	rd_skip(&r, 8);
	uint32_t large = rd_u32(&r);
	uint32_t table32 = rd_u32(&r);
	b->flags = rd_u16(&r);
	uint16_t version = rd_u16(&r);
	b->root_cluster = rd_u32(&r);
	if (!b->sectors)
		b->sectors = large;
	b->bits = 0;
	if (!b->table_sectors) {
		b->table_sectors = table32;
		b->bits = version == 0 ? 28 : 99;
	}
	if (!rd_ok(&r))
		b->sector = 0;
}

/* Where everything lies; false when the fields contradict each other. */
static bool bpb_layout(struct bpb *b)
{
	bool fields = is_power(b->sector) && b->sector >= 512 && b->sector <= 4096 && is_power(b->cluster) &&
				  b->sector * b->cluster <= 256u << 10 && b->reserved && b->tables >= 1 && b->tables <= 2 &&
				  (b->media == 0xf0 || b->media >= 0xf8) && b->table_sectors && b->bits <= 28 &&
				  (b->bits == 28) == (b->root_entries == 0);
	if (!fields)
		return false;
	uint64_t root_sectors = ((uint64_t)b->root_entries * ENTRY_BYTES + b->sector - 1) / b->sector;
	uint64_t root = b->reserved + b->tables * b->table_sectors, heap = root + root_sectors;
	if (heap >= b->sectors)
		return false;
	b->clusters = (b->sectors - heap) / b->cluster;
	if (b->bits != 28)
		b->bits = b->clusters > FAT12_CLUSTERS_MAX ? 16 : 12;
	b->table_at = (uint64_t)b->reserved * b->sector;
	b->root_at = root * b->sector;
	b->heap = heap * b->sector;
	uint64_t most = b->bits == 28 ? FAT32_CLUSTERS_MAX : FAT16_CLUSTERS_MAX;
	uint64_t entries = b->table_sectors * b->sector * 8 / (b->bits == 28 ? 32 : b->bits);
	bool root_ok = b->bits != 28 || (b->root_cluster >= FAT_FIRST_CLUSTER && b->root_cluster < b->clusters + 2);
	return b->clusters >= 1 && b->clusters <= most && entries >= b->clusters + FAT_FIRST_CLUSTER && root_ok;
}

/* The first entry of the table repeats the media byte; all its other bits are set. */
static bool table_begins(struct span at, const struct bpb *b, unsigned table)
{
	struct span first = span_sub(at, b->table_at + table * b->table_sectors * b->sector, 4);
	if (!first.p || first.p[0] != b->media || first.p[1] != 0xff)
		return false;
	return b->bits == 12 ? first.p[2] >= 0xf0 : first.p[2] == 0xff;
}

static bool begins_with_jump(struct span at)
{
	return at.n > 2 && ((at.p[0] == 0xeb && at.p[2] == 0x90) || at.p[0] == 0xe9);
}

/* The parameter block of a volume that begins at `at`, by a boot sector that may be the copy. */
static bool bpb_of(struct span at, struct span boot, struct bpb *b)
{
	if (!begins_with_jump(boot))
		return false;
	bpb_fields(boot, b);
	return bpb_layout(b) && (table_begins(at, b, 0) || (b->tables == 2 && table_begins(at, b, 1)));
}

/* The copy of FAT32's boot sector, which says itself that it is one. */
static struct span backup_of(struct span at, uint32_t sector)
{
	struct span s = span_sub(at, (uint64_t)BACKUP_SECTOR * sector, SECTOR_MIN);
	bool is_one = span_has(s, 82, "FAT32   ", 8) && span_has(s, 510, "\x55\xaa", 2) && span_u16le(s, BACKUP_FIELD) == BACKUP_SECTOR &&
				  span_u16le(s, 11) == sector;
	return is_one ? s : SPAN_NONE;
}

static bool bpb_read(struct span at, struct bpb *b)
{
	bool found = bpb_of(at, at, b);
	b->from_backup = false;
	for (uint32_t sector = SECTOR_MIN; !found && sector <= SECTOR_MAX; sector *= 2)
		b->from_backup = found = bpb_of(at, backup_of(at, sector), b);
	return found;
}

/* Which sectors lie before it and whether it is dirty may be kept in the first one alone. */
static void check_backup(struct fat *f, const struct bpb *b)
{
	struct span at = f->v.image, copy = backup_of(at, b->sector);
	if (b->from_backup)
		volume_damage(&f->v, ERR_CORRUPT, 0, "the boot sector is damaged: its copy in sector %u was read", BACKUP_SECTOR);
	else if (b->bits == 28 && span_u16le(at, BACKUP_FIELD) == BACKUP_SECTOR && copy.p &&
			 (memcmp(at.p + 11, copy.p + 11, 17) != 0 || memcmp(at.p + 32, copy.p + 32, 16) != 0))
		volume_damage(&f->v, ERR_CORRUPT, 11, "the boot sector and its copy in sector %u differ in where the volume's parts lie",
					  BACKUP_SECTOR);
}

static bool fat_probe(struct span at, struct format_match *match)
{
	struct bpb b;
	if (!bpb_read(at, &b))
		return false;
	match->size = b.sectors * b.sector;
	match->confidence = 88;
	return true;
}

/* The parts of a long name, which stand before the short one in reverse. */
struct long_name {
	uint8_t units[LONG_PARTS * LONG_UNITS * 2];
	unsigned parts, missing;
	uint8_t sum;
};

static uint8_t short_sum(struct span name)
{
	uint8_t sum = 0;
	for (size_t i = 0; i < name.n; i++)
		sum = (uint8_t)((sum >> 1 | sum << 7) + name.p[i]);
	return sum;
}

static void long_add(struct long_name *l, struct span e)
{
	unsigned number = e.p[0] & 0x3f;
	if (e.p[0] & 0x40) {
		l->parts = l->missing = number <= LONG_PARTS ? number : 0;
		l->sum = e.p[13];
	}
	if (!l->missing || number != l->missing || e.p[13] != l->sum) {
		l->parts = 0;
		l->missing = 0;
		return;
	}
	uint8_t *to = l->units + (size_t)(number - 1) * LONG_UNITS * 2;
	memcpy(to, e.p + 1, 10);
	memcpy(to + 10, e.p + 14, 12);
	memcpy(to + 22, e.p + 28, 4);
	l->missing--;
}

/* Base and extension without the blanks behind them; NT keeps in two bits which of them is in small letters. */
static size_t short_name(struct span e, char *out)
{
	static const struct {
		uint8_t at, n, flag;
	} halves[] = { { 0, 8, 0x08 }, { 8, 3, 0x10 } };
	size_t n = 0;
	for (unsigned h = 0; h < 2; h++) {
		size_t end = halves[h].n;
		while (end && e.p[halves[h].at + end - 1] == ' ')
			end--;
		if (h == 1 && end)
			out[n++] = '.';
		for (size_t i = 0; i < end; i++) {
			uint8_t c = e.p[halves[h].at + i];
			if (h == 0 && i == 0 && c == 0x05)
				c = 0xe5;
			bool lower = e.p[12] & halves[h].flag && c >= 'A' && c <= 'Z';
			out[n++] = (char)(lower ? c + ('a' - 'A') : c);
		}
	}
	return n;
}

static struct text entry_name(struct span e, const struct long_name *l, char *out)
{
	size_t n = 0;
	if (l->parts && !l->missing && l->sum == short_sum(span_sub(e, 0, 11)))
		n = utf16_to_utf8(span_of(l->units, (size_t)l->parts * LONG_UNITS * 2), false, true, out);
	return text_of(out, n ? n : short_name(e, out));
}

static void read_directory(struct fat *f, const struct runs *dir, unsigned depth);
static void check_dots(struct fat *f, const struct runs *dir, uint64_t at);

static uint32_t first_cluster(const struct fat *f, struct span e)
{
	return (f->bits == 28 ? (uint32_t)span_u16le(e, 20) << 16 : 0) | span_u16le(e, 26);
}

static void enter_directory(struct fat *f, struct span e, uint64_t at, unsigned depth)
{
	uint32_t cluster = first_cluster(f, e);
	if (!fat_has(f, cluster) || depth == DEPTH_MAX || !fat_enter(f, cluster)) {
		volume_damage(&f->v, depth == DEPTH_MAX ? ERR_BUDGET : ERR_CORRUPT, at, "%s",
					  !fat_has(f, cluster) ? "a directory lies nowhere"
					  : depth == DEPTH_MAX ? "directories nested deeper than are read"
										   : "a directory is entered twice");
		return;
	}
	uint64_t size = fat_chain(f, cluster, UINT64_MAX, "a directory", at);
	struct runs *runs = volume_runs_end(&f->v, size < DIRECTORY_MAX ? size : DIRECTORY_MAX);
	if (runs) {
		check_dots(f, runs, at);
		read_directory(f, runs, depth + 1);
	}
}

static void set_file(struct fat *f, struct span bytes, uint64_t at, struct entry *e)
{
	uint64_t size = span_u32le(bytes, 28);
	uint32_t first = first_cluster(f, bytes);
	uint64_t got = size ? fat_chain(f, first, size, "a file", at) : 0;
	if (!size)
		volume_runs_begin(&f->v);
	volume_set_content(&f->v, e, got, f->cluster_size);
}

static void visit(struct fat *f, struct span bytes, uint64_t at, const struct long_name *l, unsigned depth)
{
	char buffer[LONG_PARTS * LONG_UNITS * 3];
	struct text name = entry_name(bytes, l, buffer);
	size_t before = f->v.path_n;
	if (!volume_enter(&f->v, name, at))
		return;
	bool directory = bytes.p[11] & ATTR_DIRECTORY;
	struct entry e = entry_new(directory ? ENTRY_DIRECTORY : ENTRY_FILE, volume_path(&f->v));
	e.mtime = dos_time(span_u16le(bytes, 24), span_u16le(bytes, 22));
	if (!directory)
		set_file(f, bytes, at, &e);
	volume_child(&f->v, &e);
	if (directory && !f->v.stopped)
		enter_directory(f, bytes, at, depth);
	volume_leave(&f->v, before);
}

static void emit_label(struct fat *f, struct span e, uint64_t at)
{
	size_t n = 11;
	while (n && e.p[n - 1] == ' ')
		n--;
	struct fact_header row = { (int64_t)at, TEXT_LIT("volume_label"), text_from_span(span_sub(e, 0, n)) };
	emit_header(f->v.w->sink, &row);
}

/* A directory below the root begins with its own name and that of the one above: what begins with something else was overwritten, or
 * its cluster is another's. What is there is read all the same. */
static void check_dots(struct fat *f, const struct runs *dir, uint64_t at)
{
	uint64_t end;
	const struct run *run = dir->size >= 2 * ENTRY_BYTES ? runs_find(dir, 0, &end) : NULL;
	struct span e = run ? span_sub(f->v.image, run->place, 2 * ENTRY_BYTES) : SPAN_NONE;
	if (e.p && (!span_starts(e, ".          ", 11) || !span_has(e, ENTRY_BYTES, "..         ", 11)))
		volume_damage(&f->v, ERR_CORRUPT, at,
					  "a directory does not begin with the names of itself and of the one above: what it held is lost, or a part of it");
}

static bool is_dots(struct span e)
{
	return span_starts(e, ".          ", 11) || span_starts(e, "..         ", 11);
}

/* Whether these bytes can be an entry: bits that are always clear, no control characters in the first place of a name. */
static bool is_possible(struct span e)
{
	if (e.p[11] & 0xc0)
		return false;
	if ((e.p[11] & 0x3f) == ATTR_LONG_NAME)
		return e.p[12] == 0 && span_u16le(e, 26) == 0;
	return e.p[0] >= ' ' || e.p[0] == 0x05;
}

/* Whether these bytes are an entry beyond doubt, as an end of a directory is followed by none. */
static bool is_entry(const struct fat *f, struct span e)
{
	uint32_t cluster = first_cluster(f, e);
	bool named = (e.p[11] & 0x3f) == ATTR_LONG_NAME ? e.p[12] == 0 && (e.p[0] & 0x3f) >= 1 && (e.p[0] & 0x3f) <= LONG_PARTS
													 : e.p[0] > ' ' && e.p[0] != 0xe5 && (!cluster || fat_has(f, cluster));
	for (unsigned i = 1; i < 11 && (e.p[11] & 0x3f) != ATTR_LONG_NAME; i++)
		named = named && e.p[i] >= ' ';
	return named && is_possible(e);
}

/* Whether the first file or directory that a cluster of a directory tells of has clusters of its own, which no other has so far. Where a
 * directory was made shorter, what its clusters behind the end still tell of was moved before it, or deleted. */
static bool has_own_clusters(const struct fat *f, const struct runs *dir, uint64_t at)
{
	uint64_t end;
	for (uint64_t i = at; i + ENTRY_BYTES <= dir->size && i < at + f->cluster_size; i += ENTRY_BYTES) {
		const struct run *run = runs_find(dir, i, &end);
		struct span e = span_sub(f->v.image, run->place + (i - run->at), ENTRY_BYTES);
		uint32_t cluster = e.p ? first_cluster(f, e) : 0;
		if (!e.p || !is_entry(f, e) || (e.p[11] & 0x3f) == ATTR_LONG_NAME || !fat_has(f, cluster))
			continue;
		return fat_next(f, cluster) != FAT_CHAIN_BROKEN && !fat_is_used(f, cluster);
	}
	return false;
}

/* From an end at `at` of the directory to the next of its clusters that begins with an entry: then the end is none, but was overwritten.
 * The directory's size when there is no such cluster. */
static uint64_t resume_directory(struct fat *f, const struct runs *dir, uint64_t at, uint64_t place)
{
	uint64_t end;
	for (uint64_t i = (at / f->cluster_size + 1) * f->cluster_size; i + ENTRY_BYTES <= dir->size; i += f->cluster_size) {
		const struct run *run = runs_find(dir, i, &end);
		struct span e = span_sub(f->v.image, run->place + (i - run->at), ENTRY_BYTES);
		if (!e.p || !is_entry(f, e) || !has_own_clusters(f, dir, i))
			continue;
		volume_damage(&f->v, ERR_CORRUPT, place, "a directory ends here, and goes on %llu bytes behind: what was between is lost",
					  (unsigned long long)(i - at));
		return i;
	}
	return dir->size;
}

static void read_directory(struct fat *f, const struct runs *dir, unsigned depth)
{
	struct long_name l = { .parts = 0 };
	for (uint64_t i = 0; i + ENTRY_BYTES <= dir->size && !f->v.stopped; i += ENTRY_BYTES) {
		uint64_t end;
		const struct run *run = runs_find(dir, i, &end);
		uint64_t at = run->place + (i - run->at);
		struct span e = span_sub(f->v.image, at, ENTRY_BYTES);
		if (!e.p) {
			volume_damage(&f->v, ERR_TRUNCATED, f->v.image.n, "a directory lies behind the end of the image");
			return;
		}
		if (e.p[0] == 0) {
			i = resume_directory(f, dir, i, at) - ENTRY_BYTES;
			l.parts = 0;
			continue;
		}
		if (e.p[0] == 0xe5) {
			l.parts = 0;
			continue;
		}
		if (!is_possible(e))
			volume_damage(&f->v, ERR_CORRUPT, at, "an entry of a directory can not be one: the directory was overwritten here");
		if ((e.p[11] & 0x3f) == ATTR_LONG_NAME) {
			long_add(&l, e);
			continue;
		}
		if (e.p[11] & ATTR_VOLUME) {
			if (depth == 0)
				emit_label(f, e, at);
		} else if (!is_dots(e)) {
			visit(f, e, at, &l, depth);
		}
		l.parts = 0;
	}
}

static struct text trimmed(struct span s)
{
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == 0))
		s.n--;
	return text_from_span(s);
}

static void emit_text(struct walk *w, struct span at, uint64_t offset, size_t n, const char *name)
{
	struct fact_header row = { (int64_t)offset, text_c(name), trimmed(span_sub(at, offset, n)) };
	if (row.value.n)
		emit_header(w->sink, &row);
}

static void emit_fields(struct walk *w, struct span at, const struct bpb *b)
{
	uint64_t extended = b->bits == 28 ? 64 : 36;
	emit_header_field(w->sink, 0, "fat_type", "FAT%u", b->bits == 28 ? 32 : b->bits);
	emit_text(w, at, 3, 8, "oem_name");
	emit_header_field(w->sink, 11, "bytes_per_sector", "%u", b->sector);
	emit_header_field(w->sink, 13, "sectors_per_cluster", "%u", b->cluster);
	emit_header_field(w->sink, 16, "number_of_fats", "%u", b->tables);
	emit_header_field(w->sink, 32, "total_sectors", "%llu", (unsigned long long)b->sectors);
	if (span_has(at, extended + 2, "\x29", 1)) {
		uint32_t id = span_u32le(at, extended + 3);
		emit_header_field(w->sink, extended + 3, "volume_id", "%04x-%04x", id >> 16, id & 0xffff);
		emit_text(w, at, extended + 7, 11, "boot_sector_label");
	}
}

/* The active table and the other one. FAT32 may say that only one of them is kept up to date. */
static void set_tables(struct fat *f, const struct bpb *b)
{
	uint64_t size = b->table_sectors * b->sector;
	for (unsigned i = 0; i < b->tables; i++)
		f->tables[i] = span_clip(f->v.image, b->table_at + i * size, size);
	bool mirrored = b->bits != 28 || !(b->flags & 0x80);
	if (!mirrored && (b->flags & 0xf) == 1 && b->tables == 2) {
		f->tables[0] = f->tables[1];
		f->tables[1] = SPAN_NONE;
	} else if (!mirrored) {
		f->tables[1] = SPAN_NONE;
	} else if (b->tables == 2 && !table_begins(f->v.image, b, 0)) { /* the first one is broken from its beginning on */
		struct span first = f->tables[0];
		f->tables[0] = f->tables[1];
		f->tables[1] = first;
	}
	if (mirrored && b->tables == 2 && f->tables[0].n == f->tables[1].n && f->tables[0].n &&
		memcmp(f->tables[0].p, f->tables[1].p, f->tables[0].n) != 0) {
		volume_damage(&f->v, ERR_CORRUPT, b->table_at, "the two allocation tables differ");
		f->differ = true;
		f->comparing = COMPARED * (uint64_t)f->clusters;
	}
}

/* What is allocated and has no name, when all that could be read was. */
static void tell_lost(struct fat *f)
{
	uint32_t first = 0, lost = f->v.stopped ? 0 : fat_lost_chains(f, &first);
	if (lost)
		volume_damage(&f->v, ERR_CORRUPT, fat_place(f, first), "%u %s no name: entries of directories are lost", lost,
					  plural(lost, "chain of clusters that is in use has", "chains of clusters that are in use have"));
}

static struct error fat_walk(struct span bytes, struct walk *w)
{
	struct bpb b;
	struct fat *f = ARENA_NEW(w->arena, struct fat);
	if (!bpb_read(bytes, &b))
		return error_at(ERR_CORRUPT, 0, "no BIOS parameter block");
	if (!f || !volume_init(&f->v, bytes, w))
		return error_at(ERR_BUDGET, 0, "no memory for the allocation table");
	f->bits = b.bits;
	f->clusters = (uint32_t)b.clusters;
	f->cluster_size = b.sector * b.cluster;
	f->heap = b.heap;
	emit_fields(w, b.from_backup ? span_from(bytes, (uint64_t)BACKUP_SECTOR * b.sector) : bytes, &b);
	check_backup(f, &b);
	set_tables(f, &b);
	if (!fat_init(f))
		return error_at(ERR_BUDGET, 0, "no memory for the allocation table");
	uint64_t root_size = (uint64_t)b.root_entries * ENTRY_BYTES;
	if (b.bits == 28) {
		(void)fat_enter(f, b.root_cluster);
		root_size = fat_chain(f, b.root_cluster, UINT64_MAX, "the root directory", 44);
	} else {
		volume_runs_begin(&f->v);
		if (!volume_runs_add(&f->v, 0, b.root_at))
			return volume_finish(&f->v);
	}
	struct runs *root = volume_runs_end(&f->v, root_size < DIRECTORY_MAX ? root_size : DIRECTORY_MAX);
	if (root)
		read_directory(f, root, 0);
	tell_lost(f);
	return volume_finish(&f->v);
}

static const struct format_magic fat_magics[] = {
	MAGIC("FAT12   ", 54),
	MAGIC("FAT16   ", 54),
	MAGIC("FAT32   ", 82),
	MAGIC("FAT32   ", BACKUP_SECTOR * SECTOR_MIN + 82),
	MAGIC("\xeb\x3c\x90", 0),
	MAGIC("\xeb\x58\x90", 0),
	MAGIC("\xeb\xfe\x90", 0),
	MAGIC_END,
};

const struct format fat_format = {
	.name = "fat",
	.kind = FORMAT_FILESYSTEM,
	.title = "FAT12, FAT16 and FAT32 file systems with long names",
	.spec = "FAT: General Overview of On-Disk Format 1.03; ECMA-107",
	.magics = fat_magics,
	.probe = fat_probe,
	.walk = fat_walk,
	.at_start = true,
};
