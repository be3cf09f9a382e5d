/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/startup_parse.h"

static void parse_nested(struct script *s, struct text source, int64_t line);

/* Commands whose output or exit status the word takes: $(...) and `...`. */
static void parse_substitutions(struct script *s, struct text word, int64_t line)
{
	bool quoted = false;
	for (size_t i = 0; i < word.n && s->nesting < PARSE_NESTING && !s->broken;) {
		char c = word.p[i];
		quoted ^= c == '"';
		bool single = c == '\'' && !quoted, command = c == '`' ||
													  (c == '$' && i + 1 < word.n && word.p[i + 1] == '(') ||
													  (!quoted && shell_is_process(word, i));
		size_t end = single || command ? shell_skip_nested(word, i) : i + (c == '\\' ? 2 : 1);
		if (end == SIZE_MAX)
			return;
		size_t from = i + (c == '`' ? 1 : 2);
		if (command && end > from && word.p[from] != '(') /* $((...)) is arithmetic */
			parse_nested(s, text_of(word.p + from, end - 1 - from), line);
		for (size_t k = i; k < end && k < word.n; k++)
			line += word.p[k] == '\n';
		i = end;
	}
}

/* `done < <(commands)` */
static void parse_process(struct script *s, const struct shell_token *t)
{
	for (size_t i = 1; t->kind == SHELL_REDIRECT && i < t->text.n; i++)
		if (shell_is_process(t->text, i)) {
			parse_substitutions(s, text_of(t->text.p + i, t->text.n - i), t->line);
			return;
		}
}

/* NAME=value before a command or alone; gives the length of "NAME=", or 0. */
static size_t assignment_length(struct text word)
{
	size_t n = expand_name_length(word);
	return n && n < word.n && word.p[n] == '=' ? n + 1 : 0;
}

static void assign(struct script *s, struct text word)
{
	size_t n = assignment_length(word);
	if (n == 0 || s->flow.why)
		return;
	bool counts = text_has(word, "$((") || text_has(word, "expr ");
	for (unsigned i = s->depth; counts && i > s->base; i--)
		s->frames[i - 1].counts = true;
	expand_assign(&s->scope, text_of(word.p, n - 1), text_of(word.p + n, word.n - n),
				  s->depth || s->function || s->list.op || s->flow.guard);
}

/* : ${NAME:=word} assigns the word where the variable has no value (XCU 2.6.2). */
static void assign_default(struct script *s, struct text word)
{
	struct text body = word.n > 1 && word.p[0] == '"' ? text_of(word.p + 1, word.n - 2) : word;
	size_t n = text_starts(body, "${") ? expand_name_length(text_of(body.p + 2, body.n - 2)) : 0;
	struct text rest = n ? text_of(body.p + 2 + n, body.n - 2 - n) : TEXT_NONE;
	if ((text_starts(rest, ":=") || text_starts(rest, "=")) && !s->flow.why)
		expand_assign(&s->scope, text_of(body.p + 2, n), word, true);
}

static void next_after_test(struct shell_lexer *l, struct shell_token *t)
{
	while (t->kind != SHELL_END && t->kind != SHELL_NEWLINE && !text_is(t->text, "]]"))
		shell_next(l, t);
}

static void take_redirect(struct script *s, const struct shell_lexer *l, const struct shell_token *t,
						  struct script_words *w)
{
	int64_t line;
	struct text input = shell_input(l, t, &line), target = t->text;
	if (input.p && t->text.p[2] == '<')
		input = expand_word(&s->scope, input, 0).value;
	if (input.p)
		w->input = input, w->input_line = line;
	else if (target.n && (target.p[0] == '<' || target.p[0] == '0'))
		w->input = TEXT_NONE;
	else if (text_starts(target, ">") && !text_starts(target, ">&"))
		w->output = expand_word(&s->scope,
								shell_trim(text_of(target.p + 1 + (target.n > 1 && strchr(">|", target.p[1])),
												   target.n - 1 - (target.n > 1 && strchr(">|", target.p[1])))),
								0)
						.value;
}

/* The words of a simple command up to the operator that ends it. Assignments take effect when nothing follows them. */
static void collect(struct script *s, struct shell_lexer *l, struct shell_token *t, struct script_words *w)
{
	const char *from = t->text.p, *to = from;
	for (; t->kind == SHELL_WORD || t->kind == SHELL_REDIRECT; shell_next(l, t)) {
		if (w->n == 1 && text_is(w->v[0], "[["))
			next_after_test(l, t);
		if (t->kind == SHELL_END || t->kind == SHELL_NEWLINE)
			break;
		to = t->text.p + t->text.n;
		if (t->kind == SHELL_REDIRECT) {
			parse_process(s, t);
			take_redirect(s, l, t, w);
		}
		if (t->kind == SHELL_WORD) {
			parse_substitutions(s, t->text, t->line);
			if (w->n == 1 && text_is(w->v[0], ":"))
				assign_default(s, t->text);
			if (w->n == 0 && assignment_length(t->text))
				assign(s, t->text);
			else if (w->n < PARSE_WORDS)
				w->v[w->n++] = t->text;
		}
	}
	w->source = text_of(from, (size_t)(to - from));
}

