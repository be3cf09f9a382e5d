/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BLAKE2sp: the first, the second and the last of its authors' test vectors, and digests that Python's hashlib made (BLAKE2s of its tree's
 * parameters), of which that of 5,000 bytes is 7-Zip's, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/blake2sp.h"
#include "base/hash.h"

static void assert_digest(const uint8_t *p, size_t n, const char *expected)
{
	uint8_t digest[BLAKE2SP_SIZE];
	char hex[2 * BLAKE2SP_SIZE + 1];
	blake2sp(span_of(p, n), digest);
	hash_hex(digest, sizeof digest, hex);
	assert_string_equal(hex, expected);
}

static void test_vectors(void **state)
{
	(void)state;
	uint8_t in[5000];
	for (size_t i = 0; i < sizeof in; i++)
		in[i] = (uint8_t)i;
	assert_digest(NULL, 0, "dd0e891776933f43c7d032b08a917e25741f8aa9a12c12e1cac8801500f2ca4f");
	assert_digest(in, 1, "a6b9eecc25227ad788c99d3f236debc8da408849e9a5178978727a81457f7239");
	assert_digest(in, 255, "25059f10605e67adfe681350666e15ae976a5a571c13cf5bc8053f430e120a52");
	for (size_t i = 0; i < sizeof in; i++)
		in[i] = (uint8_t)(i * 7 % 251);
	assert_digest(in, 512, "c32ac442faff0839e3b3af097f32402369128bb1e7fd4693e70ba005a47f2671");
	assert_digest(in, 1023, "b4213fe19a938eb48206a7e6f0eead6fa9788ec336c06ca99ef38b67c6cc7f6d");
	assert_digest(in, 1024, "fda510e27ac76a633fe2d30c704e8e3513300afb67eeed3c44cc121c367f0e2d");
	assert_digest(in, 1025, "e1d37188b6b79faacb5022f525848c42cc554dfc29c24f1e89575b0e10defee7");
	assert_digest(in, 5000, "9600ea3a4d2f297726558ffb31285dfd8b98c1503a3e736be91990bc53a6ead0");
}

/* The digests of all lengths up to 2,099, one behind the other, by their SHA-256. */
static void test_all_lengths(void **state)
{
	(void)state;
	enum { LENGTHS = 2100 };
	uint8_t in[LENGTHS], *all = malloc(LENGTHS * (size_t)BLAKE2SP_SIZE);
	char hex[65];
	assert_non_null(all);
	for (size_t i = 0; i < LENGTHS; i++) {
		in[i] = (uint8_t)(i * 7 % 251);
		blake2sp(span_of(in, i), all + i * BLAKE2SP_SIZE); /* of what is before this byte */
	}
	hash_sha256_hex(span_of(all, LENGTHS * (size_t)BLAKE2SP_SIZE), hex);
	assert_string_equal(hex, "1a3cac5c48e351067016d74e2849650853267290321d16a1b3d3544d903a2e2c");
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_vectors), cmocka_unit_test(test_all_lengths) };
	return cmocka_run_group_tests_name("blake2sp", tests, NULL, NULL);
}
