/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/codec_stream.h"
#include "base/hash.h"

/* lzop's file format: header (flags at +16 tell what it holds), then blocks of unpacked and packed size. */
struct lzop_head {
	uint32_t flags, filter;
};

static struct error lzop_header(struct reader *r, struct lzop_head *h)
{
	enum { DELTAS_MAX = 16 };
	rd_skip(r, 9);
	uint16_t version = rd_u16(r);
	rd_skip(r, 2);
	if (version >= 0x0940)
		rd_skip(r, 2);
	rd_skip(r, 1);
	if (version >= 0x0940)
		rd_skip(r, 1);
	h->flags = rd_u32(r);
	h->filter = h->flags & 0x800 ? rd_u32(r) : 0;
	rd_skip(r, 8);
	if (version >= 0x0940)
		rd_skip(r, 4);
	rd_skip(r, rd_u8(r)); /* name */
	rd_skip(r, 4);        /* header checksum */
	if (h->flags & 0x40) {
		rd_skip(r, rd_u32(r)); /* extra field */
		rd_skip(r, 4);
	}
	if (rd_ok(r) && h->filter > DELTAS_MAX)
		return error_at(ERR_UNSUPPORTED, r->at, "lzop's filter %u is not known", (unsigned)h->filter);
	return rd_ok(r) ? error_none() : error_at(ERR_TRUNCATED, r->at, "the lzop header is cut off");
}

/* Adler-32 and CRC-32 as far as a block has them. */
struct lzop_sums {
	bool has_adler, has_crc;
	uint32_t adler, crc;
};

static struct lzop_sums lzop_sums_read(struct reader *r, bool adler, bool crc)
{
	struct lzop_sums s = { .has_adler = adler, .has_crc = crc };
	s.adler = adler ? rd_u32(r) : 0;
	s.crc = crc ? rd_u32(r) : 0;
	return s;
}

static bool lzop_sums_hold(const struct lzop_sums *s, struct span of)
{
	return (!s->has_adler || s->adler == hash_adler32(of)) && (!s->has_crc || s->crc == hash_crc32(0, of));
}

/* lzop --filter=N: every byte is the difference to the one N before it in its block. The checksums are of what it was. */
static void lzop_unfilter(uint8_t *p, size_t n, uint32_t filter)
{
	for (size_t i = filter; filter && i < n; i++)
		p[i] = (uint8_t)(p[i] + p[i - filter]);
}

static struct error lzop_block(struct reader *r, const struct lzop_head *h, struct buf *out, bool *end)
{
	enum { ADLER32_DATA = 1, ADLER32_PACKED = 2, CRC32_DATA = 0x100, CRC32_PACKED = 0x200 };
	uint32_t flags = h->flags;
	size_t at = r->at;
	uint32_t size = rd_u32(r);
	*end = rd_ok(r) && size == 0;
	if (*end)
		return error_none();
	uint32_t packed = rd_u32(r);
	if (rd_ok(r) && (size > (64u << 20) || packed > size || size / (CODEC_RATIO_MAX + 1) > packed))
		return error_at(ERR_CORRUPT, at, "an lzop block of %u bytes unpacked, %u packed", size, packed);
	struct lzop_sums of_data = lzop_sums_read(r, flags & ADLER32_DATA, flags & CRC32_DATA);
	struct lzop_sums of_packed = lzop_sums_read(r, packed < size && flags & ADLER32_PACKED, packed < size && flags & CRC32_PACKED);
	struct span block = rd_bytes(r, packed);
	if (!rd_ok(r))
		return error_at(ERR_TRUNCATED, at, "an lzop block is cut off");
	struct error e = codec_reserve(out, size, at);
	size_t n = 0;
	if (error_is(&e))
		return e;
	enum error_code code = packed < size ? codec_block(CODEC_LZO1X, block, out->p + out->n, size, &n)
	                                     : codec_block(CODEC_STORE, block, out->p + out->n, size, &n);
	struct span data = span_of(out->p + out->n, n);
	lzop_unfilter(out->p + out->n, n, h->filter);
	memset(out->p + out->n + n, 0, size - n); /* what follows keeps its place */
	out->n += size;
	if (code || n != size)
		return error_at(ERR_CORRUPT, at, "an lzop block is broken");
	return lzop_sums_hold(&of_packed, block) && lzop_sums_hold(&of_data, data)
	               ? error_none()
	               : error_at(ERR_CORRUPT, at, "an lzop block does not have the checksum that it says");
}

static struct error lzop_member(struct reader *r, struct buf *out, size_t *used)
{
	struct lzop_head head;
	bool end = false;
	struct error first = lzop_header(r, &head), e = first;
	while (!error_is(&e) && !end) {
		*used = r->at;
		e = lzop_block(r, &head, out, &end);
		if (error_is(&e) && !error_is(&first))
			first = e;
		if (e.code == ERR_CORRUPT && r->at > *used + 8) /* the block is broken, its header leads to the next one */
			e = error_none();
	}
	if (!error_is(&e))
		*used = r->at;
	return first;
}

/* What is compressed one after another (cat, several files in one archive) is read as lzop -c writes it: one behind another. */
struct error codec_lzop(struct span in, struct buf *out, size_t *used)
{
	struct reader r = reader_be(in);
	struct error e;
	do
		e = lzop_member(&r, out, used);
	while (!error_is(&e) && span_has(in, r.at, "\x89LZO\0\r\n\x1a\n", 9));
	return e;
}
