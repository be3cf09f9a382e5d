/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows of commands say of the tests that they depend on. */
#include "inspect/startup.h"
#include "inspect/startup_parse.h"

struct startup_condition startup_conditions(struct arena *arena, struct startup_condition outer,
											struct startup_condition own)
{
	if (!outer.text.p || !own.text.p)
		return outer.text.p ? outer : own;
	if (text_eq(outer.text, own.text))
		return outer;
	struct text both = text_c(arena_printf(arena, "%.*s; %.*s", (int)outer.text.n, outer.text.p, (int)own.text.n,
										   own.text.p));
	if (both.n > STARTUP_CONDITION_MAX) /* that there are some is known */
		both = outer.text;
	if (!both.p)
		return outer;
	bool same = outer.path.p && own.path.p && text_eq(outer.path, own.path);
	return (struct startup_condition){ .text = both, .line = outer.line, .path = same ? own.path : TEXT_NONE };
}

/* Whether the program that is run is there: whoever reads the row sees that. */
static bool asks_for(const struct script_guard *g, struct text program)
{
	if (!g->path.n || !program.n)
		return false;
	struct text name = text_base(g->path);
	bool command = g->path.n == name.n || text_ends(text_of(g->path.p, g->path.n - name.n), "bin/");
	bool by_name = command && (program.p[0] != '/' || g->path.p[0] != '/');
	return text_eq(g->path, program) || (by_name && text_eq(name, text_base(program)));
}

struct startup_condition startup_condition_of(struct arena *arena, const struct script *s,
											  const struct script_command *c, struct text program)
{
	struct script_reach reach = script_reach(s, c);
	struct startup_condition all = { .text = TEXT_NONE };
	for (unsigned i = 0; i < reach.nguards; i++) {
		const struct script_guard *g = reach.guards[i];
		if (!asks_for(g, program))
			all = startup_conditions(arena, all,
									 (struct startup_condition){ .text = g->text, .line = g->line, .path = g->path });
	}
	if (reach.more)
		all.path = TEXT_NONE;
	if (reach.more && !all.text.p)
		all = (struct startup_condition){ .text = TEXT_LIT("more tests than are told"), .line = c->line };
	return all;
}
