/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contents of EROFS files. Packed bytes are unpacked straight into their place; those of the file that holds the
 * fragments of others are kept for a while, as many small files share them. */
#include <pthread.h>
#include <stdlib.h>

#include "base/codec.h"
#include "base/lzma.h"
#include "format/erofs_image.h"

/* Z_EROFS_PCLUSTER_MAX_DSIZE: what the packed bytes of one extent may hold. */
#define UNPACKED_MAX ((uint64_t)12 << 20)
#define PACKED_MAX ((uint64_t)1 << 20)
#define CACHE_BYTES ((size_t)24 << 20)
#define CACHE_SLOTS 64u
/* How often all of the file of fragments may be unpacked. */
#define UNPACKED_TIMES 64u

/* Packed bytes with zeros before them, which no stream begins with. */
static struct span without_zeros(const struct erofs *fs, const struct erofs_extent *e, struct span in)
{
	size_t i = 0;
	if (e->source == EROFS_LZ4 && !(fs->super.incompat & EROFS_INCOMPAT_ZERO_PADDING))
		return in;
	size_t end = in.n < fs->block_size ? in.n : fs->block_size;
	for (uint64_t word = 0; end - i >= sizeof word; i += sizeof word) {
		memcpy(&word, in.p + i, sizeof word);
		if (word)
			break;
	}
	while (i < end && !in.p[i])
		i++;
	return span_from(in, i);
}

/* MicroLZMA: a raw LZMA stream whose first byte, always 0, gave way to the inverted properties. */
static enum error_code unpack_lzma(struct span in, uint8_t *out, size_t n)
{
	struct lzma_props props;
	size_t used, got = 0;
	uint8_t *copy = in.n ? malloc(in.n) : NULL;
	enum error_code code = in.n && !copy ? ERR_MEMORY : ERR_CORRUPT;
	if (copy && lzma_props_split((uint8_t)~in.p[0], &props)) {
		memcpy(copy, in.p, in.n);
		copy[0] = 0;
		code = lzma1_decode(props, span_of(copy, in.n), out, n, &used, &got, NULL);
		if (got == n)
			code = ERR_NONE;
	}
	free(copy);
	return code;
}

/* The first n bytes of an extent; all: that is everything that it packs. */
static enum error_code unpack(const struct erofs *fs, const struct erofs_extent *e, uint8_t *out, size_t n, bool all)
{
	static const enum codec codecs[] = {
		[EROFS_LZ4] = CODEC_LZ4, [EROFS_DEFLATE] = CODEC_DEFLATE, [EROFS_ZSTD] = CODEC_ZSTD
	};
	struct span in = span_sub(fs->image, e->from, e->packed);
	size_t got = 0;
	if (!in.p)
		return ERR_TRUNCATED;
	in = without_zeros(fs, e, in);
	if (e->source == EROFS_LZMA)
		return unpack_lzma(in, out, n);
	bool whole = all && (e->source != EROFS_LZ4 || fs->super.incompat & EROFS_INCOMPAT_ZERO_PADDING);
	if (!whole)
		return codec_block_head(codecs[e->source], in, out, n);
	enum error_code code = codec_block(codecs[e->source], in, out, n, &got);
	return code ? code : got == n ? ERR_NONE : ERR_CORRUPT;
}

/* ---- unpacked extents of the file of fragments ---- */

struct slot {
	size_t extent; /* its number */
	uint8_t *bytes;
	size_t n;
	uint64_t used; /* when */
};

struct erofs_cache {
	pthread_mutex_t lock;
	uint64_t clock;
	uint64_t unpacked; /* bytes so far */
	size_t bytes;
	struct slot slots[CACHE_SLOTS];
};

static void cache_free(void *p)
{
	struct erofs_cache *c = p;
	for (unsigned i = 0; i < CACHE_SLOTS; i++)
		free(c->slots[i].bytes);
	pthread_mutex_destroy(&c->lock);
}

