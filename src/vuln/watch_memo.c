/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Most software of most cases is the same as that of others: what of the changed vulnerabilities may apply to it is decided
 * once. What depends on the rest of the image (a platform, a distribution's name, the kernel's options) stays open, and is
 * decided for each case. */
#include <stdio.h>
#include <stdlib.h>

#include "vuln/watch_memo.h"

#define ENTRIES_MAX (1u << 20)
#define BYTES_MAX ((size_t)48 << 20) /* the arena has room for more */

bool memo_begin(struct memo *memo)
{
	memo->arena = arena_new(0);
	memo->mask = 1023;
	memo->slots = calloc(memo->mask + 1, sizeof *memo->slots);
	return memo->arena && memo->slots;
}

void memo_free(struct memo *memo)
{
	arena_free(memo->arena);
	free(memo->slots);
}

static void forget(struct memo *memo)
{
	arena_reset(memo->arena);
	memset(memo->slots, 0, (memo->mask + 1) * sizeof *memo->slots);
	memo->n = 0;
}

static struct memo_entry *slot(struct memo *memo, const struct watch_set *set, struct text key, uint64_t hash)
{
	size_t i = hash & memo->mask;
	while (memo->slots[i].key.p &&
		   (memo->slots[i].hash != hash || memo->slots[i].set != set || !text_eq(memo->slots[i].key, key)))
		i = (i + 1) & memo->mask;
	return &memo->slots[i];
}

static bool grow(struct memo *memo)
{
	struct memo old = *memo;
	memo->mask = old.mask * 2 + 1;
	memo->slots = calloc(memo->mask + 1, sizeof *memo->slots);
	if (!memo->slots) {
		*memo = old;
		return false;
	}
	for (size_t i = 0; i <= old.mask; i++)
		if (old.slots[i].key.p)
			*slot(memo, old.slots[i].set, old.slots[i].key, old.slots[i].hash) = old.slots[i];
	free(old.slots);
	return true;
}

/* All that a decision asks of a software row, and of the image without asking for a part of it. */
static struct text key_of(struct arena *a, const struct software_columns *c, bool built, char *buffer, size_t size)
{
	const struct text all[] = { c->name, c->version, c->package_version, c->source_package, c->distribution,
								c->purl, c->cpe,     c->confidence };
	size_t n = 1;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		n += all[i].n + sizeof(uint32_t);
	char *p = n <= size ? buffer : arena_alloc(a, n, 1);
	if (!p)
		return TEXT_NONE;
	p[0] = (char)built;
	n = 1;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		uint32_t length = (uint32_t)all[i].n;
		memcpy(p + n, &length, sizeof length);
		if (length)
			memcpy(p + n + sizeof length, all[i].p, length);
		n += sizeof length + length;
	}
	return text_of(p, n);
}

/* Without the case: what a decision would ask of it is noted only. */
static bool probe(struct matcher *m, const struct watch_set *set, const struct software *s, uint32_t v)
{
	m->image_asked = 0;
	struct decision d = set_decide(m, set, s, v);
	return d.state == STATE_AFFECTED || m->image_asked;
}

static bool decide(struct matcher *m, const struct watch_set *set, const struct software_columns *c, bool built,
				   uint32_t **v, size_t *n)
{
	struct software s = { 0 };
	unsigned (*provide)(struct matcher *, unsigned) = m->provide;
	struct image image = m->image;
	size_t kept = 0, all;
	software_fill(m->scratch, &s, c);
	*v = set_concerning(m, set, &s, &all);
	m->provide = NULL;
	m->image = (struct image){ .distribution = built ? TEXT_LIT("buildroot") : TEXT_NONE };
	for (size_t i = 0; *v && i < all; i++)
		if (probe(m, set, &s, (*v)[i]))
			(*v)[kept++] = (*v)[i];
	m->provide = provide;
	m->image = image;
	*n = kept;
	return !error_is(&m->error);
}

bool memo_find(struct memo *memo, struct matcher *m, const struct watch_set *set, const struct software_columns *c,
			   bool built, const uint32_t **v, size_t *n)
{
	char buffer[1024];
	arena_reset(m->scratch);
	struct text key = key_of(m->scratch, c, built, buffer, sizeof buffer);
	uint64_t hash = text_hash((uint64_t)(uintptr_t)set, key);
	struct memo_entry *e = slot(memo, set, key, hash);
	*n = 0;
	if (!key.p)
		return false;
	if (!e->key.p) {
		uint32_t *found;
		size_t count;
		if (!decide(m, set, c, built, &found, &count))
			return false;
		if (memo->n >= ENTRIES_MAX || arena_used(memo->arena) + key.n + count * 4 > BYTES_MAX)
			forget(memo);
		if (memo->n * 2 > memo->mask && !grow(memo))
			return false;
		struct memo_entry fresh = { .hash = hash, .set = set, .n = count };
		char *copy = arena_strdup(memo->arena, key);
		fresh.key = text_of(copy, key.n);
		fresh.v = ARENA_ARRAY(memo->arena, uint32_t, count + 1);
		if (!copy || !fresh.v)
			return false;
		if (count)
			memcpy(fresh.v, found, count * sizeof *found);
		e = slot(memo, set, key, hash);
		*e = fresh;
		memo->n++;
	}
	*v = e->v;
	*n = e->n;
	return true;
}
