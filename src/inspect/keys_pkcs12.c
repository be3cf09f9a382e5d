/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PKCS#12 (RFC 7292): what of it lies open, or behind an empty password, which many tools put there. What needs another is
 * told, not guessed at. And PKCS#7's certificates. */
#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include "inspect/keys.h"

#define OID_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define OID_SIGNED_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OID_ENCRYPTED_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"
#define OID_BAG "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01"
#define OID_X509 "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01"
#define OID_PKCS12_PBE "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01"
#define OID_PBKDF2 "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c"
#define OID_PBES2 "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d"
#define COST_BAG 20u
/* Microseconds for one round of deriving a key, roughly; and more rounds than any tool's default. */
#define COST_ROUND 1u
#define ROUNDS_MAX 50000u

enum bag { BAG_KEY = 1, BAG_SHROUDED_KEY, BAG_CERTIFICATE, BAG_CRL, BAG_SECRET, BAG_SAFE };

/* The file, and the safe that is being read: in the file, or decrypted from what lies at `at`. */
struct pkcs12 {
	struct keys *k;
	bool decrypted;
	uint64_t at;
};

static uint64_t offset_of(const struct pkcs12 *p, const uint8_t *byte)
{
	return p->decrypted ? p->at : keys_offset(p->k, byte);
}

/* How often an AlgorithmIdentifier hashes the password: the parameters of PKCS#12's own scheme (RFC 7292, appendix C) and
 * of PBKDF2 in PBES2 (RFC 8018, appendix A). 0: in a way that is not tried. */
static uint64_t rounds_of(struct span algorithm, bool *own)
{
	struct span oid, s, kdf, salt, rounds;
	if (!der_take(&algorithm, DER_SEQUENCE, &s) || !der_whole(&s, DER_OID, &oid))
		return 0;
	*own = span_starts(span_from(oid, 2), OID_PKCS12_PBE, sizeof OID_PKCS12_PBE - 1);
	struct span params = s;
	if (OID_IS(oid, OID_PBES2)) {
		if (!der_take(&params, DER_SEQUENCE, &s) || !der_take(&s, DER_SEQUENCE, &kdf) ||
			!der_whole(&kdf, DER_OID, &oid) || !OID_IS(oid, OID_PBKDF2))
			return 0;
		params = kdf;
	} else if (!*own) {
		return 0;
	}
	if (!der_take(&params, DER_SEQUENCE, &s) || !der_take(&s, DER_OCTET_STRING, &salt) || salt.n > 256 ||
		!der_unsigned(&s, &rounds) || rounds.n > 4)
		return 0;
	uint64_t n = 0;
	for (size_t i = 0; i < rounds.n; i++)
		n = n << 8 | rounds.p[i];
	return n;
}

static struct span decrypt_with(struct keys *k, const X509_ALGOR *algorithm, const char *password, struct span packed)
{
	unsigned char *out = NULL;
	int n = 0;
	struct span plain = SPAN_NONE, rest, c;
	if (PKCS12_pbe_crypt(algorithm, password, 0, packed.p, (int)packed.n, &out, &n, 0) && n > 0) {
		uint8_t *copy = arena_alloc(k->arena, (size_t)n, 1);
		if (copy)
			plain = span_of(memcpy(copy, out, (size_t)n), (size_t)n);
	}
	OPENSSL_free(out);
	ERR_clear_error();
	rest = plain;
	return der_take(&rest, DER_SEQUENCE, &c) && !rest.n ? plain : SPAN_NONE;
}

/* What an empty password opens. PKCS#12's own scheme knows two: none, and one of no characters with its end. */
static struct span decrypt(struct keys *k, struct span algorithm, struct span packed)
{
	bool own = false;
	uint64_t rounds = rounds_of(algorithm, &own);
	if (!rounds || rounds > ROUNDS_MAX || packed.n > KEYS_OBJECT_MAX)
		return SPAN_NONE;
	const unsigned char *p = algorithm.p;
	X509_ALGOR *a = d2i_X509_ALGOR(NULL, &p, (long)algorithm.n);
	struct span plain = SPAN_NONE;
	for (unsigned i = 0;
		 a && i < 1u + own && !plain.p && keys_spend(k, COST_BAG + (unsigned)rounds * COST_ROUND * (1u + own)); i++)
		plain = decrypt_with(k, a, i ? NULL : "", packed);
	X509_ALGOR_free(a);
	ERR_clear_error();
	return plain;
}

static void take_certificate(struct pkcs12 *p, struct span value)
{
	struct span s, oid, inner, certificate;
	if (der_take(&value, DER_SEQUENCE, &s) && der_whole(&s, DER_OID, &oid) && OID_IS(oid, OID_X509) &&
		der_take(&s, DER_CONTEXT + 0, &inner) && der_take(&inner, DER_OCTET_STRING, &certificate) &&
		keys_certificate(p->k, offset_of(p, certificate.p), certificate))
		return;
	emit_damage_at(p->k->sink, ERR_CORRUPT, offset_of(p, value.p), "a certificate bag of PKCS#12 does not parse");
}

