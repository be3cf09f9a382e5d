/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "probe/schedule.h"

static const unsigned lane_counts[] = { 1, 2, 3, 8, 64 };
#define NLANES (sizeof lane_counts / sizeof lane_counts[0])

struct counter {
	struct job job;
	atomic_uint *sum;
	struct schedule *s;
	struct job_queue *queue;
	unsigned more; /* jobs that this one adds */
};

static void count(struct job *job, unsigned lane)
{
	struct counter *c = (struct counter *)job;
	assert_true(lane < schedule_lanes(c->s));
	atomic_fetch_add(c->sum, 1);
	for (unsigned i = 0; i < c->more; i++) {
		struct counter *child = calloc(1, sizeof *child);
		*child = (struct counter){ { NULL, count }, c->sum, c->s, c->queue, 0 };
		schedule_push(c->s, c->queue, &child->job);
	}
	free(c);
}

static void every_job_runs_once(void **state)
{
	(void)state;
	for (size_t n = 0; n < NLANES; n++) {
		struct schedule *s = schedule_new(lane_counts[n]);
		struct job_queue queues[3] = { 0 };
		atomic_uint sum = 0;
		assert_non_null(s);
		for (unsigned i = 0; i < 300; i++) {
			struct counter *c = calloc(1, sizeof *c);
			*c = (struct counter){ { NULL, count }, &sum, s, &queues[(i + 1) % 3], i % 10 };
			schedule_push(s, &queues[i % 3], &c->job);
		}
		schedule_run(s);
		assert_int_equal(sum, 300 + 30 * 45);
		schedule_free(s);
	}
}

static void nothing_to_do_ends(void **state)
{
	(void)state;
	struct schedule *s = schedule_new(4);
	schedule_run(s);
	schedule_free(s);
	s = schedule_new(4);
	schedule_free(s); /* never run */
}

struct marks {
	atomic_uint seen[5000];
};

static void mark(void *context, size_t i)
{
	atomic_fetch_add(&((struct marks *)context)->seen[i], 1);
}

struct looper {
	struct job job;
	struct schedule *s;
	struct marks marks;
	bool ok;
};

static void loop_in_job(struct job *job, unsigned lane)
{
	struct looper *l = (struct looper *)job;
	(void)lane;
	schedule_for(l->s, 5000, mark, &l->marks);
	l->ok = true;
	for (size_t i = 0; i < 5000; i++)
		l->ok &= atomic_load(&l->marks.seen[i]) == 1;
	schedule_for(l->s, 0, mark, &l->marks);
}

static void loops_within_jobs(void **state)
{
	(void)state;
	for (size_t n = 0; n < NLANES; n++) {
		struct schedule *s = schedule_new(lane_counts[n]);
		struct job_queue queue = { 0 };
		struct looper *l = calloc(4, sizeof *l);
		for (int i = 0; i < 4; i++) {
			l[i].job.run = loop_in_job;
			l[i].s = s;
			schedule_push(s, &queue, &l[i].job);
		}
		schedule_run(s);
		for (int i = 0; i < 4; i++)
			assert_true(l[i].ok);
		free(l);
		schedule_free(s);
	}
}

/* The newest container first, and each in its order: one lane shows it. */
struct ordered {
	struct job job;
	char name;
	char *log;
	size_t *n;
};

static void append(struct job *job, unsigned lane)
{
	struct ordered *o = (struct ordered *)job;
	(void)lane;
	o->log[(*o->n)++] = o->name;
}

static void newest_queue_first(void **state)
{
	(void)state;
	char log[8] = "";
	size_t n = 0;
	struct schedule *s = schedule_new(1);
	struct job_queue old = { 0 }, young = { 0 };
	struct ordered jobs[4];
	for (int i = 0; i < 4; i++) {
		jobs[i] = (struct ordered){ { NULL, append }, (char)('a' + i), log, &n };
		schedule_push(s, i < 2 ? &old : &young, &jobs[i].job);
	}
	schedule_run(s);
	assert_string_equal(log, "cdab");
	schedule_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_runs_once),
		cmocka_unit_test(nothing_to_do_ends),
		cmocka_unit_test(loops_within_jobs),
		cmocka_unit_test(newest_queue_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
