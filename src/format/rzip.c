/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rzip and lrzip: chunks of two streams, of which one tells what is taken from before and what from the other one. Both are in blocks,
 * each packed by itself, in a chain.
 *
 * Specification: rzip 2.1, stream.c, runzip.c; lrzip doc/magic.header.txt (0.6), stream.c, runzip.c.
 */
#include "base/codec.h"
#include "base/hash.h"
#include "base/lzma.h"
#include "format/digest.h"
#include "format/format.h"

#define MAGIC_SIZE 24u
#define BLOCK_MAX ((size_t)256 << 20)
#define MD5_AT 21u
#define ENCRYPTED_AT 22u
#define MINOR 6u

enum { TYPE_NONE = 3, TYPE_BZIP2, TYPE_LZO, TYPE_LZMA, TYPE_GZIP, TYPE_ZPAQ };

/* What rzip and lrzip differ in: the width of numbers, and what stands before the heads of the streams. */
struct chunk {
	struct span bytes; /* from where the numbers of the chains count */
	uint64_t size;     /* LRZIP: what comes out; 0 where it is not said */
	struct lzma_props lzma;
	unsigned width, offset_width;
	bool last;
};

struct stream {
	const struct chunk *chunk;
	uint64_t next; /* the head of the next block; 0: there is none */
	struct buf block;
	size_t at;
	uint64_t *end; /* of all blocks of the chunk */
	struct error error;
};

struct head {
	uint8_t type;
	uint64_t packed, size, next;
};

static unsigned head_size(const struct chunk *c)
{
	return 1 + 3 * c->width;
}

static bool head_read(const struct chunk *c, uint64_t at, struct head *h)
{
	struct reader r = reader_le(span_sub(c->bytes, at, head_size(c)));
	h->type = rd_u8(&r);
	h->packed = rd_uint(&r, c->width);
	h->size = rd_uint(&r, c->width);
	h->next = rd_uint(&r, c->width);
	return rd_ok(&r);
}

/* Stream headers before all blocks, which hold nothing. */
static bool heads_are_empty(const struct chunk *c)
{
	struct head first, second;
	uint64_t both = 2 * (uint64_t)head_size(c);
	return head_read(c, 0, &first) && head_read(c, head_size(c), &second) && first.type == TYPE_NONE && second.type == TYPE_NONE &&
		   !first.packed && !first.size && !second.packed && !second.size && (first.next >= both || !first.next) &&
		   (second.next >= both || !second.next) && (first.next || second.next);
}

static enum error_code block_unpack(const struct chunk *c, const struct head *h, struct span packed, struct buf *out)
{
	size_t used, n = 0;
	enum error_code code = buf_reserve(out, h->size);
	if (code)
		return code;
	switch (h->type) {
	case TYPE_NONE:
		n = packed.n < h->size ? packed.n : (size_t)h->size;
		if (n)
			memcpy(out->p, packed.p, n);
		break;
	case TYPE_BZIP2:
		code = codec_block(CODEC_BZIP2, packed, out->p, h->size, &n);
		break;
	case TYPE_GZIP:
		code = codec_block(CODEC_ZLIB, packed, out->p, h->size, &n);
		break;
	case TYPE_LZO:
		code = codec_block(CODEC_LZO1X, packed, out->p, h->size, &n);
		break;
	case TYPE_LZMA:
		code = lzma1_decode(c->lzma, packed, out->p, h->size, &used, &n, NULL);
		break;
	default:
		return ERR_UNSUPPORTED;
	}
	out->n = n;
	return code ? code : n == h->size ? ERR_NONE : ERR_TRUNCATED;
}

/* Room is made as the bytes come, so that a size alone costs nothing: the codecs of blocks take it at once, but from so many bytes no more
 * can come. */
static bool is_possible(const struct head *h)
{
	uint64_t most = h->type == TYPE_NONE ? 1 : h->type == TYPE_BZIP2 ? 65536 : h->type == TYPE_LZMA ? 32768 : 1100;
	return h->size <= BLOCK_MAX && h->size / most <= h->packed;
}

static bool next_block(struct stream *s)
{
	const struct chunk *c = s->chunk;
	uint64_t at = s->next;
	struct head h;
	if (!at || error_is(&s->error))
		return false;
	if (!head_read(c, at, &h)) {
		s->error = error_at(ERR_TRUNCATED, at, "the head of a block is cut off");
		return false;
	}
	struct span packed = span_clip(c->bytes, at + head_size(c), h.packed);
	*s->end = at + head_size(c) + packed.n > *s->end ? at + head_size(c) + packed.n : *s->end;
	if (h.next && h.next <= at)
		s->error = error_at(ERR_CORRUPT, at, "the next block of a stream stands before this one");
	s->next = error_is(&s->error) ? 0 : h.next;
	s->at = s->block.n = 0;
	enum error_code code = is_possible(&h) ? block_unpack(c, &h, packed, &s->block) : h.type > TYPE_ZPAQ ? ERR_CORRUPT : ERR_BUDGET;
	if (h.type == TYPE_ZPAQ)
		s->error = error_at(ERR_UNSUPPORTED, at, "a block is packed with ZPAQ, which is not read");
	else if (code || packed.n < h.packed)
		s->error = error_at(packed.n < h.packed ? ERR_TRUNCATED : code, at, "a block of %llu bytes does not unpack", (unsigned long long)h.size);
	return s->block.n > 0;
}

