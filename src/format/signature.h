/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What formats that are signed share: rows of `signature`, fingerprints of keys, and the verification by a key or a
 * certificate that stands beside the signature. Whether that key is one that the product trusts is not known here. */
#ifndef ASSAY_FORMAT_SIGNATURE_H
#define ASSAY_FORMAT_SIGNATURE_H

#include "format/digest.h"
#include "format/format.h"

#define SIGNATURE_VALID "valid"
#define SIGNATURE_INVALID "invalid"
#define SIGNATURE_NO_KEY "no-key"
#define SIGNATURE_UNSUPPORTED "unsupported"
#define SIGNATURE_ABSENT "absent"
#define SIGNATURE_UNTRUSTED "untrusted"

struct signature {
	uint64_t offset;
	const char *scheme, *state;
	struct text covers, algorithm;
	const char *fingerprint; /* NULL or empty: not known */
	struct text hint;
	const char *detail;
	const char *method;         /* when its key is elsewhere: how it is verified, or NULL */
	struct span message, value; /* then: the digest (ed25519: the message), the signature */
	int64_t made;               /* OpenPGP: seconds since 1970; 0: it does not say */
};

/* Longer ones are left to a person. */
#define SIGNATURE_MESSAGE_MAX 1024u
#define SIGNATURE_VALUE_MAX 1024u

/* A row of `signature`. */
void signature_report(struct sink *sink, const struct signature *s);

/* A row for a signature that is there, or has its place there, and is not verified. */
void signature_report_plain(struct sink *sink, uint64_t offset, const char *scheme, const char *covers,
							const char *algorithm, const char *state, const char *detail);

/* SHA-256 of the SubjectPublicKeyInfo; false when the numbers can not be a key. */
bool signature_rsa_fingerprint(struct span modulus, uint64_t exponent, char hex[65]);

/* The SubjectPublicKeyInfo itself, DER: how many bytes it has, 0 when the numbers can not be a key. */
#define SIGNATURE_RSA_SPKI_MAX 1088u
size_t signature_rsa_spki(struct span modulus, uint64_t exponent, uint8_t spki[SIGNATURE_RSA_SPKI_MAX]);

/* Verification by a SubjectPublicKeyInfo: of a digest for RSA (PKCS #1) and ECDSA (DER), of the message for Ed25519. */
enum signature_result { SIGNATURE_GOOD, SIGNATURE_BAD, SIGNATURE_UNKNOWN };
enum signature_result signature_verify(struct span spki, enum digest digest, struct span digest_or_message,
									   struct span signature);

/* The same of a message that is digested here; `pss`: RSA with that padding. */
enum signature_result signature_verify_whole(struct span spki, enum digest digest, bool pss, struct span message,
											 struct span signature);

/* Whether the certificate (DER, nothing behind it) is one for this SubjectPublicKeyInfo. */
bool signature_certificate_has(struct span certificate, struct span spki);

#define SIGNATURE_KEY_MAX 4096u /* larger ones are never tried */
/* The SubjectPublicKeyInfo of a certificate (likewise): how many bytes it has, 0 when it is none, or has more than there is room for. */
size_t signature_certificate_key(struct span certificate, uint8_t *spki, size_t room);

/* A SubjectPublicKeyInfo of the NIST curve P-256 from its coordinates (32 bytes each). */
#define SIGNATURE_P256_SPKI 91u
void signature_p256_spki(const uint8_t x[32], const uint8_t y[32], uint8_t spki[SIGNATURE_P256_SPKI]);

/* How CMS names a signer's certificate, in the words of `key_hint`. */
struct X509_name_st;
struct asn1_string_st;
void signature_signer_name(const struct X509_name_st *issuer, const struct asn1_string_st *serial, char *out,
						   size_t size);
/* How a certificate names its issuer, likewise. */
void signature_issuer_name(const struct X509_name_st *issuer, char *out, size_t size);

/* CMS SignedData: whether each signature in it is one of the content by the certificate that it carries. */
struct signature_pending { /* as in struct signature */
	const char *method;    /* NULL: nothing */
	uint8_t message[SIGNATURE_MESSAGE_MAX], value[SIGNATURE_VALUE_MAX];
	size_t message_n, value_n;
};

struct signature_cms {
	const char *scheme; /* what signature_report_cms() calls it; NULL: cms. Set behind signature_cms_verify(). */
	const char *state;
	const char *detail;
	char fingerprint[65], algorithm[80], hint[320];
	struct signature_pending signer; /* when the only signer's certificate is not in it */
	/* When it is: the signature of the last certificate in its chain, and by whom. */
	struct signature_pending issuer;
	char issuer_algorithm[80], issuer_hint[320], issuer_covers[64];
	bool broken_chain; /* that chain is none: whoever issued the last one, it is not to be trusted for the signer */
	bool misused;      /* a valid signature by a certificate whose extensions say that it is for something else */
	bool attributes;   /* a signer signed attributes, of which one is the content's digest, and not the content itself */
};
void signature_cms_verify(struct span cms, struct span content, struct signature_cms *out);
/* Behind it, for updaters that ask what the signer's certificate is for, as OpenSSL's CMS_verify() does: no valid one by a misused one. */
void signature_cms_ask_purpose(struct signature_cms *cms);
/* Its row, and one for the certificate that it carries. */
void signature_report_cms(struct sink *sink, uint64_t offset, const char *covers, const struct signature_cms *cms);

#endif
