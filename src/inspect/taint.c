/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions: what the value of each comes from. The grammar is read loosely, by operands and operators, alike for all
 * languages: what is asked is only which operands a value is made of. */
#include "inspect/taint.h"

static const struct code_token *token(const struct taint *e, size_t k)
{
	return &e->t[e->i + k < e->n ? e->i + k : e->n - 1];
}

bool taint_is(const struct taint *e, const char *w)
{
	const struct code_token *t = token(e, 0);
	return t->text.n && t->text.p[0] == *w && (t->kind == CODE_OPERATOR || (t->kind == CODE_NAME && !t->sigil)) &&
		   text_is(t->text, w);
}

static bool among(const struct taint *e, const char *const *words)
{
	const struct code_token *t = token(e, 0);
	return (t->kind == CODE_OPERATOR || (t->kind == CODE_NAME && !t->sigil)) && scripts_among(t->text, words);
}

static bool ended(const struct taint *e)
{
	return e->i + 1 >= e->n;
}

static unsigned hash_of(struct text name, unsigned scope, unsigned size)
{
	uint32_t h = 2166136261u ^ scope * 2654435761u;
	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (uint8_t)name.p[i]) * 16777619u;
	return h % size;
}

static struct taint_variable *variable_in(struct taint *e, struct text name, unsigned scope, bool add)
{
	unsigned size = 2 * TAINT_VARIABLES, b = hash_of(name, scope, size);
	for (; e->buckets[b]; b = (b + 1) % size) {
		struct taint_variable *v = &e->variables[e->buckets[b] - 1];
		if (v->scope == scope && text_eq(v->name, name))
			return v;
	}
	char *copy = add && e->nvariables < TAINT_VARIABLES ? arena_strdup(e->file->subject->arena, name) : NULL;
	if (!copy)
		return NULL;
	struct taint_variable *v = &e->variables[e->nvariables++];
	*v = (struct taint_variable){ .name = text_of(copy, name.n), .scope = scope };
	e->buckets[b] = (uint16_t)e->nvariables;
	return v;
}

static struct taint_variable *find_variable(struct taint *e, struct text name)
{
	for (unsigned i = e->nscopes; i > 0; i--) {
		struct taint_variable *v = variable_in(e, name, e->scopes[i - 1], false);
		if (v)
			return v;
	}
	return NULL;
}

struct taint_function *taint_function(struct taint *e, struct text name, bool add)
{
	unsigned size = 2 * TAINT_FUNCTIONS, b = hash_of(name, 0, size);
	for (; e->function_buckets[b]; b = (b + 1) % size)
		if (text_eq(e->functions[e->function_buckets[b] - 1].name, name))
			return &e->functions[e->function_buckets[b] - 1];
	if (!add || e->nfunctions == TAINT_FUNCTIONS)
		return NULL;
	struct taint_function *f = &e->functions[e->nfunctions++];
	*f = (struct taint_function){ .name = name };
	e->function_buckets[b] = (uint16_t)e->nfunctions;
	return f;
}

static bool in_block(const struct taint *e, unsigned id)
{
	for (unsigned i = 0; i < e->nblocks; i++)
		if (e->blocks[i].id == id)
			return true;
	return false;
}

static struct taint_value of_variable(const struct taint *e, struct taint_variable *v)
{
	struct taint_value value = { .origin = v->origin, .text = v->value, .constant = v->value.p != NULL, .variable = v };
	if (v->equal_block && in_block(e, v->equal_block))
		value.origin = (struct origin){ .level = ORIGIN_FIXED };
	return value;
}

static struct text as_text(const struct taint_value *v)
{
	return v->text.p ? v->text : TEXT_LIT("$_");
}

struct taint_value taint_join(struct taint *e, struct taint_value a, struct taint_value b, bool concatenates)
{
	struct taint_value v = { .origin = origin_join(a.origin, b.origin), .from = a.from };
	struct text x = as_text(&a), y = as_text(&b);
	char *text =
		concatenates && x.n + y.n <= TAINT_TEXT ? arena_alloc(e->file->subject->arena, x.n + y.n + 1, 1) : NULL;
	if (!text)
		return v;
	memcpy(text, x.p, x.n);
	memcpy(text + x.n, y.p, y.n);
	v.text = text_of(text, x.n + y.n);
	v.constant = a.constant && b.constant;
	return v;
}

