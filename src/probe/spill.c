/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unpacked bytes that do not fit in memory: disk images behind a compression.
 *
 * They go into a temporary file that was mapped before confinement, from which the kernel can take the pages away again.
 * A buffer that spills counts as one that holds much (residence.c): those are one chain of containers, so that there are
 * but few in the file, and one grows at a time, into the largest room that is left.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "probe/tree.h"

/* A buffer grows by this much, and what it had before may leave the memory. */
#define STEP ((size_t)16 << 20)
/* Makes any hold a large one. */
#define HELD ((uint64_t)32 << 20)
#define PAGE ((size_t)4096)

/* Both ends to whole pages within. */
static bool advise(const struct spill *s, size_t from, size_t to, int advice)
{
	from = (from + PAGE - 1) & ~(PAGE - 1);
	to &= ~(PAGE - 1);
	return from >= to || madvise(s->p + from, to - from, advice) == 0;
}

static bool lies_in(const struct spill *s, const uint8_t *p)
{
	return s->p && p >= s->p && p < s->p + s->size;
}

void spill_forget(const struct probe *p, struct span bytes)
{
	const struct spill *const places[] = { &p->spill, &p->disks };
	for (size_t i = 0; i < 2; i++)
		if (lies_in(places[i], bytes.p))
			(void)advise(places[i], (size_t)(bytes.p - places[i]->p), (size_t)(bytes.p - places[i]->p) + bytes.n, MADV_DONTNEED);
}

/* With the lock held: the largest room between what is taken; its index among the extents in *at. */
static struct spill_extent largest_room(const struct spill *s, unsigned *at)
{
	struct spill_extent best = { 0, 0 };
	for (unsigned i = 0; i <= s->n; i++) {
		size_t from = i ? s->v[i - 1].at + s->v[i - 1].size : 0, to = i < s->n ? s->v[i].at : s->size;
		if (to - from > best.size) {
			best = (struct spill_extent){ from, to - from };
			*at = i;
		}
	}
	return best;
}

/* Takes the largest room, or of it what is needed and no more; its size is 0 when there is none for `need` bytes. */
static struct spill_extent take(struct spill *s, size_t need, bool no_more)
{
	unsigned at = 0;
	pthread_mutex_lock(&s->lock);
	struct spill_extent e = largest_room(s, &at);
	if (e.size < need || s->n == SPILL_EXTENTS) {
		e.size = 0;
	} else {
		e.size = no_more ? need : e.size;
		memmove(&s->v[at + 1], &s->v[at], (s->n - at) * sizeof s->v[0]);
		s->v[at] = e;
		s->n++;
	}
	pthread_mutex_unlock(&s->lock);
	return e;
}

/* The bytes that are there, a step at a time, so that they are not in memory twice. */
static void move_in(const struct probe *p, struct buf *b, uint8_t *room)
{
	struct buf old = *b;
	for (size_t at = 0; at < b->n; at += STEP) {
		size_t n = b->n - at < STEP ? b->n - at : STEP;
		memcpy(room + at, old.p + at, n);
		spill_forget(p, span_of(room + at, n));
	}
	buf_free(&old);
	b->p = room;
	b->mapped = false;
	b->spilled = true;
}

static enum error_code begin(struct lane *l, struct buf *b, size_t need)
{
	uint64_t allowed = content_limit(l);
	if (need > allowed)
		return ERR_BUDGET;
	if (b->meter)
		b->meter->grow(b->meter, HELD);
	struct spill_extent room = take(&l->probe->spill, need, false);
	if (!room.size)
		return ERR_BUDGET;
	move_in(l->probe, b, l->probe->spill.p + room.at);
	b->cap = 0;
	b->limit = room.size < allowed ? room.size : (size_t)allowed;
	return ERR_NONE;
}

static enum error_code on_growth(struct buf_spill *spill, struct buf *b, size_t need)
{
	struct lane *l = ((struct lane_spill *)spill)->lane;
	enum error_code code = b->spilled ? ERR_NONE : begin(l, b, need);
	if (code)
		return code;
	if (need > b->limit)
		return ERR_BUDGET;
	spill_forget(l->probe, buf_span(b));
	lane_renew(l);
	size_t cap = b->limit - b->n < STEP ? b->limit : b->n + STEP;
	b->cap = cap > need ? cap : need;
	return ERR_NONE;
}

