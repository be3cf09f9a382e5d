/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ubi, ubifs, cramfs, romfs, ext, android_sparse: known by structure, with their size; and the small containers
 * zigbee_ota and esp_image. By reference tools, by headers after the specifications, and real images. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "walked.h"

extern const struct format ubi_format, ubifs_format, cramfs_format, romfs_format, ext_format,
	android_sparse_format, zigbee_ota_format, esp_image_format;

static const struct format *const all[] = { &ubi_format,      &ubifs_format,          &cramfs_format,
											&romfs_format,    &ext_format,   &android_sparse_format, &zigbee_ota_format,
											&esp_image_format };

static void put(uint8_t *p, uint64_t v, unsigned width, bool big)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (big ? width - 1 - i : i)));
}

/* Bit by bit after the polynomial, to have a CRC that shares nothing with the one under test. */
static uint32_t crc32_raw(uint32_t crc, const uint8_t *p, size_t n)
{
	for (; n; n--, p++) {
		crc ^= *p;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc;
}

static void expect_size(const struct format *format, struct span bytes, uint64_t size)
{
	struct format_match m = { .size = SIZE_UNKNOWN };
	assert_true(format->probe(bytes, &m));
	assert_int_equal(m.size, size);
	assert_in_range(m.confidence, 1, 100);
	survives_cuts(format, span_clip(bytes, 0, 8192), 200);
	survives_flips(format, span_clip(bytes, 0, 8192), 500, 0);
}

static uint8_t image[1 << 20];

static void test_ubi(void **state)
{
	(void)state;
	memset(image, 0xff, sizeof image);
	for (unsigned i = 0; i < 5; i++) {
		if (i == 3)
			continue; /* an erased block between two */
		uint8_t *h = image + i * 0x20000;
		memset(h, 0, 64);
		memcpy(h, "UBI#\1", 5);
		put(h + 16, 64, 4, true);
		put(h + 20, 128, 4, true);
		put(h + 60, crc32_raw(0xffffffff, h, 60), 4, true);
	}
	expect_size(&ubi_format, span_of(image, sizeof image), 5 * 0x20000);
	struct format_match m;
	image[61] ^= 1;
	assert_false(ubi_format.probe(span_of(image, sizeof image), &m));
}

static void test_ubifs(void **state)
{
	(void)state;
	memset(image, 0, 4096);
	put(image, 0x06101831, 4, false);
	put(image + 16, 4096, 4, false);
	image[20] = 6;
	put(image + 36, 126976, 4, false);
	put(image + 40, 20, 4, false);
	put(image + 4, crc32_raw(0xffffffff, image + 8, 4088), 4, false);
	expect_size(&ubifs_format, span_of(image, sizeof image), 126976 * 20);
}

static void test_romfs(void **state)
{
	(void)state;
	memset(image, 0, 4096);
	memcpy(image, "-rom1fs-", 8);
	put(image + 8, 1536, 4, true);
	memcpy(image + 16, "volume", 6);
	uint32_t sum = 0;
	for (int i = 0; i < 512; i += 4)
		sum += (uint32_t)image[i] << 24 | (uint32_t)image[i + 1] << 16 | (uint32_t)image[i + 2] << 8 | image[i + 3];
	put(image + 12, -sum, 4, true);
	expect_size(&romfs_format, span_of(image, 4096), 2048);
	image[20] ^= 1;
	struct format_match m;
	assert_false(romfs_format.probe(span_of(image, 4096), &m));
}

static void test_android_sparse(void **state)
{
	(void)state;
	memset(image, 0, 8192);
	put(image, 0xed26ff3a, 4, false);
	put(image + 4, 1, 2, false);
	put(image + 8, 28, 2, false);
	put(image + 10, 12, 2, false);
	put(image + 12, 4096, 4, false);
	put(image + 16, 2, 4, false);
	put(image + 20, 2, 4, false);
	put(image + 28, 0xcac1, 2, false); /* raw, one block */
	put(image + 32, 1, 4, false);
	put(image + 36, 12 + 4096, 4, false);
	put(image + 28 + 12 + 4096, 0xcac3, 2, false); /* do not care */
	put(image + 28 + 12 + 4096 + 8, 12, 4, false);
	expect_size(&android_sparse_format, span_of(image, 8192), 28 + 12 + 4096 + 12);
}

static void test_reference_tools(void **state)
{
	(void)state;
	static const struct {
		const char *tool, *command;
		const struct format *format;
	} tools[] = {
		{ "mkfs.cramfs", "mkfs.cramfs -N little t image", &cramfs_format },
		{ "mkfs.cramfs", "mkfs.cramfs -N big t image", &cramfs_format },
		{ "mkfs.ext4", "rm -f image; truncate -s 20M image; mkfs.ext4 -q image", &ext_format },
		{ "mkfs.ext4", "rm -f image; truncate -s 2M image; mkfs.ext4 -q -t ext2 -b 1024 image", &ext_format },
		{ "mkfs.ubifs", "mkfs.ubifs -m 2048 -e 126976 -c 100 -r t -o image", &ubifs_format },
		{ "genromfs", "genromfs -d t -f image", &romfs_format },
	};
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "mkdir t; echo hello > t/file");
	for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
		if (!tool_exists(tools[i].tool))
			continue;
		run_in(dir, tools[i].command);
		struct span made = file_load(dir, "image");
		expect_size(tools[i].format, made, made.n);
		free((void *)made.p);
	}
	temp_remove(dir);
}

