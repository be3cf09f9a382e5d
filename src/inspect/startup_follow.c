/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which functions of a script are called by what it runs. */
#include "inspect/startup_parse.h"

unsigned script_function(const struct script *s, struct text name)
{
	for (unsigned i = s->nfunctions; name.p && i > 0; i--)
		if (text_eq(s->functions[i - 1].name, name))
			return i;
	return 0;
}

void script_call(struct script *s, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned f = script_function(s, text_c(names[i]));
		if (f)
			s->functions[f - 1].live = true;
	}
}

static struct text word_at(const struct script_command *c, unsigned i)
{
	return i < c->argc ? c->argv[i] : TEXT_NONE;
}

/* The function that the command calls: its name, or a callback of OpenWrt's functions.sh. */
static unsigned callee(const struct script *s, const struct script_command *c)
{
	struct text name = word_at(c, 0);
	if (text_is(name, "config_foreach"))
		return script_function(s, word_at(c, 1));
	if (text_is(name, "config_list_foreach"))
		return script_function(s, word_at(c, 3));
	if (script_is_arguments(c->source) && c->function == 0)
		return script_function(s, TEXT_LIT("start"));
	return script_function(s, name);
}

bool script_reaches(const struct script *s, const struct script_command *c)
{
	return !c->dead && !c->maybe_dead && (c->function == 0 || s->functions[c->function - 1].live);
}

struct text script_condition_of(const struct script *s, const struct script_command *c)
{
	return c->condition.p || !c->function ? c->condition : s->functions[c->function - 1].condition;
}

/* True when that call tells something new of the function: that it is called, or that it is without a condition. */
static bool note_call(struct script_function *f, struct text condition)
{
	if (f->live && (!f->condition.p || condition.p))
		return false;
	f->live = true;
	f->condition = condition;
	return true;
}

void script_follow(struct script *s)
{
	unsigned *callees = ARENA_ARRAY(s->arena, unsigned, s->ncommands);
	if (!callees) {
		s->full = true;
		return;
	}
	for (unsigned i = 0; s->nfunctions && i < s->ncommands; i++)
		callees[i] = callee(s, &s->commands[i]);
	for (bool changed = s->nfunctions > 0; changed;) {
		changed = false;
		for (unsigned i = 0; i < s->ncommands; i++) {
			struct script_function *f = callees[i] ? &s->functions[callees[i] - 1] : NULL;
			if (f && script_reaches(s, &s->commands[i]))
				changed |= note_call(f, script_condition_of(s, &s->commands[i]));
		}
	}
}
