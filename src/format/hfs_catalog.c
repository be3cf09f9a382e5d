/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The catalog of HFS and HFS+: a record for each file and directory, under its name and its directory; and what is shown of them. */
#include <stdio.h>

#include "base/plural.h"
#include "base/sort.h"
#include "format/decmpfs.h"
#include "format/hfs_image.h"
#include "format/notation.h"
#include "format/object_tree.h"
#include "format/unix_mode.h"

#define EPOCH 2082844800 /* seconds from 1904, which Macs count from, to 1970 */
#define OWNER_PACKED 0x20u
#define TYPE_LINK 0x686c6e6bu      /* "hlnk" */
#define CREATOR_LINK 0x6866732bu   /* "hfs+" */
#define TYPE_DIRECTORY_LINK 0x66647270u /* "fdrp" */
#define CREATOR_DIRECTORY_LINK 0x4d414353u /* "MACS" */
#define PRIVATE_DIRECTORY "\xe2\x90\x80\xe2\x90\x80\xe2\x90\x80\xe2\x90\x80HFS+ Private Data"
#define RESOURCE_SUFFIX ":rsrc" /* as 7-Zip calls resource forks; no name has a colon but those that Unix gave a slash */
#define DATA_SUFFIX ":data"     /* of a file that is packed, and shows none of it */
#define NAME_UNITS 255u
#define TARGET_MAX 4096u

enum { RECORD_DIRECTORY = 1, RECORD_FILE = 2 };

/* Upper half of the character set of the Macintosh (Mac OS Roman). */
static const uint16_t roman[128] = {
	0x00c4, 0x00c5, 0x00c7, 0x00c9, 0x00d1, 0x00d6, 0x00dc, 0x00e1, 0x00e0, 0x00e2, 0x00e4, 0x00e3, 0x00e5, 0x00e7, 0x00e9, 0x00e8,
	0x00ea, 0x00eb, 0x00ed, 0x00ec, 0x00ee, 0x00ef, 0x00f1, 0x00f3, 0x00f2, 0x00f4, 0x00f6, 0x00f5, 0x00fa, 0x00f9, 0x00fb, 0x00fc,
	0x2020, 0x00b0, 0x00a2, 0x00a3, 0x00a7, 0x2022, 0x00b6, 0x00df, 0x00ae, 0x00a9, 0x2122, 0x00b4, 0x00a8, 0x2260, 0x00c6, 0x00d8,
	0x221e, 0x00b1, 0x2264, 0x2265, 0x00a5, 0x00b5, 0x2202, 0x2211, 0x220f, 0x03c0, 0x222b, 0x00aa, 0x00ba, 0x03a9, 0x00e6, 0x00f8,
	0x00bf, 0x00a1, 0x00ac, 0x221a, 0x0192, 0x2248, 0x2206, 0x00ab, 0x00bb, 0x2026, 0x00a0, 0x00c0, 0x00c3, 0x00d5, 0x0152, 0x0153,
	0x2013, 0x2014, 0x201c, 0x201d, 0x2018, 0x2019, 0x00f7, 0x25ca, 0x00ff, 0x0178, 0x2044, 0x20ac, 0x2039, 0x203a, 0xfb01, 0xfb02,
	0x2021, 0x00b7, 0x201a, 0x201e, 0x2030, 0x00c2, 0x00ca, 0x00c1, 0x00cb, 0x00c8, 0x00cd, 0x00ce, 0x00cf, 0x00cc, 0x00d3, 0x00d4,
	0xf8ff, 0x00d2, 0x00da, 0x00db, 0x00d9, 0x0131, 0x02c6, 0x02dc, 0x00af, 0x02d8, 0x02d9, 0x02da, 0x00b8, 0x02dd, 0x02db, 0x02c7,
};

/* A name in UTF-8, in the arena. A slash in it is what Unix has as a colon, as no name there has a colon; a NUL is shown as a picture of it, as
 * Linux does. */
