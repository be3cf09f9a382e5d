/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the owner of a key of OpenPGP signed of it, in keyrings that GnuPG does not make: signatures in any order, some of them over,
 * forged, or of another kind. Keys are Ed25519 (RFC 9580, 5.5.5.9), made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "base/buf.h"
#include "base/openpgp.h"
#include "inspected.h"

extern const struct inspector keys_inspector;

#define BORN 1000000000
#define BODY 38u
enum { SAYS_CREATED = 2, SAYS_EXPIRES = 3, SAYS_KEY_EXPIRES = 9, SAYS_FLAGS = 27, SAYS_EMBEDDED = 32 };
enum { MAY_CERTIFY = 1, MAY_SIGN = OPENPGP_MAY_SIGN, SILENT = -1 };

struct pair {
	EVP_PKEY *key;
	uint8_t body[BODY];
};

static const char user[] = "somebody";

static void put_be(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

static void add(struct buf *b, const void *bytes, size_t n)
{
	assert_int_equal(buf_add(b, bytes, n), ERR_NONE);
}

static void add_be(struct buf *b, uint64_t v, unsigned width)
{
	uint8_t bytes[8];
	put_be(bytes, v, width);
	add(b, bytes, width);
}

static struct pair make_pair(void)
{
	struct pair p = { .key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), .body = { 4 } };
	size_t n = 32;
	assert_non_null(p.key);
	put_be(p.body + 1, BORN, 4);
	p.body[5] = 27;
	assert_int_equal(EVP_PKEY_get_raw_public_key(p.key, p.body + 6, &n), 1);
	return p;
}

static void add_packet(struct buf *ring, uint8_t tag, const void *body, size_t n)
{
	add_be(ring, 0xc0 | tag, 1);
	add_be(ring, 0xff, 1);
	add_be(ring, n, 4);
	add(ring, body, n);
}

/* A signature to be made. */
struct plan {
	uint8_t type;
	uint32_t at, expires, key_expires; /* behind BORN; 0: it does not say */
	int flags;
	bool back; /* of a subkey: it signs in turn */
	bool forged;
};

static void says(struct buf *area, uint8_t what, const void *bytes, size_t n)
{
	add_be(area, 0xff, 1);
	add_be(area, n + 1, 4);
	add_be(area, what, 1);
	add(area, bytes, n);
}

static void says_number(struct buf *area, uint8_t what, uint32_t v)
{
	uint8_t bytes[4];
	put_be(bytes, v, 4);
	if (v)
		says(area, what, bytes, 4);
}

static void headed(struct buf *signed_bytes, const struct pair *p)
{
	add_be(signed_bytes, 0x99, 1);
	add_be(signed_bytes, BODY, 2);
	add(signed_bytes, p->body, BODY);
}

static struct buf sign(const struct plan *plan, const struct pair *by, const struct pair *primary, const struct pair *subkey)
{
	struct buf area = { 0 }, body = { 0 }, all = { 0 };
	uint8_t digest[32], value[64], flags = (uint8_t)plan->flags;
	size_t n = sizeof value;
	says_number(&area, SAYS_CREATED, BORN + plan->at);
	says_number(&area, SAYS_EXPIRES, plan->expires);
	says_number(&area, SAYS_KEY_EXPIRES, plan->key_expires);
	if (plan->flags != SILENT)
		says(&area, SAYS_FLAGS, &flags, 1);
	if (plan->back) {
		struct buf back = sign(&(struct plan){ .type = OPENPGP_PRIMARY_BINDING, .at = plan->at, .flags = SILENT }, subkey, primary, subkey);
		says(&area, SAYS_EMBEDDED, back.p, back.n);
		buf_free(&back);
	}
	add_be(&body, 4, 1);
	add_be(&body, plan->type, 1);
	add_be(&body, 27, 1);
	add_be(&body, 8, 1);
	add_be(&body, area.n, 2);
	add(&body, area.p, area.n);
	headed(&all, primary);
	if (subkey)
		headed(&all, subkey);
	if (plan->type == OPENPGP_CERTIFICATION) {
		add_be(&all, 0xb4, 1);
		add_be(&all, sizeof user - 1, 4);
		add(&all, user, sizeof user - 1);
	}
	add(&all, body.p, body.n);
	add_be(&all, 0x04ff, 2);
	add_be(&all, body.n + plan->forged, 4);
	assert_int_equal(EVP_Digest(all.p, all.n, digest, NULL, EVP_sha256(), NULL), 1);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(c, NULL, NULL, NULL, by->key), 1);
	assert_int_equal(EVP_DigestSign(c, value, &n, digest, sizeof digest), 1);
	EVP_MD_CTX_free(c);
	add_be(&body, 0, 2);
	add(&body, digest, 2);
	add(&body, value, sizeof value);
	buf_free(&area);
	buf_free(&all);
	return body;
}

