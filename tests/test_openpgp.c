/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenPGP: packets, keys and signatures as GnuPG makes them, and the key of version 6 that RFC 9580 A.3 has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "base/hash.h"
#include "base/openpgp.h"
#include "inspected.h"
#include "openpgp_vectors.h"
#include "probe/verification.h"

extern const struct inspector keys_inspector, signatures_inspector;

static struct span text_span(const char *text)
{
	return span_of(text, strlen(text));
}

static size_t from_hex(const char *hex, uint8_t *out)
{
	size_t n = 0;
	for (unsigned byte; sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
		out[n] = (uint8_t)byte;
	return n;
}

static const struct vector {
	const char *name, *key, *text, *detached, *fingerprint, *type, *method;
	int64_t bits;
} vectors[] = {
	{ "rsa", rsa_key, rsa_text, rsa_detached, "2030b7cd61520ca7b450173b116205fb5a4a2420", "rsa", "rsa-pkcs1", 2048 },
	{ "ed25519", ed25519_key, ed25519_text, ed25519_detached, "bf4f34104f213fd4a76c5197d6a83577470284d7", "ed25519",
	  "ed25519", 256 },
	{ "p256", p256_key, p256_text, p256_detached, "4c771f8884e26661b2c6b8a87d792a0b571309d9", "ec", "ecdsa", 256 },
};
#define VECTORS (sizeof vectors / sizeof vectors[0])

/* ---- packets ---- */

static void test_lengths(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t n;
		bool taken;
		uint8_t tag;
		size_t body, left;
	} cases[] = {
		{ "\x88\2ab!", 5, true, 2, 2, 1 }, /* old: one, two and four bytes */
		{ "\x99\0\2ab", 5, true, 6, 2, 0 },
		{ "\x9a\0\0\0\1a", 6, true, 6, 1, 0 },
		{ "\xcb\2ab", 4, true, 11, 2, 0 }, /* new: one, two and five */
		{ "\xc6\xff\0\0\0\1a", 7, true, 6, 1, 0 },
		{ "\xcb\xe1"
		  "ab\1c!",
		  7, true, 11, 0, 1 }, /* data in parts: two bytes and one */
		{ "\xa3"
		  "abc",
		  4, true, 8, 3, 0 }, /* data up to the end */
		{ "\xc6\xe1"
		  "ab\1c",
		  6, false, 0, 0, 0 }, /* no data in parts */
		{ "\x9b"
		  "abc",
		  4, false, 0, 0, 0 },
		{ "\x88\3ab", 4, false, 0, 0, 0 }, /* cut off */
		{ "\xc6\xff\xff\xff\xff\xff", 6, false, 0, 0, 0 },
		{ "\xcb\xe1"
		  "ab",
		  4, false, 0, 0, 0 },
		{ "\x48\1a", 3, false, 0, 0, 0 }, /* no packet; no tag */
		{ "\x80\1a", 3, false, 0, 0, 0 },
		{ "", 0, false, 0, 0, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct span rest = span_of(cases[i].bytes, cases[i].n);
		struct openpgp_packet p;
		bool taken = openpgp_take(&rest, &p);
		if (taken != cases[i].taken)
			print_message("case %zu\n", i);
		assert_int_equal(taken, cases[i].taken);
		if (!taken)
			continue;
		if (p.body.n != cases[i].body || rest.n != cases[i].left)
			print_message("case %zu\n", i);
		assert_int_equal(p.tag, cases[i].tag);
		assert_int_equal(p.body.n, cases[i].body);
		assert_int_equal(rest.n, cases[i].left);
	}
}

/* RFC 9580, A.3: the primary key's packet, and its fingerprint. */
static void test_version6(void **state)
{
	(void)state;
	uint8_t bytes[64];
	char name[OPENPGP_NAME_SIZE];
	size_t n =
		from_hex("c62a0663877fe31b00000020f94da7bb48d60a61e567706a6587d0331999bb9d891a08242ead84543df895a3", bytes);
	struct span rest = span_of(bytes, n);
	struct openpgp_packet p;
	struct openpgp_key key;
	assert_true(openpgp_take(&rest, &p));
	assert_true(openpgp_read_key(p.body, &key));
	assert_int_equal(key.algorithm, 27);
	openpgp_name(span_of(key.fingerprint, key.fingerprint_n), name);
	assert_string_equal(name, OPENPGP_NAME "cb186c4f0609a697e4d52dfa6c722b0c1f1e27c18a56708f6525ec27bad9acc9");
	assert_true(openpgp_names(text_c(name), TEXT_LIT(OPENPGP_NAME "cb186c4f0609a697")));
	assert_false(openpgp_names(text_c(name), TEXT_LIT(OPENPGP_NAME "6525ec27bad9acc9")));
	bytes[11]--; /* another length than what follows has */
	assert_false(openpgp_read_key(p.body, &key));
}

static void test_names(void **state)
{
	(void)state;
	static const char key[] = OPENPGP_NAME "2030b7cd61520ca7b450173b116205fb5a4a2420";
	assert_true(openpgp_names(text_c(key), text_c(key)));
	assert_true(openpgp_names(text_c(key), TEXT_LIT(OPENPGP_NAME "116205fb5a4a2420")));
	assert_false(openpgp_names(text_c(key), TEXT_LIT(OPENPGP_NAME "2030b7cd61520ca7")));
	assert_false(openpgp_names(text_c(key), TEXT_LIT(OPENPGP_NAME)));
	assert_false(openpgp_names(text_c(key), TEXT_LIT("key number 116205fb5a4a2420")));
}

/* ---- keys ---- */

static void expect_key(const struct inspected *out, const struct vector *v)
{
	char name[OPENPGP_NAME_SIZE];
	const struct fact_public_key *k = fact_list_get(&out->list, FACT_public_key, 0);
	assert_non_null(k);
	assert_null(fact_list_get(&out->list, FACT_public_key, 1));
	snprintf(name, sizeof name, OPENPGP_NAME "%s", v->fingerprint);
	assert_true(text_is(k->name, name));
	assert_true(text_is(k->type, v->type));
	assert_true(text_is(k->container, "openpgp"));
	assert_int_equal(k->bits, v->bits);
	assert_int_equal(k->fingerprint.n, 64);
	assert_true(k->spki.n > 80);
}

static void test_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		struct inspected out;
		struct span packets;
		uint64_t end;
		inspected_file(&out, &keys_inspector, "/usr/share/keyrings/k.asc", text_span(vectors[i].key));
		expect_key(&out, &vectors[i]);
		assert_true(openpgp_dearmor(out.arena, text_span(vectors[i].key), 0, &packets, &end));
		struct inspected ring;
		inspected_file(&ring, &keys_inspector, "/etc/apt/trusted.gpg.d/k.gpg", packets);
		expect_key(&ring, &vectors[i]);
		inspected_survives(&keys_inspector, "/etc/apt/trusted.gpg.d/k.gpg", packets, 2000);
		inspected_free(&ring);
		/* with something behind it, it is no keyring */
		uint8_t more[2048];
		memcpy(more, packets.p, packets.n);
		memcpy(more + packets.n, "text", 4);
		inspected_file(&ring, &keys_inspector, "/etc/apt/trusted.gpg.d/k.gpg", span_of(more, packets.n + 4));
		assert_null(fact_list_get(&ring.list, FACT_public_key, 0));
		inspected_free(&ring);
		inspected_free(&out);
		inspected_survives(&keys_inspector, "/a.asc", text_span(vectors[i].key), 2000);
	}
}

