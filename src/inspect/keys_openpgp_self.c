/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the owner of a key of OpenPGP signed of it: until when it is good, what it may do, which subkeys are its, and that it or
 * one of these is revoked. Only what verifies by the key itself counts; what others signed of it does not.
 *
 * Specification: RFC 9580, 5.2.1 (types), 5.2.3 (subpackets), 5.2.4 (what is digested), 10.1 (the order of packets). RFC 9580,
 * 9.2 for the curves' identifiers. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/openpgp.h"
#include "inspect/keys.h"

#define OID_ED25519_LEGACY "\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"

static bool read_curve(struct keys *k, const struct openpgp_key *p, struct key *out)
{
	if (p->oid.n == sizeof OID_ED25519_LEGACY - 1 && memcmp(p->oid.p, OID_ED25519_LEGACY, p->oid.n) == 0)
		return p->algorithm == 22 && p->point.n == 33 && p->point.p[0] == 0x40 &&
			   keys_raw_public(k, KEYS_ED25519, span_from(p->point, 1), out);
	uint8_t *whole = p->algorithm == 19 && p->oid.n < 64 ? arena_alloc(k->arena, 2 + p->oid.n, 1) : NULL;
	if (!whole)
		return false;
	whole[0] = DER_OID;
	whole[1] = (uint8_t)p->oid.n;
	memcpy(whole + 2, p->oid.p, p->oid.n);
	return keys_ec_public(k, span_of(whole, 2 + p->oid.n), p->point, out);
}

static bool read_dsa(struct keys *k, const struct openpgp_key *p, struct key *out)
{
	struct span numbers[4];
	for (unsigned i = 0; i < 4; i++)
		numbers[i] = number_of(p->dsa[i]);
	return p->algorithm == 17 && keys_dsa_public(k, numbers, out);
}

/* The numbers that the packet has, as a key; without them only its kind is told. */
static void read_numbers(struct keys *k, const struct openpgp_key *p, struct key *out)
{
	struct key read = *out;
	bool ok = false;
	if (p->n.n)
		ok = keys_rsa_public(k, SPAN_NONE, number_of(p->n), number_of(p->e), &read);
	else if (p->oid.n)
		ok = read_curve(k, p, &read);
	else if (p->dsa[3].n)
		ok = read_dsa(k, p, &read);
	else if (p->algorithm == 27)
		ok = keys_raw_public(k, KEYS_ED25519, p->point, &read);
	if (ok)
		*out = read;
	else
		out->type = openpgp_algorithm_name(p->algorithm);
}

/* ---- one key, and what is known of it ---- */

#define SUBKEYS_MAX 64u
#define VERIFY_COST 100u

/* What the newest signature of a kind says, in whatever order they come. */
struct said {
	int64_t at;       /* when it was made; -1: there is none */
	int64_t until;    /* how long the key is good; FACT_NULL: for ever */
	int64_t may_sign; /* FACT_NULL: it does not say */
};

struct owned {
	struct openpgp_key packet;
	struct span body;
	struct key key;
	uint64_t at;
	char name[OPENPGP_NAME_SIZE];
	struct said of_key, of_user; /* a subkey's: what binds it to its owner; a primary key's: of itself, and of its user ids */
};

struct openpgp_owner {
	struct keys *k;
	struct owned *v; /* the primary key is the first */
	size_t n;
	struct openpgp_packet about; /* the user id that signatures speak of; tag 0: of the last key */
	bool lost;                   /* packets belong to a key that could not be read */
};

struct openpgp_owner *keys_openpgp_owner(struct keys *k)
{
	struct openpgp_owner *o = ARENA_NEW(k->arena, struct openpgp_owner);
	struct owned *v = ARENA_ARRAY(k->arena, struct owned, SUBKEYS_MAX);
	if (!o || !v)
		return NULL;
	*o = (struct openpgp_owner){ .k = k, .v = v, .lost = true };
	return o;
}

