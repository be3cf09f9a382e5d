/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units of systemd, and the links that enable them. */
#include "inspect/startup.h"

bool startup_has_word(struct text list, struct text word)
{
	while (list.n) {
		struct text w = shell_field(&list);
		if (w.n && text_eq(w, word))
			return true;
	}
	return false;
}

/* name = value, trimmed; `+=` adds to a list, `-=` takes away. */
bool startup_split_setting(struct text line, struct text *name, struct text *value)
{
	const char *equal = line.n ? memchr(line.p, '=', line.n) : NULL;
	if (!equal)
		return false;
	size_t n = (size_t)(equal - line.p);
	*name = shell_trim(text_of(line.p, n && (line.p[n - 1] == '+' || line.p[n - 1] == '-') ? n - 1 : n));
	*value = shell_trim(text_of(equal + 1, line.n - n - 1));
	return true;
}

/* A line of a unit file, with the lines that it continues on (systemd.syntax(7)). */
static bool unit_line(struct text *rest, struct text *line, int64_t *number, int64_t *next)
{
	struct text piece;
	if (!shell_line(rest, line))
		return false;
	*number = (*next)++;
	*line = shell_trim(*line);
	if (line->n && (line->p[0] == '#' || line->p[0] == ';'))
		return true;
	while (line->n && line->p[line->n - 1] == '\\' && shell_line(rest, &piece)) {
		(*next)++;
		piece = shell_trim(piece);
		line->n = (size_t)(piece.p + piece.n - line->p);
	}
	return true;
}

/* The unit that a socket, timer or path unit starts: its own name with .service, in the same directory. */
static struct text own_service(struct text path, bool instances, struct arena *arena)
{
	size_t n = path.n;
	while (n > 0 && path.p[n - 1] != '.')
		n--;
	size_t stem = n ? n - 1 : path.n;
	return text_c(arena_printf(arena, "%.*s%s.service", (int)stem, path.p, instances ? "@" : ""));
}

struct unit {
	struct text section;
	struct text trigger,
		service; /* of a socket, timer or path unit: its first trigger, of sockets the first that others reach, and the service that it names */
	struct text ports; /* of a socket unit */
	int64_t line;
	int64_t exec_from, trigger_from; /* the last line that takes back what is to be started, or what starts it; 0: none does */
	struct text reset;               /* that of the triggers */
	bool waits;                      /* the trigger is a path's */
	bool accept;
};

#define UNIT_PORTS_MAX 64u

static bool is_true(struct text value)
{
	return text_is(value, "yes") || text_is(value, "true") || text_is(value, "1") || text_is(value, "on");
}

static bool is_exec(struct text name)
{
	return text_is(name, "ExecStart") || text_is(name, "ExecStartPre") || text_is(name, "ExecStartPost") ||
		   text_is(name, "ExecCondition");
}

static bool is_trigger(struct text section, struct text name)
{
	if (text_is(section, "[Socket]"))
		return text_starts(name, "Listen");
	if (text_is(section, "[Timer]"))
		return text_is(name, "OnBootSec") || text_is(name, "OnStartupSec") || text_is(name, "OnCalendar") ||
			   text_is(name, "OnActiveSec");
	return text_is(section, "[Path]") && (text_starts(name, "Path") || text_is(name, "DirectoryNotEmpty"));
}

/* A socket that this machine alone reaches. */
static bool is_own_socket(struct text trigger)
{
	struct text name, value;
	return startup_split_setting(trigger, &name, &value) && text_starts(name, "Listen") &&
		   (text_starts(value, "127.") || text_starts(value, "[::1]:") || text_starts(value, "/") ||
			text_starts(value, "@"));
}

/* systemd.path(5): until what it waits for is there, nothing is started. */
static struct startup_condition path_condition(struct arena *arena, const struct unit *u,
											   struct startup_condition condition)
{
	struct text name, value;
	if (!u->waits || !startup_split_setting(u->trigger, &name, &value))
		return condition;
	struct startup_condition one = { .line = u->line, .text = u->trigger };
	if (text_is(name, "PathExists") && text_starts(value, "/"))
		one.path = value;
	if (one.text.n > STARTUP_CONDITION_MAX)
		one.text.n = STARTUP_CONDITION_MAX;
	return startup_conditions(arena, condition, one);
}

