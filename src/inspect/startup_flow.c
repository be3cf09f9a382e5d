/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where control goes in a shell script: what must be so for a command to run, and what keeps it from it (XCU 2.8, 2.9).
 *
 * A guard is added wherever a test decides which nothing here answers, and taken off where its branches meet again; a branch
 * that leaves the script leaves its guard behind for all that follows. In doubt there is a guard.
 */
#include "base/words.h"
#include "inspect/startup_parse.h"

/* Of a test so much is told. */
#define GUARD_TEXT 240u

struct script_flow script_dead(const char *why, int64_t line)
{
	return (struct script_flow){ .why = why, .line = line };
}

/* The beginning of a longer text, without a part of a UTF-8 character. */
static struct text shortened(struct text t)
{
	size_t n = t.n < GUARD_TEXT ? t.n : GUARD_TEXT;
	while (n < t.n && n > 0 && ((uint8_t)t.p[n] & 0xC0) == 0x80)
		n--;
	return text_of(t.p, n);
}

static const struct script_guard *new_guard(struct script *s, struct script_guard guard)
{
	struct script_guard *g = ARENA_NEW(s->arena, struct script_guard);
	if (g)
		*g = guard;
	else
		s->full = s->ended = true;
	return g ? g : guard.outer;
}

/* With "!" before it, or without that which it has. */
static struct text toggled(struct script *s, struct text t, const char *mark)
{
	size_t n = strlen(mark);
	if (!t.p)
		return t;
	if (text_starts(t, mark))
		return text_of(t.p + n, t.n - n);
	return text_c(arena_printf(s->arena, "%s%.*s", mark, (int)t.n, t.p));
}

/* A file that a boot without it does not get by itself, where nothing but the image puts files. */
static bool is_kept(struct text path)
{
	static const char *const folders[] = { "/etc/",  "/etc_ro/", "/usr/",  "/bin/",  "/sbin/",
										   "/lib/", "/opt/",    "/root/", "/app/" };
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (text_starts(path, folders[i]))
			return true;
	return path.n && path.p[0] != '/'; /* a command's name */
}

/* What something is mounted over when the system runs: the image does not tell what is there. */
static bool is_mounted_over(struct text path)
{
	static const char *const folders[] = { "/proc/", "/sys/", "/dev/",     "/tmp/",     "/run/",      "/mnt/",
										   "/media/", "/var/run/", "/var/tmp/", "/var/lock/", "/config/" };
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (text_starts(path, folders[i]))
			return true;
	return false;
}

/* A guard for each of several paths that must all be there. */
static struct script_flow with_paths(struct script *s, struct script_flow flow, const struct script_status *st)
{
	for (struct text rest = st->path, path = shell_field(&rest); path.n; path = shell_field(&rest)) {
		const char *text = arena_printf(s->arena, "[ -e %.*s ]", (int)path.n, path.p);
		struct script_guard g = { .outer = flow.guard, .text = text_c(text), .line = st->line };
		g.path = is_mounted_over(path) ? TEXT_NONE : path;
		flow.guard = new_guard(s, g);
	}
	return flow;
}

struct script_flow script_guarded(struct script *s, struct script_flow flow, const struct script_status *st)
{
	if (st->outcome == OUTCOME_TRUE || flow.why)
		return flow;
	if (st->outcome == OUTCOME_FALSE)
		return script_dead(SCRIPT_FALSE, st->line);
	if (!st->open || st->holds)
		return flow;
	bool several = st->path.n && memchr(st->path.p, ' ', st->path.n);
	if (several && !st->negated)
		return with_paths(s, flow, st);
	struct script_guard g = { .outer = flow.guard, .text = shortened(st->text), .line = st->line, .counts = st->counts };
	if (st->negated)
		g.text = toggled(s, g.text, "! ");
	if (st->path.n && !several && !is_mounted_over(st->path) && (!st->negated || is_kept(st->path)))
		g.path = st->negated ? toggled(s, st->path, "!") : st->path;
	flow.guard = new_guard(s, g);
	return flow;
}

struct script_flow script_with_guards(struct script *s, struct script_flow flow, const struct script_guard *guard,
									  const struct script_guard *end)
{
	const struct script_guard *found[PARSE_GUARDS] = { NULL };
	unsigned n = 0;
	for (; guard && guard != end && n < PARSE_GUARDS; guard = guard->outer)
		found[n++] = guard;
	bool more = guard && guard != end;
	while (n-- > 0 && !flow.why) {
		struct script_guard g = *found[n];
		g.outer = flow.guard;
		if (more)
			g.path = TEXT_NONE;
		flow.guard = new_guard(s, g);
	}
	return flow;
}

