/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What calls do with their arguments, by the table of their language. */
#include "inspect/taint.h"

static bool is_sink(enum rule_kind kind)
{
	return (kind >= RULE_SHELL && kind <= RULE_UMASK) || kind == RULE_TEST;
}

const struct code_rule *taint_rule(const struct taint *e, struct text path)
{
	if (!path.n)
		return NULL;
	for (unsigned i = e->first_rule[(uint8_t)path.p[path.n - 1]]; i; i = e->next_rule[i - 1]) {
		const struct code_rule *r = &e->knowledge->rules[i - 1];
		size_t n = e->rule_length[i - 1];
		if (path.n < n || memcmp(path.p + path.n - n, r->name, n) != 0)
			continue;
		bool whole = path.n == n, behind = !whole && (path.p[path.n - n - 1] == '.' || r->name[0] == '.');
		bool dotted = memchr(r->name, '.', n), source = r->kind == RULE_SOURCE || r->kind == RULE_STORED;
		bool bare_only = !dotted && (source || (is_sink(r->kind) && r->kind != RULE_TEST));
		if (whole || (behind && !bare_only))
			return r;
	}
	return NULL;
}

void taint_index_rules(struct taint *e)
{
	unsigned n = 0;
	while (n < TAINT_RULES && e->knowledge->rules[n].name)
		n++;
	while (n-- > 0) { /* backwards: the first of the table comes first */
		const char *name = e->knowledge->rules[n].name;
		size_t length = strlen(name);
		uint8_t last = (uint8_t)name[length - 1];
		e->rule_length[n] = (uint8_t)length;
		e->next_rule[n] = e->first_rule[last];
		e->first_rule[last] = (uint8_t)(n + 1);
	}
}

/* One of the beginnings, which are separated by spaces. */
static bool is_key(struct text key, const char *keys)
{
	struct text rest = text_c(keys);
	while (rest.n) {
		const char *space = memchr(rest.p, ' ', rest.n);
		size_t n = space ? (size_t)(space - rest.p) : rest.n;
		if (key.n >= n && memcmp(key.p, rest.p, n) == 0)
			return true;
		rest = space ? text_of(space + 1, rest.n - n - 1) : TEXT_LIT("");
	}
	return false;
}

struct origin taint_source(const struct taint *e, const struct code_rule *r, struct text path, struct text key)
{
	struct origin fixed = { .level = ORIGIN_FIXED };
	if (!r || (r->kind != RULE_SOURCE && r->kind != RULE_STORED) || (r->keys && !is_key(key, r->keys)))
		return fixed;
	bool proxy = text_starts(key, "HTTP_PROXY");
	char *name = arena_alloc(e->file->subject->arena, path.n + key.n + 3, 1);
	if (proxy || !name)
		return fixed;
	memcpy(name, path.p, path.n);
	size_t n = path.n;
	if (key.n) {
		name[n++] = '[';
		memcpy(name + n, key.p, key.n);
		n += key.n;
		name[n++] = ']';
	}
	return (struct origin){ .level = r->kind == RULE_SOURCE ? ORIGIN_REQUEST : ORIGIN_STORED,
							.source = text_of(name, n) };
}

static void report(struct taint *e, const struct taint_call *c, const char *kind, const struct origin *o,
				   const char *sink)
{
	scripts_emit(e->file, c->line, kind, text_of(c->from, (size_t)(c->to - c->from)), o->source, sink,
				 origin_confidence(o));
}

/* A command: what is constant of it is read as a shell would; what is not may be anything. */
static void hand_to_shell(struct taint *e, const struct taint_call *c, const struct taint_value *v)
{
	const struct taint_watch *watch = e->file->watch;
	if (watch && !e->file->quiet && v->text.n > 2)
		watch->command(watch->context, e, c, v->text);
	if (watch)
		return;
	if (v->origin.level >= ORIGIN_STORED)
		report(e, c, "command-injection", &v->origin, "shell");
	if (v->text.n > 2 && !e->file->quiet)
		scripts_shell(e->file, v->text, c->line);
}

void taint_command(struct taint *e, const struct taint_value *value, const char *from, const char *to, int64_t line)
{
	struct taint_call c = { .from = from, .to = to, .line = line };
	hand_to_shell(e, &c, value);
}

static const struct taint_value *keyword(const struct taint_call *c, const char *name)
{
	for (unsigned i = 0; i < c->n; i++)
		if (text_is(c->arguments[i].keyword, name))
			return &c->arguments[i].value;
	return NULL;
}

