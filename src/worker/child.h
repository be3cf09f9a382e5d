/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker process itself. */
#ifndef ASSAY_WORKER_CHILD_H
#define ASSAY_WORKER_CHILD_H

#include "worker/supervise.h"

struct child_request {
	const struct worker_request *worker;
	struct key_set done, crashed;
	unsigned threads;
	int pipe; /* frames go here */
	struct probe_status *status;
};

/* Never returns. */
_Noreturn void worker_child(const struct child_request *request);

#endif