static struct text name_read(struct hfs *fs, struct span key)
{
	uint8_t units[2 * NAME_UNITS];
	size_t n = fs->plus ? span_u16be(key, 4) : key.n > 5 ? key.p[5] : 0;
	struct span raw = span_sub(key, 6, fs->plus ? 2 * n : n);
	if (!n || n > NAME_UNITS || !raw.p)
		return TEXT_NONE;
	for (size_t i = 0; i < n; i++) {
		unsigned unit = fs->plus ? span_u16be(raw, 2 * i) : raw.p[i] < 128 ? raw.p[i] : roman[raw.p[i] - 128];
		unit = unit == '/' ? ':' : unit ? unit : 0x2400;
		units[2 * i] = (uint8_t)(unit >> 8);
		units[2 * i + 1] = (uint8_t)unit;
	}
	char *out = arena_alloc(fs->v.w->arena, 3 * n, 1);
	if (!out) {
		volume_exhausted(&fs->v, OFFSET_NONE);
		return TEXT_NONE;
	}
	return text_of(out, utf16_to_utf8(span_of(units, 2 * n), true, false, out));
}

static void record_plus(struct span data, struct hfs_record *r)
{
	struct reader f = reader_be(data);
	rd_skip(&f, 8);
	r->id = rd_u32(&f);
	rd_skip(&f, 4);
	r->mtime = rd_u32(&f);
	rd_seek(&f, 32);
	r->uid = rd_u32(&f);
	r->gid = rd_u32(&f);
	rd_skip(&f, 1);
	r->flags = rd_u8(&f);
	r->mode = rd_u16(&f);
	r->special = rd_u32(&f);
	if (r->directory)
		return;
	r->type = rd_u32(&f);
	r->creator = rd_u32(&f);
	rd_seek(&f, 88);
	hfs_fork_read(&f, &r->data);
	hfs_fork_read(&f, &r->resource);
}

static void extents_read(struct reader *f, struct hfs_extent *extents)
{
	for (unsigned i = 0; i < 3; i++) {
		extents[i].start = rd_u16(f);
		extents[i].blocks = rd_u16(f);
	}
}

static void record_classic(struct span data, struct hfs_record *r)
{
	struct reader f = reader_be(data);
	rd_seek(&f, r->directory ? 6 : 20);
	r->id = rd_u32(&f);
	rd_seek(&f, r->directory ? 14 : 48);
	r->mtime = rd_u32(&f);
	if (r->directory)
		return;
	rd_seek(&f, 26);
	r->data.size = rd_u32(&f);
	rd_seek(&f, 36);
	r->resource.size = rd_u32(&f);
	rd_seek(&f, 74);
	extents_read(&f, r->data.extents);
	extents_read(&f, r->resource.extents);
}

static bool take_catalog(struct hfs *fs, struct span key, struct span data, uint64_t at)
{
	uint32_t parent = fs->plus ? span_u32be(key, 0) : span_u32be(key, 1);
	unsigned type = fs->plus ? span_u16be(data, 0) : data.n ? data.p[0] : 0;
	struct hfs_record r = { .at = at, .directory = type == RECORD_DIRECTORY };
	size_t least = fs->plus ? r.directory ? 88 : 248 : r.directory ? 70 : 102;
	if (type != RECORD_DIRECTORY && type != RECORD_FILE)
		return true; /* a thread, from the number of a file to its name: the same once more */
	struct text name = name_read(fs, key);
	if (data.n < least || !name.p) {
		if (!fs->v.stopped)
			volume_damage(&fs->v, ERR_CORRUPT, OFFSET_NONE, "a record of the catalog at %llu can not be read", (unsigned long long)at);
		return true;
	}
	(fs->plus ? record_plus : record_classic)(data, &r);
	bool root = parent == HFS_ROOT_PARENT && r.directory && r.id == HFS_ROOT;
	if (root) {
		struct fact_header row = { HFS_HEADER_AT, TEXT_LIT("volume_name"), name };
		emit_header(fs->v.w->sink, &row);
	}
	fs->records = hfs_grown(fs, fs->records, fs->nrecords, &fs->records_room, sizeof *fs->records);
	fs->names = hfs_grown(fs, fs->names, fs->nnames, &fs->names_room, sizeof *fs->names);
	if (!fs->records || !fs->names)
		return false;
	fs->records[fs->nrecords++] = r;
	if (!root)
		fs->names[fs->nnames++] = (struct object_name){ .name = name, .parent = parent, .id = r.id, .directory = r.directory, .at = OFFSET_NONE };
	if (parent == HFS_ROOT && r.directory && text_is(name, PRIVATE_DIRECTORY))
		fs->private_directory = r.id;
	return true;
}

