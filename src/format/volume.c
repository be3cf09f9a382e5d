/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/volume.h"

bool volume_init(struct volume *v, struct span image, struct walk *w)
{
	*v = (struct volume){ .image = image, .w = w, .error = error_none() };
	v->path = arena_alloc(w->arena, FACT_TEXT_MAX, 1);
	return v->path != NULL;
}

struct error volume_finish(struct volume *v)
{
	emit_damage_further(v->w->sink, v->damages);
	return v->error;
}

void volume_exhausted(struct volume *v, uint64_t offset)
{
	v->error = error_at(ERR_BUDGET, offset, "more files and fragments than are kept of one image");
	v->stopped = true;
}

bool volume_enter(struct volume *v, struct text name, uint64_t offset)
{
	if (name.n >= FACT_TEXT_MAX - v->path_n) {
		volume_damage(v, ERR_BUDGET, offset, "a path of more than %u bytes is not followed", FACT_TEXT_MAX);
		return false;
	}
	v->path[v->path_n++] = '/';
	if (name.n)
		memcpy(v->path + v->path_n, name.p, name.n);
	v->path_n += name.n;
	return true;
}

void volume_child(struct volume *v, const struct entry *e)
{
	if (!v->stopped && !v->w->child(v->w, e))
		v->stopped = true;
}

void volume_runs_begin(struct volume *v)
{
	v->nscratch = 0;
}

bool volume_runs_add(struct volume *v, uint64_t at, uint64_t place)
{
	if (v->nscratch) {
		const struct run *last = &v->scratch[v->nscratch - 1];
		if (place == RUN_HOLE ? last->place == RUN_HOLE
							  : last->place != RUN_HOLE && last->place + (at - last->at) == place)
			return true;
	}
	if (v->nscratch == v->scratch_size) {
		size_t size = v->scratch_size ? 2 * v->scratch_size : 64;
		struct run *larger = ARENA_ARRAY(v->w->arena, struct run, size);
		if (!larger) {
			volume_exhausted(v, OFFSET_NONE);
			return false;
		}
		if (v->nscratch)
			memcpy(larger, v->scratch, v->nscratch * sizeof *larger);
		v->scratch = larger;
		v->scratch_size = size;
	}
	v->scratch[v->nscratch++] = (struct run){ at, place };
	return true;
}

void volume_runs_cut(struct volume *v, uint64_t valid, uint64_t size)
{
	while (v->nscratch && v->scratch[v->nscratch - 1].at >= valid)
		v->nscratch--;
	if (valid < size && !volume_runs_add(v, valid, RUN_HOLE))
		v->nscratch = 0;
}

struct runs *volume_runs_end(struct volume *v, uint64_t size)
{
	struct runs *r = ARENA_NEW(v->w->arena, struct runs);
	struct run *copy = ARENA_ARRAY(v->w->arena, struct run, v->nscratch);
	if (!r || !copy) {
		volume_exhausted(v, OFFSET_NONE);
		return NULL;
	}
	if (v->nscratch)
		memcpy(copy, v->scratch, v->nscratch * sizeof *copy);
	*r = (struct runs){ v->image, size, v->nscratch, copy };
	return r;
}

static size_t index_of(const struct runs *runs, uint64_t offset)
{
	size_t low = 0, high = runs->n;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (runs->v[middle].at <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

const struct run *runs_find(const struct runs *runs, uint64_t offset, uint64_t *end)
{
	static const struct run hole = { 0, RUN_HOLE };
	*end = runs->size;
	if (!runs->n)
		return &hole;
	size_t i = index_of(runs, offset);
	if (i + 1 < runs->n && runs->v[i + 1].at < runs->size)
		*end = runs->v[i + 1].at;
	return &runs->v[i];
}

struct error runs_read(const struct runs *runs, uint64_t offset, uint8_t *out, size_t n)
{
	if (offset > runs->size || n > runs->size - offset)
		return error_at(ERR_TRUNCATED, runs->size, "a read behind the end of the file");
	while (n) {
		uint64_t end;
		const struct run *run = runs_find(runs, offset, &end);
		size_t part = end - offset < n ? (size_t)(end - offset) : n;
		if (run->place == RUN_HOLE) {
			memset(out, 0, part);
		} else {
			struct span bytes = span_sub(runs->image, run->place + (offset - run->at), part);
			if (!bytes.p)
				return error_at(ERR_TRUNCATED, offset, "the file's bytes lie behind the end of the image");
			memcpy(out, bytes.p, part);
		}
		out += part;
		offset += part;
		n -= part;
	}
	return error_none();
}

static struct error read_content(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	(void)fs;
	return runs_read(file, offset, out, n);
}

static const struct content_ops runs_ops = { .read = read_content };

void volume_set_content(struct volume *v, struct entry *e, uint64_t size, uint32_t block)
{
	e->size = size;
	if (v->nscratch && v->scratch[0].place != RUN_HOLE)
		e->offset = v->scratch[0].place;
	if (size == 0 || (v->nscratch == 1 && e->offset != OFFSET_NONE)) {
		struct span bytes = size ? span_clip(v->image, e->offset, size) : span_of("", 0);
		if (bytes.n < size)
			volume_damage(v, ERR_TRUNCATED, v->image.n, "a file has %llu bytes, %zu of them are there",
						  (unsigned long long)size, bytes.n);
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = bytes };
		return;
	}
	struct runs *runs = volume_runs_end(v, size);
	if (runs)
		e->content = (struct content){
			.kind = CONTENT_BLOCKS, .ops = &runs_ops, .file = runs, .block_size = block ? block : 4096
		};
}
