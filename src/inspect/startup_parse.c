/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/startup_parse.h"

static void parse_nested(struct script *s, struct text source, int64_t line);

static uint64_t top_bit(const struct script *s)
{
	return (uint64_t)1 << (s->depth - 1);
}

/* Whether the branch that begins is not taken. */
static void set_branch(struct script *s, bool dead, bool maybe_dead)
{
	uint64_t bit = top_bit(s);
	s->dead = dead ? s->dead | bit : s->dead & ~bit;
	s->maybe_dead = maybe_dead ? s->maybe_dead | bit : s->maybe_dead & ~bit;
}

static bool is_skipped(const struct script *s)
{
	return (s->chain == '&' && s->outcome == OUTCOME_FALSE) || (s->chain == '|' && s->outcome == OUTCOME_TRUE);
}

static void end_chain(struct script *s)
{
	s->chain = 0;
	s->chain_condition = TEXT_NONE;
}

static struct script_frame *push(struct script *s, enum frame_kind kind)
{
	if (s->depth == PARSE_DEPTH) {
		s->full = s->ended = true;
		return NULL;
	}
	struct script_frame *f = &s->frames[s->depth++];
	*f = (struct script_frame){ .kind = kind, .first = s->ncommands, .function = s->function };
	if (s->defining && kind != FRAME_CASE) {
		s->function = s->defining;
		s->defining = 0;
		s->scope.first_argument = TEXT_NONE;
	}
	set_branch(s, is_skipped(s), false);
	f->outer = f->condition = s->chain_condition;
	end_chain(s);
	s->outcome = OUTCOME_UNKNOWN;
	return f;
}

static struct script_frame *top(struct script *s, enum frame_kind kind)
{
	return s->depth > s->base && s->frames[s->depth - 1].kind == kind ? &s->frames[s->depth - 1] : NULL;
}

static void pop(struct script *s, enum frame_kind kind)
{
	struct script_frame *f = top(s, kind);
	if (!f)
		return;
	if (kind == FRAME_CASE && !f->has_start)
		for (unsigned i = f->first; i < s->ncommands; i++)
			s->commands[i].maybe_dead &= ~top_bit(s);
	set_branch(s, false, false);
	s->function = f->function;
	if (s->function == 0)
		s->scope.first_argument = TEXT_LIT("start");
	s->depth--;
	s->outcome = OUTCOME_UNKNOWN;
}

