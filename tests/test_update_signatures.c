/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of updates whose key is the device's: what formats tell of them is enough to verify them by that key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/hash.h"
#include "probe/verification.h"
#include "update_writer.h"
#include "walked.h"

extern const struct format suit_format, fwtool_format;

#define KEYS_MAX 4

struct keyring {
	struct verify_key keys[KEYS_MAX];
	const char *names[KEYS_MAX];
	uint32_t n;
};

static struct text hex(struct span bytes)
{
	char *out = malloc(2 * bytes.n + 1);
	assert_non_null(out);
	hash_hex(bytes.p, bytes.n, out);
	return text_of(out, 2 * bytes.n);
}

static void keyring_add(struct keyring *k, EVP_PKEY *key, const char *name, const char *number)
{
	uint8_t *der = NULL;
	int n = i2d_PUBKEY(key, &der);
	assert_true(n > 0 && k->n < KEYS_MAX);
	k->names[k->n] = name;
	k->keys[k->n++] = (struct verify_key){ .der = hex(span_of(der, (size_t)n)), .name = text_c(number) };
	OPENSSL_free(der);
}

static void keyring_free(struct keyring *k)
{
	for (uint32_t i = 0; i < k->n; i++)
		free((char *)(uintptr_t)k->keys[i].der.p);
}

struct looked {
	const struct keyring *keyring;
	const char *by[16];
};

static bool take(void *context, uint32_t signature, struct verify_verdict verdict)
{
	struct looked *l = context;
	if (verdict.state == VERIFY_VALID)
		l->by[signature] = l->keyring->names[verdict.key];
	return true;
}

/* The rows, one a line: scheme, covers, state when it is decided, otherwise by which key it verifies or "-". */
static const char *verified(const struct walked *t, const struct keyring *k)
{
	static char out[2048];
	size_t n = 0;
	uint32_t count = 0, asked[16];
	struct verify_signature list[16];
	struct looked l = { .keyring = k };
	const struct fact_signature *s;
	for (uint32_t i = 0; i < 16 && (s = fact_list_get(&t->facts, FACT_signature, i)); i++)
		if (s->method.p && text_is(s->state, "no-key")) {
			asked[i] = count;
			list[count++] = (struct verify_signature){ s->method, s->message, s->value, s->key_hint, 1 };
		}
	struct verification_input input = { list, k->keys, count, k->n };
	assert_int_equal(verification_run(&input, take, &l), VERIFICATION_DONE);
	out[0] = '\0';
	for (uint32_t i = 0; i < 16 && (s = fact_list_get(&t->facts, FACT_signature, i)); i++) {
		const char *by = s->method.p && text_is(s->state, "no-key") ? l.by[asked[i]] : NULL;
		n += (size_t)snprintf(out + n, sizeof out - n, "%.*s %.*s %.*s%s%s\n", (int)s->scheme.n, s->scheme.p,
							  (int)s->covers.n, s->covers.p, (int)s->state.n, s->state.p, by ? " by " : "",
							  by ? by : "");
	}
	return out;
}

static void expect(const struct format *format, struct span bytes, const struct keyring *k, const char *rows)
{
	struct walked t;
	walked_open(&t, format, bytes);
	assert_true(t.accepted);
	assert_string_equal(verified(&t, k), rows);
	walked_close(&t);
}

/* ---- SUIT: the vectors, and by whose key their index says that each is signed ---- */

static EVP_PKEY *sample_key(const char *name)
{
	struct span pem = sample_load(name);
	if (!pem.p)
		return NULL;
	BIO *b = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(b, NULL, NULL, NULL);
	BIO_free(b);
	free((void *)pem.p);
	assert_non_null(key);
	return key;
}

