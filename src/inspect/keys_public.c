/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Public keys as SubjectPublicKeyInfo, from their numbers or as they stand.
 *
 * Specification: RFC 5280 section 4.1.2.7, RFC 3279 (RSA, DSA), RFC 5480 (EC), RFC 8410 (Ed25519 and its like). */
#include "base/hash.h"
#include "inspect/keys.h"

#define OID_PRIME_FIELD "\x2a\x86\x48\xce\x3d\x01\x01"
#define LITERAL(s) span_of((s), sizeof(s) - 1)

/* A new element of these parts; SPAN_NONE when memory is used up, or when a part is. */
static struct span element(struct keys *k, uint8_t tag, const struct span *parts, size_t nparts)
{
	size_t n = 0;
	for (size_t i = 0; i < nparts; i++) {
		if (!parts[i].p)
			return SPAN_NONE;
		n += parts[i].n;
	}
	uint8_t *out = n <= KEYS_OBJECT_MAX ? arena_alloc(k->arena, n + 5, 1) : NULL;
	if (!out) {
		k->exhausted = true;
		return SPAN_NONE;
	}
	size_t at = 0;
	out[at++] = tag;
	unsigned width = n < 0x80 ? 0 : n < 0x100 ? 1 : n < 0x10000 ? 2 : 3;
	if (width)
		out[at++] = (uint8_t)(0x80 | width);
	else
		out[at++] = (uint8_t)n;
	while (width--)
		out[at++] = (uint8_t)(n >> (8 * width));
	for (size_t i = 0; i < nparts; at += parts[i++].n)
		if (parts[i].n)
			memcpy(out + at, parts[i].p, parts[i].n);
	return span_of(out, at);
}
#define ELEMENT(k, tag, ...)                                                                                           \
	element((k), (tag), (struct span[]){ __VA_ARGS__ }, sizeof((struct span[]){ __VA_ARGS__ }) / sizeof(struct span))

static struct span integer(struct keys *k, struct span magnitude)
{
	struct span sign = span_of("", magnitude.n == 0 || magnitude.p[0] & 0x80);
	return ELEMENT(k, DER_INTEGER, sign, magnitude.n ? magnitude : LITERAL(""));
}

static bool fingerprint(struct keys *k, struct span algorithm, struct span bits, struct key *out)
{
	struct span spki = ELEMENT(k, DER_SEQUENCE, algorithm, ELEMENT(k, DER_BIT_STRING, span_of("", 1), bits));
	if (spki.p)
		hash_sha256_hex(spki, out->fingerprint);
	out->spki = spki;
	return spki.p != NULL;
}

static bool rsa_is_sane(struct span n, struct span e)
{
	return number_bits(n) >= 256 && number_bits(n) <= KEYS_RSA_BITS_MAX && n.p[n.n - 1] & 1 && e.n && e.n <= n.n &&
		   e.p[e.n - 1] & 1 && (e.n > 1 || e.p[0] > 1);
}

bool keys_rsa_public(struct keys *k, struct span algorithm, struct span n, struct span e, struct key *out)
{
	if (!rsa_is_sane(n, e))
		return false;
	out->type = "rsa";
	out->bits = number_bits(n);
	if (!algorithm.p)
		algorithm = LITERAL("\x30\x0d\x06\x09" OID_RSA "\x05\x00");
	return fingerprint(k, algorithm, ELEMENT(k, DER_SEQUENCE, integer(k, n), integer(k, e)), out);
}

static bool dsa_is_sane(const struct span pqgy[4])
{
	struct span p = pqgy[0], q = pqgy[1];
	return number_bits(p) >= 512 && number_bits(p) <= KEYS_RSA_BITS_MAX && p.p[p.n - 1] & 1 && number_bits(q) >= 128 &&
		   number_bits(q) <= 512 && q.p[q.n - 1] & 1 && pqgy[2].n && pqgy[2].n <= p.n && pqgy[3].n && pqgy[3].n <= p.n;
}

bool keys_dsa_public(struct keys *k, const struct span pqgy[4], struct key *out)
{
	if (!dsa_is_sane(pqgy))
		return false;
	out->type = "dsa";
	out->bits = number_bits(pqgy[0]);
	struct span params = ELEMENT(k, DER_SEQUENCE, integer(k, pqgy[0]), integer(k, pqgy[1]), integer(k, pqgy[2]));
	struct span algorithm = ELEMENT(k, DER_SEQUENCE, LITERAL("\x06\x07" OID_DSA), params);
	return fingerprint(k, algorithm, integer(k, pqgy[3]), out);
}

/* The size of the field of explicit parameters (ECParameters of SEC 1), where it is a prime field. */
static int64_t explicit_bits(struct span curve)
{
	struct span params, field, oid, prime;
	if (!der_take(&curve, DER_SEQUENCE, &params) || !der_version(&params, 1) ||
		!der_take(&params, DER_SEQUENCE, &field) || !der_whole(&field, DER_OID, &oid) ||
		!OID_IS(oid, OID_PRIME_FIELD) || !der_unsigned(&field, &prime))
		return FACT_NULL;
	return number_bits(prime);
}

