/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much a thread has looked at. Who looks at much tells it: what sums, unpacks or goes through many bytes. So whoever asks many
 * formats about many places knows what one of them costs, the same on every machine and at every time, and can put an end to it. */
#ifndef ASSAY_BASE_WORK_H
#define ASSAY_BASE_WORK_H

#include <stdint.h>

/* In units of about a nanosecond. It grows and is never set back: what counts is the difference. */
extern _Thread_local uint64_t work_done;

static inline void work_add(uint64_t units)
{
	work_done += units;
}

/* Bytes that a processor sums several at a time. */
static inline void work_add_summed(uint64_t bytes)
{
	work_done += bytes / 8;
}

#endif
