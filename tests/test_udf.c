/* SPDX-License-Identifier: GPL-3.0-or-later */
/* udf: bridges of genisoimage and empty volumes of mkudffs; and volumes written here after ECMA-167 and OSTA UDF, with
 * each kind of entry, extent and partition map. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host_tree.h"
#include "little_endian.h"

extern const struct format udf_format, iso9660_format;

static uint16_t crc_of(const uint8_t *p, size_t n)
{
	uint16_t crc = 0;
	for (; n; n--, p++) {
		crc ^= (uint16_t)(*p << 8);
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
	}
	return crc;
}

static void set_tag(uint8_t *p, unsigned id, uint32_t location, size_t size)
{
	unsigned sum = 0;
	put(p, id, 2);
	put(p + 2, 3, 2);
	put(p + 6, 1, 2);
	put(p + 8, crc_of(p + 16, size - 16), 2);
	put(p + 10, size - 16, 2);
	put(p + 12, location, 4);
	for (unsigned i = 0; i < 16; i++)
		sum += i == 4 ? 0 : p[i];
	p[4] = (uint8_t)sum;
}

enum { SHORT, LONG, INLINE = 3 };

#define BLOCKS 900u
#define START 300u /* of the partition */
#define PARTITION (BLOCKS - START)

struct writer {
	uint8_t *p;
	uint32_t bs;
	bool extended, metadata, virtual; /* file entries; partition maps */
	uint32_t next_data, next_entry;   /* free blocks, of the physical partition and of the one of entries */
	uint32_t table[256];              /* of virtual blocks */
};

static unsigned entry_map(const struct writer *w)
{
	return w->metadata || w->virtual ? 1 : 0;
}

/* The metadata file has two parts, in the wrong order. */
static uint32_t metadata_block(uint32_t block)
{
	return block < 60 ? 200 + block : 100 + block - 60;
}

static uint8_t *data_block(const struct writer *w, uint32_t block)
{
	return w->p + (size_t)(START + block) * w->bs;
}

static uint8_t *entry_block(const struct writer *w, uint32_t block)
{
	return data_block(w, w->metadata ? metadata_block(block) : w->virtual ? w->table[block] : block);
}

static uint32_t new_entry_block(struct writer *w)
{
	if (!w->metadata && !w->virtual)
		return w->next_data++;
	if (w->virtual) {
		w->next_data += 3; /* scattered */
		w->table[w->next_entry] = w->next_data++;
	}
	return w->next_entry++;
}

static void put_long(uint8_t *p, uint32_t length, uint32_t block, unsigned map)
{
	put(p, length, 4);
	put(p + 4, block, 4);
	put(p + 8, map, 2);
}

struct file {
	unsigned type, ad;
	const uint8_t *data;
	size_t size;
	unsigned mode, links, flags;
	size_t hole;  /* in the middle of an extended file: so many blocks that are allocated and not recorded */
	bool chained; /* the second half of the extents stands in a block of its own */
};

static size_t add_extent(uint8_t *p, unsigned ad, uint32_t length, uint32_t block)
{
	put_long(p, length, block, 0);
	return ad == SHORT ? 8 : 16;
}

/* The data in extents of two blocks with one block between; gives the bytes of descriptors. */
static size_t write_extents(struct writer *w, uint8_t *ads, const struct file *f)
{
	size_t n = 0, at = 0, *used = &n, chained = 0;
	uint8_t *to = ads, *extent_block = NULL;
	uint32_t chain = 0;
	while (at < f->size) {
		size_t part = f->size - at < 2 * w->bs ? f->size - at : 2 * w->bs;
		memcpy(data_block(w, w->next_data), f->data + at, part);
		*used += add_extent(to + *used, f->ad, (uint32_t)part, w->next_data);
		w->next_data += 3;
		at += part;
		if (f->hole && at == 2 * w->bs)
			*used += add_extent(to + *used, f->ad, (uint32_t)(f->hole * w->bs) | 1u << 30, w->next_data);
		if (f->chained && !extent_block && at >= f->size / 2) {
			chain = w->next_data++;
			n += add_extent(to + n, f->ad, w->bs | 3u << 30, chain);
			extent_block = data_block(w, chain);
			to = extent_block + 24;
			used = &chained;
		}
	}
	if (extent_block) {
		put(extent_block + 20, chained, 4);
		set_tag(extent_block, 258, chain, 24 + chained);
	}
	return n;
}