/* The elements of a list or the arguments of a call, joined with a space between them. */
static struct taint_value join_element(struct taint *e, struct taint_value a, struct taint_value b, bool first)
{
	static const struct taint_value space = { .text = { " ", 1 }, .constant = true };
	if (first)
		return b;
	return taint_join(e, taint_join(e, a, space, true), b, true);
}

static bool is_close(const struct taint *e)
{
	static const char *const closes[] = { ")", "]", "}", NULL };
	return token(e, 0)->kind == CODE_OPERATOR && among(e, closes);
}

static struct taint_value list_until(struct taint *e, const char *close)
{
	struct taint_value all = { .text = TEXT_LIT(""), .constant = true };
	bool first = true;
	while (!ended(e) && !taint_is(e, close)) {
		size_t before = e->i;
		struct taint_value v = taint_expression(e);
		if (e->i > before) {
			all = join_element(e, all, v, first);
			first = false;
		} else if (is_close(e)) {
			break; /* some other bracket's */
		} else {
			e->i++; /* , ; : and what else separates */
		}
	}
	e->i += taint_is(e, close);
	all.list = true;
	return all;
}

static void take_arguments(struct taint *e, struct taint_call *c, const char *close)
{
	bool python = e->file->language == LANGUAGE_PYTHON;
	while (!ended(e) && !taint_is(e, close)) {
		size_t before = e->i;
		struct taint_argument a = { .keyword = TEXT_LIT("") };
		if (python && token(e, 0)->kind == CODE_NAME && token(e, 1)->kind == CODE_OPERATOR &&
			text_is(token(e, 1)->text, "=")) {
			a.keyword = token(e, 0)->text;
			e->i += 2;
		}
		a.value = taint_expression(e);
		if (e->i > before && c->n < TAINT_ARGUMENTS)
			c->arguments[c->n++] = a;
		else if (e->i == before && is_close(e))
			break;
		else if (e->i == before)
			e->i++;
	}
	e->i += taint_is(e, close);
	c->to = e->t[e->i ? e->i - 1 : 0].to;
}

struct path {
	char p[TAINT_PATH];
	size_t n;
	bool lost; /* it is no name that can be assigned or called by */
};

static void extend(struct path *path, struct text name)
{
	size_t dot = path->n > 0;
	if (path->n + name.n + dot > sizeof path->p) {
		path->lost = true;
		return;
	}
	if (dot)
		path->p[path->n++] = '.';
	memcpy(path->p + path->n, name.p, name.n);
	path->n += name.n;
}

static struct text path_text(const struct path *path)
{
	return text_of(path->p, path->n);
}

/* A field: the variable of that path where there is one, a request's value by its key, or what it is a part of. */
static void take_field(struct taint *e, struct taint_value *v, struct path *path, const struct code_rule **keyed,
					   struct text key)
{
	if (*keyed && (*keyed)->keys && key.n) {
		v->origin = taint_source(e, *keyed, path_text(path), key);
		v->variable = NULL;
		v->text = TEXT_NONE;
		*keyed = NULL;
		extend(path, key);
		return;
	}
	if (*keyed && !(*keyed)->keys && key.n && v->origin.level >= ORIGIN_STORED)
		v->origin = taint_source(e, *keyed, path_text(path), key);
	*keyed = NULL;
	if (text_is(key, "tmp_name") || text_is(key, "size") || text_is(key, "error"))
		v->origin = (struct origin){ .level = ORIGIN_FIXED }; /* of an upload: the server's own */
	if (key.n)
		extend(path, key);
	else
		path->lost = true;
	struct taint_variable *known = path->lost ? NULL : find_variable(e, path_text(path));
	const struct code_rule *r = path->lost ? NULL : taint_rule(e, path_text(path));
	bool source = r && (r->kind == RULE_SOURCE || r->kind == RULE_STORED);
	v->text = TEXT_NONE;
	v->constant = false;
	if (known)
		*v = of_variable(e, known);
	else
		v->variable = NULL;
	if (source && !known) {
		*keyed = r;
		if (!r->keys && token(e, 0)->kind == CODE_OPERATOR && !taint_is(e, "("))
			v->origin = taint_source(e, r, path_text(path), TEXT_NONE);
	}
}