/* The next bytes of the stream, at most n, in *got. False at its end. */
static bool stream_take(struct stream *s, size_t n, struct span *got)
{
	while (s->at == s->block.n)
		if (!next_block(s))
			return false;
	*got = span_clip(buf_span(&s->block), s->at, n);
	s->at += got->n;
	return true;
}

static bool stream_number(struct stream *s, unsigned width, uint64_t *v)
{
	*v = 0;
	for (unsigned i = 0; i < width; i++) {
		struct span byte;
		if (!stream_take(s, 1, &byte))
			return false;
		*v |= (uint64_t)byte.p[0] << 8 * i;
	}
	return true;
}

static enum error_code copy_literal(struct stream *from, uint64_t n, struct buf *out)
{
	while (n) {
		struct span s;
		if (!stream_take(from, (size_t)n, &s))
			return error_is(&from->error) ? from->error.code : ERR_TRUNCATED;
		enum error_code code = buf_add(out, s.p, s.n);
		if (code)
			return code;
		n -= s.n;
	}
	return ERR_NONE;
}

static enum error_code copy_match(uint64_t back, uint64_t n, size_t first, struct buf *out)
{
	if (!back || back > out->n - first)
		return ERR_CORRUPT;
	enum error_code code = buf_reserve(out, n);
	for (; !code && n; n--, out->n++)
		out->p[out->n] = out->p[out->n - back];
	return code;
}

/* The first stream: what to do with how many bytes, up to one of nothing, and a CRC behind that. `first` is where the whole file begins. */
static struct error run_chunk(struct stream s[2], size_t first, struct buf *out)
{
	size_t begin = out->n;
	uint64_t what = 0, n = 0, back = 0, crc;
	for (;;) {
		if (!stream_number(&s[0], 1, &what) || !stream_number(&s[0], 2, &n))
			return error_is(&s[0].error) ? s[0].error : error_at(ERR_TRUNCATED, 0, "a chunk ends before its end is told");
		if (!what && !n)
			break;
		if (what && !stream_number(&s[0], s[0].chunk->offset_width, &back))
			return error_is(&s[0].error) ? s[0].error : error_at(ERR_TRUNCATED, 0, "a chunk ends before its end is told");
		enum error_code code = what ? copy_match(back, n, first, out) : copy_literal(&s[1], n, out);
		if (code)
			return error_is(&s[1].error) ? s[1].error : error_at(code, 0, "%llu bytes of a chunk do not come out", (unsigned long long)n);
	}
	if (!stream_number(&s[0], 4, &crc))
		return error_at(ERR_TRUNCATED, 0, "the CRC of a chunk is missing");
	if (crc != hash_crc32_raw(0, span_from(buf_span(out), begin)))
		return error_at(ERR_CORRUPT, 0, "a chunk has another CRC than it says");
	return error_none();
}

/* One chunk; *end is where its last block ends. */
static struct error chunk_unpack(const struct chunk *c, size_t first, struct buf *out, uint64_t *end)
{
	struct stream s[2];
	struct head heads[2];
	*end = 2 * (uint64_t)head_size(c);
	for (unsigned i = 0; i < 2; i++) {
		if (!head_read(c, (uint64_t)i * head_size(c), &heads[i]))
			return error_at(ERR_TRUNCATED, 0, "the heads of a chunk's streams are cut off");
		s[i] = (struct stream){ .chunk = c, .next = heads[i].next, .block = buf_with_limit(BLOCK_MAX), .end = end };
	}
	struct error e = heads_are_empty(c) ? run_chunk(s, first, out) : error_at(ERR_CORRUPT, 0, "no heads of streams where a chunk is due");
	buf_free(&s[0].block);
	buf_free(&s[1].block);
	return e;
}

/* Where a chunk of rzip begins: numbers of four bytes, and nothing before the heads. */
static bool rzip_chunk(struct span bytes, uint64_t at, struct chunk *c)
{
	*c = (struct chunk){ .bytes = span_from(bytes, at), .width = 4, .offset_width = 4 };
	return c->bytes.n > 0;
}

static bool rzip_probe(struct span at, struct format_match *match)
{
	struct chunk c;
	match->confidence = 90;
	return span_starts(at, "RZIP\2", 5) && at.p[5] <= 9 && rzip_chunk(at, MAGIC_SIZE, &c) && heads_are_empty(&c);
}

