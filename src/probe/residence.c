/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unpacked content that is in memory at one time.
 *
 * A little of it may be held by anybody. Who wants more joins the pile of large holds, where each lies within the one
 * below it: it waits until the topmost is its own container's, or one around that. So what is in the pile is one
 * chain of containers, whose sum content_allowance() limits; together with the small ones that bounds all.
 *
 * Nobody waits for ever: the topmost hold is a lane's, which works, or a container's, whose children need not wait for
 * any below it and are preferred by the schedule to all other work, so that it comes to its end.
 */
#include "base/clock.h"
#include "probe/tree.h"

/* Of all small holds together. */
#define SMALL_MAX ((uint64_t)24 << 20)

static bool is_within(const struct job_queue *queue, const void *node)
{
	const struct node *n = (const struct node *)((const char *)queue - offsetof(struct node, queue));
	while (n && n != node)
		n = n->parent;
	return n != NULL;
}

/* With the lock held: whether nothing large is held but by what is around h. */
static bool may_be_large(const struct residence *r, const struct hold *h)
{
	const struct hold *top = r->top;
	if (!top || top == h->within)
		return true;
	for (const struct node *n = h->parent; n; n = n->parent)
		if (top == &n->hold)
			return true;
	return false;
}

/* With the lock held: whoever holds most deeply is to come to an end first. */
static void prefer_top(struct probe *p)
{
	const struct hold *h = p->residence.top;
	while (h && !h->node)
		h = h->below;
	schedule_prefer(p->schedule, h ? is_within : NULL, h ? h->node : NULL);
}

static void take_off(struct residence *r, const struct hold *h)
{
	struct hold **at = &r->top;
	while (*at != h)
		at = &(*at)->below;
	*at = h->below;
}

static void put_on(struct residence *r, struct hold *h)
{
	h->below = r->top;
	r->top = h;
	h->large = true;
}

/* The time that a lane waits is not the blob's. */
static void wait_for_room(struct lane *l)
{
	struct residence *r = &l->probe->residence;
	uint64_t started = atomic_load(&l->status->started_ms), from = clock_ms();
	atomic_store(&l->status->started_ms, UINT64_MAX);
	pthread_cond_wait(&r->given_back, &r->lock);
	atomic_store(&l->status->started_ms, started + (clock_ms() - from));
}

void hold_take(struct hold *h, uint64_t more)
{
	struct probe *p = h->lane->probe;
	struct residence *r = &p->residence;
	pthread_mutex_lock(&r->lock);
	while (!h->large && r->small + more > SMALL_MAX && !may_be_large(r, h))
		wait_for_room(h->lane);
	if (!h->large && r->small + more > SMALL_MAX) {
		r->small -= h->bytes;
		put_on(r, h);
		if (h->node)
			prefer_top(p);
	} else if (!h->large) {
		r->small += more;
	}
	h->bytes += more;
	pthread_mutex_unlock(&r->lock);
}

void hold_give_back(struct hold *h)
{
	struct probe *p = h->lane->probe;
	struct residence *r = &p->residence;
	if (!h->bytes)
		return;
	pthread_mutex_lock(&r->lock);
	if (h->large) {
		take_off(r, h);
		if (h->node)
			prefer_top(p);
	} else {
		r->small -= h->bytes;
	}
	h->bytes = 0;
	h->large = false;
	pthread_cond_broadcast(&r->given_back);
	pthread_mutex_unlock(&r->lock);
}

void hold_move(struct hold *to, struct hold *from)
{
	struct probe *p = from->lane->probe;
	struct residence *r = &p->residence;
	if (!from->bytes)
		return;
	pthread_mutex_lock(&r->lock);
	if (from->large) {
		if (to->large)
			take_off(r, to);
		else
			r->small -= to->bytes;
		take_off(r, from);
		put_on(r, to);
		prefer_top(p);
	} else if (to->large) {
		r->small -= from->bytes;
		pthread_cond_broadcast(&r->given_back);
	}
	to->bytes += from->bytes;
	from->bytes = 0;
	from->large = false;
	pthread_mutex_unlock(&r->lock);
}

static void on_growth(struct buf_meter *meter, size_t more)
{
	hold_take((struct hold *)meter, more);
}

void hold_begin(struct hold *h, struct lane *l, struct node *parent)
{
	*h = (struct hold){ .meter = { on_growth }, .lane = l, .parent = parent };
}
