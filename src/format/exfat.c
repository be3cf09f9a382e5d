/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exFAT: its boot region with a checksum, sets of directory entries with theirs, chained and contiguous files.
 *
 * Specification: Microsoft, "exFAT file system specification", revision 1.00.
 */

#include "format/fat.h"
#include "format/notation.h"

#define ENTRY_BYTES 32u
#define DIRECTORY_MAX ((uint64_t)256 << 20)
#define DEPTH_MAX 160u
#define SECONDARY_MAX 18u /* one stream extension, names of 255 units */
#define NAME_UNITS 15u
#define SETS_TRIED_MAX 65536u
#define CLUSTERS_MAX 0xfffffff5u

enum {
	TYPE_BITMAP = 0x81,
	TYPE_UPCASE = 0x82,
	TYPE_LABEL = 0x83,
	TYPE_FILE = 0x85,
	TYPE_STREAM = 0xc0,
	TYPE_NAME = 0xc1,
	TYPE_VENDOR_ALLOCATION = 0xe1,
	FLAG_CONTIGUOUS = 2,  /* NoFatChain */
	VOLUME_DIRTY = 2,     /* of the boot sector: it was not unmounted */
	ATTR_DIRECTORY = 16,
};

struct boot {
	uint64_t sectors;
	uint32_t table, table_sectors, heap, clusters, root, serial;
	uint16_t revision, flags;
	unsigned sector_shift, cluster_shift, tables;
};

static bool boot_read(struct span at, struct boot *b)
{
	static const uint8_t zeros[53];
	struct reader r = reader_le(at);
	if (!span_starts(at,
					 "\xeb\x76\x90"
					 "EXFAT   ",
					 11) ||
		!span_has(at, 11, zeros, sizeof zeros))
		return false;
	rd_skip(&r, 72);
	b->sectors = rd_u64(&r);
	b->table = rd_u32(&r);
	b->table_sectors = rd_u32(&r);
	b->heap = rd_u32(&r);
	b->clusters = rd_u32(&r);
	b->root = rd_u32(&r);
	b->serial = rd_u32(&r);
	b->revision = rd_u16(&r);
	b->flags = rd_u16(&r);
	b->sector_shift = rd_u8(&r);
	b->cluster_shift = rd_u8(&r);
	b->tables = rd_u8(&r);
	if (!rd_ok(&r) || b->sector_shift < 9 || b->sector_shift > 12 || b->cluster_shift > 25 - b->sector_shift ||
		b->tables < 1 || b->tables > 2 || b->revision >> 8 < 1 || b->revision >> 8 > 99)
		return false;
	uint64_t table_bytes = (uint64_t)b->table_sectors << b->sector_shift;
	return b->table >= 24 && b->clusters && b->clusters <= CLUSTERS_MAX && b->sectors < (uint64_t)1 << 50 &&
		   table_bytes / 4 >= (uint64_t)b->clusters + FAT_FIRST_CLUSTER &&
		   b->heap >= b->table + (uint64_t)b->table_sectors * b->tables &&
		   b->heap + ((uint64_t)b->clusters << b->cluster_shift) <= b->sectors && b->root >= FAT_FIRST_CLUSTER &&
		   b->root - FAT_FIRST_CLUSTER < b->clusters;
}

static bool exfat_probe(struct span at, struct format_match *match)
{
	struct boot b;
	if (!boot_read(at, &b))
		return false;
	match->size = b.sectors << b.sector_shift;
	match->confidence = 95;
	return true;
}

static uint32_t checksum32(struct span boot)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < boot.n; i++)
		if (i != 106 && i != 107 && i != 112) /* the flags and the use in percent change */
			sum = (sum >> 1 | sum << 31) + boot.p[i];
	return sum;
}

static void verify_boot(struct fat *f, const struct boot *b)
{
	uint64_t sector = (uint64_t)1 << b->sector_shift;
	struct span covered = span_sub(f->v.image, 0, 11 * sector), stored = span_sub(f->v.image, 11 * sector, 4);
	if (!stored.p)
		return;
	uint32_t sum = checksum32(covered);
	bool ok = sum == span_u32le(stored, 0);
	emit_header_field(f->v.w->sink, 11 * sector, "boot_checksum", "%s", ok ? "ok" : "mismatch");
	if (!ok)
		volume_damage(&f->v, ERR_CORRUPT, 11 * sector, "the boot region's checksum is 0x%08x, its bytes give 0x%08x",
					  span_u32le(stored, 0), sum);
}

