/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tplink, tplink_safeloader: images written here after OpenWrt's mktplinkfw.c, mktplinkfw2.c and
 * tplink-safeloader.c, and a router's. */
#include "vendor_image.h"

extern const struct format tplink_format, tplink_safeloader_format;

static const uint8_t salt_1[16] = { 0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb,
									0xdd, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x38 };
static const uint8_t salt_1_boot[16] = { 0x8c, 0xef, 0x33, 0x5b, 0xd5, 0xc5, 0xce, 0xfa,
										 0xa7, 0x9c, 0x28, 0xda, 0xb2, 0xe9, 0x0f, 0x42 };
static const uint8_t salt_2[16] = { 0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb,
									0xdc, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x37 };
static const uint8_t salt_safeloader[16] = { 0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d,
											 0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e };

#define KERNEL_AT 0x200u
#define ROOTFS_AT 0x1000u

/* kernel 1000 bytes, rootfs 600 at 0x1000, in a flash of 0x2000. */
static void make_v1(struct image *im, const char *vendor, uint32_t boot_size, const uint8_t *salt, uint32_t length)
{
	size_t at = im->n;
	put_be(im, 0x01000000, 4);
	put_text(im, vendor, 24, 0);
	put_text(im, "ver. 1.0", 36, 0);
	put_be(im, 0x07400001, 4);
	put_be(im, 2, 4);
	put_be(im, 0, 4);
	put(im, salt, 16);
	put_fill(im, 0, 4 + 16 + 4);
	put_be(im, 0x80060000, 4);
	put_be(im, 0x80060400, 4);
	put_be(im, length, 4);
	put_be(im, KERNEL_AT, 4);
	put_be(im, 1000, 4);
	put_be(im, ROOTFS_AT, 4);
	put_be(im, 600, 4);
	put_be(im, 0, 4);
	put_be(im, boot_size, 4);
	put_be(im, 3, 2);
	put_be(im, 16, 2);
	put_be(im, 9, 2);
	put_fill(im, 0, at + KERNEL_AT - im->n);
}

static void put_contents(struct image *im)
{
	size_t at = im->n;
	put_payload(im, 1, 1000);
	put_fill(im, 0xff, at + ROOTFS_AT - KERNEL_AT - im->n);
	put_payload(im, 2, 600);
}

static void seal(struct image *im, size_t from, size_t md5_at)
{
	uint8_t md5[16];
	vendor_digest("md5", im->p + from, im->n - from, md5);
	memcpy(im->p + from + md5_at, md5, 16);
}

static void test_v1(void **state)
{
	(void)state;
	static const char *const vendors[] = { "TP-LINK Technologies", "MERCURY" };
	for (int i = 0; i < 4; i++) {
		struct image im = image_new();
		make_v1(&im, vendors[i / 2], 0, salt_1, 0x2000);
		put_contents(&im);
		if (i % 2)
			put_fill(&im, 0xff, 0x2000 - im.n); /* not stripped */
		seal(&im, 0, 0x4c);
		struct walked t;
		image_open(&t, &tplink_format, image_span(&im), im.n);
		assert_field(&t, "md5sum1", "ok");
		assert_field(&t, "vendor_name", vendors[i / 2]);
		assert_field(&t, "hw_id", "0x07400001");
		assert_field(&t, "ver", "3.16.9");
		assert_int_equal(t.n, 2);
		assert_content(&t, "kernel", im.p + KERNEL_AT, 1000);
		assert_content(&t, "rootfs", im.p + ROOTFS_AT, 600);
		walked_close(&t);
		im.p[ROOTFS_AT + 3] ^= 1;
		image_open(&t, &tplink_format, image_span(&im), im.n);
		assert_field(&t, "md5sum1", "mismatch");
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
		image_open(&t, &tplink_format, span_clip(image_span(&im), 0, ROOTFS_AT + 100), ROOTFS_AT + 600);
		assert_field(&t, "md5sum1", "not checked");
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		assert_int_equal(walked_get(&t, "rootfs")->content.n, 100);
		walked_close(&t);
		survives_all(&tplink_format, &im, 0x200);
		image_free(&im);
	}
}

