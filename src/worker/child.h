/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker process itself. */
#ifndef ASSAY_WORKER_CHILD_H
#define ASSAY_WORKER_CHILD_H

#include "base/late.h"
#include "worker/supervise.h"
#include "worker/window.h"

/* A worker's descriptors: nothing else is open. */
enum { INPUT_FD = 3, PIPE_FD = 4 };

struct child_request {
	const struct worker_request *worker;
	struct key_set done, crashed;
	unsigned threads;
	int pipe; /* frames go here */
	struct window *window; /* contents go by way of it; NULL: none are wanted */
	struct probe_status *status;
};

/* Closes everything but these two, which become 3 and 4 (`input` may be -1), and lets the standard streams lead nowhere. */
void worker_keep_descriptors(int input, int pipe);

/* What it does when it can open nothing any more. */
enum confined_work worker_work(const struct worker_request *request);

/* Never returns. */
_Noreturn void worker_child(const struct child_request *request);

#endif