static bool is_member_operator(const struct taint *e)
{
	static const char *const lua[] = { ".", ":", NULL }, *const python[] = { ".", NULL };
	static const char *const others[] = { "->", "::", "?->", NULL };
	const struct code_token *next = token(e, 1);
	if (token(e, 0)->kind != CODE_OPERATOR || next->kind != CODE_NAME)
		return false;
	if (e->file->language == LANGUAGE_LUA)
		return among(e, lua);
	return e->file->language == LANGUAGE_PYTHON ? among(e, python) : among(e, others);
}

/* What follows an operand: members, indices, calls. */
static void take_postfix(struct taint *e, struct taint_value *v, struct path *path, const struct code_rule *keyed)
{
	enum script_language language = e->file->language;
	for (;;) {
		const struct code_token *t = token(e, 0), *before = &e->t[e->i ? e->i - 1 : 0];
		bool op = t->kind == CODE_OPERATOR;
		if (op && language == LANGUAGE_PERL && text_is(t->text, "->") && token(e, 1)->kind == CODE_OPERATOR) {
			e->i++;
			continue;
		}
		bool brace = op && language == LANGUAGE_PERL && text_is(t->text, "{") &&
					 (t->from == before->to || text_is(before->text, "->"));
		if (is_member_operator(e)) {
			e->i += 2;
			take_field(e, v, path, &keyed, token(e, 0) == t ? TEXT_NONE : e->t[e->i - 1].text);
		} else if ((op && text_is(t->text, "[") && !(language == LANGUAGE_PERL && t->from != before->to)) || brace) {
			e->i++;
			/* a bare word is a key in Perl */
			bool bare =
				brace && token(e, 0)->kind == CODE_NAME && !token(e, 0)->sigil && text_is(token(e, 1)->text, "}");
			struct text word = token(e, 0)->text;
			struct taint_value key = list_until(e, brace ? "}" : "]");
			take_field(e, v, path, &keyed, bare ? word : key.constant && key.text.n ? key.text : TEXT_NONE);
		} else if ((op && text_is(t->text, "(")) || (language == LANGUAGE_LUA && before->kind == CODE_NAME &&
													 (t->kind == CODE_STRING || (op && text_is(t->text, "{"))))) {
			struct taint_call c = { .from = v->from, .line = t->line };
			bool parenthesis = text_is(t->text, "(") && op;
			e->i += parenthesis || op;
			if (op) {
				take_arguments(e, &c, parenthesis ? ")" : "}");
			} else {
				c.arguments[c.n++].value = (struct taint_value){ .text = t->text, .constant = true };
				e->i++;
				c.to = t->to;
			}
			const char *from = v->from;
			struct text alias = TEXT_NONE;
			if (language == LANGUAGE_LUA && text_is(path_text(path), "require") && c.n && c.arguments[0].value.constant)
				alias = c.arguments[0].value.text;
			*v = taint_call(e, path->lost ? TEXT_NONE : path_text(path), v, &c);
			v->from = from;
			path->n = 0;
			path->lost = true;
			if (alias.n) {
				path->lost = false;
				extend(path, alias);
			}
			keyed = NULL;
		} else {
			break;
		}
	}
}

static struct taint_value name_operand(struct taint *e)
{
	const struct code_token *t = token(e, 0);
	struct path path = { .n = 0 };
	struct taint_variable *known = find_variable(e, t->text);
	extend(&path, known && known->alias.n ? known->alias : t->text);
	struct taint_value v = { .from = t->from };
	const struct code_rule *keyed = NULL;
	e->i++;
	if (known)
		v = of_variable(e, known);
	const struct code_rule *r = taint_rule(e, path_text(&path));
	bool php = e->file->language == LANGUAGE_PHP, perl = e->file->language == LANGUAGE_PERL;
	bool global = php    ? t->text.p[0] == '_' || text_starts(t->text, "HTTP_")
				  : perl ? text_is(t->text, "ENV") || e->cgi_lib
						 : true;
	global &= e->file->language != LANGUAGE_LUA || e->file->haserl || (r && memchr(r->name, '.', strlen(r->name)));
	bool variable = (t->sigil && global) || (!php && !perl && global);
	variable &= t->sigil || e->file->language == LANGUAGE_LUA || e->file->language == LANGUAGE_PYTHON;
	if (!known && variable && r && (r->kind == RULE_SOURCE || r->kind == RULE_STORED) && !taint_is(e, "(")) {
		keyed = r;
		if (!r->keys)
			v.origin = taint_source(e, r, path_text(&path), TEXT_NONE);
	}
	v.from = t->from;
	take_postfix(e, &v, &path, keyed);
	if (!path.lost && path.n) {
		char *copy = arena_strdup(e->file->subject->arena, path_text(&path));
		v.path = copy ? text_of(copy, path.n) : TEXT_NONE;
		if (text_is(v.path, "True") || text_is(v.path, "False") || text_is(v.path, "true") || text_is(v.path, "false"))
			v.text = v.path;
	}
	v.from = t->from;
	return v;
}

