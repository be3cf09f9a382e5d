/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of files: modules signed as scripts/sign-file.c does, and detached ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "inspected.h"

extern const struct inspector signatures_inspector;

#define MODULE_MAGIC "~Module signature appended~\n"

static struct span text_span(const char *text)
{
	return span_of(text, strlen(text));
}

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
	int n = snprintf(
		row, sizeof row,
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
		   "offset=0 | scheme=usign | covers=Packages | algorithm=Ed25519 | state=unsupported | key_hint=key number "
		   "b5043e70f9a75cde | detail=the file that it signs is not beside it\n");
	inspected_survives(&signatures_inspector, "/a.sig", span_of(text, (size_t)n), 300);
	static const char key[] =
		"untrusted comment: public key\nRWS1BD5w+adc3j2Hqg9+b66CvLR7NlHbsj7wjNVj0XGt/othDgIAOJS+\n";
	expect("/etc/opkg/keys/x", span_of(key, sizeof key - 1), "");
	static const char pgp[] = "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n";
	expect("/root/fw.bin.asc", span_of(pgp, sizeof pgp - 1), ""); /* there is no packet in it */
	static const char mail[] = "text -----BEGIN PGP SIGNATURE-----\n";
	expect("/root/mail", span_of(mail, sizeof mail - 1), "");
}

/* Beside the signature: a long file, of which there is room for so many looks, and keys of its number. */
struct beside {
	struct neighbors neighbors; /* first */
	struct span file;
	const char *keys[2];
	unsigned looks;
};

static enum neighbor read_beside(struct neighbors *neighbors, struct text path, struct span *bytes)
{
	struct beside *b = (struct beside *)neighbors;
	*bytes = SPAN_NONE;
	if (text_starts(path, "/etc/")) {
		*bytes = text_span(b->keys[path.p[path.n - 1] - '0']);
		return NEIGHBOR_WHOLE;
	}
	if (!text_is(path, "/fw"))
		return NEIGHBOR_ABSENT;
	if (!b->looks)
		return NEIGHBOR_BROKEN;
	b->looks--;
	*bytes = b->file;
	return NEIGHBOR_WHOLE;
}

static void write_usign(const uint8_t *bytes, int n, char out[256])
{
	char base64[128];
	EVP_EncodeBlock((uint8_t *)base64, bytes, n);
	snprintf(out, 256, "untrusted comment: x\n%s\n", base64);
}

/* A long file's signature, by keys beside it. That it can not be read once more is no word against it. */
static void test_long(void **state)
{
	(void)state;
	static uint8_t file[20000];
	static const struct text paths[] = { TEXT_LIT("/etc/opkg/keys/0"), TEXT_LIT("/etc/opkg/keys/1") };
	static const struct {
		unsigned looks;
		bool other_first, changed;
		const char *row;
	} cases[] = {
		{ 9, false, false, "state=valid" },  { 9, true, false, "state=valid" },  { 9, false, true, "state=invalid" },
		{ 0, false, false, "state=unsupported" }, { 1, false, false, "state=unsupported" }, { 2, true, false, "state=unsupported" },
	};
	char keys[2][256], text[256];
	uint8_t raw[74] = "Ed12345678";
	EVP_PKEY *key[2] = { EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") };
	for (unsigned i = 0; i < 2; i++) {
		size_t n = 32;
		assert_int_equal(EVP_PKEY_get_raw_public_key(key[i], raw + 10, &n), 1);
		write_usign(raw, 42, keys[i]);
	}
	size_t n = 64;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(c, NULL, NULL, NULL, key[0]), 1);
	assert_int_equal(EVP_DigestSign(c, raw + 10, &n, file, sizeof file), 1);
	write_usign(raw, 74, text);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct inspected out;
		bool other = cases[i].other_first;
		struct beside b = { { read_beside, paths, 2 }, span_of(file, sizeof file), { keys[other], keys[!other] }, cases[i].looks };
		file[5] = cases[i].changed;
		inspected_run(&out, &signatures_inspector, (struct subject){ .path = TEXT_LIT("/fw.sig"), .kind = ENTRY_FILE,
		                                                             .bytes = text_span(text), .neighbors = &b.neighbors });
		print_message("case %zu\n", i);
		assert_non_null(strstr(inspected_print(&out, FACT_signature), cases[i].row));
		assert_null(fact_list_get(&out.list, FACT_signature, 1));
		inspected_free(&out);
	}
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key[0]);
	EVP_PKEY_free(key[1]);
}

