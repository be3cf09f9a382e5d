/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/vex.h"

struct vex_product vex_product_of(struct feed_run *run, struct text purl, struct text cpe, struct text name)
{
	struct vex_product p = { TEXT_NONE, TEXT_NONE };
	struct feed_criterion c = { 0 };
	if (purl.p && field_purl(run, purl, &p.key, &p.version))
		return p;
	if (cpe.p && field_cpe(run, NULL, cpe, false, &c))
		return (struct vex_product){ c.product, c.version };
	struct text lower = field_lower(run, field_summary(name));
	p.key = lower.n ? field_print(run, "name:%.*s", (int)lower.n, lower.p) : TEXT_NONE;
	return p;
}

/* FNV-1a, 64 bits. A document that collides on purpose is bounded by its size: see the limit on probes. */
static size_t hash(struct text t)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < t.n; i++)
		h = (h ^ (uint8_t)t.p[i]) * 0x100000001b3u;
	return (size_t)(h ^ h >> 32);
}

#define PROBES_MAX 4096u

static struct vex_entry *slot(const struct vex_map *map, struct text id)
{
	for (size_t i = hash(id), tries = 0; tries < map->capacity && tries < PROBES_MAX; i++, tries++) {
		struct vex_entry *e = &map->entries[i & (map->capacity - 1)];
		if (!e->id.p || text_eq(e->id, id))
			return e;
	}
	return NULL;
}

static bool grow(struct feed_run *run, struct vex_map *map)
{
	struct vex_map larger = { .n = map->n, .capacity = map->capacity ? map->capacity * 2 : 64 };
	larger.entries = ARENA_ARRAY(run->arena, struct vex_entry, larger.capacity);
	for (size_t i = 0; larger.entries && i < map->capacity; i++) {
		struct vex_entry *to = map->entries[i].id.p ? slot(&larger, map->entries[i].id) : NULL;
		if (to)
			*to = map->entries[i];
	}
	if (larger.entries)
		*map = larger;
	return larger.entries != NULL;
}

void vex_map_add(struct feed_run *run, struct vex_map *map, const struct vex_entry *entry)
{
	if (!entry->id.p || error_is(&run->error))
		return;
	if (map->n * 2 >= map->capacity && !grow(run, map)) {
		field_fault(run, NULL, "the products take more memory than they may");
		return;
	}
	struct vex_entry *e = slot(map, entry->id);
	if (!e) {
		field_fault(run, NULL, "too many products look alike");
	} else if (!e->id.p) {
		*e = *entry;
		map->n++;
	}
}

struct vex_entry *vex_map_find(const struct vex_map *map, struct text id)
{
	struct vex_entry *e = map->capacity && id.p ? slot(map, id) : NULL;
	return e && e->id.p ? e : NULL;
}
