/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LZX in cabinets: one stream through all blocks of a folder. Specification: MS-CAB 2.4; MS-PATCH 2. */
#include "base/lzx.h"
#include "format/cab.h"

/* Joins what is packed in the blocks that are whole. *size is what they unpack to, *e why there are no more. */
static enum error_code join_blocks(struct cab_blocks *b, const struct cab_folder *f, struct buf *joined, uint64_t *size, struct error *e)
{
	struct cab_block block;
	enum error_code code = ERR_NONE;
	uint64_t at = f->at;
	*e = error_none();
	for (unsigned n = 0; n < f->blocks && !code; at = block.next, n++) {
		*e = cab_block_read(b, at, &block);
		if (!error_is(e) && !block.size)
			*e = error_at(ERR_TRUNCATED, at, "the block goes on in the next cabinet");
		if (error_is(e))
			break;
		*size += block.size;
		code = block.data.n ? buf_add(joined, block.data.p, block.data.n) : ERR_NONE;
	}
	return code;
}

static struct error decode(unsigned bits, struct span in, uint64_t size, struct buf *out)
{
	size_t n = 0, room = out->limit - out->n;
	if (size / LZX_RATIO > in.n)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "%zu bytes of LZX cannot hold %llu", in.n, (unsigned long long)size);
	size_t most = size < room ? (size_t)size : room;
	if (buf_reserve(out, most))
		return error_at(ERR_MEMORY, OFFSET_NONE, "no memory for LZX");
	enum error_code code = lzx_decode(LZX_FRAMED, bits, in, out->p + out->n, most, &n);
	out->n += n;
	if (code == ERR_UNSUPPORTED)
		return error_at(code, OFFSET_NONE, "LZX with a window of 2^%u bytes is not read", bits);
	if (code)
		return error_at(code, OFFSET_NONE, "LZX data is damaged behind %zu of %llu bytes", n, (unsigned long long)size);
	return most < size ? error_at(ERR_BUDGET, OFFSET_NONE, "the cabinet unpacks to more than %zu bytes", out->limit) : error_none();
}

struct error cab_unlzx(struct cab_blocks *b, const struct cab_folder *f, struct buf *out)
{
	struct buf joined = { .meter = out->meter };
	uint64_t size = 0;
	struct error e = error_none(), cut = error_none();
	if (join_blocks(b, f, &joined, &size, &cut))
		e = error_at(ERR_MEMORY, OFFSET_NONE, "no memory for LZX");
	else if (size)
		e = decode(f->type >> 8 & 31, buf_span(&joined), size, out);
	buf_free(&joined);
	return error_is(&e) ? e : cut;
}