/* Names within a string: $name, ${name}, {$name->x}, @name; what an index leads to counts by the name's own key. */
static struct taint_value interpolated_name(struct taint *e, struct text body, size_t *at)
{
	size_t i = *at + 1;
	bool brace = i < body.n && body.p[i] == '{';
	i += brace;
	size_t from = i;
	while (i < body.n && (body.p[i] == '_' || ((body.p[i] | 0x20) >= 'a' && (body.p[i] | 0x20) <= 'z') ||
						  (i > from && body.p[i] >= '0' && body.p[i] <= '9')))
		i++;
	struct text name = text_of(body.p + from, i - from), key = TEXT_NONE;
	struct taint_value v = { .origin = { .level = ORIGIN_FIXED } };
	*at = i + brace;
	if (!name.n)
		return v;
	if (i < body.n && (body.p[i] == '[' || body.p[i] == '{') && !brace) {
		size_t k = i + 1;
		k += k < body.n && (body.p[k] == '\'' || body.p[k] == '"');
		size_t end = k;
		while (end < body.n && body.p[end] != ']' && body.p[end] != '}' && body.p[end] != '\'' && body.p[end] != '"')
			end++;
		key = text_of(body.p + k, end - k);
		while (end < body.n && body.p[end] != ']' && body.p[end] != '}')
			end++;
		*at = end < body.n ? end + 1 : end;
	}
	struct taint_variable *known = find_variable(e, name);
	if (known) {
		v = of_variable(e, known);
		v.text = key.n ? TEXT_NONE : v.text;
		return v;
	}
	const struct code_rule *r = taint_rule(e, name);
	if (r && r->kind == RULE_SOURCE)
		v.origin = taint_source(e, r, name, key);
	return v;
}

/* An expression within a string of Python, {x}. */
static struct taint_value embedded(struct taint *e, struct text source)
{
	size_t n = 0;
	struct taint_value v = { .origin = { .level = ORIGIN_FIXED } };
	struct code_token *t =
		e->depth < TAINT_DEPTH ? code_tokens(e->file->subject->arena, &e->knowledge->lexical, source, 256, &n) : NULL;
	if (!t)
		return v;
	const struct code_token *outer = e->t;
	size_t outer_n = e->n, outer_i = e->i;
	e->t = t;
	e->n = n;
	e->i = 0;
	v = taint_expression(e);
	e->t = outer;
	e->n = outer_n;
	e->i = outer_i;
	return v;
}

static size_t embedded_end(struct text body, size_t at)
{
	unsigned depth = 0;
	for (size_t i = at; i < body.n && i - at < 400; i++) {
		if (body.p[i] == '{')
			depth++;
		else if (body.p[i] == '}' && --depth == 0)
			return i;
	}
	return SIZE_MAX;
}

