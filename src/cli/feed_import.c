/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay feed import: a thread reads files, a confined process parses them, this one writes the database. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/plural.h"
#include "cli/command.h"
#include "cli/feed.h"
#include "cli/feed_child.h"
#include "cli/feed_walk.h"
#include "cli/progress.h"
#include "feed/row_code.h"

#define PIPE_BYTES (1 << 20)

struct import {
	const struct feed_options *options;
	struct feed_store *store;
	struct feed_tally *tally;
	struct feed_walk walk;
	struct progress progress;
	struct buf message;
	int rows; /* the pipe from the child */
	bool done;
	int code;
};

static bool broken(struct import *m)
{
	m->code = complain(EXIT_INTERNAL, NULL, "the process that reads feeds broke its protocol");
	return false;
}

static bool take_rows(struct import *m)
{
	struct span bytes = buf_span(&m->message);
	struct feed_sink *sink = feed_store_sink(m->store);
	while (bytes.n) {
		union feed_row row;
		enum feed_row_kind kind;
		uint64_t n = feed_row_size(bytes);
		if (n == 0 || n == UINT64_MAX || !feed_row_decode(span_sub(bytes, 0, n), &kind, &row))
			return broken(m);
		if (!sink->row(sink, kind, &row)) {
			struct error e = feed_store_error(m->store);
			m->code = complain_error(m->options->path, &e);
			return false;
		}
		bytes = span_from(bytes, n);
	}
	return true;
}

/* A name, NUL, a sentence. False when they are not. */
static bool split(struct span bytes, const char **name, struct text *words)
{
	const uint8_t *nul = bytes.n ? memchr(bytes.p, 0, bytes.n) : NULL;
	if (!nul)
		return false;
	*name = (const char *)bytes.p;
	*words = text_from_span(span_from(bytes, (uint64_t)(nul - bytes.p) + 1));
	return true;
}

static bool take_note(struct import *m)
{
	const char *name;
	struct text words;
	if (!split(buf_span(&m->message), &name, &words))
		return broken(m);
	if (words.n || m->options->verbose) {
		progress_end(&m->progress);
		complain(0, name, "%s%.*s", words.n ? "passed over: " : "no feed that assay knows; passed over", (int)words.n,
				 words.n ? words.p : "");
	}
	return true;
}

static bool take_error(struct import *m)
{
	const char *name;
	struct text words;
	if (!m->message.n || !split(span_from(buf_span(&m->message), 1), &name, &words))
		return broken(m);
	progress_end(&m->progress);
	m->done = true;
	m->tally->faulty += m->message.p[0] == ERR_CORRUPT;
	int code = m->message.p[0] == ERR_MEMORY ? EXIT_INTERNAL : EXIT_UNUSABLE;
	m->code = complain(code, *name ? name : NULL, "%.*s", (int)words.n, words.n ? words.p : "");
	return false;
}

static bool take_done(struct import *m)
{
	struct reader r = reader_le(buf_span(&m->message));
	m->tally->documents += rd_u64(&r);
	m->tally->records += rd_u64(&r);
	m->tally->unknown += rd_u64(&r);
	m->tally->faulty += rd_u64(&r);
	m->done = rd_ok(&r);
	return m->done ? false : broken(m);
}

/* False: the run is over. */
static bool take_message(struct import *m)
{
	char location[1024];
	switch (feed_message_read(m->rows, &m->message)) {
	case MESSAGE_ROWS:
		return take_rows(m);
	case MESSAGE_INPUT:
		snprintf(location, sizeof location, "%.*s", (int)(m->message.n < 1000 ? m->message.n : 1000),
				 m->message.n ? (const char *)m->message.p : "");
		feed_store_location(m->store, location);
		return true;
	case MESSAGE_NOTE:
		return take_note(m);
	case MESSAGE_ERROR:
		return take_error(m);
	case MESSAGE_DONE:
		return take_done(m);
	case 0:
		return false;
	default:
		return broken(m);
	}
}

static void follow(struct import *m)
{
	for (bool more = true; more;) {
		struct pollfd p = { .fd = m->rows, .events = POLLIN };
		char current[512];
		pthread_mutex_lock(&m->walk.lock);
		memcpy(current, m->walk.current, sizeof current);
		pthread_mutex_unlock(&m->walk.lock);
		progress_note(&m->progress, atomic_load(&m->walk.bytes), current);
		if (poll(&p, 1, 200) > 0)
			more = take_message(m);
	}
	progress_end(&m->progress);
}

