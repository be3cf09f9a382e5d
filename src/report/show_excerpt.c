/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Excerpts on the terminal. The marked part is bold where there are colours; without them carets stand below it, brackets
 * around it in a dump. */
#include <stdlib.h>

#include "report/layout.h"
#include "report/show_excerpt.h"

#define TAB 4u
#define DUMP_ROW 16u

struct printer {
	FILE *out;
	const struct report_style *style;
	size_t indent;
	struct arena *a;
};

/* A tab is no surprise in a line of text: it is not escaped. */
static struct text without_tabs(struct text t, struct arena *a)
{
	size_t n = 0;
	char *out = arena_alloc(a, t.n * TAB + 1, 1);
	for (size_t i = 0; out && i < t.n; i++)
		for (size_t k = 0; k < (t.p[i] == '\t' ? TAB : 1); k++)
			out[n++] = t.p[i] == '\t' ? ' ' : t.p[i];
	return out ? text_of(out, n) : TEXT_LIT("");
}

static void put(struct printer *p, struct text t, enum report_paint colour)
{
	paint(p->out, p->style, colour);
	if (t.n)
		fwrite(t.p, 1, t.n, p->out);
	paint_end(p->out, p->style, colour);
}

static size_t gutter(struct printer *p, int64_t line, bool is_meant)
{
	char text[40];
	int n = snprintf(text, sizeof text, "%6lld %s ", (long long)line, is_meant ? ">" : "|");
	style_spaces(p->out, p->indent);
	put(p, text_of(text, (size_t)n), PAINT_DIM);
	return p->indent + (size_t)n;
}

static void context_line(struct printer *p, int64_t line, struct text t)
{
	size_t at = gutter(p, line, false), room = p->style->width > at + 8 ? p->style->width - at : 8;
	put(p, style_text(p->style, without_tabs(t, p->a), room, p->a), PAINT_DIM);
	putc('\n', p->out);
}

/* The line itself, on one line of the terminal: first the marked part has room, then what stands before it. */
static void meant_line(struct printer *p, const struct view_excerpt *x, struct text before, struct text after)
{
	const char *more = style_mark(p->style, "\xe2\x80\xa6", "...");
	size_t at = gutter(p, x->line, true), ends = layout_width(text_c(more));
	size_t left = p->style->width > at + 8 + 2 * ends ? p->style->width - at - 2 * ends : 8;
	struct text mark = style_text(p->style, without_tabs(x->marked, p->a), left, p->a);
	left -= layout_width(mark) < left ? layout_width(mark) : left;
	struct text lead = style_path(p->style, without_tabs(before, p->a), left > ends ? left : ends + 1, p->a);
	lead = left > ends || !before.n ? lead : TEXT_LIT("");
	left -= layout_width(lead) < left ? layout_width(lead) : left;
	struct text tail = left > ends ? style_text(p->style, without_tabs(after, p->a), left, p->a) : TEXT_LIT("");
	put(p, text_c(x->cut_before ? more : ""), PAINT_PLAIN);
	put(p, lead, PAINT_PLAIN);
	put(p, mark, PAINT_BOLD);
	put(p, tail, PAINT_PLAIN);
	put(p, text_c(x->cut_after ? more : ""), PAINT_PLAIN);
	putc('\n', p->out);
	if (p->style->colour || !mark.n || (!before.n && !after.n))
		return;
	style_spaces(p->out, at + (x->cut_before ? ends : 0) + layout_width(lead));
	for (size_t i = layout_width(mark); i > 0; i--)
		putc('^', p->out);
	putc('\n', p->out);
}

static void text_lines(struct printer *p, const struct view_excerpt *x)
{
	struct text before = x->before, after = x->after, line;
	int64_t number = x->line - x->lines_before;
	for (; number < x->line; number++) {
		(void)text_take_line(&before, &line);
		context_line(p, number, line);
	}
	(void)text_take_line(&after, &line);
	meant_line(p, x, before, line);
	while (text_take_line(&after, &line))
		context_line(p, ++number, line);
}

/* "00000120  7f 45[4c 46]01 ...  .ELF" */
static void dump_row(struct printer *p, const struct view_excerpt *x, struct text digits, size_t from)
{
	size_t first = (size_t)(x->offset - x->start), last = first + x->marked.n / 2, n = digits.n / 2;
	bool colour = p->style->colour;
	style_spaces(p->out, p->indent);
	fprintf(p->out, "%08llx ", (unsigned long long)x->start + from);
	for (size_t at = from; at < from + DUMP_ROW; at++) {
		bool is_marked = at >= first && at < last && at < n;
		bool begins = is_marked && (at == first || at == from), ended = at > from && at == last && last > first;
		putc(colour ? ' ' : begins ? '[' : ended ? ']' : ' ', p->out);
		put(p, at < n ? text_of(digits.p + 2 * at, 2) : TEXT_LIT("  "), is_marked ? PAINT_BOLD : PAINT_PLAIN);
	}
	putc(!colour && last > first && last > from && last >= from + DUMP_ROW && first < from + DUMP_ROW ? ']' : ' ', p->out);
	putc(' ', p->out);
	for (size_t at = from; at < from + DUMP_ROW && at < n; at++) {
		char pair[3] = { digits.p[2 * at], digits.p[2 * at + 1], '\0' };
		char c = pair[0] == '*' ? '*' : (char)strtoul(pair, NULL, 16);
		putc(c < 0x20 || c > 0x7e ? '.' : c, p->out);
	}
	putc('\n', p->out);
}

void show_excerpt(FILE *out, const struct report_style *style, size_t indent, const struct view_excerpt *x, struct arena *a)
{
	struct printer p = { out, style, indent, a };
	if (x->is_text) {
		text_lines(&p, x);
		return;
	}
	size_t n = x->before.n + x->marked.n + x->after.n;
	char *digits = arena_printf(a, "%.*s%.*s%.*s", (int)x->before.n, x->before.p, (int)x->marked.n, x->marked.p,
								(int)x->after.n, x->after.p);
	for (size_t from = 0; digits && 2 * from < n; from += DUMP_ROW)
		dump_row(&p, x, text_of(digits, n), from);
}
