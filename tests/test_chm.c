/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled HTML help written here after chmspec, its section in blocks that LZX leaves as they are; and as Free Pascal's chmcmd writes it,
 * which packs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vendor_image.h"
#include "walked.h"

extern const struct format chm_format;

#define FRAME 32768u
#define PIECE (2u * FRAME)
#define SECTION_N 150001u
#define CHUNK 512u
#define HEADER 96u
#define DIRECTORY_HEADER 0x54u
#define STORAGE "::DataSpace/Storage/MSCompressed/"
#define TABLE STORAGE "Transform/{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/ResetTable"

static uint8_t section[SECTION_N];

struct member {
	const char *name;
	unsigned section;
	uint64_t offset, size;
};

/* How an image is unlike a plain one. */
struct how {
	unsigned version;       /* of the header */
	unsigned control;       /* version of ControlData */
	bool no_table;
	unsigned table_version; /* 4: its places are of 4 bytes */
	const struct member *more;
	unsigned more_n;
};

static const struct member members[] = {
	{ "/", 0, 0, 0 },         { "/a.html", 1, 0, 5000 },          { "/across.html", 1, 60000, 10000 },
	{ "/empty", 1, 0, 0 },    { "/folder/", 0, 0, 0 },            { "/folder/all the middle.png", 1, 70000, 60000 },
	{ "/gr\303\274n", 1, 5000, 55000 }, { "/last", 1, 130000, SECTION_N - 130000 }, { "/stored", 0, 0, 100 },
};
#define MEMBERS (sizeof members / sizeof members[0])

/* A frame of a stored block; `first`: after a reset, where the bit that no calls are translated stands before. */
static void put_frame(struct image *im, const uint8_t *p, size_t n, bool first)
{
	uint32_t bits = first ? (3u << 28 | (uint32_t)n << 4) : (3u << 29 | (uint32_t)n << 5);
	put_le(im, bits >> 16, 2);
	put_le(im, bits & 0xffff, 2);
	for (unsigned i = 0; i < 3; i++)
		put_le(im, 1, 4);
	put(im, p, n);
	put_fill(im, 0, n & 1);
}

static void put_number(struct image *im, uint64_t v)
{
	for (unsigned shift = 56; shift; shift -= 7)
		if (v >> shift)
			put_le(im, 0x80 | (v >> shift & 0x7f), 1);
	put_le(im, v & 0x7f, 1);
}

/* Of the directory: the last one. */
struct chunk {
	size_t at;
	unsigned entries;
};

