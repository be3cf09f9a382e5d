/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NTFS. The tree is made from the names that the file records themselves carry, each with its directory: the indexes of
 * directories are not needed, and a broken one loses nothing.
 *
 * Specification: the on-disk structures as documented by the Linux-NTFS project (ntfsdoc 0.6) and ntfs-3g's layout.h.
 */
#include "format/ntfs.h"

#include <stdio.h>

#include "base/plural.h"
#include "format/notation.h"

#define ROOT_RECORD 5u
#define SYSTEM_RECORDS 16u
#define USER_RECORDS 24u /* from there on; those between are kept free, and may be marked as in use */
#define DEPTH_MAX 160u
#define NAME_FLAGS_AT 56u
#define NAME_IS_DIRECTORY 0x10000000u

struct boot {
	uint64_t at; /* where it stands: 0, or of the copy */
	uint32_t sector, cluster, record_size;
	uint64_t sectors, mft, mirror, serial;
};

/* A size in clusters, or, when negative, as a power of two of bytes. */
static uint32_t packed_size(uint8_t v, uint32_t unit)
{
	if (v < 0x80)
		return v && unit <= (1u << 21) / v ? v * unit : 0;
	unsigned shift = 256u - v;
	return shift < 22 ? 1u << shift : 0;
}

static bool is_power(uint32_t v)
{
	return v && (v & (v - 1)) == 0;
}

static bool boot_read(struct span at, struct boot *b)
{
	static const uint8_t zeros[7];
	struct reader r = reader_le(at);
	b->at = 0;
	if (!span_has(at, 3, "NTFS    ", 8) || !span_has(at, 14, zeros, 7) || !span_has(at, 22, zeros, 2) ||
		!span_has(at, 32, zeros, 4))
		return false;
	rd_skip(&r, 11);
	b->sector = rd_u16(&r);
	/* Many sectors are told as a negative power of two. */
	uint8_t sectors = rd_u8(&r);
	b->cluster = sectors <= 0x80 ? sectors * b->sector : 256u - sectors < 12 ? b->sector << (256u - sectors) : 0;
	rd_seek(&r, 40);
	b->sectors = rd_u64(&r);
	b->mft = rd_u64(&r);
	b->mirror = rd_u64(&r);
	b->record_size = packed_size(rd_u8(&r), b->cluster);
	rd_skip(&r, 7);
	b->serial = rd_u64(&r);
	if (!rd_ok(&r) || !is_power(b->sector) || b->sector < 256 || b->sector > 4096 || !is_power(b->cluster) ||
		b->cluster < b->sector || b->cluster > 2u << 20 || !is_power(b->record_size) || b->record_size < 512 ||
		b->record_size > NTFS_RECORD_MAX || b->sectors >> 50)
		return false;
	uint64_t clusters = b->sectors / (b->cluster / b->sector);
	return clusters > 0 && b->mft > 0 && b->mft < clusters && b->mirror < clusters;
}

/* Whether the file table begins where the boot sector says, or its mirror does. */
static bool table_begins(struct span at, const struct boot *b)
{
	uint64_t places[2] = { b->mft * b->cluster, b->mirror * b->cluster };
	bool found = false;
	for (unsigned i = 0; i < 2; i++)
		found = found || span_has(at, places[i], "FILE", 4) || span_has(at, places[i], "BAAD", 4);
	return found;
}

/* The boot sector; where a volume has lost it, the copy in its last sector, behind those that it counts. */
static bool boot_find(struct span all, struct boot *b)
{
	if (boot_read(all, b))
		return true;
	for (uint32_t sector = 512; sector <= 4096 && sector <= all.n; sector *= 2)
		if (boot_read(span_from(all, all.n - sector), b) && b->sector == sector && (b->sectors + 1) * sector == all.n &&
			table_begins(all, b)) {
			b->at = all.n - sector;
			return true;
		}
	return false;
}

/* A boot sector alone is what is left of a volume, or the copy behind one that moved: what follows is not known to be any of it. */
static bool ntfs_probe(struct span at, struct format_match *match)
{
	struct boot b;
	if (!boot_read(at, &b) || !table_begins(at, &b))
		return false;
	match->size = (b.sectors + 1) * b.sector; /* and the copy of the boot sector */
	match->confidence = 92;
	return true;
}

