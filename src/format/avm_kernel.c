/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel of AVM's Fritz!Box, as its boot loader EVA loads it: a record of LZMA data with a CRC and a sum, and
 * the entry address. In kernel.image a squashfs follows.
 *
 * Specification: Freetz tools lzma2eva.c.
 */
#include "base/codec.h"
#include "base/hash.h"
#include "format/region.h"
#include "format/wrapper.h"

#define HEADER_SIZE 36u
#define TAIL_SIZE 12u
#define TYPE_LZMA 0x075a0201u
#define RECORD_EXTRA 24u /* what the record's length counts besides the data */
#define SIZE_LIMIT (128u << 20)
#define ALONE_HEADER 13u

struct avm {
	uint32_t record, load, packed, size, crc;
	struct span properties, data;
};

static bool avm_read(struct span bytes, struct avm *a)
{
	struct reader r = reader_le(bytes);
	uint32_t magic = rd_u32(&r);
	a->record = rd_u32(&r);
	a->load = rd_u32(&r);
	uint32_t type = rd_u32(&r);
	a->packed = rd_u32(&r);
	a->size = rd_u32(&r);
	a->crc = rd_u32(&r);
	a->properties = rd_bytes(&r, 5);
	uint32_t zeros = (uint32_t)rd_uint(&r, 3);
	a->data = span_clip(bytes, HEADER_SIZE, a->packed);
	return rd_ok(&r) && magic == 0xfeed1281 && type == TYPE_LZMA && !zeros && a->record == a->packed + RECORD_EXTRA &&
		   a->properties.p[0] < 225 && a->size && a->size < SIZE_LIMIT;
}

static bool avm_probe(struct span at, struct format_match *match)
{
	struct avm a;
	if (!avm_read(at, &a))
		return false;
	match->size = (uint64_t)HEADER_SIZE + a.packed + TAIL_SIZE;
	match->confidence = 95;
	return true;
}

static struct error unpack_kernel(const void *fs, const void *file, struct buf *out)
{
	const struct avm *a = file;
	struct buf alone = { 0 };
	uint8_t header[ALONE_HEADER] = { 0 };
	size_t used;
	(void)fs;
	memcpy(header, a->properties.p, a->properties.n);
	for (unsigned i = 0; i < 4; i++)
		header[5 + i] = (uint8_t)(a->size >> 8 * i);
	enum error_code code = buf_add(&alone, header, sizeof header);
	code = code ? code : buf_add(&alone, a->data.p, a->data.n);
	struct error e = error_at(code, 0, "no memory for %zu bytes", a->data.n);
	if (!code)
		e = codec_stream(CODEC_LZMA, buf_span(&alone), out, &used);
	buf_free(&alone);
	return e;
}

/* The record's length and load address as numbers, the rest byte by byte; together with the sum nothing. */
static uint32_t record_sum(struct span bytes, const struct avm *a)
{
	struct span rest = span_sub(bytes, 12, (uint64_t)HEADER_SIZE - 12 + a->packed);
	return 0u - (a->record + a->load + hash_sum(rest));
}

static struct error avm_walk(struct span bytes, struct walk *w)
{
	static const struct content_ops ops = { .unpack = unpack_kernel };
	struct avm *a = ARENA_NEW(w->arena, struct avm);
	if (!a)
		return error_at(ERR_BUDGET, 0, "no memory");
	if (!avm_read(bytes, a))
		return error_at(ERR_CORRUPT, 0, "no record of EVA's");
	uint64_t tail = (uint64_t)HEADER_SIZE + a->packed;
	bool whole = a->data.n == a->packed, tail_there = span_sub(bytes, tail, TAIL_SIZE).p;
	emit_header_field(w->sink, 8, "load", "0x%08x", a->load);
	emit_header_field(w->sink, 20, "size", "%u", a->size);
	if (tail_there)
		emit_header_field(w->sink, tail + 8, "entry", "0x%08x", span_u32le(bytes, tail + 8));
	wrapper_check_u32(w, 24, "crc32", whole, a->crc, hash_crc32(0, a->data));
	wrapper_check_u32(w, tail, "checksum", tail_there, span_u32le(bytes, tail), record_sum(bytes, a));
	struct content content = { .kind = CONTENT_STREAM, .ops = &ops, .file = a };
	(void)region_emit_content(w, "kernel", a->size, content, NULL);
	return error_none();
}

static const struct format_magic avm_magics[] = { MAGIC("\x81\x12\xed\xfe", 0), MAGIC_END };

const struct format avm_kernel_format = {
	.name = "avm_kernel",
	.kind = FORMAT_KERNEL,
	.title = "AVM Fritz!Box kernel (EVA)",
	.spec = "Freetz tools lzma2eva.c",
	.magics = avm_magics,
	.probe = avm_probe,
	.walk = avm_walk,
};
