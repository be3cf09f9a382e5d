/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line on standard error while something takes longer than a moment; nothing when that is no terminal. */
#ifndef ASSAY_CLI_PROGRESS_H
#define ASSAY_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/probe.h"

struct progress {
	bool on;
	const char *label; /* set behind progress_start(): stands before the figures; NULL: nothing */
	uint64_t started_ms, shown_ms;
	bool shown;
};

/* On when standard error is a terminal and `quiet` does not forbid it. */
void progress_start(struct progress *p, bool quiet);
/* Draws the line anew, but not before a run has taken long enough to ask for it. */
void progress_show(struct progress *p, const struct probe_status *status);
/* The same before the worker runs: bytes that were read so far, and where. */
void progress_note(struct progress *p, uint64_t bytes, const char *where);
/* How many of so many things are done: "LABEL DONE of ALL"; what has a callback of that shape takes it as it is, with the
 * struct progress as its context. */
void progress_count(void *progress, size_t done, size_t all);
/* Takes the line away. */
void progress_end(struct progress *p);

#endif
