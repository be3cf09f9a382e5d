/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shell scripts that boot runs, and the links that name them. */
#include "inspect/startup.h"
#include "inspect/startup_parse.h"

#include <limits.h>

static bool is_unit(struct text program)
{
	static const char *const ends[] = { ".service", ".socket", ".target", ".timer", ".path", ".mount" };
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (text_ends(program, ends[i]))
			return true;
	return false;
}

/* Who runs the program: what its own command says counts more than what the file says of all. */
static struct text user_of(const struct startup_file *file, const char *mechanism, struct text program)
{
	if (!program.n || (strcmp(mechanism, "systemd") == 0 && is_unit(program)))
		return TEXT_NONE;
	struct text user = file->run_as.p ? file->run_as : file->user;
	if (user.p)
		return user.n ? user : TEXT_NONE; /* to whom it changes is not known */
	return TEXT_LIT("root");
}

static void emit_row(struct startup_file *file, int64_t line, const char *mechanism, struct text command,
					 struct text program)
{
	if (file->nrows++ == STARTUP_ROWS)
		emit_damage_at(file->sink, ERR_BUDGET, UINT64_MAX, "more than %u commands in a start-up file", STARTUP_ROWS);
	if (file->nrows > STARTUP_ROWS)
		return;
	emit_startup(file->sink, &(struct fact_startup){
								 .line = line,
								 .mechanism = text_c(mechanism),
								 .command = command,
								 .program = program,
								 .enabled = file->enabled,
								 .detail = file->detail,
								 .condition = file->condition.text,
								 .condition_line = file->condition.text.p ? file->condition.line : FACT_NULL,
								 .condition_path = file->condition.path,
								 .expanded = file->expanded,
								 .user = user_of(file, mechanism, program),
								 .ports = file->ports,
								 .once = file->once,
							 });
}

void startup_emit(struct startup_file *file, int64_t line, struct text command, struct text program)
{
	emit_row(file, line, file->mechanism, command, program);
}

/* Reads commands with the parser of this level of sh -c. NULL: nested too deep, or out of memory. */
static struct script *read_commands(struct startup_file *file, int64_t line, struct text source)
{
	if (file->level == STARTUP_NESTED)
		return NULL;
	struct script **s = &file->scripts[file->level];
	if (!*s)
		*s = script_new(file->subject->arena);
	if (!*s)
		emit_damage_at(file->sink, ERR_MEMORY, UINT64_MAX, "no memory for the commands of a start-up file");
	else
		script_read(*s, source, line, file->level ? TEXT_NONE : file->argument);
	return *s;
}

/* The command that `procd_set_param command ...` gives to procd: what stands behind these two words. */
static struct text behind_words(struct text source, unsigned n)
{
	for (; n > 0; n--)
		(void)shell_field(&source);
	return shell_trim(source);
}

/* How many words come before the command that is really run: `procd_set_param command`, or the name of a function
 * that runs its arguments. UINT_MAX: there is none, only a function's call or the script itself. */
static unsigned words_before(const struct script *s, const struct script_command *c)
{
	unsigned f = script_function(s, c->argv[0]);
	bool itself = text_starts(c->source, "$0") || text_starts(c->source, "\"$0\"");
	bool verb = text_is(c->argv[0], "start") && memchr(c->source.p, '$', c->source.n); /* "$1" */
	if (f && s->functions[f - 1].runs_arguments && c->argc > 1)
		return 1;
	if (f || itself || verb || script_is_arguments(c->source))
		return UINT_MAX;
	bool procd = c->argc > 2 && text_is(c->argv[0], "procd_set_param") && text_is(c->argv[1], "command");
	return procd ? 2 : 0;
}

/* A loop over the start-up scripts: their pattern stands for the program. What else it does with their names is nothing
 * that is started. */
static void emit_scripts(struct startup_file *file, const struct script_command *c)
{
	struct text first = c->argv[0];
	if (!first.p || text_is(first, ".") || text_is(first, "source") || text_is(first, "sh") ||
		text_is(first, "/bin/sh"))
		startup_emit(file, c->line, c->source, c->scripts);
}

/* The command with its variables replaced; TEXT_NONE when it has none. */
static struct text expanded_command(struct arena *arena, const struct script_command *c, unsigned before)
{
	size_t size = 0, n = 0;
	for (unsigned i = before; i < c->argc; i++)
		size += c->argv[i].p ? c->argv[i].n + 1 : 2;
	char *out = memchr(c->source.p, '$', c->source.n) ? arena_alloc(arena, size, 1) : NULL;
	if (!out || !size)
		return TEXT_NONE;
	for (unsigned i = before; i < c->argc; i++) {
		struct text word = c->argv[i].p ? c->argv[i] : TEXT_LIT("?");
		memcpy(out + n, word.p, word.n);
		n += word.n;
		out[n++] = ' ';
	}
	return text_of(out, n - 1);
}

