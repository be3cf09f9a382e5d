/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `openssl enc` makes of a password: the key and the initialisation vector of AES in CBC mode, as EVP_BytesToKey() with one round
 * derives them. Vendors whose passwords are published use it as it is. */
#ifndef ASSAY_FORMAT_OPENSSL_ENC_H
#define ASSAY_FORMAT_OPENSSL_ENC_H

#include "format/wrapper.h"

#define OPENSSL_ENC_HEADER 16u /* "Salted__" and the salt */

struct openssl_enc {
	uint8_t made[48]; /* the key, and behind it the vector */
};

/* Fills *e, which must live as long as the cipher that is returned. MD5 is what OpenSSL took before version 1.1, SHA-256 since. */
struct wrapper_cipher openssl_enc_cipher(struct openssl_enc *e, enum digest digest, unsigned bits, struct text password,
										 struct span salt);

/* How many of the last bytes are padding (PKCS #7), 1 to 16; 0 when they are none, as under a wrong key. */
unsigned openssl_enc_padding(struct wrapper_cipher cipher, struct span packed);

#endif