static void take_key(struct openpgp_owner *o, uint64_t at, const struct openpgp_packet *p)
{
	bool primary = p->tag == OPENPGP_PUBLIC_KEY;
	if (primary)
		keys_openpgp_end(o);
	o->about.tag = 0;
	struct owned *one = &o->v[o->n];
	bool wanted = primary || !o->lost || o->n;
	if (o->n == SUBKEYS_MAX || !wanted || !openpgp_read_key(p->body, &one->packet) || !keys_spend(o->k, 20)) {
		o->lost = true;
		return;
	}
	one->body = p->body;
	one->at = at;
	one->of_key = one->of_user = (struct said){ -1, FACT_NULL, FACT_NULL };
	one->key = (struct key)KEY_INIT("openpgp");
	openpgp_name(span_of(one->packet.fingerprint, one->packet.fingerprint_n), one->name);
	read_numbers(o->k, &one->packet, &one->key);
	one->key.name = one->name;
	one->key.not_before = one->packet.created;
	o->lost = false;
	o->n++;
}

/* ---- signatures ---- */

static bool add(EVP_MD_CTX *c, const void *bytes, size_t n)
{
	return !n || EVP_DigestUpdate(c, bytes, n) == 1;
}

static bool add_headed(EVP_MD_CTX *c, uint8_t tag, unsigned width, struct span body)
{
	uint8_t head[5] = { tag };
	for (unsigned i = 0; i < width; i++)
		head[1 + i] = (uint8_t)(body.n >> (8 * (width - 1 - i)));
	return add(c, head, 1 + width) && add(c, body.p, body.n);
}

static bool add_key(EVP_MD_CTX *c, const struct owned *k)
{
	bool four = k->packet.version == 4;
	return add_headed(c, four ? 0x99 : 0x9b, four ? 2 : 4, k->body);
}

#define KEY_BITS_MAX 8192

static const EVP_MD *digest_of(size_t n)
{
	return n == 20 ? EVP_sha1() : n == 32 ? EVP_sha256() : n == 48 ? EVP_sha384() : EVP_sha512();
}

static bool verifies(struct span spki, struct span digest, struct span value)
{
	const uint8_t *p = spki.p;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)spki.n);
	bool good = false, ed25519 = key && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
	EVP_MD_CTX *whole = ed25519 ? EVP_MD_CTX_new() : NULL;
	EVP_PKEY_CTX *c =
		key && !ed25519 && EVP_PKEY_get_bits(key) <= KEY_BITS_MAX ? EVP_PKEY_CTX_new(key, NULL) : NULL;
	if (whole)
		good = EVP_DigestVerifyInit(whole, NULL, NULL, NULL, key) == 1 &&
			   EVP_DigestVerify(whole, value.p, value.n, digest.p, digest.n) == 1;
	else if (c)
		good = EVP_PKEY_verify_init(c) == 1 && EVP_PKEY_CTX_set_signature_md(c, digest_of(digest.n)) > 0 &&
			   EVP_PKEY_verify(c, value.p, value.n, digest.p, digest.n) == 1;
	EVP_PKEY_CTX_free(c);
	EVP_MD_CTX_free(whole);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return good;
}

/* Whether the signature is one by this key, of the primary key and, when they are given, a user id or a subkey. */
static bool is_signed(struct openpgp_owner *o, const struct owned *by, const struct openpgp_signature *s,
					  const struct openpgp_packet *user, const struct owned *subkey)
{
	uint8_t digest[OPENPGP_DIGEST_MAX], value[OPENPGP_VALUE_MAX];
	const char *method;
	size_t nvalue = openpgp_value(s, value, &method);
	if (s->version < 4 || s->not_understood || s->created < 0 || !nvalue || !by->key.spki.n || !keys_spend(o->k, VERIFY_COST))
		return false;
	EVP_MD_CTX *c = openpgp_digest_begin(s);
	bool ok = c && add_key(c, &o->v[0]) && (!subkey || add_key(c, subkey)) &&
			  (!user || add_headed(c, user->tag == OPENPGP_USER_ID ? 0xb4 : 0xd1, 4, user->body));
	if (!ok) {
		EVP_MD_CTX_free(c);
		return false;
	}
	size_t n = openpgp_digest_end(c, s, digest);
	return n && verifies(by->key.spki, span_of(digest, n), span_of(value, nvalue));
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a == FACT_NULL ? b : b == FACT_NULL || a < b ? a : b;
}

/* The newest counts. A time of 0 is none. A signature that is over says nothing any more, so that the key ends with it. */
static void apply(struct said *said, const struct openpgp_signature *s, const struct owned *k, int64_t may_sign)
{
	if (s->created < said->at)
		return;
	*said = (struct said){ s->created, s->key_expires > 0 ? k->packet.created + s->key_expires : FACT_NULL, may_sign };
	if (s->expires > 0)
		said->until = sooner(said->until, s->created + s->expires);
}

