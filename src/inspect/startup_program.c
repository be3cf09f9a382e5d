/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program that a command runs: past what only prepares it (nohup, nice, start-stop-daemon ...). */
#include "base/words.h"
#include "inspect/startup.h"

struct command_words {
	const struct text *v;
	unsigned n, at;
};

static struct text peek(const struct command_words *w)
{
	return w->at < w->n ? w->v[w->at] : TEXT_NONE;
}

/* POSIX built-ins (XCU 1.6, 2.14) and those of ash and bash; they run in the shell itself. */
static bool is_builtin(struct text name)
{
	static const char *const builtins[] = {
		":",     "[",       "[[",    "alias",  "bg",     "break",   "builtin", "cd",      "continue", "declare",
		"echo",  "enable",  "exit",  "export", "false",  "fc",      "fg",      "getopts", "hash",     "jobs",
		"kill",  "let",     "local", "popd",   "printf", "pushd",   "pwd",     "read",    "readonly", "return",
		"set",   "shift",   "shopt", "test",   "times",  "trap",    "true",    "type",    "typeset",  "ulimit",
		"umask", "unalias", "unset", "wait",   "eval",   "mapfile",
	};
	return TEXT_IS_ANY_OF(name, builtins);
}

/* Functions of the libraries that start-up scripts source: LSB init-functions, /etc/init.d/functions, OpenWrt's
 * functions.sh, rc.common, procd.sh and their like. They start nothing. */
static bool is_library_function(struct text name)
{
	static const char *const prefixes[] = { "log_", "config_", "procd_", "uci_", "json_", "network_", "echo_" };
	static const char *const names[] = { "status_of_proc", "killproc", "pidofproc", "success",        "failure",
										 "warning",        "passed",   "status",    "rc_status",      "rc_exit",
										 "rc_reset",       "ebegin",   "eend",      "einfo",          "eerror",
										 "ewarn",          "append",   "include",   "extra_command",  "service_stop",
										 "service_kill",   "checkpid", "need",      "init_is_upstart" };
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (text_starts(name, prefixes[i]))
			return true;
	return TEXT_IS_ANY_OF(name, names);
}

static bool is_shell(struct text name)
{
	static const char *const shells[] = { "sh", "ash", "bash", "dash", "hush", "ksh", "lash", "msh", "zsh" };
	return TEXT_IS_ANY_OF(name, shells);
}

/* Programs that run the program named by their operands. */
struct wrapper {
	const char *name;
	const char *valued; /* short options that take a value */
	unsigned operands;  /* before the program */
};

static const struct wrapper wrappers[] = {
	{ "exec", "a", 0 },
	{ "nohup", "", 0 },
	{ "command", "", 0 },
	{ "env", "uCS", 0 },
	{ "setsid", "", 0 },
	{ "nice", "n", 0 },
	{ "ionice", "cn", 0 },
	{ "chrt", "TPD", 1 },
	{ "taskset", "", 1 },
	{ "timeout", "skt", 1 },
	{ "time", "fo", 0 },
	{ "chroot", "", 1 },
	{ "setuidgid", "", 1 },
	{ "stdbuf", "ioe", 0 },
	{ "logwrapper", "", 0 },
	{ "service_start", "", 0 },
	{ "daemon", "n", 0 },
	{ "start_daemon", "np", 0 },
	{ "sudo", "ugh", 0 },
	{ "cttyhack", "", 0 },
	{ "switch_root", "c", 1 },
	{ "respawn", "", 0 },
	{ "chpst", "uUbemdoptfcr/n", 0 },
	{ "s6-setuidgid", "", 1 },
	{ "su-exec", "", 1 },
	{ "gosu", "", 1 },
};

static const struct wrapper *find_wrapper(struct text name)
{
	for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++)
		if (text_is(name, wrappers[i].name))
			return &wrappers[i];
	return NULL;
}

static bool is_assignment(struct text word)
{
	const char *equal = word.n ? memchr(word.p, '=', word.n) : NULL;
	return equal && equal > word.p && !memchr(word.p, '/', (size_t)(equal - word.p));
}

/* An option that begins with '-'; the value of a short option that takes one may be the next word. */
static bool skip_option(struct command_words *w, const char *valued)
{
	struct text t = peek(w);
	if (t.n < 2 || t.p[0] != '-')
		return false;
	w->at++;
	if (text_is(t, "--"))
		return false;
	if (t.n == 2 && strchr(valued, t.p[1]) && w->at < w->n)
		w->at++;
	return true;
}

static void skip_wrapper(struct command_words *w, const struct wrapper *wrapper)
{
	w->at++;
	while (skip_option(w, wrapper->valued))
		;
	while (is_assignment(peek(w)))
		w->at++;
	w->at += wrapper->operands;
	if (text_is(peek(w), "--"))
		w->at++;
}

/* start-stop-daemon --test, and -t among its short options: it only tells what would be done. */
static bool is_trial(struct text option)
{
	bool is_short = option.n > 1 && option.n < 6 && option.p[0] == '-' && option.p[1] != '-';
	return text_is(option, "--test") || (is_short && memchr(option.p, 't', option.n) && !memchr(option.p, '/', option.n));
}

