/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constraints in words, for all languages at once: they differ in how parameters are named and comments begin.
 *
 * From the loosest to the tightest: <=>, =>, OR, AND, NOT, comparisons, + and -, * / %. What stands in parentheses may be
 * either a condition or a value; what it is used as decides.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "combos/builder.h"

#define DEPTH_MAX 200u
#define TREE_DEPTH_MAX 1000u
#define NODES_MAX (1u << 20)
#define BARE_WORD UINT32_MAX /* in `parameter` of a string without quotation marks */
#define WORD_MAX 1000u

struct parser {
	struct builder *b;
	struct source *s;
	uint32_t depth;
};

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

void source_skip(struct source *s)
{
	while (s->at < s->text.n) {
		uint8_t c = s->text.p[s->at];
		if (c == ' ' || c == '\t' || c == '\r' || (c == '\n' && !s->one_line))
			source_step(s, 1);
		else if (s->slashes && span_has(s->text, s->at, "//", 2))
			skip_line(s);
		else if (s->slashes && span_has(s->text, s->at, "/*", 2))
			skip_block(s);
		else if (s->dashes && span_has(s->text, s->at, "--", 2))
			skip_line(s);
		else if (s->brackets && c == '#' && at_line_start(s))
			skip_line(s);
		else
			return;
	}
}

static bool is_word(uint8_t c)
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
	if (is_word((uint8_t)word[n - 1]) && s->at + n < s->text.n && is_word(s->text.p[s->at + n]))
		return false;
	source_step(s, n);
	return true;
}

static struct expression *fail_here(struct parser *p, const char *expected)
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

static struct expression *new_node(struct parser *p, enum expression_kind kind, uint32_t line, uint32_t column)
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
static struct expression *deepen(struct parser *p, struct expression *e, const struct expression *part)
{
	if (part->depth >= e->depth)
		e->depth = part->depth + 1;
	if (e->depth <= TREE_DEPTH_MAX)
		return e;
	builder_fail(p->b, e->line, e->column, "the constraint is nested too deeply, or too long");
	return NULL;
}

static struct expression *pair(struct parser *p, enum expression_kind kind, struct expression *a, struct expression *b)
{
	struct expression *e = a && b ? new_node(p, kind, a->line, a->column) : NULL;
	if (e) {
		e->parts = a;
		a->next = b;
	}
	return e && deepen(p, e, a) ? deepen(p, e, b) : NULL;
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

static struct expression *no_parameter(struct parser *p, struct text name, uint32_t line, uint32_t column)
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
		return no_parameter(p, name, line, column);
	struct expression *e = new_node(p, EXPR_PARAMETER, line, column);
	if (e)
		e->parameter = found;
	return e;
}

static struct text trim(struct text t)
{
	while (t.n && isspace((unsigned char)t.p[t.n - 1]))
		t.n--;
	while (t.n && isspace((unsigned char)t.p[0])) {
		t.p++;
		t.n--;
	}
	return t;
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
	struct text name = trim(text_of((const char *)from, (size_t)(end - from)));
	source_step(s, (size_t)(end - from) + 2);
	return parameter_node(p, name, line, column);
}

static struct expression *string_node(struct parser *p, const char *string, uint32_t line, uint32_t column)
{
	struct expression *e = string ? new_node(p, EXPR_STRING, line, column) : NULL;
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
	if ((!text_number(t, &number) || (s->at + n < s->text.n && is_word(s->text.p[s->at + n]))) && !s->brackets) {
		for (n = 0;
			 s->at + n < s->text.n && n < WORD_MAX && (is_word(s->text.p[s->at + n]) || s->text.p[s->at + n] == '.');)
			n++;
		t.n = n;
		source_step(s, n);
		char *word = arena_strdup(p->b->arena, t);
		if (!word)
			builder_no_memory(p->b);
		return string_node(p, word, line, column);
	}
	if (!text_number(t, &number))
		return fail_here(p, "a number");
	source_step(s, n);
	struct expression *e = new_node(p, EXPR_NUMBER, line, column);
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
	while (s->at + n < s->text.n && (is_word(s->text.p[s->at + n]) || s->text.p[s->at + n] == '.') && n < WORD_MAX)
		n++;
	struct text name = text_of((const char *)s->text.p + s->at, n);
	source_step(s, n);
	if (builder_find(p->b, name) != UINT32_MAX)
		return parameter_node(p, name, line, column);
	char *copy = arena_strdup(p->b->arena, name);
	if (!copy)
		builder_no_memory(p->b);
	struct expression *e = string_node(p, copy, line, column);
	if (e)
		e->parameter = BARE_WORD;
	return e;
}

