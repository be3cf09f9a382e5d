/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/feed_child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "feed/parse.h"
#include "feed/row_code.h"
#include "worker/child.h"
#include "worker/confine.h"

#define BATCH ((size_t)128 << 10)
#define HELD_MAX ((size_t)4 << 20)
#define MEMORY ((uint64_t)768 << 20) /* the largest record, twice, and what decompression takes */
#define CPU_SECONDS (4u * 3600)

static bool write_all(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

bool feed_message_write(int fd, enum feed_message type, struct span bytes)
{
	uint8_t head[5] = { (uint8_t)type };
	for (unsigned i = 0; i < 4; i++)
		head[1 + i] = (uint8_t)(bytes.n >> 8 * i);
	return bytes.n <= MESSAGE_MAX && write_all(fd, head, sizeof head) && write_all(fd, bytes.p, bytes.n);
}

/* Exactly n bytes; 0 at the end before the first, -1 when it ends in between. */
static int read_all(int fd, uint8_t *p, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t r = read(fd, p + at, n - at);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r == 0 && at == 0 ? 0 : -1;
		at += (size_t)r;
	}
	return 1;
}

int feed_message_read(int fd, struct buf *bytes)
{
	uint8_t head[5];
	bytes->n = 0;
	int r = read_all(fd, head, sizeof head);
	if (r <= 0)
		return r;
	size_t n = span_u32le(span_of(head, sizeof head), 1);
	if (n > MESSAGE_MAX || buf_reserve(bytes, n) || (n && read_all(fd, bytes->p, n) <= 0))
		return -1;
	bytes->n = n;
	return head[0];
}

struct child {
	struct feed_sink sink; /* first */
	struct feed_parser parser;
	int in, out;
	struct buf rows, message;
	size_t kept;  /* rows of records that are over */
	bool begun;   /* rows of this record were sent */
	size_t given; /* of the message's data */
	bool at_end;  /* of the file */
	char name[1024];
};

static bool flush_rows(struct child *c)
{
	bool ok = !c->rows.n || feed_message_write(c->out, MESSAGE_ROWS, buf_span(&c->rows));
	c->rows.n = c->kept = 0;
	return ok;
}

/* The rows of a record stay here until it is over, unless it is very large. */
static bool on_row(struct feed_sink *sink, enum feed_row_kind kind, const void *row)
{
	struct child *c = (struct child *)sink;
	if (feed_row_encode(&c->rows, kind, row))
		return false;
	if (c->rows.n < HELD_MAX)
		return true;
	c->begun = true;
	c->kept = 0;
	return flush_rows(c);
}

static bool on_end(struct feed_sink *sink, bool good)
{
	struct child *c = (struct child *)sink;
	bool begun = c->begun;
	c->begun = false;
	if (!good)
		c->rows.n = c->kept;
	bool ok = (good || !begun) && (c->rows.n < BATCH || flush_rows(c));
	c->kept = c->rows.n;
	return ok;
}

static void on_passed_over(struct feed_parser *p, const char *name, const struct error *error)
{
	struct child *c = (struct child *)((char *)p - offsetof(struct child, parser));
	char words[1400];
	bool member = strcmp(name, c->name) != 0; /* of an archive */
	size_t n = (size_t)snprintf(words, sizeof words, "%s%s%.300s", c->name, member ? ": " : "", member ? name : "") + 1;
	n += (size_t)snprintf(words + n, sizeof words - n, "%s", error->text);
	feed_message_write(c->out, MESSAGE_NOTE, span_of(words, n));
}

_Noreturn static void end_with(struct child *c, const struct error *e)
{
	char words[1400];
	words[0] = (char)e->code;
	size_t n = 1 + (size_t)snprintf(words + 1, sizeof words - 1, "%s", c->name) + 1;
	n += (size_t)snprintf(words + n, sizeof words - n, "%s", e->text);
	feed_message_write(c->out, MESSAGE_ERROR, span_of(words, n));
	_exit(0);
}

