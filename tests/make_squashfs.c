/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "make_squashfs.h"

#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zlib.h>

#include <cmocka.h>

#define METADATA 8192u
#define STORED_DATA (1u << 24)
#define NO_FRAGMENT UINT32_MAX
#define IDS_MAX 255u

/* The fields of a structure, packed as the compiler of the machine would: from the lowest bit of the first byte on a
 * little-endian one, from the highest on a big-endian one. */
struct fields {
	uint8_t bytes[128];
	unsigned bits;
	bool big;
};

/* A table in the making. */
struct table {
	struct buf out;
	uint8_t block[METADATA];
	size_t n;
};

struct writer {
	const struct make_options *o;
	struct buf *image;
	struct table inodes, listings;
	uint32_t uids[IDS_MAX], gids[IDS_MAX];
	unsigned nuids, ngids, packed;
	uint32_t serial;
	struct buf fragment;  /* being filled */
	struct buf fragments; /* entries of their table */
	uint32_t nfragments;
};

static void add(struct buf *b, const void *p, size_t n)
{
	assert_int_equal(buf_add(b, p, n), ERR_NONE);
}

static void put(struct fields *f, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++, f->bits++) {
		unsigned bit = f->big ? width - 1 - i : i;
		if (value >> bit & 1)
			f->bytes[f->bits / 8] |= (uint8_t)(1u << (f->big ? 7 - f->bits % 8 : f->bits % 8));
	}
}

static void add_fields(struct buf *b, const struct fields *f)
{
	assert_int_equal(f->bits % 8, 0);
	add(b, f->bytes, f->bits / 8);
}

static void add_uint(struct writer *w, struct buf *b, uint64_t v, unsigned bytes)
{
	struct fields f = { .big = w->o->big };
	put(&f, v, 8 * bytes);
	add_fields(b, &f);
}

/* ---- compression ---- */

static size_t pack_zlib(struct span in, uint8_t *out, size_t max)
{
	uLongf n = max;
	return compress2(out, &n, in.p, in.n, 9) == Z_OK ? n : 0;
}

/* A raw stream, with or without end marker. */
static size_t pack_lzma(struct span in, lzma_options_lzma props, bool marker, uint8_t *out, size_t max)
{
	props.ext_flags = marker ? LZMA_LZMA1EXT_ALLOW_EOPM : 0;
	props.ext_size_low = marker ? UINT32_MAX : (uint32_t)in.n;
	props.ext_size_high = marker ? UINT32_MAX : 0;
	lzma_filter filters[] = { { LZMA_FILTER_LZMA1EXT, &props }, { LZMA_VLI_UNKNOWN, NULL } };
	size_t n = 0;
	return lzma_raw_buffer_encode(filters, NULL, in.p, in.n, out, &n, max) == LZMA_OK ? n : 0;
}

static size_t header_of(struct writer *w, const lzma_options_lzma *props, size_t size, uint8_t *h)
{
	uint8_t alone[13] = { (uint8_t)((props->pb * 5 + props->lp) * 9 + props->lc) };
	bool ended = w->o->packing == PACKED_LZMA_ENDED;
	for (int i = 0; i < 4; i++) {
		alone[1 + i] = (uint8_t)(props->dict_size >> (8 * i));
		alone[5 + i] = ended ? 0xff : (uint8_t)(size >> (8 * i));
		alone[9 + i] = ended ? 0xff : 0;
	}
	switch (w->o->packing) {
	case PACKED_LZMA:
	case PACKED_LZMA_ENDED:
	case PACKED_MIXED:
		memcpy(h, alone, 13);
		return 13;
	case PACKED_SHORT:
		memcpy(h, alone, 5);
		return 5;
	case PACKED_DDWRT:
		memcpy(h, (uint8_t[]){ (uint8_t)props->pb, (uint8_t)props->lc, (uint8_t)props->lp, 128 }, 4);
		return 4;
	case PACKED_7ZIP:
		memcpy(h, "7zip", 4);
		return 4;
	case PACKED_SQUASHFS7Z:
		memcpy(h, alone + 5, 4);
		memcpy(h + 4, alone, 5);
		return 9;
	default:
		return 0;
	}
}