/* A day of one year: it comes once, or came already (systemd.time(7), "Calendar events"). */
static bool is_single_day(struct text trigger)
{
	struct text name, value;
	if (!startup_split_setting(trigger, &name, &value) || !text_is(name, "OnCalendar") || value.n < 5)
		return false;
	for (size_t i = 0; i < 4; i++)
		if (value.p[i] < '0' || value.p[i] > '9')
			return false;
	return value.p[4] == '-';
}

static void add_unit_port(struct startup_file *file, struct unit *u, struct text value)
{
	struct text port = startup_port_of(value);
	if (port.n && u->ports.n < UNIT_PORTS_MAX && !startup_has_word(u->ports, port))
		u->ports = text_c(arena_printf(file->subject->arena, "%.*s%s%.*s", (int)u->ports.n,
									   u->ports.n ? u->ports.p : "", u->ports.n ? " " : "", (int)port.n, port.p));
}

enum dependency { DEPENDS_NOT, WANTS, REQUIRES, IS_REQUISITE };

/* Wants= and its like of systemd.unit(5), which start other units with this one: rows like those of the links in
 * UNIT.wants, and of UNIT.requires where this one fails without them. Targets that a service only orders itself by
 * (network-online.target) are left out, but for those that it fails without: these have no program, nor have units that have
 * to be started already (UNIT.requisite). */
static void emit_wanted(struct startup_file *file, struct text units, int64_t number, enum dependency how)
{
	const struct subject *s = file->subject;
	struct text name = file->detail, file_name = text_base(s->path);
	/* of a drop-in beside its folder */
	struct text beside = text_eq(name, file_name) ? s->path : text_of(s->path.p, s->path.n - file_name.n - 1);
	struct startup_condition condition = file->condition;
	for (struct text unit = shell_field(&units); unit.n; unit = shell_field(&units)) {
		bool target = text_ends(unit, ".target");
		bool starts = how != IS_REQUISITE &&
					  (target ? text_ends(name, ".target") : text_ends(unit, ".service") || text_ends(unit, ".socket"));
		if (memchr(unit.p, '/', unit.n) || (!starts && how == WANTS))
			continue;
		file->detail = text_c(arena_printf(s->arena, "%.*s.%s", (int)name.n, name.p,
										   how == WANTS ? "wants" : how == REQUIRES ? "requires" : "requisite"));
		file->condition = (struct startup_condition){ .text = TEXT_NONE }; /* those of the unit itself hold for what it runs */
		startup_emit(file, number, unit, starts ? startup_resolve(beside, unit, s->arena) : TEXT_NONE);
	}
	file->detail = name;
	file->condition = condition;
}

static enum dependency dependency_of(struct text section, struct text name)
{
	if (!text_is(section, "[Unit]"))
		return DEPENDS_NOT;
	if (text_is(name, "Wants") || text_is(name, "Upholds"))
		return WANTS;
	if (text_is(name, "Requisite"))
		return IS_REQUISITE;
	return text_is(name, "Requires") || text_is(name, "BindsTo") ? REQUIRES : DEPENDS_NOT;
}

/* Whether the place is one of those where neither programs nor libraries nor their settings lie, or below it. */
static bool is_beside_system(struct text at)
{
	static const char *const apart[] = { "/boot", "/dev", "/home", "/media", "/mnt", "/proc", "/root", "/run", "/srv", "/sys", "/tmp", NULL };
	for (size_t i = 0; apart[i]; i++) {
		size_t n = strlen(apart[i]);
		if (text_starts(at, apart[i]) && (at.n == n || at.p[n] == '/' || at.p[n] == ':'))
			return !text_has(at, "/..");
	}
	return false;
}