static void begin_chunk(struct image *im, struct chunk *chunk)
{
	*chunk = (struct chunk){ .at = im->n };
	put(im, "PMGL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
}

/* How many entries it has is its last word. */
static void end_chunk(struct image *im, const struct chunk *chunk)
{
	size_t n = im->n - chunk->at;
	set_le(im, chunk->at + 4, CHUNK - n, 4);
	put_fill(im, 0, CHUNK - 2 - n);
	put_le(im, chunk->entries, 2);
}

/* Begins another chunk when there is no room. */
static void put_member(struct image *im, struct chunk *chunk, const struct member *m)
{
	size_t need = strlen(m->name) + 2 + 1 + 2 * 9;
	if (im->n - chunk->at + need + 8 > CHUNK) {
		end_chunk(im, chunk);
		begin_chunk(im, chunk);
	}
	chunk->entries++;
	put_number(im, strlen(m->name));
	put(im, m->name, strlen(m->name));
	put_number(im, m->section);
	put_number(im, m->offset);
	put_number(im, m->size);
}

static void put_own(struct image *im, struct chunk *chunk, const char *name, size_t at, size_t n)
{
	put_member(im, chunk, &(struct member){ name, 0, at, n });
}

struct contents {
	struct image im;
	size_t control, table, packed, packed_end, places[8], frames;
};

static struct contents contents_made(const struct how *how)
{
	struct contents c = { .im = image_new() };
	struct image *im = &c.im;
	unsigned unit = how->control == 1 ? FRAME : 1, width = how->table_version == 4 ? 4 : 8;
	put_payload(im, 7, 100);
	c.control = im->n;
	put_le(im, 6, 4);
	put(im, "LZXC", 4);
	put_le(im, how->control, 4);
	put_le(im, (uint64_t)2 * unit, 4);
	put_le(im, (uint64_t)2 * unit, 4);
	put_le(im, 1, 4);
	put_le(im, 0, 4);
	c.packed = im->n;
	for (size_t at = 0; at < SECTION_N; at += FRAME) {
		c.places[c.frames++] = im->n - c.packed;
		put_frame(im, section + at, SECTION_N - at < FRAME ? SECTION_N - at : FRAME, at % PIECE == 0);
	}
	c.packed_end = im->n;
	c.table = im->n;
	put_le(im, 2, 4);
	put_le(im, c.frames, 4);
	put_le(im, width, 4);
	put_le(im, 40, 4);
	put_le(im, SECTION_N, 8);
	put_le(im, c.packed_end - c.packed, 8);
	put_le(im, FRAME, 8);
	for (size_t i = 0; i < c.frames; i++)
		put_le(im, c.places[i], width);
	return c;
}

static void put_header(struct image *im, const struct how *how)
{
	static const uint8_t guid[16] = { 0x10, 0xfd, 0x01, 0x7c, 0xaa, 0x7b, 0xd0, 0x11, 0x9e, 0x0c, 0x00, 0xa0, 0xc9, 0x22, 0xe6, 0xec };
	size_t length = how->version == 3 ? HEADER : HEADER - 8;
	put(im, "ITSF", 4);
	put_le(im, how->version, 4);
	put_le(im, length, 4);
	put_le(im, 1, 4);
	put_le(im, 0, 4);
	put_le(im, 0x407, 4);
	put(im, guid, 16);
	put(im, guid, 16);
	put_le(im, length, 8);
	put_le(im, 24, 8);
	put_le(im, length + 24, 8);
	put_le(im, 0, 8);
	if (how->version == 3)
		put_le(im, 0, 8);
	put_le(im, 0x1fe, 8);
	put_fill(im, 0, 16);
}

static struct image chm_made(const struct how *how)
{
	struct image im = image_new();
	struct contents c = contents_made(how);
	put_header(&im, how);
	size_t directory = im.n, length = directory - 24;
	put(&im, "ITSP\1\0\0\0", 8);
	put_le(&im, DIRECTORY_HEADER, 4);
	put_le(&im, 10, 4);
	put_le(&im, CHUNK, 4);
	put_fill(&im, 0, DIRECTORY_HEADER - 20);
	struct chunk chunk;
	begin_chunk(&im, &chunk);
	for (size_t i = 0; i < MEMBERS; i++)
		put_member(&im, &chunk, &members[i]);
	for (size_t i = 0; i < how->more_n; i++)
		put_member(&im, &chunk, &how->more[i]);
	put_own(&im, &chunk, STORAGE "Content", c.packed, c.packed_end - c.packed);
	put_own(&im, &chunk, STORAGE "ControlData", c.control, c.packed - c.control);
	if (!how->no_table)
		put_own(&im, &chunk, TABLE, c.table, c.im.n - c.table);
	put_own(&im, &chunk, STORAGE "Transform/", 0, 0);
	end_chunk(&im, &chunk);
	put(&im, "PMGI", 4);
	put_fill(&im, 0, CHUNK - 4);
	set_le(&im, directory + 0x2c, (im.n - directory - DIRECTORY_HEADER) / CHUNK, 4);
	set_le(&im, 80, im.n - directory, 8);
	if (how->version == 3)
		set_le(&im, 88, im.n, 8);
	size_t content = im.n;
	put(&im, c.im.p, c.im.n);
	set_le(&im, length + 8, im.n, 8);
	image_free(&c.im);
	assert_true(content > directory);
	return im;
}

static const struct how plain = { .version = 3, .control = 2 };

static void check_members(const struct walked *t)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (members[i].section == 1)
			assert_content(t, members[i].name, section + members[i].offset, members[i].size);
	assert_int_equal(walked_get(t, "/folder")->e.kind, ENTRY_DIRECTORY);
}