/* 0777, 0o777, 777 in what is written as octal. */
static bool opens_to_all(struct text mode)
{
	size_t i = 0;
	if (mode.n > 1 && mode.p[0] == '0')
		i = (mode.p[1] | 0x20) == 'o' ? 2 : 1;
	if (i == 0 || mode.n - i < 3 || mode.n - i > 4)
		return false;
	for (size_t k = i; k < mode.n; k++)
		if (mode.p[k] < '0' || mode.p[k] > '7')
			return false;
	bool sticky = mode.n - i == 4 && ((mode.p[i] - '0') & 1);
	return ((mode.p[mode.n - 1] - '0') & 2) && !sticky;
}

static void take_open(struct taint *e, const struct taint_call *c)
{
	const struct taint_value *v = &c->arguments[1].value, *command = c->n > 2 ? &c->arguments[2].value : v;
	struct text mode = v->text;
	bool pipe =
		text_is(mode, "-|") || text_is(mode, "|-") || (c->n == 2 && (text_starts(mode, "|") || text_ends(mode, "|")));
	if (c->n < 2 || c->n > 3)
		return;
	if (c->n == 2 && v->origin.level == ORIGIN_REQUEST && !pipe) {
		bool only_file = text_starts(mode, "<") || text_starts(mode, ">");
		if (!only_file || !v->origin.no_path)
			report(e, c, only_file ? "path-injection" : "command-injection", &v->origin, "open");
	} else if (pipe) {
		struct taint_value stripped = *command;
		if (text_starts(stripped.text, "|"))
			stripped.text = text_of(stripped.text.p + 1, stripped.text.n - 1);
		else if (text_ends(stripped.text, "|"))
			stripped.text.n--;
		hand_to_shell(e, c, &stripped);
	} else if (c->n == 3 && command->origin.level == ORIGIN_REQUEST && !command->origin.no_path) {
		report(e, c, "path-injection", &command->origin, "file");
	}
}

/* Whether what is called at `from` stands by itself: umask(0) in an assignment is the way to ask for the mask. */
static bool is_statement(const struct taint *e, const char *from)
{
	size_t k = e->i;
	while (k > 0 && e->t[k].from > from)
		k--;
	const struct code_token *before = k > 0 ? &e->t[k - 1] : NULL;
	return !before || before->kind == CODE_NEWLINE || text_is(before->text, ";") || text_is(before->text, "{") ||
		   text_is(before->text, "}") || text_is(before->text, ":");
}

static void take_sink(struct taint *e, const struct code_rule *r, const struct taint_call *c)
{
	static const struct taint_value nothing = { .origin = { .level = ORIGIN_FIXED } };
	unsigned at = r->argument < 0 ? 0 : (unsigned)r->argument;
	const struct taint_value *v = at < c->n ? &c->arguments[at].value : &nothing, *shell = keyword(c, "shell");
	bool request = v->origin.level == ORIGIN_REQUEST;
	switch (r->kind) {
	case RULE_SHELL:
		hand_to_shell(e, c, v);
		break;
	case RULE_SHELL_IF:
		if (shell && (text_is(shell->text, "True") || text_is(shell->text, "1")))
			hand_to_shell(e, c, v);
		else if (v->text.n > 2 && !e->file->quiet && !e->file->watch)
			scripts_shell(e->file, v->text, c->line);
		break;
	case RULE_LIST:
		if (c->n == 1 && !v->list)
			hand_to_shell(e, c, v);
		break;
	case RULE_OPEN:
		take_open(e, c);
		break;
	case RULE_EVAL:
		if (request)
			report(e, c, "code-injection", &v->origin, "eval");
		break;
	case RULE_INCLUDE:
		if (request)
			report(e, c, "file-inclusion", &v->origin, "file that is run");
		break;
	case RULE_UNPACK:
		if (request && !keyword(c, "Loader"))
			report(e, c, "deserialization", &v->origin, "objects");
		break;
	case RULE_PATH:
		if (request && !v->origin.no_path)
			report(e, c, "path-injection", &v->origin, "file");
		break;
	case RULE_MODE:
		if (opens_to_all(v->text))
			scripts_emit(e->file, c->line, "world-writable", text_of(c->from, (size_t)(c->to - c->from)), v->text,
						 "file", "proven");
		break;
	case RULE_UMASK:
		if (c->n == 1 && is_statement(e, c->from) &&
			(text_is(v->text, "0") || text_is(v->text, "0000") || text_is(v->text, "000") || text_is(v->text, "0o000")))
			scripts_emit(e->file, c->line, "world-writable", text_of(c->from, (size_t)(c->to - c->from)), v->text,
						 "file", "proven");
		break;
	default:
		break;
	}
}