static uint32_t add_file(struct writer *w, const struct file *f)
{
	uint32_t block = new_entry_block(w);
	uint8_t *e = entry_block(w, block);
	unsigned base = w->extended ? 216 : 176;
	memset(e, 0, w->bs);
	put(e + 20, 4, 2);
	e[27] = (uint8_t)f->type;
	put(e + 34, f->ad | f->flags, 2);
	put(e + 36, 1000, 4);
	put(e + 40, 0xffffffff, 4);
	put(e + 44, (f->mode & 7) | (f->mode >> 3 & 7) << 5 | (f->mode >> 6 & 7) << 10 | 3 << 13, 4);
	put(e + 48, f->links ? f->links : 1, 2);
	put(e + 56, f->size + f->hole * w->bs, 8);
	uint8_t *time = e + (w->extended ? 92 : 84);
	put(time, 1 << 12 | 60, 2); /* one hour east */
	put(time + 2, 2009, 2);
	memcpy(time + 4, "\2\16\0\x1f\x1e", 5); /* 14 February, 00:31:30 */
	size_t n = f->size;
	if (f->ad == INLINE)
		memcpy(e + base, f->data, f->size);
	else
		n = write_extents(w, e + base, f);
	put(e + base - 4, n, 4);
	set_tag(e, w->extended ? 266 : 261, block, base + n);
	return block;
}

static size_t add_name(const struct writer *w, uint8_t *p, const char *name, size_t n, unsigned flags, uint32_t block)
{
	size_t size = (38 + n + 3) & ~(size_t)3;
	memset(p, 0, size);
	put(p + 16, 1, 2);
	p[18] = (uint8_t)flags;
	p[19] = (uint8_t)n;
	put_long(p + 20, w->bs, block, entry_map(w));
	memcpy(p + 38, name, n);
	set_tag(p, 257, 0, size);
	return size;
}

static void add_map(const struct writer *w, uint8_t *map)
{
	memcpy(map, "\1\6\1\0\0\0", 6);
	if (entry_map(w)) {
		map[6] = 2;
		map[7] = 64;
		memcpy(map + 6 + 5, w->metadata ? "*UDF Metadata Partition" : "*UDF Virtual Partition", w->metadata ? 23 : 22);
		put(map + 6 + 36, 1, 2);
		put(map + 6 + 40, 1, 4); /* the metadata file, and the same as its mirror */
		put(map + 6 + 44, 1, 4);
	}
}

static void add_sequence(const struct writer *w, uint32_t block, uint32_t file_set)
{
	uint8_t *d = w->p + (size_t)block * w->bs;
	memcpy(d + 24, "\x08Primary", 8);
	d[24 + 31] = 8;
	set_tag(d, 1, block, 512);
	d += w->bs;
	put(d + 188, START, 4);
	put(d + 192, PARTITION, 4);
	set_tag(d, 5, block + 1, 512);
	d += w->bs;
	memcpy(d + 84, "\x10\0L\0\xe4", 5); /* 16-bit characters */
	d[84 + 127] = 5;
	put(d + 212, w->bs, 4);
	put(d + 216 + 24, 0x250, 2);
	put_long(d + 248, w->bs, file_set, entry_map(w));
	put(d + 264, entry_map(w) ? 70 : 6, 4);
	put(d + 268, 1 + entry_map(w), 4);
	add_map(w, d + 440);
	set_tag(d, 6, block + 2, 512);
	d += w->bs;
	set_tag(d, 8, block + 3, 512);
}

static void writer_new(struct writer *w, uint32_t bs, bool extended, bool metadata, bool virtual)
{
	*w = (struct writer){ calloc(BLOCKS, bs), bs, extended, metadata, virtual, 2, 1, { 0 } };
	assert_non_null(w->p);
	w->next_entry = entry_map(w) ? 1 : 0;
	w->table[0] = 0;
	static const char ids[] = "BEA01NSR03TEA01";
	for (unsigned i = 0; i < 3; i++) {
		uint8_t *p = w->p + 0x8000 + i * (bs > 2048 ? bs : 2048);
		memcpy(p + 1, ids + 5 * i, 5);
		p[6] = 1;
	}
}

