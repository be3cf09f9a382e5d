/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents made of lines: tables of values parted by commas or tabs. */

#include "feed/parse_internal.h"

#define LINE_MAX_BYTES 65536u

struct lines {
	struct feed_parser *parser;
	struct feed_document *document;
	struct feed_run run;
	uint64_t number;
	uint8_t buffer[LINE_MAX_BYTES];
	size_t n;
};

/* False: the run is at its end. */
static bool give_line(struct lines *l, const uint8_t *line, size_t n)
{
	if (n && line[n - 1] == '\r')
		n--;
	l->number++;
	l->run.rows = 0;
	arena_reset(l->parser->arena);
	l->run.importer->line(&l->run, text_of((const char *)line, n), l->number);
	bool good = !error_is(&l->run.error);
	if (l->run.stopped)
		return false;
	if (good || l->parser->keep_going)
		l->run.stopped = l->run.sink->end && !l->run.sink->end(l->run.sink, good);
	if (l->run.stopped || good)
		return !l->run.stopped;
	if (l->parser->keep_going && l->run.sink->end) {
		l->parser->faulty++;
		if (l->parser->passed_over)
			l->parser->passed_over(l->parser, l->document->name, &l->run.error);
		l->run.error = error_none();
	}
	return !error_is(&l->run.error);
}

/* Takes the lines that are whole out of the buffer. */
static bool give_whole_lines(struct lines *l)
{
	size_t from = 0;
	const uint8_t *end;
	while ((end = memchr(l->buffer + from, '\n', l->n - from)) != NULL) {
		if (!give_line(l, l->buffer + from, (size_t)(end - l->buffer) - from))
			return false;
		from = (size_t)(end - l->buffer) + 1;
	}
	memmove(l->buffer, l->buffer + from, l->n - from);
	l->n -= from;
	if (l->n == LINE_MAX_BYTES)
		l->run.error = error_at(ERR_BUDGET, 0, "line %llu: longer than %u bytes", (unsigned long long)l->number + 1,
								LINE_MAX_BYTES);
	return l->n < LINE_MAX_BYTES;
}

static void read_lines(struct lines *l)
{
	size_t got = 1;
	while (got) {
		struct error e = document_read(l->document, l->buffer + l->n, LINE_MAX_BYTES - l->n, &got);
		if (error_is(&e))
			l->run.error = e;
		if (error_is(&e))
			return;
		l->n += got;
		if (!give_whole_lines(l))
			return;
	}
	if (l->n)
		give_line(l, l->buffer, l->n);
}

struct error feed_parse_lines(struct feed_parser *p, struct feed_document *d, bool *taken)
{
	const struct feed_importer *importer = feed_recognise_lines(d->beginning);
	*taken = importer != NULL;
	if (!importer)
		return error_none();
	struct lines *l = ARENA_NEW(p->head, struct lines);
	if (!l)
		return error_at(ERR_MEMORY, 0, "no memory to read the document");
	l->parser = p;
	l->document = d;
	l->run = (struct feed_run){ .importer = importer, .sink = p->sink, .arena = p->arena };
	read_lines(l);
	p->records += l->run.records;
	return l->run.error;
}
