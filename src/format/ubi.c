/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UBI: a run of physical erase blocks, each of which begins with an erase counter header.
 *
 * Specification: Linux drivers/mtd/ubi/ubi-media.h.
 */
#include "base/hash.h"
#include "format/format.h"

#define HEADER_SIZE 64u
#define BLOCK_MIN (4u << 10)
#define BLOCK_MAX (4u << 20)
#define ERASED_RUN_MAX 64u /* blocks without a header between two that have one */

/* The CRC is that of zlib without its final inversion. */
static bool is_block(struct span bytes, uint64_t at)
{
	struct span header = span_sub(bytes, at, HEADER_SIZE);
	if (!span_starts(header, "UBI#\1\0\0\0", 8))
		return false;
	return ~hash_crc32(0, span_sub(header, 0, 60)) == span_u32be(header, 60);
}

/* The distance to the next block; sizes are powers of two. */
static uint64_t block_size(struct span bytes)
{
	for (uint64_t size = BLOCK_MIN; size <= BLOCK_MAX; size *= 2)
		if (is_block(bytes, size))
			return size;
	return 0;
}

static bool ubi_probe(struct span at, struct format_match *match)
{
	if (!is_block(at, 0))
		return false;
	uint64_t size = block_size(at), end = size, missing = 0;
	match->confidence = 90;
	if (!size) { /* a single block: its size is not told, and what follows is not ours */
		match->size = span_u32be(at, 20) < at.n ? span_u32be(at, 20) : at.n;
		return match->size >= HEADER_SIZE;
	}
	for (uint64_t next = size; next < at.n && missing <= ERASED_RUN_MAX; next += size) {
		missing = is_block(at, next) ? 0 : missing + 1;
		if (!missing)
			end = next + size;
	}
	match->size = end;
	return true;
}

static const struct format_magic ubi_magics[] = { MAGIC("UBI#\1", 0), MAGIC_END };

const struct format ubi_format = {
	.name = "ubi",
	.kind = FORMAT_CONTAINER,
	.title = "UBI image",
	.spec = "Linux drivers/mtd/ubi/ubi-media.h",
	.magics = ubi_magics,
	.probe = ubi_probe,
};
