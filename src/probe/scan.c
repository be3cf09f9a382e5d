/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/scan.h"

#include <stdlib.h>

#include "base/holes.h"
#include "base/literals.h"
#include "base/work.h"
#include "probe/pattern_set.h"

/* A pass takes at most this many bytes, after which progress is told; passes overlap by the longest literal. */
#define PASS_MAX ((uint64_t)64 << 20)
/* Matches of one pattern, and of one blob, that are kept. */
#define PATTERN_HITS_MAX 65536u
#define BLOB_HITS_MAX (1u << 21)
/* What is looked through by Vectorscan where bytes do not look random. */
#define CROWDED_PIECE ((size_t)64 << 10)

/* The databases that tools/compile_patterns.c made when Assay was built: fingerprint (8 bytes), then Vectorscan's. */
extern const uint8_t patterns_compiled[], patterns_compiled_end[], patterns_of_formats[], patterns_of_formats_end[];

struct scanner {
	hs_database_t *db;
	struct pattern_set set;
	size_t ninspectors;
	struct span *magics;       /* of formats alone: all of the set, whose order they have; NULL otherwise */
	struct literals *literals; /* of them */
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

/* Magics alone are looked for in another way, too. */
static struct error prepare_magics(struct scanner *s)
{
	struct error e = error_at(ERR_MEMORY, 0, "no memory for the magics");
	if (!(s->magics = calloc(s->set.n + 1, sizeof *s->magics)))
		return e;
	for (size_t i = 0; i < s->set.n; i++) {
		const struct format_magic *m = &format_registry[s->set.origins[i].owner]->magics[s->set.origins[i].index];
		s->magics[i] = span_of(m->bytes, m->n);
	}
	s->literals = literals_new(s->magics, s->set.n, &e);
	return e;
}

struct scanner *scanner_new(enum pattern_scope scope, struct error *error)
{
	struct scanner *s = calloc(1, sizeof *s);
	*error = s ? pattern_set_list(&s->set, scope) : error_at(ERR_MEMORY, 0, "no memory");
	while (s && inspector_registry[s->ninspectors])
		s->ninspectors++;
	if (!error_is(error) && !load_compiled(s, scope))
		*error = pattern_set_compile(&s->set, NULL, &s->db);
	if (!error_is(error) && scope == PATTERNS_OF_FORMATS)
		*error = prepare_magics(s);
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
	literals_free(s->literals);
	free(s->magics);
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
	struct literals_sink sink;
	struct scanner_lane *lane;
	struct span piece; /* what is passed over */
	uint64_t base;     /* its offset in the blob */
	uint64_t begin;    /* what begins there or behind is looked for further on, and not taken now */
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

/* A match that ends at `to` of the blob. False: there is no memory for it. */
static bool take(struct pass *p, uint32_t id, uint64_t to)
{
	if (to <= p->repeated)
		return true;
	if (p->lane->counts[id]++ >= PATTERN_HITS_MAX || p->n >= BLOB_HITS_MAX) {
		p->capped = true;
		return true;
	}
	if (p->n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 64;
		struct match *v = realloc(p->v, p->cap * sizeof *v);
		if (!v) {
			p->no_memory = true;
			return false;
		}
		p->v = v;
	}
	p->v[p->n++] = (struct match){ to, id };
	return true;
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
	struct pass *p = context;
	const struct pattern_origin *o = &p->lane->scanner->set.origins[id];
	(void)from;
	(void)flags;
	if (to + o->behind - o->length >= p->begin || (o->behind && !zeros_follow(span_from(p->piece, to), o->behind)))
		return 0;
	return !take(p, id, p->base + to + o->behind);
}

static void on_magic(struct literals_sink *sink, uint32_t index, uint64_t to)
{
	struct pass *p = (struct pass *)sink;
	if (!p->no_memory)
		(void)take(p, index, p->base + to);
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

/* A format that looks around each hit for its beginning may work so much for it (base/work.h), and so many times what is stored of the
 * blob: then its other hits are more than are kept. */
#define LOCATE_WORK_MAX ((uint64_t)1 << 30)
#define LOCATE_WORK_TIMES 16u
#define FORMATS_MAX 512u

struct located {
	uint64_t worked[FORMATS_MAX], worked_max;
	bool capped;
};

static void add_candidate(const struct pattern_origin *o, struct span bytes, uint64_t hit, struct scan_result *r, struct located *l)
{
	const struct format *format = format_registry[o->owner];
	uint64_t at = hit - o->offset, before = work_done, *worked = &l->worked[o->owner % FORMATS_MAX];
	bool tired = *worked > l->worked_max;
	l->capped |= tired;
	if (!tired && (format->locate ? format->locate(bytes, hit, &at) : hit >= o->offset))
		r->candidates[r->ncandidates++] = (struct scan_candidate){ at, o->owner };
	*worked += work_done - before;
}

static struct error sort_out(const struct scanner *s, const struct pass *p, struct span bytes, struct arena *arena,
                             struct scan_result *r)
{
	if (!make_room(s, p, arena, r)) {
		*r = (struct scan_result){ 0 };
		return error_at(ERR_BUDGET, 0, "more pattern matches than memory for them");
	}
	struct located located = { .worked_max = LOCATE_WORK_MAX + LOCATE_WORK_TIMES * holes_stored(bytes), .capped = p->capped };
	for (size_t i = 0; i < p->n; i++) {
		const struct pattern_origin *o = &s->set.origins[p->v[i].id];
		uint64_t to = p->v[i].to, from = to - o->length;
		if (!o->is_format)
			r->hits[o->owner].v[r->hits[o->owner].n++] = (struct hit){ o->index, from, to };
		else
			add_candidate(o, bytes, from, r, &located);
	}
	r->capped = located.capped;
	unique_candidates(r);
	for (size_t k = 0; k < s->ninspectors; k++)
		if (r->hits[k].n > 1)
			qsort(r->hits[k].v, r->hits[k].n, sizeof *r->hits[k].v, by_hit);
	return error_none();
}

/* `base` is the offset of the bytes in the blob, and what begins at `begin` in them or behind is not taken. False: Vectorscan has failed. */
static bool pass_over(struct pass *p, struct span bytes, uint64_t base, uint64_t begin)
{
	p->piece = bytes;
	p->base = base;
	p->begin = begin;
	return hs_scan(p->lane->scanner->db, (const char *)bytes.p, (unsigned)bytes.n, 0, p->lane->scratch, on_match, p) == HS_SUCCESS || p->no_memory;
}

/* The same where only magics are looked for: in what looks random in the quicker way. */
static bool pass_over_magics(struct pass *p, struct span bytes, uint64_t base)
{
	const struct scanner *s = p->lane->scanner;
	for (size_t at = 0; at < bytes.n && !p->no_memory; at += CROWDED_PIECE) {
		p->base = base;
		at = literals_find(s->literals, bytes, at, &p->sink);
		struct span crowded = span_clip(bytes, at, CROWDED_PIECE + s->set.longest);
		if (crowded.n && !pass_over(p, crowded, base + at, CROWDED_PIECE))
			return false;
	}
	return true;
}

static struct error scan_between(struct pass *p, struct span bytes, uint64_t at, uint64_t end, struct scan_watcher *watcher)
{
	const struct scanner *s = p->lane->scanner;
	while (at < end && !p->no_memory) {
		uint64_t overlap = at < s->set.longest ? at : s->set.longest, from = at - overlap;
		struct span piece = span_clip(bytes, from, end - from < PASS_MAX ? end - from : PASS_MAX);
		p->repeated = at;
		if (!(s->literals ? pass_over_magics(p, piece, from) : pass_over(p, piece, from, UINT64_MAX)))
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
	struct pass p = { .sink = { on_magic }, .lane = l };
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
	result->capped |= p.capped;
	free(p.v);
	return e;
}
