/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: RFC 5280 (certificates, section 6.1) and 8017 (keys), RFC 5652 section 5.3 (how CMS names a signer's certificate). */
#include "probe/verification.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/openpgp.h"
#include "format/rsa_pkcs1.h"
#include "format/signature.h"

#define HEX_MAX 65536u
#define MODULUS_MAX 1024u
#define DSA_BITS_MAX 4096
#define NAMES_MAX 5u /* the ways in which formats name a certificate */
#define NAME_SIZE 320u
#define ISSUED_BY "issued by "
#define IN_DB VERIFY_UEFI_DB ": "

/* A key, ready to be tried. */
struct candidate {
	EVP_PKEY *key;
	uint8_t modulus[MODULUS_MAX]; /* RSA */
	size_t modulus_n;
	uint64_t exponent;
	unsigned char *spki; /* OpenSSL's */
	size_t spki_n;
	char (*names)[NAME_SIZE];
	bool is_no_ca;      /* a certificate that may not issue others, or not any: RFC 5280, sections 4.2 and 4.2.1.9 */
	int64_t path;       /* how many certificates may stand below that issue others; -1: any number */
	char signature[65]; /* SHA-256 of the one that it bears */
};

struct verifier {
	const struct verification_input *input;
	struct candidate *keys;
	uint32_t attempts;
	bool exhausted;
};

/* malloc'ed; SPAN_NONE when it is none. */
static struct span from_hex(struct text hex)
{
	uint8_t *out = hex.n && hex.n % 2 == 0 && hex.n <= HEX_MAX ? malloc(hex.n / 2) : NULL;
	for (size_t i = 0; out && i < hex.n; i++) {
		int v = ascii_hex_value(hex.p[i]);
		if (v < 0) {
			free(out);
			return SPAN_NONE;
		}
		out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | v : v << 4);
	}
	return out ? span_of(out, hex.n / 2) : SPAN_NONE;
}

/* ---- keys ---- */

/* Kinds and sizes whose arithmetic ends soon, whatever the numbers. */
static bool read_rsa(struct candidate *c)
{
	BIGNUM *n = NULL, *e = NULL;
	bool ok = EVP_PKEY_get_bn_param(c->key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
			  EVP_PKEY_get_bn_param(c->key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
			  BN_num_bytes(n) <= (int)sizeof c->modulus && BN_num_bits(e) <= 32;
	if (ok) {
		c->modulus_n = (size_t)BN_bn2bin(n, c->modulus);
		c->exponent = BN_get_word(e);
	}
	BN_free(n);
	BN_free(e);
	return ok;
}

static bool is_usable(struct candidate *c)
{
	char group[40] = "";
	switch (EVP_PKEY_get_base_id(c->key)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		return read_rsa(c);
	case EVP_PKEY_EC:
		return EVP_PKEY_get_utf8_string_param(c->key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL) == 1 &&
			   (!strcmp(group, "prime256v1") || !strcmp(group, "secp384r1") || !strcmp(group, "secp521r1"));
	case EVP_PKEY_ED25519:
		return true;
	case EVP_PKEY_DSA:
		return EVP_PKEY_get_bits(c->key) <= DSA_BITS_MAX;
	default:
		return false;
	}
}

/* The names by which messages call the signer's certificate: its key's identifier, or its issuer and serial number, in the
 * forms that `signature.key_hint` has. */
static void read_names(X509 *x, struct candidate *c)
{
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(x);
	if (id && ASN1_STRING_length(id) <= 64) {
		size_t n = (size_t)snprintf(c->names[0], NAME_SIZE, "key identifier ");
		hash_hex(ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id), c->names[0] + n);
	}
	signature_signer_name(X509_get_issuer_name(x), X509_get0_serialNumber(x), c->names[1], NAME_SIZE);
	signature_issuer_name(X509_get_subject_name(x), c->names[4], NAME_SIZE);
	unsigned char *serial = NULL;
	int serial_n = i2d_ASN1_INTEGER(X509_get0_serialNumber(x), &serial);
	char common[128] = "";
	if (serial_n > 2 && serial_n <= 66 &&
		X509_NAME_get_text_by_NID(X509_get_issuer_name(x), NID_commonName, common, 121) >= 0) {
		size_t n = (size_t)snprintf(c->names[2], NAME_SIZE, "issuer CN=%s, serial ", common);
		hash_hex(serial + 2, (size_t)serial_n - 2, c->names[2] + n);
	}
	OPENSSL_free(serial);
}

/* MCUboot names a key by the digest of its bytes, which for RSA are those of PKCS #1. */
static void read_key_hash(struct candidate *c)
{
	unsigned char *der = NULL;
	int n = c->modulus_n ? i2d_PublicKey(c->key, &der) : 0;
	size_t used = (size_t)snprintf(c->names[3], NAME_SIZE, "KEYHASH ");
	hash_sha256_hex(n > 0 ? span_of(der, (size_t)n) : span_of(c->spki, c->spki_n), c->names[3] + used);
	OPENSSL_free(der);
}

/* Of the names that it may certify nothing is known here: a certificate that is held to some is asked for none. */
static void read_issuer(X509 *x, struct candidate *c)
{
	const ASN1_BIT_STRING *value = NULL;
	X509_get0_signature(&value, NULL, x);
	c->is_no_ca = !X509_check_ca(x) || X509_get_extension_flags(x) & (EXFLAG_CRITICAL | EXFLAG_INVALID) ||
				  X509_get_ext_by_NID(x, NID_name_constraints, -1) >= 0;
	c->path = X509_get_pathlen(x);
	hash_sha256_hex(span_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)), c->signature);
}

