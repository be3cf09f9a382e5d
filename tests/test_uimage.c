/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uimage: images by U-Boot's own mkimage, headers written after include/image.h, a camera's and a router's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "walked.h"

extern const struct format uimage_format;

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* An image of `n` bytes of data with both CRCs right. */
static size_t make_image(uint8_t *out, unsigned type, unsigned compression, const void *data, size_t n)
{
	memset(out, 0, 64);
	put32(out, 0x27051956);
	put32(out + 8, 1650441399);
	put32(out + 12, (uint32_t)n);
	put32(out + 16, 0xa0008000);
	put32(out + 20, 0xa0008040);
	put32(out + 24, libdeflate_crc32(0, data, n));
	memcpy(out + 28, (uint8_t[]){ 5, 2, (uint8_t)type, (uint8_t)compression }, 4);
	memcpy(out + 32, "Linux-3.0.8", 11);
	put32(out + 4, libdeflate_crc32(0, out, 64));
	memcpy(out + 64, data, n);
	return 64 + n;
}

static void test_fields(void **state)
{
	(void)state;
	static const struct {
		const char *name, *value;
	} expected[] = {
		{ "name", "Linux-3.0.8" }, { "os", "linux" },        { "arch", "arm" },         { "type", "kernel" },
		{ "comp", "lzma" },        { "load", "0xa0008000" }, { "entry", "0xa0008040" }, { "time", "1650441399" },
		{ "header_crc", "ok" },    { "data_crc", "ok" },
	};
	uint8_t image[256];
	size_t n = make_image(image, 2, 3, "payload", 7);
	memset(image + n, 0xff, sizeof image - n);
	struct walked t;
	walked_open(&t, &uimage_format, span_of(image, sizeof image));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		assert_string_equal(walked_header(&t, expected[i].name), expected[i].value);
	assert_int_equal(t.n, 1);
	assert_string_equal(t.entries[0].e.format, "lzma");
	assert_int_equal(t.entries[0].e.offset, 64);
	assert_content(&t, "kernel", "payload", 7);
	walked_close(&t);
}

static void test_header_crc_decides(void **state)
{
	(void)state;
	uint8_t image[256];
	size_t n = make_image(image, 2, 0, "payload", 7);
	struct format_match m;
	for (size_t bit = 0; bit < 64 * 8; bit++) {
		image[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(uimage_format.probe(span_of(image, n), &m));
		image[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_true(uimage_format.probe(span_of(image, n), &m));
}

static void test_data_damage(void **state)
{
	(void)state;
	uint8_t image[256];
	size_t n = make_image(image, 2, 0, "payload", 7);
	struct walked t;
	image[n - 1] ^= 1;
	walked_open(&t, &uimage_format, span_of(image, n));
	assert_string_equal(walked_header(&t, "data_crc"), "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(walked_get(&t, "kernel")->content.n, 7);
	walked_close(&t);
	walked_open(&t, &uimage_format, span_of(image, n - 3));
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_int_equal(walked_get(&t, "kernel")->content.n, 4);
	walked_close(&t);
}

static void test_multi_with_bad_list(void **state)
{
	(void)state;
	static const uint8_t list[] = { 0, 0, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 'a', 'b', 'c', 'd', 'e', 0, 0, 0, 'x' };
	uint8_t image[256];
	size_t n = make_image(image, 4, 0, list, sizeof list);
	struct walked t;
	walked_open(&t, &uimage_format, span_of(image, n));
	assert_content(&t, "image-0", "abcde", 5);
	assert_content(&t, "image-1", "x", 1);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	n = make_image(image, 4, 0, list, 8);
	walked_open(&t, &uimage_format, span_of(image, n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
}

static void test_mkimage(void **state)
{
	(void)state;
	if (!tool_exists("mkimage"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "printf kernel1 > k; printf ramdisk > r; printf 'echo hi' > s");
	run_in(dir, "mkimage -A mips -O linux -T multi -C gzip -n multi -d k:r m.img; mkimage -A arm -T script -d s s.img");
	struct walked t;
	struct span multi = file_load(dir, "m.img"), script = file_load(dir, "s.img");
	walked_open(&t, &uimage_format, multi);
	assert_int_equal(t.match.size, multi.n);
	assert_string_equal(walked_header(&t, "arch"), "mips");
	assert_int_equal(t.n, 2);
	assert_content(&t, "image-0", "kernel1", 7);
	assert_content(&t, "image-1", "ramdisk", 7);
	walked_close(&t);
	walked_open(&t, &uimage_format, script);
	assert_content(&t, "image-0", "echo hi", 7);
	walked_close(&t);
	temp_remove(dir);
	free((void *)multi.p);
	free((void *)script.p);
}

static void test_survives(void **state)
{
	(void)state;
	static const uint8_t list[] = { 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 'a', 'b', 'c', 'd', 'e', 0, 0, 0, 'x' };
	uint8_t image[256];
	size_t n = make_image(image, 4, 1, list, sizeof list);
	survives_cuts(&uimage_format, span_of(image, n), (unsigned)n);
	/* Flips in the header never get beyond its CRC: those in the data do. */
	survives_flips(&uimage_format, span_of(image, n), 5000, 0);
	for (unsigned i = 0; i < 256; i++) {
		uint8_t hostile[sizeof list];
		memcpy(hostile, list, sizeof list);
		hostile[i % 12] = (uint8_t)i;
		n = make_image(image, 4, (uint8_t)i, hostile, sizeof hostile);
		struct walked t;
		walked_open(&t, &uimage_format, span_of(image, n));
		assert_true(t.accepted);
		walked_close(&t);
	}
}

static void test_samples(void **state)
{
	(void)state;
	struct span camera = sample_load("asecam-kernel-mtd1.bin"), router = sample_load("tplink-wr841n-v11-160325.bin");
	if (!camera.p || !router.p)
		skip();
	struct walked t;
	walked_open(&t, &uimage_format, camera);
	assert_string_equal(walked_header(&t, "data_crc"), "ok");
	assert_string_equal(walked_header(&t, "name"), "Linux-3.0.8");
	assert_int_equal(walked_get(&t, "kernel")->content.n, 2393484);
	assert_string_equal(walked_get(&t, "kernel")->e.format, "zimage");
	walked_close(&t);
	walked_open(&t, &uimage_format, span_from(router, 14784));
	assert_string_equal(walked_header(&t, "name"), "u-boot image");
	assert_string_equal(walked_header(&t, "data_crc"), "ok");
	assert_string_equal(walked_get(&t, "firmware")->e.format, "lzma");
	walked_close(&t);
	free((void *)camera.p);
	free((void *)router.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),      cmocka_unit_test(test_header_crc_decides),
		cmocka_unit_test(test_data_damage), cmocka_unit_test(test_multi_with_bad_list),
		cmocka_unit_test(test_mkimage),     cmocka_unit_test(test_survives),
		cmocka_unit_test(test_samples),
	};
	return cmocka_run_group_tests_name("uimage", tests, NULL, NULL);
}
