/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checksums that the fuzzer computes anew: in a uImage, whose header has the CRC of the data and another one of itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fuzz/repair.h"
#include "../fuzz/target.h"

#define HEADER 64u
#define DATA 1000u

static struct checksum_list before;

static uint32_t crc32_of(const uint8_t *p, size_t n)
{
	uint32_t crc = UINT32_MAX;
	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void put_be32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t header_crc(const uint8_t *image)
{
	uint8_t header[HEADER];
	memcpy(header, image, HEADER);
	memset(header + 4, 0, 4);
	return crc32_of(header, HEADER);
}

/* U-Boot's include/image.h, struct legacy_img_hdr. */
static void make(uint8_t *image)
{
	memset(image, 0, HEADER);
	put_be32(image, 0x27051956);
	put_be32(image + 8, 1700000000);
	put_be32(image + 12, DATA);
	put_be32(image + 16, 0x80008000);
	put_be32(image + 20, 0x80008000);
	memcpy(image + 28, "\5\2\2\0", 4); /* Linux, ARM, a kernel, not compressed */
	memcpy(image + 32, "kernel", 6);
	for (size_t i = 0; i < DATA; i++)
		image[HEADER + i] = (uint8_t)(i * 7 + i / 256);
	put_be32(image + 24, crc32_of(image + HEADER, DATA));
	put_be32(image + 4, header_crc(image));
}

static bool header_fits(const uint8_t *image)
{
	uint8_t crc[4];
	put_be32(crc, header_crc(image));
	return memcmp(image + 4, crc, 4) == 0;
}

static bool data_fits(const uint8_t *image)
{
	uint8_t crc[4];
	put_be32(crc, crc32_of(image + HEADER, DATA));
	return memcmp(image + 24, crc, 4) == 0;
}

static void make_and_list(uint8_t *image)
{
	assert_true(target_choose("format:uimage"));
	make(image);
	repair_list(&before, span_of(image, HEADER + DATA));
	assert_true(before.n >= 2);
}

/* Data that changed need a CRC that fits, which is in the header, whose own CRC then has to fit. */
static void test_one_within_the_other(void **state)
{
	uint8_t image[HEADER + DATA];
	(void)state;
	make_and_list(image);
	image[HEADER + 500] ^= 0x10;
	assert_false(data_fits(image));
	repair_all(image, sizeof image, &before, NULL);
	assert_true(data_fits(image));
	assert_true(header_fits(image));
}

/* A checksum that was itself what the mutation changed stays wrong: that, too, is an input to try. */
static void test_the_checksum_itself(void **state)
{
	uint8_t image[HEADER + DATA];
	(void)state;
	make_and_list(image);
	image[25] ^= 0x10;
	repair_all(image, sizeof image, &before, NULL);
	assert_false(data_fits(image));
	assert_true(header_fits(image));
}

/* What needs no checksum is not touched. */
static void test_nothing_to_repair(void **state)
{
	uint8_t image[HEADER + DATA], same[HEADER + DATA];
	(void)state;
	make_and_list(image);
	memcpy(same, image, sizeof image);
	repair_all(image, sizeof image, &before, NULL);
	assert_memory_equal(image, same, sizeof image);
	repair_all(image, 0, &before, NULL);
}

static uint8_t kept[HEADER + DATA];
static unsigned runs;

static void keep(const uint8_t *bytes, size_t n)
{
	assert_int_equal(n, sizeof kept);
	memcpy(kept, bytes, n);
	runs++;
}

/* What a run ends with is at hand: the bytes as they are in that round, not only as the mutation left them. */
static void test_each_run_is_kept(void **state)
{
	uint8_t image[HEADER + DATA];
	(void)state;
	make_and_list(image);
	image[HEADER + 500] ^= 0x10;
	repair_all(image, sizeof image, &before, keep);
	assert_in_range(runs, 3, 4); /* the data's, the header's, and none that is left */
	assert_memory_equal(kept, image, sizeof image);
}

static struct checksum checksum_of(const char *value, size_t size)
{
	struct checksum c = { .size = (uint8_t)size, .covered = 10, .at = UINT64_MAX };
	memcpy(c.value, value, size);
	return c;
}

/* The bytes after one checksum has changed from `was` to `is`. */
static bool repaired(char *bytes, size_t n, const char *was, const char *is, size_t size)
{
	static struct checksum_list after;
	uint8_t *exact = malloc(n + !n); /* so that a step behind the end is seen */
	before.n = after.n = 1;
	before.v[0] = checksum_of(was, size);
	after.v[0] = checksum_of(is, size);
	memcpy(exact, bytes, n);
	bool any = repair_bytes(exact, n, &before, &after);
	memcpy(bytes, exact, n);
	free(exact);
	return any;
}

static void test_forms(void **state)
{
	static const struct {
		const char *bytes, *was, *is, *result;
		size_t n, size;
	} cases[] = {
		{ "..ABCD", "ABCD", "abcd", "..abcd", 6, 4 },
		{ "..DCBA", "ABCD", "abcd", "..dcba", 6, 4 },
		{ "..\xbe\xbd\xbc\xbb", "ABCD", "abcd", "..\x9e\x9d\x9c\x9b", 6, 4 },
		{ "..\xbb\xbc\xbd\xbe", "ABCD", "abcd", "..\x9b\x9c\x9d\x9e", 6, 4 },
		{ "ABCD..ABCD", "ABCD", "abcd", "abcd..ABCD", 10, 4 }, /* the nearest to what is covered, which is nowhere */
		{ "..AB", "AB", "ab", "..ab", 4, 2 },
		{ "AB.AB", "AB", "ab", "AB.AB", 5, 2 }, /* a short one by chance */
		{ "HGFEDCBA", "ABCDEFGH", "abcdefgh", "HGFEDCBA", 8, 8 }, /* digests have one form */
		{ "\0\0AB", "\0\0AB", "abcd", "\0\0AB", 4, 4 },
		{ "ABC", "ABCD", "abcd", "ABC", 3, 4 },
		{ "", "ABCD", "abcd", "", 0, 4 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char bytes[16] = { 0 };
		memcpy(bytes, cases[i].bytes, cases[i].n);
		bool any = repaired(bytes, cases[i].n, cases[i].was, cases[i].is, cases[i].size);
		assert_memory_equal(bytes, cases[i].result, cases[i].n);
		assert_int_equal(any, memcmp(cases[i].bytes, cases[i].result, cases[i].n) != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_within_the_other),
		cmocka_unit_test(test_the_checksum_itself),
		cmocka_unit_test(test_nothing_to_repair),
		cmocka_unit_test(test_each_run_is_kept),
		cmocka_unit_test(test_forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
