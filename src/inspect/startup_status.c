/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a simple command ends, as far as its script tells. */
#include "base/words.h"
#include "inspect/startup_parse.h"

struct script_status script_succeeds(struct text source, int64_t line)
{
	return (struct script_status){ .text = source, .line = line };
}

struct script_status script_negate(struct script_status st)
{
	if (st.outcome != OUTCOME_UNKNOWN) {
		st.outcome = st.outcome == OUTCOME_TRUE ? OUTCOME_FALSE : OUTCOME_TRUE;
		return st;
	}
	st.negated = !st.negated;
	st.holds = st.negated ? st.tells < 0 : st.tells > 0;
	if (!st.open)
		st.open = st.unlikely = true;
	else if (st.unlikely)
		st.open = st.unlikely = false;
	return st;
}

/* Commands that do something and are expected to succeed; whoever asks for their outcome only wants to be told of a
 * fault. Of all others nobody knows how they end. */
static bool is_deed(const struct script_words *w)
{
	static const char *const deeds[] = {
		".",         "alias",    "brctl",    "cat",      "cd",       "chgrp",    "chmod",     "chown",     "config_load",
		"cp",        "date",     "dd",       "declare",  "depmod",   "echo",     "exec",      "exit",      "export",
		"hostname",  "hwclock",  "ifconfig", "ifup",     "insmod",   "install",  "ip",        "iptables",  "kill",
		"killall",   "klogd",    "ldconfig", "ln",       "local",    "logger",   "losetup",   "ls",        "mdev",
		"mkdir",     "mkfifo",   "mknod",    "modprobe", "mount",    "mv",       "nice",      "printf",    "pwd",
		"readonly",  "return",   "rm",       "rmdir",    "rmmod",    "route",    "sed",       "service_start",
		"set",       "shift",    "sleep",    "source",   "start-stop-daemon",    "swapon",    "sync",      "sysctl",
		"syslogd",   "tar",      "tee",      "touch",    "trap",     "true",     "typeset",   "ubiattach", "udevadm",
		"ulimit",    "umask",    "umount",   "unset",    "usleep",   "wait",     ":",
	};
	static const char *const prefixes[] = { "log_", "procd_", "config_", "json_", "network_", "uci_", "echo_" };
	static const char *const stores[] = { "nvram", "uci", "fw_setenv" };
	static const char *const changes[] = { "set", "commit", "unset", "delete", "add", "add_list" };
	struct text name = text_base(w->v[0]);
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (text_starts(name, prefixes[i]))
			return true;
	bool stored = TEXT_IS_ANY_OF(name, stores) && (text_is(name, "fw_setenv") || (w->n > 1 && TEXT_IS_ANY_OF(w->v[1], changes)));
	return stored || TEXT_IS_ANY_OF(name, deeds);
}

/* `true`, `false`; `[ word = word ]` where one word is the script's argument. */
static enum outcome known_outcome(struct script *s, const struct script_words *w)
{
	if (text_is(w->v[0], "true") || text_is(w->v[0], ":"))
		return OUTCOME_TRUE;
	if (text_is(w->v[0], "false"))
		return OUTCOME_FALSE;
	bool bracket = text_is(w->v[0], "[") && w->n == 5 && text_is(w->v[4], "]");
	if (!bracket && !(text_is(w->v[0], "test") && w->n == 4))
		return OUTCOME_UNKNOWN;
	bool equal = text_is(w->v[2], "=") || text_is(w->v[2], "==");
	if (!equal && !text_is(w->v[2], "!="))
		return OUTCOME_UNKNOWN;
	struct expansion a = expand_word(&s->scope, w->v[1], 0), b = expand_word(&s->scope, w->v[3], 0);
	if (!a.argument || b.argument || !a.value.p || !b.value.p)
		return OUTCOME_UNKNOWN;
	bool same = text_eq(a.value, b.value);
	struct text verb = b.value.n && a.value.n && a.value.p[0] == 'x' ? text_of(b.value.p + 1, b.value.n - 1) : b.value;
	if (!same && !script_stops(verb)) /* not the usual verbs: who knows what it is called with */
		return OUTCOME_UNKNOWN;
	return same == equal ? OUTCOME_TRUE : OUTCOME_FALSE;
}

/* The words of a test, without [ and ] or `test`. */
static struct script_words operands(const struct script_words *w)
{
	struct script_words o = { .n = 0 };
	bool bracket = text_is(w->v[0], "[") || text_is(w->v[0], "[[");
	for (unsigned i = 1; i + (bracket ? 1 : 0) < w->n; i++)
		o.v[o.n++] = w->v[i];
	return o;
}

/* Its value, where the script itself sets all of it and nothing else may have changed that. */
static struct text certain(struct script *s, struct text word)
{
	struct expansion e = expand_word(&s->scope, word, 0);
	return s->sourced || e.unsure || e.argument || e.choices > 1 ? TEXT_NONE : e.value;
}

/* Whether what the script itself sets makes the test succeed. */
static bool test_holds(struct script *s, const struct script_words *o)
{
	static const char *const equal[] = { "=", "==", "-eq" }, *const differ[] = { "!=", "-ne" };
	if (o->n == 2 && (text_is(o->v[0], "-n") || text_is(o->v[0], "-z"))) {
		struct text v = certain(s, o->v[1]);
		return v.p && (v.n > 0) == text_is(o->v[0], "-n");
	}
	if (o->n != 3)
		return false;
	struct text a = certain(s, o->v[0]), b = certain(s, o->v[2]);
	if (!a.p || !b.p)
		return false;
	return text_eq(a, b) ? TEXT_IS_ANY_OF(o->v[1], equal) : TEXT_IS_ANY_OF(o->v[1], differ);
}

