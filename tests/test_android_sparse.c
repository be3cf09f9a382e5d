/* SPDX-License-Identifier: GPL-3.0-or-later */
/* android_sparse: images that img2simg makes of raw ones, and chunks written here after sparse_format.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "little_endian.h"
#include "walked.h"

extern const struct format android_sparse_format;

#define LIMIT ((size_t)16 << 20)

static void expect_unpacked(struct span packed, struct span plain)
{
	struct format_match m = { .size = 0 };
	struct buf out = buf_with_limit(LIMIT);
	size_t used = 0;
	assert_true(android_sparse_format.probe(packed, &m));
	assert_int_equal(m.size, SIZE_UNKNOWN);
	struct error e = android_sparse_format.unpack(packed, &out, &used);
	if (error_is(&e))
		fail_msg("%s", e.text);
	assert_int_equal(used, packed.n);
	assert_int_equal(out.n, plain.n);
	assert_memory_equal(out.p, plain.p, plain.n);
	buf_free(&out);
}

static void test_img2simg(void **state)
{
	(void)state;
	if (!tool_exists("img2simg"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	/* Noise, zeros, a repeated value, text; a size that is a multiple of all block sizes. */
	run_in(dir, "head -c 300000 /dev/urandom > plain; truncate -s 1048576 plain; yes abc | head -c 400000 >> plain; "
				"seq 100000 >> plain; truncate -s 4194304 plain");
	struct span plain = file_load(dir, "plain");
	static const unsigned sizes[] = { 4096, 1024, 65536 };
	for (size_t i = 0; i < 3; i++) {
		char command[100];
		snprintf(command, sizeof command, "rm -f packed; img2simg plain packed %u", sizes[i]);
		run_in(dir, command);
		struct span packed = file_load(dir, "packed");
		expect_unpacked(packed, plain);
		free((void *)packed.p);
	}
	free((void *)plain.p);
	temp_remove(dir);
}

/* ---- chunks written here ---- */

static uint8_t image[65536], plain[65536];

struct image {
	size_t n, plain_n;
	unsigned chunks, extra; /* extra: bytes behind both headers */
};

static void begin(struct image *im, unsigned extra)
{
	*im = (struct image){ .n = 28 + extra, .extra = extra };
	memset(image, 0, sizeof image);
	memset(plain, 0, sizeof plain);
	put(image, 0xed26ff3a, 4);
	put(image + 4, 1, 2);
	put(image + 8, 28 + extra, 2);
	put(image + 10, 12 + extra, 2);
	put(image + 12, 1024, 4);
}

static void chunk(struct image *im, unsigned type, uint32_t blocks, const void *data, uint32_t n)
{
	uint8_t *p = image + im->n;
	put(p, type, 2);
	put(p + 4, blocks, 4);
	put(p + 8, 12 + im->extra + n, 4);
	memcpy(p + 12 + im->extra, data, n);
	im->n += 12 + im->extra + n;
	im->chunks++;
	put(image + 20, im->chunks, 4);
	put(image + 16, im->plain_n / 1024, 4);
}

static void make_all(struct image *im, unsigned extra, uint32_t wrong)
{
	uint8_t noise[2048], crc[4];
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (uint8_t)(i * i >> 3);
	begin(im, extra);
	memcpy(plain, noise, 2048);
	im->plain_n = 2048;
	chunk(im, 0xcac1, 2, noise, 2048);
	for (size_t i = 0; i < 3072; i++)
		plain[2048 + i] = "wxyz"[i % 4];
	im->plain_n += 3072;
	chunk(im, 0xcac2, 3, "wxyz", 4);
	im->plain_n += 5 * 1024;
	chunk(im, 0xcac3, 5, "", 0);
	put(crc, crc32(0, plain, (unsigned)im->plain_n) ^ wrong, 4);
	chunk(im, 0xcac4, 0, crc, 4);
	im->plain_n += 1024;
	memset(plain + im->plain_n - 1024, 7, 1024);
	chunk(im, 0xcac2, 1, "\7\7\7\7", 4);
	put(crc, crc32(0, plain, (unsigned)im->plain_n), 4);
	chunk(im, 0xcac4, 0, crc, 4);
}

