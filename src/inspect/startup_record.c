/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One simple command of a script: its words expanded, and what is known of how it ends. */
#include "inspect/startup_parse.h"

bool script_stops(struct text verb)
{
	static const char *const verbs[] = { "stop", "restart",     "reload",      "force-reload", "status",
										 "down", "condrestart", "try-restart", "kill",         "shutdown" };
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (text_is(verb, verbs[i]))
			return true;
	return false;
}

static bool has_quotes(struct text word)
{
	return memchr(word.p, '"', word.n) || memchr(word.p, '\'', word.n);
}

/* Expands into argv; an unquoted expansion is split at blanks (XCU 2.6.5). */
static unsigned expand_words(struct script *s, const struct script_words *w, unsigned choice, struct text *argv,
							 struct text *scripts)
{
	unsigned n = 0;
	for (unsigned i = 0; i < w->n && n < PARSE_WORDS; i++) {
		struct expansion e = expand_word(&s->scope, w->v[i], choice);
		if (e.scripts.p && !e.value.p)
			*scripts = e.scripts;
		bool split = e.value.p && e.value.p != w->v[i].p && !has_quotes(w->v[i]);
		if (!split) {
			argv[n++] = e.value;
			continue;
		}
		for (struct text f = shell_field(&e.value); f.n && n < PARSE_WORDS; f = shell_field(&e.value))
			argv[n++] = f;
	}
	return n;
}

static unsigned count_choices(struct script *s, const struct script_words *w)
{
	unsigned choices = 1;
	for (unsigned i = 0; i < w->n && i < 8; i++) {
		struct expansion e = expand_word(&s->scope, w->v[i], 0);
		if (e.choices > choices)
			choices = e.choices;
	}
	return choices;
}

bool script_is_arguments(struct text source)
{
	return text_starts(source, "\"$@\"") || text_starts(source, "$@") || text_starts(source, "$*");
}

void script_record(struct script *s, const struct script_words *w)
{
	if (s->function && script_is_arguments(w->v[0]))
		s->functions[s->function - 1].runs_arguments = true;
	unsigned choices = count_choices(s, w);
	for (unsigned k = 0; k < choices; k++) {
		struct text argv[PARSE_WORDS];
		struct text scripts = TEXT_NONE;
		unsigned argc = expand_words(s, w, k, argv, &scripts);
		struct text *copy = ARENA_ARRAY(s->arena, struct text, argc);
		if (s->ncommands == PARSE_COMMANDS || !copy) {
			s->full = s->ended = true;
			return;
		}
		memcpy(copy, argv, argc * sizeof *argv);
		s->commands[s->ncommands++] = (struct script_command){
			.source = w->source,
			.line = w->line,
			.argv = copy,
			.argc = argc,
			.scripts = scripts,
			.condition = script_condition(s),
			.function = s->function,
			.dead = s->dead,
			.maybe_dead = s->maybe_dead,
		};
	}
}

enum outcome script_test(struct script *s, const struct script_words *w)
{
	if (text_is(w->v[0], "true") || text_is(w->v[0], ":"))
		return OUTCOME_TRUE;
	if (text_is(w->v[0], "false"))
		return OUTCOME_FALSE;
	bool bracket = text_is(w->v[0], "[") && w->n == 5 && text_is(w->v[4], "]");
	if (!bracket && !(text_is(w->v[0], "test") && w->n == 4))
		return OUTCOME_UNKNOWN;
	bool equal = text_is(w->v[2], "=") || text_is(w->v[2], "==");
	if (!equal && !text_is(w->v[2], "!="))
		return OUTCOME_UNKNOWN;
	struct expansion a = expand_word(&s->scope, w->v[1], 0), b = expand_word(&s->scope, w->v[3], 0);
	if (!a.argument || b.argument || !a.value.p || !b.value.p)
		return OUTCOME_UNKNOWN;
	bool same = text_eq(a.value, b.value);
	struct text verb = b.value.n && a.value.n && a.value.p[0] == 'x' ? text_of(b.value.p + 1, b.value.n - 1) : b.value;
	if (!same && !script_stops(verb)) /* not the usual verbs: who knows what it is called with */
		return OUTCOME_UNKNOWN;
	return same == equal ? OUTCOME_TRUE : OUTCOME_FALSE;
}

enum test_kind script_test_kind(const struct script *s, const struct script_words *w)
{
	static const char *const tests[] = { "[", "[[", "test", "grep", "egrep", "fgrep", "nvram", "fw_printenv", "uci", "cmp" };
	unsigned operator = w->n > 2 && text_is(w->v[1], "!") ? 2 : 1;
	if (w->n > operator && text_is(w->v[operator], "-x"))
		return TEST_PRESENCE;
	for (unsigned i = 1; i < w->n; i++)
		if (expand_word(&s->scope, w->v[i], 0).scripts.p)
			return TEST_PRESENCE;
	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
		if (text_is(w->v[0], tests[i]))
			return TEST_OPEN;
	return TEST_NONE;
}

struct text script_condition(const struct script *s)
{
	if (s->chain_condition.p)
		return s->chain_condition;
	for (unsigned i = s->depth; i > s->base; i--)
		if (s->frames[i - 1].condition.p)
			return s->frames[i - 1].condition;
	return TEXT_NONE;
}

enum outcome script_chained(char chain, enum outcome before, enum outcome now)
{
	if (chain == '&')
		return now == OUTCOME_FALSE || before == OUTCOME_TRUE ? now : OUTCOME_UNKNOWN;
	if (chain == '|')
		return now == OUTCOME_TRUE || before == OUTCOME_FALSE ? now : OUTCOME_UNKNOWN;
	return now;
}
