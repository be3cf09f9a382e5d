/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PKCS#12 (RFC 7292): what of it lies open. Encrypted parts are told, not guessed at. And PKCS#7's certificates. */
#include "inspect/keys.h"

#define OID_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define OID_SIGNED_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OID_ENCRYPTED_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"
#define OID_BAG "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01"
#define OID_X509 "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01"
#define COST_BAG 20u

enum bag { BAG_KEY = 1, BAG_SHROUDED_KEY, BAG_CERTIFICATE, BAG_CRL, BAG_SECRET, BAG_SAFE };

static void take_certificate(struct keys *k, struct span value)
{
	struct span s, oid, inner, certificate;
	if (der_take(&value, DER_SEQUENCE, &s) && der_whole(&s, DER_OID, &oid) && OID_IS(oid, OID_X509) &&
		der_take(&s, DER_CONTEXT + 0, &inner) && der_take(&inner, DER_OCTET_STRING, &certificate) &&
		keys_certificate(k, keys_offset(k, certificate.p), certificate))
		return;
	emit_damage_at(k->sink, ERR_CORRUPT, keys_offset(k, value.p), "a certificate bag of PKCS#12 does not parse");
}

static void take_bag(struct keys *k, unsigned kind, struct span value)
{
	struct key key = KEY_INIT("pkcs12");
	if (kind == BAG_CERTIFICATE) {
		take_certificate(k, value);
		return;
	}
	if (kind != BAG_KEY && kind != BAG_SHROUDED_KEY)
		return;
	key.encrypted = kind == BAG_SHROUDED_KEY;
	if (key.encrypted ? keys_pkcs8_encrypted(value) : keys_pkcs8(k, value, &key))
		keys_emit_private(k, keys_offset(k, value.p), &key);
	else if (!k->exhausted)
		emit_damage_at(k->sink, ERR_CORRUPT, keys_offset(k, value.p), "a key bag of PKCS#12 does not parse");
}

/* SafeContents: bags, of which one kind holds further bags; those are one level deep at most. */
static void take_safe(struct keys *k, struct span safe, bool nested)
{
	struct span bags, bag, oid, value, inner;
	if (!der_take(&safe, DER_SEQUENCE, &bags))
		return;
	while (keys_spend(k, COST_BAG) && der_take(&bags, DER_SEQUENCE, &bag)) {
		if (!der_whole(&bag, DER_OID, &oid) || !der_take(&bag, DER_CONTEXT + 0, &value) ||
			oid.n != sizeof OID_BAG + 2 || memcmp(oid.p + 2, OID_BAG, sizeof OID_BAG - 1) != 0)
			continue;
		unsigned kind = oid.p[oid.n - 1];
		inner = value;
		if (kind == BAG_SAFE && !nested)
			take_safe(k, inner, true);
		else
			take_bag(k, kind, value);
	}
	if (bags.n)
		emit_damage_at(k->sink, ERR_CORRUPT, keys_offset(k, bags.p), "the bags of PKCS#12 end early");
}

static void take_content(struct keys *k, struct span content)
{
	struct span oid, inner, safe;
	uint64_t offset = keys_offset(k, content.p);
	if (!der_whole(&content, DER_OID, &oid) || !der_take(&content, DER_CONTEXT + 0, &inner))
		emit_damage_at(k->sink, ERR_CORRUPT, offset, "a safe of PKCS#12 does not parse");
	else if (OID_IS(oid, OID_DATA) && der_take(&inner, DER_OCTET_STRING, &safe))
		take_safe(k, safe, false);
	else if (OID_IS(oid, OID_ENCRYPTED_DATA))
		emit_damage_at(k->sink, ERR_ENCRYPTED, offset,
					   "a safe of PKCS#12 needs its passphrase: certificates, seldom keys");
	else
		emit_damage_at(k->sink, ERR_UNSUPPORTED, offset, "a safe of PKCS#12 is in a form that is not read");
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
