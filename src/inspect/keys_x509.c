/* SPDX-License-Identifier: GPL-3.0-or-later */
/* X.509 certificates (RFC 5280). The structure is read here, within its bounds; names and signatures by OpenSSL. */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "base/hash.h"
#include "inspect/keys.h"

#define NAME_MAX_BYTES 16384u
#define AROUND_MAX 2048u /* between the beginning of a certificate and its key: two names, mostly */
#define COST_CERTIFICATE 60u
#define COST_AROUND 30u
#define OID_BASIC_CONSTRAINTS "\x55\x1d\x13"

struct certificate {
	struct span whole, serial, algorithm, oid, issuer, not_before, not_after, subject, spki, extensions;
};

static bool parse_validity(struct span validity, struct certificate *c)
{
	uint8_t t1, t2;
	struct span content;
	return der_any(&validity, &t1, &c->not_before, &content) && der_any(&validity, &t2, &c->not_after, &content) &&
		   !validity.n && (t1 == DER_UTC_TIME || t1 == DER_GENERALIZED_TIME) &&
		   (t2 == DER_UTC_TIME || t2 == DER_GENERALIZED_TIME);
}

/* What follows the key: unique identifiers [1] and [2], extensions [3]. */
static bool parse_tail(struct span s, struct certificate *c)
{
	uint8_t tag, last = 0xa0;
	struct span whole, content;
	while (s.n) {
		if (!der_any(&s, &tag, &whole, &content) || (tag | 0x20) <= last || (tag & ~0x20) > 0x83 ||
			(tag & 0xc0) != 0x80)
			return false;
		last = tag | 0x20;
		if (tag == DER_CONTEXT + 3 && (!der_take(&content, DER_SEQUENCE, &c->extensions) || content.n))
			return false;
	}
	return true;
}

static bool parse(struct span whole, struct certificate *c)
{
	*c = (struct certificate){ .whole = whole };
	struct span s, tbs, version, algorithm, rest = whole, signature, oid, validity;
	if (whole.n > KEYS_OBJECT_MAX || !der_take(&rest, DER_SEQUENCE, &s) || rest.n ||
		!der_take(&s, DER_SEQUENCE, &tbs) || !der_take(&s, DER_SEQUENCE, &algorithm) ||
		!der_whole(&algorithm, DER_OID, &oid) || !der_bits(&s, &signature) || s.n)
		return false;
	if (der_take(&tbs, DER_CONTEXT + 0, &version) && !der_version(&version, 1) && !der_version(&version, 2) &&
		!der_version(&version, 0))
		return false;
	if (!der_take(&tbs, DER_INTEGER, &c->serial) || !c->serial.n || !der_whole(&tbs, DER_SEQUENCE, &c->algorithm) ||
		!der_whole(&tbs, DER_SEQUENCE, &c->issuer) || !der_take(&tbs, DER_SEQUENCE, &validity) ||
		!parse_validity(validity, c) || !der_whole(&tbs, DER_SEQUENCE, &c->subject) ||
		!der_whole(&tbs, DER_SEQUENCE, &c->spki) || !parse_tail(tbs, c))
		return false;
	rest = c->algorithm;
	return der_take(&rest, DER_SEQUENCE, &s) && der_whole(&s, DER_OID, &c->oid) && c->oid.n == oid.n &&
		   memcmp(c->oid.p, oid.p, oid.n) == 0 && c->issuer.n <= NAME_MAX_BYTES && c->subject.n <= NAME_MAX_BYTES;
}