static void test_boot_loader(void **state)
{
	(void)state;
	struct image im = image_new();
	make_v1(&im, "TP-LINK Technologies", 0xc454, salt_1_boot, 0x20200 + 0x2000);
	put_payload(&im, 3, 0xc454);
	put_fill(&im, 0xff, 0x20200 - im.n);
	size_t inner = im.n;
	make_v1(&im, "TP-LINK Technologies", 0, salt_1, 0x2000);
	put_contents(&im);
	put_fill(&im, 0xff, inner + 0x2000 - im.n);
	seal(&im, inner, 0x4c);
	seal(&im, 0, 0x4c);
	struct walked t;
	image_open(&t, &tplink_format, image_span(&im), im.n);
	assert_field(&t, "md5sum1", "ok");
	assert_int_equal(t.n, 2);
	assert_content(&t, "bootloader", im.p + 0x200, 0x20000);
	assert_content(&t, "firmware", im.p + inner, 0x2000);
	assert_string_equal(walked_get(&t, "firmware")->e.format, "tplink");
	walked_close(&t);
	image_open(&t, &tplink_format, span_from(image_span(&im), inner), 0x2000);
	assert_field(&t, "md5sum1", "ok");
	walked_close(&t);
	image_free(&im);
}

static void test_v2_v3(void **state)
{
	(void)state;
	for (unsigned version = 2; version < 4; version++) {
		struct image im = image_new();
		put_le(&im, version, 4);
		put_text(&im, "ver. 2.0", 9, 0);
		put_fill(&im, 0xff, 0x34 - im.n);
		put_be(&im, 0x06320002, 4);
		put_be(&im, 1, 4);
		put_be(&im, 7, 4);
		put(&im, salt_2, 16);
		put_be(&im, 0, 4);
		put_fill(&im, 0xff, 0x68 - im.n);
		static const uint32_t lengths[] = { 0x80000000, 0x8000c310, 0x4000, KERNEL_AT, 1000, ROOTFS_AT, 600, 0, 0 };
		for (unsigned i = 0; i < 9; i++)
			put_be(&im, lengths[i], 4);
		put(&im, "\x55\xaa\1\0\xa5\1\2\3", 8);
		put_fill(&im, 0xff, KERNEL_AT - im.n);
		put_contents(&im);
		seal(&im, 0, 0x40);
		struct walked t;
		image_open(&t, &tplink_format, image_span(&im), im.n);
		assert_field(&t, "version", version == 2 ? "2" : "3");
		assert_field(&t, "md5sum1", "ok");
		assert_field(&t, "fw_version", "ver. 2.0");
		assert_field(&t, "hw_id", "0x06320002");
		assert_field(&t, "hw_ver_add", "0x00000007");
		assert_field(&t, "ver", "1.2.3-1.0");
		assert_content(&t, "kernel", im.p + KERNEL_AT, 1000);
		walked_close(&t);
		survives_all(&tplink_format, &im, 0x200);
		im.p[0x90] = 0;
		struct format_match m;
		assert_false(tplink_format.probe(image_span(&im), &m));
		image_free(&im);
	}
}

static void put_partition(struct image *im, size_t *table, size_t *base, const char *name, size_t size)
{
	int n = sprintf((char *)im->p + *table, "fwup-ptn %s base 0x%05x size 0x%05x\t\r\n", name, (unsigned)*base,
					(unsigned)size);
	*table += (size_t)n;
	*base += size;
}

static void make_safeloader(struct image *im)
{
	static const char devices[] = "SupportList:\r\nCPE510(TP-LINK|UN|N300-5):1.0\r\nCPE520(TP-LINK|UN|N300-5):1.1\r\n";
	static const char vendor[] = "CPE510(TP-LINK|UN|N300-5):1.0\r\n";
	size_t table = 0x1014, base = 0x800;
	put_fill(im, 0, 20);
	put_be(im, sizeof vendor - 1, 4);
	put_text(im, vendor, 4092, 0xff);
	put_fill(im, 0xff, 0x800);
	put_text(im, "partition fs-uboot base 0x00000 size 0x20000\n", 0x800, 0xff);
	put_partition(im, &table, &base, "partition-table", 0x800);
	put(im, "\0\0\0\x0c\0\0\0\0\xff\1\2\3\x20\x16\x03\x25\0\0\x10\0\xff", 21);
	put_partition(im, &table, &base, "soft-version", 21);
	put_be(im, sizeof devices - 1, 4);
	put_be(im, 0, 4);
	put_text(im, devices, sizeof devices, 0xff);
	put_partition(im, &table, &base, "support-list", 8 + sizeof devices);
	put_payload(im, 9, 3333);
	put_partition(im, &table, &base, "os-image", 3333);
	im->p[table] = 0;
	set_be(im, 0, im->n, 4);
	uint8_t *salted = malloc(im->n);
	assert_non_null(salted);
	memcpy(salted, salt_safeloader, 16);
	memcpy(salted + 16, im->p + 20, im->n - 20);
	vendor_digest("md5", salted, im->n - 4, im->p + 4);
	free(salted);
}

