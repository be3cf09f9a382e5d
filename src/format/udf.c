/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UDF, revisions 1.02 to 2.60: the tree of files.
 *
 * Specifications: ECMA-167, third edition; OSTA Universal Disk Format 2.60.
 */
#include "format/udf.h"

#include <stdio.h>

#define DEPTH_MAX 160u
#define DIRECTORY_MAX ((uint64_t)256 << 20)
#define TARGET_MAX (64u << 10)
#define ISO_DESCRIPTOR 0x8000u

enum {
	IDENTIFIER_DELETED = 4,
	IDENTIFIER_PARENT = 8,
};

/* A file that must not be read again: a directory, or one of several names. */
struct seen {
	uint64_t key;     /* where its entry lies, and one more */
	const char *path; /* NULL: a directory */
};

struct tree {
	struct udf u;
	struct seen *seen; /* a hash table with open places (key == 0) */
	size_t nseen, size;
};

/* An ISO 9660 file system in the same image that tells names and modes as Rock Ridge does. */
static bool has_rock_ridge(struct span image)
{
	struct span d = span_sub(image, ISO_DESCRIPTOR, 2048);
	if (!span_starts(d, "\1CD001\1", 7))
		return false;
	uint64_t root = (uint64_t)span_u32le(d, 158) * 2048;
	return span_has(image, root + 34, "SP\7\1\xbe\xef", 6);
}

static bool udf_probe(struct span at, struct format_match *match)
{
	struct udf_layout l;
	bool sequence = span_has(at, ISO_DESCRIPTOR, "\0BEA01\1", 7) || span_has(at, ISO_DESCRIPTOR, "\1CD001\1", 7);
	if (!sequence || !udf_layout_read(at, &l))
		return false;
	match->size = l.end;
	match->confidence = has_rock_ridge(at) ? 80 : 93;
	return true;
}

static struct seen *seen_slot(struct seen *table, size_t size, uint64_t key)
{
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15) >> 20) & (size - 1);
	while (table[i].key && table[i].key != key)
		i = (i + 1) & (size - 1);
	return &table[i];
}

static struct seen *remember(struct tree *t, uint64_t at)
{
	struct arena *arena = t->u.v.w->arena;
	if (2 * (t->nseen + 1) > t->size) {
		size_t size = t->size ? 2 * t->size : 256;
		struct seen *larger = ARENA_ARRAY(arena, struct seen, size);
		if (!larger) {
			volume_exhausted(&t->u.v, at);
			return NULL;
		}
		for (size_t i = 0; i < t->size; i++)
			if (t->seen[i].key)
				*seen_slot(larger, size, t->seen[i].key) = t->seen[i];
		t->seen = larger;
		t->size = size;
	}
	struct seen *slot = seen_slot(t->seen, t->size, at + 1);
	t->nseen++;
	slot->key = at + 1;
	return slot;
}

static const struct seen *seen_before(const struct tree *t, uint64_t at)
{
	const struct seen *slot = t->size ? seen_slot(t->seen, t->size, at + 1) : NULL;
	return slot && slot->key ? slot : NULL;
}

static enum entry_kind kind_of(unsigned type)
{
	switch (type) {
	case FILE_DIRECTORY:
		return ENTRY_DIRECTORY;
	case FILE_SYMLINK:
		return ENTRY_SYMLINK;
	case FILE_BLOCK_DEVICE:
		return ENTRY_BLOCK_DEVICE;
	case FILE_CHAR_DEVICE:
		return ENTRY_CHAR_DEVICE;
	case FILE_FIFO:
		return ENTRY_FIFO;
	case FILE_SOCKET:
		return ENTRY_SOCKET;
	default:
		return ENTRY_FILE;
	}
}

