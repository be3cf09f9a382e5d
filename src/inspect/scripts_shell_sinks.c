/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a word of a shell command is interpreted once more: XCU 2.14 (eval, dot), the options of shells and of awk(1), sed(1),
 * find(1), ssh(1). A quoted variable that is only an argument is none of them. */
#include "inspect/scripts_shell.h"

static void report_origin(struct shell_state *s, const struct shell_command *c, const struct origin *o,
						  const char *kind, const char *sink)
{
	if (o->level >= ORIGIN_STORED)
		shell_report(s, c, kind, o->source, sink, origin_confidence(o));
}

/* Any of the words from `from` on. */
static void report_words(struct shell_state *s, const struct shell_command *c, unsigned from, const char *sink)
{
	struct origin all = { .level = ORIGIN_FIXED };
	for (unsigned i = from; i < c->n; i++)
		if (!text_starts(c->words[i].raw, "'"))
			all = origin_join(all, c->words[i].origin);
	report_origin(s, c, &all, "command-injection", sink);
}

/* awk and sed: the first operand is a program, unless -f or -e gives it. Only a request's value is worth a row. */
static void report_program(struct shell_state *s, const struct shell_command *c)
{
	bool awk = scripts_among(c->program, (const char *const[]){ "awk", "gawk", "mawk", "nawk", NULL });
	bool sed = text_is(c->program, "sed");
	for (unsigned i = 1; (awk || sed) && i < c->n; i++) {
		struct text w = c->words[i].flat;
		if (awk && (text_is(w, "-v") || text_is(w, "-F"))) {
			i++;
			continue;
		}
		if (text_is(w, "-f"))
			return;
		if (text_starts(w, "-"))
			continue;
		struct origin o = c->words[i].origin;
		if (o.level == ORIGIN_REQUEST)
			report_origin(s, c, &o, "command-injection", awk ? "awk program" : "sed script");
		return;
	}
}

/* find -exec sh -c, xargs sh -c, ssh HOST COMMAND */
static void report_handed(struct shell_state *s, const struct shell_command *c)
{
	bool find = text_is(c->program, "find"), xargs = text_is(c->program, "xargs");
	for (unsigned i = 1; (find || xargs) && i + 2 < c->n; i++)
		if (shell_is_interpreter(text_base(c->words[i].flat)) && text_is(c->words[i + 1].flat, "-c"))
			report_origin(s, c, &c->words[i + 2].origin, "command-injection", "shell");
	if (xargs && c->n > 1 && shell_is_interpreter(text_base(c->words[c->n - 2].flat)))
		report_origin(s, c, &c->input, "command-injection", "shell");
	if (text_is(c->program, "ssh") && c->n > 2 && c->words[c->n - 1].origin.level == ORIGIN_REQUEST)
		report_origin(s, c, &c->words[c->n - 1].origin, "command-injection", "remote shell");
}

/* Files whose names a request gives: read, removed or written. */
static void report_paths(struct shell_state *s, const struct shell_command *c)
{
	static const char *const openers[] = { "cat", "rm", "tail", "head", "more", "cp", "mv", "less", NULL };
	for (unsigned i = 0; i < c->noutputs; i++)
		if (c->outputs[i].origin.level == ORIGIN_REQUEST)
			report_origin(s, c, &c->outputs[i].origin, "path-injection", "file that is written");
	if (!scripts_among(c->program, openers))
		return;
	for (unsigned i = 1; i < c->n; i++)
		if (c->words[i].origin.level == ORIGIN_REQUEST && !text_starts(c->words[i].flat, "-"))
			report_origin(s, c, &c->words[i].origin, "path-injection",
						  text_is(c->program, "rm") ? "file that is removed" : "file");
}

/* $cmd: the program itself comes from outside. A word that only begins with a fixed folder names a file in it. */
static void report_named_program(struct shell_state *s, const struct shell_command *c)
{
	const struct shell_word *w = &c->words[0];
	if (w->origin.level == ORIGIN_REQUEST)
		report_origin(s, c, &w->origin, "command-injection", "shell");
}

static void report_input(struct shell_state *s, const struct shell_command *c)
{
	static const char *const runners[] = { "sh", "ash", "bash", "dash", "at", "batch", "crontab", NULL };
	if (!scripts_among(c->program, runners) || shell_c_argument(c))
		return;
	if (shell_operand(c, 1) < 0 || text_is(c->words[c->n - 1].flat, "-"))
		report_origin(s, c, &c->input, "command-injection", "shell");
}

void shell_command_sinks(struct shell_state *s, const struct shell_command *c)
{
	report_paths(s, c);
	if (!c->n)
		return;
	const struct shell_word *w =
		shell_is_interpreter(c->program) || text_is(c->program, "su") ? shell_c_argument(c) : NULL;
	if (text_is(c->program, "eval")) {
		report_words(s, c, 1, "eval");
		for (unsigned i = 1; i < c->n; i++)
			s->named_by_request |= c->words[i].origin.level == ORIGIN_REQUEST && !c->words[i].origin.guarded;
	} else if (w && !text_starts(w->raw, "'"))
		report_origin(s, c, &w->origin, "command-injection", "shell");
	else if ((text_is(c->program, ".") || text_is(c->program, "source")) && c->n > 1 &&
			 c->words[1].origin.level == ORIGIN_REQUEST)
		report_origin(s, c, &c->words[1].origin, "command-injection", "file that is sourced");
	report_named_program(s, c);
	report_program(s, c);
	report_handed(s, c);
	if (c->piped)
		report_input(s, c);
}
