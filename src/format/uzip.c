/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compressed disk images of FreeBSD's GEOM_UZIP: a shell script, a table of offsets, blocks of zlib, XZ or zstd.
 *
 * Specification: FreeBSD sys/geom/uzip/g_uzip.c; mkuzip(8).
 */
#include "base/codec.h"
#include "format/format.h"

#define TABLE_AT 136u
#define BLOCK_MAX (16u << 20)

struct uzip {
	enum codec codec;
	uint32_t block, n;
};

static bool uzip_read(struct span bytes, struct uzip *u)
{
	static const struct {
		const char *magic;
		enum codec codec;
	} kinds[] = { { "#!/bin/sh\n#V2.0 ", CODEC_ZLIB },
				  { "#!/bin/sh\n#L3.0\n", CODEC_XZ },
				  { "#!/bin/sh\n#Z4.0 ", CODEC_ZSTD } };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (!span_starts(bytes, kinds[i].magic, 16))
			continue;
		*u = (struct uzip){ kinds[i].codec, span_u32be(bytes, 128), span_u32be(bytes, 132) };
		return u->block >= 512 && u->block <= BLOCK_MAX && u->block % 512 == 0 && u->n && u->n <= UINT32_MAX / 16 &&
			   span_u32be(bytes, TABLE_AT) == 0 && span_u32be(bytes, TABLE_AT + 4) >= TABLE_AT + 8 * u->n;
	}
	return false;
}

static uint64_t block_at(struct span bytes, uint64_t i)
{
	return span_u64be(bytes, TABLE_AT + 8 * i);
}

static bool uzip_probe(struct span at, struct format_match *match)
{
	struct uzip u;
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 90 };
	return uzip_read(at, &u);
}

static struct error uzip_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct uzip u;
	*used = 0;
	if (!uzip_read(bytes, &u))
		return error_at(ERR_CORRUPT, 0, "no header of uzip");
	if (!span_sub(bytes, TABLE_AT, 8 * ((uint64_t)u.n + 1)).p)
		return error_at(ERR_TRUNCATED, TABLE_AT, "the table of %u blocks is not all there", u.n);
	for (uint32_t i = 0; i < u.n; i++) {
		uint64_t at = block_at(bytes, i), end = block_at(bytes, i + 1ull);
		struct span block = span_sub(bytes, at, end - at);
		size_t got = u.block;
		if (end < at || !block.p)
			return error_at(end < at ? ERR_CORRUPT : ERR_TRUNCATED, TABLE_AT + 8ull * i, "block %u lies beyond the end",
							i);
		if (buf_reserve(out, u.block))
			return error_at(ERR_BUDGET, at, "the image has %u blocks of %u bytes", u.n, u.block);
		memset(out->p + out->n, 0, u.block); /* a block without bytes holds zeros */
		if (block.n &&
			(codec_block(u.codec, block, out->p + out->n, u.block, &got) || (got != u.block && i + 1 != u.n)))
			return error_at(ERR_CORRUPT, at, "block %u does not unpack", i);
		out->n += got;
	}
	*used = (size_t)block_at(bytes, u.n);
	return error_none();
}

static const struct format_magic uzip_magics[] = { MAGIC("#!/bin/sh\n#V2.0 ", 0), MAGIC("#!/bin/sh\n#L3.0\n", 0),
												   MAGIC("#!/bin/sh\n#Z4.0 ", 0), MAGIC_END };

const struct format uzip_format = {
	.name = "uzip",
	.kind = FORMAT_COMPRESSION,
	.title = "FreeBSD GEOM_UZIP image (zlib, XZ, zstd)",
	.spec = "FreeBSD sys/geom/uzip/g_uzip.c",
	.magics = uzip_magics,
	.probe = uzip_probe,
	.unpack = uzip_unpack,
};
