/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dmg, written by dmg_writer.c, which 7-Zip reads, too; apm, written here after Inside Macintosh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "big_endian.h"
#include "dmg_writer.h"
#include "walked.h"

extern const struct format dmg_format, apm_format;

#define DISK (300u << 10)
#define ENCODED(t) { t, 0xffffffff }

static uint8_t disk[DISK];
static const uint32_t each[][2] = { ENCODED(1), ENCODED(0x80000004), ENCODED(0x80000005), ENCODED(0x80000006), ENCODED(0x80000007),
	                                ENCODED(0x80000008) };
static const uint32_t all[] = { 1, 0x80000005, 0x80000007, 0x80000004, 0x80000006, 0x80000008, 0xffffffff };

/* Numbers as text, noise, and zeros of some chunks. */
static struct span make_disk(void)
{
	uint32_t v = 3;
	for (size_t i = 0; i < DISK; i++) {
		v = v * 1664525 + 1013904223;
		disk[i] = i < 150000 ? (uint8_t)('0' + (i / 7 + (v >> 30)) % 10) : i < 180000 ? (uint8_t)(v >> 24) : 0;
	}
	memcpy(disk + DISK - 3000, disk, 3000);
	return span_of(disk, DISK);
}

/* 7-Zip of today reads it; what Debian has under the name 7z is of 2016 and knows neither LZFSE nor LZMA. */
static void read_by_7zip(struct span image, struct span expected)
{
	char dir[TEMP_MAX];
	if (!tool_exists("7zz"))
		return;
	temp_new(dir);
	file_save(dir, "d.dmg", image);
	run_in(dir, "7zz x -y -tdmg -so d.dmg > out");
	struct span out = file_load(dir, "out");
	assert_int_equal(out.n, expected.n);
	assert_memory_equal(out.p, expected.p, expected.n);
	free((void *)out.p);
	temp_remove(dir);
}

static void expect_disk(struct span image, struct span expected, bool sums)
{
	struct walked t;
	walked_open(&t, &dmg_format, image);
	assert_true(t.accepted);
	if (error_is(&t.error))
		fail_msg("%s", t.error.text);
	assert_content(&t, "disk", expected.p, expected.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	assert_int_equal(walked_damage(&t, "truncated"), 0);
	if (sums) {
		assert_string_equal(walked_header(&t, "data_crc32"), "ok");
		assert_string_equal(walked_header(&t, "master_crc32"), "ok");
	}
	walked_close(&t);
}

static void test_kinds(void **state)
{
	(void)state;
	struct span d = make_disk();
	size_t n;
	for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
		uint8_t *image = dmg_write(d, &(struct dmg_options){ .types = each[i], .tables = 1 }, &n);
		read_by_7zip(span_of(image, n), d);
		expect_disk(span_of(image, n), d, true);
		free(image);
	}
	for (unsigned fork = 0; fork < 2; fork++)
		for (unsigned tables = 1; tables <= 5; tables += 2) {
			uint8_t *image = dmg_write(d, &(struct dmg_options){ .types = all, .tables = tables, .fork = fork, .no_sums = tables == 5 }, &n);
			read_by_7zip(span_of(image, n), d);
			expect_disk(span_of(image, n), d, tables != 5);
			free(image);
		}
}

