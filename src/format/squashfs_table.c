/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata blocks of squashfs: a 16-bit header (size; bit 15: stored), then up to 8 KiB once unpacked.
 * Specification: Documentation/filesystems/squashfs.rst, "Metadata". */
#include "format/squashfs_image.h"

#define STORED 0x8000u

enum error_code squashfs_block_at(const struct squashfs *fs, uint64_t at, struct span *bytes, bool *stored,
								  uint64_t *next)
{
	struct reader r = reader_of(span_from(fs->image, at), fs->super.big);
	uint16_t header = rd_u16(&r);
	uint32_t size = header & ~STORED ? header & ~STORED : STORED;
	rd_skip(&r, fs->block_header - 2); /* 2.x and 3.x with check data: a marker byte */
	*stored = header & STORED;
	*bytes = rd_bytes(&r, size);
	*next = at + fs->block_header + size;
	return rd_ok(&r) ? ERR_NONE : ERR_TRUNCATED;
}

static enum error_code unpack_metadata(const struct squashfs *fs, struct span in, bool stored, uint8_t *out, size_t max,
									   size_t *n)
{
	if (!stored)
		return squashfs_unpack(&fs->codec, in, out, max, n);
	if (in.n > max)
		return ERR_CORRUPT;
	memcpy(out, in.p, in.n);
	*n = in.n;
	return ERR_NONE;
}

static size_t count_blocks(const struct squashfs *fs, uint64_t from, uint64_t to)
{
	size_t n = 0;
	struct span bytes;
	bool stored;
	while (from < to && !squashfs_block_at(fs, from, &bytes, &stored, &from))
		n++;
	return n;
}

/* Runs of readable blocks, from the last one backwards. */
static void mark_runs(struct squashfs_table *t)
{
	uint32_t end = (uint32_t)t->n;
	for (size_t i = t->nblocks; i-- > 0;) {
		struct squashfs_table_block *b = &t->blocks[i];
		if (b->good_end)
			b->good_end = end;
		else
			b->good_end = end = b->position;
	}
}

struct error squashfs_table_load(struct squashfs *fs, const char *name, uint64_t from, uint64_t to,
								 struct squashfs_table *t)
{
	struct arena *arena = fs->walk->arena;
	size_t count = count_blocks(fs, from, to);
	if (count == 0)
		return to > from ? error_at(ERR_TRUNCATED, from, "the %s table lies behind the end", name) : error_none();
	t->bytes = count < UINT32_MAX / SQUASHFS_METADATA ? arena_alloc(arena, count, SQUASHFS_METADATA) : NULL;
	t->blocks = ARENA_ARRAY(arena, struct squashfs_table_block, count);
	if (!t->bytes || !t->blocks)
		return error_at(ERR_BUDGET, from, "the %s table of %zu blocks is larger than what is kept of one", name, count);

	uint64_t at = from;
	for (; t->nblocks < count; t->nblocks++) {
		struct squashfs_table_block *b = &t->blocks[t->nblocks];
		struct span bytes;
		bool stored;
		size_t n = 0;
		*b = (struct squashfs_table_block){ (uint32_t)(at - from), (uint32_t)t->n, 1 };
		uint64_t block_at = at;
		enum error_code code = squashfs_block_at(fs, at, &bytes, &stored, &at);
		if (!code)
			code = unpack_metadata(fs, bytes, stored, t->bytes + t->n, SQUASHFS_METADATA, &n);
		if (code) {
			squashfs_damage(fs, code, block_at, "a block of the %s table can not be unpacked", name);
			b->good_end = 0;
			n = SQUASHFS_METADATA;
		}
		t->n += n;
	}
	if (at < to)
		squashfs_damage(fs, ERR_TRUNCATED, at, "the %s table is cut off", name);
	mark_runs(t);
	return error_none();
}

struct span squashfs_table_at(const struct squashfs_table *t, uint32_t block, uint32_t offset)
{
	size_t lo = 0, hi = t->nblocks;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (t->blocks[mid].at < block)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == t->nblocks || t->blocks[lo].at != block || offset > SQUASHFS_METADATA)
		return SPAN_NONE;
	const struct squashfs_table_block *b = &t->blocks[lo];
	return span_sub(span_of(t->bytes, b->good_end), (uint64_t)b->position + offset,
					b->good_end - b->position > offset ? b->good_end - b->position - offset : UINT64_MAX);
}

uint8_t *squashfs_indexed_load(struct squashfs *fs, const char *name, uint64_t index, uint64_t size)
{
	unsigned width = fs->layout->index_width;
	uint64_t count = (size + SQUASHFS_METADATA - 1) / SQUASHFS_METADATA;
	struct span places = span_sub(fs->image, index, count * width);
	struct reader r = reader_of(places, fs->super.big);
	uint8_t *out = places.p ? arena_alloc(fs->walk->arena, size, 1) : NULL;
	if (!out) {
		squashfs_damage(fs, places.p ? ERR_BUDGET : ERR_TRUNCATED, index, "the %s table can not be read", name);
		return NULL;
	}
	for (uint64_t i = 0; i < count; i++) {
		uint64_t place = rd_uint(&r, width) + (uint64_t)fs->shift, left = size - i * SQUASHFS_METADATA, next;
		size_t want = left < SQUASHFS_METADATA ? (size_t)left : SQUASHFS_METADATA, n = 0;
		struct span bytes;
		bool stored;
		enum error_code code = squashfs_block_at(fs, place, &bytes, &stored, &next);
		if (!code)
			code = unpack_metadata(fs, bytes, stored, out + i * SQUASHFS_METADATA, want, &n);
		if (code || n < want)
			squashfs_damage(fs, code ? code : ERR_CORRUPT, place, "a block of the %s table can not be unpacked", name);
		if (i == 0 && place > fs->super.directory_table && place < fs->listings_end)
			fs->listings_end = place;
	}
	return out;
}
