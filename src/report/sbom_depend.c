/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which component needs which: what DT_NEEDED of a file names is the SONAME of another file of the same file system. Only
 * between files of which it is certain what they are: a program in which several things lie tells nothing about each. */
#include <stdlib.h>
#include <string.h>

#include "report/sbom.h"

#define NEEDED_MAX 256u /* of one file */

/* The component that the strongest evidence in a file shows; of several by evidence of one kind, none. False: no memory. */
static bool find_owners(struct sbom *s)
{
	static const char *const ranks[] = { "soname", "note", "banner" };
	unsigned char *rank_of = ARENA_ARRAY(s->arena, unsigned char, s->nfiles); /* 0: none yet */
	const unsigned nranks = sizeof ranks / sizeof ranks[0];
	for (size_t i = 0; rank_of && i < s->nevidence; i++) {
		const struct sbom_evidence *e = &s->evidence[i];
		unsigned rank = 0;
		while (e->kind && rank < nranks && strcmp(e->kind, ranks[rank]) != 0)
			rank++;
		if (e->file == SIZE_MAX || !e->kind || rank == nranks)
			continue;
		struct sbom_file *f = &s->files[e->file];
		if (!rank_of[e->file] || rank + 1 < rank_of[e->file]) {
			rank_of[e->file] = (unsigned char)(rank + 1);
			f->owner = e->component;
		} else if (rank + 1 == rank_of[e->file] && f->owner != e->component) {
			f->owner = SIZE_MAX;
		}
	}
	return rank_of != NULL;
}

static const char *library_name(const struct sbom_file *f)
{
	const char *slash = strrchr(f->path, '/');
	return f->soname ? f->soname : slash ? slash + 1 : f->path;
}

static int by_library(const void *a, const void *b)
{
	const struct sbom_file *x = *(struct sbom_file *const *)a, *y = *(struct sbom_file *const *)b;
	if (x->parent_id != y->parent_id)
		return x->parent_id < y->parent_id ? -1 : 1;
	int order = strcmp(library_name(x), library_name(y));
	return order ? order : (x->blob_id > y->blob_id) - (x->blob_id < y->blob_id);
}

static const struct sbom_file *find_library(struct sbom_file *const *order, size_t n, int64_t parent_id,
											struct text name)
{
	size_t from = 0, to = n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		struct text have = text_c(library_name(order[middle]));
		int64_t parent = order[middle]->parent_id;
		int c = parent < parent_id   ? -1
				: parent > parent_id ? 1
									 : memcmp(have.p, name.p, have.n < name.n ? have.n : name.n);
		if (c < 0 || (c == 0 && parent == parent_id && have.n < name.n))
			from = middle + 1;
		else
			to = middle;
	}
	return from < n && order[from]->parent_id == parent_id && text_is(name, library_name(order[from])) ? order[from]
																									   : NULL;
}

struct edge {
	size_t from, to;
};

static int by_edge(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

/* The edges that the files give; their number. With edges NULL they are only counted. */
static size_t collect(const struct sbom *s, struct sbom_file *const *order, struct edge *edges)
{
	size_t n = 0;
	for (size_t i = 0; i < s->nfiles; i++) {
		const struct sbom_file *f = &s->files[i];
		struct text needed = text_c(f->needed ? f->needed : "");
		if (f->owner == SIZE_MAX)
			continue;
		for (size_t at = 0, k = 0; at < needed.n && k < NEEDED_MAX; k++) {
			const char *space = memchr(needed.p + at, ' ', needed.n - at);
			size_t end = space ? (size_t)(space - needed.p) : needed.n;
			const struct sbom_file *library =
				find_library(order, s->nfiles, f->parent_id, text_of(needed.p + at, end - at));
			at = end + 1;
			if (!library || library->owner == SIZE_MAX || library->owner == f->owner)
				continue;
			if (edges)
				edges[n] = (struct edge){ f->owner, library->owner };
			n++;
		}
	}
	return n;
}

bool sbom_depend(struct sbom *s)
{
	struct sbom_file **order = ARENA_ARRAY(s->arena, struct sbom_file *, s->nfiles);
	if (!order || !find_owners(s))
		return false;
	for (size_t i = 0; i < s->nfiles; i++)
		order[i] = &s->files[i];
	if (s->nfiles)
		qsort(order, s->nfiles, sizeof(void *), by_library);
	size_t n = collect(s, order, NULL);
	struct edge *edges = ARENA_ARRAY(s->arena, struct edge, n);
	s->dependencies = ARENA_ARRAY(s->arena, size_t, n);
	if (!edges || !s->dependencies)
		return false;
	collect(s, order, edges);
	if (n)
		qsort(edges, n, sizeof edges[0], by_edge);
	for (size_t i = 0; i < n; i++) {
		if (i && by_edge(&edges[i - 1], &edges[i]) == 0)
			continue;
		struct sbom_component *c = &s->components[edges[i].from];
		if (c->ndependencies++ == 0)
			c->dependency = s->ndependencies;
		s->dependencies[s->ndependencies++] = edges[i].to;
	}
	return true;
}
