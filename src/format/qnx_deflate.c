/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files as QNX' `deflate` makes them: blocks of LZO or UCL, each linked to the one before and after it.
 *
 * Specification: unblob handlers/compression/qnx_deflate.py (struct filehdr, struct cmphdr).
 */
#include "base/codec.h"
#include "format/format.h"
#include "format/nrv.h"

#define HEADER 16u
#define BLOCK_HEADER 8u

static bool deflate_probe(struct span at, struct format_match *match)
{
	struct reader r = reader_le(span_from(at, 8));
	uint32_t size = rd_u32(&r);
	uint16_t block = rd_u16(&r);
	uint8_t type = rd_u8(&r);
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 90 };
	return span_starts(at, "iwlyfmbp", 8) && at.n >= HEADER + BLOCK_HEADER && size && size <= INT32_MAX &&
		   block >= 4096 && (block & (block - 1)) == 0 && type <= 3;
}

static bool unpack_block(struct span block, uint8_t *out, size_t n)
{
	size_t got = 0;
	if (!codec_block(CODEC_LZO1X, block, out, n, &got) && got == n)
		return true;
	return !nrv_decode(NRV2B, 1, block, out, n, &got) && got == n;
}

static struct error deflate_unpack(struct span bytes, struct buf *out, size_t *used)
{
	uint32_t size = span_u32le(bytes, 8);
	size_t before = out->n;
	uint64_t at = HEADER;
	*used = 0;
	for (;;) {
		struct span head = span_sub(bytes, at, BLOCK_HEADER);
		uint16_t next = span_u16le(head, 2), n = span_u16le(head, 6);
		if (!head.p)
			return error_at(ERR_TRUNCATED, at, "the next block is not there");
		if (!next)
			break;
		struct span block = span_sub(bytes, at + BLOCK_HEADER, next > BLOCK_HEADER ? next - BLOCK_HEADER : 0);
		if (next <= BLOCK_HEADER || !block.p)
			return error_at(next <= BLOCK_HEADER ? ERR_CORRUPT : ERR_TRUNCATED, at, "a block of %u bytes", next);
		if (buf_reserve(out, n))
			return error_at(ERR_BUDGET, at, "the file has %u bytes", size);
		if (!unpack_block(block, out->p + out->n, n))
			return error_at(ERR_CORRUPT, at, "a block does not unpack to its %u bytes", n);
		out->n += n;
		at += next;
	}
	*used = (size_t)at + BLOCK_HEADER;
	return out->n - before == size ? error_none()
								   : error_at(ERR_CORRUPT, 8, "%zu of %u bytes came out", out->n - before, size);
}

static const struct format_magic deflate_magics[] = { MAGIC("iwlyfmbp", 0), MAGIC_END };

const struct format qnx_deflate_format = {
	.name = "qnx_deflate",
	.kind = FORMAT_COMPRESSION,
	.title = "QNX deflate file (LZO, UCL)",
	.spec = "unblob handlers/compression/qnx_deflate.py",
	.magics = deflate_magics,
	.probe = deflate_probe,
	.unpack = deflate_unpack,
};
