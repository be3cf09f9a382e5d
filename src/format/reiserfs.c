/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ReiserFS, formats 3.5 and 3.6.
 *
 * Specification: Linux fs/reiserfs/reiserfs.h; "The structure of the Reiser file system" (F. Buchholz). */
#include "base/hash.h"
#include "format/reiserfs_image.h"

#define SUPER_SIZE 204u
#define SUPER_AT 65536u
#define SUPER_AT_OLD 8192u /* the first of format 3.5 */
#define MAGIC_AT 52u
#define ROOT_DIRECTORY 1u
#define ROOT_OBJECT 2u
#define STAT_OLD 32u
#define STAT 44u
#define ENTRY_HEAD 16u
#define VISIBLE 4u /* bit 2 of an entry's state */
#define UNMOUNTED 1u

enum { VERSION_3_5 = 0, VERSION_3_6 = 2 };

static bool super_read(struct span image, uint64_t at, struct reiserfs_super *s)
{
	struct span b = span_sub(image, at, SUPER_SIZE);
	bool apart = span_has(b, MAGIC_AT, "ReIsEr3Fs", 9);
	*s = (struct reiserfs_super){ .at = at,
								  .blocks = span_u32le(b, 0),
								  .root = span_u32le(b, 8),
								  .block_size = span_u16le(b, 44),
								  .state = span_u16le(b, 50),
								  .hash = span_u32le(b, 64),
								  .height = span_u16le(b, 68),
								  .version = span_u16le(b, 72),
								  .journal = span_u32le(b, 12),
								  .journal_device = span_u32le(b, 16),
								  .journal_blocks = span_u32le(b, 20),
								  .journal_apart = apart };
	bool newer = s->version == VERSION_3_6;
	if (newer) {
		s->uuid = span_sub(b, 84, 16);
		s->label = text_until_nul(span_sub(b, 100, 16));
	}
	return b.p && (apart || span_has(b, MAGIC_AT, newer ? "ReIsEr2Fs" : "ReIsErFs", newer ? 9 : 8)) &&
		   (newer || s->version == VERSION_3_5) && s->block_size >= 512 && (s->block_size & (s->block_size - 1)) == 0 &&
		   s->height >= 2 && s->height <= REISERFS_HEIGHT_MAX + 1 && s->root < s->blocks && s->hash < 16 &&
		   s->root > at / s->block_size && span_u16le(b, 46) <= s->block_size &&
		   span_u16le(b, 48) <= span_u16le(b, 46) && (s->state == UNMOUNTED || s->state == 2);
}

/* The root is where the superblock says: that also tells which of the two places it stands at. */
static bool has_root(struct span image, const struct reiserfs_super *s)
{
	struct span root = span_from(image, (uint64_t)s->root * s->block_size);
	return root.n < 4 || (span_u16le(root, 0) == s->height - 1 && span_u16le(root, 2) < s->block_size / 16);
}

static bool super_find(struct span image, struct reiserfs_super *s)
{
	return (super_read(image, SUPER_AT, s) && has_root(image, s)) ||
		   (super_read(image, SUPER_AT_OLD, s) && has_root(image, s)) || super_read(image, SUPER_AT, s);
}

static bool reiserfs_probe(struct span at, struct format_match *match)
{
	struct reiserfs_super s;
	if (!super_find(at, &s) || !has_root(at, &s))
		return false;
	match->size = (uint64_t)s.blocks * s.block_size;
	match->confidence = 90;
	return true;
}

static void describe_old(struct span s, struct inode *inode, uint64_t *size)
{
	inode->uid = span_u16le(s, 4);
	inode->gid = span_u16le(s, 6);
	*size = span_u32le(s, 8);
	inode->mtime = span_u32le(s, 16);
	inode->device = device_new(span_u32le(s, 24));
}

static void describe(struct span s, struct inode *inode, uint64_t *size)
{
	*size = span_u32le(s, 8) | (uint64_t)span_u32le(s, 12) << 32;
	inode->uid = span_u32le(s, 16);
	inode->gid = span_u32le(s, 20);
	inode->mtime = span_u32le(s, 28);
	inode->device = device_new(span_u32le(s, 40));
}

