/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The digests that updates carry of their payloads. */
#ifndef ASSAY_FORMAT_DIGEST_H
#define ASSAY_FORMAT_DIGEST_H

#include "format/format.h"

#define DIGEST_MAX 64u
#define DIGEST_MD5_SIZE 16u
#define DIGEST_SHA1_SIZE 20u
#define DIGEST_SHA512_SIZE 64u

enum digest { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

/* In bytes. */
size_t digest_size(enum digest digest);
/* The digest of the bytes, digest_size() long. */
void digest_of(enum digest digest, struct span bytes, uint8_t *out);

/* The digest of pieces one after the other. */
void digest_of_parts(enum digest digest, const struct span *parts, size_t n, uint8_t *out);

/* Whether `expected` is the digest of the bytes; false when its length is another one's. */
bool digest_matches(enum digest digest, struct span bytes, struct span expected);

/* The same for hex digits of either case. */
bool digest_matches_hex(enum digest digest, struct span bytes, struct text hex);

/* Shows bytes as a header field in hex; longer ones than DIGEST_MAX are cut. */
void digest_emit_hex(struct sink *sink, uint64_t offset, const char *name, struct span bytes);

#endif
