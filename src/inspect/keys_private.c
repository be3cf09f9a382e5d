/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private keys in DER: PKCS#1 (RFC 8017), SEC 1 (RFC 5915), DSA as OpenSSL writes it, PKCS#8 (RFC 5958, RFC 8410).
 *
 * A structure is only a key when its numbers belong together, so that no bytes of a program pass for one. */
#include "inspect/keys.h"

#define OID_PKCS5 "\x2a\x86\x48\x86\xf7\x0d\x01\x05"
#define OID_PKCS12_PBE "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01"

static bool numbers(struct span *s, struct span *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!der_unsigned(s, &out[i]))
			return false;
	return true;
}

static bool keys_pkcs1(struct keys *k, struct span algorithm, struct span der, struct key *out)
{
	enum { N, E, D, P, Q, DP, DQ, QI, NUMBERS };
	struct span s, v[NUMBERS];
	if (!der_take(&der, DER_SEQUENCE, &s) || der.n || !der_version(&s, 0) || !numbers(&s, v, NUMBERS) || s.n)
		return false;
	out->checked = keys_product_is(k, v[N], v[P], v[Q]);
	return out->checked && v[D].n && keys_rsa_public(k, algorithm, v[N], v[E], out);
}

static bool dsa_from(struct keys *k, struct span pqgy[4], struct span x, bool has_public, struct key *out)
{
	struct span y;
	if (!keys_power(k, pqgy[2], x, pqgy[0], &y))
		return false;
	out->checked = !has_public || (y.n == pqgy[3].n && memcmp(y.p, pqgy[3].p, y.n) == 0);
	pqgy[3] = y;
	return out->checked && keys_dsa_public(k, pqgy, out);
}

static bool keys_dsa(struct keys *k, struct span der, struct key *out)
{
	struct span s, v[5];
	return der_take(&der, DER_SEQUENCE, &s) && !der.n && der_version(&s, 0) && numbers(&s, v, 5) && !s.n &&
		   dsa_from(k, v, v[4], true, out);
}

/* The curve is unknown to the library or spelled out: type and size, and the fingerprint when the point is there. */
static bool ec_unchecked(struct keys *k, struct span curve, struct span point, struct key *out)
{
	if (point.n && curve.n)
		return keys_ec_public(k, curve, point, out);
	out->type = "ec";
	return true;
}

static bool keys_sec1(struct keys *k, struct span curve, struct span der, struct key *out)
{
	struct span s, d, inner, point = SPAN_NONE, derived;
	if (!der_take(&der, DER_SEQUENCE, &s) || der.n || !der_version(&s, 1) || !der_take(&s, DER_OCTET_STRING, &d) ||
		d.n < 8 || d.n > 128)
		return false;
	if (der_take(&s, DER_CONTEXT + 0, &inner))
		curve = inner;
	if (der_take(&s, DER_CONTEXT + 1, &inner) && (!der_bits(&inner, &point) || inner.n))
		return false;
	if (s.n)
		return false;
	if (!keys_curve_bits(k, curve))
		return !k->exhausted && ec_unchecked(k, curve, point, out);
	if (!keys_ec_derive(k, curve, d, point.n ? point.p[0] & ~1u : 4, &derived))
		return false;
	out->checked = !point.n || (derived.n == point.n && memcmp(derived.p, point.p, point.n) == 0);
	return out->checked && keys_ec_public(k, curve, derived, out);
}

static bool pkcs8_dsa(struct keys *k, struct span params, struct span der, struct key *out)
{
	struct span s, pqgy[4], x;
	return der_take(&params, DER_SEQUENCE, &s) && numbers(&s, pqgy, 3) && der_unsigned(&der, &x) && !der.n &&
		   dsa_from(k, pqgy, x, false, out);
}

static bool pkcs8_raw(struct keys *k, uint8_t oid, struct span der, struct span given, struct key *out)
{
	struct span seed, point;
	if (!der_take(&der, DER_OCTET_STRING, &seed) || der.n || !keys_raw_derive(k, oid, seed, &point))
		return false;
	out->checked = given.n == point.n && memcmp(given.p, point.p, point.n) == 0;
	return (!given.n || out->checked) && keys_raw_public(k, oid, point, out);
}

/* OneAsymmetricKey: version 1 may carry attributes [0], version 2 the public key [1] (primitive: implicit tags). */
static bool pkcs8_tail(struct span s, struct span *given)
{
	struct span c, whole;
	uint8_t tag = 0;
	*given = SPAN_NONE;
	if (der_take(&s, DER_CONTEXT + 0, &c) && !s.n)
		return true;
	if (s.n && (!der_any(&s, &tag, &whole, &c) || tag != 0x81 || c.n < 2 || c.p[0]))
		return false;
	if (tag)
		*given = span_from(c, 1);
	return !s.n;
}

bool keys_pkcs8(struct keys *k, struct span der, struct key *out)
{
	struct span s, algorithm, params, oid, key, given;
	if (!der_take(&der, DER_SEQUENCE, &s) || der.n || !(der_version(&s, 0) || der_version(&s, 1)) ||
		!der_whole(&s, DER_SEQUENCE, &algorithm) || !der_take(&s, DER_OCTET_STRING, &key) || !pkcs8_tail(s, &given))
		return false;
	struct span rest = algorithm;
	if (!der_take(&rest, DER_SEQUENCE, &params) || !der_whole(&params, DER_OID, &oid))
		return false;
	if (OID_IS(oid, OID_RSA) || OID_IS(oid, OID_RSA_PSS))
		return keys_pkcs1(k, algorithm, key, out);
	if (OID_IS(oid, OID_EC))
		return keys_sec1(k, params, key, out);
	if (OID_IS(oid, OID_DSA))
		return pkcs8_dsa(k, params, key, out);
	if (oid.n == 5 && memcmp(oid.p, "\x06\x03\x2b\x65", 4) == 0 && keys_raw_size(oid.p[4]))
		return !params.n && pkcs8_raw(k, oid.p[4], key, given, out);
	return key.n > 0; /* an algorithm that is not known here */
}

bool keys_pkcs8_encrypted(struct span der)
{
	struct span s, algorithm, oid, data;
	if (!der_take(&der, DER_SEQUENCE, &s) || der.n || !der_take(&s, DER_SEQUENCE, &algorithm) ||
		!der_whole(&algorithm, DER_OID, &oid) || !algorithm.n || !der_take(&s, DER_OCTET_STRING, &data) || s.n)
		return false;
	struct span id = span_from(oid, 2);
	return data.n >= 16 && (span_starts(id, OID_PKCS5, sizeof OID_PKCS5 - 1) ||
							span_starts(id, OID_PKCS12_PBE, sizeof OID_PKCS12_PBE - 1));
}

bool keys_private(struct keys *k, struct span der, const char *container, struct key *out)
{
	for (unsigned form = 0; form < 5 && !k->exhausted; form++) {
		*out = (struct key)KEY_INIT(form == 0 || form == 4 ? "pkcs8" : container);
		if ((form == 0 && keys_pkcs8(k, der, out)) || (form == 1 && keys_pkcs1(k, SPAN_NONE, der, out)) ||
			(form == 2 && keys_sec1(k, SPAN_NONE, der, out)) || (form == 3 && keys_dsa(k, der, out)))
			return !k->exhausted;
		if (form == 4 && keys_pkcs8_encrypted(der)) {
			out->encrypted = true;
			return true;
		}
	}
	return false;
}
