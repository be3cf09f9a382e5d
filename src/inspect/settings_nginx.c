/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nginx: ngx_conf_file.c, ngx_conf_read_token(). */
#include "inspect/settings_cursor.h"

static struct text nginx_word(struct cursor *c)
{
	size_t from = c->at;
	if (cursor_peek(c) == '"' || cursor_peek(c) == '\'') {
		cursor_skip_string(c);
		return cursor_since(c, from);
	}
	while (c->at < c->t.n && !cursor_is_space(cursor_peek(c)) && cursor_peek(c) != ';' && cursor_peek(c) != '{') {
		if (cursor_peek(c) == '\\' || (cursor_peek(c) == '$' && c->at + 1 < c->t.n && c->t.p[c->at + 1] == '{'))
			cursor_step(c);
		cursor_step(c);
	}
	return cursor_since(c, from);
}

/* The body of a block of another language, whose braces are balanced. */
static void skip_body(struct cursor *c)
{
	unsigned depth = 1;
	while (c->at < c->t.n && depth) {
		char x = cursor_peek(c);
		depth += x == '{';
		depth -= x == '}';
		cursor_step(c);
	}
}

struct nginx_counts {
	unsigned servers[SETTINGS_NESTED + 1];
};

static void open_nginx_block(struct settings *s, struct cursor *c, struct settings_blocks *b,
							 struct nginx_counts *counts, struct text key, struct text arguments)
{
	if (text_ends(key, "_by_lua_block")) {
		skip_body(c);
		return;
	}
	char *name = NULL;
	if (arguments.n)
		name = arena_printf(s->arena, "%.*s %.*s", (int)key.n, key.p, (int)(arguments.n < 256 ? arguments.n : 256),
							arguments.p);
	else if (text_is(key, "server"))
		name = arena_printf(s->arena, "server[%u]", counts->servers[b->depth]++);
	settings_open(s, b, name ? text_c(name) : key);
	counts->servers[b->depth] = 0;
}

static void add_nginx(struct settings *s, const struct settings_blocks *b, int64_t line, struct text key,
					  struct text value)
{
	bool in_list =
		b->depth && (text_starts(b->names[b->depth - 1], "types") || text_starts(b->names[b->depth - 1], "map "));
	if (in_list)
		return; /* media types, look-up tables */
	s->includes |= text_is(key, "include") && !text_ends(value, "mime.types") && !text_ends(value, "_params");
	settings_add(s, line, b->path, key, shell_unquoted(value));
}

void settings_read_nginx(struct settings *s)
{
	struct cursor c = { .t = s->source, .line = 1 };
	struct settings_blocks b = { .path = TEXT_LIT("") };
	struct nginx_counts counts = { { 0 } };
	for (cursor_skip_space(&c, true); c.at < c.t.n && !s->full; cursor_skip_space(&c, true)) {
		if (cursor_peek(&c) == '}' || cursor_peek(&c) == ';') {
			if (cursor_peek(&c) == '}')
				settings_close(s, &b);
			cursor_step(&c);
			continue;
		}
		int64_t line = c.line;
		struct text key = nginx_word(&c);
		cursor_skip_space(&c, true);
		size_t from = c.at;
		while (c.at < c.t.n && cursor_peek(&c) != ';' && cursor_peek(&c) != '{') {
			size_t before = c.at;
			(void)nginx_word(&c);
			cursor_skip_space(&c, true);
			if (c.at == before)
				cursor_step(&c);
		}
		struct text value = settings_collapsed(s, cursor_since(&c, from));
		bool block = cursor_peek(&c) == '{';
		cursor_step(&c);
		if (block)
			open_nginx_block(s, &c, &b, &counts, key, value);
		else
			add_nginx(s, &b, line, key, value);
	}
}
