/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/rsa_pkcs1.h"

#include <openssl/bn.h>

/* Up to 8192 bits: what boot loaders know. */
#define MODULUS_MAX 1024u
#define MODULUS_MIN 64u

/* signature ^ exponent mod modulus, in as many bytes as the modulus has. */
static bool power(struct span modulus, uint64_t exponent, struct span signature, uint8_t *out)
{
	uint8_t e_bytes[8];
	for (int i = 0; i < 8; i++)
		e_bytes[i] = (uint8_t)(exponent >> (56 - 8 * i));
	BN_CTX *context = BN_CTX_new();
	BIGNUM *n = BN_bin2bn(modulus.p, (int)modulus.n, NULL), *e = BN_bin2bn(e_bytes, 8, NULL),
		   *s = BN_bin2bn(signature.p, (int)signature.n, NULL), *r = BN_new();
	bool done = context && n && e && s && r && BN_is_odd(n) && BN_cmp(s, n) < 0 && BN_mod_exp(r, s, e, n, context) &&
				BN_bn2binpad(r, out, (int)modulus.n) == (int)modulus.n;
	BN_free(n);
	BN_free(e);
	BN_free(s);
	BN_free(r);
	BN_CTX_free(context);
	return done;
}

/* DER of the DigestInfo that stands before the digest: the algorithm's identifier. */
static struct span digest_info(size_t n)
{
	static const uint8_t sha1[] = { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
									0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14 };
	static const uint8_t sha2[3][19] = {
		{ 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 0x05, 0x00, 0x04, 0x20 },
		{ 0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2, 0x05, 0x00, 0x04, 0x30 },
		{ 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3, 0x05, 0x00, 0x04, 0x40 },
	};
	return n == 20   ? span_of(sha1, sizeof sha1)
		   : n == 32 ? span_of(sha2[0], 19)
		   : n == 48 ? span_of(sha2[1], 19)
		   : n == 64 ? span_of(sha2[2], 19)
					 : SPAN_NONE;
}

bool rsa_pkcs1_verify(struct span modulus, uint64_t exponent, struct span signature, struct span digest)
{
	uint8_t block[MODULUS_MAX];
	struct span info = digest_info(digest.n);
	size_t n = modulus.n;
	if (!info.p || n < MODULUS_MIN || n > MODULUS_MAX || signature.n != n || exponent < 3 || exponent >> 32 ||
		n < info.n + digest.n + 11 || !power(modulus, exponent, signature, block))
		return false;
	size_t padding = n - info.n - digest.n - 1;
	if (block[0] != 0 || block[1] != 1 || block[padding] != 0)
		return false;
	for (size_t i = 2; i < padding; i++)
		if (block[i] != 0xff)
			return false;
	return span_has(span_of(block, n), padding + 1, info.p, info.n) &&
		   span_has(span_of(block, n), n - digest.n, digest.p, digest.n);
}
