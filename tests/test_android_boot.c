/* SPDX-License-Identifier: GPL-3.0-or-later */
/* android_boot, android_vendor_boot, android_dtbo: images by mkbootimg, and by headers after bootimg.h and dt_table.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "walked.h"

extern const struct format android_boot_format, android_vendor_boot_format, android_dtbo_format;

static void put(uint8_t *p, uint64_t v, unsigned width, bool big)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (big ? width - 1 - i : i)));
}

static void expect_file(const struct walked *t, const char *dir, const char *path, const char *file)
{
	struct span s = file_load(dir, file);
	assert_content(t, path, s.p, s.n);
	free((void *)s.p);
}

#define COMMON                                                                                                         \
	"mkbootimg --kernel kernel --ramdisk ramdisk --cmdline 'console=ttyMSM0 androidboot.hardware=x' "                  \
	"--os_version 13.0.1 --os_patch_level 2023-05 -o image "

static void test_mkbootimg(void **state)
{
	(void)state;
	static const char *const commands[] = {
		COMMON "--second second --board board --pagesize 2048 --header_version 0",
		COMMON "--second second --board board --pagesize 4096 --header_version 1",
		COMMON "--second second --board board --pagesize 16384 --dtb dtb --header_version 2",
		COMMON "--header_version 3",
	};
	if (!tool_exists("mkbootimg"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "head -c 100001 /dev/urandom > kernel; head -c 50000 /dev/urandom > ramdisk; "
				"head -c 3000 /dev/urandom > second; head -c 4096 /dev/urandom > dtb");
	for (unsigned version = 0; version < 4; version++) {
		run_in(dir, commands[version]);
		struct span image = file_load(dir, "image");
		struct walked t;
		char text[4];
		walked_open(&t, &android_boot_format, image);
		assert_true(t.accepted);
		/* mkbootimg pads each part to a page, but the last one of version 3. */
		assert_int_equal((t.match.size + 4095) / 4096, (image.n + 4095) / 4096);
		snprintf(text, sizeof text, "%u", version);
		assert_string_equal(walked_header(&t, "header_version"), text);
		assert_string_equal(walked_header(&t, "os_version"), "13.0.1");
		assert_string_equal(walked_header(&t, "os_patch_level"), "2023-05");
		assert_string_equal(walked_header(&t, "cmdline"), "console=ttyMSM0 androidboot.hardware=x");
		if (version < 3)
			assert_string_equal(walked_header(&t, "name"), "board");
		if (version < 3)
			assert_string_equal(walked_header(&t, "id_digest"), "ok");
		expect_file(&t, dir, "kernel", "kernel");
		expect_file(&t, dir, "ramdisk", "ramdisk");
		if (version < 3)
			expect_file(&t, dir, "second", "second");
		if (version == 2)
			expect_file(&t, dir, "dtb", "dtb");
		assert_int_equal(t.n, version < 2 ? 3 : version == 2 ? 4 : 2);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		survives_cuts(&android_boot_format, image, 200);
		survives_flips(&android_boot_format, image, 500, 1700);
		if (version < 3) { /* another kernel than the id's */
			uint8_t *copy = (uint8_t *)(uintptr_t)image.p;
			copy[20000] ^= 1;
			walked_open(&t, &android_boot_format, image);
			assert_string_equal(walked_header(&t, "id_digest"), "mismatch");
			assert_int_equal(walked_damage(&t, "corrupt"), 1);
			walked_close(&t);
		}
		free((void *)image.p);
	}
	temp_remove(dir);
}

