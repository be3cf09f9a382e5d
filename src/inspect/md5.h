/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MD5 and md5crypt, many guesses at once.
 *
 * md5crypt (P.-H. Kamp, FreeBSD libcrypt) hashes a thousand short messages one after the other for each guess; sixteen
 * guesses side by side keep the vector units busy where one alone waits for each addition.
 */
#ifndef ASSAY_INSPECT_MD5_H
#define ASSAY_INSPECT_MD5_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

#define MD5_SIZE 16
#define MD5CRYPT_LANES 16
/* The longest password whose messages always fit one MD5 block: 16 + 8 + 2 * 15 bytes and 9 of padding. Longer ones,
 * up to MD5CRYPT_PASSWORD_MAX, are hashed one at a time. */
#define MD5CRYPT_SHORT_MAX 15
#define MD5CRYPT_PASSWORD_MAX 64
#define MD5CRYPT_SALT_MAX 8

/* RFC 1321. */
void md5_digest(struct span message, uint8_t digest[MD5_SIZE]);

/* Digests of n <= MD5CRYPT_LANES passwords of at most MD5CRYPT_PASSWORD_MAX bytes under a salt of at most
 * MD5CRYPT_SALT_MAX bytes. `magic` is "$1$" or "$apr1$". */
void md5crypt_digests(const char *magic, struct text salt, const struct text *passwords, size_t n,
                      uint8_t (*digests)[MD5_SIZE]);

/* The 22 characters in which md5crypt writes a digest, and back; false when the text is none. */
bool md5crypt_decode(struct text encoded, uint8_t digest[MD5_SIZE]) MUST_USE;

#endif