/* What leads to the root directory. */
static void writer_finish(struct writer *w, uint32_t root)
{
	uint8_t *set = entry_block(w, 0);
	put_long(set + 400, w->bs, root, entry_map(w));
	set_tag(set, 256, 0, 512);
	add_sequence(w, 140, 0);
	add_sequence(w, 160, 0);
	uint8_t *anchor = w->p + 256u * w->bs;
	put(anchor + 16, 16 * w->bs, 4);
	put(anchor + 20, 140, 4);
	put(anchor + 24, 16 * w->bs, 4);
	put(anchor + 28, 160, 4);
	set_tag(anchor, 2, 256, 512);
	if (w->metadata) {
		uint8_t *e = data_block(w, 1);
		e[27] = 250;
		put(e + 20, 4, 2);
		put(e + 56, 120 * w->bs, 8);
		put(e + 212, 16, 4);
		add_extent(e + 216, SHORT, 60 * w->bs, 200);
		add_extent(e + 224, SHORT, 60 * w->bs, 100);
		set_tag(e, 266, 1, 232);
	}
	if (w->virtual) {
		uint8_t *e = w->p + (size_t)(BLOCKS - 1) * w->bs;
		e[27] = 248;
		put(e + 20, 4, 2);
		put(e + 34, INLINE, 2);
		put(e + 56, 152 + 4 * w->next_entry, 8);
		put(e + 212, 152 + 4 * w->next_entry, 4);
		put(e + 216, 152, 2); /* header */
		for (uint32_t i = 0; i < w->next_entry; i++)
			put(e + 216 + 152 + 4 * i, w->table[i], 4);
		set_tag(e, 266, BLOCKS - 1 - START, 216 + 152 + 4 * w->next_entry);
	}
}

static uint8_t data[100000];

#define NAME(s) s, sizeof(s) - 1

static void fill(struct writer *w)
{
	static uint8_t names[4096];
	uint32_t x = 7;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)((x = x * 1103515245 + 12345) >> 16);
	unsigned ad = w->metadata ? LONG : SHORT;
	uint32_t small = add_file(w, &(struct file){ .type = 5, .ad = INLINE, .data = data, .size = 100, .mode = 0640 });
	uint32_t large =
		add_file(w, &(struct file){ .type = 5, .ad = LONG, .data = data, .size = 20 * w->bs + 7, .mode = 0755 });
	uint32_t chain = add_file(
		w, &(struct file){ .type = 5, .ad = LONG, .data = data, .size = 16 * w->bs, .mode = 0644, .links = 2, .chained = true });
	uint32_t hole =
		add_file(w, &(struct file){ .type = 5, .ad = LONG, .data = data, .size = 3 * w->bs, .hole = 4, .flags = 0x40 });
	static const uint8_t target[] = "\3\0\0\0\5\4\0\0\x08"
									"abc";
	uint32_t link = add_file(w, &(struct file){ .type = 12, .ad = INLINE, .data = target, .size = 12, .mode = 0777 });
	size_t n = add_name(w, names, "", 0, 8 | 2, 0);
	n += add_name(w, names + n, NAME("\x08small"), 0, small);
	n += add_name(w, names + n, NAME("\x08second"), 0, chain);
	n += add_name(w, names + n, NAME("\x08gone"), 4, 77);
	n += add_name(w, names + n, NAME("\x10\xd8\x3d\xde\x00\0x"), 0, hole);
	uint32_t sub = add_file(w, &(struct file){ .type = 4, .ad = INLINE, .data = names, .size = n, .mode = 0700 });
	n = add_name(w, names, "", 0, 8 | 2, 0);
	n += add_name(w, names + n, NAME("\x08large"), 0, large);
	n += add_name(w, names + n,
				  NAME("\x08"
					   "chain\xe4"),
				  0, chain);
	n += add_name(w, names + n, NAME("\x08sub"), 2, sub);
	n += add_name(w, names + n, NAME("\x08link"), 0, link);
	/* The root directory does not lie in its entry, but for those volumes whose entries lie elsewhere. */
	uint32_t root =
		add_file(w, &(struct file){ .type = 4, .ad = w->virtual ? LONG : ad, .data = names, .size = n, .mode = 0755 });
	writer_finish(w, root);
}

