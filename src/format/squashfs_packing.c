/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How squashfs blocks are compressed, whatever the superblock says.
 *
 * Vendors put LZMA in the place of zlib before 4.0 had compressors, and kept the identifier of gzip: as LZMA_alone
 * (sqlzma, which decides for each block), with its header shortened or moved (Linksys, "squashfs7z"), with properties
 * of their own before each block (DD-WRT), or without any (OpenWrt's and Broadcom's lzma patches). The forms are those
 * that sasquatch has met.
 */
#include "base/codec.h"
#include "format/squashfs_image.h"

#define LZMA_PROPS 5u   /* properties byte and dictionary size */
#define LZMA_HEADER 13u /* with the unpacked size */
#define DDWRT_HEADER 4u

const char *squashfs_packing_name(enum squashfs_packing packing)
{
	static const char *const names[] = {
		[SQUASHFS_ZLIB] = "gzip",
		[SQUASHFS_LZMA] = "lzma",
		[SQUASHFS_LZO] = "lzo",
		[SQUASHFS_XZ] = "xz",
		[SQUASHFS_LZ4] = "lz4",
		[SQUASHFS_ZSTD] = "zstd",
		[SQUASHFS_LZMA_UNSIZED] = "lzma (header without size)",
		[SQUASHFS_LZMA_DDWRT] = "lzma (DD-WRT header)",
		[SQUASHFS_LZMA_RAW] = "lzma (no header)",
	};
	return names[packing];
}

struct squashfs_codec squashfs_codec_declared(uint16_t compression)
{
	static const enum squashfs_packing packings[] = { SQUASHFS_ZLIB, SQUASHFS_ZLIB, SQUASHFS_LZMA, SQUASHFS_LZO,
													  SQUASHFS_XZ,   SQUASHFS_LZ4,  SQUASHFS_ZSTD };
	bool known = compression < sizeof packings / sizeof packings[0];
	return (struct squashfs_codec){ .packing = known ? packings[compression] : SQUASHFS_ZLIB };
}

/* A stream of unknown size that has no end marker ends with its input: the decoder then misses a few bytes. */
static enum error_code unpack_unsized(struct lzma_props props, struct span in, uint8_t *out, size_t out_max,
									  size_t *out_n)
{
	size_t used = 0;
	if (in.n == 0 || in.p[0] != 0) /* the first byte of the range coder */
		return ERR_CORRUPT;
	enum error_code code = lzma1_decode(props, in, out, out_max, &used, out_n, NULL);
	return code == ERR_TRUNCATED && *out_n > 0 ? ERR_NONE : code;
}

static enum error_code unpack_lzma_alone(struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	struct reader r = reader_le(in);
	struct lzma_props props;
	uint8_t byte = rd_u8(&r);
	rd_skip(&r, 4);
	uint64_t size = rd_u64(&r);
	if (!rd_ok(&r) || !lzma_props_split(byte, &props))
		return ERR_CORRUPT;
	struct span stream = span_from(in, LZMA_HEADER);
	if (size == UINT64_MAX)
		return unpack_unsized(props, stream, out, out_max, out_n);
	if (size > out_max)
		return ERR_CORRUPT;
	size_t used = 0;
	return lzma1_decode(props, stream, out, (size_t)size, &used, out_n, NULL);
}

static enum error_code unpack_lzma_unsized(struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	struct lzma_props props;
	if (in.n <= LZMA_PROPS || !lzma_props_split(in.p[0], &props))
		return ERR_CORRUPT;
	return unpack_unsized(props, span_from(in, LZMA_PROPS), out, out_max, out_n);
}

static enum error_code unpack_lzma_ddwrt(struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	if (in.n <= DDWRT_HEADER || in.p[0] > 4 || in.p[1] > 4 || in.p[2] > 4)
		return ERR_CORRUPT;
	struct lzma_props props = { .pb = in.p[0], .lc = in.p[1], .lp = in.p[2] };
	return unpack_unsized(props, span_from(in, DDWRT_HEADER), out, out_max, out_n);
}