static void test_vendor_boot_v3(void **state)
{
	(void)state;
	if (!tool_exists("mkbootimg"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "head -c 50000 /dev/urandom > ramdisk; head -c 4097 /dev/urandom > dtb; mkbootimg --header_version 3 "
				"--vendor_boot image --vendor_ramdisk ramdisk --dtb dtb --vendor_cmdline 'a=b c' --board x "
				"--pagesize 2048");
	struct span image = file_load(dir, "image");
	struct walked t;
	walked_open(&t, &android_vendor_boot_format, image);
	assert_true(t.accepted);
	assert_int_equal(t.match.size, image.n);
	assert_string_equal(walked_header(&t, "cmdline"), "a=b c");
	assert_string_equal(walked_header(&t, "name"), "x");
	expect_file(&t, dir, "vendor_ramdisk", "ramdisk");
	expect_file(&t, dir, "dtb", "dtb");
	assert_int_equal(t.n, 2);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	survives_cuts(&android_vendor_boot_format, image, 200);
	survives_flips(&android_vendor_boot_format, image, 500, 2112);
	free((void *)image.p);
	temp_remove(dir);
}

static uint8_t image[65536];

/* Version 4: two ramdisks in one part, a table of them, a configuration. */
static size_t make_vendor_v4(void)
{
	memset(image, 0, sizeof image);
	for (size_t i = 4096; i < 16384; i++)
		image[i] = (uint8_t)(i * i >> 4);
	memcpy(image, "VNDRBOOT", 8);
	put(image + 8, 4, 4, false);
	put(image + 12, 4096, 4, false);
	put(image + 24, 5000, 4, false); /* ramdisks */
	put(image + 2096, 2128, 4, false);
	put(image + 2100, 100, 4, false);     /* trees */
	put(image + 2112, 2 * 108, 4, false); /* table */
	put(image + 2116, 2, 4, false);
	put(image + 2120, 108, 4, false);
	put(image + 2124, 27, 4, false); /* configuration */
	uint8_t *table = image + 4096 + 8192 + 4096;
	put(table, 3000, 4, false);
	put(table + 8, 1, 4, false);
	put(table + 108, 2000, 4, false);
	put(table + 108 + 4, 3000, 4, false);
	put(table + 108 + 8, 3, 4, false);
	memcpy(table + 108 + 12, "dlkm", 4);
	memcpy(table + 4096, "androidboot.hardware=x\nabc\n", 27);
	return 4096 + 8192 + 4096 + 4096 + 4096;
}

static void test_vendor_boot_v4(void **state)
{
	(void)state;
	size_t n = make_vendor_v4();
	struct walked t;
	walked_open(&t, &android_vendor_boot_format, span_of(image, sizeof image));
	assert_int_equal(t.match.size, n);
	assert_content(&t, "vendor_ramdisk-0", image + 4096, 3000);
	assert_content(&t, "vendor_ramdisk-1-dlkm", image + 4096 + 3000, 2000);
	assert_content(&t, "dtb", image + 4096 + 8192, 100);
	assert_content(&t, "bootconfig", "androidboot.hardware=x\nabc\n", 27);
	assert_string_equal(walked_header(&t, "vendor_ramdisk_table[1]"), "dlkm, type dlkm");
	assert_int_equal(t.n, 4);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	survives_cuts(&android_vendor_boot_format, span_of(image, n), 200);
	survives_flips(&android_vendor_boot_format, span_of(image, n), 2000, 2128);
	survives_flips(&android_vendor_boot_format, span_of(image, n), 1000, 0);
	put(image + 2120, 8, 4, false); /* entries that are too small: all of the part */
	walked_open(&t, &android_vendor_boot_format, span_of(image, sizeof image));
	assert_content(&t, "vendor_ramdisk", image + 4096, 5000);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	make_vendor_v4();
	put(image + 4096 + 8192 + 4096 + 108 + 4, UINT32_MAX, 4, false); /* a ramdisk that lies elsewhere */
	walked_open(&t, &android_vendor_boot_format, span_of(image, sizeof image));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 3);
	walked_close(&t);
}

