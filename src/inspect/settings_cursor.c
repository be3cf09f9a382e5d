/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/settings_cursor.h"

char cursor_peek(const struct cursor *c)
{
	return c->at < c->t.n ? c->t.p[c->at] : '\0';
}

bool cursor_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

void cursor_step(struct cursor *c)
{
	if (c->at < c->t.n)
		c->line += c->t.p[c->at++] == '\n';
}

void cursor_skip_line(struct cursor *c)
{
	while (c->at < c->t.n && c->t.p[c->at] != '\n')
		c->at++;
}

void cursor_skip_space(struct cursor *c, bool lines)
{
	while (c->at < c->t.n) {
		char x = cursor_peek(c);
		if (x == '#')
			cursor_skip_line(c);
		else if (cursor_is_space(x) && (lines || x != '\n'))
			cursor_step(c);
		else
			return;
	}
}

void cursor_skip_string(struct cursor *c)
{
	char quote = cursor_peek(c);
	cursor_step(c);
	while (c->at < c->t.n && cursor_peek(c) != quote) {
		if (cursor_peek(c) == '\\')
			cursor_step(c);
		cursor_step(c);
	}
	cursor_step(c);
}

struct text cursor_since(const struct cursor *c, size_t from)
{
	return text_of(c->t.p + from, c->at - from);
}

struct text settings_collapsed(struct settings *s, struct text t)
{
	char *out = arena_alloc(s->arena, t.n + 1, 1);
	struct cursor c = { .t = t };
	size_t n = 0;
	if (!out)
		return t;
	cursor_skip_space(&c, true);
	while (c.at < t.n) {
		size_t from = c.at;
		if (cursor_peek(&c) == '"' || cursor_peek(&c) == '\'')
			cursor_skip_string(&c);
		else
			cursor_step(&c);
		memcpy(out + n, t.p + from, c.at - from);
		n += c.at - from;
		from = c.at;
		cursor_skip_space(&c, true);
		if (c.at > from && c.at < t.n)
			out[n++] = ' ';
	}
	return text_of(out, n);
}
