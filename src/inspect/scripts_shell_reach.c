/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a run of a script comes to a command: what stands behind `exit`, in `if false`, or in a function that nothing calls, misuses
 * nothing. The script is read once more, as boot's are, when the first weakness is found in it. */
#include "inspect/scripts_shell.h"

#include "inspect/startup.h"
#include "inspect/startup_parse.h"

static const char *const fetchers[] = { "wget", "curl", "uclient-fetch", "fetch", "tftp", "ftpget", "aria2c", NULL };

/* A script that runs nothing itself is there for others, which read it with `.`; rc.common calls by names that are known. */
static bool is_library(const struct shell_state *s)
{
	static const char *const sets[] = { ".", "source", "export", "readonly", "declare", "typeset", "set", "unset", "shopt", ":", NULL };
	struct text rest = s->whole, first;
	if (s->alone)
		return false;
	if (!text_starts(s->whole, "#!"))
		return true;
	if (!shell_line(&rest, &first) || text_has(first, "rc.common"))
		return false;
	for (unsigned i = 0; i < s->run->ncommands; i++) {
		const struct script_command *c = &s->run->commands[i];
		if (c->function == 0 && c->argc && !scripts_among(c->argv[0], sets))
			return false;
	}
	return true;
}

/* A function may be called by whoever reads the file with `.`, by a name that comes from elsewhere, or by what is told by a text. */
static bool may_be_called(const struct shell_state *s)
{
	const struct script *run = s->run;
	for (unsigned i = 0; i < run->ncommands; i++) {
		const struct script_command *c = &run->commands[i];
		if (c->argc && (!c->argv[0].p || text_is(c->argv[0], "eval") || script_is_arguments(c->source)))
			return true;
	}
	return is_library(s);
}

/* No command names the function, but a file that the script reads may (rc.subr of the BSDs), or a shell that it is exported to. */
static bool may_be_handed(const struct shell_state *s, const struct script_command *in)
{
	const struct script *run = s->run;
	bool handed = false;
	for (unsigned i = 0; i < run->ncommands; i++) {
		const struct script_command *c = &run->commands[i];
		if (!c->argc || !c->argv[0].p)
			continue;
		if (in->function && text_eq(c->argv[0], run->functions[in->function - 1].name))
			return false;
		handed |= text_is(c->argv[0], ".") || text_is(c->argv[0], "source") ||
				  (text_is(c->argv[0], "export") && c->argc > 1 && text_is(c->argv[1], "-f"));
	}
	return handed;
}

static bool read_run(struct shell_state *s)
{
	struct text path = s->file->subject->path;
	bool told = text_has(path, "/init.d/") || text_has(path, "/rc.d/");
	if (s->run)
		return true;
	s->run = script_new(s->file->subject->arena);
	if (!s->run)
		return false;
	script_read(s->run, s->whole, 1, told ? TEXT_LIT("start") : TEXT_NONE);
	(void)startup_call_rc_common(s->run, s->whole);
	script_follow(s->run);
	return true;
}

/* Whether a guard asks for nothing else than how the fetch ended: that it did, or that the file is there. */
static bool is_of_fetch(const struct script_guard *g, struct text file)
{
	struct text rest = g->text, first = shell_field(&rest);
	if (text_is(first, "!"))
		return false;
	return scripts_among(text_base(first), fetchers) || (file.n > 1 && memmem(g->text.p, g->text.n, file.p, file.n));
}

static enum reach reach_of(const struct shell_state *s, const struct script_command *c, struct text file)
{
	struct script_reach r = script_reach(s->run, c);
	if (r.kind == REACH_NEVER && (!r.why || strcmp(r.why, SCRIPT_UNCALLED) != 0))
		return REACH_NEVER;
	if (r.kind == REACH_NEVER)
		return may_be_called(s) ? REACH_ALWAYS : may_be_handed(s, c) ? REACH_IF : REACH_NEVER;
	bool open = r.more;
	for (unsigned i = 0; i < r.nguards; i++)
		open |= !r.guards[i]->path.p && !is_of_fetch(r.guards[i], file);
	return open ? REACH_IF : REACH_ALWAYS;
}

/* Commands that a shell is handed, as they run. They are read once, when the first weakness is found in them. */
static struct script *read_handed(struct shell_state *s, struct shell_handed *h)
{
	unsigned level = 0;
	for (const struct shell_handed *outer = h->outer; outer; outer = outer->outer)
		level++;
	if (h->run || level >= SHELL_NESTING)
		return h->run;
	struct script **kept = &s->handed_runs[level];
	if (!*kept)
		*kept = script_new(s->file->subject->arena);
	if (*kept) {
		script_read(*kept, h->whole, 1, TEXT_NONE);
		script_follow(*kept);
	}
	return h->run = *kept;
}

/* Whether a run of s->whole comes to what stands there. */
static enum reach reach_at(struct shell_state *s, const char *at, struct text file)
{
	if (!s->whole.p || at < s->whole.p || at >= s->whole.p + s->whole.n || !read_run(s) || s->run->full ||
		s->run->broken)
		return REACH_ALWAYS;
	enum reach best = REACH_NEVER;
	bool found = false;
	for (unsigned i = 0; i < s->run->ncommands; i++) {
		struct text source = s->run->commands[i].source;
		if (at < source.p || at >= source.p + source.n)
			continue;
		enum reach now = reach_of(s, &s->run->commands[i], file);
		found = true;
		best = now < best ? now : best;
	}
	/* what a text within a word or a here-document holds is none of its commands; behind `exit` none is read */
	return found || s->run->ended ? best : REACH_ALWAYS;
}

enum reach shell_reach(struct shell_state *s, const struct shell_command *c, struct text file)
{
	struct text whole = s->whole;
	struct script *run = s->run;
	const char *at = c->source.p;
	enum reach worst = REACH_ALWAYS;
	for (struct shell_handed *h = s->handed; h && whole.p; h = h->outer) {
		s->whole = h->whole;
		s->run = read_handed(s, h);
		s->alone = h->alone;
		enum reach now = s->run ? reach_at(s, at, file) : REACH_ALWAYS;
		worst = now > worst ? now : worst;
		at = h->source.p;
	}
	s->whole = whole;
	s->run = run;
	s->alone = false;
	enum reach now = reach_at(s, at, file);
	return now > worst ? now : worst;
}
