/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hfsplus_writer.h"
#include "big_endian.h"

#include <assert.h>
#include <stdlib.h>

#define NODE 4096u
#define BLOCKS 4000u
#define RECORDS 600u
#define TREE_NODES 64u

struct record {
	uint8_t bytes[4000];
	size_t n;
};

struct tree {
	struct record *v;
	size_t n;
};

struct volume {
	const struct hfsplus_options *o;
	uint8_t *image;
	uint32_t next; /* free block */
	struct tree extents, catalog, attributes;
};

static struct record *add(struct tree *t)
{
	if (!t->v)
		t->v = calloc(RECORDS, sizeof *t->v);
	assert(t->n < RECORDS);
	return &t->v[t->n++];
}

/* Writes the bytes to free blocks, and the fork's description to `out`; extents beyond eight to the tree of extents. */
static void write_fork(struct volume *v, struct span bytes, uint32_t id, uint8_t kind, uint8_t *out)
{
	uint32_t block = v->o->block, blocks = (uint32_t)((bytes.n + block - 1) / block), done = 0;
	struct record *more = NULL;
	memset(out, 0, 80);
	put(out, bytes.n, 8);
	put(out + 12, blocks, 4);
	for (unsigned extent = 0; done < blocks; extent++) {
		uint32_t run = v->o->fragmented ? 1 : blocks - done;
		uint8_t *to = out + 16 + 8 * extent;
		assert(v->next + run < BLOCKS);
		if (extent >= 8) {
			if (extent % 8 == 0) {
				more = add(&v->extents);
				more->n = 76;
				put(more->bytes, 10, 2);
				more->bytes[2] = kind;
				put(more->bytes + 4, id, 4);
				put(more->bytes + 8, done, 4);
			}
			to = more->bytes + 12 + extent % 8 * 8;
		}
		put(to, v->next, 4);
		put(to + 4, run, 4);
		struct span part = span_clip(bytes, (uint64_t)done * block, (uint64_t)run * block);
		memcpy(v->image + (size_t)v->next * block, part.p, part.n);
		v->next += run + v->o->fragmented;
		done += run;
	}
}

static size_t put_name(uint8_t *p, const char *name)
{
	size_t units = 0;
	for (; *name; name++, units++) {
		unsigned c = (uint8_t)*name;
		if (c >= 0xc0)
			c = (c & 0x1f) << 6 | ((uint8_t)*++name & 0x3f);
		put(p + 2 + 2 * units, c == 1 ? 0 : c, 2);
	}
	put(p, units, 2);
	return 2 + 2 * units;
}

static void add_thread(struct volume *v, const struct hfsplus_file *f)
{
	struct record *r = add(&v->catalog);
	put(r->bytes, 6, 2);
	put(r->bytes + 2, f->id, 4);
	put(r->bytes + 8, f->directory ? 3 : 4, 2);
	put(r->bytes + 12, f->parent, 4);
	r->n = 16 + put_name(r->bytes + 16, f->name);
}

static void add_file(struct volume *v, const struct hfsplus_file *f)
{
	struct record *r = add(&v->catalog);
	size_t name = put_name(r->bytes + 6, f->name);
	put(r->bytes, 4 + name, 2);
	put(r->bytes + 2, f->parent, 4);
	uint8_t *p = r->bytes + 6 + name;
	put(p, f->directory ? 1 : 2, 2);
	put(p + 2, f->directory ? 0 : 2, 2);
	put(p + 8, f->id, 4);
	put(p + 16, f->mtime ? f->mtime + 2082844800u : 0, 4);
	put(p + 32, f->uid, 4);
	put(p + 36, f->gid, 4);
	p[41] = f->flags;
	put(p + 42, f->mode, 2);
	put(p + 44, f->special, 4);
	put(p + 48, f->type, 4);
	put(p + 52, f->creator, 4);
	if (!f->directory) {
		write_fork(v, f->data, f->id, 0, p + 88);
		write_fork(v, f->resource, f->id, 0xff, p + 168);
	}
	r->n = (size_t)(p - r->bytes) + (f->directory ? 88 : 248);
	add_thread(v, f);
	if (!f->packed.n)
		return;
	static const char attribute[] = "com.apple.decmpfs";
	r = add(&v->attributes);
	put(r->bytes + 4, f->id, 4);
	name = put_name(r->bytes + 12, attribute);
	put(r->bytes, 10 + name, 2);
	p = r->bytes + 12 + name;
	put(p, 0x10, 4);
	put(p + 12, f->packed.n, 4);
	memcpy(p + 16, f->packed.p, f->packed.n);
	r->n = 12 + name + 16 + f->packed.n + f->packed.n % 2;
}

static int by_key(const void *a, const void *b)
{
	const struct record *x = a, *y = b; /* the number that comes first in every key, then names */
	size_t n = x->n < y->n ? x->n : y->n;
	int order = memcmp(x->bytes + 2, y->bytes + 2, 4);
	return order ? order : memcmp(x->bytes + 6, y->bytes + 6, n - 6);
}

static void node_begin(uint8_t *node, int kind, unsigned height)
{
	node[8] = (uint8_t)kind;
	node[9] = (uint8_t)height;
	put(node + NODE - 2, 14, 2);
}

