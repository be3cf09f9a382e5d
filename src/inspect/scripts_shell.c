/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shell scripts: their commands, and what the words of each come from. */
#include "inspect/scripts_shell.h"

#include "inspect/startup.h"

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
	if (output && !descriptor && !errors && c->noutputs < 4) {
		shell_read_word(s, &c->outputs[c->noutputs], target, t->line);
		c->outputs[c->noutputs++].appends = op + 1 < t->text.n && t->text.p[op + 1] == '>';
	} else if (!output && c->ninputs < 4) {
		shell_read_word(s, &c->inputs[c->ninputs], target, t->line);
		c->inputs[c->ninputs++].here_string = op == 0 && text_starts(t->text, "<<<");
	}
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
			int64_t line;
			struct text here = shell_input(&w->lexer, t, &line);
			if (here.p && t->text.p[2] != '<')
				c->here = here, c->here_line = line;
			take_redirect(s, c, t);
		} else if (c->n == 0 && shell_take_assignment(s, t->text, t->line)) {
			continue;
		} else if (c->n < SHELL_WORDS) {
			shell_read_word(s, &c->words[c->n++], t->text, t->line);
			brackets = text_is(c->words[0].raw, "[[") && !text_is(t->text, "]]");
		}
	}
	c->source = text_of(from, (size_t)(to - from));
}

static void begin_function(struct shell_state *s, struct walker *w, struct text name)
{
	w->function = name;
	w->defining = true;
	if (!shell_find_function(s, name) && s->nfunctions < SHELL_FUNCTIONS)
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
		if (text_has(t->text, "[!") || text_has(t->text, "[^"))
			shell_guard(v);
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
		shell_read_word(s, &word, w->token.text, w->token.line);
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
	if (w->token.kind != SHELL_WORD || shell_name_length(name) != name.n)
		return;
	shell_next(&w->lexer, &w->token);
	if (!text_is(w->token.text, "in"))
		return;
	for (shell_next(&w->lexer, &w->token); w->token.kind == SHELL_WORD; shell_next(&w->lexer, &w->token)) {
		shell_read_word(s, &item, w->token.text, w->token.line);
		all.origin = origin_join(all.origin, item.origin);
	}
	shell_assign(s, name, &all, false);
}

static void take_brace(struct shell_state *s, struct walker *w, bool open)
{
	if (open) {
		w->braces++;
		if (w->defining && !w->function_brace) {
			struct shell_function *f = shell_find_function(s, w->function);
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
		shell_guard(echoed);
	if (!w->piped)
		s->piped_text = s->piped_commands = TEXT_NONE;
	struct origin output = shell_finish(s, c);
	bool shows = c->n > 1 && (text_is(c->program, "echo") || text_is(c->program, "printf"));
	const struct shell_word *last = c->n ? &c->words[c->n - 1] : NULL;
	if (shows && text_is(t->text, "|")) {
		s->piped_text = last->expands ? TEXT_NONE : last->flat;
		s->piped_source = c->source;
	}
	s->piped_commands = TEXT_NONE;
	if (text_is(t->text, "|") && !c->noutputs) {
		bool copies = text_is(c->program, "cat") && c->n == 1;
		s->piped_commands = copies ? c->here : shows && c->n == 2 && !last->expands ? last->flat : TEXT_NONE;
		s->piped_line = copies ? c->here_line : c->line;
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
	return file->web || text_has(source, "$QUERY_STRING") || text_has(source, "$REQUEST_METHOD") ||
		   text_has(source, "${QUERY_STRING") || text_has(source, "${REQUEST_METHOD");
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
	s->piped_text = s->piped_commands = TEXT_NONE;
	s->handed = NULL;
	s->file = file;
	s->cgi = file->language == LANGUAGE_SHELL && is_cgi(file, source);
	bool whole = file->language == LANGUAGE_SHELL && !s->cgi && !file->haserl && !startup_is_crontab(file->subject->path) &&
				 !startup_is_unit(file->subject->path);
	s->whole = whole ? source : TEXT_NONE;
	s->run = NULL;
	/* A first pass learns what functions are called with, and what firewall rules there are. */
	for (unsigned pass = 0; pass < 2; pass++) {
		file->quiet = quiet || pass == 0;
		s->nvariables = s->nfiles = s->ncases = 0;
		s->folder = TEXT_NONE;
		s->named_by_request = false;
		memset(s->buckets, 0, sizeof s->buckets);
		s->arguments = (struct origin){ .level = ORIGIN_UNKNOWN };
		(void)shell_read(s, source, line);
	}
	file->quiet = quiet;
}
