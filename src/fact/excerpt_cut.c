/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/escape.h"
#include "base/holes.h"
#include "fact/excerpt.h"

/* Lines behind this many have no excerpt. */
#define LINES_MAX ((size_t)4 << 20)
/* What is shown of a long line before the marked part. */
#define LEAD 80u
/* A row of a dump. */
#define DUMP_ROW 16u

void excerpt_source_free(struct excerpt_source *s)
{
	free(s->lines);
	*s = (struct excerpt_source){ 0 };
}

static bool add_line(struct excerpt_source *s, size_t *cap, size_t at)
{
	if (s->nlines == *cap) {
		size_t more = *cap ? *cap * 2 : 256;
		size_t *lines = more <= LINES_MAX ? realloc(s->lines, more * sizeof *lines) : NULL;
		if (!lines)
			return false;
		s->lines = lines;
		*cap = more;
	}
	s->lines[s->nlines++] = at;
	return true;
}

static void index_lines(struct excerpt_source *s)
{
	size_t cap = 0, at = 0;
	if (s->is_indexed)
		return;
	s->is_indexed = true;
	while (at < s->bytes.n && add_line(s, &cap, at)) {
		size_t end = (size_t)holes_find(s->bytes, at, '\n');
		at = end < s->bytes.n ? end + 1 : s->bytes.n;
	}
	s->indexed = at;
}

bool excerpt_line(struct excerpt_source *s, int64_t line, size_t *from, size_t *to)
{
	index_lines(s);
	if (line < 1 || (uint64_t)line > s->nlines)
		return false;
	*from = s->lines[line - 1];
	*to = (uint64_t)line < s->nlines ? s->lines[line] : s->indexed; /* a line may be of 1 GB: its end is not looked for */
	*to -= *to > *from && s->bytes.p[*to - 1] == '\n';
	*to -= *to > *from && s->bytes.p[*to - 1] == '\r';
	return true;
}

int64_t excerpt_line_of(struct excerpt_source *s, uint64_t offset)
{
	index_lines(s);
	size_t lo = 0, hi = s->nlines;
	while (lo < hi) { /* the first line that begins behind it */
		size_t mid = lo + (hi - lo) / 2;
		if (s->lines[mid] <= offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	return offset < s->indexed ? (int64_t)lo : 0;
}

bool excerpt_is_plain(struct span bytes)
{
	for (size_t i = 0; i < bytes.n;) {
		unsigned n = escape_utf8_len(bytes.p + i, bytes.n - i);
		bool control = (bytes.p[i] < 0x20 && bytes.p[i] != '\t') || bytes.p[i] == 0x7f;
		if (n == 0 || control)
			return false;
		i += n;
	}
	return true;
}

static bool is_middle(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* The lines before (step -1) or after it that may be shown: the number of the last of them. */
static int64_t context_end(struct excerpt_source *s, int64_t line, int step, struct excerpt_context around)
{
	size_t from, to;
	for (unsigned i = 0; around.may_show && i < EXCERPT_CONTEXT_LINES; i++) {
		if (!excerpt_line(s, line + step, &from, &to) || to - from > EXCERPT_CONTEXT_MAX)
			break;
		struct span text = span_sub(s->bytes, from, to - from);
		if (!excerpt_is_plain(text) || !around.may_show(around.context, line + step, text_from_span(text)))
			break;
		line += step;
	}
	return line;
}

/* Of a line that is too long, what is around the marked part; whole characters. */
static void cut_line(struct span bytes, size_t line_from, size_t line_to, struct excerpt_cut *cut)
{
	size_t from = line_from, to = line_to, mark = (size_t)cut->offset;
	if (to - from > EXCERPT_LINE_MAX) {
		from = mark - from > LEAD ? mark - LEAD : from;
		while (from < mark && is_middle(bytes.p[from]))
			from++;
		to = to - from > EXCERPT_LINE_MAX ? from + EXCERPT_LINE_MAX : to;
		while (to > mark && to < line_to && is_middle(bytes.p[to]))
			to--;
	}
	cut->start = from;
	cut->n = to - from;
	cut->cut_before = from > line_from;
	cut->cut_after = to < line_to;
	if (cut->marked > to - mark)
		cut->marked = to - mark;
}

bool excerpt_cut_text(struct excerpt_source *s, int64_t line, size_t from, size_t to, struct excerpt_context around,
					  struct excerpt_cut *cut)
{
	size_t line_from, line_to, end;
	if (!excerpt_line(s, line, &line_from, &line_to) || from < line_from || to > line_to || from > to)
		return false;
	*cut = (struct excerpt_cut){ .offset = from, .marked = to - from, .line = line };
	for (; cut->marked && cut->offset > line_from && is_middle(s->bytes.p[cut->offset]); cut->marked++)
		cut->offset--; /* a mark is of whole characters */
	while (cut->offset + cut->marked < line_to && cut->marked && is_middle(s->bytes.p[cut->offset + cut->marked]))
		cut->marked++;
	cut_line(s->bytes, line_from, line_to, cut);
	if (!excerpt_is_plain(span_sub(s->bytes, cut->start, cut->n)))
		return false;
	if (cut->cut_before || cut->cut_after)
		return true; /* what is around it is far away */
	int64_t first = context_end(s, line, -1, around), last = context_end(s, line, 1, around);
	if (first < line && excerpt_line(s, first, &from, &end)) {
		cut->n += (size_t)cut->start - from;
		cut->start = from;
	}
	if (last > line && excerpt_line(s, last, &from, &end))
		cut->n = end - (size_t)cut->start;
	return true;
}

bool excerpt_cut_binary(struct span bytes, uint64_t offset, uint64_t marked, struct excerpt_cut *cut)
{
	if (offset > bytes.n || bytes.n == 0)
		return false;
	uint64_t left = bytes.n - offset;
	uint64_t row = offset - offset % DUMP_ROW;
	marked = marked == 0 ? 1 : marked;
	marked = marked < left ? marked : left;
	bool fits = row >= DUMP_ROW && offset - row + marked <= EXCERPT_BINARY_MAX - DUMP_ROW;
	*cut = (struct excerpt_cut){ .start = fits ? row - DUMP_ROW : row, .offset = offset, .line = FACT_NULL };
	if (left == 0 && cut->start == offset) /* the end of a row is the end of the blob */
		cut->start -= DUMP_ROW;
	uint64_t n = bytes.n - cut->start < EXCERPT_BINARY_MAX ? bytes.n - cut->start : EXCERPT_BINARY_MAX;
	uint64_t room = cut->start + n - offset;
	cut->n = (size_t)n;
	cut->cut_after = marked > room;
	cut->marked = (size_t)(marked < room ? marked : room);
	return true;
}