/* Five bits each for others, group and owner, of which the first three are those of POSIX; three flags above. */
static int64_t mode_of(const struct udf_file *f)
{
	uint32_t p = f->permissions;
	return (p & 7) | (p >> 5 & 7) << 3 | (p >> 10 & 7) << 6 | (f->flags & 0x40 ? 04000u : 0) |
		   (f->flags & 0x80 ? 02000u : 0) | (f->flags & 0x100 ? 01000u : 0);
}

/* Path components: of the root, the parent, the directory itself, or with a name. */
static struct text link_target(struct udf *u, const struct udf_file *f, uint16_t map)
{
	struct reader r = reader_le(udf_small_file(u, f, map, TARGET_MAX));
	char *out = arena_alloc(u->v.w->arena, r.bytes.n, 4);
	size_t n = 0;
	while (out && rd_left(&r) >= 4) {
		unsigned type = rd_u8(&r), length = rd_u8(&r);
		rd_skip(&r, 2);
		struct span name = rd_bytes(&r, length);
		if (type == 1 || type == 2) {
			n = 0;
			out[n++] = '/';
			continue;
		}
		if (n && out[n - 1] != '/')
			out[n++] = '/';
		if (type == 3)
			out[n++] = '.', out[n++] = '.';
		else if (type == 4)
			out[n++] = '.';
		else
			n += udf_text(name, out + n);
	}
	return text_of(out, n);
}

/* The device's number stands in the extended attribute of type 12. */
static int64_t device_of(const struct udf_file *f)
{
	struct reader r = reader_le(f->attributes);
	rd_skip(&r, 24);
	while (rd_left(&r) >= 24) {
		size_t from = r.at;
		uint32_t type = rd_u32(&r);
		rd_skip(&r, 4);
		uint32_t length = rd_u32(&r);
		rd_skip(&r, 4);
		uint32_t major = rd_u32(&r), minor = rd_u32(&r);
		if (type == 12)
			return (int64_t)((uint64_t)major << 32 | minor);
		if (length < 24)
			break;
		rd_seek(&r, from);
		rd_skip(&r, length);
	}
	return FACT_NULL;
}

static void set_content(struct udf *u, const struct udf_file *f, uint16_t map, struct entry *e)
{
	if ((f->flags & 7) == 3) {
		struct span bytes = span_clip(f->extents, 0, f->size);
		e->size = bytes.n;
		e->offset = bytes.n ? (uint64_t)(bytes.p - u->v.image.p) : OFFSET_NONE;
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = bytes.n ? bytes : span_of("", 0) };
		if (bytes.n < f->size)
			volume_damage(&u->v, ERR_CORRUPT, f->at, "a file of %llu bytes has %zu in its entry",
						  (unsigned long long)f->size, bytes.n);
		return;
	}
	if ((f->flags & 7) > 1) {
		volume_damage(&u->v, ERR_UNSUPPORTED, f->at, "extended allocation descriptors are not read");
		return;
	}
	uint64_t n = udf_runs(u, f, map);
	if (n < f->size)
		volume_damage(&u->v, ERR_CORRUPT, f->at, "a file of %llu bytes has extents for %llu",
					  (unsigned long long)f->size, (unsigned long long)n);
	volume_set_content(&u->v, e, n < f->size ? n : f->size, u->l.block);
}

/* What each of its names has. */
static struct entry described(const struct udf *u, const struct udf_file *f)
{
	struct entry e = entry_new(kind_of(f->type), volume_path(&u->v));
	e.mode = mode_of(f);
	e.uid = f->uid == UINT32_MAX ? FACT_NULL : (int64_t)f->uid;
	e.gid = f->gid == UINT32_MAX ? FACT_NULL : (int64_t)f->gid;
	e.mtime = f->mtime;
	return e;
}

