/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shell scripts: their commands, and what the words of each come from. */
#include "inspect/scripts_shell.h"

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

static size_t name_length(struct text t)
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
	size_t n = name_length(rest);
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
	else if (name_length(name))
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

static void read_word(struct shell_state *s, struct shell_word *w, struct text raw, int64_t line)
{
	char small[1024];
	struct flat f = { .p = small, .cap = sizeof small, .line = line };
	bool quoted = false;
	*w = (struct shell_word){ .raw = raw, .flat = raw };
	if (!raw.n)
		return;
	if (!memchr(raw.p, '$', raw.n) && !memchr(raw.p, '"', raw.n) && !memchr(raw.p, '\'', raw.n) &&
		!memchr(raw.p, '`', raw.n) && !memchr(raw.p, '\\', raw.n))
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
		} else if (c == '`' || (c == '$' && next == '(')) {
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

static size_t assignment_length(struct text word)
{
	size_t n = name_length(word), plus = n < word.n && word.p[n] == '+';
	return n && n + plus < word.n && word.p[n + plus] == '=' ? n + plus + 1 : 0;
}

static void assign(struct shell_state *s, struct text name, const struct shell_word *value, bool append)
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
static bool take_assignment(struct shell_state *s, struct text raw, int64_t line)
{
	size_t n = assignment_length(raw);
	struct shell_word value;
	if (!n)
		return false;
	read_word(s, &value, text_of(raw.p + n, raw.n - n), line);
	bool append = raw.p[n - 2] == '+';
	assign(s, text_of(raw.p, n - 1 - append), &value, append);
	shell_assignment_shapes(s, text_of(raw.p, n - 1 - append), value.flat, raw, line);
	return true;
}

static struct shell_function *find_function(struct shell_state *s, struct text name)
{
	for (unsigned i = 0; i < s->nfunctions; i++)
		if (text_eq(s->functions[i].name, name))
			return &s->functions[i];
	return NULL;
}

void shell_report(struct shell_state *s, const struct shell_command *c, const char *kind, struct text source,
				  const char *sink, const char *confidence)
{
	scripts_emit(s->file, c->line, kind, c->source, source, sink, confidence);
}

/* Programs that run the command behind their options. */
static unsigned wrapper_length(const struct shell_command *c)
{
	static const char *const wrappers[] = { "exec",   "nohup",   "sudo",    "busybox",           "nice",
											"ionice", "setsid",  "command", "builtin",           "time",
											"env",    "timeout", "stdbuf",  "start-stop-daemon", "logwrapper",
											NULL };
	struct text name = text_base(c->words[0].flat);
	if (!scripts_among(name, wrappers))
		return 0;
	bool daemon = text_is(name, "start-stop-daemon");
	unsigned i = 1;
	for (; i < c->n; i++) {
		struct text w = c->words[i].flat;
		if (daemon && (text_is(w, "--exec") || text_is(w, "-x") || text_is(w, "--startas")))
			return i + 1;
		bool number = w.n && w.p[0] >= '0' && w.p[0] <= '9';
		if (!daemon && w.n && w.p[0] != '-' && !number && !assignment_length(w))
			return i;
		if (text_is(w, "-u") && text_is(name, "sudo"))
			i++;
	}
	return 0;
}

/* A program that is named by a variable whose value is known: the words of the value. */
static void split_program(struct shell_state *s, struct shell_command *c)
{
	struct text rest = c->words[0].flat, first = shell_field(&rest);
	(void)s;
	if (c->words[0].expands || !rest.n || c->words[0].raw.p[0] != '$')
		return;
	struct shell_word parts[8];
	unsigned n = 0;
	for (; first.n && n < 8; first = shell_field(&rest))
		parts[n++] = (struct shell_word){ .raw = first, .flat = first };
	if (c->n + n > SHELL_WORDS || n < 2)
		return;
	memmove(&c->words[n], &c->words[1], (c->n - 1) * sizeof c->words[0]);
	memcpy(c->words, parts, n * sizeof parts[0]);
	c->n += n - 1;
}

static void unwrap(struct shell_state *s, struct shell_command *c)
{
	for (unsigned rounds = 0; c->n && rounds < 4; rounds++) {
		split_program(s, c);
		unsigned n = wrapper_length(c);
		if (!n || n >= c->n)
			break;
		c->n -= n;
		memmove(c->words, &c->words[n], c->n * sizeof c->words[0]);
		if (c->n > 1 && text_is(c->words[1].flat, "--"))
			memmove(&c->words[1], &c->words[2], (--c->n - 1) * sizeof c->words[0]);
	}
	c->program = c->n ? text_base(c->words[0].flat) : TEXT_LIT("");
}

bool shell_is_interpreter(struct text program)
{
	static const char *const shells[] = { "sh", "ash", "bash", "dash", "ksh", "zsh", NULL };
	return scripts_among(program, shells);
}

const struct shell_word *shell_c_argument(const struct shell_command *c)
{
	for (unsigned i = 1; i + 1 < c->n; i++) {
		struct text w = c->words[i].flat;
		if (w.n >= 2 && w.n <= 4 && w.p[0] == '-' && w.p[1] != '-' && w.p[w.n - 1] == 'c')
			return &c->words[i + 1];
		if (!w.n || w.p[0] != '-')
			return NULL;
	}
	return NULL;
}

int shell_operand(const struct shell_command *c, unsigned from)
{
	for (unsigned i = from; i < c->n; i++)
		if (!text_starts(c->words[i].flat, "-"))
			return (int)i;
	return -1;
}

/* A validation: what it tests counts as guarded from here on. */
static void guard(struct shell_variable *v)
{
	if (v)
		v->origin.guarded = true;
}

static void take_tests(struct shell_state *s, const struct shell_command *c)
{
	static const char *const numeric[] = { "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "=~", NULL };
	bool test = text_is(c->program, "[") || text_is(c->program, "[[") || text_is(c->program, "test");
	(void)s;
	for (unsigned i = 1; test && i + 2 < c->n; i++)
		if (scripts_among(c->words[i + 1].flat, numeric))
			guard(c->words[i].variable);
	if (text_is(c->program, "expr") && c->n > 3 && text_is(c->words[2].flat, ":"))
		guard(c->words[1].variable);
}

/* Filters whose output has nothing of the shell's syntax in it. */
static bool is_cleaning(const struct shell_command *c)
{
	static const char *const digests[] = { "wc",   "md5sum",  "sha1sum", "sha256sum", "sha512sum", "cksum",
										   "expr", "test",    "[",       "date",      "basename",  "stat",
										   "id",   "proccgi", "hexdump", "xxd",       "od",        NULL };
	if (scripts_among(c->program, digests))
		return !text_is(c->program, "basename");
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		if (text_is(c->program, "tr") && w.n > 1 && w.p[0] == '-' && memchr(w.p, 'd', w.n) &&
			(memchr(w.p, 'c', w.n) || memchr(w.p, 'C', w.n)))
			return true;
		if (text_is(c->program, "sed") && scripts_has(w, "[^") && text_ends(w, "//g"))
			return true;
		if (text_is(c->program, "grep") && text_starts(w, "-") && memchr(w.p, 'o', w.n))
			return true;
		if (text_is(c->program, "printf") && i == 1 && scripts_has(w, "%d") && !scripts_has(w, "%s"))
			return true;
		if (text_is(c->program, "printf") && i == 1 && scripts_has(w, "%q"))
			return true;
	}
	return false;
}

static bool is_filter(const struct shell_command *c)
{
	struct text program = c->program;
	static const char *const filters[] = { "sed",  "awk",        "cut",      "tr",      "head",      "tail",
										   "grep", "egrep",      "sort",     "uniq",    "rev",       "base64",
										   "tee",  "gawk",       "fgrep",    "xargs",   "echo",      "printf",
										   "cat",  "dd",         "basename", "dirname", "urldecode", "uudecode",
										   "jq",   "jsonfilter", NULL };
	if ((text_is(program, "httpd") || text_is(program, "uhttpd")) && c->n > 2 && text_is(c->words[1].flat, "-d"))
		return true; /* decodes a URL */
	return scripts_among(program, filters) || scripts_has(program, "decode") || scripts_has(program, "unescape");
}

/* `cat`, `dd` and `head` without a file read what the client sends. */
static bool reads_body(const struct shell_state *s, const struct shell_command *c)
{
	static const char *const readers[] = { "cat", "dd", "head", NULL };
	if (!s->cgi || c->piped || c->ninputs || !scripts_among(c->program, readers))
		return false;
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		bool number = w.n && ((w.p[0] >= '0' && w.p[0] <= '9') || scripts_has(w, "CONTENT_LENGTH"));
		bool option = text_starts(w, "-") || (text_is(c->program, "dd") && !text_starts(w, "if=")) || number;
		if (!option || text_starts(w, "of="))
			return false;
	}
	return true;
}

