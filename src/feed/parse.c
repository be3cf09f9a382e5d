/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/parse.h"

#include <stdlib.h>

#include "feed/parse_internal.h"

/* Enough to find what a document is; most documents of one record are smaller and are read only once. */
#define PEEK ((size_t)256 << 10)
/* The tree of one record, and of a document that is one record. */
#define RECORD_MAX ((size_t)256 << 20)

bool feed_parser_open(struct feed_parser *p)
{
	p->arena = arena_new(RECORD_MAX);
	p->head = arena_new(RECORD_MAX);
	p->peek = malloc(PEEK);
	if (p->arena && p->head && p->peek)
		return true;
	feed_parser_close(p);
	return false;
}

void feed_parser_close(struct feed_parser *p)
{
	arena_free(p->arena);
	arena_free(p->head);
	free(p->peek);
	p->arena = p->head = NULL;
	p->peek = NULL;
}

const struct feed_importer *feed_recognise(const struct json_node *root)
{
	for (size_t i = 0; root && feed_importers[i]; i++)
		if (feed_importers[i]->recognise && feed_importers[i]->recognise(root))
			return feed_importers[i];
	return NULL;
}

const struct feed_importer *feed_recognise_lines(struct span beginning)
{
	for (size_t i = 0; feed_importers[i]; i++)
		if (feed_importers[i]->recognise_lines && feed_importers[i]->recognise_lines(beginning))
			return feed_importers[i];
	return NULL;
}

struct error document_read(void *document, uint8_t *into, size_t n, size_t *got)
{
	struct feed_document *d = document;
	struct span left = span_clip(d->beginning, d->given, n);
	*got = left.n;
	if (left.n) {
		memcpy(into, left.p, left.n);
		d->given += left.n;
		return error_none();
	}
	return d->whole ? error_none() : d->rest(d->context, into, n, got);
}

bool feed_begin(struct feed_run *run)
{
	if (!run->begun && run->importer->begin) {
		run->importer->begin(run);
		run->stopped = run->stopped || (run->sink->end && !run->sink->end(run->sink, !error_is(&run->error)));
	}
	run->begun = true;
	return !error_is(&run->error) && !run->stopped;
}

bool feed_give_record(struct feed_parser *p, struct feed_document *d, struct feed_run *run,
					  const struct json_node *record)
{
	if (!feed_begin(run))
		return false;
	run->what = TEXT_NONE;
	run->rows = 0;
	run->document = d->name;
	if (!error_is(&run->error) && !run->stopped)
		run->importer->record(run, record);
	if (run->stopped)
		return false;
	if (!error_is(&run->error)) {
		p->records++;
		run->stopped = run->sink->end && !run->sink->end(run->sink, true);
		return !run->stopped;
	}
	if (run->what.n && run->what.n < 40) { /* which record, for a reader who does not count lines */
		struct error e = run->error;
		run->error = error_at(e.code, e.offset, "%.*s: %s", (int)run->what.n, run->what.p, e.text);
	}
	if (!p->keep_going || run->error.code == ERR_MEMORY || !run->sink->end || !run->sink->end(run->sink, false))
		return false;
	p->faulty++;
	if (p->passed_over)
		p->passed_over(p, d->name, &run->error);
	run->error = error_none();
	return true;
}

static struct error look(struct feed_parser *p, struct feed_document *d)
{
	size_t n = 0, got = 1;
	while (n < PEEK && got) {
		struct error e = d->rest(d->context, p->peek + n, PEEK - n, &got);
		if (error_is(&e))
			return e;
		n += got;
	}
	d->beginning = span_of(p->peek, n);
	d->whole = got == 0;
	return error_none();
}

/* The first byte that is no white space, behind a byte order mark. */
static int first_of(struct span s)
{
	size_t i = span_starts(s, "\xef\xbb\xbf", 3) ? 3 : 0;
	while (i < s.n && strchr(" \t\r\n", s.p[i]) && s.p[i])
		i++;
	return i < s.n ? s.p[i] : -1;
}

struct error feed_parse_document(struct feed_parser *p, const char *name, json_pull_read read, void *context)
{
	struct feed_document d = { .name = name, .rest = read, .context = context };
	bool taken = false;
	struct error e = look(p, &d);
	if (error_is(&e))
		return e;
	arena_reset(p->arena);
	arena_reset(p->head);
	int first = first_of(d.beginning);
	if (first == '{' || first == '[') {
		e = feed_parse_json(p, &d, &taken);
	} else if (first >= 0) {
		e = feed_parse_lines(p, &d, &taken);
		if (!taken && !error_is(&e))
			e = feed_parse_yaml(p, &d, &taken);
	}
	if (error_is(&e) && p->keep_going && e.code != ERR_MEMORY && e.code != ERR_IO) {
		p->faulty++;
		if (p->passed_over)
			p->passed_over(p, name, &e);
		return error_none();
	}
	if (error_is(&e))
		return e;
	p->documents += taken;
	p->unknown += !taken;
	if (!taken && p->passed_over)
		p->passed_over(p, name, &e);
	return error_none();
}