static bool is_bare_word(const struct expression *e)
{
	return e->kind == EXPR_STRING && e->parameter == BARE_WORD;
}

static struct expression *parse_any(struct parser *p);

static struct expression *parse_primary(struct parser *p)
{
	struct source *s = p->s;
	source_skip(s);
	uint8_t c = s->at < s->text.n ? s->text.p[s->at] : 0;
	if (c == '(') {
		source_step(s, 1);
		struct expression *e = parse_any(p);
		if (e && !source_take(s, ")"))
			return fail_here(p, "a closing parenthesis");
		return e;
	}
	if (c == '[' && s->brackets)
		return bracketed(p);
	if (c == '"' || (c == '\'' && !s->brackets)) {
		uint32_t line = s->line, column = s->column;
		return string_node(p, read_string(p), line, column);
	}
	bool sign = c == '-' || c == '+';
	uint8_t next = s->at + 1 < s->text.n ? s->text.p[s->at + 1] : 0;
	if (isdigit(c) || (c == '.' && isdigit(next)) || (sign && (isdigit(next) || next == '.')))
		return number_node(p);
	if (is_word(c) && !s->brackets)
		return word_node(p);
	return fail_here(p, s->brackets ? "a parameter in [ ], a \"string\" or a number" : "a parameter or a value");
}

static struct expression *must_be_value(struct parser *p, struct expression *e)
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
	if (!must_be_value(p, e))
		return NULL;
	if (is_bare_word(e))
		return no_parameter(p, text_c(e->string), e->line, e->column);
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
		e = pair(p,
				 c == '*'   ? EXPR_MULTIPLY
				 : c == '/' ? EXPR_DIVIDE
							: EXPR_REMAINDER,
				 must_be_number(p, e), must_be_number(p, parse_primary(p)));
	return e;
}

static struct expression *parse_sum(struct parser *p)
{
	struct expression *e = parse_term(p);
	char c;
	while (e && in_operators(p, "+-", &c))
		e = pair(p, c == '+' ? EXPR_ADD : EXPR_SUBTRACT, must_be_number(p, e), must_be_number(p, parse_term(p)));
	return e;
}

static bool take_relation(struct parser *p, enum expression_kind *kind)
{
	static const struct {
		const char *sign;
		enum expression_kind kind;
	} relations[] = { { "<=", EXPR_LESS_EQUAL }, { ">=", EXPR_GREATER_EQUAL }, { "<>", EXPR_DIFFERENT },
					  { "!=", EXPR_DIFFERENT },  { "==", EXPR_EQUAL },         { "<", EXPR_LESS },
					  { ">", EXPR_GREATER },     { "=", EXPR_EQUAL } };
	struct source *s = p->s;
	source_skip(s);
	if (span_has(s->text, s->at, "=>", 2) || span_has(s->text, s->at, "<=>", 3) || span_has(s->text, s->at, "<->", 3))
		return false;
	for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++)
		if (source_take(s, relations[i].sign)) {
			*kind = relations[i].kind;
			return true;
		}
	return false;
}

/* Whether all that the parameter can be compared with is a number, or a string. */
static int type_of(const struct parser *p, const struct expression *e)
{
	if (e->kind == EXPR_PARAMETER)
		return p->b->parameters[e->parameter].numeric ? OPERAND_NUMBER : OPERAND_STRING;
	return e->kind == EXPR_STRING ? OPERAND_STRING : OPERAND_NUMBER;
}

