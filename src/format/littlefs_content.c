/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files as CTZ skip lists: block n of a file begins with pointers to the blocks n - 1, n - 2, n - 4 ... as often as two
 * divides n, and the data follow. The list is read from its end. */
#include "format/littlefs.h"

static uint32_t pointers_in(uint32_t index)
{
	return index ? (uint32_t)__builtin_ctz(index) + 1 : 0;
}

/* Which block of the file holds the byte, and where in it its data of that block begin (counted in the file). */
static uint32_t index_of(const struct littlefs *fs, uint64_t offset, uint64_t *start)
{
	uint64_t per_block = fs->block_size - 8; /* the pointers are two a block in the long run */
	uint64_t i = offset / per_block;
	if (i > 0)
		i = (offset - 4 * ((uint64_t)__builtin_popcountll(i - 1) + 2)) / per_block;
	*start = per_block * i + 4 * ((uint64_t)__builtin_popcountll(i) + pointers_in((uint32_t)i));
	return (uint32_t)i;
}

/* From block `from` of the file, which is `block`, back to block `to`; LITTLEFS_NULL where the list is broken. */
static uint32_t go_back(const struct littlefs *fs, uint32_t block, uint32_t from, uint32_t to)
{
	while (from > to) {
		uint32_t far = 31 - (uint32_t)__builtin_clz(from - to), most = (uint32_t)__builtin_ctz(from);
		uint32_t skip = far < most ? far : most;
		struct span bytes = littlefs_block(fs, block);
		if (!bytes.p)
			return LITTLEFS_NULL;
		block = span_u32le(bytes, 4 * (uint64_t)skip);
		from -= 1u << skip;
	}
	return block;
}

static struct error ctz_read(const void *fs_, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct littlefs *fs = fs_;
	const struct littlefs_ctz *ctz = file;
	uint64_t start, end = offset + n;
	if (!n)
		return error_none();
	uint32_t head = index_of(fs, ctz->size - 1, &start), index = index_of(fs, end - 1, &start);
	uint32_t block = go_back(fs, ctz->head, head, index);
	for (;; block = go_back(fs, block, index, index - 1), index--) {
		(void)index_of(fs, end - 1, &start);
		uint64_t from = start > offset ? start : offset, pointers = 4 * (uint64_t)pointers_in(index);
		struct span data = span_sub(littlefs_block(fs, block), pointers + (from - start), end - from);
		if (!data.p)
			return error_at(ERR_CORRUPT, from, "the file's block %u is said to be block %u, which is not there", index,
							block);
		memcpy(out + (from - offset), data.p, data.n);
		end = from;
		if (end == offset)
			return error_none();
	}
}

const struct content_ops littlefs_ctz_ops = { .read = ctz_read };
