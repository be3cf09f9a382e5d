/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the bytes of EROFS files lie: extents. */
#include "format/erofs_image.h"

/* No image reaches further, and no sum of such a place and of an offset in a file wraps around. */
#define FROM_BITS 62u
#define CHUNK_BITS_MASK 0x1fu
#define CHUNK_INDEXES 0x20u /* entries of 8 bytes with a device, not of 4 */
#define CHUNK_48BIT 0x40u   /* with indexes: numbers of blocks have that many bits */
/* No byte of an index belongs to two files, but inodes may overlap in a broken image. */
#define INDEXED_MAX 4u

static bool continues(const struct erofs_extent *a, const struct erofs_extent *b)
{
	if (a->source != b->source || a->packed || b->packed)
		return false;
	return a->source == EROFS_HOLE || (a->source == EROFS_STORED && a->from + (b->at - a->at) == b->from);
}

bool erofs_extent_add(struct erofs *fs, struct erofs_file *file, const struct erofs_extent *extent)
{
	if (file->n && continues(&file->extents[file->n - 1], extent))
		return true;
	if (file->n + 1 >= file->cap) {
		size_t cap = file->cap ? file->cap * 2 : 4;
		struct erofs_extent *v = ARENA_ARRAY(fs->walk->arena, struct erofs_extent, cap);
		if (!v)
			return false;
		if (file->n)
			memcpy(v, file->extents, file->n * sizeof *v);
		file->extents = v;
		file->cap = cap;
	}
	struct erofs_extent *added = &file->extents[file->n++];
	*added = *extent;
	if (extent->from >> FROM_BITS)
		*added = (struct erofs_extent){ .at = extent->at, .source = EROFS_BROKEN };
	return true;
}

static bool add_stored(struct erofs *fs, struct erofs_file *file, uint64_t at, uint64_t from)
{
	return erofs_extent_add(fs, file, &(struct erofs_extent){ .at = at, .from = from, .source = EROFS_STORED });
}

static bool read_flat(struct erofs *fs, const struct erofs_inode *inode, struct erofs_file *file)
{
	uint64_t tail = inode->layout == EROFS_FLAT_INLINE ? (inode->size - 1) % fs->block_size + 1 : 0;
	uint64_t blocks = inode->size - tail;
	if (tail && inode->body_at % fs->block_size + tail > fs->block_size)
		erofs_damage(fs, ERR_CORRUPT, inode->at, "%llu bytes behind an inode exceed its block",
					 (unsigned long long)tail);
	bool nowhere = inode->start == EROFS_NOWHERE && inode->layout == EROFS_FLAT_PLAIN;
	if (nowhere)
		return erofs_extent_add(fs, file, &(struct erofs_extent){ .source = EROFS_HOLE });
	return (!blocks || add_stored(fs, file, 0, inode->start << fs->super.block_bits)) &&
		   (!tail || add_stored(fs, file, blocks, inode->body_at));
}

static struct erofs_extent chunk_extent(const struct erofs *fs, struct reader *r, uint32_t format)
{
	struct erofs_extent e = { .source = EROFS_STORED };
	uint16_t device = 0;
	uint64_t high = 0, all = UINT32_MAX;
	if (format & CHUNK_INDEXES) {
		high = rd_u16(r);
		device = rd_u16(r);
		all |= format & CHUNK_48BIT ? UINT64_C(0xffff) << 32 : 0;
	}
	uint64_t block = (rd_u32(r) | high << 32) & all;
	e.from = block << fs->super.block_bits;
	if (block == all)
		e = (struct erofs_extent){ .source = EROFS_HOLE };
	else if (device)
		e = (struct erofs_extent){ .source = EROFS_ELSEWHERE, .from = device };
	return e;
}

static bool read_chunks(struct erofs *fs, const struct erofs_inode *inode, struct erofs_file *file)
{
	bool indexes = inode->value & CHUNK_INDEXES;
	unsigned width = indexes ? 8 : 4, bits = fs->super.block_bits + (inode->value & CHUNK_BITS_MASK);
	uint64_t at = (inode->body_at + width - 1) / width * width, count = ((inode->size - 1) >> bits) + 1;
	struct span index = span_clip(fs->image, at, count * width);
	struct reader r = reader_le(index);
	uint64_t chunk = 0;
	fs->indexed += index.n;
	for (; rd_left(&r) >= width; chunk++) {
		struct erofs_extent e = chunk_extent(fs, &r, inode->value);
		e.at = chunk << bits;
		if (!erofs_extent_add(fs, file, &e))
			return false;
	}
	if (chunk == count)
		return true;
	erofs_damage(fs, ERR_TRUNCATED, at, "%llu of %llu chunks of a file can be found", (unsigned long long)chunk,
				 (unsigned long long)count);
	return erofs_extent_add(fs, file, &(struct erofs_extent){ .at = chunk << bits, .source = EROFS_BROKEN });
}

struct erofs_file *erofs_file_open(struct erofs *fs, const struct erofs_inode *inode)
{
	struct erofs_file *file = ARENA_NEW(fs->walk->arena, struct erofs_file);
	if (!file)
		return NULL;
	file->size = inode->size;
	bool done = true;
	if (fs->indexed > INDEXED_MAX * (uint64_t)fs->image.n)
		done = erofs_extent_add(fs, file, &(struct erofs_extent){ .source = EROFS_BROKEN });
	else if (inode->size == 0)
		done = true;
	else if (inode->layout == EROFS_CHUNK_BASED)
		done = read_chunks(fs, inode, file);
	else if (inode->layout == EROFS_FLAT_PLAIN || inode->layout == EROFS_FLAT_INLINE)
		done = read_flat(fs, inode, file);
	else
		done = erofs_index_read(fs, inode, file);
	if (!done || (!file->extents && !(file->extents = ARENA_NEW(fs->walk->arena, struct erofs_extent))))
		return NULL;
	file->extents[file->n] = (struct erofs_extent){ .at = inode->size };
	return file;
}
