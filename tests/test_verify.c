/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker that verifies signatures: what it says, and what holds when it dies or has too much to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/hash.h"
#include "worker/confine.h"
#include "worker/verify.h"

static struct text hex(const uint8_t *bytes, size_t n)
{
	char *out = malloc(2 * n + 1);
	assert_non_null(out);
	hash_hex(bytes, n, out);
	return text_of(out, 2 * n);
}

static struct text spki(EVP_PKEY *key)
{
	uint8_t *der = NULL;
	int n = i2d_PUBKEY(key, &der);
	assert_true(n > 0);
	struct text t = hex(der, (size_t)n);
	OPENSSL_free(der);
	return t;
}

static struct text sign(EVP_PKEY *key, const uint8_t *message, size_t n, bool digest)
{
	uint8_t out[512];
	size_t size = sizeof out;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(c, NULL, digest ? EVP_sha256() : NULL, NULL, key), 1);
	assert_int_equal(EVP_DigestSign(c, out, &size, message, n), 1);
	EVP_MD_CTX_free(c);
	return hex(out, size);
}

static void run(const struct verify_request *r, struct verify_verdict *verdicts, char why[200])
{
	struct verify_request request = *r;
	request.without_landlock = confine_landlock_version() == 0;
	worker_verify(&request, verdicts, why);
}

static void free_text(struct text t)
{
	free((char *)(uintptr_t)t.p);
}

/* By the right one of two keys; by a key that is named, and is another; by none. */
static void test_ed25519(void **state)
{
	(void)state;
	static const uint8_t message[] = "what is signed", other[] = "what is not";
	EVP_PKEY *a = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), *b = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct text number = TEXT_LIT("key number 1"), second = TEXT_LIT("key number 2");
	struct verify_key keys[] = { { spki(a), number, false, 0 }, { spki(b), second, false, 0 } };
	struct text value = sign(b, message, sizeof message, false), good = hex(message, sizeof message),
				bad = hex(other, sizeof other);
	struct verify_signature s[] = {
		{ TEXT_LIT("ed25519"), good, value, TEXT_NONE, 1 },
		{ TEXT_LIT("ed25519"), good, value, second, 1 },
		{ TEXT_LIT("ed25519"), good, value, number, 1 },
		{ TEXT_LIT("ed25519"), bad, value, second, 1 },
		{ TEXT_LIT("ed25519"), bad, value, TEXT_NONE, 1 },
		{ TEXT_LIT("ed25519"), good, value, TEXT_LIT("key number 3"), 1 },
		{ TEXT_LIT("rsa-pkcs1"), good, value, second, 1 },
		{ TEXT_LIT("ed25519"), TEXT_LIT("0g"), value, second, 1 },
		{ TEXT_LIT("no method"), good, value, TEXT_NONE, 1 },
	};
	static const struct verify_verdict expected[] = {
		{ VERIFY_VALID, 1 }, { VERIFY_VALID, 1 }, { VERIFY_INVALID, 0 }, { VERIFY_INVALID, 1 }, { VERIFY_UNKNOWN, 0 }
	};
	struct verify_verdict got[9];
	char why[200];
	run(&(struct verify_request){ { s, keys, 9, 2 }, 30, false }, got, why);
	assert_string_equal(why, "");
	for (size_t i = 0; i < 9; i++) {
		assert_int_equal(got[i].state, i < 5 ? expected[i].state : VERIFY_UNKNOWN);
		assert_int_equal(got[i].key, i < 5 ? expected[i].key : 0);
	}
	for (size_t i = 0; i < 2; i++)
		free_text(keys[i].der);
	free_text(value);
	free_text(good);
	free_text(bad);
	EVP_PKEY_free(a);
	EVP_PKEY_free(b);
}

/* A method that wants a salt as long as the digest (RFC 8230, section 2) takes no other; "rsa-pss" takes any. */
static void test_salts(void **state)
{
	(void)state;
	static const struct {
		int salt;
		const char *method;
		enum verify_state state;
	} cases[] = { { 32, "rsa-pss-digest", VERIFY_VALID },   { 0, "rsa-pss-digest", VERIFY_UNKNOWN },
				  { 20, "rsa-pss-digest", VERIFY_UNKNOWN }, { 32, "rsa-pss", VERIFY_VALID },
				  { 20, "rsa-pss", VERIFY_VALID },          { 32, "rsa-pkcs1", VERIFY_UNKNOWN } };
	enum { CASES = sizeof cases / sizeof cases[0] };
	static const uint8_t digest[32] = "what is signed";
	EVP_PKEY *key = EVP_RSA_gen(2048);
	struct verify_key k = { .der = spki(key) };
	struct verify_signature s[CASES];
	struct verify_verdict got[CASES];
	char why[200];
	for (int i = 0; i < CASES; i++) {
		uint8_t value[256];
		size_t n = sizeof value;
		EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
		assert_int_equal(EVP_PKEY_sign_init(c), 1);
		assert_true(EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PSS_PADDING) > 0 &&
					EVP_PKEY_CTX_set_signature_md(c, EVP_sha256()) > 0 &&
					EVP_PKEY_CTX_set_rsa_pss_saltlen(c, cases[i].salt) > 0);
		assert_int_equal(EVP_PKEY_sign(c, value, &n, digest, sizeof digest), 1);
		EVP_PKEY_CTX_free(c);
		s[i] = (struct verify_signature){ .method = text_c(cases[i].method),
										  .message = hex(digest, sizeof digest),
										  .value = hex(value, n) };
	}
	run(&(struct verify_request){ { s, &k, CASES, 1 }, 30, false }, got, why);
	assert_string_equal(why, "");
	for (int i = 0; i < CASES; i++) {
		assert_int_equal(got[i].state, cases[i].state);
		free_text(s[i].message);
		free_text(s[i].value);
	}
	free_text(k.der);
	EVP_PKEY_free(key);
}

