/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images for the boot loaders of radio microcontrollers: GBL, EBL, Telink, Particle, NXP JN518x, TI OAD. Real ones, and such that are
 * written here after the specifications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"
#include "format/digest.h"
#include "update_writer.h"
#include "walked.h"

extern const struct format gbl_format, ebl_format, telink_format, particle_format, nxp_jn516x_format, nxp_jn518x_format, ti_oad_format;

static uint8_t image[4096];
static size_t n;

static void gbl_tag(uint32_t id, const void *value, uint32_t size)
{
	put_u32(image + n, id);
	put_u32(image + n + 4, size);
	memcpy(image + n + 8, value, size);
	n += 8 + size;
}

static void gbl_begin(uint32_t type)
{
	uint8_t header[8] = { 0, 0, 0, 3 };
	n = 0;
	put_u32(header + 4, type);
	gbl_tag(0x03a617eb, header, 8);
}

static void gbl_end(void)
{
	put_u32(image + n, 0xfc0404fc);
	put_u32(image + n + 4, 4);
	n += 8;
	put_u32(image + n, ~crc32_bitwise(UINT32_MAX, image, n));
	n += 4;
}

static void make_gbl(void)
{
	gbl_begin(0);
	gbl_tag(0xf40a0af4, "\2\0\0\0\x39\5\0\0\0\0\0\0PRODUCT-ID-16-BY", 28);
	gbl_tag(0xf50909f5, "\1\2\3\4\0\0\1\0BOOT", 12);
	gbl_tag(0xfd0303fd, "\0\x40\0\0first", 9);
	gbl_tag(0xfe0101fe, "\5\x40\0\0second", 10);
	gbl_tag(0xfe0101fe, "\0\0\2\0far", 7);
	gbl_end();
}

