/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operands of expressions: names with their fields, indices and calls, strings with what they interpolate, lists. */
#include "inspect/taint.h"

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
	return taint_token(e, 0)->kind == CODE_OPERATOR && taint_among(e, closes);
}

static struct taint_value list_until(struct taint *e, const char *close)
{
	struct taint_value all = { .text = TEXT_LIT(""), .constant = true };
	bool first = true;
	while (!taint_ended(e) && !taint_is(e, close)) {
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
	while (!taint_ended(e) && !taint_is(e, close)) {
		size_t before = e->i;
		struct taint_argument a = { .keyword = TEXT_LIT("") };
		if (python && taint_token(e, 0)->kind == CODE_NAME && taint_token(e, 1)->kind == CODE_OPERATOR &&
			text_is(taint_token(e, 1)->text, "=")) {
			a.keyword = taint_token(e, 0)->text;
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
	struct taint_variable *known = path->lost ? NULL : taint_find_variable(e, path_text(path));
	const struct code_rule *r = path->lost ? NULL : taint_rule(e, path_text(path));
	bool source = r && (r->kind == RULE_SOURCE || r->kind == RULE_STORED);
	v->text = TEXT_NONE;
	v->constant = false;
	if (known)
		*v = taint_of_variable(e, known);
	else
		v->variable = NULL;
	if (source && !known) {
		*keyed = r;
		if (!r->keys && taint_token(e, 0)->kind == CODE_OPERATOR && !taint_is(e, "("))
			v->origin = taint_source(e, r, path_text(path), TEXT_NONE);
	}
}

static bool is_member_operator(const struct taint *e)
{
	static const char *const lua[] = { ".", ":", NULL }, *const python[] = { ".", NULL };
	static const char *const others[] = { "->", "::", "?->", NULL };
	const struct code_token *next = taint_token(e, 1);
	if (taint_token(e, 0)->kind != CODE_OPERATOR || next->kind != CODE_NAME)
		return false;
	if (e->file->language == LANGUAGE_LUA)
		return taint_among(e, lua);
	return e->file->language == LANGUAGE_PYTHON ? taint_among(e, python) : taint_among(e, others);
}

/* What follows an operand: members, indices, calls. */
static void take_postfix(struct taint *e, struct taint_value *v, struct path *path, const struct code_rule *keyed)
{
	enum script_language language = e->file->language;
	for (;;) {
		const struct code_token *t = taint_token(e, 0), *before = &e->t[e->i ? e->i - 1 : 0];
		bool op = t->kind == CODE_OPERATOR;
		if (op && language == LANGUAGE_PERL && text_is(t->text, "->") && taint_token(e, 1)->kind == CODE_OPERATOR) {
			e->i++;
			continue;
		}
		bool brace = op && language == LANGUAGE_PERL && text_is(t->text, "{") &&
					 (t->from == before->to || text_is(before->text, "->"));
		if (is_member_operator(e)) {
			e->i += 2;
			take_field(e, v, path, &keyed, taint_token(e, 0) == t ? TEXT_NONE : e->t[e->i - 1].text);
		} else if ((op && text_is(t->text, "[") && !(language == LANGUAGE_PERL && t->from != before->to)) || brace) {
			e->i++;
			/* a bare word is a key in Perl */
			bool bare = brace && taint_token(e, 0)->kind == CODE_NAME && !taint_token(e, 0)->sigil &&
						text_is(taint_token(e, 1)->text, "}");
			struct text word = taint_token(e, 0)->text;
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
	const struct code_token *t = taint_token(e, 0);
	struct path path = { .n = 0 };
	struct taint_variable *known = taint_find_variable(e, t->text);
	extend(&path, known && known->alias.n ? known->alias : t->text);
	struct taint_value v = { .from = t->from };
	const struct code_rule *keyed = NULL;
	e->i++;
	if (known)
		v = taint_of_variable(e, known);
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
	struct taint_variable *known = taint_find_variable(e, name);
	if (known) {
		v = taint_of_variable(e, known);
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

bool taint_begins_operand(const struct taint *e, const struct code_token *t)
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
	const struct code_token *t = taint_token(e, 0), *next = taint_token(e, 1);
	if (t->kind != CODE_NAME || t->sigil || (next->kind == CODE_OPERATOR && !text_is(next->text, "@")))
		return false;
	if (next->kind == CODE_END || next->kind == CODE_NEWLINE || (next->kind == CODE_NAME && !next->sigil))
		return false;
	return (e->file->language == LANGUAGE_PHP && scripts_among(t->text, php)) ||
		   (e->file->language == LANGUAGE_PERL && scripts_among(t->text, perl));
}

static struct taint_value bare_call(struct taint *e)
{
	const struct code_token *t = taint_token(e, 0);
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

struct taint_value taint_operand(struct taint *e)
{
	static const char *const prefixes[] = { "new",    "clone", "await",  "yield",   "print",     "echo",
											"my",     "our",   "local",  "not",     "return",    "global",
											"static", "const", "public", "private", "protected", "var",
											"assert", "del",   "raise",  "die",     "throw",     "throw",
											"case",   "else",  "elif",   "use",     NULL };
	struct taint_value v = { .from = taint_token(e, 0)->from };
	const struct code_token *t = taint_token(e, 0);
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
		v = taint_begins_operand(e, taint_token(e, 0)) && !taint_is_stop(e) ? taint_operand(e) : v;
	} else if (t->kind == CODE_NAME) {
		v = name_operand(e);
	} else {
		e->i++; /* a prefix operator */
	}
	return v;
}
