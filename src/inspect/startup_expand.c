/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/startup_expand.h"

#include "inspect/shell.h"

static bool is_name_char(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

size_t expand_name_length(struct text t)
{
	size_t n = 0;
	while (n < t.n && is_name_char(t.p[n], n == 0))
		n++;
	return n;
}

static uint32_t hash_name(struct text name) /* FNV-1a */
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (uint8_t)name.p[i]) * 16777619u;
	return h;
}

/* The bucket of the name, or the empty one where it would go. */
static size_t find_bucket(const struct expand_scope *scope, struct text name)
{
	size_t count = sizeof scope->buckets / sizeof scope->buckets[0], b = hash_name(name) % count;
	while (scope->buckets[b] && !text_eq(scope->variables[scope->buckets[b] - 1].name, name))
		b = (b + 1) % count;
	return b;
}

static const struct expand_variable *find(const struct expand_scope *scope, struct text name)
{
	size_t b = find_bucket(scope, name);
	return scope->buckets[b] ? &scope->variables[scope->buckets[b] - 1] : NULL;
}

/* The variable of that name, new or not; NULL when there are too many. */
static struct expand_variable *obtain(struct expand_scope *scope, struct text name, bool *is_new)
{
	size_t b = find_bucket(scope, name);
	*is_new = scope->buckets[b] == 0;
	if (*is_new && scope->n == EXPAND_VARIABLES)
		return NULL;
	if (*is_new) {
		scope->variables[scope->n] = (struct expand_variable){ .name = name };
		scope->buckets[b] = (uint16_t)++scope->n;
	}
	return &scope->variables[scope->buckets[b] - 1];
}

struct expand_variable *expand_variable(struct expand_scope *scope, struct text name, bool make)
{
	bool is_new;
	return make || find(scope, name) ? obtain(scope, name, &is_new) : NULL;
}

struct output {
	char bytes[EXPAND_LENGTH];
	size_t n;
	bool unknown;
};

static void add(struct output *out, struct text t)
{
	if (!t.p || t.n > sizeof out->bytes - out->n) {
		out->unknown = true;
		return;
	}
	if (t.n)
		memcpy(out->bytes + out->n, t.p, t.n);
	out->n += t.n;
}

static void add_variable(const struct expand_scope *scope, struct text name, struct text otherwise, unsigned choice,
						 struct expansion *e, struct output *out)
{
	if (text_is(name, "1")) {
		e->argument = e->unsure = true;
		add(out, scope->first_argument);
		return;
	}
	const struct expand_variable *v = find(scope, name);
	e->unsure |= !v || v->unsure;
	if (!v) {
		add(out, otherwise);
		return;
	}
	e->argument |= v->argument;
	if (v->scripts.p)
		e->scripts = v->scripts;
	if (v->nitems > e->choices)
		e->choices = v->nitems;
	add(out, v->nitems == 0 ? TEXT_NONE : v->items[choice < v->nitems ? choice : 0]);
}

static bool is_plain(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] == '$' || t.p[i] == '`' || t.p[i] == '\\' || t.p[i] == '"' || t.p[i] == '\'')
			return false;
	return true;
}

/* ${name}, ${name:-word}, ${name-word}, ${name:=word} (XCU 2.6.2); other forms are not known. */
static void add_braced(const struct expand_scope *scope, struct text body, unsigned choice, struct expansion *e,
					   struct output *out)
{
	size_t n = body.n && body.p[0] == '1' ? 1 : expand_name_length(body);
	struct text name = text_of(body.p, n), rest = text_of(body.p + n, body.n - n), otherwise = TEXT_NONE;
	if (rest.n && rest.p[0] == ':')
		rest = text_of(rest.p + 1, rest.n - 1);
	if (n == 0 || (rest.n && rest.p[0] != '-' && rest.p[0] != '=')) {
		out->unknown = true;
		return;
	}
	struct text word = rest.n ? shell_unquoted(text_of(rest.p + 1, rest.n - 1)) : TEXT_NONE;
	if (word.p && is_plain(word))
		otherwise = word;
	add_variable(scope, name, otherwise, choice, e, out);
}

/* What follows a '$' at `at`; gives where it ends. */
static size_t add_dollar(const struct expand_scope *scope, struct text word, size_t at, unsigned choice,
						 struct expansion *e, struct output *out)
{
	struct text rest = text_of(word.p + at + 1, word.n - at - 1);
	if (rest.n && (rest.p[0] == '{' || rest.p[0] == '(')) {
		size_t end = shell_skip_nested(word, at);
		if (rest.p[0] == '{' && end != SIZE_MAX)
			add_braced(scope, text_of(rest.p + 1, end - at - 3), choice, e, out);
		else
			out->unknown = true;
		return end == SIZE_MAX ? word.n : end;
	}
	size_t n = rest.n && rest.p[0] == '1' ? 1 : expand_name_length(rest);
	if (n == 0)
		out->unknown = true; /* $?, $@ and the like; a lone '$' is rare enough */
	else
		add_variable(scope, text_of(rest.p, n), TEXT_NONE, choice, e, out);
	return at + 1 + (n ? n : 1);
}