static bool reads_setting(const struct shell_command *c)
{
	static const char *const always[] = { "nvram_get", "getcfg", "rdcsman", "cfgget", "mib_get", NULL };
	static const char *const with_get[] = { "nvram", "uci",    "flash", "cfg",     "config",
											"tcapi", "xmldbc", "cfm",   "sysconf", NULL };
	if (scripts_among(c->program, always))
		return true;
	for (unsigned i = 1; i < c->n && i < 4 && scripts_among(c->program, with_get); i++)
		if (text_is(c->words[i].flat, "get") || text_is(c->words[i].flat, "-g"))
			return true;
	return false;
}

/* What the output of a command comes from. */
static struct origin output_of(struct shell_state *s, const struct shell_command *c)
{
	struct origin o = { .level = ORIGIN_FIXED };
	if (reads_body(s, c))
		return (struct origin){ .level = ORIGIN_REQUEST, .source = TEXT_LIT("request body") };
	if (reads_setting(c))
		return (struct origin){ .level = ORIGIN_STORED, .source = c->source };
	if (shell_fetches_to_stdout(c)) {
		o.downloaded = true;
		return o;
	}
	if (is_cleaning(c))
		return o;
	bool function = find_function(s, c->program);
	if (!is_filter(c) && !function)
		return o;
	o = c->input;
	for (unsigned i = 0; i < c->ninputs; i++)
		if (text_starts(c->inputs[i].raw, "\"") || text_starts(c->inputs[i].raw, "$"))
			o = origin_join(o, c->inputs[i].origin);
	for (unsigned i = 1; i < c->n; i++)
		o = origin_join(o, c->words[i].origin);
	if (function && !scripts_has(c->program, "decode"))
		o.indirect = true;
	return o;
}