static void test_safeloader(void **state)
{
	(void)state;
	struct image im = image_new();
	make_safeloader(&im);
	struct walked t;
	image_open(&t, &tplink_safeloader_format, image_span(&im), im.n);
	assert_field(&t, "md5", "ok");
	assert_field(&t, "vendor", "CPE510(TP-LINK|UN|N300-5):1.0");
	assert_field(&t, "soft-version", "1.2.3");
	assert_field(&t, "soft-version date", "2016-03-25");
	assert_field(&t, "soft-version rev", "4096");
	assert_field(&t, "support-list", "CPE510(TP-LINK|UN|N300-5):1.0");
	assert_int_equal(t.n, 4);
	assert_content(&t, "os-image", im.p + im.n - 3333, 3333);
	assert_int_equal(walked_get(&t, "partition-table")->e.offset, 0x1814);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	im.p[im.n - 5] ^= 4;
	image_open(&t, &tplink_safeloader_format, image_span(&im), im.n);
	assert_field(&t, "md5", "mismatch");
	walked_close(&t);
	image_open(&t, &tplink_safeloader_format, span_clip(image_span(&im), 0, im.n - 1000), im.n);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_int_equal(walked_get(&t, "os-image")->content.n, 2333);
	walked_close(&t);
	survives_cuts(&tplink_safeloader_format, image_span(&im), 300);
	survives_flips(&tplink_safeloader_format, span_from(image_span(&im), 0), 1000, 0x2000);
	image_free(&im);
}

static void test_safeloader_hostile(void **state)
{
	(void)state;
	static const char *const tables[] = {
		"fwup-ptn a base 0xffffffff size 0xffffffff\t\r\n",
		"fwup-ptn a base 0x0 size 0x10\t\r\n",
		"fwup-ptn  base 0x800 size 0x10\n",
		"fwup-ptn a base 0x800 size 0x",
		"fwup-ptn a base 800 size 0x10\n",
	};
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		struct image im = image_new();
		put_fill(&im, 0, 0x1014);
		put_text(&im, tables[i], 0x800, 0xff);
		struct walked t;
		walked_open(&t, &tplink_safeloader_format, image_span(&im));
		assert_int_equal(t.accepted, i == 0);
		walked_close(&t);
		image_free(&im);
	}
}

static void test_router(void **state)
{
	(void)state;
	struct span image = sample_load("tplink-wr841n-v11-160325.bin");
	if (!image.p)
		skip();
	struct walked t;
	image_open(&t, &tplink_format, image, 4063744);
	assert_field(&t, "hw_id", "0x08410011");
	assert_field(&t, "ver", "3.16.9");
	assert_field(&t, "md5sum1", "ok");
	assert_int_equal(walked_get(&t, "firmware")->e.offset, 0x20200);
	walked_close(&t);
	image_open(&t, &tplink_format, span_from(image, 0x20200), 0x3c0000);
	assert_field(&t, "md5sum1", "ok");
	assert_int_equal(0x20200 + walked_get(&t, "kernel")->e.offset, 132096);
	assert_int_equal(0x20200 + walked_get(&t, "rootfs")->e.offset, 1180160);
	assert_memory_equal(walked_get(&t, "rootfs")->content.p, "hsqs", 4);
	walked_close(&t);
	free((void *)image.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v1),         cmocka_unit_test(test_boot_loader),        cmocka_unit_test(test_v2_v3),
		cmocka_unit_test(test_safeloader), cmocka_unit_test(test_safeloader_hostile), cmocka_unit_test(test_router),
	};
	return cmocka_run_group_tests_name("tplink", tests, NULL, NULL);
}
