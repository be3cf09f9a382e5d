/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contents of squashfs files: blocks, which are unpacked straight into their place, and fragments, which hold the
 * tails of many files and are unpacked once.
 *
 * Small files that follow each other share a fragment, and so do the threads that read them. The first one unpacks it;
 * one that finds it being unpacked does the next fragment meanwhile instead of waiting. */
#include <pthread.h>
#include <stdlib.h>

#include "format/squashfs_image.h"

/* Unpacked fragments that are kept for files to come, in all. */
#define CACHE_BYTES ((size_t)24 << 20)
#define SPARE_MAX 4u
#define READ_AHEAD 8u

/* In a file's list of block places: the block is stored. Places are below 2^63, see squashfs_super_is_sane(). */
#define STORED (UINT64_C(1) << 63)

enum fragment_state { FRAGMENT_PACKED, FRAGMENT_UNPACKING, FRAGMENT_READY, FRAGMENT_BROKEN };

struct fragment {
	uint64_t at;   /* in the image */
	uint32_t size; /* packed */
	bool stored;
	/* The rest changes under the cache's lock. */
	enum fragment_state state;
	enum error_code error;
	uint8_t *bytes;
	uint32_t n;
	unsigned pins;                  /* threads that copy from it */
	uint32_t readers;               /* files that have not read their part yet */
	struct fragment *older, *newer; /* ready ones by last use */
};

/* Buffers of one fragment each, to be used again. */
struct spare {
	struct spare *next;
};

struct squashfs_cache {
	pthread_mutex_t lock;
	pthread_cond_t unpacked;
	const struct squashfs *fs;
	struct fragment *fragments;
	uint32_t n;
	bool settled;
	size_t bytes; /* held by fragments */
	struct fragment *oldest, *newest;
	struct spare *spares;
	unsigned nspares;
};

struct file {
	uint64_t *blocks; /* nblocks + 1 places in the image, in order: a block ends where the next one begins */
	uint64_t nblocks;
	struct fragment *fragment; /* of the tail; NULL when the table that names it could not be read */
	uint32_t fragment_offset;
};

static void cache_free(void *p)
{
	struct squashfs_cache *c = p;
	for (struct fragment *f = c->oldest; f; f = f->newer)
		free(f->bytes);
	while (c->spares) {
		struct spare *next = c->spares->next;
		free(c->spares);
		c->spares = next;
	}
	pthread_cond_destroy(&c->unpacked);
	pthread_mutex_destroy(&c->lock);
}

static bool cache_load(struct squashfs *fs, struct squashfs_cache *c)
{
	uint32_t count = fs->super.fragments;
	unsigned width = fs->layout->fragment_width;
	if (count == 0 || fs->super.fragment_table == OFFSET_NONE)
		return true;
	const uint8_t *table = squashfs_indexed_load(fs, "fragment", fs->super.fragment_table, (uint64_t)count * width);
	c->fragments = table ? ARENA_ARRAY(fs->walk->arena, struct fragment, count) : NULL;
	if (!c->fragments)
		return table == NULL; /* already reported: files without fragments can be read */
	struct reader r = reader_of(span_of(table, (size_t)count * width), fs->super.big);
	for (c->n = 0; c->n < count; c->n++) {
		struct fragment *f = &c->fragments[c->n];
		f->at = rd_uint(&r, width / 2);
		uint32_t size = rd_u32(&r);
		rd_skip(&r, width - width / 2 - 4);
		f->stored = size & SQUASHFS_STORED_BLOCK;
		f->size = size & (SQUASHFS_STORED_BLOCK - 1);
	}
	return true;
}

struct error squashfs_cache_open(struct squashfs *fs)
{
	struct squashfs_cache *c = ARENA_NEW(fs->walk->arena, struct squashfs_cache);
	if (!c || !cache_load(fs, c))
		return error_at(ERR_BUDGET, fs->super.fragment_table, "%lu fragments are more than are kept of one image",
						(unsigned long)fs->super.fragments);
	c->fs = fs;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->unpacked, NULL);
	if (!arena_defer(fs->walk->arena, cache_free, c)) {
		cache_free(c);
		return error_at(ERR_MEMORY, 0, "no memory for the fragments");
	}
	fs->cache = c;
	return error_none();
}

/* The functions on fragments below are called with the lock held. */

static void list_remove(struct squashfs_cache *c, struct fragment *f)
{
	*(f->older ? &f->older->newer : &c->oldest) = f->newer;
	*(f->newer ? &f->newer->older : &c->newest) = f->older;
}

static void list_append(struct squashfs_cache *c, struct fragment *f)
{
	f->older = c->newest;
	f->newer = NULL;
	*(c->newest ? &c->newest->newer : &c->oldest) = f;
	c->newest = f;
}

static uint8_t *buffer_take(struct squashfs_cache *c)
{
	struct spare *s = c->spares;
	if (!s)
		return malloc(c->fs->super.block_size);
	c->spares = s->next;
	c->nspares--;
	return (uint8_t *)s;
}

