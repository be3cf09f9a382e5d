/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain text: blocks between empty lines, headings by underline, by number, by capitals or by standing alone; bullets. */
#include <ctype.h>

#include "document/text.h"

struct line {
	struct text text; /* without white space around it */
	size_t indent;
};

static struct line line_at(struct text t, size_t from, size_t *next)
{
	const char *end = memchr(t.p + from, '\n', t.n - from);
	size_t to = end ? (size_t)(end - t.p) : t.n;
	*next = to + 1;
	size_t start = from;
	while (start < to && isspace((unsigned char)t.p[start]))
		start++;
	while (to > start && isspace((unsigned char)t.p[to - 1]))
		to--;
	return (struct line){ text_of(t.p + start, to - start), start - from };
}

/* A row of one mark: an underline. The level that it makes of the line above; 0: it is none. */
static unsigned underline(struct text t)
{
	if (t.n < 3 || !strchr("=-~*#", t.p[0]))
		return 0;
	for (size_t i = 1; i < t.n; i++)
		if (t.p[i] != t.p[0])
			return 0;
	return t.p[0] == '=' || t.p[0] == '#' ? 1 : 2;
}

/* "- ", "* ", "• ", "a) ", "3. ": how many bytes the mark takes. */
static size_t bullet(struct text t)
{
	static const char *const marks[] = { "- ",           "* ",           "+ ",
										 "o ",           "\xE2\x80\xA2", "\xE2\x80\x93 ",
										 "\xE2\x97\xA6", "\xEF\x82\xB7", "\xE2\x96\xAA",
										 "\xC2\xB7 " };
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (text_starts(t, marks[i]))
			return strlen(marks[i]);
	size_t n = 0;
	while (n < t.n && n < 3 && isalnum((unsigned char)t.p[n]))
		n++;
	bool letters = n == 1 || (n && isdigit((unsigned char)t.p[0]));
	return letters && n + 1 < t.n && (t.p[n] == ')' || (t.p[n] == '.' && isdigit((unsigned char)t.p[0]))) &&
				   t.p[n + 1] == ' '
			   ? n + 2
			   : 0;
}

/* "2.1 Title": the depth of its number; 0: it has none. */
static unsigned numbered(struct text t)
{
	unsigned depth = 0;
	size_t i = 0;
	while (i < t.n && isdigit((unsigned char)t.p[i])) {
		while (i < t.n && isdigit((unsigned char)t.p[i]))
			i++;
		depth++;
		if (i < t.n && t.p[i] == '.')
			i++;
	}
	return depth && i < t.n && t.p[i] == ' ' && i + 1 < t.n && isupper((unsigned char)t.p[i + 1]) ? depth : 0;
}

static bool is_capitals(struct text t)
{
	size_t upper = 0;
	for (size_t i = 0; i < t.n; i++) {
		if (islower((unsigned char)t.p[i]) || (unsigned char)t.p[i] >= 0x80)
			return false;
		upper += isupper((unsigned char)t.p[i]) != 0;
	}
	return upper >= 3;
}

static bool ends_sentence(struct text t)
{
	return t.n && strchr(".,;:!?", t.p[t.n - 1]) != NULL;
}

/* A line that stands alone between empty ones. Its level as a heading; 0: it is none. */
static unsigned alone_level(const struct line *l)
{
	if (l->text.n > 90 || l->text.n < 3 || ends_sentence(l->text) || l->indent > 8 || text_has(l->text, "@") ||
		text_has(l->text, "://"))
		return 0;
	unsigned number = numbered(l->text);
	if (number)
		return number + 1 > 6 ? 6 : number + 1;
	if (is_capitals(l->text))
		return 1;
	return l->indent == 0 && isupper((unsigned char)l->text.p[0]) && l->text.n < 60 && !bullet(l->text) ? 2 : 0;
}

bool plain_is_label(struct text t)
{
	const char *colon = t.n ? memchr(t.p, ':', t.n < 48 ? t.n : 48) : NULL;
	size_t n = colon ? (size_t)(colon - t.p) : 0, words = 1;
	if (n < 2 || n + 2 >= t.n || t.p[n + 1] != ' ' || !isupper((unsigned char)t.p[0]))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strchr(".,;!?", t.p[i]))
			return false;
		words += t.p[i] == ' ';
	}
	return words <= 5;
}