static void test_whole(void **state)
{
	(void)state;
	static const struct how hows[] = { { .version = 3, .control = 2 }, { .version = 2, .control = 1 },
									   { .version = 3, .control = 2, .table_version = 4 } };
	for (size_t i = 0; i < sizeof hows / sizeof hows[0]; i++) {
		struct image im = chm_made(&hows[i]);
		struct walked t;
		image_open(&t, &chm_format, image_span(&im), im.n);
		check_members(&t);
		assert_int_equal(t.n, MEMBERS - 1);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_field(&t, "language", "0x0407");
		const struct walked_entry *stored = walked_get(&t, "/stored");
		assert_memory_equal(stored->content.p, im.p + stored->e.offset, 100);
		walked_close(&t);
		image_free(&im);
	}
}

/* Of a broken piece the files before the damage and those of the others come out. */
static void test_broken_piece(void **state)
{
	(void)state;
	struct image im = chm_made(&plain);
	struct walked t;
	const uint8_t *second = memmem(im.p, im.n, section + PIECE + FRAME, 64); /* the second frame of the second piece */
	assert_non_null(second);
	im.p[second - im.p - 15] ^= 0x60; /* its type */
	image_open(&t, &chm_format, image_span(&im), im.n);
	assert_content(&t, "/a.html", section, 5000);
	assert_content(&t, "/across.html", section + 60000, 10000);
	const struct walked_entry *middle = walked_get(&t, "/folder/all the middle.png"), *last = walked_get(&t, "/last");
	assert_int_equal(middle->error.code, ERR_CORRUPT);
	assert_int_equal(middle->content.n, PIECE + FRAME - 70000);
	assert_memory_equal(middle->content.p, section + 70000, middle->content.n);
	assert_int_equal(last->error.code, ERR_CORRUPT);
	assert_int_equal(last->content.n, 0);
	assert_in_range(walked_damage(&t, "corrupt"), 3, 4);
	walked_close(&t);
	image_free(&im);
}

static void test_cannot(void **state)
{
	(void)state;
	static const struct member further[] = {
		{ "/third", 2, 0, 10 }, { "/beyond", 1, SECTION_N, 10 }, { "/far", 0, 1ull << 62, 10 }, { "", 0, 0, 10 }
	};
	struct image im = chm_made(&(struct how){ .version = 3, .control = 2, .more = further, .more_n = 4 });
	struct walked t;
	image_open(&t, &chm_format, image_span(&im), im.n);
	check_members(&t);
	assert_int_equal(walked_get(&t, "/third")->error.code, ERR_UNSUPPORTED);
	assert_int_equal(walked_get(&t, "/beyond")->error.code, ERR_TRUNCATED);
	assert_int_equal(walked_get(&t, "/far")->error.code, ERR_TRUNCATED);
	assert_int_equal(walked_get(&t, "/entry-13")->content.n, 10);
	walked_close(&t);
	image_free(&im);
	im = chm_made(&(struct how){ .version = 3, .control = 2, .no_table = true });
	image_open(&t, &chm_format, image_span(&im), im.n);
	assert_int_equal(walked_get(&t, "/a.html")->error.code, ERR_UNSUPPORTED);
	assert_true(walked_damage(&t, "unsupported") > 4);
	walked_close(&t);
	image_free(&im);
}

/* What a table claims costs no memory when there can not be so much. */
static void test_claim(void **state)
{
	(void)state;
	struct image im = chm_made(&plain);
	struct walked t;
	static const uint8_t told[] = { SECTION_N & 255, SECTION_N >> 8 & 255, SECTION_N >> 16, 0, 0, 0, 0, 0 };
	const uint8_t *size = memmem(im.p, im.n, told, sizeof told);
	assert_non_null(size);
	set_le(&im, (size_t)(size - im.p), 1ull << 30, 8);
	image_open(&t, &chm_format, image_span(&im), im.n);
	assert_int_equal(walked_get(&t, "/a.html")->error.code, ERR_CORRUPT);
	assert_int_equal(t.walk.held, 0);
	walked_close(&t);
	image_free(&im);
}

/* What hides entries is told: a chunk of another kind, one that ends before its entries do, chunks that are not there; and a second
 * file that has the name of one of the format's own is no less a file. */
