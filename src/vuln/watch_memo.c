/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Most software of most cases is the same as that of others: what of the changed vulnerabilities may apply to it is decided
 * once. What depends on the rest of the image (a platform, a distribution's name, the kernel's options) stays open, and is
 * decided for each case. */
#include <stdlib.h>

#include "vuln/watch_memo.h"

#define ENTRIES_MAX (1u << 20)
#define BYTES_MAX ((size_t)64 << 20) /* half of what the arena may hold */

bool memo_begin(struct memo *memo)
{
	memo->arena = arena_new(2 * BYTES_MAX);
	memo->mask = 1023;
	memo->slots = calloc(memo->mask + 1, sizeof *memo->slots);
	return memo->arena && memo->slots;
}

void memo_free(struct memo *memo)
{
	arena_free(memo->arena);
	free(memo->slots);
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
								c->purl, c->cpe,     c->confidence,      c->architecture };
	size_t n = 2;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		n += all[i].n + sizeof(uint32_t);
	char *p = n <= size ? buffer : arena_alloc(a, n, 1);
	if (!p)
		return TEXT_NONE;
	p[0] = (char)built;
	p[1] = text_is(c->evidence_kind, "declared");
	n = 2;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		uint32_t length = (uint32_t)all[i].n;
		memcpy(p + n, &length, sizeof length);
		if (length)
			memcpy(p + n + sizeof length, all[i].p, length);
		n += sizeof length + length;
	}
	return text_of(p, n);
}

/* The texts that tell of a decision; the rest of `info` is not asked for again. What the set holds stays as long as the memo. */
static bool copy_found(struct arena *a, struct found *f, bool held)
{
	f->info.state = f->info.summary = TEXT_NONE;
	struct text *texts[] = { &f->d.reason,        &f->d.criteria,      &f->d.source,
							 &f->info.name,       &f->info.published,  &f->info.vectors[0],
							 &f->info.vectors[1], &f->info.vectors[2], &f->info.vectors[3] };
	for (size_t i = 0; i < (held ? 3 : sizeof texts / sizeof texts[0]); i++) {
		char *copy = texts[i]->p ? arena_strdup(a, *texts[i]) : NULL;
		if (texts[i]->p && !copy)
			return false;
		*texts[i] = copy ? text_of(copy, texts[i]->n) : TEXT_NONE;
	}
	info_keep_score(&f->info);
	return true;
}

/* Without the case: what a decision would ask of it is noted only. False: it does not apply, whatever is in the image. */
static bool probe(struct matcher *m, const struct watch_set *set, const struct software *s, uint32_t v, struct found *f)
{
	m->image_asked = 0;
	m->brief = true;
	*f = (struct found){ .d = set_decide(m, set, s, v) };
	m->brief = false;
	if (f->d.state == STATE_AFFECTED && !m->image_asked)
		set_finish(m, set, s, v, f);
	if (m->image_asked)
		f->d.state = STATE_NONE; /* open */
	return f->d.state == STATE_AFFECTED || m->image_asked;
}

static bool decide(struct matcher *m, const struct watch_set *set, const struct software_columns *c, bool built,
				   struct memo_result *r)
{
	struct software s = { 0 };
	unsigned (*provide)(struct matcher *, unsigned) = m->provide;
	struct image image = m->image;
	size_t all, kept = 0;
	software_fill(m->scratch, &s, c);
	uint32_t *v = set_concerning(m, set, &s, &all);
	struct found *found = all ? ARENA_ARRAY(m->scratch, struct found, all) : NULL;
	if (all && !found)
		return false;
	m->provide = NULL;
	m->image = (struct image){ .distribution = built ? TEXT_LIT("buildroot") : TEXT_NONE };
	for (size_t i = 0; v && i < all; i++)
		if (probe(m, set, &s, v[i], &found[kept]))
			v[kept++] = v[i];
	m->provide = provide;
	m->image = image;
	*r = (struct memo_result){ v, found, kept };
	return !error_is(&m->error);
}

static bool copy_result(struct arena *a, const struct watch_set *set, struct memo_result *r)
{
	uint32_t *v = ARENA_ARRAY(a, uint32_t, r->n + 1);
	struct found *found = ARENA_ARRAY(a, struct found, r->n + 1);
	if (!v || !found)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		v[i] = r->v[i];
		found[i] = r->found[i];
		if (found[i].d.state == STATE_AFFECTED && !copy_found(a, &found[i], set->v[v[i]].known != NULL))
			return false;
	}
	*r = (struct memo_result){ v, found, r->n };
	return true;
}

void memo_trim(struct memo *memo)
{
	if (memo->n >= ENTRIES_MAX || arena_used(memo->arena) > BYTES_MAX) {
		arena_reset(memo->arena);
		memset(memo->slots, 0, (memo->mask + 1) * sizeof *memo->slots);
		memo->n = 0;
	}
}

bool memo_find(struct memo *memo, struct matcher *m, const struct watch_set *set, const struct software_columns *c,
			   bool built, struct arena *of_case, struct memo_result *r)
{
	char buffer[1024];
	arena_reset(m->scratch);
	struct text key = key_of(m->scratch, c, built, buffer, sizeof buffer);
	uint64_t hash = text_hash((uint64_t)(uintptr_t)set, key);
	struct memo_entry *e = slot(memo, set, key, hash);
	if (!key.p)
		return false;
	if (e->key.p) {
		*r = e->result;
		return true;
	}
	if (!decide(m, set, c, built, r))
		return false;
	/* what others have of the memo stays until the case is done */
	if (memo->n >= ENTRIES_MAX || arena_used(memo->arena) > BYTES_MAX)
		return copy_result(of_case, set, r);
	if (memo->n * 2 > memo->mask && !grow(memo))
		return false;
	char *copy = arena_strdup(memo->arena, key);
	if (!copy || !copy_result(memo->arena, set, r))
		return copy_result(of_case, set, r);
	*slot(memo, set, key, hash) = (struct memo_entry){ hash, set, text_of(copy, key.n), *r };
	memo->n++;
	return true;
}
