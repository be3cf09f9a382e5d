/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/rest.h"

#include <stdio.h>

#include "base/sort.h"
#include "format/region.h"

/* Data descriptors, padding, what an entry leaves that became a little shorter. */
#define REST_MIN 64u

struct rest_taken {
	uint64_t from, to;
};

/* Entries mostly follow each other: then all of them are one. */
static bool grows(const struct rest *r, uint64_t from, uint64_t to)
{
	struct rest_taken *last = r->n ? &r->taken[r->n - 1] : NULL;
	if (!last || from < last->from || (from > last->to && from - last->to >= REST_MIN))
		return false;
	last->to = to > last->to ? to : last->to;
	return true;
}

void rest_take(struct rest *r, uint64_t at, uint64_t size)
{
	uint64_t to = size > UINT64_MAX - at ? UINT64_MAX : at + size;
	if (r->lost || grows(r, at, to))
		return;
	if (r->n == r->room) {
		size_t room = r->room ? 2 * r->room : 16;
		struct rest_taken *taken = ARENA_ARRAY(r->arena, struct rest_taken, room);
		r->lost = !taken;
		if (r->lost)
			return;
		if (r->n)
			memcpy(taken, r->taken, r->n * sizeof *taken);
		r->taken = taken;
		r->room = room;
	}
	r->taken[r->n++] = (struct rest_taken){ at, to };
}

static int by_place(const void *a, const void *b)
{
	const struct rest_taken *x = a, *y = b;
	return x->from < y->from ? -1 : x->from > y->from;
}

static bool is_padding(struct span s)
{
	return s.n < REST_MIN || ((s.p[0] == 0 || s.p[0] == 0xff) && memcmp(s.p, s.p + 1, s.n - 1) == 0);
}

static bool emit_between(const struct rest *r, struct span bytes, uint64_t from, uint64_t to, struct walk *w)
{
	char name[64];
	struct span s = from < to ? span_clip(bytes, from, to - from) : SPAN_NONE;
	if (is_padding(s))
		return true;
	snprintf(name, sizeof name, "%sunclaimed-0x%llx", r->prefix ? r->prefix : "", (unsigned long long)from);
	return r->prefix ? region_emit_content(w, name, s.n, (struct content){ .kind = CONTENT_SPAN, .bytes = s }, NULL)
					 : region_emit(w, name, bytes, from, s.n, NULL);
}

void rest_emit(struct rest *r, struct span bytes, struct walk *w)
{
	struct rest_taken *spare = ARENA_ARRAY(r->arena, struct rest_taken, r->n);
	uint64_t at = 0;
	if (r->lost || !spare) {
		emit_damage_at(w->sink, ERR_BUDGET, OFFSET_NONE, "no memory left to tell which bytes of the archive no entry takes");
		return;
	}
	if (r->n)
		sort_stable(r->taken, spare, r->n, sizeof *r->taken, by_place);
	for (size_t i = 0; i < r->n; i++) {
		if (!emit_between(r, bytes, at, r->taken[i].from, w))
			return;
		at = r->taken[i].to > at ? r->taken[i].to : at;
	}
	(void)emit_between(r, bytes, at, bytes.n, w);
}
