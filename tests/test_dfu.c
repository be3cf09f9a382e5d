/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DFU suffixes by dfu-suffix, and DfuSe files by a writer after UM0391 that get their suffix from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "update_writer.h"
#include "walked.h"

extern const struct format dfu_format, dfuse_format, nordic_init_format;

static uint8_t image[4096];

static void write_file(const char *dir, const char *name, const void *bytes, size_t n)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static void test_suffix(void **state)
{
	(void)state;
	if (!tool_exists("dfu-suffix"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	temp_new(dir);
	run_in(dir, "head -c 5000 /bin/sh > f; cp f plain; dfu-suffix -v 1234 -p abcd -d 0102 -a f 2> /dev/null");
	struct span made = file_load(dir, "f"), plain = file_load(dir, "plain");
	walked_open(&t, &dfu_format, made);
	assert_true(t.accepted);
	assert_int_equal(t.match.size, made.n);
	assert_string_equal(walked_header(&t, "idVendor"), "0x1234");
	assert_string_equal(walked_header(&t, "idProduct"), "0xabcd");
	assert_string_equal(walked_header(&t, "bcdDevice"), "0x0102");
	assert_string_equal(walked_header(&t, "crc32"), "ok");
	assert_content(&t, "firmware", plain.p, plain.n);
	walked_close(&t);
	((uint8_t *)made.p)[100] ^= 1;
	walked_open(&t, &dfu_format, made);
	assert_string_equal(walked_header(&t, "crc32"), "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	survives_cuts(&dfu_format, span_from(made, 4900), (unsigned)(made.n - 4900));
	survives_flips(&dfu_format, span_from(made, 4900), 3000, 0);
	free((void *)made.p);
	free((void *)plain.p);
	temp_remove(dir);
}

/* What the boot ROM of a chip wants before the firmware, by dfu-prefix, before the suffix is added and after that. */
static void test_prefix(void **state)
{
	(void)state;
	static const struct {
		const char *add, *says;
	} prefixes[] = {
		{ "dfu-prefix -L -a", "boot header of NXP LPC18xx or LPC43xx, not encrypted, with room for a hash" },
		{ "dfu-prefix -s 0x8000 -a", "TI Stellaris, for address 0x8000" },
	};
	if (!tool_exists("dfu-suffix") || !tool_exists("dfu-prefix"))
		skip();
	for (size_t i = 0; i < 2 * sizeof prefixes / sizeof prefixes[0]; i++) {
		bool late = i % 2;
		char dir[TEMP_MAX], command[256];
		struct walked t;
		temp_new(dir);
		/* Before a prefix that comes later the suffix was added to the file without it. */
		snprintf(command, sizeof command, "(head -c %u /bin/sh > plain; cp plain f; %s f; cp plain s; dfu-suffix -a s; %s) > /dev/null 2>&1",
				 i < 2 ? 5120u : 5000u, prefixes[i / 2].add, late ? "tail -c 16 s >> f" : "dfu-suffix -a f");
		run_in(dir, command);
		struct span made = file_load(dir, "f"), plain = file_load(dir, "plain");
		walked_open(&t, &dfu_format, made);
		assert_true(t.accepted);
		assert_string_equal(walked_header(&t, "prefix"), prefixes[i / 2].says);
		assert_string_equal(walked_header(&t, "crc32"), late ? "ok behind the prefix" : "ok");
		assert_int_equal(walked_damage(&t, "corrupt"), 0);
		assert_content(&t, "firmware", plain.p, plain.n);
		walked_close(&t);
		((uint8_t *)made.p)[i < 2 ? 2 : 5] ^= 0x40; /* a length that is not the file's */
		walked_open(&t, &dfu_format, made);
		assert_string_equal(walked_header(&t, "crc32"), "mismatch");
		assert_null(walked_header(&t, "prefix"));
		walked_close(&t);
		free((void *)made.p);
		free((void *)plain.p);
		temp_remove(dir);
	}
}

static size_t element(size_t at, uint32_t address, const char *data)
{
	put_u32(image + at, address);
	put_u32(image + at + 4, (uint32_t)strlen(data));
	memcpy(image + at + 8, data, strlen(data));
	return at + 8 + strlen(data);
}

static size_t target(size_t at, uint8_t alternate, const char *name, uint32_t elements)
{
	memset(image + at, 0, 274);
	memcpy(image + at, "Target", 6);
	image[at + 6] = alternate;
	image[at + 7] = name != NULL;
	if (name)
		memcpy(image + at + 11, name, strlen(name));
	put_u32(image + at + 270, elements);
	return at + 274;
}

static size_t make_dfuse(void)
{
	memcpy(image, "DfuSe\1", 6);
	image[10] = 2;
	size_t at = target(11, 0, "Internal Flash", 3);
	at = element(at, 0x08000000, "boot");
	at = element(at, 0x08000004, "loader");
	at = element(at, 0x08008000, "application");
	at = target(at, 1, NULL, 1);
	at = element(at, 0x08000000, "other memory");
	put_u32(image + 6, (uint32_t)at);
	return at;
}

static void expect_dfuse(const struct walked *t)
{
	assert_true(t->accepted);
	assert_string_equal(walked_header(t, "bTargets"), "2");
	assert_string_equal(walked_header(t, "szTargetName"), "0: Internal Flash");
	assert_content(t, "0x08000000", "bootloader", 10);
	assert_content(t, "0x08008000", "application", 11);
	assert_content(t, "alternate-1-0x08000000", "other memory", 12);
	assert_int_equal(t->n, 3);
}

static void test_dfuse(void **state)
{
	(void)state;
	struct walked t;
	size_t n = make_dfuse();
	walked_open(&t, &dfuse_format, span_of(image, n));
	assert_int_equal(t.match.size, n);
	expect_dfuse(&t);
	assert_string_equal(walked_header(&t, "crc32"), "no suffix");
	walked_close(&t);
	if (tool_exists("dfu-suffix")) {
		char dir[TEMP_MAX];
		temp_new(dir);
		write_file(dir, "f", image, n);
		run_in(dir, "dfu-suffix -v 0483 -p df11 -S 0x011a -a f 2> /dev/null");
		struct span made = file_load(dir, "f");
		assert_int_equal(made.n, n + 16);
		walked_open(&t, &dfuse_format, made);
		assert_int_equal(t.match.size, made.n);
		expect_dfuse(&t);
		assert_string_equal(walked_header(&t, "crc32"), "ok");
		assert_string_equal(walked_header(&t, "bcdDFU"), "0x011a");
		walked_close(&t);
		free((void *)made.p);
		temp_remove(dir);
	}
	survives_cuts(&dfuse_format, span_of(image, n), (unsigned)n);
	survives_flips(&dfuse_format, span_of(image, n), 5000, 0);
}

static void test_dfuse_hostile(void **state)
{
	(void)state;
	struct walked t;
	size_t n = make_dfuse();
	put_u32(image + 11 + 270, UINT32_MAX); /* elements without end */
	walked_open(&t, &dfuse_format, span_of(image, n));
	assert_true(walked_damage(&t, "corrupt") >= 1);
	assert_content(&t, "0x08000000", "bootloader", 10);
	walked_close(&t);
	n = make_dfuse();
	put_u32(image + 11 + 274 + 4, UINT32_MAX); /* an element of 4 GiB */
	walked_open(&t, &dfuse_format, span_of(image, n));
	assert_true(walked_damage(&t, "corrupt") >= 1);
	walked_close(&t);
}

/* A message's field of bytes behind *at: number, length, what `end` has put there. */
static size_t message(uint8_t *out, uint8_t number, const uint8_t *bytes, size_t n)
{
	size_t at = 0;
	out[at++] = (uint8_t)(number << 3 | 2);
	if (n >= 128)
		out[at++] = (uint8_t)(n | 128);
	out[at++] = (uint8_t)(n >= 128 ? n >> 7 : n);
	memcpy(out + at, bytes, n);
	return at + n;
}

/* fw_version 7, hw_version 52, sd_req 0x100 and 0x101 packed, an application of 1000 bytes, its SHA-256. */
static size_t make_init(uint8_t *out, bool is_signed)
{
	uint8_t hash[40] = { 0x08, 3 },
			init[128] = { 0x08, 7, 0x10, 52, 0x1a, 4, 0x80, 2, 0x81, 2, 0x20, 0, 0x38, 0xe8, 7 }, a[256], b[256];
	uint8_t digest[32], signature[64] = { 1 };
	for (unsigned i = 0; i < 32; i++)
		digest[i] = (uint8_t)(31 - i); /* last byte first */
	size_t n = 2 + message(hash + 2, 2, digest, 32);
	n = 15 + message(init + 15, 8, hash, n);
	a[0] = 0x08; /* op_code INIT */
	a[1] = 1;
	n = 2 + message(a + 2, 2, init, n);
	if (!is_signed)
		return message(out, 1, a, n);
	n = message(b, 1, a, n);
	b[n++] = 0x10; /* ECDSA_P256_SHA256 */
	b[n++] = 0;
	n += message(b + n, 3, signature, 64);
	return message(out, 2, b, n);
}

static void test_nordic_init(void **state)
{
	(void)state;
	for (int is_signed = 0; is_signed < 2; is_signed++) {
		struct walked t;
		size_t n = make_init(image, is_signed);
		walked_open(&t, &nordic_init_format, span_of(image, n));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, n);
		assert_string_equal(walked_header(&t, "fw_version"), "7");
		assert_string_equal(walked_header(&t, "hw_version"), "52");
		assert_string_equal(walked_header(&t, "sd_req"), "0x100");
		assert_string_equal(walked_header(&t, "type"), "APPLICATION");
		assert_string_equal(walked_header(&t, "app_size"), "1000");
		assert_string_equal(walked_header(&t, "hash (SHA-256)"),
							"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
		assert_string_equal(walked_header(&t, "signature"), is_signed ? "ECDSA_P256_SHA256, 64 bytes" : "none");
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		struct format_match m;
		assert_false(nordic_init_format.probe(span_of(image, n - 1), &m));
		assert_false(nordic_init_format.probe(span_of(image, n + 1), &m));
		survives_cuts(&nordic_init_format, span_of(image, n), (unsigned)n);
		survives_flips(&nordic_init_format, span_of(image, n), 5000, 0);
	}
	assert_no_noise(&nordic_init_format);
}

static void test_noise(void **state)
{
	(void)state;
	assert_no_noise(&dfu_format);
	assert_no_noise(&dfuse_format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suffix),      cmocka_unit_test(test_prefix), cmocka_unit_test(test_dfuse), cmocka_unit_test(test_dfuse_hostile),
		cmocka_unit_test(test_nordic_init), cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("dfu", tests, NULL, NULL);
}