static void test_gbl(void **state)
{
	(void)state;
	struct walked t;
	make_gbl();
	memset(image + n, 0xee, 64);
	walked_open(&t, &gbl_format, span_of(image, n + 64));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_string_equal(walked_header(&t, "crc32"), "ok");
	assert_string_equal(walked_header(&t, "type"), "unsigned");
	assert_string_equal(walked_header(&t, "application_type"), "Thread");
	assert_string_equal(walked_header(&t, "application_version"), "1337");
	assert_content(&t, "bootloader-0x00010000", "BOOT", 4);
	assert_content(&t, "0x00004000", "firstsecond", 11);
	assert_content(&t, "0x00020000", "far", 3);
	assert_int_equal(t.n, 3);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	image[n - 13] ^= 1;
	walked_open(&t, &gbl_format, span_of(image, n));
	assert_string_equal(walked_header(&t, "crc32"), "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 3);
	walked_close(&t);
	make_gbl();
	survives_cuts(&gbl_format, span_of(image, n), (unsigned)n);
	survives_flips(&gbl_format, span_of(image, n), 5000, 0);
}

static void test_gbl_encrypted(void **state)
{
	(void)state;
	struct walked t;
	gbl_begin(0x101);
	gbl_tag(0xfa0606fa, "\x10\0\0\0NONCENONCE12", 16);
	gbl_tag(0xf90707f9, "what nobody reads", 17);
	gbl_tag(0xf70a0af7, image, 64);
	gbl_end();
	walked_open(&t, &gbl_format, span_of(image, n));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_string_equal(walked_header(&t, "type"), "signed (ECDSA P-256), encrypted (AES-CCM)");
	assert_content(&t, "tag-2-encrypted-data", "what nobody reads", 17);
	walked_close(&t);
}

/* A tag of 4 GiB: the rest is what is there, and the size says that it is truncated. */
static void test_gbl_hostile(void **state)
{
	(void)state;
	struct walked t;
	make_gbl();
	put_u32(image + 16 + 36 + 4, UINT32_MAX);
	walked_open(&t, &gbl_format, span_of(image, n));
	assert_true(t.accepted);
	assert_true(t.match.size > UINT32_MAX);
	assert_true(walked_damage(&t, "truncated") >= 1);
	walked_close(&t);
}

static void test_rodret(void **state)
{
	(void)state;
	struct span ota = sample_load("ikea-rodret.ota");
	if (!ota.p)
		skip();
	struct walked t;
	walked_open(&t, &gbl_format, span_from(ota, 62));
	assert_int_equal(t.match.size, 268440);
	assert_string_equal(walked_header(&t, "crc32"), "ok");
	assert_string_equal(walked_header(&t, "application_version"), "16777303"); /* the OTA file's version */
	assert_content(&t, "0x00004000", ota.p + 62 + 64, 268292);
	assert_int_equal(walked_get(&t, "tag-3-signature")->content.n, 64);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	survives_cuts(&gbl_format, span_sub(ota, 62, 200), 200);
	survives_flips(&gbl_format, span_sub(ota, 62, 400), 2000, 100);
	free((void *)ota.p);
}

static void ebl_tag(uint16_t id, const void *value, uint16_t size)
{
	put_be(image + n, id, 2);
	put_be(image + n + 2, size, 2);
	memcpy(image + n + 4, value, size);
	n += 4u + size;
}

static void make_ebl(void)
{
	uint8_t header[140] = { 2, 1, 0xe3, 0x50, 8, 0, 0x20, 0 };
	n = 0;
	ebl_tag(0, header, 140);
	ebl_tag(0xfd03, "\x08\0\x20\0one", 7);
	ebl_tag(0xfe01, "\x08\0\x20\3two", 7);
	ebl_tag(0xfc04, "\0\0\0\0", 4);
	put_u32(image + n - 4, ~crc32_bitwise(UINT32_MAX, image, n - 4));
	while (n % 64)
		image[n++] = 0xff;
}

static void test_ebl(void **state)
{
	(void)state;
	struct walked t;
	make_ebl();
	memset(image + n, 0xff, 64);
	walked_open(&t, &ebl_format, span_of(image, n + 64));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_string_equal(walked_header(&t, "crc32"), "ok");
	assert_string_equal(walked_header(&t, "flash_address"), "0x08002000");
	assert_content(&t, "0x08002000", "onetwo", 6);
	assert_int_equal(t.n, 1);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	image[153] ^= 1;
	walked_open(&t, &ebl_format, span_of(image, n));
	assert_string_equal(walked_header(&t, "crc32"), "mismatch");
	assert_int_equal(t.n, 1);
	walked_close(&t);
	make_ebl();
	survives_cuts(&ebl_format, span_of(image, n), (unsigned)n);
	survives_flips(&ebl_format, span_of(image, n), 5000, 0);
	n = 0;
	ebl_tag(0xfb05, "\2\1\xe3\x50\0\1", 6);
	ebl_tag(0xfa06, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	ebl_tag(0xf907, "secret", 6);
	ebl_tag(0xfc04, "\0\0\0\0", 4);
	walked_open(&t, &ebl_format, span_of(image, n));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_content(&t, "tag-2-encrypted-data", "secret", 6);
	walked_close(&t);
}

static void test_telink(void **state)
{
	(void)state;
	struct span ota = sample_load("tuya-tl8258-plug.ota");
	if (!ota.p)
		skip();
	struct walked t;
	walked_open(&t, &telink_format, span_from(ota, 62));
	assert_int_equal(t.match.size, 307620);
	assert_string_equal(walked_header(&t, "crc32"), "ok");
	assert_content(&t, "code", ota.p + 62 + 32, 307620 - 32 - 4);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	memcpy(image, ota.p + 62, 600);
	put_u32(image + 24, 600);
	walked_open(&t, &telink_format, span_of(image, 600));
	assert_string_equal(walked_header(&t, "crc32"), "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	survives_cuts(&telink_format, span_of(image, 600), 600);
	survives_flips(&telink_format, span_of(image, 600), 3000, 64);
	free((void *)ota.p);
}

static void test_jn518x_encrypted(void **state)
{
	(void)state;
	struct span ota = sample_load("lumi-sensor-ht-enc.ota");
	if (!ota.p)
		skip();
	struct walked t;
	walked_open(&t, &nxp_jn518x_format, span_from(ota, 62));
	assert_int_equal(t.match.size, 227648);
	assert_string_equal(walked_header(&t, "reset"), "0x00000201");
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	walked_close(&t);
	survives_cuts(&nxp_jn518x_format, span_sub(ota, 62, 400), 400);
	survives_flips(&nxp_jn518x_format, span_sub(ota, 62, 400), 3000, 44);
	free((void *)ota.p);
}

static void test_jn518x(void **state)
{
	(void)state;
	struct walked t;
	uint32_t sum = 0;
	memset(image, 0x5a, sizeof image);
	for (unsigned i = 0; i < 7; i++) {
		put_u32(image + 4 * i, 0x04000400 + 0x11 * i);
		sum += 0x04000400 + 0x11 * i;
	}
	put_u32(image + 28, -sum);
	put_u32(image + 32, 0x98447903);
	put_u32(image + 36, 1000);
	put_u32(image + 40, ~crc32_bitwise(UINT32_MAX, image, 40));
	put_u32(image + 1000, 0xbb0110bb);
	put_u32(image + 1028, 77);
	walked_open(&t, &nxp_jn518x_format, span_of(image, sizeof image));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, 1032);
	assert_string_equal(walked_header(&t, "version"), "77");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	image[5] ^= 1;
	assert_false(nxp_jn518x_format.probe(span_of(image, sizeof image), &t.match));
}

static void test_jn516x(void **state)
{
	(void)state;
	struct walked t;
	memcpy(image, "\x07\3\0\x08\x12\x34\x56\x78\x11\x22\x33\x44\x55\x66\x77\x88the code", 24);
	walked_open(&t, &nxp_jn516x_format, span_of(image, 24));
	assert_string_equal(walked_header(&t, "chip_type"), "0x07030008");
	assert_content(&t, "code", "the code", 8);
	walked_close(&t);
	survives_cuts(&nxp_jn516x_format, span_of(image, 24), 24);
	survives_flips(&nxp_jn516x_format, span_of(image, 24), 1000, 0);
	assert_no_noise(&nxp_jn516x_format);
}

static void make_oad(void)
{
	memset(image, 0, sizeof image);
	memcpy(image, "CC26x2R1", 8);
	memcpy(image + 12, "\3\1\xfe\xff\xff\xff\7\0\xff\xff\xff\xff", 12);
	put_u32(image + 24, 44 + 12 + 100 + 8 + 4);
	put_u32(image + 28, 0x3a1d);
	memcpy(image + 32, "\1\2\3\4", 4);
	put_u16(image + 40, 44);
	image[44] = 1; /* an image of 100 bytes at 0x100 */
	put_u32(image + 48, 12 + 100);
	put_u32(image + 52, 0x100);
	memset(image + 56, 0x77, 100);
	image[156] = 3; /* security */
	put_u32(image + 160, 12);
	memcpy(image + 164, "SIGN", 4);
	n = 168;
	put_u32(image + 8, ~crc32_bitwise(UINT32_MAX, image + 12, n - 12));
}

static void test_oad(void **state)
{
	(void)state;
	struct walked t;
	make_oad();
	walked_open(&t, &ti_oad_format, span_of(image, n + 10));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_string_equal(walked_header(&t, "crc32"), "ok");
	assert_string_equal(walked_header(&t, "softVer"), "1.2.3.4");
	assert_content(&t, "contiguous-image-0x00000100", image + 56, 100);
	assert_content(&t, "security", "SIGN", 4);
	walked_close(&t);
	survives_cuts(&ti_oad_format, span_of(image, n), (unsigned)n);
	survives_flips(&ti_oad_format, span_of(image, n), 5000, 0);
	put_u32(image + 48, 0); /* a segment without end */
	walked_open(&t, &ti_oad_format, span_of(image, n));
	assert_true(walked_damage(&t, "corrupt") >= 1);
	walked_close(&t);
}

/* A module of Particle's Device OS whose prefix stands at `prefix`: 200 bytes of code, a suffix of 40 bytes, a CRC. */
static void make_particle(size_t prefix)
{
	n = prefix + 24 + 200 + 6;
	for (size_t i = 0; i < n; i++)
		image[i] = (uint8_t)(i * 7);
	put_u32(image + prefix, 0xd4000);
	put_u32(image + prefix + 4, (uint32_t)(0xd4000 + n + 32 + 2));
	memcpy(image + prefix + 8, "\0\0\6\0\x0c\0\5\1\4\1\xd2\4\0\0\0\0", 16);
	digest_of(DIGEST_SHA256, span_of(image, n), image + n);
	memcpy(image + n + 32, "\x28\0", 2);
	n += 34;
	uint32_t crc = hash_crc32(0, span_of(image, n));
	for (unsigned i = 0; i < 4; i++)
		image[n + i] = (uint8_t)(crc >> (24 - 8 * i));
	n += 4;
}

static void test_particle(void **state)
{
	(void)state;
	static const size_t places[] = { 0, 0xc0, 0x10c, 0x184, 0x200 };
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct walked t;
		make_particle(places[i]);
		memset(image + n, 0xff, 64); /* what follows is none of it */
		walked_open(&t, &particle_format, span_of(image, n + 64));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, n);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_string_equal(walked_header(&t, "sha256"), "ok");
		assert_string_equal(walked_header(&t, "platform"), "argon");
		assert_string_equal(walked_header(&t, "module_function"), "user part");
		assert_string_equal(walked_header(&t, "module_version"), "6");
		assert_content(&t, "code", image + (i ? 0 : 24), n - 44 - (i ? 0 : 24));
		walked_close(&t);
		assert_false(particle_format.probe(span_of(image, n - 1), &t.match));
		image[places[i] + 100] ^= 1; /* another byte of code: the CRC is another one */
		assert_false(particle_format.probe(span_of(image, n), &t.match));
	}
	make_particle(0x100);
	struct format_match match;
	assert_false(particle_format.probe(span_of(image, n), &match));
	make_particle(0);
	survives_cuts(&particle_format, span_of(image, n), (unsigned)n);
	survives_flips(&particle_format, span_of(image, n), 3000, 0);
}

