/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "fact/batch.h"
#include "worker/child.h"
#include "worker/internal.h"
#include "worker/transport.h"

#define TICK_MS 100
/* As much as is copied without a look at the clock. */
#define EXTENT_PIECE ((uint64_t)64 << 20)

static struct error start(struct supervisor *s, struct run *run)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC))
		return error_at(ERR_IO, 0, "pipe: %s", strerror(errno));
	fcntl(fds[1], F_SETPIPE_SZ, 1 << 20); /* only faster: a smaller pipe will do */
	memset(s->status, 0, sizeof *s->status);
	atomic_store(&s->status->faulting_lane, -1);
	struct child_request child = {
		.worker = s->request,
		.done = s->events->done(s->events->context),
		.crashed = { s->crashed, s->ncrashed },
		.threads = s->careful ? 1 : s->request->threads,
		.pipe = fds[1],
		.status = s->status,
		.window = s->window,
	};
	if (s->window)
		window_reset(s->window);
	fflush(NULL);
	run->pid = fork();
	if (run->pid == 0)
		worker_child(&child);
	int saved = errno;
	close(fds[1]);
	if (run->pid < 0) {
		close(fds[0]);
		return error_at(ERR_IO, 0, "fork: %s", strerror(saved));
	}
	run->reader = (struct frame_reader){ .fd = fds[0] };
	return error_none();
}

static uint64_t u64_at(struct span bytes, uint64_t at)
{
	return span_u32le(bytes, at) | (uint64_t)span_u32le(bytes, at + 4) << 32;
}

/* Several times a second, however long a copy takes. False when the time for the whole input is over. */
static bool tick(struct supervisor *s, struct run *run)
{
	uint64_t now = clock_ms();
	if (now - run->ticked_ms < TICK_MS)
		return true;
	run->ticked_ms = now;
	s->events->tick(s->events->context, s->status);
	if (now - s->started_ms <= (uint64_t)s->request->budget.seconds * 1000)
		return true;
	run->end = END_TIMEOUT;
	return false;
}

/* What a worker may hand over to be written: what it may unpack, and as much as the input holds. Bytes that stand there as they
 * are cost a worker nothing; an input can have them in any number of files. */
static uint64_t contents_limit(const struct worker_request *r)
{
	return r->budget.total_bytes > UINT64_MAX - r->size ? UINT64_MAX : r->budget.total_bytes + r->size;
}

static bool count_contents(const struct supervisor *s, struct run *run, uint64_t n)
{
	if (n > contents_limit(s->request) - run->contents) {
		run->end = END_BUDGET;
		return false;
	}
	run->contents += n;
	return true;
}

static bool take_content(const struct supervisor *s, struct run *run, uint64_t key, struct span bytes)
{
	return count_contents(s, run, bytes.n) && s->events->content(s->events->context, key, bytes);
}

/* A file that lies in the input as it is: the parent reads it there itself. *honest: it does lie there. */
static bool take_extent(struct supervisor *s, struct run *run, struct span bytes, bool *honest)
{
	uint64_t offset = u64_at(bytes, 8), size = u64_at(bytes, 16), at = 0;
	*honest = offset <= s->request->size && size <= s->request->size - offset;
	bool ok = *honest && count_contents(s, run, size);
	while (ok) {
		uint64_t n = size - at < EXTENT_PIECE ? size - at : EXTENT_PIECE;
		ok = s->events->extent(s->events->context, u64_at(bytes, 0), offset + at, n) && tick(s, run);
		at += n;
		if (at == size)
			break;
	}
	return ok;
}

/* Bytes of a file that are in the window. *honest: there are so many. */
static bool take_slot(const struct supervisor *s, struct run *run, struct span frame, bool *honest)
{
	uint32_t slot = span_u32le(frame, 8);
	struct span bytes = window_bytes(s->window, slot, span_u32le(frame, 12));
	*honest = bytes.p != NULL;
	bool ok = *honest && take_content(s, run, u64_at(frame, 0), bytes);
	if (*honest)
		window_give_back(s->window, slot);
	return ok;
}

static void take_name(const struct supervisor *s, struct span frame)
{
	struct span path = span_from(frame, 20);
	if (s->events->name)
		s->events->name(s->events->context, u64_at(frame, 0), span_u32le(frame, 8), (int64_t)u64_at(frame, 12),
		                text_of((const char *)path.p, path.n));
}

