/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is compared: parameters, strings, numbers, sums of them. */
#include <ctype.h>
#include <string.h>

#include "combos/parse.h"

#define TREE_DEPTH_MAX 1000u
#define NODES_MAX (1u << 20)
#define BARE_WORD UINT32_MAX /* in `parameter` of a string without quotation marks */
#define WORD_MAX 1000u

struct expression *parse_fail(struct parser *p, const char *expected)
{
	struct source *s = p->s;
	source_skip(s);
	if (source_ended(s) || (s->one_line && s->text.p[s->at] == '\n'))
		builder_fail(p->b, s->line, s->column, "%s is expected: the text ends", expected);
	else
		builder_fail(p->b, s->line, s->column, "%s is expected before \"%.*s\"", expected,
					 (int)(s->text.n - s->at < 16 ? s->text.n - s->at : 16), (const char *)s->text.p + s->at);
	return NULL;
}

struct expression *parse_node(struct parser *p, enum expression_kind kind, uint32_t line, uint32_t column)
{
	struct expression *e = NULL;
	if (error_is(&p->b->error))
		return NULL;
	if (++p->b->nnodes > NODES_MAX)
		builder_fail(p->b, line, column, "the constraints have more than %u terms", NODES_MAX);
	else if (!(e = ARENA_NEW(p->b->arena, struct expression)))
		builder_no_memory(p->b);
	if (e)
		*e = (struct expression){ .kind = kind, .line = line, .column = column };
	return e;
}

/* Trees are walked by recursion: none is deeper than this. */
struct expression *parse_deepen(struct parser *p, struct expression *e, const struct expression *part)
{
	if (part->depth >= e->depth)
		e->depth = part->depth + 1;
	if (e->depth <= TREE_DEPTH_MAX)
		return e;
	builder_fail(p->b, e->line, e->column, "the constraint is nested too deeply, or too long");
	return NULL;
}

struct expression *parse_pair(struct parser *p, enum expression_kind kind, struct expression *a, struct expression *b)
{
	struct expression *e = a && b ? parse_node(p, kind, a->line, a->column) : NULL;
	if (e) {
		e->parts = a;
		a->next = b;
	}
	return e && parse_deepen(p, e, a) ? parse_deepen(p, e, b) : NULL;
}

/* What stands between quotation marks; a backslash keeps the next one from ending it. */
static const char *read_string(struct parser *p)
{
	struct source *s = p->s;
	uint8_t quote = s->text.p[s->at];
	uint32_t line = s->line, column = s->column;
	char word[WORD_MAX + 1];
	size_t n = 0, i = s->at + 1;
	while (i < s->text.n && s->text.p[i] != quote && s->text.p[i] != '\n' && s->text.p[i] && n < WORD_MAX) {
		if (s->text.p[i] == '\\' && i + 1 < s->text.n && (s->text.p[i + 1] == quote || s->text.p[i + 1] == '\\'))
			i++;
		word[n++] = (char)s->text.p[i++];
	}
	if (i >= s->text.n || s->text.p[i] != quote) {
		builder_fail(p->b, line, column, "the string is not closed, or longer than %u bytes", WORD_MAX);
		return NULL;
	}
	source_step(s, i + 1 - s->at);
	char *copy = arena_strdup(p->b->arena, text_of(word, n));
	if (!copy)
		builder_no_memory(p->b);
	return copy;
}

struct expression *parse_no_parameter(struct parser *p, struct text name, uint32_t line, uint32_t column)
{
	const char *near = builder_nearest(p->b, name);
	builder_fail(p->b, line, column, "there is no parameter \"%.*s\"%s%.40s%s", (int)(name.n < 40 ? name.n : 40),
				 name.p, near ? "; is \"" : "", near ? near : "", near ? "\" meant?" : "");
	return NULL;
}

static struct expression *parameter_node(struct parser *p, struct text name, uint32_t line, uint32_t column)
{
	uint32_t found = builder_find(p->b, name);
	if (found == UINT32_MAX)
		return parse_no_parameter(p, name, line, column);
	struct expression *e = parse_node(p, EXPR_PARAMETER, line, column);
	if (e)
		e->parameter = found;
	return e;
}

/* [ NAME ] */
static struct expression *bracketed(struct parser *p)
{
	struct source *s = p->s;
	uint32_t line = s->line, column = s->column;
	const uint8_t *from = s->text.p + s->at + 1, *end = memchr(from, ']', s->text.n - s->at - 1);
	const uint8_t *stop = memchr(from, '\n', s->text.n - s->at - 1);
	if (!end || (stop && stop < end)) {
		builder_fail(p->b, line, column, "a ] is expected behind the name of the parameter");
		return NULL;
	}
	struct text name = text_trim(text_of((const char *)from, (size_t)(end - from)), TEXT_SPACES);
	source_step(s, (size_t)(end - from) + 2);
	return parameter_node(p, name, line, column);
}

struct expression *parse_string(struct parser *p, const char *string, uint32_t line, uint32_t column)
{
	struct expression *e = string ? parse_node(p, EXPR_STRING, line, column) : NULL;
	if (e)
		e->string = string;
	return e;
}

