/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes every right from a worker that it does not need, before it reads the first hostile byte.
 *
 * What is left: its memory up to a limit, the input as a mapping and a read-only descriptor, and a pipe to the parent.
 * No file can be opened or even named (Landlock, and open() fails), no socket made, no program run (seccomp kills).
 * See docs/threat-model.md.
 */
#ifndef ASSAY_WORKER_CONFINE_H
#define ASSAY_WORKER_CONFINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/late.h"

struct confinement {
	enum confined_work work; /* its libraries are loaded before */
	uint64_t memory;       /* bytes of private memory */
	uint64_t mapped;       /* bytes of the mapped input, allowed beside it */
	unsigned cpu_seconds;
	bool without_landlock; /* the user accepts a kernel that has no Landlock; seccomp stays */
};

/* Adds to c->memory and c->mapped what the process has now, as it is inherited of a parent that is larger than the work. */
void confine_add_inherited(struct confinement *c);

/* Libraries, limits and Landlock for this thread and those that it makes. To be called before threads are made. */
struct error confine_files(const struct confinement *c) MUST_USE;

/* The system call filter, for all threads. The last thing before hostile bytes. */
struct error confine_calls(void) MUST_USE;

/* The Landlock ABI version of this kernel, 0 when it has none. */
int confine_landlock_version(void);

#endif