static void expect_filled(const struct walked *t, const struct writer *w)
{
	assert_int_equal(fact_list_count(&t->facts, FACT_damage), 0);
	assert_false(error_is(&t->error));
	assert_int_equal(t->n, 7);
	assert_content(t, "/large", data, 20 * w->bs + 7);
	assert_int_equal(walked_get(t, "/large")->e.mode, 0755);
	assert_int_equal(walked_get(t, "/large")->e.uid, 1000);
	assert_int_equal(walked_get(t, "/large")->e.gid, FACT_NULL);
	assert_int_equal(walked_get(t, "/large")->e.mtime, 1234567890);
	assert_content(t, "/chain\xc3\xa4", data, 16 * w->bs);
	assert_content(t, "/sub/small", data, 100);
	const struct entry *chain = &walked_get(t, "/chain\xc3\xa4")->e, *second = &walked_get(t, "/sub/second")->e;
	assert_true(text_is(second->same_as, "/chain\xc3\xa4"));
	assert_int_equal(chain->mode, 0644);
	assert_int_equal(second->mode, 0644);
	assert_int_equal(second->uid, 1000);
	assert_int_equal(second->mtime, 1234567890);
	uint8_t *expected = calloc(7, w->bs);
	memcpy(expected, data, 2 * w->bs);
	memcpy(expected + 6 * w->bs, data + 2 * w->bs, w->bs);
	assert_content(t, "/sub/\xf0\x9f\x98\x80x", expected, 7 * w->bs);
	free(expected);
	assert_int_equal(walked_get(t, "/sub/\xf0\x9f\x98\x80x")->e.mode, 04000);
	assert_true(text_is(walked_get(t, "/link")->e.link_target, "../abc"));
	assert_string_equal(walked_header(t, "udf_revision"), "2.50");
	assert_string_equal(walked_header(t, "volume_identifier"), "Primary");
	assert_string_equal(walked_header(t, "logical_volume_identifier"), "L\xc3\xa4");
}

static const struct {
	uint32_t bs;
	bool extended, metadata, virtual;
} variants[] = { { 2048, false, false, false },
				 { 512, true, false, false },
				 { 2048, true, true, false },
				 { 2048, true, false, true },
				 { 4096, false, true, false } };

static void test_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
		struct writer w;
		struct walked t;
		writer_new(&w, variants[i].bs, variants[i].extended, variants[i].metadata, variants[i].virtual);
		fill(&w);
		struct span image = span_of(w.p, (size_t)BLOCKS * w.bs);
		walked_open(&t, &udf_format, image);
		assert_true(t.accepted);
		assert_int_equal(t.match.size, (START + PARTITION) * w.bs);
		expect_filled(&t, &w);
		walked_close(&t);
		survives_flips(&udf_format, image, 150, 0);
		free(w.p);
	}
}

static void walk_of(struct walked *t, const struct writer *w)
{
	walked_open(t, &udf_format, span_of(w->p, (size_t)BLOCKS * w->bs));
	assert_true(t->accepted);
}