struct expansion expand_word(const struct expand_scope *scope, struct text word, unsigned choice)
{
	struct expansion e = { .value = word, .choices = 1 };
	if (is_plain(word))
		return e;
	struct output out;
	out.n = 0;
	out.unknown = false;
	bool quoted = false;
	for (size_t i = 0; i < word.n && !out.unknown;) {
		char c = word.p[i];
		const char *close = c == '\'' && !quoted ? memchr(word.p + i + 1, '\'', word.n - i - 1) : NULL;
		if (close) {
			add(&out, text_of(word.p + i + 1, (size_t)(close - word.p) - i - 1));
			i = (size_t)(close - word.p) + 1;
		} else if (c == '"') {
			quoted = !quoted;
			i++;
		} else if (c == '\\' && i + 1 < word.n) {
			bool kept = quoted && !strchr("$`\"\\\n", word.p[i + 1]);
			if (word.p[i + 1] != '\n')
				add(&out, text_of(word.p + i + !kept, 1u + kept));
			i += 2;
		} else if (c == '$') {
			i = add_dollar(scope, word, i, choice, &e, &out);
		} else {
			out.unknown = c == '`';
			add(&out, text_of(word.p + i, 1));
			i++;
		}
	}
	char *copy = out.unknown ? NULL : arena_strdup(scope->arena, text_of(out.bytes, out.n));
	e.value = copy ? text_of(copy, out.n) : TEXT_NONE;
	return e;
}

void expand_assign(struct expand_scope *scope, struct text name, struct text word, bool sometimes)
{
	struct expansion e = expand_word(scope, word, 0);
	bool is_new;
	struct expand_variable *v = obtain(scope, name, &is_new);
	if (!v)
		return;
	bool differs = !is_new && !(v->nitems == 1 && v->items[0].p && e.value.p && text_eq(v->items[0], e.value));
	v->items[0] = e.choices > 1 || (sometimes && differs) ? TEXT_NONE : e.value;
	v->nitems = 1;
	v->argument = e.argument;
	v->unsure = e.unsure || e.choices > 1 || (sometimes && differs) || (sometimes && is_new);
	v->scripts = e.scripts;
}

void expand_loop(struct expand_scope *scope, struct text name)
{
	bool is_new;
	struct expand_variable *v = obtain(scope, name, &is_new);
	if (v)
		*v = (struct expand_variable){ .name = v->name, .unsure = true };
}

bool expand_names_scripts(struct text value)
{
	struct text base = text_base(value);
	struct text dir = text_of(value.p, value.n - base.n);
	return text_ends(dir, "/init.d/") || (text_ends(dir, ".d/") && memmem(dir.p, dir.n, "/rc", 3));
}

void expand_loop_item(struct expand_scope *scope, struct text name, struct text word)
{
	struct expansion e = expand_word(scope, word, 0);
	bool is_new;
	struct expand_variable *v = obtain(scope, name, &is_new);
	if (!v)
		return;
	bool pattern = memchr(word.p, '*', word.n) || memchr(word.p, '?', word.n) || memchr(word.p, '[', word.n);
	if (pattern && expand_names_scripts(e.value.p ? e.value : word))
		v->scripts = e.value.p ? e.value : word;
	if (v->nitems < EXPAND_ITEMS)
		v->items[v->nitems++] = pattern ? TEXT_NONE : e.value;
}

/* A bracket expression at pattern.p[*at]; moves *at behind it. */
static bool bracket_matches(struct text pattern, size_t *at, char c)
{
	size_t i = *at + 1;
	bool negated = i < pattern.n && (pattern.p[i] == '!' || pattern.p[i] == '^'), found = false;
	i += negated;
	for (size_t first = i; i < pattern.n && (pattern.p[i] != ']' || i == first); i++) {
		bool range = i + 2 < pattern.n && pattern.p[i + 1] == '-' && pattern.p[i + 2] != ']';
		found |= range ? c >= pattern.p[i] && c <= pattern.p[i + 2] : c == pattern.p[i];
		i += range ? 2 : 0;
	}
	*at = i < pattern.n ? i + 1 : pattern.n;
	return found != negated;
}

/* Whether one character of the value matches; moves *at behind what matches it. */
static bool character_matches(struct text pattern, size_t *at, char c)
{
	if (*at >= pattern.n)
		return false;
	if (pattern.p[*at] == '[')
		return bracket_matches(pattern, at, c);
	char wanted = pattern.p[(*at)++];
	return wanted == '?' || wanted == c;
}

bool expand_pattern_matches(struct text pattern, struct text value)
{
	size_t p = 0, v = 0, star = SIZE_MAX, retry = 0;
	if (pattern.n > 64 || value.n > 64) /* bounds the work of going back to a star */
		return false;
	while (v < value.n || p < pattern.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = ++p;
			retry = v;
		} else if (v < value.n && character_matches(pattern, &p, value.p[v])) {
			v++;
		} else if (star != SIZE_MAX && retry < value.n) {
			p = star;
			v = ++retry;
		} else {
			return false;
		}
	}
	return true;
}