/* Told of a whole blob all the same; what stands behind the boot sector is looked at. */
static bool ntfs_probe_whole(struct span all, struct format_match *match)
{
	struct boot b;
	bool found = boot_find(all, &b);
	*match = (struct format_match){ .size = all.n, .confidence = found && b.at ? 92 : 50 };
	return found;
}

/* A name of a file. */
struct name {
	struct name *next; /* in the same directory */
	uint32_t record;
	uint16_t n;
	char text[];
};

/* A file of several names, as it was shown under the first of them. */
struct first {
	enum entry_kind kind;
	int64_t mtime;
	const char *path;
};

/* Records in use that can not be read, as far as they have a name in an index: of a file, of a directory. */
enum { LOST_NOT, LOST_NAMELESS, LOST_FILE, LOST_DIRECTORY };

/* Stands for a directory that was entered. */
static const struct first entered;

struct tree {
	struct ntfs n;
	struct name **children;    /* of each directory */
	const struct first **seen; /* of each record that must not be read again */
	uint8_t *lost;             /* of each record: LOST_... */
	uint32_t nlost;
	uint32_t names, shown;
};

/* The MFT tells where it lies itself: its first record, then those of its own extensions that are known so far. */
static bool mft_open(struct ntfs *n, const struct boot *b)
{
	struct ntfs_attribute a;
	uint64_t vcn = 0, size = 0, places[2] = { b->mft * n->cluster, b->mirror * n->cluster };
	struct ntfs_record *r = &n->record;
	bool found = false;
	for (unsigned i = 0; i < 2 && !found; i++) {
		struct span raw = span_sub(n->v.image, places[i], n->record_size);
		if (raw.p)
			memcpy(r->bytes, raw.p, raw.n);
		found = raw.p && ntfs_is_live(r, ntfs_record_parse(n, 0, r));
		if (!found)
			volume_damage(&n->v, raw.p ? ERR_CORRUPT : ERR_TRUNCATED, places[i], "%s can not be read",
						  i ? "the mirror of the first file record" : "the first file record");
	}
	volume_runs_begin(&n->v);
	for (uint32_t at = r->first; found && ntfs_attribute_next(r, &at, &a);) {
		if (a.type != NTFS_DATA || a.name.n || a.resident || a.lowest_vcn)
			continue;
		size = a.size;
		if (!ntfs_mapping_add(n, &a, &vcn))
			volume_damage(&n->v, ERR_CORRUPT, places[0], "the runs of the file table break off");
		break;
	}
	uint64_t mapped = vcn * n->cluster;
	n->mft = volume_runs_end(&n->v, mapped);
	if (!n->mft)
		return false;
	uint64_t most = n->v.image.n / n->record_size + 1;
	for (uint32_t i = 1; mapped < size && i < most && (uint64_t)(i + 1) * n->record_size <= mapped; i++) {
		if (!ntfs_is_live(r, ntfs_record_load(n, i, r)) || r->base != 0)
			continue;
		for (uint32_t at = r->first; ntfs_attribute_next(r, &at, &a);) {
			if (a.type != NTFS_DATA || a.name.n || a.resident || a.lowest_vcn != vcn)
				continue;
			if (!ntfs_mapping_add(n, &a, &vcn))
				volume_damage(&n->v, ERR_CORRUPT, places[0], "the runs of the file table break off");
			mapped = vcn * n->cluster;
			n->mft = volume_runs_end(&n->v, mapped);
			if (!n->mft)
				return false;
			break;
		}
	}
	if (size > mapped)
		volume_damage(&n->v, ERR_CORRUPT, places[0], "a file table of %llu bytes has clusters for %llu",
					  (unsigned long long)size, (unsigned long long)mapped);
	uint64_t records = (size < mapped ? size : mapped) / n->record_size;
	n->records = (uint32_t)(records < most ? records : most);
	return n->records > 0;
}

