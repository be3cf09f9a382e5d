/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: GNU tar manual, "Storing Sparse Files" (old GNU, pax versions 0.0, 0.1 and 1.0). */
#include "format/tar.h"

struct segment {
	uint64_t offset, size; /* in the file; the bytes follow one another in the archive */
};

struct map {
	struct arena *arena;
	struct segment *v;
	size_t n, cap;
	bool failed; /* out of memory */
};

struct sparse_file {
	struct span stored;
	struct segment *segments;
	size_t n;
	uint64_t size;
};

static void map_add(struct map *map, uint64_t offset, uint64_t size)
{
	if (map->n == map->cap) {
		size_t cap = map->cap ? map->cap * 2 : 8;
		struct segment *v = ARENA_ARRAY(map->arena, struct segment, cap);
		if (!v) {
			map->failed = true;
			return;
		}
		if (map->n)
			memcpy(v, map->v, map->n * sizeof *v);
		map->v = v;
		map->cap = cap;
	}
	map->v[map->n++] = (struct segment){ offset, size };
}

/* Four pairs in the header, then blocks of 21 as long as a flag says so. */
static void map_from_old_gnu(struct map *map, const struct tar_member *m, struct span bytes)
{
	struct span block = m->header;
	uint64_t pairs_at = 386, pairs = 4, flag_at = 482, at = m->at + TAR_BLOCK;
	for (;;) {
		for (uint64_t i = 0; i < pairs && !map->failed; i++) {
			uint64_t offset = tar_number(span_sub(block, pairs_at + 24 * i, 12));
			uint64_t size = tar_number(span_sub(block, pairs_at + 24 * i + 12, 12));
			if (size)
				map_add(map, offset, size);
		}
		struct span flag = span_sub(block, flag_at, 1);
		if (!flag.p || !flag.p[0] || at >= m->data)
			return;
		block = span_sub(bytes, at, TAR_BLOCK);
		at += TAR_BLOCK;
		pairs_at = 0;
		pairs = 21;
		flag_at = 504;
	}
}

/* The next number of a list that `end` separates. */
static bool take_number(struct text *list, char end, uint64_t *number)
{
	const char *stop = list->n ? memchr(list->p, end, list->n) : NULL;
	size_t n = stop ? (size_t)(stop - list->p) : list->n;
	if (!n)
		return false;
	*number = tar_decimal(text_of(list->p, n));
	size_t used = stop ? n + 1 : n;
	*list = text_of(list->p + used, list->n - used);
	return true;
}

static void map_from_pax(struct map *map, const struct tar_member *m)
{
	struct span records = m->pax;
	struct text key, value;
	uint64_t offset = 0, size;
	while (tar_pax_next(&records, &key, &value) && !map->failed) {
		if (text_is(key, "GNU.sparse.offset"))
			offset = tar_decimal(value);
		else if (text_is(key, "GNU.sparse.numbytes"))
			map_add(map, offset, tar_decimal(value));
		else if (text_is(key, "GNU.sparse.map"))
			while (take_number(&value, ',', &offset) && take_number(&value, ',', &size) && !map->failed)
				map_add(map, offset, size);
	}
}

/* Version 1.0: a count and the pairs, a line each, padded to a block. Gives the length of all that. */
static uint64_t map_from_data(struct map *map, struct span stored)
{
	struct text list = text_from_span(stored);
	uint64_t count, offset, size;
	if (!take_number(&list, '\n', &count))
		return 0;
	while (count-- && take_number(&list, '\n', &offset) && take_number(&list, '\n', &size) && !map->failed)
		map_add(map, offset, size);
	return (stored.n - list.n + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

static enum error_code add_zeros(struct buf *out, uint64_t n)
{
	if (n > SIZE_MAX / 2)
		return ERR_BUDGET;
	enum error_code code = buf_reserve(out, (size_t)n);
	if (code)
		return code;
	memset(out->p + out->n, 0, (size_t)n);
	out->n += (size_t)n;
	return ERR_NONE;
}

static struct error sparse_unpack(const void *fs, const void *file, struct buf *out)
{
	(void)fs;
	const struct sparse_file *f = file;
	uint64_t from = 0, written = 0;
	for (size_t i = 0; i < f->n; i++) {
		const struct segment *s = &f->segments[i];
		if (s->offset < written || s->offset > f->size || s->size > f->size - s->offset)
			return error_at(ERR_CORRUPT, from, "the sparse map is not in order");
		struct span bytes = span_clip(f->stored, from, s->size);
		if (add_zeros(out, s->offset - written) || buf_reserve(out, bytes.n) || buf_add(out, bytes.p, bytes.n))
			return error_at(ERR_BUDGET, from, "the sparse file has %llu bytes", (unsigned long long)f->size);
		if (bytes.n < s->size)
			return error_at(ERR_TRUNCATED, from + bytes.n, "the sparse file's data is cut off");
		from += s->size;
		written = s->offset + s->size;
	}
	if (f->size > written && add_zeros(out, f->size - written))
		return error_at(ERR_BUDGET, from, "the sparse file has %llu bytes", (unsigned long long)f->size);
	return error_none();
}

static const struct content_ops sparse_ops = { .unpack = sparse_unpack };

struct error tar_sparse_content(const struct tar_member *m, struct span bytes, struct arena *arena,
								struct content *content)
{
	struct map map = { .arena = arena };
	struct span stored = span_clip(bytes, m->data, m->size);
	if (m->sparse == TAR_SPARSE_OLD_GNU)
		map_from_old_gnu(&map, m, bytes);
	else if (m->sparse == TAR_SPARSE_PAX_0)
		map_from_pax(&map, m);
	else
		stored = span_from(stored, map_from_data(&map, stored));

	struct sparse_file *f = ARENA_NEW(arena, struct sparse_file);
	if (!f || map.failed)
		return error_at(ERR_BUDGET, m->at, "no memory left for a sparse map");
	*f = (struct sparse_file){ stored, map.v, map.n, m->real_size };
	*content = (struct content){ .kind = CONTENT_STREAM, .ops = &sparse_ops, .file = f };
	return error_none();
}