static bool take_overflow(struct hfs *fs, struct span key, struct span data, uint64_t at)
{
	struct hfs_overflow o = { .resource = key.n && key.p[0] == 0xff };
	struct reader k = reader_be(key), d = reader_be(data);
	(void)at;
	rd_skip(&k, fs->plus ? 2 : 1);
	o.file = rd_u32(&k);
	o.first = fs->plus ? rd_u32(&k) : rd_u16(&k);
	for (unsigned i = 0; fs->plus && i < HFS_EXTENTS; i++) {
		o.extents[i].start = rd_u32(&d);
		o.extents[i].blocks = rd_u32(&d);
	}
	if (!fs->plus)
		extents_read(&d, o.extents);
	if (!rd_ok(&k) || !rd_ok(&d))
		return true;
	fs->overflow = hfs_grown(fs, fs->overflow, fs->noverflow, &fs->overflow_room, sizeof o);
	if (fs->overflow)
		fs->overflow[fs->noverflow++] = o;
	return fs->overflow != NULL;
}

/* Attributes that stand in their record; that of packed files is one of them. */
static bool take_attribute(struct hfs *fs, struct span key, struct span data, uint64_t at)
{
	static const char name[] = DECMPFS_ATTRIBUTE;
	(void)at;
	fs->attributes_seen++;
	if (span_u16be(key, 10) != sizeof name - 1 || span_u32be(data, 0) != 0x10)
		return true;
	for (size_t i = 0; i < sizeof name - 1; i++)
		if (span_u16be(key, 12 + 2 * i) != (uint8_t)name[i])
			return true;
	struct span bytes = span_clip(data, 16, span_u32be(data, 12));
	uint8_t *copy = arena_alloc(fs->v.w->arena, bytes.n, 1);
	fs->packed = hfs_grown(fs, fs->packed, fs->npacked, &fs->packed_room, sizeof *fs->packed);
	if (!copy || !fs->packed) {
		volume_exhausted(&fs->v, OFFSET_NONE);
		return false;
	}
	if (bytes.n)
		memcpy(copy, bytes.p, bytes.n);
	fs->packed[fs->npacked++] = (struct hfs_packed){ span_u32be(key, 2), span_of(copy, bytes.n) };
	return true;
}

static int by_extent(const void *a, const void *b)
{
	const struct hfs_overflow *x = a, *y = b;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->resource != y->resource)
		return x->resource ? 1 : -1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static int by_file(const void *a, const void *b)
{
	const struct hfs_packed *x = a, *y = b;
	return x->file < y->file ? -1 : x->file > y->file;
}

static int by_id(const void *a, const void *b)
{
	const struct hfs_record *x = a, *y = b;
	return x->id < y->id ? -1 : x->id > y->id;
}

static void sort(struct hfs *fs, void *v, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	void *spare = n > 1 ? arena_alloc(fs->v.w->arena, n, size) : NULL;
	if (spare)
		sort_stable(v, spare, n, size, compare);
	else if (n > 1)
		volume_exhausted(&fs->v, OFFSET_NONE);
}