/* A chunk that is broken is zeros, and told; the others are where they were. */
static void test_damage(void **state)
{
	(void)state;
	struct walked t;
	size_t n;
	struct span d = make_disk();
	uint8_t *image = dmg_write(d, &(struct dmg_options){ .types = each[2], .tables = 1 }, &n);
	uint8_t saved[4];
	memcpy(saved, image + 1000, 4);
	memcpy(image + 1000, "\xff\xff\xff\xff", 4);
	walked_open(&t, &dmg_format, span_of(image, n));
	assert_string_equal(walked_header(&t, "data_crc32"), "mismatch");
	const struct walked_entry *e = walked_get(&t, "disk");
	assert_int_equal(e->error.code, ERR_CORRUPT);
	assert_int_equal(e->content.n, DISK);
	assert_memory_equal(e->content.p + 32768, disk + 32768, DISK - 32768);
	walked_close(&t);
	memcpy(image + 1000, saved, 4);

	/* The first half is lost: the trailer stands where it did not, so that offsets lead beyond the end. */
	walked_open(&t, &dmg_format, span_from(span_of(image, n), 20000));
	assert_true(walked_damage(&t, "corrupt") + walked_damage(&t, "truncated") > 0);
	walked_close(&t);
	free(image);

	/* Bytes that are not those of the sum. */
	image = dmg_write(d, &(struct dmg_options){ .types = each[0], .tables = 1 }, &n);
	image[100] ^= 1;
	walked_open(&t, &dmg_format, span_of(image, n));
	assert_int_equal(walked_get(&t, "disk")->error.code, ERR_CORRUPT);
	assert_int_equal(walked_damage(&t, "corrupt"), 2); /* of the packed bytes, of the table */
	walked_close(&t);
	image[100] ^= 1;
	/* One of two segments. */
	put(image + n - 512 + 60, 2, 4);
	walked_open(&t, &dmg_format, span_of(image, n));
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	walked_close(&t);
	free(image);
}

/* What no chunk takes is shown. */
static void test_hidden(void **state)
{
	(void)state;
	struct walked t;
	size_t n;
	uint8_t *image = dmg_write(make_disk(), &(struct dmg_options){ .types = each[0], .tables = 1, .no_sums = true }, &n);
	uint8_t *longer = malloc(n + 2000);
	memcpy(longer, image, n - 512);
	memset(longer + n - 512, 'h', 2000);
	memcpy(longer + n - 512 + 1000, "hidden", 6);
	memcpy(longer + n + 1488, image + n - 512, 512);
	walked_open(&t, &dmg_format, span_of(longer, n + 2000));
	bool found = false;
	for (size_t i = 0; i < t.n; i++)
		found = found || (t.entries[i].e.offset == n - 512 && t.entries[i].content.n == 2000);
	assert_true(found);
	walked_close(&t);
	/* Nor is it hidden by a trailer that calls it a signature, or resources beside the list. */
	for (unsigned i = 0; i < 4; i++) {
		uint8_t *field = longer + n + 1488 + (i % 2 ? 40 : 296);
		put(field, i < 2 ? n - 512 : 0, 8);
		put(field + 8, i < 2 ? 2000 : n + 1488, 8); /* those, or all of the image */
		walked_open(&t, &dmg_format, span_of(longer, n + 2000));
		found = false;
		for (size_t k = 0; k < t.n; k++)
			found = found || memmem(t.entries[k].content.p, t.entries[k].content.n, "hidden", 6);
		assert_true(found);
		assert_int_equal(walked_count(&t, ENTRY_REGION), 3);
		walked_close(&t);
		put(field, 0, 8);
		put(field + 8, 0, 8);
	}
	free(longer);
	free(image);
}

/* The last part of something else is no image by itself. */
static void test_within(void **state)
{
	(void)state;
	struct format_match m;
	size_t n;
	for (unsigned fork = 0; fork < 2; fork++) {
		uint8_t *image = dmg_write(make_disk(), &(struct dmg_options){ .types = each[2], .tables = 1, .fork = fork }, &n);
		uint8_t *longer = malloc(n + 40);
		memset(longer, 'h', 40);
		memcpy(longer + 40, image, n);
		assert_true(dmg_format.probe(span_of(image, n), &m));
		assert_false(dmg_format.probe(span_of(longer, n + 40), &m));
		free(longer);
		free(image);
	}
}

static void test_encrypted(void **state)
{
	(void)state;
	struct walked t;
	uint8_t image[4096];
	make_disk();
	memcpy(image, disk + 150000, sizeof image);
	memcpy(image, "encrcdsa\0\0\0\2\0\0\0\x10\0\0\0\5", 20);
	walked_open(&t, &dmg_format, span_of(image, sizeof image));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	walked_close(&t);
	memcpy(image, disk + 150000, sizeof image);
	assert_false(dmg_format.probe(span_of(image, sizeof image), &(struct format_match){ 0 }));
	memcpy(image + sizeof image - 8, "cdsaencr", 8);
	walked_open(&t, &dmg_format, span_of(image, sizeof image));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	walked_close(&t);
}