/* "SOURCE:DESTINATION:OPTIONS ...", systemd.exec(5): whether something else is seen where programs, libraries and their settings lie. */
static bool covers_system(struct text places)
{
	for (struct text word; (word = shell_field(&places)).n;) {
		const char *colon = memmem(word.p, word.n, ":/", 2);
		struct text at = colon ? text_of(colon + 1, word.n - (size_t)(colon + 1 - word.p)) : word;
		while (at.n && (at.p[0] == '-' || at.p[0] == '+'))
			at = text_of(at.p + 1, at.n - 1);
		if (at.n && !is_beside_system(at))
			return true;
	}
	return false;
}

/* ld.so(8): whether the variables give programs other libraries than those that they name. */
static bool names_libraries(struct text variables)
{
	return text_has(variables, "LD_PRELOAD=") || text_has(variables, "LD_LIBRARY_PATH=") || text_has(variables, "LD_AUDIT=");
}

/* systemd.exec(5), systemd.resource-control(5): the service has no network but its own, does not see the files of the image, is given
 * libraries beside its own (ld.so(8)), or variables that another file tells, which may be these. */
static bool confines(struct text name, struct text value)
{
	static const char *const places[] = { "BindPaths", "BindReadOnlyPaths", "InaccessiblePaths", "TemporaryFileSystem", "NoExecPaths", NULL };
	for (size_t i = 0; places[i]; i++)
		if (text_is(name, places[i]))
			return covers_system(value);
	if (text_is(name, "Environment"))
		return names_libraries(value);
	if (text_is(name, "EnvironmentFile") || text_is(name, "MountImages") || text_is(name, "ExtensionImages") || text_is(name, "ExtensionDirectories"))
		return true;
	if (text_is(name, "PrivateNetwork"))
		return is_true(value);
	if (text_is(name, "IPAddressDeny"))
		return text_has(value, "any") || text_has(value, "/0");
	if (text_is(name, "RestrictAddressFamilies"))
		return text_starts(value, "~") == text_has(value, "AF_INET");
	return text_is(name, "NetworkNamespacePath") || text_is(name, "RootDirectory") || text_is(name, "RootImage");
}

/* systemd's double quotes keep `...` and $(...) as they are, for the shell that the line runs (systemd.service(5), "Command
 * lines"): as single quotes do in a shell. */
static struct text unit_words(struct text run, struct arena *arena)
{
	const char *open = run.n ? memchr(run.p, '"', run.n) : NULL;
	size_t at = open ? (size_t)(open - run.p) : run.n;
	const char *end = open ? memrchr(run.p + at + 1, '"', run.n - at - 1) : NULL;
	struct text quoted = end ? text_of(open + 1, (size_t)(end - open) - 1) : TEXT_NONE;
	if (!quoted.n || memchr(quoted.p, '"', quoted.n) || memchr(quoted.p, '\'', quoted.n) ||
		(!memchr(quoted.p, '`', quoted.n) && !text_has(quoted, "$(")))
		return run;
	char *copy = arena_strdup(arena, run);
	if (!copy)
		return run;
	copy[at] = copy[at + 1 + quoted.n] = '\'';
	return text_of(copy, run.n);
}

/* systemd.service(5), "Special executable prefixes". */
static struct text without_prefixes(struct text run)
{
	while (run.n && run.p[0] && strchr("@-:+!|", run.p[0]))
		run = text_of(run.p + 1, run.n - 1);
	return run;
}

/* What systemd runs without a shell has no pipe, whatever stands in it: its program is to be a shell that is given a text. */
static bool hands_to_shell(struct text run)
{
	static const char *const shells[] = { "sh", "ash", "bash", "dash", "busybox" };
	struct text program = text_base(shell_field(&run));
	for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
		if (text_is(program, shells[i]))
			return text_has(run, "c ");
	return false;
}