/* ---- signatures ---- */

static bool take_verdict(void *context, uint32_t signature, struct verify_verdict verdict)
{
	(void)signature;
	*(struct verify_verdict *)context = verdict;
	return true;
}

/* What the rows of the text say by the rows of the key. */
static enum verify_state verdict_of(const char *text, const char *key_text)
{
	struct inspected signed_text, key;
	inspected_file(&signed_text, &signatures_inspector, "/var/lib/apt/lists/InRelease", text_span(text));
	inspected_file(&key, &keys_inspector, "/k.asc", text_span(key_text));
	const struct fact_signature *s = fact_list_get(&signed_text.list, FACT_signature, 0);
	const struct fact_public_key *k = fact_list_get(&key.list, FACT_public_key, 0);
	assert_non_null(s);
	assert_non_null(k);
	struct verify_signature one = { s->method, s->message, s->value, s->key_hint, 1 };
	struct verify_key by = { .der = k->spki, .name = k->name };
	struct verification_input input = { &one, &by, 1, 1 };
	struct verify_verdict verdict = { VERIFY_UNKNOWN, 0 };
	assert_int_equal(verification_run(&input, take_verdict, &verdict), VERIFICATION_DONE);
	inspected_free(&signed_text);
	inspected_free(&key);
	return verdict.state;
}

