/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rockchip_rkfw, rockchip_rkaf, rockchip_krnl, allwinner_imagewty, amlogic_image, mediatek_image: images written here after the headers of
 * the makers' tools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "little_endian.h"
#include "walked.h"

extern const struct format rockchip_rkfw_format, rockchip_rkaf_format, rockchip_krnl_format, allwinner_imagewty_format,
	amlogic_image_format, mediatek_image_format;

static uint8_t image[32768];

/* Bit by bit, to have a checksum that shares nothing with the one under test. */
static uint32_t crc(const uint8_t *p, size_t n, uint32_t polynomial)
{
	uint32_t c = 0;
	for (size_t i = 0; i < 8 * n; i++) {
		bool bit = (p[i / 8] >> (7 - i % 8) & 1) ^ c >> 31;
		c = c << 1 ^ (bit ? polynomial : 0);
	}
	return c;
}

static size_t make_rkaf(uint8_t *p)
{
	static const struct {
		const char *name, *file;
		uint32_t at, size;
	} parts[] = { { "package-file", "package-file", 2048, 100 },
				  { "boot", "Image/boot.img", 4096, 3000 },
				  { "update-script", "SELF", 0, 0 } };
	memset(p, 0, 8192);
	memcpy(p, "RKAF", 4);
	put(p + 4, 8192, 4);
	memcpy(p + 8, "RK3128", 6);
	memcpy(p + 0x48, "ROCKCHIP", 8);
	put(p + 0x84, 0x04040002, 4);
	put(p + 0x88, 3, 4);
	for (size_t i = 0; i < 3; i++) {
		uint8_t *part = p + 0x8c + 112 * i;
		memcpy(part, parts[i].name, strlen(parts[i].name));
		memcpy(part + 32, parts[i].file, strlen(parts[i].file));
		put(part + 96, parts[i].at, 4);
		put(part + 100, 0x2000, 4);
		put(part + 108, parts[i].size, 4);
	}
	for (size_t i = 2048; i < 8192; i++)
		p[i] = (uint8_t)(i * 7 >> 3);
	put(p + 8192, crc(p, 8192, 0x04c10db7), 4);
	return 8196;
}

