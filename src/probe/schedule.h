/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs on a fixed number of threads.
 *
 * Jobs wait in queues, one queue for each container. The newest queue is served first and each queue in order: that is
 * depth first, so that a container's memory is freed before the next one is opened, and files are read in the order in
 * which they lie on flash.
 * The threads exist from schedule_new() on, so that a confined worker needs no right to make threads.
 */
#ifndef ASSAY_PROBE_SCHEDULE_H
#define ASSAY_PROBE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define SCHEDULE_MAX_LANES 64u

struct schedule;

struct job {
	struct job *next;
	void (*run)(struct job *job, unsigned lane); /* owns the job; lane is 0 .. lanes-1 */
};

struct job_queue {
	struct job_queue *below;
	struct job *first, *last;
	bool listed;
};

/* `lanes` threads in all, the caller of schedule_run() being one of them. NULL when they cannot be made. */
struct schedule *schedule_new(unsigned lanes) MUST_USE;
void schedule_free(struct schedule *s);
/* How many threads it has, the caller's with it: 1 to SCHEDULE_MAX_LANES. */
unsigned schedule_lanes(const struct schedule *s);

/* Adds a job at the end of a queue, which must live until its last job has run. */
void schedule_push(struct schedule *s, struct job_queue *queue, struct job *job);

/* From now on jobs of queues for which within(queue, context) holds are run before all others; NULL: of none. `within` is
 * called with the schedule locked, for queues that have a job. */
void schedule_prefer(struct schedule *s, bool (*within)(const struct job_queue *queue, const void *context), const void *context);

/* Calls fn(context, i) for every i below count, on this thread and on those that are idle, and returns when all calls
 * have returned. */
void schedule_for(struct schedule *s, size_t count, void (*fn)(void *context, size_t i), void *context);

/* Runs jobs until none is left. */
void schedule_run(struct schedule *s);

#endif
