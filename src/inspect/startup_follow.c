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

/* The name that a text of commands begins with. */
static struct text first_name(struct text t)
{
	size_t n = 0;
	t = shell_trim(t);
	while (n < t.n && !strchr(" \t\n;&|", t.p[n]))
		n++;
	return n ? text_of(t.p, n) : TEXT_NONE;
}

/* The function that the command calls: its name, or a callback of OpenWrt's functions.sh. */
static unsigned callee(const struct script *s, const struct script_command *c)
{
	struct text name = word_at(c, 0);
	if (text_is(name, "config_foreach"))
		return script_function(s, word_at(c, 1));
	if (text_is(name, "config_list_foreach"))
		return script_function(s, word_at(c, 3));
	if (text_is(name, "trap")) /* trap stop EXIT, trap "stop; exit 1" INT */
		return script_function(s, first_name(word_at(c, 1)));
	if (script_is_arguments(c->source) && c->function == 0)
		return script_function(s, TEXT_LIT("start"));
	unsigned f = script_function(s, name);
	if (!f && text_is(name, "start")) /* rc.common's own, of a service of procd */
		return script_function(s, TEXT_LIT("start_service"));
	return f;
}

/* The caller's guards are asked for through at most so many calls. */
#define CALLS_MAX 32u

/* Guards from the innermost outwards. */
struct guard_list {
	const struct script_guard *v[PARSE_GUARDS];
	unsigned n;
	bool more;
};

static void take_guards(struct guard_list *l, const struct script_guard *g)
{
	for (; g && l->n < PARSE_GUARDS; g = g->outer)
		l->v[l->n++] = g;
	l->more |= g != NULL;
}

/* Why nothing comes to it; NULL: something may. */
static const char *hindrance(const struct script *s, const struct script_command *c)
{
	if (c->flow.why)
		return c->flow.why;
	if (c->other_verb)
		return SCRIPT_VERB;
	return c->function && !s->functions[c->function - 1].live ? SCRIPT_UNCALLED : NULL;
}

struct script_reach script_reach(const struct script *s, const struct script_command *c)
{
	struct script_reach r = { .kind = REACH_NEVER, .why = hindrance(s, c), .line = c->flow.why ? c->flow.line : c->line };
	if (r.why)
		return r;
	struct guard_list l = { .n = 0 };
	take_guards(&l, c->flow.guard);
	const struct script_function *f = c->function ? &s->functions[c->function - 1] : NULL;
	unsigned calls = 0; /* each function was found to be called before those that it calls: this ends */
	for (; f && f->caller && calls < CALLS_MAX; calls++) {
		const struct script_command *caller = &s->commands[f->caller - 1];
		take_guards(&l, caller->callback);
		take_guards(&l, caller->flow.guard);
		f = caller->function ? &s->functions[caller->function - 1] : NULL;
	}
	r.more = l.more || calls == CALLS_MAX;
	for (unsigned i = l.n; i > 0; i--)
		r.guards[r.nguards++] = l.v[i - 1];
	r.kind = l.n || r.more ? REACH_IF : REACH_ALWAYS;
	r.line = l.n ? r.guards[0]->line : c->line;
	return r;
}

bool script_reaches(const struct script *s, const struct script_command *c)
{
	return script_reach(s, c).kind != REACH_NEVER;
}

/* True when that call tells something new of the function: that it is called, or that it is without a condition. */
static bool note_call(struct script *s, struct script_function *f, unsigned command)
{
	const struct script_command *c = &s->commands[command];
	enum reach reach = script_reach(s, c).kind;
	bool guarded = reach == REACH_IF || c->callback;
	if (reach == REACH_NEVER || (f->live && (!f->caller || guarded)))
		return false;
	f->live = true;
	f->caller = guarded ? command + 1 : 0;
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
		for (unsigned i = 0; i < s->ncommands; i++)
			if (callees[i])
				changed |= note_call(s, &s->functions[callees[i] - 1], i);
	}
}