static void test_rkaf(void **state)
{
	(void)state;
	size_t n = make_rkaf(image);
	struct walked t;
	walked_open(&t, &rockchip_rkaf_format, span_of(image, sizeof image));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_string_equal(walked_header(&t, "crc32"), "ok");
	assert_string_equal(walked_header(&t, "manufacturer"), "ROCKCHIP");
	assert_string_equal(walked_header(&t, "version"), "4.4.2");
	assert_int_equal(t.n, 2);
	assert_content(&t, "package-file", image + 2048, 100);
	assert_content(&t, "boot", image + 4096, 3000);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	image[5000] ^= 1;
	walked_open(&t, &rockchip_rkaf_format, span_of(image, n));
	assert_string_equal(walked_header(&t, "crc32"), "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	survives_cuts(&rockchip_rkaf_format, span_of(image, n), 300);
	survives_flips(&rockchip_rkaf_format, span_of(image, n), 1000, 500);
}

static void test_rkfw(void **state)
{
	(void)state;
	uint8_t digest[16];
	unsigned size;
	memset(image, 0, sizeof image);
	memcpy(image, "RKFW\x66\0", 6);
	put(image + 6, 0x04040002, 4);
	put(image + 14, 2016, 2);
	image[16] = 5;
	image[17] = 31;
	put(image + 21, 0x33313241, 4);
	put(image + 25, 0x66, 4);
	put(image + 29, 500, 4);
	put(image + 33, 0x66 + 500, 4);
	size_t n = make_rkaf(image + 0x66 + 500), end = 0x66 + 500 + n;
	put(image + 37, n, 4);
	EVP_Digest(image, end, digest, &size, EVP_md5(), NULL);
	for (size_t i = 0; i < 16; i++)
		snprintf((char *)image + end + 2 * i, 3, "%02x", digest[i]);
	struct walked t;
	walked_open(&t, &rockchip_rkfw_format, span_of(image, sizeof image));
	assert_int_equal(t.match.size, end + 32);
	assert_string_equal(walked_header(&t, "md5"), "ok");
	assert_string_equal(walked_header(&t, "date"), "2016-05-31 00:00:00");
	assert_content(&t, "loader", image + 0x66, 500);
	assert_content(&t, "image", image + 0x66 + 500, n);
	assert_string_equal(walked_get(&t, "image")->e.format, "rockchip_rkaf");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	survives_cuts(&rockchip_rkfw_format, span_of(image, end + 32), 200);
	survives_flips(&rockchip_rkfw_format, span_of(image, end + 32), 1000, 0x66);
	image[200] ^= 1;
	walked_open(&t, &rockchip_rkfw_format, span_of(image, sizeof image));
	assert_string_equal(walked_header(&t, "md5"), "mismatch");
	walked_close(&t);
}

static void test_krnl(void **state)
{
	(void)state;
	static const char parameters[] = "FIRMWARE_VER:4.4.2\nCMDLINE:mtdparts=rk29xxnand:0x2000@0x2000(uboot)\n";
	struct walked t;
	for (unsigned k = 0; k < 2; k++) {
		size_t n = sizeof parameters - 1;
		memset(image, 0, sizeof image);
		memcpy(image, "PARM", 4);
		put(image + 4, n, 4);
		memcpy(image + 8, parameters, n);
		put(image + 8 + n, crc(image + 8, n, k ? 0x04c11db7 : 0x04c10db7), 4);
		walked_open(&t, &rockchip_krnl_format, span_of(image, 4096));
		assert_int_equal(t.match.size, n + 12);
		assert_content(&t, "parameter", parameters, n);
		walked_close(&t);
		image[10] ^= 1;
		struct format_match m;
		assert_false(rockchip_krnl_format.probe(span_of(image, 4096), &m));
	}
	memset(image, 0, sizeof image);
	memcpy(image, "KRNL", 4);
	put(image + 4, 9000, 4);
	memcpy(image + 8, "\x1f\x8b\x08", 3);
	put(image + 9008, crc(image + 8, 9000, 0x04c10db7), 4);
	walked_open(&t, &rockchip_krnl_format, span_of(image, sizeof image));
	assert_string_equal(walked_header(&t, "crc32"), "ok");
	assert_content(&t, "kernel", image + 8, 9000);
	walked_close(&t);
	survives_cuts(&rockchip_krnl_format, span_of(image, 9012), 200);
	survives_flips(&rockchip_krnl_format, span_of(image, 9012), 1000, 64);
}

static void test_imagewty(void **state)
{
	(void)state;
	for (unsigned v3 = 0; v3 < 2; v3++) {
		memset(image, 0, sizeof image);
		memcpy(image, "IMAGEWTY", 8);
		put(image + 8, v3 ? 0x300 : 0x100, 4);
		put(image + 12, v3 ? 0x60 : 0x50, 4);
		put(image + 20, 0x100234, 4);
		put(image + 24, 8192, 4);
		put(image + 28 + 4 * v3, 1024, 4);
		put(image + 40 + 4 * v3, 0x100, 4);
		put(image + 56 + 4 * v3, 2, 4);
		for (unsigned i = 0; i < 2; i++) {
			uint8_t *h = image + 1024 * (i + 1);
			put(h, 256, 4);
			put(h + 4, 1024, 4);
			memcpy(h + 8, i ? "RFSFAT16" : "COMMON  ", 8);
			memcpy(h + 16, "SYS_CONFIG000000", 16);
			const uint32_t numbers[] = { 1024, 1000 - i, 3072 + 1024 * i };
			static const unsigned v1_at[] = { 36, 40, 44 }, v3_at[] = { 292, 300, 308 };
			for (unsigned k = 0; k < 3; k++)
				put(h + (v3 ? v3_at[k] : v1_at[k]), numbers[k], 4);
			memcpy(h + (v3 ? 36 : 52), i ? "/boot.fex" : "sys_config.fex", i ? 9 : 14);
		}
		for (size_t i = 3072; i < 8192; i++)
			image[i] = (uint8_t)(i ^ i >> 8);
		struct walked t;
		walked_open(&t, &allwinner_imagewty_format, span_of(image, sizeof image));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, 8192);
		assert_int_equal(t.n, 2);
		assert_content(&t, "sys_config.fex", image + 3072, 1000);
		assert_content(&t, "/boot.fex", image + 4096, 999);
		assert_string_equal(walked_header(&t, "file[1]"), "RFSFAT16 SYS_CONFIG000000");
		assert_string_equal(walked_header(&t, "hardware_id"), "0x100");
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		survives_cuts(&allwinner_imagewty_format, span_of(image, 8192), 200);
		survives_flips(&allwinner_imagewty_format, span_of(image, 8192), 2000, 3072);
	}
}