/* json_pull_read over the messages of one file. */
static struct error read_file(void *context, uint8_t *into, size_t n, size_t *got)
{
	struct child *c = context;
	*got = 0;
	while (!c->at_end && c->given == c->message.n) {
		int type = feed_message_read(c->in, &c->message);
		c->given = 0;
		if (type == MESSAGE_END)
			c->at_end = true;
		else if (type != MESSAGE_DATA)
			return error_at(ERR_IO, 0, "the file could not be read to its end");
	}
	if (c->at_end)
		return error_none();
	struct span part = span_clip(buf_span(&c->message), c->given, n);
	memcpy(into, part.p, part.n);
	c->given += part.n;
	*got = part.n;
	return error_none();
}

static struct error one_file(struct child *c, bool must)
{
	uint8_t rest[4096];
	size_t got = 1;
	uint64_t before = c->parser.documents + c->parser.faulty;
	struct error e = feed_parse(&c->parser, c->name, read_file, c);
	if (!error_is(&e) && must && c->parser.documents + c->parser.faulty == before)
		e = error_at(ERR_USAGE, 0, "this is no feed that assay knows; `assay feed --help` lists them");
	while (!error_is(&e) && got) /* what stands behind a document */
		e = read_file(c, rest, sizeof rest, &got);
	return e;
}

static struct error begin_file(struct child *c)
{
	bool must = c->message.n && c->message.p[0] == '!';
	struct span name = span_from(buf_span(&c->message), 1);
	snprintf(c->name, sizeof c->name, "%.*s", (int)(name.n < 1000 ? name.n : 1000), name.p ? (const char *)name.p : "");
	c->message.n = c->given = 0;
	c->at_end = false;
	struct error e = one_file(c, must);
	if (error_is(&e) && c->parser.keep_going && e.code != ERR_MEMORY && e.code != ERR_IO) {
		uint8_t rest[4096];
		size_t got = 1;
		on_passed_over(&c->parser, c->name, &e);
		c->parser.faulty++;
		for (e = error_none(); !error_is(&e) && got;)
			e = read_file(c, rest, sizeof rest, &got);
	}
	return e;
}

static struct error all_files(struct child *c)
{
	struct error e = error_none();
	int type;
	while (!error_is(&e) && (type = feed_message_read(c->in, &c->message)) > 0) {
		if (type == MESSAGE_FILE)
			e = begin_file(c);
		else if (type != MESSAGE_INPUT || !flush_rows(c) ||
				 !feed_message_write(c->out, MESSAGE_INPUT, buf_span(&c->message)))
			e = error_at(ERR_IO, 0, "the files broke off");
	}
	return e;
}

struct error feed_confine(enum confined_work work, bool without_landlock)
{
	struct error e = late_load(work); /* before it is told how large the process is */
	if (error_is(&e))
		return e;
	struct confinement confinement = {
		.work = work, .memory = MEMORY, .cpu_seconds = CPU_SECONDS, .without_landlock = without_landlock
	};
	confine_add_inherited(&confinement);
	e = confine_files(&confinement);
	return error_is(&e) ? e : confine_calls();
}

void feed_child(const struct feed_child_request *request)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "assay-feed");
	signal(SIGPIPE, SIG_IGN);
	worker_keep_descriptors(request->in, request->out);
	struct child *c = calloc(1, sizeof *c);
	if (!c)
		_exit(1);
	c->in = INPUT_FD;
	c->out = PIPE_FD;
	c->sink.row = on_row;
	c->sink.end = on_end;
	c->parser.sink = &c->sink;
	c->parser.passed_over = on_passed_over;
	c->parser.keep_going = request->keep_going;
	struct error e = feed_confine(CONFINED_FEED, request->without_landlock);
	if (!error_is(&e) && !feed_parser_open(&c->parser))
		e = error_at(ERR_MEMORY, 0, "no memory to read feeds");
	if (!error_is(&e))
		e = all_files(c);
	if (error_is(&e))
		end_with(c, &e);
	uint64_t counts[4] = { c->parser.documents, c->parser.records, c->parser.unknown, c->parser.faulty };
	if (!flush_rows(c) || !feed_message_write(c->out, MESSAGE_DONE, span_of(counts, sizeof counts)))
		_exit(1);
	_exit(0);
}
