/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operations of an update payload write. Each piece of packed data is checked against its digest when it is
 * unpacked. */
#include <stdlib.h>

/* OpenSSL's one-shot functions read a configuration file first, which a confined worker may not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/codec.h"
#include "format/android_payload.h"

static bool hash_matches(struct span data, struct span hash)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX context;
	if (!hash.n)
		return true;
	SHA256_Init(&context);
	SHA256_Update(&context, data.p, data.n);
	SHA256_Final(digest, &context);
	return hash.n == sizeof digest && memcmp(digest, hash.p, sizeof digest) == 0;
}

/* All that the operation unpacks to, op->size bytes. */
static enum error_code unpack(const struct payload_operation *op, struct span data, uint8_t *out)
{
	enum codec codec = op->type == PAYLOAD_REPLACE_BZ   ? CODEC_BZIP2
					   : op->type == PAYLOAD_REPLACE_XZ ? CODEC_XZ
														: CODEC_ZSTD;
	size_t n = 0;
	enum error_code code = codec_block(codec, data, out, (size_t)op->size, &n);
	/* What the data lacks is zero; what it has too much is none of the partition. */
	if (code == ERR_BUDGET && n == op->size)
		code = ERR_NONE;
	if (!code)
		memset(out + n, 0, (size_t)op->size - n);
	return code;
}

/* out[0..n) from `skip` bytes into what the operation writes. */
static enum error_code read_operation(const struct payload_partition *p, const struct payload_operation *op,
									  uint64_t skip, uint8_t *out, size_t n)
{
	if (op->type == PAYLOAD_ZERO || op->type == PAYLOAD_DISCARD || !payload_is_full(op->type)) {
		memset(out, 0, n);
		return ERR_NONE;
	}
	struct span data = span_sub(p->data, op->data_at, op->data_size);
	if (!data.p)
		return ERR_TRUNCATED;
	if (!hash_matches(data, op->hash))
		return ERR_CORRUPT;
	if (op->type == PAYLOAD_REPLACE) {
		struct span part = span_clip(data, skip, n);
		if (part.n)
			memcpy(out, part.p, part.n);
		memset(out + part.n, 0, n - part.n);
		return ERR_NONE;
	}
	if (op->size > PAYLOAD_UNPACKED_MAX || atomic_fetch_sub(p->budget, (int_fast64_t)op->size) <= 0)
		return ERR_BUDGET;
	if (skip == 0 && n == op->size)
		return unpack(op, data, out);
	uint8_t *whole = malloc((size_t)op->size);
	enum error_code code = whole ? unpack(op, data, whole) : ERR_MEMORY;
	if (!code)
		memcpy(out, whole + skip, n);
	free(whole);
	return code;
}

/* The first extent that ends behind `offset`. */
static size_t find_extent(const struct payload_partition *p, uint64_t offset)
{
	size_t lo = 0, hi = p->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (p->extents[mid].at + p->extents[mid].size <= offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct error partition_read(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct payload_partition *p = file;
	(void)fs;
	for (size_t i = find_extent(p, offset); n > 0; i++) {
		const struct payload_extent *e = i < p->n ? &p->extents[i] : NULL;
		uint64_t gap = !e ? n : e->at > offset ? e->at - offset : 0;
		size_t zeros = gap < n ? (size_t)gap : n;
		memset(out, 0, zeros);
		out += zeros;
		offset += zeros;
		n -= zeros;
		if (!n)
			break;
		uint64_t skip = offset - e->at, left = e->size - skip;
		size_t part = n < left ? n : (size_t)left;
		enum error_code code = read_operation(p, e->operation, e->skip + skip, out, part);
		if (code)
			return error_at(code, offset, "the operation whose data lies at 0x%llx of the payload's can not be applied",
							(unsigned long long)e->operation->data_at);
		out += part;
		offset += part;
		n -= part;
	}
	return error_none();
}

const struct content_ops payload_ops = { .read = partition_read };