/* Appends a record; false when it does not fit. */
static bool node_add(uint8_t *node, const uint8_t *bytes, size_t n)
{
	unsigned records = span_u16be(span_of(node, NODE), 10), from = span_u16be(span_of(node, NODE), NODE - 2 * (records + 1));
	if (from + n + 2 * (records + 2) > NODE)
		return false;
	memcpy(node + from, bytes, n);
	put(node + 10, records + 1, 2);
	put(node + NODE - 2 * (records + 2), from + n, 2);
	return true;
}

/* A header, an index of one node, leaves. Memory to be freed. */
static uint8_t *tree_write(struct tree *t, unsigned key_max, size_t *n)
{
	uint8_t *nodes = calloc(TREE_NODES, NODE), header[106] = { 0 }, map[256] = { 0 };
	unsigned leaf = 1, leaves = t->n ? 1 : 0;
	if (t->n)
		qsort(t->v, t->n, sizeof *t->v, by_key);
	for (unsigned i = 1; i < TREE_NODES; i++)
		node_begin(nodes + i * NODE, -1, 1);
	for (size_t i = 0; i < t->n; i++)
		if (!node_add(nodes + leaf * NODE, t->v[i].bytes, t->v[i].n)) {
			put(nodes + leaf * NODE, leaf + 1, 4);
			put(nodes + (leaf + 1) * NODE + 4, leaf, 4);
			leaf++;
			leaves++;
			assert(leaf + 2 < TREE_NODES);
			i--;
		}
	unsigned used = 1 + leaves, root = leaves ? 1 : 0;
	if (leaves > 1) {
		uint8_t *index = nodes + used * NODE;
		root = used++;
		memset(index, 0, NODE);
		node_begin(index, 0, 2);
		for (unsigned i = 1; i <= leaves; i++) {
			uint8_t key[600];
			size_t size = 2 + (size_t)span_u16be(span_of(nodes + i * NODE, NODE), 14);
			memcpy(key, nodes + i * NODE + 14, size);
			put(key + size, i, 4);
			assert(node_add(index, key, size + 4));
		}
	}
	node_begin(nodes, 1, 0);
	put(header, leaves > 1 ? 2 : leaves, 2);
	put(header + 2, root, 4);
	put(header + 6, t->n, 4);
	put(header + 10, leaves ? 1 : 0, 4);
	put(header + 14, leaves, 4);
	put(header + 18, NODE, 2);
	put(header + 20, key_max, 2);
	put(header + 22, used, 4);
	put(header + 32, NODE, 4);
	header[37] = 0xcf;
	put(header + 38, 6, 4); /* long keys, of any length in the index */
	for (unsigned i = 0; i < used; i++)
		map[i / 8] |= (uint8_t)(0x80 >> i % 8);
	assert(node_add(nodes, header, 106) && node_add(nodes, (uint8_t[128]){ 0 }, 128) && node_add(nodes, map, sizeof map));
	*n = (size_t)used * NODE;
	return nodes;
}

static void write_tree(struct volume *v, struct tree *t, unsigned key_max, uint32_t id, uint8_t *fork)
{
	size_t n;
	uint8_t *nodes = tree_write(t, key_max, &n);
	write_fork(v, span_of(nodes, n), id, 0, fork);
	free(nodes);
}

uint8_t *hfsplus_write(const struct hfsplus_file *files, size_t nfiles, const struct hfsplus_options *o, size_t *n)
{
	struct volume v = { .o = o, .image = calloc(BLOCKS, o->block), .next = 1 + 4096 / o->block };
	uint8_t header[512] = { 0 }, bitmap[BLOCKS / 8] = { 0 };
	struct hfsplus_options whole = *o;
	memcpy(header, o->case_sensitive ? "HX\0\5" : "H+\0\4", 4);
	put(header + 4, o->attributes, 4);
	memcpy(header + 8, "10.0", 4);
	if (o->journal_start) {
		uint32_t at = v.next * o->block;
		put(header + 12, v.next, 4);
		put(v.image + at, 1, 4);
		put(v.image + at + 36, at + o->block, 8);
		put(v.image + at + 44, 4 * o->block, 8);
		uint8_t *journal = v.image + at + o->block;
		memcpy(journal, "JNLx\x12\x34\x56\x78", 8);
		put(journal + 8, o->journal_start, 8);
		put(journal + 16, o->journal_end, 8);
		put(journal + 24, 4 * o->block, 8);
		v.next += 5;
	}
	uint32_t directories = 0;
	for (size_t i = 0; i < nfiles; i++) {
		add_file(&v, &files[i]);
		directories += files[i].directory;
	}
	put(header + 32, nfiles - directories, 4);
	put(header + 36, directories - 1, 4); /* without the root */
	write_tree(&v, &v.catalog, 516, 4, header + 272);
	if (v.attributes.n)
		write_tree(&v, &v.attributes, 266, 8, header + 352);
	memset(bitmap, 0xff, v.next / 8 + 1);
	whole.fragmented = false; /* the tree of extents has no more than eight */
	v.o = &whole;
	write_fork(&v, span_of(bitmap, sizeof bitmap), 6, 0, header + 112);
	write_tree(&v, &v.extents, 10, 3, header + 192);
	put(header + 40, o->block, 4);
	put(header + 44, BLOCKS, 4);
	put(header + 48, BLOCKS - v.next, 4);
	put(header + 64, 1000, 4);
	memcpy(v.image + 1024, header, sizeof header);
	*n = (size_t)BLOCKS * o->block;
	memcpy(v.image + *n - 1024, header, sizeof header);
	free(v.extents.v);
	free(v.catalog.v);
	free(v.attributes.v);
	return v.image;
}
