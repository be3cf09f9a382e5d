/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that start-up scripts read with `.`: which ones, and whether they leave the script that reads them (XCU 2.14, dot and
 * exit). A shell that is not interactive ends, too, where such a file is missing.
 */
#include "inspect/startup.h"
#include "inspect/startup_parse.h"

/* Larger ones are no settings and no library of functions. */
#define SOURCED_MAX ((size_t)64 << 10)

static bool is_dot(struct text word)
{
	return text_is(word, ".") || text_is(word, "source");
}

void startup_emit_sourced(struct sink *sink, const struct script *s)
{
	for (unsigned i = 0; i < s->ncommands; i++) {
		const struct script_command *c = &s->commands[i];
		if (c->argc < 2 || !c->argv[0].p || !is_dot(c->argv[0]) || !text_starts(c->argv[1], "/"))
			continue;
		enum reach reach = script_reach(s, c).kind;
		if (reach != REACH_NEVER)
			emit_sourced(sink, &(struct fact_sourced){
								   .line = c->line, .path = c->argv[1], .guarded = reach == REACH_IF, .leaves = FACT_NULL });
	}
}

bool startup_may_leave(const struct subject *s)
{
	static const char *const words[] = { "exit", "exec" };
	struct text name = text_base(s->path);
	bool placed = text_starts(s->path, "/etc/") || text_starts(s->path, "/etc_ro/") || text_ends(name, ".sh") ||
				  text_ends(name, "functions") || text_ends(name, "conf");
	if (!placed || s->bytes.n > SOURCED_MAX)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (s->bytes.n && memmem(s->bytes.p, s->bytes.n, words[i], 4))
			return true;
	return false;
}

/* `exec 512/tcp` of services(5), `exec {` of a file with blocks: no commands. */
static bool is_no_command(struct text word)
{
	static const char *const protocols[] = { "/tcp", "/udp", "/sctp", "/dccp" };
	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
		if (word.n && word.p[0] >= '0' && word.p[0] <= '9' && text_ends(word, protocols[i]))
			return true;
	return text_is(word, "{");
}

static bool leaves(const struct script_command *c)
{
	struct text word = c->argc ? c->argv[0] : TEXT_NONE;
	if (text_is(word, "exec"))
		return c->argc > 1 && !is_no_command(c->argv[1]) && !is_no_command(c->argv[c->argc - 1]);
	return text_is(word, "exit");
}

/* What no shell reads: a script of another interpreter, and a file of settings that begins with its first section. */
static bool is_other_language(struct text source)
{
	static const char *const shells[] = { "/sh", "/ash", "/bash", "/dash", "/ksh", "/zsh", "busybox sh", "busybox ash",
										  "/hush", " sh", " bash", "init-d-script", "invoke-run", "rc.common", "runscript", "openrc-run" };
	struct text line;
	if (text_starts(source, "#!") && shell_line(&source, &line)) {
		for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
			if (text_has(line, shells[i]))
				return false;
		return true;
	}
	while (shell_line(&source, &line)) {
		line = shell_trim(line);
		if (line.n && line.p[0] != '#' && line.p[0] != ';')
			return line.p[0] == '[' && line.n > 2 && line.p[1] != ' ' && line.p[1] != '[' && text_ends(line, "]");
	}
	return false;
}

void startup_leaves(struct startup_file *file)
{
	struct text source = text_from_span(file->subject->bytes);
	struct script *s = is_other_language(source) ? NULL : script_new(file->subject->arena);
	if (!s)
		return;
	script_read(s, source, 1, TEXT_LIT("start"));
	script_follow(s);
	for (unsigned i = 0; i < s->ncommands; i++)
		if (leaves(&s->commands[i]) && script_reaches(s, &s->commands[i])) {
			emit_sourced(file->sink, &(struct fact_sourced){
										 .line = s->commands[i].line, .guarded = FACT_NULL, .leaves = 1 });
			return; /* one is enough */
		}
}