static bool assigns_by_word(struct text name)
{
	return text_is(name, "export") || text_is(name, "readonly") || text_is(name, "local") || text_is(name, "declare");
}

static void define(struct script *s, struct text name)
{
	if (s->nfunctions == PARSE_FUNCTIONS) {
		s->full = s->ended = true;
		return;
	}
	s->functions[s->nfunctions++] = (struct script_function){ .name = name };
	s->defining = s->nfunctions;
}

/* Whether what ends here runs in a subshell: a pipeline's part, or in the background. */
static bool is_contained(const struct script *s, const struct shell_token *t)
{
	return s->list.piped || (t->kind == SHELL_OPERATOR && (text_is(t->text, "|") || text_is(t->text, "&") ||
														   text_is(t->text, "|&")));
}

static void add_to_list(struct script *s, struct text source)
{
	struct script_list *list = &s->list;
	if (!list->text.p)
		list->text = source;
	else if (source.p > list->text.p) /* a text of its own, sh -c, has a list of its own */
		list->text.n = (size_t)(source.p + source.n - list->text.p);
	list->empty = false;
}

/* NAME=value alone ends like the last substitution in it. */
static struct script_status assignment_status(struct text source, int64_t line)
{
	struct script_status st = script_succeeds(source, line);
	st.open = memmem(source.p, source.n, "$(", 2) || memchr(source.p, '`', source.n);
	return st;
}

static bool prints(struct text name)
{
	return text_is(name, "echo") || text_is(name, "printf");
}

/* What the command prints, where the script tells: `cat` of a here-document, or `echo` of one word. */
static struct text printed(struct script *s, const struct script_words *w, int64_t *line)
{
	*line = w->input_line;
	if (w->n == 1 && text_is(w->v[0], "cat"))
		return w->input;
	*line = w->line;
	return w->n == 2 && prints(w->v[0]) ? expand_word(&s->scope, w->v[1], 0).value : TEXT_NONE;
}

static struct script_written *find_written(struct script *s, struct text name)
{
	for (unsigned i = 0; i < s->nwritten; i++)
		if (text_eq(s->written[i].name, name))
			return &s->written[i];
	return NULL;
}

/* What may put something else into the file: all that names it but what reads, runs or marks it. */
static void forget_written(struct script *s, const struct script_words *w)
{
	static const char *const keep[] = { ".",     "source", "sh",   "ash", "bash", "dash", "chmod",
										"chown", "cat",    "echo", "ls",  "[",    "test" };
	for (size_t i = 0; w->n && i < sizeof keep / sizeof keep[0]; i++)
		if (text_is(text_base(w->v[0]), keep[i]))
			return;
	for (unsigned i = 1; s->nwritten && i < w->n; i++) {
		struct text word = expand_word(&s->scope, w->v[i], 0).value;
		struct script_written *f = word.n ? find_written(s, word) : NULL;
		if (f)
			f->text = TEXT_NONE;
	}
}

/* Remembers what goes through a pipe or into a file, and gives the command what is known to come to it. */
static void take_data(struct script *s, struct script_words *w, bool piped_on)
{
	if (s->list.piped && !w->input.p)
		w->input = s->piped, w->input_line = s->piped_line;
	int64_t line;
	struct text text = printed(s, w, &line);
	s->piped = piped_on && !w->output.p ? text : TEXT_NONE;
	s->piped_line = line;
	for (unsigned i = 0; i < w->n && i < 3 && w->input.p == NULL; i++) {
		struct text word = expand_word(&s->scope, w->v[i], 0).value;
		const struct script_written *f = word.p && memchr(word.p, '/', word.n) ? find_written(s, word) : NULL;
		bool comes =
			f && f->text.p && (!f->guard || f->guard == s->flow.guard) && (!f->function || f->function == s->function);
		if (comes)
			w->input = f->text, w->input_line = f->line, w->written = f->name;
	}
	forget_written(s, w);
	if (!w->output.p || s->flow.why)
		return;
	struct script_written *f = find_written(s, w->output);
	bool again = f != NULL;
	if (!f && s->nwritten < PARSE_WRITTEN)
		f = &s->written[s->nwritten++];
	if (f) /* twice: what it holds then is not known */
		*f = (struct script_written){ w->output, again ? TEXT_NONE : text, line, s->flow.guard, s->function };
}

