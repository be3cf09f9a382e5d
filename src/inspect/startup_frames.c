/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compound commands of a shell script (XCU 2.9.4): what their branches depend on, and what holds behind them. */
#include "inspect/startup_parse.h"

struct script_frame *script_top(struct script *s, enum frame_kind kind)
{
	return s->depth > s->base && s->frames[s->depth - 1].kind == kind ? &s->frames[s->depth - 1] : NULL;
}

struct script_frame *script_push(struct script *s, enum frame_kind kind)
{
	if (s->depth == PARSE_DEPTH) {
		s->full = s->ended = true;
		return NULL;
	}
	struct script_frame *f = &s->frames[s->depth++];
	s->list.empty = false;
	*f = (struct script_frame){ .kind = kind, .first = s->ncommands, .function = s->function, .list = s->list };
	f->test = script_succeeds(TEXT_LIT(""), 0);
	if (s->defining && kind != FRAME_CASE) {
		s->function = s->defining;
		s->defining = 0;
		s->scope.first_argument = TEXT_NONE;
		s->flow = (struct script_flow){ .guard = NULL };
	}
	f->start = f->entry = f->branch = f->after = s->flow;
	f->testing = kind == FRAME_IF || kind == FRAME_LOOP;
	script_list_begin(s, s->flow);
	return f;
}

static uint64_t top_bit(const struct script *s)
{
	return (uint64_t)1 << (s->depth - 1);
}

/* A branch has been read to its end: what it leaves behind. */
static void end_branch(struct script *s, struct script_frame *f)
{
	script_list_end(s);
	struct script_flow end = s->list.flow;
	if (!f->begun || f->branch.why || f->other)
		return;
	if (!end.why) {
		f->alive = true;
		f->after = script_with_guards(s, f->after, end.guard, f->branch.guard);
		return;
	}
	struct script_status otherwise = script_negate(f->test);
	if (f->test.outcome == OUTCOME_TRUE)
		f->after = end;
	else
		f->after = script_guarded(s, f->after, &otherwise);
}

static void begin_list(struct script *s, struct script_frame *f, struct script_flow flow)
{
	f->branch = flow;
	f->begun = true;
	script_list_begin(s, flow);
}

/* A test in `if`: whoever asks for an outcome expects two. */
static struct script_status asked(const struct script_status *last)
{
	struct script_status st = *last;
	if (st.outcome == OUTCOME_UNKNOWN && !st.holds) {
		st.open = true;
		st.unlikely = false;
	}
	return st;
}

void script_begin_branch(struct script *s, struct text word)
{
	struct script_frame *f = script_top(s, FRAME_IF);
	if (!f)
		return;
	if (text_is(word, "then")) {
		script_list_end(s);
		f->entry = s->list.flow;
		f->after = f->begun ? f->after : f->entry;
		f->test = asked(&s->last);
		f->testing = false;
		begin_list(s, f, script_guarded(s, f->entry, &f->test));
		return;
	}
	end_branch(s, f);
	struct script_status otherwise = script_negate(f->test);
	f->entry = f->test.outcome == OUTCOME_TRUE ? script_dead(SCRIPT_TRUE, f->test.line)
											   : script_guarded(s, f->entry, &otherwise);
	f->test = otherwise;
	f->catches = text_is(word, "else");
	f->testing = !f->catches;
	begin_list(s, f, f->entry);
}

static struct script_flow end_if(struct script *s, struct script_frame *f)
{
	end_branch(s, f);
	if (!f->catches && f->test.outcome != OUTCOME_TRUE && !f->entry.why)
		f->alive = true;
	return f->alive || f->entry.why || f->after.why ? f->after : script_dead(SCRIPT_LEFT, f->test.line);
}

void script_begin_arm(struct script *s, const struct script_arm *arm)
{
	struct script_frame *f = script_top(s, FRAME_CASE);
	if (!f)
		return;
	end_branch(s, f);
	const char *text = arena_printf(s->arena, "%.*s in %.*s)", f->text.n < 200 ? (int)f->text.n : 200, f->text.p,
									arm->patterns.n < 200 ? (int)arm->patterns.n : 200, arm->patterns.p);
	f->test = (struct script_status){ .open = true, .holds = f->scripts, .tells = f->scripts, .text = text_c(text), .line = arm->line };
	bool is_it = f->over_verb && arm->matches && !f->taken;
	f->other = f->over_verb && !is_it;
	f->catches |= arm->catches;
	f->has_start |= arm->starts && f->over_verb;
	s->other_verb = f->other ? s->other_verb | top_bit(s) : s->other_verb & ~top_bit(s);
	f->taken |= is_it;
	if (is_it)
		f->test.outcome = OUTCOME_TRUE;
	struct script_flow flow = script_guarded(s, f->entry, &f->test);
	begin_list(s, f, f->other && arm->stops && !flow.why ? script_dead(SCRIPT_VERB, arm->line) : flow);
}