/* start-stop-daemon(8), of dpkg and of BusyBox: the value of --startas, otherwise that of --exec. */
static struct startup_program start_stop_daemon(struct command_words *w)
{
	static const char *const longs[] = { "--exec", "--startas" };
	static const char valued[] = "xanpsucgrkRCdNPIe";
	struct startup_program p = { .nothing = true };
	bool startas = false, trial = false;
	for (w->at++; w->at < w->n; w->at++) {
		struct text t = w->v[w->at], value = TEXT_NONE;
		if (text_is(t, "--"))
			break;
		bool is_long = text_starts(t, "--"), named = false;
		char last = t.n > 1 && t.p[0] == '-' && !is_long ? t.p[t.n - 1] : '\0';
		if (text_is(t, "--start") || (!is_long && t.n > 1 && t.p[0] == '-' && memchr(t.p, 'S', t.n)))
			p.nothing = false;
		trial |= is_trial(t);
		for (size_t i = 0; i < 2; i++)
			if (text_starts(t, longs[i]) && t.n > strlen(longs[i]) && t.p[strlen(longs[i])] == '=') {
				named = true;
				value = text_of(t.p + strlen(longs[i]) + 1, t.n - strlen(longs[i]) - 1);
			}
		if (TEXT_IS_ANY_OF(t, longs) || last == 'x' || last == 'a') {
			named = true;
			value = ++w->at < w->n ? w->v[w->at] : TEXT_NONE;
		} else if (last && strchr(valued, last)) {
			w->at++;
		}
		bool is_startas = last == 'a' || text_starts(t, "--startas");
		if (named && (is_startas || !startas))
			p.program = value;
		startas |= named && is_startas;
	}
	p.nothing |= trial;
	return p;
}

/* A path is kept when it is absolute; otherwise the name is all that is known. A login shell has a '-' before it. */
static struct text program_name(struct text word)
{
	if (word.n > 1 && word.p[0] == '-')
		word = text_of(word.p + 1, word.n - 1);
	return word.n && word.p[0] == '/' ? word : text_base(word);
}

/* sh FILE runs the file; sh -c 'commands' the commands. */
static struct startup_program shell_program(struct command_words *w, struct text shell)
{
	struct startup_program p = { .program = shell, .commands = TEXT_NONE };
	bool looks = false; /* sh -n: it reads, and runs nothing */
	for (w->at++; w->at < w->n; w->at++) {
		struct text t = peek(w);
		if (!t.p)
			return (struct startup_program){ .program = TEXT_NONE };
		if (t.n < 2 || (t.p[0] != '-' && t.p[0] != '+')) {
			p.reads_input = !t.n || t.p[0] == '-' || text_is(t, "/dev/stdin");
			p.program = p.reads_input ? shell : program_name(t);
			return p;
		}
		if (t.p[0] == '-' && t.p[1] != '-' && memchr(t.p, 'c', t.n)) {
			p.commands = w->at + 1 < w->n ? w->v[w->at + 1] : TEXT_NONE;
			return p;
		}
		if (t.p[0] == '-' && t.p[1] != '-' && memchr(t.p, 's', t.n)) { /* what follows are its arguments */
			p.reads_input = true;
			return p;
		}
		looks |= text_is(t, "-n");
		if (text_is(t, "-o") || text_is(t, "--rcfile"))
			w->at++;
	}
	p.reads_input = !looks;
	return p;
}

/* su [options] [user] -c 'commands': with no commands it is a shell. */
static struct startup_program su_program(const struct command_words *w, struct text su)
{
	struct startup_program p = { .program = su, .commands = TEXT_NONE };
	for (unsigned i = w->at + 1; i + 1 < w->n; i++)
		if (text_is(w->v[i], "-c") || text_is(w->v[i], "-lc"))
			p.commands = w->v[i + 1];
	return p;
}

/* The file that `.` reads, where it looks like commands and not like settings or a library. */
static struct startup_program sourced(struct text file)
{
	bool known = file.n && file.p[0] == '/';
	bool library = text_starts(file, "/lib/") || text_starts(file, "/usr/lib/") || text_starts(file, "/usr/share/");
	bool commands = text_ends(file, ".sh") || text_starts(file, "/etc/init.d/S") || text_starts(file, "/etc/rc") ||
					text_is(file, "/etc/init.d/rcS");
	bool settings = text_ends(file, "conf") || text_ends(file, "config") || text_ends(file, "functions");
	return (struct startup_program){ .nothing = !known || library || settings || !commands, .program = file };
}

struct startup_program startup_program(const struct text *argv, unsigned argc)
{
	struct command_words w = { .v = argv, .n = argc };
	while (w.at < w.n) {
		struct text word = peek(&w);
		if (!word.p)
			return (struct startup_program){ .program = TEXT_NONE };
		struct text name = text_base(word);
		const struct wrapper *wrapper = find_wrapper(name);
		if (text_is(name, "busybox") && w.at + 1 < w.n) {
			struct text applet = w.v[w.at + 1];
			if (!find_wrapper(applet) && !is_shell(applet) && !text_is(applet, "start-stop-daemon"))
				return (struct startup_program){ .program = program_name(word) };
			w.at++;
		} else if (text_is(name, "start-stop-daemon")) {
			struct startup_program p = start_stop_daemon(&w);
			p.program = p.program.p ? program_name(p.program) : p.program;
			return p;
		} else if (text_is(name, "command") && w.at + 1 < w.n &&
				   (text_is(w.v[w.at + 1], "-v") || text_is(w.v[w.at + 1], "-V"))) {
			return (struct startup_program){ .nothing = true }; /* asks where the command is */
		} else if (wrapper) {
			skip_wrapper(&w, wrapper);
		} else if ((text_is(word, ".") || text_is(word, "source")) && w.at + 1 < w.n) {
			return sourced(w.v[w.at + 1]);
		} else if (text_is(name, "su")) {
			return su_program(&w, program_name(word));
		} else if (is_shell(program_name(name))) {
			return shell_program(&w, program_name(word));
		} else {
			bool nothing = word.n == 0 || is_builtin(word) || is_library_function(word) || text_is(word, ".");
			return (struct startup_program){ .nothing = nothing, .program = program_name(word) };
		}
	}
	return (struct startup_program){ .nothing = true };
}
