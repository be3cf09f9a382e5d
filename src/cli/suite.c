/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/feed_child.h"
#include "combos/rows.h"
#include "combos/suite.h"
#include "worker/child.h"

#define FILE_MAX ((size_t)16 << 20)
#define MEMORY ((size_t)512 << 20)
#define TUPLES_MAX 20000000ull
#define SECONDS 60

/* What the confined process says, in one piece: shorter than PIPE_BUF. */
struct answer {
	enum error_code code;
	char text[300];
	struct suite_coverage coverage;
};

static struct error read_file(int fd, const char *what, struct buf *out)
{
	static uint8_t chunk[65536];
	*out = buf_with_limit(FILE_MAX + 1);
	for (;;) {
		ssize_t n = pread(fd, chunk, sizeof chunk, (off_t)out->n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_at(ERR_IO, 0, "the %s: %s", what, strerror(errno));
		if (n == 0)
			return error_none();
		if (out->n + (size_t)n > FILE_MAX)
			return error_at(ERR_BUDGET, 0, "the %s is larger than 16 MiB", what);
		if (buf_add(out, chunk, (size_t)n))
			return error_at(ERR_MEMORY, 0, "no memory for the %s", what);
	}
}

static struct error named(struct error e, const char *what)
{
	return error_is(&e) ? error_at(e.code, e.offset, "the %s: %s", what, e.text) : e;
}

static struct error count(struct span model, struct span suite, struct suite_coverage *out)
{
	struct combos_reading reading = { 0 };
	struct combos_description d = { 0 };
	uint16_t *rows = NULL;
	uint32_t nrows = 0;
	_cleanup_(arena_cleanup) struct arena *arena = arena_new(MEMORY);
	if (!arena)
		return error_at(ERR_MEMORY, 0, "no memory");
	struct error e = named(combos_describe(model, &reading, arena, &d), "model");
	if (!error_is(&e))
		e = named(combos_read_csv(suite, &d.model, arena, &rows, &nrows), "suite");
	while (!error_is(&e) && out->n < SUITE_STRENGTHS && out->n < d.model.nparameters) {
		struct combos_coverage c;
		e = combos_cover_count(&d.model, out->n + 1, rows, nrows, TUPLES_MAX, &c);
		if (e.code == ERR_BUDGET || (!error_is(&e) && !c.counted))
			return error_none();
		if (!error_is(&e)) {
			out->of[out->n].covered = c.covered;
			out->of[out->n++].total = c.tuples;
		}
	}
	return e;
}

static _Noreturn void child(int out, struct span model, struct span suite, bool without_landlock)
{
	static struct answer a;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "assay-suite");
	signal(SIGPIPE, SIG_IGN);
	worker_keep_descriptors(-1, out);
	struct error e = feed_confine(CONFINED_SUITE, without_landlock);
	if (!error_is(&e))
		e = count(model, suite, &a.coverage);
	a.code = e.code;
	snprintf(a.text, sizeof a.text, "%s", error_is(&e) ? e.text : "");
	_exit(write(PIPE_FD, &a, sizeof a) == (ssize_t)sizeof a ? 0 : 1);
}

/* The process is confined, and what it says is hostile all the same. */
static struct error take(struct answer *a, struct suite_coverage *out)
{
	a->text[sizeof a->text - 1] = '\0';
	for (char *p = a->text; *p; p++)
		*p = *p >= ' ' && *p <= '~' ? *p : '?';
	bool sound = a->coverage.n <= SUITE_STRENGTHS;
	for (uint32_t i = 0; sound && i < a->coverage.n; i++)
		sound = a->coverage.of[i].covered <= a->coverage.of[i].total && a->coverage.of[i].total <= TUPLES_MAX;
	if (a->code != ERR_NONE)
		return error_at(ERR_CORRUPT, 0, "%s", a->text);
	if (!sound)
		return error_at(ERR_CRASH, 0, "the process that counts gave no sound answer");
	*out = a->coverage;
	return error_none();
}

static struct error follow(int in, struct suite_coverage *out)
{
	struct answer a = { 0 };
	int64_t end = (int64_t)clock_ms() + SECONDS * 1000, left = 1;
	struct pollfd p = { .fd = in, .events = POLLIN };
	int ready = 0;
	while (ready <= 0 && (left = end - (int64_t)clock_ms()) > 0) {
		ready = poll(&p, 1, (int)left);
		if (ready < 0 && errno != EINTR)
			return error_at(ERR_IO, 0, "poll: %s", strerror(errno));
	}
	if (ready <= 0)
		return error_at(ERR_BUDGET, 0, "counting took more than %d seconds", SECONDS);
	if (read(in, &a, sizeof a) != (ssize_t)sizeof a)
		return error_at(ERR_CRASH, 0, "the process that counts ended before its time");
	return take(&a, out);
}

static struct error measure(struct span model, struct span suite, bool without_landlock, struct suite_coverage *out)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC))
		return error_at(ERR_IO, 0, "pipe: %s", strerror(errno));
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		child(fds[1], model, suite, without_landlock);
	close(fds[1]);
	struct error e = pid < 0 ? error_at(ERR_IO, 0, "fork: %s", strerror(errno)) : follow(fds[0], out);
	close(fds[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return e;
}

struct error suite_measure(int model, int suite, bool without_landlock, struct suite_coverage *out)
{
	struct buf m = { 0 }, s = { 0 };
	*out = (struct suite_coverage){ 0 };
	struct error e = read_file(model, "model", &m);
	if (!error_is(&e))
		e = read_file(suite, "suite", &s);
	if (!error_is(&e))
		e = measure(buf_span(&m), buf_span(&s), without_landlock, out);
	buf_free(&m);
	buf_free(&s);
	return e;
}
