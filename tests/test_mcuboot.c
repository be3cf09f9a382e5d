/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MCUboot images by a writer after docs/design.md: plain, protected TLVs, encrypted, with a trailer, of the first version. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "update_writer.h"
#include "walked.h"

extern const struct format mcuboot_format;

enum { PAYLOAD = 300, HEADER = 64 };

struct made {
	uint8_t bytes[8192];
	size_t n;
};

static void header(struct made *m, uint32_t flags, uint16_t protected_size)
{
	memset(m, 0, sizeof *m);
	put_u32(m->bytes, 0x96f3b83d);
	put_u16(m->bytes + 8, HEADER);
	put_u16(m->bytes + 10, protected_size);
	put_u32(m->bytes + 12, PAYLOAD);
	put_u32(m->bytes + 16, flags);
	m->bytes[20] = 2;
	m->bytes[21] = 5;
	put_u16(m->bytes + 22, 7);
	put_u32(m->bytes + 24, 99);
	for (unsigned i = 0; i < PAYLOAD; i++)
		m->bytes[HEADER + i] = (uint8_t)(i * 3);
	m->n = HEADER + PAYLOAD;
}

static void info(struct made *m, uint16_t magic, uint16_t size)
{
	put_u16(m->bytes + m->n, magic);
	put_u16(m->bytes + m->n + 2, size);
	m->n += 4;
}

static void tlv(struct made *m, uint16_t type, const void *value, uint16_t n)
{
	put_u16(m->bytes + m->n, type);
	put_u16(m->bytes + m->n + 2, n);
	memcpy(m->bytes + m->n + 4, value, n);
	m->n += 4u + n;
}

static void digest_tlv(struct made *m, uint16_t type, size_t covered, const EVP_MD *md)
{
	uint8_t digest[64];
	unsigned n;
	EVP_Digest(m->bytes, covered, digest, &n, md, NULL);
	tlv(m, type, digest, (uint16_t)n);
}

static uint8_t zeros[64];

static void make_signed(struct made *m, uint32_t flags)
{
	header(m, flags, 0);
	size_t covered = m->n;
	info(m, 0x6907, 4 + 36 + 36 + 68);
	digest_tlv(m, 0x10, covered, EVP_sha256());
	tlv(m, 0x01, zeros, 32);
	tlv(m, 0x24, zeros, 64);
}

static void test_signed(void **state)
{
	(void)state;
	struct made m;
	struct walked t;
	make_signed(&m, 0);
	size_t n = m.n;
	memset(m.bytes + n, 0xff, 32);
	walked_open(&t, &mcuboot_format, span_of(m.bytes, n + 32));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_string_equal(walked_header(&t, "ih_ver"), "2.5.7+99");
	assert_string_equal(walked_header(&t, "sha256"), "ok");
	assert_string_equal(walked_header(&t, "signature"), "ED25519, 64 bytes");
	assert_content(&t, "image", m.bytes + HEADER, PAYLOAD);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	m.bytes[HEADER + 5] ^= 1;
	walked_open(&t, &mcuboot_format, span_of(m.bytes, n));
	assert_string_equal(walked_header(&t, "sha256"), "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 1);
	walked_close(&t);
}

static void test_protected(void **state)
{
	(void)state;
	struct made m;
	struct walked t;
	for (int large = 0; large < 2; large++) {
		header(&m, 0, 12);
		info(&m, 0x6908, 12);
		tlv(&m, 0x50, "\7\0\0\0", 4);
		size_t covered = m.n;
		info(&m, 0x6907, (uint16_t)(4 + 4 + (large ? 64 : 48)));
		digest_tlv(&m, large ? 0x12 : 0x11, covered, large ? EVP_sha512() : EVP_sha384());
		walked_open(&t, &mcuboot_format, span_of(m.bytes, m.n));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, m.n);
		assert_string_equal(walked_header(&t, "SEC_CNT"), "7");
		assert_string_equal(walked_header(&t, large ? "sha512" : "sha384"), "ok");
		assert_string_equal(walked_header(&t, "signature"), "none");
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
	}
}

static void test_encrypted(void **state)
{
	(void)state;
	struct made m;
	struct walked t;
	make_signed(&m, 8);
	walked_open(&t, &mcuboot_format, span_of(m.bytes, m.n));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	assert_int_equal(walked_get(&t, "image")->content.n, PAYLOAD);
	walked_close(&t);
}