/* The text with one piece of it replaced. */
static const char *edited(const char *text, const char *from, const char *to)
{
	static char out[4096];
	const char *at = strstr(text, from);
	assert_non_null(at);
	snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return out;
}

static void test_clear_signed(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		const char *text = vectors[i].text, *key = vectors[i].key;
		assert_int_equal(verdict_of(text, key), VERIFY_VALID);
		assert_int_equal(verdict_of(text, vectors[(i + 1) % VECTORS].key), VERIFY_UNKNOWN);
		/* what was signed, and what does not count: blanks at the end of a line, and CR */
		assert_int_equal(verdict_of(edited(text, "base", "bass"), key), VERIFY_INVALID);
		assert_int_equal(verdict_of(edited(text, "- - dashed", "- dashed"), key), VERIFY_INVALID);
		assert_int_equal(verdict_of(edited(text, "dashed\n", "dashed\n\n"), key), VERIFY_INVALID);
		assert_int_equal(verdict_of(edited(text, "Package: base\n", "Package: base \t\r\n"), key), VERIFY_VALID);
		inspected_survives(&signatures_inspector, "/InRelease", text_span(text), 2000);
	}
	struct inspected out;
	/* another header could hide text from a reader (RFC 9580, 7.1) */
	inspected_file(&out, &signatures_inspector, "/InRelease", text_span(edited(rsa_text, "Hash:", "Comment:")));
	assert_null(fact_list_get(&out.list, FACT_signature, 0));
	assert_non_null(fact_list_get(&out.list, FACT_damage, 0));
	inspected_free(&out);
}

static void test_detached(void **state)
{
	(void)state;
	static const char *const algorithms[] = { "sha256 with rsa", "sha256 with ed25519", "sha256 with ecdsa" };
	for (size_t i = 0; i < VECTORS; i++) {
		uint8_t bytes[1024];
		char hint[OPENPGP_NAME_SIZE];
		struct inspected out;
		struct span sig = span_of(bytes, from_hex(vectors[i].detached, bytes));
		inspected_file(&out, &signatures_inspector, "/data/fw.bin.sig", sig);
		const struct fact_signature *s = fact_list_get(&out.list, FACT_signature, 0);
		assert_non_null(s);
		snprintf(hint, sizeof hint, OPENPGP_NAME "%s", vectors[i].fingerprint);
		assert_true(text_is(s->covers, "fw.bin"));
		assert_true(text_is(s->algorithm, algorithms[i]));
		assert_true(text_is(s->state, "unsupported"));
		assert_true(text_is(s->key_hint, hint));
		assert_true(text_has(s->detail, "the file that it signs is not beside it"));
		assert_false(s->method.n);
		inspected_free(&out);
		inspected_survives(&signatures_inspector, "/data/fw.bin.sig", sig, 2000);
		/* the same bytes under a name that says nothing of a signature, and with more behind them */
		inspected_file(&out, &signatures_inspector, "/data/fw.bin", sig);
		assert_null(fact_list_get(&out.list, FACT_signature, 0));
		inspected_free(&out);
		bytes[sig.n] = 0;
		inspected_file(&out, &signatures_inspector, "/data/fw.bin.sig", span_of(bytes, sig.n + 1));
		assert_null(fact_list_get(&out.list, FACT_signature, 0));
		inspected_free(&out);
	}
}