/* The packed bytes, or 0 when they would not be fewer. */
static size_t pack(struct writer *w, struct span in, uint8_t *out)
{
	w->packed++;
	if (w->o->packing == PACKED_ZLIB || (w->o->packing == PACKED_MIXED && w->packed % 2))
		return pack_zlib(in, out, in.n - 1);
	lzma_options_lzma props;
	assert_false(lzma_lzma_preset(&props, 6));
	props.dict_size = 1 << 20;
	if (w->o->packing == PACKED_RAW_E2100)
		props.lc = 0;
	if (w->o->packing == PACKED_RAW_ODD)
		props.lc = props.lp = props.pb = 1;
	if (w->o->packing == PACKED_DDWRT) {
		props.pb = w->packed % 3;
		props.lc = w->packed % 4;
		props.lp = 0;
	}
	bool marker = w->o->packing != PACKED_RAW_OPEN && w->o->packing != PACKED_LZMA;
	size_t header = header_of(w, &props, in.n, out);
	size_t n = in.n > header + 16 ? pack_lzma(in, props, marker, out + header, in.n - header - 1) : 0;
	return n ? header + n : 0;
}

/* ---- metadata ---- */

static void add_metadata_block(struct writer *w, struct buf *out, const uint8_t *bytes, size_t n)
{
	uint8_t packed[METADATA];
	size_t size = w->o->store_metadata ? 0 : pack(w, span_of(bytes, n), packed);
	add_uint(w, out, size ? size : n | 0x8000, 2);
	if (w->o->check)
		add(out, "\xff", 1);
	add(out, size ? packed : bytes, size ? size : n);
}

static void table_flush(struct writer *w, struct table *t)
{
	if (t->n)
		add_metadata_block(w, &t->out, t->block, t->n);
	t->n = 0;
}

static void table_add(struct writer *w, struct table *t, const void *bytes, size_t n)
{
	for (const uint8_t *p = bytes; n > 0; p++, n--) {
		t->block[t->n++] = *p;
		if (t->n == METADATA)
			table_flush(w, t);
	}
}

static void table_add_fields(struct writer *w, struct table *t, const struct fields *f)
{
	assert_int_equal(f->bits % 8, 0);
	table_add(w, t, f->bytes, f->bits / 8);
}

static unsigned id_index(uint32_t *ids, unsigned *n, uint32_t id)
{
	for (unsigned i = 0; i < *n; i++)
		if (ids[i] == id)
			return i;
	assert_true(*n < IDS_MAX);
	ids[*n] = id;
	return (*n)++;
}

/* ---- data ---- */

/* Writes a block and gives its entry in the list of sizes. */
static uint32_t add_data_block(struct writer *w, struct span in)
{
	bool zero = true;
	for (size_t i = 0; i < in.n && zero; i++)
		zero = in.p[i] == 0;
	if (zero && w->o->major >= 3 && in.n == w->o->block_size)
		return 0; /* sparse */
	uint8_t *packed = malloc(in.n + 16);
	assert_non_null(packed);
	size_t size = pack(w, in, packed);
	add(w->image, size ? packed : in.p, size ? size : in.n);
	free(packed);
	if (w->o->major == 1)
		return (uint32_t)(size ? size : (in.n & 0x7fff) | 0x8000);
	return (uint32_t)(size ? size : in.n | STORED_DATA);
}

static void fragment_flush(struct writer *w)
{
	if (w->fragment.n == 0)
		return;
	unsigned width = w->o->major == 2 ? 4 : 8;
	add_uint(w, &w->fragments, w->image->n, width);
	add_uint(w, &w->fragments, add_data_block(w, buf_span(&w->fragment)), 4);
	if (width == 8)
		add_uint(w, &w->fragments, 0, 4);
	w->nfragments++;
	w->fragment.n = 0;
}