struct text startup_unit_commands(struct text source, struct arena *arena)
{
	char *out = arena_alloc(arena, source.n, 1);
	struct text rest = source, line, section = TEXT_NONE, name, value;
	int64_t number, next = 1;
	if (!out)
		return TEXT_NONE;
	for (size_t i = 0; i < source.n; i++)
		out[i] = source.p[i] == '\n' ? '\n' : ' ';
	while (unit_line(&rest, &line, &number, &next)) {
		if (line.n && line.p[0] == '[')
			section = line;
		if (!text_is(section, "[Service]") || !line.n || line.p[0] == '#' || line.p[0] == ';' ||
			!startup_split_setting(line, &name, &value) || !is_exec(name))
			continue;
		struct text run = without_prefixes(value);
		if (hands_to_shell(run))
			memcpy(out + (run.p - source.p), run.p, run.n);
	}
	return text_of(out, source.n);
}

static void unit_setting(struct startup_file *file, struct unit *u, struct text line, int64_t number)
{
	struct text name, value;
	if (!startup_split_setting(line, &name, &value) || !value.n)
		return;
	enum dependency dependency = dependency_of(u->section, name);
	if (text_is(u->section, "[Service]") && is_exec(name)) {
		if (text_is(name, "ExecStart") && number < u->exec_from)
			return;
		struct text run = value; /* systemd.service(5), "Special executable prefixes" */
		struct text user = file->user;
		int64_t once = file->once;
		/* What these leave running is ended before the next one is begun. */
		struct startup_condition condition = file->condition;
		if (text_is(name, "ExecStartPre") || text_is(name, "ExecCondition"))
			file->once = 1;
		if (text_is(name, "ExecCondition"))
			file->condition = (struct startup_condition){ .text = TEXT_NONE };
		for (; run.n && strchr("@-:+!|", run.p[0]) && run.p[0]; run = text_of(run.p + 1, run.n - 1))
			if (run.p[0] == '+' || (run.p[0] == '!' && !text_starts(value, "!!"))) /* whatever User= says */
				file->user = TEXT_LIT("root");
		startup_emit_line(file, number, value, unit_words(run, file->subject->arena));
		file->user = user;
		file->once = once;
		file->condition = condition;
	} else if (text_is(u->section, "[Service]") && confines(name, value)) {
		struct startup_condition condition = file->condition;
		file->condition = (struct startup_condition){ .text = TEXT_NONE };
		startup_emit(file, number, line, TEXT_NONE);
		file->condition = condition;
	} else if (dependency != DEPENDS_NOT) {
		emit_wanted(file, value, number, dependency);
	} else if (is_trigger(u->section, name)) {
		if (number < u->trigger_from)
			return;
		if (text_is(name, "ListenStream") || text_is(name, "ListenDatagram"))
			add_unit_port(file, u, value);
		if (u->trigger.n && !is_single_day(u->trigger) && !(is_own_socket(u->trigger) && !is_own_socket(line)))
			return;
		u->trigger = line;
		u->waits = text_is(u->section, "[Path]");
		u->line = number;
	} else if (text_is(name, "Service") || text_is(name, "Unit")) {
		u->service = value;
	} else if (text_is(name, "Accept")) {
		u->accept = is_true(value);
	}
}

/* Conditions and assertions of systemd.unit(5) that may hold or not. Nobody runs a product's firmware in a container,
 * where capabilities are missing. */
static bool is_open_condition(struct text name, struct text value)
{
	if (!text_starts(name, "Condition") && !text_starts(name, "Assert"))
		return false;
	bool hardware = text_ends(name, "Virtualization") && (text_starts(value, "!") || text_is(value, "no"));
	bool capable = text_ends(name, "Capability") && !text_starts(value, "!");
	return !hardware && !capable;
}

/* ConditionPathExists=PATH or !PATH, and the same of a program; "|" before it makes it one of several of which one is enough. */
static struct text condition_path(struct text name, struct text value)
{
	bool asks = text_is(name, "ConditionPathExists") || text_is(name, "AssertPathExists") ||
				text_is(name, "ConditionFileIsExecutable") || text_is(name, "AssertFileIsExecutable");
	bool plain = text_starts(value, "/") || text_starts(value, "!/");
	return asks && plain ? value : TEXT_NONE;
}

