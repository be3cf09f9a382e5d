/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenSSL's one-shot calls look for a configuration file, which a confined worker can not open: hence the low level. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "format/digest.h"

#include <openssl/md5.h>
#include <openssl/sha.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"

size_t digest_size(enum digest digest)
{
	static const uint8_t sizes[] = { 16, 20, 32, 48, 64 };
	return sizes[digest];
}

static void md5_of(const struct span *parts, size_t n, uint8_t *out)
{
	MD5_CTX c;
	MD5_Init(&c);
	for (size_t i = 0; i < n; i++)
		if (parts[i].n)
			MD5_Update(&c, parts[i].p, parts[i].n);
	MD5_Final(out, &c);
}

static void sha1_of(const struct span *parts, size_t n, uint8_t *out)
{
	SHA_CTX c;
	SHA1_Init(&c);
	for (size_t i = 0; i < n; i++)
		if (parts[i].n)
			SHA1_Update(&c, parts[i].p, parts[i].n);
	SHA1_Final(out, &c);
}

static void sha256_of(const struct span *parts, size_t n, uint8_t *out)
{
	SHA256_CTX c;
	SHA256_Init(&c);
	for (size_t i = 0; i < n; i++)
		if (parts[i].n)
			SHA256_Update(&c, parts[i].p, parts[i].n);
	SHA256_Final(out, &c);
}

static void sha512_of(const struct span *parts, size_t n, bool sha384, uint8_t *out)
{
	SHA512_CTX c;
	if (sha384)
		SHA384_Init(&c);
	else
		SHA512_Init(&c);
	for (size_t i = 0; i < n; i++)
		if (parts[i].n)
			SHA512_Update(&c, parts[i].p, parts[i].n);
	SHA512_Final(out, &c); /* as long as SHA384_Init() has said */
}

void digest_of_parts(enum digest digest, const struct span *parts, size_t n, uint8_t *out)
{
	switch (digest) {
	case DIGEST_MD5:
		md5_of(parts, n, out);
		break;
	case DIGEST_SHA1:
		sha1_of(parts, n, out);
		break;
	case DIGEST_SHA256:
		sha256_of(parts, n, out);
		break;
	default:
		sha512_of(parts, n, digest == DIGEST_SHA384, out);
	}
}

void digest_of(enum digest digest, struct span bytes, uint8_t *out)
{
	digest_of_parts(digest, &bytes, 1, out);
}

bool digest_matches(enum digest digest, struct span bytes, struct span expected)
{
	uint8_t out[DIGEST_MAX];
	if (expected.n != digest_size(digest))
		return false;
	digest_of(digest, bytes, out);
	return memcmp(out, expected.p, expected.n) == 0;
}

bool digest_matches_hex(enum digest digest, struct span bytes, struct text hex)
{
	uint8_t out[DIGEST_MAX];
	char have[2 * DIGEST_MAX + 1];
	if (hex.n != 2 * digest_size(digest))
		return false;
	digest_of(digest, bytes, out);
	hash_hex(out, digest_size(digest), have);
	return strncasecmp(have, hex.p, hex.n) == 0;
}

void digest_emit_hex(struct sink *sink, uint64_t offset, const char *name, struct span bytes)
{
	char hex[2 * DIGEST_MAX + 1];
	hash_hex(bytes.p, bytes.n < DIGEST_MAX ? bytes.n : DIGEST_MAX, hex);
	emit_header_field(sink, offset, name, "%s", hex);
}
