/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/window.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ALL ((1u << WINDOW_SLOTS) - 1)
#define WAITING (1u << 31)
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

/* Who waits is woken when half of them are free, not for each: both have something to do then, and change places less often. */
void window_give_back(struct window *w, uint32_t slot)
{
	uint32_t taken = atomic_fetch_and(&w->taken, ~(1u << slot)) & ~(1u << slot);
	if (!(taken & WAITING) || (unsigned)__builtin_popcount(taken & ALL) > WINDOW_SLOTS / 2)
		return;
	atomic_fetch_and(&w->taken, ~WAITING);
	syscall(SYS_futex, &w->taken, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* A bit for each slot that n free ones begin at. */
static uint32_t free_runs(uint32_t taken, uint32_t n)
{
	uint32_t unused = ~taken & ALL, runs = unused;
	for (uint32_t i = 1; i < n && runs; i++)
		runs &= unused >> i;
	return runs;
}

bool window_take(struct window *w, uint32_t n, uint32_t *first)
{
	uint32_t taken = atomic_load(&w->taken), runs;
	while ((runs = free_runs(taken, n))) {
		*first = (uint32_t)__builtin_ctz(runs);
		if (atomic_compare_exchange_weak(&w->taken, &taken, taken | ((1u << n) - 1) << *first))
			return true;
	}
	return false;
}

/* For a while only: the parent, which says when some are free, may be gone, and other threads may have them. */
void window_wait(struct window *w, uint32_t n)
{
	struct timespec a_while = { 0, WAIT_NS };
	uint32_t taken = atomic_fetch_or(&w->taken, WAITING) | WAITING;
	if (!free_runs(taken, n))
		syscall(SYS_futex, &w->taken, FUTEX_WAIT, taken, &a_while, NULL, 0);
}