static struct hfs_record *find_record(const struct hfs *fs, uint32_t id)
{
	size_t low = 0, high = fs->nrecords;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (fs->records[middle].id == id)
			return &fs->records[middle];
		if (id < fs->records[middle].id)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Links name the file by the number in its name, which is its own since Mac OS X 10.5, and any before: so that of the names in the
 * private directory the one is looked for. They are sorted by then. */
static struct hfs_record *linked_file(const struct hfs *fs, const struct object_tree *tree, uint32_t number)
{
	char name[24];
	struct text wanted = text_of(name, (size_t)snprintf(name, sizeof name, "iNode%lu", (unsigned long)number));
	size_t low = 0, high = tree->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct object_name *o = &tree->names[middle];
		size_t n = o->name.n < wanted.n ? o->name.n : wanted.n;
		int order = o->parent != fs->private_directory ? (o->parent < fs->private_directory ? -1 : 1) : memcmp(o->name.p, wanted.p, n);
		if (order == 0 && o->name.n == wanted.n)
			return find_record(fs, o->id);
		if (order < 0 || (order == 0 && o->name.n < wanted.n))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void set_fork(struct hfs *fs, const struct hfs_record *r, bool resource, struct entry *e)
{
	const struct hfs_fork *fork = resource ? &r->resource : &r->data;
	uint64_t size = hfs_fork_runs(fs, fork, r->id, resource, OFFSET_NONE);
	if (!fs->v.stopped)
		volume_set_content(&fs->v, e, size, fs->block);
}

static void set_target(struct hfs *fs, const struct hfs_record *r, struct entry *e)
{
	uint64_t size = hfs_fork_runs(fs, &r->data, r->id, false, OFFSET_NONE);
	struct runs *runs = size && size <= TARGET_MAX && !fs->v.stopped ? volume_runs_end(&fs->v, size) : NULL;
	uint8_t *target = runs ? arena_alloc(fs->v.w->arena, (size_t)size, 1) : NULL;
	struct error error = target ? runs_read(runs, 0, target, (size_t)size)
	                            : error_at(ERR_CORRUPT, 0, "it is of %llu bytes", (unsigned long long)size);
	e->size = size;
	if (error_is(&error))
		volume_damage(&fs->v, error.code, OFFSET_NONE, "where a symbolic link leads can not be read: %s", error.text);
	else
		e->link_target = text_of((char *)target, (size_t)size);
}

static void set_attributes(const struct hfs *fs, const struct hfs_record *r, struct entry *e)
{
	if (r->mtime >= EPOCH)
		e->mtime = (int64_t)r->mtime - EPOCH;
	if (!fs->plus || !r->mode) /* nobody wrote them, as Mac OS 9 does not */
		return;
	enum entry_kind kind;
	e->mode = r->mode & 07777;
	e->uid = r->uid;
	e->gid = r->gid;
	if (!r->directory && entry_kind_read(r->mode, &kind) && kind != ENTRY_DIRECTORY)
		e->kind = kind;
	if (e->kind == ENTRY_CHAR_DEVICE || e->kind == ENTRY_BLOCK_DEVICE) /* 8 bits of the driver, 24 below */
		e->device = (int64_t)(r->special >> 24) << 32 | (r->special & 0xffffff);
}

/* A fork that is not what the file shows, under a name of its own. */
static void emit_fork(struct hfs *fs, const struct hfs_record *r, bool resource, struct text path)
{
	const char *suffix = resource ? RESOURCE_SUFFIX : DATA_SUFFIX;
	char *longer = fs->v.stopped ? NULL : arena_printf(fs->v.w->arena, "%.*s%s", (int)path.n, path.p, suffix);
	if (!longer && !fs->v.stopped)
		volume_exhausted(&fs->v, OFFSET_NONE);
	if (fs->v.stopped)
		return;
	struct entry e = entry_new(ENTRY_FILE, text_of(longer, path.n + strlen(suffix)));
	set_attributes(fs, r, &e);
	e.kind = ENTRY_FILE;
	set_fork(fs, r, resource, &e);
	volume_child(&fs->v, &e);
}

/* A file, or the one that a link leads to. */
static bool emit_file(struct hfs *fs, struct hfs_record *r, bool is_link, struct text path)
{
	struct entry e = entry_new(ENTRY_FILE, path);
	set_attributes(fs, r, &e);
	if (is_link && r->shown) {
		e.same_as = text_c(r->shown);
		volume_child(&fs->v, &e);
		return !fs->v.stopped;
	}
	enum hfs_packing packing = HFS_NOT_PACKED;
	if (e.kind == ENTRY_FILE && r->flags & OWNER_PACKED && fs->plus)
		packing = hfs_set_packed(fs, r, &e);
	if (e.kind == ENTRY_SYMLINK)
		set_target(fs, r, &e);
	else if (e.kind == ENTRY_FILE && !packing && !fs->v.stopped)
		set_fork(fs, r, false, &e);
	if (is_link) {
		r->shown = arena_strdup(fs->v.w->arena, path);
		if (!r->shown)
			volume_exhausted(&fs->v, OFFSET_NONE);
	}
	volume_child(&fs->v, &e);
	if (r->data.size && (packing || (e.kind != ENTRY_FILE && e.kind != ENTRY_SYMLINK)))
		emit_fork(fs, r, false, path);
	if (r->resource.size && packing != HFS_PACKED_FORK)
		emit_fork(fs, r, true, path);
	return !fs->v.stopped;
}

/* Links of directories, which backups have: what they lead to is shown where it is. */
static bool emit_directory_link(struct hfs *fs, const struct hfs_record *r, struct text path)
{
	struct entry e = entry_new(ENTRY_SYMLINK, path);
	char *target = arena_printf(fs->v.w->arena, "/.HFS+ Private Directory Data\r/dir_%lu", (unsigned long)r->special);
	e.link_target = text_c(target);
	e.size = e.link_target.n;
	volume_child(&fs->v, &e);
	return !fs->v.stopped;
}

static bool visit(struct object_tree *tree, const struct object_name *name, struct text path)
{
	struct hfs *fs = tree->context;
	struct hfs_record *r = find_record(fs, name->id);
	if (!r)
		return true;
	if (r->directory) {
		struct entry e = entry_new(ENTRY_DIRECTORY, path);
		set_attributes(fs, r, &e);
		volume_child(&fs->v, &e);
		return !fs->v.stopped;
	}
	if (r->type == TYPE_LINK && r->creator == CREATOR_LINK) {
		struct hfs_record *to = fs->private_directory ? linked_file(fs, tree, r->special) : NULL;
		if (to && !to->directory)
			return emit_file(fs, to, true, path);
		volume_damage(&fs->v, ERR_CORRUPT, OFFSET_NONE, "a link leads to file %lu, which is not there", (unsigned long)r->special);
	}
	if (r->type == TYPE_DIRECTORY_LINK && r->creator == CREATOR_DIRECTORY_LINK)
		return emit_directory_link(fs, r, path);
	if (fs->private_directory && name->parent == fs->private_directory && r->shown)
		return true; /* it was shown under its names */
	return emit_file(fs, r, name->parent == fs->private_directory, path);
}

/* Of records of one number only one is found. */
static void check_numbers(struct hfs *fs)
{
	for (size_t i = 1; i < fs->nrecords; i++)
		if (fs->records[i].id == fs->records[i - 1].id)
			volume_damage(&fs->v, ERR_CORRUPT, OFFSET_NONE, "several files or directories have number %lu: one of them is shown",
			              (unsigned long)fs->records[i].id);
}

struct error hfs_walk_volume(struct hfs *fs)
{
	if (fs->extents_file.size)
		hfs_tree_read(fs, &fs->extents_file, HFS_EXTENTS_FILE, take_overflow);
	sort(fs, fs->overflow, fs->noverflow, sizeof *fs->overflow, by_extent);
	if (fs->attributes_file.size && !fs->v.stopped)
		hfs_tree_read(fs, &fs->attributes_file, HFS_ATTRIBUTES_FILE, take_attribute);
	sort(fs, fs->packed, fs->npacked, sizeof *fs->packed, by_file);
	if (!fs->v.stopped)
		hfs_tree_read(fs, &fs->catalog_file, HFS_CATALOG_FILE, take_catalog);
	sort(fs, fs->records, fs->nrecords, sizeof *fs->records, by_id);
	struct object_name *spare = fs->v.stopped ? NULL : ARENA_ARRAY(fs->v.w->arena, struct object_name, fs->nnames);
	if (!spare)
		return fs->v.stopped ? volume_finish(&fs->v) : error_at(ERR_BUDGET, 0, "more files than are kept of one volume");
	struct object_tree tree = { .names = fs->names, .n = fs->nnames, .root = HFS_ROOT, .visit = visit, .context = fs };
	object_tree_sort(&tree, spare);
	check_numbers(fs);
	if (tree.n < fs->nnames)
		volume_damage(&fs->v, ERR_CORRUPT, OFFSET_NONE, "%zu %s not shown", fs->nnames - tree.n,
					  plural(fs->nnames - tree.n, "file has the name of another one in its directory, and is",
							 "files have the name of another one in their directory, and are"));
	if (fs->attributes_seen)
		emit_header_field(fs->v.w->sink, HFS_HEADER_AT, "extended_attributes", "%zu", fs->attributes_seen);
	enum error_code code = object_tree_walk(&tree, fs->v.w);
	if (code && !error_is(&fs->v.error))
		fs->v.error = error_at(code, 0, "more files than are kept of one volume");
	return volume_finish(&fs->v);
}