/* What is refused before a key is asked: RFC 9052, sections 3.1 and 4.4, and the draft's detached payload. */
static const char *refused(const char *file)
{
	static const struct {
		const char *begin, *state;
	} cases[] = {
		{ "derived-alg-unprotected", "unsupported" }, { "derived-crit-unknown", "unsupported" },
		{ "derived-sign1-alg-hmac", "invalid" },      { "derived-payload-attached", "invalid" },
		{ "derived-der-signature", "invalid" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (strncmp(file, cases[i].begin, strlen(cases[i].begin)) == 0)
			return cases[i].state;
	return NULL;
}

/* "STRUCTURE/ALGORITHM/KEY", more of them behind semicolons. */
static void wanted_rows(const char *file, char *checked, char out[512])
{
	size_t n = 0;
	char *rest = NULL;
	out[0] = '\0';
	for (char *part = strtok_r(checked, ";", &rest); part; part = strtok_r(NULL, ";", &rest)) {
		const char *key = strrchr(part, '/') + 1, *state = refused(file);
		bool signs = strncmp(part, "Signature1/", 11) == 0 && strcmp(key, "NOKEY") != 0 && !state;
		n += (size_t)snprintf(out + n, 512 - n, "cose manifest digest %s%s%s\n", state ? state : "no-key",
							  signs ? " by " : "", signs ? key : "");
	}
}

static unsigned suit_row(const char *line, size_t n, const struct keyring *k)
{
	char row[2048], file[96], path[128], wanted[512], *rest = NULL, *fields[9];
	snprintf(row, sizeof row, "%.*s", (int)n, line);
	fields[0] = strtok_r(row, "\t", &rest);
	for (int i = 1; i < 9; i++)
		fields[i] = strtok_r(NULL, "\t", &rest);
	if (!fields[8] || strcmp(fields[6], "malformed") == 0 || !strchr(fields[8], '/'))
		return 0;
	snprintf(file, sizeof file, "%s", fields[0]);
	snprintf(path, sizeof path, "../suit/%s", file);
	struct span sample = sample_load(path);
	assert_non_null(sample.p);
	struct walked t;
	walked_open(&t, &suit_format, sample);
	unsigned looked = 0;
	if (t.accepted && walked_count(&t, ENTRY_REGION) + fact_list_count(&t.facts, FACT_signature)) {
		wanted_rows(file, fields[8], wanted);
		if (strcmp(verified(&t, k), wanted) != 0)
			fail_msg("%s: %s, not %s", file, verified(&t, k), wanted);
		looked = 1;
	}
	walked_close(&t);
	free((void *)sample.p);
	return looked;
}

static void test_suit(void **state)
{
	(void)state;
	static const char *const names[] = { "suit-wg-example", "ed25519-test", "untrusted-p256" };
	struct keyring k = { .n = 0 };
	struct span index = sample_load("../suit/MANIFEST.tsv");
	unsigned looked = 0;
	if (!index.p)
		skip();
	for (int i = 0; i < 3; i++) {
		char path[80];
		snprintf(path, sizeof path, "../suit/keys/%s.pem", names[i]);
		EVP_PKEY *key = sample_key(path);
		keyring_add(&k, key, names[i], NULL);
		EVP_PKEY_free(key);
	}
	for (size_t at = 0, end; at < index.n; at = end + 1) {
		for (end = at; end < index.n && index.p[end] != '\n'; end++)
			;
		looked += at ? suit_row((const char *)index.p + at, end - at, &k) : 0;
	}
	assert_true(looked >= 90);
	free((void *)index.p);
	keyring_free(&k);
}

/* ---- ucert ---- */

struct writer {
	uint8_t bytes[8192];
	size_t n;
};

static void put(struct writer *w, const void *bytes, size_t n)
{
	memcpy(w->bytes + w->n, bytes, n);
	w->n += n;
}

static void pad(struct writer *w)
{
	while (w->n % 4)
		put(w, "", 1);
}

static void put_attribute(struct writer *w, uint32_t id, const void *data, size_t n)
{
	uint8_t head[4];
	put_be(head, (uint64_t)id << 24 | (n + 4), 4);
	put(w, head, 4);
	put(w, data, n);
	pad(w);
}

/* blobmsg.h: bit 31, and the name before the data. */
static void put_message(struct writer *w, uint32_t type, const char *name, const void *data, size_t n)
{
	struct writer inner = { .n = 2 };
	put_be(inner.bytes, strlen(name), 2);
	put(&inner, name, strlen(name) + 1);
	pad(&inner);
	put(&inner, data, n);
	put_attribute(w, 0x80 | type, inner.bytes, inner.n);
}

struct signer {
	EVP_PKEY *key;
	uint8_t number[8];
	char digits[17];
};

static struct signer signer_new(const char *digits)
{
	struct signer s = { .key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") };
	for (int i = 0; i < 8; i++)
		s.number[i] = (uint8_t)strtoul((char[3]){ digits[2 * i], digits[2 * i + 1], 0 }, NULL, 16);
	memcpy(s.digits, digits, 17);
	return s;
}

/* As usign writes keys and signatures. */
static size_t usign_text(const struct signer *s, const char *comment, const void *bytes, size_t n, char *out)
{
	uint8_t raw[74] = "Ed";
	char encoded[128];
	memcpy(raw + 2, s->number, 8);
	memcpy(raw + 10, bytes, n);
	EVP_EncodeBlock((uint8_t *)encoded, raw, (int)n + 10);
	return (size_t)sprintf(out, "untrusted comment: %s %s\n%s\n", comment, s->digits, encoded);
}

static size_t usign_signature(const struct signer *s, const void *message, size_t n, char *out)
{
	uint8_t value[64];
	size_t size = sizeof value;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(c, NULL, NULL, NULL, s->key), 1);
	assert_int_equal(EVP_DigestSign(c, value, &size, message, n), 1);
	EVP_MD_CTX_free(c);
	return usign_text(s, "signed by key", value, 64, out);
}

/* ucert -I: `subject`, signed by `issuer`. */
static void put_certificate(struct writer *chain, const struct signer *issuer, const struct signer *subject)
{
	struct writer table = { .n = 0 }, payload = { .n = 0 }, element = { .n = 0 };
	uint8_t number[8], point[32];
	char text[512];
	size_t n = sizeof point;
	EVP_PKEY_get_raw_public_key(subject->key, point, &n);
	put_be(number, 1, 4);
	put_message(&table, 5, "certtype", number, 4);
	put_be(number, 1700000000, 8);
	put_message(&table, 4, "validfrom", number, 8);
	put_be(number, 1731536000, 8);
	put_message(&table, 4, "expiresat", number, 8);
	n = usign_text(subject, "public key", point, 32, text);
	put_message(&table, 3, "pubkey", text, n + 1);
	put_message(&payload, 2, "ucert", table.bytes, table.n);
	n = usign_signature(issuer, payload.bytes, payload.n, text);
	put_attribute(&element, 0, text, n);
	put_attribute(&element, 1, payload.bytes, payload.n);
	put_attribute(chain, 0, element.bytes, element.n);
}

static void put_trailer(struct writer *image, const struct writer *chain)
{
	put(image, chain->bytes, chain->n);
	size_t n = image->n;
	uint8_t trailer[16] = "FWx0";
	put_be(trailer + 4, crc32_bitwise(UINT32_MAX, image->bytes, n), 4);
	put_be(trailer + 12, chain->n + 16, 4);
	put(image, trailer, 16);
}

static struct writer make_image(const struct signer *issuer, const struct signer *subject, const struct signer *signer)
{
	struct writer image = { .n = 2000 }, chain = { .n = 0 }, element = { .n = 0 };
	char text[512];
	for (size_t i = 0; i < image.n; i++)
		image.bytes[i] = (uint8_t)(i * 7);
	put_certificate(&chain, issuer, subject);
	if (signer) { /* ucert -A */
		size_t n = usign_signature(signer, image.bytes, image.n, text);
		put_attribute(&element, 0, text, n);
		put_attribute(&chain, 0, element.bytes, element.n);
	}
	put_trailer(&image, &chain);
	return image;
}

#define CERTIFICATE "ucert certificate that signed "
#define IMAGE "ucert image and metadata "

static void test_ucert(void **state)
{
	(void)state;
	struct signer root = signer_new("b5043e70f9a75cde"), build = signer_new("1035ac73cc4e59e3");
	struct keyring both = { .n = 0 }, none = { .n = 0 }, other = { .n = 0 };
	keyring_add(&other, build.key, "build", "key number 1035ac73cc4e59e3");
	keyring_add(&both, build.key, "build", "key number 1035ac73cc4e59e3");
	keyring_add(&both, root.key, "root", "key number b5043e70f9a75cde");
	struct writer w = make_image(&root, &build, &build);
	expect(&fwtool_format, span_of(w.bytes, w.n), &both, CERTIFICATE "no-key by root\n" IMAGE "valid\n");
	expect(&fwtool_format, span_of(w.bytes, w.n), &none, CERTIFICATE "no-key\n" IMAGE "valid\n");
	expect(&fwtool_format, span_of(w.bytes, w.n), &other, CERTIFICATE "no-key\n" IMAGE "valid\n");
	survives_cuts(&fwtool_format, span_of(w.bytes, w.n), 100);
	survives_flips(&fwtool_format, span_of(w.bytes, w.n), 400, 0);
	w.bytes[100] ^= 1; /* the image */
	expect(&fwtool_format, span_of(w.bytes, w.n), &both, CERTIFICATE "no-key by root\n" IMAGE "invalid\n");
	w = make_image(&root, &build, &root); /* not by the key that the certificate is for */
	expect(&fwtool_format, span_of(w.bytes, w.n), &both, CERTIFICATE "no-key by root\n" IMAGE "invalid\n");
	w = make_image(&build, &build, &build); /* as build systems without a chain have it */
	expect(&fwtool_format, span_of(w.bytes, w.n), &other, CERTIFICATE "no-key by build\n" IMAGE "valid\n");
	w = make_image(&root, &build, NULL);
	expect(&fwtool_format, span_of(w.bytes, w.n), &both, CERTIFICATE "no-key by root\n" IMAGE "absent\n");
	keyring_free(&both);
	keyring_free(&other);
	EVP_PKEY_free(root.key);
	EVP_PKEY_free(build.key);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_suit), cmocka_unit_test(test_ucert) };
	return cmocka_run_group_tests_name("update signatures", tests, NULL, NULL);
}