/* A file's set of directory entries, collected from wherever they lie. */
struct set {
	uint64_t at; /* of its first entry in the image */
	unsigned wanted, n;
	uint8_t bytes[(SECONDARY_MAX + 1) * ENTRY_BYTES];
};

static uint16_t checksum16(struct span set)
{
	uint16_t sum = 0;
	for (size_t i = 0; i < set.n; i++)
		if (i != 2 && i != 3)
			sum = (uint16_t)((sum >> 1 | sum << 15) + set.p[i]);
	return sum;
}

/* Local time, with an offset from UTC in quarters of an hour where it is known. */
static int64_t timestamp(uint32_t stamp, uint8_t offset)
{
	int64_t t = dos_time((uint16_t)(stamp >> 16), (uint16_t)stamp);
	if (t == FACT_NULL || !(offset & 0x80))
		return t;
	int quarters = offset & 0x7f;
	if (quarters >= 64)
		quarters -= 128;
	return t - quarters * 15 * 60;
}

struct stream {
	bool contiguous;
	uint64_t valid, size;
	uint32_t first;
};

/* Collects the runs of a stream. Gives the bytes that there are of it. */
static uint64_t stream_runs(struct fat *f, const struct stream *s, uint64_t at)
{
	uint64_t heap = (uint64_t)f->clusters * f->cluster_size;
	uint64_t size = s->size;
	volume_runs_begin(&f->v);
	if (!size)
		return 0;
	if (size > heap) {
		volume_damage(&f->v, ERR_CORRUPT, at, "a file of %llu bytes on a volume of %llu", (unsigned long long)size,
					  (unsigned long long)heap);
		size = heap;
	}
	if (!s->contiguous)
		return fat_chain(f, s->first, size, "a file", at);
	uint64_t room = fat_has(f, s->first) ? heap - (uint64_t)(s->first - FAT_FIRST_CLUSTER) * f->cluster_size : 0;
	if (room < size)
		volume_damage(&f->v, ERR_CORRUPT, at, "a contiguous file leaves the volume");
	size = size < room ? size : room;
	if (size && !volume_runs_add(&f->v, 0, fat_place(f, s->first)))
		return 0;
	return size;
}

static void read_directory(struct fat *f, const struct runs *dir, unsigned depth);

static void enter_directory(struct fat *f, const struct stream *s, uint64_t at, unsigned depth)
{
	if (!s->size)
		return;
	if (depth == DEPTH_MAX || s->size > DIRECTORY_MAX || !fat_has(f, s->first) || !fat_enter(f, s->first)) {
		volume_damage(&f->v, depth == DEPTH_MAX ? ERR_BUDGET : ERR_CORRUPT, at, "%s",
					  depth == DEPTH_MAX        ? "directories nested deeper than are read"
					  : s->size > DIRECTORY_MAX ? "a directory is larger than the format allows"
					  : !fat_has(f, s->first)   ? "a directory lies nowhere"
												: "a directory is entered twice");
		return;
	}
	uint64_t size = stream_runs(f, s, at);
	exfat_claim_runs(f, size);
	if (size > f->work) {
		volume_damage(&f->v, ERR_CORRUPT, at, "directories overlap: more of them than the image has bytes");
		return;
	}
	f->work -= size;
	struct runs *runs = volume_runs_end(&f->v, size);
	if (runs)
		read_directory(f, runs, depth + 1);
}

static size_t set_name(const struct set *s, unsigned units, char *out)
{
	uint8_t name[(SECONDARY_MAX - 1) * NAME_UNITS * 2];
	size_t n = 0;
	for (unsigned i = 2; i < s->n; i++) {
		if (s->bytes[i * ENTRY_BYTES] != TYPE_NAME)
			break;
		memcpy(name + n, s->bytes + i * ENTRY_BYTES + 2, NAME_UNITS * 2);
		n += NAME_UNITS * 2;
	}
	return utf16_to_utf8(span_of(name, n < 2 * units ? n : 2 * units), false, false, out);
}

