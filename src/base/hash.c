/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenSSL 3 marks its low-level digests as deprecated, but its one-shot calls look for a configuration file, which a
 * confined worker can not open. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"
#include "base/holes.h"
#include "base/work.h"

#include <errno.h>
#include <libdeflate.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

uint32_t hash_adler32(struct span bytes)
{
	work_add_summed(bytes.n);
	return libdeflate_adler32(1, bytes.p, bytes.n);
}

uint32_t hash_adler32_more(uint32_t sum, struct span bytes)
{
	work_add_summed(bytes.n);
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

static void add_zeros(SHA256_CTX *sha, uint64_t n)
{
	static const uint8_t zeros[65536];
	for (; n; n -= n < sizeof zeros ? n : sizeof zeros)
		SHA256_Update(sha, zeros, n < sizeof zeros ? (size_t)n : sizeof zeros);
}

void hash_sha256_sparse(struct span bytes, size_t piece, void (*done)(void *context, struct span piece), void *context,
						char hex[65])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	uint64_t hashed = 0;
	SHA256_CTX sha;
	SHA256_Init(&sha);
	for (uint64_t at = 0, end; (at = holes_next(bytes, at, &end)) < bytes.n;) {
		add_zeros(&sha, at - hashed);
		struct span part = span_clip(bytes, at, end - at < piece ? end - at : piece);
		SHA256_Update(&sha, part.p, part.n);
		done(context, part);
		at = hashed = at + part.n;
	}
	add_zeros(&sha, bytes.n - hashed);
	SHA256_Final(digest, &sha);
	hash_hex(digest, sizeof digest, hex);
}

/* Where the next bytes of a file are that are not in a hole, and where these end. All are, where the file does not tell. */
static uint64_t next_data(int fd, uint64_t at, uint64_t size, uint64_t *end)
{
	struct stat now;
	*end = size;
	if (fstat(fd, &now) || !S_ISREG(now.st_mode) || (uint64_t)now.st_size < size)
		return at; /* what is behind the end of the file is no hole */
	off_t data = lseek(fd, (off_t)at, SEEK_DATA);
	if (data < 0)
		return errno == ENXIO ? size : at;
	if ((uint64_t)data >= size)
		return size;
	off_t hole = lseek(fd, data, SEEK_HOLE);
	if (hole > data && (uint64_t)hole < size)
		*end = (uint64_t)hole;
	return (uint64_t)data;
}

bool hash_sha256_file(int fd, uint64_t size, char hex[65])
{
	enum { PIECE = 1 << 20 };
	uint8_t digest[SHA256_DIGEST_LENGTH], *piece = malloc(PIECE);
	if (!piece)
		return false;
	SHA256_CTX context;
	SHA256_Init(&context);
	off_t before = lseek(fd, 0, SEEK_CUR);
	uint64_t at = 0, asked = 0;
	while (at < size) {
		if (at >= asked) {
			uint64_t data = next_data(fd, at, size, &asked);
			add_zeros(&context, data - at);
			at = data;
			continue;
		}
		ssize_t n = pread(fd, piece, asked - at < PIECE ? (size_t)(asked - at) : PIECE, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		SHA256_Update(&context, piece, (size_t)n);
		at += (uint64_t)n;
	}
	if (before >= 0)
		(void)lseek(fd, before, SEEK_SET);
	SHA256_Final(digest, &context);
	hash_hex(digest, sizeof digest, hex);
	free(piece);
	return at == size;
}

uint32_t hash_crc32(uint32_t crc, struct span bytes)
{
	work_add_summed(bytes.n);
	return bytes.n ? libdeflate_crc32(crc, bytes.p, bytes.n) : crc;
}

uint32_t hash_crc32_raw(uint32_t crc, struct span bytes)
{
	return ~hash_crc32(~crc, bytes);
}

uint16_t hash_crc16(uint16_t polynomial, uint16_t crc, struct span bytes)
{
	work_add(8 * (uint64_t)bytes.n);
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
	work_add_summed(bytes.n);
	for (size_t i = 0; i < bytes.n; i++)
		sum += bytes.p[i];
	return sum;
}

#define XX_1 UINT64_C(0x9e3779b185ebca87)
#define XX_2 UINT64_C(0xc2b2ae3d27d4eb4f)
#define XX_3 UINT64_C(0x165667b19e3779f9)
#define XX_4 UINT64_C(0x85ebca77c2b2ae63)
#define XX_5 UINT64_C(0x27d4eb2f165667c5)

static uint64_t rotate(uint64_t v, unsigned bits)
{
	return v << bits | v >> (64 - bits);
}

static uint64_t u64le(struct span s, size_t at)
{
	return span_u32le(s, at) | (uint64_t)span_u32le(s, at + 4) << 32;
}

static uint64_t xx_round(uint64_t sum, uint64_t lane)
{
	return rotate(sum + lane * XX_2, 31) * XX_1;
}

/* Stripes of 32 bytes, in four lanes. */
static uint64_t xx_stripes(struct span bytes, size_t *at)
{
	uint64_t v[4] = { XX_1 + XX_2, XX_2, 0, 0 - XX_1 };
	for (; bytes.n - *at >= 32; *at += 32)
		for (unsigned i = 0; i < 4; i++)
			v[i] = xx_round(v[i], u64le(bytes, *at + 8 * i));
	uint64_t h = rotate(v[0], 1) + rotate(v[1], 7) + rotate(v[2], 12) + rotate(v[3], 18);
	for (unsigned i = 0; i < 4; i++)
		h = (h ^ xx_round(0, v[i])) * XX_1 + XX_4;
	return h;
}

uint64_t hash_xxh64(struct span bytes)
{
	size_t at = 0;
	work_add_summed(bytes.n);
	uint64_t h = (bytes.n >= 32 ? xx_stripes(bytes, &at) : XX_5) + bytes.n;
	for (; bytes.n - at >= 8; at += 8)
		h = rotate(h ^ xx_round(0, u64le(bytes, at)), 27) * XX_1 + XX_4;
	if (bytes.n - at >= 4) {
		h = rotate(h ^ span_u32le(bytes, at) * XX_1, 23) * XX_2 + XX_3;
		at += 4;
	}
	for (; at < bytes.n; at++)
		h = rotate(h ^ bytes.p[at] * XX_5, 11) * XX_1;
	h = (h ^ h >> 33) * XX_2;
	h = (h ^ h >> 29) * XX_3;
	return h ^ h >> 32;
}
