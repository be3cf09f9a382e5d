/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "case/internal.h"

static size_t slot_of(const struct blob_table *t, uint64_t key)
{
	/* Keys are well mixed unless a worker chose them; Fibonacci hashing spreads those too. */
	size_t i = (size_t)(key * 0x9E3779B97F4A7C15u >> 32) & (t->nslots - 1);
	while (t->slots[i] && t->v[t->slots[i] - 1].key != key)
		i = (i + 1) & (t->nslots - 1);
	return i;
}

static bool grow(struct blob_table *t)
{
	size_t cap = t->cap ? t->cap * 2 : 1024;
	struct case_blob *v = realloc(t->v, cap * sizeof *v);
	if (!v)
		return false;
	t->v = v;
	t->cap = cap;
	free(t->slots);
	t->nslots = cap * 2;
	t->slots = calloc(t->nslots, sizeof *t->slots);
	if (!t->slots)
		return false;
	for (size_t i = 0; i < t->n; i++)
		t->slots[slot_of(t, t->v[i].key)] = (uint32_t)i + 1;
	return true;
}

bool blobs_add(struct blob_table *t, const struct case_blob *blob)
{
	if (t->n == t->cap && !grow(t))
		return false;
	size_t slot = slot_of(t, blob->key);
	if (t->slots[slot])
		return false;
	t->v[t->n++] = *blob;
	t->slots[slot] = (uint32_t)t->n;
	return true;
}

const struct case_blob *blobs_find(const struct blob_table *t, uint64_t key)
{
	if (!t->nslots)
		return NULL;
	size_t slot = slot_of(t, key);
	return t->slots[slot] ? &t->v[t->slots[slot] - 1] : NULL;
}

size_t blobs_index(const struct blob_table *t, const struct case_blob *known)
{
	return (size_t)(known - t->v);
}

bool blobs_replace(struct blob_table *t, const struct case_blob *known, const struct case_blob *blob)
{
	if (known->key != blob->key)
		return false;
	struct case_blob *place = &t->v[blobs_index(t, known)];
	free((void *)(uintptr_t)place->batch.p);
	*place = *blob;
	return true;
}

void blobs_free(struct blob_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free((void *)(uintptr_t)t->v[i].batch.p);
	free(t->v);
	free(t->slots);
	*t = (struct blob_table){ 0 };
}

static bool take_place(void *context, enum fact_type type, const void *row)
{
	struct case_blob *blob = context;
	if (type == FACT_blob) {
		const struct fact_blob *b = row;
		blob->offset = b->offset;
		blob->is_region = text_is(b->kind, "region");
	}
	return true;
}

bool blob_from_batch(struct span batch, struct case_blob *blob)
{
	struct batch_header h;
	if (!batch_header_read(batch, &h) || !batch_read(batch, take_place, blob))
		return false;
	uint8_t *copy = malloc(batch.n);
	if (!copy)
		return false;
	memcpy(copy, batch.p, batch.n);
	blob->key = h.key;
	blob->parent = h.parent;
	blob->ordinal = h.ordinal;
	blob->flags = h.flags;
	blob->batch = span_of(copy, batch.n);
	return true;
}