static void take_run_as(struct startup_file *file, const struct text *argv, unsigned argc, struct text program)
{
	file->run_as = startup_user(argv, argc);
	file->ports = startup_ports(file->subject->arena, argv, argc, program);
}

/* The commands of sh -c and su -c, for the user of the command that holds them. */
static void emit_nested(struct startup_file *file, int64_t line, struct text commands)
{
	struct text outer = file->user;
	file->user = file->run_as.p ? file->run_as : outer;
	file->run_as = file->ports = TEXT_NONE;
	if (commands.p) {
		file->level++;
		startup_emit_script(file, line, commands);
		file->level--;
	}
	file->user = outer;
}

/* What a builtin prints into a file of /etc changes what the image tells of it; a program that is told to the kernel runs when something
 * happens. Both are rows, though they start nothing. */
static bool writes_settings(const struct script_command *c)
{
	static const char *const targets[] = { "/etc/", "/proc/sys/kernel/hotplug", "/sys/kernel/uevent_helper" };
	struct shell_lexer lexer;
	struct shell_token token;
	if (!c->argc || !c->argv[0].p || !memchr(c->source.p, '>', c->source.n))
		return false;
	shell_begin(&lexer, c->source, c->line);
	for (shell_next(&lexer, &token); token.kind != SHELL_END; shell_next(&lexer, &token)) {
		const char *to = token.kind == SHELL_REDIRECT ? memchr(token.text.p, '>', token.text.n) : NULL;
		if (!to)
			continue;
		while (to < token.text.p + token.text.n && strchr(">| \t\"'", *to))
			to++;
		for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
			if (text_starts(text_of(to, (size_t)(token.text.p + token.text.n - to)), targets[i]))
				return true;
	}
	return false;
}

/* ld.so(8): what is run from here on is given libraries beside its own. A row, though it starts nothing. */
static bool exports_libraries(const struct script_command *c)
{
	static const char *const variables[] = { "LD_AUDIT", "LD_LIBRARY_PATH", "LD_PRELOAD" };
	if (!text_is(c->argv[0], "export") && !text_is(c->argv[0], "declare") && !text_is(c->argv[0], "typeset"))
		return false;
	for (unsigned i = 1; i < c->argc; i++)
		for (size_t k = 0; k < sizeof variables / sizeof variables[0]; k++) {
			size_t n = strlen(variables[k]);
			if (text_starts(c->argv[i], variables[k]) && (c->argv[i].n == n || c->argv[i].p[n] == '='))
				return true;
		}
	return false;
}

/* The commands that come to a shell as its input, or in a file that the script wrote before; TEXT_NONE: none that are known. */
static struct text run_input(const struct script_command *c, const struct startup_program *p)
{
	bool reads = text_is(c->argv[0], ".") || text_is(c->argv[0], "source");
	if (!c->input.p)
		return TEXT_NONE;
	if (c->written.p)
		return (reads ? c->argc > 1 && text_eq(c->argv[1], c->written) : text_eq(p->program, c->written)) ? c->input
																										  : TEXT_NONE;
	return p->reads_input || (reads && c->argc > 1 && text_is(c->argv[1], "/dev/stdin")) ? c->input : TEXT_NONE;
}

static void emit_reached(struct startup_file *file, const struct script *s, const struct script_command *c)
{
	struct startup_condition outer = file->condition;
	unsigned before = c->argc ? words_before(s, c) : UINT_MAX;
	if (c->argc && c->scripts.p) {
		file->condition = startup_conditions(file->subject->arena, outer, startup_condition_of(file->subject->arena, s, c, TEXT_NONE));
		emit_scripts(file, c);
	}
	if (before == UINT_MAX || c->scripts.p)
		return;
	struct startup_program p = startup_program(c->argv + before, c->argc - before);
	bool eval = text_is(c->argv[0], "eval") && c->argc == 2;
	if (!p.program.p && !file->level && script_asks_switch(file->scripts[0], c, file->subject->path, text_from_span(file->subject->bytes)))
		return;
	struct text commands = run_input(c, &p);
	if (p.nothing && !eval && !commands.p && !(p.program.p && writes_settings(c)) && !exports_libraries(c))
		return;
	file->condition = startup_conditions(file->subject->arena, outer, startup_condition_of(file->subject->arena, s, c, p.program));
	file->expanded = expanded_command(file->subject->arena, c, before);
	take_run_as(file, c->argv + before, c->argc - before, p.program);
	if ((eval && c->argv[1].p) || (p.nothing && commands.p)) {
		emit_nested(file, eval ? c->line : c->input_line, eval ? c->argv[1] : commands);
		return;
	}
	if (before == 2)
		emit_row(file, c->line, "procd", behind_words(c->source, 2), p.program);
	else
		startup_emit(file, c->line, c->source, p.program);
	file->expanded = TEXT_NONE;
	emit_nested(file, commands.p ? c->input_line : c->line, commands.p ? commands : p.commands);
}

