/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/rzip_chunk.h"

#include "base/codec.h"
#include "base/hash.h"

#define BLOCK_MAX ((size_t)256 << 20)

enum { TYPE_NONE = 3, TYPE_BZIP2, TYPE_LZO, TYPE_LZMA, TYPE_GZIP, TYPE_ZPAQ };

struct stream {
	const struct rzip_chunk *chunk;
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

static unsigned head_size(const struct rzip_chunk *c)
{
	return 1 + 3 * c->width;
}

static bool head_read(const struct rzip_chunk *c, uint64_t at, struct head *h)
{
	struct reader r = reader_le(span_sub(c->bytes, at, head_size(c)));
	h->type = rd_u8(&r);
	h->packed = rd_uint(&r, c->width);
	h->size = rd_uint(&r, c->width);
	h->next = rd_uint(&r, c->width);
	return rd_ok(&r);
}

bool rzip_chunk_is_sound(const struct rzip_chunk *c)
{
	struct head first, second;
	uint64_t both = 2 * (uint64_t)head_size(c);
	return head_read(c, 0, &first) && head_read(c, head_size(c), &second) && first.type == TYPE_NONE && second.type == TYPE_NONE &&
		   !first.packed && !first.size && !second.packed && !second.size && (first.next >= both || !first.next) &&
		   (second.next >= both || !second.next) && (first.next || second.next);
}

static enum error_code block_unpack(const struct rzip_chunk *c, const struct head *h, struct span packed, struct buf *out)
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
static bool is_possible(const struct head *h, size_t packed)
{
	uint64_t most = h->type == TYPE_NONE ? 1 : h->type == TYPE_BZIP2 ? 65536 : h->type == TYPE_LZMA ? 32768 : 1100;
	return h->size <= BLOCK_MAX && h->size / most <= packed;
}

static bool next_block(struct stream *s)
{
	const struct rzip_chunk *c = s->chunk;
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
	if (h.next && h.next < at + head_size(c) + packed.n) /* blocks do not overlap, so that each byte is unpacked once */
		s->error = error_at(ERR_CORRUPT, at, "the next block of a stream stands before the end of this one");
	s->next = error_is(&s->error) ? 0 : h.next;
	s->at = s->block.n = 0;
	enum error_code code = is_possible(&h, packed.n) ? block_unpack(c, &h, packed, &s->block) : h.type > TYPE_ZPAQ ? ERR_CORRUPT : ERR_BUDGET;
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
		if (what && !n)
			return error_at(ERR_CORRUPT, 0, "nothing is to be copied");
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

/* A block is in memory beside what comes out; it has no more in it than that may have. */
static size_t block_max(const struct buf *out)
{
	return out->limit && out->limit < BLOCK_MAX ? out->limit : BLOCK_MAX;
}

struct error rzip_chunk_unpack(const struct rzip_chunk *c, size_t first, struct buf *out, uint64_t *end)
{
	struct stream s[2];
	struct head heads[2];
	*end = 2 * (uint64_t)head_size(c);
	for (unsigned i = 0; i < 2; i++) {
		if (!head_read(c, (uint64_t)i * head_size(c), &heads[i]))
			return error_at(ERR_TRUNCATED, 0, "the heads of a chunk's streams are cut off");
		s[i] = (struct stream){ .chunk = c, .next = heads[i].next, .block = buf_with_limit(block_max(out)), .end = end };
		s[i].block.meter = out->meter;
	}
	struct error e = rzip_chunk_is_sound(c) ? run_chunk(s, first, out) : error_at(ERR_CORRUPT, 0, "no heads of streams where a chunk is due");
	buf_free(&s[0].block);
	buf_free(&s[1].block);
	return e;
}
