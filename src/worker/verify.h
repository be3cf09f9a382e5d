/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verifies signatures by keys from elsewhere in the same input, when all of it was looked at.
 *
 * Both are rows of facts that a worker wrote, and so hostile bytes: they are read in a worker of their own, confined like
 * the one before it, that inherits them by fork() and answers with numbers only. */
#ifndef ASSAY_WORKER_VERIFY_H
#define ASSAY_WORKER_VERIFY_H

#include "probe/verification.h"

struct verify_request {
	struct verification_input input;
	unsigned seconds;
	bool without_landlock;
};

/* One verdict for each signature. *why stays empty when all were looked at; else it says in a sentence why not, and the
 * verdicts are those that hold in every run: after a crash or when the time was over there are none. */
void worker_verify(const struct verify_request *request, struct verify_verdict *verdicts, char why[200]);

/* The worker itself. */
_Noreturn void verify_child(const struct verify_request *request, int pipe);

#endif
