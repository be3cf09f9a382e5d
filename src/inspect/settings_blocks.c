/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration files with blocks: nginx, lighttpd, Apache and ProFTPD, xinetd and wpa_supplicant. */
#include "inspect/settings.h"

struct cursor {
	struct text t;
	size_t at;
	int64_t line;
};

static char peek(const struct cursor *c)
{
	return c->at < c->t.n ? c->t.p[c->at] : '\0';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

static void step(struct cursor *c)
{
	if (c->at < c->t.n)
		c->line += c->t.p[c->at++] == '\n';
}

static void skip_to_line_end(struct cursor *c)
{
	while (c->at < c->t.n && c->t.p[c->at] != '\n')
		c->at++;
}

/* White space and comments. `lines`: also over the ends of lines. */
static void skip_space(struct cursor *c, bool lines)
{
	while (c->at < c->t.n) {
		char x = peek(c);
		if (x == '#')
			skip_to_line_end(c);
		else if (is_space(x) && (lines || x != '\n'))
			step(c);
		else
			return;
	}
}

/* Over a quoted string with its quotes; `\` takes the next character with it. */
static void skip_string(struct cursor *c)
{
	char quote = peek(c);
	step(c);
	while (c->at < c->t.n && peek(c) != quote) {
		if (peek(c) == '\\')
			step(c);
		step(c);
	}
	step(c);
}

static struct text since(const struct cursor *c, size_t from)
{
	return text_of(c->t.p + from, c->at - from);
}

/* White space between words becomes one blank; comments go. */
static struct text collapsed(struct settings *s, struct text t)
{
	char *out = arena_alloc(s->arena, t.n + 1, 1);
	struct cursor c = { .t = t };
	size_t n = 0;
	if (!out)
		return t;
	skip_space(&c, true);
	while (c.at < t.n) {
		size_t from = c.at;
		if (peek(&c) == '"' || peek(&c) == '\'')
			skip_string(&c);
		else
			step(&c);
		memcpy(out + n, t.p + from, c.at - from);
		n += c.at - from;
		from = c.at;
		skip_space(&c, true);
		if (c.at > from && c.at < t.n)
			out[n++] = ' ';
	}
	return text_of(out, n);
}

/* ---- nginx: ngx_conf_file.c, ngx_conf_read_token() ---- */

static struct text nginx_word(struct cursor *c)
{
	size_t from = c->at;
	if (peek(c) == '"' || peek(c) == '\'') {
		skip_string(c);
		return since(c, from);
	}
	while (c->at < c->t.n && !is_space(peek(c)) && peek(c) != ';' && peek(c) != '{') {
		if (peek(c) == '\\' || (peek(c) == '$' && c->at + 1 < c->t.n && c->t.p[c->at + 1] == '{'))
			step(c);
		step(c);
	}
	return since(c, from);
}

/* The body of a block of another language, whose braces are balanced. */
static void skip_body(struct cursor *c)
{
	unsigned depth = 1;
	while (c->at < c->t.n && depth) {
		char x = peek(c);
		depth += x == '{';
		depth -= x == '}';
		step(c);
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
	for (skip_space(&c, true); c.at < c.t.n && !s->full; skip_space(&c, true)) {
		if (peek(&c) == '}' || peek(&c) == ';') {
			if (peek(&c) == '}')
				settings_close(s, &b);
			step(&c);
			continue;
		}
		int64_t line = c.line;
		struct text key = nginx_word(&c);
		skip_space(&c, true);
		size_t from = c.at;
		while (c.at < c.t.n && peek(&c) != ';' && peek(&c) != '{') {
			size_t before = c.at;
			(void)nginx_word(&c);
			skip_space(&c, true);
			if (c.at == before)
				step(&c);
		}
		struct text value = collapsed(s, since(&c, from));
		bool block = peek(&c) == '{';
		step(&c);
		if (block)
			open_nginx_block(s, &c, &b, &counts, key, value);
		else
			add_nginx(s, &b, line, key, value);
	}
}

/* ---- lighttpd: configfile.c, configparser.y ---- */

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
		char x = peek(c);
		if (x == '#') {
			skip_to_line_end(c);
			continue;
		}
		if (x == '\n' && depth == 0 && !plus)
			break;
		if (x == '}' && depth == 0)
			break;
		if (x == '"' || x == '\'') {
			skip_string(c);
			plus = false;
			end = c->at;
			continue;
		}
		depth += x == '(';
		depth -= x == ')' && depth > 0;
		plus = x == '+' || (plus && is_space(x));
		step(c);
		if (!is_space(x))
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
	for (skip_space(&c, true); known && c.at < written.n; skip_space(&c, true)) {
		size_t from = c.at;
		struct text term;
		if (peek(&c) == '"') {
			skip_string(&c);
			term = shell_unquoted(since(&c, from));
		} else {
			while (is_key(peek(&c)))
				step(&c);
			term = lighttpd_variable(s, since(&c, from));
			known = text_starts(since(&c, from), "var.") && term.p;
		}
		if (known)
			all = all.p ? text_c(arena_printf(s->arena, "%.*s%.*s", (int)all.n, all.p, (int)term.n, term.p)) : term;
		skip_space(&c, true);
		known = known && (c.at == written.n || peek(&c) == '+');
		step(&c);
	}
	return known && all.p ? all : collapsed(s, written);
}

static void read_lighttpd_condition(struct settings *s, struct cursor *c, struct settings_blocks *b)
{
	size_t from = c->at;
	while (c->at < c->t.n && peek(c) != '{' && peek(c) != '\n') {
		if (peek(c) == '"' && !(c->at > from && c->t.p[c->at - 1] == '\\'))
			skip_string(c);
		else
			step(c);
	}
	struct text condition = collapsed(s, since(c, from));
	skip_space(c, true);
	if (peek(c) == '{') {
		settings_open(s, b, condition);
		step(c);
	}
}

static void read_lighttpd_setting(struct settings *s, struct cursor *c, const struct settings_blocks *b)
{
	int64_t line = c->line;
	size_t from = c->at;
	while (is_key(peek(c)))
		step(c);
	struct text key = since(c, from);
	if (key.n == 0) {
		step(c);
		return;
	}
	skip_space(c, false);
	bool adds = peek(c) == '+', sets = peek(c) == ':';
	if (adds || sets)
		step(c);
	if (peek(c) == '=')
		step(c);
	skip_space(c, false);
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
	for (skip_space(&c, true); c.at < c.t.n && !s->full; skip_space(&c, true)) {
		if (peek(&c) == '}') {
			settings_close(s, &b);
			step(&c);
		} else if (peek(&c) == '$' ||
				   (span_has(span_of(c.t.p, c.t.n), c.at, "else", 4) && c.at + 4 < c.t.n && !is_key(c.t.p[c.at + 4]))) {
			read_lighttpd_condition(s, &c, &b);
		} else {
			read_lighttpd_setting(s, &c, &b);
		}
	}
}

/* ---- Apache, ProFTPD: <Block argument>, directive, "\" at the end of a line that goes on ---- */

static struct text whole_directive(struct settings *s, struct settings_lines *l)
{
	struct text t = l->text;
	for (unsigned i = 0; i < 256 && text_ends(t, "\\"); i++) {
		struct text head = text_of(t.p, t.n - 1);
		if (!settings_next_line(l))
			return head;
		char *both = arena_printf(s->arena, "%.*s %.*s", (int)head.n, head.p, (int)l->text.n, l->text.p);
		if (!both)
			return head;
		t = shell_trim(text_c(both));
	}
	return t;
}

/* What only says how files look and what they are called. */
static bool is_presentation(struct text key)
{
	static const char words[] = "addicon addiconbytype addiconbyencoding addlanguage addtype addcharset addencoding "
								"adddescription defaulticon languagepriority forcelanguagepriority proxyhtmllinks "
								"proxyhtmlevents browsermatch browsermatchnocase indexignore removetype logformat";
	return settings_in_words(words, key, true);
}

void settings_read_apache(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	struct settings_blocks b = { .path = TEXT_LIT("") };
	while (!s->full && settings_next_line(&l)) {
		int64_t line = l.line;
		if (l.text.n == 0 || l.text.p[0] == '#')
			continue;
		struct text t = whole_directive(s, &l);
		if (text_starts(t, "</")) {
			settings_close(s, &b);
		} else if (text_starts(t, "<")) {
			const char *end = memchr(t.p, '>', t.n);
			settings_open(s, &b, shell_trim(text_of(t.p + 1, end ? (size_t)(end - t.p) - 1 : t.n - 1)));
		} else {
			struct text key = shell_field(&t);
			s->includes |= settings_in_words("include includeoptional", key, true);
			if (!is_presentation(key))
				settings_add(s, line, b.path, key, shell_unquoted(shell_trim(t)));
		}
	}
}

/* BusyBox's lines are WORD:VALUE without white space before the colon. */
void settings_read_httpd(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	while (settings_next_line(&l)) {
		if (l.text.n == 0 || l.text.p[0] == '#')
			continue;
		struct text rest = l.text, first = shell_field(&rest);
		if (first.p[0] != '<' && memchr(first.p, ':', first.n))
			settings_read_colons(s);
		else
			settings_read_apache(s);
		return;
	}
}

/* ---- xinetd.conf(5), wpa_supplicant.conf(5) ---- */

static void open_braces(struct settings *s, struct settings_blocks *b, struct text name, unsigned *n)
{
	bool assigned = text_ends(name, "=");
	if (!assigned) {
		settings_open(s, b, name);
		return;
	}
	name = shell_trim(text_of(name.p, name.n - 1));
	bool counted = text_is(name, "network") || text_is(name, "cred");
	char *numbered =
		counted ? arena_printf(s->arena, "%.*s[%u]", (int)name.n, name.p, n[text_is(name, "cred")]++) : NULL;
	settings_open(s, b, numbered ? text_c(numbered) : name);
}

void settings_read_braces(struct settings *s)
{
	struct settings_lines l = settings_lines(s->source);
	struct settings_blocks b = { .path = TEXT_LIT("") };
	struct text pending = TEXT_LIT(""), key, value;
	unsigned counts[2] = { 0, 0 };
	while (!s->full && settings_next_line(&l)) {
		if (l.text.n == 0 || l.text.p[0] == '#')
			continue;
		if (text_is(l.text, "}")) {
			settings_close(s, &b);
		} else if (text_ends(l.text, "{")) {
			struct text name = shell_trim(text_of(l.text.p, l.text.n - 1));
			open_braces(s, &b, name.n ? name : pending, counts);
		} else if (b.depth && text_starts(b.names[b.depth - 1], "blob-")) {
			continue; /* Base64 */
		} else if (settings_split(l.text, '=', &key, &value)) {
			bool adds = text_ends(key, "+") || text_ends(key, "-");
			if (adds)
				key = shell_trim(text_of(key.p, key.n - 1));
			struct setting *row = settings_add(s, l.line, b.path, key, shell_unquoted(value));
			if (row)
				row->adds = adds;
		} else {
			pending = l.text;
			s->includes |= text_starts(pending, "include");
		}
	}
}