bool erofs_cache_open(struct erofs *fs)
{
	struct erofs_cache *c = ARENA_NEW(fs->walk->arena, struct erofs_cache);
	if (!c)
		return false;
	pthread_mutex_init(&c->lock, NULL);
	if (!arena_defer(fs->walk->arena, cache_free, c)) {
		cache_free(c);
		return false;
	}
	fs->cache = c;
	return true;
}

static bool cache_get(struct erofs_cache *c, size_t extent, uint64_t skip, uint8_t *out, size_t n)
{
	bool found = false;
	pthread_mutex_lock(&c->lock);
	for (unsigned i = 0; i < CACHE_SLOTS && !found; i++) {
		struct slot *s = &c->slots[i];
		found = s->bytes && s->extent == extent && skip <= s->n && n <= s->n - skip;
		if (found) {
			memcpy(out, s->bytes + skip, n);
			s->used = ++c->clock;
		}
	}
	pthread_mutex_unlock(&c->lock);
	return found;
}

static void slot_clear(struct erofs_cache *c, struct slot *s)
{
	free(s->bytes);
	c->bytes -= s->n;
	*s = (struct slot){ 0 };
}

/* The slot that was used least lately (used), or one that is empty; NULL when there is none. */
static struct slot *find_slot(struct erofs_cache *c, bool used)
{
	struct slot *found = NULL;
	for (unsigned i = 0; i < CACHE_SLOTS; i++) {
		struct slot *s = &c->slots[i];
		if (!s->bytes == !used && (!found || s->used < found->used))
			found = s;
	}
	return found;
}

/* Takes over `bytes`, of which there are fewer than CACHE_BYTES. */
static void cache_put(struct erofs_cache *c, size_t extent, uint8_t *bytes, size_t n)
{
	pthread_mutex_lock(&c->lock);
	struct slot *s = find_slot(c, false), *oldest;
	while ((!s || c->bytes + n > CACHE_BYTES) && (oldest = find_slot(c, true))) {
		slot_clear(c, oldest);
		s = oldest;
	}
	*s = (struct slot){ extent, bytes, n, ++c->clock };
	c->bytes += n;
	pthread_mutex_unlock(&c->lock);
}

/* Whether n bytes more may be unpacked: small files at random places of large extents could make it much. */
static bool cache_allows(struct erofs_cache *c, const struct erofs_file *packed, uint64_t n)
{
	pthread_mutex_lock(&c->lock);
	bool allowed = c->unpacked / UNPACKED_TIMES <= packed->size + UNPACKED_MAX;
	c->unpacked += n;
	pthread_mutex_unlock(&c->lock);
	return allowed;
}

/* ---- files ---- */

static enum error_code read_stored(const struct erofs *fs, uint64_t from, uint8_t *out, size_t n)
{
	struct span in = span_sub(fs->image, from, n);
	if (!in.p)
		return ERR_TRUNCATED;
	memcpy(out, in.p, n);
	return ERR_NONE;
}

/* The bytes up to the next block of the file stand last, those behind it first. */
static enum error_code read_rotated(const struct erofs *fs, const struct erofs_extent *e, uint64_t skip, uint8_t *out,
									size_t n)
{
	uint64_t last = fs->block_size - e->at % fs->block_size;
	size_t first = skip >= last ? 0 : n < last - skip ? n : (size_t)(last - skip);
	enum error_code code = first ? read_stored(fs, e->from + e->packed - last + skip, out, first) : ERR_NONE;
	return code || first == n ? code : read_stored(fs, e->from + (skip + first - last), out + first, n - first);
}

