/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside `assay watch`. */
#ifndef ASSAY_CLI_WATCH_H
#define ASSAY_CLI_WATCH_H

#include "vuln/watch.h"

struct watch_paths {
	struct watch_case *cases;
	size_t n, capacity;
};

/* The cases that the arguments (ended by NULL) name; of folders, in the order of names. An exit code; errors are said. */
int watch_find(struct watch_paths *paths, char *const *arguments);
void watch_forget(struct watch_paths *paths);

struct watch_counts {
	size_t kinds[WATCH_KNOWN + 1];
	size_t concerned, affected, unreadable; /* cases: with a change, that have it now, with an error */
};
/* Counts the changes by kind, and the cases. */
struct watch_counts watch_count(const struct watch_case *cases, size_t n);
/* The name of a kind in words, as JSON has it. */
const char *watch_kind_name(enum watch_kind kind);

/* The whole result as JSON on standard output; an exit code. */
int watch_json(const struct watch_case *cases, size_t n, const struct watch_options *o);

#endif