/* Days since 1970 of a date in the Gregorian calendar: no library call, as those look for a time zone. */
static int64_t days(int64_t y, int64_t m, int64_t d)
{
	y -= m <= 2;
	int64_t year_of_era = y % 400, day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return y / 400 * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/* UTCTime YYMMDDhhmm[ss]Z, GeneralizedTime YYYYMMDDhhmmssZ; FACT_NULL for what is no date. */
static int64_t seconds(struct span time)
{
	bool long_year = time.p[0] == DER_GENERALIZED_TIME;
	struct span t = span_from(time, 2);
	int64_t v[7] = { 0 }; /* century, year, month, day, hour, minute, second */
	size_t at = 0;
	for (unsigned i = long_year ? 0 : 1; i < 7; i++, at += 2) {
		if (i == 6 && at < t.n && t.p[at] == 'Z')
			break;
		if (at + 2 > t.n || t.p[at] < '0' || t.p[at] > '9' || t.p[at + 1] < '0' || t.p[at + 1] > '9')
			return FACT_NULL;
		v[i] = (t.p[at] - '0') * 10 + t.p[at + 1] - '0';
	}
	if (at + 1 != t.n || t.p[at] != 'Z' || v[2] < 1 || v[2] > 12 || v[3] < 1 || v[3] > 31 || v[4] > 23 || v[5] > 59 ||
		v[6] > 60)
		return FACT_NULL;
	int64_t year = long_year ? v[0] * 100 + v[1] : v[1] + (v[1] < 50 ? 2000 : 1900);
	return days(year, v[2], v[3]) * 86400 + v[4] * 3600 + v[5] * 60 + v[6];
}

/* Hexadecimal, with a sign before the negative ones that some issuers made. */
static struct text serial_text(struct keys *k, struct span serial)
{
	char *hex = arena_alloc(k->arena, 2 * serial.n + 2, 1);
	uint8_t *bytes = arena_alloc(k->arena, serial.n, 1);
	if (!hex || !bytes)
		return TEXT_NONE;
	bool negative = serial.p[0] & 0x80;
	unsigned carry = 1;
	for (size_t i = serial.n; i-- > 0;) {
		unsigned v = negative ? (serial.p[i] ^ 0xffu) + carry : serial.p[i];
		bytes[i] = (uint8_t)v;
		carry = v >> 8;
	}
	struct span magnitude = number_of(span_of(bytes, serial.n));
	if (!magnitude.n)
		return TEXT_LIT("00");
	hex[0] = '-';
	hash_hex(magnitude.p, magnitude.n, hex + negative);
	return text_c(hex);
}

static struct text name_text(struct keys *k, X509_NAME *name)
{
	struct text t = TEXT_NONE;
	char *p = NULL;
	BIO *out = name ? BIO_new(BIO_s_mem()) : NULL;
	if (out && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
		long n = BIO_get_mem_data(out, &p);
		char *copy = arena_strdup(k->arena, text_of(n > 0 ? p : "", n > 0 ? (size_t)n : 0));
		t = text_of(copy, copy && n > 0 ? (size_t)n : 0);
	}
	BIO_free(out);
	return t;
}

/* The digest of a signature algorithm: its NID, NID_undef when there is none of its own (EdDSA) or it is not known. */
static int digest_of(const struct certificate *c, int signature)
{
	int digest = NID_undef;
	if (signature != NID_rsassaPss) {
		(void)OBJ_find_sigid_algs(signature, &digest, NULL);
		return signature == NID_md2WithRSAEncryption ? NID_md2 : digest;
	}
	/* RFC 4055: hashAlgorithm [0], SHA-1 where it is left out */
	struct span algorithm = c->algorithm, s, oid, params, hash;
	if (!der_take(&algorithm, DER_SEQUENCE, &s) || !der_whole(&s, DER_OID, &oid) ||
		!der_take(&s, DER_SEQUENCE, &params))
		return NID_undef;
	if (!der_take(&params, DER_CONTEXT + 0, &hash))
		return NID_sha1;
	if (!der_take(&hash, DER_SEQUENCE, &s) || !der_whole(&s, DER_OID, &oid))
		return NID_undef;
	const uint8_t *p = oid.p;
	ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &p, (long)oid.n);
	digest = object ? OBJ_obj2nid(object) : NID_undef;
	ASN1_OBJECT_free(object);
	return digest;
}

static struct text weakness(struct keys *k, const struct key *key, int signature, int digest)
{
	bool edwards = signature == NID_ED25519 || signature == NID_ED448;
	bool known = key->type && key->bits != FACT_NULL && (digest != NID_undef || edwards);
	bool short_key =
		key->type && key->bits != FACT_NULL &&
		(strcmp(key->type, "ec") == 0 ? key->bits < 224
									  : key->bits < 2048 && (!strcmp(key->type, "rsa") || !strcmp(key->type, "dsa")));
	const char *broken = digest == NID_md2                             ? "md2 signature"
						 : digest == NID_md4                           ? "md4 signature"
						 : digest == NID_md5 || digest == NID_md5_sha1 ? "md5 signature"
						 : digest == NID_sha1 || digest == NID_sha     ? "sha1 signature"
																	   : NULL;
	if (!short_key && !broken)
		return known ? TEXT_LIT("") : TEXT_NONE;
	return text_c(arena_printf(k->arena, "%s%s%s", short_key ? "short key" : "", short_key && broken ? ", " : "",
							   broken ? broken : ""));
}

/* What checking a signature with this key costs; 0: it is not done. */
static unsigned verify_cost(const struct key *key)
{
	if (!key->type || key->bits == FACT_NULL)
		return 0;
	if (strcmp(key->type, "rsa") == 0)
		return key->bits <= 8192 && key->exponent_bytes <= 8 ? 300 + (unsigned)(key->bits * key->bits >> 15) : 0;
	if (strcmp(key->type, "dsa") == 0)
		return key->bits <= 4096 ? 6000 : 0;
	if (strcmp(key->type, "ec") == 0)
		return !key->checked ? 0 : key->bits <= 256 ? 700 : key->bits <= 384 ? 1500 : 4000;
	return 2000;
}

