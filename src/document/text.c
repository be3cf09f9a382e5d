/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "document/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void *doc_push(struct doc *d, struct buf *array, size_t size)
{
	if (d->failed || buf_reserve(array, size)) {
		d->failed = true;
		return NULL;
	}
	void *p = array->p + array->n;
	memset(p, 0, size);
	array->n += size;
	return p;
}

void doc_damage(struct doc *d, enum error_code code, uint64_t offset, const char *format, ...)
{
	char what[160];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	d->whole = false;
	emit_damage_at(d->sink, code, offset, "%s", what);
}

bool doc_is_late(struct doc *d, const char *what, size_t done)
{
	if (clock_ms() < d->ends_ms)
		return false;
	doc_damage(d, ERR_BUDGET, UINT64_MAX, "no time is left: of %zu sentences the first %zu were searched for %s",
			   DOC_COUNT(d, sentence, sentences), done, what);
	return true;
}

void doc_stage(struct doc *d, const char *name)
{
	if (d->options->stage)
		d->options->stage(d->options->context, name);
}

struct text text_cut(const struct doc *d, uint32_t from, uint32_t to)
{
	return text_from_span(span_sub(buf_span(&d->text), from, to > from ? to - from : 0));
}

uint32_t text_at(const struct doc *d)
{
	return (uint32_t)d->text.n;
}

/* Notes the place when it changed since the last note. */
static void mark(struct doc *d)
{
	size_t n = DOC_COUNT(d, mark, marks);
	struct mark *last = n ? &DOC_ARRAY(d, mark, marks)[n - 1] : NULL;
	if (last && last->line == d->line && last->page == d->page)
		return;
	if (!last || last->at != d->text.n)
		last = doc_push(d, &d->marks, sizeof *last);
	if (last)
		*last = (struct mark){ (uint32_t)d->text.n, d->line, d->page };
}

void text_place(const struct doc *d, uint32_t at, int64_t *line, int64_t *page)
{
	const struct mark *m = DOC_ARRAY(d, mark, marks);
	size_t from = 0, to = DOC_COUNT(d, mark, marks);
	*line = *page = FACT_NULL;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (m[middle].at <= at)
			from = middle + 1;
		else
			to = middle;
	}
	if (!from)
		return;
	*line = m[from - 1].line;
	if (m[from - 1].page)
		*page = m[from - 1].page;
}

/* The heading that a block of that level stands below. */
static uint32_t section_above(const struct doc *d, unsigned level)
{
	for (unsigned i = level - 1; i > 0; i--)
		if (d->above[i])
			return d->above[i];
	return 0;
}

void text_open(struct doc *d, enum block_kind kind, unsigned level)
{
	text_close(d);
	level = level < 1 ? 1 : level > 6 ? 6 : level;
	struct block *b = doc_push(d, &d->blocks, sizeof *b);
	if (!b)
		return;
	*b = (struct block){ .from = (uint32_t)d->text.n, .kind = kind, .level = level };
	b->section = section_above(d, kind == BLOCK_HEADING ? level : 7);
	d->open = (uint32_t)DOC_COUNT(d, block, blocks);
	d->gap = false;
	mark(d);
}

static bool has_letter(struct text t)
{
	for (size_t at = 0; at < t.n;) {
		uint32_t c = utf8_next(t, &at);
		if (utf8_is_letter(c) || (c >= '0' && c <= '9'))
			return true;
	}
	return false;
}

void text_close(struct doc *d)
{
	if (!d->open || d->failed)
		return;
	struct block *b = &DOC_ARRAY(d, block, blocks)[d->open - 1];
	b->to = (uint32_t)d->text.n;
	bool prose = b->kind == BLOCK_PARAGRAPH || b->kind == BLOCK_ITEM;
	if (prose && ((b->inner && b->inner == b->to) || plain_is_contents(text_cut(d, b->from, b->to))))
		b->kind = BLOCK_CONTENTS;
	if (!has_letter(text_cut(d, b->from, b->to))) {
		d->blocks.n -= sizeof *b;
	} else if (b->kind == BLOCK_HEADING) {
		d->above[b->level] = d->open;
		for (unsigned i = b->level + 1; i < 7; i++)
			d->above[i] = 0;
	}
	d->open = 0;
	if (d->text.n && buf_add(&d->text, " ", 1))
		d->failed = true;
}

static void put(struct doc *d, const char *p, size_t n)
{
	if (d->text.n + n > d->limits->text) {
		if (!d->full)
			doc_damage(d, ERR_BUDGET, UINT64_MAX, "more than %llu bytes of text; the rest is not read",
					   (unsigned long long)d->limits->text);
		d->full = true;
		return;
	}
	if (d->gap && d->open && d->text.n > DOC_ARRAY(d, block, blocks)[d->open - 1].from && buf_add(&d->text, " ", 1))
		d->failed = true;
	if (d->gap)
		mark(d);
	d->gap = false;
	if (buf_add(&d->text, p, n))
		d->failed = true;
}

/* Characters that are shown as nothing: soft hyphen, zero-width space and joiners, byte order mark, controls. */
static bool is_unseen(uint32_t c)
{
	return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || c == 0x2060 || c == 0xFEFF ||
		   c < 0x20 || (c >= 0x7F && c < 0xA0);
}

void text_add(struct doc *d, struct text t)
{
	if (!d->open && !d->full)
		text_open(d, BLOCK_PARAGRAPH, 1);
	for (size_t at = 0; at < t.n && !d->failed && !d->full;) {
		size_t from = at;
		uint32_t c = utf8_next(t, &at);
		d->line += c == '\n';
		if (utf8_is_space(c))
			d->gap = true;
		else if (c == 0x2019 || c == 0x02BC) /* the apostrophe of print */
			put(d, "'", 1);
		else if (c == 0x2010 || c == 0x2011)
			put(d, "-", 1);
		else if (c == 0xFFFD)
			put(d, "\xEF\xBF\xBD", 3);
		else if (!is_unseen(c))
			put(d, t.p + from, at - from);
	}
}

void text_table(struct doc *d)
{
	memset(d->columns, 0, sizeof d->columns);
	d->column = d->row = 0;
}

void text_row(struct doc *d)
{
	text_close(d);
	d->column = d->row = 0;
}

void text_cell(struct doc *d, bool heads)
{
	text_open(d, BLOCK_CELL, 1);
	uint32_t column = d->column++;
	if (!d->failed && d->open)
		DOC_ARRAY(d, block, blocks)[d->open - 1].row = d->row;
	d->row = d->row ? d->row : d->open;
	if (column >= sizeof d->columns / sizeof d->columns[0] || d->failed)
		return;
	if (heads)
		d->columns[column] = d->open;
	else
		DOC_ARRAY(d, block, blocks)[d->open - 1].column = d->columns[column];
}

void text_link(struct doc *d, struct text url, uint32_t at)
{
	struct link *l = url.n ? doc_push(d, &d->links, sizeof *l) : NULL;
	if (!l)
		return;
	while (at < d->text.n && d->text.p[at] == ' ')
		at++;
	l->at = at;
	l->url = url;
	l->text = TEXT_NONE;
	if (d->text.n > at) {
		char *copy = arena_strdup(d->arena, text_cut(d, at, (uint32_t)d->text.n));
		l->text = text_c(copy);
		d->failed |= !copy;
	}
}

struct text text_heading(const struct doc *d, const struct block *b)
{
	if (!b->section)
		return TEXT_NONE;
	const struct block *h = &DOC_ARRAY(d, block, blocks)[b->section - 1];
	return text_cut(d, h->from, h->to);
}