static void end_child(struct import *m, pid_t pid)
{
	int status = 0;
	if (!m->done)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	feed_walk_join(&m->walk);
	if (m->walk.failed[0] && (m->done || !m->code)) /* the child could only say that something was missing */
		m->code = complain(EXIT_UNUSABLE, NULL, "%s", m->walk.failed);
	else if (!m->done && !m->code)
		m->code = complain(EXIT_INTERNAL, m->walk.current, "the process that reads feeds ended before its time (%s %d)",
						   WIFSIGNALED(status) ? "signal" : "code",
						   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

int feed_import(const struct feed_options *o, struct feed_store *store, const struct feed_inputs *inputs,
				struct feed_tally *tally)
{
	struct import m = { .options = o, .store = store, .tally = tally, .walk = { .inputs = inputs } };
	int files[2], rows[2];
	if (pipe2(files, O_CLOEXEC) || pipe2(rows, O_CLOEXEC))
		return complain(EXIT_INTERNAL, NULL, "pipe: %s", strerror(errno));
	(void)fcntl(files[1], F_SETPIPE_SZ, PIPE_BYTES);
	(void)fcntl(rows[1], F_SETPIPE_SZ, PIPE_BYTES);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		feed_child(&(struct feed_child_request){ files[0], rows[1], o->keep_going, o->without_landlock });
	close(files[0]);
	close(rows[1]);
	m.walk.out = files[1];
	m.rows = rows[0];
	progress_start(&m.progress, o->quiet);
	if (pid < 0 || !feed_walk_start(&m.walk)) {
		close(files[1]);
		if (pid > 0)
			kill(pid, SIGKILL);
		return complain(EXIT_INTERNAL, NULL, "fork: %s", strerror(errno));
	}
	follow(&m);
	close(rows[0]);
	end_child(&m, pid);
	tally->files += atomic_load(&m.walk.files);
	tally->bytes += atomic_load(&m.walk.bytes);
	buf_free(&m.message);
	return m.code;
}

static void report(const struct feed_options *o, const struct feed_store *store, const struct feed_tally *t)
{
	struct feed_counts c = feed_store_counts(store);
	if (o->quiet)
		return;
	printf("%llu %s of %llu %s: %llu new, %llu changed, %llu not newer\n", (unsigned long long)t->records,
		   plural(t->records, "record", "records"), (unsigned long long)t->documents,
		   plural(t->documents, "document", "documents"), (unsigned long long)c.added, (unsigned long long)c.changed,
		   (unsigned long long)c.unchanged);
	if (t->unknown)
		printf("%llu %s that assay knows (--verbose names %s)\n", (unsigned long long)t->unknown,
			   plural(t->unknown, "document is no feed", "documents are no feeds"), plural(t->unknown, "it", "them"));
	if (t->faulty)
		printf("%llu %s faulty and passed over\n", (unsigned long long)t->faulty,
			   plural(t->faulty, "record or document was", "records or documents were"));
}

static int import_into(const struct feed_options *o, const struct feed_inputs *inputs)
{
	struct feed_store *store = NULL;
	struct feed_tally tally = { 0 };
	char now[24];
	feed_now(now);
	struct error e = feed_store_begin(o->path, now, &store);
	if (error_is(&e))
		return complain_error(o->path, &e);
	int code = feed_import(o, store, inputs, &tally);
	if (!code && !tally.documents)
		code = complain(EXIT_UNUSABLE, NULL, "there is no feed that assay knows in what was given");
	if (!code) {
		e = feed_store_commit(store);
		code = error_is(&e) ? complain_error(o->path, &e) : 0;
	}
	if (!code)
		report(o, store, &tally);
	else
		complain(0, NULL, "nothing was imported; the database is as it was%s",
				 tally.faulty && !o->keep_going ? "; --keep-going passes over what is faulty" : "");
	feed_store_free(store);
	return code;
}

int feed_import_command(int argc, char **argv)
{
	struct feed_options o = { 0 };
	const char **paths = calloc((size_t)argc + 1, sizeof *paths);
	size_t n = 0;
	int code = paths ? 0 : EXIT_INTERNAL;
	for (int i = 1, used; i < argc && !code; i += used) {
		used = feed_option(&o, argc, argv, i);
		if (used < 0)
			code = EXIT_UNUSABLE;
		if (used > 0)
			continue;
		used = 1;
		if (strcmp(argv[i], "--keep-going") == 0)
			o.keep_going = true;
		else if (strcmp(argv[i], "--verbose") == 0)
			o.verbose = true;
		else if (argv[i][0] == '-' && argv[i][1])
			code = complain(EXIT_UNUSABLE, NULL, "unknown option %s; see assay feed --help", argv[i]);
		else
			paths[n++] = argv[i];
	}
	if (!code && !n)
		code = complain(EXIT_UNUSABLE, NULL, "assay feed import FILE|DIR...: what to import is missing");
	if (!code && !feed_options_complete(&o))
		code = EXIT_UNUSABLE;
	if (!code)
		code = import_into(&o, &(struct feed_inputs){ .paths = paths, .n = n });
	free(paths);
	return code;
}