/* Where a file's tail went. */
struct tail {
	uint32_t fragment, offset;
};

static struct tail add_file_data(struct writer *w, struct span data, struct buf *sizes)
{
	struct tail tail = { NO_FRAGMENT, 0 };
	size_t block = w->o->block_size, tail_n = data.n % block;
	bool fragmented = tail_n && w->o->major > 1 && !w->o->no_fragments;
	for (size_t at = 0; at + (fragmented ? tail_n : 0) < data.n; at += block)
		add_uint(w, sizes, add_data_block(w, span_clip(data, at, block)), w->o->major == 1 ? 2 : 4);
	if (!fragmented)
		return tail;
	if (w->fragment.n + tail_n > block)
		fragment_flush(w);
	tail = (struct tail){ w->nfragments, (uint32_t)w->fragment.n };
	add(&w->fragment, data.p + data.n - tail_n, tail_n);
	return tail;
}

/* ---- inodes ---- */

static unsigned type_of(const struct make_node *n)
{
	switch (n->mode & S_IFMT) {
	case S_IFDIR:
		return 1;
	case S_IFREG:
		return 2;
	case S_IFLNK:
		return 3;
	case S_IFBLK:
		return 4;
	case S_IFCHR:
		return 5;
	case S_IFIFO:
		return 6;
	default:
		return 7;
	}
}

static void put_base(struct writer *w, struct make_node *n, unsigned type, struct fields *f)
{
	unsigned uid = id_index(w->uids, &w->nuids, n->uid);
	if (w->o->major == 4) {
		put(f, type + (w->o->extended ? 7 : 0), 16);
		put(f, n->mode & 07777, 16);
		put(f, uid, 16);
		put(f, id_index(w->uids, &w->nuids, n->gid), 16); /* one table for both */
		put(f, n->mtime, 32);
		put(f, n->serial, 32);
		return;
	}
	unsigned same = w->o->major == 1 ? 15 : 255;
	unsigned gid = n->gid == n->uid ? same : id_index(w->gids, &w->ngids, n->gid);
	bool ipc = w->o->major == 1 && type >= 6;
	put(f, ipc ? 0 : w->o->major == 1 ? type + 5 * (uid / 16) : type, 4);
	put(f, n->mode & 07777, 12);
	put(f, w->o->major == 1 ? uid % 16 : uid, w->o->major == 1 ? 4 : 8);
	put(f, gid, w->o->major == 1 ? 4 : 8);
	if (ipc) {
		put(f, type, 4);
		put(f, uid / 16, 4);
	}
	if (w->o->major == 3) {
		put(f, n->mtime, 32);
		put(f, n->serial, 32);
	}
}

static void place_inode(struct writer *w, struct make_node *n)
{
	n->block = (uint32_t)w->inodes.out.n;
	n->offset = (uint32_t)w->inodes.n;
}

static void put_file_4(struct writer *w, struct make_node *n, uint64_t start, struct tail tail, struct fields *f)
{
	bool extended = w->o->extended;
	put_base(w, n, 2, f);
	put(f, start, extended ? 64 : 32);
	if (extended) {
		put(f, n->data.n, 64);
		put(f, 0, 64); /* sparse bytes */
		put(f, 1, 32); /* links */
	}
	put(f, tail.fragment, 32);
	put(f, tail.offset, 32);
	put(f, extended ? UINT32_MAX : n->data.n, 32); /* no attributes, or the size */
}

static void put_file(struct writer *w, struct make_node *n, uint64_t start, struct tail tail, struct fields *f)
{
	bool extended = w->o->major == 3 && w->o->extended;
	put_base(w, n, extended ? 9 : 2, f);
	if (extended)
		put(f, 1, 32);
	if (w->o->major < 3)
		put(f, n->mtime, 32);
	put(f, start, w->o->major == 3 ? 64 : 32);
	if (w->o->major > 1) {
		put(f, tail.fragment, 32);
		put(f, tail.offset, 32);
	}
	put(f, n->data.n, extended ? 64 : 32);
}