static void emit_command(struct startup_file *file, const struct script *s, const struct script_command *c)
{
	struct startup_condition outer = file->condition;
	int64_t once = file->once;
	file->expanded = TEXT_NONE;
	if (c->substituted)
		file->once = 1;
	emit_reached(file, s, c);
	file->condition = outer;
	file->once = once;
	file->expanded = TEXT_NONE;
}

/* An OpenWrt script defines functions; /etc/rc.common, its interpreter, calls them. */
static bool is_rc_common(struct text source)
{
	struct text line;
	return shell_line(&source, &line) && text_starts(line, "#!") && memmem(line.p, line.n, "/etc/rc.common", 14);
}

/* procd_set_param user NAME */
static struct text procd_user(const struct script *s, struct text otherwise)
{
	for (unsigned i = 0; i < s->ncommands; i++) {
		const struct script_command *c = &s->commands[i];
		if (c->argc > 2 && text_is(c->argv[0], "procd_set_param") && text_is(c->argv[1], "user") && c->argv[2].n)
			return c->argv[2];
	}
	return otherwise;
}

/* boot is start unless the script has its own; and start of a service of procd is start_service, whatever the script's own
 * is. */
bool startup_call_rc_common(struct script *s, struct text source)
{
	if (!is_rc_common(source))
		return false;
	bool procd = expand_word(&s->scope, TEXT_LIT("$USE_PROCD"), 0).value.n > 0 || text_has(source, "\nUSE_PROCD=");
	const char *entry = script_function(s, TEXT_LIT("boot"))                     ? "boot"
						: procd || !script_function(s, TEXT_LIT("start")) ? "start_service"
																				 : "start";
	script_call(s, &entry, 1);
	return true;
}

/* init-d-script(5) of Debian, an interpreter, which older scripts read with `.`: it starts what the script sets as DAEMON. */
static void emit_init_d_script(struct startup_file *file, struct script *s, struct text source)
{
	struct text first = source, line;
	if (file->level || !text_has(source, "/lib/init/init-d-script") || !shell_line(&first, &line))
		return;
	struct text daemon = expand_word(&s->scope, TEXT_LIT("$DAEMON"), 0).value;
	for (int64_t number = 2; text_starts(daemon, "/") && shell_line(&first, &line); number++)
		if (text_starts(line, "DAEMON=")) {
			startup_emit(file, number, line, daemon);
			return;
		}
}

void startup_emit_script(struct startup_file *file, int64_t line, struct text source)
{
	struct script *s = read_commands(file, line, source);
	if (!s)
		return;
	struct text order = expand_word(&s->scope, TEXT_LIT("$START"), 0).value;
	if (startup_call_rc_common(s, source) && order.p)
		file->detail = text_c(arena_printf(file->subject->arena, "order %.*s", (int)order.n, order.p));
	script_follow(s);
	if (!file->level)
		startup_emit_sourced(file->sink, s);
	struct text outer = file->user;
	file->user = procd_user(s, outer);
	if (s->full)
		emit_damage_at(file->sink, ERR_BUDGET, UINT64_MAX, "a shell script too large to be read to its end");
	if (s->broken)
		emit_damage_at(file->sink, ERR_CORRUPT, UINT64_MAX,
					   "a quote or substitution of a shell script is never closed");
	for (unsigned i = 0; i < s->ncommands; i++)
		if (script_reaches(s, &s->commands[i]))
			emit_command(file, s, &s->commands[i]);
	emit_init_d_script(file, s, source);
	file->user = outer;
}

void startup_emit_line(struct startup_file *file, int64_t line, struct text command, struct text run)
{
	struct script *s = read_commands(file, line, run);
	if (!s)
		return;
	struct startup_program p = { .nothing = true };
	if (s->ncommands)
		p = startup_program(s->commands[0].argv, s->commands[0].argc);
	struct text first = run;
	if (s->ncommands)
		take_run_as(file, s->commands[0].argv, s->commands[0].argc, p.program);
	struct text told = file->run_as;
	startup_emit(file, line, command, s->ncommands && (p.program.p || !p.nothing) ? p.program : shell_field(&first));
	file->run_as = file->ports = TEXT_NONE;
	script_follow(s);
	for (unsigned i = 1; i < s->ncommands; i++)
		if (script_reaches(s, &s->commands[i]))
			emit_command(file, s, &s->commands[i]);
	file->run_as = told;
	emit_nested(file, line, p.commands);
}

