/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects, object maps and B-trees of APFS. Specification: "Apple File System Reference", Objects, Object Maps, B-Trees. */
#include "format/apfs_image.h"

#define HEADER 32u   /* of an object */
#define NODE_AT 56u  /* where the table of contents counts from */
#define INFO_SIZE 40u /* behind the values of a root */

enum { ROOT = 1, LEAF = 2, FIXED = 4, NO_HEADER = 16 };
enum { OMAP_DELETED = 1, OMAP_ENCRYPTED = 4, OMAP_NO_HEADER = 8 };

/* Fletcher-64 over all that is behind the sum ("Objects", o_cksum). The sums are reduced before they could overflow. */
bool apfs_checksum_fits(struct span block)
{
	const uint64_t modulus = UINT32_MAX;
	uint64_t low = 0, high = 0;
	for (size_t at = 8; at + 4 <= block.n;) {
		for (unsigned i = 0; i < 1024 && at + 4 <= block.n; i++, at += 4) {
			low += span_u32le(block, at);
			high += low;
		}
		low %= modulus;
		high %= modulus;
	}
	uint64_t first = modulus - (low + high) % modulus;
	uint64_t second = modulus - (low + first) % modulus;
	return block.n > HEADER && span_u64le(block, 0) == (second << 32 | first);
}

static bool checksum_known(const struct apfs *fs, uint64_t block, struct span bytes)
{
	if (__atomic_load_n(&fs->checked[block], __ATOMIC_RELAXED))
		return true;
	if (!apfs_checksum_fits(bytes))
		return false;
	__atomic_store_n(&fs->checked[block], 1, __ATOMIC_RELAXED);
	return true;
}

/* The bytes of a block; without a checksum they are taken as they are. */
static struct error block_read(const struct apfs *fs, uint64_t block, bool checked, struct span *bytes)
{
	uint64_t at = block <= INT64_MAX / fs->block_size ? block * fs->block_size : UINT64_MAX;
	*bytes = span_sub(fs->image, at, fs->block_size);
	if (!bytes->p)
		return error_at(ERR_TRUNCATED, fs->image.n, "block %llu stands beyond the end", (unsigned long long)block);
	if (checked && !checksum_known(fs, block, *bytes))
		return error_at(ERR_CORRUPT, at, "the checksum of block %llu is wrong", (unsigned long long)block);
	return error_none();
}

struct error apfs_object(const struct apfs *fs, uint64_t block, uint64_t oid, unsigned type, unsigned other, struct span *bytes)
{
	struct error e = block_read(fs, block, true, bytes);
	unsigned found = span_u16le(*bytes, 24);
	if (!error_is(&e) && ((found != type && found != other) || span_u64le(*bytes, 8) != oid))
		return error_at(ERR_CORRUPT, block * fs->block_size, "block %llu is another object than the one that is looked for",
						(unsigned long long)block);
	return e;
}

static struct error node_read(const struct apfs_btree *t, uint64_t oid, struct apfs_node *node)
{
	uint64_t block = oid;
	bool headerless = false;
	struct error e = t->omap ? apfs_omap_find(t->omap, oid, t->xid, &block, &headerless) : error_none();
	if (error_is(&e))
		return e;
	struct span bytes;
	e = headerless ? block_read(t->fs, block, false, &bytes) : apfs_object(t->fs, block, oid, APFS_BTREE, APFS_BTREE_NODE, &bytes);
	if (error_is(&e))
		return e;
	*node = (struct apfs_node){ .bytes = bytes,
								.at = block * t->fs->block_size,
								.flags = span_u16le(bytes, 32),
								.level = span_u16le(bytes, 34),
								.n = span_u32le(bytes, 36) };
	uint64_t table = NODE_AT + (uint64_t)span_u16le(bytes, 40), end = table + (uint64_t)node->n * (node->flags & FIXED ? 4 : 8);
	if (end > bytes.n || !(node->flags & LEAF) != (node->level > 0) || (t->keys != APFS_KEYS_CATALOG) != !!(node->flags & FIXED))
		return error_at(ERR_CORRUPT, node->at, "block %llu is no node of the tree that it is in", (unsigned long long)block);
	return error_none();
}

static struct apfs_key key_read(enum apfs_keys keys, struct span raw)
{
	struct apfs_key key = { span_u64le(raw, 0), span_u64le(raw, 8), TEXT_NONE };
	if (keys != APFS_KEYS_CATALOG)
		return key;
	unsigned type = (unsigned)(key.first >> 60);
	key.first = key.first << 4 | type;
	if (type == APFS_XATTR)
		key.name = text_until_nul(span_clip(raw, 10, span_u16le(raw, 8)));
	if (type != APFS_FILE_EXTENT)
		key.second = type == APFS_DIR_REC; /* listings begin before the first of them */
	return key;
}

static int compare(const struct apfs_key *a, const struct apfs_key *b)
{
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->second != b->second)
		return a->second < b->second ? -1 : 1;
	size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
	int order = n ? memcmp(a->name.p, b->name.p, n) : 0;
	return order ? order : (a->name.n > b->name.n) - (a->name.n < b->name.n);
}