static void buffer_give(struct squashfs_cache *c, uint8_t *bytes)
{
	if (c->nspares == SPARE_MAX) {
		free(bytes);
		return;
	}
	struct spare *s = (struct spare *)bytes;
	s->next = c->spares;
	c->spares = s;
	c->nspares++;
}

static void fragment_drop(struct squashfs_cache *c, struct fragment *f)
{
	list_remove(c, f);
	buffer_give(c, f->bytes);
	c->bytes -= c->fs->super.block_size;
	f->bytes = NULL;
	f->state = FRAGMENT_PACKED;
}

/* Makes room for one more. Those that threads copy from stay, so that the limit may be exceeded by a few. */
static void cache_evict(struct squashfs_cache *c)
{
	struct fragment *f = c->oldest;
	while (f && c->bytes + c->fs->super.block_size > CACHE_BYTES) {
		struct fragment *newer = f->newer;
		if (f->pins == 0)
			fragment_drop(c, f);
		f = newer;
	}
}

static enum error_code unpack_fragment(const struct squashfs *fs, const struct fragment *f, uint8_t *out, uint32_t *n)
{
	size_t got = 0;
	struct squashfs_packed packed = { f->at, f->size, false, false };
	enum error_code code = squashfs_block_read(fs, &packed, out, fs->super.block_size, &got);
	*n = (uint32_t)got;
	return code == ERR_BUDGET ? ERR_CORRUPT : code;
}

/* Unpacks a fragment; the lock is released meanwhile. */
static void fragment_unpack(struct squashfs_cache *c, struct fragment *f)
{
	f->state = FRAGMENT_UNPACKING;
	cache_evict(c);
	uint8_t *bytes = buffer_take(c);
	c->bytes += c->fs->super.block_size;
	pthread_mutex_unlock(&c->lock);

	uint32_t n = 0;
	enum error_code code = bytes ? unpack_fragment(c->fs, f, bytes, &n) : ERR_MEMORY;

	pthread_mutex_lock(&c->lock);
	if (code) {
		c->bytes -= c->fs->super.block_size;
		f->error = code;
		f->state = FRAGMENT_BROKEN;
		if (bytes)
			buffer_give(c, bytes);
	} else {
		f->bytes = bytes;
		f->n = n;
		f->state = FRAGMENT_READY;
		list_append(c, f);
	}
	pthread_cond_broadcast(&c->unpacked);
}

/* A fragment after `f` that files are waiting for, while there is room for it. */
static struct fragment *next_wanted(struct squashfs_cache *c, struct fragment *f)
{
	if (c->bytes > CACHE_BYTES / 2)
		return NULL;
	struct fragment *end = c->fragments + c->n;
	for (unsigned i = 0; i < READ_AHEAD && ++f < end; i++)
		if (f->state == FRAGMENT_PACKED && f->readers > 0 && !f->stored)
			return f;
	return NULL;
}

/* Waits until it is unpacked or broken. */
static void fragment_want(struct squashfs_cache *c, struct fragment *f)
{
	while (f->state == FRAGMENT_PACKED || f->state == FRAGMENT_UNPACKING) {
		struct fragment *todo = f->state == FRAGMENT_PACKED ? f : next_wanted(c, f);
		if (todo)
			fragment_unpack(c, todo);
		else
			pthread_cond_wait(&c->unpacked, &c->lock);
	}
}

/* A file has read its part, or has given up. Until the walk is over more files may turn up that need the fragment. */
static void fragment_release(struct squashfs_cache *c, struct fragment *f)
{
	if (f->readers > 0)
		f->readers--;
	if (f->readers == 0 && c->settled && f->state == FRAGMENT_READY && f->pins == 0)
		fragment_drop(c, f);
}

/* out[0..n) from a packed fragment. */
static enum error_code copy_unpacked(struct squashfs_cache *c, struct fragment *f, uint32_t offset, uint8_t *out,
									 size_t n)
{
	pthread_mutex_lock(&c->lock);
	fragment_want(c, f);
	enum error_code code = f->state == FRAGMENT_BROKEN ? f->error : ERR_NONE;
	if (!code && (offset > f->n || n > f->n - offset))
		code = ERR_CORRUPT;
	if (!code) {
		f->pins++;
		list_remove(c, f);
		list_append(c, f);
		pthread_mutex_unlock(&c->lock);
		memcpy(out, f->bytes + offset, n);
		pthread_mutex_lock(&c->lock);
		f->pins--;
	}
	fragment_release(c, f);
	pthread_mutex_unlock(&c->lock);
	return code;
}

static enum error_code copy_stored(const struct squashfs *fs, const struct fragment *f, uint32_t offset, uint8_t *out,
								   size_t n)
{
	size_t got;
	if (offset > f->size || n > f->size - offset)
		return ERR_CORRUPT;
	return squashfs_block_read(fs, &(struct squashfs_packed){ f->at + offset, n, true, true }, out, n, &got);
}