static void write_file(struct writer *w, struct make_node *n)
{
	struct buf sizes = { 0 };
	uint64_t start = w->image->n;
	struct tail tail = add_file_data(w, n->data, &sizes);
	struct fields f = { .big = w->o->big };
	(w->o->major == 4 ? put_file_4 : put_file)(w, n, start, tail, &f);
	place_inode(w, n);
	table_add_fields(w, &w->inodes, &f);
	table_add(w, &w->inodes, sizes.p, sizes.n);
	buf_free(&sizes);
}

static void write_special(struct writer *w, struct make_node *n)
{
	struct fields f = { .big = w->o->big };
	unsigned type = type_of(n), width = w->o->major == 4 ? 32 : 16;
	bool attributes = w->o->major == 4 && w->o->extended;
	put_base(w, n, type, &f);
	if (w->o->major >= 3)
		put(&f, 1, 32);
	if (type == 3)
		put(&f, n->data.n, width);
	if (type == 4 || type == 5)
		put(&f, n->rdev, width);
	place_inode(w, n);
	table_add_fields(w, &w->inodes, &f);
	if (type == 3)
		table_add(w, &w->inodes, n->data.p, n->data.n);
	if (attributes)
		table_add(w, &w->inodes, "\xff\xff\xff\xff", 4);
}

static void put_run(struct writer *w, const struct make_node *first, size_t count, struct fields *f)
{
	unsigned major = w->o->major;
	put(f, count - 1, major == 4 ? 32 : 8);
	put(f, first->block, major >= 3 ? 32 : 24);
	if (major >= 3)
		put(f, first->serial, 32);
}

static void put_dirent(struct writer *w, const struct make_node *n, const struct make_node *first, size_t name_n,
					   struct fields *f)
{
	uint16_t serial = (uint16_t)(n->serial - first->serial);
	if (w->o->major == 4) {
		put(f, n->offset, 16);
		put(f, serial, 16);
		put(f, type_of(n), 16);
		put(f, name_n - 1, 16);
		return;
	}
	put(f, n->offset, 13);
	put(f, type_of(n), 3);
	put(f, name_n - 1, 8);
	if (w->o->major == 3)
		put(f, serial, 16);
}

/* A run of entries whose inodes share a block; from 3.x on their serials must be near each other too, which they are
 * here. Gives the number of entries. */
static size_t write_run(struct writer *w, const struct make_node *const *nodes, const struct make_node *names,
						size_t left, size_t *size)
{
	size_t count = 0;
	while (count < left && count < 256 && nodes[count]->block == nodes[0]->block)
		count++;
	struct fields f = { .big = w->o->big };
	put_run(w, nodes[0], count, &f);
	table_add_fields(w, &w->listings, &f);
	*size += f.bits / 8;
	for (size_t i = 0; i < count; i++) {
		struct fields e = { .big = w->o->big };
		put_dirent(w, nodes[i], nodes[0], names[i].name_n, &e);
		table_add_fields(w, &w->listings, &e);
		table_add(w, &w->listings, names[i].name, names[i].name_n);
		*size += e.bits / 8 + names[i].name_n;
	}
	return count;
}

/* The index of a long directory: entries with a name of three characters each. */
static void put_index(struct writer *w, struct fields *f, unsigned entries)
{
	unsigned major = w->o->major;
	for (unsigned i = 0; i < entries; i++) {
		put(f, 0, major == 2 ? 27 : 32);
		put(f, 0, major == 2 ? 29 : 32);
		put(f, 2, major == 4 ? 32 : 8);
		put(f, 0x616263, 24);
	}
}