static bool add_name(struct tree *t, uint32_t owner, const struct ntfs_attribute *a)
{
	char text[256 * 3];
	struct span v = a->value;
	unsigned units = v.n > 65 ? v.p[64] : 0;
	struct span utf16 = span_sub(v, 66, 2 * units);
	if (!utf16.p || !units || v.p[65] == NTFS_NAMESPACE_DOS)
		return true;
	uint64_t parent = span_u32le(v, 0) | (uint64_t)span_u16le(v, 4) << 32;
	if (parent >= t->n.records || owner >= t->n.records) {
		volume_damage(&t->n.v, ERR_CORRUPT, OFFSET_NONE, "record %u is in a directory that does not exist", owner);
		return true;
	}
	size_t n = utf16_to_utf8(utf16, false, false, text);
	struct name *name = arena_alloc(t->n.v.w->arena, 1, sizeof *name + n);
	if (!name) {
		volume_exhausted(&t->n.v, OFFSET_NONE);
		return false;
	}
	name->next = t->children[parent];
	name->record = owner;
	name->n = (uint16_t)n;
	memcpy(name->text, text, n);
	t->children[parent] = name;
	t->names++;
	return true;
}

/* The table's own record has a bitmap of the records in use. */
static void read_bitmap(struct ntfs *n)
{
	struct ntfs_attribute a;
	struct ntfs_record *r = &n->record;
	if (!ntfs_is_live(r, ntfs_record_load(n, 0, r)))
		return;
	for (uint32_t at = r->first; ntfs_attribute_next(r, &at, &a);) {
		if (a.type != NTFS_BITMAP || a.name.n || a.lowest_vcn)
			continue;
		struct span bits = ntfs_small_value(n, &a, n->records / 8 + 4096, NULL);
		n->in_use = bits.p;
		n->nin_use = bits.n * 8 < n->records ? (uint32_t)bits.n * 8 : n->records;
		return;
	}
}

/* A record that can not be read is damage when it is in use. Without the bitmap: when anything stands there. */
static void note_lost(struct tree *t, uint32_t number, enum error_code e)
{
	struct ntfs *n = &t->n;
	bool told = n->in_use && number < n->nin_use, in_use = told ? n->in_use[number / 8] >> number % 8 & 1 : false;
	if (e == ERR_UNSUPPORTED && (number >= SYSTEM_RECORDS && number < USER_RECORDS))
		return;
	if (e == ERR_UNSUPPORTED && !(told ? in_use : span_u32le(span_of(n->record.bytes, n->record_size), 0)))
		return;
	volume_damage(&n->v, e == ERR_UNSUPPORTED ? ERR_CORRUPT : e, ntfs_record_place(n, number), "file record %u%s can not be read", number,
				  in_use ? ", which is in use," : "");
	t->lost[number] = LOST_NAMELESS;
	t->nlost++;
}

/* The name that an index has of a lost record. */
static bool take_lost_name(void *context, uint32_t number, const struct ntfs_attribute *name)
{
	struct tree *t = context;
	if (!t->lost[number])
		return true;
	t->lost[number] = span_u32le(name->value, NAME_FLAGS_AT) & NAME_IS_DIRECTORY ? LOST_DIRECTORY : LOST_FILE;
	return add_name(t, number, name);
}

/* All names and extensions, from the last record to the first, so that the lists begin with the lowest numbers. */
static bool collect_names(struct tree *t)
{
	struct ntfs *n = &t->n;
	for (uint32_t i = n->records; i-- > 0;) {
		struct ntfs_attribute a;
		struct ntfs_record *r = &n->record;
		enum error_code e = ntfs_record_load(n, i, r);
		if (e)
			note_lost(t, i, e);
		else if (r->mirrored && i > 0)
			volume_damage(&n->v, ERR_CORRUPT, ntfs_record_place(n, i), "file record %u can not be read: its copy is", i);
		if (!ntfs_is_live(r, e))
			continue;
		if (r->base != i && r->base < n->records) {
			n->extensions[i] = n->extensions[r->base];
			n->extensions[r->base] = i;
		}
		for (uint32_t at = r->first; ntfs_attribute_next(r, &at, &a);)
			if (a.type == NTFS_FILE_NAME && a.resident && !add_name(t, r->base, &a))
				return false;
	}
	return true;
}

static void remember(struct tree *t, uint32_t number, const struct entry *e)
{
	struct first *first = ARENA_NEW(t->n.v.w->arena, struct first);
	const char *path = arena_strdup(t->n.v.w->arena, e->path);
	if (!first || !path) {
		volume_exhausted(&t->n.v, OFFSET_NONE);
		return;
	}
	*first = (struct first){ e->kind, e->mtime, path };
	t->seen[number] = first;
}