/* CRC-32 as in zlib, bit by bit, without the inversion at its end. */
static uint32_t crc_reflected(const uint8_t *p, size_t n)
{
	uint32_t c = UINT32_MAX;
	for (; n; n--, p++) {
		c ^= *p;
		for (int bit = 0; bit < 8; bit++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
	}
	return c;
}

static void test_amlogic(void **state)
{
	(void)state;
	for (unsigned version = 1; version <= 2; version++) {
		static const char *const types[] = { "USB", "PARTITION", "VERIFY" }, *const names[] = { "DDR", "boot", "boot" };
		unsigned name_n = version == 1 ? 32 : 256, item_n = version == 1 ? 128 : 576, size;
		const uint32_t places[] = { 4096, 5000, 7000 }, sizes[] = { 100, 2000, 48 };
		memset(image, 0, sizeof image);
		for (size_t i = 4096; i < 8192; i++)
			image[i] = (uint8_t)(i * i >> 7);
		put(image + 4, version, 4);
		put(image + 8, 0x27b51956, 4);
		put(image + 12, 8192, 8);
		put(image + 20, 4, 4);
		put(image + 24, 3, 4);
		for (unsigned i = 0; i < 3; i++) {
			uint8_t *item = image + 64 + item_n * i;
			put(item, i, 4);
			put(item + 16, places[i], 8);
			put(item + 24, sizes[i], 8);
			memcpy(item + 32, types[i], strlen(types[i]));
			memcpy(item + 32 + name_n, names[i], strlen(names[i]));
		}
		uint8_t digest[20];
		char text[64] = "sha1sum ";
		EVP_Digest(image + 5000, 2000, digest, &size, EVP_sha1(), NULL);
		for (size_t i = 0; i < 20; i++)
			snprintf(text + 8 + 2 * i, 3, "%02x", digest[i]);
		memcpy(image + 7000, text, 48);
		put(image, crc_reflected(image + 4, 8188), 4);
		struct walked t;
		walked_open(&t, &amlogic_image_format, span_of(image, sizeof image));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, 8192);
		assert_string_equal(walked_header(&t, "crc"), "ok");
		assert_string_equal(walked_header(&t, "sha1sum/boot"), "ok");
		assert_content(&t, "DDR.USB", image + 4096, 100);
		assert_content(&t, "boot.PARTITION", image + 5000, 2000);
		assert_int_equal(t.n, 3);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		survives_cuts(&amlogic_image_format, span_of(image, 8192), 200);
		survives_flips(&amlogic_image_format, span_of(image, 8192), 2000, 64 + 3 * item_n);
		image[6000] ^= 1;
		walked_open(&t, &amlogic_image_format, span_of(image, sizeof image));
		assert_string_equal(walked_header(&t, "crc"), "mismatch");
		assert_string_equal(walked_header(&t, "sha1sum/boot"), "mismatch");
		assert_int_equal(walked_damage(&t, "corrupt"), 2);
		walked_close(&t);
	}
}

static void test_mediatek(void **state)
{
	(void)state;
	for (unsigned extended = 0; extended < 2; extended++) {
		memset(image, 0xff, 512);
		put(image, 0x58881688, 4);
		put(image + 4, 777, 4);
		memset(image + 8, 0, 32);
		memcpy(image + 8, "lk", 2);
		put(image + 40, 0x41e00000, 4);
		if (extended) {
			put(image + 48, 0x58891689, 4);
			put(image + 52, 512, 4);
			put(image + 68, 16, 4);
		}
		struct walked t;
		walked_open(&t, &mediatek_image_format, span_of(image, sizeof image));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, extended ? 1296 : 512 + 777);
		assert_string_equal(walked_header(&t, "maddr"), "0x41e00000");
		assert_content(&t, "lk", image + 512, 777);
		walked_close(&t);
		survives_cuts(&mediatek_image_format, span_of(image, 1296), 1296);
		survives_flips(&mediatek_image_format, span_of(image, 1296), 2000, 80);
	}
}

static void test_noise(void **state)
{
	(void)state;
	static const struct format *const formats[] = { &rockchip_rkfw_format, &rockchip_rkaf_format,
													&rockchip_krnl_format, &allwinner_imagewty_format,
													&amlogic_image_format, &mediatek_image_format };
	uint64_t x = 31;
	for (unsigned k = 0; k < 30000; k++)
		for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++)
			for (const struct format_magic *magic = formats[f]->magics; magic->bytes; magic++) {
				for (size_t i = 0; i < 2048; i += 8) {
					x ^= x << 13, x ^= x >> 7, x ^= x << 17;
					memcpy(image + i, &x, 8);
				}
				struct format_match m;
				memcpy(image + magic->offset, magic->bytes, magic->n);
				assert_false(formats[f]->probe(span_of(image, 2048), &m));
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rkaf),     cmocka_unit_test(test_rkfw),    cmocka_unit_test(test_krnl),
		cmocka_unit_test(test_imagewty), cmocka_unit_test(test_amlogic), cmocka_unit_test(test_mediatek),
		cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("soc_images", tests, NULL, NULL);
}