static void parse_simple(struct script *s, struct shell_lexer *l, struct shell_token *t)
{
	struct script_words w = { .n = 0, .line = t->line };
	s->defining = 0;
	collect(s, l, t, &w);
	if (w.n == 1 && t->kind == SHELL_OPERATOR && text_is(t->text, "(")) {
		shell_next(l, t); /* its ")" */
		if (text_is(t->text, ")"))
			shell_next(l, t);
		define(s, w.v[0]);
		return;
	}
	add_to_list(s, w.source);
	if (w.n == 0) {
		s->status = assignment_status(w.source, w.line);
		return;
	}
	for (unsigned i = 1; i < w.n && assigns_by_word(w.v[0]); i++)
		assign(s, w.v[i]);
	take_data(s, &w, t->kind == SHELL_OPERATOR && text_is(t->text, "|"));
	script_record(s, &w);
	s->status = script_status_of(s, &w);
	script_follow_command(s, &w, is_contained(s, t));
	if (s->depth == 0 && s->nesting == 0 && s->list.flow.why)
		s->ended = true;
}

/* The end of a compound command, and what follows it up to where it is seen whether it ran in a subshell. */
static void close_frame(struct script *s, struct shell_lexer *l, struct shell_token *t, enum frame_kind kind)
{
	do {
		shell_next(l, t);
		parse_process(s, t);
	} while (t->kind == SHELL_REDIRECT);
	script_pop(s, kind, is_contained(s, t));
}

/* The patterns of a branch, up to its ')'; or the end of the `case`. */
static void parse_patterns(struct script *s, struct shell_lexer *l, struct shell_token *t)
{
	struct script_frame *f = script_top(s, FRAME_CASE);
	while (t->kind == SHELL_NEWLINE || text_is(t->text, "("))
		shell_next(l, t);
	if (text_is(t->text, "esac")) {
		close_frame(s, l, t, FRAME_CASE);
		return;
	}
	struct script_arm arm = { .patterns = t->text, .line = t->line };
	for (; t->kind == SHELL_WORD || text_is(t->text, "|"); shell_next(l, t)) {
		if (t->kind != SHELL_WORD)
			continue;
		struct text pattern = shell_unquoted(t->text);
		bool match = expand_pattern_matches(pattern, f->subject) || text_is(pattern, "boot");
		arm.matches |= match;
		arm.catches |= text_is(pattern, "*");
		arm.stops |= script_stops(pattern);
		arm.starts |= match && !text_is(pattern, "*");
		if (t->text.p > arm.patterns.p)
			arm.patterns.n = (size_t)(t->text.p + t->text.n - arm.patterns.p);
	}
	if (text_is(t->text, ")"))
		shell_next(l, t);
	script_begin_arm(s, &arm);
}

static void parse_case(struct script *s, struct shell_lexer *l, struct shell_token *t)
{
	const char *from = t->text.p;
	shell_next(l, t);
	struct text first = s->scope.first_argument;
	s->scope.first_argument = s->argument; /* in a function as well, which gets it handed on */
	struct expansion e = expand_word(&s->scope, t->text, 0);
	s->scope.first_argument = first;
	parse_substitutions(s, t->text, t->line);
	struct script_frame *f = script_push(s, FRAME_CASE);
	if (!f)
		return;
	f->over_verb = e.argument && e.value.p;
	f->subject = f->over_verb ? e.value : TEXT_LIT("");
	f->scripts = e.scripts.p != NULL;
	if (t->kind == SHELL_WORD)
		f->text = text_of(from, (size_t)(t->text.p + t->text.n - from)); /* case WORD */
	do {
		shell_next(l, t);
	} while (t->kind == SHELL_NEWLINE);
	if (text_is(t->text, "in"))
		shell_next(l, t);
	parse_patterns(s, l, t);
}

/* Whether a word of `for` is there for certain: no expansion that may come to nothing. A pattern that matches nothing stands
 * for itself. */
static bool is_surely_there(struct script *s, struct text word)
{
	struct expansion e = expand_word(&s->scope, word, 0);
	return e.scripts.p || expand_names_scripts(e.value.p ? e.value : word) || (e.value.n && !e.unsure);
}