/* Version 4 has a signature; a version 0 of old has device trees behind the second stage. */
static void test_variants(void **state)
{
	(void)state;
	struct walked t;
	memset(image, 0, sizeof image);
	memcpy(image, "ANDROID!", 8);
	put(image + 8, 5000, 4, false);
	put(image + 12, 100, 4, false);
	put(image + 20, 1584, 4, false);
	put(image + 40, 4, 4, false);
	put(image + 1580, 4096, 4, false);
	walked_open(&t, &android_boot_format, span_of(image, sizeof image));
	assert_int_equal(t.match.size, 4096 + 8192 + 4096 + 4096);
	assert_content(&t, "boot_signature", image + 16384, 4096);
	assert_int_equal(t.n, 3);
	walked_close(&t);

	memset(image, 0, sizeof image);
	memcpy(image, "ANDROID!", 8);
	put(image + 8, 5000, 4, false);
	put(image + 16, 100, 4, false);
	put(image + 36, 2048, 4, false);
	put(image + 40, 3000, 4, false);
	walked_open(&t, &android_boot_format, span_of(image, sizeof image));
	assert_int_equal(t.match.size, 2048 + 6144 + 2048 + 4096);
	assert_content(&t, "dt", image + 2048 + 6144 + 2048, 3000);
	assert_string_equal(walked_header(&t, "id_digest"), "none");
	assert_int_equal(t.n, 3);
	walked_close(&t);

	put(image + 40, 2, 4, false); /* all that version 2 has */
	put(image + 24, 10, 4, false);
	put(image + 1632, 77, 4, false);
	put(image + 1644, 1660, 4, false);
	put(image + 1648, 88, 4, false);
	walked_open(&t, &android_boot_format, span_of(image, sizeof image));
	assert_int_equal(t.match.size, 2048 + 6144 + 2048 + 3 * 2048);
	assert_content(&t, "second", image + 10240, 10);
	assert_content(&t, "recovery_dtbo", image + 12288, 77);
	assert_content(&t, "dtb", image + 14336, 88);
	assert_int_equal(t.n, 5);
	walked_close(&t);
}

static size_t make_dtbo(void)
{
	memset(image, 0, 1024);
	put(image, 0xd7b7ab1e, 4, true);
	put(image + 4, 32 + 4 * 32 + 300, 4, true);
	put(image + 8, 32, 4, true);
	put(image + 12, 32, 4, true);
	put(image + 16, 4, 4, true);
	put(image + 20, 32, 4, true);
	put(image + 24, 4096, 4, true);
	static const unsigned offsets[] = { 0, 100, 100, 200 };
	for (unsigned i = 0; i < 4; i++) { /* two entries share a tree */
		uint8_t *entry = image + 32 + 32 * i;
		put(entry, 100, 4, true);
		put(entry + 4, 160 + offsets[i], 4, true);
		put(entry + 8, 0x10 + i, 4, true);
		put(entry + 12, 7, 4, true);
	}
	for (unsigned i = 160; i < 460; i++)
		image[i] = (uint8_t)i;
	return 460;
}

static void test_dtbo(void **state)
{
	(void)state;
	size_t n = make_dtbo();
	struct walked t;
	walked_open(&t, &android_dtbo_format, span_of(image, 1024));
	assert_int_equal(t.match.size, n);
	assert_int_equal(t.n, 3);
	assert_content(&t, "dt-0", image + 160, 100);
	assert_content(&t, "dt-1", image + 260, 100);
	assert_content(&t, "dt-3", image + 360, 100);
	assert_string_equal(walked_header(&t, "dt_entry[2]"), "id 0x12, rev 0x7");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	survives_cuts(&android_dtbo_format, span_of(image, n), (unsigned)n);
	survives_flips(&android_dtbo_format, span_of(image, n), 5000, 160);
	put(image + 32 + 4, UINT32_MAX, 4, true);
	walked_open(&t, &android_dtbo_format, span_of(image, 1024));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 2);
	walked_close(&t);
	put(image + 16, UINT32_MAX, 4, true);
	struct format_match m;
	assert_false(android_dtbo_format.probe(span_of(image, 1024), &m));
}

static void test_noise(void **state)
{
	(void)state;
	static const struct format *const formats[] = { &android_boot_format, &android_vendor_boot_format,
													&android_dtbo_format };
	uint64_t x = 99;
	for (unsigned k = 0; k < 30000; k++)
		for (size_t f = 0; f < 3; f++) {
			for (size_t i = 0; i < 4096; i += 8) {
				x ^= x << 13, x ^= x >> 7, x ^= x << 17;
				memcpy(image + i, &x, 8);
			}
			struct format_match m;
			memcpy(image, formats[f]->magics->bytes, formats[f]->magics->n);
			assert_false(formats[f]->probe(span_of(image, 4096), &m));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mkbootimg), cmocka_unit_test(test_vendor_boot_v3), cmocka_unit_test(test_vendor_boot_v4),
		cmocka_unit_test(test_variants),  cmocka_unit_test(test_dtbo),           cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("android_boot", tests, NULL, NULL);
}