static bool asks_presence(struct text operator)
{
	static const char *const present[] = { "-e", "-f", "-r", "-x", "-d" };
	return TEXT_IS_ANY_OF(operator, present);
}

/* [ -e PATH -a -e PATH ]: all of the paths, separated by spaces. */
static struct text all_paths(struct script *s, const struct script_words *o)
{
	struct text all = TEXT_NONE;
	for (unsigned i = 0; i + 1 < o->n; i += 3) {
		struct text path = expand_word(&s->scope, o->v[i + 1], 0).value;
		bool joined = i + 2 == o->n || (i + 4 < o->n && text_is(o->v[i + 2], "-a"));
		if (!joined || !asks_presence(o->v[i]) || !path.n || path.p[0] != '/' || memchr(path.p, ' ', path.n))
			return TEXT_NONE;
		all = all.n ? text_c(arena_printf(s->arena, "%.*s %.*s", (int)all.n, all.p, (int)path.n, path.p)) : path;
	}
	return all.n < 512 ? all : TEXT_NONE;
}

/* [ -f PATH ] and its like; with ! it is their failure. */
static void take_path(struct script *s, const struct script_words *w, const struct script_words *o,
					  struct script_status *st)
{
	if (o->n == 5 || o->n == 8)
		st->path = all_paths(s, o);
	bool negated = o->n == 3 && text_is(o->v[0], "!");
	const struct text *v = o->v + (negated ? 1 : 0);
	if (o->n != 2 + (negated ? 1u : 0u) || !asks_presence(v[0]))
		return;
	struct expansion e = expand_word(&s->scope, v[1], 0);
	if (negated) {
		bool bracket = text_is(w->v[0], "[");
		st->negated = true;
		st->text = text_c(arena_printf(s->arena, "%s %.*s %.*s%s", bracket ? "[" : "test", (int)v[0].n, v[0].p,
									   v[1].n < 200 ? (int)v[1].n : 200, v[1].p, bracket ? " ]" : ""));
	}
	if (e.scripts.p) {
		st->tells = 1; /* names of start-up scripts that are there */
		return;
	}
	if (!e.value.n || e.choices > 1 || e.value.p[0] != '/' || memchr(e.value.p, '*', e.value.n) || memchr(e.value.p, ' ', e.value.n))
		return;
	st->path = e.value;
	if (text_ends(e.value, ".pid")) /* of a program that runs already: nothing does at boot */
		st->tells = -1;
}

static void take_test(struct script *s, const struct script_words *w, struct script_status *st)
{
	static const char *const numbers[] = { "-lt", "-le", "-gt", "-ge", "-eq", "-ne" };
	struct script_words o = operands(w);
	st->test = true;
	take_path(s, w, &o, st);
	if (!st->tells && !st->negated && test_holds(s, &o))
		st->tells = 1;
	for (unsigned i = 0; i < o.n; i++) {
		st->counts |= i == 1 && o.n == 3 && TEXT_IS_ANY_OF(o.v[i], numbers);
		if (expand_word(&s->scope, o.v[i], 0).scripts.p)
			st->tells = text_is(o.v[0], "!") && !st->negated ? -1 : 1;
	}
}

/* which NAME, command -v NAME, type NAME */
static struct text asked_program(struct script *s, const struct script_words *w)
{
	static const char *const names[] = { "which", "type", "hash" };
	bool command = text_is(w->v[0], "command") && w->n == 3 && text_is(w->v[1], "-v");
	if (!command && !(TEXT_IS_ANY_OF(w->v[0], names) && w->n == 2))
		return TEXT_NONE;
	struct expansion e = expand_word(&s->scope, w->v[w->n - 1], 0);
	return e.value.n && !memchr(e.value.p, ' ', e.value.n) ? e.value : TEXT_NONE;
}

static bool asks_only(struct text name)
{
	static const char *const names[] = { "[", "[[", "test", "grep", "egrep", "fgrep", "cmp", "diff", "nvram",
										 "fw_printenv", "uci", "pidof", "pgrep", "which", "type", "expr", "mountpoint" };
	return TEXT_IS_ANY_OF(name, names);
}

struct script_status script_status_of(struct script *s, const struct script_words *w)
{
	struct script_status st = { .text = w->source, .line = w->line };
	struct text name = w->v[0];
	st.outcome = known_outcome(s, w);
	if (st.outcome != OUTCOME_UNKNOWN)
		return st;
	const struct script_function *f = script_known_function(s, name);
	if (f) {
		st.open = f->asks;
		return st;
	}
	bool probe = text_is(name, "kill") && w->n > 1 && text_is(w->v[1], "-0"); /* kill(1): whether there is such a process */
	st.open = probe || !is_deed(w);
	st.test = asks_only(name);
	if (text_is(name, "[") || text_is(name, "test"))
		take_test(s, w, &st);
	st.ends = text_is(name, "read");
	if (probe || text_is(name, "pidof") || text_is(name, "pgrep") || text_is(name, "init_is_upstart"))
		st.tells = -1; /* nothing runs yet; what has these scripts is no Upstart */
	if (asked_program(s, w).p)
		st.path = asked_program(s, w);
	st.holds = st.open && (st.negated ? st.tells < 0 : st.tells > 0);
	return st;
}