static void show(struct tree *t, uint32_t number, const struct ntfs_info *info)
{
	struct ntfs *n = &t->n;
	struct entry e = entry_new(info->directory ? ENTRY_DIRECTORY : ENTRY_FILE, volume_path(&n->v));
	e.mtime = info->mtime;
	ntfs_set_kind(n, info, &e);
	if (e.kind == ENTRY_FILE && e.content.kind == CONTENT_NONE) {
		if (n->npieces && n->pieces[0].stream == NTFS_STREAM_DATA)
			ntfs_set_content(n, n->pieces, ntfs_pieces_of(n, 0), &e);
		else
			e.size = 0;
	}
	if (!info->directory && info->names > 1)
		remember(t, number, &e);
	volume_child(&n->v, &e);
	ntfs_emit_streams(n, number, info->mtime);
}

/* A further name of a file that was shown, or a directory that was entered. */
static void show_again(struct tree *t, const struct first *first)
{
	if (first == &entered) {
		volume_damage(&t->n.v, ERR_CORRUPT, OFFSET_NONE, "a directory is entered twice");
		return;
	}
	struct entry e = entry_new(first->kind, volume_path(&t->n.v));
	e.mtime = first->mtime;
	e.same_as = text_c(first->path);
	volume_child(&t->n.v, &e);
}

static void visit_directory(struct tree *t, uint32_t number, unsigned depth, bool shown);

/* What is known by the index of its directory alone. */
static void show_lost(struct tree *t, uint32_t number)
{
	struct ntfs *n = &t->n;
	bool directory = t->lost[number] == LOST_DIRECTORY || t->children[number];
	struct entry e = entry_new(directory ? ENTRY_DIRECTORY : ENTRY_FILE, volume_path(&n->v));
	if (!directory)
		ntfs_set_failing(n, &e, ERR_CORRUPT, "its file record can not be read");
	volume_child(&n->v, &e);
}

static void visit_record(struct tree *t, uint32_t number, unsigned depth, bool shown)
{
	struct ntfs_info info;
	if (t->seen[number]) {
		show_again(t, t->seen[number]);
	} else if (t->lost[number] >= LOST_FILE && depth < DEPTH_MAX) {
		if (shown)
			show_lost(t, number);
		visit_directory(t, number, depth + 1, shown);
	} else if (!ntfs_info_read(&t->n, number, &info)) {
		if (shown)
			volume_damage(&t->n.v, ERR_CORRUPT, OFFSET_NONE, "a name belongs to record %u, which is not in use",
						  number);
	} else if (info.directory && depth == DEPTH_MAX) {
		volume_damage(&t->n.v, ERR_BUDGET, OFFSET_NONE, "directories nested deeper than %u are not read", DEPTH_MAX);
	} else {
		if (shown)
			show(t, number, &info);
		if (info.directory)
			visit_directory(t, number, depth + 1, shown);
	}
}

/* The names in a directory. `shown` is false within the file system's own ones, which are only passed through. */
static void visit_directory(struct tree *t, uint32_t number, unsigned depth, bool shown)
{
	struct volume *v = &t->n.v;
	t->seen[number] = &entered;
	for (const struct name *name = t->children[number]; name && !v->stopped; name = name->next) {
		size_t before = v->path_n;
		t->shown++;
		/* The root is its own parent. */
		if (name->record == number || !volume_enter(v, text_of(name->text, name->n), OFFSET_NONE))
			continue;
		/* The first records are the file system's own: its tables, and what they need. */
		visit_record(t, name->record, depth, shown && name->record >= SYSTEM_RECORDS);
		volume_leave(v, before);
	}
}

/* Files whose directory is gone. They are in use, so they are shown, under the number of the directory. */
static void visit_orphans(struct tree *t)
{
	struct ntfs *n = &t->n;
	bool told = false;
	for (uint32_t i = 0; i < n->records && t->shown < t->names && !n->v.stopped; i++) {
		char name[40];
		bool lost = t->children[i] && t->seen[i] != &entered;
		if (!lost || (ntfs_is_live(&n->record, ntfs_record_load(n, i, &n->record)) && n->record.base == i &&
					  n->record.flags & NTFS_IS_DIRECTORY))
			continue;
		if (!told)
			volume_damage(&n->v, ERR_CORRUPT, OFFSET_NONE, "files whose directory is gone are shown under /$Orphan");
		told = true;
		snprintf(name, sizeof name, "$Orphan/%u", i);
		if (!volume_enter(&n->v, text_c(name), OFFSET_NONE))
			return;
		visit_directory(t, i, 1, true);
		n->v.path_n = 0;
	}
	if (t->shown < t->names && !n->v.stopped)
		volume_damage(&n->v, ERR_CORRUPT, OFFSET_NONE, "%u %s in directories that only lead to each other",
					  t->names - t->shown, plural(t->names - t->shown, "name is", "names are"));
}

