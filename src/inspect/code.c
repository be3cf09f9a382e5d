/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lexical grammar: Lua 5.4 Reference Manual 3.1, PHP Language Specification 09, The Python Language Reference 2,
 * perlop(1) "Quote and Quote-like Operators" and perlpod(1). */
#include "base/ascii.h"
#include "inspect/code.h"

#include <stdlib.h>

/* After so many here-documents without an end, none is looked for any more. */
#define UNENDED_MAX 8u

struct lexer {
	struct text s;
	size_t at;
	int64_t line;
	size_t line_start;
	unsigned depth;   /* of brackets: Python */
	size_t heredoc;   /* where the bodies of the here-documents of this line end; 0: there are none */
	unsigned unended; /* here-documents that never end */
	bool html;        /* outside of <?php ?> */
	bool fresh;       /* nothing stood on this line yet */
	bool operand;     /* an operand stood before: "/" divides */
	const struct code_language *language;
};

static char at(const struct lexer *l, size_t i)
{
	return i < l->s.n ? l->s.p[i] : '\0';
}

static bool starts(const struct lexer *l, size_t i, const char *w)
{
	for (; *w; w++, i++)
		if (at(l, i) != *w)
			return false;
	return true;
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static size_t find(const struct lexer *l, size_t from, const char *w)
{
	size_t n = strlen(w);
	const char *p = from < l->s.n ? memmem(l->s.p + from, l->s.n - from, w, n) : NULL;
	return p ? (size_t)(p - l->s.p) : l->s.n;
}

static void advance(struct lexer *l, size_t to)
{
	to = to < l->s.n ? to : l->s.n;
	for (; l->at < to; l->at++)
		if (l->s.p[l->at] == '\n') {
			l->line++;
			l->line_start = l->at + 1;
		}
}

/* [[, [=[ ...: the level plus one; 0: none begins here. */
static size_t long_bracket(const struct lexer *l, size_t i)
{
	size_t n = 1;
	if (at(l, i) != '[')
		return 0;
	while (at(l, i + n) == '=')
		n++;
	return at(l, i + n) == '[' ? n : 0;
}

static size_t long_end(const struct lexer *l, size_t i, size_t level)
{
	for (size_t k = i; k < l->s.n; k++) {
		const char *p = memchr(l->s.p + k, ']', l->s.n - k);
		if (!p)
			return l->s.n;
		k = (size_t)(p - l->s.p);
		size_t n = 1;
		while (n < level && at(l, k + n) == '=')
			n++;
		if (n == level && at(l, k + n) == ']')
			return k;
		k += n - 1;
	}
	return l->s.n;
}

static size_t line_end(const struct lexer *l, size_t from)
{
	return find(l, from, "\n");
}

/* A comment that begins here is passed over. */
static bool skip_comment(struct lexer *l)
{
	unsigned f = l->language->features;
	if ((f & CODE_LUA) && starts(l, l->at, "--") && long_bracket(l, l->at + 2)) {
		size_t level = long_bracket(l, l->at + 2);
		advance(l, long_end(l, l->at + 2, level) + level + 1);
		return true;
	}
	if ((f & CODE_PHP) && starts(l, l->at, "/*")) {
		advance(l, find(l, l->at + 2, "*/") + 2);
		return true;
	}
	if ((f & CODE_PERL) && l->at == l->line_start && at(l, l->at) == '=' && is_alpha(at(l, l->at + 1))) {
		size_t cut = find(l, l->at, "\n=cut");
		advance(l, cut == l->s.n ? cut : line_end(l, cut + 1));
		return true;
	}
	for (size_t i = 0; i < 3 && l->language->line_comments[i]; i++)
		if (starts(l, l->at, l->language->line_comments[i])) {
			size_t end = line_end(l, l->at);
			const char *tag = f & CODE_PHP ? memmem(l->s.p + l->at, end - l->at, "?>", 2) : NULL;
			advance(l, tag ? (size_t)(tag - l->s.p) : end);
			return true;
		}
	return false;
}

/* The end of a string with backslashes, at its delimiter. */
static size_t quoted_end(const struct lexer *l, size_t i, char quote)
{
	while (i < l->s.n && l->s.p[i] != quote)
		i += l->s.p[i] == '\\' ? 2 : 1;
	return i < l->s.n ? i : l->s.n;
}

static void take_string(struct lexer *l, struct code_token *t, size_t from, size_t end, size_t delimiter)
{
	t->kind = CODE_STRING;
	t->text = text_of(l->s.p + from, end - from);
	advance(l, end + delimiter);
}

static char closing(char c)
{
	return c == '(' ? ')' : c == '[' ? ']' : c == '{' ? '}' : c == '<' ? '>' : c;
}

/* The end of Perl's own delimiters, which nest when they are brackets. */
static size_t delimited_end(const struct lexer *l, size_t i, char open)
{
	char close = closing(open);
	size_t depth = 1;
	for (; i < l->s.n; i++) {
		char c = l->s.p[i];
		if (c == '\\')
			i++;
		else if (c == close && --depth == 0)
			return i;
		else if (c == open && open != close)
			depth++;
	}
	return l->s.n;
}

static size_t skip_space(const struct lexer *l, size_t i)
{
	while (at(l, i) == ' ' || at(l, i) == '\t')
		i++;
	return i;
}

/* q(), qq{}, qw(), qx``, m//, qr//, s///, tr///, y/// : perlop(1). */
static bool take_perl_quote(struct lexer *l, struct code_token *t, size_t name_end)
{
	static const char *const names[] = { "q", "qq", "qw", "qx", "m", "qr", "s", "tr", "y" };
	struct text name = text_of(l->s.p + l->at, name_end - l->at);
	size_t k = 0;
	while (k < 9 && !text_is(name, names[k]))
		k++;
	size_t open = skip_space(l, name_end);
	char d = at(l, open);
	if (k == 9 || !d || is_alpha(d) || ascii_is_digit(d) || strchr(",;)= \n", d) || (d == '#' && open != name_end))
		return false;
	if (l->at > 0 && strchr("{>", l->s.p[l->at - 1]) && d == '}')
		return false;
	size_t end = delimited_end(l, open + 1, d), first = end;
	if (k >= 6 && closing(d) != d) {
		size_t second = end + 1;
		while (second < l->s.n && strchr(" \t\n", l->s.p[second]))
			second++;
		end = second < l->s.n ? delimited_end(l, second + 1, l->s.p[second]) : l->s.n;
	} else if (k >= 6) {
		end = delimited_end(l, end + 1, d);
	}
	t->interpolates = (k == 1 || k == 3) && d != '\'';
	t->command = k == 3;
	t->regex = k >= 4;
	take_string(l, t, open + 1, first < l->s.n ? first : l->s.n, 0);
	advance(l, end + 1);
	while (k >= 4 && is_alpha(at(l, l->at)))
		l->at++;
	return true;
}

/* <<WORD, <<"WORD", <<'WORD', <<~WORD (Perl); <<<WORD (PHP). */
static bool take_heredoc(struct lexer *l, struct code_token *t)
{
	bool php = l->language->features & CODE_PHP;
	size_t i = l->at + (php ? 3 : 2);
	if (!(l->language->features & (CODE_PHP | CODE_PERL)) || l->unended == UNENDED_MAX ||
		!starts(l, l->at, php ? "<<<" : "<<"))
		return false;
	i += !php && at(l, i) == '~';
	i = php ? skip_space(l, i) : i;
	char quote = at(l, i) == '"' || at(l, i) == '\'' ? at(l, i) : '\0';
	size_t name = i + (quote != 0), end = name;
	while (is_alpha(at(l, end)) || ascii_is_digit(at(l, end)))
		end++;
	if (end == name || (quote && at(l, end) != quote))
		return false;
	struct text word = text_of(l->s.p + name, end - name);
	size_t body = l->heredoc ? l->heredoc : line_end(l, end) + 1, k = body;
	while (k < l->s.n) {
		size_t from = k;
		while (at(l, from) == ' ' || at(l, from) == '\t')
			from++;
		struct text rest = text_of(l->s.p + from, l->s.n - from);
		if (rest.n >= word.n && memcmp(rest.p, word.p, word.n) == 0 && !is_alpha(at(l, from + word.n)) &&
			!ascii_is_digit(at(l, from + word.n)))
			break;
		k = line_end(l, k) + 1;
	}
	if (k >= l->s.n) { /* a shift, after all */
		l->unended++;
		return false;
	}
	t->kind = CODE_STRING;
	t->interpolates = quote != '\'';
	t->text = body < k ? text_of(l->s.p + body, k - body) : TEXT_LIT("");
	if (php)
		advance(l, k < l->s.n ? skip_space(l, k) + word.n : k);
	else
		l->at = end + (quote != 0), l->heredoc = line_end(l, k) + 1;
	return true;
}

/* Python: an optional prefix, and three quotes or one. */
static bool take_python_string(struct lexer *l, struct code_token *t)
{
	size_t i = l->at;
	bool f = false, raw = false;
	while (i - l->at < 2 && at(l, i) && strchr("rRbBuUfF", at(l, i))) {
		f |= (at(l, i) | 0x20) == 'f';
		raw |= (at(l, i) | 0x20) == 'r';
		i++;
	}
	char q = at(l, i);
	if (q != '"' && q != '\'')
		return false;
	t->interpolates = f;
	if (at(l, i + 1) == q && at(l, i + 2) == q) {
		const char three[] = { q, q, q, '\0' };
		size_t end = find(l, i + 3, three);
		while (end < l->s.n && l->s.p[end - 1] == '\\' && !raw)
			end = find(l, end + 1, three);
		take_string(l, t, i + 3, end, 3);
	} else {
		take_string(l, t, i + 1, quoted_end(l, i + 1, q), 1);
	}
	return true;
}

static bool take_quoted(struct lexer *l, struct code_token *t)
{
	char c = at(l, l->at);
	unsigned f = l->language->features;
	size_t level = f & CODE_LUA ? long_bracket(l, l->at) : 0;
	if (level) {
		take_string(l, t, l->at + level + 1, long_end(l, l->at + level + 1, level), level + 1);
		return true;
	}
	bool backtick = c == '`' && l->language->backtick;
	if (c != '"' && c != '\'' && !backtick)
		return (f & CODE_PERL) && c == '/' && !l->operand
				   ? (t->regex = true, take_string(l, t, l->at + 1, quoted_end(l, l->at + 1, '/'), 1), true)
				   : false;
	t->interpolates = (c == '"' || backtick) && (f & (CODE_PHP | CODE_PERL));
	t->command = backtick;
	take_string(l, t, l->at + 1, quoted_end(l, l->at + 1, c), 1);
	return true;
}

/* $name, @name, %name, ${name}, $#name; PHP only $name. */
static bool take_sigil(struct lexer *l, struct code_token *t)
{
	char c = at(l, l->at);
	unsigned f = l->language->features;
	bool sigil = c == '$' || ((f & CODE_PERL) && (c == '@' || (c == '%' && !l->operand)));
	if (!(f & (CODE_PHP | CODE_PERL)) || !sigil)
		return false;
	size_t from = l->at + 1;
	while (at(l, from) == '$')
		from++;
	bool brace = (f & CODE_PERL) && at(l, from) == '{' && is_alpha(at(l, from + 1));
	size_t name = from + brace, end = name;
	while (is_alpha(at(l, end)) || ascii_is_digit(at(l, end)) || ((f & CODE_PERL) && starts(l, end, "::")))
		end += at(l, end) == ':' ? 2 : 1;
	if (brace && at(l, end) != '}')
		return false;
	if (end == name && (f & CODE_PERL) && c == '$' && at(l, name) && !strchr("{ \n", at(l, name)))
		end++; /* $0, $!, $& ... */
	if (end == name)
		return false;
	t->kind = CODE_NAME;
	t->sigil = c;
	t->text = text_of(l->s.p + name, end - name);
	l->at = end + brace;
	return true;
}

static void take_operator(struct lexer *l, struct code_token *t)
{
	size_t n = 1;
	for (const char *op = l->language->operators; *op && n == 1;) {
		size_t k = 0;
		while (op[k] > ' ' && op[k] == at(l, l->at + k))
			k++;
		if (op[k] <= ' ')
			n = k;
		while (op[k] > ' ')
			k++;
		op += k + (op[k] == ' ');
	}
	char c = at(l, l->at);
	t->kind = CODE_OPERATOR;
	t->text = text_of(l->s.p + l->at, n);
	if (c == '(' || c == '[' || c == '{')
		l->depth++;
	else if ((c == ')' || c == ']' || c == '}') && l->depth)
		l->depth--;
	l->at += n;
}

static void take_name(struct lexer *l, struct code_token *t)
{
	size_t end = l->at;
	bool perl = l->language->features & (CODE_PERL | CODE_PHP);
	while (is_alpha(at(l, end)) || ascii_is_digit(at(l, end)) || (perl && starts(l, end, "::") && is_alpha(at(l, end + 2))) ||
		   ((l->language->features & CODE_PHP) && at(l, end) == '\\' && is_alpha(at(l, end + 1))))
		end += at(l, end) == ':' ? 2 : 1;
	if ((l->language->features & CODE_PERL) && take_perl_quote(l, t, end))
		return;
	t->kind = CODE_NAME;
	t->text = text_of(l->s.p + l->at, end - l->at);
	l->at = end;
}

static void take_number(struct lexer *l, struct code_token *t)
{
	size_t end = l->at;
	while (ascii_is_digit(at(l, end)) || is_alpha(at(l, end)) || (at(l, end) == '.' && ascii_is_digit(at(l, end + 1))))
		end++;
	t->kind = CODE_NUMBER;
	t->text = text_of(l->s.p + l->at, end - l->at);
	l->at = end;
}

/* White space, comments, and what lies outside of <?php ?>. True: a Python statement ends here. */
static bool skip_blanks(struct lexer *l)
{
	bool python = l->language->features & CODE_PYTHON;
	while (l->at < l->s.n) {
		char c = l->s.p[l->at];
		if (l->html) {
			size_t tag = find(l, l->at, "<?");
			bool skipped = starts(l, tag, "<?xml");
			advance(l, tag + (skipped ? 5 : starts(l, tag, "<?php") ? 5 : starts(l, tag, "<?=") ? 3 : 2));
			l->html = skipped || l->at >= l->s.n;
		} else if (c == '\n') {
			bool ends = python && !l->depth && !l->fresh;
			advance(l, l->heredoc ? l->heredoc : l->at + 1);
			l->heredoc = 0;
			l->fresh = true;
			if (ends)
				return true;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
			l->at++;
		} else if (c == '\\' && (at(l, l->at + 1) == '\n' || starts(l, l->at, "\\\r\n"))) {
			advance(l, line_end(l, l->at) + 1);
		} else if (!skip_comment(l)) {
			break;
		}
	}
	return false;
}

static void next(struct lexer *l, struct code_token *t)
{
	*t = (struct code_token){ .kind = CODE_NEWLINE, .line = l->line, .column = UINT32_MAX, .text = TEXT_LIT("\n") };
	t->from = t->to = l->s.p + l->at;
	if (skip_blanks(l))
		return;
	t->line = l->line;
	t->kind = CODE_END;
	t->text = TEXT_LIT("");
	t->from = t->to = l->s.p + l->at;
	if (l->at >= l->s.n)
		return;
	if (l->fresh)
		t->column = (uint32_t)(l->at - l->line_start);
	l->fresh = false;
	char c = l->s.p[l->at];
	if ((l->language->features & CODE_PHP) && starts(l, l->at, "?>")) {
		l->html = true;
		t->kind = CODE_OPERATOR;
		t->text = TEXT_LIT(";");
		l->at += 2;
	} else if (take_heredoc(l, t) || ((l->language->features & CODE_PYTHON) && take_python_string(l, t))) {
		;
	} else if (ascii_is_digit(c)) {
		take_number(l, t);
	} else if (is_alpha(c) || (c == '\\' && (l->language->features & CODE_PHP) && is_alpha(at(l, l->at + 1)))) {
		l->at += c == '\\';
		take_name(l, t);
	} else if (!take_quoted(l, t) && !take_sigil(l, t)) {
		take_operator(l, t);
	}
	t->to = l->s.p + l->at;
	if (t->interpolates && (l->language->features & (CODE_PHP | CODE_PERL)))
		t->interpolates = memchr(t->text.p, '$', t->text.n) || memchr(t->text.p, '@', t->text.n);
	bool closes = t->kind == CODE_OPERATOR && strchr(")]}", t->text.p[0]);
	bool verb = t->kind == CODE_NAME && !t->sigil && t->text.n <= 6 &&
				(text_is(t->text, "if") || text_is(t->text, "and") || text_is(t->text, "or") ||
				 text_is(t->text, "split") || text_is(t->text, "grep") || text_is(t->text, "unless") ||
				 text_is(t->text, "return") || text_is(t->text, "not") || text_is(t->text, "map"));
	l->operand = (t->kind != CODE_OPERATOR || closes) && !verb;
	if ((l->language->features & CODE_PERL) && (text_is(t->text, "__END__") || text_is(t->text, "__DATA__")))
		l->at = l->s.n;
}

#define FEW 64u

/* Room for one more: how many there are is known at the end only, and most sources are short. */
static struct code_token *make_room(struct code_token *v, struct code_token *few, size_t n, size_t *cap)
{
	if (n < *cap)
		return v;
	*cap *= 4;
	struct code_token *more = realloc(v == few ? NULL : v, *cap * sizeof *v);
	if (more && v == few)
		memcpy(more, few, n * sizeof *v);
	else if (!more && v != few)
		free(v);
	return more;
}

struct code_token *code_tokens(struct arena *arena, const struct code_language *language, struct text source,
							   size_t limit, size_t *n)
{
	struct code_token few[FEW], *v = few, *out = NULL;
	struct lexer l = { .s = source, .line = 1, .fresh = true, .language = language };
	size_t cap = FEW, count = 0;
	bool ended = false;
	l.html = language->features & CODE_PHP;
	if (text_starts(source, "#!"))
		l.at = line_end(&l, 0);
	while (!ended && count < limit && (v = make_room(v, few, count, &cap))) {
		next(&l, &v[count]);
		ended = v[count++].kind == CODE_END;
	}
	*n = count;
	if (ended && (out = ARENA_ARRAY(arena, struct code_token, count)))
		memcpy(out, v, count * sizeof *v);
	if (v != few)
		free(v);
	return out;
}
