/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that HFS+ keeps packed: an attribute tells how, and holds the bytes itself, or the resource fork does, in blocks of 64 KiB.
 *
 * Specification: XNU bsd/sys/decmpfs.h; libfshfs, "Hierarchical File System (HFS)", section "Compressed data".
 */
#include <stdlib.h>

#include "base/codec.h"
#include "base/lzfse.h"
#include "base/lzvn.h"
#include "format/hfs_image.h"

#define HEADER_SIZE 16u
#define BLOCK 65536u
#define PACKED_MAX (2 * BLOCK) /* of one block */

/* How much a byte can become at most. */
#define ZLIB_RATIO UINT64_C(1032)
#define LZFSE_RATIO (UINT64_C(1) << 18)

enum method { METHOD_NONE, METHOD_ZLIB, METHOD_LZVN, METHOD_LZFSE };

/* What a file is unpacked from. */
struct packed {
	enum method method;
	bool fork, listed; /* in the resource fork; with a list of places and sizes, not of places alone */
	uint64_t size;
	struct span held;        /* where there is no fork */
	const struct runs *runs; /* of the fork */
};

static bool method_of(uint32_t type, struct packed *p)
{
	static const struct {
		uint8_t type, method, fork;
	} kinds[] = { { 1, METHOD_NONE, 0 }, { 3, METHOD_ZLIB, 0 }, { 4, METHOD_ZLIB, 1 },  { 7, METHOD_LZVN, 0 },   { 8, METHOD_LZVN, 1 },
		          { 9, METHOD_NONE, 0 }, { 10, METHOD_NONE, 1 }, { 11, METHOD_LZFSE, 0 }, { 12, METHOD_LZFSE, 1 } };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].type == type) {
			p->method = kinds[i].method;
			p->fork = kinds[i].fork;
			p->listed = type == 4;
			return true;
		}
	return false;
}

/* One block of n bytes. What would not become smaller is stored, behind a byte that is no beginning of anything packed. */
static enum error_code unpack_block(enum method method, struct span in, uint8_t *out, size_t n)
{
	size_t made = 0, used;
	enum error_code code = ERR_NONE;
	if (in.n == n + 1 || (method == METHOD_NONE && in.n == n)) {
		memcpy(out, in.p + (in.n - n), n);
		return ERR_NONE;
	}
	if (method == METHOD_ZLIB)
		code = codec_block(CODEC_ZLIB, in, out, n, &made);
	else if (method == METHOD_LZVN)
		code = lzvn_decode(in, out, 0, n, &made, &used);
	else if (method == METHOD_LZFSE)
		code = lzfse_decode(in, out, n, &made);
	return made == n && (!code || code == ERR_TRUNCATED) ? ERR_NONE : code ? code : ERR_CORRUPT;
}

static uint32_t fork_u32(const struct packed *p, uint64_t at, bool big)
{
	uint8_t word[4] = { 0 };
	struct error e = at + 4 <= p->runs->size ? runs_read(p->runs, at, word, 4) : error_none();
	return error_is(&e) ? 0 : big ? span_u32be(span_of(word, 4), 0) : span_u32le(span_of(word, 4), 0);
}

/* Where block i is in the fork. False when the table does not tell. */
static bool block_place(const struct packed *p, uint64_t i, uint64_t *at, uint64_t *n)
{
	uint64_t blocks;
	if (p->listed) { /* a resource, of its size, then the count, places and sizes */
		uint64_t table = (uint64_t)fork_u32(p, 0, true) + 4;
		blocks = fork_u32(p, table, false);
		*at = table + fork_u32(p, table + 4 + 8 * i, false);
		*n = fork_u32(p, table + 8 + 8 * i, false);
		return i < blocks && *n;
	}
	blocks = fork_u32(p, 0, false) / 4; /* places, the last one of the end */
	*at = fork_u32(p, 4 * i, false);
	uint64_t end = fork_u32(p, 4 * i + 4, false);
	*n = end - *at;
	return i + 1 < blocks && end > *at;
}