static struct taint_value string_operand(struct taint *e, const struct code_token *t)
{
	struct taint_value v = { .text = t->text, .constant = true };
	if (!t->interpolates)
		return v;
	bool python = e->file->language == LANGUAGE_PYTHON;
	v.text = TEXT_LIT("");
	size_t from = 0, i = 0;
	while (i < t->text.n) {
		char c = t->text.p[i], next = i + 1 < t->text.n ? t->text.p[i + 1] : '\0';
		bool name = !python && (c == '$' || (c == '@' && e->file->language == LANGUAGE_PERL)) &&
					(next == '{' || next == '_' || ((next | 0x20) >= 'a' && (next | 0x20) <= 'z'));
		if (c == '\\') {
			i += 2;
			continue;
		}
		size_t end = python && c == '{' && next != '{' ? embedded_end(t->text, i) : SIZE_MAX;
		if (!name && end == SIZE_MAX) {
			i += python && c == '{' ? 2 : 1;
			continue;
		}
		struct taint_value piece = { .text = text_of(t->text.p + from, i - from), .constant = true };
		if (piece.text.n)
			v = taint_join(e, v, piece, true);
		struct taint_value inner;
		if (name) {
			inner = interpolated_name(e, t->text, &i);
		} else {
			inner = embedded(e, text_of(t->text.p + i + 1, end - i - 1));
			i = end + 1;
		}
		inner.constant = inner.constant && inner.text.p;
		v = taint_join(e, v, inner, true);
		from = i;
	}
	if (from < t->text.n)
		v = taint_join(
			e, v, (struct taint_value){ .text = text_of(t->text.p + from, t->text.n - from), .constant = true }, true);
	return v;
}

void taint_assign(struct taint *e, struct text path, struct taint_value v, bool append, bool local)
{
	bool own = local || e->file->language == LANGUAGE_PYTHON || e->file->language == LANGUAGE_PHP;
	struct taint_variable *known =
		own ? variable_in(e, path, e->scopes[e->nscopes - 1], false) : find_variable(e, path);
	/* a default in a branch leaves what the other branch gives */
	bool weak = known && e->nblocks && !append && v.constant && known->origin.level == ORIGIN_REQUEST &&
				!e->blocks[e->nblocks - 1].function;
	if (!known)
		known = variable_in(e, path, e->scopes[e->nscopes - 1], true);
	if (!known || weak)
		return;
	known->origin = append ? origin_join(known->origin, v.origin) : v.origin;
	known->value = append ? TEXT_NONE : v.text;
	known->alias = v.variable || v.constant ? TEXT_NONE : v.path;
	if (v.variable && v.variable->alias.n)
		known->alias = v.variable->alias;
	known->equal_block = 0;
}

static bool is_assignment(const struct taint *e)
{
	static const char *const ops[] = { "=", ".=", "+=", "||=", "?\?=", ":=", "//=", NULL };
	return token(e, 0)->kind == CODE_OPERATOR && among(e, ops);
}

/* Keywords and operators at which an expression ends. */
static bool is_stop(const struct taint *e)
{
	static const char *const common[] = { ";", ",", ")", "]", "}", "=>", NULL };
	static const char *const lua[] = { "then", "do",    "end",    "else",  "elseif", "until", "local", "return", "if",
									   "for",  "while", "repeat", "break", "goto",   "in",    "::",    NULL };
	static const char *const php[] = { "as", "if", "else", "elseif", "return", "foreach", "while", ":", NULL };
	static const char *const python[] = { ":",    "import", "as",    "return", "def", "class",
										  "with", "for",    "async", "=",      NULL };
	static const char *const perl[] = { "if", "unless", "foreach", "for", "while", "until", "return", ":", NULL };
	static const char *const *const own[] = { NULL, NULL, lua, php, python, perl };
	const struct code_token *t = token(e, 0);
	if (t->kind == CODE_END || t->kind == CODE_NEWLINE || among(e, common))
		return true;
	return among(e, own[e->file->language]) && !(e->file->language == LANGUAGE_PYTHON && is_assignment(e));
}

static bool is_comparison(const struct taint *e)
{
	static const char *const ops[] = { "==",  "===", "!=", "!==",        "~=",  "<",  ">",  "<=",
									   ">=",  "<=>", "eq", "ne",         "lt",  "gt", "le", "ge",
									   "cmp", "is",  "in", "instanceof", "not", "=~", "!~", NULL };
	return among(e, ops);
}

static bool is_logical(const struct taint *e)
{
	static const char *const ops[] = { "and", "or", "&&", "||", "??", "xor", NULL };
	return among(e, ops);
}

static bool is_arithmetic(const struct taint *e)
{
	static const char *const ops[] = { "-", "*", "/", "**", "<<", ">>", "&", "^", NULL };
	bool adds = e->file->language != LANGUAGE_PYTHON && taint_is(e, "+");
	bool divides = (e->file->language == LANGUAGE_PHP || e->file->language == LANGUAGE_PERL) && taint_is(e, "%");
	return adds || divides || among(e, ops);
}

