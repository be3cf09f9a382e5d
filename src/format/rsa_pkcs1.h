/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RSA signatures after RFC 8017, sections 8.1 (RSASSA-PSS) and 8.2 (RSASSA-PKCS1-v1_5), as boot loaders check them: with a
 * bare modulus. */
#ifndef ASSAY_FORMAT_RSA_PKCS1_H
#define ASSAY_FORMAT_RSA_PKCS1_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* Whether `signature` is one of `digest` (20, 32, 48 or 64 bytes of SHA-1, -256, -384 or -512) by the key. */
bool rsa_pkcs1_verify(struct span modulus, uint64_t exponent, struct span signature, struct span digest);

/* Whether the signature was made by the key, of whatever digest of that size: what others made has no padding in it. */
bool rsa_pkcs1_is_by(struct span modulus, uint64_t exponent, struct span signature, size_t digest_size);

/* The same as rsa_pkcs1_verify() for PSS with a salt of any length, the mask made with the digest's own function. */
bool rsa_pss_verify(struct span modulus, uint64_t exponent, struct span signature, struct span digest);

/* The same with a salt as long as the digest, as MCUboot, the ESP32's ROM and RFC 8230 (COSE) want it. */
bool rsa_pss_verify_strictly(struct span modulus, uint64_t exponent, struct span signature, struct span digest);

#endif
