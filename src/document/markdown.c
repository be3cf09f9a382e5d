/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Markdown by cmark (CommonMark 0.30): rendered as HTML that knows its lines, and read as such, since HTML may stand anywhere
 * in it. */
#include <cmark.h>
#include <stdlib.h>

#include "document/text.h"

/* Quotes and lists in each other, which cmark's time goes with. */
#define NESTING_MAX 256u
/* Each of them may become a node of cmark, which ends the process when there is no memory for one. */
#define MARKS_MAX 1000000u

static uint32_t count_marks(struct text t)
{
	uint32_t n = 0;
	for (size_t i = 0; i < t.n; i++)
		n += t.p[i] && strchr("\n[]*_`!<&\\", t.p[i]);
	return n;
}

/* The deepest row of '>' and list marks at the start of a line. */
static uint32_t nesting(struct text t)
{
	uint32_t deepest = 0, here = 0;
	bool start = true;
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		if (c == '\n') {
			here = 0;
			start = true;
		} else if (start && (c == '>' || c == '-' || c == '+' || c == '*')) {
			deepest = ++here > deepest ? here : deepest;
		} else if (c != ' ' && c != '\t') {
			start = false;
		}
	}
	return deepest;
}

/* "---" and "***" as rules, underlined headings and long rows of marks nest nothing. */
static struct text without_rules(struct text t, struct arena *a)
{
	char *out = arena_strdup(a, t);
	for (size_t from = 0; out && from < t.n;) {
		const char *end = memchr(t.p + from, '\n', t.n - from);
		size_t to = end ? (size_t)(end - t.p) : t.n;
		size_t marks = 0;
		for (size_t i = from; i < to; i++)
			marks += t.p[i] == '-' || t.p[i] == '*' || t.p[i] == ' ' || t.p[i] == '\r';
		for (size_t i = from; marks == to - from && to - from > 3 && i < to; i++)
			out[i] = ' ';
		from = to + 1;
	}
	return (struct text){ out, out ? t.n : 0 };
}

void read_markdown(struct doc *d, struct text t)
{
	struct text bare = without_rules(t, d->arena);
	uint32_t deep = nesting(bare);
	if (!bare.p && t.n) {
		d->failed = true;
		return;
	}
	if (deep > NESTING_MAX) {
		doc_damage(d, ERR_BUDGET, UINT64_MAX,
				   "quotes and lists lie in each other %u deep, more than %u: it is not read", deep, NESTING_MAX);
		return;
	}
	if (count_marks(t) > MARKS_MAX) {
		doc_damage(d, ERR_BUDGET, UINT64_MAX, "more than %u lines and marks of Markdown: it is not read", MARKS_MAX);
		return;
	}
	cmark_node *root = cmark_parse_document(t.p, t.n, CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8);
	char *html = root ? cmark_render_html(root, CMARK_OPT_SOURCEPOS | CMARK_OPT_UNSAFE) : NULL;
	cmark_node_free(root);
	if (html)
		read_html(d, text_c(html));
	else
		d->failed = true;
	free(html);
}
