/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that is freed at once.
 *
 * A container's parse state lives in an arena that dies with its last child; no format calls free(). An arena has
 * a limit: beyond it arena_alloc() gives NULL, which a format reports as ERR_BUDGET.
 * An arena belongs to one thread at a time.
 */
#ifndef ASSAY_BASE_ARENA_H
#define ASSAY_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

struct arena;

/* A new arena that gives out at most `limit` bytes in all (0: the default of 64 MiB). NULL when out of memory. */
struct arena *arena_new(size_t limit) MUST_USE;

/* Runs the deferred functions in reverse order, then frees everything. NULL is allowed. */
void arena_free(struct arena *a);

/* Forgets every allocation but keeps the memory for the next use; deferred functions are run. */
void arena_reset(struct arena *a);

/* Zeroed memory for count objects of `size` bytes, aligned for any type; NULL at the limit, on overflow, or when
 * out of memory. arena_alloc(a, 0, n) gives a valid pointer to nothing. */
void *arena_alloc(struct arena *a, size_t count, size_t size) MUST_USE;

/* A terminated copy of the text; NULL as above. */
char *arena_strdup(struct arena *a, struct text t) MUST_USE;

/* printf into the arena; NULL as above. */
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3), warn_unused_result));

/* Calls fn(ptr) when the arena is freed or reset: for what an arena cannot hold (a library's handle, a large
 * buffer). False when out of memory; the caller then still owns ptr. */
bool arena_defer(struct arena *a, void (*fn)(void *), void *ptr) MUST_USE;

/* Bytes given out so far. */
size_t arena_used(const struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), 1, sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), (n), sizeof(type)))

/* For `_cleanup_(arena_cleanup)`: frees at the end of the scope; NULL is none. */
static inline void arena_cleanup(struct arena **a)
{
	arena_free(*a);
}
#define _cleanup_(fn) __attribute__((cleanup(fn)))

#endif
