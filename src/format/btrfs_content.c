/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contents of btrfs files. */
#include <stdlib.h>

#include "base/codec.h"
#include "format/btrfs_image.h"

enum { STORED, ZLIB, LZO, ZSTD };
/* BTRFS_MAX_COMPRESSED. */
#define UNPACKED_MAX ((uint64_t)128 << 10)
#define LZO_MARGIN 64u
/* The unit in which a file is read: no compressed extent is larger. */
#define BLOCK (128u << 10)

struct file {
	const struct btrfs *fs;
	uint64_t size;
	const struct btrfs_extent *extents;
	size_t n;
};

/* Segments of at most a sector, each behind its size, none of which sizes lies across the end of a sector. */
enum error_code btrfs_unpack_lzo(struct span in, uint32_t sector, uint8_t *out, size_t out_n, size_t *got)
{
	uint64_t total = span_u32le(in, 0), at = 4;
	struct span all = span_clip(in, 0, total);
	uint8_t *segment = malloc((size_t)sector + LZO_MARGIN);
	enum error_code code = !segment ? ERR_MEMORY : total > in.n || total < 4 ? ERR_CORRUPT : ERR_NONE;
	*got = 0;
	while (!code && at + 4 <= all.n && *got < out_n) {
		size_t n = 0;
		uint32_t size = span_u32le(all, at);
		struct span packed = span_sub(all, at + 4, size);
		code = packed.p && size ? codec_block(CODEC_LZO1X, packed, segment, sector, &n) : ERR_CORRUPT;
		n = n < out_n - *got ? n : out_n - *got;
		if (!code)
			memcpy(out + *got, segment, n);
		*got += n;
		at += 4 + (uint64_t)size;
		if (sector - at % sector < 4)
			at += sector - at % sector;
	}
	free(segment);
	return code;
}

static enum error_code unpack(const struct btrfs *fs, const struct btrfs_extent *e, struct span in, uint8_t *out,
							  size_t n)
{
	size_t got = 0;
	enum error_code code = e->compression == ZLIB   ? codec_block(CODEC_ZLIB, in, out, n, &got)
						   : e->compression == ZSTD ? codec_block(CODEC_ZSTD, in, out, n, &got)
						   : e->compression == LZO  ? btrfs_unpack_lzo(in, fs->super.sector_size, out, n, &got)
													: ERR_UNSUPPORTED;
	if (!code)
		memset(out + got, 0, n - got);
	return code;
}

/* Stored bytes of an extent, from `from` on. */
static enum error_code read_stored(const struct btrfs *fs, const struct btrfs_extent *e, uint64_t from, uint8_t *out, size_t n)
{
	enum error_code code = ERR_CORRUPT;
	uint64_t room = e->packed > from ? e->packed - from : 0;
	struct span part = n > room ? SPAN_NONE : e->inlined.p ? span_sub(e->inlined, from, n) : btrfs_data(fs, e->from + from, n, &code);
	if (part.p)
		memcpy(out, part.p, n);
	return part.p ? ERR_NONE : code;
}

/* out[0..n) from `skip` bytes into the extent's part of the file. */
static enum error_code read_extent(const struct btrfs *fs, const struct btrfs_extent *e, uint64_t skip, uint8_t *out,
								   size_t n)
{
	if (!e->inlined.p && !e->from) {
		memset(out, 0, n);
		return ERR_NONE;
	}
	uint64_t from = e->skip + skip;
	if (from < skip)
		return ERR_CORRUPT;
	if (e->compression == STORED)
		return read_stored(fs, e, from, out, n);
	enum error_code code = ERR_CORRUPT;
	if (e->packed > UNPACKED_MAX || e->unpacked > UNPACKED_MAX || from > e->unpacked || n > e->unpacked - from)
		return ERR_CORRUPT;
	struct span in = e->inlined.p ? e->inlined : btrfs_data(fs, e->from, e->packed, &code);
	if (!in.p)
		return code;
	if (from == 0 && n == e->unpacked)
		return unpack(fs, e, in, out, n);
	uint8_t *all = malloc((size_t)e->unpacked);
	code = all ? unpack(fs, e, in, all, (size_t)e->unpacked) : ERR_MEMORY;
	if (!code)
		memcpy(out, all + from, n);
	free(all);
	return code;
}

static struct error file_read(const void *image, const void *entry, uint64_t offset, uint8_t *out, size_t n)
{
	const struct file *f = entry;
	size_t lo = 0, hi = f->n;
	(void)image;
	while (lo < hi) { /* the first extent that ends behind the offset */
		size_t mid = lo + (hi - lo) / 2;
		if (f->extents[mid].at + f->extents[mid].size <= offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (n > 0) {
		const struct btrfs_extent *e = lo < f->n ? &f->extents[lo] : NULL;
		uint64_t gap = !e ? n : e->at > offset ? e->at - offset : 0;
		size_t part = gap < n ? (size_t)gap : n;
		if (gap) {
			memset(out, 0, part);
		} else {
			uint64_t skip = offset - e->at, left = e->size - skip;
			part = n < left ? n : (size_t)left;
			enum error_code code = read_extent(f->fs, e, skip, out, part);
			if (code)
				return error_at(code, offset, "its extent at the logical address 0x%llx can not be read, or not as its checksum says",
								(unsigned long long)e->from);
			lo++;
		}
		out += part;
		offset += part;
		n -= part;
	}
	return error_none();
}

/* A block that fails spoils itself: without compressed extents it is as small as what has a checksum. */
static size_t block_of(const struct btrfs *fs, const struct btrfs_extent *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (e[i].compression != STORED || e[i].inlined.p)
			return BLOCK;
	return fs->super.sector_size < BLOCK ? fs->super.sector_size : BLOCK;
}

/* The only extent of a file that is stored, as it lies in the image: as far as that much is verified ahead of its reading. */
static struct span whole_of(struct btrfs *fs, const struct btrfs_inode *inode, const struct btrfs_extent *e)
{
	enum error_code code;
	if (inode->extents != 1 || e->at != 0 || e->compression != STORED || e->size < inode->size)
		return SPAN_NONE;
	if (e->inlined.p)
		return span_sub(e->inlined, e->skip, inode->size);
	if (inode->size > fs->ahead || e->skip > e->packed || inode->size > e->packed - e->skip)
		return SPAN_NONE;
	fs->ahead -= inode->size;
	return btrfs_data(fs, e->from + e->skip, inode->size, &code);
}

static const struct content_ops file_ops = { .read = file_read };

bool btrfs_content_set(struct btrfs *fs, const struct btrfs_files *files, const struct btrfs_inode *inode,
					   struct entry *e)
{
	const struct btrfs_extent *first = inode->extents ? &files->extents[inode->first_extent] : NULL;
	e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_of("", 0) };
	if (inode->size == 0)
		return true;
	struct file *file = ARENA_NEW(fs->walk->arena, struct file);
	if (!file)
		return false;
	*file = (struct file){ fs, inode->size, first, inode->extents };
	e->content = (struct content){ CONTENT_BLOCKS, SPAN_NONE, &file_ops, fs, file, block_of(fs, first, inode->extents) };
	if (!first || (!first->inlined.p && !first->from))
		return true;
	struct span in = first->inlined.p ? first->inlined : btrfs_map(fs, first->from, first->packed, 0);
	struct span all = whole_of(fs, inode, first);
	if (in.p && first->at == 0)
		e->offset = (uint64_t)(in.p - fs->image.p) + (first->compression ? 0 : first->skip);
	if (all.p)
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = all };
	return true;
}
