/* SPDX-License-Identifier: GPL-3.0-or-later */
/* avb, avb_footer: vbmeta written here after libavb's headers, signed by OpenSSL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "walked.h"

extern const struct format avb_format, avb_footer_format;

static uint8_t image[8192];
static size_t image_n;

static void put(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> 8 * (width - 1 - i));
}

/* Descriptors: a tag, the bytes that follow, a body padded to 8. */
static uint8_t *descriptor(uint8_t *p, uint64_t tag, const uint8_t *body, size_t n)
{
	size_t padded = (n + 7) / 8 * 8;
	put(p, tag, 8);
	put(p + 8, padded, 8);
	memcpy(p + 16, body, n);
	memset(p + 16 + n, 0, padded - n);
	return p + 16 + padded;
}

static size_t put_descriptors(uint8_t *out)
{
	uint8_t body[400] = { 0 }, *p = out;
	put(body, 3, 8); /* property */
	put(body + 8, 5, 8);
	memcpy(body + 16, "key\0value\0", 10);
	p = descriptor(p, 0, body, 26);
	memset(body, 0, sizeof body); /* hash tree */
	put(body, 1, 4);
	put(body + 4, 1234567, 8);
	memcpy(body + 56, "sha1", 4);
	put(body + 88, 6, 4);
	put(body + 92, 2, 4);
	put(body + 96, 20, 4);
	memcpy(body + 164,
		   "system\xaa\xbb"
		   "0123456789abcdefghij",
		   28);
	p = descriptor(p, 1, body, 192);
	memset(body, 0, sizeof body); /* hash */
	put(body, 777, 8);
	memcpy(body + 8, "sha256", 6);
	put(body + 40, 4, 4);
	put(body + 48, 4, 4);
	memcpy(body + 116, "boot\1\2\3\4", 8);
	p = descriptor(p, 2, body, 124);
	memset(body, 0, sizeof body);
	put(body + 4, 8, 4);
	memcpy(body + 8, "dm=\"1 v\"", 8);
	p = descriptor(p, 3, body, 16);
	memset(body, 0, sizeof body); /* chain */
	put(body, 2, 4);
	put(body + 4, 6, 4);
	put(body + 8, 3, 4);
	memcpy(body + 76, "vbmetakey", 9);
	p = descriptor(p, 4, body, 85);
	return (size_t)(p - out);
}

static EVP_PKEY *key;

static void put_number(const char *name, uint8_t *out, size_t n)
{
	BIGNUM *b = NULL;
	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &b), 1);
	assert_int_equal(BN_bn2binpad(b, out, (int)n), n);
	BN_free(b);
}

/* algorithm: of libavb's numbers; with that of SHA-256 and 2048 bits, or SHA-512. */
static void make_vbmeta(unsigned algorithm)
{
	size_t authentication = algorithm ? 320 : 0, digest_n = algorithm > 3 ? 64 : 32;
	memset(image, 0, sizeof image);
	uint8_t *auxiliary = image + 256 + authentication;
	size_t descriptors = put_descriptors(auxiliary), key_n = algorithm ? 8 + 512 : 0;
	size_t auxiliary_n = (descriptors + key_n + 63) / 64 * 64;
	memcpy(image, "AVB0", 4);
	put(image + 4, 1, 4);
	put(image + 8, 1, 4);
	put(image + 12, authentication, 8);
	put(image + 20, auxiliary_n, 8);
	put(image + 28, algorithm, 4);
	if (algorithm) {
		put(image + 40, digest_n, 8);
		put(image + 48, 64, 8);
		put(image + 56, 256, 8);
		put(image + 64, descriptors, 8);
		put(image + 72, key_n, 8);
		put(auxiliary + descriptors, 2048, 4);
		put_number(OSSL_PKEY_PARAM_RSA_N, auxiliary + descriptors + 8, 256);
	}
	put(image + 104, descriptors, 8);
	put(image + 112, 42, 8);
	put(image + 120, 2, 4);
	memcpy(image + 128, "avbtool 1.2.0", 13);
	image_n = 256 + authentication + auxiliary_n;
	if (!algorithm)
		return;
	uint8_t message[8192];
	memcpy(message, image, 256);
	memcpy(message + 256, auxiliary, auxiliary_n);
	const EVP_MD *md = digest_n == 64 ? EVP_sha512() : EVP_sha256();
	unsigned n;
	assert_int_equal(EVP_Digest(message, 256 + auxiliary_n, image + 256, &n, md, NULL), 1);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t signature_n = 256;
	assert_int_equal(EVP_DigestSignInit(context, NULL, md, NULL, key), 1);
	assert_int_equal(EVP_DigestSign(context, image + 256 + 64, &signature_n, message, 256 + auxiliary_n), 1);
	EVP_MD_CTX_free(context);
}

