/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lighttpd: configfile.c, configparser.y. */
#include "inspect/settings_cursor.h"

static bool is_key(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
		   c == '_';
}

/* To the end of an expression: of the line, unless a parenthesis is open or "+" says that it goes on. */
static struct text lighttpd_expression(struct cursor *c)
{
	size_t from = c->at, end = from;
	unsigned depth = 0;
	bool plus = false;
	while (c->at < c->t.n) {
		char x = cursor_peek(c);
		if (x == '#') {
			cursor_skip_line(c);
			continue;
		}
		if (x == '\n' && depth == 0 && !plus)
			break;
		if (x == '}' && depth == 0)
			break;
		if (x == '"' || x == '\'') {
			cursor_skip_string(c);
			plus = false;
			end = c->at;
			continue;
		}
		depth += x == '(';
		depth -= x == ')' && depth > 0;
		plus = x == '+' || (plus && cursor_is_space(x));
		cursor_step(c);
		if (!cursor_is_space(x))
			end = c->at;
	}
	return text_of(c->t.p + from, end - from);
}

/* The value that a variable has so far. */
static struct text lighttpd_variable(const struct settings *s, struct text name)
{
	for (size_t i = s->n, tries = 0; i > 0 && tries < 256; i--, tries++)
		if (text_eq(s->rows[i - 1].key, name))
			return s->rows[i - 1].value;
	return TEXT_NONE;
}

/* Strings and variables that "+" joins; anything else as it is written. */
static struct text lighttpd_value(struct settings *s, struct text written)
{
	struct cursor c = { .t = written };
	struct text all = TEXT_NONE;
	bool known = written.n && !memchr(written.p, '(', written.n);
	for (cursor_skip_space(&c, true); known && c.at < written.n; cursor_skip_space(&c, true)) {
		size_t from = c.at;
		struct text term;
		if (cursor_peek(&c) == '"') {
			cursor_skip_string(&c);
			term = shell_unquoted(cursor_since(&c, from));
		} else {
			while (is_key(cursor_peek(&c)))
				cursor_step(&c);
			term = lighttpd_variable(s, cursor_since(&c, from));
			known = text_starts(cursor_since(&c, from), "var.") && term.p;
		}
		if (known)
			all = all.p ? text_c(arena_printf(s->arena, "%.*s%.*s", (int)all.n, all.p, (int)term.n, term.p)) : term;
		cursor_skip_space(&c, true);
		known = known && (c.at == written.n || cursor_peek(&c) == '+');
		cursor_step(&c);
	}
	return known && all.p ? all : settings_collapsed(s, written);
}

static void read_lighttpd_condition(struct settings *s, struct cursor *c, struct settings_blocks *b)
{
	size_t from = c->at;
	while (c->at < c->t.n && cursor_peek(c) != '{' && cursor_peek(c) != '\n') {
		if (cursor_peek(c) == '"' && !(c->at > from && c->t.p[c->at - 1] == '\\'))
			cursor_skip_string(c);
		else
			cursor_step(c);
	}
	struct text condition = settings_collapsed(s, cursor_since(c, from));
	cursor_skip_space(c, true);
	if (cursor_peek(c) == '{') {
		settings_open(s, b, condition);
		cursor_step(c);
	}
}

static void read_lighttpd_setting(struct settings *s, struct cursor *c, const struct settings_blocks *b)
{
	int64_t line = c->line;
	size_t from = c->at;
	while (is_key(cursor_peek(c)))
		cursor_step(c);
	struct text key = cursor_since(c, from);
	if (key.n == 0) {
		cursor_step(c);
		return;
	}
	cursor_skip_space(c, false);
	bool adds = cursor_peek(c) == '+', sets = cursor_peek(c) == ':';
	if (adds || sets)
		cursor_step(c);
	if (cursor_peek(c) == '=')
		cursor_step(c);
	cursor_skip_space(c, false);
	struct text value = lighttpd_value(s, lighttpd_expression(c));
	s->includes |= text_starts(key, "include");
	if (text_is(key, "server.dir-listing")) /* its former name */
		key = TEXT_LIT("dir-listing.activate");
	struct setting *row = settings_add(s, line, b->path, key, value);
	if (row)
		row->adds = adds;
}

void settings_read_lighttpd(struct settings *s)
{
	struct cursor c = { .t = s->source, .line = 1 };
	struct settings_blocks b = { .path = TEXT_LIT("") };
	for (cursor_skip_space(&c, true); c.at < c.t.n && !s->full; cursor_skip_space(&c, true)) {
		if (cursor_peek(&c) == '}') {
			settings_close(s, &b);
			cursor_step(&c);
		} else if (cursor_peek(&c) == '$' ||
				   (span_has(span_of(c.t.p, c.t.n), c.at, "else", 4) && c.at + 4 < c.t.n && !is_key(c.t.p[c.at + 4]))) {
			read_lighttpd_condition(s, &c, &b);
		} else {
			read_lighttpd_setting(s, &c, &b);
		}
	}
	/* lighttpd does not start without: what web applications bring along is included by the server's own file */
	s->snippet = !s->includes;
	for (size_t i = 0; i < s->n; i++)
		if (text_is(s->rows[i].key, "server.document-root"))
			s->snippet = false;
}
