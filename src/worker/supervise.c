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
#include <time.h>
#include <unistd.h>

#include "document/document.h"
#include "fact/batch.h"
#include "worker/child.h"
#include "worker/transport.h"

#define RESTARTS_MAX 256u
#define TICK_MS 100

struct supervisor {
	const struct worker_request *request;
	const struct worker_events *events;
	struct worker_result *result;
	struct probe_status *status; /* shared with the worker: hostile once it runs */
	struct window *window;       /* alike; NULL: no contents are wanted */
	uint64_t *crashed;           /* sorted */
	size_t ncrashed;
	uint64_t started_ms;
	bool careful;                /* one thread, to learn which blob kills it */
	unsigned blind;              /* deaths in a row that no blob could be blamed for */
};

/* How one worker ended. */
enum end { END_DONE, END_DIED, END_SLOW, END_TIMEOUT, END_STOPPED, END_FAILED };

struct run {
	pid_t pid;
	struct frame_reader reader;
	enum end end;
	unsigned slow_lane;
	int wait_status;
	struct error error;
};

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

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

/* A file that lies in the input as it is: the parent reads it there itself. *honest: it does lie there. */
static bool take_extent(const struct supervisor *s, struct span bytes, bool *honest)
{
	uint64_t offset = u64_at(bytes, 8), size = u64_at(bytes, 16);
	*honest = offset <= s->request->size && size <= s->request->size - offset;
	return *honest && s->events->extent(s->events->context, u64_at(bytes, 0), offset, size);
}

/* Bytes of a file that are in the window. *honest: there are so many. */
static bool take_slot(const struct supervisor *s, struct span frame, bool *honest)
{
	uint32_t slot = span_u32le(frame, 8);
	struct span bytes = window_bytes(s->window, slot, span_u32le(frame, 12));
	*honest = bytes.p != NULL;
	bool ok = *honest && s->events->content(s->events->context, u64_at(frame, 0), bytes);
	if (*honest)
		window_give_back(s->window, slot);
	return ok;
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
			ok = s->events->content(s->events->context, u64_at(bytes, 0), span_from(bytes, 8));
		else if (type == FRAME_SLOT && s->request->want_content)
			ok = take_slot(s, bytes, &honest);
		else if (type == FRAME_EXTENT && s->request->want_content)
			ok = take_extent(s, bytes, &honest);
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
			run->end = END_STOPPED;
			return false;
		}
	}
	return !error_is(&run->error);
}

/* Looks at the clock. False when the worker has to be ended. */
static bool in_time(struct supervisor *s, struct run *run)
{
	uint64_t now = now_ms();
	if (now - s->started_ms > (uint64_t)s->request->budget.seconds * 1000) {
		run->end = END_TIMEOUT;
		return false;
	}
	for (unsigned i = 0; i < SCHEDULE_MAX_LANES; i++) {
		struct lane_status *l = &s->status->lanes[i];
		uint64_t since = atomic_load(&l->started_ms);
		if (atomic_load(&l->key) && now > since && now - since > (uint64_t)s->request->budget.blob_seconds * 1000) {
			run->end = END_SLOW;
			run->slow_lane = i;
			return false;
		}
	}
	return true;
}