static void test_objections(void **state)
{
	(void)state;
	static const struct {
		int64_t made, not_before, not_after, revoked;
		bool may_not_sign, objects;
	} cases[] = {
		{ 100, 50, 0, 0, false, false },   { 100, 50, 100, 0, false, false }, { 100, 50, 99, 0, false, true },
		{ 100, 101, 0, 0, false, true },   { 100, 50, 0, 200, false, true },  { 100, 50, 0, 0, true, true },
		{ 0, 50, 60, 0, false, false }, /* a signature of another kind, which has no time */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct verify_signature s = { .made = cases[i].made };
		struct verify_key k = { .not_before = cases[i].not_before,
								.not_after = cases[i].not_after,
								.revoked = cases[i].revoked,
								.may_not_sign = cases[i].may_not_sign };
		assert_int_equal(verification_objection(&s, &k) != NULL, cases[i].objects);
	}
}

/* A detached signature made into the form that is verified: of a message that is known, by the key. */
static void test_binary_digest(void **state)
{
	(void)state;
	static const char message[] = "Package: base\nVersion: 1  \n- dashed\n\nFrom line\n";
	for (size_t i = 0; i < VECTORS; i++) {
		uint8_t bytes[1024], digest[OPENPGP_DIGEST_MAX], value[OPENPGP_VALUE_MAX];
		char digest_hex[2 * OPENPGP_DIGEST_MAX + 1] = "", value_hex[2 * OPENPGP_VALUE_MAX + 1] = "";
		const char *method = NULL;
		struct span rest = span_of(bytes, from_hex(vectors[i].detached, bytes));
		struct openpgp_packet p;
		struct openpgp_signature s;
		assert_true(openpgp_take(&rest, &p));
		assert_true(openpgp_read_signature(p.body, &s));
		EVP_MD_CTX *c = openpgp_digest_begin(&s);
		assert_int_equal(EVP_DigestUpdate(c, message, sizeof message - 1), 1);
		size_t n = openpgp_digest_end(c, &s, digest), m = openpgp_value(&s, value, &method);
		assert_int_equal(n, 32);
		assert_string_equal(method, vectors[i].method);
		hash_hex(digest, n, digest_hex);
		hash_hex(value, m, value_hex);
		struct inspected key;
		inspected_file(&key, &keys_inspector, "/k.asc", text_span(vectors[i].key));
		const struct fact_public_key *k = fact_list_get(&key.list, FACT_public_key, 0);
		struct verify_signature one = { text_c(method), text_c(digest_hex), text_c(value_hex), k->name, 1 };
		struct verify_key by = { .der = k->spki, .name = k->name };
		struct verification_input input = { &one, &by, 1, 1 };
		struct verify_verdict verdict = { VERIFY_UNKNOWN, 0 };
		assert_int_equal(verification_run(&input, take_verdict, &verdict), VERIFICATION_DONE);
		assert_int_equal(verdict.state, VERIFY_VALID);
		inspected_free(&key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),       cmocka_unit_test(test_version6),     cmocka_unit_test(test_names),
		cmocka_unit_test(test_keys),          cmocka_unit_test(test_clear_signed), cmocka_unit_test(test_detached), cmocka_unit_test(test_objections),
		cmocka_unit_test(test_binary_digest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