static void read_key(const struct verify_key *k, struct candidate *c)
{
	struct span der = from_hex(k->der);
	const uint8_t *p = der.p;
	if (!der.p)
		return;
	X509 *x = k->is_certificate ? d2i_X509(NULL, &p, (long)der.n) : NULL;
	c->key = x ? X509_get_pubkey(x) : k->is_certificate ? NULL : d2i_PUBKEY(NULL, &p, (long)der.n);
	bool usable = c->key && is_usable(c);
	/* a certificate has it encoded already, which is no search through all of OpenSSL's encoders */
	int n = !usable ? 0 : x ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &c->spki) : i2d_PUBKEY(c->key, &c->spki);
	c->spki_n = n > 0 ? (size_t)n : 0; /* 0: never tried */
	c->names = c->spki_n ? calloc(NAMES_MAX, sizeof *c->names) : NULL;
	if (c->names)
		read_key_hash(c);
	if (c->names && x)
		read_names(x, c);
	if (x)
		read_issuer(x, c);
	X509_free(x);
	free((void *)(uintptr_t)der.p);
	ERR_clear_error();
}

static void forget_key(struct candidate *c)
{
	EVP_PKEY_free(c->key);
	OPENSSL_free(c->spki);
	free(c->names);
}

/* ---- signatures ---- */

struct pending {
	struct text method, hint;
	int64_t blob;
	uint32_t above;
	struct span message, value;
};

/* Of signatures of certificates: whether the key's own certificate is a CA's with a path of that length, or the very one that is
 * signed, trusted as it is. */
static bool may_issue(const struct candidate *c, const struct pending *s)
{
	char signature[65];
	bool may = !c->is_no_ca && (c->path < 0 || s->above <= c->path);
	if (may || !(text_starts(s->hint, ISSUED_BY) || text_starts(s->hint, IN_DB)))
		return true;
	hash_sha256_hex(s->value, signature);
	return strcmp(signature, c->signature) == 0;
}

static bool is_named(const struct verify_key *k, const struct candidate *c, const struct pending *s)
{
	if (!may_issue(c, s))
		return false;
	if (text_starts(s->hint, IN_DB)) { /* by no other certificate than one that the platform trusts */
		struct text issuer = text_of(s->hint.p + sizeof IN_DB - 1, s->hint.n - (sizeof IN_DB - 1));
		return text_is(k->name, VERIFY_UEFI_DB) && c->names && c->names[4][0] && text_is(issuer, c->names[4]);
	}
	/* A certificate that came with the message, or beside it in the same archive, says nothing of whom the device trusts. */
	if (!s->hint.n || (text_starts(s->hint, ISSUED_BY) && (!k->holder || k->holder == s->blob)))
		return false;
	if (text_eq(k->name, s->hint) || openpgp_names(k->name, s->hint))
		return true;
	for (unsigned i = 0; c->names && i < NAMES_MAX; i++)
		if (c->names[i][0] && text_is(s->hint, c->names[i]))
			return true;
	return false;
}

/* Whether the key is of the method's kind, and the signature as long as one by it is. */
static bool fits(const struct candidate *c, const struct pending *s)
{
	if (!c->spki_n)
		return false;
	int id = EVP_PKEY_get_base_id(c->key);
	if (text_starts(s->method, "rsa"))
		return (id == EVP_PKEY_RSA || id == EVP_PKEY_RSA_PSS) && c->modulus_n == s->value.n;
	if (text_is(s->method, "dsa"))
		return id == EVP_PKEY_DSA;
	return text_is(s->method, "ecdsa") ? id == EVP_PKEY_EC : text_is(s->method, "ed25519") && id == EVP_PKEY_ED25519;
}

static enum verify_state by_rsa(const struct candidate *c, const struct pending *s)
{
	struct span n = span_of(c->modulus, c->modulus_n);
	bool pkcs1 = !text_starts(s->method, "rsa-pss"), strict = text_is(s->method, "rsa-pss-digest"),
		 pss = !strict && !text_is(s->method, "rsa-pkcs1");
	if ((pkcs1 && rsa_pkcs1_verify(n, c->exponent, s->value, s->message)) ||
		(strict && rsa_pss_verify_strictly(n, c->exponent, s->value, s->message)) ||
		(pss && rsa_pss_verify(n, c->exponent, s->value, s->message)))
		return VERIFY_VALID;
	return pkcs1 && rsa_pkcs1_is_by(n, c->exponent, s->value, s->message.n) ? VERIFY_INVALID : VERIFY_UNKNOWN;
}