static void show(struct tree *t, const struct udf_file *f, uint16_t map)
{
	struct udf *u = &t->u;
	struct entry e = described(u, f);
	if (e.kind == ENTRY_SYMLINK) {
		e.link_target = link_target(u, f, map);
		e.size = e.link_target.n;
	} else if (e.kind == ENTRY_CHAR_DEVICE || e.kind == ENTRY_BLOCK_DEVICE) {
		e.device = device_of(f);
	} else if (e.kind == ENTRY_FILE) {
		set_content(u, f, map, &e);
	}
	if (e.kind != ENTRY_DIRECTORY && f->links > 1) {
		struct seen *s = remember(t, f->at);
		if (s)
			*s = (struct seen){ f->at + 1, arena_strdup(u->v.w->arena, e.path) };
		if (s && !s->path)
			volume_exhausted(&u->v, f->at);
	}
	volume_child(&u->v, &e);
}

static void read_directory(struct tree *t, const struct udf_file *f, uint16_t map, unsigned depth);

static void visit_file(struct tree *t, struct udf_place place, uint64_t at, unsigned depth)
{
	struct udf *u = &t->u;
	struct udf_file f;
	const struct seen *before;
	if (!udf_file_read(u, place, &f)) {
		uint64_t there = udf_map_block(u, place.map, place.block);
		bool cut = there != UDF_NOWHERE && there >= u->v.image.n;
		volume_damage(&u->v, cut ? ERR_TRUNCATED : ERR_CORRUPT, at, "a name leads to no file entry");
		return;
	}
	if ((before = seen_before(t, f.at))) {
		if (!before->path) {
			volume_damage(&u->v, ERR_CORRUPT, at, "a directory is entered twice");
			return;
		}
		struct entry e = described(u, &f);
		e.same_as = text_c(before->path);
		volume_child(&u->v, &e);
		return;
	}
	if (f.type == FILE_DIRECTORY && depth == DEPTH_MAX) {
		volume_damage(&u->v, ERR_BUDGET, at, "directories nested deeper than %u are not read", DEPTH_MAX);
		return;
	}
	show(t, &f, place.map);
	if (f.type == FILE_DIRECTORY)
		read_directory(t, &f, place.map, depth + 1);
}

/* A file identifier descriptor: the name of a file and where its entry is. Gives its size, 0 when it is none. */
static uint32_t visit_identifier(struct tree *t, struct span rest, uint64_t at, unsigned depth)
{
	struct udf *u = &t->u;
	struct span head = span_sub(rest, 0, 38);
	if (!head.p)
		return 0;
	uint32_t use = span_u16le(head, 36), length = head.p[19], size = (38 + use + length + 3) & ~3u;
	if (!udf_descriptor(rest, 0, size, TAG_FILE_IDENTIFIER, UDF_NOWHERE).p)
		return 0;
	if (head.p[18] & (IDENTIFIER_DELETED | IDENTIFIER_PARENT))
		return size;
	char name[3 * 255];
	size_t n = udf_text(span_sub(rest, 38 + use, length), name), before = u->v.path_n;
	if (!volume_enter(&u->v, text_of(name, n), at))
		return size;
	visit_file(t, udf_long_place(head, 20), at, depth);
	volume_leave(&u->v, before);
	return size;
}

static void read_directory(struct tree *t, const struct udf_file *f, uint16_t map, unsigned depth)
{
	struct udf *u = &t->u;
	remember(t, f->at);
	struct span listing = udf_small_file(u, f, map, DIRECTORY_MAX);
	if (listing.n < f->size) {
		volume_damage(&u->v, f->size > DIRECTORY_MAX ? ERR_BUDGET : ERR_CORRUPT, f->at, "a directory can not be read");
		return;
	}
	if (!udf_work(u, listing.n))
		return;
	for (uint64_t i = 0; i < listing.n && !u->v.stopped;) {
		uint32_t size = visit_identifier(t, span_from(listing, i), f->at, depth);
		if (!size) {
			volume_damage(&u->v, ERR_CORRUPT, f->at, "a directory breaks off after %llu of %zu bytes",
						  (unsigned long long)i, listing.n);
			return;
		}
		i += size;
	}
}