static struct error unpack_fork(const struct packed *p, struct buf *out, uint8_t *room)
{
	for (uint64_t done = 0, i = 0; done < p->size; i++) {
		size_t n = (size_t)(p->size - done < BLOCK ? p->size - done : BLOCK);
		uint64_t at = 0, size = 0;
		if (!block_place(p, i, &at, &size) || size > PACKED_MAX || at > p->runs->size || size > p->runs->size - at)
			return error_at(ERR_CORRUPT, done, "the resource fork has no block for these bytes");
		struct error e = runs_read(p->runs, at, room, (size_t)size);
		if (error_is(&e))
			return error_at(e.code, done, "%s", e.text);
		if (buf_reserve(out, n))
			return error_at(ERR_BUDGET, done, "the file has %llu bytes", (unsigned long long)p->size);
		if (unpack_block(p->method, span_of(room, (size_t)size), out->p + out->n, n))
			return error_at(ERR_CORRUPT, done, "a packed block of the file is broken");
		out->n += n;
		done += n;
	}
	return error_none();
}

static struct error packed_unpack(const void *fs, const void *file, struct buf *out)
{
	const struct packed *p = file;
	(void)fs;
	if (p->fork) {
		uint8_t *room = malloc(PACKED_MAX);
		struct error e = room ? unpack_fork(p, out, room) : error_at(ERR_MEMORY, 0, "no memory for a block");
		free(room);
		return e;
	}
	uint64_t most = p->held.n * (p->method == METHOD_LZFSE ? LZFSE_RATIO : ZLIB_RATIO) + BLOCK;
	if (p->size > most || buf_reserve(out, (size_t)p->size))
		return error_at(ERR_BUDGET, 0, "the file has %llu bytes, in %zu", (unsigned long long)p->size, p->held.n);
	enum error_code code = unpack_block(p->method, p->held, out->p + out->n, (size_t)p->size);
	if (code)
		return error_at(ERR_CORRUPT, 0, "the file's packed bytes are broken");
	out->n += (size_t)p->size;
	return error_none();
}

static const struct content_ops packed_ops = { .unpack = packed_unpack };

static const struct hfs_packed *find_packed(const struct hfs *fs, uint32_t file)
{
	size_t low = 0, high = fs->npacked;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (fs->packed[middle].file == file)
			return &fs->packed[middle];
		if (file < fs->packed[middle].file)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool hfs_set_packed(struct hfs *fs, const struct hfs_record *r, struct entry *e)
{
	const struct hfs_packed *attribute = find_packed(fs, r->id);
	struct packed *p = attribute ? ARENA_NEW(fs->v.w->arena, struct packed) : NULL;
	if (attribute && !p)
		volume_exhausted(&fs->v, OFFSET_NONE);
	if (!p || !span_starts(attribute->bytes, "fpmc", 4) || attribute->bytes.n < HEADER_SIZE) {
		volume_damage(&fs->v, ERR_CORRUPT, OFFSET_NONE, "file %lu is packed, and how is not told", (unsigned long)r->id);
		return false;
	}
	uint32_t type = span_u32le(attribute->bytes, 4);
	p->size = span_u32le(attribute->bytes, 8) | (uint64_t)span_u32le(attribute->bytes, 12) << 32;
	p->held = span_from(attribute->bytes, HEADER_SIZE);
	if (!method_of(type, p)) {
		volume_damage(&fs->v, ERR_UNSUPPORTED, OFFSET_NONE, "file %lu is packed by method %lu, which is not known", (unsigned long)r->id,
		              (unsigned long)type);
		return false;
	}
	if (p->fork) {
		uint64_t size = hfs_fork_runs(fs, &r->resource, r->id, true, OFFSET_NONE);
		p->runs = fs->v.stopped ? NULL : volume_runs_end(&fs->v, size);
		if (!p->runs)
			return false;
	}
	e->size = p->size;
	e->content = p->size ? (struct content){ .kind = CONTENT_STREAM, .ops = &packed_ops, .file = p }
	                     : (struct content){ .kind = CONTENT_SPAN, .bytes = span_of("", 0) };
	return true;
}
