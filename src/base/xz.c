/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/xz.h"

#include <lzma.h>

#include "base/bcj.h"
#include "base/hash.h"
#include "base/leb128.h"
#include "base/lzma.h"

enum { CHECK_NONE = 0, CHECK_CRC32 = 1, CHECK_CRC64 = 4, CHECK_SHA256 = 10 };

/* Section 2.1.1.2: sizes of the check field by its id. */
static const uint8_t check_sizes[16] = { 0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64 };

static bool check_matches(unsigned check, struct span data, struct span stored)
{
	switch (check) {
	case CHECK_CRC32:
		return hash_crc32(0, data) == span_u32le(stored, 0);
	case CHECK_CRC64:
		return lzma_crc64(data.p, data.n, 0) == ((uint64_t)span_u32le(stored, 4) << 32 | span_u32le(stored, 0));
	case CHECK_SHA256: {
		char computed[65], said[65];
		hash_sha256_hex(data, computed);
		hash_hex(stored.p, stored.n, said);
		return memcmp(computed, said, sizeof said) == 0;
	}
	default:
		return true; /* none, or one that nobody defined yet */
	}
}

/* Section 3.1: what a block's header says. */
struct block {
	size_t header;             /* bytes of the header */
	uint64_t packed, unpacked; /* UINT64_MAX: not said */
	uint64_t branch_filter;    /* id of the filter before LZMA2, 0: none */
	uint32_t branch_start;
};

/* A branch filter's flags: its properties are nothing, or the start offset (section 5.3.2). */
static bool branch_filter(struct reader *r, struct block *b)
{
	b->branch_filter = rd_leb128(r);
	uint64_t properties = rd_leb128(r);
	if (properties == 4)
		b->branch_start = rd_u32(r);
	return bcj_known(b->branch_filter) && (properties == 0 || properties == 4);
}

static enum error_code block_header(struct span in, struct block *b)
{
	b->header = in.n ? ((size_t)in.p[0] + 1) * 4 : 0;
	struct span header = span_sub(in, 0, b->header);
	if (!header.p || b->header < 8)
		return ERR_TRUNCATED;
	struct reader r = reader_le(span_sub(header, 1, b->header - 5));
	if (hash_crc32(0, span_sub(header, 0, b->header - 4)) != span_u32le(header, b->header - 4))
		return ERR_CORRUPT;
	uint8_t flags = rd_u8(&r);
	b->packed = flags & 0x40 ? rd_leb128(&r) : UINT64_MAX;
	b->unpacked = flags & 0x80 ? rd_leb128(&r) : UINT64_MAX;
	unsigned filters = (flags & 3) + 1u;
	b->branch_filter = b->branch_start = 0;
	if (flags & 0x3c || filters > 2 || (filters == 2 && !branch_filter(&r, b)) || rd_leb128(&r) != LZMA_FILTER_LZMA2)
		return ERR_UNSUPPORTED;
	/* One byte of properties, the dictionary's size, which our decoder has no use for. */
	bool ok = rd_leb128(&r) == 1 && rd_u8(&r) <= 40 && rd_ok(&r) && span_is_zero(span_from(r.bytes, r.at));
	return ok ? ERR_NONE : ERR_CORRUPT;
}

/* The sizes of blocks in a number, to compare them with the index without keeping them (FNV-1a over whole numbers). */
static uint64_t mix_sizes(uint64_t h, uint64_t unpadded, uint64_t unpacked)
{
	h = (h ^ unpadded) * 0x100000001b3u;
	return (h ^ unpacked) * 0x100000001b3u;
}

/* Where blocks go: fixed room, or a buffer that grows. */
struct target {
	uint8_t *out;
	size_t max, n;
	struct buf *grows;
};

static enum error_code decode_data(struct span in, struct target *t, size_t *used)
{
	if (t->grows) {
		enum error_code code = lzma2_decode_buf(in, t->grows, used);
		t->out = t->grows->p;
		t->n = t->grows->n;
		return code;
	}
	size_t n;
	enum error_code code = lzma2_decode(in, t->out + t->n, t->max - t->n, used, &n);
	t->n += n;
	return code;
}