static void test_trailer(void **state)
{
	(void)state;
	static const uint8_t magics[2][16] = {
		{ 0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f, 0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80 },
		{ 0x10, 0x00, 0x2d, 0xe1, 0x5d, 0x29, 0x41, 0x0b, 0x8d, 0x77, 0x67, 0x9c, 0x11, 0x0f, 0x1f, 0x8a },
	};
	struct made m;
	struct walked t;
	for (int i = 0; i < 2; i++) {
		make_signed(&m, 0);
		memset(m.bytes + m.n, 0xff, 4096 - m.n);
		m.bytes[4096 - 24] = 1; /* image_ok */
		memcpy(m.bytes + 4096 - 16, magics[i], 16);
		walked_open(&t, &mcuboot_format, span_of(m.bytes, 6000));
		assert_int_equal(t.match.size, 4096);
		assert_string_equal(walked_header(&t, "trailer"), "BOOT_MAGIC");
		walked_close(&t);
	}
}

static void test_first_version(void **state)
{
	(void)state;
	struct made m;
	struct walked t;
	header(&m, 2, 0);
	memset(m.bytes, 0, 20);
	put_u32(m.bytes, 0x96f3b83c);
	put_u16(m.bytes + 4, 36);
	put_u16(m.bytes + 8, HEADER);
	put_u32(m.bytes + 12, PAYLOAD);
	put_u32(m.bytes + 16, 2);
	digest_tlv(&m, 1, m.n, EVP_sha256());
	walked_open(&t, &mcuboot_format, span_of(m.bytes, m.n + 100));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, m.n);
	assert_string_equal(walked_header(&t, "sha256"), "ok");
	assert_string_equal(walked_header(&t, "signature"), "none");
	assert_content(&t, "image", m.bytes + HEADER, PAYLOAD);
	walked_close(&t);
}

