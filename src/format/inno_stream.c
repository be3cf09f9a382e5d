/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The streams of Inno Setup's installers: blocks of tables in pieces with a CRC-32 each, chunks of files, and the filter for calls.
 *
 * Specification: github.com/jrsoftware/issrc, Projects/Compress.pas (TCompressedBlockReader, TransformCallInstructions), LZMA.pas.
 */
#include "base/codec.h"
#include "base/hash.h"
#include "base/lzma.h"
#include "format/inno.h"

#define PIECE 4096u
#define LZMA_HEADER 5u
#define CALL_BLOCK 0x10000u

const char *inno_method_name(unsigned method)
{
	static const char *const names[] = { "none", "zlib", "bzip2", "lzma", "lzma2" };
	return method < INNO_METHODS ? names[method] : "unknown";
}

static struct error unpack_lzma(struct span in, uint64_t size, struct buf *out)
{
	struct lzma_props props;
	size_t used;
	if (in.n <= LZMA_HEADER || !lzma_props_split(in.p[0], &props))
		return error_at(ERR_CORRUPT, 0, "no properties of LZMA");
	enum error_code code = lzma1_decode_buf(props, span_from(in, LZMA_HEADER), size, out, &used);
	return code ? error_at(code, LZMA_HEADER + used, "LZMA does not unpack to its end") : error_none();
}

/* ---- blocks ---- */

static uint64_t block_size(struct span at, bool wide, bool *packed)
{
	struct reader r = reader_le(span_from(at, 4));
	uint64_t size = rd_uint(&r, wide ? 8 : 4);
	*packed = rd_u8(&r) != 0;
	return size;
}

bool inno_is_block(struct span at, bool wide)
{
	struct span fields = span_sub(at, 4, wide ? 9 : 5);
	return fields.p && hash_crc32(0, fields) == span_u32le(at, 0) && fields.p[fields.n - 1] <= 1;
}

/* The pieces without their sums, as far as these are right. */
static struct error join_pieces(struct span in, struct buf *out)
{
	for (uint64_t at = 0; at < in.n; at += 4 + PIECE) {
		struct span piece = span_clip(in, at + 4, PIECE);
		if (!piece.n || hash_crc32(0, piece) != span_u32le(in, at))
			return error_at(ERR_CORRUPT, at, "a piece of the setup data does not have its CRC-32");
		if (buf_add(out, piece.p, piece.n))
			return error_at(ERR_BUDGET, at, "no memory left for the setup data");
	}
	return error_none();
}

struct error inno_block_unpack(struct span at, bool wide, struct buf *out, uint64_t *used)
{
	struct buf joined = buf_with_limit(at.n);
	size_t header = wide ? 13 : 9, begin = out->n;
	bool packed;
	uint64_t size = block_size(at, wide, &packed);
	struct span in = span_clip(at, header, size);
	*used = header + size;
	struct error e = join_pieces(in, packed ? &joined : out);
	if (packed) {
		struct error unpacked = unpack_lzma(buf_span(&joined), UINT64_MAX, out);
		/* No end need be marked: who reads knows how much there is. */
		if (!error_is(&e) && error_is(&unpacked) && !(unpacked.code == ERR_TRUNCATED && out->n > begin))
			e = unpacked;
		buf_free(&joined);
	}
	if (!error_is(&e) && in.n < size)
		e = error_at(ERR_TRUNCATED, in.n, "the setup data end before their %llu bytes", (unsigned long long)size);
	return e;
}

/* ---- chunks ---- */

struct error inno_chunk_unpack(enum inno_method method, struct span packed, uint64_t size, struct buf *out)
{
	size_t begin = out->n, used;
	struct error e = error_none();
	if (method == INNO_STORED) {
		struct span bytes = span_clip(packed, 0, size);
		if (bytes.n && buf_add(out, bytes.p, bytes.n))
			e = error_at(ERR_BUDGET, 0, "no room for what is stored");
	} else if (method == INNO_LZMA) {
		e = unpack_lzma(packed, size, out);
	} else if (method == INNO_LZMA2) {
		enum error_code code = lzma2_decode_buf(span_from(packed, 1), out, &used); /* the size of its dictionary goes before it */
		e = code ? error_at(code, used, "LZMA2 does not unpack to its end") : error_none();
	} else if (method < INNO_METHODS) {
		e = codec_stream(method == INNO_ZLIB ? CODEC_ZLIB : CODEC_BZIP2, packed, out, &used);
	} else {
		return error_at(ERR_UNSUPPORTED, 0, "compression %u is none that is known", (unsigned)method);
	}
	if (out->n - begin >= size) {
		out->n = begin + (size_t)size;
		return error_none();
	}
	return error_is(&e) ? e : error_at(ERR_TRUNCATED, 0, "the chunk has %zu bytes of %llu", out->n - begin, (unsigned long long)size);
}

/* ---- calls ---- */

static bool is_call(uint8_t byte)
{
	return byte == 0xe8 || byte == 0xe9;
}

/* Targets of 32 bits; the last ones of a file may break off. */
static void unfilter_4108(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_call(p[i]))
			continue;
		uint32_t sum = -(uint32_t)(i + 5);
		for (size_t end = i + 4 < n ? i + 4 : n - 1; i < end; sum >>= 8) {
			sum += p[++i];
			p[i] = (uint8_t)sum;
		}
	}
}

/* Targets of 24 bits and a sign; those that two blocks share are as they were. */
static void unfilter_5200(uint8_t *p, size_t n, bool flip)
{
	for (size_t i = 0; i + 5 <= n; i++) {
		if (!is_call(p[i]) || CALL_BLOCK - i % CALL_BLOCK < 5)
			continue;
		uint8_t *target = p + i + 1;
		i += 4;
		if (target[3] != 0 && target[3] != 0xff)
			continue;
		uint32_t relative = (uint32_t)target[0] + ((uint32_t)target[1] << 8) + ((uint32_t)target[2] << 16) - (uint32_t)(i + 1);
		for (unsigned k = 0; k < 3; k++)
			target[k] = (uint8_t)(relative >> 8 * k);
		if (flip && relative & 0x800000)
			target[3] = (uint8_t)~target[3];
	}
}

void inno_unfilter(enum inno_filter filter, uint8_t *p, size_t n)
{
	if (filter == INNO_CALLS_4108)
		unfilter_4108(p, n);
	else if (filter != INNO_NO_FILTER)
		unfilter_5200(p, n, filter == INNO_CALLS_5309);
}