/* What the unit depends on, wherever its [Unit] stands; an empty value takes back what was said before. ExecCondition= is a
 * command that decides, as systemd.service(5) has it. */
static struct startup_condition unit_condition(const struct subject *s)
{
	struct text rest = text_from_span(s->bytes), line, section = TEXT_NONE, name, value;
	struct startup_condition all = { .text = TEXT_NONE };
	int64_t number, next = 1;
	while (unit_line(&rest, &line, &number, &next)) {
		if (line.n && line.p[0] == '[')
			section = line;
		if (!line.n || line.p[0] == '#' || line.p[0] == ';' || !startup_split_setting(line, &name, &value))
			continue;
		bool command = text_is(section, "[Service]") && text_is(name, "ExecCondition");
		if (!command && (!text_is(section, "[Unit]") || !is_open_condition(name, value)))
			continue;
		struct startup_condition one = { .line = number, .path = condition_path(name, value) };
		one.text = text_c(arena_printf(s->arena, "%.*s=%.*s", (int)name.n, name.p,
									   value.n < STARTUP_CONDITION_MAX ? (int)value.n : (int)STARTUP_CONDITION_MAX, value.p));
		if (one.text.n > STARTUP_CONDITION_MAX)
			one.text.n = STARTUP_CONDITION_MAX;
		all = value.n ? startup_conditions(s->arena, all, one) : (struct startup_condition){ .text = TEXT_NONE };
	}
	return all;
}

/* User= of systemd.exec(5), and whether what the unit starts ends with it: Type=oneshot, unless it counts as running
 * afterwards (systemd.service(5)). The last one of each counts. */
