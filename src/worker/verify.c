/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/late.h"
#include "worker/transport.h"

struct verification {
	const struct verify_request *request;
	struct verify_verdict *verdicts;
	struct frame_reader reader;
	struct error error;
	bool done;
	char said[160]; /* why it did not look at all */
};

static bool take_verdict(struct verification *v, struct span bytes)
{
	uint32_t signature = span_u32le(bytes, 0), key = span_u32le(bytes, 4), state = span_u32le(bytes, 8);
	if (signature >= v->request->input.nsignatures || key >= v->request->input.nkeys ||
		(state != VERIFY_VALID && state != VERIFY_INVALID))
		return false;
	v->verdicts[signature] = (struct verify_verdict){ (enum verify_state)state, key };
	return true;
}

/* Handles the frames that are there. False when the run is over. */
static bool take_frames(struct verification *v)
{
	enum frame_type type;
	struct span bytes;
	while (frame_next(&v->reader, &type, &bytes, &v->error)) {
		if (type == FRAME_VERDICT && take_verdict(v, bytes))
			continue;
		if (type == FRAME_FAILED)
			snprintf(v->said, sizeof v->said, "%.*s", (int)bytes.n, (const char *)bytes.p);
		else if (type != FRAME_DONE)
			v->error = error_at(ERR_CORRUPT, 0, "the worker broke its protocol");
		v->done = type == FRAME_DONE || type == FRAME_FAILED;
		return false;
	}
	return !error_is(&v->error);
}

/* False when the time was over. */
static bool follow(struct verification *v)
{
	uint64_t until = clock_ms() + (uint64_t)v->request->seconds * 1000;
	for (;;) {
		struct pollfd p = { .fd = v->reader.fd, .events = POLLIN };
		int n = poll(&p, 1, 100);
		if (n > 0 && (!frame_fill(&v->reader, &v->error) || !take_frames(v)))
			return true;
		if (clock_ms() > until)
			return false;
	}
}

static void run(struct verification *v, pid_t pid, char why[200])
{
	int status = 0;
	bool in_time = follow(v);
	if (!v->done)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (v->done)
		snprintf(why, 200, "%s", v->said);
	else if (!in_time)
		snprintf(why, 200, "verifying signatures took longer than it may");
	else if (WIFEXITED(status) && late_missing(WEXITSTATUS(status)))
		snprintf(why, 200, "the worker that verifies signatures called a library that was not loaded for it (%s): a fault of this program",
				 late_missing(WEXITSTATUS(status))->file);
	else
		snprintf(why, 200, "the worker that verifies signatures %s",
				 error_is(&v->error) ? "broke its protocol" : "ended before its time");
	if (!v->done)
		memset(v->verdicts, 0, v->request->input.nsignatures * sizeof *v->verdicts);
}

void worker_verify(const struct verify_request *request, struct verify_verdict *verdicts, char why[200])
{
	struct verification v = { .request = request, .verdicts = verdicts };
	int fds[2];
	why[0] = '\0';
	memset(verdicts, 0, request->input.nsignatures * sizeof *verdicts);
	if (!request->input.nsignatures || !request->input.nkeys)
		return;
	struct error e = late_load(CONFINED_SIGNATURES);
	if (error_is(&e)) {
		snprintf(why, 200, "%s", e.text);
		return;
	}
	if (pipe2(fds, O_CLOEXEC)) {
		snprintf(why, 200, "pipe: %s", strerror(errno));
		return;
	}
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		verify_child(request, fds[1]);
	close(fds[1]);
	v.reader.fd = fds[0];
	if (pid < 0)
		snprintf(why, 200, "fork: %s", strerror(errno));
	else
		run(&v, pid, why);
	close(fds[0]);
	buf_free(&v.reader.buffer);
}
