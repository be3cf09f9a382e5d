/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/schedule.h"

#include <pthread.h>
#include <stdlib.h>

/* A parallel loop: whoever is idle takes the next index. */
struct loop {
	struct loop *next;
	size_t at, count;
	size_t running; /* calls that have not returned */
	void (*fn)(void *, size_t);
	void *context;
};

struct schedule {
	pthread_mutex_t lock;
	pthread_cond_t work;     /* something to do, or the end */
	pthread_cond_t loop_end; /* a loop's last call returned */
	struct job_queue *top;
	struct loop *loops;
	bool (*preferred)(const struct job_queue *, const void *);
	const void *preferred_context;
	size_t outstanding;      /* jobs queued or running */
	bool started, stop;
	unsigned lanes;
	pthread_t threads[SCHEDULE_MAX_LANES];
	unsigned nthreads;
	struct lane_arg {
		struct schedule *s;
		unsigned lane;
	} args[SCHEDULE_MAX_LANES];
};

static struct job_queue **next_queue(struct schedule *s)
{
	struct job_queue **at = &s->top;
	while (s->preferred && *at && !s->preferred(*at, s->preferred_context))
		at = &(*at)->below;
	return *at ? at : &s->top;
}

static struct job *take_job(struct schedule *s)
{
	struct job_queue **at = next_queue(s), *q = *at;
	if (!q)
		return NULL;
	struct job *job = q->first;
	q->first = job->next;
	if (!q->first) {
		q->last = NULL;
		q->listed = false;
		*at = q->below;
	}
	return job;
}

void schedule_prefer(struct schedule *s, bool (*within)(const struct job_queue *queue, const void *context), const void *context)
{
	pthread_mutex_lock(&s->lock);
	s->preferred = within;
	s->preferred_context = context;
	pthread_mutex_unlock(&s->lock);
}

/* With the lock held: runs one index of a loop. Unlinks the loop when its last index is taken. */
static void run_index(struct schedule *s, struct loop *l)
{
	size_t i = l->at++;
	if (l->at == l->count) {
		struct loop **p = &s->loops;
		while (*p != l)
			p = &(*p)->next;
		*p = l->next;
	}
	l->running++;
	pthread_mutex_unlock(&s->lock);
	l->fn(l->context, i);
	pthread_mutex_lock(&s->lock);
	if (--l->running == 0 && l->at == l->count)
		pthread_cond_broadcast(&s->loop_end);
}

/* Works until there is nothing left to wait for. */
static void work(struct schedule *s, unsigned lane)
{
	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		if (s->started && s->loops) {
			run_index(s, s->loops);
			continue;
		}
		struct job *job = s->started ? take_job(s) : NULL;
		if (job) {
			pthread_mutex_unlock(&s->lock);
			job->run(job, lane);
			pthread_mutex_lock(&s->lock);
			if (--s->outstanding == 0) {
				s->stop = true;
				pthread_cond_broadcast(&s->work);
			}
			continue;
		}
		pthread_cond_wait(&s->work, &s->lock);
	}
	pthread_mutex_unlock(&s->lock);
}

static void *lane_main(void *arg)
{
	struct lane_arg *a = arg;
	work(a->s, a->lane);
	return NULL;
}

struct schedule *schedule_new(unsigned lanes)
{
	struct schedule *s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->lanes = lanes < 1 ? 1 : lanes > SCHEDULE_MAX_LANES ? SCHEDULE_MAX_LANES : lanes;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->work, NULL);
	pthread_cond_init(&s->loop_end, NULL);
	for (unsigned i = 1; i < s->lanes; i++) {
		s->args[i] = (struct lane_arg){ s, i };
		if (pthread_create(&s->threads[s->nthreads], NULL, lane_main, &s->args[i])) {
			schedule_free(s);
			return NULL;
		}
		s->nthreads++;
	}
	return s;
}

void schedule_free(struct schedule *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_broadcast(&s->work);
	pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i < s->nthreads; i++)
		pthread_join(s->threads[i], NULL);
	pthread_cond_destroy(&s->loop_end);
	pthread_cond_destroy(&s->work);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

unsigned schedule_lanes(const struct schedule *s)
{
	return s->lanes;
}

void schedule_push(struct schedule *s, struct job_queue *queue, struct job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&s->lock);
	if (queue->last)
		queue->last->next = job;
	else
		queue->first = job;
	queue->last = job;
	if (!queue->listed) {
		queue->listed = true;
		queue->below = s->top;
		s->top = queue;
	}
	s->outstanding++;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
}

void schedule_for(struct schedule *s, size_t count, void (*fn)(void *context, size_t i), void *context)
{
	struct loop l = { .count = count, .fn = fn, .context = context };
	if (count == 0)
		return;
	pthread_mutex_lock(&s->lock);
	l.next = s->loops;
	s->loops = &l; // cppcheck-suppress autoVariables ; taken out again below
	pthread_cond_broadcast(&s->work);
	while (l.at < l.count)
		run_index(s, &l);
	while (l.running > 0)
		pthread_cond_wait(&s->loop_end, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

void schedule_run(struct schedule *s)
{
	pthread_mutex_lock(&s->lock);
	s->started = true;
	s->stop = s->outstanding == 0;
	pthread_cond_broadcast(&s->work);
	pthread_mutex_unlock(&s->lock);
	work(s, 0);
}
