/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one pass over a blob that finds every format's magic and every inspector's pattern, or every magic alone. */
#ifndef ASSAY_PROBE_SCAN_H
#define ASSAY_PROBE_SCAN_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"
#include "inspect/inspect.h"
#include "probe/pattern_set.h"

struct scanner;      /* the compiled pattern database; shared by all threads, read-only */
struct scanner_lane; /* one thread's scratch */

/* Loads the database that was compiled at build time (or compiles it, where it does not fit this processor). To be
 * called before confinement. NULL and *error on failure. */
struct scanner *scanner_new(enum pattern_scope scope, struct error *error) MUST_USE;
void scanner_free(struct scanner *scanner);

/* Scratch for one thread. To be called before confinement. NULL when out of memory. */
struct scanner_lane *scanner_lane_new(const struct scanner *scanner) MUST_USE;
void scanner_lane_free(struct scanner_lane *lane);

/* A place where a format may begin: its magic stands there. */
struct scan_candidate {
	uint64_t at;    /* where the format would begin (the magic's place less its offset) */
	uint16_t format;/* index in format_registry */
};

struct scan_hits {
	struct hit *v;  /* by `from`, then `pattern` */
	size_t n;
};

struct scan_result {
	struct scan_candidate *candidates; /* by `at`, then `format`; each once */
	size_t ncandidates;
	struct scan_hits *hits;            /* one for each inspector, in the order of inspector_registry */
	bool capped;                       /* some pattern had more matches than are kept */
};

/* Who is told of each part of the bytes that has been passed over. */
struct scan_watcher {
	void (*passed)(struct scan_watcher *watcher, struct span piece);
};

/* Scans the bytes; the result lives in `arena`. `watcher` may be NULL. */
struct error scan_blob(struct scanner_lane *lane, struct span bytes, struct arena *arena, struct scan_watcher *watcher,
                       struct scan_result *result) MUST_USE;

#endif