static enum error_code unpack_as(const struct squashfs_codec *c, struct span in, uint8_t *out, size_t out_max,
								 size_t *out_n)
{
	static const enum codec codecs[] = {
		[SQUASHFS_ZLIB] = CODEC_ZLIB, [SQUASHFS_LZO] = CODEC_LZO1X, [SQUASHFS_XZ] = CODEC_XZ,
		[SQUASHFS_LZ4] = CODEC_LZ4,   [SQUASHFS_ZSTD] = CODEC_ZSTD,
	};
	*out_n = 0;
	switch (c->packing) {
	case SQUASHFS_LZMA:
		return unpack_lzma_alone(in, out, out_max, out_n);
	case SQUASHFS_LZMA_UNSIZED:
		return unpack_lzma_unsized(span_from(in, c->skip), out, out_max, out_n);
	case SQUASHFS_LZMA_DDWRT:
		return unpack_lzma_ddwrt(in, out, out_max, out_n);
	case SQUASHFS_LZMA_RAW:
		return unpack_unsized(c->props, span_from(in, c->skip), out, out_max, out_n);
	default:
		return codec_block(codecs[c->packing], in, out, out_max, out_n);
	}
}

enum error_code squashfs_unpack(const struct squashfs_codec *codec, struct span in, uint8_t *out, size_t out_max,
								size_t *out_n)
{
	enum error_code code = unpack_as(codec, in, out, out_max, out_n);
	if (!code || in.n < 2)
		return code;

	/* sqlzma decides for each block; zlib's first byte is 0x78, that of LZMA's default properties 0x5d. */
	struct squashfs_codec other = { .packing = in.p[0] == 0x78 ? SQUASHFS_ZLIB : SQUASHFS_LZMA };
	bool mixed =
		(in.p[0] == 0x78 && codec->packing == SQUASHFS_LZMA) || (in.p[0] == 0x5d && codec->packing == SQUASHFS_ZLIB);
	return mixed && !unpack_as(&other, in, out, out_max, out_n) ? ERR_NONE : code;
}

static bool codec_fits(const struct squashfs *fs, const struct squashfs_codec *codec, struct span in, uint8_t *scratch,
					   size_t max, bool (*accepts)(const struct squashfs *fs, struct span unpacked))
{
	size_t n = 0;
	return !unpack_as(codec, in, scratch, max, &n) && n > 0 && accepts(fs, span_of(scratch, n));
}

/* Properties that are written nowhere: all that lc + lp <= 4 allows, at the places where streams have been seen. A
 * wrong guess gives bytes that accepts() refuses. */
static bool find_raw(const struct squashfs *fs, struct span in, uint8_t *scratch, size_t max,
					 bool (*accepts)(const struct squashfs *fs, struct span unpacked), struct squashfs_codec *found)
{
	static const uint8_t skips[] = { 0, 4, 9, 5 };
	for (size_t i = 0; i < sizeof skips; i++)
		for (uint8_t lc = 0; lc <= 4; lc++)
			for (uint8_t lp = 0; lc + lp <= 4; lp++)
				for (uint8_t pb = 0; pb <= 4; pb++) {
					*found = (struct squashfs_codec){ SQUASHFS_LZMA_RAW, skips[i], { lc, lp, pb } };
					if (codec_fits(fs, found, in, scratch, max, accepts))
						return true;
				}
	return false;
}

bool squashfs_codec_find(const struct squashfs *fs, struct span in, uint8_t *scratch, size_t max,
						 bool (*accepts)(const struct squashfs *fs, struct span unpacked), struct squashfs_codec *found)
{
	/* Those with checks of their own first, then by how often they are met. "7zip" and other words of four bytes may
	 * stand before a stream with the default properties; four bytes before a header are the unpacked size. */
	static const struct squashfs_codec known[] = {
		{ .packing = SQUASHFS_ZLIB },
		{ .packing = SQUASHFS_XZ },
		{ .packing = SQUASHFS_LZMA },
		{ .packing = SQUASHFS_LZMA_UNSIZED },
		{ .packing = SQUASHFS_LZMA_DDWRT },
		{ .packing = SQUASHFS_LZMA_RAW, .props = { 3, 0, 2 } },
		{ .packing = SQUASHFS_LZMA_RAW, .props = { 0, 0, 2 } },
		{ .packing = SQUASHFS_LZMA_RAW, .skip = 4, .props = { 3, 0, 2 } },
		{ .packing = SQUASHFS_LZMA_UNSIZED, .skip = 4 },
		{ .packing = SQUASHFS_ZSTD },
		{ .packing = SQUASHFS_LZO },
		{ .packing = SQUASHFS_LZ4 },
	};
	*found = squashfs_codec_declared(fs->super.compression);
	if (codec_fits(fs, found, in, scratch, max, accepts))
		return true;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		*found = known[i];
		if (codec_fits(fs, found, in, scratch, max, accepts))
			return true;
	}
	return find_raw(fs, in, scratch, max, accepts, found);
}
