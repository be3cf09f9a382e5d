/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "probe/tree.h"

/* A stream that breaks off counts as one only when it gave this much before: noise does not. */
#define BROKEN_STREAM_MIN (64u << 10)
/* Unpacking candidates that turn out to be none may cost so much output in all, and no more. */
#define FUTILE_MAX ((uint64_t)64 << 20)
#define REGIONS_MAX 65536u

bool regions_add(struct lane *l, struct regions *r, const struct region *region)
{
	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 16;
		struct region *v = cap <= REGIONS_MAX ? ARENA_ARRAY(l->arena, struct region, cap) : NULL;
		if (!v) {
			emit_damage_at(&l->finding.sink, ERR_BUDGET, region->offset, "more embedded images than are looked at");
			return false;
		}
		if (r->n)
			memcpy(v, r->v, r->n * sizeof *v);
		r->v = v;
		r->cap = cap;
	}
	r->v[r->n++] = *region;
	return true;
}

static int by_offset(const void *a, const void *b)
{
	const struct region *x = a, *y = b;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

void regions_sort(struct regions *r)
{
	if (r->n > 1)
		qsort(r->v, r->n, sizeof *r->v, by_offset);
}

void carve_sized(struct lane *l, struct span bytes, const struct scan_result *scan, struct regions *regions)
{
	uint64_t cursor = regions->n ? regions->v[regions->n - 1].offset + regions->v[regions->n - 1].size : 0;
	for (size_t i = 0; i < scan->ncandidates; i++) {
		uint64_t at = scan->candidates[i].at;
		if (at < cursor || (i > 0 && at == scan->candidates[i - 1].at))
			continue;
		struct region r = { .offset = at };
		struct span rest = span_from(bytes, at);
		r.format = format_identify(rest, NULL, &r.match);
		if (!r.format || r.match.size == SIZE_UNKNOWN || r.match.size == 0)
			continue;
		if (at == 0 && r.match.size >= bytes.n && r.format->walk == NULL)
			continue; /* the whole blob, and already named so */
		r.size = r.match.size < rest.n ? r.match.size : rest.n;
		if (!regions_add(l, regions, &r))
			return;
		cursor = at + r.size;
	}
}

/* Tries one stream in bytes[at .. end). Adds it when it unpacks; gives where to look on. */
static uint64_t try_stream(struct lane *l, struct span bytes, uint64_t at, uint64_t end, uint64_t *futile,
                           struct regions *regions)
{
	struct region r = { .offset = at };
	struct span in = span_sub(bytes, at, end - at);
	r.format = format_identify(in, NULL, &r.match);
	if (!r.format || !r.format->unpack)
		return at + 1;
	size_t used = 0;
	uint64_t allowed = content_allowance(l->probe);
	r.unpacked = buf_with_limit((size_t)allowed);
	r.unpack_error = r.format->unpack(in, &r.unpacked, &used);
	if (error_is(&r.unpack_error) && r.unpacked.n < BROKEN_STREAM_MIN) {
		*futile += r.unpacked.n;
		buf_free(&r.unpacked);
		return at + 1;
	}
	r.has_unpacked = true;
	r.size = error_is(&r.unpack_error) && used == 0 ? r.unpack_error.offset : used;
	if (r.size == 0 || r.size > in.n)
		r.size = in.n;
	content_account(l->probe, r.unpacked.n);
	if (regions_add(l, regions, &r))
		return at + r.size;
	buf_free(&r.unpacked);
	return end;
}

void carve_streams(struct lane *l, struct span bytes, const struct scan_result *scan, struct regions *regions)
{
	size_t sized = regions->n, next = 0; /* the regions of known size come first, by offset */
	uint64_t cursor = 0, futile = 0;
	for (size_t i = 0; i < scan->ncandidates; i++) {
		uint64_t at = scan->candidates[i].at;
		while (next < sized && regions->v[next].offset + regions->v[next].size <= at)
			next++;
		bool inside = next < sized && regions->v[next].offset <= at;
		if (inside || at < cursor || !format_registry[scan->candidates[i].format]->unpack)
			continue;
		if (futile > FUTILE_MAX) {
			emit_damage_at(&l->finding.sink, ERR_BUDGET, at, "too many false beginnings of compressed streams");
			return;
		}
		uint64_t end = next < sized ? regions->v[next].offset : bytes.n;
		cursor = try_stream(l, bytes, at, end, &futile, regions);
	}
}