/* ---- programs for UEFI ---- */

#define PROGRAM 1020u /* no multiple of eight: it is filled up when it is signed */
#define SIGNED 1024u

static void put_le(uint8_t *p, uint32_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

/* The headers of PE32+ with a subsystem, and no section. */
static void make_program(uint8_t *out, uint16_t subsystem)
{
	for (size_t i = 0; i < PROGRAM; i++)
		out[i] = i < 512 ? 0 : (uint8_t)(i * 7);
	memcpy(out, "MZ", 2);
	out[0x3c] = 0x40;
	memcpy(out + 0x40, "PE\0\0\x64\x86", 6);
	put_le(out + 0x40 + 20, 240, 2);
	uint8_t *optional = out + 0x40 + 24;
	put_le(optional, 0x20b, 2);
	put_le(optional + 60, 512, 4);
	put_le(optional + 68, subsystem, 2);
	put_le(optional + 108, 16, 4);
}

#define CHECKSUM (0x40 + 24 + 64)
#define DIRECTORY (0x40 + 24 + 112 + 32)

/* `end`: of the program, or of what it is filled up to. */
static void digest_program(const uint8_t *program, size_t end, uint8_t out[32])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	EVP_DigestInit_ex(c, EVP_sha256(), NULL);
	EVP_DigestUpdate(c, program, CHECKSUM);
	EVP_DigestUpdate(c, program + CHECKSUM + 4, DIRECTORY - CHECKSUM - 4);
	EVP_DigestUpdate(c, program + DIRECTORY + 8, end - DIRECTORY - 8);
	EVP_DigestFinal_ex(c, out, NULL);
	EVP_MD_CTX_free(c);
}

/* SpcIndirectDataContent as signing tools write it, with its digest at its end. */
static const uint8_t indirect[] = { 0x30, 67, 0x30, 14, 6, 10,   0x2b, 6,    1,  4, 1, 0x82, 0x37,
									2,    1,  15,   5,  0, 0x30, 49,   0x30, 13, 6, 9, 0x60, 0x86,
									0x48, 1,  0x65, 3,  4, 2,    1,    5,    0,  4, 32 };

static size_t sign_indirect(const uint8_t *content, size_t n, uint8_t *out)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *x = X509_new();
	ASN1_INTEGER_set(X509_get_serialNumber(x), 0x77);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 1000);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const uint8_t *)"Boot key", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	PKCS7 *p = PKCS7_new(), *inner = PKCS7_new();
	PKCS7_set_type(p, NID_pkcs7_signed);
	PKCS7_SIGNER_INFO *signer = PKCS7_add_signature(p, x, key, EVP_sha256());
	assert_non_null(signer);
	PKCS7_add_certificate(p, x);
	PKCS7_add_signed_attribute(signer, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_txt2obj("1.3.6.1.4.1.311.2.1.4", 1));
	PKCS7_content_new(p, NID_pkcs7_data);
	BIO *b = PKCS7_dataInit(p, NULL);
	BIO_write(b, content + 2, (int)n - 2);
	assert_int_equal(PKCS7_dataFinal(p, b), 1);
	BIO_free_all(b);
	inner->type = OBJ_txt2obj("1.3.6.1.4.1.311.2.1.4", 1);
	inner->d.other = ASN1_TYPE_new();
	inner->d.other->type = V_ASN1_SEQUENCE;
	inner->d.other->value.sequence = ASN1_STRING_new();
	ASN1_STRING_set(inner->d.other->value.sequence, content, (int)n);
	PKCS7_set_content(p, inner);
	uint8_t *end = out;
	int size = i2d_PKCS7(p, &end);
	assert_true(size > 0);
	PKCS7_free(p);
	X509_free(x);
	EVP_PKEY_free(key);
	return (size_t)size;
}

