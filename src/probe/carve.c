/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/holes.h"
#include "base/work.h"
#include "probe/tree.h"

/* A stream that breaks off counts as one only when it gave this much before: noise does not. */
#define BROKEN_STREAM_MIN (64u << 10)
/* Unpacking candidates that turn out to be none may cost so many bytes in and out in all, and no more. */
#define FUTILE_MAX ((uint64_t)64 << 20)
/* Work (base/work.h) that counts as a byte of them. */
#define FUTILE_WORK 8u
/* Containers that are found and passed over for a better one of the same place were walked for nothing, and may be walked again
 * from the next place on: so many bytes of them, and four times the blob. From then on the larger of the two is taken. */
#define OUTDONE_MAX ((uint64_t)64 << 20)
#define OUTDONE_TIMES 4u
/* To begin with a stream costs as much as so many bytes of it. */
#define TRY_COST 1024u
/* The shortest zlib stream: header, a block without bytes, the sum. */
#define ZLIB_MIN 8u
#define ZLIB_AT_ONCE 64u
#define REGIONS_MAX 65536u
/* Where to look on when nothing more is looked for. */
#define NOWHERE UINT64_MAX

/* What was unpacked stays for the task that opens it, which spares unpacking again, or is dropped. The bytes that are kept
 * are the container's, and known before its first child is looked at. */
static void keep_or_drop(struct lane *l, struct node *n, struct span in, struct region *r, bool keep)
{
	r->has_unpacked = keep && n->kept + r->unpacked.n <= CARVED_KEPT_MAX;
	r->unpack_again = !r->has_unpacked;
	if (!r->has_unpacked) {
		r->stream = in;
		buf_free(&r->unpacked);
		hold_give_back(&l->unpacking);
		return;
	}
	if (r->unpacked.n <= BUF_METERED) /* nobody was told of it */
		hold_take(&n->hold, r->unpacked.n);
	hold_move(&n->hold, &l->unpacking);
	n->kept += r->unpacked.n;
	n->chain += r->unpacked.n;
	l->chain += r->unpacked.n;
	buf_trim(&r->unpacked);
	r->unpacked.meter = NULL;
}

/* Most of what may be a stream is none: the room of one that failed is the next one's. */
static struct buf buf_for_stream(struct lane *l)
{
	struct buf b = l->failed;
	l->failed = (struct buf){ 0 };
	b.n = 0;
	b.limit = (size_t)content_allowance(l);
	if (b.cap > b.limit)
		buf_free(&b);
	b.meter = &l->unpacking.meter;
	return b;
}

static void discard(struct lane *l, struct region *r)
{
	bool keep = !l->failed.p && r->unpacked.p && !r->unpacked.spilled && r->unpacked.cap <= BUF_METERED; /* nobody was told of it */
	if (keep) {
		l->failed = r->unpacked;
		l->failed.meter = NULL;
		r->unpacked = (struct buf){ 0 };
	}
	buf_free(&r->unpacked);
	hold_give_back(&l->unpacking);
}

bool regions_add(struct lane *l, struct regions *r, const struct region *region)
{
	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 16;
		struct region *v = cap <= REGIONS_MAX ? ARENA_ARRAY(l->arena, struct region, cap) : NULL;
		if (!v) {
			emit_damage_at(&l->finding.sink, ERR_BUDGET, region->offset, "more embedded images than are looked at");
			return false;
		}
		if (r->n)
			memcpy(v, r->v, r->n * sizeof *v);
		r->v = v;
		r->cap = cap;
	}
	r->v[r->n++] = *region;
	return true;
}

