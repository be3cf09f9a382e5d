/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/scan.h"

#include <stdlib.h>

#include "base/holes.h"
#include "probe/pattern_set.h"

/* A pass takes at most this many bytes, after which progress is told; passes overlap by the longest literal. */
#define PASS_MAX ((uint64_t)64 << 20)
/* Matches of one pattern, and of one blob, that are kept. */
#define PATTERN_HITS_MAX 65536u
#define BLOB_HITS_MAX (1u << 21)

/* The databases that tools/compile_patterns.c made when Assay was built: fingerprint (8 bytes), then Vectorscan's. */
extern const uint8_t patterns_compiled[], patterns_compiled_end[], patterns_of_formats[], patterns_of_formats_end[];

struct scanner {
	hs_database_t *db;
	struct pattern_set set;
	size_t ninspectors;
};

struct scanner_lane {
	const struct scanner *scanner;
	hs_scratch_t *scratch;
	uint32_t *counts; /* matches of each pattern in this blob */
};

static bool load_compiled(struct scanner *s, enum pattern_scope scope)
{
	const uint8_t *compiled = scope == PATTERNS_ALL ? patterns_compiled : patterns_of_formats;
	const uint8_t *end = scope == PATTERNS_ALL ? patterns_compiled_end : patterns_of_formats_end;
	size_t n = (uintptr_t)end - (uintptr_t)compiled;
	uint64_t fingerprint;
	if (n <= sizeof fingerprint)
		return false;
	memcpy(&fingerprint, compiled, sizeof fingerprint);
	return fingerprint == s->set.fingerprint &&
	       hs_deserialize_database((const char *)compiled + sizeof fingerprint, n - sizeof fingerprint, &s->db) == HS_SUCCESS;
}

struct scanner *scanner_new(enum pattern_scope scope, struct error *error)
{
	struct scanner *s = calloc(1, sizeof *s);
	*error = s ? pattern_set_list(&s->set, scope) : error_at(ERR_MEMORY, 0, "no memory");
	while (s && inspector_registry[s->ninspectors])
		s->ninspectors++;
	if (!error_is(error) && !load_compiled(s, scope))
		*error = pattern_set_compile(&s->set, NULL, &s->db);
	if (!error_is(error))
		return s;
	scanner_free(s);
	return NULL;
}

void scanner_free(struct scanner *s)
{
	if (!s)
		return;
	hs_free_database(s->db);
	free(s->set.origins);
	free(s);
}

struct scanner_lane *scanner_lane_new(const struct scanner *scanner)
{
	struct scanner_lane *l = calloc(1, sizeof *l);
	if (l && (l->counts = calloc(scanner->set.n + 1, sizeof *l->counts)) && hs_alloc_scratch(scanner->db, &l->scratch) == HS_SUCCESS) {
		l->scanner = scanner;
		return l;
	}
	scanner_lane_free(l);
	return NULL;
}

void scanner_lane_free(struct scanner_lane *l)
{
	if (!l)
		return;
	hs_free_scratch(l->scratch);
	free(l->counts);
	free(l);
}

/* A match as it comes: pattern and place, to be sorted out after the pass. */
struct match {
	uint64_t to;
	uint32_t id;
};

struct pass {
	struct scanner_lane *lane;
	struct span piece; /* what is passed over */
	uint64_t base;     /* its offset in the blob */
	uint64_t repeated; /* matches that end before it were seen by the pass before */
	struct match *v;
	size_t n, cap;
	bool capped, no_memory;
};

static bool zeros_follow(struct span at, uint32_t n)
{
	uint8_t any = 0;
	for (uint32_t i = 0; i < n && i < at.n; i++)
		any |= at.p[i];
	return n <= at.n && !any;
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
	struct pass *p = context;
	uint32_t behind = p->lane->scanner->set.origins[id].behind;
	(void)from;
	(void)flags;
	if (behind && !zeros_follow(span_from(p->piece, to), behind))
		return 0;
	to += behind;
	if (p->base + to <= p->repeated)
		return 0;
	if (p->lane->counts[id]++ >= PATTERN_HITS_MAX || p->n >= BLOB_HITS_MAX) {
		p->capped = true;
		return 0;
	}
	if (p->n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 64;
		struct match *v = realloc(p->v, p->cap * sizeof *v);
		if (!v) {
			p->no_memory = true;
			return 1;
		}
		p->v = v;
	}
	p->v[p->n++] = (struct match){ p->base + to, id };
	return 0;
}

static int by_candidate(const void *a, const void *b)
{
	const struct scan_candidate *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (int)x->format - (int)y->format;
}

static int by_hit(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->pattern != y->pattern)
		return x->pattern < y->pattern ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

