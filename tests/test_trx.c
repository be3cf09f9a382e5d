/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trx: images written here after OpenWrt's trx.c, in both versions and byte orders, and a router's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "walked.h"

extern const struct format trx_format;

static void put32(uint8_t *p, uint32_t v, bool big)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (big ? 24 - 8 * i : 8 * i));
}

#define IMAGE_SIZE 96u

static void make_image(uint8_t *image, unsigned version, bool big, const uint32_t offsets[4])
{
	unsigned header = version == 2 ? 32 : 28;
	memcpy(image, big ? "0RDH" : "HDR0", 4);
	put32(image + 4, IMAGE_SIZE, big);
	put32(image + 12, version << 16 | 1, big);
	for (unsigned i = 0; i < (version == 2 ? 4u : 3u); i++)
		put32(image + 16 + 4 * i, offsets[i], big);
	for (unsigned i = header; i < IMAGE_SIZE; i++)
		image[i] = (uint8_t)i;
	put32(image + 8, ~libdeflate_crc32(0, image + 12, IMAGE_SIZE - 12), big);
}

static void test_versions(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		unsigned version = 1 + i % 2;
		uint8_t image[IMAGE_SIZE + 8] = { 0 };
		make_image(image, version, i / 2, (uint32_t[]){ 32, 0, 64, version == 2 ? 80 : 0 });
		struct walked t;
		walked_open(&t, &trx_format, span_of(image, sizeof image));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, IMAGE_SIZE);
		assert_string_equal(walked_header(&t, "crc32"), "ok");
		assert_string_equal(walked_header(&t, "flags"), "0x0001");
		assert_string_equal(walked_header(&t, "offset[2]"), "0x40");
		assert_int_equal(t.n, version == 2 ? 3 : 2);
		assert_content(&t, "partition-0", image + 32, 32);
		assert_content(&t, "partition-2", image + 64, version == 2 ? 16 : 32);
		walked_close(&t);
	}
}

static void test_bad_offsets_are_refused(void **state)
{
	(void)state;
	static const uint32_t offsets[][4] = { { 0 }, { 27 }, { 28, IMAGE_SIZE }, { 28, 28 }, { 0xffffffff } };
	for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
		uint8_t image[IMAGE_SIZE];
		struct format_match m;
		make_image(image, 1, false, offsets[i]);
		assert_false(trx_format.probe(span_of(image, sizeof image), &m));
	}
}

/* Offsets in another order are believed when the CRC is right. */
static void test_unsorted_offsets(void **state)
{
	(void)state;
	uint8_t image[IMAGE_SIZE];
	struct walked t;
	struct format_match m;
	make_image(image, 2, false, (uint32_t[]){ 80, 0, 32, 64 });
	walked_open(&t, &trx_format, span_of(image, sizeof image));
	assert_true(t.accepted);
	assert_int_equal(t.n, 3);
	assert_content(&t, "partition-1", image + 32, 32);
	assert_content(&t, "partition-2", image + 64, 16);
	assert_content(&t, "partition-3", image + 80, 16);
	walked_close(&t);
	image[90] ^= 1; /* whether it is one is told by the header alone */
	walked_open(&t, &trx_format, span_of(image, sizeof image));
	assert_true(t.accepted);
	assert_string_equal(walked_header(&t, "crc32"), "mismatch");
	walked_close(&t);
	walked_open(&t, &trx_format, span_of(image, sizeof image - 1));
	assert_true(t.accepted);
	assert_int_equal(t.n, 3);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	make_image(image, 2, false, (uint32_t[]){ 80, 0, 36, 64 });
	assert_false(trx_format.probe(span_of(image, sizeof image), &m));
}

static void test_belkin(void **state)
{
	(void)state;
	static const uint32_t magics[] = { 0x20100322, 0x20090928, 0x20091006 };
	for (unsigned i = 0; i < 3; i++) {
		uint8_t image[IMAGE_SIZE];
		struct walked t;
		make_image(image, 1, false, (uint32_t[]){ 28, 64, 0, 0 });
		put32(image, magics[i], false);
		walked_open(&t, &trx_format, span_of(image, sizeof image));
		assert_string_equal(walked_header(&t, "crc32"), "ok");
		assert_int_equal(t.n, 2);
		walked_close(&t);
	}
}

static void test_damage(void **state)
{
	(void)state;
	uint8_t image[IMAGE_SIZE];
	struct walked t;
	make_image(image, 1, false, (uint32_t[]){ 28, 64, 0, 0 });
	image[90] ^= 1;
	walked_open(&t, &trx_format, span_of(image, sizeof image));
	assert_string_equal(walked_header(&t, "crc32"), "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 2);
	walked_close(&t);
	walked_open(&t, &trx_format, span_of(image, 70));
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_int_equal(walked_get(&t, "partition-1")->content.n, 6);
	walked_close(&t);
}

static void test_survives(void **state)
{
	(void)state;
	uint8_t image[IMAGE_SIZE];
	make_image(image, 2, false, (uint32_t[]){ 32, 48, 64, 80 });
	survives_cuts(&trx_format, span_of(image, sizeof image), sizeof image);
	survives_flips(&trx_format, span_of(image, sizeof image), 5000, 32);
}

static void test_router(void **state)
{
	(void)state;
	struct span image = sample_load("router-mipsel.trx");
	if (!image.p)
		skip();
	struct walked t;
	walked_open(&t, &trx_format, image);
	assert_int_equal(t.match.size, 6008832);
	assert_string_equal(walked_header(&t, "crc32"), "ok");
	assert_int_equal(t.n, 2);
	assert_int_equal(walked_get(&t, "partition-0")->e.offset, 28);
	assert_int_equal(walked_get(&t, "partition-1")->e.offset, 1179648);
	assert_memory_equal(walked_get(&t, "partition-1")->content.p, "hsqs", 4);
	walked_close(&t);
	free((void *)image.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions), cmocka_unit_test(test_bad_offsets_are_refused),
		cmocka_unit_test(test_damage),   cmocka_unit_test(test_survives),
		cmocka_unit_test(test_router),   cmocka_unit_test(test_unsorted_offsets),
		cmocka_unit_test(test_belkin),
	};
	return cmocka_run_group_tests_name("trx", tests, NULL, NULL);
}