/* The same test that must come out the other way. */
static const struct script_guard *opposite(struct script *s, const struct script_guard *guard)
{
	struct script_guard g = *guard;
	g.outer = NULL;
	g.text = toggled(s, g.text, "! ");
	g.path = is_kept(g.path) || text_starts(g.path, "!") ? toggled(s, g.path, "!") : TEXT_NONE;
	return new_guard(s, g);
}

static bool is_sure(const struct script_status *st)
{
	return st->outcome == OUTCOME_TRUE || (st->outcome == OUTCOME_UNKNOWN && (!st->open || st->holds));
}

/* Two pipelines joined by && or || (XCU 2.9.3). */
static struct script_status combine(const struct script_list *list, const struct script_status *now)
{
	const struct script_status *before = &list->before;
	enum outcome decided = list->op == '&' ? OUTCOME_FALSE : OUTCOME_TRUE;
	bool and = list->op == '&';
	if (before->outcome == decided || (!and && is_sure(before)))
		return *before;
	if (now->outcome == decided || (!and && is_sure(now)))
		return *now;
	if (before->outcome != OUTCOME_UNKNOWN || (and && is_sure(before)))
		return *now;
	if (now->outcome != OUTCOME_UNKNOWN || (and && is_sure(now)))
		return *before;
	return (struct script_status){ .open = true, .text = list->text, .line = before->line };
}

static struct script_status list_status(const struct script *s)
{
	struct script_status now = s->list.negated ? script_negate(s->status) : s->status;
	return s->list.op ? combine(&s->list, &now) : now;
}

void script_list_begin(struct script *s, struct script_flow flow)
{
	s->list = (struct script_list){ .flow = flow, .empty = true };
	s->flow = flow;
	s->status = script_succeeds(TEXT_LIT(""), 0);
}

void script_list_next(struct script *s, char op)
{
	struct script_list *list = &s->list;
	struct script_status total = list_status(s);
	list->before = total;
	list->wanted = op == '&' ? total : script_negate(total);
	list->op = op;
	list->negated = list->piped = false;
	s->flow = script_guarded(s, list->flow, &list->wanted);
	s->status = script_succeeds(TEXT_LIT(""), 0);
}

/* With set -e a command that fails ends the script (XCU 2.14, set): not where its outcome is asked for. */
static bool exits_on_error(const struct script *s, const struct script_status *total)
{
	bool testing = s->depth > s->base && s->frames[s->depth - 1].testing;
	return s->errexit && !testing && !s->list.op && total->test && !total->negated && total->open;
}

void script_list_end(struct script *s)
{
	if (!s->list.empty) {
		s->last = list_status(s);
		if (exits_on_error(s, &s->last))
			s->list.flow = script_guarded(s, s->list.flow, &s->last);
	}
	script_list_begin(s, s->list.flow);
}

/* Whether what is expected to succeed stands before `&& exit`: there its failure is what the rest of the script is for. A text that
 * is written first is none. */
static bool is_asked(const struct script_list *list)
{
	static const char *const writers[] = { "echo", "printf", "logger", "true", ":" };
	struct text rest = list->wanted.text, name = text_base(shell_field(&rest));
	return list->op == '&' && list->wanted.outcome == OUTCOME_UNKNOWN && name.n && !TEXT_IS_ANY_OF(name, writers);
}

void script_stop(struct script *s, struct script_flow dead)
{
	struct script_list *list = &s->list;
	if (list->op && (list->wanted.outcome == OUTCOME_FALSE || list->wanted.unlikely))
		return;
	struct script_status otherwise = script_negate(list->wanted);
	otherwise.open |= is_asked(list);
	if (list->op && (list->wanted.open || is_asked(list)))
		list->flow = script_guarded(s, list->flow, &otherwise);
	else if (!list->flow.why)
		list->flow = dead;
	/* Behind `test || exit` the test succeeded, behind `test && exit` it failed. */
	s->status.outcome = list->op == '&' ? OUTCOME_FALSE : OUTCOME_TRUE;
}

/* What leaves, seen from the loops and the function around it. */
static void mark_leaving(struct script *s, bool script, bool sure, const struct script_guard *unless)
{
	bool in_loop = false;
	for (unsigned i = s->depth; i > s->base; i--) {
		struct script_frame *f = &s->frames[i - 1];
		if (f->kind == FRAME_SUBSHELL)
			return;
		if (f->kind == FRAME_LOOP) {
			f->leaves = true;
			f->leaves_surely |= sure && s->flow.guard == f->branch.guard;
			f->leaves_unless = f->leaves_unless ? f->leaves_unless : unless;
			in_loop = true;
		}
		if (f->function != s->function)
			break;
	}
	if (!script || !s->function || s->nesting)
		return;
	struct script_function *f = &s->functions[s->function - 1];
	bool always = sure && !s->flow.guard && !in_loop;
	if (always || f->leaving == LEAVES_NEVER)
		f->leaving = always ? LEAVES_ALWAYS : LEAVES_SOMETIMES;
	f->leaves_unless = f->leaves_unless ? f->leaves_unless : unless;
}

