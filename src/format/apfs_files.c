/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of APFS. Specification: "Apple File System Reference", File-System Objects, Data Streams, Extended Fields, Siblings, Sealed
 * Volumes. */
#include "format/apfs_image.h"
#include "format/decmpfs.h"

#define PRIVATE_DIRECTORY 3u
#define ID_MASK (((uint64_t)1 << 60) - 1)
#define EXTENT_LENGTH (((uint64_t)1 << 56) - 1)
#define FLAG_COMPRESSED 0x20u /* of bsd_flags: UF_COMPRESSED */
#define ATTRIBUTE_MAX 65536u
#define SIZE_AT 92u /* of the extended fields of an inode */
#define NODE_COST 64u

enum { FIELD_DATA_STREAM = 8, FIELD_DEVICE = 14 };
enum { XATTR_STREAM = 1, XATTR_EMBEDDED = 2 };

/* What a file needs to be read. */
struct file {
	struct apfs_stream stream, fork;
	struct decmpfs packed;
	bool compressed;
};

/* The first extent behind, so that it is known where a hole of a sparse file ends; none is made up where records are missing. */
static struct error no_extent(uint64_t offset)
{
	return error_at(ERR_CORRUPT, offset, "no extent tells of these bytes");
}

static struct error extent_run(const struct apfs_volume *v, const struct apfs_record *r, uint64_t begin, uint64_t offset, struct run *run)
{
	uint64_t n = span_u64le(r->value, 0) & EXTENT_LENGTH, block = span_u64le(r->value, 8), within = offset - begin;
	if (within >= n)
		return no_extent(offset);
	run->n = n - within;
	run->at = RUN_HOLE;
	if (block == 0)
		return error_none();
	if (block > v->fs->image.n / v->fs->block_size)
		return error_at(ERR_TRUNCATED, offset, "an extent stands at block %llu, beyond the end", (unsigned long long)block);
	run->at = block * v->fs->block_size + within;
	return error_none();
}

static struct error apfs_find_run(const void *volume, const void *stream, uint64_t offset, struct run *run)
{
	const struct apfs_volume *v = volume;
	const struct apfs_stream *s = stream;
	struct apfs_cursor c;
	struct apfs_record r;
	struct apfs_key key = v->sealed ? (struct apfs_key){ s->id, offset, TEXT_NONE }
									: apfs_record_key(s->id, APFS_FILE_EXTENT, offset, TEXT_NONE);
	struct error e = apfs_seek(v->sealed ? &v->extents : &v->catalog, &key, &c);
	if (error_is(&e))
		return error_at(e.code, offset, "%s", e.text);
	if (!apfs_behind(&c, &r) || r.key.first != key.first || r.value.n < 16)
		return no_extent(offset);
	return extent_run(v, &r, r.key.second, offset, run);
}

static struct error apfs_stream_read(const void *volume, const void *stream, uint64_t offset, uint8_t *out, size_t n)
{
	const struct apfs_volume *v = volume;
	return block_map_read(v->fs->image, apfs_find_run, v, stream, offset, out, n);
}

/* The attribute of that name: its record's value. */
static struct error attribute_find(const struct apfs_volume *v, uint64_t id, const char *name, struct span *value)
{
	struct apfs_cursor c;
	struct apfs_record r;
	struct apfs_key key = apfs_record_key(id, APFS_XATTR, 0, text_c(name));
	struct error e = apfs_seek(&v->catalog, &key, &c);
	*value = SPAN_NONE;
	if (error_is(&e))
		return e;
	if (!apfs_behind(&c, &r) || r.key.first != key.first || !text_eq(r.key.name, key.name))
		return error_at(ERR_CORRUPT, OFFSET_NONE, "it has no %s", name);
	*value = r.value;
	return error_none();
}

/* The data stream of an attribute that has one. */
static bool attribute_stream(struct span value, struct apfs_stream *s)
{
	*s = (struct apfs_stream){ span_u64le(value, 4), span_u64le(value, 12) };
	return span_u16le(value, 0) & XATTR_STREAM && value.n >= 20 && s->size <= INT64_MAX;
}

/* What a small attribute holds. */
static struct error attribute_read(struct tree *t, uint64_t id, const char *name, struct span *bytes)
{
	const struct apfs_volume *v = t->fs;
	struct apfs_stream s;
	struct span value;
	struct error e = attribute_find(v, id, name, &value);
	*bytes = span_sub(value, 4, span_u16le(value, 2));
	if (error_is(&e) || span_u16le(value, 0) & XATTR_EMBEDDED)
		return e;
	*bytes = SPAN_NONE;
	if (!attribute_stream(value, &s) || s.size > ATTRIBUTE_MAX)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "its %s has no data, or too many", name);
	uint8_t *copy = ARENA_ARRAY(t->walk->arena, uint8_t, s.size);
	t->out_of_memory = !copy;
	if (!copy)
		return error_at(ERR_BUDGET, OFFSET_NONE, "no memory for an attribute");
	e = apfs_stream_read(v, &s, 0, copy, (size_t)s.size);
	*bytes = span_of(copy, (size_t)s.size);
	return e;
}