static void follow(struct supervisor *s, struct run *run)
{
	uint64_t ticked = now_ms();
	run->end = END_DIED;
	s->events->tick(s->events->context, s->status);
	for (;;) {
		struct pollfd p = { .fd = run->reader.fd, .events = POLLIN };
		int n = poll(&p, 1, TICK_MS);
		if (n > 0 && !frame_fill(&run->reader, &run->error))
			break;
		if (n > 0 && !take_frames(s, run))
			break;
		if (now_ms() - ticked < TICK_MS)
			continue;
		ticked = now_ms();
		s->events->tick(s->events->context, s->status);
		if (!in_time(s, run))
			break;
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

/* The lane whose blob killed the worker, or -1. */
static int culprit(const struct supervisor *s, const struct run *run)
{
	if (run->end == END_SLOW)
		return (int)run->slow_lane;
	int faulting = atomic_load(&s->status->faulting_lane), busy = -1, nbusy = 0;
	if (faulting >= 0 && faulting < (int)SCHEDULE_MAX_LANES && atomic_load(&s->status->lanes[faulting].key))
		return faulting;
	for (int i = 0; i < (int)SCHEDULE_MAX_LANES; i++)
		if (atomic_load(&s->status->lanes[i].key)) {
			busy = i;
			nbusy++;
		}
	return nbusy == 1 ? busy : -1;
}

static bool remember_crashed(struct supervisor *s, uint64_t key)
{
	uint64_t *keys = realloc(s->crashed, (s->ncrashed + 1) * sizeof *keys);
	if (!keys)
		return false;
	s->crashed = keys;
	size_t i = s->ncrashed++;
	for (; i > 0 && keys[i - 1] > key; i--)
		keys[i] = keys[i - 1];
	keys[i] = key;
	return true;
}

static void describe_death(const struct run *run, const char *stage, char *text, size_t size)
{
	if (run->end == END_TIMEOUT)
		snprintf(text, size, "the time for the whole input ran out in '%s' (--time)", stage);
	else if (run->end == END_SLOW)
		snprintf(text, size, "took longer than one blob may in '%s'", stage);
	else if (error_is(&run->error))
		snprintf(text, size, "the worker broke its protocol in '%s'", stage);
	else if (WIFSIGNALED(run->wait_status))
		snprintf(text, size, "the worker died of signal %d (%s) in '%s'", WTERMSIG(run->wait_status),
		         WTERMSIG(run->wait_status) == SIGSYS ? "a forbidden system call" : strsignal(WTERMSIG(run->wait_status)), stage);
	else
		snprintf(text, size, "the worker ended with code %d in '%s'", WEXITSTATUS(run->wait_status), stage);
}

/* Writes the batch that the worker could not write: the blob with the reason why nothing is known of it. */
static bool blame(struct supervisor *s, const struct run *run, int lane)
{
	struct lane_status l;
	memcpy(&l, &s->status->lanes[lane], sizeof l);
	l.stage[sizeof l.stage - 1] = l.path[sizeof l.path - 1] = '\0';
	uint64_t key = atomic_load(&l.key);
	static const char *const kinds[] = { "region", "stream", "file" };
	char what[200];
	describe_death(run, l.stage, what, sizeof what);
	struct fact_blob blob = {
		.path = text_c(l.path),
		.kind = text_c(key == BATCH_ROOT_KEY ? "input" : l.kind < 3 ? kinds[l.kind] : "file"),
		.offset = l.offset > INT64_MAX ? FACT_NULL : (int64_t)l.offset,
		.size = l.size > INT64_MAX ? FACT_NULL : (int64_t)l.size,
		.mode = FACT_NULL, .uid = FACT_NULL, .gid = FACT_NULL, .mtime = FACT_NULL, .device = FACT_NULL,
	};
	struct fact_damage damage = {
		.offset = FACT_NULL, .kind = text_c(run->end == END_DIED ? "crash" : "timeout"), .what = text_c(what),
	};
	struct fact_document document = document_unread(what);
	bool is_document = s->request->kind == WORKER_DOCUMENT && key == BATCH_ROOT_KEY;
	struct batch_header header = { key, atomic_load(&l.parent), l.ordinal, BATCH_HAS_CHILDREN };
	struct buf batch = { 0 };
	bool ok = !batch_begin(&batch) && !batch_add(&batch, FACT_blob, &blob) && !batch_add(&batch, FACT_damage, &damage) &&
	          (!is_document || !batch_add(&batch, FACT_document, &document)) && !batch_finish(&batch, &header) && batch_read(buf_span(&batch), NULL, NULL) && remember_crashed(s, key) &&
	          s->events->batch(s->events->context, buf_span(&batch));
	buf_free(&batch);
	return ok;
}

/* After a death: true when another worker is worth starting. */
static bool recover(struct supervisor *s, const struct run *run)
{
	int lane = culprit(s, run);
	char stage[sizeof s->status->lanes[0].stage] = "an unknown place";
	if (lane >= 0) { /* shared with the worker, which may have written anything there */
		memcpy(stage, s->status->lanes[lane].stage, sizeof stage);
		stage[sizeof stage - 1] = '\0';
	}
	describe_death(run, stage, s->result->detail, sizeof s->result->detail);
	if (++s->result->restarts > RESTARTS_MAX)
		return false;
	if (lane >= 0) {
		s->careful = false;
		s->blind = 0;
		return blame(s, run, lane);
	}
	s->careful = true;
	return ++s->blind <= 3;
}

/* The end of everything: what was being looked at says so. */
static void blame_all(struct supervisor *s, const struct run *run)
{
	describe_death(run, "the last stage", s->result->detail, sizeof s->result->detail);
	for (int i = 0; i < (int)SCHEDULE_MAX_LANES; i++)
		if (atomic_load(&s->status->lanes[i].key) && !blame(s, run, i))
			return;
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
			blame_all(s, &run);
			s->result->outcome = WORKER_TIMEOUT;
			return error_none();
		case END_STOPPED:
			s->result->outcome = WORKER_STOPPED;
			return error_none();
		case END_DIED:
		case END_SLOW:
			if (recover(s, &run))
				continue;
			blame_all(s, &run);
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
	struct supervisor s = { .request = request, .events = events, .result = result, .started_ms = now_ms() };
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