/* out[0..n) from `skip` bytes into a packed extent of `size` bytes. */
static enum error_code read_packed(const struct erofs *fs, const struct erofs_file *file, const struct erofs_extent *e,
								   uint64_t skip, uint8_t *out, size_t n, uint64_t size)
{
	bool shared = file == fs->packed && fs->cache;
	size_t number = (size_t)(e - file->extents);
	if (size > UNPACKED_MAX || e->packed > PACKED_MAX)
		return ERR_CORRUPT;
	if (skip == 0 && !shared)
		return unpack(fs, e, out, n, n == size && !e->partial);
	if (shared && cache_get(fs->cache, number, skip, out, n))
		return ERR_NONE;
	if (shared && !cache_allows(fs->cache, file, size))
		return ERR_BUDGET;
	size_t need = shared ? (size_t)size : (size_t)skip + n;
	uint8_t *bytes = malloc(need);
	enum error_code code = bytes ? unpack(fs, e, bytes, need, need == size && !e->partial) : ERR_MEMORY;
	if (!code)
		memcpy(out, bytes + skip, n);
	if (!code && shared)
		cache_put(fs->cache, number, bytes, need);
	else
		free(bytes);
	return code;
}

static struct error file_read(const void *image, const void *entry, uint64_t offset, uint8_t *out, size_t n);

static enum error_code read_fragment(const struct erofs *fs, const struct erofs_file *file, uint64_t from, uint8_t *out,
									 size_t n)
{
	const struct erofs_file *packed = fs->packed;
	if (!packed || file == packed || from > packed->size || n > packed->size - from)
		return ERR_CORRUPT;
	return file_read(fs, packed, from, out, n).code;
}

static enum error_code read_extent(const struct erofs *fs, const struct erofs_file *file, const struct erofs_extent *e,
								   uint64_t skip, uint8_t *out, size_t n)
{
	uint64_t size = e[1].at - e->at;
	switch ((enum erofs_source)e->source) {
	case EROFS_HOLE:
		memset(out, 0, n);
		return ERR_NONE;
	case EROFS_STORED:
		return e->packed && size > e->packed ? ERR_CORRUPT : read_stored(fs, e->from + skip, out, n);
	case EROFS_ROTATED:
		return size > e->packed || e->packed < fs->block_size ? ERR_CORRUPT : read_rotated(fs, e, skip, out, n);
	case EROFS_FRAGMENT:
		return read_fragment(fs, file, e->from + skip, out, n);
	case EROFS_ELSEWHERE:
		return ERR_UNSUPPORTED;
	case EROFS_BROKEN:
		return ERR_CORRUPT;
	default:
		return read_packed(fs, file, e, skip, out, n, size);
	}
}

/* The extent that `offset`, which lies in the file, is in. */
static const struct erofs_extent *find_extent(const struct erofs_file *file, uint64_t offset)
{
	size_t lo = 0, hi = file->n;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;
		if (file->extents[mid].at <= offset)
			lo = mid;
		else
			hi = mid;
	}
	return &file->extents[lo];
}

static struct error read_error(enum error_code code, uint64_t offset, const struct erofs_extent *e)
{
	if (e->source == EROFS_ELSEWHERE)
		return error_at(code, offset, "its bytes lie on device %llu, which is not part of the image",
						(unsigned long long)e->from);
	if (e->source == EROFS_BROKEN)
		return error_at(code, offset, "where its bytes lie can not be read");
	return error_at(code, offset, "its bytes at 0x%llx can not be %s", (unsigned long long)e->from,
					e->source < EROFS_LZ4 ? "read" : "unpacked");
}

static struct error file_read(const void *image, const void *entry, uint64_t offset, uint8_t *out, size_t n)
{
	const struct erofs *fs = image;
	const struct erofs_file *file = entry;
	if (offset > file->size || n > file->size - offset || file->n == 0)
		return n ? error_at(ERR_CORRUPT, offset, "there is nothing") : error_none();
	for (const struct erofs_extent *e = find_extent(file, offset); n > 0; e++) {
		uint64_t skip = offset - e->at, left = e[1].at - offset;
		size_t part = n < left ? n : (size_t)left;
		enum error_code code = read_extent(fs, file, e, skip, out, part);
		if (code)
			return read_error(code, offset, e);
		out += part;
		offset += part;
		n -= part;
	}
	return error_none();
}

const struct content_ops erofs_file_ops = { .read = file_read };