static enum error_code decode_block(struct reader *r, unsigned check, struct target *t, uint64_t *sizes)
{
	struct block b;
	size_t used, before = t->n;
	enum error_code code = block_header(span_from(r->bytes, r->at), &b);
	if (code)
		return code;
	rd_skip(r, b.header);
	code = decode_data(span_from(r->bytes, r->at), t, &used);
	if (code)
		return code;
	rd_skip(r, used);
	struct span padding = rd_bytes(r, (4 - used % 4) % 4), stored = rd_bytes(r, check_sizes[check]);
	if (!rd_ok(r))
		return ERR_TRUNCATED;
	struct span data = t->n > before ? span_of(t->out + before, t->n - before) : SPAN_NONE;
	if (b.branch_filter && data.n)
		(void)bcj_decode(b.branch_filter, b.branch_start, t->out + before, data.n);
	*sizes = mix_sizes(*sizes, b.header + used + stored.n, data.n);
	bool ok = span_is_zero(padding) && (b.packed == UINT64_MAX || b.packed == used) &&
	          (b.unpacked == UINT64_MAX || b.unpacked == data.n) && check_matches(check, data, stored);
	return ok ? ERR_NONE : ERR_CORRUPT;
}

/* Sections 4 and 2.1.2: the index, which repeats the blocks' sizes, and the footer. */
static enum error_code check_end(struct reader *r, uint64_t blocks, uint64_t sizes, uint16_t flags)
{
	size_t start = r->at;
	uint64_t said = 0;
	rd_skip(r, 1);
	if (rd_leb128(r) != blocks)
		return rd_ok(r) ? ERR_CORRUPT : ERR_TRUNCATED;
	for (uint64_t i = 0; i < blocks && rd_ok(r); i++) {
		uint64_t unpadded = rd_leb128(r);
		said = mix_sizes(said, unpadded, rd_leb128(r));
	}
	struct span padding = rd_bytes(r, (4 - (r->at - start) % 4) % 4);
	size_t n = r->at - start;
	uint32_t crc = rd_u32(r);
	struct span index = span_sub(r->bytes, start, n), footer = rd_bytes(r, 12);
	if (!rd_ok(r))
		return ERR_TRUNCATED;
	bool ok = said == sizes && span_is_zero(padding) && hash_crc32(0, index) == crc && span_has(footer, 10, "YZ", 2) &&
	          span_u16be(footer, 8) == flags && hash_crc32(0, span_sub(footer, 4, 6)) == span_u32le(footer, 0) &&
	          ((uint64_t)span_u32le(footer, 4) + 1) * 4 == n + 4;
	return ok ? ERR_NONE : ERR_CORRUPT;
}

static enum error_code decode_stream(struct span in, struct target *t, size_t *in_used)
{
	*in_used = 0;
	struct span header = span_sub(in, 0, 12);
	if (!header.p)
		return ERR_TRUNCATED;
	uint16_t flags = span_u16be(header, 6);
	if (!span_starts(header, "\xfd" "7zXZ", 6) || flags > 15 || hash_crc32(0, span_sub(header, 6, 2)) != span_u32le(header, 8))
		return ERR_CORRUPT;
	struct reader r = reader_le(in);
	enum error_code code = ERR_NONE;
	uint64_t blocks = 0, sizes = 0;
	rd_skip(&r, 12);
	for (; !code && r.at < in.n && in.p[r.at] != 0; blocks++)
		code = decode_block(&r, flags, t, &sizes);
	if (!code)
		code = check_end(&r, blocks, sizes, flags);
	*in_used = r.at;
	return code;
}

enum error_code xz_decode(struct span in, uint8_t *out, size_t out_max, size_t *in_used, size_t *out_n)
{
	struct target t = { .out = out, .max = out_max };
	enum error_code code = decode_stream(in, &t, in_used);
	*out_n = t.n;
	return code;
}

enum error_code xz_decode_buf(struct span in, struct buf *out, size_t *in_used)
{
	struct target t = { .out = out->p, .n = out->n, .grows = out };
	return decode_stream(in, &t, in_used);
}

enum error_code xz_block_decode_buf(struct span in, unsigned check, struct buf *out)
{
	struct target t = { .out = out->p, .n = out->n, .grows = out };
	struct reader r = reader_le(in);
	uint64_t sizes = 0;
	return check < sizeof check_sizes ? decode_block(&r, check, &t, &sizes) : ERR_CORRUPT;
}