static void test_signed(void **state)
{
	(void)state;
	static const unsigned algorithms[] = { 0, 1, 4 };
	for (size_t i = 0; i < 3; i++) {
		struct walked t;
		make_vbmeta(algorithms[i]);
		walked_open(&t, &avb_format, span_of(image, sizeof image));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, image_n);
		assert_int_equal(t.n, 0);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		if (algorithms[i])
			assert_string_equal(walked_header(&t, "hash"), "ok");
		assert_string_equal(walked_header(&t, "signature"), algorithms[i] ? "ok, by the key that it carries" : "none");
		assert_string_equal(walked_header(&t, "flags"), "0x2 VERIFICATION_DISABLED");
		const struct fact_signature *row = fact_list_get(&t.facts, FACT_signature, 0);
		assert_non_null(row);
		assert_true(text_has(row->detail, algorithms[i] ? "its flags switch off" : "the algorithm is NONE"));
		assert_string_equal(walked_header(&t, "rollback_index"), "42");
		assert_string_equal(walked_header(&t, "release_string"), "avbtool 1.2.0");
		assert_string_equal(walked_header(&t, "property/key"), "value");
		assert_string_equal(walked_header(&t, "hashtree/system"),
							"sha1, image size 1234567, salt aabb, root digest "
							"303132333435363738396162636465666768696a, flags 0x0");
		assert_string_equal(walked_header(&t, "hash/boot"),
							"sha256, image size 777, salt , digest 01020304, flags 0x0");
		assert_string_equal(walked_header(&t, "kernel_cmdline"), "dm=\"1 v\" (flags 0x0)");
		assert_memory_equal(walked_header(&t, "chain_partition/vbmeta"), "rollback index location 2", 25);
		walked_close(&t);
	}
}

static void test_forged(void **state)
{
	(void)state;
	struct walked t;
	make_vbmeta(1);
	image[256 + 320 + 20] ^= 1; /* a descriptor */
	walked_open(&t, &avb_format, span_of(image, image_n));
	assert_string_equal(walked_header(&t, "hash"), "mismatch");
	assert_string_equal(walked_header(&t, "signature"), "mismatch");
	assert_true(walked_damage(&t, "corrupt") >= 2);
	walked_close(&t);
	make_vbmeta(1);
	image[256 + 100] ^= 1; /* the signature */
	walked_open(&t, &avb_format, span_of(image, image_n));
	assert_string_equal(walked_header(&t, "hash"), "ok");
	assert_string_equal(walked_header(&t, "signature"), "mismatch");
	walked_close(&t);
	make_vbmeta(0); /* a descriptor that goes on behind the end */
	put(image + 256 + 8, UINT64_MAX, 8);
	walked_open(&t, &avb_format, span_of(image, image_n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	put(image + 20, UINT64_MAX - 63, 8);
	struct format_match m;
	assert_false(avb_format.probe(span_of(image, image_n), &m));
}

static void test_footer(void **state)
{
	(void)state;
	uint8_t footer[64] = "AVBf\0\0\0\1";
	put(footer + 12, 5000, 8);
	put(footer + 20, 8192, 8);
	put(footer + 28, 640, 8);
	struct walked t;
	walked_open(&t, &avb_footer_format, span_of(footer, sizeof footer));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, 64);
	assert_string_equal(walked_header(&t, "vbmeta_offset"), "0x2000");
	walked_close(&t);
	survives_cuts(&avb_footer_format, span_of(footer, sizeof footer), 64);
	survives_flips(&avb_footer_format, span_of(footer, sizeof footer), 2000, 0);
	footer[60] = 1;
	struct format_match m;
	assert_false(avb_footer_format.probe(span_of(footer, sizeof footer), &m));
}

static void test_survives(void **state)
{
	(void)state;
	make_vbmeta(1);
	survives_cuts(&avb_format, span_of(image, image_n), 300);
	survives_flips(&avb_format, span_of(image, image_n), 1500, 256);
	make_vbmeta(0);
	survives_flips(&avb_format, span_of(image, image_n), 5000, 0);
}

int main(void)
{
	key = EVP_RSA_gen(2048);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_footer),
		cmocka_unit_test(test_survives),
	};
	int failed = cmocka_run_group_tests_name("avb", tests, NULL, NULL);
	EVP_PKEY_free(key);
	return failed;
}