/* What lies behind the first `keep` bytes, or all of it. */
static void give_back(struct spill *s, size_t at, size_t keep)
{
	pthread_mutex_lock(&s->lock);
	unsigned i = 0;
	while (i < s->n && s->v[i].at != at)
		i++;
	if (i < s->n && keep) {
		s->v[i].size = keep;
	} else if (i < s->n) {
		s->n--;
		memmove(&s->v[i], &s->v[i + 1], (s->n - i) * sizeof s->v[0]);
	}
	pthread_mutex_unlock(&s->lock);
}

/* The next disk's holes are to be zeros. Where the file system can not give its blocks back they are written over. */
static void clear(struct probe *p, const struct disk *d)
{
	uint8_t *begin = p->disks.p + d->place.at;
	if (advise(&p->disks, d->place.at, d->place.at + d->place.size, MADV_REMOVE))
		return;
	for (size_t i = 0; i < d->nstored; i++)
		for (uint64_t at = d->stored[i].from, n; at < d->stored[i].to; at += n) {
			n = d->stored[i].to - at < STEP ? d->stored[i].to - at : STEP;
			memset(begin + at, 0, (size_t)n);
			spill_forget(p, span_of(begin + at, (size_t)n));
		}
}

static void disk_give_back(struct probe *p, const uint8_t *begin)
{
	size_t at = (size_t)(begin - p->disks.p);
	struct disk d = { 0 };
	pthread_mutex_lock(&p->disks.lock);
	for (unsigned i = 0; i < SPILL_EXTENTS && !d.place.size; i++)
		if (p->disk[i].place.size && p->disk[i].place.at == at) {
			d = p->disk[i];
			p->disk[i] = (struct disk){ 0 };
		}
	pthread_mutex_unlock(&p->disks.lock);
	holes_forget(span_of(begin, d.place.size));
	clear(p, &d);
	free(d.stored);
	give_back(&p->disks, at, 0);
	give_back(&p->spill, d.room.at, 0);
}

static void on_release(struct buf_spill *spill, const struct buf *b, size_t keep)
{
	struct probe *p = ((struct lane_spill *)spill)->lane->probe;
	struct spill *s = &p->spill;
	if (lies_in(&p->disks, b->p)) {
		if (!keep)
			disk_give_back(p, b->p);
		return;
	}
	size_t at = (size_t)(b->p - s->p);
	keep = (keep + PAGE - 1) & ~(PAGE - 1);
	(void)advise(s, at + keep, at + b->cap, MADV_REMOVE); /* where the file system can: the blocks go, too */
	give_back(s, at, keep);
}

struct buf_spill *spill_of(struct lane *l)
{
	if (!l->probe->spill.p)
		return NULL;
	l->spill = (struct lane_spill){ { on_growth, on_release }, l };
	return &l->spill.spill;
}

enum error_code disk_take(struct lane *l, struct buf *b, size_t size, struct stored *v, size_t n, uint64_t bytes)
{
	struct probe *p = l->probe;
	unsigned i = 0;
	if (b->meter)
		b->meter->grow(b->meter, HELD);
	size_t whole = (size + PAGE - 1) & ~(PAGE - 1), need = (bytes + (n * 2 + 1) * PAGE) & ~(PAGE - 1);
	struct disk d = { .place = take(&p->disks, whole, true), .stored = v, .nstored = n };
	if (d.place.size)
		d.room = take(&p->spill, need, true);
	struct span all = span_of(p->disks.p + d.place.at, size);
	if (!d.room.size || !holes_tell(all, v, n)) {
		if (d.room.size)
			give_back(&p->spill, d.room.at, 0);
		if (d.place.size)
			give_back(&p->disks, d.place.at, 0);
		return ERR_BUDGET;
	}
	pthread_mutex_lock(&p->disks.lock);
	while (p->disk[i].place.size)
		i++;
	p->disk[i] = d;
	pthread_mutex_unlock(&p->disks.lock);
	struct buf old = *b;
	buf_free(&old);
	b->p = p->disks.p + d.place.at;
	b->n = b->cap = size;
	b->mapped = false;
	b->spilled = true;
	b->spill = spill_of(l);
	return ERR_NONE;
}
