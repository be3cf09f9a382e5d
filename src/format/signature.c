/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: RFC 5280 and 8017 (SubjectPublicKeyInfo). */
#include "format/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/hash.h"

#define MODULUS_MAX 1024u
#define KEY_BITS_MAX 8192
#define CERTIFICATE_MAX 65536u

void signature_report(struct sink *sink, const struct signature *s)
{
	bool known = s->fingerprint && *s->fingerprint;
	bool pending = s->method && s->message.n && s->message.n <= SIGNATURE_MESSAGE_MAX && s->value.n &&
				   s->value.n <= SIGNATURE_VALUE_MAX;
	char message[2 * SIGNATURE_MESSAGE_MAX + 1], value[2 * SIGNATURE_VALUE_MAX + 1];
	if (pending) {
		hash_hex(s->message.p, s->message.n, message);
		hash_hex(s->value.p, s->value.n, value);
	}
	emit_signature(sink, &(struct fact_signature){
							 .made = s->made ? s->made : FACT_NULL,
							 .expires = FACT_NULL,
							 .offset = (int64_t)s->offset,
							 .scheme = text_c(s->scheme),
							 .covers = s->covers,
							 .algorithm = s->algorithm,
							 .state = text_c(s->state),
							 .key_fingerprint = known ? text_c(s->fingerprint) : TEXT_NONE,
							 .key_hint = s->hint.n ? s->hint : TEXT_NONE,
							 .detail = text_c(s->detail),
							 .method = pending ? text_c(s->method) : TEXT_NONE,
							 .message = pending ? text_c(message) : TEXT_NONE,
							 .value = pending ? text_c(value) : TEXT_NONE,
						 });
}

void signature_report_plain(struct sink *sink, uint64_t offset, const char *scheme, const char *covers,
							const char *algorithm, const char *state, const char *detail)
{
	signature_report(sink, &(struct signature){
							   .offset = offset,
							   .scheme = scheme,
							   .covers = text_c(covers),
							   .algorithm = text_c(algorithm),
							   .state = state,
							   .detail = detail,
						   });
}

/* ---- fingerprints: DER is written from its end ---- */

struct der {
	uint8_t bytes[SIGNATURE_RSA_SPKI_MAX];
	size_t at; /* where it begins */
};

static void put(struct der *d, const void *bytes, size_t n)
{
	d->at -= n;
	memcpy(d->bytes + d->at, bytes, n);
}

static void put_head(struct der *d, uint8_t tag, size_t content)
{
	uint8_t head[4] = { tag, 0x82, (uint8_t)(content >> 8), (uint8_t)content };
	if (content >= 256) {
		put(d, head, 4);
	} else {
		uint8_t shorter[3] = { tag, 0x81, (uint8_t)content }, least[2] = { tag, (uint8_t)content };
		put(d, content >= 128 ? shorter : least, content >= 128 ? 3 : 2);
	}
}

static void put_number(struct der *d, struct span magnitude)
{
	size_t end = d->at;
	put(d, magnitude.p, magnitude.n);
	if (magnitude.p[0] & 0x80)
		put(d, "", 1);
	put_head(d, 0x02, end - d->at);
}

static struct span without_zeros(struct span s)
{
	while (s.n && s.p[0] == 0)
		s = span_from(s, 1);
	return s;
}

size_t signature_rsa_spki(struct span modulus, uint64_t exponent, uint8_t spki[SIGNATURE_RSA_SPKI_MAX])
{
	static const uint8_t algorithm[] = { 0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0 };
	struct der d = { .at = sizeof d.bytes };
	uint8_t e[8];
	for (int i = 0; i < 8; i++)
		e[i] = (uint8_t)(exponent >> (56 - 8 * i));
	struct span n = without_zeros(modulus), shortest = without_zeros(span_of(e, sizeof e));
	if (!n.n || n.n > MODULUS_MAX || !shortest.n)
		return 0;
	put_number(&d, shortest);
	put_number(&d, n);
	put_head(&d, 0x30, sizeof d.bytes - d.at);
	put(&d, "", 1); /* no unused bits */
	put_head(&d, 0x03, sizeof d.bytes - d.at);
	put(&d, algorithm, sizeof algorithm);
	put_head(&d, 0x30, sizeof d.bytes - d.at);
	memcpy(spki, d.bytes + d.at, sizeof d.bytes - d.at);
	return sizeof d.bytes - d.at;
}

