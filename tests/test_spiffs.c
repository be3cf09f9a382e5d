/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spiffs: images written here after spiffs_nucleus.h and ESP-IDF's spiffsgen.py over their sizes and variants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "walked.h"

extern const struct format spiffs_format;

struct way {
	uint32_t page, block, blocks, meta;
	int magic; /* 0: none, 1: without length, 2: with */
	bool big, aligned;
};

static struct {
	struct way way;
	uint8_t *p;
	size_t n;
	uint32_t next; /* page */
} s;

static uint32_t per_block(void)
{
	return s.way.block / s.way.page;
}

static uint32_t table_pages(void)
{
	uint32_t n = per_block() * 2 / s.way.page;
	return n ? n : 1;
}

static void put(uint8_t *p, uint32_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (s.way.big ? width - 1 - i : i)));
}

static void image_new(struct way way)
{
	free(s.p);
	s.way = way;
	s.n = (size_t)way.block * way.blocks;
	s.next = 0;
	s.p = malloc(s.n);
	assert_non_null(s.p);
	memset(s.p, 0xff, s.n);
	for (uint32_t b = 0; way.magic && b < way.blocks; b++) {
		uint32_t magic = 0x20140529 ^ way.page ^ (way.magic == 2 ? way.blocks - b : 0);
		put(s.p + (size_t)b * way.block + table_pages() * way.page - 4, magic & 0xffff, 2);
	}
}

static uint8_t *table_entry(uint32_t page)
{
	return s.p + (size_t)(page / per_block()) * s.way.block + 2 * (page % per_block() - table_pages());
}

static uint8_t *page_new(uint16_t id, uint16_t span, uint8_t flags)
{
	if (s.next % per_block() == 0)
		s.next += table_pages();
	assert_true((size_t)(s.next + 1) * s.way.page <= s.n);
	uint8_t *p = s.p + (size_t)s.next * s.way.page;
	put(table_entry(s.next++), id, 2);
	put(p, id, 2);
	put(p + 2, span, 2);
	p[4] = flags;
	return p;
}

static uint32_t page_of(const uint8_t *p)
{
	return (uint32_t)((size_t)(p - s.p) / s.way.page);
}

/* An index header, the index pages that its pages need, the data; as spiffsgen.py lays them. */
static uint8_t *file(uint16_t id, const char *name, const uint8_t *bytes, size_t n)
{
	uint8_t *header = page_new(id | 0x8000, 0, 0xf8), *index = header;
	put(header + 8, (uint32_t)n, 4);
	header[12] = 1;
	memset(header + 13, 0, 32 + s.way.meta);
	memcpy(header + 13, name, strlen(name));
	uint32_t at = 13 + 32 + s.way.meta, payload = s.way.page - 5;
	if (s.way.aligned)
		at = (at + 1) & ~1u;
	for (size_t done = 0; done < n; done += payload) {
		uint16_t span = (uint16_t)(done / payload);
		if (at + 2 > s.way.page) {
			static uint16_t index_span;
			index_span = index == header ? 1 : (uint16_t)(index_span + 1);
			index = page_new(id | 0x8000, index_span, 0xf8);
			at = 8;
		}
		uint8_t *p = page_new(id, span, 0xfc);
		memcpy(p + 5, bytes + done, n - done < payload ? n - done : payload);
		put(index + at, page_of(p), 2);
		at += 2;
	}
	return header;
}

static uint8_t content[100000];

static void fill(void)
{
	uint64_t x = 7;
	for (size_t i = 0; i < sizeof content; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		content[i] = (uint8_t)x;
	}
}

static const struct way ways[] = {
	{ 256, 4096, 64, 4, 2, false, false },  { 256, 8192, 32, 0, 2, false, true },
	{ 256, 4096, 64, 0, 0, false, false },  { 256, 65536, 4, 4, 2, false, true },
	{ 512, 8192, 64, 4, 1, false, false },  { 128, 4096, 64, 0, 2, false, true },
	{ 1024, 16384, 32, 64, 2, true, true }, { 256, 8192, 40, 0, 0, true, false },
	{ 256, 4096, 256, 4, 1, true, false },  { 256, 131072, 3, 4, 2, false, false },
	{ 2048, 65536, 8, 0, 2, false, false },
};

static void open_image(struct walked *t)
{
	walked_open(t, &spiffs_format, span_of(s.p, s.n));
	assert_true(t->accepted);
	assert_false(error_is(&t->error));
}

static void test_ways(void **state)
{
	(void)state;
	fill();
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		image_new(ways[i]);
		file(1, "/index.html", content, 1234);
		file(2, "/www/large.bin", content + 5, 60000);
		file(3, "/empty", content, 0);
		file(4, "no-slash", content + 9, ways[i].page - 5);
		file(5, "/012345678901234567890123456789", content + 1, 1);
		struct walked t;
		open_image(&t);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_int_equal(t.n, 5);
		assert_content(&t, "/index.html", content, 1234);
		assert_content(&t, "/www/large.bin", content + 5, 60000);
		assert_content(&t, "/empty", content, 0);
		assert_content(&t, "/no-slash", content + 9, ways[i].page - 5);
		assert_content(&t, "/012345678901234567890123456789", content + 1, 1);
		if (ways[i].magic == 2)
			assert_int_equal(t.match.size, s.n);
		else
			assert_int_equal(t.match.size, ways[i].block * ((uint64_t)(s.next - 1) / per_block() + 1));
		char number[16];
		snprintf(number, sizeof number, "%u", ways[i].page);
		assert_string_equal(walked_header(&t, "page_size"), number);
		snprintf(number, sizeof number, "%u", ways[i].block);
		assert_string_equal(walked_header(&t, "block_size"), number);
		const struct entry *e = &walked_get(&t, "/www/large.bin")->e;
		uint8_t part[4096];
		size_t block = e->content.block_size, n = 2 * block < sizeof part ? 2 * block : block;
		struct error error = e->content.ops->read(e->content.fs, e->content.file, 5 * block, part, n);
		assert_false(error_is(&error));
		assert_memory_equal(part, content + 5 + 5 * block, n);
		walked_close(&t);
	}
}