/* VERIFY_UNKNOWN: the key and the signature have nothing to do with each other, as far as can be told. */
static enum verify_state attempt(struct verifier *v, const struct candidate *c, const struct pending *s)
{
	if (v->attempts++ >= VERIFY_ATTEMPTS_MAX) {
		v->exhausted = true;
		return VERIFY_UNKNOWN;
	}
	if (text_starts(s->method, "rsa"))
		return by_rsa(c, s);
	enum digest digest = s->message.n == 20   ? DIGEST_SHA1
						 : s->message.n == 48 ? DIGEST_SHA384
						 : s->message.n == 64 ? DIGEST_SHA512
											  : DIGEST_SHA256;
	return signature_verify(span_of(c->spki, c->spki_n), digest, s->message, s->value) == SIGNATURE_GOOD
			   ? VERIFY_VALID
			   : VERIFY_UNKNOWN;
}

/* First by the keys that the signature names; by all others only where its name is none that tells keys apart. A key that
 * is named, and does not verify it, or that made it of something else, makes it invalid. */
static struct verify_verdict judge(struct verifier *v, const struct pending *s)
{
	struct verify_verdict verdict = { VERIFY_UNKNOWN, 0 };
	bool strict = text_starts(s->hint, ISSUED_BY) || text_starts(s->hint, IN_DB) ||
				  text_starts(s->hint, "key identifier ") || text_starts(s->hint, "issuer ") ||
				  text_starts(s->hint, "key number ") || text_starts(s->hint, "KEYHASH ") ||
				  text_starts(s->hint, OPENPGP_NAME);
	bool by_name = text_starts(s->hint, ISSUED_BY) || text_starts(s->hint, IN_DB); /* which many keys may have */
	for (unsigned others = 0; others < (strict ? 1u : 2u); others++)
		for (uint32_t i = 0; i < v->input->nkeys; i++) {
			const struct candidate *c = &v->keys[i];
			bool named = is_named(&v->input->keys[i], c, s);
			if (named == (others != 0) || !fits(c, s))
				continue;
			enum verify_state state = attempt(v, c, s);
			if (v->exhausted)
				return (struct verify_verdict){ VERIFY_UNKNOWN, 0 };
			if (state == VERIFY_VALID)
				return (struct verify_verdict){ VERIFY_VALID, i };
			if (verdict.state == VERIFY_UNKNOWN && ((named && !by_name) || state == VERIFY_INVALID))
				verdict = (struct verify_verdict){ VERIFY_INVALID, i };
		}
	return verdict;
}

const char *verification_objection(const struct verify_signature *s, const struct verify_key *k)
{
	if (k->revoked)
		return "its owner revoked";
	if (k->may_not_sign)
		return "is not one for signing";
	if (s->made && k->not_after && s->made > k->not_after)
		return "was over its time when it signed";
	return s->made && k->not_before && s->made < k->not_before ? "was not made yet when it is said to have signed"
															   : NULL;
}

void verification_prepare(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

static bool verify_all(struct verifier *v, bool (*take)(void *, uint32_t, struct verify_verdict), void *context)
{
	for (uint32_t i = 0; i < v->input->nkeys; i++)
		read_key(&v->input->keys[i], &v->keys[i]);
	for (uint32_t i = 0; i < v->input->nsignatures && !v->exhausted; i++) {
		const struct verify_signature *s = &v->input->signatures[i];
		struct pending p = { s->method, s->hint, s->blob, s->above, from_hex(s->message), from_hex(s->value) };
		struct verify_verdict verdict = { VERIFY_UNKNOWN, 0 };
		if (p.message.n && p.value.n)
			verdict = judge(v, &p);
		free((void *)(uintptr_t)p.message.p);
		free((void *)(uintptr_t)p.value.p);
		if (verdict.state != VERIFY_UNKNOWN && !take(context, i, verdict))
			return false;
	}
	return true;
}

enum verification_end verification_run(const struct verification_input *input,
									   bool (*take)(void *context, uint32_t signature, struct verify_verdict verdict),
									   void *context)
{
	struct verifier v = { .input = input, .keys = calloc(input->nkeys + 1u, sizeof *v.keys) };
	if (!v.keys)
		return VERIFICATION_NO_MEMORY;
	bool listened = verify_all(&v, take, context);
	for (uint32_t i = 0; i < input->nkeys; i++)
		forget_key(&v.keys[i]);
	free(v.keys);
	return !listened ? VERIFICATION_STOPPED : v.exhausted ? VERIFICATION_EXHAUSTED : VERIFICATION_DONE;
}