/* Chunks that all unpack the same bytes, and one that claims to be endless: both end. */
static void test_hostile(void **state)
{
	(void)state;
	struct walked t;
	size_t n;
	uint8_t *image = dmg_write(make_disk(), &(struct dmg_options){ .types = each[3], .tables = 1, .fork = true, .no_sums = true }, &n);
	size_t fork = 0;
	for (size_t i = 0; i + 4 < n && !fork; i++)
		fork = memcmp(image + i, "mish", 4) ? 0 : i;
	for (unsigned i = 1; i < 5; i++) {
		put(image + fork + 204 + 40 * i + 24, 0, 8);
		put(image + fork + 204 + 40 * i + 32, n, 8);
	}
	walked_open(&t, &dmg_format, span_of(image, n));
	assert_true(walked_damage(&t, "budget") + walked_damage(&t, "corrupt") + walked_damage(&t, "truncated") > 0);
	walked_close(&t);
	put(image + fork + 16, 1u << 30, 8);
	put(image + fork + 204 + 40 * 5 + 16, (1u << 30) - 300, 8);
	put(image + fork + 204 + 40 * 5, 0, 4);
	walked_open(&t, &dmg_format, span_of(image, n));
	assert_int_equal(walked_get(&t, "disk")->error.code, ERR_BUDGET);
	walked_close(&t);
	free(image);
}

static void test_survival(void **state)
{
	(void)state;
	size_t n;
	for (unsigned fork = 0; fork < 2; fork++) {
		uint8_t *image = dmg_write(make_disk(), &(struct dmg_options){ .types = all, .tables = 2, .fork = fork }, &n);
		survives_cuts(&dmg_format, span_of(image, n), 30);
		for (unsigned part = 0; part < 2; part++) { /* the trailer, then the tables and the trailer: they are at the end */
			struct span tail = span_from(span_of(image, n), n - (part ? 3500 : 512));
			survives_flips(&dmg_format, tail, 200, 0);
		}
		survives_flips(&dmg_format, span_of(image, n), 60, 0);
		free(image);
	}
}

static void put_partition(uint8_t *p, uint32_t n, uint32_t start, uint32_t blocks, const char *name, const char *type)
{
	memset(p, 0, 512);
	memcpy(p, "PM", 2);
	put(p + 4, n, 4);
	put(p + 8, start, 4);
	put(p + 12, blocks, 4);
	strncpy((char *)p + 16, name, 32);
	strncpy((char *)p + 48, type, 32);
	put(p + 84, blocks, 4);
	put(p + 88, 0x33, 4);
}

static void test_apm(void **state)
{
	(void)state;
	struct walked t;
	make_disk();
	memset(disk, 0, 512);
	memcpy(disk, "ER\2\0", 4);
	put(disk + 4, DISK / 512, 4);
	put_partition(disk + 512, 3, 1, 63, "Apple", "Apple_partition_map");
	put_partition(disk + 1024, 3, 64, 400, "disk image", "Apple_HFS");
	put_partition(disk + 1536, 3, 464, DISK / 512 - 464, "", "Apple_Free");
	memset(disk + 2048, 0, 62 * 512 - 1536);
	disk[DISK - 1] = 1;
	walked_open(&t, &apm_format, span_of(disk, DISK));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, DISK);
	assert_content(&t, "partition-2", disk + 64 * 512, 400 * 512);
	assert_string_equal(walked_header(&t, "partition-2"), "Apple_HFS, disk image, blocks 64 to 464");
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	walked_close(&t);
	walked_open(&t, &apm_format, span_of(disk, 100000));
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	survives_cuts(&apm_format, span_of(disk, 3000), 300);
	survives_flips(&apm_format, span_of(disk, 3000), 500, 2048);
	put(disk + 512 + 4, 4, 4); /* they do not agree */
	assert_false(apm_format.probe(span_of(disk, DISK), &(struct format_match){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),     cmocka_unit_test(test_damage),  cmocka_unit_test(test_hidden),   cmocka_unit_test(test_within),
		cmocka_unit_test(test_encrypted), cmocka_unit_test(test_hostile), cmocka_unit_test(test_survival), cmocka_unit_test(test_apm),
	};
	return cmocka_run_group_tests_name("dmg", tests, NULL, NULL);
}