/* What a call hands on; a method's object counts as an argument of it. */
static struct origin joined(const struct taint_value *base, const struct taint_call *c, int argument)
{
	struct origin o = base->origin;
	for (unsigned i = 0; i < c->n; i++)
		if (argument < 0 || (unsigned)argument == i)
			o = origin_join(o, c->arguments[i].value.origin);
	return o;
}

static struct taint_value call_rule(struct taint *e, const struct code_rule *r, struct text path,
									const struct taint_value *base, const struct taint_call *c)
{
	struct taint_value v = { .origin = { .level = ORIGIN_FIXED } };
	struct text key = c->n ? c->arguments[0].value.text : TEXT_NONE;
	if (is_sink(r->kind) && r->kind != RULE_TEST) {
		take_sink(e, r, c);
		return v;
	}
	switch (r->kind) {
	case RULE_SOURCE:
	case RULE_STORED:
		v.origin = taint_source(e, r, path, key);
		break;
	case RULE_CLEAN:
	case RULE_QUOTE:
		break;
	case RULE_BASENAME:
		v.origin = joined(base, c, r->argument);
		v.origin.no_path = true;
		break;
	case RULE_TEST: {
		unsigned at = base->origin.level > ORIGIN_FIXED || base->variable ? TAINT_ARGUMENTS : (unsigned)r->argument;
		struct taint_variable *tested = at < c->n ? c->arguments[at].value.variable : base->variable;
		if (e->condition && tested)
			tested->origin.guarded = true;
		v.origin = joined(base, c, r->argument);
		v.origin.guarded |= e->condition;
		break;
	}
	default:
		v.origin = joined(base, c, r->argument);
		break;
	}
	/* str(x), x.format(y): the text goes on as it is */
	if (r->kind == RULE_KEEP && base->text.p && base->constant)
		v.text = base->text;
	else if (r->kind == RULE_KEEP && c->n && c->arguments[0].value.text.p)
		v.text = c->arguments[0].value.text;
	else if (r->kind == RULE_QUOTE && c->n)
		v.text = TEXT_LIT("\"$_\"");
	return v;
}

struct taint_value taint_call(struct taint *e, struct text path, const struct taint_value *base,
							  const struct taint_call *c)
{
	const struct code_rule *r = taint_rule(e, path);
	const struct taint_watch *watch = e->file->watch;
	struct text last = path;
	if (watch && !e->file->quiet)
		watch->call(watch->context, e, path, c);
	for (size_t i = path.n; i > 0; i--)
		if (path.p[i - 1] == '.') {
			last = text_of(path.p + i, path.n - i);
			break;
		}
	struct taint_function *f = taint_function(e, last, false);
	struct taint_value v = { .origin = joined(base, c, -1) };
	bool own = last.n == path.n || text_starts(path, "self.") || text_starts(path, "this.");
	if (r && !(f && own && (r->kind == RULE_KEEP || r->kind == RULE_SOURCE)))
		return call_rule(e, r, path, base, c);
	v.origin.indirect = v.origin.level > ORIGIN_FIXED;
	if (!f) {
		if (v.origin.level == ORIGIN_STORED || v.origin.level == ORIGIN_UNKNOWN)
			v.origin = (struct origin){ .level = ORIGIN_UNKNOWN };
		return v;
	}
	bool method = e->file->language == LANGUAGE_PYTHON && last.n < path.n;
	for (unsigned i = 0; i < c->n; i++) {
		unsigned k = i + method;
		e->changed |=
			c->arguments[i].value.origin.level > f->all.level && c->arguments[i].value.origin.level >= ORIGIN_STORED;
		f->all = origin_join(f->all, c->arguments[i].value.origin);
		if (k < TAINT_PARAMETERS)
			f->arguments[k] = origin_join(f->arguments[k], c->arguments[i].value.origin);
	}
	v.origin = f->returned;
	v.origin.indirect = v.origin.level > ORIGIN_FIXED; /* of all its calls, not of this one */
	return v;
}
