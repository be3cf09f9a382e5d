/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small containers zigbee_ota and esp_image, by headers after their specifications and real images; and that noise, and a
 * magic that a program holds, are none of all the containers of the registry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "walked.h"

extern const struct format zigbee_ota_format, esp_image_format;

static void put(uint8_t *p, uint64_t v, unsigned width, bool big)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (big ? width - 1 - i : i)));
}

static uint8_t image[1 << 20];

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

/* Program tables hold such bytes: nothing of an image that seems to be cut off is like one. */
static void test_esp_by_chance(void **state)
{
	(void)state;
	static const uint8_t entry[] = { 0xe9, 3, 0, 0, 0, 0, 0, 0x50, 0xf6, 3 };
	memset(image, 0, 256);
	memcpy(image, entry, sizeof entry);
	image[39] = 1; /* 16 MiB for address 0 */
	assert_false(esp_image_format.probe(span_of(image, 256), &(struct format_match){ 0 }));
	image[6] = 0x37, image[7] = 0x40; /* even from where a chip starts */
	assert_false(esp_image_format.probe(span_of(image, 256), &(struct format_match){ 0 }));
	size_t n = make_esp(image, true);
	assert_true(esp_image_format.probe(span_of(image, n - 24), &(struct format_match){ 0 }));
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

/* Sixteen million random bytes hold none of them, at any place where a magic may stand. Of compressions only unpacking tells;
 * they are looked for in noise with the whole program. */
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
	for (size_t f = 0; format_registry[f]; f++) {
		const struct format *format = format_registry[f];
		const struct format_magic *magic = format->unpack || format->locate ? NULL : format->magics;
		for (; magic && magic->bytes; magic++)
			for (const uint8_t *p = noise; (p = memmem(p, n - (size_t)(p - noise), magic->bytes, magic->n)); p++) {
				struct format_match m = { .size = SIZE_UNKNOWN };
				size_t at = (size_t)(p - noise);
				if (at >= magic->offset && format->probe(span_of(noise + at - magic->offset, n - at + magic->offset), &m))
					fail_msg("%s at %zu of noise", format->name, at - magic->offset);
			}
	}
	free(noise);
}

#define NEIGHBOURS_MAX 65536u
#define NEAR 2048u
#define PLANTED 60u

enum neighbours { NOISE, WORDS, WORDS_NUL, NUMBERS_LE, NUMBERS_BE, NEIGHBOURS };

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void fill_with_words(uint8_t *p, size_t n, char between, uint64_t *x)
{
	static const char *const words[] = { "firmware", "%s: cannot read", "magic", "size", "Usage: %s [options]", "0x%08x", "header", "checksum",
										 "A",        "version 1.0",     "12",    "-",    "usr/lib",             "image",  "key",    "root" };
	for (size_t i = 0; i < n;) {
		const char *word = words[next_random(x) % (sizeof words / sizeof words[0])];
		size_t left = n - i, w = strlen(word) < left ? strlen(word) : left;
		memcpy(p + i, word, w);
		i += w;
		if (i < n)
			p[i++] = (uint8_t)between;
	}
}

static void fill_with(enum neighbours kind, uint8_t *p, size_t n, uint64_t *x)
{
	if (kind == WORDS || kind == WORDS_NUL)
		fill_with_words(p, n, kind == WORDS ? ' ' : 0, x);
	else
		for (size_t i = 0; i + 8 <= n; i += 8)
			for (unsigned k = 0; k < 2; k++)
				put(p + i + 4 * k, next_random(x) >> (kind == NOISE ? 32 : 52), 4, kind == NUMBERS_BE);
}

static unsigned accepted_among(const struct format *f, const struct format_magic *magic, enum neighbours kind, uint64_t *x)
{
	unsigned accepted = 0;
	for (unsigned i = 0; i < PLANTED; i++) {
		struct format_match m = { .size = SIZE_UNKNOWN };
		fill_with(kind, image, (magic->offset + magic->n + NEAR) / 8 * 8, x); /* what is behind stays from before */
		memcpy(image + magic->offset, magic->bytes, magic->n);
		accepted += f->probe(span_of(image, NEIGHBOURS_MAX), &m);
	}
	return accepted;
}

/* Programs that read or make images hold the magics of many, between texts, numbers and code: no container is where only its magic is. */
static void test_magics_of_programs(void **state)
{
	(void)state;
	static const char *const kinds[] = { "noise", "words", "words that NULs end", "numbers", "big-endian numbers" };
	uint64_t x = 88172645463325252;
	for (size_t f = 0; format_registry[f]; f++) {
		const struct format *format = format_registry[f];
		const struct format_magic *magic = format->unpack || format->locate ? NULL : format->magics;
		for (; magic && magic->bytes; magic++)
			for (enum neighbours kind = 0; kind < NEIGHBOURS && magic->offset + magic->n + NEAR <= NEIGHBOURS_MAX; kind++)
				if (accepted_among(format, magic, kind, &x) > 1)
					fail_msg("%s where its magic stands among %s", format->name, kinds[kind]);
	}
}

/* Whatever a probe would say: what is shorter than any header is an error, or is unpacked without more than is there. */
static void test_shortest_streams(void **state)
{
	(void)state;
	for (size_t f = 0; format_registry[f]; f++) {
		const struct format *format = format_registry[f];
		for (size_t n = 0; format->unpack && n < 3 * 40; n++) {
			size_t size = n / 3, used = 0;
			uint8_t *bytes = size ? malloc(size) : NULL;
			struct buf out = buf_with_limit(1 << 20);
			for (size_t i = 0; i < size; i++)
				bytes[i] = n % 3 == 0 ? 0 : 0xff;
			if (n % 3 == 2 && format->magics && format->magics->bytes)
				for (size_t i = format->magics->offset, k = 0; i < size && k < format->magics->n; i++)
					bytes[i] = (uint8_t)format->magics->bytes[k++];
			struct error e = format->unpack(span_of(bytes, size), &out, &used);
			if (!error_is(&e) && used > size)
				fail_msg("%s takes %zu of %zu bytes", format->name, used, size);
			buf_free(&out);
			free(bytes);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_esp_image),
		cmocka_unit_test(test_esp_by_chance),
		cmocka_unit_test(test_zigbee_samples),
		cmocka_unit_test(test_esp_samples),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_magics_of_programs),
		cmocka_unit_test(test_shortest_streams),
	};
	return cmocka_run_group_tests_name("recognised", tests, NULL, NULL);
}