/* A constant takes on the type of what it is compared with where it can be written so, but in the model language, whose
 * numbers stand without quotation marks and strings in them. */
static void adapt(struct parser *p, const struct expression *to, struct expression *e)
{
	double number;
	if (p->s->brackets || to->kind != EXPR_PARAMETER)
		return;
	if (type_of(p, to) == OPERAND_NUMBER && e->kind == EXPR_STRING && text_number(text_c(e->string), &number)) {
		e->kind = EXPR_NUMBER;
		e->number = number;
	} else if (type_of(p, to) == OPERAND_STRING && e->kind == EXPR_NUMBER) {
		e->kind = EXPR_STRING;
	}
}

static bool has_value(const struct parser *p, const struct expression *parameter, const struct expression *value)
{
	const struct builder_parameter *q = &p->b->parameters[parameter->parameter];
	for (uint32_t v = 0; v < q->nvalues; v++) {
		const struct operand *o = &q->values[v].operand;
		if (value->kind == EXPR_NUMBER ? o->number == value->number
			: p->b->case_sensitive     ? strcmp(o->string, value->string) == 0
									   : strcasecmp(o->string, value->string) == 0)
			return true;
	}
	return false;
}

/* A misspelt value makes a comparison that is never true, or always: worth a word. */
static void check_value(struct parser *p, const struct expression *a, const struct expression *b)
{
	if (a->kind != EXPR_PARAMETER || (b->kind != EXPR_STRING && b->kind != EXPR_NUMBER) || has_value(p, a, b))
		return;
	const char *near = builder_nearest_value(p->b, a->parameter, b->string);
	builder_note(p->b, b->line, b->column, "\"%.60s\" has no value \"%.60s\"%s%.60s%s",
				 p->b->parameters[a->parameter].name, b->string, near ? "; is \"" : "", near ? near : "",
				 near ? "\" meant?" : "");
}

static struct expression *compared(struct parser *p, enum expression_kind kind, struct expression *a,
								   struct expression *b)
{
	if (!must_be_value(p, a) || !must_be_value(p, b))
		return NULL;
	bool constants =
		(a->kind == EXPR_STRING || a->kind == EXPR_NUMBER) && (b->kind == EXPR_STRING || b->kind == EXPR_NUMBER);
	if (constants && (is_bare_word(a) || is_bare_word(b)))
		return no_parameter(p, text_c(is_bare_word(a) ? a->string : b->string), a->line, a->column);
	adapt(p, a, b);
	adapt(p, b, a);
	if (type_of(p, a) != type_of(p, b)) {
		builder_fail(p->b, b->line, b->column, "a %s is compared with a %s%s",
					 type_of(p, a) == OPERAND_NUMBER ? "number" : "string",
					 type_of(p, b) == OPERAND_NUMBER ? "number" : "string",
					 p->s->brackets ? ": a parameter is numeric when all of its values are numbers" : "");
		return NULL;
	}
	if (kind == EXPR_EQUAL || kind == EXPR_DIFFERENT) {
		check_value(p, a, b);
		check_value(p, b, a);
	}
	return pair(p, kind, a, b);
}

static struct expression *parse_in(struct parser *p, struct expression *a)
{
	if (!must_be_value(p, a))
		return NULL;
	if (!source_take(p->s, "{"))
		return fail_here(p, "{ and values behind IN");
	struct expression *e = new_node(p, EXPR_IN, a->line, a->column), *last = a;
	if (e)
		e->parts = a;
	while (e) {
		struct expression *v = must_be_value(p, parse_sum(p));
		if (!v)
			return NULL;
		adapt(p, a, v);
		if (type_of(p, a) != type_of(p, v)) {
			builder_fail(
				p->b, v->line, v->column,
				"a number and a string are compared: a parameter is numeric when all of its values are numbers");
			return NULL;
		}
		check_value(p, a, v);
		last->next = v;
		last = v;
		if (source_take(p->s, "}"))
			return e;
		if (!source_take(p->s, ","))
			return fail_here(p, "a comma or }");
	}
	return NULL;
}