/* Commands whose output or exit status the word takes: $(...) and `...`. */
static void parse_substitutions(struct script *s, struct text word, int64_t line)
{
	bool quoted = false;
	for (size_t i = 0; i < word.n && s->nesting < PARSE_NESTING && !s->broken;) {
		char c = word.p[i];
		quoted ^= c == '"';
		bool single = c == '\'' && !quoted, command = c == '`' || (c == '$' && i + 1 < word.n && word.p[i + 1] == '(');
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

/* NAME=value before a command or alone; gives the length of "NAME=", or 0. */
static size_t assignment_length(struct text word)
{
	size_t n = expand_name_length(word);
	return n && n < word.n && word.p[n] == '=' ? n + 1 : 0;
}

static void assign(struct script *s, struct text word)
{
	size_t n = assignment_length(word);
	if (n == 0 || s->dead)
		return;
	expand_assign(&s->scope, text_of(word.p, n - 1), text_of(word.p + n, word.n - n),
				  s->depth || s->function || s->chain || s->maybe_dead);
}

static void next_after_test(struct shell_lexer *l, struct shell_token *t)
{
	while (t->kind != SHELL_END && t->kind != SHELL_NEWLINE && !text_is(t->text, "]]"))
		shell_next(l, t);
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
		if (t->kind == SHELL_WORD) {
			parse_substitutions(s, t->text, t->line);
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

static void parse_simple(struct script *s, struct shell_lexer *l, struct shell_token *t)
{
	struct script_words w = { .n = 0, .line = t->line };
	bool skipped = is_skipped(s);
	char chain = s->chain;
	enum outcome before = s->outcome;
	s->defining = 0;
	collect(s, l, t, &w);
	s->chain = 0;
	if (w.n == 1 && t->kind == SHELL_OPERATOR && text_is(t->text, "(")) {
		shell_next(l, t); /* its ")" */
		if (text_is(t->text, ")"))
			shell_next(l, t);
		define(s, w.v[0]);
		return;
	}
	if (skipped || w.n == 0)
		return;
	for (unsigned i = 1; i < w.n && assigns_by_word(w.v[0]); i++)
		assign(s, w.v[i]);
	script_record(s, &w);
	s->outcome = s->negated ? OUTCOME_UNKNOWN : script_chained(chain, before, script_test(s, &w));
	s->test = w.source;
	s->test_kind = script_test_kind(s, &w);
	s->negated = false;
	bool leaves = text_is(w.v[0], "exit") || text_is(w.v[0], "return") || (text_is(w.v[0], "exec") && w.n > 1);
	if (leaves && s->depth == 0 && s->nesting == 0 && !chain && !text_starts(t->text, "|") && !text_is(t->text, "&"))
		s->ended = true;
}

/* The patterns of a branch, up to its ')'; or the end of the `case`. */
static void parse_patterns(struct script *s, struct shell_lexer *l, struct shell_token *t)
{
	struct script_frame *f = top(s, FRAME_CASE);
	bool matches = false, other = false;
	while (t->kind == SHELL_NEWLINE || text_is(t->text, "("))
		shell_next(l, t);
	if (text_is(t->text, "esac")) {
		pop(s, FRAME_CASE);
		shell_next(l, t);
		return;
	}
	for (; t->kind == SHELL_WORD || text_is(t->text, "|"); shell_next(l, t)) {
		if (t->kind != SHELL_WORD)
			continue;
		struct text pattern = shell_unquoted(t->text);
		bool match = expand_pattern_matches(pattern, f->subject) || text_is(pattern, "boot");
		matches |= match;
		other |= script_stops(pattern);
		f->has_start |= match && !text_is(pattern, "*");
	}
	if (text_is(t->text, ")"))
		shell_next(l, t);
	bool dead = f->over_verb && (f->taken || !matches);
	set_branch(s, dead && other, dead && !other);
	f->taken |= matches;
	s->chain = 0;
}

static void parse_case(struct script *s, struct shell_lexer *l, struct shell_token *t)
{
	const char *from = t->text.p;
	shell_next(l, t);
	struct text first = s->scope.first_argument;
	s->scope.first_argument = TEXT_LIT("start"); /* in a function as well, which gets it handed on */
	struct expansion e = expand_word(&s->scope, t->text, 0);
	s->scope.first_argument = first;
	parse_substitutions(s, t->text, t->line);
	struct script_frame *f = push(s, FRAME_CASE);
	if (!f)
		return;
	f->over_verb = e.argument && e.value.p;
	f->subject = f->over_verb ? e.value : TEXT_LIT("");
	if (t->kind == SHELL_WORD && !f->over_verb && !e.scripts.p)
		f->condition = text_of(from, (size_t)(t->text.p + t->text.n - from)); /* case WORD */
	do {
		shell_next(l, t);
	} while (t->kind == SHELL_NEWLINE);
	if (text_is(t->text, "in"))
		shell_next(l, t);
	parse_patterns(s, l, t);
}

static void parse_for(struct script *s, struct shell_lexer *l, struct shell_token *t)
{
	push(s, FRAME_LOOP);
	shell_next(l, t);
	struct text name = t->text;
	if (t->kind != SHELL_WORD || expand_name_length(name) != name.n)
		return;
	shell_next(l, t);
	expand_loop(&s->scope, name);
	if (!text_is(t->text, "in"))
		return;
	for (shell_next(l, t); t->kind == SHELL_WORD; shell_next(l, t)) {
		parse_substitutions(s, t->text, t->line);
		expand_loop_item(&s->scope, name, t->text);
	}
}

static void begin_branch(struct script *s, struct text word)
{
	struct script_frame *f = top(s, FRAME_IF);
	if (!f)
		return;
	if (text_is(word, "then")) {
		if (!f->taken)
			set_branch(s, s->outcome == OUTCOME_FALSE, false);
		f->taken |= s->outcome == OUTCOME_TRUE;
		/* Here any command decides: who asks for its outcome expects two. */
		bool open = s->outcome == OUTCOME_UNKNOWN && s->test_kind != TEST_PRESENCE;
		f->uncertain |= open;
		f->condition = open ? s->test : f->uncertain ? f->condition : f->outer;
	} else {
		set_branch(s, f->taken, false);
		f->condition = text_is(word, "else") && f->uncertain ? f->condition : f->outer;
	}
	end_chain(s);
	s->outcome = OUTCOME_UNKNOWN;
}

/* The reserved words (XCU 2.4). False: it is none. */
static bool parse_reserved(struct script *s, struct shell_lexer *l, struct shell_token *t)
{
	struct text w = t->text;
	if (text_is(w, "if")) {
		push(s, FRAME_IF);
	} else if (text_is(w, "then") || text_is(w, "elif") || text_is(w, "else")) {
		begin_branch(s, w);
	} else if (text_is(w, "fi")) {
		pop(s, FRAME_IF);
	} else if (text_is(w, "esac")) { /* the last branch may go without its ;; */
		pop(s, FRAME_CASE);
	} else if (text_is(w, "while") || text_is(w, "until")) {
		push(s, FRAME_LOOP);
	} else if (text_is(w, "done")) {
		pop(s, FRAME_LOOP);
	} else if (text_is(w, "{")) {
		push(s, FRAME_BRACE);
	} else if (text_is(w, "}")) {
		pop(s, FRAME_BRACE);
	} else if (text_is(w, "function")) {
		shell_next(l, t);
		define(s, t->text);
		shell_next(l, t);
		if (!text_is(t->text, "("))
			return true;
		shell_next(l, t);
	} else if (text_is(w, "case")) {
		parse_case(s, l, t);
		return true;
	} else if (text_is(w, "for")) {
		parse_for(s, l, t);
		return true;
	} else if (text_is(w, "!")) {
		s->negated = true;
	} else if (!text_is(w, "do") && !text_is(w, "time")) {
		return false;
	}
	shell_next(l, t);
	return true;
}

static void parse_operator(struct script *s, struct shell_lexer *l, struct shell_token *t)
{
	struct text op = t->text;
	shell_next(l, t);
	s->chain = 0;
	if (!text_is(op, "&&") && !text_is(op, "||") && !text_is(op, "("))
		s->chain_condition = TEXT_NONE;
	if (text_is(op, "&&") || text_is(op, "||")) {
		s->chain = op.p[0];
		if (s->test_kind == TEST_OPEN && s->outcome == OUTCOME_UNKNOWN)
			s->chain_condition = s->test;
		while (t->kind == SHELL_NEWLINE)
			shell_next(l, t);
	} else if (text_is(op, "(")) {
		push(s, FRAME_SUBSHELL);
	} else if (text_is(op, ")")) {
		pop(s, FRAME_SUBSHELL);
	} else if ((text_starts(op, ";;") || text_is(op, ";&")) && top(s, FRAME_CASE)) {
		parse_patterns(s, l, t);
	} else if (op.p[0] != ';') {
		s->outcome = OUTCOME_UNKNOWN; /* a pipe, or in the background */
	}
}

static void parse_text(struct script *s, struct text source, int64_t line)
{
	struct shell_lexer l;
	struct shell_token t;
	shell_begin(&l, source, line);
	shell_next(&l, &t);
	while (t.kind != SHELL_END && !s->ended) {
		if (t.kind == SHELL_NEWLINE) {
			end_chain(s);
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
	uint64_t dead = s->dead, maybe_dead = s->maybe_dead;
	struct text argument = s->scope.first_argument;
	enum outcome outcome = s->outcome;
	struct text test = s->test, chain_condition = s->chain_condition;
	enum test_kind test_kind = s->test_kind;
	char chain = s->chain;
	s->base = depth;
	s->chain_condition = TEXT_NONE;
	s->defining = 0;
	s->chain = 0;
	s->nesting++;
	parse_text(s, source, line);
	s->nesting--;
	s->depth = depth;
	s->base = base;
	s->function = function;
	s->defining = defining;
	s->dead = dead;
	s->maybe_dead = maybe_dead;
	s->scope.first_argument = argument;
	s->outcome = outcome;
	s->test = test;
	s->test_kind = test_kind;
	s->chain_condition = chain_condition;
	s->chain = chain;
}

struct script *script_new(struct arena *arena)
{
	struct script *s = ARENA_NEW(arena, struct script);
	struct script_command *commands = ARENA_ARRAY(arena, struct script_command, PARSE_COMMANDS);
	if (!s || !commands)
		return NULL;
	s->commands = commands;
	s->arena = s->scope.arena = arena;
	return s;
}

void script_read(struct script *s, struct text source, int64_t line)
{
	s->ncommands = s->nfunctions = s->depth = s->base = s->function = s->defining = s->nesting = s->scope.n = 0;
	s->dead = s->maybe_dead = 0;
	s->chain = 0;
	s->outcome = OUTCOME_UNKNOWN;
	s->ended = s->broken = s->full = s->negated = false;
	s->test = s->chain_condition = TEXT_NONE;
	s->test_kind = TEST_NONE;
	memset(s->scope.buckets, 0, sizeof s->scope.buckets);
	s->scope.first_argument = TEXT_LIT("start");
	parse_text(s, source, line);
}
