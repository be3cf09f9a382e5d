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

static bool leaves(const struct script_command *c)
{
	struct text word = c->argc ? c->argv[0] : TEXT_NONE;
	return text_is(word, "exit") || (text_is(word, "exec") && c->argc > 1);
}

void startup_leaves(struct startup_file *file)
{
	struct script *s = script_new(file->subject->arena);
	if (!s)
		return;
	script_read(s, text_from_span(file->subject->bytes), 1, TEXT_LIT("start"));
	script_follow(s);
	for (unsigned i = 0; i < s->ncommands; i++)
		if (leaves(&s->commands[i]) && script_reaches(s, &s->commands[i])) {
			emit_sourced(file->sink, &(struct fact_sourced){
										 .line = s->commands[i].line, .guarded = FACT_NULL, .leaves = 1 });
			return; /* one is enough */
		}
}