static int64_t curve_bits(struct keys *k, struct span curve)
{
	if (curve.n && curve.p[0] == DER_SEQUENCE)
		return explicit_bits(curve);
	int64_t bits = keys_curve_bits(k, curve);
	return bits ? bits : FACT_NULL;
}

bool keys_ec_public(struct keys *k, struct span curve, struct span point, struct key *out)
{
	if (point.n < 2 || (point.p[0] & ~7) || point.p[0] < 2)
		return false;
	out->type = "ec";
	out->bits = curve_bits(k, curve);
	return fingerprint(k, ELEMENT(k, DER_SEQUENCE, LITERAL("\x06\x07" OID_EC), curve), point, out);
}

static const struct {
	const char *type;
	uint8_t size;
	int16_t bits; /* as OpenSSL counts them */
} raw_keys[] = { { "x25519", 32, 253 }, { "x448", 56, 448 }, { "ed25519", 32, 256 }, { "ed448", 57, 456 } };

size_t keys_raw_size(uint8_t oid)
{
	return oid >= 110 && oid <= 113 ? raw_keys[oid - 110].size : 0;
}

bool keys_raw_public(struct keys *k, uint8_t oid, struct span point, struct key *out)
{
	if (!keys_raw_size(oid) || point.n != keys_raw_size(oid))
		return false;
	out->type = raw_keys[oid - 110].type;
	out->bits = raw_keys[oid - 110].bits;
	struct span algorithm = ELEMENT(k, DER_SEQUENCE, LITERAL("\x06\x03\x2b\x65"), span_of(&oid, 1));
	return fingerprint(k, algorithm, point, out);
}

static bool rsa_numbers(struct span der, struct span *n, struct span *e)
{
	struct span s;
	return der_take(&der, DER_SEQUENCE, &s) && !der.n && der_unsigned(&s, n) && der_unsigned(&s, e) && !s.n;
}

/* RSAPublicKey (RFC 8017) by itself has no mark of its own: parameters of Diffie-Hellman look the same, so only the
 * exponents that RSA really uses are taken. */
bool keys_pkcs1_public(struct keys *k, struct span der, struct key *out)
{
	struct span n, e;
	if (!rsa_numbers(der, &n, &e) || number_bits(n) < 512)
		return false;
	bool usual = (e.n == 1 && (e.p[0] == 3 || e.p[0] == 17 || e.p[0] == 35)) ||
				 (e.n == 3 && memcmp(e.p, "\x01\x00\x01", 3) == 0);
	return usual && keys_rsa_public(k, SPAN_NONE, n, e, out);
}

static bool describe_dsa(struct span params, struct span bits, struct key *out)
{
	struct span pqgy[4], s;
	out->type = "dsa";
	if (!params.n) /* inherited from the issuer: RFC 3279 */
		return der_unsigned(&bits, &pqgy[3]) && !bits.n;
	if (!der_take(&params, DER_SEQUENCE, &s) || !der_unsigned(&s, &pqgy[0]) || !der_unsigned(&s, &pqgy[1]) ||
		!der_unsigned(&s, &pqgy[2]) || !der_unsigned(&bits, &pqgy[3]) || bits.n)
		return false;
	out->bits = number_bits(pqgy[0]);
	return dsa_is_sane(pqgy);
}

static bool describe(struct keys *k, struct span oid, struct span params, struct span bits, struct key *out)
{
	struct span n, e;
	if (OID_IS(oid, OID_RSA) || OID_IS(oid, OID_RSA_PSS)) {
		if (!rsa_numbers(bits, &n, &e) || !rsa_is_sane(n, e))
			return false;
		out->type = "rsa";
		out->bits = number_bits(n);
		out->exponent_bytes = e.n;
	} else if (OID_IS(oid, OID_EC)) {
		if (!bits.n || bits.p[0] < 2 || bits.p[0] > 7)
			return false;
		out->type = "ec";
		out->bits = curve_bits(k, params);
		out->checked = keys_on_curve(k, params, bits);
	} else if (OID_IS(oid, OID_DSA)) {
		return describe_dsa(params, bits, out);
	} else if (oid.n == 5 && memcmp(oid.p, "\x06\x03\x2b\x65", 4) == 0 && keys_raw_size(oid.p[4])) {
		out->type = raw_keys[oid.p[4] - 110].type;
		out->bits = raw_keys[oid.p[4] - 110].bits;
		return bits.n == keys_raw_size(oid.p[4]) && !params.n;
	}
	return true;
}

bool keys_spki(struct keys *k, struct span whole, struct key *out)
{
	struct span rest = whole, s, algorithm, oid, bits;
	if (!der_take(&rest, DER_SEQUENCE, &s) || rest.n || !der_take(&s, DER_SEQUENCE, &algorithm) ||
		!der_whole(&algorithm, DER_OID, &oid) || !der_bits(&s, &bits) || s.n)
		return false;
	hash_sha256_hex(whole, out->fingerprint);
	out->spki = whole;
	return describe(k, oid, algorithm, bits, out) && !k->exhausted;
}
