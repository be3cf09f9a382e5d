/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests. SHA-256 through OpenSSL, which uses the processor's SHA instructions where it has them. */
#ifndef ASSAY_BASE_HASH_H
#define ASSAY_BASE_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

/* SHA-256 of the bytes as 64 lower-case hex digits and a terminator. */
void hash_sha256_hex(struct span bytes, char hex[65]);

/* The same of many bytes: after every so many of them, `done` is told. */
void hash_sha256_pieces(struct span bytes, size_t piece, void (*done)(void *context, struct span piece), void *context,
						char hex[65]);

/* The same, but zeros that nobody stored (base/holes.h) are not read. */
void hash_sha256_sparse(struct span bytes, size_t piece, void (*done)(void *context, struct span piece), void *context,
						char hex[65]);

/* SHA-256 of the first `size` bytes of a file, as above; false when they can not be read. */
bool hash_sha256_file(int fd, uint64_t size, char hex[65]) MUST_USE;

/* CRC-32 (IEEE 802.3, reflected, as in zlib, uImage and TRX), starting from `crc` (0 at first). */
uint32_t hash_crc32(uint32_t crc, struct span bytes);

/* The same CRC's register after these bytes, without the inversions at the beginning and the end. */
uint32_t hash_crc32_raw(uint32_t crc, struct span bytes);

/* A CRC of 16 bits, low bit first; `polynomial` has its bits in that order too. */
uint16_t hash_crc16(uint16_t polynomial, uint16_t crc, struct span bytes);

/* The sum of the bytes. */
uint32_t hash_sum(struct span bytes);

/* Adler-32 (RFC 1950, section 8.2). */
uint32_t hash_adler32(struct span bytes);
/* The same of what goes on behind bytes of that sum; that of none is 1. */
uint32_t hash_adler32_more(uint32_t sum, struct span bytes);

/* XXH64 with the seed 0 (xxHash's specification 0.1.1), as btrfs and zstd have it. */
uint64_t hash_xxh64(struct span bytes);

/* Bytes as lower-case hex; out holds 2 * n + 1 characters. */
void hash_hex(const uint8_t *bytes, size_t n, char *out);

#endif
