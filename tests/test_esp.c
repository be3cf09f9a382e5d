/* SPDX-License-Identifier: GPL-3.0-or-later */
/* esp_nvs and esp_partitions: written here after the ESP-IDF Programming Guide, and a real flash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "little_endian.h"
#include "walked.h"

extern const struct format esp_nvs_format, esp_partitions_format;

static uint8_t nvs[3 * 4096];

/* As nvs_partition_gen.py: zlib.crc32(data, 0xFFFFFFFF). */
static uint32_t nvs_crc(uint32_t start, const uint8_t *p, size_t n)
{
	return (uint32_t)crc32(start, p, (uInt)n);
}

static void page(unsigned number, uint32_t state, uint32_t sequence)
{
	uint8_t *p = nvs + number * 4096;
	memset(p, 0xff, 4096);
	put(p, state, 4);
	put(p + 4, sequence, 4);
	p[8] = 0xfe;
	put(p + 28, nvs_crc(0xffffffff, p + 4, 24), 4);
}

static void set_state(uint8_t *p, unsigned entry, unsigned state)
{
	p[32 + entry / 4] = (uint8_t)((p[32 + entry / 4] & ~(3u << 2 * (entry % 4))) | state << 2 * (entry % 4));
}

/* Writes an entry and its payload; gives the entry behind it. */
static unsigned entry(unsigned number, unsigned at, uint8_t space, uint8_t type, uint8_t chunk, const char *key,
					  uint64_t data, const char *payload, size_t size)
{
	uint8_t *p = nvs + number * 4096, *e = p + 64 + 32 * at;
	unsigned span = 1 + (unsigned)((size + 31) / 32);
	memset(e, 0, 32);
	e[0] = space, e[1] = type, e[2] = (uint8_t)span, e[3] = chunk;
	memcpy(e + 8, key, strlen(key));
	if (payload) {
		put(e + 24, size, 2);
		put(e + 26, 0xffff, 2);
		put(e + 28, nvs_crc(0xffffffff, (const uint8_t *)payload, size), 4);
		memcpy(e + 32, payload, size);
	} else {
		put(e + 24, data, 8);
	}
	put(e + 4, nvs_crc(nvs_crc(0xffffffff, e, 4), e + 8, 24), 4);
	for (unsigned i = 0; i < span; i++)
		set_state(p, at + i, 2);
	return at + span;
}

static void make_nvs(void)
{
	memset(nvs, 0xff, sizeof nvs);
	page(0, 0xfffffffc, 0);
	page(1, 0xfffffffe, 1);
	unsigned at = entry(0, 0, 0, 0x01, 0xff, "wifi", 1, NULL, 0);
	at = entry(0, at, 0, 0x01, 0xff, "app", 2, NULL, 0);
	at = entry(0, at, 1, 0x21, 0xff, "sta.ssid", 0, "HomeNet", 8);
	at = entry(0, at, 1, 0x21, 0xff, "sta.pswd", 0, "a password of more than thirty-two bytes", 41);
	at = entry(0, at, 2, 0x14, 0xff, "offset", (uint32_t)-7, NULL, 0);
	at = entry(0, at, 2, 0x08, 0xff, "serial", 0xffffffffffffffffu, NULL, 0);
	at = entry(0, at, 2, 0x11, 0xff, "old", 1, NULL, 0);
	set_state(nvs, at - 1, 0); /* erased */
	at = entry(0, at, 2, 0x41, 0xff, "blob1", 0, "\0\1\2\3\4", 5);
	entry(0, at, 2, 0x42, 0, "big", 0, "first chunk, ", 13);
	at = entry(1, 0, 2, 0x42, 1, "big", 0, "second chunk", 12);
	entry(1, at, 2, 0x48, 0xff, "big", 25 | (uint64_t)2 << 32, NULL, 0);
}

static void test_nvs(void **state)
{
	(void)state;
	struct walked t;
	make_nvs();
	walked_open(&t, &esp_nvs_format, span_of(nvs, sizeof nvs));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, sizeof nvs);
	assert_false(error_is(&t.error));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, 6);
	assert_content(&t, "/wifi/sta.ssid", "HomeNet", 7);
	assert_content(&t, "/wifi/sta.pswd", "a password of more than thirty-two bytes", 40);
	assert_content(&t, "/app/offset", "-7", 2);
	assert_content(&t, "/app/serial", "18446744073709551615", 20);
	assert_content(&t, "/app/blob1", "\0\1\2\3\4", 5);
	assert_content(&t, "/app/big", "first chunk, second chunk", 25);
	walked_close(&t);
	survives_cuts(&esp_nvs_format, span_of(nvs, sizeof nvs), 300);
	survives_flips(&esp_nvs_format, span_of(nvs, sizeof nvs), 5000, 800);
}