static size_t make_esp(uint8_t *p, bool esp32)
{
	size_t n = esp32 ? 24 : 8;
	memset(p, 0, 256);
	memcpy(p, "\xe9\2\2\x20", 4);
	put(p + 4, esp32 ? 0x40376e24 : 0x40100004, 4, false); /* within the second segment */
	p[12] = esp32 ? 9 : 0;
	p[23] = esp32;
	uint8_t sum = 0xef;
	for (unsigned i = 0; i < 2; i++) {
		put(p + n, !i ? 0x3fff0000 : esp32 ? 0x40376e20 : 0x40100000, 4, false);
		put(p + n + 4, 20, 4, false);
		n += 8;
		for (unsigned k = 0; k < 20; k++)
			sum ^= p[n++] = (uint8_t)(k * 7 + i);
	}
	n |= 15;
	p[n++] = sum;
	return n;
}

static void test_esp_image(void **state)
{
	(void)state;
	for (int esp32 = 0; esp32 < 2; esp32++) {
		size_t n = make_esp(image, esp32);
		struct walked t;
		walked_open(&t, &esp_image_format, span_of(image, 256));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, n + (esp32 ? 32 : 0));
		assert_string_equal(walked_header(&t, "chip"), esp32 ? "ESP32-S3" : "ESP8266");
		assert_string_equal(walked_header(&t, "checksum"), "ok");
		assert_string_equal(walked_header(&t, "sha256"), esp32 ? "mismatch" : "none");
		assert_int_equal(walked_get(&t, esp32 ? "segment-1-0x40376e20" : "segment-1-0x40100000")->content.n, 20);
		walked_close(&t);
		survives_cuts(&esp_image_format, span_of(image, n), (unsigned)n);
		survives_flips(&esp_image_format, span_of(image, 256), 3000, 0);
	}
}

