/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/rsa_pkcs1.h"

/* OpenSSL's one-shot functions read a configuration file first, which a confined worker may not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/sha.h>

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

/* The block that was signed, as long as the modulus, up to the digest: false when that is not the padding for one of that
 * size. */
static bool open_block(struct span modulus, uint64_t exponent, struct span signature, size_t digest_size,
					   uint8_t *block)
{
	struct span info = digest_info(digest_size);
	size_t n = modulus.n;
	if (!info.p || n < MODULUS_MIN || n > MODULUS_MAX || signature.n != n || exponent < 3 || exponent >> 32 ||
		n < info.n + digest_size + 11 || !power(modulus, exponent, signature, block))
		return false;
	size_t padding = n - info.n - digest_size - 1;
	if (block[0] != 0 || block[1] != 1 || block[padding] != 0)
		return false;
	for (size_t i = 2; i < padding; i++)
		if (block[i] != 0xff)
			return false;
	return span_has(span_of(block, n), padding + 1, info.p, info.n);
}

bool rsa_pkcs1_verify(struct span modulus, uint64_t exponent, struct span signature, struct span digest)
{
	uint8_t block[MODULUS_MAX];
	return open_block(modulus, exponent, signature, digest.n, block) &&
		   span_has(span_of(block, modulus.n), modulus.n - digest.n, digest.p, digest.n);
}

bool rsa_pkcs1_is_by(struct span modulus, uint64_t exponent, struct span signature, size_t digest_size)
{
	uint8_t block[MODULUS_MAX];
	return open_block(modulus, exponent, signature, digest_size, block);
}

/* The digest, n bytes long, of three pieces. */
static void digest_of(size_t n, struct span a, struct span b, struct span c, uint8_t *out)
{
	const struct span pieces[] = { a, b, c };
	SHA_CTX sha1;
	SHA256_CTX sha256;
	SHA512_CTX sha512;
	if (n == 20)
		SHA1_Init(&sha1);
	else if (n == 32)
		SHA256_Init(&sha256);
	else if (n == 48)
		SHA384_Init(&sha512);
	else
		SHA512_Init(&sha512);
	for (size_t i = 0; i < 3; i++) {
		if (n == 20)
			SHA1_Update(&sha1, pieces[i].p, pieces[i].n);
		else if (n == 32)
			SHA256_Update(&sha256, pieces[i].p, pieces[i].n);
		else
			SHA512_Update(&sha512, pieces[i].p, pieces[i].n); /* SHA-384 too */
	}
	if (n == 20)
		SHA1_Final(out, &sha1);
	else if (n == 32)
		SHA256_Final(out, &sha256);
	else if (n == 48)
		SHA384_Final(out, &sha512);
	else
		SHA512_Final(out, &sha512);
}

/* MGF1, appendix B.2.1, added to what it masks. */
static void unmask(uint8_t *db, size_t n, struct span seed)
{
	uint8_t block[64];
	for (size_t at = 0; at < n; at += seed.n) {
		uint32_t i = (uint32_t)(at / seed.n);
		const uint8_t counter[4] = { (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
		digest_of(seed.n, seed, span_of(counter, sizeof counter), span_of("", 0), block);
		for (size_t k = 0; k < seed.n && at + k < n; k++)
			db[at + k] ^= block[k];
	}
}

/* *salt: how long the salt is. */
static bool verify_pss(struct span modulus, uint64_t exponent, struct span signature, struct span digest,
					   size_t *salt_n)
{
	static const uint8_t zeros[8];
	uint8_t block[MODULUS_MAX], again[64];
	size_t n = modulus.n;
	if (!digest_info(digest.n).p || n < MODULUS_MIN || n > MODULUS_MAX || signature.n != n || exponent < 3 ||
		exponent >> 32 || n < 2 * digest.n + 2 || !power(modulus, exponent, signature, block))
		return false;
	size_t db_n = n - digest.n - 1, at = 0;
	struct span hash = span_of(block + db_n, digest.n);
	if (block[n - 1] != 0xbc || block[0] & 0x80)
		return false;
	unmask(block, db_n, hash);
	block[0] &= 0x7f;
	while (at < db_n && !block[at])
		at++;
	if (at == db_n || block[at] != 1)
		return false;
	struct span salt = span_of(block + at + 1, db_n - at - 1);
	*salt_n = salt.n;
	digest_of(digest.n, span_of(zeros, sizeof zeros), digest, salt, again);
	return memcmp(again, hash.p, digest.n) == 0;
}

bool rsa_pss_verify(struct span modulus, uint64_t exponent, struct span signature, struct span digest)
{
	size_t salt;
	return verify_pss(modulus, exponent, signature, digest, &salt);
}

bool rsa_pss_verify_strictly(struct span modulus, uint64_t exponent, struct span signature, struct span digest)
{
	size_t salt;
	return verify_pss(modulus, exponent, signature, digest, &salt) && salt == digest.n;
}