static struct error read_tail(const struct squashfs *fs, const struct file *file, uint64_t offset, uint8_t *out,
							  size_t n)
{
	struct fragment *f = file->fragment;
	if (!f)
		return error_at(ERR_CORRUPT, offset, "the fragment with its last %zu bytes is unknown", n);
	enum error_code code = f->stored ? copy_stored(fs, f, file->fragment_offset, out, n)
									 : copy_unpacked(fs->cache, f, file->fragment_offset, out, n);
	if (!code)
		return error_none();
	return error_at(code, offset, "the fragment block at 0x%llx does not give its %zu bytes", (unsigned long long)f->at,
					n);
}

static struct error read_block(const struct squashfs *fs, const struct file *file, uint64_t i, uint8_t *out, size_t n)
{
	uint64_t at = file->blocks[i] & ~STORED, size = (file->blocks[i + 1] & ~STORED) - at,
			 offset = i * fs->super.block_size;
	if (size == 0) { /* sparse */
		memset(out, 0, n);
		return error_none();
	}
	size_t got = 0;
	enum error_code code = squashfs_block_read(fs, &(struct squashfs_packed){ at, size, file->blocks[i] & STORED, true }, out, n, &got);
	if (code == ERR_TRUNCATED)
		return error_at(ERR_TRUNCATED, offset, "its block at 0x%llx lies behind the end", (unsigned long long)at);
	if (code) {
		return error_at(ERR_CORRUPT, offset, "its block at 0x%llx does not unpack to %zu bytes", (unsigned long long)at,
						n);
	}
	if (got != n)
		return error_at(ERR_CORRUPT, offset, "its block at 0x%llx holds %zu of %zu bytes", (unsigned long long)at, got,
						n);
	return error_none();
}

static struct error file_read(const void *image, const void *entry, uint64_t offset, uint8_t *out, size_t n)
{
	const struct squashfs *fs = image;
	const struct file *file = entry;
	size_t block_size = fs->super.block_size;
	uint64_t i = offset / block_size;
	while (n > 0 && i < file->nblocks) {
		size_t part = n < block_size ? n : block_size;
		struct error e = read_block(fs, file, i, out, part);
		if (error_is(&e))
			return e;
		out += part;
		n -= part;
		i++;
	}
	return n > 0 ? read_tail(fs, file, i * block_size, out, n) : error_none();
}

static const struct content_ops file_ops = { .read = file_read };

/* Turns the list of sizes into places. In 1.x entries have 16 bits, bit 15 says stored, and 0 stands for 32 KiB. */
static bool place_blocks(const struct squashfs *fs, const struct squashfs_inode *inode, struct file *file)
{
	struct reader r = reader_of(inode->block_sizes, fs->super.big);
	uint64_t at = inode->start;
	for (uint64_t i = 0; i < file->nblocks; i++) {
		uint32_t entry = rd_uint(&r, fs->layout->size_width) & UINT32_MAX;
		bool stored = entry & SQUASHFS_STORED_BLOCK;
		uint32_t size = entry & ~SQUASHFS_STORED_BLOCK;
		if (fs->layout->size_width == 2) {
			stored = entry & 0x8000;
			size = entry & 0x7fff ? entry & 0x7fff : 0x8000;
		}
		file->blocks[i] = at | (stored ? STORED : 0);
		at += size;
	}
	file->blocks[file->nblocks] = at;
	return rd_ok(&r);
}

static void use_fragment(struct squashfs_cache *c, const struct squashfs_inode *inode, struct file *file)
{
	if (inode->fragment >= c->n)
		return;
	file->fragment = &c->fragments[inode->fragment];
	file->fragment_offset = inode->offset;
	pthread_mutex_lock(&c->lock);
	file->fragment->readers++;
	pthread_mutex_unlock(&c->lock);
}

bool squashfs_file_open(struct squashfs *fs, const struct squashfs_inode *inode, struct entry *entry)
{
	struct arena *arena = fs->walk->arena;
	entry->size = inode->size;
	entry->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_of("", 0) };
	if (inode->size == 0)
		return true;
	struct file *file = ARENA_NEW(arena, struct file);
	if (!file)
		return false;
	file->nblocks = squashfs_block_count(fs, inode->size, inode->fragment);
	file->blocks = ARENA_ARRAY(arena, uint64_t, file->nblocks + 1);
	if (!file->blocks || !place_blocks(fs, inode, file))
		return false;
	entry->content = (struct content){ CONTENT_BLOCKS, SPAN_NONE, &file_ops, fs, file, fs->super.block_size };
	if (file->nblocks > 0)
		entry->offset = inode->start;
	if (inode->size <= file->nblocks * fs->super.block_size)
		return true;
	use_fragment(fs->cache, inode, file);
	if (file->nblocks == 0 && file->fragment)
		entry->offset = file->fragment->at;
	return true;
}

void squashfs_cache_settle(struct squashfs_cache *c)
{
	pthread_mutex_lock(&c->lock);
	c->settled = true;
	for (struct fragment *f = c->oldest, *newer; f; f = newer) {
		newer = f->newer;
		if (f->readers == 0 && f->pins == 0)
			fragment_drop(c, f);
	}
	pthread_mutex_unlock(&c->lock);
}