/* Record 3 holds the volume's name and version. */
static void emit_volume(struct ntfs *n, const struct boot *b)
{
	struct walk *w = n->v.w;
	struct ntfs_attribute a;
	emit_header_field(w->sink, b->at + 72, "volume_serial_number", "%016llx", (unsigned long long)b->serial);
	emit_header_field(w->sink, b->at + 11, "bytes_per_sector", "%u", b->sector);
	emit_header_field(w->sink, b->at + 13, "bytes_per_cluster", "%u", b->cluster);
	emit_header_field(w->sink, b->at + 64, "bytes_per_file_record", "%u", b->record_size);
	if (!ntfs_is_live(&n->record, ntfs_record_load(n, 3, &n->record)))
		return;
	for (uint32_t at = n->record.first; ntfs_attribute_next(&n->record, &at, &a);) {
		if (a.type == NTFS_VOLUME_NAME && a.value.n && a.value.n <= 512) {
			struct fact_header row = { FACT_NULL, TEXT_LIT("volume_name"), ntfs_text(n, a.value) };
			emit_header(w->sink, &row);
		}
		if (a.type == NTFS_VOLUME_INFORMATION && a.value.n >= 12) {
			emit_header_field(w->sink, OFFSET_NONE, "version", "%u.%u", a.value.p[8], a.value.p[9]);
			if (a.value.p[10] & 1)
				emit_header_field(w->sink, OFFSET_NONE, "volume_flags", "dirty");
		}
	}
}

static struct error ntfs_walk(struct span bytes, struct walk *w)
{
	struct boot b;
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!boot_find(bytes, &b))
		return error_at(ERR_CORRUPT, 0, "no NTFS boot sector");
	if (b.at)
		emit_damage_at(w->sink, ERR_CORRUPT, 0, "the boot sector is damaged: its copy at %llu was read", (unsigned long long)b.at);
	if (!t || !volume_init(&t->n.v, bytes, w))
		return error_at(ERR_BUDGET, 0, "no memory for the file table");
	struct ntfs *n = &t->n;
	n->sector = b.sector;
	n->cluster = b.cluster;
	n->record_size = b.record_size;
	n->clusters = b.sectors / (b.cluster / b.sector);
	n->mirror = b.mirror * n->cluster;
	if (!table_begins(bytes, &b))
		w->end = b.sector;
	if (!mft_open(n, &b)) {
		struct error e = volume_finish(&n->v);
		return error_is(&e) ? e : error_at(ERR_CORRUPT, b.mft * b.cluster, "the file table can not be read");
	}
	n->extensions = ARENA_ARRAY(w->arena, uint32_t, n->records);
	t->children = ARENA_ARRAY(w->arena, struct name *, n->records);
	t->seen = ARENA_ARRAY(w->arena, const struct first *, n->records);
	t->lost = ARENA_ARRAY(w->arena, uint8_t, n->records);
	if (!n->extensions || !t->children || !t->seen || !t->lost)
		return error_at(ERR_BUDGET, b.mft * b.cluster, "a file table of %u records is more than is kept", n->records);
	emit_volume(n, &b);
	read_bitmap(n);
	if (collect_names(t) && n->records > ROOT_RECORD) {
		if (t->nlost)
			ntfs_index_names(n, take_lost_name, t);
		visit_directory(t, ROOT_RECORD, 0, true);
		visit_orphans(t);
	}
	return volume_finish(&n->v);
}

static const struct format_magic ntfs_magics[] = { MAGIC("NTFS    ", 3), MAGIC_END };

const struct format ntfs_format = {
	.name = "ntfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "NTFS file system",
	.spec = "NTFS documentation of the Linux-NTFS project; ntfs-3g layout.h",
	.magics = ntfs_magics,
	.probe = ntfs_probe,
	.probe_whole = ntfs_probe_whole,
	.at_start = true, /* the copy of the boot sector */
	.walk = ntfs_walk,
};
