/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of a ReiserFS, and where it leads for the bytes of a file. Specification: Linux fs/reiserfs/reiserfs.h. */
#include "format/reiserfs_image.h"

#define NODE_HEADER 24u
#define KEY_SIZE 16u
#define POINTER_SIZE 8u
#define ITEM_HEADER 24u
#define BYTES_END ((uint64_t)1 << 60) /* of offsets in keys */

/* The second half of a key has two forms. */
static void key_tail(struct span s, unsigned version, struct reiserfs_key *key)
{
	uint32_t low = span_u32le(s, 8), high = span_u32le(s, 12);
	if (version == 0) {
		key->offset = low;
		key->type = high == 0            ? REISERFS_STAT
					: high == 0xfffffffe ? REISERFS_INDIRECT
					: high == 0xffffffff ? REISERFS_DIRECT
					: high == 500        ? REISERFS_DIRENTRY
										 : REISERFS_ANY;
	} else {
		key->offset = low | (uint64_t)(high & 0xfffffff) << 32;
		key->type = high >> 28;
	}
}

/* A key of an inner node, which does not say its form: types of the newer one are 1 to 3 in the highest bits. */
static struct reiserfs_key inner_key(struct span node, uint64_t i)
{
	struct span s = span_sub(node, NODE_HEADER + i * KEY_SIZE, KEY_SIZE);
	struct reiserfs_key key = { .directory = span_u32le(s, 0), .object = span_u32le(s, 4) };
	unsigned type = span_u32le(s, 12) >> 28;
	key_tail(s, type >= REISERFS_INDIRECT && type <= REISERFS_DIRENTRY, &key);
	return key;
}

int reiserfs_key_compare(const struct reiserfs_key *a, const struct reiserfs_key *b)
{
	if (a->directory != b->directory)
		return a->directory < b->directory ? -1 : 1;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return a->type < b->type ? -1 : a->type > b->type;
}

bool reiserfs_item_read(const struct reiserfs_place *p, unsigned i, struct reiserfs_item *item)
{
	struct span s = span_sub(p->leaf, NODE_HEADER + (uint64_t)i * ITEM_HEADER, ITEM_HEADER);
	uint64_t from = span_u16le(s, 20);
	*item = (struct reiserfs_item){ .key = { .directory = span_u32le(s, 0), .object = span_u32le(s, 4) },
									.version = span_u16le(s, 22),
									.count = span_u16le(s, 16),
									.body = span_sub(p->leaf, from, span_u16le(s, 18)),
									.at = p->at + from };
	key_tail(s, item->version, &item->key);
	return s.p && item->body.p;
}

/* How many of a leaf's items are not behind the key. */
static unsigned items_until(const struct reiserfs_place *p, const struct reiserfs_key *key)
{
	unsigned low = 0, high = p->items;
	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		struct reiserfs_item item;
		(void)reiserfs_item_read(p, middle, &item);
		if (reiserfs_key_compare(&item.key, key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The child of an inner node that the key is in; what comes behind it is noted. */
static uint64_t child_of(struct span node, unsigned keys, const struct reiserfs_key *key, struct reiserfs_place *p)
{
	unsigned low = 0, high = keys;
	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		struct reiserfs_key k = inner_key(node, middle);
		if (reiserfs_key_compare(&k, key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < keys) {
		p->has_next = true;
		p->next = inner_key(node, low);
	}
	return span_u32le(node, NODE_HEADER + (uint64_t)keys * KEY_SIZE + (uint64_t)low * POINTER_SIZE);
}

struct error reiserfs_search(const struct reiserfs *fs, const struct reiserfs_key *key, struct reiserfs_place *p)
{
	uint64_t block = fs->s.root;
	*p = (struct reiserfs_place){ .before = false };
	for (unsigned level = fs->s.height - 1;; level--) {
		p->at = block * fs->s.block_size;
		struct span node = span_sub(fs->image, p->at, fs->s.block_size);
		unsigned n = span_u16le(node, 2);
		uint64_t each = level > 1 ? KEY_SIZE + POINTER_SIZE : ITEM_HEADER;
		if (block < fs->s.blocks && !node.p)
			return error_at(ERR_TRUNCATED, p->at, "a node of the tree stands beyond the end of the image");
		if (block >= fs->s.blocks || span_u16le(node, 0) != level || NODE_HEADER + n * each > node.n)
			return error_at(ERR_CORRUPT, p->at, "block %llu is no node of level %u of the tree",
							(unsigned long long)block, level);
		if (level == 1) {
			p->leaf = node;
			p->items = n;
			break;
		}
		block = child_of(node, n, key, p);
	}
	unsigned until = items_until(p, key);
	p->before = until == 0;
	p->i = until ? until - 1 : 0;
	return error_none();
}

/* Bytes from `offset` on that no item holds, up to the next one that does. */
static void hole(const struct reiserfs_place *p, const struct reiserfs_file *file, uint64_t offset, struct run *run)
{
	struct reiserfs_item next;
	uint64_t end = BYTES_END;
	unsigned i = p->before ? 0 : p->i + 1;
	if (i < p->items && reiserfs_item_read(p, i, &next)) {
		if (reiserfs_same_object(&next.key, &file->key))
			end = next.key.offset - 1;
	} else if (p->has_next && reiserfs_same_object(&p->next, &file->key)) {
		end = p->next.offset - 1;
	}
	*run = (struct run){ RUN_HOLE, end > offset && end <= BYTES_END ? end - offset : 1 };
}

/* Blocks that lie together, or that are none, from one of the pointers on. */
static struct error pointers_run(const struct reiserfs *fs, struct span pointers, uint64_t within, struct run *run)
{
	uint64_t size = fs->s.block_size, i = within / size, n = 1, all = pointers.n / 4;
	uint32_t first = span_u32le(pointers, i * 4);
	if (first >= fs->s.blocks)
		return error_at(ERR_CORRUPT, within, "a pointer to block %lu of %lu", (unsigned long)first,
						(unsigned long)fs->s.blocks);
	while (i + n < all && span_u32le(pointers, (i + n) * 4) == (first ? first + n : 0))
		n++;
	if (first && n > fs->s.blocks - first)
		n = fs->s.blocks - first;
	run->at = first ? first * size + within % size : RUN_HOLE;
	run->n = n * size - within % size;
	return error_none();
}

struct error reiserfs_find_run(const void *image, const void *of, uint64_t offset, struct run *run)
{
	const struct reiserfs *fs = image;
	const struct reiserfs_file *file = of;
	struct reiserfs_key key = file->key;
	struct reiserfs_place p;
	struct reiserfs_item item;
	if (offset >= BYTES_END - 1)
		return error_at(ERR_CORRUPT, offset, "more bytes than keys can lead to");
	key.offset = offset + 1;
	key.type = REISERFS_ANY;
	struct error e = reiserfs_search(fs, &key, &p);
	if (error_is(&e))
		return error_at(e.code, offset, "%s", e.text);
	if (!p.before && !reiserfs_item_read(&p, p.i, &item))
		return error_at(ERR_CORRUPT, offset, "an item stands beyond the end of its node");
	bool own = !p.before && reiserfs_same_object(&item.key, &file->key) && item.key.offset;
	uint64_t within = own ? offset + 1 - item.key.offset : 0;
	if (own && item.key.type == REISERFS_INDIRECT && within / fs->s.block_size < item.body.n / 4)
		return pointers_run(fs, item.body, within, run);
	if (own && item.key.type == REISERFS_DIRECT && within < item.body.n)
		*run = (struct run){ item.at + within, item.body.n - within };
	else
		hole(&p, file, offset, run);
	return error_none();
}
