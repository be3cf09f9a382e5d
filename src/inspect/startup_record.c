/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One simple command of a script: its words expanded, as the script stands there. */
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

/* OpenWrt's config_foreach calls a function for each section of the configuration that was loaded: for none without one. */
static const struct script_guard *callback_guard(struct script *s, const struct script_words *w)
{
	bool calls = text_is(w->v[0], "config_foreach") || text_is(w->v[0], "config_list_foreach");
	struct script_guard *g = calls ? ARENA_NEW(s->arena, struct script_guard) : NULL;
	if (!g)
		return NULL;
	*g = (struct script_guard){ .text = w->source, .line = w->line };
	bool plain = s->configuration.n && s->configuration.n < 64 && !memchr(s->configuration.p, '/', s->configuration.n);
	if (plain)
		g->path = text_c(arena_printf(s->arena, "/etc/config/%.*s", (int)s->configuration.n, s->configuration.p));
	return g;
}

void script_record(struct script *s, const struct script_words *w)
{
	if (s->function && script_is_arguments(w->v[0]))
		s->functions[s->function - 1].runs_arguments = true;
	unsigned choices = count_choices(s, w);
	const struct script_guard *callback = callback_guard(s, w);
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
			.flow = s->flow,
			.callback = callback,
			.function = s->function,
			.input = w->input,
			.input_line = w->input_line,
			.written = w->written,
			.substituted = s->nesting > 0,
			.other_verb = s->other_verb,
		};
	}
}