/* A format may be announced by two of its magics at once: each candidate once. */
static void unique_candidates(struct scan_result *r)
{
	size_t kept = 0;
	qsort(r->candidates, r->ncandidates, sizeof *r->candidates, by_candidate);
	for (size_t i = 0; i < r->ncandidates; i++)
		if (kept == 0 || by_candidate(&r->candidates[kept - 1], &r->candidates[i]) != 0)
			r->candidates[kept++] = r->candidates[i];
	r->ncandidates = kept;
}

static bool make_room(const struct scanner *s, const struct pass *p, struct arena *arena, struct scan_result *r)
{
	size_t candidates = 0;
	r->hits = ARENA_ARRAY(arena, struct scan_hits, s->ninspectors + 1);
	if (!r->hits)
		return false;
	for (size_t i = 0; i < p->n; i++) {
		const struct pattern_origin *o = &s->set.origins[p->v[i].id];
		candidates += o->is_format;
		if (!o->is_format)
			r->hits[o->owner].n++;
	}
	r->candidates = ARENA_ARRAY(arena, struct scan_candidate, candidates);
	bool ok = r->candidates != NULL;
	for (size_t k = 0; ok && k < s->ninspectors; k++) {
		r->hits[k].v = ARENA_ARRAY(arena, struct hit, r->hits[k].n);
		ok = r->hits[k].v != NULL;
		r->hits[k].n = 0;
	}
	return ok;
}

static void add_candidate(const struct pattern_origin *o, struct span bytes, uint64_t hit, struct scan_result *r)
{
	const struct format *format = format_registry[o->owner];
	uint64_t at = hit - o->offset;
	if (format->locate ? format->locate(bytes, hit, &at) : hit >= o->offset)
		r->candidates[r->ncandidates++] = (struct scan_candidate){ at, o->owner };
}

static struct error sort_out(const struct scanner *s, const struct pass *p, struct span bytes, struct arena *arena,
                             struct scan_result *r)
{
	if (!make_room(s, p, arena, r)) {
		*r = (struct scan_result){ 0 };
		return error_at(ERR_BUDGET, 0, "more pattern matches than memory for them");
	}
	for (size_t i = 0; i < p->n; i++) {
		const struct pattern_origin *o = &s->set.origins[p->v[i].id];
		uint64_t to = p->v[i].to, from = to - o->length;
		if (!o->is_format)
			r->hits[o->owner].v[r->hits[o->owner].n++] = (struct hit){ o->index, from, to };
		else
			add_candidate(o, bytes, from, r);
	}
	unique_candidates(r);
	for (size_t k = 0; k < s->ninspectors; k++)
		if (r->hits[k].n > 1)
			qsort(r->hits[k].v, r->hits[k].n, sizeof *r->hits[k].v, by_hit);
	return error_none();
}

static struct error scan_between(struct pass *p, struct span bytes, uint64_t at, uint64_t end, struct scan_watcher *watcher)
{
	const struct scanner *s = p->lane->scanner;
	while (at < end && !p->no_memory) {
		uint64_t overlap = at < s->set.longest ? at : s->set.longest, from = at - overlap;
		struct span piece = span_clip(bytes, from, end - from < PASS_MAX ? end - from : PASS_MAX);
		p->piece = piece;
		p->base = from;
		p->repeated = at;
		if (hs_scan(s->db, (const char *)piece.p, (unsigned)piece.n, 0, p->lane->scratch, on_match, p) != HS_SUCCESS && !p->no_memory)
			return error_at(ERR_UNSUPPORTED, at, "the pattern scan failed");
		if (watcher)
			watcher->passed(watcher, span_from(piece, overlap));
		at = from + piece.n;
	}
	return error_none();
}

struct error scan_blob(struct scanner_lane *l, struct span bytes, struct arena *arena, struct scan_watcher *watcher,
                       struct scan_result *result)
{
	const struct scanner *s = l->scanner;
	struct pass p = { .lane = l };
	struct error e = error_none();
	*result = (struct scan_result){ 0 };
	memset(l->counts, 0, s->set.n * sizeof *l->counts);
	/* What is stored, and as many zeros around it as may belong to a match; what would have them in common goes together. */
	for (uint64_t around = s->set.longest, at, end = 0; (at = holes_next(bytes, end, &end)) < bytes.n && !p.no_memory && !error_is(&e);) {
		for (uint64_t next, behind; (next = holes_next(bytes, end, &behind)) < bytes.n && next - end <= 2 * around;)
			end = behind;
		e = scan_between(&p, bytes, at > around ? at - around : 0, bytes.n - end > around ? end + around : bytes.n, watcher);
	}
	if (p.no_memory)
		e = error_at(ERR_MEMORY, 0, "no memory for pattern matches");
	if (!error_is(&e))
		e = sort_out(s, &p, bytes, arena, result);
	result->capped = p.capped;
	free(p.v);
	return e;
}