static int64_t verifies(struct keys *k, const struct certificate *c, const struct key *key)
{
	const uint8_t *p = c->whole.p;
	unsigned cost = verify_cost(key);
	if (!cost || !keys_spend(k, cost))
		return FACT_NULL;
	X509 *x = d2i_X509(NULL, &p, (long)c->whole.n);
	EVP_PKEY *public = x ? X509_get0_pubkey(x) : NULL;
	int r = public ? X509_verify(x, public) : -1;
	X509_free(x);
	return r < 0 ? FACT_NULL : r;
}

static bool is_ca(struct span extensions)
{
	struct span extension, oid, critical, value, constraints, ca;
	while (der_take(&extensions, DER_SEQUENCE, &extension)) {
		if (!der_whole(&extension, DER_OID, &oid) || !OID_IS(oid, OID_BASIC_CONSTRAINTS))
			continue;
		(void)!der_take(&extension, DER_BOOLEAN, &critical);
		return der_take(&extension, DER_OCTET_STRING, &value) && der_take(&value, DER_SEQUENCE, &constraints) &&
			   der_take(&constraints, DER_BOOLEAN, &ca) && ca.n == 1 && ca.p[0];
	}
	return false;
}

static int signature_text(struct keys *k, const struct certificate *c, struct text *name)
{
	const uint8_t *p = c->oid.p;
	ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &p, (long)c->oid.n);
	int nid = object ? OBJ_obj2nid(object) : NID_undef;
	char dotted[128];
	*name = TEXT_NONE;
	if (nid != NID_undef)
		*name = text_c(OBJ_nid2ln(nid));
	else if (object && OBJ_obj2txt(dotted, sizeof dotted, object, 1) > 0)
		*name = text_c(arena_printf(k->arena, "%s", dotted));
	ASN1_OBJECT_free(object);
	return nid;
}

static void emit(struct keys *k, uint64_t offset, const struct certificate *c, const struct key *key)
{
	const uint8_t *s = c->subject.p, *i = c->issuer.p;
	X509_NAME *subject = d2i_X509_NAME(NULL, &s, (long)c->subject.n),
			  *issuer = d2i_X509_NAME(NULL, &i, (long)c->issuer.n);
	char fingerprint[65];
	struct fact_certificate row = { .offset = (int64_t)offset, .key_bits = key->bits, .key_type = text_c(key->type) };
	int signature = signature_text(k, c, &row.signature);
	row.subject = name_text(k, subject);
	row.issuer = name_text(k, issuer);
	row.serial = serial_text(k, c->serial);
	row.not_before = seconds(c->not_before);
	row.not_after = seconds(c->not_after);
	bool same = subject && issuer && X509_NAME_cmp(subject, issuer) == 0;
	row.self_signed = !subject || !issuer ? FACT_NULL : same ? verifies(k, c, key) : 0;
	row.ca = is_ca(c->extensions);
	hash_sha256_hex(c->whole, fingerprint);
	row.fingerprint = text_c(fingerprint);
	row.key_fingerprint = text_c(key->fingerprint);
	row.der = text_c(keys_hex(k, c->whole));
	row.weak = weakness(k, key, signature, digest_of(c, signature));
	emit_certificate(k->sink, &row);
	X509_NAME_free(subject);
	X509_NAME_free(issuer);
	ERR_clear_error();
}

bool keys_certificate(struct keys *k, uint64_t offset, struct span whole)
{
	struct certificate c;
	struct key key = KEY_INIT(NULL);
	if (!parse(whole, &c) || !keys_spend(k, COST_CERTIFICATE) || !keys_spki(k, c.spki, &key))
		return false;
	emit(k, offset, &c, &key);
	return true;
}

bool keys_certificate_around(struct keys *k, uint64_t spki)
{
	struct span bytes = k->subject->bytes;
	if (!keys_spend(k, COST_AROUND))
		return false;
	for (uint64_t at = spki; at > k->covered && spki - at < AROUND_MAX; at--) {
		struct span s = span_clip(bytes, at - 1, KEYS_OBJECT_MAX), rest = s, whole;
		struct certificate c;
		if (s.n < 8 || s.p[0] != DER_SEQUENCE || !der_whole(&rest, DER_SEQUENCE, &whole) || !parse(whole, &c))
			continue;
		if (c.spki.p == bytes.p + spki && keys_certificate(k, at - 1, whole)) {
			k->covered = at - 1 + whole.n;
			return true;
		}
	}
	return false;
}