static void parse_for(struct script *s, struct shell_lexer *l, struct shell_token *t)
{
	const char *from = t->text.p;
	struct script_frame *f = script_push(s, FRAME_LOOP);
	if (!f)
		return;
	f->testing = false;
	f->test.open = true;
	f->test.line = t->line;
	shell_next(l, t);
	struct text name = t->text;
	f->test.text = text_of(from, (size_t)(name.p + name.n - from));
	if (t->kind != SHELL_WORD || expand_name_length(name) != name.n)
		return;
	shell_next(l, t);
	expand_loop(&s->scope, name);
	if (!text_is(t->text, "in"))
		return;
	for (shell_next(l, t); t->kind == SHELL_WORD; shell_next(l, t)) {
		parse_substitutions(s, t->text, t->line);
		expand_loop_item(&s->scope, name, t->text);
		f->test.open &= !is_surely_there(s, t->text);
		f->test.text.n = (size_t)(t->text.p + t->text.n - from);
	}
}

/* The reserved words (XCU 2.4). False: it is none. */
static bool parse_reserved(struct script *s, struct shell_lexer *l, struct shell_token *t)
{
	static const struct {
		const char *word;
		enum frame_kind kind;
		bool ends;
	} frames[] = {
		{ "if", FRAME_IF, false },     { "fi", FRAME_IF, true },        { "esac", FRAME_CASE, true },
		{ "while", FRAME_LOOP, false }, { "until", FRAME_LOOP, false }, { "done", FRAME_LOOP, true },
		{ "{", FRAME_BRACE, false },   { "}", FRAME_BRACE, true },
	};
	struct text w = t->text;
	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		if (!text_is(w, frames[i].word))
			continue;
		if (frames[i].ends) {
			close_frame(s, l, t, frames[i].kind);
			return true;
		}
		struct script_frame *f = script_push(s, frames[i].kind);
		if (f)
			f->until = text_is(w, "until");
		shell_next(l, t);
		return true;
	}
	if (text_is(w, "case")) {
		parse_case(s, l, t);
		return true;
	}
	if (text_is(w, "for")) {
		parse_for(s, l, t);
		return true;
	}
	if (text_is(w, "function")) {
		shell_next(l, t);
		define(s, t->text);
		shell_next(l, t);
		if (!text_is(t->text, "("))
			return true;
		shell_next(l, t);
	} else if (text_is(w, "then") || text_is(w, "elif") || text_is(w, "else")) {
		script_begin_branch(s, w);
	} else if (text_is(w, "do")) {
		script_begin_body(s);
	} else if (text_is(w, "!")) {
		s->list.negated = !s->list.negated;
	} else if (!text_is(w, "time")) {
		return false;
	}
	shell_next(l, t);
	return true;
}

static void parse_operator(struct script *s, struct shell_lexer *l, struct shell_token *t)
{
	struct text op = t->text;
	if (text_is(op, ")") && script_top(s, FRAME_SUBSHELL)) {
		close_frame(s, l, t, FRAME_SUBSHELL);
		return;
	}
	shell_next(l, t);
	if (text_is(op, "&&") || text_is(op, "||")) {
		script_list_next(s, op.p[0]);
		while (t->kind == SHELL_NEWLINE)
			shell_next(l, t);
	} else if (text_is(op, "(")) {
		script_push(s, FRAME_SUBSHELL);
	} else if ((text_starts(op, ";;") || text_is(op, ";&")) && script_top(s, FRAME_CASE)) {
		parse_patterns(s, l, t);
	} else if (op.p[0] == '|') {
		s->list.piped = true;
		while (t->kind == SHELL_NEWLINE)
			shell_next(l, t);
	} else {
		script_list_end(s);
	}
}

void script_parse(struct script *s, struct text source, int64_t line)
{
	struct shell_lexer l;
	struct shell_token t;
	shell_begin(&l, source, line);
	shell_next(&l, &t);
	while (t.kind != SHELL_END && !s->ended) {
		if (t.kind == SHELL_NEWLINE) {
			script_list_end(s);
			shell_next(&l, &t);
		} else if (t.kind == SHELL_OPERATOR) {
			parse_operator(s, &l, &t);
		} else if (t.kind != SHELL_WORD || !parse_reserved(s, &l, &t)) {
			parse_simple(s, &l, &t);
		}
	}
	s->broken |= l.broken;
}

/* The commands of a substitution, which leave no trace in what surrounds them. */
static void parse_nested(struct script *s, struct text source, int64_t line)
{
	unsigned depth = s->depth, base = s->base, function = s->function, defining = s->defining;
	uint64_t other_verb = s->other_verb;
	struct text argument = s->scope.first_argument;
	struct script_flow flow = s->flow;
	struct script_list list = s->list;
	struct script_status status = s->status, last = s->last;
	s->base = depth;
	s->defining = 0;
	s->nesting++;
	script_list_begin(s, flow);
	script_parse(s, source, line);
	s->nesting--;
	s->depth = depth;
	s->base = base;
	s->function = function;
	s->defining = defining;
	s->other_verb = other_verb;
	s->scope.first_argument = argument;
	s->flow = flow;
	s->list = list;
	s->status = status;
	s->last = last;
}