static void test_hostile(void **state)
{
	(void)state;
	static uint8_t names[4096];
	struct writer w;
	struct walked t;
	/* Directories that hold themselves and each other, names that lead nowhere, a path. */
	writer_new(&w, 2048, false, false, false);
	uint32_t root = w.next_data + 1;
	uint32_t file = add_file(&w, &(struct file){ .type = 5, .ad = INLINE, .data = data, .size = 10 });
	size_t n = add_name(&w, names, NAME("\x08loop"), 2, root);
	n += add_name(&w, names + n, NAME("\x08nowhere"), 0, 0xfffffff0);
	n += add_name(&w, names + n, NAME("\x08nothing"), 0, 400);
	n += add_name(&w, names + n, NAME("\x08../../etc/x"), 0, file);
	size_t broken = n;
	n += add_name(&w, names + n, NAME("\x08lost"), 0, file);
	names[broken + 20] ^= 1;
	assert_int_equal(add_file(&w, &(struct file){ .type = 4, .ad = INLINE, .data = names, .size = n }), root);
	writer_finish(&w, root);
	walk_of(&t, &w);
	assert_int_equal(walked_damage(&t, "corrupt"), 4);
	assert_int_equal(t.n, 1);
	assert_content(&t, "/../../etc/x", data, 10);
	walked_close(&t);
	free(w.p);

	/* A list of extents that leads back into itself; a file that is larger than what it has; one of 2^62 zeros. */
	writer_new(&w, 2048, false, false, false);
	uint32_t a = add_file(&w, &(struct file){ .type = 5, .ad = SHORT, .data = data, .size = 8192, .chained = true });
	uint8_t *e = data_block(&w, a), *more = e + 176;
	put(e + 56, (uint64_t)1 << 40, 8);
	set_tag(e, 261, a, 176 + 40);
	while (more[3] >> 6 != 3)
		more += 8;
	uint8_t *extent = data_block(&w, more[4]);
	memset(extent + 16, 0, 512);
	put(extent + 20, 8, 4);
	memcpy(extent + 24, more, 8);
	set_tag(extent, 258, more[4], 32);
	uint32_t b = add_file(&w, &(struct file){ .type = 5, .ad = SHORT, .data = data, .size = 8192 });
	e = data_block(&w, b);
	put(e + 56, (uint64_t)1 << 62, 8);
	set_tag(e, 261, b, 176 + 16);
	n = add_name(&w, names,
				 NAME("\x08"
					  "a"),
				 0, a);
	n += add_name(&w, names + n,
				  NAME("\x08"
					   "b"),
				  0, b);
	writer_finish(&w, add_file(&w, &(struct file){ .type = 4, .ad = INLINE, .data = names, .size = n }));
	walk_of(&t, &w);
	assert_in_range(walked_damage(&t, "corrupt"), 1, 5);
	assert_int_equal(walked_get(&t, "/a")->content.n, 4096);
	walked_close(&t);
	free(w.p);
}

static void test_descriptors(void **state)
{
	(void)state;
	struct writer w;
	struct walked t;
	struct format_match m;
	writer_new(&w, 2048, false, false, false);
	fill(&w);
	struct span image = span_of(w.p, (size_t)BLOCKS * w.bs);
	w.p[142 * w.bs + 100] ^= 1; /* the logical volume, in the first sequence: there is a second one */
	walk_of(&t, &w);
	expect_filled(&t, &w);
	walked_close(&t);
	w.p[162 * w.bs + 100] ^= 1;
	assert_false(udf_format.probe(image, &m));
	w.p[162 * w.bs + 100] ^= 1;
	w.p[256 * w.bs + 16] ^= 1;
	assert_false(udf_format.probe(image, &m));
	w.p[256 * w.bs + 16] ^= 1;
	walked_open(&t, &udf_format, span_clip(image, 0, (START + 12) * w.bs));
	assert_true(t.accepted);
	assert_int_not_equal(walked_damage(&t, "truncated") + walked_damage(&t, "corrupt"), 0);
	walked_close(&t);
	survives_cuts(&udf_format, image, 100);
	free(w.p);
}

