/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folders of cabinets, block by block. Specification: MS-CAB 2.4 and 3.1; MS-MCI. */
#include "base/mszip.h"
#include "format/cab.h"

#define HEADER 8u
#define BEHIND_MAX 8u /* bytes that may fill a block */

/* Words of 32 bits; what is left of the last one counts from its highest byte on. */
static uint32_t sum_of(struct span s, uint32_t sum)
{
	size_t i = 0;
	for (; i + 4 <= s.n; i += 4)
		sum ^= span_u32le(s, i);
	uint32_t rest = 0;
	for (; i < s.n; i++)
		rest = rest << 8 | s.p[i];
	return sum ^ rest;
}

/* Writers do not agree whether the reserved bytes count. 0: there is no sum. */
static bool sum_is_right(struct span header, struct span data)
{
	uint32_t declared = span_u32le(header, 0), sum = sum_of(data, 0);
	return !declared || declared == sum_of(span_sub(header, 4, 4), sum) ||
		   declared == sum_of(span_from(header, 4), sum);
}

struct error cab_block_read(struct cab_blocks *b, uint64_t at, struct cab_block *block)
{
	struct span header = span_sub(b->bytes, at, HEADER + (uint64_t)b->reserved);
	uint16_t packed = span_u16le(header, 4);
	*block = (struct cab_block){ at, at + header.n + packed, span_sub(b->bytes, at + header.n, packed),
								 span_u16le(header, 6) };
	if (!header.p || (packed && !block->data.p))
		return error_at(ERR_TRUNCATED, at, "a block of data is not all there");
	if (header.n + packed > b->left)
		return error_at(ERR_BUDGET, at, "the folders overlap: together they claim more than the cabinet holds");
	b->left -= header.n + packed;
	rest_take(b->rest, at, HEADER);
	rest_take(b->rest, at + header.n, packed);
	if (!sum_is_right(header, block->data) && !b->wrong++)
		b->wrong_at = at;
	return error_none();
}

static struct error unpack_block(struct cab_blocks *b, const struct cab_block *block, unsigned method, struct buf *out)
{
	size_t n = 0, used = 0;
	if (buf_reserve(out, block->size + (size_t)1))
		return error_at(ERR_BUDGET, block->at, "the cabinet unpacks to more than %zu bytes", out->limit);
	enum error_code code = ERR_NONE;
	if (method == CAB_MSZIP) {
		code = mszip_block(block->data, buf_span(out), out->p + out->n, block->size, &n, &used);
	} else {
		used = n = block->data.n < block->size ? block->data.n : block->size;
		memcpy(out->p + out->n, block->data.p, n);
	}
	out->n += n;
	code = code == ERR_NONE && n < block->size ? ERR_CORRUPT : code;
	if (code == ERR_NONE && block->data.n - used > BEHIND_MAX && !b->longer++)
		b->longer_at = block->at;
	return code == ERR_NONE
			   ? error_none()
			   : error_at(code == ERR_MEMORY ? code : ERR_CORRUPT, block->at,
						  "a block of data does not unpack to the %u bytes that its header says", block->size);
}

struct error cab_unpack(struct cab_blocks *b, const struct cab_folder *f, struct buf *out)
{
	unsigned method = f->type & 15;
	struct error e = f->error;
	if (method == CAB_LZX && !error_is(&e))
		return cab_unlzx(b, f, out);
	if (method > CAB_MSZIP && !error_is(&e))
		e = error_at(ERR_UNSUPPORTED, f->at, method == CAB_QUANTUM ? "Quantum compression is not read" : "compression %u is not known",
					 method);
	struct cab_block block;
	uint64_t at = f->at;
	for (unsigned i = 0; i < f->blocks; i++, at = block.next) { /* behind an error, too: so that they are known to be the folder's */
		struct error read = cab_block_read(b, at, &block);
		if (error_is(&read))
			return error_is(&e) ? e : read;
		if (!error_is(&e))
			e = block.size ? unpack_block(b, &block, method, out)
						   : error_at(ERR_TRUNCATED, at, "the block goes on in the next cabinet");
	}
	return e;
}