static void revoke(struct owned *k, const struct openpgp_signature *s)
{
	if (k->key.revoked == FACT_NULL || s->created < k->key.revoked)
		k->key.revoked = s->created;
}

/* A subkey that signs has signed in turn that it is this key's. */
static bool is_bound_back(struct openpgp_owner *o, const struct openpgp_signature *binding, const struct owned *subkey)
{
	struct openpgp_signature back;
	return binding->embedded.n && openpgp_read_signature(binding->embedded, &back) &&
		   back.type == OPENPGP_PRIMARY_BINDING && is_signed(o, subkey, &back, NULL, subkey);
}

static bool is_by_owner(const struct openpgp_owner *o, const struct openpgp_signature *s)
{
	char name[OPENPGP_NAME_SIZE];
	if (!s->issuer.n)
		return true;
	openpgp_name(s->issuer, name);
	return openpgp_names(text_c(o->v[0].name), text_c(name));
}

static void take_signature(struct openpgp_owner *o, const struct openpgp_packet *p)
{
	struct openpgp_signature s;
	if (!o->n || o->lost || !openpgp_read_signature(p->body, &s) || !is_by_owner(o, &s))
		return;
	struct owned *primary = &o->v[0], *last = &o->v[o->n - 1];
	int64_t may_sign = s.flags < 0 ? FACT_NULL : (s.flags & OPENPGP_MAY_SIGN) != 0;
	bool user = o->about.tag != 0, first = last == primary;
	if (s.type == OPENPGP_KEY_REVOCATION) { /* wherever it stands: somebody may have appended it */
		if (is_signed(o, primary, &s, NULL, NULL))
			revoke(primary, &s);
	} else if (user && s.type >= OPENPGP_CERTIFICATION && s.type < OPENPGP_CERTIFICATION + 4) {
		if (is_signed(o, primary, &s, &o->about, NULL))
			apply(&primary->of_user, &s, primary, may_sign);
	} else if (first && !user && s.type == OPENPGP_DIRECT_KEY) {
		if (is_signed(o, primary, &s, NULL, NULL))
			apply(&primary->of_key, &s, primary, may_sign);
	} else if (!first && s.type == OPENPGP_SUBKEY_BINDING) {
		if (is_signed(o, primary, &s, NULL, last))
			apply(&last->of_key, &s, last, may_sign && is_bound_back(o, &s, last)); /* unless it says that it may not */
	} else if (!first && s.type == OPENPGP_SUBKEY_REVOCATION && is_signed(o, primary, &s, NULL, last)) {
		revoke(last, &s);
	}
}

void keys_openpgp_packet(struct openpgp_owner *o, uint64_t at, const struct openpgp_packet *p)
{
	if (p->tag == OPENPGP_PUBLIC_KEY || p->tag == OPENPGP_PUBLIC_SUBKEY)
		take_key(o, at, p);
	else if (p->tag == OPENPGP_USER_ID || p->tag == OPENPGP_USER_ATTRIBUTE)
		o->about = *p;
	else if (p->tag == OPENPGP_SIGNATURE)
		take_signature(o, p);
}

/* What is said of the key itself goes before what is said of its user ids. */
static void conclude(struct owned *k, bool primary)
{
	const struct said *first = &k->of_key, *then = &k->of_user;
	k->key.not_after = first->until != FACT_NULL ? first->until : then->until;
	k->key.may_sign = first->may_sign != FACT_NULL ? first->may_sign : then->may_sign;
	if (!primary && first->at < 0)
		k->key.may_sign = 0; /* nobody says whose it is */
	else if (k->key.may_sign == FACT_NULL && (first->at >= 0 || then->at >= 0))
		k->key.may_sign = 1; /* any use is allowed */
}

/* A subkey is good no longer than the key that it belongs to. Where not all could be looked at, a revocation may be among the
 * rest: such a key is none to verify by. */
void keys_openpgp_end(struct openpgp_owner *o)
{
	for (size_t i = 0; i < o->n && !o->k->exhausted; i++) {
		struct owned *k = &o->v[i];
		conclude(k, i == 0);
		k->key.not_after = sooner(k->key.not_after, o->v[0].key.not_after);
		k->key.revoked = sooner(k->key.revoked, o->v[0].key.revoked);
		if (openpgp_can_sign(&k->packet))
			keys_emit_public(o->k, k->at, &k->key);
	}
	o->n = 0;
	o->lost = true;
}
