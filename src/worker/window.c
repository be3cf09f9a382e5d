/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/window.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ALL ((1u << WINDOW_SLOTS) - 1)
#define WAIT_NS 20000000L

struct window *window_open(void)
{
	void *p = mmap(NULL, sizeof(struct window), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

void window_close(struct window *w)
{
	if (w)
		munmap(w, sizeof *w);
}

void window_reset(struct window *w)
{
	atomic_store(&w->taken, 0);
}

struct span window_bytes(const struct window *w, uint32_t slot, uint32_t n)
{
	return w && slot < WINDOW_SLOTS && n <= WINDOW_SLOT_SIZE ? span_of(w->slots[slot], n) : SPAN_NONE;
}

void window_give_back(struct window *w, uint32_t slot)
{
	if (atomic_fetch_and(&w->taken, ~(1u << slot)) == ALL)
		syscall(SYS_futex, &w->taken, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

bool window_take(struct window *w, uint32_t *slot)
{
	uint32_t taken = atomic_load(&w->taken);
	while ((taken & ALL) != ALL) {
		*slot = (uint32_t)__builtin_ctz(~taken);
		if (atomic_compare_exchange_weak(&w->taken, &taken, taken | 1u << *slot))
			return true;
	}
	return false;
}

/* For a while only: the parent, which says when one is free, may be gone. */
void window_wait(struct window *w)
{
	struct timespec a_while = { 0, WAIT_NS };
	syscall(SYS_futex, &w->taken, FUTEX_WAIT, ALL, &a_while, NULL, 0);
}