static void test_chunks(void **state)
{
	(void)state;
	struct image im;
	for (unsigned extra = 0; extra <= 8; extra += 4) {
		make_all(&im, extra, 0);
		expect_unpacked(span_of(image, im.n), span_of(plain, im.plain_n));
	}
}

static struct error unpack(size_t n, size_t limit, size_t *got)
{
	struct buf out = buf_with_limit(limit);
	size_t used = 0;
	struct error e = android_sparse_format.unpack(span_of(image, n), &out, &used);
	assert_true(used <= n);
	assert_true(out.n <= limit);
	if (out.n)
		assert_memory_equal(out.p, plain, out.n < sizeof plain ? out.n : sizeof plain);
	*got = out.n;
	buf_free(&out);
	return e;
}

static void test_damage(void **state)
{
	(void)state;
	struct image im;
	size_t got;
	make_all(&im, 0, 1); /* a wrong CRC spoils nothing */
	assert_int_equal(unpack(im.n, LIMIT, &got).code, ERR_CORRUPT);
	assert_int_equal(got, im.plain_n);
	make_all(&im, 0, 0);
	assert_int_equal(unpack(28 + 12 + 1500, LIMIT, &got).code, ERR_TRUNCATED);
	assert_int_equal(got, 1500);
	assert_int_equal(unpack(28 + 12 + 2048 + 12, LIMIT, &got).code, ERR_TRUNCATED);
	assert_int_equal(got, 2048);
	for (size_t n = 0; n < im.n; n++)
		assert_int_not_equal(unpack(n, LIMIT, &got).code, ERR_NONE);
	put(image + 28 + 12 + 2048, 0xcac9, 2);
	assert_int_equal(unpack(im.n, LIMIT, &got).code, ERR_CORRUPT);
	assert_int_equal(got, 2048);
}

/* A hole of 4 TiB, and a value repeated as often: no more than is allowed. */
static void test_huge(void **state)
{
	(void)state;
	struct image im;
	size_t got;
	for (unsigned type = 0xcac2; type <= 0xcac3; type++) {
		begin(&im, 0);
		chunk(&im, type, UINT32_MAX, "\0\0\0\0", type == 0xcac2 ? 4 : 0);
		put(image + 16, UINT32_MAX, 4);
		assert_int_equal(unpack(im.n, 1 << 20, &got).code, ERR_BUDGET);
		assert_int_equal(got, 1 << 20);
	}
}

static void test_survives(void **state)
{
	(void)state;
	struct image im;
	uint64_t x = 88172645463325252;
	make_all(&im, 4, 0);
	uint8_t *copy = malloc(im.n);
	assert_non_null(copy);
	for (unsigned i = 0; i < 5000; i++) {
		memcpy(copy, image, im.n);
		for (unsigned k = 0; k < 1 + i % 8; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			copy[x % im.n] ^= (uint8_t)(1u << (x >> 40) % 8);
		}
		struct buf out = buf_with_limit(1 << 20);
		struct format_match m;
		size_t used = 0;
		(void)android_sparse_format.probe(span_of(copy, im.n), &m);
		struct error e = android_sparse_format.unpack(span_of(copy, im.n), &out, &used);
		assert_true(error_is(&e) || used <= im.n);
		buf_free(&out);
	}
	free(copy);
}

static void test_noise(void **state)
{
	(void)state;
	uint64_t x = 1234567;
	for (unsigned k = 0; k < 100000; k++) {
		uint8_t bytes[64];
		for (size_t i = 0; i < sizeof bytes; i += 8) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			memcpy(bytes + i, &x, 8);
		}
		memcpy(bytes, "\x3a\xff\x26\xed\1\0", 6);
		struct format_match m;
		assert_false(android_sparse_format.probe(span_of(bytes, sizeof bytes), &m));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_img2simg), cmocka_unit_test(test_chunks),   cmocka_unit_test(test_damage),
		cmocka_unit_test(test_huge),     cmocka_unit_test(test_survives), cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("android_sparse", tests, NULL, NULL);
}
