/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run of workers, between supervise.c, which follows them, and blame.c, which tells why one died. */
#ifndef ASSAY_WORKER_INTERNAL_H
#define ASSAY_WORKER_INTERNAL_H

#include <sys/types.h>

#include "worker/supervise.h"
#include "worker/transport.h"
#include "worker/window.h"

struct supervisor {
	const struct worker_request *request;
	const struct worker_events *events;
	struct worker_result *result;
	struct probe_status *status; /* shared with the worker: hostile once it runs */
	struct window *window;       /* alike; NULL: no contents are wanted */
	uint64_t *crashed;           /* sorted */
	size_t ncrashed;
	uint64_t started_ms;
	bool careful;                /* one thread, to learn which blob kills it */
	uint64_t held_ms;            /* the worker's threads may have waited for us so long, in all */
	uint64_t held_before_ms;     /* the same when lanes were looked at last */
	struct {
		uint64_t key, held_ms;   /* the blob that the lane is at, and held_ms when it began */
	} lanes[SCHEDULE_MAX_LANES];
	unsigned blind;              /* deaths in a row that no blob could be blamed for */
};

/* How one worker ended. */
enum end { END_DONE, END_DIED, END_SLOW, END_TIMEOUT, END_BUDGET, END_STOPPED, END_FAILED };

struct run {
	pid_t pid;
	struct frame_reader reader;
	enum end end;
	unsigned slow_lane;
	int wait_status;
	uint64_t ticked_ms, looked_ms;
	uint64_t contents; /* bytes that were taken */
	struct error error;
};

/* Why the run ended, as a sentence without its subject; `stage` is what the worker was at. */
void supervisor_describe(const struct run *run, const char *stage, char *text, size_t size);

/* After a death: tells it of the blob that is to blame. True when another worker is worth starting. */
bool supervisor_recover(struct supervisor *s, const struct run *run);

/* The end of everything: what was being looked at says so. */
void supervisor_blame_all(struct supervisor *s, const struct run *run);

#endif