static void mark_break(struct script *s)
{
	for (unsigned i = s->depth; i > s->base; i--) {
		struct script_frame *f = &s->frames[i - 1];
		if (f->kind == FRAME_SUBSHELL || f->function != s->function)
			return;
		if (f->kind != FRAME_LOOP)
			continue;
		f->breaks = true;
		f->breaks_surely |= s->flow.guard == f->branch.guard;
		f->breaks_counted |= s->flow.guard && s->flow.guard->counts;
		f->breaks_if = f->breaks_if ? f->breaks_if : s->flow.guard;
		return;
	}
}

const struct script_function *script_known_function(const struct script *s, struct text name)
{
	unsigned f = script_function(s, name);
	if (f)
		return &s->functions[f - 1];
	for (unsigned i = s->nknown; i > 0; i--)
		if (text_eq(s->known[i - 1].name, name))
			return &s->known[i - 1];
	return NULL;
}

static void follow_call(struct script *s, const struct script_function *f, int64_t line)
{
	if (f->leaving == LEAVES_NEVER)
		return;
	bool always = f->leaving == LEAVES_ALWAYS;
	const struct script_guard *unless = always && s->flow.guard ? opposite(s, s->flow.guard) : f->leaves_unless;
	mark_leaving(s, true, always, unless);
	if (always)
		script_stop(s, script_dead(SCRIPT_LEFT, line));
	else if (!s->list.op || !s->list.wanted.unlikely)
		s->list.flow = script_with_guards(s, s->list.flow, f->leaves_unless, NULL);
}

/* What follows a program that stays waits for its end: with a test before it, for that or for the other way of the test. */
static void follow_stay(struct script *s, const struct script_words *w)
{
	struct script_list *list = &s->list;
	const char *text = arena_printf(s->arena, "%.*s ends", w->source.n < 200 ? (int)w->source.n : 200, w->source.p);
	struct script_status ends = { .open = true, .text = text_c(text), .line = w->line };
	struct script_status otherwise = script_negate(list->wanted);
	bool tested = list->op && list->wanted.open;
	list->flow = script_guarded(s, list->flow, tested ? &otherwise : &ends);
	if (!list->flow.why)
		mark_leaving(s, true, false, list->flow.guard);
}

bool script_sets_variables(struct text name)
{
	static const char *const names[] = { ".", "source", "eval", "read", "getopts", "mapfile" };
	static const char *const prefixes[] = { "config_", "json_", "uci_", "network_" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(name, names[i]))
			return true;
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (text_starts(name, prefixes[i]))
			return true;
	return false;
}

static void take_set(struct script *s, const struct script_words *w)
{
	for (unsigned i = 1; i < w->n; i++) {
		struct text option = w->v[i];
		bool long_name = text_is(option, "errexit");
		if (option.n > 1 && (option.p[0] == '-' || option.p[0] == '+') && memchr(option.p, 'e', option.n))
			s->errexit = option.p[0] == '-';
		else if (long_name)
			s->errexit = text_is(w->v[i - 1], "-o");
	}
}

void script_follow_command(struct script *s, const struct script_words *w, bool contained)
{
	struct text name = w->v[0];
	bool exec = text_is(name, "exec") && w->n > 1, returns = text_is(name, "return");
	s->sourced |= script_sets_variables(name);
	if (text_is(name, "set"))
		take_set(s, w);
	if (text_is(name, "config_load") && w->n > 1)
		s->configuration = expand_word(&s->scope, w->v[1], 0).value;
	if (returns && s->function && w->n > 1 && !text_is(w->v[1], "0"))
		s->functions[s->function - 1].asks = true;
	const struct script_function *f = script_known_function(s, name);
	if (contained || s->flow.why || (s->list.op && s->list.wanted.unlikely))
		return;
	if (exec || returns || text_is(name, "exit")) {
		mark_leaving(s, !returns || !s->function, true, s->flow.guard ? opposite(s, s->flow.guard) : NULL);
		script_stop(s, script_dead(SCRIPT_LEFT, w->line));
	} else if (text_is(name, "break") || text_is(name, "continue")) {
		if (text_is(name, "break"))
			mark_break(s);
		script_stop(s, script_dead(SCRIPT_LEFT, w->line));
	} else if (f) {
		follow_call(s, f, w->line);
	} else if (script_stays(s, w)) {
		follow_stay(s, w);
	}
}
