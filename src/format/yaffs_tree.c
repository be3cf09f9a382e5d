/* SPDX-License-Identifier: GPL-3.0-or-later */
/* YAFFS: what the chunks make. The newest header of an object is the one that counts, and of each part of a file the
 * newest chunk, unless the file was cut shorter since. */

#include "base/sort.h"
#include "format/object_tree.h"
#include "format/region.h"
#include "format/unix_mode.h"
#include "format/yaffs.h"

#define GAP_MIN 4096u /* bytes; less is no file system */
#define GAPS_MAX 64u
#define DROPPED UINT32_MAX /* a data chunk that a cut left behind */

/* A file's chunks by number, each once. */
struct data {
	const struct yaffs *fs;
	const struct yaffs_chunk *chunks;
	size_t n;
};

struct object {
	struct yaffs_chunk *chunks; /* by age, until settled; then the data chunks by number */
	size_t n;
	uint32_t id;
	uint64_t header; /* the newest; UINT64_MAX: there is none */
	uint64_t size;
	uint32_t links;
	struct text first;
};

struct yaffs {
	struct span bytes;
	struct yaffs_layout layout;
	struct walk *w;
	struct yaffs_chunk *chunks, *spare;
	size_t nchunks;
	struct object *objects;
	size_t nobjects;
	unsigned damage, gaps;
	struct error error;
};

static void damage(struct yaffs *fs, enum error_code code, uint64_t at, const char *what, uint64_t number)
{
	emit_damage_capped(fs->w->sink, &fs->damage, code, at, "%llu %s", (unsigned long long)number, what);
}