/* A worker that dies on its first signature. */
static void test_crash(void **state)
{
	(void)state;
	struct verify_key key = { TEXT_LIT("00"), TEXT_NONE, false, 0 };
	struct verify_verdict got[2] = { { VERIFY_VALID, 7 }, { VERIFY_VALID, 7 } };
	char why[200];
	const struct verify_signature *nowhere = (const struct verify_signature *)(uintptr_t)4096;
	const char *set = getenv("ASSAY_SANITIZER_REPORTS");
	char *reports = set ? strdup(set) : NULL;
	setenv("ASSAY_SANITIZER_REPORTS", "/dev/null", 1); /* this fault is no finding */
	run(&(struct verify_request){ { nowhere, &key, 2, 1 }, 30, false }, got, why);
	if (reports)
		setenv("ASSAY_SANITIZER_REPORTS", reports, 1);
	else
		unsetenv("ASSAY_SANITIZER_REPORTS");
	free(reports);
	assert_string_equal(why, "the worker that verifies signatures ended before its time");
	assert_int_equal(got[0].state, VERIFY_UNKNOWN);
	assert_int_equal(got[1].state, VERIFY_UNKNOWN);
}

/* More attempts than are made: what was reached is told, and that it is not all. When the time is over nothing is. */
static void test_too_many(void **state)
{
	(void)state;
	enum { KEYS = 1000, SIGNATURES = 150 };
	static struct verify_key keys[KEYS];
	static struct verify_signature s[SIGNATURES];
	static struct verify_verdict got[SIGNATURES];
	static const uint8_t message[] = "m";
	uint8_t digest[32], others[64];
	char why[200];
	memset(others, 1, sizeof others);
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)512);
	assert_non_null(key);
	EVP_Digest(message, sizeof message, digest, NULL, EVP_sha256(), NULL);
	struct text der = spki(key), value = sign(key, message, sizeof message, true), d = hex(digest, 32),
				none = hex(others, 64);
	for (size_t i = 0; i < KEYS; i++)
		keys[i] = (struct verify_key){ der, TEXT_NONE, false, 0 };
	for (size_t i = 0; i < SIGNATURES; i++)
		s[i] = (struct verify_signature){ TEXT_LIT("rsa-pkcs1"), d, i == 3 ? value : none, TEXT_NONE, 1 };
	run(&(struct verify_request){ { s, keys, SIGNATURES, KEYS }, 60, false }, got, why);
	assert_non_null(strstr(why, "more signatures and keys"));
	assert_int_equal(got[3].state, VERIFY_VALID);
	assert_int_equal(got[4].state, VERIFY_UNKNOWN);
	run(&(struct verify_request){ { s, keys, SIGNATURES, KEYS }, 0, false }, got, why);
	assert_string_equal(why, "verifying signatures took longer than it may");
	assert_int_equal(got[3].state, VERIFY_UNKNOWN);
	free_text(der);
	free_text(value);
	free_text(d);
	free_text(none);
	EVP_PKEY_free(key);
}

static bool ignore(void *context, uint32_t signature, struct verify_verdict verdict)
{
	(void)signature;
	*(unsigned *)context += verdict.state == VERIFY_VALID;
	return true;
}

/* Certificates, keys and signatures with a byte changed at each place: read here, not in a worker, to see it fall. */
static void test_hostile_bytes(void **state)
{
	(void)state;
	static const uint8_t message[] = "m";
	uint8_t digest[32], *der = NULL;
	unsigned valid = 0;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 0x9a01);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const uint8_t *)"Maker", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 1000);
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	int n = i2d_X509(x, &der);
	EVP_Digest(message, sizeof message, digest, NULL, EVP_sha256(), NULL);
	struct text value = sign(key, message, sizeof message, true), d = hex(digest, 32), c = hex(der, (size_t)n),
				k = spki(key);
	struct verify_key keys[] = { { c, TEXT_NONE, true, 0 }, { k, TEXT_NONE, false, 0 } };
	struct verify_signature s[] = { { TEXT_LIT("ecdsa"), d, value, TEXT_NONE, 1 },
									{ TEXT_LIT("ecdsa"), d, value, TEXT_LIT("issuer CN=Maker, serial 9A01"), 1 },
									{ TEXT_LIT("rsa"), d, value, TEXT_LIT("issuer CN=Maker, serial 00"), 1 } };
	struct verification_input input = { s, keys, 3, 2 };
	assert_int_equal(verification_run(&input, ignore, &valid), VERIFICATION_DONE);
	assert_int_equal(valid, 2);
	struct text all[] = { c, k, value, d };
	for (size_t t = 0; t < 4; t++)
		for (size_t i = 0; i < all[t].n; i++) {
			char *p = (char *)(uintptr_t)all[t].p + i, before = *p;
			*p = "0f8"[i % 3];
			assert_int_equal(verification_run(&input, ignore, &valid), VERIFICATION_DONE);
			*p = before;
		}
	for (size_t cut = 0; cut < c.n; cut += 7) {
		keys[0].der.n = cut;
		assert_int_equal(verification_run(&input, ignore, &valid), VERIFICATION_DONE);
	}
	for (size_t t = 0; t < 4; t++)
		free_text(all[t]);
	OPENSSL_free(der);
	X509_free(x);
	EVP_PKEY_free(key);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ed25519),       cmocka_unit_test(test_salts),    cmocka_unit_test(test_crash),
		cmocka_unit_test(test_hostile_bytes), cmocka_unit_test(test_too_many),
	};
	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