static void add_signature(struct buf *ring, const struct plan *plan, const struct pair *by, const struct pair *primary, const struct pair *subkey)
{
	struct buf body = sign(plan, by, primary, subkey);
	add_packet(ring, OPENPGP_SIGNATURE, body.p, body.n);
	buf_free(&body);
}

#define PLANS 3u
struct standing {
	const char *name;
	struct plan of_user[PLANS], of_subkey[PLANS]; /* at 0: no more */
	int64_t primary_until, primary_signs, until, signs; /* FACT_NULL: unknown */
};

#define NEVER FACT_NULL
#define USER(t, e, k, f) { OPENPGP_CERTIFICATION, t, e, k, f, false, false }
#define DIRECT(t, e, k, f) { OPENPGP_DIRECT_KEY, t, e, k, f, false, false }
#define BIND(t, e, k, f, back) { OPENPGP_SUBKEY_BINDING, t, e, k, f, back, false }

static const struct standing standings[] = {
	{ "all is said", { USER(1, 0, 900, MAY_SIGN) }, { BIND(1, 0, 500, MAY_SIGN, true) }, BORN + 900, 1, BORN + 500, 1 },
	{ "nothing of it", { { 0 } }, { { 0 } }, NEVER, NEVER, NEVER, 0 },
	{ "not bound back", { USER(1, 0, 0, MAY_SIGN) }, { BIND(1, 0, 0, MAY_SIGN, false) }, NEVER, 1, NEVER, 0 },
	{ "forged", { USER(1, 0, 0, MAY_SIGN) }, { { OPENPGP_SUBKEY_BINDING, 1, 0, 0, MAY_SIGN, true, true } }, NEVER, 1, NEVER, 0 },
	{ "what binds it ends", { USER(1, 0, 0, MAY_SIGN) }, { BIND(10, 90, 500, MAY_SIGN, true) }, NEVER, 1, BORN + 100, 1 },
	{ "what is said of its owner ends", { USER(10, 90, 0, MAY_SIGN) }, { BIND(1, 0, 0, MAY_SIGN, true) }, BORN + 100, 1, BORN + 100, 1 },
	{ "a newer one says more", { USER(10, 20, 0, MAY_CERTIFY), USER(20, 0, 800, MAY_SIGN) }, { BIND(1, 0, 10, MAY_SIGN, true), BIND(2, 0, 700, MAY_SIGN, true) },
	  BORN + 800, 1, BORN + 700, 1 },
	{ "a newer one takes it back", { USER(10, 0, 0, MAY_SIGN), USER(20, 0, 0, MAY_CERTIFY) }, { BIND(1, 0, 0, MAY_SIGN, true), BIND(2, 0, 0, MAY_CERTIFY, true) },
	  NEVER, 0, NEVER, 0 },
	{ "a newer one is not bound back", { USER(1, 0, 0, MAY_SIGN) }, { BIND(1, 0, 0, MAY_SIGN, true), BIND(2, 0, 0, SILENT, false) }, NEVER, 1, NEVER, 0 },
	{ "any use", { USER(1, 0, 0, SILENT) }, { BIND(1, 0, 0, SILENT, true) }, NEVER, 1, NEVER, 1 },
};