static void test_zigbee_samples(void **state)
{
	(void)state;
	static const struct {
		const char *file, *manufacturer, *type, *version, *string;
		uint64_t size, element;
	} samples[] = {
		{ "ikea-rodret.ota", "4476", "4557", "16777303", "GBL rodret_dimmer_soc", 268502, 268440 },
		{ "lumi-sensor-ht-enc.ota", "4447", "8456", "29", "OM15082-TEMP-JN5180--ENCRYPTED02", 227710, 227648 },
		{ "tuya-tl8258-plug.ota", "4417", "54179", "192", "Telink OTA Sample Usage", 307682, 307620 },
	};
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		struct span ota = sample_load(samples[i].file);
		if (!ota.p)
			skip();
		struct walked t;
		walked_open(&t, &zigbee_ota_format, ota);
		assert_int_equal(t.match.size, samples[i].size);
		assert_string_equal(walked_header(&t, "manufacturer_code"), samples[i].manufacturer);
		assert_string_equal(walked_header(&t, "image_type"), samples[i].type);
		assert_string_equal(walked_header(&t, "file_version"), samples[i].version);
		assert_string_equal(walked_header(&t, "header_string"), samples[i].string);
		assert_int_equal(t.n, 1);
		assert_int_equal(walked_get(&t, "element-0-upgrade-image")->content.n, samples[i].element);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		survives_cuts(&zigbee_ota_format, span_clip(ota, 0, 100), 100);
		survives_flips(&zigbee_ota_format, span_clip(ota, 0, 200), 1000, 64);
		free((void *)ota.p);
	}
}

static void test_esp_samples(void **state)
{
	(void)state;
	struct span factory = sample_load("tasmota32s3.factory.bin"), meter = sample_load("esp8266-powermeter.bin");
	if (!factory.p || !meter.p)
		skip();
	static const struct {
		uint64_t at, end;
		const char *entry;
		bool app;
	} images[] = { { 0, 13600, "0x403c885c", false },
				   { 65536, 855840, "0x40375d4c", true },
				   { 917504, 2997088, "0x40376e24", true } };
	struct walked t;
	for (size_t i = 0; i < 3; i++) {
		walked_open(&t, &esp_image_format, span_from(factory, images[i].at));
		assert_true(t.accepted);
		assert_int_equal(images[i].at + t.match.size, images[i].end);
		assert_string_equal(walked_header(&t, "entry"), images[i].entry);
		assert_string_equal(walked_header(&t, "chip"), "ESP32-S3");
		assert_string_equal(walked_header(&t, "checksum"), "ok");
		assert_string_equal(walked_header(&t, "sha256"), "ok");
		if (images[i].app)
			assert_memory_equal(walked_header(&t, "idf_ver"), "5.3.4.", 6);
		walked_close(&t);
	}
	walked_open(&t, &esp_image_format, meter);
	assert_string_equal(walked_header(&t, "chip"), "ESP8266");
	assert_string_equal(walked_header(&t, "entry"), "0x40100040");
	assert_int_equal(t.n, 1);
	walked_close(&t);
	free((void *)factory.p);
	free((void *)meter.p);
}

static void test_flash_samples(void **state)
{
	(void)state;
	struct span ubi = sample_load("camera-armhf.ubi");
	if (!ubi.p)
		skip();
	expect_size(&ubi_format, ubi, 9175040);
	free((void *)ubi.p);
}

/* Sixteen million random bytes hold none of these, at any place where their magic may stand. */
static void test_noise(void **state)
{
	(void)state;
	size_t n = 16 << 20;
	uint8_t *noise = malloc(n);
	assert_non_null(noise);
	uint64_t x = 88172645463325252;
	for (size_t i = 0; i < n; i += 8) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(noise + i, &x, 8);
	}
	for (size_t f = 0; f < sizeof all / sizeof all[0]; f++)
		for (const struct format_magic *magic = all[f]->magics; magic->bytes; magic++)
			for (const uint8_t *p = noise; (p = memmem(p, n - (size_t)(p - noise), magic->bytes, magic->n)); p++) {
				struct format_match m;
				size_t at = (size_t)(p - noise);
				if (at >= magic->offset)
					assert_false(all[f]->probe(span_of(noise + at - magic->offset, n - at + magic->offset), &m));
			}
	free(noise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ubi),
		cmocka_unit_test(test_ubifs),
		cmocka_unit_test(test_romfs),
		cmocka_unit_test(test_android_sparse),
		cmocka_unit_test(test_reference_tools),
		cmocka_unit_test(test_esp_image),
		cmocka_unit_test(test_zigbee_samples),
		cmocka_unit_test(test_esp_samples),
		cmocka_unit_test(test_flash_samples),
		cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("recognised", tests, NULL, NULL);
}
