/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/updates_reach.h"

#include "inspect/startup.h"

/* Whether a guard only asks how a step of the update itself ended: a fetch, a check, or the file that was fetched. */
static bool is_of_update(const struct deeds *d, const struct script_guard *g)
{
	bool any = false;
	for (unsigned i = 0; i < d->script->ncommands; i++) {
		enum updates_deed deed = d->v[i].deed;
		const char *at = d->script->commands[i].source.p;
		struct text file = d->v[i].file;
		bool must_fail = text_starts(g->text, "!");
		if (deed == DEED_FETCH && file.n > 1 && !must_fail && memmem(g->text.p, g->text.n, file.p, file.n))
			return true;
		if (at < g->text.p || at >= g->text.p + g->text.n)
			continue;
		if (deed != DEED_FETCH && deed != DEED_SIGNATURE && deed != DEED_CHECKSUM)
			return false;
		any = true;
	}
	return any;
}

void updates_read_run(struct updates *u, struct text source, struct deeds *d)
{
	struct text path = u->subject->path;
	bool told = text_has(path, "/init.d/") || text_has(path, "/rc.d/");
	d->run = script_new(u->subject->arena);
	if (!d->run)
		return;
	script_read(d->run, source, 1, told ? TEXT_LIT("start") : TEXT_NONE);
	(void)startup_call_rc_common(d->run, source);
	script_follow(d->run);
}

void updates_forget_reach(struct updates *u)
{
	u->reached = FACT_NULL;
	u->condition = TEXT_NONE;
}

/* What an argument chooses, a script that is read as far as it goes may end earlier than one that is read for what is in it. */
static const struct script_command *find_command(const struct script *run, const struct script_command *c)
{
	for (unsigned i = 0; i < run->ncommands; i++)
		if (run->commands[i].source.p == c->source.p)
			return &run->commands[i];
	return NULL;
}

void updates_take_reach(struct updates *u, const struct deeds *d, const struct script_command *c)
{
	updates_forget_reach(u);
	if (!d->run)
		return;
	const struct script_command *found = find_command(d->run, c);
	struct script_reach reach = { .kind = REACH_NEVER };
	if (found)
		reach = script_reach(d->run, found);
	bool cut = d->run->full || d->run->broken;
	if (reach.kind == REACH_NEVER) {
		u->reached = cut ? FACT_NULL : 0;
		return;
	}
	struct startup_condition all = { .text = TEXT_NONE };
	for (unsigned i = 0; i < reach.nguards; i++)
		if (!is_of_update(d, reach.guards[i]))
			all = startup_conditions(u->subject->arena, all,
									 (struct startup_condition){ .text = reach.guards[i]->text });
	u->condition = reach.more && !all.text.p ? TEXT_LIT("more tests than are told") : all.text;
	u->reached = u->condition.p ? FACT_NULL : 1;
}