/* The ring with the signatures in their order, or the other way round. */
static struct buf make_ring(const struct standing *s, const struct pair *primary, const struct pair *subkey, bool backwards)
{
	struct buf ring = { 0 };
	add_packet(&ring, OPENPGP_PUBLIC_KEY, primary->body, BODY);
	add_packet(&ring, OPENPGP_USER_ID, user, sizeof user - 1);
	for (unsigned i = 0; i < PLANS; i++) {
		const struct plan *plan = &s->of_user[backwards ? PLANS - 1 - i : i];
		if (plan->at)
			add_signature(&ring, plan, primary, primary, NULL);
	}
	add_packet(&ring, OPENPGP_PUBLIC_SUBKEY, subkey->body, BODY);
	for (unsigned i = 0; i < PLANS; i++) {
		const struct plan *plan = &s->of_subkey[backwards ? PLANS - 1 - i : i];
		if (plan->at)
			add_signature(&ring, plan, primary, primary, subkey);
	}
	return ring;
}

static void expect_key(struct inspected *out, size_t row, int64_t until, int64_t signs)
{
	const struct fact_public_key *k = fact_list_get(&out->list, FACT_public_key, row);
	assert_non_null(k);
	assert_int_equal(k->not_before, BORN);
	assert_int_equal(k->not_after, until);
	assert_int_equal(k->may_sign, signs);
	assert_int_equal(k->revoked, FACT_NULL);
}

static void test_standings(void **state)
{
	(void)state;
	struct pair primary = make_pair(), subkey = make_pair();
	for (size_t i = 0; i < 2 * (sizeof standings / sizeof standings[0]); i++) {
		const struct standing *s = &standings[i / 2];
		struct inspected out;
		struct buf ring = make_ring(s, &primary, &subkey, i % 2);
		print_message("%s%s\n", s->name, i % 2 ? ", backwards" : "");
		inspected_file(&out, &keys_inspector, "/k.gpg", buf_span(&ring));
		expect_key(&out, 0, s->primary_until, s->primary_signs);
		expect_key(&out, 1, s->until, s->signs);
		inspected_free(&out);
		if (i == 0)
			inspected_survives(&keys_inspector, "/k.gpg", buf_span(&ring), 3000);
		buf_free(&ring);
	}
	EVP_PKEY_free(primary.key);
	EVP_PKEY_free(subkey.key);
}

/* What is signed of the key itself goes before what is signed of its user ids, whichever is newer; where it does not say, those do. */
static void test_direct(void **state)
{
	(void)state;
	static const struct {
		struct plan direct, of_user;
		int64_t until, signs;
	} cases[] = {
		{ DIRECT(20, 0, 0, SILENT), USER(10, 0, 500, MAY_CERTIFY), BORN + 500, 0 },
		{ DIRECT(10, 0, 0, SILENT), USER(20, 0, 500, MAY_CERTIFY), BORN + 500, 0 },
		{ DIRECT(10, 0, 300, MAY_SIGN), USER(20, 0, 500, MAY_CERTIFY), BORN + 300, 1 },
		{ DIRECT(20, 0, 0, SILENT), USER(10, 0, 0, SILENT), NEVER, 1 },
	};
	struct pair primary = make_pair();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct inspected out;
		struct buf ring = { 0 };
		add_packet(&ring, OPENPGP_PUBLIC_KEY, primary.body, BODY);
		add_signature(&ring, &cases[i].direct, &primary, &primary, NULL);
		add_packet(&ring, OPENPGP_USER_ID, user, sizeof user - 1);
		add_signature(&ring, &cases[i].of_user, &primary, &primary, NULL);
		print_message("case %zu\n", i);
		inspected_file(&out, &keys_inspector, "/k.gpg", buf_span(&ring));
		expect_key(&out, 0, cases[i].until, cases[i].signs);
		inspected_free(&out);
		buf_free(&ring);
	}
	EVP_PKEY_free(primary.key);
}