static void test_particle_digest(void **state)
{
	(void)state;
	make_particle(0);
	image[n - 38] ^= 1;
	uint32_t crc = hash_crc32(0, span_of(image, n - 4));
	for (unsigned i = 0; i < 4; i++)
		image[n - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
	struct walked t;
	walked_open(&t, &particle_format, span_of(image, n));
	assert_string_equal(walked_header(&t, "sha256"), "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
}

static void test_noise(void **state)
{
	(void)state;
	assert_no_noise(&gbl_format);
	assert_no_noise(&ebl_format);
	assert_no_noise(&telink_format);
	assert_no_noise(&particle_format);
	assert_no_noise(&nxp_jn518x_format);
	assert_no_noise(&ti_oad_format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gbl),         cmocka_unit_test(test_gbl_encrypted),
		cmocka_unit_test(test_gbl_hostile), cmocka_unit_test(test_rodret),
		cmocka_unit_test(test_ebl),         cmocka_unit_test(test_telink),
		cmocka_unit_test(test_jn518x),      cmocka_unit_test(test_jn518x_encrypted),
		cmocka_unit_test(test_oad),         cmocka_unit_test(test_jn516x),
		cmocka_unit_test(test_particle),    cmocka_unit_test(test_particle_digest),
		cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("mcu_images", tests, NULL, NULL);
}
