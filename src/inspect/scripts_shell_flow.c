/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One command of a shell script: which program it runs, and what its output comes from. */
#include "inspect/scripts_shell.h"

struct shell_function *shell_find_function(struct shell_state *s, struct text name)
{
	for (unsigned i = 0; i < s->nfunctions; i++)
		if (text_eq(s->functions[i].name, name))
			return &s->functions[i];
	return NULL;
}

void shell_report(struct shell_state *s, const struct shell_command *c, const char *kind, struct text source,
				  const char *sink, const char *confidence)
{
	enum reach reach = s->file->quiet || s->file->watch ? REACH_ALWAYS : shell_reach(s, c, c->n ? c->words[c->n - 1].flat : TEXT_NONE);
	bool download = strcmp(kind, "unsigned-download") == 0;
	if (reach == REACH_NEVER)
		confidence = "possible";
	else if (reach == REACH_IF && download && strcmp(confidence, "proven") == 0)
		confidence = "likely";
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
		if (!daemon && w.n && w.p[0] != '-' && !number && !shell_assignment_length(w))
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

bool shell_reads_input(const struct shell_command *c)
{
	if ((text_is(c->program, ".") || text_is(c->program, "source")) && c->n > 1)
		return text_is(c->words[1].flat, "/dev/stdin");
	if (!shell_is_interpreter(c->program) || shell_c_argument(c))
		return false;
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		if (w.n < 2 || (w.p[0] != '-' && w.p[0] != '+'))
			return text_is(w, "-") || text_is(w, "/dev/stdin");
		if (text_is(w, "-n")) /* they are looked through, and not run */
			return false;
		if (w.p[0] == '-' && w.p[1] != '-' && memchr(w.p, 's', w.n))
			return true;
	}
	return true;
}

void shell_read_handed(struct shell_state *s, const struct shell_command *c, struct text commands, int64_t line)
{
	struct shell_handed *outer = s->handed;
	struct shell_handed handed = { .whole = commands, .source = c->source, .outer = outer };
	handed.alone = !text_is(c->program, ".") && !text_is(c->program, "source") && !text_is(c->program, "eval") &&
				   !text_is(c->program, "trap");
	if (!commands.n)
		return;
	s->handed = &handed;
	(void)shell_read(s, commands, line);
	s->handed = outer;
}

int shell_operand(const struct shell_command *c, unsigned from)
{
	for (unsigned i = from; i < c->n; i++)
		if (!text_starts(c->words[i].flat, "-"))
			return (int)i;
	return -1;
}

/* A validation: what it tests counts as guarded from here on. */
void shell_guard(struct shell_variable *v)
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
			shell_guard(c->words[i].variable);
	if (text_is(c->program, "expr") && c->n > 3 && text_is(c->words[2].flat, ":"))
		shell_guard(c->words[1].variable);
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
		if (text_is(c->program, "sed") && text_has(w, "[^") && text_ends(w, "//g"))
			return true;
		if (text_is(c->program, "grep") && text_starts(w, "-") && memchr(w.p, 'o', w.n))
			return true;
		if (text_is(c->program, "printf") && i == 1 && text_has(w, "%d") && !text_has(w, "%s"))
			return true;
		if (text_is(c->program, "printf") && i == 1 && text_has(w, "%q"))
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
										   "jq",   "jsonfilter", "gunzip",   "zcat",    "bunzip2",   "bzcat",
										   "unxz", "xzcat",      NULL };
	if ((text_is(program, "httpd") || text_is(program, "uhttpd")) && c->n > 2 && text_is(c->words[1].flat, "-d"))
		return true; /* decodes a URL */
	return scripts_among(program, filters) || text_has(program, "decode") || text_has(program, "unescape");
}

/* `cat`, `dd` and `head` without a file read what the client sends. */
static bool reads_body(const struct shell_state *s, const struct shell_command *c)
{
	static const char *const readers[] = { "cat", "dd", "head", NULL };
	if (!s->cgi || c->piped || c->ninputs || !scripts_among(c->program, readers))
		return false;
	for (unsigned i = 1; i < c->n; i++) {
		struct text w = c->words[i].flat;
		bool number = w.n && ((w.p[0] >= '0' && w.p[0] <= '9') || text_has(w, "CONTENT_LENGTH"));
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
	if (shell_fetches_to_stdout(s, c)) {
		o.downloaded = true;
		o.source = shell_fetched_url(s, c);
		return o;
	}
	if (is_cleaning(c))
		return o;
	bool function = shell_find_function(s, c->program);
	if (!is_filter(c) && !function)
		return o;
	o = c->input;
	for (unsigned i = 0; i < c->ninputs; i++)
		if (text_starts(c->inputs[i].raw, "\"") || text_starts(c->inputs[i].raw, "$"))
			o = origin_join(o, c->inputs[i].origin);
	for (unsigned i = 1; i < c->n; i++)
		o = origin_join(o, c->words[i].origin);
	if (function && !text_has(c->program, "decode"))
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
		if (shell_name_length(c->words[i].flat) == c->words[i].flat.n && c->words[i].flat.n)
			shell_assign(s, c->words[i].flat, &value, false);
}

/* Commands that another one is handed as one word, where nothing in it is unknown. */
static void read_handed(struct shell_state *s, const struct shell_command *c)
{
	const struct shell_word *w = NULL;
	if (shell_is_interpreter(c->program) || text_is(c->program, "su"))
		w = shell_c_argument(c);
	else if ((text_is(c->program, "trap") && c->n > 2) || (text_is(c->program, "eval") && c->n == 2))
		w = &c->words[1];
	if (w && w->raw.n && (w->raw.p[0] == '\'' || w->raw.p[0] == '"') && w->origin.level < ORIGIN_STORED)
		shell_read_handed(s, c, w->flat, c->line);
	if (!shell_reads_input(c))
		return;
	if (c->here.p)
		shell_read_handed(s, c, c->here, c->here_line);
	else if (c->ninputs && c->inputs[0].here_string && c->inputs[0].origin.level < ORIGIN_STORED)
		shell_read_handed(s, c, c->inputs[0].flat, c->line);
	else if (c->piped)
		shell_read_handed(s, c, s->piped_commands, s->piped_line);
}

/* The whole of a command: facts, and what its output comes from. */
struct origin shell_finish(struct shell_state *s, struct shell_command *c)
{
	static const char *const declare[] = { "export", "readonly", "local", "declare", "typeset", NULL };
	unwrap(s, c);
	for (unsigned i = 1; i < c->n && scripts_among(c->program, declare); i++)
		(void)shell_take_assignment(s, c->words[i].raw, c->line);
	struct shell_function *f = c->n ? shell_find_function(s, c->words[0].flat) : NULL;
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
