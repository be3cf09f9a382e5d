/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspected.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <hs/hs.h>

#include "probe/pattern_set.h"
#include "probe/tree.h"
#include "seed.h"

struct hits {
	const struct inspector *inspector;
	struct hit *v;
	size_t n, cap;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
	struct hits *h = context;
	const struct pattern *p = &h->inspector->patterns[id];
	(void)from;
	(void)flags;
	if (h->n == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 64;
		h->v = realloc(h->v, h->cap * sizeof *h->v);
		assert_non_null(h->v);
	}
	h->v[h->n++] = (struct hit){ id, to - (p->flags & PATTERN_REGEX ? 0 : p->n), to };
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->pattern != y->pattern)
		return x->pattern < y->pattern ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

/* The compiled patterns of the inspector that was asked for last: a test asks for the same one again and again. */
static struct {
	const struct inspector *inspector;
	hs_database_t *db;
	hs_scratch_t *scratch;
} compiled;

static void compile(const struct inspector *inspector)
{
	size_t n = 0;
	while (inspector->patterns[n].bytes)
		n++;
	char **expressions = calloc(n, sizeof *expressions);
	unsigned *flags = calloc(n, sizeof *flags), *ids = calloc(n, sizeof *ids);
	for (size_t i = 0; i < n; i++) {
		expressions[i] = pattern_expression(&inspector->patterns[i]);
		flags[i] = pattern_hs_flags(&inspector->patterns[i]);
		ids[i] = (unsigned)i;
	}
	hs_compile_error_t *why = NULL;
	hs_free_database(compiled.db);
	int r = hs_compile_multi((const char *const *)expressions, flags, ids, (unsigned)n, HS_MODE_BLOCK, NULL, &compiled.db,
							 &why);
	if (r != HS_SUCCESS)
		fail_msg("pattern %d: %s", why->expression, why->message);
	assert_int_equal(hs_alloc_scratch(compiled.db, &compiled.scratch), HS_SUCCESS);
	compiled.inspector = inspector;
	for (size_t i = 0; i < n; i++)
		free(expressions[i]);
	free(expressions);
	free(flags);
	free(ids);
}

static void find_hits(struct hits *hits, struct span bytes)
{
	if (!hits->inspector->patterns || !hits->inspector->patterns[0].bytes || bytes.n == 0)
		return;
	if (compiled.inspector != hits->inspector)
		compile(hits->inspector);
	assert_int_equal(hs_scan(compiled.db, (const char *)bytes.p, (unsigned)bytes.n, 0, compiled.scratch, on_match, hits),
					 HS_SUCCESS);
	if (hits->n > 1)
		qsort(hits->v, hits->n, sizeof *hits->v, by_place);
}

void inspected_run(struct inspected *out, const struct inspector *inspector, struct subject subject)
{
	struct hits hits = { .inspector = inspector };
	out->arena = arena_new(0);
	fact_list_init(&out->list, out->arena);
	find_hits(&hits, subject.bytes);
	subject.hits = hits.v;
	subject.nhits = hits.n;
	subject.arena = arena_new(0);
	if (!subject.format)
		subject.format = classify(subject.bytes);
	out->wanted = inspector->wants(&subject);
	if (out->wanted)
		inspector->run(&subject, &out->list.sink);
	arena_free(subject.arena);
	free(hits.v);
}

static void run_file(struct inspected *out, const struct inspector *inspector, const char *path, struct span bytes)
{
	inspected_run(out, inspector,
				  (struct subject){ .bytes = bytes, .path = text_c(path), .kind = ENTRY_FILE, .mode = 0644 });
}

void inspected_file(struct inspected *out, const struct inspector *inspector, const char *path, struct span bytes)
{
	char line[256];
	run_file(out, inspector, path, bytes);
	snprintf(line, sizeof line, "%s\n", path);
	if (out->wanted)
		seed_keep("inspector", inspector->name, line, bytes);
}

void inspected_free(struct inspected *out)
{
	arena_free(out->arena);
}

static void print_column(FILE *f, const struct fact_column *c, const void *row, bool *first)
{
	const void *field = (const char *)row + c->at;
	if (c->type == FACT_TEXT) {
		const struct text *t = field;
		if (!t->p)
			return;
		fprintf(f, "%s%s=%.*s", *first ? "" : " | ", c->name, (int)t->n, t->p);
	} else {
		int64_t v = *(const int64_t *)field;
		if (v == FACT_NULL)
			return;
		fprintf(f, "%s%s=%lld", *first ? "" : " | ", c->name, (long long)v);
	}
	*first = false;
}

const char *inspected_print(struct inspected *out, enum fact_type type)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	assert_non_null(f);
	for (const struct fact_row *r = out->list.first; r; r = r->next) {
		bool first = true;
		if (r->type != type)
			continue;
		for (size_t i = 0; i < fact_tables[type].ncolumns; i++)
			print_column(f, &fact_tables[type].columns[i], r->row, &first);
		fputc('\n', f);
	}
	fclose(f);
	char *kept = arena_alloc(out->arena, size + 1, 1);
	assert_non_null(kept);
	memcpy(kept, text, size + 1);
	free(text);
	return kept;
}

static void run_once(const struct inspector *inspector, const char *path, struct span bytes)
{
	struct inspected out;
	run_file(&out, inspector, path, bytes);
	inspected_free(&out);
}

void inspected_survives(const struct inspector *inspector, const char *path, struct span bytes, unsigned flips)
{
	size_t step = bytes.n / 1000 + 1;
	if (seeds_wanted())
		return;
	for (size_t n = 0; n < bytes.n; n += step) {
		uint8_t *cut = malloc(n + 1); /* of its own, so that a sanitizer sees the end */
		memcpy(cut, bytes.p, n);
		run_once(inspector, path, span_of(cut, n));
		free(cut);
	}
	uint8_t *copy = malloc(bytes.n + 1);
	unsigned state = 1;
	for (unsigned i = 0; bytes.n && i < flips; i++) {
		memcpy(copy, bytes.p, bytes.n);
		for (unsigned k = 0; k <= i % 4; k++) {
			state = state * 1103515245u + 12345u;
			copy[(state >> 8) % bytes.n] ^= (uint8_t)(1u << (state >> 28) % 8);
		}
		run_once(inspector, path, span_of(copy, bytes.n));
	}
	free(copy);
}