static void take_read(struct shell_state *s, const struct shell_command *c)
{
	struct shell_word value = { .expands = true, .origin = c->input };
	if (!text_is(c->program, "read"))
		return;
	for (unsigned i = 0; i < c->ninputs; i++)
		value.origin = origin_join(value.origin, c->inputs[i].origin);
	if (s->cgi && !c->piped && !c->ninputs && !c->looped)
		value.origin = (struct origin){ .level = ORIGIN_REQUEST, .source = TEXT_LIT("request body") };
	for (unsigned i = 1; i < c->n; i++)
		if (name_length(c->words[i].flat) == c->words[i].flat.n && c->words[i].flat.n)
			assign(s, c->words[i].flat, &value, false);
}

/* Commands that another one is handed as one word, where nothing in it is unknown. */
static void read_handed(struct shell_state *s, const struct shell_command *c)
{
	const struct shell_word *w = NULL;
	if (shell_is_interpreter(c->program) || text_is(c->program, "su"))
		w = shell_c_argument(c);
	else if (text_is(c->program, "trap") && c->n > 2)
		w = &c->words[1];
	else if (text_is(c->program, "eval") && c->n == 2)
		w = &c->words[1];
	if (w && w->raw.n && (w->raw.p[0] == '\'' || w->raw.p[0] == '"') && w->origin.level < ORIGIN_STORED)
		(void)shell_read(s, w->flat, c->line);
}

/* The whole of a command: facts, and what its output comes from. */
static struct origin finish(struct shell_state *s, struct shell_command *c)
{
	static const char *const declare[] = { "export", "readonly", "local", "declare", "typeset", NULL };
	unwrap(s, c);
	for (unsigned i = 1; i < c->n && scripts_among(c->program, declare); i++)
		(void)take_assignment(s, c->words[i].raw, c->line);
	struct shell_function *f = c->n ? find_function(s, c->words[0].flat) : NULL;
	for (unsigned i = 1; f && i < c->n; i++)
		f->arguments = origin_join(f->arguments, c->words[i].origin);
	take_tests(s, c);
	take_read(s, c);
	shell_command_sinks(s, c);
	shell_command_shapes(s, c);
	shell_follow_files(s, c);
	read_handed(s, c);
	return output_of(s, c);
}