static struct error content_read(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	return block_map_read(((const struct reiserfs *)fs)->image, reiserfs_find_run, fs, file, offset, out, n);
}

static const struct content_ops content_blocks = { .read = content_read };

/* Finds the stat data of an object; reports why there is none. */
static bool find_stat(struct tree *t, const struct reiserfs_key *key, struct reiserfs_item *item)
{
	struct reiserfs_place p;
	struct error e = reiserfs_search(t->fs, key, &p);
	if (error_is(&e)) {
		tree_damage(t, e.code, e.offset, "%s", e.text);
		return false;
	}
	bool found = !p.before && reiserfs_item_read(&p, p.i, item) && reiserfs_key_compare(&item->key, key) == 0;
	if (!found || item->body.n != (item->version ? STAT : STAT_OLD)) {
		tree_damage(t, ERR_CORRUPT, p.at, "a name leads to object %lu of %lu, which has no stat data",
					(unsigned long)key->object, (unsigned long)key->directory);
		return false;
	}
	return true;
}

/* Objects are numbered by the two halves of their key. */
static bool reiserfs_inode(struct tree *t, uint64_t number, struct inode *inode)
{
	struct reiserfs_item item;
	struct reiserfs_file *file = ARENA_NEW(t->walk->arena, struct reiserfs_file);
	if (!file) {
		t->out_of_memory = true;
		return false;
	}
	file->key = (struct reiserfs_key){ .directory = (uint32_t)(number >> 32), .object = (uint32_t)number };
	if (!find_stat(t, &file->key, &item))
		return false;
	uint32_t mode = span_u16le(item.body, 0);
	inode->at = item.at;
	if (!entry_kind_read(mode, &inode->kind)) {
		tree_damage(t, ERR_CORRUPT, item.at, "the stat data of a file says no kind of file");
		return false;
	}
	inode->mode = mode & 07777;
	if (item.version)
		describe(item.body, inode, &file->size);
	else
		describe_old(item.body, inode, &file->size);
	if (inode->kind != ENTRY_CHAR_DEVICE && inode->kind != ENTRY_BLOCK_DEVICE)
		inode->device = FACT_NULL;
	inode->size = file->size;
	inode->own = file;
	if (file->size > INT64_MAX) {
		tree_damage(t, ERR_CORRUPT, item.at, "a file of %llu bytes", (unsigned long long)file->size);
		return false;
	}
	if (inode->kind == ENTRY_SYMLINK)
		tree_read_target(t, inode, &content_blocks, file, file->size);
	return true;
}

/* The names in an item: heads in order, names from the end of the item to its beginning. False: no more are taken. */
static bool list_item(struct tree *t, const struct reiserfs_item *item)
{
	uint64_t heads = (uint64_t)item->count * ENTRY_HEAD, end = item->body.n;
	if (heads > item->body.n) {
		tree_damage(t, ERR_CORRUPT, item->at, "%u names are in %zu bytes of a directory", item->count, item->body.n);
		return true;
	}
	for (unsigned i = 0; i < item->count; i++) {
		struct span head = span_sub(item->body, (uint64_t)i * ENTRY_HEAD, ENTRY_HEAD);
		uint64_t from = span_u16le(head, 12), number = (uint64_t)span_u32le(head, 4) << 32 | span_u32le(head, 8);
		if (from < heads || from >= end) {
			tree_damage(t, ERR_CORRUPT, item->at, "name %u of %u in a part of a directory is nowhere", i, item->count);
			return true;
		}
		struct text name = text_until_nul(span_sub(item->body, from, end - from));
		if (span_u16le(head, 14) & VISIBLE && !tree_name(t, name, number))
			return false;
		end = from;
	}
	return true;
}

/* The items of a directory in one leaf. False: there are no more behind it. */
static bool list_leaf(struct tree *t, const struct reiserfs_place *p, const struct reiserfs_key *key)
{
	for (unsigned i = p->i; i < p->items; i++) {
		struct reiserfs_item item;
		bool whole = reiserfs_item_read(p, i, &item);
		int order = reiserfs_same_object(&item.key, key) ? 0 : reiserfs_key_compare(&item.key, key);
		if (order > 0 || !tree_listed(t, item.body.n + ENTRY_HEAD))
			return false;
		if (!whole)
			tree_damage(t, ERR_CORRUPT, p->at, "an item stands beyond the end of its node");
		else if (order == 0 && item.key.type == REISERFS_DIRENTRY && !list_item(t, &item))
			return false;
	}
	return true;
}

