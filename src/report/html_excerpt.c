/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Excerpts in the plain part of the HTML report. What the viewer shows of them is viewer/excerpt.js. */
#include <string.h>

#include "report/html_internal.h"
#include "report/view_excerpt.h"

/* A tab is no surprise in a line of text: it is not escaped. */
static void put(struct page *p, struct text t)
{
	while (t.n) {
		const char *tab = memchr(t.p, '\t', t.n);
		size_t n = tab ? (size_t)(tab - t.p) : t.n;
		html_text(p, text_of(t.p, n));
		html_put(p, tab ? "    " : "");
		t = text_of(t.p + n + (tab != NULL), t.n - n - (tab != NULL));
	}
}

static void marked(struct page *p, struct text t)
{
	if (!t.n)
		return;
	html_put(p, "<mark>");
	put(p, t);
	html_put(p, "</mark>");
}

static void text_lines(struct page *p, const struct view_excerpt *x)
{
	int64_t number = x->line - x->lines_before;
	struct text before = x->before, after = x->after, line;
	for (; number < x->line; number++) {
		html_put(p, "<span class=\"at\">%4lld</span> ", (long long)number);
		(void)text_take_line(&before, &line);
		put(p, line);
		html_put(p, "\n");
	}
	html_put(p, "<span class=\"at\">%4lld</span> %s", (long long)number++, x->cut_before ? "\xe2\x80\xa6" : "");
	put(p, before);
	marked(p, x->marked);
	(void)text_take_line(&after, &line);
	put(p, line);
	html_put(p, x->cut_after ? "\xe2\x80\xa6\n" : "\n");
	while (text_take_line(&after, &line)) {
		html_put(p, "<span class=\"at\">%4lld</span> ", (long long)number++);
		put(p, line);
		html_put(p, "\n");
	}
}

static unsigned nibble(char c)
{
	return (unsigned)(c >= 'a' ? c - 'a' + 10 : c - '0');
}

/* The two digits of the byte number `at`, or NULL behind the last. */
static const char *digits_at(const struct view_excerpt *x, size_t at, bool *is_marked)
{
	const struct text parts[] = { x->before, x->marked, x->after };
	*is_marked = false;
	for (size_t i = 0; i < 3; i++) {
		if (2 * at + 1 < parts[i].n) {
			*is_marked = i == 1;
			return parts[i].p + 2 * at;
		}
		at -= parts[i].n / 2;
	}
	return NULL;
}

static void letters(struct page *p, const struct view_excerpt *x, size_t from)
{
	bool is_marked;
	for (size_t at = from; at < from + 16; at++) {
		const char *d = digits_at(x, at, &is_marked);
		char c = !d ? ' ' : *d == '*' ? '*' : (char)(nibble(d[0]) << 4 | nibble(d[1]));
		c = c < 0x20 || c > 0x7e ? '.' : c;
		html_text(p, text_of(&c, 1));
	}
}

static void dump(struct page *p, const struct view_excerpt *x)
{
	bool is_marked, was_marked = false;
	for (size_t from = 0; digits_at(x, from, &is_marked); from += 16) {
		html_put(p, "<span class=\"at\">%08llx</span> ", (long long)x->start + (long long)from);
		for (size_t at = from; at < from + 16; at++) {
			const char *d = digits_at(x, at, &is_marked);
			html_put(p, was_marked && !is_marked ? "</mark>" : "");
			html_put(p, is_marked && !was_marked ? " <mark>" : " ");
			html_put(p, "%.2s", d ? d : "  ");
			was_marked = is_marked;
		}
		html_put(p, was_marked ? "</mark>  " : "  ");
		was_marked = false;
		letters(p, x, from);
		html_put(p, "\n");
	}
}

void html_excerpt(struct page *p, const struct view_evidence *ev)
{
	struct view_excerpt x;
	int64_t component;
	if (!view_excerpt_shown(p->v, ev->table, ev->row_id, p->scratch, &x, &component))
		return;
	if (component != FACT_NULL)
		html_put(p, "<p class=\"note\">What shows it (component %lld):</p>", (long long)component);
	html_put(p, "<pre class=\"quote\">");
	if (x.is_text)
		text_lines(p, &x);
	else
		dump(p, &x);
	html_put(p, "</pre>");
}