static void test_genisoimage(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX], path[TEMP_MAX + 8];
	host_tree_make(dir, 0);
	snprintf(path, sizeof path, "%s/files", dir);
	for (unsigned rock_ridge = 0; rock_ridge < 2; rock_ridge++) {
		struct walked t;
		struct format_match udf, iso;
		run_in(dir,
			   rock_ridge ? "genisoimage -quiet -udf -R -o image files" : "genisoimage -quiet -udf -l -o image files");
		struct span image = file_load(dir, "image");
		walked_open(&t, &udf_format, image);
		host_tree_expect(&t, path, KEEPS_MTIME);
		assert_in_range(t.match.size, image.n - 2048 * 400, image.n);
		/* Of the two file systems of a bridge that one is taken which tells more. */
		assert_true(udf_format.probe(image, &udf) && iso9660_format.probe(image, &iso));
		assert_int_equal(udf.confidence > iso.confidence, !rock_ridge);
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

static void expect_files(const struct walked *t, const char *dir, int from)
{
	for (int i = from; i < 10; i++) {
		char path[16], name[16];
		snprintf(path, sizeof path, "/d/f%d", i);
		snprintf(name, sizeof name, "t/d/f%d", i);
		struct span file = file_load(dir, name);
		assert_content(t, path, file.p, file.n);
		free((void *)file.p);
	}
}

/* Bytes that are missing or too many: what stands behind them is read where it is, or said not to be. */
static void test_shifted(void **state)
{
	(void)state;
	static const int by[] = { -1, -13, -500, 1, 13, 500 };
	if (!tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	temp_new(dir);
	run_in(dir, "mkdir -p t/d; for i in 0 1 2 3 4 5 6 7 8 9; do head -c 5000 /dev/urandom | base64 > t/d/f$i; done;"
				"genisoimage -quiet -udf -R -o image t");
	struct span image = file_load(dir, "image");
	walked_open(&t, &udf_format, image);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	size_t third = walked_get(&t, "/d/f2")->e.offset + 3000, ninth = walked_get(&t, "/d/f8")->e.offset + 3000, entry = 0;
	walked_close(&t);
	for (size_t i = 256 * 2048 + 2048; i < third && !entry; i += 2048) /* the file set, the root's entry and its list stand before it */
		if (image.p[i] == 5 && image.p[i + 1] == 1)
			entry = i + 2048 + 100;
	assert_true(entry > 0);
	for (size_t i = 0; i < sizeof by / sizeof by[0]; i++) {
		struct span in_file = image_shifted(image, third, by[i]), in_entries = image_shifted(image, entry, by[i]), late = image_shifted(image, ninth, by[i]);
		walked_open(&t, &udf_format, in_file);
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		expect_files(&t, dir, 3);
		walked_close(&t);
		walked_open(&t, &udf_format, in_entries);
		assert_true(walked_damage(&t, "corrupt") >= 1);
		expect_files(&t, dir, 1);
		walked_close(&t);
		walked_open(&t, &udf_format, late);
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
		free((void *)in_file.p);
		free((void *)in_entries.p);
		free((void *)late.p);
	}
	free((void *)image.p);
	temp_remove(dir);
}

static void test_mkudffs(void **state)
{
	(void)state;
	if (!tool_exists("mkudffs"))
		skip();
	static const struct {
		const char *options, *revision, *map;
	} cases[] = {
		{ "-b 512 -r 1.02", "1.02", "physical" },
		{ "-b 2048 -r 2.01 --ad=short", "2.01", "physical" },
		{ "-b 4096 -r 2.00 --ad=long", "2.00", "physical" },
		{ "-m bdr -r 2.60", "2.60", "physical" },
		{ "-m dvdr -r 2.01", "2.01", "physical" },
		{ "-b 2048 -m cdrw -r 2.01", "2.01", "sparable" },
		{ "-b 2048 -m cdr -r 1.50", "1.50", "physical" },
		{ "-b 2048 -m cdr -r 2.01", "2.01", "physical" },
		{ "-b 2048 -m dvdram --strategy=4096 -r 2.01", "2.01", "physical" },
	};
	char dir[TEMP_MAX], command[256];
	temp_new(dir);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct walked t;
		snprintf(command, sizeof command, "rm -f image; truncate -s 16M image; mkudffs -l Label %s image",
				 cases[i].options);
		run_in(dir, command);
		struct span image = file_load(dir, "image");
		walked_open(&t, &udf_format, image);
		assert_true(t.accepted);
		assert_false(error_is(&t.error));
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_int_equal(t.match.size, image.n);
		assert_string_equal(walked_header(&t, "udf_revision"), cases[i].revision);
		assert_string_equal(walked_header(&t, "partition_map[0]"), cases[i].map);
		assert_string_equal(walked_header(&t, "logical_volume_identifier"), "Label");
		assert_true(t.n <= 1); /* lost+found */
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),     cmocka_unit_test(test_hostile), cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_genisoimage), cmocka_unit_test(test_mkudffs),
		cmocka_unit_test(test_shifted),
	};
	return cmocka_run_group_tests_name("udf", tests, NULL, NULL);
}