static void read_service(struct startup_file *file)
{
	struct text rest = text_from_span(file->subject->bytes), line, section = TEXT_NONE, name, value;
	int64_t number, next = 1;
	bool oneshot = false, remains = false;
	file->user = TEXT_NONE;
	while (unit_line(&rest, &line, &number, &next)) {
		if (line.n && line.p[0] == '[')
			section = line;
		if (!text_is(section, "[Service]") || !line.n || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (!startup_split_setting(line, &name, &value))
			continue;
		if (text_is(name, "Type"))
			oneshot = text_is(value, "oneshot");
		else if (text_is(name, "RemainAfterExit"))
			remains = is_true(value);
		bool dynamic = text_is(name, "DynamicUser") && is_true(value);
		if (text_is(name, "User") || (dynamic && !file->user.n))
			file->user = dynamic ? TEXT_LIT("(dynamic)") : value;
	}
	file->once = oneshot && !remains ? 1 : FACT_NULL;
}

/* The name of the directory that holds the path. */
static struct text directory_name(struct text path)
{
	size_t n = path.n - text_base(path).n;
	return text_base(text_of(path.p, n ? n - 1 : 0));
}

/* An empty ExecStart= takes back those before it (systemd.service(5)), an empty trigger all triggers (systemd.timer(5), OnActiveSec=;
 * systemd.socket(5), ListenStream=; systemd.path(5), PathExists=). */
static void read_resets(const struct subject *s, struct unit *u)
{
	struct text rest = text_from_span(s->bytes), line, section = TEXT_NONE, name, value;
	int64_t number, next = 1;
	while (unit_line(&rest, &line, &number, &next)) {
		if (line.n && line.p[0] == '[')
			section = line;
		if (!line.n || line.p[0] == '#' || line.p[0] == ';' || !startup_split_setting(line, &name, &value) || value.n)
			continue;
		if (text_is(section, "[Service]") && text_is(name, "ExecStart"))
			u->exec_from = number;
		bool every = text_is(section, "[Timer]") && text_is(name, "OnUnitActiveSec");
		if (every || is_trigger(section, name))
			*u = (struct unit){ .exec_from = u->exec_from, .trigger_from = number, .reset = line };
	}
}

/* What a drop-in has for the unit that it adds to: what it depends on further, and that what it had is taken back. */
static void emit_added(struct startup_file *file, const struct unit *u)
{
	struct startup_condition condition = file->condition;
	if (condition.text.p)
		startup_emit(file, condition.line, condition.text, TEXT_NONE);
	file->condition = (struct startup_condition){ .text = TEXT_NONE };
	if (u->exec_from)
		startup_emit(file, u->exec_from, TEXT_LIT("ExecStart="), TEXT_NONE);
	if (u->trigger_from && !u->trigger.n)
		startup_emit(file, u->trigger_from, u->reset, TEXT_NONE);
	file->condition = condition;
}

static void read_unit(struct startup_file *file, bool drop_in)
{
	const struct subject *s = file->subject;
	struct text rest = text_from_span(s->bytes), line;
	struct unit u = { .line = 0 };
	int64_t number, next = 1;
	file->condition = unit_condition(s);
	read_service(file);
	read_resets(s, &u);
	while (unit_line(&rest, &line, &number, &next)) {
		if (line.n && line.p[0] == '[')
			u.section = line;
		else if (line.n && line.p[0] != '#' && line.p[0] != ';')
			unit_setting(file, &u, line, number);
	}
	if (drop_in)
		emit_added(file, &u);
	if (drop_in || !u.trigger.n)
		return;
	struct text service =
		u.service.n ? startup_resolve(s->path, u.service, s->arena) : own_service(s->path, u.accept, s->arena);
	file->ports = u.ports;
	file->condition = path_condition(s->arena, &u, file->condition);
	startup_emit(file, u.line, u.trigger, service);
}

/* systemd.mount(5), systemd.automount(5): where something is mounted. */
static void read_mount(struct startup_file *file)
{
	struct text rest = text_from_span(file->subject->bytes), line, section = TEXT_NONE, name, value;
	int64_t number, next = 1;
	while (unit_line(&rest, &line, &number, &next)) {
		if (line.n && line.p[0] == '[')
			section = line;
		bool mounts = text_is(section, "[Mount]") || text_is(section, "[Automount]");
		if (mounts && startup_split_setting(line, &name, &value) && text_is(name, "Where") && text_starts(value, "/"))
			startup_emit(file, number, line, TEXT_NONE);
	}
}

static bool is_mount_name(struct text name)
{
	return text_ends(name, ".mount") || text_ends(name, ".automount");
}

static bool is_unit_name(struct text name)
{
	return text_ends(name, ".service") || text_ends(name, ".socket") || text_ends(name, ".timer") ||
		   text_ends(name, ".path");
}

/* UNIT.d, and service.d for all of a kind (systemd.unit(5)). */
static bool is_drop_in(struct text directory)
{
	static const char *const kinds[] = { "service.d", "socket.d", "timer.d", "path.d", "target.d" };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t n = strlen(kinds[i]);
		if (text_ends(directory, kinds[i]) && (directory.n == n || directory.p[directory.n - n - 1] == '.'))
			return true;
	}
	return false;
}

/* Whether the directory of links is that of one of these targets. */
static bool is_of_target(struct text directory, const char *const *targets)
{
	for (; *targets; targets++) {
		size_t n = strlen(*targets);
		struct text rest = text_starts(directory, *targets) ? text_of(directory.p + n, directory.n - n) : TEXT_NONE;
		if (text_is(rest, ".target.wants") || text_is(rest, ".target.requires") || text_is(rest, ".target.upholds"))
			return true;
	}
	return false;
}

/* A unit in x.target.wants is started with that target. Boot reaches those of bootup(7) and systemd.special(7); those
 * that end or suspend the system, or wait for somebody to mend it, are not for boot. Others, like what starts with
 * other units, depend on what wants them, which is not known from here. */
