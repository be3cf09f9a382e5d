/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/settings.h"

#include <strings.h>

struct parser {
	struct text text;
	size_t at;
	unsigned depth;
	settings_fn *fn;
	void *self;
};

static char peek(const struct parser *p, size_t ahead)
{
	return p->at + ahead < p->text.n ? p->text.p[p->at + ahead] : '\0';
}

static void skip_line(struct parser *p)
{
	const char *end = memchr(p->text.p + p->at, '\n', p->text.n - p->at);
	p->at = end ? (size_t)(end - p->text.p) + 1 : p->text.n;
}

static void skip_comment(struct parser *p)
{
	const char *end = memmem(p->text.p + p->at, p->text.n - p->at, "*/", 2);
	p->at = end ? (size_t)(end - p->text.p) + 2 : p->text.n;
}

static void skip_blank(struct parser *p)
{
	while (p->at < p->text.n) {
		char c = p->text.p[p->at];
		if (c == '#' || (c == '/' && peek(p, 1) == '/'))
			skip_line(p);
		else if (c == '/' && peek(p, 1) == '*')
			skip_comment(p);
		else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == ';')
			p->at++;
		else
			return;
	}
}

static bool take_string(struct parser *p, struct text *s)
{
	size_t from = ++p->at;
	while (p->at < p->text.n && p->text.p[p->at] != '"')
		p->at += p->text.p[p->at] == '\\' ? 2 : 1;
	if (p->at >= p->text.n)
		return false;
	*s = text_of(p->text.p + from, p->at++ - from);
	return true;
}

static bool take_word(struct parser *p, struct text *s)
{
	size_t from = p->at;
	while (p->at < p->text.n && !strchr(" \t\r\n,;:={}[]()\"#", p->text.p[p->at]))
		p->at++;
	*s = text_of(p->text.p + from, p->at - from);
	return s->n > 0;
}

/* Whether a scalar that has just been taken is the name of what follows. */
static bool is_key(struct parser *p)
{
	size_t before = p->at;
	skip_blank(p);
	if (peek(p, 0) == '=' || peek(p, 0) == ':') {
		p->at++;
		return true;
	}
	p->at = before;
	return false;
}

static bool take_scalar(struct parser *p, struct text *key)
{
	struct text s;
	bool string = peek(p, 0) == '"';
	if (!(string ? take_string(p, &s) : take_word(p, &s)))
		return false;
	if (is_key(p)) {
		*key = s;
		return true;
	}
	p->fn(p->self, SETTINGS_VALUE, p->depth, *key, s);
	*key = TEXT_NONE;
	return true;
}

bool settings_parse(struct text text, settings_fn *fn, void *self)
{
	struct parser p = { .text = text, .fn = fn, .self = self };
	struct text key = TEXT_NONE;
	for (skip_blank(&p); p.at < p.text.n; skip_blank(&p)) {
		char c = p.text.p[p.at];
		if (c == '{' || c == '[' || c == '(') {
			if (p.depth == SETTINGS_DEPTH)
				return false;
			fn(self, SETTINGS_OPEN, p.depth++, key, TEXT_NONE);
			key = TEXT_NONE;
			p.at++;
		} else if (c == '}' || c == ']' || c == ')') {
			if (p.depth == 0)
				return false;
			fn(self, SETTINGS_CLOSE, --p.depth, TEXT_NONE, TEXT_NONE);
			key = TEXT_NONE;
			p.at++;
		} else if (!take_scalar(&p, &key)) {
			return false;
		}
	}
	return p.depth == 0;
}

bool settings_is_true(struct text value)
{
	return text_is(value, "1") || (value.n == 4 && strncasecmp(value.p, "true", 4) == 0);
}