/* Keys count from the end of the table, values back from the end of the node. */
static void record_read(const struct apfs_btree *t, const struct apfs_node *node, uint32_t i, struct apfs_record *r)
{
	struct span b = node->bytes;
	uint64_t table = NODE_AT + (uint64_t)span_u16le(b, 40), keys = table + span_u16le(b, 42);
	uint64_t end = b.n - (node->flags & ROOT ? INFO_SIZE : 0);
	bool fixed = node->flags & FIXED;
	uint64_t at = table + (uint64_t)i * (fixed ? 4 : 8);
	unsigned key_n = fixed ? 16 : span_u16le(b, at + 2), value_at = span_u16le(b, at + (fixed ? 2 : 4));
	unsigned value_n = !fixed ? span_u16le(b, at + 6) : node->level ? 8 : 16;
	r->raw = span_sub(b, keys + span_u16le(b, at), key_n);
	r->value = value_at == 0xffff || value_at > end ? SPAN_NONE : span_sub(b, end - value_at, value_n);
	r->key = key_read(t->keys, r->raw);
}

/* How many of its records do not come behind the key. */
static uint32_t records_until(const struct apfs_btree *t, const struct apfs_node *node, const struct apfs_key *key)
{
	uint32_t low = 0, high = node->n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct apfs_record r;
		record_read(t, node, middle, &r);
		if (compare(&r.key, key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Puts the child that the record before `next` tells of below the last node; the levels count down. */
static struct error descend(struct apfs_cursor *c)
{
	struct apfs_node *parent = &c->nodes[c->depth - 1], *child = &c->nodes[c->depth];
	struct apfs_record r;
	record_read(c->tree, parent, parent->next - 1, &r);
	uint64_t oid = span_u64le(r.value, 0) + (c->tree->hashed ? c->tree->root : 0);
	c->visited++;
	if (r.value.n < 8)
		return error_at(ERR_CORRUPT, parent->at, "a node of a tree tells of no child");
	struct error e = node_read(c->tree, oid, child);
	if (!error_is(&e) && child->level + 1 != parent->level)
		return error_at(ERR_CORRUPT, child->at, "a node of a tree is of another level than its parent says");
	if (!error_is(&e))
		c->depth++;
	return e;
}

struct error apfs_seek(const struct apfs_btree *tree, const struct apfs_key *key, struct apfs_cursor *c)
{
	c->tree = tree;
	c->depth = 0;
	c->visited = 1;
	struct error e = node_read(tree, tree->root, &c->nodes[0]);
	if (!error_is(&e) && (c->nodes[0].level >= APFS_LEVELS || !(c->nodes[0].flags & ROOT)))
		return error_at(ERR_CORRUPT, c->nodes[0].at, "the root of a tree is none");
	if (error_is(&e))
		return e;
	for (c->depth = 1;;) {
		struct apfs_node *node = &c->nodes[c->depth - 1];
		node->next = records_until(tree, node, key);
		if (node->level == 0)
			return error_none();
		if (node->next == 0)
			node->next = node->n > 0;
		e = node->next ? descend(c) : error_at(ERR_CORRUPT, node->at, "a node of a tree has no children");
		if (error_is(&e))
			return e;
	}
}

bool apfs_behind(const struct apfs_cursor *c, struct apfs_record *record)
{
	const struct apfs_node *leaf = &c->nodes[c->depth - 1];
	if (leaf->next == 0)
		return false;
	record_read(c->tree, leaf, leaf->next - 1, record);
	return true;
}

bool apfs_next(struct apfs_cursor *c, struct apfs_record *record, struct error *error)
{
	*error = error_none();
	while (c->depth > 0) {
		struct apfs_node *node = &c->nodes[c->depth - 1];
		if (node->next >= node->n) {
			c->depth--;
			continue;
		}
		node->next++;
		if (node->level == 0) {
			record_read(c->tree, node, node->next - 1, record);
			return true;
		}
		*error = descend(c);
		if (error_is(error))
			return false;
	}
	return false;
}

struct error apfs_omap_find(const struct apfs_btree *omap, uint64_t oid, uint64_t xid, uint64_t *block, bool *headerless)
{
	struct apfs_cursor c;
	struct apfs_record r;
	struct error e = apfs_seek(omap, &(struct apfs_key){ oid, xid, TEXT_NONE }, &c);
	if (error_is(&e))
		return e;
	bool found = apfs_behind(&c, &r) && r.key.first == oid && r.value.n == 16;
	uint32_t flags = found ? span_u32le(r.value, 0) : OMAP_DELETED;
	if (flags & OMAP_DELETED)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "object %llu is nowhere", (unsigned long long)oid);
	if (flags & OMAP_ENCRYPTED)
		return error_at(ERR_ENCRYPTED, OFFSET_NONE, "object %llu is encrypted", (unsigned long long)oid);
	if (span_u32le(r.value, 4) != omap->fs->block_size)
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "object %llu has %lu bytes, which is not a block", (unsigned long long)oid,
						(unsigned long)span_u32le(r.value, 4));
	*block = span_u64le(r.value, 8);
	*headerless = flags & OMAP_NO_HEADER;
	return error_none();
}