static int64_t wants_enabled(struct text directory, int64_t enabled)
{
	static const char *const boot[] = { "default",    "multi-user",     "basic",           "sysinit",
										"local-fs",   "local-fs-pre",   "remote-fs",       "remote-fs-pre",
										"sockets",    "timers",         "paths",           "slices",
										"swap",       "network",        "network-pre",     "getty",
										"cryptsetup", "network-online", "integritysetup",  "veritysetup",
										"time-sync",  "time-set",       "nss-user-lookup", "nss-lookup",
										"machines",   "runlevel2",      "runlevel3",       "runlevel4",
										NULL };
	static const char *const never[] = { "shutdown",      "halt",
										 "poweroff",      "reboot",
										 "kexec",         "rescue",
										 "emergency",     "final",
										 "umount",        "sleep",
										 "suspend",       "hibernate",
										 "hybrid-sleep",  "exit",
										 "system-update", "suspend-then-hibernate",
										 "runlevel0",     "factory-reset",
										 "runlevel6",     "runlevel1",
										 "soft-reboot",   NULL };
	if (is_of_target(directory, never))
		return 0;
	return is_of_target(directory, boot) ? enabled : FACT_NULL;
}

void startup_systemd(struct startup_file *file)
{
	const struct subject *s = file->subject;
	struct text name = text_base(s->path), directory = directory_name(s->path);
	bool wanted =
		text_ends(directory, ".wants") || text_ends(directory, ".requires") || text_ends(directory, ".upholds");
	bool drop_in = is_drop_in(directory) && text_ends(name, ".conf");
	bool is_default = text_is(name, "default.target") && s->kind == ENTRY_SYMLINK && text_is(directory, "system");
	bool target = text_ends(name, ".target");
	bool mount = is_mount_name(name) && (s->kind != ENTRY_SYMLINK || !wanted);
	if (!is_unit_name(name) && !drop_in && !is_default && !target && !mount)
		return;
	int64_t enabled = file->enabled;
	file->mechanism = "systemd";
	file->detail = drop_in ? text_of(directory.p, directory.n - 2) : name;
	file->enabled = wanted ? wants_enabled(directory, file->enabled) : FACT_NULL;
	if (s->kind != ENTRY_SYMLINK) {
		if (mount)
			read_mount(file);
		else
			read_unit(file, drop_in);
		return;
	}
	struct text unit = startup_resolve(s->path, s->link_target, s->arena);
	bool masked = text_is(unit, "/dev/null");
	if (!unit.p || (!wanted && !masked && !is_default))
		return; /* another name of a unit, which starts nothing */
	if (is_default)
		file->enabled = enabled;
	if (masked)
		file->enabled = 0;
	file->detail = masked ? TEXT_LIT("masked") : is_default ? name : directory;
	startup_emit(file, FACT_NULL, name, masked ? TEXT_NONE : unit);
}

bool startup_is_systemd_manager(struct text path)
{
	static const char *const folders[] = { "/etc/systemd/", "/usr/local/lib/systemd/", "/usr/lib/systemd/", "/lib/systemd/" };
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		size_t n = strlen(folders[i]);
		struct text rest = text_starts(path, folders[i]) ? text_of(path.p + n, path.n - n) : TEXT_NONE;
		if (text_is(rest, "system.conf") || (text_starts(rest, "system.conf.d/") && text_ends(rest, ".conf")))
			return true;
	}
	return false;
}

/* systemd-system.conf(5): variables of all services. */
void startup_systemd_manager(struct startup_file *file)
{
	struct text rest = text_from_span(file->subject->bytes), line, section = TEXT_NONE, name, value;
	int64_t number, next = 1;
	file->mechanism = "systemd";
	file->detail = text_base(file->subject->path);
	file->enabled = FACT_NULL;
	while (unit_line(&rest, &line, &number, &next)) {
		if (line.n && line.p[0] == '[')
			section = line;
		else if (text_is(section, "[Manager]") && startup_split_setting(line, &name, &value) && text_is(name, "DefaultEnvironment") &&
				 names_libraries(value))
			startup_emit(file, number, line, TEXT_NONE);
	}
}