static void reiserfs_list(struct tree *t, const struct inode *directory)
{
	const struct reiserfs_file *file = directory->own;
	struct reiserfs_key key = file->key;
	struct reiserfs_place p;
	for (;;) {
		struct error e = reiserfs_search(t->fs, &key, &p);
		if (error_is(&e)) {
			tree_damage(t, e.code, e.offset, "a directory can not be read to its end: %s", e.text);
			return;
		}
		if (!list_leaf(t, &p, &file->key) || !p.has_next || !reiserfs_same_object(&p.next, &file->key) ||
			reiserfs_key_compare(&p.next, &key) <= 0)
			return;
		key = p.next;
	}
}

static bool reiserfs_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	const struct reiserfs *fs = t->fs;
	block_map_content(fs->image, reiserfs_find_run, &content_blocks, fs, inode->own, fs->s.block_size, entry);
	return true;
}

static const struct tree_ops tree_ops = { .inode = reiserfs_inode, .list = reiserfs_list, .content = reiserfs_content };

static void journal_check(const struct reiserfs *fs, struct sink *sink)
{
	uint64_t first = OFFSET_NONE;
	uint32_t pending = reiserfs_journal_pending(fs, &first);
	if (pending)
		emit_damage_at(sink, ERR_UNSUPPORTED, first,
					   "it was not unmounted: its journal holds changes (%lu transactions), which are not replayed",
					   (unsigned long)pending);
	else if (fs->s.state != UNMOUNTED)
		emit_damage_at(sink, ERR_UNSUPPORTED, fs->s.at + 50,
					   "it was not unmounted: its journal may hold changes, which are not replayed");
}

static void show(const struct reiserfs *fs, struct sink *sink)
{
	static const char *const hashes[] = { "unset", "tea", "rupasov", "r5" };
	const struct reiserfs_super *s = &fs->s;
	char hex[33];
	emit_header_field(sink, s->at + 72, "version", "%s", s->version == VERSION_3_6 ? "3.6" : "3.5");
	emit_header_field(sink, s->at + 44, "block_size", "%lu", (unsigned long)s->block_size);
	if (s->hash < sizeof hashes / sizeof hashes[0])
		emit_header_field(sink, s->at + 64, "hash", "%s", hashes[s->hash]);
	if (s->label.n)
		emit_header_field(sink, s->at + 100, "label", "%.*s", (int)s->label.n, s->label.p);
	if (s->uuid.p) {
		hash_hex(s->uuid.p, 16, hex);
		emit_header_field(sink, s->at + 84, "uuid", "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
						  hex + 20);
	}
	journal_check(fs, sink);
}

static struct error reiserfs_walk(struct span bytes, struct walk *w)
{
	struct reiserfs *fs = ARENA_NEW(w->arena, struct reiserfs);
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!fs || !t)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	fs->image = bytes;
	if (!super_find(bytes, &fs->s))
		return error_at(ERR_CORRUPT, SUPER_AT, "no superblock of ReiserFS");
	show(fs, w->sink);
	*t = (struct tree){ .ops = &tree_ops, .fs = fs, .image = bytes, .walk = w };
	return tree_walk(t, (uint64_t)ROOT_DIRECTORY << 32 | ROOT_OBJECT);
}

static const struct format_magic magics[] = { MAGIC("ReIsEr2Fs", SUPER_AT + MAGIC_AT),
											  MAGIC("ReIsEr3Fs", SUPER_AT + MAGIC_AT),
											  MAGIC("ReIsErFs", SUPER_AT + MAGIC_AT),
											  MAGIC("ReIsErFs", SUPER_AT_OLD + MAGIC_AT), MAGIC_END };

const struct format reiserfs_format = {
	.name = "reiserfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "ReiserFS file system",
	.spec = "Linux 6.12 fs/reiserfs/reiserfs.h",
	.magics = magics,
	.probe = reiserfs_probe,
	.walk = reiserfs_walk,
};
