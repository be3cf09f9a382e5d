/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BCL1: Novatek's code, packed with the LZ77 of the Basic Compression Library: a marker, which a literal of its value is doubled by with
 * a zero, else lengths and distances of seven bits a byte follow it.
 *
 * Specification: Novatek's U-Boot nvtpack.h (NVTPACK_BFC_HDR), nvtpack.c; lz.c of the Basic Compression Library.
 */
#include "format/novatek.h"

#include "format/format.h"

#define HEADER_SIZE 16u
#define LZ77 9u
#define SIZE_MAX_CODE (64u << 20)

/* Its magic, how it is packed and its sizes are what it is known by: the sum would be made of megabytes for each place that has the magic. */
static bool bcl_probe(struct span at, struct format_match *match)
{
	uint32_t raw = span_u32be(at, 8), packed = span_u32be(at, 12);
	match->size = HEADER_SIZE + (uint64_t)packed;
	match->confidence = 90;
	return span_starts(at, "BCL1", 4) && span_u16be(at, 6) == LZ77 && packed >= 2 && packed <= SIZE_MAX_CODE && raw >= packed / 2 &&
		   raw <= SIZE_MAX_CODE;
}

static bool rd_size(struct reader *r, uint32_t *size)
{
	*size = 0;
	for (unsigned i = 0; i < 5; i++) {
		uint8_t b = rd_u8(r);
		*size = *size << 7 | (b & 0x7f);
		if (!(b & 0x80))
			return rd_ok(r);
	}
	return false;
}

/* One step. False where the stream is broken or ended. */
static bool step(struct reader *r, uint8_t marker, struct buf *out, uint32_t raw)
{
	uint8_t symbol = rd_u8(r);
	uint32_t length, distance;
	if (symbol != marker) {
		out->p[out->n++] = symbol;
		return true;
	}
	if (!rd_size(r, &length))
		return false;
	if (!length) {
		out->p[out->n++] = marker;
		return true;
	}
	if (!rd_size(r, &distance) || !distance || distance > out->n || length > raw - out->n)
		return false;
	for (uint32_t i = 0; i < length; i++, out->n++)
		out->p[out->n] = out->p[out->n - distance];
	return true;
}

static struct error bcl_unpack(struct span bytes, struct buf *out, size_t *used)
{
	uint32_t raw = span_u32be(bytes, 8), packed = span_u32be(bytes, 12);
	struct span stream = span_clip(bytes, HEADER_SIZE, packed);
	struct reader r = reader_be(stream);
	uint8_t marker = rd_u8(&r);
	*used = HEADER_SIZE + stream.n;
	/* A sum of 16 bits in the header makes that of all nothing. */
	if (stream.n == packed && novatek_sum(span_sub(bytes, 0, HEADER_SIZE + (uint64_t)packed)))
		return error_at(ERR_CORRUPT, 4, "the sum of all is another one");
	enum error_code e = buf_reserve(out, raw);
	if (e)
		return error_at(e, 0, "no memory for %u bytes", raw);
	size_t begun = out->n;
	struct buf part = *out;
	part.p += begun;
	part.n = 0;
	bool right = true;
	while (right && part.n < raw && r.at < stream.n)
		right = step(&r, marker, &part, raw);
	out->n = begun + part.n;
	if (!right || !rd_ok(&r) || part.n < raw)
		return error_at(stream.n < packed ? ERR_TRUNCATED : ERR_CORRUPT, HEADER_SIZE + r.at, "the stream breaks off after %zu of %u bytes",
						part.n, raw);
	return error_none();
}

static const struct format_magic bcl_magics[] = { MAGIC("BCL1", 0), MAGIC_END };

const struct format novatek_bcl_format = {
	.name = "novatek_bcl",
	.kind = FORMAT_COMPRESSION,
	.title = "Novatek BCL1 compressed code",
	.spec = "Basic Compression Library lz.c; Novatek U-Boot nvtpack.h",
	.magics = bcl_magics,
	.probe = bcl_probe,
	.unpack = bcl_unpack,
};