struct walker {
	struct shell_lexer lexer;
	struct shell_token token;
	struct origin pipe; /* output of the command before | */
	bool piped;
	const char *pipeline;          /* where it begins */
	struct origin output;          /* of all pipelines */
	struct shell_variable *echoed; /* the command before | shows this variable */
	unsigned first_case;
	unsigned braces, function_brace; /* depth; that of the function's body, or 0 */
	bool defining, looped;
	struct origin outer_arguments;
	struct text function;
};

static void take_redirect(struct shell_state *s, struct shell_command *c, const struct shell_token *t)
{
	size_t i = 0;
	while (i < t->text.n && t->text.p[i] != '<' && t->text.p[i] != '>')
		i++;
	bool output = i < t->text.n && t->text.p[i] == '>';
	size_t op = i;
	while (i < t->text.n && strchr("<>&|-", t->text.p[i]) && t->text.p[i])
		i++;
	bool heredoc = !output && i - op == 2;
	while (i < t->text.n && shell_blank(t->text.p[i]))
		i++;
	if (heredoc || i >= t->text.n)
		return;
	struct text target = text_of(t->text.p + i, t->text.n - i);
	bool descriptor = target.p[-1] == '&' && target.n == 1;
	bool errors = op == 1 && t->text.p[0] == '2'; /* messages are nothing that is followed */
	if (output && !descriptor && !errors && c->noutputs < 4)
		read_word(s, &c->outputs[c->noutputs++], target, t->line);
	else if (!output && c->ninputs < 4)
		read_word(s, &c->inputs[c->ninputs++], target, t->line);
}

static void collect(struct shell_state *s, struct walker *w, struct shell_command *c)
{
	struct shell_token *t = &w->token;
	const char *from = t->text.p, *to = from;
	bool brackets = false;
	c->line = t->line;
	for (;; shell_next(&w->lexer, t)) {
		bool word = t->kind == SHELL_WORD || t->kind == SHELL_REDIRECT;
		if (brackets && t->kind != SHELL_END && t->kind != SHELL_NEWLINE && !word)
			continue; /* && and ( within [[ ]] */
		if (!word)
			break;
		to = t->text.p + t->text.n;
		if (t->kind == SHELL_REDIRECT && !brackets) {
			take_redirect(s, c, t);
		} else if (c->n == 0 && take_assignment(s, t->text, t->line)) {
			continue;
		} else if (c->n < SHELL_WORDS) {
			read_word(s, &c->words[c->n++], t->text, t->line);
			brackets = text_is(c->words[0].raw, "[[") && !text_is(t->text, "]]");
		}
	}
	c->source = text_of(from, (size_t)(to - from));
}

static void begin_function(struct shell_state *s, struct walker *w, struct text name)
{
	w->function = name;
	w->defining = true;
	if (!find_function(s, name) && s->nfunctions < SHELL_FUNCTIONS)
		s->functions[s->nfunctions++] = (struct shell_function){ .name = name };
}

/* A pattern without * and ?, whose branch makes the word a constant. */
static bool is_constant_pattern(struct text p)
{
	return p.n && !memchr(p.p, '*', p.n) && !memchr(p.p, '?', p.n) && !memchr(p.p, '[', p.n) && !memchr(p.p, '$', p.n);
}

/* The patterns of a branch, up to their ")"; or the end of the `case`. */
static void take_patterns(struct shell_state *s, struct walker *w)
{
	struct shell_token *t = &w->token;
	struct shell_variable *v = s->ncases ? s->cases[s->ncases - 1] : NULL;
	bool constant = true;
	while (t->kind == SHELL_NEWLINE || text_is(t->text, "("))
		shell_next(&w->lexer, t);
	if (v)
		v->constant = false;
	if (text_is(t->text, "esac")) {
		if (s->ncases > w->first_case)
			s->ncases--;
		shell_next(&w->lexer, t);
		return;
	}
	for (; t->kind == SHELL_WORD || text_is(t->text, "|"); shell_next(&w->lexer, t)) {
		if (t->kind != SHELL_WORD)
			continue;
		constant &= is_constant_pattern(t->text);
		if (scripts_has(t->text, "[!") || scripts_has(t->text, "[^"))
			guard(v);
	}
	if (v)
		v->constant = constant;
	if (text_is(t->text, ")"))
		shell_next(&w->lexer, t);
}