static struct expression *number_node(struct parser *p)
{
	struct source *s = p->s;
	uint32_t line = s->line, column = s->column;
	size_t n = 0;
	while (s->at + n < s->text.n && n < 64) {
		uint8_t c = s->text.p[s->at + n], before = n ? s->text.p[s->at + n - 1] : 0;
		if (!isdigit(c) && !(c == '.' && !span_has(s->text, s->at + n, "..", 2)) && c != 'e' && c != 'E' &&
			!((c == '-' || c == '+') && (n == 0 || before == 'e' || before == 'E')))
			break;
		n++;
	}
	double number = 0;
	struct text t = text_of((const char *)s->text.p + s->at, n);
	/* Where names need no brackets a value may begin with a digit: 16MC. */
	if ((!text_number(t, &number) || (s->at + n < s->text.n && is_word_byte(s->text.p[s->at + n]))) && !s->brackets) {
		for (n = 0; s->at + n < s->text.n && n < WORD_MAX &&
					(is_word_byte(s->text.p[s->at + n]) || s->text.p[s->at + n] == '.');)
			n++;
		t.n = n;
		source_step(s, n);
		char *word = arena_strdup(p->b->arena, t);
		if (!word)
			builder_no_memory(p->b);
		return parse_string(p, word, line, column);
	}
	if (!text_number(t, &number))
		return parse_fail(p, "a number");
	source_step(s, n);
	struct expression *e = parse_node(p, EXPR_NUMBER, line, column);
	if (e) {
		e->number = number;
		e->string = arena_strdup(p->b->arena, t);
		if (!e->string)
			builder_no_memory(p->b);
	}
	return e;
}

/* A name, where names need no brackets: of a parameter, or else a value. */
static struct expression *word_node(struct parser *p)
{
	struct source *s = p->s;
	uint32_t line = s->line, column = s->column;
	size_t n = 0;
	while (s->at + n < s->text.n && (is_word_byte(s->text.p[s->at + n]) || s->text.p[s->at + n] == '.') && n < WORD_MAX)
		n++;
	struct text name = text_of((const char *)s->text.p + s->at, n);
	source_step(s, n);
	if (builder_find(p->b, name) != UINT32_MAX)
		return parameter_node(p, name, line, column);
	char *copy = arena_strdup(p->b->arena, name);
	if (!copy)
		builder_no_memory(p->b);
	struct expression *e = parse_string(p, copy, line, column);
	if (e)
		e->parameter = BARE_WORD;
	return e;
}

bool parse_is_bare(const struct expression *e)
{
	return e->kind == EXPR_STRING && e->parameter == BARE_WORD;
}

struct expression *parse_primary(struct parser *p)
{
	struct source *s = p->s;
	source_skip(s);
	uint8_t c = s->at < s->text.n ? s->text.p[s->at] : 0;
	if (c == '(') {
		source_step(s, 1);
		struct expression *e = parse_any(p);
		if (e && !source_take(s, ")"))
			return parse_fail(p, "a closing parenthesis");
		return e;
	}
	if (c == '[' && s->brackets)
		return bracketed(p);
	if (c == '"' || (c == '\'' && !s->brackets)) {
		uint32_t line = s->line, column = s->column;
		return parse_string(p, read_string(p), line, column);
	}
	bool sign = c == '-' || c == '+';
	uint8_t next = s->at + 1 < s->text.n ? s->text.p[s->at + 1] : 0;
	if (isdigit(c) || (c == '.' && isdigit(next)) || (sign && (isdigit(next) || next == '.')))
		return number_node(p);
	if (is_word_byte(c) && !s->brackets)
		return word_node(p);
	return parse_fail(p, s->brackets ? "a parameter in [ ], a \"string\" or a number" : "a parameter or a value");
}

struct expression *parse_must_be_value(struct parser *p, struct expression *e)
{
	if (e && !expression_is_value(e)) {
		builder_fail(p->b, e->line, e->column, "a value is expected here, and not a condition");
		return NULL;
	}
	return e;
}

/* What can be computed with. */
static struct expression *must_be_number(struct parser *p, struct expression *e)
{
	if (!parse_must_be_value(p, e))
		return NULL;
	if (parse_is_bare(e))
		return parse_no_parameter(p, text_c(e->string), e->line, e->column);
	if (e->kind == EXPR_STRING || (e->kind == EXPR_PARAMETER && !p->b->parameters[e->parameter].numeric)) {
		builder_fail(p->b, e->line, e->column, "a number is expected here, and not a string");
		return NULL;
	}
	return e;
}

static bool in_operators(struct parser *p, const char *operators, char *which)
{
	source_skip(p->s);
	uint8_t c = p->s->at < p->s->text.n ? p->s->text.p[p->s->at] : 0;
	if (!c || !strchr(operators, c) || span_has(p->s->text, p->s->at, "->", 2))
		return false;
	*which = (char)c;
	source_step(p->s, 1);
	return true;
}

static struct expression *parse_term(struct parser *p)
{
	struct expression *e = parse_primary(p);
	char c;
	while (e && in_operators(p, "*/%", &c))
		e = parse_pair(p,
					   c == '*'   ? EXPR_MULTIPLY
					   : c == '/' ? EXPR_DIVIDE
								  : EXPR_REMAINDER,
					   must_be_number(p, e), must_be_number(p, parse_primary(p)));
	return e;
}

struct expression *parse_sum(struct parser *p)
{
	struct expression *e = parse_term(p);
	char c;
	while (e && in_operators(p, "+-", &c))
		e = parse_pair(p, c == '+' ? EXPR_ADD : EXPR_SUBTRACT, must_be_number(p, e), must_be_number(p, parse_term(p)));
	return e;
}