/* A field of fixed size whose last byte tells how much of it is used. */
static void emit_dstring(struct walk *w, struct span d, uint64_t at, size_t n, const char *name)
{
	char text[3 * 128];
	struct span field = span_sub(d, at, n);
	if (!field.p || !field.p[n - 1])
		return;
	size_t length = udf_text(span_clip(field, 0, field.p[n - 1] < n ? field.p[n - 1] : n - 1), text);
	struct fact_header row = { FACT_NULL, text_c(name), text_of(text, length) };
	emit_header(w->sink, &row);
}

static void emit_fields(struct walk *w, const struct udf_layout *l)
{
	static const char *const kinds[] = { "physical", "virtual", "sparable", "metadata", "unknown" };
	unsigned revision = span_u16le(l->logical, 216 + 24);
	emit_header_field(w->sink, OFFSET_NONE, "udf_revision", "%x.%02x", revision >> 8, revision & 0xff);
	emit_header_field(w->sink, OFFSET_NONE, "logical_block_size", "%u", l->block);
	emit_dstring(w, l->logical, 84, 128, "logical_volume_identifier");
	emit_dstring(w, l->primary, 24, 32, "volume_identifier");
	emit_dstring(w, l->primary, 72, 128, "volume_set_identifier");
	for (unsigned i = 0; i < l->nmaps; i++) {
		char name[32];
		snprintf(name, sizeof name, "partition_map[%u]", i);
		emit_header_field(w->sink, OFFSET_NONE, name, "%s", kinds[l->maps[i].kind]);
	}
}

static struct error udf_walk(struct span bytes, struct walk *w)
{
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!t || !volume_init(&t->u.v, bytes, w))
		return error_at(ERR_BUDGET, 0, "no memory for the volume");
	struct udf *u = &t->u;
	if (!udf_layout_read(bytes, &u->l))
		return error_at(ERR_CORRUPT, 0, "no volume descriptors");
	u->work = 4 * (uint64_t)bytes.n;
	emit_fields(w, &u->l);
	udf_shift_find(u);
	udf_maps_open(u);
	uint64_t at = udf_map_block(u, u->l.file_set.map, u->l.file_set.block);
	if (at != UDF_NOWHERE && !udf_descriptor(bytes, at, u->l.block, TAG_FILE_SET, UDF_NOWHERE).p &&
		udf_find_shifted(u, at, u->l.file_set.block, TAG_FILE_SET, TAG_FILE_SET))
		at = udf_map_block(u, u->l.file_set.map, u->l.file_set.block);
	struct span set = at == UDF_NOWHERE ? SPAN_NONE : udf_descriptor(bytes, at, u->l.block, TAG_FILE_SET, UDF_NOWHERE);
	struct udf_place root = udf_long_place(set, 400);
	struct udf_file f;
	if (!set.p)
		return error_at(at != UDF_NOWHERE && at >= bytes.n ? ERR_TRUNCATED : ERR_CORRUPT, at, "no file set descriptor");
	if (!udf_file_read(u, root, &f) || f.type != FILE_DIRECTORY)
		return error_at(ERR_CORRUPT, at, "there is no root directory");
	read_directory(t, &f, root.map, 0);
	return volume_finish(&u->v);
}

static const struct format_magic udf_magics[] = {
	MAGIC("\0BEA01\1", 0x8000),
	MAGIC("\0BEA01\1", 0x9000),
	MAGIC("\0BEA01\1", 0x9800),
	MAGIC("\0BEA01\1", 0xa000),
	MAGIC_END,
};

const struct format udf_format = {
	.name = "udf",
	.kind = FORMAT_FILESYSTEM,
	.title = "UDF file system, revisions 1.02 to 2.60",
	.spec = "ECMA-167; OSTA UDF 2.60",
	.magics = udf_magics,
	.probe = udf_probe,
	.walk = udf_walk,
};
