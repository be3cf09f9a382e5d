/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ARENA_DEFAULT_LIMIT ((size_t)64 << 20)
#define ARENA_ALIGN _Alignof(max_align_t)
/* Chunks double from the first to the last size, so that a small parse stays small and a large one costs few mallocs. */
#define ARENA_FIRST_CHUNK ((size_t)4 << 10)
#define ARENA_LAST_CHUNK ((size_t)1 << 20)

struct chunk {
	struct chunk *next;
	size_t size, used;
	_Alignas(max_align_t) uint8_t bytes[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *ptr;
};

struct arena {
	struct chunk *chunks; /* the newest first */
	struct deferred *deferred;
	size_t limit, used, next_size;
};

struct arena *arena_new(size_t limit)
{
	struct arena *a = calloc(1, sizeof *a);
	if (!a)
		return NULL;
	a->limit = limit ? limit : ARENA_DEFAULT_LIMIT;
	a->next_size = ARENA_FIRST_CHUNK;
	return a;
}

static void run_deferred(struct arena *a)
{
	struct deferred *list = a->deferred;
	a->deferred = NULL;
	for (; list; list = list->next)
		list->fn(list->ptr);
}

static void free_chunks(struct chunk *c)
{
	while (c) {
		struct chunk *next = c->next;
		free(c);
		c = next;
	}
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	run_deferred(a);
	free_chunks(a->chunks);
	free(a);
}

void arena_reset(struct arena *a)
{
	run_deferred(a);
	if (a->chunks) { /* the newest chunk is the largest: keep that one */
		free_chunks(a->chunks->next);
		a->chunks->next = NULL;
		a->chunks->used = 0;
	}
	a->used = 0;
}

static struct chunk *add_chunk(struct arena *a, size_t need)
{
	size_t size = a->next_size > need ? a->next_size : need;
	struct chunk *c = malloc(sizeof *c + size);
	if (!c)
		return NULL;
	c->size = size;
	c->used = 0;
	c->next = a->chunks;
	a->chunks = c;
	if (a->next_size < ARENA_LAST_CHUNK)
		a->next_size *= 2;
	return c;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
	size_t n;
	if (__builtin_mul_overflow(count, size, &n) || n > a->limit - a->used)
		return NULL;
	size_t rounded = (n + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
	struct chunk *c = a->chunks;
	if (!c || rounded > c->size - c->used)
		c = add_chunk(a, rounded);
	if (!c)
		return NULL;
	void *p = c->bytes + c->used;
	c->used += rounded;
	a->used = rounded > a->limit - a->used ? a->limit : a->used + rounded;
	return memset(p, 0, n);
}

char *arena_strdup(struct arena *a, struct text t)
{
	char *s = arena_alloc(a, t.n + 1, 1);
	if (s && t.n)
		memcpy(s, t.p, t.n);
	return s;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	char *s = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1, 1);
	if (s)
		vsnprintf(s, (size_t)n + 1, format, again);
	va_end(again);
	va_end(args);
	return s;
}

bool arena_defer(struct arena *a, void (*fn)(void *), void *ptr)
{
	struct deferred *d = ARENA_NEW(a, struct deferred);
	if (!d)
		return false;
	*d = (struct deferred){ a->deferred, fn, ptr };
	a->deferred = d;
	return true;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