/* Handles the frames that are there. False when the run is over. */
static bool take_frames(struct supervisor *s, struct run *run)
{
	enum frame_type type;
	struct span bytes;
	while (frame_next(&run->reader, &type, &bytes, &run->error)) {
		bool ok = true, honest = true;
		if (type == FRAME_BATCH && batch_read(bytes, NULL, NULL))
			ok = s->events->batch(s->events->context, bytes);
		else if (type == FRAME_CONTENT && s->request->want_content)
			ok = take_content(s, run, u64_at(bytes, 0), span_from(bytes, 8));
		else if (type == FRAME_SLOT && s->request->want_content)
			ok = take_slot(s, run, bytes, &honest);
		else if (type == FRAME_EXTENT && s->request->want_content)
			ok = take_extent(s, run, bytes, &honest);
		else if (type == FRAME_NAME && s->request->contents_only)
			take_name(s, bytes);
		else if (type == FRAME_DONE || type == FRAME_FAILED) {
			run->end = type == FRAME_DONE ? END_DONE : END_FAILED;
			if (type == FRAME_FAILED)
				run->error = error_at(ERR_IO, 0, "%.*s", (int)bytes.n, (const char *)bytes.p);
			return false;
		} else {
			honest = false;
		}
		if (!honest) {
			run->error = error_at(ERR_CORRUPT, 0, "the worker sent what no worker sends");
			return false;
		}
		if (!ok) {
			if (run->end != END_BUDGET && run->end != END_TIMEOUT)
				run->end = END_STOPPED;
			return false;
		}
	}
	return !error_is(&run->error);
}

/* Whether each blob is in its time; false: one is not. What it may have waited for us is not its own: a lane waits when the pipe
 * or the window is full, and a slow disk may take long for what another one sent. It is taken off from the look on before the
 * first that saw the blob. */
static bool lanes_in_time(struct supervisor *s, struct run *run)
{
	uint64_t now = clock_ms(), allowed = (uint64_t)s->request->budget.blob_seconds * 1000;
	if (now - run->looked_ms < TICK_MS)
		return true;
	run->looked_ms = now;
	for (unsigned i = 0; i < SCHEDULE_MAX_LANES; i++) {
		struct lane_status *l = &s->status->lanes[i];
		uint64_t since = atomic_load(&l->started_ms), key = atomic_load(&l->key);
		if (key != s->lanes[i].key) {
			s->lanes[i].key = key;
			s->lanes[i].held_ms = s->held_before_ms;
		}
		if (key && now > since && now - since > allowed + (s->held_ms - s->lanes[i].held_ms)) {
			run->end = END_SLOW;
			run->slow_lane = i;
			return false;
		}
	}
	s->held_before_ms = s->held_ms;
	return true;
}

/* Takes what the worker has said. False when the run is over. */
static bool take_output(struct supervisor *s, struct run *run)
{
	return frame_fill(&run->reader, &run->error) && take_frames(s, run);
}

static void follow(struct supervisor *s, struct run *run)
{
	bool running = true;
	run->end = END_DIED;
	run->ticked_ms = run->looked_ms = clock_ms();
	s->events->tick(s->events->context, s->status);
	while (running) {
		struct pollfd p = { .fd = run->reader.fd, .events = POLLIN };
		int n = poll(&p, 1, TICK_MS);
		uint64_t woken = clock_ms();
		running = (n <= 0 || take_output(s, run)) && tick(s, run);
		s->held_ms += clock_ms() - woken;
		running = running && lanes_in_time(s, run);
	}
	if (run->end != END_DONE && run->end != END_FAILED && run->end != END_DIED)
		kill(run->pid, SIGKILL);
	if (error_is(&run->error))
		kill(run->pid, SIGKILL);
	while (waitpid(run->pid, &run->wait_status, 0) < 0 && errno == EINTR)
		;
	close(run->reader.fd);
	buf_free(&run->reader.buffer);
}

static struct error run_workers(struct supervisor *s)
{
	for (;;) {
		struct run run = { .end = END_DIED };
		struct error e = start(s, &run);
		if (error_is(&e))
			return e;
		follow(s, &run);
		switch (run.end) {
		case END_FAILED:
			return run.error;
		case END_DONE:
			s->result->outcome = s->ncrashed ? WORKER_CRASHED : WORKER_COMPLETE;
			return error_none();
		case END_TIMEOUT:
			supervisor_blame_all(s, &run);
			s->result->outcome = WORKER_TIMEOUT;
			return error_none();
		case END_BUDGET:
			supervisor_describe(&run, "", s->result->detail, sizeof s->result->detail);
			s->result->outcome = WORKER_BUDGET;
			return error_none();
		case END_STOPPED:
			s->result->outcome = WORKER_STOPPED;
			return error_none();
		case END_DIED:
		case END_SLOW:
			if (supervisor_recover(s, &run))
				continue;
			supervisor_blame_all(s, &run);
			s->result->outcome = WORKER_GAVE_UP;
			return error_none();
		}
	}
}

struct error worker_run(const struct worker_request *request, const struct worker_events *events, struct worker_result *result)
{
	*result = (struct worker_result){ .outcome = WORKER_COMPLETE };
	struct error e = late_load(worker_work(request)); /* once for all workers, which inherit what is loaded */
	if (error_is(&e))
		return e;
	struct supervisor s = { .request = request, .events = events, .result = result, .started_ms = clock_ms() };
	s.status = mmap(NULL, sizeof *s.status, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s.status == MAP_FAILED)
		return error_at(ERR_MEMORY, 0, "no memory to share with the worker");
	s.window = request->want_content ? window_open() : NULL;
	e = request->want_content && !s.window ? error_at(ERR_MEMORY, 0, "no memory to share with the worker")
	                                        : run_workers(&s);
	window_close(s.window);
	munmap(s.status, sizeof *s.status);
	free(s.crashed);
	return e;
}