bool plain_is_contents(struct text t)
{
	size_t dots = 0, end = t.n;
	while (end && isdigit((unsigned char)t.p[end - 1]))
		end--;
	if (end == t.n)
		return false;
	for (; end && (t.p[end - 1] == '.' || t.p[end - 1] == ' '); end--)
		dots += t.p[end - 1] == '.';
	return dots >= 4 && end > 0;
}

bool plain_is_row(struct text t)
{
	while (t.n && isspace((unsigned char)t.p[t.n - 1]))
		t.n--;
	return t.n > 2 && t.p[0] == '|' && memchr(t.p + 1, '|', t.n - 1) != NULL;
}

void plain_row(struct doc *d, struct text line, bool *heads)
{
	size_t marks = 0, spaces = 0;
	for (size_t i = 0; i < line.n; i++) {
		marks += strchr("|-:+=", line.p[i]) != NULL;
		spaces += isspace((unsigned char)line.p[i]) != 0;
	}
	if (marks + spaces == line.n) { /* the rule below the heads */
		*heads = false;
		return;
	}
	text_row(d);
	for (size_t from = 1; from < line.n;) {
		const char *end = memchr(line.p + from, '|', line.n - from);
		size_t to = end ? (size_t)(end - line.p) : line.n;
		text_cell(d, *heads);
		text_add(d, text_of(line.p + from, to - from));
		text_close(d);
		from = to + 1;
	}
}

struct plain {
	struct doc *d;
	struct text all;
	size_t next; /* where the line behind this one begins */
	bool blank;  /* the line before was empty */
	bool in_row, heads;
	struct text before; /* the line before, where it is of the same paragraph */
};

static bool take_heading(struct plain *p, const struct line *l)
{
	size_t after = p->next;
	struct line below = p->next < p->all.n ? line_at(p->all, p->next, &after) : (struct line){ 0 };
	unsigned level = p->blank ? underline(below.text) : 0;
	bool underlined = level && l->text.n <= 120 && below.text.n + 3 >= l->text.n / 2;
	if (!underlined)
		level = p->blank && !below.text.n ? alone_level(l) : 0;
	if (!level)
		return false;
	text_open(p->d, BLOCK_HEADING, level);
	text_add(p->d, l->text);
	text_close(p->d);
	if (underlined) {
		p->next = after;
		p->d->line++;
	}
	return true;
}

/* A line shorter than this ends before the margin of running text. */
#define SHORT_LINE 60u

/* Whether a line is no continuation of the one before: lines of a list of labels and values, or of contents. */
static bool parts(struct text before, struct text line)
{
	bool labels = before.n && before.n < SHORT_LINE && (plain_is_label(before) || plain_is_label(line));
	return labels || plain_is_contents(before) || plain_is_contents(line);
}

static void take_line(struct plain *p, const struct line *l)
{
	struct doc *d = p->d;
	bool row = plain_is_row(l->text);
	if (row && !p->in_row) {
		text_table(d);
		p->heads = true;
	}
	p->in_row = row;
	size_t mark = bullet(l->text);
	if (row) {
		plain_row(d, l->text, &p->heads);
	} else if (underline(l->text)) {
		text_close(d);
	} else if (!take_heading(p, l)) {
		if (mark)
			text_open(d, BLOCK_ITEM, 1);
		else if (parts(p->before, l->text))
			text_open(d, BLOCK_PARAGRAPH, 1);
		text_add(d, text_of(l->text.p + mark, l->text.n - mark));
		d->gap = true;
	}
}

void read_plain(struct doc *d, struct text t)
{
	struct plain p = { .d = d, .all = t, .blank = true };
	d->line = 1;
	for (size_t at = 0; at < t.n && !d->failed && !d->full; at = p.next) {
		struct line l = line_at(t, at, &p.next);
		if (!l.text.n)
			text_close(d);
		else
			take_line(&p, &l);
		p.blank = l.text.n == 0;
		p.before = l.text;
		d->line++;
	}
	text_close(d);
}
