/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/feed_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/feed_child.h"

#define CHUNK ((size_t)256 << 10)

static bool fail_because(struct feed_walk *w, const char *path, const char *why)
{
	snprintf(w->failed, sizeof w->failed, "%.4000s: %s", path, why);
	return false;
}

static bool fail(struct feed_walk *w, const char *path, int error)
{
	return fail_because(w, path, strerror(error));
}

static void show(struct feed_walk *w, const char *path)
{
	pthread_mutex_lock(&w->lock);
	snprintf(w->current, sizeof w->current, "%s", path);
	pthread_mutex_unlock(&w->lock);
	atomic_fetch_add(&w->files, 1);
}

static bool send_bytes(struct feed_walk *w, int fd, const char *path)
{
	uint8_t *chunk = malloc(CHUNK);
	ssize_t n = chunk ? 1 : -1;
	bool ok = chunk != NULL;
	while (ok && n > 0) {
		n = read(fd, chunk, CHUNK);
		if (n < 0)
			ok = fail(w, path, errno);
		else if (n > 0)
			ok = feed_message_write(w->out, MESSAGE_DATA, span_of(chunk, (size_t)n));
		atomic_fetch_add(&w->bytes, n > 0 ? (unsigned long long)n : 0);
	}
	free(chunk);
	return ok;
}

/* False when the other end is gone or the file can not be read. */
static bool send_file(struct feed_walk *w, const char *path, bool must)
{
	char name[1002];
	struct stat st;
	int n = snprintf(name, sizeof name, "%c%s", must ? '!' : ' ', path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return fail(w, path, errno);
	bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	if (!ok) {
		close(fd);
		return fail_because(w, path, "neither a file nor a folder");
	}
	show(w, path);
	ok = feed_message_write(w->out, MESSAGE_FILE,
							span_of(name, (size_t)n < sizeof name ? (size_t)n : sizeof name - 1)) &&
		 send_bytes(w, fd, path) && feed_message_write(w->out, MESSAGE_END, SPAN_NONE);
	close(fd);
	return ok;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Links in a folder are not followed, hidden folders (.git) not entered. */
static bool send_folder(struct feed_walk *w, const char *path)
{
	char *paths[] = { (char *)path, NULL };
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	FTSENT *e;
	bool ok = tree != NULL;
	while (ok && (e = fts_read(tree)) != NULL) {
		if (e->fts_info == FTS_D && e->fts_level > 0 && e->fts_name[0] == '.')
			fts_set(tree, e, FTS_SKIP);
		else if (e->fts_info == FTS_F && e->fts_name[0] != '.')
			ok = send_file(w, e->fts_path, false);
		else if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS)
			ok = fail(w, e->fts_path, e->fts_errno);
	}
	if (tree)
		fts_close(tree);
	return ok;
}

static void *walk(void *context)
{
	struct feed_walk *w = context;
	bool ok = true;
	for (size_t i = 0; ok && i < w->inputs->n; i++) {
		struct stat st;
		const char *path = w->inputs->paths[i];
		const char *location = w->inputs->locations && w->inputs->locations[i] ? w->inputs->locations[i] : path;
		if (stat(path, &st))
			ok = fail(w, path, errno);
		else
			ok = feed_message_write(w->out, MESSAGE_INPUT, span_of(location, strlen(location))) &&
				 (S_ISDIR(st.st_mode) ? send_folder(w, path) : send_file(w, path, true));
	}
	close(w->out);
	return NULL;
}

bool feed_walk_start(struct feed_walk *w)
{
	pthread_mutex_init(&w->lock, NULL);
	return pthread_create(&w->thread, NULL, walk, w) == 0;
}

void feed_walk_join(struct feed_walk *w)
{
	pthread_join(w->thread, NULL);
	pthread_mutex_destroy(&w->lock);
}
