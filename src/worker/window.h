/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that a worker shares with its parent, for contents on their way from the one to the other: a pipe would have them copied
 * twice, into pages of its own. It has slots. Who has taken one fills it and tells the parent so in a frame (FRAME_SLOT); the
 * parent writes the bytes where they belong and gives the slot back.
 *
 * All of it is the worker's, hostile as it may be: the parent reads no number from it, and hands its bytes to the kernel without
 * looking at them.
 */
#ifndef ASSAY_WORKER_WINDOW_H
#define ASSAY_WORKER_WINDOW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* Small enough that both find the bytes in a cache of the processor, mostly: the first slots that are free are taken. */
#define WINDOW_SLOTS 16u
#define WINDOW_SLOT_SIZE ((size_t)256 << 10)

struct window {
	_Atomic uint32_t taken; /* a bit for each slot, the highest one: somebody waits for this word to change */
	uint8_t slots[WINDOW_SLOTS][WINDOW_SLOT_SIZE] __attribute__((aligned(4096)));
};

/* A window for a child that is forked later. NULL: no memory. */
struct window *window_open(void);
void window_close(struct window *w);

/* The parent's end. All slots are free: nobody has the window but a worker that is to be started. */
void window_reset(struct window *w);
/* n bytes of a slot, as a worker says; SPAN_NONE when there is no such slot or it is not so large. */
struct span window_bytes(const struct window *w, uint32_t slot, uint32_t n);
/* Either end's: the slot is free again. */
void window_give_back(struct window *w, uint32_t slot);

/* The worker's end, from any thread. Takes n slots (1 and more) that are free and follow each other, so that their bytes do, too;
 * false when there are none. */
bool window_take(struct window *w, uint32_t n, uint32_t *first);
/* Waits a while for so many to become free. */
void window_wait(struct window *w, uint32_t n);

#endif