/* A revocation counts wherever it stands among the packets of a key; one of a subkey is that subkey's. */
static void test_revoked(void **state)
{
	(void)state;
	struct pair primary = make_pair(), subkey = make_pair();
	static const struct plan plans[] = { USER(1, 0, 0, MAY_SIGN), BIND(1, 0, 0, MAY_SIGN, true) };
	static const struct plan revokes = { .type = OPENPGP_KEY_REVOCATION, .at = 5, .flags = SILENT }, forged = { OPENPGP_KEY_REVOCATION, 5, 0, 0, SILENT, false, true };
	static const struct plan revokes_subkey = { .type = OPENPGP_SUBKEY_REVOCATION, .at = 6, .flags = SILENT };
	for (unsigned place = 0; place < 5; place++) {
		struct inspected out;
		struct buf ring = { 0 };
		add_packet(&ring, OPENPGP_PUBLIC_KEY, primary.body, BODY);
		if (place == 0)
			add_signature(&ring, &revokes, &primary, &primary, NULL);
		add_packet(&ring, OPENPGP_USER_ID, user, sizeof user - 1);
		add_signature(&ring, &plans[0], &primary, &primary, NULL);
		if (place == 1)
			add_signature(&ring, &revokes, &primary, &primary, NULL);
		add_packet(&ring, OPENPGP_PUBLIC_SUBKEY, subkey.body, BODY);
		add_signature(&ring, &plans[1], &primary, &primary, &subkey);
		if (place == 2)
			add_signature(&ring, &revokes, &primary, &primary, NULL);
		if (place == 3)
			add_signature(&ring, &revokes_subkey, &primary, &primary, &subkey);
		if (place == 4)
			add_signature(&ring, &forged, &primary, &primary, NULL);
		inspected_file(&out, &keys_inspector, "/k.gpg", buf_span(&ring));
		for (size_t i = 0; i < 2; i++) {
			const struct fact_public_key *k = fact_list_get(&out.list, FACT_public_key, i);
			assert_non_null(k);
			assert_int_equal(k->revoked, place < 3 ? BORN + 5 : place == 3 && i ? BORN + 6 : FACT_NULL);
		}
		inspected_free(&out);
		buf_free(&ring);
	}
	EVP_PKEY_free(primary.key);
	EVP_PKEY_free(subkey.key);
}

/* More signatures than there is time for stand before the one that revokes the key: it is none to verify by. */
static void test_exhausted(void **state)
{
	(void)state;
	struct pair primary = make_pair();
	const struct plan revokes = { .type = OPENPGP_KEY_REVOCATION, .at = 5, .flags = SILENT };
	const struct plan plain = DIRECT(1, 0, 0, MAY_SIGN);
	struct buf one = { 0 };
	add_signature(&one, &plain, &primary, &primary, NULL);
	for (unsigned n = 1; n <= 10000; n *= 10000) {
		struct inspected out;
		struct buf ring = { 0 };
		add_packet(&ring, OPENPGP_PUBLIC_KEY, primary.body, BODY);
		for (unsigned i = 0; i < n; i++)
			add(&ring, one.p, one.n);
		add_signature(&ring, &revokes, &primary, &primary, NULL);
		inspected_file(&out, &keys_inspector, "/k.gpg", buf_span(&ring));
		const struct fact_public_key *k = fact_list_get(&out.list, FACT_public_key, 0);
		if (n == 1)
			assert_int_equal(k ? k->revoked : 0, BORN + 5);
		else
			assert_null(k);
		assert_int_equal(fact_list_get(&out.list, FACT_damage, 0) != NULL, n > 1);
		inspected_free(&out);
		buf_free(&ring);
	}
	buf_free(&one);
	EVP_PKEY_free(primary.key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_standings),
		cmocka_unit_test(test_direct),
		cmocka_unit_test(test_revoked),
		cmocka_unit_test(test_exhausted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