static struct expression *negate(struct parser *p, struct expression *e)
{
	struct expression *n = e ? new_node(p, EXPR_NOT, e->line, e->column) : NULL;
	if (n)
		n->parts = e;
	return n ? deepen(p, n, e) : NULL;
}

static struct expression *parse_comparison(struct parser *p)
{
	struct expression *e = parse_sum(p);
	enum expression_kind kind;
	while (e && take_relation(p, &kind)) {
		/* (a > 1) == (b > 1): conditions can be compared too. */
		struct expression *other = parse_sum(p);
		if (e && other && !expression_is_value(e) && !expression_is_value(other) &&
			(kind == EXPR_EQUAL || kind == EXPR_DIFFERENT))
			e = kind == EXPR_EQUAL ? pair(p, EXPR_SAME, e, other) : negate(p, pair(p, EXPR_SAME, e, other));
		else
			e = compared(p, kind, e, other);
	}
	if (!e || !p->s->brackets)
		return e;
	bool negated = expression_is_value(e) && source_take(p->s, "NOT");
	if (source_take(p->s, "LIKE")) {
		struct expression *pattern = parse_primary(p);
		if (pattern && (pattern->kind != EXPR_STRING || e->kind != EXPR_PARAMETER)) {
			builder_fail(p->b, pattern->line, pattern->column, "LIKE stands between a parameter and a \"string\"");
			return NULL;
		}
		e = pair(p, EXPR_LIKE, e, pattern);
	} else if (source_take(p->s, "IN")) {
		e = parse_in(p, e);
	} else if (negated) {
		return fail_here(p, "LIKE or IN");
	}
	return negated ? negate(p, e) : e;
}

/* What stands alone where a condition is expected: a Boolean parameter, TRUE or FALSE. */
static struct expression *must_be_condition(struct parser *p, struct expression *e)
{
	if (!e || !expression_is_value(e))
		return e;
	if (e->kind == EXPR_STRING && !p->s->brackets &&
		(strcasecmp(e->string, "true") == 0 || strcasecmp(e->string, "false") == 0))
		return new_node(p, strcasecmp(e->string, "true") == 0 ? EXPR_AND : EXPR_OR, e->line, e->column);
	if (e->kind == EXPR_PARAMETER) {
		struct expression *truth = string_node(p, "true", e->line, e->column);
		const struct builder_parameter *q = &p->b->parameters[e->parameter];
		for (uint32_t v = 0; truth && v < q->nvalues; v++)
			if (strcasecmp(q->values[v].name, "true") == 0) {
				truth->string = q->values[v].name;
				return pair(p, EXPR_EQUAL, e, truth);
			}
	}
	const char *near = e->kind == EXPR_STRING ? builder_nearest(p->b, text_c(e->string)) : NULL;
	builder_fail(p->b, e->line, e->column, "a condition is expected here, as A = B, and not a value alone%s%.40s%s",
				 near ? "; is \"" : "", near ? near : "", near ? "\" meant?" : "");
	return NULL;
}

static struct expression *parse_not(struct parser *p)
{
	uint32_t times = 0;
	for (;;) {
		source_skip(p->s);
		bool sign = span_has(p->s->text, p->s->at, "!", 1) && !span_has(p->s->text, p->s->at, "!=", 2);
		if (sign)
			source_step(p->s, 1);
		if (!sign && !source_take(p->s, "NOT"))
			break;
		times++;
	}
	struct expression *e = parse_comparison(p);
	if (times == 0)
		return e;
	e = must_be_condition(p, e);
	return times % 2 ? negate(p, e) : e;
}

