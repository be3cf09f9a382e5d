/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a container's children leave of it. A header that names one small part of much must not hide the rest: that is
 * looked at, too. */
#include <stdio.h>

#include "base/holes.h"
#include "base/sort.h"
#include "probe/tree.h"

/* Headers, tables and signatures are smaller, alignment is padding. */
#define UNCLAIMED_MIN 4096u
#define HEADER_MIN 64u
/* Behind the container's end nothing of its own is expected. */
#define BEHIND_MIN 64u
#define CLAIMS_MAX 65536u

struct claim {
	uint64_t from, to;
};

/* Begun a few bytes later, the rest is not taken for the same container once more: behind the magic, or behind what stands
 * for one. */
static uint64_t first_bytes(const struct format *format, struct span bytes)
{
	uint64_t end = UINT64_MAX;
	for (const struct format_magic *m = format->magics; m && m->bytes; m++)
		if (span_has(bytes, m->offset, m->bytes, m->n) && m->offset + m->n < end)
			end = m->offset + m->n;
	return end != UINT64_MAX ? end : HEADER_MIN;
}

void claims_begin(struct claims *c, struct arena *arena, const struct format *format, struct span bytes)
{
	*c = (struct claims){ .arena = arena, .bytes = bytes, .first = first_bytes(format, bytes) };
	c->known = format->kind == FORMAT_CONTAINER && !format->own_bytes;
}

static bool add(struct claims *c, uint64_t from, uint64_t to)
{
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 16;
		struct claim *v = cap <= CLAIMS_MAX ? ARENA_ARRAY(c->arena, struct claim, cap) : NULL;
		if (!v)
			return false;
		if (c->n)
			memcpy(v, c->v, c->n * sizeof *v);
		c->v = v;
		c->cap = cap;
	}
	c->v[c->n++] = (struct claim){ from, to };
	return true;
}

/* Where a child's bytes come from can be told when they lie in the container as they are, or are read from one place. What
 * was unpacked or put together may have come from anywhere. */
void claims_add(struct claims *c, const struct entry *e)
{
	const struct content *from = &e->content;
	uintptr_t begin = (uintptr_t)c->bytes.p, at = (uintptr_t)from->bytes.p;
	if (!c->known || from->kind == CONTENT_NONE || (from->kind == CONTENT_SPAN && from->bytes.n == 0))
		return;
	if (from->kind == CONTENT_SPAN && at >= begin && at - begin <= c->bytes.n &&
		from->bytes.n <= c->bytes.n - (at - begin))
		c->known = add(c, at - begin, at - begin + from->bytes.n);
	else if (from->kind == CONTENT_BLOCKS && e->offset < c->bytes.n && e->size <= c->bytes.n - e->offset)
		c->known = add(c, e->offset, e->offset + e->size);
	else
		c->known = false;
}

static int by_place(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	return x->from < y->from ? -1 : x->from > y->from;
}

static bool worth_a_look(struct span s, size_t least)
{
	return holes_trim(s, least).n >= least;
}

static bool emit_unclaimed(const struct claims *c, uint64_t from, uint64_t to, size_t least, struct walk *w)
{
	char name[40];
	struct span rest = from < to ? span_sub(c->bytes, from, to - from) : SPAN_NONE;
	if (!worth_a_look(rest, least))
		return true;
	snprintf(name, sizeof name, "unclaimed-0x%llx", (unsigned long long)from);
	struct entry e = entry_new(ENTRY_REGION, text_c(name));
	e.offset = from;
	e.size = rest.n;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = rest };
	return w->child(w, &e);
}

/* Between the children, and between the last of them and the container's end. */
static bool emit_gaps(struct claims *c, uint64_t end, struct walk *w)
{
	struct claim *spare = c->known && c->n ? ARENA_ARRAY(c->arena, struct claim, c->n) : NULL;
	uint64_t cursor = c->first;
	if (!spare)
		return true;
	size_t n = c->n; /* what is emitted here is added to them */
	struct claim *v = c->v;
	c->known = false;
	sort_stable(v, spare, n, sizeof *v, by_place);
	for (size_t i = 0; i < n; i++) {
		if (!emit_unclaimed(c, cursor, v[i].from, UNCLAIMED_MIN, w))
			return false;
		cursor = v[i].to > cursor ? v[i].to : cursor;
	}
	return emit_unclaimed(c, cursor, end, UNCLAIMED_MIN, w);
}

void claims_emit_rest(struct claims *c, uint64_t end, struct walk *w)
{
	uint64_t own = end && end < c->bytes.n ? end : c->bytes.n;
	if (emit_gaps(c, own, w))
		(void)emit_unclaimed(c, own, c->bytes.n, BEHIND_MIN, w);
}