static void test_directory(void **state)
{
	(void)state;
	static const struct member twice = { STORAGE "ControlData", 0, 0, 100 };
	struct image im = chm_made(&(struct how){ .version = 3, .control = 2, .more = &twice, .more_n = 1 });
	struct walked t;
	size_t directory = HEADER + 24, chunk = directory + DIRECTORY_HEADER;
	image_open(&t, &chm_format, image_span(&im), im.n);
	assert_int_equal(t.n, MEMBERS);
	walked_close(&t);
	image_free(&im);
	im = chm_made(&plain);
	im.p[chunk] ^= 1;
	image_open(&t, &chm_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	im.p[chunk] ^= 1;
	set_le(&im, chunk + 4, CHUNK - 20, 4);
	image_open(&t, &chm_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	set_le(&im, directory + 0x2c, 1u << 20, 4);
	image_open(&t, &chm_format, image_span(&im), im.n);
	assert_true(walked_damage(&t, "truncated") > 0);
	walked_close(&t);
	image_free(&im);
}

static void test_overlaps(void **state)
{
	(void)state;
	struct member all[40];
	for (unsigned i = 0; i < 40; i++)
		all[i] = (struct member){ "/all", 1, 0, SECTION_N };
	struct image im = chm_made(&(struct how){ .version = 3, .control = 2, .more = all, .more_n = 40 });
	struct walked t;
	image_open(&t, &chm_format, image_span(&im), im.n);
	assert_in_range(t.n, MEMBERS, MEMBERS + 6);
	assert_int_equal(t.error.code, ERR_BUDGET);
	walked_close(&t);
	image_free(&im);
}

static void test_survives(void **state)
{
	(void)state;
	struct image im = chm_made(&plain);
	survives_cuts(&chm_format, image_span(&im), 60);
	survives_flips(&chm_format, image_span(&im), 300, 3000);
	survives_flips(&chm_format, span_clip(image_span(&im), 0, 40000), 200, 0);
	image_free(&im);
}

#define HELP_N 40u

static size_t page_made(unsigned i, char *page)
{
	static const char *const words[] = { "compiled ", "help ", "<b>topic</b> ", "index\n", "window " };
	size_t n = (size_t)sprintf(page, "<html><title>%u</title>", i);
	for (uint32_t x = i, k = 0; k < i * i * 5; k++) {
		x = x * 1103515245 + 12345;
		n += (size_t)sprintf(page + n, "%s", words[(x >> 16) % 5]);
	}
	return n + (size_t)sprintf(page + n, "</html>\n");
}

/* As another program packs it: all kinds of blocks. */
static void test_chmcmd(void **state)
{
	(void)state;
	static char page[100000];
	char dir[TEMP_MAX], name[32], project[4000];
	if (!tool_exists("chmcmd"))
		skip();
	temp_new(dir);
	int n = sprintf(project, "[OPTIONS]\nCompiled file=x.chm\nDefault topic=0.html\n\n[FILES]\n");
	for (unsigned i = 0; i < HELP_N; i++) {
		snprintf(name, sizeof name, "%u.html", i);
		file_save(dir, name, span_of(page, page_made(i, page)));
		n += sprintf(project + n, "%s\n", name);
	}
	file_save(dir, "x.hhp", span_of(project, (size_t)n));
	run_in(dir, "chmcmd x.hhp 2> /dev/null");
	struct span chm = file_load(dir, "x.chm");
	struct walked t;
	walked_open(&t, &chm_format, chm);
	assert_true(t.accepted && !error_is(&t.error));
	assert_int_equal(t.match.size, chm.n);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	for (unsigned i = 0; i < HELP_N; i++) {
		snprintf(name, sizeof name, "/%u.html", i);
		assert_content(&t, name, page, page_made(i, page));
	}
	for (size_t i = 0; i < t.n; i++)
		assert_false(error_is(&t.entries[i].error));
	walked_close(&t);
	survives_flips(&chm_format, chm, 100, 0);
	free((void *)chm.p);
	temp_remove(dir);
}

int main(void)
{
	for (uint32_t i = 0, x = 3; i < SECTION_N; i++) {
		x = x * 1103515245 + 12345;
		section[i] = (uint8_t)(x >> 16);
	}
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),    cmocka_unit_test(test_broken_piece), cmocka_unit_test(test_cannot),
		cmocka_unit_test(test_overlaps), cmocka_unit_test(test_claim),        cmocka_unit_test(test_survives),
		cmocka_unit_test(test_chmcmd),   cmocka_unit_test(test_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