/* A field of those behind an inode: first what they are, then what they hold, each filled up to eight bytes. */
static struct span extended_field(struct span value, unsigned type)
{
	struct span blob = span_from(value, SIZE_AT);
	unsigned n = span_u16le(blob, 0);
	uint64_t at = 4 + (uint64_t)n * 4;
	for (unsigned i = 0; i < n && at < blob.n; i++) {
		unsigned size = span_u16le(blob, 4 + (uint64_t)i * 4 + 2);
		if (blob.p[4 + (size_t)i * 4] == type)
			return span_sub(blob, at, size);
		at += (size + 7u) & ~7u;
	}
	return SPAN_NONE;
}

static bool compressed_open(struct tree *t, uint64_t number, struct inode *inode, struct file *file)
{
	const struct apfs_volume *v = t->fs;
	struct span attribute, fork = SPAN_NONE;
	struct error e = attribute_read(t, number, DECMPFS_ATTRIBUTE, &attribute);
	if (!error_is(&e) && !decmpfs_read(attribute, &file->packed))
		e = error_at(ERR_CORRUPT, OFFSET_NONE, "its " DECMPFS_ATTRIBUTE " has no header");
	if (!error_is(&e) && decmpfs_in_fork(&file->packed))
		e = attribute_find(v, number, DECMPFS_FORK_ATTRIBUTE, &fork);
	if (!error_is(&e) && decmpfs_in_fork(&file->packed) && !attribute_stream(fork, &file->fork))
		e = error_at(ERR_CORRUPT, OFFSET_NONE, "its resource fork is no data stream");
	if (error_is(&e)) {
		tree_damage(t, e.code, inode->at, "compressed file %llu can not be read: %s", (unsigned long long)number, e.text);
		return false;
	}
	file->compressed = true;
	file->packed.read = apfs_stream_read;
	file->packed.fs = v;
	file->packed.fork = &file->fork;
	file->packed.fork_size = file->fork.size;
	inode->size = file->packed.size;
	return true;
}

static void link_open(struct tree *t, uint64_t number, struct inode *inode)
{
	struct span target;
	struct error e = attribute_read(t, number, "com.apple.fs.symlink", &target);
	if (error_is(&e))
		tree_damage(t, e.code, inode->at, "symbolic link %llu can not be read: %s", (unsigned long long)number, e.text);
	else
		inode->target = text_until_nul(target);
	inode->size = inode->target.n;
}

static void describe(struct span value, struct inode *inode)
{
	struct span device = extended_field(value, FIELD_DEVICE);
	uint64_t time = span_u64le(value, 24);
	inode->mode = span_u16le(value, 80) & 07777;
	inode->uid = span_u32le(value, 72);
	inode->gid = span_u32le(value, 76);
	inode->mtime = (int64_t)time / 1000000000;
	if (device.n >= 4 && (inode->kind == ENTRY_CHAR_DEVICE || inode->kind == ENTRY_BLOCK_DEVICE)) {
		uint32_t number = span_u32le(device, 0); /* as macOS has them: eight bits and 24 */
		inode->device = (int64_t)(number >> 24) << 32 | (number & 0xffffff);
	}
}

static bool inode_find(struct tree *t, uint64_t number, struct span *value)
{
	const struct apfs_volume *v = t->fs;
	struct apfs_cursor c;
	struct apfs_record r;
	struct apfs_key key = apfs_record_key(number, APFS_INODE, 0, TEXT_NONE);
	struct error e = apfs_seek(&v->catalog, &key, &c);
	if (!error_is(&e) && (!apfs_behind(&c, &r) || r.key.first != key.first || r.value.n < SIZE_AT))
		e = error_at(ERR_CORRUPT, OFFSET_NONE, "it is nowhere");
	if (error_is(&e))
		tree_damage(t, e.code, e.offset, "inode %llu can not be read: %s", (unsigned long long)number, e.text);
	else
		*value = r.value;
	return !error_is(&e);
}

