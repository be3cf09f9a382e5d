/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenSSL 3 marks its low-level digests as deprecated, but its one-shot calls look for a configuration file, which a
 * confined worker can not open. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <errno.h>
#include <libdeflate.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <unistd.h>

uint32_t hash_adler32(struct span bytes)
{
	return libdeflate_adler32(1, bytes.p, bytes.n);
}

uint32_t hash_adler32_more(uint32_t sum, struct span bytes)
{
	return bytes.n ? libdeflate_adler32(sum, bytes.p, bytes.n) : sum;
}

void hash_hex(const uint8_t *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

void hash_sha256_hex(struct span bytes, char hex[65])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX context;
	SHA256_Init(&context);
	if (bytes.n)
		SHA256_Update(&context, bytes.p, bytes.n);
	SHA256_Final(digest, &context);
	hash_hex(digest, sizeof digest, hex);
}

void hash_sha256_pieces(struct span bytes, size_t piece, void (*done)(void *context, struct span piece), void *context,
						char hex[65])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX sha;
	SHA256_Init(&sha);
	for (uint64_t at = 0; at < bytes.n; at += piece) {
		struct span part = span_clip(bytes, at, piece);
		SHA256_Update(&sha, part.p, part.n);
		done(context, part);
	}
	SHA256_Final(digest, &sha);
	hash_hex(digest, sizeof digest, hex);
}

bool hash_sha256_file(int fd, uint64_t size, char hex[65])
{
	enum { PIECE = 1 << 20 };
	uint8_t digest[SHA256_DIGEST_LENGTH], *piece = malloc(PIECE);
	if (!piece)
		return false;
	SHA256_CTX context;
	SHA256_Init(&context);
	uint64_t at = 0;
	while (at < size) {
		ssize_t n = pread(fd, piece, size - at < PIECE ? (size_t)(size - at) : PIECE, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		SHA256_Update(&context, piece, (size_t)n);
		at += (uint64_t)n;
	}
	SHA256_Final(digest, &context);
	hash_hex(digest, sizeof digest, hex);
	free(piece);
	return at == size;
}

uint32_t hash_crc32(uint32_t crc, struct span bytes)
{
	return bytes.n ? libdeflate_crc32(crc, bytes.p, bytes.n) : crc;
}

uint32_t hash_crc32_raw(uint32_t crc, struct span bytes)
{
	return ~hash_crc32(~crc, bytes);
}

uint16_t hash_crc16(uint16_t polynomial, uint16_t crc, struct span bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		crc ^= bytes.p[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc >> 1 ^ (crc & 1 ? polynomial : 0));
	}
	return crc;
}

uint32_t hash_sum(struct span bytes)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < bytes.n; i++)
		sum += bytes.p[i];
	return sum;
}