static bool begins_operand(const struct taint *e, const struct code_token *t)
{
	if (t->kind == CODE_NAME || t->kind == CODE_NUMBER || t->kind == CODE_STRING)
		return true;
	return t->kind == CODE_OPERATOR && (text_is(t->text, "(") || text_is(t->text, "[") ||
										(text_is(t->text, "{") && e->file->language != LANGUAGE_PHP));
}

/* Calls without parentheses: Perl's functions, PHP's include and require. */
static bool is_bare_call(const struct taint *e)
{
	static const char *const php[] = { "include", "include_once", "require", "require_once", NULL };
	static const char *const perl[] = { "system", "exec",   "open",    "chmod", "umask",     "unlink",
										"do",     "eval",   "join",    "lc",    "uc",        "defined",
										"int",    "length", "sprintf", "split", "quotemeta", NULL };
	const struct code_token *t = token(e, 0), *next = token(e, 1);
	if (t->kind != CODE_NAME || t->sigil || (next->kind == CODE_OPERATOR && !text_is(next->text, "@")))
		return false;
	if (next->kind == CODE_END || next->kind == CODE_NEWLINE || (next->kind == CODE_NAME && !next->sigil))
		return false;
	return (e->file->language == LANGUAGE_PHP && scripts_among(t->text, php)) ||
		   (e->file->language == LANGUAGE_PERL && scripts_among(t->text, perl));
}

static struct taint_value bare_call(struct taint *e)
{
	const struct code_token *t = token(e, 0);
	struct taint_call c = { .from = t->from, .line = t->line };
	struct taint_value nothing = { .origin = { .level = ORIGIN_FIXED } };
	e->i++;
	while (c.n < TAINT_ARGUMENTS) {
		size_t before = e->i;
		struct taint_value v = taint_expression(e);
		if (e->i == before)
			break;
		c.arguments[c.n++].value = v;
		if (!taint_is(e, ",") && !taint_is(e, "=>"))
			break;
		e->i++;
	}
	c.to = e->t[e->i - 1].to;
	return taint_call(e, t->text, &nothing, &c);
}

static struct taint_value operand(struct taint *e)
{
	static const char *const prefixes[] = { "new",    "clone", "await",  "yield",   "print",     "echo",
											"my",     "our",   "local",  "not",     "return",    "global",
											"static", "const", "public", "private", "protected", "var",
											"assert", "del",   "raise",  "die",     "throw",     "throw",
											"case",   "else",  "elif",   "use",     NULL };
	struct taint_value v = { .from = token(e, 0)->from };
	const struct code_token *t = token(e, 0);
	struct path path = { .lost = true };
	if (t->kind == CODE_NUMBER) {
		e->i++;
		v.text = t->text;
		v.constant = true;
	} else if (t->kind == CODE_STRING) {
		e->i++;
		v = string_operand(e, t);
		v.from = t->from;
		if (t->command)
			taint_command(e, &v, t->from, t->to, t->line);
		if (t->command)
			v = (struct taint_value){ .from = t->from };
		take_postfix(e, &v, &path, NULL);
	} else if (text_is(t->text, "(") || text_is(t->text, "[") || text_is(t->text, "{")) {
		e->i++;
		v = list_until(e, text_is(t->text, "(") ? ")" : text_is(t->text, "[") ? "]" : "}");
		v.list = !text_is(t->text, "(");
		v.from = t->from;
		take_postfix(e, &v, &path, NULL);
	} else if (taint_is(e, "function") || (taint_is(e, "sub") && e->file->language == LANGUAGE_PERL)) {
		taint_closure(e);
	} else if (is_bare_call(e)) {
		v = bare_call(e);
	} else if (t->kind == CODE_NAME && !t->sigil && scripts_among(t->text, prefixes)) {
		e->i++;
		v = begins_operand(e, token(e, 0)) && !is_stop(e) ? operand(e) : v;
	} else if (t->kind == CODE_NAME) {
		v = name_operand(e);
	} else {
		e->i++; /* a prefix operator */
	}
	return v;
}

