/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the reading of constraints is, and what is skipped. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "combos/parse.h"

void source_step(struct source *s, size_t n)
{
	for (; n > 0 && s->at < s->text.n; n--, s->at++) {
		s->column++;
		if (s->text.p[s->at] == '\n') {
			s->line++;
			s->column = 1;
		}
	}
}

static void skip_line(struct source *s)
{
	const uint8_t *end = s->at < s->text.n ? memchr(s->text.p + s->at, '\n', s->text.n - s->at) : NULL;
	source_step(s, end ? (size_t)(end - (s->text.p + s->at)) : s->text.n - s->at);
}

static void skip_block(struct source *s)
{
	const uint8_t *end = memmem(s->text.p + s->at + 2, s->text.n - s->at - 2, "*/", 2);
	source_step(s, end ? (size_t)(end - (s->text.p + s->at)) + 2 : s->text.n - s->at);
}

static bool at_line_start(const struct source *s)
{
	size_t i = s->at;
	while (i > 0 && (s->text.p[i - 1] == ' ' || s->text.p[i - 1] == '\t'))
		i--;
	return i == 0 || s->text.p[i - 1] == '\n';
}

/* A comment that goes to the end of its line. */
static bool begins_comment(const struct source *s)
{
	return (s->slashes && span_has(s->text, s->at, "//", 2)) || (s->dashes && span_has(s->text, s->at, "--", 2)) ||
		   (s->brackets && s->text.p[s->at] == '#' && at_line_start(s));
}

void source_skip(struct source *s)
{
	while (s->at < s->text.n) {
		uint8_t c = s->text.p[s->at];
		if (c == ' ' || c == '\t' || c == '\r' || (c == '\n' && !s->one_line))
			source_step(s, 1);
		else if (s->slashes && span_has(s->text, s->at, "/*", 2))
			skip_block(s);
		else if (begins_comment(s))
			skip_line(s);
		else
			return;
	}
}

bool is_word_byte(uint8_t c)
{
	return isalnum(c) || c == '_' || c >= 0x80;
}

bool source_take(struct source *s, const char *word)
{
	source_skip(s);
	size_t n = strlen(word);
	struct text t = text_from_span(span_sub(s->text, s->at, n));
	if (!t.p || strncasecmp(t.p, word, n) != 0)
		return false;
	if (is_word_byte((uint8_t)word[n - 1]) && s->at + n < s->text.n && is_word_byte(s->text.p[s->at + n]))
		return false;
	source_step(s, n);
	return true;
}
