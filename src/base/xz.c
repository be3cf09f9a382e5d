/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/xz.h"

#include <lzma.h>
#include <openssl/sha.h>

#include "base/hash.h"
#include "base/lzma.h"

enum { CHECK_NONE = 0, CHECK_CRC32 = 1, CHECK_CRC64 = 4, CHECK_SHA256 = 10 };

/* Section 2.1.1.2: sizes of the check field by its id. */
static const uint8_t check_sizes[16] = { 0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64 };

/* Section 1.2: integers of variable length. */
static uint64_t read_vli(struct reader *r)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 63; shift += 7) {
		uint8_t b = rd_u8(r);
		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
	r->failed = true;
	return 0;
}

static bool check_matches(unsigned check, struct span data, struct span stored)
{
	switch (check) {
	case CHECK_CRC32:
		return hash_crc32(0, data) == span_u32le(stored, 0);
	case CHECK_CRC64:
		return lzma_crc64(data.p, data.n, 0) == ((uint64_t)span_u32le(stored, 4) << 32 | span_u32le(stored, 0));
	case CHECK_SHA256: {
		uint8_t digest[SHA256_DIGEST_LENGTH];
		SHA256(data.p, data.n, digest);
		return memcmp(digest, stored.p, sizeof digest) == 0;
	}
	default:
		return true; /* none, or one that nobody defined yet */
	}
}

/* Section 3.1: a block's header up to its CRC32; `size` is the header's real size. */
static enum error_code block_header(struct span in, size_t *size)
{
	*size = in.n ? ((size_t)in.p[0] + 1) * 4 : 0;
	struct span header = span_sub(in, 0, *size);
	if (!header.p || *size < 8)
		return ERR_TRUNCATED;
	struct reader r = reader_le(span_sub(header, 1, *size - 5));
	if (hash_crc32(0, span_sub(header, 0, *size - 4)) != span_u32le(header, *size - 4))
		return ERR_CORRUPT;
	uint8_t flags = rd_u8(&r);
	if (flags & 0x40)
		(void)read_vli(&r);
	if (flags & 0x80)
		(void)read_vli(&r);
	if ((flags & 3) != 0 || read_vli(&r) != LZMA_FILTER_LZMA2)
		return ERR_UNSUPPORTED;
	return rd_ok(&r) ? ERR_NONE : ERR_CORRUPT;
}

static enum error_code decode_block(struct reader *r, unsigned check, uint8_t *out, size_t out_max, size_t *out_n)
{
	size_t header, used;
	enum error_code code = block_header(span_from(r->bytes, r->at), &header);
	*out_n = 0;
	if (code)
		return code;
	rd_skip(r, header);
	code = lzma2_decode(span_from(r->bytes, r->at), out, out_max, &used, out_n);
	if (code)
		return code;
	rd_skip(r, used);
	rd_skip(r, (4 - used % 4) % 4);
	struct span stored = rd_bytes(r, check_sizes[check]);
	if (!rd_ok(r))
		return ERR_TRUNCATED;
	return check_matches(check, span_of(out, *out_n), stored) ? ERR_NONE : ERR_CORRUPT;
}

/* Sections 4 and 2.1.2: the index, whose records must be as many as there were blocks, and the footer. */
static enum error_code check_end(struct reader *r, uint64_t blocks, uint16_t flags)
{
	size_t start = r->at;
	rd_skip(r, 1);
	if (read_vli(r) != blocks)
		return rd_ok(r) ? ERR_CORRUPT : ERR_TRUNCATED;
	for (uint64_t i = 0; i < 2 * blocks && rd_ok(r); i++)
		(void)read_vli(r);
	rd_skip(r, (4 - (r->at - start) % 4) % 4);
	size_t n = r->at - start;
	uint32_t crc = rd_u32(r);
	if (!rd_ok(r))
		return ERR_TRUNCATED;
	struct span index = span_sub(r->bytes, start, n);
	struct span footer = rd_bytes(r, 12);
	if (!rd_ok(r))
		return ERR_TRUNCATED;
	bool ok = hash_crc32(0, index) == crc && span_has(footer, 10, "YZ", 2) && span_u16be(footer, 8) == flags &&
	          hash_crc32(0, span_sub(footer, 4, 6)) == span_u32le(footer, 0) &&
	          ((uint64_t)span_u32le(footer, 4) + 1) * 4 == n + 4;
	return ok ? ERR_NONE : ERR_CORRUPT;
}

enum error_code xz_decode(struct span in, uint8_t *out, size_t out_max, size_t *in_used, size_t *out_n)
{
	*in_used = *out_n = 0;
	struct span header = span_sub(in, 0, 12);
	if (!header.p)
		return ERR_TRUNCATED;
	uint16_t flags = span_u16be(header, 6);
	if (!span_starts(header, "\xfd" "7zXZ", 6) || flags > 15 || hash_crc32(0, span_sub(header, 6, 2)) != span_u32le(header, 8))
		return ERR_CORRUPT;
	struct reader r = reader_le(in);
	enum error_code code = ERR_NONE;
	uint64_t blocks = 0;
	rd_skip(&r, 12);
	while (!code && r.at < in.n && in.p[r.at] != 0) {
		size_t n;
		code = decode_block(&r, flags, out + *out_n, out_max - *out_n, &n);
		*out_n += n;
		blocks++;
	}
	if (!code)
		code = check_end(&r, blocks, flags);
	*in_used = r.at;
	return code;
}
