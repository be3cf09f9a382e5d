/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Android sparse images. Specification: AOSP system/core/libsparse/sparse_format.h. */
#include "format/format.h"

#define HEADER_SIZE 28u
#define CHUNK_HEADER_SIZE 12u

static bool is_chunk(uint16_t type)
{
	return type >= 0xcac1 && type <= 0xcac4;
}

static bool android_sparse_probe(struct span at, struct format_match *match)
{
	struct reader r = reader_le(at);
	uint32_t magic = rd_u32(&r);
	uint16_t major = rd_u16(&r);
	rd_skip(&r, 2);
	uint16_t header_size = rd_u16(&r), chunk_header_size = rd_u16(&r);
	uint32_t block_size = rd_u32(&r), blocks = rd_u32(&r), chunks = rd_u32(&r);
	uint64_t end = HEADER_SIZE;
	if (!rd_ok(&r) || magic != 0xed26ff3a || major != 1 || header_size != HEADER_SIZE ||
		chunk_header_size != CHUNK_HEADER_SIZE || block_size % 4 || !block_size || !blocks ||
		!is_chunk(span_u16le(at, end)))
		return false;
	for (uint32_t i = 0; i < chunks && is_chunk(span_u16le(at, end)); i++) {
		uint32_t size = span_u32le(at, end + 8);
		if (size < CHUNK_HEADER_SIZE)
			break;
		end += size;
	}
	match->size = end;
	match->confidence = 90;
	return true;
}

static const struct format_magic android_sparse_magics[] = { MAGIC("\x3a\xff\x26\xed\1\0", 0), MAGIC_END };

const struct format android_sparse_format = {
	.name = "android_sparse",
	.kind = FORMAT_CONTAINER,
	.title = "Android sparse image",
	.spec = "AOSP system/core/libsparse/sparse_format.h",
	.magics = android_sparse_magics,
	.probe = android_sparse_probe,
};