static void visit_set(struct fat *f, const struct set *s, unsigned depth)
{
	struct span bytes = span_of(s->bytes, (size_t)s->n * ENTRY_BYTES), e = span_from(bytes, ENTRY_BYTES);
	char name[SECONDARY_MAX * NAME_UNITS * 3];
	if (s->n < 3 || s->bytes[ENTRY_BYTES] != TYPE_STREAM || s->bytes[2 * ENTRY_BYTES] != TYPE_NAME) {
		volume_damage(&f->v, ERR_CORRUPT, s->at, "a file's directory entries are incomplete");
		return;
	}
	if (checksum16(bytes) != span_u16le(bytes, 2))
		volume_damage(&f->v, ERR_CORRUPT, s->at, "the checksum of a file's directory entries does not match");
	struct reader r = reader_le(e);
	rd_skip(&r, 1);
	struct stream stream = { .contiguous = rd_u8(&r) & FLAG_CONTIGUOUS };
	rd_skip(&r, 1);
	unsigned units = rd_u8(&r);
	rd_skip(&r, 4);
	stream.valid = rd_u64(&r);
	rd_skip(&r, 4);
	stream.first = rd_u32(&r);
	stream.size = rd_u64(&r);

	size_t before = f->v.path_n;
	if (!volume_enter(&f->v, text_of(name, set_name(s, units, name)), s->at))
		return;
	bool directory = span_u16le(bytes, 4) & ATTR_DIRECTORY;
	struct entry entry = entry_new(directory ? ENTRY_DIRECTORY : ENTRY_FILE, volume_path(&f->v));
	entry.mtime = timestamp(span_u32le(bytes, 12), bytes.p[23]);
	if (!directory) {
		uint64_t size = stream_runs(f, &stream, s->at);
		exfat_claim_runs(f, size);
		volume_runs_cut(&f->v, stream.valid, size);
		volume_set_content(&f->v, &entry, size, f->cluster_size);
	}
	volume_child(&f->v, &entry);
	if (directory && !f->v.stopped)
		enter_directory(f, &stream, s->at, depth);
	volume_leave(&f->v, before);
}

static void emit_label(struct fat *f, struct span e, uint64_t at)
{
	char label[33];
	unsigned units = e.p[1] < 11 ? e.p[1] : 11;
	size_t n = utf16_to_utf8(span_sub(e, 2, 2 * units), false, false, label);
	struct fact_header row = { (int64_t)at, TEXT_LIT("volume_label"), text_of(label, n) };
	emit_header(f->v.w->sink, &row);
}

/* One more entry of the directory. A file's set is shown when its last entry has come. */
static void take_entry(struct fat *f, struct set *s, struct span e, uint64_t at, unsigned depth)
{
	uint8_t type = e.p[0];
	bool secondary = type & 0x40;
	if (s->wanted && !secondary) { /* the set breaks off */
		visit_set(f, s, depth);
		s->wanted = 0;
	}
	if (type == TYPE_FILE) {
		unsigned more = e.p[1] < SECONDARY_MAX ? e.p[1] : SECONDARY_MAX;
		s->at = at;
		s->wanted = more + 1;
		s->n = 0;
	} else if (type == TYPE_LABEL && depth == 0) {
		emit_label(f, e, at);
	} else if (type == TYPE_BITMAP || type == TYPE_UPCASE || type == TYPE_VENDOR_ALLOCATION) {
		uint64_t size = span_u64le(e, 24);
		exfat_claim_at(f, span_u32le(e, 20), size);
		if (type == TYPE_BITMAP && depth == 0)
			exfat_bitmap_found(f, span_u32le(e, 20), size);
	}
	if (!s->wanted)
		return;
	memcpy(s->bytes + (size_t)s->n++ * ENTRY_BYTES, e.p, ENTRY_BYTES);
	if (s->n == s->wanted) {
		visit_set(f, s, depth);
		s->wanted = 0;
	}
}

/* Whether a set of entries with the right checksum stands there. */
static bool set_is_at(const struct runs *dir, uint64_t at)
{
	uint8_t bytes[(SECONDARY_MAX + 1) * ENTRY_BYTES];
	if (dir->size - at < 3 * ENTRY_BYTES)
		return false;
	struct error e = runs_read(dir, at, bytes, 2 * ENTRY_BYTES);
	size_t n = ((size_t)bytes[1] + 1) * ENTRY_BYTES;
	if (error_is(&e) || bytes[1] < 2 || n > sizeof bytes || n > dir->size - at || bytes[ENTRY_BYTES] != TYPE_STREAM)
		return false;
	e = runs_read(dir, at, bytes, n);
	return !error_is(&e) && checksum16(span_of(bytes, n)) == span_u16le(span_of(bytes, n), 2);
}