static int by_offset(const void *a, const void *b)
{
	const struct region *x = a, *y = b;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

void regions_sort(struct regions *r)
{
	if (r->n > 1)
		qsort(r->v, r->n, sizeof *r->v, by_offset);
}

/* Formats ask for more than their first bytes: sums, chains of headers, what unpacks. One whose magic stands at every few bytes, each before
 * such a beginning, would cost the square of the blob: so much work (base/work.h) each may do in vain, and so many times what is stored of
 * the blob. */
#define WORK_MAX ((uint64_t)64 << 20)
#define WORK_TIMES 16u
#define FORMATS_MAX 512u

/* What looking for containers has cost in vain. */
struct waste {
	struct sink *sink; /* who is told of formats that are asked no longer; NULL: nobody */
	uint64_t worked_max, worked[FORMATS_MAX];
	uint64_t futile;  /* bytes of streams that were none */
	uint64_t outdone; /* bytes of containers in whose place another was taken */
	uint64_t outdone_max;
};

/* How many of `room` bytes it takes; 0 where only unpacking can tell. */
static uint64_t known_size(const struct format_match *m, uint64_t room)
{
	if (m->size == SIZE_UNKNOWN)
		return 0;
	return m->size < room ? m->size : room;
}

/* Which of two at one place: that of the highest confidence, as long as the choice is not played with. */
static bool is_better(const struct format_match *m, const struct format_match *than, uint64_t room, struct waste *waste)
{
	uint64_t size = known_size(m, room), other = known_size(than, room);
	bool better = waste->outdone < waste->outdone_max ? m->confidence > than->confidence : size > other;
	waste->outdone += better ? other : size;
	return better;
}

static struct waste waste_begin(struct span bytes, uint64_t outdone_max, struct sink *sink)
{
	return (struct waste){ .sink = sink, .outdone_max = outdone_max, .worked_max = WORK_MAX + WORK_TIMES * holes_stored(bytes) };
}

/* What the probing of accepted bytes was worth: as many as it takes; of a stream all, as unpacking it will show. */
static uint64_t worth_of(const struct format_match *m, uint64_t room, uint64_t work)
{
	return m->size == SIZE_UNKNOWN ? work : known_size(m, room);
}

/* Whether the format accepts the bytes; one that has worked too much in vain is not asked. */
static bool ask(const struct scan_candidate *c, struct span rest, struct format_match *m, struct waste *waste)
{
	const struct format *f = format_registry[c->format];
	uint64_t *worked = &waste->worked[c->format % FORMATS_MAX], before = work_done;
	if (*worked > waste->worked_max)
		return false;
	bool is_one = f->probe(rest, m);
	uint64_t took = work_done - before, worth = is_one ? worth_of(m, rest.n, took) : 0;
	*worked += took > worth ? took - worth : 0;
	if (*worked > waste->worked_max && waste->sink)
		emit_damage_at(waste->sink, ERR_BUDGET, c->at, "too many false beginnings of %s: from here on none is looked for", f->name);
	return is_one;
}

/* The candidates at one place, from *i on: the best of the formats that accept the bytes. Of streams or of the others. Moves *i to
 * the last of them. */
static const struct format *best_candidate(const struct scan_result *scan, size_t *i, bool streams, struct span rest,
                                           struct format_match *match, struct waste *waste)
{
	const struct format *best = NULL;
	uint64_t at = scan->candidates[*i].at;
	for (size_t k = *i; k < scan->ncandidates && scan->candidates[k].at == at; k++) {
		const struct format *f = format_registry[scan->candidates[k].format];
		struct format_match m = { .size = SIZE_UNKNOWN };
		*i = k;
		if ((f->unpack != NULL) == streams && ask(&scan->candidates[k], rest, &m, waste) && (!best || is_better(&m, match, rest.n, waste))) {
			best = f;
			*match = m;
		}
	}
	return best;
}

/* What a stream in vain counts for: so many bytes in and out, or the work that it was where few came out. */
static uint64_t futile_bytes(uint64_t bytes, uint64_t work_before)
{
	uint64_t worked = (work_done - work_before) / FUTILE_WORK;
	return bytes > worked ? bytes : worked;
}

/* The stream at r->offset, unpacked to its end: true when it ends as its format says. What it cost in vain is added to
 * *futile. */
static bool whole_stream(struct lane *l, struct node *n, struct span rest, struct region *r, uint64_t *futile)
{
	size_t used = 0;
	uint64_t before = work_done;
	r->unpacked = buf_for_stream(l);
	r->unpack_error = r->format->unpack(rest, &r->unpacked, &used);
	if (error_is(&r->unpack_error) || used == 0) {
		*futile += futile_bytes(r->unpacked.n + used, before);
		discard(l, r);
		return false;
	}
	r->size = used < rest.n ? used : rest.n;
	content_account(l->probe, r->unpacked.n);
	keep_or_drop(l, n, rest, r, true);
	return true;
}

/* What begins at candidate *i, as a whole. Moves *i to the last candidate of that place. */
static bool find_whole(struct lane *l, struct node *n, struct span bytes, const struct scan_result *scan, size_t *i, struct waste *waste,
                       struct region *r)
{
	size_t again = *i;
	struct span rest = span_from(bytes, r->offset);
	r->format = best_candidate(scan, i, false, rest, &r->match, waste);
	bool named = r->format && r->offset == 0 && r->match.size >= bytes.n && !r->format->walk; /* the whole blob */
	if (r->format && r->match.size != SIZE_UNKNOWN && r->match.size && !named) {
		r->size = r->match.size < rest.n ? r->match.size : rest.n;
		return true;
	}
	if (waste->futile > FUTILE_MAX)
		return false;
	r->format = best_candidate(scan, &again, true, rest, &r->match, waste);
	return r->format && whole_stream(l, n, rest, r, &waste->futile);
}

void carve_whole(struct lane *l, struct node *n, struct span bytes, const struct scan_result *scan, struct regions *regions)
{
	uint64_t cursor = regions->n ? regions->v[regions->n - 1].offset + regions->v[regions->n - 1].size : 0;
	struct waste waste = waste_begin(bytes, OUTDONE_MAX + OUTDONE_TIMES * bytes.n, &l->finding.sink);
	for (size_t i = 0; i < scan->ncandidates; i++) {
		struct region r = { .offset = scan->candidates[i].at };
		if (r.offset < cursor || !find_whole(l, n, bytes, scan, &i, &waste, &r))
			continue;
		if (!regions_add(l, regions, &r)) {
			buf_free(&r.unpacked);
			return;
		}
		cursor = r.offset + r.size;
	}
}

/* RFC 1950, section 2.2: a window of 32 KiB, no dictionary, and a sum of the two bytes that holds: there are these four. */
static inline bool is_zlib_header(const uint8_t *p)
{
	return (p[0] == 0x78) & ((p[1] == 0x01) | (p[1] == 0x5e) | (p[1] == 0x9c) | (p[1] == 0xda));
}

/* Whether one begins in so many bytes, which compilers make a few comparisons of vectors of. */
static bool has_zlib_header(const uint8_t *p)
{
	uint8_t any = 0;
	for (unsigned i = 0; i < ZLIB_AT_ONCE; i++)
		any |= (uint8_t)is_zlib_header(p + i);
	return any;
}

/* A byte stands behind `end`. */
static uint64_t find_zlib_header(struct span bytes, uint64_t at, uint64_t end)
{
	while (at < end) {
		uint64_t stop = end - at < ZLIB_AT_ONCE ? end : at + ZLIB_AT_ONCE;
		bool none = stop - at == ZLIB_AT_ONCE && !has_zlib_header(bytes.p + at);
		for (; at < stop && !none; at++)
			if (is_zlib_header(bytes.p + at))
				return at;
		at = stop;
	}
	return NOWHERE;
}

/* The next place of a zlib header with the largest window and a header sum that holds, before a block of a
 * type that there is (RFC 1951 section 3.2.3); of PNG, which are pixels, none. */
static uint64_t next_zlib(struct span bytes, uint64_t at, uint64_t end)
{
	if (end < ZLIB_MIN)
		return NOWHERE;
	struct span room = span_clip(bytes, 0, end - ZLIB_MIN + 1);
	for (uint64_t stored; (at = holes_next(room, at, &stored)) < room.n; at = stored) {
		for (; (at = find_zlib_header(bytes, at, stored)) != NOWHERE; at++) {
			const uint8_t *p = bytes.p + at;
			bool pixels = at >= 4 && memcmp(p - 4, "IDAT", 4) == 0;
			if (!pixels && (p[2] & 6) != 6)
				return at;
		}
	}
	return NOWHERE;
}

bool carve_may_have_zlib(struct span bytes)
{
	return next_zlib(bytes, 0, bytes.n) != NOWHERE;
}

/* Those in bytes[at .. end), which no region has. */
static bool carve_zlib_between(struct lane *l, struct node *n, struct span bytes, uint64_t at, uint64_t end, uint64_t *futile,
                               struct regions *regions)
{
	const struct format *zlib = format_find("zlib");
	while ((at = next_zlib(bytes, at, end)) != NOWHERE) {
		if (*futile > FUTILE_MAX) {
			emit_damage_at(&l->finding.sink, ERR_BUDGET, at, "too many false beginnings of zlib streams: from here on none is looked for");
			return false;
		}
		struct region r = { .offset = at, .format = zlib };
		bool whole = whole_stream(l, n, span_sub(bytes, at, end - at), &r, futile);
		at += whole ? r.size : 1;
		*futile += whole ? 0 : TRY_COST;
		if (whole && !regions_add(l, regions, &r)) {
			buf_free(&r.unpacked);
			return false;
		}
	}
	return true;
}

void carve_zlib(struct lane *l, struct node *n, struct span bytes, struct regions *regions)
{
	uint64_t cursor = 0, futile = 0;
	bool go_on = true;
	size_t known = regions->n; /* what is found is added behind them */
	for (size_t i = 0; i <= known && go_on; i++) {
		uint64_t end = i < known ? regions->v[i].offset : bytes.n;
		if (cursor < end)
			go_on = carve_zlib_between(l, n, bytes, cursor, end, &futile, regions);
		if (i < known)
			cursor = regions->v[i].offset + regions->v[i].size;
	}
}

bool carve_finds(struct span bytes, const struct scan_result *scan)
{
	struct format_match match;
	struct waste waste = waste_begin(bytes, OUTDONE_MAX, NULL);
	bool found = false;
	for (size_t i = 0; i < scan->ncandidates && !found; i++)
		found = best_candidate(scan, &i, false, span_from(bytes, scan->candidates[i].at), &match, &waste) != NULL;
	return found;
}

/* Unpacks one stream in bytes[at .. end). Adds it when it is one; gives where to look on. */
static uint64_t try_stream(struct lane *l, struct node *n, struct span bytes, struct region r, uint64_t end, uint64_t *futile,
                           struct regions *regions)
{
	size_t used = 0;
	uint64_t at = r.offset, before = work_done;
	struct span in = span_sub(bytes, at, end - at);
	uint64_t allowed = content_allowance(l);
	r.unpacked = buf_for_stream(l);
	r.unpack_error = r.format->unpack(in, &r.unpacked, &used);
	if (r.unpack_error.code == ERR_MEMORY || (r.unpack_error.code == ERR_BUDGET && allowed < BROKEN_STREAM_MIN)) {
		emit_damage_at(&l->finding.sink, r.unpack_error.code, at, "compressed streams from here on are not unpacked: %s",
		               r.unpack_error.text);
		discard(l, &r);
		return NOWHERE;
	}
	if (error_is(&r.unpack_error) && r.unpacked.n < BROKEN_STREAM_MIN) {
		*futile += futile_bytes(r.unpacked.n + used, before);
		discard(l, &r);
		return at + 1;
	}
	r.size = error_is(&r.unpack_error) && used == 0 ? r.unpack_error.offset : used;
	if (r.size == 0 || r.size > in.n)
		r.size = in.n;
	content_account(l->probe, r.unpacked.n);
	keep_or_drop(l, n, in, &r, false);
	return regions_add(l, regions, &r) ? at + r.size : end;
}

void carve_broken_streams(struct lane *l, struct node *n, struct span bytes, const struct scan_result *scan, struct regions *regions)
{
	size_t sized = regions->n, next = 0; /* what is whole comes first, by offset */
	uint64_t cursor = 0;
	struct waste waste = waste_begin(bytes, UINT64_MAX, &l->finding.sink);
	for (size_t i = 0; i < scan->ncandidates; i++) {
		uint64_t at = scan->candidates[i].at;
		while (next < sized && regions->v[next].offset + regions->v[next].size <= at)
			next++;
		bool inside = next < sized && regions->v[next].offset <= at;
		if (inside || at < cursor || !format_registry[scan->candidates[i].format]->unpack)
			continue;
		if (waste.futile > FUTILE_MAX) {
			emit_damage_at(&l->finding.sink, ERR_BUDGET, at, "too many false beginnings of compressed streams");
			return;
		}
		uint64_t end = next < sized ? regions->v[next].offset : bytes.n;
		struct region r = { .offset = at };
		r.format = best_candidate(scan, &i, true, span_sub(bytes, at, end - at), &r.match, &waste);
		if (r.format)
			cursor = try_stream(l, n, bytes, r, end, &waste.futile, regions);
	}
}
