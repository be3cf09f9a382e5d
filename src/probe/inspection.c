/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/holes.h"
#include "probe/tree.h"

/* True when the hit begins in one of the regions that are looked at by themselves (sorted by offset). */
static bool in_region(const struct regions *r, uint64_t at)
{
	size_t lo = 0, hi = r->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (r->v[mid].offset <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > 0 && at - r->v[lo - 1].offset < r->v[lo - 1].size;
}

/* Leaves only the hits that belong to this blob itself. */
static void keep_outside(struct scan_hits *hits, const struct regions *regions)
{
	size_t kept = 0;
	for (size_t i = 0; i < hits->n; i++)
		if (!in_region(regions, hits->v[i].from))
			hits->v[kept++] = hits->v[i];
	hits->n = kept;
}

static struct subject subject_of(struct lane *l, const struct entry *entry, struct span bytes, const char *format)
{
	return (struct subject){
		.bytes = bytes, .path = entry->path, .kind = entry->kind, .mode = entry->mode, .uid = entry->uid,
		.gid = entry->gid, .format = format, .link_target = entry->link_target, .arena = l->scratch,
		.memo = l->probe->memo, .neighbors = l->beside.listing ? &l->beside.neighbors : NULL,
	};
}

static void run(struct lane *l, struct finding *f, const struct inspector *inspector, const struct subject *s)
{
	if (l->probe->options->contents_only || !inspector->wants(s))
		return;
	lane_stage(l, inspector->name);
	inspector->run(s, &f->sink);
	arena_reset(l->scratch);
}

void inspect_blob(struct lane *l, struct finding *f, const struct entry *entry, struct span bytes, const char *format,
                  const struct scan_result *scan, const struct regions *regions)
{
	struct subject s = subject_of(l, entry, bytes, format);
	if (holes_any(bytes) && entropy_is_padding(bytes))
		return; /* what nobody stored is nobody's */
	for (size_t i = 0; inspector_registry[i]; i++) {
		const struct inspector *inspector = inspector_registry[i];
		if (scan) {
			if (regions && regions->n)
				keep_outside(&scan->hits[i], regions);
			s.hits = scan->hits[i].v;
			s.nhits = scan->hits[i].n;
		}
		run(l, f, inspector, &s);
	}
}

void inspect_container(struct lane *l, struct finding *f, const struct entry *entry, struct span bytes,
                       const char *format)
{
	struct subject s = subject_of(l, entry, bytes, format);
	for (size_t i = 0; inspector_registry[i]; i++)
		if (inspector_registry[i]->containers)
			run(l, f, inspector_registry[i], &s);
}
