/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feeds.h"

#include <stdio.h>
#include <stdlib.h>

#include "feed/links.h"
#include "feed/parse_internal.h"
#include "feed/row_code.h"

static const struct feed_importer *importer; /* NULL: by content */

bool feed_target_choose(const char *name)
{
	importer = NULL;
	if (strcmp(name, "any") == 0)
		return true;
	for (size_t i = 0; feed_importers[i]; i++)
		if (strcmp(feed_importers[i]->name, name) == 0)
			importer = feed_importers[i];
	return importer != NULL;
}

void feed_target_list(void)
{
	puts("feed:any");
	for (size_t i = 0; feed_importers[i]; i++)
		printf("feed:%s\n", feed_importers[i]->name);
}

struct rows {
	struct feed_sink sink; /* first */
	struct buf bytes;
	uint64_t n;
};

/* Every row has to survive the pipe. */
static bool on_row(struct feed_sink *sink, enum feed_row_kind kind, const void *row)
{
	struct rows *r = (struct rows *)sink;
	union feed_row back;
	enum feed_row_kind back_kind;
	r->bytes.n = 0;
	if (feed_row_encode(&r->bytes, kind, row))
		return false;
	if (feed_row_size(buf_span(&r->bytes)) != r->bytes.n || !feed_row_decode(buf_span(&r->bytes), &back_kind, &back) ||
		back_kind != kind)
		abort();
	return ++r->n < 200000;
}

static bool on_end(struct feed_sink *sink, bool good)
{
	(void)sink;
	(void)good;
	return true;
}

static struct error read_span(void *context, uint8_t *into, size_t n, size_t *got)
{
	struct span *left = context, part = span_clip(*left, 0, n);
	if (part.n)
		memcpy(into, part.p, part.n);
	*left = span_from(*left, part.n);
	*got = part.n;
	return error_none();
}

/* The importer over the tree that the bytes are, whether it would know it or not. */
static void run_importer(struct feed_parser *p, struct span bytes)
{
	struct feed_document d = { .name = "fuzz", .beginning = bytes, .whole = true };
	struct json_node *root = NULL;
	if (importer->line) {
		struct feed_run run = { .importer = importer, .sink = p->sink, .arena = p->arena, .document = "fuzz" };
		struct text rest = text_from_span(bytes);
		for (uint64_t i = 1; rest.n && i < 10000; i++) {
			const char *end = memchr(rest.p, '\n', rest.n);
			struct text line = text_of(rest.p, end ? (size_t)(end - rest.p) : rest.n);
			importer->line(&run, line, i);
			rest = end ? text_of(end + 1, rest.n - line.n - 1) : TEXT_NONE;
		}
		return;
	}
	struct json_pull *j = json_pull_new_span(bytes, NULL);
	struct error e = j ? json_tree_begin(j, p->arena, &root) : error_none();
	(void)e;
	if (root)
		e = feed_parse_tree(p, &d, importer, root);
	json_pull_free(j);
}

void feed_target_run(struct span bytes)
{
	struct rows rows = { .sink = { on_row, on_end } };
	struct feed_parser p = { .sink = &rows.sink, .keep_going = bytes.n % 2 };
	struct span left = bytes;
	if (!feed_parser_open(&p))
		return;
	if (importer) {
		run_importer(&p, bytes);
	} else {
		struct error e = feed_parse(&p, "fuzz", read_span, &left);
		(void)e;
	}
	feed_parser_close(&p);
	buf_free(&rows.bytes);
}

void feed_run_rows(struct span bytes)
{
	union feed_row row;
	enum feed_row_kind kind;
	for (uint64_t n = feed_row_size(bytes); n && n != UINT64_MAX; n = feed_row_size(bytes)) {
		(void)feed_row_decode(span_sub(bytes, 0, n), &kind, &row);
		bytes = span_from(bytes, n);
	}
}

static bool on_line(void *context, const char *line)
{
	*(size_t *)context += strlen(line);
	return true;
}

void feed_run_links(struct span bytes)
{
	size_t n = 0;
	for (int kind = LINKS_NVD_PAGE; kind <= LINKS_CHANGES; kind++) {
		struct span left = bytes;
		struct error e = links_read((enum links_kind)kind, read_span, &left, on_line, &n);
		(void)e;
	}
}