static void test_deleted_and_replaced(void **state)
{
	(void)state;
	fill();
	image_new(ways[0]);
	file(1, "/kept", content, 300);
	uint8_t *gone = file(2, "/gone", content, 100);
	gone[4] &= 0x7f;
	put(table_entry(page_of(gone)), 0, 2);
	uint8_t *dying = file(3, "/dying", content, 0); /* the power went while it was deleted */
	dying[4] &= (uint8_t)~0x40;
	uint8_t *data = page_new(1, 1, 0xfc); /* the second page of "kept" was written anew, the old one not yet deleted */
	memcpy(data + 5, "new", 3);
	uint8_t *unfinished = page_new(1, 1, 0xfe);
	memcpy(unfinished + 5, "bad", 3);
	struct walked t;
	open_image(&t);
	assert_int_equal(t.n, 1);
	uint8_t expected[300];
	memcpy(expected, content, 251);
	memset(expected + 251, 0xff, 49);
	memcpy(expected + 251, "new", 3);
	assert_content(&t, "/kept", expected, 300);
	assert_int_equal(walked_damage(&t, "corrupt"), 1); /* the data of "gone" have no header */
	walked_close(&t);
}

static void test_damaged(void **state)
{
	(void)state;
	fill();
	image_new(ways[1]);
	file(1, "/whole", content, 3000);
	uint8_t *header = file(2, "/broken", content, 3000);
	uint8_t *second = header + 2 * s.way.page;
	second[0] ^= 0x10; /* another's, says the page */
	uint8_t *nameless = file(3, "/x", content, 0);
	nameless[13] = 0;
	file(4, "/endless", content, 10);
	put(s.p + (size_t)(s.next - 2) * s.way.page + 8, 0xfffffff0, 4);
	struct walked t;
	open_image(&t);
	assert_content(&t, "/whole", content, 3000);
	assert_int_equal(walked_get(&t, "/broken")->error.code, ERR_CORRUPT);
	assert_int_equal(walked_get(&t, "/broken")->error.offset, s.way.page - 5);
	assert_int_equal(walked_get(&t, "/endless")->e.size, 0xfffffff0);
	assert_true(walked_damage(&t, "corrupt") >= 3);
	walked_close(&t);
}

static void test_empty_and_ends(void **state)
{
	(void)state;
	struct format_match m;
	image_new(ways[0]);
	assert_true(spiffs_format.probe(span_of(s.p, s.n), &m)); /* formatted, nothing in it */
	assert_int_equal(m.size, s.n);
	assert_true(spiffs_format.probe(span_of(s.p, s.n / 2), &m)); /* cut */
	assert_int_equal(m.size, s.n);
	image_new(ways[2]); /* without magic: erased flash is none */
	assert_false(spiffs_format.probe(span_of(s.p, s.n), &m));
	file(1, "/a", content, 3000);
	assert_true(spiffs_format.probe(span_of(s.p, s.n), &m));
	assert_int_equal(m.size, 4096);
	memset(s.p, 0, s.n);
	assert_false(spiffs_format.probe(span_of(s.p, s.n), &m));
}

static void small_image(size_t way)
{
	fill();
	image_new(ways[way]);
	file(1, "/a", content, 700);
	file(2, "/b/c", content, 10);
	file(3, "/d", content, 0);
}

static void test_survives(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		small_image(i);
		survives_cuts(&spiffs_format, span_of(s.p, s.way.block), 500);
		survives_flips(&spiffs_format, span_of(s.p, s.way.block * 2), 3000, 2048);
	}
}

static void test_noise(void **state)
{
	(void)state;
	uint8_t *noise = malloc(1 << 20);
	assert_non_null(noise);
	uint64_t x = 88172645463325252;
	for (size_t i = 0; i < 1 << 20; i += 8) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		memcpy(noise + i, &x, 8);
	}
	struct format_match m;
	for (size_t i = 0; i < 1 << 19; i += 3)
		assert_false(spiffs_format.probe(span_of(noise + i, (1 << 20) - i), &m));
	free(noise);
}

/* For the fuzzer. */
static int write_seeds(const char *folder)
{
	for (size_t i = 0; i < 3; i++) {
		char name[16];
		snprintf(name, sizeof name, "way-%zu", i);
		small_image(i);
		file_save(folder, name, span_of(s.p, s.way.block * 2));
	}
	free(s.p);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--seeds") == 0)
		return write_seeds(argv[2]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),     cmocka_unit_test(test_deleted_and_replaced),
		cmocka_unit_test(test_damaged),  cmocka_unit_test(test_empty_and_ends),
		cmocka_unit_test(test_survives), cmocka_unit_test(test_noise),
	};
	int failed = cmocka_run_group_tests_name("spiffs", tests, NULL, NULL);
	free(s.p);
	return failed;
}