static void put_directory_4(struct writer *w, struct make_node *n, const struct make_listing *l, struct fields *f)
{
	bool extended = w->o->extended;
	put_base(w, n, 1, f);
	if (!extended)
		put(f, l->start, 32);
	put(f, 2, 32); /* links */
	put(f, l->size + 3, extended ? 32 : 16);
	if (extended) {
		put(f, l->start, 32);
		put(f, n->serial + 1, 32); /* parent */
		put(f, 2, 16);
	}
	put(f, l->offset, 16);
	put(f, extended ? UINT32_MAX : n->serial + 1, 32); /* no attributes, or the parent */
	if (extended)
		put_index(w, f, 2);
}

static void put_directory(struct writer *w, struct make_node *n, const struct make_listing *l, struct fields *f)
{
	bool v3 = w->o->major == 3, extended = w->o->major > 1 && w->o->extended;
	put_base(w, n, extended ? 8 : 1, f);
	if (v3)
		put(f, 2, 32);
	put(f, l->size + (v3 ? 3 : 0), extended ? 27 : 19);
	put(f, l->offset, 13);
	if (!v3)
		put(f, n->mtime, 32);
	put(f, l->start, v3 ? 32 : 24);
	if (extended)
		put(f, 2, 16);
	if (v3)
		put(f, n->serial + 1, 32);
	if (extended)
		put_index(w, f, 2);
}

static void write_listing(struct writer *w, struct make_node *n)
{
	n->listing = (struct make_listing){ (uint32_t)w->listings.out.n, (uint32_t)w->listings.n, 0 };
	const struct make_node **nodes = calloc(n->nchildren + 1, sizeof *nodes);
	assert_non_null(nodes);
	for (size_t i = 0; i < n->nchildren; i++)
		nodes[i] = n->children[i].link ? n->children[i].link : &n->children[i];
	for (size_t i = 0; i < n->nchildren;)
		i += write_run(w, nodes + i, n->children + i, n->nchildren - i, &n->listing.size);
	free(nodes);
}

static void write_directory(struct writer *w, struct make_node *n)
{
	write_listing(w, n);
	struct fields f = { .big = w->o->big };
	(w->o->major == 4 ? put_directory_4 : put_directory)(w, n, &(n->listing_of ? n->listing_of : n)->listing, &f);
	place_inode(w, n);
	table_add_fields(w, &w->inodes, &f);
}

static void write_node(struct writer *w, struct make_node *n)
{
	if (n->link)
		return;
	for (size_t i = 0; i < n->nchildren; i++)
		write_node(w, &n->children[i]);
	n->serial = ++w->serial;
	if (S_ISDIR(n->mode))
		write_directory(w, n);
	else if (S_ISREG(n->mode))
		write_file(w, n);
	else
		write_special(w, n);
}

/* ---- the image ---- */

static uint64_t add_table(struct writer *w, struct table *t)
{
	uint64_t at = w->image->n;
	table_flush(w, t);
	add(w->image, t->out.p, t->out.n);
	return at;
}

/* A table whose blocks are found through an index of their places, which it gives the place of. */
static uint64_t add_indexed(struct writer *w, struct span table)
{
	struct buf index = { 0 };
	for (size_t at = 0; at < table.n; at += METADATA) {
		struct span part = span_clip(table, at, METADATA);
		add_uint(w, &index, w->image->n, w->o->major == 2 ? 4 : 8);
		add_metadata_block(w, w->image, part.p, part.n);
	}
	uint64_t at = w->image->n;
	add(w->image, index.p, index.n);
	buf_free(&index);
	return at;
}

static uint64_t add_ids(struct writer *w, const uint32_t *ids, unsigned n)
{
	struct buf table = { 0 };
	uint64_t at = w->image->n;
	for (unsigned i = 0; i < n; i++)
		add_uint(w, &table, ids[i], 4);
	if (w->o->major == 4)
		at = add_indexed(w, buf_span(&table));
	else
		add(w->image, table.p, table.n);
	buf_free(&table);
	return n ? at : 0;
}

