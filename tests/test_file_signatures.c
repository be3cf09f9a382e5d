/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of files: modules signed as scripts/sign-file.c does, and detached ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "inspected.h"

extern const struct inspector signatures_inspector;

#define MODULE_MAGIC "~Module signature appended~\n"

static struct span make_module(uint8_t *out)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 0x1234);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 1000);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const uint8_t *)"Build key", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	memset(out, 0, 200);
	memcpy(out,
		   "\x7f"
		   "ELF\1\1\1",
		   7);
	BIO *b = BIO_new_mem_buf(out, 200);
	unsigned flags = CMS_NOCERTS | CMS_BINARY | CMS_DETACHED | CMS_STREAM | CMS_NOATTR;
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL);
	assert_non_null(CMS_add1_signer(cms, x, key, EVP_sha512(), flags));
	assert_int_equal(CMS_final(cms, b, NULL, flags), 1);
	uint8_t *p = out + 200;
	int n = i2d_CMS_ContentInfo(cms, &p);
	assert_true(n > 0);
	memset(p, 0, 12);
	p[2] = 2;
	p[10] = (uint8_t)(n >> 8);
	p[11] = (uint8_t)n;
	memcpy(p + 12, MODULE_MAGIC, sizeof MODULE_MAGIC - 1);
	CMS_ContentInfo_free(cms);
	BIO_free(b);
	X509_free(x);
	EVP_PKEY_free(key);
	return span_of(out, (size_t)(p + 12 + sizeof MODULE_MAGIC - 1 - out));
}

static void expect(const char *path, struct span bytes, const char *rows)
{
	struct inspected out;
	inspected_file(&out, &signatures_inspector, path, bytes);
	assert_string_equal(inspected_print(&out, FACT_signature), rows);
	inspected_free(&out);
}

/* The signature itself is another one each time. */
static void expect_module(struct span m)
{
	uint8_t digest[64];
	char row[512];
	struct inspected out;
	assert_int_equal(EVP_Digest(m.p, 200, digest, NULL, EVP_sha512(), NULL), 1);
	int n = snprintf(row, sizeof row,
					 "offset=200 | scheme=kernel-module | covers=module | algorithm=sha512 with ecdsa | state=no-key | "
					 "key_hint=issuer CN=Build key, serial 1234 | detail=the kernel has the certificate | method=ecdsa | message=");
	for (size_t i = 0; i < sizeof digest; i++)
		n += snprintf(row + n, sizeof row - (size_t)n, "%02x", digest[i]);
	n += snprintf(row + n, sizeof row - (size_t)n, " | value=304");
	inspected_file(&out, &signatures_inspector, "/lib/modules/a.ko", m);
	assert_memory_equal(inspected_print(&out, FACT_signature), row, (size_t)n);
	inspected_free(&out);
}

static void test_modules(void **state)
{
	(void)state;
	static uint8_t bytes[4096];
	struct span m = make_module(bytes);
	expect_module(m);
	expect("/lib/modules/b.ko", span_sub(m, 0, 200), ""); /* of which kernel is not known */
	expect("/usr/bin/b", span_sub(m, 0, 200), "");
	inspected_survives(&signatures_inspector, "/a.ko", m, 3000);
	bytes[201] = 0; /* no DER */
	expect(
		"/lib/modules/a.ko", m,
		"offset=200 | scheme=kernel-module | covers=module | state=unsupported | detail=no PKCS #7 message that can be "
		"read\n");
	static const char tool[] = "\x7f"
							   "ELF and " MODULE_MAGIC " within";
	expect("/usr/bin/kmod", span_of(tool, sizeof tool), "");
}

static void test_detached(void **state)
{
	(void)state;
	uint8_t raw[75] = "Ed\xb5\x04\x3e\x70\xf9\xa7\x5c\xde";
	char base64[104], text[256];
	EVP_EncodeBlock((uint8_t *)base64, raw, 74);
	int n = snprintf(text, sizeof text, "untrusted comment: signed by key b5043e70f9a75cde\n%s\n", base64);
	expect("/var/opkg-lists/Packages.sig", span_of(text, (size_t)n),
		   "offset=0 | scheme=usign | covers=Packages | algorithm=Ed25519 | state=no-key | key_hint=key number "
		   "b5043e70f9a75cde | detail=the key of that number is looked for in /etc/opkg/keys\n");
	inspected_survives(&signatures_inspector, "/a.sig", span_of(text, (size_t)n), 300);
	static const char key[] =
		"untrusted comment: public key\nRWS1BD5w+adc3j2Hqg9+b66CvLR7NlHbsj7wjNVj0XGt/othDgIAOJS+\n";
	expect("/etc/opkg/keys/x", span_of(key, sizeof key - 1), "");
	static const char pgp[] = "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n";
	expect(
		"/root/fw.bin.asc", span_of(pgp, sizeof pgp - 1),
		"offset=0 | scheme=openpgp | covers=fw.bin | state=unsupported | detail=OpenPGP signatures are not verified\n");
	static const char mail[] = "text -----BEGIN PGP SIGNATURE-----\n";
	expect("/root/mail", span_of(mail, sizeof mail - 1), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_modules), cmocka_unit_test(test_detached) };
	return cmocka_run_group_tests_name("file_signatures", tests, NULL, NULL);
}
