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

struct signature {
	uint64_t offset;
	const char *scheme, *state;
	struct text covers, algorithm;
	const char *fingerprint; /* NULL or empty: not known */
	struct text hint;
	const char *detail;
};

void signature_report(struct sink *sink, const struct signature *s);

/* A row for a signature that is there, or has its place there, and is not verified. */
void signature_report_plain(struct sink *sink, uint64_t offset, const char *scheme, const char *covers,
							const char *algorithm, const char *state, const char *detail);

/* SHA-256 of the SubjectPublicKeyInfo; false when the numbers can not be a key. */
bool signature_rsa_fingerprint(struct span modulus, uint64_t exponent, char hex[65]);

/* Verification by a SubjectPublicKeyInfo: of a digest for RSA (PKCS #1) and ECDSA (DER), of the message for Ed25519. */
enum signature_result { SIGNATURE_GOOD, SIGNATURE_BAD, SIGNATURE_UNKNOWN };
enum signature_result signature_verify(struct span spki, enum digest digest, struct span digest_or_message,
									   struct span signature);

/* A SubjectPublicKeyInfo of the NIST curve P-256 from its coordinates (32 bytes each). */
#define SIGNATURE_P256_SPKI 91u
void signature_p256_spki(const uint8_t x[32], const uint8_t y[32], uint8_t spki[SIGNATURE_P256_SPKI]);

/* CMS SignedData: whether each signature in it is one of the content by the certificate that it carries. */
struct signature_cms {
	const char *state;
	const char *detail;
	char fingerprint[65], algorithm[80], hint[320];
};
void signature_cms_verify(struct span cms, struct span content, struct signature_cms *out);

#endif
