/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arcadyan's obscured LZMA: the first 32 bytes of the stream are exchanged with others, their half bytes and their
 * pairs swapped. Four bytes stand before the stream.
 *
 * Specification: binwalk src/extractors/arcadyan.rs.
 */
#include "base/codec.h"
#include "format/format.h"

#define STREAM_AT 4u
#define BLOCK_SIZE 32u
#define OTHER_AT 0x68u
#define FIRST_COPY (64u << 10)
#define SIZE_MIN 4096u
#define SIZE_LIMIT (256u << 20)

/* The stream's first 32 bytes. */
static bool first_block(struct span bytes, uint8_t block[BLOCK_SIZE])
{
	struct span s = span_sub(bytes, OTHER_AT, BLOCK_SIZE);
	for (unsigned i = 0; s.p && i < BLOCK_SIZE; i++)
		block[i ^ 1] = (uint8_t)(s.p[i] << 4 | s.p[i] >> 4);
	return s.p;
}

static bool arcadyan_probe(struct span at, struct format_match *match)
{
	uint8_t block[BLOCK_SIZE];
	if (!first_block(at, block) || memcmp(block, "\x5d\0\0\x80\0", 5) != 0 || block[13] != 0)
		return false;
	struct span header = span_of(block, sizeof block);
	uint32_t size = span_u32le(header, 5), high = span_u32le(header, 9);
	match->size = SIZE_UNKNOWN;
	match->confidence = 90;
	if (span_u32be(header, 14) == 0) /* the range coder's first bytes: only a run of zeros begins so */
		return false;
	return (high == 0 && size >= SIZE_MIN && size < SIZE_LIMIT) || (high == UINT32_MAX && size == UINT32_MAX);
}

/* The first `n` bytes of the stream, put right, in memory of their own. */
static enum error_code put_right(struct span bytes, size_t n, struct buf *copy)
{
	uint8_t block[BLOCK_SIZE];
	struct span other = span_sub(bytes, STREAM_AT, BLOCK_SIZE);
	copy->n = 0;
	enum error_code code = first_block(bytes, block) ? buf_add(copy, bytes.p + STREAM_AT, n) : ERR_TRUNCATED;
	if (!code) {
		memcpy(copy->p, block, BLOCK_SIZE);
		memcpy(copy->p + OTHER_AT - STREAM_AT, other.p, BLOCK_SIZE);
	}
	return code;
}

/* How long the stream is tells only its end: more and more of it is copied, so that a short one costs little. */
static struct error arcadyan_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct span stream = span_from(bytes, STREAM_AT);
	struct error e = error_at(ERR_TRUNCATED, bytes.n, "the stream breaks off in its header");
	struct buf copy = { 0 };
	size_t before = out->n, n = 0;
	*used = 0;
	while (e.code == ERR_TRUNCATED && n < stream.n) {
		n = n == 0 ? FIRST_COPY : 4 * n;
		n = n < stream.n ? n : stream.n;
		enum error_code code = put_right(bytes, n, &copy);
		out->n = before;
		e = code ? error_at(code, 0, "no memory for %zu bytes", n) : codec_stream(CODEC_LZMA, buf_span(&copy), out, used);
	}
	if (e.code == ERR_CORRUPT) /* four bytes of magic: what does not end well is something else */
		out->n = before;
	*used = error_is(&e) ? n : STREAM_AT + *used;
	buf_free(&copy);
	return e;
}

static const struct format_magic arcadyan_magics[] = { MAGIC("\0\xd5\x08\0", OTHER_AT), MAGIC_END };

const struct format arcadyan_format = {
	.name = "arcadyan",
	.kind = FORMAT_COMPRESSION,
	.title = "Arcadyan obscured LZMA",
	.spec = "binwalk src/extractors/arcadyan.rs",
	.magics = arcadyan_magics,
	.probe = arcadyan_probe,
	.unpack = arcadyan_unpack,
};