static struct error rzip_unpack(struct span bytes, struct buf *out, size_t *used)
{
	size_t first = out->n;
	uint64_t size = span_u32be(bytes, 6), at = MAGIC_SIZE, end = 0;
	struct error e = error_none();
	for (struct chunk c; !error_is(&e) && out->n - first < size; at += end) {
		if (!rzip_chunk(bytes, at, &c)) {
			e = error_at(ERR_TRUNCATED, bytes.n, "%zu of %llu bytes came out", out->n - first, (unsigned long long)size);
			break;
		}
		size_t before = out->n;
		e = chunk_unpack(&c, first, out, &end);
		e.offset += error_is(&e) ? at : 0;
		if (!error_is(&e) && out->n == before)
			e = error_at(ERR_CORRUPT, at, "a chunk of nothing");
	}
	*used = (size_t)(at < bytes.n ? at : bytes.n);
	return e;
}

/* Before the heads of lrzip's streams: the width of its numbers, whether it is the last chunk, what comes out. */
static bool lrzip_chunk(struct span bytes, uint64_t at, struct chunk *c)
{
	struct reader r = reader_le(span_from(bytes, at));
	*c = (struct chunk){ .width = rd_u8(&r) };
	c->last = rd_u8(&r) == 1;
	c->offset_width = c->width;
	if (c->width < 1 || c->width > 8)
		return false;
	c->size = rd_uint(&r, c->width);
	c->bytes = span_from(bytes, at + 2 + c->width);
	return lzma_props_split(span_sub(bytes, 16, 1).n ? bytes.p[16] : 0, &c->lzma) && rd_ok(&r);
}

static bool lrzip_probe(struct span at, struct format_match *match)
{
	struct chunk c;
	match->confidence = 90;
	if (!span_starts(at, "LRZI\0", 5) || at.n < MAGIC_SIZE + 2 || at.p[5] != MINOR || at.p[MD5_AT] > 1 || at.p[ENCRYPTED_AT] > 1)
		return false;
	if (at.p[ENCRYPTED_AT])
		return at.p[23] == 0 && at.p[MAGIC_SIZE] - 1u < 8 && at.p[MAGIC_SIZE + 1] <= 1;
	return lrzip_chunk(at, MAGIC_SIZE, &c) && at.p[MAGIC_SIZE + 1] <= 1 && heads_are_empty(&c);
}

/* Of other versions only the mark is known. */
static bool lrzip_probe_whole(struct span all, struct format_match *match)
{
	*match = (struct format_match){ .size = all.n, .confidence = 50 };
	return span_starts(all, "LRZI\0", 5) && all.n > MAGIC_SIZE && all.p[5] && all.p[5] <= 20 && all.p[5] != MINOR;
}

static struct error check_md5(struct span bytes, uint64_t at, struct span plain)
{
	struct span md5 = span_sub(bytes, at, DIGEST_MD5_SIZE);
	if (!md5.p)
		return error_at(ERR_TRUNCATED, at, "the MD5 at the end is cut off");
	return digest_matches(DIGEST_MD5, plain, md5) ? error_none() : error_at(ERR_CORRUPT, at, "what came out has another MD5");
}

static struct error lrzip_unpack(struct span bytes, struct buf *out, size_t *used)
{
	size_t first = out->n;
	uint64_t at = MAGIC_SIZE, end = 0;
	struct error e = error_none();
	*used = bytes.n;
	if (bytes.n < MAGIC_SIZE || bytes.p[5] != MINOR)
		return error_at(ERR_UNSUPPORTED, 4, "version 0.%u of lrzip's format is not read", bytes.n > 5 ? bytes.p[5] : 0);
	if (bytes.p[ENCRYPTED_AT])
		return error_at(ERR_ENCRYPTED, ENCRYPTED_AT, "%zu bytes that lrzip encrypted with a password", bytes.n - MAGIC_SIZE);
	for (struct chunk c = { .last = false }; !c.last;) {
		if (!lrzip_chunk(bytes, at, &c))
			return error_at(at + 10 > bytes.n ? ERR_TRUNCATED : ERR_CORRUPT, at, "no chunk where one is due");
		e = chunk_unpack(&c, first, out, &end);
		e.offset += error_is(&e) ? at : 0;
		at += 2 + c.width + end;
		if (error_is(&e))
			break;
	}
	if (!error_is(&e) && bytes.p[MD5_AT]) {
		e = check_md5(bytes, at, span_from(buf_span(out), first));
		at += DIGEST_MD5_SIZE;
	}
	*used = (size_t)(at < bytes.n ? at : bytes.n);
	return e;
}

static const struct format_magic rzip_magics[] = { MAGIC("RZIP\2", 0), MAGIC_END };
static const struct format_magic lrzip_magics[] = { MAGIC("LRZI\0", 0), MAGIC_END };

const struct format rzip_format = {
	.name = "rzip",
	.kind = FORMAT_COMPRESSION,
	.title = "rzip",
	.spec = "rzip 2.1, stream.c, runzip.c",
	.magics = rzip_magics,
	.probe = rzip_probe,
	.unpack = rzip_unpack,
};

const struct format lrzip_format = {
	.name = "lrzip",
	.kind = FORMAT_COMPRESSION,
	.title = "lrzip 0.6",
	.spec = "lrzip doc/magic.header.txt",
	.magics = lrzip_magics,
	.probe = lrzip_probe,
	.probe_whole = lrzip_probe_whole,
	.unpack = lrzip_unpack,
};
