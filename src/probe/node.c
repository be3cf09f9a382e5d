/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/clock.h"
#include "probe/tree.h"

/* Lanes keep buffers up to this size in all for their next blobs, and each one of at least the other: memory that is given back
 * comes again a page at a time. */
#define KEPT_MAX ((size_t)16 << 20)
#define KEPT_MIN ((size_t)2 << 20)

/* Metadata of one container: its own tables and, of each child, its names and where its bytes are, some 1.2 KB. A file system of some
 * 200,000 files is no rare thing; it lies in the input or in a few layers of it. What lies deeper has less, as all of a chain is held. */
#define METADATA_MAX ((size_t)256 << 20)
#define METADATA_DEEP_MAX ((size_t)64 << 20)
#define METADATA_DEPTH 4u

struct node *node_new(struct lane *l, struct node *parent, uint64_t key, unsigned depth, struct span bytes, struct buf *owned)
{
	struct node *n = calloc(1, sizeof *n);
	struct arena *arena = arena_new(depth < METADATA_DEPTH ? METADATA_MAX : METADATA_DEEP_MAX);
	if (!n || !arena) {
		free(n);
		arena_free(arena);
		emit_damage_at(&l->finding.sink, ERR_MEMORY, UINT64_MAX, "no memory to open it");
		return NULL;
	}
	*n = (struct node){ .parent = parent, .probe = l->probe, .arena = arena, .bytes = bytes, .chain = l->chain, .key = key, .depth = depth };
	atomic_init(&n->refs, 1);
	if (parent)
		atomic_fetch_add(&parent->refs, 1);
	if (owned && owned->p && bytes.p >= owned->p && bytes.p < owned->p + owned->n) {
		n->owned = *owned;
		n->owned.meter = NULL;
		*owned = (struct buf){ .limit = owned->limit };
	}
	hold_begin(&n->hold, l, parent);
	n->hold.node = n;
	hold_move(&n->hold, &l->loaded);
	hold_move(&n->hold, &l->unpacking);
	hold_begin(&l->loaded, l, n);
	hold_begin(&l->unpacking, l, n);
	return n;
}

void node_release(struct node *n)
{
	while (n && atomic_fetch_sub(&n->refs, 1) == 1) {
		struct node *parent = n->parent;
		arena_free(n->arena);
		buf_free(&n->owned);
		hold_give_back(&n->hold);
		free(n);
		n = parent;
	}
}

bool node_count_blob(struct lane *l)
{
	struct probe *p = l->probe;
	uint64_t limit = p->options->budget.blobs;
	if (atomic_fetch_add(&p->blobs, 1) < limit)
		return true;
	emit_damage_at(&l->finding.sink, ERR_BUDGET, UINT64_MAX,
	               "more than %llu blobs: the rest of this container is not looked at (--max-blobs)",
	               (unsigned long long)limit);
	return false;
}

static bool copy_text(struct arena *arena, struct text *t)
{
	if (!t->p)
		return true;
	if (t->n > FACT_TEXT_MAX)
		t->n = FACT_TEXT_MAX;
	t->p = arena_strdup(arena, *t);
	return t->p != NULL;
}

static void task_run(struct job *job, unsigned lane);

bool node_queue(struct lane *l, struct node *n, const struct entry *entry, struct task **made)
{
	struct task *t = ARENA_NEW(n->arena, struct task);
	if (t) {
		t->entry = *entry;
		if (!copy_text(n->arena, &t->entry.path) || !copy_text(n->arena, &t->entry.link_target) ||
		    !copy_text(n->arena, &t->entry.same_as))
			t = NULL;
	}
	if (!t) {
		emit_damage_at(&l->finding.sink, ERR_BUDGET, UINT64_MAX,
		               "more metadata than is kept for one container: the rest of it is not looked at");
		return false;
	}
	t->parent = n;
	t->ordinal = n->ordinals++;
	t->key = batch_child_key(n->key, t->ordinal);
	t->job.run = task_run;
	if (made)
		*made = t;
	else
		task_queue(t);
	return true;
}

void task_queue(struct task *t)
{
	atomic_fetch_add(&t->parent->refs, 1);
	schedule_push(t->parent->probe->schedule, &t->parent->queue, &t->job);
}

static bool set_has(const struct key_set *set, uint64_t key)
{
	size_t lo = 0, hi = set->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (set->keys[mid] < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < set->n && set->keys[lo] == key;
}

/* Says in shared memory what the lane is at, before the first hostile byte of it is read. */
static void publish(struct lane *l, const struct task *t)
{
	struct lane_status *s = l->status;
	size_t n = t->entry.path.n < STATUS_PATH_MAX - 1 ? t->entry.path.n : STATUS_PATH_MAX - 1;
	if (n)
		memcpy(s->path, t->entry.path.p, n);
	s->path[n] = '\0';
	s->ordinal = t->ordinal;
	s->kind = t->entry.kind;
	s->offset = t->entry.offset;
	s->size = t->entry.size;
	atomic_store(&s->parent, t->parent ? t->parent->key : BATCH_NO_PARENT);
	lane_renew(l);
	lane_stage(l, "reading");
	atomic_store(&s->key, t->key);
}

void lane_renew(struct lane *l)
{
	atomic_store(&l->status->started_ms, clock_ms());
}

void lane_stage(struct lane *l, const char *stage)
{
	snprintf(l->status->stage, sizeof l->status->stage, "%s", stage);
}

static _Thread_local int this_lane = -1;

int probe_this_lane(void)
{
	return this_lane;
}

static void take_in_hand(struct lane *l, struct node *parent)
{
	hold_begin(&l->loaded, l, parent);
	hold_begin(&l->unpacking, l, parent);
	l->unpacking.within = &l->loaded;
	l->content.meter = &l->loaded.meter;
	l->chain = parent ? parent->chain : 0;
}

static void put_down(struct lane *l)
{
	size_t share = KEPT_MAX / l->probe->nlanes;
	if (l->content.cap > (share > KEPT_MIN ? share : KEPT_MIN) || l->content.spilled)
		buf_free(&l->content);
	hold_give_back(&l->loaded);
	hold_give_back(&l->unpacking);
}

void task_look(struct lane *l, struct task *t)
{
	this_lane = (int)l->index;
	const struct probe_options *o = l->probe->options;
	if (atomic_load(&l->probe->stopped) || (set_has(&o->done, t->key) && !t->whole) || set_has(&o->crashed, t->key))
		return;
	publish(l, t);
	arena_reset(l->arena);
	take_in_hand(l, t->parent);
	finding_begin(&l->finding, t->key, t->parent ? t->parent->key : BATCH_NO_PARENT, t->ordinal, &t->entry);
	struct span bytes = content_load(l, t);
	beside_begin(l, t);
	examine(l, t, bytes);
	beside_end(l);
	spill_forget(l->probe, bytes);
	content_give_back(l);
	put_down(l);
	atomic_store(&l->status->key, 0);
}

static void task_run(struct job *job, unsigned lane)
{
	struct task *t = (struct task *)job;
	struct node *parent = t->parent;
	task_look(&parent->probe->lanes[lane], t);
	buf_free(&t->unpacked);
	if (t->whole)
		pieces_release(t->whole);
	node_release(parent); /* the task's memory may go with it */
}