/* Behind the entry that ends a directory there are none: where a set is, at whatever place, the end is none. Gives its place. */
static uint64_t next_set(struct fat *f, const struct runs *dir, uint64_t at)
{
	uint64_t end;
	while (at < dir->size && f->sets_tried < SETS_TRIED_MAX) {
		const struct run *run = runs_find(dir, at, &end);
		struct span s = run->place == RUN_HOLE ? SPAN_NONE : span_clip(f->v.image, run->place + (at - run->at), end - at);
		const uint8_t *hit = s.n ? memchr(s.p, TYPE_FILE, s.n) : NULL;
		at = hit ? at + (uint64_t)(hit - s.p) : end;
		if (hit && set_is_at(dir, at))
			return at;
		at += hit != NULL;
		f->sets_tried += hit != NULL;
	}
	return dir->size;
}

static void read_directory(struct fat *f, const struct runs *dir, unsigned depth)
{
	struct set s = { .wanted = 0 };
	for (uint64_t i = 0; i + ENTRY_BYTES <= dir->size && !f->v.stopped; i += ENTRY_BYTES) {
		uint64_t end;
		const struct run *run = runs_find(dir, i, &end);
		uint64_t at = run->place + (i - run->at);
		struct span e = run->place == RUN_HOLE ? SPAN_NONE : span_sub(f->v.image, at, ENTRY_BYTES);
		if (!e.p) {
			volume_damage(&f->v, ERR_TRUNCATED, f->v.image.n, "a directory lies behind the end of the image");
			return;
		}
		if (e.p[0] == 0) {
			i = next_set(f, dir, i);
			if (i < dir->size)
				volume_damage(&f->v, ERR_CORRUPT, at, "the entries of a directory end here, and go on later");
			s.wanted = 0;
			i -= ENTRY_BYTES;
			continue;
		}
		if (e.p[0] & 0x80)
			take_entry(f, &s, e, at, depth);
		else
			s.wanted = 0; /* deleted */
	}
}

static struct error exfat_walk(struct span bytes, struct walk *w)
{
	struct boot b;
	struct fat *f = ARENA_NEW(w->arena, struct fat);
	if (!boot_read(bytes, &b))
		return error_at(ERR_CORRUPT, 0, "no exFAT boot sector");
	if (!f || !volume_init(&f->v, bytes, w))
		return error_at(ERR_BUDGET, 0, "no memory for the allocation table");
	uint64_t table = (uint64_t)b.table_sectors << b.sector_shift;
	for (unsigned i = 0; i < b.tables; i++)
		f->tables[i ^ ((b.flags & 1) & (b.tables - 1))] =
			span_clip(bytes, ((uint64_t)b.table << b.sector_shift) + i * table, table);
	f->bits = 32;
	f->clusters = b.clusters;
	f->cluster_size = 1u << (b.sector_shift + b.cluster_shift);
	f->heap = (uint64_t)b.heap << b.sector_shift;
	emit_header_field(w->sink, 104, "file_system_revision", "%u.%02u", b.revision >> 8, b.revision & 0xff);
	emit_header_field(w->sink, 100, "volume_serial_number", "%04x-%04x", b.serial >> 16, b.serial & 0xffff);
	emit_header_field(w->sink, 108, "bytes_per_sector", "%u", 1u << b.sector_shift);
	emit_header_field(w->sink, 109, "bytes_per_cluster", "%u", f->cluster_size);
	f->claimed = arena_alloc(w->arena, (size_t)f->clusters / 8 + 1, 1);
	f->claims = 4 * (uint64_t)f->clusters;
	if (!fat_init(f) || !f->claimed)
		return error_at(ERR_BUDGET, 0, "no memory for the allocation table");
	verify_boot(f, &b);
	f->work = 4 * (uint64_t)bytes.n;
	(void)fat_enter(f, b.root);
	uint64_t size = fat_chain(f, b.root, UINT64_MAX, "the root directory", 96);
	exfat_claim_runs(f, size);
	struct runs *root = volume_runs_end(&f->v, size < DIRECTORY_MAX ? size : DIRECTORY_MAX);
	if (root)
		read_directory(f, root, 0);
	if (b.tables == 1 && !(b.flags & VOLUME_DIRTY))
		exfat_tell_lost(f);
	return volume_finish(&f->v);
}

static const struct format_magic exfat_magics[] = { MAGIC("EXFAT   ", 3), MAGIC_END };

const struct format exfat_format = {
	.name = "exfat",
	.kind = FORMAT_FILESYSTEM,
	.title = "exFAT file system",
	.spec = "Microsoft exFAT file system specification 1.00",
	.magics = exfat_magics,
	.probe = exfat_probe,
	.walk = exfat_walk,
};