static bool apfs_inode(struct tree *t, uint64_t number, struct inode *inode)
{
	struct span value = SPAN_NONE;
	if (number > ID_MASK || !inode_find(t, number, &value))
		return false;
	inode->at = (uint64_t)(value.p - t->image.p);
	uint64_t size = span_u64le(extended_field(value, FIELD_DATA_STREAM), 0);
	if (!entry_kind_read(span_u16le(value, 80), &inode->kind) || size > INT64_MAX) {
		tree_damage(t, ERR_CORRUPT, inode->at, "inode %llu is damaged", (unsigned long long)number);
		return false;
	}
	struct file *file = ARENA_NEW(t->walk->arena, struct file);
	t->out_of_memory = !file;
	if (!file)
		return false;
	file->stream = (struct apfs_stream){ span_u64le(value, 8), size };
	describe(value, inode);
	inode->size = inode->kind == ENTRY_DIRECTORY ? number : size; /* of a directory that is all that its listing needs */
	inode->own = file;
	if (inode->kind == ENTRY_SYMLINK)
		link_open(t, number, inode);
	else if (inode->kind == ENTRY_FILE && span_u32le(value, 68) & FLAG_COMPRESSED)
		(void)compressed_open(t, number, inode, file);
	return !t->out_of_memory;
}

/* Names end in a NUL, which their length counts. */
static struct text name_of(const struct apfs_volume *v, struct span raw)
{
	unsigned n = v->hashed_names ? span_u32le(raw, 8) & 0x3ff : span_u16le(raw, 8);
	return text_until_nul(span_sub(raw, v->hashed_names ? 12 : 10, n));
}

static void apfs_list(struct tree *t, const struct inode *directory)
{
	const struct apfs_volume *v = t->fs;
	struct apfs_cursor c;
	struct apfs_record r;
	struct apfs_key key = apfs_record_key(directory->size, APFS_DIR_REC, 0, TEXT_NONE);
	struct error e = apfs_seek(&v->catalog, &key, &c);
	if (error_is(&e))
		tree_damage(t, e.code, directory->at, "directory %llu can not be read: %s", (unsigned long long)directory->size, e.text);
	for (uint64_t visited = c.visited; c.depth > 0;) {
		bool found = apfs_next(&c, &r, &e);
		if (!tree_listed(t, (c.visited - visited) * NODE_COST + r.raw.n + r.value.n))
			return;
		visited = c.visited;
		bool ours = found && r.key.first == key.first;
		if (error_is(&e))
			tree_damage(t, e.code, e.offset, "a part of directory %llu can not be read: %s", (unsigned long long)directory->size, e.text);
		else if (ours && r.value.n < 18)
			tree_damage(t, ERR_CORRUPT, directory->at, "a name in directory %llu leads nowhere", (unsigned long long)directory->size);
		else if (!ours || !tree_name(t, name_of(v, r.raw), span_u64le(r.value, 0)))
			return;
	}
}

static bool apfs_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	static const struct content_ops ops = { .read = apfs_stream_read };
	const struct apfs_volume *v = t->fs;
	const struct file *file = inode->own;
	if (file->compressed)
		entry->content = decmpfs_content(&file->packed);
	else
		block_map_content(v->fs->image, apfs_find_run, &ops, v, &file->stream, v->fs->block_size, entry);
	return true;
}

/* What was deleted while it was open is in a directory of its own, which is mostly empty. */
static bool is_lost(const struct apfs_record *r)
{
	uint64_t id = r->key.first >> 4;
	return (r->key.first & 15) == APFS_INODE && (id != PRIVATE_DIRECTORY || span_u32le(r->value, 56));
}

void apfs_lost(struct tree *t)
{
	const struct apfs_volume *v = t->fs;
	struct apfs_cursor c;
	struct apfs_record r;
	struct apfs_key first = { 0, 0, TEXT_NONE };
	uint64_t blocks = t->image.n / v->fs->block_size + 1;
	struct error e = apfs_seek(&v->catalog, &first, &c);
	if (error_is(&e))
		tree_damage(t, e.code, e.offset, "the first inodes can not be read: %s", e.text);
	while (c.depth > 0) {
		bool found = apfs_next(&c, &r, &e);
		if (t->stopped || t->out_of_memory || (!found && !error_is(&e)))
			return;
		if (error_is(&e))
			tree_damage(t, e.code, e.offset, "a part of the inodes can not be read: %s", e.text);
		else if (is_lost(&r))
			tree_lost(t, r.key.first >> 4);
		if (c.visited > blocks) {
			tree_damage(t, ERR_CORRUPT, OFFSET_NONE, "the nodes of the tree of files overlap");
			return;
		}
	}
}

const struct tree_ops apfs_tree = { .inode = apfs_inode, .list = apfs_list, .content = apfs_content };
