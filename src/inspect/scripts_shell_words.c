/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a shell script: what is left of them without quotes, and what the variables and substitutions in them come
 * from. */
#include "inspect/scripts_shell.h"

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

size_t shell_name_length(struct text t)
{
	size_t n = 0;
	if (t.n && t.p[0] >= '0' && t.p[0] <= '9')
		return 0;
	while (n < t.n && is_name(t.p[n]))
		n++;
	return n;
}

static unsigned hash_of(struct text name)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (uint8_t)name.p[i]) * 16777619u;
	return h % (2 * SHELL_VARIABLES);
}

static struct shell_variable *find_variable(struct shell_state *s, struct text name, bool add)
{
	unsigned b = hash_of(name);
	while (s->buckets[b]) {
		struct shell_variable *v = &s->variables[s->buckets[b] - 1];
		if (text_eq(v->name, name))
			return v;
		b = (b + 1) % (2 * SHELL_VARIABLES);
	}
	if (!add || s->nvariables == SHELL_VARIABLES)
		return NULL;
	struct shell_variable *v = &s->variables[s->nvariables++];
	*v = (struct shell_variable){ .name = name };
	s->buckets[b] = (uint16_t)s->nvariables;
	return v;
}

/* Variables that a web server sets for a CGI program (RFC 3875, section 4.1), as far as the client chooses them. */
static bool is_request_variable(const struct shell_state *s, struct text name)
{
	static const char *const always[] = {
		"QUERY_STRING", "REQUEST_URI", "HTTP_USER_AGENT",      "HTTP_COOKIE",          "HTTP_REFERER",
		"PATH_INFO",    "HTTP_HOST",   "HTTP_ACCEPT_LANGUAGE", "HTTP_X_FORWARDED_FOR", NULL
	};
	static const char *const prefixes[] = { "FORM_", "POST_", "GET_", "COOKIE_", "HASERL_", NULL };
	if (scripts_among(name, always))
		return !text_is(name, "PATH_INFO") || s->cgi;
	if (text_is(name, "HTTP_PROXY") || !s->cgi)
		return false;
	for (size_t i = 0; s->file->haserl && prefixes[i]; i++)
		if (text_starts(name, prefixes[i]))
			return true;
	return text_starts(name, "HTTP_") || text_starts(name, "HTTP_X_");
}

static struct origin origin_of_name(struct shell_state *s, struct text name, struct shell_variable **variable)
{
	struct shell_variable *v = find_variable(s, name, false);
	*variable = v;
	if (v && v->constant)
		return (struct origin){ .level = ORIGIN_FIXED };
	if (v && v->assigned)
		return v->origin;
	if (is_request_variable(s, name)) {
		*variable = v ? v : find_variable(s, name, true);
		return (struct origin){ .level = ORIGIN_REQUEST, .source = name, .guarded = v && v->origin.guarded };
	}
	bool lower = false;
	for (size_t i = 0; i < name.n; i++)
		lower |= name.p[i] >= 'a' && name.p[i] <= 'z';
	if (s->named_by_request && lower && !(v && v->assigned))
		return (struct origin){ .level = ORIGIN_REQUEST, .indirect = true, .source = TEXT_LIT("request, by eval") };
	return (struct origin){ .level = ORIGIN_FIXED };
}

struct flat {
	char *p;
	size_t n, cap;
	int64_t line; /* of the character at `counted` of the raw word */
	size_t counted;
};

static void put(struct flat *f, struct text t)
{
	size_t n = t.n < f->cap - f->n ? t.n : f->cap - f->n;
	if (n)
		memcpy(f->p + f->n, t.p, n);
	f->n += n;
}

/* ${name...} or $name at `at`; gives where it ends. */
static size_t read_parameter(struct shell_state *s, struct shell_word *w, struct flat *f, size_t at, bool quoted)
{
	bool brace = w->raw.p[at + 1] == '{';
	size_t from = at + (brace ? 2 : 1), end = SIZE_MAX;
	if (brace)
		end = shell_skip_nested(w->raw, at);
	if (brace && (end == SIZE_MAX || end <= from))
		return w->raw.n;
	struct text rest = text_of(w->raw.p + from, w->raw.n - from);
	size_t n = shell_name_length(rest);
	if (!n && rest.n)
		n = 1; /* $1, $@, ${#name} */
	if (!brace)
		end = from + n;
	struct text name = text_of(rest.p, n), operation = text_of(rest.p + n, brace ? end - 1 - from - n : 0);
	struct shell_variable *v = NULL;
	struct origin o = { .level = ORIGIN_FIXED };
	bool positional = name.n == 1 && ((name.p[0] > '0' && name.p[0] <= '9') || name.p[0] == '@' || name.p[0] == '*');
	if (positional)
		o = s->arguments;
	else if (shell_name_length(name))
		o = origin_of_name(s, name, &v);
	if (text_starts(operation, "//[^") || text_starts(operation, "//[!"))
		o = (struct origin){ .level = ORIGIN_FIXED };
	if (v && v->assigned && v->value.p && !operation.n && o.level == ORIGIN_FIXED && !v->constant) {
		put(f, v->value);
	} else {
		put(f, text_of(w->raw.p + at, end - at));
		w->expands = true;
		w->bare |= !quoted;
	}
	size_t edge = quoted ? 1 : 0;
	if (at == edge && end + edge == w->raw.n && !operation.n)
		w->variable = v;
	w->origin = origin_join(w->origin, o);
	return end;
}