static void take_bag(struct pkcs12 *p, unsigned kind, struct span value)
{
	struct keys *k = p->k;
	struct key key = KEY_INIT("pkcs12");
	struct span der = value, s, algorithm, packed, plain = SPAN_NONE;
	if (kind == BAG_CERTIFICATE) {
		take_certificate(p, value);
		return;
	}
	if (kind != BAG_KEY && kind != BAG_SHROUDED_KEY)
		return;
	if (kind == BAG_SHROUDED_KEY && der_take(&der, DER_SEQUENCE, &s) && der_whole(&s, DER_SEQUENCE, &algorithm) &&
		der_take(&s, DER_OCTET_STRING, &packed))
		plain = decrypt(k, algorithm, packed);
	key.encrypted = kind == BAG_SHROUDED_KEY && !plain.p;
	if (key.encrypted ? keys_pkcs8_encrypted(value) : keys_pkcs8(k, plain.p ? plain : value, &key))
		keys_emit_private(k, offset_of(p, value.p), &key);
	else if (!k->exhausted)
		emit_damage_at(k->sink, ERR_CORRUPT, offset_of(p, value.p), "a key bag of PKCS#12 does not parse");
}

/* SafeContents: bags, of which one kind holds further bags; those are one level deep at most. */
static void take_safe(struct pkcs12 *p, struct span safe, bool nested)
{
	struct span bags, bag, oid, value, inner;
	if (!der_take(&safe, DER_SEQUENCE, &bags))
		return;
	while (keys_spend(p->k, COST_BAG) && der_take(&bags, DER_SEQUENCE, &bag)) {
		if (!der_whole(&bag, DER_OID, &oid) || !der_take(&bag, DER_CONTEXT + 0, &value) ||
			oid.n != sizeof OID_BAG + 2 || memcmp(oid.p + 2, OID_BAG, sizeof OID_BAG - 1) != 0)
			continue;
		unsigned kind = oid.p[oid.n - 1];
		inner = value;
		if (kind == BAG_SAFE && !nested)
			take_safe(p, inner, true);
		else
			take_bag(p, kind, value);
	}
	if (bags.n)
		emit_damage_at(p->k->sink, ERR_CORRUPT, offset_of(p, bags.p), "the bags of PKCS#12 end early");
}

/* EncryptedData of PKCS#7: RFC 2315, 13. */
static struct span decrypt_safe(struct keys *k, struct span data)
{
	struct span s, info, oid, algorithm, packed, whole;
	uint8_t tag;
	if (!der_take(&data, DER_SEQUENCE, &s) || !der_version(&s, 0) || !der_take(&s, DER_SEQUENCE, &info) ||
		!der_whole(&info, DER_OID, &oid) || !OID_IS(oid, OID_DATA) || !der_whole(&info, DER_SEQUENCE, &algorithm) ||
		!der_any(&info, &tag, &whole, &packed) || tag != 0x80)
		return SPAN_NONE;
	return decrypt(k, algorithm, packed);
}

static void take_content(struct keys *k, struct span content)
{
	struct span oid, inner, safe;
	struct pkcs12 p = { k, false, keys_offset(k, content.p) };
	if (!der_whole(&content, DER_OID, &oid) || !der_take(&content, DER_CONTEXT + 0, &inner)) {
		emit_damage_at(k->sink, ERR_CORRUPT, p.at, "a safe of PKCS#12 does not parse");
	} else if (OID_IS(oid, OID_DATA) && der_take(&inner, DER_OCTET_STRING, &safe)) {
		take_safe(&p, safe, false);
	} else if (OID_IS(oid, OID_ENCRYPTED_DATA)) {
		safe = decrypt_safe(k, inner);
		p.decrypted = true;
		if (safe.p)
			take_safe(&p, safe, false);
		else
			emit_damage_at(k->sink, ERR_ENCRYPTED, p.at,
						   "a safe of PKCS#12 needs its passphrase: certificates, seldom keys");
	} else {
		emit_damage_at(k->sink, ERR_UNSUPPORTED, p.at, "a safe of PKCS#12 is in a form that is not read");
	}
}

bool keys_pkcs12(struct keys *k, struct span der)
{
	struct span s, info, oid, inner, safes, contents, content;
	/* In BER, as some browsers write it, lengths are left open. */
	if (span_starts(der, "\x30\x80\x02\x01\x03\x30\x80\x06\x09" OID_DATA "\xa0\x80", 20)) {
		emit_damage_at(k->sink, ERR_UNSUPPORTED, 0, "PKCS#12 in BER with indefinite lengths is not read");
		return true;
	}
	if (!der_take(&der, DER_SEQUENCE, &s) || der.n || !der_version(&s, 3) || !der_take(&s, DER_SEQUENCE, &info) ||
		!der_whole(&info, DER_OID, &oid) || !OID_IS(oid, OID_DATA) || !der_take(&info, DER_CONTEXT + 0, &inner) ||
		!der_take(&inner, DER_OCTET_STRING, &safes) || !der_take(&safes, DER_SEQUENCE, &contents))
		return false;
	while (keys_spend(k, COST_BAG) && der_take(&contents, DER_SEQUENCE, &content))
		take_content(k, content);
	return true;
}

bool keys_pkcs7(struct keys *k, uint64_t offset, struct span der)
{
	struct span s, oid, inner, data, c, whole;
	if (!der_take(&der, DER_SEQUENCE, &s) || der.n || !der_whole(&s, DER_OID, &oid) || !OID_IS(oid, OID_SIGNED_DATA) ||
		!der_take(&s, DER_CONTEXT + 0, &inner) || !der_take(&inner, DER_SEQUENCE, &data) ||
		!der_take(&data, DER_INTEGER, &c) || !der_take(&data, DER_SET, &c) || !der_take(&data, DER_SEQUENCE, &c))
		return false;
	if (der_take(&data, DER_CONTEXT + 0, &c))
		while (der_whole(&c, DER_SEQUENCE, &whole))
			if (!keys_certificate(k, offset, whole))
				return false;
	return true;
}
