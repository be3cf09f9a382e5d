/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives files and the files below folders, in the order of their names, to the process that parses them: a thread of its
 * own, so that reading, parsing and writing go on at the same time. */
#ifndef ASSAY_CLI_FEED_WALK_H
#define ASSAY_CLI_FEED_WALK_H

#include <pthread.h>
#include <stdatomic.h>

#include "cli/feed.h"

struct feed_walk {
	const struct feed_inputs *inputs;
	int out; /* closed at the end */
	atomic_ullong bytes, files;
	pthread_mutex_t lock;
	char current[512]; /* under the lock: the file that is being read */
	char failed[4200]; /* empty, or the path that could not be read and why; to be read after the thread's end */
	pthread_t thread;
};

/* Starts the thread that writes the files of w->inputs to w->out; false when there is none to be had. */
bool feed_walk_start(struct feed_walk *w);
/* Waits for its end: what it failed at can be read then. */
void feed_walk_join(struct feed_walk *w);

#endif