static size_t read_substitution(struct shell_state *s, struct shell_word *w, struct flat *f, size_t at)
{
	size_t end = shell_skip_nested(w->raw, at);
	if (end == SIZE_MAX || end <= at + 1)
		return w->raw.n;
	size_t from = at + (w->raw.p[at] == '`' ? 1 : 2);
	struct text inner = end - 1 > from ? text_of(w->raw.p + from, end - 1 - from) : TEXT_LIT("");
	put(f, text_of(w->raw.p + at, end - at));
	w->expands = true;
	if (inner.n && inner.p[0] == '(')
		return end; /* $((...)) is arithmetic */
	for (; f->counted < at; f->counted++)
		f->line += w->raw.p[f->counted] == '\n';
	w->origin = origin_join(w->origin, shell_read(s, inner, f->line));
	return end;
}

void shell_read_word(struct shell_state *s, struct shell_word *w, struct text raw, int64_t line)
{
	char small[1024];
	struct flat f = { .p = small, .cap = sizeof small, .line = line };
	bool quoted = false;
	*w = (struct shell_word){ .raw = raw, .flat = raw };
	if (!raw.n)
		return;
	if (!memchr(raw.p, '$', raw.n) && !memchr(raw.p, '"', raw.n) && !memchr(raw.p, '\'', raw.n) &&
		!memchr(raw.p, '`', raw.n) && !memchr(raw.p, '\\', raw.n) && !shell_is_process(raw, 0))
		return;
	if (raw.n > sizeof small / 2) {
		f.cap = raw.n + sizeof small;
		f.p = arena_alloc(s->file->subject->arena, f.cap, 1);
	}
	if (!f.p)
		return;
	for (size_t i = 0; i < raw.n;) {
		char c = raw.p[i], next = i + 1 < raw.n ? raw.p[i + 1] : '\0';
		if (c == '\\' && next) {
			bool kept = quoted && !strchr("$`\"\\\n", next);
			put(&f, text_of(raw.p + i + (kept ? 0 : 1), kept ? 2 : 1));
			i += 2;
		} else if (c == '\'' && !quoted) {
			size_t end = shell_skip_nested(raw, i);
			end = end == SIZE_MAX ? raw.n : end;
			if (end > i + 2)
				put(&f, text_of(raw.p + i + 1, end - i - 2));
			i = end;
		} else if (c == '"') {
			quoted = !quoted;
			i++;
		} else if (c == '`' || (c == '$' && next == '(') || (!i && shell_is_process(raw, 0))) {
			bool bare = w->bare | !quoted;
			i = read_substitution(s, w, &f, i);
			w->bare = bare;
		} else if (c == '$' && (next == '{' || is_name(next) || next == '@' || next == '*')) {
			i = read_parameter(s, w, &f, i, quoted);
		} else {
			put(&f, text_of(raw.p + i++, 1));
		}
	}
	char *kept = f.p == small ? arena_alloc(s->file->subject->arena, f.n + 1, 1) : f.p;
	if (kept && f.p == small)
		memcpy(kept, small, f.n);
	w->flat = kept ? text_of(kept, f.n) : raw;
}

size_t shell_assignment_length(struct text word)
{
	size_t n = shell_name_length(word), plus = n < word.n && word.p[n] == '+';
	return n && n + plus < word.n && word.p[n + plus] == '=' ? n + plus + 1 : 0;
}

void shell_assign(struct shell_state *s, struct text name, const struct shell_word *value, bool append)
{
	struct shell_variable *v = find_variable(s, name, true);
	if (!v)
		return;
	struct origin before = v->assigned ? v->origin : (struct origin){ .level = ORIGIN_FIXED };
	v->origin = append ? origin_join(before, value->origin) : value->origin;
	v->constant = false;
	v->value = value->expands || append || (v->assigned && !text_eq(v->value, value->flat)) ? TEXT_NONE : value->flat;
	v->assigned = true;
}

/* NAME=value, alone or behind `export`. False: it is none. */
bool shell_take_assignment(struct shell_state *s, struct text raw, int64_t line)
{
	size_t n = shell_assignment_length(raw);
	struct shell_word value;
	if (!n)
		return false;
	shell_read_word(s, &value, text_of(raw.p + n, raw.n - n), line);
	bool append = raw.p[n - 2] == '+';
	shell_assign(s, text_of(raw.p, n - 1 - append), &value, append);
	shell_assignment_shapes(s, text_of(raw.p, n - 1 - append), value.flat, raw, line);
	return true;
}