static void test_hostile(void **state)
{
	(void)state;
	struct made m;
	struct walked t;
	make_signed(&m, 0);
	put_u16(m.bytes + HEADER + PAYLOAD + 6, 0xffff); /* a TLV of 65535 bytes */
	walked_open(&t, &mcuboot_format, span_of(m.bytes, m.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 1);
	walked_close(&t);
	make_signed(&m, 0);
	walked_open(&t, &mcuboot_format, span_of(m.bytes, 100)); /* cut within the payload */
	assert_true(t.accepted);
	assert_true(t.match.size > 100);
	assert_int_equal(walked_get(&t, "image")->content.n, 100 - HEADER);
	walked_close(&t);
	make_signed(&m, 0);
	put_u32(m.bytes + 12, 0xffffffff);
	assert_false(mcuboot_format.probe(span_of(m.bytes, m.n), &t.match));
}

/* The TLVs have room for thousands of digests, each of the whole image: four are computed, the others are named. */
static void test_many_digests(void **state)
{
	(void)state;
	enum { DIGESTS = 40, COMPARED = 4 };
	struct made m;
	struct walked t;
	header(&m, 0, 0);
	size_t covered = m.n;
	info(&m, 0x6907, 4 + DIGESTS * 36);
	for (unsigned i = 0; i < DIGESTS; i++)
		digest_tlv(&m, 0x10, covered, EVP_sha256());
	walked_open(&t, &mcuboot_format, span_of(m.bytes, m.n));
	const struct fact_header *h;
	unsigned good = 0, named = 0;
	for (size_t i = 0; (h = fact_list_get(&t.facts, FACT_header, i)); i++) {
		good += text_is(h->name, "sha256") && text_is(h->value, "ok");
		named += text_is(h->name, "SHA256");
	}
	assert_int_equal(good, COMPARED);
	assert_int_equal(named, DIGESTS);
	assert_int_equal(walked_damage(&t, "budget"), 1);
	walked_close(&t);
}

static void test_survives(void **state)
{
	(void)state;
	struct made m;
	make_signed(&m, 0);
	survives_cuts(&mcuboot_format, span_of(m.bytes, m.n), (unsigned)m.n);
	survives_flips(&mcuboot_format, span_of(m.bytes, m.n), 5000, 0);
	survives_flips(&mcuboot_format, span_of(m.bytes, m.n), 2000, 32);
	assert_no_noise(&mcuboot_format);
}

/* ---- signatures: by the rules of image_validate.c ---- */

struct row {
	char state[16], detail[128], hint[160], method[16];
};

/* The rows of an image, and how many facts it has of a counter that protects from older images. */
static size_t rows_of(const struct made *m, struct row rows[4], unsigned *counters)
{
	struct walked t;
	const struct fact_signature *s;
	const struct fact_updater *u;
	size_t n = 0;
	walked_open(&t, &mcuboot_format, span_of(m->bytes, m->n));
	assert_true(t.accepted);
	for (; n < 4 && (s = fact_list_get(&t.facts, FACT_signature, n)); n++) {
		snprintf(rows[n].state, sizeof rows->state, "%.*s", (int)s->state.n, s->state.p);
		snprintf(rows[n].detail, sizeof rows->detail, "%.*s", (int)s->detail.n, s->detail.p);
		snprintf(rows[n].hint, sizeof rows->hint, "%.*s", (int)s->key_hint.n, s->key_hint.p ? s->key_hint.p : "");
		snprintf(rows[n].method, sizeof rows->method, "%.*s", (int)s->method.n, s->method.p ? s->method.p : "");
	}
	*counters = 0;
	for (size_t i = 0; (u = fact_list_get(&t.facts, FACT_updater, i)); i++)
		*counters += text_is(u->aspect, "rollback");
	walked_close(&t);
	return n;
}

enum hash_tlv { HASH_GOOD, HASH_NONE, HASH_OTHER, HASH_TWICE };

/* With the key in the image, or its hash. */
static void make_by_key(struct made *m, EVP_PKEY *key, enum hash_tlv hash, bool whole, unsigned padding)
{
	uint8_t digest[32], *der = NULL, value[128] = { 0 }, key_hash[32];
	size_t n = sizeof value;
	header(m, 0, 0);
	size_t covered = m->n;
	bool ec = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
	EVP_Digest(m->bytes, covered, digest, NULL, EVP_sha256(), NULL);
	int size = i2d_PUBKEY(key, &der);
	EVP_Digest(der, (size_t)size, key_hash, NULL, EVP_sha256(), NULL);
	if (ec) {
		EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
		assert_int_equal(EVP_PKEY_sign_init(c), 1);
		assert_int_equal(EVP_PKEY_sign(c, value, &n, digest, sizeof digest), 1);
		EVP_PKEY_CTX_free(c);
		memset(value + n, 0, padding);
		n += padding;
	} else {
		EVP_MD_CTX *c = EVP_MD_CTX_new();
		assert_int_equal(EVP_DigestSignInit(c, NULL, NULL, NULL, key), 1);
		assert_int_equal(EVP_DigestSign(c, value, &n, digest, sizeof digest), 1);
		EVP_MD_CTX_free(c);
	}
	size_t at = m->n;
	info(m, 0x6907, 0);
	digest[5] ^= hash == HASH_OTHER;
	if (hash != HASH_NONE)
		tlv(m, 0x10, digest, 32);
	digest[5] ^= 1;
	if (hash == HASH_TWICE)
		tlv(m, 0x10, digest, 32);
	tlv(m, whole ? 2 : 1, whole ? der : key_hash, whole ? (uint16_t)size : 32);
	tlv(m, ec ? 0x22 : 0x24, value, (uint16_t)n);
	put_u16(m->bytes + at + 2, (uint16_t)(m->n - at));
	OPENSSL_free(der);
}

static void test_digest_is_wanted(void **state)
{
	(void)state;
	static const struct {
		enum hash_tlv hash;
		const char *state, *by_hash, *detail;
	} cases[] = { { HASH_GOOD, "valid", "no-key", "key" },
				  { HASH_NONE, "invalid", "invalid", "no TLV has the image's digest" },
				  { HASH_OTHER, "invalid", "invalid", "does not have the digest in its TLV" },
				  { HASH_TWICE, "invalid", "invalid", "does not have the digest in its TLV" } };
	EVP_PKEY *keys[2] = { EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), EVP_EC_gen("P-256") };
	struct made m;
	struct row rows[4];
	unsigned counters;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (int k = 0; k < 2; k++) {
			for (int whole = 0; whole < 2; whole++) {
				make_by_key(&m, keys[k], cases[i].hash, whole, 0);
				assert_int_equal(rows_of(&m, rows, &counters), 1);
				assert_string_equal(rows[0].state, whole ? cases[i].state : cases[i].by_hash);
				assert_non_null(strstr(rows[0].detail, cases[i].detail));
				/* no key of the image may make it valid behind that */
				assert_int_equal(*rows[0].method != 0, !whole && cases[i].hash == HASH_GOOD);
			}
		}
	for (unsigned padding = 1; padding < 3; padding++) {
		make_by_key(&m, keys[1], HASH_GOOD, true, padding);
		assert_int_equal(rows_of(&m, rows, &counters), 1);
		assert_string_equal(rows[0].state, "valid");
	}
	EVP_PKEY_free(keys[0]);
	EVP_PKEY_free(keys[1]);
}

