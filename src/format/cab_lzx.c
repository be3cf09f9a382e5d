/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LZX by libarchive, which reads it in plain cabinets only: one is made of a folder, without reserved fields and with one file.
 *
 * Specification: MS-CAB 2; LZX is in MS-PATCH. */
#include <archive.h>
#include <archive_entry.h>

#include "format/cab.h"

#define BEFORE_BLOCKS 62u /* CFHEADER, CFFOLDER, CFFILE and a name of one letter */
#define BLOCK_HEADER 8u

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

/* Copies the blocks that are whole. *size is what they unpack to, *e why there are no more. */
static enum error_code copy_blocks(struct cab_blocks *b, const struct cab_folder *f, struct buf *made, uint64_t *size,
								   unsigned *n, struct error *e)
{
	struct cab_block block;
	enum error_code code = ERR_NONE;
	*e = error_none();
	for (uint64_t at = f->at; *n < f->blocks && !code; at = block.next, ++*n) {
		uint8_t header[BLOCK_HEADER] = { 0 };
		*e = cab_block_read(b, at, &block);
		if (!error_is(e) && !block.size)
			*e = error_at(ERR_TRUNCATED, at, "the block goes on in the next cabinet");
		if (error_is(e))
			break;
		put16(header + 4, (uint32_t)block.data.n);
		put16(header + 6, block.size);
		*size += block.size;
		code = buf_add(made, header, sizeof header);
		code = code || !block.data.n ? code : buf_add(made, block.data.p, block.data.n);
	}
	return code;
}

static void put_headers(uint8_t *p, uint16_t type, uint64_t size, unsigned blocks, size_t all)
{
	memcpy(p, "MSCF", 4);
	put32(p + 8, (uint32_t)all);
	put32(p + 16, 44); /* of the file */
	put16(p + 24, 0x103);
	put16(p + 26, 1);
	put16(p + 28, 1);
	put32(p + 36, BEFORE_BLOCKS);
	put16(p + 40, blocks);
	put16(p + 42, type);
	put32(p + 44, (uint32_t)size);
	p[60] = 'f';
}

static struct error read_file(struct archive *a, uint64_t size, struct buf *out)
{
	struct archive_entry *ae;
	const void *block;
	size_t n, begin = out->n;
	la_int64_t offset;
	if (archive_read_next_header(a, &ae) < ARCHIVE_WARN)
		return error_at(ERR_CORRUPT, OFFSET_NONE, "LZX data cannot be read");
	while (out->n - begin < size) {
		if (archive_read_data_block(a, &block, &n, &offset) != ARCHIVE_OK)
			return error_at(ERR_CORRUPT, OFFSET_NONE, "LZX data ends after %zu of %llu bytes", out->n - begin,
							(unsigned long long)size);
		if (n && buf_add(out, block, n))
			return error_at(ERR_BUDGET, OFFSET_NONE, "the cabinet unpacks to more than %zu bytes", out->limit);
	}
	return error_none();
}

static struct error read_made(struct span made, uint64_t size, struct buf *out)
{
	struct archive *a = archive_read_new();
	if (!a)
		return error_at(ERR_MEMORY, OFFSET_NONE, "no memory for LZX");
	(void)archive_read_support_format_cab(a);
	struct error e = archive_read_open_memory(a, made.p, made.n) != ARCHIVE_OK
						 ? error_at(ERR_CORRUPT, OFFSET_NONE, "LZX data cannot be read")
						 : read_file(a, size, out);
	archive_read_free(a);
	return e;
}

struct error cab_unlzx(struct cab_blocks *b, const struct cab_folder *f, struct buf *out)
{
	static const uint8_t none[BEFORE_BLOCKS];
	struct buf made = { .meter = out->meter };
	uint64_t size = 0;
	unsigned n = 0;
	struct error e = error_none(), cut = error_none();
	if (buf_add(&made, none, sizeof none) || copy_blocks(b, f, &made, &size, &n, &cut)) {
		e = error_at(ERR_MEMORY, OFFSET_NONE, "no memory for LZX");
	} else if (n) {
		put_headers(made.p, f->type, size, n, made.n);
		e = read_made(buf_span(&made), size, out);
	}
	buf_free(&made);
	return error_is(&e) ? e : cut;
}