/* The run level of .../rc2.d/S50name, or 0 for /etc/rc.d and /etc/init.d. */
static char run_level(struct text path)
{
	size_t dir = path.n - text_base(path).n; /* ends with ".../rc2.d/" */
	return dir >= 7 && memcmp(path.p + dir - 7, "/rc", 3) == 0 && memcmp(path.p + dir - 3, ".d/", 3) == 0
			   ? path.p[dir - 4]
			   : '\0';
}

/* Whether boot runs a script by its name's order: K stops, levels 0 and 6 end the system, 1 is for maintenance. */
static int64_t order_enabled(struct text path, int64_t enabled)
{
	char level = run_level(path);
	if (text_base(path).p[0] == 'K' || level == '0' || level == '6')
		return 0;
	return level == '1' ? FACT_NULL : enabled;
}

static struct text order_detail(struct text path, struct arena *arena)
{
	const char *order = text_base(path).p + 1;
	char level = run_level(path);
	return text_c(level ? arena_printf(arena, "run level %c, order %.2s", level, order)
						: arena_printf(arena, "order %.2s", order));
}

void startup_rc_link(struct startup_file *file)
{
	const struct subject *s = file->subject;
	struct text program = startup_resolve(s->path, s->link_target, s->arena);
	if (!program.p || !s->link_target.n)
		return;
	const char *verb = text_base(s->path).p[0] == 'K' ? "stop" : "start";
	char *command = arena_printf(s->arena, "%.*s %s", (int)program.n, program.p, verb);
	file->mechanism = "rc-link";
	file->enabled = text_is(program, "/dev/null") ? 0 : order_enabled(s->path, file->enabled);
	file->detail = order_detail(s->path, s->arena);
	startup_emit(file, FACT_NULL, text_c(command), program);
}

/* Whether boot runs a script that stands there. What a link or another script must run is not known from here, nor is
 * what is not executable, unless `sh FILE` runs it; the kernel looks for /init, and for /linuxrc when it is told to. */
static int64_t script_enabled(const struct subject *s, enum startup_place place, int64_t enabled)
{
	bool ordered = place == PLACE_RC_LINK, runnable = s->mode == FACT_NULL || (s->mode & 0111);
	int64_t boot = ordered ? order_enabled(s->path, enabled) : enabled;
	if (place == PLACE_CRON_FOLDER) /* run-parts runs what is executable */
		return runnable ? FACT_NULL : 0;
	if (place == PLACE_INIT_D || place == PLACE_SCRIPT || (place == PLACE_INIT && !text_is(s->path, "/init")))
		return FACT_NULL;
	if (runnable || boot == 0)
		return boot;
	return ordered && !text_ends(s->path, ".sh") ? 0 : FACT_NULL; /* Buildroot's rcS reads *.sh itself */
}

void startup_script(struct startup_file *file, enum startup_place place)
{
	static const char *const mechanisms[] = {
		[PLACE_RCS] = "rcS",        [PLACE_RC_LOCAL] = "rc.local", [PLACE_INIT] = "init",
		[PLACE_RC_LINK] = "init.d", [PLACE_INIT_D] = "init.d",     [PLACE_SCRIPT] = "script",
		[PLACE_CRON_FOLDER] = "cron",
	};
	const struct subject *s = file->subject;
	if (place >= sizeof mechanisms / sizeof mechanisms[0] || !mechanisms[place])
		return;
	bool named = place == PLACE_INIT_D && text_ends(s->path, ".sh"); /* read with `.`, it needs no first line */
	if ((place == PLACE_INIT_D || place == PLACE_CRON_FOLDER) && strcmp(s->format, "script") != 0 && !named)
		return; /* libraries and settings */
	if (place == PLACE_CRON_FOLDER)
		file->detail = startup_cron_folder(s->path);
	if (place == PLACE_RC_LINK) {
		if (order_enabled(s->path, file->enabled) == 0)
			return; /* it is only told to stop */
		file->detail = order_detail(s->path, s->arena);
	}
	file->mechanism = mechanisms[place];
	/* What is told to an init.d script is its convention; of the others nobody knows that they are told anything. */
	if (place == PLACE_INIT_D || place == PLACE_RC_LINK || place == PLACE_RC_LOCAL)
		file->argument = TEXT_LIT("start");
	file->enabled = script_enabled(s, place, file->enabled);
	startup_emit_script(file, 1, text_from_span(s->bytes));
}