/* Each signature is by the key that stands before it; a key alone signs nothing. */
static void test_keys_of_signatures(void **state)
{
	(void)state;
	struct made m;
	struct row rows[4];
	unsigned counters;
	uint8_t first[32] = { 0x11 }, second[32] = { 0x22 };
	header(&m, 0, 0);
	size_t covered = m.n;
	info(&m, 0x6907, 4 + 36 + 3 * 68 + 2 * 36);
	digest_tlv(&m, 0x10, covered, EVP_sha256());
	tlv(&m, 0x01, first, 32);
	tlv(&m, 0x24, zeros, 64);
	tlv(&m, 0x01, second, 32);
	tlv(&m, 0x24, zeros, 64);
	tlv(&m, 0x24, zeros, 64);
	assert_int_equal(rows_of(&m, rows, &counters), 3);
	assert_memory_equal(rows[0].hint, "KEYHASH 1100", 12);
	assert_memory_equal(rows[1].hint, "KEYHASH 2200", 12);
	assert_string_equal(rows[2].hint, "");
	header(&m, 0, 0);
	info(&m, 0x6907, 4 + 36 + 36);
	digest_tlv(&m, 0x10, covered, EVP_sha256());
	tlv(&m, 0x01, first, 32);
	assert_int_equal(rows_of(&m, rows, &counters), 1);
	assert_string_equal(rows[0].state, "absent");
}

/* ---- signatures of the bytes themselves; digests and salts: image_validate.c, image_ed25519.c, image_rsa.c ---- */

enum pure { PURE_PLAIN, PURE_PROTECTED, PURE_ZERO, PURE_LONG, PURE_DIGEST_SIGNED, PURE_CHANGED };

/* Without a digest, as imgtool leaves it out. */
static void make_pure(struct made *m, EVP_PKEY *key, enum pure how, bool whole)
{
	uint8_t *der = NULL, value[64], digest[32], key_hash[32];
	size_t n = sizeof value;
	const char *told = how == PURE_ZERO ? "\0\0" : "\1\0";
	int size = i2d_PUBKEY(key, &der);
	EVP_Digest(der, (size_t)size, key_hash, NULL, EVP_sha256(), NULL);
	header(m, 0, how == PURE_PROTECTED ? 9 : 0);
	if (how == PURE_PROTECTED) {
		info(m, 0x6908, 9);
		tlv(m, 0x25, told, 1);
	}
	EVP_Digest(m->bytes, m->n, digest, NULL, EVP_sha256(), NULL);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(c, NULL, NULL, NULL, key), 1);
	bool of_digest = how == PURE_DIGEST_SIGNED;
	assert_int_equal(EVP_DigestSign(c, value, &n, of_digest ? digest : m->bytes, of_digest ? 32 : m->n), 1);
	EVP_MD_CTX_free(c);
	size_t at = m->n;
	info(m, 0x6907, 0);
	if (how != PURE_PROTECTED)
		tlv(m, 0x25, told, how == PURE_LONG ? 2 : 1);
	tlv(m, whole ? 2 : 1, whole ? der : key_hash, whole ? (uint16_t)size : 32);
	tlv(m, 0x24, value, (uint16_t)n);
	put_u16(m->bytes + at + 2, (uint16_t)(m->n - at));
	m->bytes[HEADER + 3] ^= how == PURE_CHANGED;
	OPENSSL_free(der);
}

static void test_pure(void **state)
{
	(void)state;
	static const struct {
		enum pure how;
		const char *state, *by_hash;
		bool pending;
	} cases[] = { { PURE_PLAIN, "valid", "no-key", true },           { PURE_PROTECTED, "valid", "no-key", true },
				  { PURE_ZERO, "invalid", "invalid", false },        { PURE_LONG, "invalid", "invalid", false },
				  { PURE_DIGEST_SIGNED, "invalid", "no-key", true }, { PURE_CHANGED, "invalid", "no-key", true } };
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (int whole = 0; whole < 2; whole++) {
			struct made m;
			struct row rows[4];
			unsigned counters;
			make_pure(&m, key, cases[i].how, whole);
			assert_int_equal(rows_of(&m, rows, &counters), 1);
			assert_string_equal(rows[0].state, whole ? cases[i].state : cases[i].by_hash);
			assert_string_equal(rows[0].method, !whole && cases[i].pending ? "ed25519" : "");
			survives_flips(&mcuboot_format, span_of(m.bytes, m.n), 200, 0);
			survives_cuts(&mcuboot_format, span_of(m.bytes, m.n), 50);
		}
	EVP_PKEY_free(key);
}

