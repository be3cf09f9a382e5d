/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A script is read until nothing more is learnt of its functions. */
#include "inspect/startup_parse.h"

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

/* #!/bin/sh -e */
static bool starts_with_errexit(struct text source)
{
	struct text line;
	if (!text_starts(source, "#!") || !shell_line(&source, &line))
		return false;
	(void)shell_field(&line);
	struct text option = shell_field(&line);
	if (option.n && option.p[0] != '-') /* #! /bin/sh -e */
		option = shell_field(&line);
	return option.n > 1 && option.p[0] == '-' && memchr(option.p, 'e', option.n);
}

static void read_once(struct script *s, struct text source, int64_t line)
{
	s->ncommands = s->nfunctions = s->depth = s->base = s->function = s->defining = s->nesting = s->scope.n = 0;
	s->other_verb = 0;
	s->ended = s->broken = s->full = s->sourced = false;
	s->unnamed = OUTCOME_UNKNOWN;
	s->configuration = s->piped = TEXT_NONE;
	s->nwritten = 0;
	s->errexit = starts_with_errexit(source);
	memset(s->scope.buckets, 0, sizeof s->scope.buckets);
	s->scope.first_argument = s->argument;
	script_list_begin(s, (struct script_flow){ .guard = NULL });
	s->last = s->status;
	script_parse(s, source, line);
}

/* Whether the reading found out of its functions what was not known to begin with; keeps that for the next one. */
static bool learns(struct script *s)
{
	bool news = s->nknown != s->nfunctions && s->nfunctions > 0;
	for (unsigned i = 0; i < s->nfunctions; i++) {
		const struct script_function *f = &s->functions[i], *k = &s->known[i];
		news |= i >= s->nknown || !text_eq(f->name, k->name) || f->leaving != k->leaving || f->asks != k->asks;
		s->known[i] = *f;
	}
	s->nknown = s->nfunctions;
	return news;
}

void script_read(struct script *s, struct text source, int64_t line, struct text argument)
{
	s->argument = argument;
	s->nknown = 0;
	read_once(s, source, line);
	/* A function is called before it is read where another one, further up, calls it. */
	for (unsigned i = 0; i < PARSE_PASSES && learns(s); i++)
		read_once(s, source, line);
}