bool signature_rsa_fingerprint(struct span modulus, uint64_t exponent, char hex[65])
{
	uint8_t spki[SIGNATURE_RSA_SPKI_MAX];
	size_t n = signature_rsa_spki(modulus, exponent, spki);
	hex[0] = '\0';
	if (n)
		hash_sha256_hex(span_of(spki, n), hex);
	return n != 0;
}

void signature_p256_spki(const uint8_t x[32], const uint8_t y[32], uint8_t spki[SIGNATURE_P256_SPKI])
{
	static const uint8_t head[27] = { 0x30, 0x59, 0x30, 0x13, 6,    7,    0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6,
									  8,    0x2a, 0x86, 0x48, 0xce, 0x3d, 3,    1,    7,    3,    0x42, 0, 4 };
	memcpy(spki, head, sizeof head);
	memcpy(spki + 27, x, 32);
	memcpy(spki + 59, y, 32);
}

/* ---- verification ---- */

static const EVP_MD *digest_method(enum digest digest)
{
	switch (digest) {
	case DIGEST_SHA256:
		return EVP_sha256();
	case DIGEST_SHA384:
		return EVP_sha384();
	case DIGEST_SHA512:
		return EVP_sha512();
	default:
		return EVP_sha1();
	}
}

enum signature_result signature_verify(struct span spki, enum digest digest, struct span signed_bytes,
									   struct span signature)
{
	const uint8_t *p = spki.p;
	/* Whatever OpenSSL is asked first would look for its configuration file. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	EVP_PKEY *key = spki.n && spki.n < 4096 ? d2i_PUBKEY(NULL, &p, (long)spki.n) : NULL;
	int r = -1;
	if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
		EVP_MD_CTX *c = EVP_MD_CTX_new();
		if (c && EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) == 1)
			r = EVP_DigestVerify(c, signature.p, signature.n, signed_bytes.p, signed_bytes.n) == 1;
		EVP_MD_CTX_free(c);
	} else if (key && EVP_PKEY_get_bits(key) <= KEY_BITS_MAX) {
		EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
		if (c && EVP_PKEY_verify_init(c) == 1 && EVP_PKEY_CTX_set_signature_md(c, digest_method(digest)) > 0)
			r = EVP_PKEY_verify(c, signature.p, signature.n, signed_bytes.p, signed_bytes.n) == 1;
		EVP_PKEY_CTX_free(c);
	}
	EVP_PKEY_free(key);
	ERR_clear_error();
	return r < 0 ? SIGNATURE_UNKNOWN : r ? SIGNATURE_GOOD : SIGNATURE_BAD;
}

enum signature_result signature_verify_whole(struct span spki, enum digest digest, bool pss, struct span message,
											 struct span signature)
{
	const uint8_t *p = spki.p;
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	EVP_PKEY *key = spki.n && spki.n < 4096 ? d2i_PUBKEY(NULL, &p, (long)spki.n) : NULL;
	EVP_MD_CTX *c = key && EVP_PKEY_get_bits(key) <= KEY_BITS_MAX ? EVP_MD_CTX_new() : NULL;
	EVP_PKEY_CTX *k = NULL;
	bool ed25519 = key && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
	int r = -1;
	if (c && EVP_DigestVerifyInit(c, &k, ed25519 ? NULL : digest_method(digest), NULL, key) == 1 &&
		(!pss || (EVP_PKEY_CTX_set_rsa_padding(k, RSA_PKCS1_PSS_PADDING) > 0 &&
				  EVP_PKEY_CTX_set_rsa_pss_saltlen(k, RSA_PSS_SALTLEN_AUTO) > 0)))
		r = EVP_DigestVerify(c, signature.p, signature.n, message.p, message.n) == 1;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return r < 0 ? SIGNATURE_UNKNOWN : r ? SIGNATURE_GOOD : SIGNATURE_BAD;
}

size_t signature_certificate_key(struct span certificate, uint8_t *spki, size_t room)
{
	const uint8_t *p = certificate.p;
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	X509 *x = certificate.n && certificate.n <= CERTIFICATE_MAX ? d2i_X509(NULL, &p, (long)certificate.n) : NULL;
	unsigned char *der = NULL;
	int n = x && p == certificate.p + certificate.n ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der) : 0;
	size_t size = n > 0 && (size_t)n <= room ? (size_t)n : 0;
	if (size)
		memcpy(spki, der, size);
	OPENSSL_free(der);
	X509_free(x);
	ERR_clear_error();
	return size;
}

bool signature_certificate_has(struct span certificate, struct span spki)
{
	uint8_t key[SIGNATURE_KEY_MAX];
	size_t n = signature_certificate_key(certificate, key, sizeof key);
	return n && n == spki.n && memcmp(spki.p, key, n) == 0;
}
