/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/shell.h"

#include <stdint.h>

/* Quotes within substitutions within quotes ... : deeper ones count as never closed. */
#define NESTING_MAX 64u

static bool is_meta(char c)
{
	return shell_blank(c) || c == '\n' || c == ';' || c == '&' || c == '|' || c == '<' || c == '>' || c == '(' ||
		   c == ')';
}

static char char_at(struct text s, size_t at)
{
	return at < s.n ? s.p[at] : '\0';
}

/* Whether something begins at `at` that shell_skip_nested() passes over. */
static bool shell_opens(struct text s, size_t at)
{
	char c = char_at(s, at), next = char_at(s, at + 1);
	return c == '\'' || c == '"' || c == '`' || (c == '$' && (next == '(' || next == '{'));
}

struct nesting {
	char open[NESTING_MAX];
	size_t depth;
	bool too_deep;
};

static void push(struct nesting *n, char c)
{
	if (n->depth == NESTING_MAX)
		n->too_deep = true;
	else
		n->open[n->depth++] = c;
}

static size_t skip_line(struct text s, size_t at)
{
	const char *end = at < s.n ? memchr(s.p + at, '\n', s.n - at) : NULL;
	return end ? (size_t)(end - s.p) : s.n;
}

/* One character, or a two-character opening; gives where the next one is. */
static size_t step(struct text s, size_t at, struct nesting *n)
{
	char inside = n->depth ? n->open[n->depth - 1] : '\0', c = s.p[at];
	if (inside == '\'') {
		n->depth -= c == '\'';
	} else if (inside == '`' && c != '`' && c != '\\') {
		; /* to the next backquote, whatever quotes stand within (XCU 2.2.3, 2.6.3) */
	} else if (c == '\\') {
		return at + 2;
	} else if (c == '"' || c == '`') {
		if (inside == c)
			n->depth--;
		else
			push(n, c);
	} else if (c == '\'' && inside != '"') {
		push(n, c);
	} else if (c == '$' && (char_at(s, at + 1) == '(' || char_at(s, at + 1) == '{')) {
		push(n, s.p[at + 1]);
		return at + 2;
	} else if (inside == '(' && c == '#' && at > 0 && (shell_blank(s.p[at - 1]) || s.p[at - 1] == '\n')) {
		return skip_line(s, at);
	} else if (inside == '(' && c == '(') {
		push(n, '(');
	} else if ((inside == '(' && c == ')') || (inside == '{' && c == '}')) {
		n->depth--;
	}
	return at + 1;
}

bool shell_is_process(struct text s, size_t at)
{
	return (char_at(s, at) == '<' || char_at(s, at) == '>') && char_at(s, at + 1) == '(';
}

size_t shell_skip_nested(struct text s, size_t at)
{
	struct nesting n = { .depth = 0 };
	if (shell_is_process(s, at)) {
		push(&n, '(');
		at += 2;
	}
	do {
		at = step(s, at, &n);
	} while (n.depth && !n.too_deep && at < s.n);
	return n.depth || n.too_deep || at > s.n ? SIZE_MAX : at;
}

struct text shell_unquoted(struct text word)
{
	if (word.n >= 2 && (word.p[0] == '"' || word.p[0] == '\'') && word.p[word.n - 1] == word.p[0])
		return text_of(word.p + 1, word.n - 2);
	return word;
}

struct text shell_trim(struct text t)
{
	return text_trim(t, " \t\r\n");
}

struct text shell_field(struct text *rest)
{
	size_t from = 0;
	if (!rest->p)
		return TEXT_NONE;
	while (from < rest->n && shell_blank(rest->p[from]))
		from++;
	size_t to = from;
	while (to < rest->n && !shell_blank(rest->p[to]))
		to++;
	struct text field = text_of(rest->p + from, to - from);
	*rest = text_of(rest->p + to, rest->n - to);
	return field;
}

bool shell_line(struct text *rest, struct text *line)
{
	return text_take_line(rest, line);
}

void shell_begin(struct shell_lexer *lexer, struct text source, int64_t line)
{
	*lexer = (struct shell_lexer){ .source = source, .line = line };
}

/* Passes over white space, comments and continued lines. */
static void skip_blanks(struct shell_lexer *l)
{
	for (;;) {
		char c = char_at(l->source, l->at);
		if (l->at < l->source.n && shell_blank(c)) {
			l->at++;
		} else if (c == '\\' && char_at(l->source, l->at + 1) == '\n') {
			l->at += 2;
			l->line++;
		} else if (c == '#') {
			l->at = skip_line(l->source, l->at);
		} else {
			return;
		}
	}
}

/* From l->at to behind the word that begins there. */
static void skip_word(struct shell_lexer *l)
{
	struct text s = l->source;
	while (l->at < s.n && !is_meta(s.p[l->at])) {
		if (s.p[l->at] == '\\') {
			l->at += l->at + 1 < s.n ? 2 : 1;
		} else if (shell_opens(s, l->at)) {
			size_t end = shell_skip_nested(s, l->at);
			l->broken = end == SIZE_MAX;
			l->at = l->broken ? s.n : end;
		} else {
			l->at++;
		}
	}
}

/* From l->at to behind the process substitution that begins there. */
static void skip_process(struct shell_lexer *l)
{
	size_t end = shell_skip_nested(l->source, l->at);
	l->broken = end == SIZE_MAX;
	l->at = l->broken ? l->source.n : end;
}