static void test_nvs_damage(void **state)
{
	(void)state;
	struct walked t;
	make_nvs();
	nvs[64 + 32 * 2 + 9] ^= 1; /* the key of sta.ssid */
	nvs[64 + 32 * 5] ^= 1;     /* a byte of the password */
	walked_open(&t, &esp_nvs_format, span_of(nvs, sizeof nvs));
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	assert_int_equal(t.n, 4);
	walked_close(&t);
	/* encrypted entries: states and page headers stay as they are */
	make_nvs();
	for (unsigned p = 0; p < 2; p++)
		for (size_t i = 64; i < 4096; i++)
			nvs[p * 4096 + i] = (uint8_t)(nvs[p * 4096 + i] * 31 + i * 7 + 1);
	walked_open(&t, &esp_nvs_format, span_of(nvs, sizeof nvs));
	assert_int_equal(walked_damage(&t, "encrypted"), 2);
	assert_int_equal(t.n, 0);
	walked_close(&t);
	/* a blob whose index promises more than there is */
	make_nvs();
	entry(1, 2, 2, 0x48, 0xff, "big", 0xffffffff | (uint64_t)200 << 32, NULL, 0);
	walked_open(&t, &esp_nvs_format, span_of(nvs, sizeof nvs));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 5);
	walked_close(&t);
}

static uint8_t flash[0x40000];

static void partition(unsigned i, uint8_t type, uint8_t subtype, uint32_t offset, uint32_t size, const char *name,
					  uint32_t flags)
{
	uint8_t *p = flash + 32 * i;
	memset(p, 0, 32);
	p[0] = 0xaa, p[1] = 0x50, p[2] = type, p[3] = subtype;
	put(p + 4, offset, 4);
	put(p + 8, size, 4);
	memcpy(p + 12, name, strlen(name));
	put(p + 28, flags, 4);
}

static void test_partitions(void **state)
{
	(void)state;
	struct walked t;
	memset(flash, 0xff, sizeof flash);
	partition(0, 1, 2, 0x11000, 0x4000, "nvs", 0);
	partition(1, 0, 0, 0x20000, 0x10000, "factory", 1);
	partition(2, 1, 0x82, 0x30000, 0x100000, "storage", 2);
	flash[0x20000 - 0x10000] = 0xe9; /* only a table at 0x10000 puts an application there */
	flash[0x11000 - 0x10000] = 0x55;
	walked_open(&t, &esp_partitions_format, span_of(flash, sizeof flash));
	assert_true(t.accepted);
	assert_string_equal(walked_header(&t, "flash address"), "0x10000");
	assert_int_equal(fact_list_count(&t.facts, FACT_partition), 3);
	assert_int_equal(t.n, 3);
	assert_int_equal(walked_get(&t, "nvs")->e.offset, 0x1000);
	assert_int_equal(walked_get(&t, "nvs")->content.p[0], 0x55);
	assert_int_equal(walked_get(&t, "factory")->content.n, 0x10000);
	assert_int_equal(walked_get(&t, "storage")->content.n, sizeof flash - 0x20000);
	walked_close(&t);
	survives_cuts(&esp_partitions_format, span_of(flash, 4096), 200);
	survives_flips(&esp_partitions_format, span_of(flash, sizeof flash), 3000, 160);
	partition(2, 1, 0x82, 0x28000, 0x1000, "overlap", 0);
	struct format_match m;
	assert_false(esp_partitions_format.probe(span_of(flash, sizeof flash), &m));
}

static void test_sample(void **state)
{
	(void)state;
	struct span image = sample_load("tasmota32s3.factory.bin");
	if (!image.p)
		skip();
	static const struct {
		const char *name;
		uint64_t offset, size;
	} expected[] = { { "nvs", 0x9000, 0x5000 },
					 { "otadata", 0xe000, 0x2000 },
					 { "safeboot", 0x10000, 0xd0000 },
					 { "app0", 0xe0000, 0x2d0000 },
					 { "spiffs", 0x3b0000, 0x50000 } };
	struct walked t;
	walked_open(&t, &esp_partitions_format, span_from(image, 0x8000));
	assert_true(t.accepted);
	assert_string_equal(walked_header(&t, "md5"), "ok");
	assert_int_equal(fact_list_count(&t.facts, FACT_partition), 5);
	for (size_t i = 0; i < 5; i++) {
		const struct fact_partition *p = fact_list_get(&t.facts, FACT_partition, i);
		assert_true(text_is(p->name, expected[i].name));
		assert_int_equal(p->start, expected[i].offset);
		assert_int_equal(p->size, expected[i].size);
	}
	assert_int_equal(t.n, 4); /* the last lies beyond the end of the file */
	assert_int_equal(walked_get(&t, "app0")->content.p[0], 0xe9);
	walked_close(&t);
	free((void *)image.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nvs),
		cmocka_unit_test(test_nvs_damage),
		cmocka_unit_test(test_partitions),
		cmocka_unit_test(test_sample),
	};
	return cmocka_run_group_tests_name("esp", tests, NULL, NULL);
}