static void make_rsa(struct made *m, EVP_PKEY *key, const EVP_MD *md, int salt, bool whole)
{
	uint8_t digest[64], value[256], *der = NULL, key_hash[32];
	size_t n = sizeof value;
	unsigned size = 0;
	header(m, 0, 0);
	EVP_Digest(m->bytes, m->n, digest, &size, md, NULL);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
	assert_int_equal(EVP_PKEY_sign_init(c), 1);
	assert_true(EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PSS_PADDING) > 0 &&
				EVP_PKEY_CTX_set_signature_md(c, md) > 0 && EVP_PKEY_CTX_set_rsa_pss_saltlen(c, salt) > 0);
	assert_int_equal(EVP_PKEY_sign(c, value, &n, digest, size), 1);
	EVP_PKEY_CTX_free(c);
	int key_n = i2d_PublicKey(key, &der); /* PKCS #1, as imgtool */
	EVP_Digest(der, (size_t)key_n, key_hash, NULL, EVP_sha256(), NULL);
	size_t at = m->n;
	info(m, 0x6907, 0);
	tlv(m, size == 32 ? 0x10 : size == 48 ? 0x11 : 0x12, digest, (uint16_t)size);
	tlv(m, whole ? 2 : 1, whole ? der : key_hash, whole ? (uint16_t)key_n : 32);
	tlv(m, 0x20, value, (uint16_t)n);
	put_u16(m->bytes + at + 2, (uint16_t)(m->n - at));
	OPENSSL_free(der);
}

static void test_rsa(void **state)
{
	(void)state;
	const struct {
		const EVP_MD *md;
		int salt;
		const char *state, *method;
	} cases[] = { { EVP_sha256(), 32, "valid", "rsa-pss-digest" },   { EVP_sha256(), 0, "invalid", "rsa-pss-digest" },
				  { EVP_sha256(), 20, "invalid", "rsa-pss-digest" }, { EVP_sha256(), 222, "invalid", "rsa-pss-digest" },
				  { EVP_sha384(), 48, "unsupported", "" },           { EVP_sha512(), 64, "unsupported", "" } };
	EVP_PKEY *key = EVP_RSA_gen(2048);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (int whole = 0; whole < 2; whole++) {
			struct made m;
			struct row rows[4];
			unsigned counters;
			make_rsa(&m, key, cases[i].md, cases[i].salt, whole);
			assert_int_equal(rows_of(&m, rows, &counters), 1);
			assert_string_equal(rows[0].state, whole ? cases[i].state : "no-key");
			assert_string_equal(rows[0].method, whole ? "" : cases[i].method);
		}
	EVP_PKEY_free(key);
}

/* bootutil_get_img_security_cnt() reads the protected TLVs alone, and a counter of four bytes. */
static void test_counter(void **state)
{
	(void)state;
	static const struct {
		bool is_protected;
		uint16_t size;
		unsigned counters;
	} cases[] = { { true, 4, 1 }, { false, 4, 0 }, { true, 8, 0 }, { true, 2, 0 } };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct made m;
		struct row rows[4];
		unsigned counters;
		uint16_t size = (uint16_t)(4 + 4 + cases[i].size);
		header(&m, 0, cases[i].is_protected ? size : 0);
		if (cases[i].is_protected) {
			info(&m, 0x6908, size);
			tlv(&m, 0x50, "\7\0\0\0\0\0\0\0", cases[i].size);
		}
		size_t covered = m.n;
		info(&m, 0x6907, (uint16_t)(4 + 36 + (cases[i].is_protected ? 0 : 4 + cases[i].size)));
		digest_tlv(&m, 0x10, covered, EVP_sha256());
		if (!cases[i].is_protected)
			tlv(&m, 0x50, "\7\0\0\0", cases[i].size);
		assert_int_equal(rows_of(&m, rows, &counters), 1);
		assert_int_equal(counters, cases[i].counters);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_protected),
		cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_trailer),
		cmocka_unit_test(test_first_version),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_many_digests),
		cmocka_unit_test(test_survives),
		cmocka_unit_test(test_digest_is_wanted),
		cmocka_unit_test(test_keys_of_signatures),
		cmocka_unit_test(test_counter),
		cmocka_unit_test(test_pure),
		cmocka_unit_test(test_rsa),
	};
	return cmocka_run_group_tests_name("mcuboot", tests, NULL, NULL);
}