static bool take_one(struct parser *p, const char *const *words)
{
	for (; *words; words++)
		if (source_take(p->s, *words))
			return true;
	return false;
}

/* Parts joined by one operator, side by side, so that a long list is no deep tree. */
static struct expression *parse_list(struct parser *p, enum expression_kind kind)
{
	static const char *const ands[] = { "AND", "&&", "&", NULL }, *const ors[] = { "OR", "||", "|", NULL };
	struct expression *e = kind == EXPR_AND ? parse_not(p) : parse_list(p, EXPR_AND), *list = NULL, *last = NULL;
	while (e && take_one(p, kind == EXPR_AND ? ands : ors)) {
		if (!list) {
			last = must_be_condition(p, e);
			list = last ? new_node(p, kind, e->line, e->column) : NULL;
			if (!list)
				return NULL;
			list->parts = last;
			e = deepen(p, list, last);
		}
		last->next = must_be_condition(p, kind == EXPR_AND ? parse_not(p) : parse_list(p, EXPR_AND));
		last = last->next;
		if (!e || !last || !deepen(p, list, last))
			return NULL;
	}
	return e;
}

static struct expression *parse_implication(struct parser *p)
{
	static const char *const arrows[] = { "=>", "->", NULL };
	struct expression *e = parse_list(p, EXPR_OR);
	if (!e || !take_one(p, arrows))
		return e;
	if (++p->depth > DEPTH_MAX) {
		builder_fail(p->b, p->s->line, p->s->column, "more than %u levels of parentheses and implications", DEPTH_MAX);
		return NULL;
	}
	struct expression *a = must_be_condition(p, e), *b = must_be_condition(p, a ? parse_implication(p) : NULL);
	p->depth--;
	return pair(p, EXPR_IMPLIES, a, b);
}

static struct expression *parse_any(struct parser *p)
{
	static const char *const arrows[] = { "<=>", "<->", NULL };
	if (++p->depth > DEPTH_MAX) {
		builder_fail(p->b, p->s->line, p->s->column, "more than %u levels of parentheses and implications", DEPTH_MAX);
		return NULL;
	}
	struct expression *e = parse_implication(p);
	for (uint32_t n = 0; e && take_one(p, arrows); n++) {
		if (n == DEPTH_MAX) {
			builder_fail(p->b, p->s->line, p->s->column, "more than %u equivalences in a row", DEPTH_MAX);
			return NULL;
		}
		struct expression *a = must_be_condition(p, e);
		e = pair(p, EXPR_SAME, a, must_be_condition(p, a ? parse_implication(p) : NULL));
	}
	p->depth--;
	return e;
}

struct expression *parse_expression(struct builder *b, struct source *s)
{
	struct parser p = { b, s, 0 };
	return must_be_condition(&p, parse_any(&p));
}

/* IF a THEN b ELSE c is: a => b, and not a => c. Both have the same a. */
static struct expression *with_else(struct parser *p, struct expression *a, struct expression *b)
{
	struct expression *copy = ARENA_NEW(p->b->arena, struct expression), *c = parse_expression(p->b, p->s);
	if (!copy) {
		builder_no_memory(p->b);
		return NULL;
	}
	*copy = *a;
	struct expression *x = pair(p, EXPR_IMPLIES, a, b), *y = c ? pair(p, EXPR_IMPLIES, negate(p, copy), c) : NULL;
	return pair(p, EXPR_AND, x, y);
}

struct expression *parse_constraint(struct builder *b, struct source *s)
{
	struct parser p = { b, s, 0 };
	if (!source_take(s, "IF"))
		return parse_expression(b, s);
	struct expression *a = parse_expression(b, s);
	if (a && !source_take(s, "THEN"))
		return fail_here(&p, "AND, OR or THEN");
	struct expression *then = a ? parse_expression(b, s) : NULL;
	if (!then)
		return NULL;
	return source_take(s, "ELSE") ? with_else(&p, a, then) : pair(&p, EXPR_IMPLIES, a, then);
}