/* x == "constant" in a condition: in its block, x is that. */
static void take_equality(struct taint *e, const struct taint_value *v)
{
	const struct code_token *next = token(e, 1);
	bool equal = taint_is(e, "==") || taint_is(e, "===") || taint_is(e, "eq");
	if (!e->condition)
		return;
	if (equal && v->variable && (next->kind == CODE_STRING || next->kind == CODE_NUMBER) && !next->interpolates)
		e->pending_equal = v->variable;
	bool agent = scripts_has(v->origin.source, "HTTP_USER_AGENT") && !v->origin.indirect;
	if (equal && agent && next->kind == CODE_STRING && next->text.n > 3)
		scripts_emit(e->file, next->line, "back-door", text_of(v->from, (size_t)(next->to - v->from)),
					 TEXT_LIT("HTTP_USER_AGENT"), "condition", "likely");
	if (v->variable && (taint_is(e, "in") || taint_is(e, "=~") || taint_is(e, "!~")))
		v->variable->origin.guarded = true;
}

static struct taint_value run_expression(struct taint *e)
{
	struct taint_value all = { .constant = false }, current = all;
	bool have = false, compared = false, any = false;
	while (!ended(e) && !(is_stop(e) && !(have && is_assignment(e)))) {
		if (!have) {
			bool negates = taint_is(e, "!") || taint_is(e, "#") || taint_is(e, "not");
			size_t before = e->i;
			bool is_operand = begins_operand(e, token(e, 0));
			struct taint_value v = operand(e);
			if (is_operand) {
				current = compared ? (struct taint_value){ .constant = false }
						  : any    ? taint_join(e, current, v, true)
								   : v;
				any = have = true;
			}
			compared |= negates && !is_operand;
			e->i += e->i == before;
		} else if (is_assignment(e)) {
			bool append = token(e, 0)->text.n == 2 && token(e, 0)->text.p[0] != ':';
			struct text path = current.path;
			e->i++;
			struct taint_value v = taint_expression(e);
			if (path.n)
				taint_assign(e, path, v, append, false);
			current = v;
			break;
		} else if (is_comparison(e)) {
			take_equality(e, &current);
			bool equality = taint_is(e, "=~") || taint_is(e, "!~");
			e->i++;
			current = (struct taint_value){ .from = current.from };
			compared = !equality || true;
			have = false;
		} else if (is_logical(e) || taint_is(e, "?") || (taint_is(e, ":") && e->file->language == LANGUAGE_PHP)) {
			bool question = taint_is(e, "?") && !text_is(token(e, 1)->text, ":");
			if (!question)
				all = taint_join(e, all, current, false);
			e->i++;
			if (taint_is(e, ":"))
				e->i++;
			current = (struct taint_value){ .constant = false };
			compared = have = any = false;
			if (question) {
				struct taint_value yes = taint_expression(e);
				all = taint_join(e, all, yes, false);
				e->i += taint_is(e, ":");
			}
		} else if (e->file->language == LANGUAGE_PYTHON && taint_is(e, "if")) {
			all = taint_join(e, all, current, false);
			compared = true;
			have = false;
			e->i++;
		} else if (e->file->language == LANGUAGE_PYTHON && taint_is(e, "else")) {
			e->i++;
			current = (struct taint_value){ .constant = false };
			compared = have = any = false;
		} else if (is_arithmetic(e)) {
			e->i++;
			current = (struct taint_value){ .from = current.from };
			have = false;
			compared = true;
		} else if (token(e, 0)->kind == CODE_OPERATOR && !begins_operand(e, token(e, 0))) {
			if (taint_is(e, "%"))
				current.text = current.constant ? current.text : TEXT_NONE;
			e->i++;
			have = false;
		} else if (token(e, 0)->kind == CODE_STRING) {
			have = false; /* strings one behind the other are one */
		} else if (token(e, 0)->kind == CODE_NAME && text_is(token(e, 0)->text, "x") &&
				   e->file->language == LANGUAGE_PERL) {
			e->i++;
			have = false;
		} else {
			break; /* the next statement */
		}
	}
	if (all.origin.level == ORIGIN_FIXED && !all.from && !all.text.p && any && !compared)
		return current;
	struct taint_value v = taint_join(e, all, current, false);
	v.from = current.from;
	v.text = compared ? TEXT_NONE : current.text;
	return v;
}

struct taint_value taint_expression(struct taint *e)
{
	if (e->depth == TAINT_DEPTH) {
		e->i += !ended(e);
		return (struct taint_value){ .constant = false };
	}
	e->depth++;
	struct taint_value v = run_expression(e);
	e->depth--;
	return v;
}
