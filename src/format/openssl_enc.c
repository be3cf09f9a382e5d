/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: OpenSSL doc/man3/EVP_BytesToKey.pod; RFC 5652, 6.3. */
#include "format/openssl_enc.h"

#define AES_BLOCK 16u

struct wrapper_cipher openssl_enc_cipher(struct openssl_enc *e, enum digest digest, unsigned bits, struct text password,
										 struct span salt)
{
	uint8_t before[DIGEST_MAX];
	size_t each = digest_size(digest), n = 0;
	for (size_t at = 0; at < sizeof e->made; at += each) {
		digest_of_parts(digest, (struct span[]){ span_of(before, n), span_of(password.p, password.n), salt }, 3, before);
		n = each;
		memcpy(e->made + at, before, sizeof e->made - at < each ? sizeof e->made - at : each);
	}
	return (struct wrapper_cipher){ e->made, e->made + bits / 8, bits };
}

unsigned openssl_enc_padding(struct wrapper_cipher cipher, struct span packed)
{
	uint8_t last[AES_BLOCK];
	if (packed.n < AES_BLOCK || packed.n % AES_BLOCK)
		return 0;
	if (packed.n > AES_BLOCK)
		cipher.iv = packed.p + packed.n - 2 * AES_BLOCK;
	if (!wrapper_decipher(cipher, packed.p + packed.n - AES_BLOCK, last, AES_BLOCK))
		return 0;
	unsigned n = last[AES_BLOCK - 1];
	for (unsigned i = 1; n >= 1 && n <= AES_BLOCK && i <= n; i++)
		if (last[AES_BLOCK - i] != n)
			return 0;
	return n <= AES_BLOCK ? n : 0;
}