static int by_object_and_age(const void *a, const void *b)
{
	const struct yaffs_chunk *x = a, *y = b;
	if (x->object != y->object)
		return x->object < y->object ? -1 : 1;
	return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

/* Serial numbers of YAFFS1 go around in four: they tell two copies apart, no more. The place keeps the order. */
static int by_object(const void *a, const void *b)
{
	const struct yaffs_chunk *x = a, *y = b;
	return x->object < y->object ? -1 : x->object > y->object;
}

static int by_number(const void *a, const void *b)
{
	const struct yaffs_chunk *x = a, *y = b;
	return x->chunk < y->chunk ? -1 : x->chunk > y->chunk;
}

static bool is_uniform(struct span s)
{
	size_t i = 0;
	while (i < s.n && (s.p[i] == 0 || s.p[i] == 0xff))
		i++;
	return i == s.n;
}

/* Chunks without tags may be of something that stands there instead: what no file takes is shown, unless it is a bad or erased block. */
static void show_gap(struct yaffs *fs, uint64_t from, uint64_t to)
{
	struct span gap = span_clip(fs->bytes, from, to - from);
	if (gap.n >= GAP_MIN && fs->gaps < GAPS_MAX && !is_uniform(gap)) {
		fs->gaps++;
		(void)region_emit(fs->w, "unread", fs->bytes, from, gap.n, NULL);
	}
}

static bool collect(struct yaffs *fs)
{
	struct yaffs_cursor count = { .bytes = fs->bytes, .layout = fs->layout }, fill = count;
	struct yaffs_chunk chunk;
	uint64_t skipped = 0, from = 0;
	size_t n = 0;
	while (yaffs_next(&count, &chunk, NULL))
		n++;
	fs->chunks = ARENA_ARRAY(fs->w->arena, struct yaffs_chunk, n);
	fs->spare = ARENA_ARRAY(fs->w->arena, struct yaffs_chunk, n);
	if (!fs->chunks || !fs->spare)
		return false;
	while (fs->nchunks < n && yaffs_next(&fill, &fs->chunks[fs->nchunks], &skipped)) {
		if (skipped) {
			damage(fs, ERR_CORRUPT, fs->chunks[fs->nchunks].at, "chunks before this one have no valid tags", skipped);
			show_gap(fs, from, fs->chunks[fs->nchunks].at);
		}
		if (fill.shifted)
			emit_damage_capped(fs->w->sink, &fs->damage, ERR_CORRUPT, fs->chunks[fs->nchunks].at,
							   "bytes are missing or too many before this chunk");
		skipped = 0;
		from = fill.next;
		fs->nchunks++;
	}
	bool version2 = fs->layout.tagging == YAFFS_TAGS2;
	sort_stable(fs->chunks, fs->spare, fs->nchunks, sizeof *fs->spare, version2 ? by_object_and_age : by_object);
	if (yaffs_ends_in_header(&fill))
		damage(fs, ERR_TRUNCATED, fill.next, "bytes are left of the last chunk", fs->bytes.n - fill.next);
	if (fill.left)
		damage(fs, ERR_TRUNCATED, fill.next, "bytes of the last file are not in the image", fill.left);
	return true;
}

/* YAFFS1: of two copies the one counts whose serial number is the other's next. */
static bool supersedes(const struct yaffs *fs, const struct yaffs_chunk *old, const struct yaffs_chunk *new)
{
	bool version1 = fs->layout.tagging == YAFFS_TAGS1 || fs->layout.tagging == YAFFS_TAGS1_MTD;
	return !version1 || ((old->sequence + 1) & 3) == new->sequence;
}

/* The newest header, the size, and which data chunks lie behind where the file was cut since. From the newest on. */
static void settle_age(const struct yaffs *fs, struct object *o)
{
	uint64_t shrunk = UINT64_MAX;
	bool version2 = fs->layout.tagging == YAFFS_TAGS2;
	for (size_t i = o->n; i > 0; i--) {
		struct yaffs_chunk *c = &o->chunks[i - 1];
		struct yaffs_header h;
		if (c->chunk) {
			uint64_t base = (uint64_t)(c->chunk - 1) * fs->layout.chunk;
			if (base >= shrunk)
				c->chunk = DROPPED;
			else if (o->header == UINT64_MAX && o->size < base + c->bytes)
				o->size = base + c->bytes;
			continue;
		}
		if (!version2 || !yaffs_header_read(fs->bytes, fs->layout.big, c->at, &h))
			continue;
		if (o->header == UINT64_MAX) {
			o->header = c->at;
			o->size = h.size > o->size ? h.size : o->size;
			shrunk = h.size < shrunk ? h.size : shrunk;
		} else if (h.shrinks && h.size < shrunk) {
			shrunk = h.size;
		}
	}
}

/* Where age is not told, the header says the size, and serial numbers say which header. */
static void settle_header(const struct yaffs *fs, struct object *o)
{
	const struct yaffs_chunk *header = NULL;
	struct yaffs_header h;
	for (size_t i = 0; i < o->n; i++)
		if (o->chunks[i].chunk == 0 && (!header || supersedes(fs, header, &o->chunks[i])))
			header = &o->chunks[i];
	if (header && yaffs_header_read(fs->bytes, fs->layout.big, header->at, &h)) {
		o->header = header->at;
		o->size = h.size;
	}
}

static void settle_object(struct yaffs *fs, struct object *o)
{
	size_t kept = 0;
	o->header = UINT64_MAX;
	if (fs->layout.tagging == YAFFS_TAGS2)
		settle_age(fs, o);
	else
		settle_header(fs, o);
	sort_stable(o->chunks, fs->spare, o->n, sizeof *o->chunks, by_number);
	for (size_t i = 0; i < o->n; i++) {
		struct yaffs_chunk *c = &o->chunks[i];
		if (c->chunk == 0 || c->chunk == DROPPED)
			continue;
		bool again = kept && o->chunks[kept - 1].chunk == c->chunk;
		if (!again)
			o->chunks[kept++] = *c;
		else if (supersedes(fs, &o->chunks[kept - 1], c))
			o->chunks[kept - 1] = *c;
	}
	o->n = kept;
}

static bool group_objects(struct yaffs *fs)
{
	size_t n = fs->nchunks;
	for (size_t i = 0; i < n; i++)
		fs->nobjects += i == 0 || fs->chunks[i].object != fs->chunks[i - 1].object;
	fs->objects = ARENA_ARRAY(fs->w->arena, struct object, fs->nobjects);
	if (!fs->objects)
		return false;
	struct object *o = fs->objects;
	for (size_t i = 0; i < n; o++) {
		*o = (struct object){ .chunks = &fs->chunks[i], .id = fs->chunks[i].object };
		for (; i < n && fs->chunks[i].object == o->id; i++)
			o->n++;
		settle_object(fs, o);
	}
	return true;
}

static struct object *object_find(const struct yaffs *fs, uint32_t id)
{
	size_t low = 0, high = fs->nobjects;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (fs->objects[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < fs->nobjects && fs->objects[low].id == id ? &fs->objects[low] : NULL;
}

/* An object without a name is called after its number, as the driver does. */
static struct text numbered(const struct yaffs *fs, uint32_t id)
{
	return text_c(arena_printf(fs->w->arena, "obj%u", id));
}

/* The name that an object's header gives it; that of a hard link names another object. False: it is deleted, or the
 * root. */
static bool name_object(struct yaffs *fs, const struct object *o, struct object_name *name)
{
	struct yaffs_header h;
	*name = (struct object_name){ .parent = YAFFS_ROOT, .id = o->id, .at = o->header };
	if (o->id == YAFFS_ROOT || o->id == YAFFS_UNLINKED || o->id == YAFFS_DELETED)
		return false;
	if (o->header == UINT64_MAX) {
		if (!o->n)
			return false;
		damage(fs, ERR_CORRUPT, o->chunks[0].at, "is the number of an object without a header: only its data are left",
			   o->id);
		name->name = numbered(fs, o->id);
		return name->name.p != NULL;
	}
	if (!yaffs_header_read(fs->bytes, fs->layout.big, o->header, &h) || h.parent == YAFFS_UNLINKED ||
		h.parent == YAFFS_DELETED)
		return false;
	name->name = h.name.n ? h.name : numbered(fs, o->id);
	name->parent = h.parent;
	name->directory = h.type == YAFFS_DIRECTORY;
	if (h.type == YAFFS_HARDLINK)
		name->id = h.equivalent;
	return name->name.p != NULL;
}

static bool name_objects(struct yaffs *fs, struct object_tree *tree)
{
	struct object_name *spare = ARENA_ARRAY(fs->w->arena, struct object_name, fs->nobjects);
	tree->names = ARENA_ARRAY(fs->w->arena, struct object_name, fs->nobjects);
	if (!spare || !tree->names)
		return false;
	for (size_t i = 0; i < fs->nobjects; i++)
		tree->n += name_object(fs, &fs->objects[i], &tree->names[tree->n]);
	object_tree_sort(tree, spare);
	for (size_t i = 0; i < tree->n; i++) {
		struct object *o = object_find(fs, tree->names[i].id);
		if (o)
			o->links++;
	}
	return true;
}

static struct error file_read(const void *fs_, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct yaffs *fs = fs_;
	const struct data *d = file;
	uint32_t size = fs->layout.chunk;
	uint64_t first = offset / size + 1, end = (offset + n + size - 1) / size + 1;
	size_t low = 0, high = d->n, done = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (d->chunks[middle].chunk < first)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < d->n && d->chunks[low].chunk < end; low++) {
		const struct yaffs_chunk *c = &d->chunks[low];
		size_t at = (size_t)((c->chunk - first) * size);
		struct span bytes = span_clip(fs->bytes, c->at, c->bytes);
		bytes = span_clip(bytes, 0, n - at);
		memset(out + done, 0, at - done); /* a hole */
		if (bytes.n)
			memcpy(out + at, bytes.p, bytes.n);
		done = at + bytes.n;
	}
	memset(out + done, 0, n - done);
	return error_none();
}

static const struct content_ops file_ops = { .read = file_read };

static enum error_code set_content(struct yaffs *fs, const struct object *o, struct entry *e)
{
	e->size = o->size;
	bool alone = o->n == 1 && o->chunks[0].chunk == 1 && o->chunks[0].bytes == o->size;
	if (o->size == 0 || alone) {
		uint64_t at = o->size ? o->chunks[0].at : 0;
		if (o->size)
			e->offset = at;
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(fs->bytes, at, o->size) };
		return ERR_NONE;
	}
	struct data *d = ARENA_NEW(fs->w->arena, struct data);
	if (!d)
		return ERR_BUDGET;
	*d = (struct data){ fs, o->chunks, o->n };
	e->content = (struct content){
		.kind = CONTENT_BLOCKS, .ops = &file_ops, .fs = fs, .file = d, .block_size = fs->layout.chunk
	};
	return ERR_NONE;
}

static enum error_code set_file(struct yaffs *fs, struct object *o, struct entry *e)
{
	if (o->first.p) {
		e->same_as = o->first;
		e->size = o->size;
		return ERR_NONE;
	}
	if (o->links > 1) {
		o->first = text_of(arena_strdup(fs->w->arena, e->path), e->path.n);
		if (!o->first.p)
			return ERR_BUDGET;
	}
	return set_content(fs, o, e);
}

static enum entry_kind special_kind(uint32_t mode)
{
	enum entry_kind kind = entry_kind_of_mode(mode);
	return kind == ENTRY_CHAR_DEVICE || kind == ENTRY_BLOCK_DEVICE || kind == ENTRY_SOCKET ? kind : ENTRY_FIFO;
}

static enum error_code describe(struct yaffs *fs, struct object *o, struct entry *e)
{
	struct yaffs_header h;
	if (o->header == UINT64_MAX || !yaffs_header_read(fs->bytes, fs->layout.big, o->header, &h))
		return set_file(fs, o, e);
	e->mode = h.mode & 07777;
	e->uid = h.uid;
	e->gid = h.gid;
	e->mtime = h.mtime;
	switch (h.type) {
	case YAFFS_FILE:
		e->kind = ENTRY_FILE;
		return set_file(fs, o, e);
	case YAFFS_DIRECTORY:
		e->kind = ENTRY_DIRECTORY;
		break;
	case YAFFS_SYMLINK:
		e->kind = ENTRY_SYMLINK;
		e->link_target = h.alias;
		break;
	case YAFFS_SPECIAL:
		e->kind = special_kind(h.mode);
		if (e->kind == ENTRY_CHAR_DEVICE || e->kind == ENTRY_BLOCK_DEVICE)
			e->device = device_new(h.rdev);
		break;
	default:
		damage(fs, ERR_CORRUPT, o->header, "is the number of a hard link that names another hard link", o->id);
	}
	return ERR_NONE;
}

static bool visit_name(struct object_tree *tree, const struct object_name *name, struct text path)
{
	struct yaffs *fs = tree->context;
	struct object *o = object_find(fs, name->id);
	struct entry e = entry_new(ENTRY_FILE, path);
	if (!o)
		damage(fs, ERR_CORRUPT, name->at, "is the number of no object, but a hard link names it", name->id);
	enum error_code code = o ? describe(fs, o, &e) : ERR_NONE;
	if (code) {
		fs->error = error_at(code, name->at, "no memory left for the file system's objects");
		return false;
	}
	return fs->w->child(fs->w, &e);
}

static void emit_layout(const struct yaffs *fs)
{
	const struct yaffs_layout *l = &fs->layout;
	static const char *const words[] = { "none", "1", "1", "2" };
	emit_header_field(fs->w->sink, 0, "byte_order", "%s", l->big ? "big" : "little");
	emit_header_field(fs->w->sink, 0, "tags", "%s", words[l->tagging]);
	emit_header_field(fs->w->sink, 0, "chunk_size", "%u", l->chunk);
	emit_header_field(fs->w->sink, 0, "spare_size", "%u", l->spare);
}

struct error yaffs_walk(struct span bytes, struct walk *w)
{
	struct yaffs *fs = ARENA_NEW(w->arena, struct yaffs);
	struct error budget = error_at(ERR_BUDGET, 0, "no memory left for the file system's objects");
	if (!fs)
		return budget;
	fs->bytes = bytes;
	fs->w = w;
	if (!yaffs_layout_find(bytes, &fs->layout))
		return error_at(ERR_CORRUPT, 0, "no header of an object, or no tags that go with it");
	emit_layout(fs);
	struct object_tree tree = { .root = YAFFS_ROOT, .visit = visit_name, .context = fs };
	if (!collect(fs) || !group_objects(fs) || !name_objects(fs, &tree) || object_tree_walk(&tree, w))
		return budget;
	return fs->error;
}