/* The table of certificates behind the program, which the headers name; the checksum is another one then. */
static struct span sign_program(uint8_t out[8192])
{
	uint8_t content[sizeof indirect + 32];
	memset(out + PROGRAM, 0, SIGNED - PROGRAM);
	memcpy(content, indirect, sizeof indirect);
	digest_program(out, SIGNED, content + sizeof indirect);
	size_t n = 8 + sign_indirect(content, sizeof content, out + SIGNED + 8), padded = (n + 7) & ~(size_t)7;
	memset(out + SIGNED + n, 0, padded - n);
	put_le(out + SIGNED, (uint32_t)n, 4);
	put_le(out + SIGNED + 4, 0x200, 2);
	put_le(out + SIGNED + 6, 2, 2);
	put_le(out + DIRECTORY, SIGNED, 4);
	put_le(out + DIRECTORY + 4, (uint32_t)padded, 4);
	put_le(out + CHECKSUM, 0x1234, 4);
	return span_of(out, SIGNED + padded);
}

static void expect_program(struct span bytes, const char *state)
{
	struct inspected out;
	char begin[200];
	snprintf(
		begin, sizeof begin,
		"offset=1024 | scheme=authenticode | covers=program | algorithm=SHA256 with rsaEncryption, 2048 bits | state=%s | ",
		state);
	inspected_file(&out, &signatures_inspector, "/boot/efi/a.efi", bytes);
	const char *rows = inspected_print(&out, FACT_signature);
	assert_memory_equal(rows, begin, strlen(begin));
	assert_non_null(strstr(rows, "key_hint=issuer CN=Boot key, serial 77"));
	inspected_free(&out);
}

/* The table, which is not digested, moved into the program: what its headers say stands there would be the table's bytes. */
static void expect_moved(struct span program)
{
	static uint8_t moved[8192];
	struct inspected out;
	size_t table = program.n - SIGNED;
	memcpy(moved, program.p, 600);
	memcpy(moved + 600, program.p + SIGNED, table);
	memcpy(moved + 600 + table, program.p + 600, SIGNED - 600);
	put_le(moved + DIRECTORY, 600, 4);
	inspected_file(&out, &signatures_inspector, "/boot/efi/a.efi", span_of(moved, program.n));
	const struct fact_signature *s = fact_list_get(&out.list, FACT_signature, 0);
	assert_non_null(s);
	assert_true(text_is(s->state, "unsupported"));
	assert_null(s->message.p); /* a list of digests would be asked for it */
	assert_null(fact_list_get(&out.list, FACT_signature, 1));
	inspected_free(&out);
}

static void test_programs(void **state)
{
	(void)state;
	static uint8_t bytes[8192];
	make_program(bytes, 10);
	uint8_t digest[32];
	char absent[300];
	int n = snprintf(absent, sizeof absent,
					 "offset=232 | scheme=authenticode | covers=program | state=absent | detail=the program has no table of "
					 "certificates | message=");
	digest_program(bytes, PROGRAM, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		n += snprintf(absent + n, sizeof absent - (size_t)n, "%02x", digest[i]);
	snprintf(absent + n, sizeof absent - (size_t)n, "\n");
	expect("/boot/efi/a.efi", span_of(bytes, PROGRAM), absent);
	make_program(bytes, 3); /* for Windows: nobody verifies it */
	expect("/usr/share/setup.exe", span_of(bytes, PROGRAM), "");
	make_program(bytes, 10);
	struct span program = sign_program(bytes);
	expect_program(program, "valid");
	inspected_survives(&signatures_inspector, "/a.efi", program, 300);
	expect_moved(program);
	bytes[600] ^= 1;
	expect_program(program, "invalid");
	make_program(bytes, 10);
	program = sign_program(bytes);
	bytes[SIGNED + 8 + 100] ^= 1; /* what is signed: the digest of the program */
	expect_program(program, "invalid");
	expect("/boot/a", span_of("MZ and text", 11), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_modules), cmocka_unit_test(test_detached), cmocka_unit_test(test_long),
										cmocka_unit_test(test_programs) };
	return cmocka_run_group_tests_name("file_signatures", tests, NULL, NULL);
}