/* Where the tables are. */
struct places {
	uint64_t uids, gids, inodes, listings, fragments;
};

static void put_super_4(struct writer *w, uint64_t root, const struct places *at, struct fields *f)
{
	put(f, 0, 32); /* the magic follows */
	put(f, w->serial, 32);
	put(f, 1100000000, 32);
	put(f, w->o->block_size, 32);
	put(f, w->nfragments, 32);
	put(f, w->o->compression, 16);
	put(f, (unsigned)__builtin_ctz(w->o->block_size), 16);
	put(f, w->o->store_metadata ? 1 : 0, 16);
	put(f, w->nuids, 16);
	put(f, 4, 16);
	put(f, 0, 16);
	put(f, root, 64);
	put(f, w->image->n, 64);
	put(f, at->uids, 64);
	put(f, UINT64_MAX, 64); /* no attributes */
	put(f, at->inodes, 64);
	put(f, at->listings, 64);
	put(f, at->fragments, 64);
	put(f, UINT64_MAX, 64); /* no table for NFS */
}

static void put_super(struct writer *w, uint64_t root, const struct places *at, struct fields *f)
{
	unsigned major = w->o->major;
	const struct places none = { 0 }, *at_2 = major == 3 ? &none : at; /* 3.x has wider fields for them */
	put(f, 0, 32);                                                     /* the magic follows */
	put(f, w->serial, 32);
	put(f, major == 3 ? 0 : w->image->n, 32);
	put(f, at_2->uids, 32);
	put(f, at_2->gids, 32);
	put(f, at_2->inodes, 32);
	put(f, at_2->listings, 32);
	put(f, major, 16);
	put(f, major == 3 ? 1 : 0, 16);
	put(f, w->o->block_size & 0xffff, 16);
	put(f, (unsigned)__builtin_ctz(w->o->block_size), 16);
	put(f, (w->o->check ? 4u : 0) | (w->o->store_metadata ? 1u : 0), 8);
	put(f, w->nuids, 8);
	put(f, w->ngids, 8);
	put(f, 1100000000, 32);
	put(f, root, 64);
	if (major == 1)
		return;
	put(f, w->o->block_size, 32);
	put(f, w->nfragments, 32);
	put(f, at_2->fragments, 32);
	if (major == 2)
		return;
	put(f, w->image->n, 64);
	put(f, at->uids, 64);
	put(f, at->gids, 64);
	put(f, at->inodes, 64);
	put(f, at->listings, 64);
	put(f, at->fragments, 64);
	put(f, UINT64_MAX, 64); /* no table for NFS */
}

void make_squashfs(const struct make_options *o, struct make_node *root, struct buf *out)
{
	static const size_t super_sizes[] = { 0, 51, 63, 119, 96 };
	static const uint8_t room[119];
	struct writer *w = calloc(1, sizeof *w);
	assert_non_null(w);
	w->o = o;
	w->image = out;
	add(out, room, super_sizes[o->major]);
	write_node(w, root);
	fragment_flush(w);
	struct places at;
	at.inodes = add_table(w, &w->inodes);
	at.listings = add_table(w, &w->listings);
	at.fragments = add_indexed(w, buf_span(&w->fragments));
	at.uids = add_ids(w, w->uids, w->nuids);
	at.gids = o->major < 4 ? add_ids(w, w->gids, w->ngids) : 0;

	struct fields f = { .big = o->big };
	(o->major == 4 ? put_super_4 : put_super)(w, (uint64_t)root->block << 16 | root->offset, &at, &f);
	assert_int_equal(f.bits / 8, super_sizes[o->major]);
	memcpy(f.bytes, o->magic ? o->magic : o->big ? "sqsh" : "hsqs", 4);
	memcpy(out->p, f.bytes, f.bits / 8);
	buf_free(&w->inodes.out);
	buf_free(&w->listings.out);
	buf_free(&w->fragment);
	buf_free(&w->fragments);
	free(w);
}