static void take_case(struct shell_state *s, struct walker *w)
{
	struct shell_word word = { .expands = false };
	shell_next(&w->lexer, &w->token);
	if (w->token.kind == SHELL_WORD)
		read_word(s, &word, w->token.text, w->token.line);
	shell_next(&w->lexer, &w->token);
	while (w->token.kind == SHELL_NEWLINE)
		shell_next(&w->lexer, &w->token);
	if (!text_is(w->token.text, "in") || s->ncases == SHELL_CASES)
		return;
	s->cases[s->ncases++] = word.variable;
	shell_next(&w->lexer, &w->token);
	take_patterns(s, w);
}

static void take_for(struct shell_state *s, struct walker *w)
{
	struct shell_word all = { .expands = true }, item;
	shell_next(&w->lexer, &w->token);
	struct text name = w->token.text;
	if (w->token.kind != SHELL_WORD || name_length(name) != name.n)
		return;
	shell_next(&w->lexer, &w->token);
	if (!text_is(w->token.text, "in"))
		return;
	for (shell_next(&w->lexer, &w->token); w->token.kind == SHELL_WORD; shell_next(&w->lexer, &w->token)) {
		read_word(s, &item, w->token.text, w->token.line);
		all.origin = origin_join(all.origin, item.origin);
	}
	assign(s, name, &all, false);
}

static void take_brace(struct shell_state *s, struct walker *w, bool open)
{
	if (open) {
		w->braces++;
		if (w->defining && !w->function_brace) {
			struct shell_function *f = find_function(s, w->function);
			w->function_brace = w->braces;
			w->outer_arguments = s->arguments;
			s->arguments = f ? f->arguments : (struct origin){ .level = ORIGIN_UNKNOWN };
			if (s->arguments.level == ORIGIN_FIXED)
				s->arguments.level = ORIGIN_UNKNOWN;
		}
		w->defining = false;
		return;
	}
	if (w->function_brace && w->braces == w->function_brace) {
		s->arguments = w->outer_arguments;
		w->function_brace = 0;
	}
	w->braces -= w->braces > 0;
}

/* The reserved words (XCU 2.4). False: it is none. */
static bool take_reserved(struct shell_state *s, struct walker *w)
{
	static const char *const plain[] = { "if",   "then", "elif", "else",  "fi",    "do",
										 "done", "!",    "time", "while", "until", NULL };
	struct text t = w->token.text;
	if (text_is(t, "case")) {
		take_case(s, w);
		return true;
	}
	if (text_is(t, "for") || text_is(t, "select")) {
		take_for(s, w);
		return true;
	}
	if (text_is(t, "esac") && s->ncases > w->first_case) {
		if (s->cases[--s->ncases])
			s->cases[s->ncases]->constant = false;
	} else if (text_is(t, "function")) {
		shell_next(&w->lexer, &w->token);
		begin_function(s, w, w->token.text);
	} else if (text_is(t, "{") || text_is(t, "}")) {
		take_brace(s, w, t.p[0] == '{');
	} else if (!scripts_among(t, plain)) {
		return false;
	}
	w->looped = text_is(t, "while") || text_is(t, "until") || (w->looped && !text_is(t, "do"));
	shell_next(&w->lexer, &w->token);
	return true;
}

static void take_operator(struct shell_state *s, struct walker *w)
{
	struct text op = w->token.text;
	shell_next(&w->lexer, &w->token);
	w->piped = text_is(op, "|") || text_is(op, "|&");
	if ((text_starts(op, ";;") || text_is(op, ";&")) && s->ncases > w->first_case)
		take_patterns(s, w);
	while (w->piped && w->token.kind == SHELL_NEWLINE)
		shell_next(&w->lexer, &w->token);
}