static size_t operator_length(struct text s, size_t at)
{
	char c = s.p[at], next = char_at(s, at + 1);
	if (c == ';' && next == ';')
		return char_at(s, at + 2) == '&' ? 3 : 2;
	if (c == ';' && next == '&')
		return 2;
	if ((c == '&' || c == '|') && (next == c || (c == '|' && next == '&')))
		return 2;
	return 1;
}

/* The length of a redirection operator at `at`, with the number before it; 0 when there is none. */
static size_t redirect_length(struct text s, size_t at)
{
	size_t i = at;
	while (i < s.n && i - at < 4 && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	if (i == at && char_at(s, i) == '&' && char_at(s, i + 1) == '>')
		i++;
	char c = char_at(s, i);
	if ((c != '<' && c != '>') || char_at(s, i + 1) == '(')
		return 0;
	size_t n = 1;
	while (n < 3 && char_at(s, i + n) == c)
		n++;
	char next = char_at(s, i + n);
	if (next == '&' || (n == 1 && (next == '|' || next == '>')) || (c == '<' && n == 2 && next == '-'))
		n++;
	return i + n - at;
}

static void take_redirect(struct shell_lexer *l, size_t length)
{
	struct text op = text_of(l->source.p + l->at, length);
	l->at += length;
	while (l->at < l->source.n && shell_blank(l->source.p[l->at]))
		l->at++;
	size_t from = l->at;
	if (shell_is_process(l->source, from))
		skip_process(l);
	else
		skip_word(l);
	bool tabs = text_ends(op, "<<-");
	if (!tabs && (!text_ends(op, "<<") || text_ends(op, "<<<")))
		return;
	if (l->nheredocs == SHELL_HEREDOCS) { /* where its text ends is not known: nothing behind it is a command */
		l->broken = true;
		return;
	}
	l->heredoc_tabs[l->nheredocs] = tabs;
	l->heredocs[l->nheredocs++] = text_of(l->source.p + from, l->at - from);
}

/* The delimiter as it must stand on its line: quotes around it, or a backslash before it, are taken away. */
static struct text heredoc_end(struct text delimiter)
{
	if (delimiter.n && delimiter.p[0] == '\\')
		return text_of(delimiter.p + 1, delimiter.n - 1);
	return shell_unquoted(delimiter);
}

/* The delimiter alone on its line (XCU 2.7.4); DOS line ends count as none. */
static bool is_heredoc_end(struct text line, struct text end, bool tabs)
{
	while (tabs && line.n && line.p[0] == '\t')
		line = text_of(line.p + 1, line.n - 1);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return text_eq(line, end);
}

static void skip_heredocs(struct shell_lexer *l)
{
	for (unsigned i = 0; i < l->nheredocs; i++) {
		struct text end = heredoc_end(l->heredocs[i]), line;
		struct text rest = text_of(l->source.p + l->at, l->source.n - l->at);
		bool found = false;
		size_t body = l->at, size = 0;
		l->body_lines[i] = l->line;
		while (!found && shell_line(&rest, &line)) {
			l->line++;
			found = is_heredoc_end(line, end, l->heredoc_tabs[i]);
			if (!found)
				size = l->source.n - rest.n - body;
		}
		l->bodies[i] = text_of(l->source.p + body, size);
		l->at = l->source.n - rest.n;
	}
	l->nheredocs = 0;
}

static int64_t count_lines(struct text s, size_t from, size_t to)
{
	int64_t n = 0;
	for (size_t i = from; i < to; i++)
		n += s.p[i] == '\n';
	return n;
}

void shell_next(struct shell_lexer *l, struct shell_token *t)
{
	skip_blanks(l);
	*t = (struct shell_token){ .kind = SHELL_END, .text = TEXT_LIT(""), .line = l->line };
	if (l->at >= l->source.n)
		return;
	size_t from = l->at, redirect = redirect_length(l->source, from);
	char c = l->source.p[from];
	if (c == '\n') {
		t->kind = SHELL_NEWLINE;
		l->at++;
		l->line++;
		skip_heredocs(l);
		return;
	}
	if (redirect) {
		t->kind = SHELL_REDIRECT;
		take_redirect(l, redirect);
	} else if (is_meta(c) && c != '<' && c != '>') {
		t->kind = SHELL_OPERATOR;
		l->at += operator_length(l->source, from);
	} else if (shell_is_process(l->source, from)) {
		t->kind = SHELL_WORD;
		skip_process(l);
	} else if (is_meta(c)) {
		t->kind = SHELL_WORD;
		l->at++;
	} else {
		t->kind = SHELL_WORD;
		skip_word(l);
	}
	t->text = text_of(l->source.p + from, l->at - from);
	l->line += count_lines(l->source, from, l->at);
	if (l->broken)
		t->kind = SHELL_END;
}

struct text shell_input(const struct shell_lexer *lexer, const struct shell_token *redirect, int64_t *line)
{
	struct text t = redirect->text;
	size_t n = 0;
	while (n < t.n && t.p[n] == '<')
		n++;
	*line = redirect->line;
	if (redirect->kind != SHELL_REDIRECT || n < 2)
		return TEXT_NONE;
	if (n == 3)
		return shell_trim(text_of(t.p + n, t.n - n));
	struct shell_lexer ahead = *lexer;
	struct shell_token token;
	unsigned which = lexer->nheredocs - 1;
	if (lexer->nheredocs == 0 || lexer->broken)
		return TEXT_NONE;
	do {
		shell_next(&ahead, &token);
	} while (token.kind != SHELL_NEWLINE && token.kind != SHELL_END);
	*line = ahead.body_lines[which];
	return token.kind == SHELL_NEWLINE ? ahead.bodies[which] : TEXT_NONE;
}