static struct script_flow end_case(struct script *s, struct script_frame *f)
{
	end_branch(s, f);
	s->other_verb &= ~top_bit(s);
	/* Who calls it with another verb than the usual ones is not known: such a branch depends on that. */
	for (unsigned i = f->first; !f->has_start && i < s->ncommands; i++)
		s->commands[i].other_verb &= ~top_bit(s);
	bool all = f->over_verb ? f->taken : f->catches;
	return f->alive || !all || f->entry.why || f->after.why ? f->after : script_dead(SCRIPT_LEFT, f->test.line);
}

void script_begin_body(struct script *s)
{
	struct script_frame *f = script_top(s, FRAME_LOOP);
	if (!f || f->begun)
		return;
	script_list_end(s);
	f->after = s->list.flow;
	if (f->testing) { /* while, until */
		f->test = s->last; /* while sleep 60: what is expected to succeed makes it go on for ever */
		if (f->until)
			f->test = script_negate(f->test);
		f->forever = f->test.outcome == OUTCOME_TRUE || (f->test.outcome == OUTCOME_UNKNOWN && !f->test.open);
		f->waits = f->test.outcome == OUTCOME_UNKNOWN && f->test.open && !f->test.ends && !f->test.unlikely;
	}
	f->testing = false;
	begin_list(s, f, script_guarded(s, f->after, &f->test));
}

static struct script_flow end_loop(struct script *s, struct script_frame *f)
{
	struct script_status otherwise = script_negate(f->test);
	script_list_end(s);
	struct script_flow after = f->after;
	if (f->counts) { /* it comes to the number that it waits for */
		f->waits &= !f->test.counts;
		f->breaks_surely |= f->breaks_counted;
	}
	if (f->leaves && f->leaves_surely && f->branch.guard == after.guard && !f->branch.why)
		return script_dead(SCRIPT_LEFT, f->test.line);
	if (f->leaves && f->leaves_unless)
		after = script_with_guards(s, after, f->leaves_unless, NULL);
	else if (f->leaves)
		after = script_guarded(s, after, &otherwise);
	if (f->breaks_surely || !(f->forever || f->waits) || after.why)
		return after;
	if (f->breaks && f->breaks_if)
		return script_with_guards(s, after, f->breaks_if, f->branch.guard);
	return f->forever ? script_dead(SCRIPT_FOREVER, f->test.line) : script_guarded(s, after, &otherwise);
}

/* What the end of a compound command does to the list that it stands in. */
static void join(struct script *s, const struct script_frame *f, struct script_flow after)
{
	struct script_list *list = &s->list;
	if (f->start.why || (list->op && list->wanted.unlikely))
		return;
	if (after.why)
		script_stop(s, after);
	else if (!list->op)
		list->flow = after;
	else
		list->flow = script_with_guards(s, list->flow, after.guard, f->start.guard);
}

static void end_function(struct script *s, const struct script_frame *f)
{
	s->functions[s->function - 1].asks |= s->last.open && !s->last.unlikely;
	s->function = f->function;
	if (s->function == 0)
		s->scope.first_argument = s->argument;
}

void script_pop(struct script *s, enum frame_kind kind, bool contained)
{
	struct script_frame *f = script_top(s, kind);
	if (!f)
		return;
	struct script_flow after;
	if (kind == FRAME_IF)
		after = end_if(s, f);
	else if (kind == FRAME_CASE)
		after = end_case(s, f);
	else if (kind == FRAME_LOOP)
		after = end_loop(s, f);
	else {
		script_list_end(s);
		after = s->list.flow;
	}
	bool group = kind == FRAME_BRACE || kind == FRAME_SUBSHELL;
	s->other_verb &= ~top_bit(s);
	s->depth--;
	s->list = f->list;
	s->flow = s->list.flow;
	s->status = group ? s->last : script_succeeds(TEXT_LIT(""), 0);
	if (kind == FRAME_SUBSHELL && after.why) /* (exit $?): it ends as it was told, or as what came before */
		s->status = (struct script_status){ .open = true, .text = TEXT_LIT("( ... exit )"), .line = after.line };
	if (f->function != s->function) {
		end_function(s, f);
		return;
	}
	if (!contained && kind != FRAME_SUBSHELL && !s->list.piped)
		join(s, f, after);
}