static void take_command(struct shell_state *s, struct walker *w, struct shell_command *c)
{
	struct shell_token *t = &w->token;
	*c = (struct shell_command){ .piped = w->piped, .looped = w->looped };
	if (w->piped)
		c->input = w->pipe;
	w->defining = false;
	struct shell_variable *echoed = w->piped ? w->echoed : NULL;
	collect(s, w, c);
	if (!c->piped || (w->pipeline && (size_t)(c->source.p - w->pipeline) > SHELL_PIPELINE))
		w->pipeline = c->source.p;
	else if (w->pipeline)
		c->source = text_of(w->pipeline, (size_t)(c->source.p + c->source.n - w->pipeline));
	if (c->n == 1 && t->kind == SHELL_OPERATOR && text_is(t->text, "(")) {
		begin_function(s, w, c->words[0].raw);
		shell_next(&w->lexer, t);
		if (text_is(t->text, ")"))
			shell_next(&w->lexer, t);
		while (t->kind == SHELL_NEWLINE)
			shell_next(&w->lexer, t);
		return;
	}
	if (!c->n && !c->noutputs)
		return;
	if (echoed && c->n > 1 && (text_is(c->words[0].flat, "grep") || text_is(c->words[0].flat, "egrep")) &&
		text_starts(c->words[1].flat, "-") && memchr(c->words[1].flat.p, 'q', c->words[1].flat.n))
		guard(echoed);
	if (!w->piped)
		s->piped_text = TEXT_NONE;
	struct origin output = finish(s, c);
	bool shows = c->n > 1 && (text_is(c->program, "echo") || text_is(c->program, "printf"));
	const struct shell_word *last = c->n ? &c->words[c->n - 1] : NULL;
	if (shows && text_is(t->text, "|")) {
		s->piped_text = last->expands ? TEXT_NONE : last->flat;
		s->piped_source = c->source;
	}
	w->echoed = c->n > 1 && text_is(c->program, "echo") ? c->words[c->n - 1].variable : NULL;
	w->pipe = output;
	if (!text_is(t->text, "|") && !c->noutputs)
		w->output = origin_join(w->output, output);
	w->piped = false;
}

struct origin shell_read(struct shell_state *s, struct text source, int64_t line)
{
	struct walker w = { .first_case = s->ncases };
	if (s->nesting == SHELL_NESTING)
		return (struct origin){ .level = ORIGIN_FIXED };
	struct shell_command **level = &s->commands[s->nesting];
	if (!*level)
		*level = ARENA_NEW(s->file->subject->arena, struct shell_command);
	struct shell_command *c = *level;
	if (!c)
		return (struct origin){ .level = ORIGIN_FIXED };
	s->nesting++;
	shell_begin(&w.lexer, source, line);
	shell_next(&w.lexer, &w.token);
	while (w.token.kind != SHELL_END) {
		if (w.token.kind == SHELL_NEWLINE) {
			w.piped = false;
			shell_next(&w.lexer, &w.token);
		} else if (w.token.kind == SHELL_OPERATOR) {
			take_operator(s, &w);
		} else if (w.token.kind != SHELL_WORD || !take_reserved(s, &w)) {
			take_command(s, &w, c);
		}
	}
	while (s->ncases > w.first_case)
		s->ncases--;
	s->nesting--;
	if (w.lexer.broken && !s->nesting && !s->file->quiet && s->file->language == LANGUAGE_SHELL)
		emit_damage_at(s->file->sink, ERR_CORRUPT, UINT64_MAX,
					   "a quote or substitution of a shell script is never closed");
	return w.output;
}

/* A web server runs it: where it stands says so, or that it asks for what only a web server sets. */
static bool is_cgi(const struct scripts_file *file, struct text source)
{
	return file->web || scripts_has(source, "$QUERY_STRING") || scripts_has(source, "$REQUEST_METHOD") ||
		   scripts_has(source, "${QUERY_STRING") || scripts_has(source, "${REQUEST_METHOD");
}

void scripts_shell(struct scripts_file *file, struct text source, int64_t line)
{
	if (!file->shell)
		file->shell = ARENA_NEW(file->subject->arena, struct shell_state);
	struct shell_state *s = file->shell;
	bool quiet = file->quiet;
	if (!s)
		return;
	s->nfunctions = s->nesting = 0;
	s->input_policy_drop = s->fills_chains = false;
	s->piped_text = TEXT_NONE;
	s->file = file;
	s->cgi = file->language == LANGUAGE_SHELL && is_cgi(file, source);
	/* A first pass learns what functions are called with, and what firewall rules there are. */
	for (unsigned pass = 0; pass < 2; pass++) {
		file->quiet = quiet || pass == 0;
		s->nvariables = s->nfiles = s->ncases = 0;
		s->named_by_request = false;
		memset(s->buckets, 0, sizeof s->buckets);
		s->arguments = (struct origin){ .level = ORIGIN_UNKNOWN };
		(void)shell_read(s, source, line);
	}
	file->quiet = quiet;
}
