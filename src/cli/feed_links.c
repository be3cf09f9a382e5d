/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/feed_links.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/feed_child.h"
#include "worker/child.h"

static struct error read_descriptor(void *context, uint8_t *into, size_t n, size_t *got)
{
	ssize_t r = read(*(int *)context, into, n);
	*got = r > 0 ? (size_t)r : 0;
	return r < 0 ? error_at(ERR_IO, 0, "it can not be read") : error_none();
}

static bool send_line(void *context, const char *line)
{
	return feed_message_write(*(int *)context, MESSAGE_NOTE, span_of(line, strlen(line)));
}

_Noreturn static void child(int in, int out, enum links_kind kind, bool without_landlock)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "assay-links");
	signal(SIGPIPE, SIG_IGN);
	worker_keep_descriptors(in, out);
	in = INPUT_FD;
	out = PIPE_FD;
	struct error e = feed_confine(CONFINED_FEED, without_landlock);
	if (!error_is(&e))
		e = links_read(kind, read_descriptor, &in, send_line, &out);
	feed_message_write(out, error_is(&e) ? MESSAGE_ERROR : MESSAGE_DONE,
					   error_is(&e) ? span_of(e.text, strlen(e.text)) : SPAN_NONE);
	_exit(0);
}

/* The messages of the child. */
static struct error follow(int in, size_t max, links_line line, void *to)
{
	struct buf message = { 0 };
	struct error e = error_at(ERR_CRASH, 0, "the process that reads it ended before its time");
	char text[2200];
	int type;
	for (size_t n = 0; (type = feed_message_read(in, &message)) > 0; n++) {
		int length = (int)(message.n < sizeof text - 1 ? message.n : sizeof text - 1);
		snprintf(text, sizeof text, "%.*s", length, length ? (const char *)message.p : "");
		if (type == MESSAGE_NOTE && n < max && line(to, text))
			continue;
		if (type == MESSAGE_NOTE)
			e = error_at(ERR_BUDGET, 0, "it lists more than %zu documents", max);
		else
			e = type == MESSAGE_DONE ? error_none() : error_at(ERR_CORRUPT, 0, "%s", text);
		break;
	}
	buf_free(&message);
	return e;
}

struct error feed_links(const char *path, enum links_kind kind, bool without_landlock, size_t max, links_line line,
						void *to)
{
	int fds[2], in = open(path, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return error_at(ERR_IO, 0, "%s", strerror(errno));
	if (pipe2(fds, O_CLOEXEC)) {
		close(in);
		return error_at(ERR_IO, 0, "pipe: %s", strerror(errno));
	}
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		child(in, fds[1], kind, without_landlock);
	close(in);
	close(fds[1]);
	struct error e = pid < 0 ? error_at(ERR_IO, 0, "fork: %s", strerror(errno)) : follow(fds[0], max, line, to);
	close(fds[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return e;
}
